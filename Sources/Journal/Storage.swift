import CLinux
import Glibc

/// The lower seam of the journal: one flat directory of files, with exactly the operations whose durability the
/// journal reasons about. Real files stand below it (FileStorage), or the simulated disk of the tests.
///
/// The contract the journal relies on, and no more:
/// - a written byte is on disc only after `sync` of its file returned; before that a crash may lose it, keep it, or keep part of it;
/// - a created, renamed or removed name is on disc only after `syncDirectory` returned;
/// - after `sync` failed nothing is known, and a second `sync` proves nothing (the kernel reports an error once);
/// - `read` and `write` may do less than asked.

/// An open file of a `Storage`.
package struct StorageFile: Sendable, Hashable {
    package let id: Int32
    package init(id: Int32) { self.id = id }
}

/// A failed storage operation: what was done, on which file, and the system's error number.
package struct StorageError: Error, Sendable, Hashable {
    package enum Operation: String, Sendable, Hashable {
        case list, open, size, read, write, sync, truncate, rename, unlink, lock, makeDirectory, space
        case syncDirectory
    }
    package var operation: Operation
    /// Full path for real files; a name for simulated ones.
    package var name: String
    /// errno.
    package var code: Int32

    package init(_ operation: Operation, _ name: String, _ code: Int32) {
        self.operation = operation
        self.name = name
        self.code = code
    }

    /// The disk, or the quota, is full.
    package var isNoSpace: Bool { code == ENOSPC || code == EDQUOT }
    /// There is no file of that name.
    package var isNoFile: Bool { code == ENOENT }
    /// The system's words for `code`.
    package var reason: String {
        guard let text = strerror(code) else { return "error \(code)" }
        return String(cString: text)
    }
}

/// How `Storage.open` opens.
package enum OpenMode: Sendable, Hashable {
    case read
    case readWrite
    /// Creates the file, or empties one that is there.
    case create
}

package protocol Storage: AnyObject, Sendable {
    /// The directory as an operator knows it.
    var path: String { get }
    /// Names of the plain files, in no order.
    func list() throws(StorageError) -> [String]
    func open(_ name: String, _ mode: OpenMode) throws(StorageError) -> StorageFile
    /// Never fails for the caller: what matters was synced before.
    func close(_ file: StorageFile)
    func size(_ file: StorageFile) throws(StorageError) -> Int
    /// Bytes read, 0 at the end of the file; may be fewer than asked.
    func read(_ file: StorageFile, into buffer: UnsafeMutableRawBufferPointer, at offset: Int)
        throws(StorageError) -> Int
    /// Bytes written, may be fewer than asked.
    func write(_ file: StorageFile, _ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageError)
        -> Int
    /// Makes content and length durable (fdatasync).
    func sync(_ file: StorageFile) throws(StorageError)
    /// Has what was written there go to the disk now, and waits for it. It makes nothing durable: a large file that is pushed out as it grows leaves little to the `sync` at its
    /// end, and the syncs of others, which wait in the same queue, do not stand behind megabytes.
    func pushOut(_ file: StorageFile, at offset: Int, count: Int)
    /// What is on disc of this part need not stay in memory. It changes nothing that is read.
    func letGo(_ file: StorageFile, at offset: Int, count: Int)
    func truncate(_ file: StorageFile, to size: Int) throws(StorageError)
    /// Replaces `to` when it is there.
    func rename(_ from: String, to: String) throws(StorageError)
    func unlink(_ name: String) throws(StorageError)
    /// Makes creations, renames and removals of names durable.
    func syncDirectory() throws(StorageError)
    /// Opens `name` with an exclusive lock held until `close` or the end of the process. `EWOULDBLOCK`: somebody else holds it.
    func lock(_ name: String) throws(StorageError) -> StorageFile
    /// Bytes this process may still write.
    func spaceLeft() throws(StorageError) -> Int
    /// The directory `name` below this one; made, durably, when it is not there.
    func subdirectory(_ name: String) throws(StorageError) -> any Storage
}

extension Storage {
    package func pushOut(_ file: StorageFile, at offset: Int, count: Int) {}
    package func letGo(_ file: StorageFile, at offset: Int, count: Int) {}

    /// Writes all of `bytes`. A write that makes no progress is EIO: asking again for ever is no answer.
    package func writeAll(_ file: StorageFile, _ bytes: UnsafeRawBufferPointer, at offset: Int)
        throws(StorageError)
    {
        var done = 0
        while done < bytes.count {
            let count = try write(file, bytes.window(done, bytes.count), at: offset + done)
            guard count > 0 else { throw StorageError(.write, "\(path) (no progress)", EIO) }
            done += count
        }
    }

    package func writeAll(_ file: StorageFile, _ bytes: [UInt8], at offset: Int) throws(StorageError) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(StorageError) in
            try writeAll(file, UnsafeRawBufferPointer(buffer), at: offset)
        }
    }

    /// Writes all of `bytes` into a file that grows beside casework: in pieces between which others may run, and straight out to the disk (`pushOut`).
    package func writeOut(_ file: StorageFile, _ bytes: UnsafeRawBufferPointer, at offset: Int)
        throws(StorageError)
    {
        var (done, pushed) = (0, 0)
        while done < bytes.count {
            let count = min(JournalLimits.writtenAtOnce, bytes.count - done)
            try writeAll(file, bytes.window(done, done + count), at: offset + done)
            done += count
            if done - pushed >= JournalLimits.pushedOut || done == bytes.count {
                pushOut(file, at: offset + pushed, count: done - pushed)
                pushed = done
            }
            clinux_give_way()
        }
    }

    package func writeOut(_ file: StorageFile, _ bytes: [UInt8], at offset: Int) throws(StorageError) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(StorageError) in
            try writeOut(file, UnsafeRawBufferPointer(buffer), at: offset)
        }
    }

    /// Reads `count` bytes at `offset`; fewer only where the file ends. `count` comes from the file's own size.
    package func readAll(_ file: StorageFile, count: Int, at offset: Int) throws(StorageError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let done = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(StorageError) in
            try fill(file, UnsafeMutableRawBufferPointer(buffer), at: offset)
        }
        if done < count { bytes.removeLast(count - done) }
        return bytes
    }

    private func fill(_ file: StorageFile, _ buffer: UnsafeMutableRawBufferPointer, at offset: Int)
        throws(StorageError) -> Int
    {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = try read(file, into: rest, at: offset + done)
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// The whole of the file `name`.
    package func contents(_ name: String) throws(StorageError) -> [UInt8] {
        let file = try open(name, .read)
        defer { close(file) }
        return try readAll(file, count: try size(file), at: 0)
    }

    /// Writes `size` zero bytes and syncs: later writes then change no metadata, which halves the time of a sync.
    package func fillWithZeros(_ file: StorageFile, from: Int, to size: Int) throws(StorageError) {
        let piece = JournalLimits.pushedOut
        let zeros = [UInt8](repeating: 0, count: min(piece, max(0, size - from)))
        var offset = from
        while offset < size {
            let count = min(piece, size - offset)
            try zeros.withUnsafeBufferPointer { (buffer) throws(StorageError) in
                try writeOut(file, UnsafeRawBufferPointer(buffer).window(0, count), at: offset)
            }
            offset += count
        }
    }
}
