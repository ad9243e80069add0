import Crypto

/// Opening a journal for writing, step by step: read, compare with HEAD, cut, write the tail again, begin the epoch.
struct Recovery {
    private let storage: any Storage
    private let keys: any Storage
    private let options: JournalOptions
    private let lock: StorageFile
    private let start: JournalStart?
    /// What a restore cut, journaled with the epoch.
    private let declared: Restored?
    private var notices: [String] = []

    init(
        _ storage: any Storage, _ keys: any Storage, _ options: JournalOptions, _ lock: StorageFile,
        from start: JournalStart?, declaring declared: Restored? = nil
    ) {
        self.declared = declared
        self.start = start
        self.storage = storage
        self.keys = keys
        self.options = options
        self.lock = lock
    }

    mutating func run<Visitor: JournalVisitor>(_ visitor: inout Visitor) throws(JournalError) -> OpenedJournal
    {
        let list = try SegmentList.read(storage, whole: start == nil)
        let first = list.segments[0].header  // programmer error: SegmentList.read gives at least one
        guard first.city == options.city else {
            throw .badOption("\(storage.path) is the journal of city \(first.city), not \(options.city)")
        }
        try requireWholeRestore()
        if first.index > 0 {
            notices.append(
                "the segments before \(first.name) are not here: what stands in them cannot be read; begin with --offline FOLDER where it must be"
            )
        }
        for file in list.damagedHeaders {
            notices.append("\(file): one copy of the header is damaged, the other is used")
        }
        let head = try readHead(first.storeID)
        let keyBytes = try KeyFile.read(keys, storeID: first.storeID)
        var scan = try JournalScan(
            storage, segments: list.segments, keys: keyBytes, head: head, start: start,
            visitor: visitor)
        var end = try scan.run()
        visitor = scan.visitor
        try compare(end, head)
        let cut = end.junk.map { junk in
            SystemRecord.recovered(
                segment: end.header.firstSequence, offset: UInt64(junk.lowerBound), bytes: UInt64(junk.count),
                group: end.group + 1)
        }
        do throws(StorageError) {
            try settle(&end, head, keyBytes)
        } catch {
            if error.isNoSpace { throw .noSpace(path: storage.path, needed: options.segmentSize) }
            throw .storage(error, task: "recovering the journal")
        }
        return try open(end, head, keyBytes, cut)
    }

    /// A restore that cuts leaves its mark until the RESTORED record is durable: without it the cut would be an undeclared one.
    private func requireWholeRestore() throws(JournalError) {
        do throws(StorageError) {
            guard declared == nil, try storage.list().contains(Journal.restoringName) else { return }
        } catch { throw .storage(error, task: "looking for an unfinished restore") }
        throw .restoreUnfinished(path: storage.path)
    }

    // MARK: reading

    private func readHead(_ storeID: ID128) throws(JournalError) -> HeadRecord? {
        do throws(JournalError) {
            guard let head = try HeadFile.read(storage, storeID: storeID) else {
                if options.rebuildHead { return nil }
                throw .headMissing(path: storage.path)
            }
            return head
        } catch {
            if case .headDamaged = error, options.rebuildHead { return nil }
            throw error
        }
    }

    private func compare(_ end: ScanEnd, _ head: HeadRecord?) throws(JournalError) {
        guard let head, head.group > end.group else { return }
        if let slot = end.missingSlot { throw .keyMissing(group: end.group + 1, slot: slot) }
        throw .acknowledgedLost(
            headGroup: head.group, headSequence: head.sequence, foundGroup: end.group,
            foundSequence: end.sequence)
    }

    // MARK: changing what is on disc

    /// Leaves the directory so that writing can go on: the last segment is clean, and everything in it is on disc for sure.
    private mutating func settle(_ end: inout ScanEnd, _ head: HeadRecord?, _ keyBytes: [UInt8])
        throws(StorageError)
    {
        try tidy(end)
        // HEAD is written only after the group's sync has returned; and a later segment is begun only after that, too.
        let acknowledged = (head?.group ?? 0) >= end.group || end.header.firstGroup > end.group
        if end.junk == nil && acknowledged && end.bytes.count == end.header.fileSize { return }
        if let junk = end.junk { try quarantine(end, junk) }
        if end.missingSlot == nil || end.nextKeySlot > end.tail.firstKeySlot {
            let keyFile = try KeyFile(keys, chunk: options.keyChunk)
            defer { keyFile.close() }
            try keyFile.settle(keyBytes, from: end.tail.firstKeySlot, next: end.nextKeySlot)
        }
        try rewriteTail(&end)
    }

