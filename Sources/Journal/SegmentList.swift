/// The segments of a directory, by their headers.
enum SegmentList {
    /// Names and headers in order, checked against each other: one store, no gap. Throws `.notFormatted` for none.
    ///
    /// - Parameter whole: false where the first segments may have been moved away: what is read begins behind them.
    static func read(_ storage: any Storage, whole: Bool = true) throws(JournalError) -> (
        segments: [(name: String, header: SegmentHeader)], damagedHeaders: [String]
    ) {
        var found: [(name: String, header: SegmentHeader)] = []
        var damaged: [String] = []
        for name in try names(storage) {
            let (header, copyDamaged) = try readHeader(storage, name)
            if copyDamaged { damaged.append("\(storage.path)/\(name)") }
            try follow(storage, found.last?.header, header, name: name, whole: whole)
            found.append((name, header))
        }
        guard !found.isEmpty else { throw .notFormatted(path: storage.path) }
        return (found, damaged)
    }

    static func names(_ storage: any Storage) throws(JournalError) -> [String] {
        do throws(StorageError) {
            // Fixed-width hexadecimal: the order of the names is the order of the sequences.
            return try storage.list().filter { SegmentHeader.firstSequence(name: $0) != nil }.sorted()
        } catch { throw .storage(error, task: "listing the journal directory") }
    }

    static func readHeader(_ storage: any Storage, _ name: String) throws(JournalError) -> (
        SegmentHeader, Bool
    ) {
        let bytes: [UInt8]
        do throws(StorageError) {
            let file = try storage.open(name, .read)
            defer { storage.close(file) }
            bytes = try storage.readAll(file, count: SegmentHeader.dataStart, at: 0)
        } catch { throw .storage(error, task: "reading the header of \(name)") }
        let result = try bytes.withUnsafeBufferPointer { (buffer) throws(JournalError) in
            try SegmentHeader.read(UnsafeRawBufferPointer(buffer), file: "\(storage.path)/\(name)")
        }
        return (result.header, result.damagedCopy)
    }

    private static func follow(
        _ storage: any Storage, _ last: SegmentHeader?, _ header: SegmentHeader, name: String,
        whole: Bool
    ) throws(JournalError) {
        guard header.name == name else { throw .foreignFile(file: "\(storage.path)/\(name)") }
        guard let last else {
            let isFirst = header.index == 0 && header.firstSequence == 1 && header.firstGroup == 1
            guard isFirst || (!whole && header.index > 0) else {
                throw .segmentMissing(path: storage.path, after: "the beginning")
            }
            return
        }
        guard header.storeID == last.storeID, header.algorithm == last.algorithm, header.city == last.city
        else {
            throw .foreignFile(file: "\(storage.path)/\(name)")
        }
        guard header.index == last.index &+ 1, header.firstGroup > last.firstGroup else {
            throw .segmentMissing(path: storage.path, after: last.name)
        }
    }
}
