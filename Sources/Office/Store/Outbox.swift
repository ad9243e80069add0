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
///     ID.note             why it is still there (see OutboxNote)
///     ID.chunks           the chunks that a command hands over (see OutboxBatch)
///     seen                versions that further commands are typed on top of (see SeenMatters)
///     .ID.command.tmp     being written; a crash leaves it behind, `content` does not see it, a later `save` removes it once it is a day
///     .ID.chunks.tmp      old (the id tells its time); so it does with chunks whose command is not there
///
/// Writing: temporary file, sync, rename, sync of the folder. After a crash at any point there is the whole file or none.
package struct Outbox: Sendable {
    package let folder: String
    let storage: any OutboxStorage

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
        package var note: OutboxNote?

        fileprivate var place: (UInt64, Int64) { (envelope.expectedVersion, Outbox.milliseconds(of: id)) }

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
    static func noteName(of id: [UInt8]) -> String { Hex.encode(id) + ".note" }
    static func chunks(of id: [UInt8]) -> String { Hex.encode(id) + ".chunks" }
    static func temporaryChunks(of id: [UInt8]) -> String { "." + chunks(of: id) + ".tmp" }

    /// Writes a command; it is safe on disc when this returns.
    package func save(_ signed: SignedEnvelope, id: [UInt8]) throws(FileError) {
        let final = folder + "/" + Self.name(of: id)
        let temporary = folder + "/" + Self.temporaryName(of: id)
        try storage.makeFolder(folder)
        try storage.write(CommandFile.encode(signed), to: temporary)
        try storage.rename(temporary, final)
        try storage.syncFolder(folder)
        // Behind the command, whose chunks are not abandoned.
        removeAbandoned(before: Self.milliseconds(of: id) - Self.abandonedMilliseconds)
    }

    /// Unfinished files hold typed text too: they do not lie about for ever. Failing to remove one must not stop a command.
    private func removeAbandoned(before oldest: Int64) {
        let names = storage.names(in: folder)
        for name in names where name.hasPrefix(".") && isOld(name.dropFirst(), before: oldest) {
            if name.hasSuffix(".command.tmp") || name.hasSuffix(".note.tmp") {
                try? storage.remove(folder + "/" + name)
            }
            if name.hasSuffix(".chunks.tmp") { try? storage.removeFolder(folder + "/" + name) }
        }
        for name in names where name.hasSuffix(".note") && !name.hasPrefix(".") {
            if !names.contains(name.dropLast(5) + ".command") { try? storage.remove(folder + "/" + name) }
        }
        let old = names.filter { $0.hasSuffix(".chunks") && isOld($0[...], before: oldest) }
        guard !old.isEmpty else { return }
        let content = content()
        // Of a damaged command nobody knows which chunks are its.
        guard content.damaged.isEmpty else { return }
        let wanted = Set(content.entries.compactMap { $0.envelope.chunksOf.map(Self.chunks) })
        for name in old where !wanted.contains(name) { try? storage.removeFolder(folder + "/" + name) }
    }

    private func isOld(_ name: Substring, before oldest: Int64) -> Bool {
        guard let id = Hex.decode(String(name.prefix(32))), id.count == 16 else { return false }
        return Self.milliseconds(of: id) < oldest
    }

    /// The time in a UUIDv7.
    static func milliseconds(of id: [UInt8]) -> Int64 {
        id.prefix(6).reduce(0) { $0 << 8 | Int64($1) }
    }

    /// Removes a command that was judged, and the chunks it handed over. One that is gone already is no error.
    package func remove(id: [UInt8]) throws(FileError) {
        // An outbox that was never made holds nothing.
        guard !storage.names(in: folder).isEmpty else { return }
        let path = folder + "/" + Self.name(of: id)
        let batch = (try? storage.read(path)).flatMap { try? CommandFile.decode($0, file: path) }?.1.chunksOf
        try storage.remove(path)
        try storage.syncFolder(folder)
        try storage.remove(folder + "/" + Self.noteName(of: id))
        if let batch { try storage.removeFolder(folder + "/" + Self.chunks(of: batch)) }
    }

    /// Writes why a command is still there. Only a word for the clerk, so a failure of the disc stops nothing.
    package func note(_ reason: OutboxNote.Reason, on id: [UInt8], at time: Int64) {
        let final = folder + "/" + Self.noteName(of: id)
        let temporary = folder + "/." + Self.noteName(of: id) + ".tmp"
        do throws(FileError) {
            try storage.write(OutboxNote(reason, at: time).encoded, to: temporary)
            try storage.rename(temporary, final)
        } catch { try? storage.remove(temporary) }
    }

    /// The lock that whoever sends from this outbox holds; nil when another process held it all the time.
    package func lock(within patience: Duration) async throws(FileError) -> OutboxLock? {
        try storage.makeFolder(folder)
        return try await OutboxLock.take(folder, within: patience)
    }

    /// Whether anything waits, without reading it.
    package var isEmpty: Bool { !storage.names(in: folder).contains { Self.isCommand($0) } }

    private static func isCommand(_ name: String) -> Bool {
        name.hasSuffix(".command") && !name.hasPrefix(".")
    }

    // MARK: Chunks

    package func newBatch(id: [UInt8]) throws(FileError) -> OutboxBatchWriter {
        try OutboxBatchWriter(id: id, outbox: self, storage: storage)
    }

    /// Takes away chunks whose command is not to be queued after all.
    package func removeBatch(id: [UInt8]) throws(FileError) {
        try storage.removeFolder(folder + "/" + Self.chunks(of: id))
    }

    /// The waiting chunks of a batch or attachment; nil when there are none.
    package func batch(id: [UInt8]) throws(FileError) -> OutboxBatch? {
        let name = Self.chunks(of: id)
        guard storage.names(in: folder).contains(name) else { return nil }
        return try OutboxBatch(id: id, folder: folder + "/" + name, storage: storage)
    }

    /// What is waiting, in the order in which it is sent.
    package func content() -> Content {
        var content = Content(entries: [], damaged: [])
        let names = storage.names(in: folder).sorted()
        let notes = Set(names.filter { $0.hasSuffix(".note") })
        for name in names where Self.isCommand(name) {
            let path = folder + "/" + name
            do {
                let (signed, envelope) = try CommandFile.decode(try storage.read(path), file: path)
                guard name == Self.name(of: envelope.id) else {
                    throw FileError(path, Text("文件名与命令编号不符", "its name is not the command's id"))
                }
                let note = notes.contains(Self.noteName(of: envelope.id)) ? note(of: envelope.id) : nil
                content.entries.append(
                    Entry(id: envelope.id, path: path, signed: signed, envelope: envelope, note: note))
            } catch let error as FileError {
                content.damaged.append(error)
            } catch {
                content.damaged.append(FileError(path, Text("\(error)", "\(error)")))
            }
        }
        content.entries = Self.ordered(content.entries)
        return content
    }

    private func note(of id: [UInt8]) -> OutboxNote? {
        (try? storage.read(folder + "/" + Self.noteName(of: id))).flatMap(OutboxNote.init)
    }

    /// Oldest first, as ids sort by time; within one matter by the version they expect, because a machine's clock may have been set back.
    private static func ordered(_ entries: [Entry]) -> [Entry] {
        var queues: [[UInt8]: ArraySlice<Entry>] = [:]
        for (matter, queue) in Dictionary(grouping: entries, by: \.matter) {
            queues[matter] = queue.sorted { $0.place < $1.place }[...]
        }
        return entries.compactMap { queues[$0.matter]?.popFirst() }
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
    /// Removes a folder of files with all that is in it; one that is not there is no error.
    func removeFolder(_ path: String) throws(FileError)
    /// Adds to the end of a file, which is made if it is not there. Not synced.
    func append(_ bytes: [UInt8], to path: String) throws(FileError)
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
        try writeAll(bytes, to: file, path)
        guard fsync(file) == 0 else { throw failed(path, "写盘", "sync") }
    }

    package func append(_ bytes: [UInt8], to path: String) throws(FileError) {
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failed(path, "写文件", "write") }
        defer { close(file) }
        try writeAll(bytes, to: file, path)
    }

    private func writeAll(_ bytes: [UInt8], to file: Int32, _ path: String) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failed(path, "写文件", "write") }
            written += count
        }
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

    package func removeFolder(_ path: String) throws(FileError) {
        for name in names(in: path) { try remove(path + "/" + name) }
        if rmdir(path) != 0, errno != ENOENT { throw failed(path, "删除", "remove") }
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

extension Envelope {
    /// The batch or attachment whose chunks must be on the server before this command is judged; nil for the others.
    package var chunksOf: [UInt8]? {
        switch command?.body {
        case .submitBatch: target
        case .attachEvidence(let evidence): evidence.attachment
        default: nil
        }
    }
}
