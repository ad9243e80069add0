/// An exported audit trail in a file. `twolists audit export` writes it.
///
///     offset  bytes
///          0     17   the line "twolists-trail/1" and its newline, ASCII
///         17           twolists.v1.TrailHead, then one twolists.v1.TrailRecord for each sequence of the head's range, in order;
///                      each protobuf message behind its length as a varint (TRAIL.md 2)
///
/// Written beside its name and renamed when it is whole, so a file of that name is a whole export.
import Foundation
package import Schema
package import TwoListsClient
package import Wire

package struct TrailFileWriter {
    package static let firstLine = [UInt8]("twolists-trail/1\n".utf8)

    private let path: String
    private let part: String
    private let handle: FileHandle

    /// Refuses to write over a file.
    package init(_ path: String, _ head: TrailHead) throws(FileError) {
        self.path = path
        part = path + ".part"
        let files = FileManager.default
        guard !files.fileExists(atPath: path) else {
            throw FileError(
                path, Text("文件已存在，不覆盖；请换一个名称", "it exists and is not written over; choose another name"))
        }
        guard files.createFile(atPath: part, contents: nil), let handle = FileHandle(forWritingAtPath: part)
        else { throw Self.unwritable(part) }
        self.handle = handle
        try put(Self.firstLine + Self.delimited(head))
    }

    package func add(_ records: [TrailRecord]) throws(FileError) {
        try put(records.flatMap { Self.delimited($0) })
    }

    /// The file is there whole from here on.
    package func finish() throws(FileError) {
        guard fsync(handle.fileDescriptor) == 0, (try? handle.close()) != nil, rename(part, path) == 0 else {
            throw Self.unwritable(path)
        }
    }

    private func put(_ bytes: [UInt8]) throws(FileError) {
        do { try handle.write(contentsOf: Data(bytes)) } catch { throw Self.unwritable(part) }
    }

    private static func unwritable(_ path: String) -> FileError {
        FileError(path, Text("不能写入；请检查路径、权限和磁盘空间", "it cannot be written; check path, permission and room"))
    }

    package static func delimited(_ message: some Message) -> [UInt8] {
        withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { scratch in
            var writer = ProtoWriter(scratch: scratch)
            writer.delimited(message)
            return writer.finish()
        }
    }
}

/// Reads an exported trail, a piece at a time. What the file says is judged by `TrailVerifier`; this only takes it apart (TRAIL.md 2).
package struct TrailFileReader {
    /// Bytes of one message: a record's body has at most 1 MiB (JOURNAL.md 1), a head some kilobytes.
    package static let messageBytes = 2 << 20
    /// Bytes read at a time.
    private static let piece = 1 << 20
    /// Bytes of a length as a varint: seven bits each, 21 are needed.
    private static let lengthBytes = 4

    private let path: String
    private let handle: FileHandle
    private var buffer: [UInt8] = []
    private var at = 0
    private var isAtEnd = false

    /// - Throws: the file cannot be read.
    package init(_ path: String) throws(FileError) {
        self.path = path
        guard let handle = FileHandle(forReadingAtPath: path) else { throw Self.unreadable(path) }
        self.handle = handle
    }

    /// Whether the first line is that of a trail. Before anything else.
    package mutating func takesFirstLine() throws(FileError) -> Bool {
        try fill(TrailFileWriter.firstLine.count)
        guard buffer[at...].starts(with: TrailFileWriter.firstLine) else { return false }
        at += TrailFileWriter.firstLine.count
        return true
    }

    /// The next message; nil at the end of the file.
    /// - Throws: `FileError`, or `FORM` for what is no message.
    package mutating func next<M: Message>(_ type: M.Type) throws -> M? {
        guard let length = try length() else { return nil }
        try fill(length)
        guard buffer.count - at >= length else { throw TrailFailure(.form, "the file is cut off") }
        defer { at += length }
        do { return try M(decoding: Array(buffer[at..<at + length])) } catch {
            throw TrailFailure(.form, "\(M.protoName) cannot be read: \(error)")
        }
    }

    /// A varint of at most `messageBytes`.
    private mutating func length() throws -> Int? {
        try fill(Self.lengthBytes)
        guard at < buffer.count else { return nil }
        var value = 0
        for (place, byte) in buffer[at...].prefix(Self.lengthBytes).enumerated() {
            value |= Int(byte & 0x7F) << (7 * place)
            guard byte < 0x80 else { continue }
            guard value <= Self.messageBytes else { throw TrailFailure(.form, "a message of \(value) bytes") }
            at += place + 1
            return value
        }
        throw TrailFailure(.form, "a length is cut off or too large")
    }

    /// Has at least `count` bytes ready where the file has them.
    private mutating func fill(_ count: Int) throws(FileError) {
        while buffer.count - at < count, !isAtEnd {
            let more: Data?
            do { more = try handle.read(upToCount: Self.piece) } catch { throw Self.unreadable(path) }
            buffer.removeSubrange(..<at)
            at = 0
            if let more, !more.isEmpty { buffer += more } else { isAtEnd = true }
        }
    }

    private static func unreadable(_ path: String) -> FileError {
        FileError(path, Text("不能读取；请检查路径和权限", "it cannot be read; check path and permission"))
    }
}

extension TrailVerifier {
    /// A whole file.
    /// - Throws: `FileError` when it cannot be read, `TrailFailure` when it does not hold.
    package func verify(file path: String) throws -> TrailCheck.Verified {
        var reader = try TrailFileReader(path)
        guard try reader.takesFirstLine(), let head = try reader.next(TrailHead.self) else {
            throw TrailFailure(.form, "it is no exported trail: the first line is not twolists-trail/1")
        }
        var check = try begin(head)
        while let record = try reader.next(TrailRecord.self) { try check.add(record) }
        return try check.finish()
    }
}