    /// Files of unfinished work are removed; so is a spare of another size; a tail that was superseded before gives its room back.
    private func tidy(_ end: ScanEnd) throws(StorageError) {
        let names = try storage.list()
        for name in [SegmentFile.spareUnfinished, SegmentFile.recoveryUnfinished, SnapshotFile.unfinished]
        where names.contains(name) {
            try storage.unlink(name)
        }
        if names.contains(SegmentFile.spare),
            !(try SegmentFile.spareIsWhole(storage, size: options.segmentSize))
        {
            try storage.unlink(SegmentFile.spare)
        }
        // Names that were seen are now names on disc. Only then may what the newest segment supersedes give its room back: were that name
        // lost with the power afterwards, the acknowledged groups would stand nowhere.
        try storage.syncDirectory()
        if let old = end.superseded { try shorten(old.name, to: old.end) }
    }

    private func shorten(_ name: String, to size: Int) throws(StorageError) {
        let file = try storage.open(name, .readWrite)
        defer { storage.close(file) }
        try storage.truncate(file, to: size)
        try storage.sync(file)
    }

    /// Keeps the bytes that are cut: `quarantine/<segment>-<offset>-<n>.cut`.
    private mutating func quarantine(_ end: ScanEnd, _ junk: Range<Int>) throws(StorageError) {
        guard !junk.isEmpty else { return }
        let directory = try storage.subdirectory("quarantine")
        let taken = try directory.list()
        let base = "\(end.header.name)-\(junk.lowerBound)"
        var name = "\(base).cut"
        var number = 1
        while taken.contains(name) {
            number += 1
            name = "\(base)-\(number).cut"
        }
        let file = try directory.open(name, .create)
        defer { directory.close(file) }
        try directory.writeAll(file, end.bytes.bytes(junk), at: 0)
        try directory.sync(file)
        try directory.syncDirectory()
        notices.append(
            "\(end.header.name), offset \(junk.lowerBound): an unfinished group of \(junk.count) bytes was cut; it was never "
                + "acknowledged. Its bytes are kept in \(directory.path)/\(name).")
    }

    /// Writes the last groups again, into a new segment: their bytes were readable, but that they are on disc was not seen.
    private mutating func rewriteTail(_ end: inout ScanEnd) throws(StorageError) {
        let old = end.header
        let wholeSegment = end.tail.firstSequence == old.firstSequence
        let from = wholeSegment ? SegmentHeader.dataStart : end.tail.offset
        var header = old
        if !wholeSegment {
            header.index += 1
            header.firstSequence = end.tail.firstSequence
            header.firstGroup = end.tail.firstGroup
            header.lastTime = end.tail.lastTime
            header.root = end.tree.root(size: end.tail.firstSequence - 1) ?? old.root
        }
        // programmer error: JournalOptions.random was used before and gave 16 bytes
        header.nonce = (try? options.randomID()) ?? ID128(high: old.nonce.high &+ 1, low: old.nonce.low)
        header.created = options.wall()
        header.epoch = end.epoch &+ 1
        let upTo = min(end.offset, end.bytes.count)
        let groups = renonced(end.bytes.bytes(min(from, upTo)..<upTo), header.nonce)
        let room = aligned(SegmentHeader.dataStart + groups.count, to: JournalLimits.page)
        header.fileSize = max(options.segmentSize, room)
        try SegmentFile.make(storage, header, groups: groups)
        if !wholeSegment { try shorten(old.name, to: from) }
        end.header = header
        end.offset = room
    }

