import Foundation

/// A file that must not be there yet, written piece by piece under another name until it is whole.
package final class NewFile {
    private let path: String
    private let part: String
    private let handle: FileHandle

    /// Whether it may be written, before the work that it is the end of.
    package static func check(_ path: String) throws(FileError) {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw FileError(
                path,
                Text("已经存在，不覆盖；请换一个文件名", "it is there already and is not written over: choose another name"))
        }
    }

    package init(_ path: String) throws(FileError) {
        try Self.check(path)
        self.path = path
        part = path + ".part"
        guard
            FileManager.default.createFile(
                atPath: part, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: part)
        else { throw FileError(path, Self.unwritable) }
        self.handle = handle
    }

    package func write(_ bytes: [UInt8]) throws(FileError) {
        do { try handle.write(contentsOf: Data(bytes)) } catch { throw FileError(path, Self.unwritable) }
    }

    package func finish() throws(FileError) {
        do {
            try handle.close()
            try FileManager.default.moveItem(atPath: part, toPath: path)
        } catch {
            throw FileError(path, Self.unwritable)
        }
    }

    /// Nothing half written stays.
    package func giveUp() {
        try? handle.close()
        try? FileManager.default.removeItem(atPath: part)
    }

    /// All at once.
    /// - Parameter body: is given what writes a piece.
    package static func write(
        _ path: String, _ body: (([UInt8]) throws -> Void) throws -> Void
    ) throws(FileError) {
        let file = try NewFile(path)
        do {
            try body { try file.write($0) }
            try file.finish()
        } catch {
            file.giveUp()
            throw (error as? FileError)
                ?? FileError(path, Text("写不出：\(error)", "it cannot be written: \(error)"))
        }
    }

    private static let unwritable = Text(
        "写不进去，请检查文件夹和磁盘空间", "it cannot be written; look at the folder and the disk")
}
