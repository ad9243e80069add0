import Crypto

/// Making segment files. A segment's life: `spare.tmp` (being zero-filled) → `spare.tlj` (zeros, durable) → gets its header,
/// synced → `journal-….tlj`. Recovery writes its new segment as `recovery.tmp`, whole, and renames it likewise.
enum SegmentFile {
    static let spare = "spare.tlj"
    static let spareUnfinished = "spare.tmp"
    static let recoveryUnfinished = "recovery.tmp"

    /// Makes the spare. On failure nothing of it is left, as far as the disk allows.
    static func makeSpare(_ storage: any Storage, size: Int) throws(StorageError) {
        do throws(StorageError) {
            let file = try storage.open(spareUnfinished, .create)
            defer { storage.close(file) }
            try storage.fillWithZeros(file, from: 0, to: size)
            try storage.sync(file)
            try storage.rename(spareUnfinished, to: spare)
            try storage.syncDirectory()
        } catch {
            try? storage.unlink(spareUnfinished)
            throw error
        }
    }

    /// Lets the memory go that the system keeps of a finished segment, in pieces, for the spare that is made next: few ever read it again, and memory that was just used costs a
    /// twentieth of what fresh memory does on a virtual machine, whose host hands it out page by page.
    static func letGo(_ storage: any Storage, _ name: String) throws(StorageError) {
        let file = try storage.open(name, .read)
        defer { storage.close(file) }
        let size = try storage.size(file)
        for offset in stride(from: 0, to: size, by: JournalLimits.pushedOut) {
            storage.letGo(file, at: offset, count: min(JournalLimits.pushedOut, size - offset))
        }
    }

    /// True when a whole spare lies there.
    static func spareIsWhole(_ storage: any Storage, size: Int) throws(StorageError) -> Bool {
        let file = try storage.open(spare, .read)
        defer { storage.close(file) }
        return try storage.size(file) == size
    }

    /// Turns the spare into the segment of `header` and returns it, open for writing.
    static func activateSpare(_ storage: any Storage, _ header: SegmentHeader) throws(StorageError)
        -> StorageFile
    {
        let file = try storage.open(spare, .readWrite)
        try storage.writeAll(file, header.pages, at: 0)
        try storage.sync(file)
        try storage.rename(spare, to: header.name)
        try storage.syncDirectory()
        return file
    }

    /// Makes a whole segment with `groups` already in it, durable before it gets its name. Replaces a segment of the same name.
    static func make(_ storage: any Storage, _ header: SegmentHeader, groups: [UInt8]) throws(StorageError) {
        let file = try storage.open(recoveryUnfinished, .create)
        defer { storage.close(file) }
        try storage.writeAll(file, header.pages + groups, at: 0)
        try storage.fillWithZeros(file, from: SegmentHeader.dataStart + groups.count, to: header.fileSize)
        try storage.sync(file)
        try storage.rename(recoveryUnfinished, to: header.name)
        try storage.syncDirectory()
    }
}