    /// The same records under another nonce; everything else, checksums of the bodies and the leaves, stays.
    private func renonced(_ groups: [UInt8], _ nonce: ID128) -> [UInt8] {
        var out = groups
        out.withUnsafeMutableBytes { raw in
            let view = UnsafeRawBufferPointer(raw)
            var at = 0
            while at + RecordHeader.size <= raw.count {
                guard
                    raw.loadUnaligned(fromByteOffset: at, as: UInt32.self).littleEndian == RecordHeader.magic
                else {
                    at = aligned(at + 1, to: JournalLimits.page)
                    continue
                }
                let leaf = view.u16(at + 12) == RecordType.commit.rawValue ? 0 : RecordHeader.leafPart
                let end = at + aligned(RecordHeader.size + leaf + Int(view.u32(at + 8)), to: 8)
                raw.put(nonce, at + 56)
                raw.put(raw.crc32c(at + 8, at + RecordHeader.size), at + 4)
                at = leaf == 0 ? zeroPadding(raw, end) : end
            }
        }
        return out
    }

    /// Clears what stood in a group's padding (only ever junk that was cut) and returns where the next group starts.
    private func zeroPadding(_ raw: UnsafeMutableRawBufferPointer, _ end: Int) -> Int {
        let next = aligned(end, to: JournalLimits.page)
        for at in end..<min(next, raw.count) { raw[at] = 0 }
        return next
    }

    // MARK: opening

    private mutating func open(
        _ end: ScanEnd, _ head: HeadRecord?, _ keyBytes: [UInt8], _ cut: SystemRecord?
    ) throws(JournalError) -> OpenedJournal {
        var writer: JournalWriter
        do throws(StorageError) {
            if head == nil {
                try HeadFile.make(storage, headRecord(end))
                try storage.syncDirectory()
            }
            let file = try storage.open(end.header.name, .readWrite)
            writer = JournalWriter(
                storage: storage, options: options, lock: lock, end: end, file: file,
                keyFile: try KeyFile(keys, chunk: options.keyChunk),
                nextKeySlot: max(end.nextKeySlot, KeyFile.firstFree(keyBytes)),
                head: try HeadFile(storage, after: head ?? headRecord(end)),
                epochAfter: declared?.cutEpoch ?? 0)
            if try storage.list().contains(SegmentFile.spare) { writer.noteSpare() }
        } catch {
            if error.isNoSpace { throw .noSpace(path: storage.path, needed: options.segmentSize) }
            throw .storage(error, task: "opening the journal for writing")
        }
        try prepare(&writer)
        try begin(&writer, end, cut)
        try prepare(&writer)
        return OpenedJournal(
            storeID: end.header.storeID, city: end.header.city, algorithm: end.header.algorithm,
            epoch: writer.epoch,
            sequence: writer.sequence, lastTime: writer.time, notices: notices, writer: writer,
            storage: storage,
            options: options)
    }

    private func headRecord(_ end: ScanEnd) -> HeadRecord {
        HeadRecord(
            storeID: end.header.storeID, counter: 1, group: end.group, sequence: end.sequence,
            time: end.commitTime,
            root: end.checkpoint?.checkpoint.root ?? MerkleHasher(end.header.algorithm).empty)
    }

    /// The first group of this start: who writes from now on, what was cut, and whether the clock went back.
    private func begin(_ writer: inout JournalWriter, _ end: ScanEnd, _ cut: SystemRecord?)
        throws(JournalError)
    {
        let wall = options.wall()
        // After everything cut, too: time alone tells a cut record from those that took its place.
        var clock = JournalClock(last: max(end.time, declared?.cutTime ?? end.time))
        var records = [
            RecordDraft(SystemRecord.epoch(writer.epoch, clock: wall), time: clock.next(wall: wall))
        ]
        if let declared {
            records.append(RecordDraft(.restored(declared), time: clock.next(wall: wall)))
        }
        if let cut {
            records.append(RecordDraft(cut, time: clock.next(wall: wall)))
        }
        if end.time &- wall > JournalLimits.clockJump {
            records.append(
                RecordDraft(.clockJump(expected: end.time, found: wall), time: clock.next(wall: wall)))
        }
        _ = try writer.commit([LogGroup(records: records)])
        try writer.acknowledged(syncNow: true)
    }

    /// A spare segment and room for keys. A full disk is not the end: what fits is written, then the log is read-only.
    private func prepare(_ writer: inout JournalWriter) throws(JournalError) {
        do throws(StorageError) {
            if !writer.spareReady { try writer.makeSpare() }
            try writer.growKeys()
        } catch {
            guard error.isNoSpace else { throw .storage(error, task: "making the spare segment") }
        }
    }
}
