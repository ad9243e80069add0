package import Crypto

/// Reading a journal without opening it: for `verify` and `dump`. Takes no lock and changes nothing, so it may run on a
/// copy, on a backup, or beside the server (the server's group in the making then shows as unfinished bytes).

/// What `Journal.verify` found.
package struct VerifyReport: Sendable {
    package var storeID: ID128 = .zero
    package var city = ""
    package var algorithm = DigestAlgorithm.sha256
    package var segments = 0
    package var groups = 0
    /// Leaf records: commands and the journal's own.
    package var records = 0
    package var commands = 0
    package var liveKeys = 0
    package var destroyedKeys = 0
    package var signed = 0
    package var unsigned = 0
    /// Times of the first and last record, ns UTC, 0: none.
    package var firstTime: Int64 = 0
    package var lastTime: Int64 = 0
    /// The last group's checkpoint.
    package var checkpoint: SignedCheckpoint?
    /// Bytes of an unfinished group at the end, which recovery would cut.
    package var unfinishedBytes = 0
    /// Things an operator should know that are no fault.
    package var notices: [String] = []
    /// The first fault, nil: everything is as it was written.
    package var problem: JournalError?
}

extension Journal {
    /// Reads and checks everything: all checksums, sequences, times and links, the tree recomputed against every COMMIT, every
    /// signature (by `signature`, which says what is wrong with one, nil: nothing), the keys, HEAD. Goes as far as the first fault.
    /// `keys` nil: the key file is not looked at.
    package static func verify(
        _ storage: any Storage, keys: (any Storage)?,
        signature: @escaping (SignedCheckpoint) -> String? = { _ in nil }
    ) -> VerifyReport {
        var visitor = VerifyVisitor(signature: signature)
        do throws(JournalError) {
            try read(storage, keys: keys, &visitor)
        } catch { visitor.report.problem = error }
        return visitor.report
    }

    /// Shows everything good to `visitor`, in order; throws at the first fault. A torn tail is no fault and is not shown.
    package static func read<Visitor: JournalVisitor>(
        _ storage: any Storage, keys: (any Storage)?, visitor: inout Visitor
    ) throws(JournalError) {
        var reading = Reading(base: visitor)
        defer { visitor = reading.base }
        try read(storage, keys: keys, &reading)
    }

    private static func read<Visitor: ReadingVisitor>(
        _ storage: any Storage, keys: (any Storage)?, _ visitor: inout Visitor
    ) throws(JournalError) {
        let list = try SegmentList.read(storage)
        let first = list.segments[0].header  // programmer error: SegmentList.read gives at least one
        visitor.begin(first, segments: list.segments.count, damagedHeaders: list.damagedHeaders)
        let head = try HeadFile.read(storage, storeID: first.storeID)
        var keyBytes: [UInt8]?
        if let keys { keyBytes = try KeyFile.read(keys, storeID: first.storeID) }
        var scan = try JournalScan(
            storage, segments: list.segments, keys: keyBytes, head: head, visitor: visitor)
        defer { visitor = scan.visitor }
        let end = try scan.run()
        if let head, head.group > end.group {
            if let slot = end.missingSlot { throw .keyMissing(group: end.group + 1, slot: slot) }
            throw .acknowledgedLost(
                headGroup: head.group, headSequence: head.sequence, foundGroup: end.group,
                foundSequence: end.sequence)
        }
        scan.end(end, hasHead: head != nil)
    }
}

/// A visitor that is told of the whole, too.
protocol ReadingVisitor: JournalVisitor {
    mutating func begin(_ header: SegmentHeader, segments: Int, damagedHeaders: [String])
    mutating func end(_ end: ScanEnd, hasHead: Bool)
}

extension JournalScan where Visitor: ReadingVisitor {
    mutating func end(_ end: ScanEnd, hasHead: Bool) { visitor.end(end, hasHead: hasHead) }
}

private struct Reading<Base: JournalVisitor>: ReadingVisitor {
    var base: Base
    mutating func begin(_ header: SegmentHeader, segments: Int, damagedHeaders: [String]) {}
    mutating func end(_ end: ScanEnd, hasHead: Bool) {}
    mutating func key(_ key: KeyEntry) throws(JournalError) { try base.key(key) }
    mutating func record(_ record: RecordView) throws(JournalError) { try base.record(record) }
    mutating func commit(_ commit: CommitView) throws(JournalError) { try base.commit(commit) }
}

private struct VerifyVisitor: ReadingVisitor {
    let signature: (SignedCheckpoint) -> String?
    var report = VerifyReport()

    init(signature: @escaping (SignedCheckpoint) -> String?) { self.signature = signature }

    mutating func begin(_ header: SegmentHeader, segments: Int, damagedHeaders: [String]) {
        report.storeID = header.storeID
        report.city = header.city
        report.algorithm = header.algorithm
        report.segments = segments
        report.notices += damagedHeaders.map { "\($0): one copy of the header is damaged, the other is good" }
    }

    mutating func key(_ key: KeyEntry) throws(JournalError) {
        if key.isDestroyed { report.destroyedKeys += 1 } else { report.liveKeys += 1 }
    }

    mutating func record(_ record: RecordView) throws(JournalError) {
        if report.records == 0 { report.firstTime = record.time }
        report.records += 1
        report.lastTime = record.time
        if record.type == .command { report.commands += 1 }
    }

    mutating func commit(_ commit: CommitView) throws(JournalError) {
        report.groups += 1
        report.checkpoint = commit.checkpoint
        guard commit.checkpoint.signature != nil else {
            report.unsigned += 1
            return
        }
        report.signed += 1
        if let reason = signature(commit.checkpoint) {
            throw .badSignature(file: commit.file, offset: commit.offset, group: commit.group, reason: reason)
        }
    }

    mutating func end(_ end: ScanEnd, hasHead: Bool) {
        report.unfinishedBytes = end.junk?.count ?? 0
        if !hasHead { report.notices.append("HEAD is missing: a loss at the very end could not be noticed") }
    }
}
