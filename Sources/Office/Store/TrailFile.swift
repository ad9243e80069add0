/// An exported audit trail in a file. `twolists audit export` writes it.
///
///     offset  bytes
///          0     17   the line "twolists-trail/1" and its newline, ASCII
///         17           twolists.v1.TrailHead, then one twolists.v1.TrailRecord for each sequence of the head's range, in order;
///                      each protobuf message behind its length as a varint
///
/// Written beside its name and renamed when it is whole, so a file of that name is a whole export.
import Foundation
package import Schema
import Wire

package struct TrailFileWriter {
    static let firstLine = [UInt8]("twolists-trail/1\n".utf8)

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

    private static func delimited(_ message: some Message) -> [UInt8] {
        withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { scratch in
            var writer = ProtoWriter(scratch: scratch)
            writer.delimited(message)
            return writer.finish()
        }
    }
}
