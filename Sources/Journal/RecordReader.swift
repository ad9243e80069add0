/// Reads records in their order from a journal that is being written, up to a sequence known to be durable: for readers beside the engine
/// (the audit trail), which must neither hold it up nor hold the whole journal in memory.
///
/// A value that knows only its place: a step opens the segment, looks at one window of it and closes it again, so a reader that is given up leaves
/// nothing behind. Checksums are checked, the tree is not: who must prove what was read recomputes it from the leaves (`verify`, exports).
package struct RecordReader: Sendable {
    private struct Place {
        var name: String
        var nonce: ID128
        var fileSize: Int
        /// Sequence of the next leaf record at `offset`.
        var sequence: UInt64
        var offset: Int
    }

    private let storage: any Storage
    /// The sequence that is shown next.
    package private(set) var next: UInt64
    private var place: Place?

    package init(_ storage: any Storage, from sequence: UInt64) {
        self.storage = storage
        next = max(1, sequence)
    }

    /// From the segment in which the first record at or after `time` lies; earlier records of that segment are shown too.
    package init(_ storage: any Storage, since time: Int64) throws(JournalError) {
        self.init(storage, from: 1)
        for name in try SegmentList.names(storage).reversed() {
            let header = try SegmentList.readHeader(storage, name).0
            guard header.lastTime < time else { continue }
            next = header.firstSequence
            return
        }
    }

    /// Looks at one window of the journal and shows the records in it, none above `durable`. `visit` false: no more in this step.
    /// Returns false when everything up to `durable` has been shown.
    package mutating func step(upTo durable: UInt64, _ visit: (RecordView) -> Bool) throws(JournalError)
        -> Bool
    {
        guard next <= durable else { return false }
        var here: Place
        if let place { here = place } else { here = try find(next) }
        let window = try read(here)
        let ended = try window.withUnsafeBufferPointer { (buffer) throws(JournalError) in
            try show(UnsafeRawBufferPointer(buffer), &here, durable, visit)
        }
        // A segment that has no more is followed by the one that has the next record, or what is durable is missing.
        place = ended ? try successor(of: here) : here
        return next <= durable
    }

    // MARK: one window

    /// Returns true when the segment has no more records.
    private mutating func show(
        _ raw: UnsafeRawBufferPointer, _ here: inout Place, _ durable: UInt64, _ visit: (RecordView) -> Bool
    ) throws(JournalError) -> Bool {
        let base = here.offset
        while next <= durable {
            let at = here.offset - base
            guard let header = try record(raw, at, here) else {
                return endsHere(raw, at, here)
            }
            guard header.isLeaf else {
                here.offset = aligned(here.offset + header.total, to: JournalLimits.page)
                continue
            }
            guard header.sequence == here.sequence else {
                throw damage(here, "sequence \(header.sequence) where \(here.sequence) belongs")
            }
            here.offset += header.total
            here.sequence += 1
            guard header.sequence >= next else { continue }
            next = header.sequence + 1
            if !visit(RecordView(raw, at: at)) { return false }
        }
        return false
    }

    /// The record at `at`; nil when none begins there, or it does not lie in this window whole.
    private func record(
        _ raw: UnsafeRawBufferPointer, _ at: Int, _ here: Place
    ) throws(JournalError) -> RecordHeader? {
        guard stands(raw, at, here) else { return nil }
        do throws(RecordFault) {
            return try RecordHeader.parse(raw, at: at, nonce: here.nonce)
        } catch {
            // Cut by the window's end: the next window begins with it.
            if at > 0, at + RecordReader.largestRecord > raw.count { return nil }
            switch error {
            case .broken(let what), .wrong(let what): throw damage(here, what)
            }
        }
    }

    /// No record could be read at `at`: whether that is the end of the segment's records, and not of the window only.
    private func endsHere(_ raw: UnsafeRawBufferPointer, _ at: Int, _ here: Place) -> Bool {
        if here.offset + RecordHeader.size > here.fileSize { return true }
        // At the window's start: the file is shorter than its header says.
        if at + RecordHeader.size > raw.count { return at == 0 }
        return !stands(raw, at, here)
    }

    private func stands(_ raw: UnsafeRawBufferPointer, _ at: Int, _ here: Place) -> Bool {
        at >= 0 && RecordHeader.stands(raw, at: at, nonce: here.nonce)
    }

    // MARK: files

    /// Bytes of the largest record.
    private static let largestRecord = RecordHeader.total(leafBody: JournalLimits.body)

    private func read(_ here: Place) throws(JournalError) -> [UInt8] {
        do throws(StorageError) {
            let file = try storage.open(here.name, .read)
            defer { storage.close(file) }
            let end = min(here.fileSize, try storage.size(file))
            return try storage.readAll(
                file, count: max(0, min(JournalLimits.readWindow, end - here.offset)), at: here.offset)
        } catch { throw .storage(error, task: "reading segment \(here.name)") }
    }

    /// The newest segment that begins at or before `sequence`: a tail that recovery wrote again stands in the newer one, and the older was cut
    /// before the log was opened (JOURNAL.md 8).
    private func find(_ sequence: UInt64) throws(JournalError) -> Place {
        let names = try SegmentList.names(storage)
        let starts = names.map { SegmentHeader.firstSequence(name: $0) ?? .max }
        guard let index = starts.lastIndex(where: { $0 <= sequence }) else {
            throw .segmentMissing(path: storage.path, after: "the beginning")
        }
        let header = try SegmentList.readHeader(storage, names[index]).0
        return Place(
            name: names[index], nonce: header.nonce, fileSize: header.fileSize,
            sequence: header.firstSequence, offset: SegmentHeader.dataStart)
    }

    private func successor(of here: Place) throws(JournalError) -> Place {
        let found = try find(next)
        guard found.name != here.name else {
            throw damage(here, "sequence \(next) was acknowledged and is not there")
        }
        return found
    }

    private func damage(_ here: Place, _ what: String) -> JournalError {
        .damaged(file: "\(storage.path)/\(here.name)", offset: here.offset, what: what)
    }
}
