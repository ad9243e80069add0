/// A journal's directory whose old segments were moved to another one, read as if they still lay there. Nothing is ever written to, renamed in or
/// removed from the second. JOURNAL.md 11.
package final class JoinedStorage: Storage {
    private let here: any Storage
    private let offline: any Storage

    /// - Parameter offline: where segments lie that are not in `here`.
    package init(_ here: any Storage, offline: any Storage) {
        self.here = here
        self.offline = offline
    }

    package var path: String { here.path }

    /// Names of segments that are only in the other directory.
    package func moved() throws(StorageError) -> [String] {
        let names = Set(try here.list())
        return try offline.list().filter {
            SegmentHeader.firstSequence(name: $0) != nil && !names.contains($0)
        }
    }

    package func list() throws(StorageError) -> [String] { try here.list() + moved() }

    /// Files of the other directory are known by their number: descriptors are never negative.
    private func place(_ file: StorageFile) -> (any Storage, StorageFile) {
        file.id < 0 ? (offline, StorageFile(id: ~file.id)) : (here, file)
    }

    package func open(_ name: String, _ mode: OpenMode) throws(StorageError) -> StorageFile {
        do throws(StorageError) { return try here.open(name, mode) } catch {
            guard error.isNoFile, mode == .read, SegmentHeader.firstSequence(name: name) != nil else {
                throw error
            }
            return StorageFile(id: ~(try offline.open(name, .read)).id)
        }
    }

    package func close(_ file: StorageFile) {
        let (storage, file) = place(file)
        storage.close(file)
    }

    package func size(_ file: StorageFile) throws(StorageError) -> Int {
        let (storage, file) = place(file)
        return try storage.size(file)
    }

    package func read(_ file: StorageFile, into buffer: UnsafeMutableRawBufferPointer, at offset: Int)
        throws(StorageError) -> Int
    {
        let (storage, file) = place(file)
        return try storage.read(file, into: buffer, at: offset)
    }

    // What writes has opened a file of `here`.
    package func write(_ file: StorageFile, _ bytes: UnsafeRawBufferPointer, at offset: Int)
        throws(StorageError) -> Int
    {
        try here.write(file, bytes, at: offset)
    }
    package func sync(_ file: StorageFile) throws(StorageError) { try here.sync(file) }
    package func pushOut(_ file: StorageFile, at offset: Int, count: Int) {
        here.pushOut(file, at: offset, count: count)
    }
    package func letGo(_ file: StorageFile, at offset: Int, count: Int) {
        let (storage, file) = place(file)
        storage.letGo(file, at: offset, count: count)
    }
    package func truncate(_ file: StorageFile, to size: Int) throws(StorageError) {
        try here.truncate(file, to: size)
    }
    package func rename(_ from: String, to: String) throws(StorageError) { try here.rename(from, to: to) }
    package func unlink(_ name: String) throws(StorageError) { try here.unlink(name) }
    package func syncDirectory() throws(StorageError) { try here.syncDirectory() }
    package func lock(_ name: String) throws(StorageError) -> StorageFile { try here.lock(name) }
    package func spaceLeft() throws(StorageError) -> Int { try here.spaceLeft() }
    package func subdirectory(_ name: String) throws(StorageError) -> any Storage {
        try here.subdirectory(name)
    }
}
