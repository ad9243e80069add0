import Foundation

/// What is too much for memory while a table is read: in a file without a name, readable by its owner alone, gone with the program whatever ends it.
final class TemporaryFile: Sendable {
    /// It cannot be made, written or read: the folder, and the system's own words.
    struct Failed: Error, CustomStringConvertible {
        let description: String

        fileprivate static var last: Failed {
            Failed(description: "\(TemporaryFile.folder): \(String(cString: strerror(errno)))")
        }
    }

    private let descriptor: Int32

    static var folder: String { FileManager.default.temporaryDirectory.path }

    init() throws(Failed) {
        let path = Self.folder + "/twolists-\(UUID().uuidString)"
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failed.last }
        unlink(path)
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8], at offset: Int) throws(Failed) {
        var done = 0
        while done < bytes.count {
            let wrote = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
            }
            if wrote < 0, errno == EINTR { continue }
            guard wrote > 0 else { throw Failed.last }
            done += wrote
        }
    }

    /// All of the range, which was written.
    func read(_ range: Range<Int>) throws(Failed) -> [UInt8] {
        let bytes = readBytes(of: descriptor, range)
        guard bytes.count == range.count else { throw Failed.last }
        return bytes
    }
}
