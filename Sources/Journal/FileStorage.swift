internal import CLinux
import Glibc

/// A directory of real files. EINTR is retried here; every other error goes up as it came.
package final class FileStorage: Storage {
    package let path: String
    private let directory: Int32

    /// Opens `path`, which must be a directory.
    package init(path: String) throws(StorageError) {
        self.path = path
        directory = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if directory < 0 { throw StorageError(.open, path, errno) }
    }

    /// Makes the directory `path` when it is not there (its parent must be), then opens it.
    package static func make(path: String) throws(StorageError) -> FileStorage {
        if mkdir(path, 0o700) != 0 && errno != EEXIST { throw StorageError(.makeDirectory, path, errno) }
        return try FileStorage(path: path)
    }

    deinit { _ = Glibc.close(directory) }

    private func full(_ name: String) -> String { "\(path)/\(name)" }
    private func full(_ file: StorageFile) -> String { "\(path) (file \(file.id))" }

    package func list() throws(StorageError) -> [String] {
        guard let stream = opendir(path) else { throw StorageError(.list, path, errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            if entry.pointee.d_type == UInt8(DT_DIR) { continue }
            let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        if errno != 0 { throw StorageError(.list, path, errno) }
        return names
    }

    package func open(_ name: String, _ mode: OpenMode) throws(StorageError) -> StorageFile {
        let flags: Int32
        switch mode {
        case .read: flags = O_RDONLY
        case .readWrite: flags = O_RDWR
        case .create: flags = O_RDWR | O_CREAT | O_TRUNC
        }
        let descriptor = repeated { openat(directory, name, flags | O_CLOEXEC, 0o600) }
        if descriptor < 0 { throw StorageError(.open, full(name), errno) }
        return StorageFile(id: descriptor)
    }

    package func close(_ file: StorageFile) { _ = Glibc.close(file.id) }

    package func size(_ file: StorageFile) throws(StorageError) -> Int {
        var info = stat()
        if fstat(file.id, &info) != 0 { throw StorageError(.size, full(file), errno) }
        return Int(info.st_size)
    }

    package func read(_ file: StorageFile, into buffer: UnsafeMutableRawBufferPointer, at offset: Int)
        throws(StorageError) -> Int
    {
        let count = repeated { pread(file.id, buffer.baseAddress, buffer.count, off_t(offset)) }
        if count < 0 { throw StorageError(.read, full(file), errno) }
        return count
    }

    package func write(_ file: StorageFile, _ bytes: UnsafeRawBufferPointer, at offset: Int)
        throws(StorageError) -> Int
    {
        let count = repeated { pwrite(file.id, bytes.baseAddress, bytes.count, off_t(offset)) }
        if count < 0 { throw StorageError(.write, full(file), errno) }
        return count
    }

    package func sync(_ file: StorageFile) throws(StorageError) {
        // EINTR is not retried here: after any failed sync nothing may be concluded from a later one.
        if fdatasync(file.id) != 0 { throw StorageError(.sync, full(file), errno) }
    }

    package func pushOut(_ file: StorageFile, at offset: Int, count: Int) {
        // A failure is told by the sync that follows.
        _ = clinux_push_out(file.id, Int64(offset), Int64(count))
    }

    package func letGo(_ file: StorageFile, at offset: Int, count: Int) {
        _ = posix_fadvise(file.id, off_t(offset), off_t(count), POSIX_FADV_DONTNEED)
    }

    package func truncate(_ file: StorageFile, to size: Int) throws(StorageError) {
        if ftruncate(file.id, off_t(size)) != 0 { throw StorageError(.truncate, full(file), errno) }
    }

    package func rename(_ from: String, to: String) throws(StorageError) {
        if renameat(directory, from, directory, to) != 0 {
            throw StorageError(.rename, full(from), errno)
        }
    }

    package func unlink(_ name: String) throws(StorageError) {
        if unlinkat(directory, name, 0) != 0 { throw StorageError(.unlink, full(name), errno) }
    }

    package func syncDirectory() throws(StorageError) {
        if fsync(directory) != 0 { throw StorageError(.syncDirectory, path, errno) }
    }

    package func lock(_ name: String) throws(StorageError) -> StorageFile {
        let descriptor = repeated { openat(directory, name, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
        if descriptor < 0 { throw StorageError(.lock, full(name), errno) }
        if repeated({ flock(descriptor, LOCK_EX | LOCK_NB) }) != 0 {
            let code = errno
            _ = Glibc.close(descriptor)
            throw StorageError(.lock, full(name), code)
        }
        return StorageFile(id: descriptor)
    }

    package func spaceLeft() throws(StorageError) -> Int {
        var info = statvfs()
        if fstatvfs(directory, &info) != 0 { throw StorageError(.space, path, errno) }
        let (bytes, overflow) = UInt64(info.f_bavail).multipliedReportingOverflow(by: UInt64(info.f_frsize))
        return overflow ? Int.max : Int(clamping: bytes)
    }

    package func subdirectory(_ name: String) throws(StorageError) -> any Storage {
        if mkdirat(directory, name, 0o700) == 0 {
            try syncDirectory()
        } else if errno != EEXIST {
            throw StorageError(.makeDirectory, full(name), errno)
        }
        return try FileStorage(path: full(name))
    }
}

/// Repeats a system call that a signal interrupted.
private func repeated<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
