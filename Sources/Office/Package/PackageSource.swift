import Foundation

/// Where a package is read from: a file, or bytes in memory. Read more than once, at any place.
package protocol PackageSource {
    var size: Int { get }
    /// Exactly `count` bytes; the caller has asked `size`.
    func read(_ count: Int, at offset: Int) throws(PackageFault) -> [UInt8]
}

/// A file, open for as long as this is: nobody can put another one under the name meanwhile.
package final class PackageFile: PackageSource {
    private let path: String
    private let handle: FileHandle
    package let size: Int

    package init(_ path: String) throws(PackageFault) {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw .file(path, reason: String(cString: strerror(errno)))
        }
        var facts = stat()
        guard fstat(handle.fileDescriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw .file(path, reason: "not a regular file")
        }
        self.path = path
        self.handle = handle
        size = Int(facts.st_size)
    }

    package func read(_ count: Int, at offset: Int) throws(PackageFault) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(
                    handle.fileDescriptor, buffer.baseAddress.map { $0 + filled }, count - filled,
                    off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else {
                    failure = got < 0 ? errno : EIO
                    return
                }
                filled += got
            }
        }
        guard failure == 0 else { throw .file(path, reason: String(cString: strerror(failure))) }
        return bytes
    }
}

extension [UInt8]: PackageSource {
    package var size: Int { count }
    package func read(_ count: Int, at offset: Int) throws(PackageFault) -> [UInt8] {
        [UInt8](self[offset..<offset + count])
    }
}
