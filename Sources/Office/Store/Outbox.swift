import Crypto
import Exchange
import Foundation
package import Schema

/// Commands that have no judged answer yet, one file each under the profile's outbox folder (`NAME.outbox`, 0700).
///
/// A command is written before it is sent and removed after it was judged, so that nothing typed is lost when the network, this program or the
/// machine goes down in between; sent again, it carries the same id and is never done twice.
///
///     ID.command          a command file (see CommandFile), 0600; ID: 32 hex digits
///     .ID.command.tmp     being written; a crash leaves it behind, `content` does not see it, a later `save` removes it once it is a day
///                         old (the id tells its time)
///
/// Writing: temporary file, sync, rename, sync of the folder. After a crash at any point there is the whole file or none.
package struct Outbox: Sendable {
    package let folder: String
    private let storage: any OutboxStorage

    /// An unfinished file is certainly abandoned after this: no write takes a day.
    static let abandonedMilliseconds: Int64 = 86_400_000

    package init(folder: String, storage: any OutboxStorage = FileOutboxStorage()) {
        self.folder = folder
        self.storage = storage
    }

    package struct Entry: Sendable {
        package var id: [UInt8]
        package var path: String
        package var signed: SignedEnvelope
        package var envelope: Envelope

        /// Too old for the server to let in, by this machine's clock. Only a word for whoever reads the list: what is sent again is judged
        /// by the server's clock, for ours may be the wrong one. `now`: nanoseconds since 1970 UTC.
        package func hasExpired(now: Int64) -> Bool {
            now / 1_000_000 - Outbox.milliseconds(of: id) > Limits.commandPastDays * 86_400_000
        }
    }

    package struct Content: Sendable {
        package var entries: [Entry]
        /// Files there that cannot be used. They are shown, never deleted.
        package var damaged: [FileError]
    }

    static func name(of id: [UInt8]) -> String { Hex.encode(id) + ".command" }
    static func temporaryName(of id: [UInt8]) -> String { "." + name(of: id) + ".tmp" }

    /// Writes a command; it is safe on disc when this returns.
    package func save(_ signed: SignedEnvelope, id: [UInt8]) throws(FileError) {
        let final = folder + "/" + Self.name(of: id)
        let temporary = folder + "/" + Self.temporaryName(of: id)
        try storage.makeFolder(folder)
        removeAbandoned(before: Self.milliseconds(of: id) - Self.abandonedMilliseconds)
        try storage.write(CommandFile.encode(signed), to: temporary)
        try storage.rename(temporary, final)
        try storage.syncFolder(folder)
    }

    /// Unfinished files hold typed text too: they do not lie about for ever. Failing to remove one must not stop a command.
    private func removeAbandoned(before oldest: Int64) {
        for name in storage.names(in: folder) where name.hasPrefix(".") && name.hasSuffix(".command.tmp") {
            guard let id = Hex.decode(String(name.dropFirst().prefix(32))), id.count == 16 else { continue }
            if Self.milliseconds(of: id) < oldest { try? storage.remove(folder + "/" + name) }
        }
    }

    /// The time in a UUIDv7.
    static func milliseconds(of id: [UInt8]) -> Int64 {
        id.prefix(6).reduce(0) { $0 << 8 | Int64($1) }
    }

    /// Removes a command that was judged. One that is gone already is no error.
    package func remove(id: [UInt8]) throws(FileError) {
        try storage.remove(folder + "/" + Self.name(of: id))
        try storage.syncFolder(folder)
    }

    /// What is waiting, oldest first (ids sort by time).
    package func content() -> Content {
        var content = Content(entries: [], damaged: [])
        for name in storage.names(in: folder).sorted()
        where name.hasSuffix(".command") && !name.hasPrefix(".") {
            let path = folder + "/" + name
            do {
                let (signed, envelope) = try CommandFile.decode(try storage.read(path), file: path)
                guard name == Self.name(of: envelope.id) else {
                    throw FileError(path, Text("文件名与命令编号不符", "its name is not the command's id"))
                }
                content.entries.append(Entry(id: envelope.id, path: path, signed: signed, envelope: envelope))
            } catch let error as FileError {
                content.damaged.append(error)
            } catch {
                content.damaged.append(FileError(path, Text("\(error)", "\(error)")))
            }
        }
        return content
    }

    /// The entries whose id begins with the typed digits; all of them for nil.
    package func entries(matching prefix: String?) -> [Entry] {
        content().entries.filter { Hex.encode($0.id).hasPrefix(prefix?.lowercased() ?? "") }
    }
}

/// What the outbox does to the disc, step by step: real, or recorded and cut short by a test.
package protocol OutboxStorage: Sendable {
    func makeFolder(_ path: String) throws(FileError)
    /// Writes the whole file, readable by its owner only, and syncs it.
    func write(_ bytes: [UInt8], to path: String) throws(FileError)
    func rename(_ from: String, _ to: String) throws(FileError)
    func syncFolder(_ path: String) throws(FileError)
    func remove(_ path: String) throws(FileError)
    func names(in folder: String) -> [String]
    func read(_ path: String) throws(FileError) -> [UInt8]
}

package struct FileOutboxStorage: OutboxStorage {
    package init() {}

    package func makeFolder(_ path: String) throws(FileError) {
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw failed(path, "建立目录", "make the folder") }
    }

    package func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failed(path, "写文件", "write") }
        defer { close(file) }
        guard fchmod(file, 0o600) == 0 else { throw failed(path, "写文件", "write") }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failed(path, "写文件", "write") }
            written += count
        }
        guard fsync(file) == 0 else { throw failed(path, "写盘", "sync") }
    }

    package func rename(_ from: String, _ to: String) throws(FileError) {
        guard Foundation.rename(from, to) == 0 else { throw failed(to, "写文件", "write") }
    }

    package func syncFolder(_ path: String) throws(FileError) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failed(path, "打开目录", "open the folder") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failed(path, "写盘", "sync") }
    }

    package func remove(_ path: String) throws(FileError) {
        if unlink(path) != 0, errno != ENOENT { throw failed(path, "删除", "remove") }
    }

    package func names(in folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }

    package func read(_ path: String) throws(FileError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else { throw failed(path, "读", "read") }
        return Array(data)
    }

    private func failed(_ path: String, _ zh: String, _ en: String) -> FileError {
        let why = String(cString: strerror(errno))
        return FileError(path, Text("无法\(zh)：\(why)", "cannot \(en): \(why)"))
    }
}
