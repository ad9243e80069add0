import Crypto
import Foundation
package import Schema
package import TwoListsClient

/// A copy of the server's store in a folder, as it comes over the line. A file is written as `NAME.part`, synced and renamed when it is whole; the
/// page `BACKUP` (JOURNAL.md 10) is the last, so a folder without it is no backup. Begun again, what is whole is not fetched twice.
package struct BackupFolder {
    package static let page = "BACKUP"
    /// As many as the server takes to hear of; what is beyond is fetched again.
    package static let mostHad = 4096
    /// A journal of 256 GiB, and the files of a million batches.
    package static let mostFiles = 1_010_000
    /// Folders that a copy may have.
    static let folders = ["batches", "chunks"]

    private let path: String
    private let part: TwoListsClient.BackupPart
    /// What came and is whole.
    private var names: Set<String> = []
    private var open: (name: String, handle: FileHandle, left: UInt64)?
    package private(set) var bytes: UInt64 = 0
    /// Bytes that were there already.
    package private(set) var kept: UInt64 = 0
    package private(set) var end: BackupEnd?

    /// Makes the folder where it is not there. A whole backup in it is not written over, and keys never lie beside data.
    package init(_ path: String, _ part: TwoListsClient.BackupPart) throws(FileError) {
        self.path = path
        self.part = part
        do throws(CryptoError) { try DurableFile.makeDirectory(path) } catch {
            throw FileError(path, Text("不能建立目录", "it cannot be made (\(error))"))
        }
        let there = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        guard !there.contains(Self.page), part == .data || !there.contains("subjects.tlk") else {
            throw FileError(
                path,
                Text(
                    "里面已有一份完整的备份，不覆盖；请换一个目录",
                    "it holds a whole backup, which is not written over; choose another"))
        }
        let foreign = there.filter { !Self.isOurs($0, part) }
        guard foreign.isEmpty else {
            throw FileError(
                path,
                Text(
                    "里面有别的文件(\(Screen.clean(foreign[0])))；备份放在单独的目录里，数据和密钥分开",
                    "it holds other files (\(Screen.clean(foreign[0]))); a backup has a folder of its own, data and keys apart"
                ))
        }
    }

    /// A name that a copy may have: nothing from outside becomes a path.
    static func isOurs(_ name: String, _ part: TwoListsClient.BackupPart) -> Bool {
        let name = name.hasSuffix(".part") ? String(name.dropLast(5)) : name
        if part == .keys {
            return name == "subjects.tlk" || name == "batches/subjects.tlk" || name == "batches"
        }
        if folders.contains(name) { return true }
        if let folder = folders.first(where: { name.hasPrefix($0 + "/") }) {
            let rest = name.dropFirst(folder.count + 1).utf8
            // What is being written has no dot and no slash either: nothing leads out of the folder.
            return (1...200).contains(rest.count)
                && rest.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D }
        }
        func isNumbered(_ begin: String, _ end: String) -> Bool {
            name.hasPrefix(begin) && name.hasSuffix(end)
                && name.utf8.count == begin.utf8.count + 16 + end.utf8.count
                && name.utf8.dropFirst(begin.utf8.count).prefix(16).allSatisfy {
                    (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
                }
        }
        return name == "HEAD" || isNumbered("journal-", ".tlj") || isNumbered("snapshot-", ".tls1")
            || isNumbered("cut-", ".tlh")
    }

    /// The files that are whole from an attempt before.
    package func had() throws(FileError) -> [BackupFile] {
        var found: [BackupFile] = []
        for name in there() where !name.hasSuffix(".part") && found.count < Self.mostHad {
            found.append(BackupFile(name: name, sha256: try digest(name)))
        }
        return found
    }

    /// Files in the folder and in its own folders.
    private func there() -> [String] {
        func names(_ folder: String) -> [String] {
            ((try? FileManager.default.contentsOfDirectory(atPath: path + "/" + folder)) ?? []).sorted()
        }
        let below = Self.folders.flatMap { folder in names(folder).map { folder + "/" + $0 } }
        return names("").filter { !Self.folders.contains($0) } + below
    }

    private func digest(_ name: String) throws(FileError) -> [UInt8] {
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path + "/" + name))
            defer { try? handle.close() }
            let digest = try IncrementalDigest()
            while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
                digest.update([UInt8](piece))
            }
            return digest.finish().bytes
        } catch { throw FileError(path + "/" + name, Text("读不出", "it cannot be read (\(error))")) }
    }

    /// Takes the next piece, in the order in which they come.
    package mutating func take(_ piece: BackupPiece) throws(FileError) {
        guard end == nil else { throw wrong("something behind the end") }
        if !piece.name.isEmpty { try begin(piece) }
        if !piece.data.isEmpty { try write(piece.data) }
        if let last = piece.end {
            guard open == nil else { throw wrong("the end inside a file") }
            end = last
        }
        if let open, open.left == 0 { try close(open.name, open.handle) }
    }

    private mutating func begin(_ piece: BackupPiece) throws(FileError) {
        guard open == nil, Self.isOurs(piece.name, part), !piece.name.hasSuffix(".part"),
            names.count < Self.mostFiles, names.insert(piece.name).inserted
        else { throw wrong("the file \(Screen.clean(piece.name)), which has no place there") }
        if piece.had {
            kept += piece.size
            return
        }
        let part = path + "/" + piece.name + ".part"
        if let slash = piece.name.lastIndex(of: "/") {
            _ = try? DurableFile.makeDirectory(path + "/" + piece.name[..<slash])
        }
        guard
            FileManager.default.createFile(
                atPath: part, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: part)
        else { throw unwritable(part) }
        open = (piece.name, handle, piece.size)
    }

    private mutating func write(_ data: [UInt8]) throws(FileError) {
        guard let current = open, UInt64(data.count) <= current.left else {
            throw wrong("more bytes than announced")
        }
        do { try current.handle.write(contentsOf: Data(data)) } catch {
            throw unwritable(path + "/" + current.name)
        }
        open?.left -= UInt64(data.count)
        bytes += UInt64(data.count)
    }

    private mutating func close(_ name: String, _ handle: FileHandle) throws(FileError) {
        open = nil
        let target = path + "/" + name
        guard fsync(handle.fileDescriptor) == 0, (try? handle.close()) != nil,
            rename(target + ".part", target) == 0
        else { throw unwritable(target) }
    }

    /// What an attempt before left behind and is no part of this copy goes; then the page is written, and the copy is one. `page` nil: of keys.
    package func finish(page: String?) throws(FileError) {
        guard end != nil else { throw wrong("no end") }
        for name in there() where !names.contains(name) && Self.isOurs(name, part) {
            guard unlink(path + "/" + name) == 0 else { throw unwritable(path + "/" + name) }
        }
        guard let page else { return }
        do throws(CryptoError) {
            try DurableFile.replace(path + "/" + Self.page, Array(page.utf8), mode: 0o600)
        } catch { throw unwritable(path + "/" + Self.page) }
    }

    private func wrong(_ what: String) -> FileError {
        FileError(
            path,
            Text("服务器传来的不是完整的备份：\(what)；请重做", "what the server sent is no whole backup: \(what). Do it again")
        )
    }

    private func unwritable(_ name: String) -> FileError {
        FileError(name, Text("不能写入；请检查权限和磁盘空间", "it cannot be written; check permission and room"))
    }
}
