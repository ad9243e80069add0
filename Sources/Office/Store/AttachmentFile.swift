import Crypto
import Exchange
import Foundation
package import Schema

/// A file that is to be attached: looked at before anything is typed on top of it, then read once, chunk by chunk, into the outbox.
package struct AttachmentFile: Sendable {
    /// What the command says of it.
    package struct Staged: Sendable, Hashable {
        package var id: [UInt8]
        package var sha256: [UInt8]
        package var bytes: UInt64
        package var type: AttachmentType
        package var name: String
        package var manifest: [UInt8]
    }

    private let path: String
    package let name: String
    private let type: AttachmentType

    /// Looks at size, name and first bytes.
    ///
    /// - Parameter name: what it is to be called; nil: as the file.
    package init(_ path: String, name: String?) throws(FileError) {
        self.path = path
        self.name = name ?? (path as NSString).lastPathComponent
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw FileError(path, Text("读不到这个文件", "it cannot be read"))
        }
        defer { try? handle.close() }
        guard let size = try? handle.seekToEnd(), (try? handle.seek(toOffset: 0)) != nil,
            let first = try? handle.read(upToCount: AttachmentForm.looksAt) ?? Data()
        else { throw FileError(path, Text("读不到这个文件", "it cannot be read")) }
        guard size > 0 else { throw FileError(path, Text("是空文件", "it is empty")) }
        guard size <= AttachmentLimits.bytes else {
            throw FileError(
                path,
                Text(
                    "超过20 MiB；请降低扫描分辨率，或分成几个文件",
                    "it has more than 20 MiB: scan at a lower resolution, or in parts"))
        }
        guard let type = AttachmentForm.byContent(first) else {
            throw FileError(
                path,
                Text(
                    "不是 PDF、JPEG、PNG 或 TIFF 文件；请另存或扫描为其中一种",
                    "it is no PDF, JPEG, PNG or TIFF: save or scan it as one of these"))
        }
        guard AttachmentForm.byName(self.name) == type else {
            let ending = AttachmentForm.ending(type)
            throw FileError(
                path,
                Text(
                    "名称与内容不符：内容是 \(ending.uppercased())，请把名称改为以 .\(ending) 结尾",
                    "name and content differ: it is a \(ending.uppercased()), so its name must end in .\(ending)"
                ))
        }
        self.type = type
    }

    /// Reads it into the outbox, under an id made by the caller. What cannot be written whole leaves nothing there: on a full disk every byte counts.
    package func stage(as id: [UInt8], in outbox: Outbox) throws(FileError) -> Staged {
        var writer = try outbox.newBatch(id: id)
        do throws(FileError) { return try stage(as: id, &writer) } catch {
            try? writer.abandon()
            throw error
        }
    }

    private func stage(as id: [UInt8], _ writer: inout OutboxBatchWriter) throws(FileError) -> Staged {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw FileError(path, Text("读不到这个文件", "it cannot be read"))
        }
        defer { try? handle.close() }
        let digest: IncrementalDigest
        do throws(CryptoError) { digest = try IncrementalDigest() } catch {
            throw FileError(path, Text("\(error)", "\(error)"))
        }
        var bytes: UInt64 = 0
        while let piece = try read(handle), !piece.isEmpty {
            bytes += UInt64(piece.count)
            guard bytes <= AttachmentLimits.bytes else {
                throw FileError(path, Text("读取时变大了", "it grew while it was read"))
            }
            digest.update(piece)
            try writer.add(piece)
        }
        let batch = try writer.finish()
        return Staged(
            id: id, sha256: digest.finish().bytes, bytes: bytes, type: type, name: name,
            manifest: batch.manifestDigest)
    }

    private func read(_ handle: FileHandle) throws(FileError) -> [UInt8]? {
        do { return try handle.read(upToCount: BatchLimits.chunkBytes).map { [UInt8]($0) } } catch {
            throw FileError(path, Text("读取失败", "it cannot be read (\(error))"))
        }
    }
}

/// An attachment as it comes back: written beside its place, checked, and only then given its name. Needs the memory of a piece.
package struct FetchedFile: ~Copyable {
    private let path: String
    private let handle: FileHandle
    private let digest: IncrementalDigest
    private var bytes: UInt64 = 0
    private var isDone = false

    private static func temporary(_ path: String) -> String { path + ".part" }

    /// Nothing is written over.
    package init(_ path: String) throws(FileError) {
        let digest: IncrementalDigest
        do throws(CryptoError) { digest = try IncrementalDigest() } catch {
            throw FileError(path, Text("\(error)", "\(error)"))
        }
        guard !FileManager.default.fileExists(atPath: path) else {
            throw FileError(path, Text("文件已存在，不覆盖", "it is there already and is not written over"))
        }
        let part = Self.temporary(path)
        guard
            FileManager.default.createFile(
                atPath: part, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: part)
        else {
            throw FileError(part, Text("不能写入；请检查权限和磁盘空间", "it cannot be written; check permission and room"))
        }
        (self.path, self.handle, self.digest) = (path, handle, digest)
    }

    deinit {
        try? handle.close()
        if !isDone { unlink(Self.temporary(path)) }
    }

    package mutating func add(_ piece: [UInt8]) throws(FileError) {
        digest.update(piece)
        bytes += UInt64(piece.count)
        do { try handle.write(contentsOf: Data(piece)) } catch {
            throw FileError(path, Text("不能写入；请检查磁盘空间", "it cannot be written; check the room left"))
        }
    }

    /// - Throws: when it is not the file that was attached; then there is none.
    package mutating func finish(sha256: [UInt8], bytes expected: UInt64) throws(FileError) {
        guard try finish(ifIts: sha256, bytes: expected) else {
            throw FileError(
                path,
                Text("取回的内容与原文件摘要不符，没有保存", "what came is not the file that was attached; nothing is kept"))
        }
    }

    /// False: it is not the file that was attached; then there is none.
    mutating func finish(ifIts sha256: [UInt8], bytes expected: UInt64) throws(FileError) -> Bool {
        guard bytes == expected, digest.finish().bytes == sha256 else { return false }
        guard fsync(handle.fileDescriptor) == 0, rename(Self.temporary(path), path) == 0 else {
            throw FileError(path, Text("不能写入", "it cannot be written"))
        }
        isDone = true
        return true
    }
}
