import Glibc

/// Small files (keys, certificates, lists): read whole with a limit, written whole so that after a crash either the old
/// or the new content is there, complete.
package enum DurableFile {
    /// Bytes of one such file: the CRL or index of a city with 100,000 certificates stays below.
    package static let sizeLimit = 32 << 20

    /// Who may read a file, by its mode bits.
    package struct Facts: Sendable {
        /// True when group or others may read or write it.
        package var openToOthers: Bool
    }

    /// The whole file.
    package static func read(_ path: String, limit: Int = sizeLimit) throws(CryptoError) -> [UInt8] {
        try readWithFacts(path, limit: limit).bytes
    }

    package static func readWithFacts(
        _ path: String, limit: Int = sizeLimit
    ) throws(CryptoError) -> (bytes: [UInt8], facts: Facts) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .fileMissing(path: path) : failure(path, "open")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path, "stat") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .fileFailed(path: path, operation: "open", reason: "not a regular file")
        }
        guard status.st_size <= limit else {
            throw .tooLong(what: path, limit: limit, found: Int(truncatingIfNeeded: status.st_size))
        }
        let bytes = try readAll(descriptor, path, limit)
        return (bytes, Facts(openToOthers: status.st_mode & 0o077 != 0))
    }

    private static func readAll(
        _ descriptor: Int32, _ path: String, _ limit: Int
    ) throws(CryptoError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, "read") }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk.prefix(count))
            guard bytes.count <= limit else { throw .tooLong(what: path, limit: limit, found: bytes.count) }
        }
    }

    /// Replaces the file: a new one beside it, synced, renamed over it, the directory synced.
    package static func replace(_ path: String, _ bytes: [UInt8], mode: UInt32) throws(CryptoError) {
        let fresh = path + ".new"
        unlink(fresh)
        try write(fresh, bytes, mode: mode)
        guard rename(fresh, path) == 0 else { throw failure(path, "rename") }
        try syncDirectory(of: path)
    }

    /// Writes a file that must not be there yet: a key is never overwritten.
    package static func create(_ path: String, _ bytes: [UInt8], mode: UInt32) throws(CryptoError) {
        try write(path, bytes, mode: mode)
        try syncDirectory(of: path)
    }

    private static func write(_ path: String, _ bytes: [UInt8], mode: UInt32) throws(CryptoError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw failure(path, "create") }
        defer { close(descriptor) }
        // The umask may only take away; a key must be 0600 and a certificate readable whatever it is.
        guard fchmod(descriptor, mode) == 0 else { throw failure(path, "chmod") }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path, "write") }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw failure(path, "fsync") }
    }

    /// Makes a directory, which may be there already; its parent must be.
    package static func makeDirectory(_ path: String, mode: UInt32 = 0o700) throws(CryptoError) {
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw failure(path, "mkdir") }
    }

    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Runs `body` while holding an exclusive lock on the file `path`, which is made if it is not there.
    package static func locked<R>(
        _ path: String, _ body: () throws(CryptoError) -> R
    ) throws(CryptoError) -> R {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path, "open") }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw failure(path, "lock") }
        }
        return try body()
    }

    private static func syncDirectory(of path: String) throws(CryptoError) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(folder, "open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(folder, "fsync") }
    }

    private static func failure(_ path: String, _ operation: String) -> CryptoError {
        .fileFailed(path: path, operation: operation, reason: String(cString: strerror(errno)))
    }
}
