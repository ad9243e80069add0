internal import Crypto
internal import Exchange
internal import Journal
internal import Schema
internal import Wire

/// What an auditor asked to see, and the search for it.
struct TrailFilter: Sendable {
    private let query: TrailQuery
    private let size: Int
    private let start: UInt64?
    private let kind: CommandKind?
    /// Only changes of the server are asked for.
    private let wantsAdministration: Bool
    /// 16 bytes, or none for any.
    var target: [UInt8] = []

    init(_ query: TrailQuery) throws(Status) {
        guard (0...Int32(TrailLimits.pageMost)).contains(query.pageSize) else {
            throw .badTrailPage("page_size")
        }
        self.query = query
        size = query.pageSize == 0 ? TrailLimits.pageDefault : Int(query.pageSize)
        start = try TrailCursor.sequence(query.cursor)
        kind = CommandKind.allCases.first { haveSameBytes($0.name, query.command) }
        wantsAdministration = haveSameBytes(AdminNote.reload, query.command)
        if !query.command.isEmpty, kind == nil, !wantsAdministration { throw .badTrailPage("command") }
    }

    /// From the cursor, or the time, on: at most `TrailLimits.scanned` records are looked at.
    func page(_ source: TrailSource) throws -> TrailPage {
        let durable = source.log.durable.sequence
        var reader = try reader(source.storage)
        var (page, scanned, isOver) = (TrailPage(), 0, false)
        var failure: (any Error)?
        while page.entries.count < size, scanned < TrailLimits.scanned, !isOver {
            let more = try reader.step(upTo: durable) { view in
                scanned += 1
                isOver = query.until != 0 && view.time >= query.until
                do { if !isOver { page.entries += try entry(view).map { [$0] } ?? [] } } catch {
                    failure = error
                }
                return failure == nil && !isOver && page.entries.count < size && scanned < TrailLimits.scanned
            }
            if let failure { throw failure }
            if !more { isOver = true }
        }
        if !isOver { page.nextCursor = TrailCursor.bytes(reader.next) }
        return page
    }

    private func reader(_ storage: any Storage) throws(JournalError) -> RecordReader {
        if let start { return RecordReader(storage, from: start) }
        return query.since > 0
            ? try RecordReader(storage, since: query.since) : RecordReader(storage, from: 1)
    }

    /// Nil: not what was asked for.
    private func entry(_ view: RecordView) throws -> TrailEntry? {
        guard view.time >= query.since else { return nil }
        if wantsAdministration, view.type != .administration { return nil }
        switch view.type {
        case .command:
            if query.refusedOnly, view.outcome == 0 { return nil }
            let record = try EventV1.Record(decoding: [UInt8](view.body))
            guard kind == nil || kind?.rawValue == record.commandKind, matches(record.actor, record.target)
            else { return nil }
            return TrailEntry(record, view)
        case .notice:
            let notice = try EventV1.Notice(decoding: [UInt8](view.body))
            if query.refusedOnly, notice.outcome?.refusal ?? .unspecified == .unspecified { return nil }
            guard kind == nil, matches(notice.actor, notice.target) else { return nil }
            return TrailEntry(notice, view)
        case .administration: return try administration(view)
        case .commit, .epoch, .recovered, .clockJump, .restored: return nil
        }
    }

    /// A change of the server has no target.
    private func administration(_ view: RecordView) throws -> TrailEntry? {
        let record = try EventV1.Administration(decoding: [UInt8](view.body))
        guard kind == nil, matches(record.actor, []),
            !(query.refusedOnly && record.done)
        else { return nil }
        return TrailEntry(record, view)
    }

    private func matches(_ actor: EventV1.Actor?, _ about: [UInt8]) -> Bool {
        let actor = actor ?? EventV1.Actor()
        return (query.party.isEmpty || haveSameBytes(query.party, actor.party))
            && (query.officer.isEmpty || haveSameBytes(query.officer, actor.officer))
            && (target.isEmpty || target == about)
    }
}

extension TrailEntry {
    init(_ record: EventV1.Record, _ view: RecordView) {
        let actor = record.actor ?? EventV1.Actor()
        self.init(
            sequence: view.sequence, time: view.time, commandId: view.commandID.bytes,
            command: CommandKind(rawValue: record.commandKind)?.name ?? "command \(record.commandKind)",
            party: actor.party, officer: actor.officer, certificateSerial: actor.certificateSerial,
            roles: actor.roles, address: actor.address, path: TrailEntry.word(actor.path),
            handedInBy: actor.handedInBy, target: record.target, outcome: record.outcome,
            version: record.version, number: record.number)
    }

    init(_ notice: EventV1.Notice, _ view: RecordView) {
        let actor = notice.actor ?? EventV1.Actor()
        self.init(
            sequence: view.sequence, time: view.time, party: actor.party, officer: actor.officer,
            certificateSerial: actor.certificateSerial, roles: actor.roles, address: actor.address,
            path: TrailEntry.word(actor.path), target: notice.target, outcome: notice.outcome,
            call: "\(notice.service)/\(notice.method)", reason: notice.reason,
            unrecorded: notice.unrecorded)
    }

    init(_ record: EventV1.Administration, _ view: RecordView) {
        let actor = record.actor ?? EventV1.Actor()
        self.init(
            sequence: view.sequence, time: view.time, command: AdminNote.prefix + record.action,
            party: actor.party, officer: actor.officer, certificateSerial: actor.certificateSerial,
            roles: actor.roles, address: actor.address, path: actor.officer.isEmpty ? "signal" : "line",
            admin: AdminChange(done: record.done, faults: record.faults))
    }

    private static func word(_ path: EventV1.Path) -> String {
        switch path {
        case .line: "line"
        case .file: "file"
        case .seed: "seed"
        case .clock: "clock"
        case .check: "check"
        default: "unknown"
        }
    }
}

/// Where a page goes on: opaque to clients. One byte of version, then the sequence, big endian.
enum TrailCursor {
    private static let version: UInt8 = 1

    static func bytes(_ next: UInt64) -> [UInt8] {
        [version] + withUnsafeBytes(of: next.bigEndian) { [UInt8]($0) }
    }

    /// Nil: no cursor.
    static func sequence(_ bytes: [UInt8]) throws(Status) -> UInt64? {
        if bytes.isEmpty { return nil }
        guard bytes.count == 9, bytes[0] == version else { throw .badTrailPage("cursor") }
        return bytes.dropFirst().reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// Records whole, for a proof outside: JOURNAL.md 5.
enum TrailExport {
    /// The checkpoint is that of the last durable group at this moment: the export's range ends in it at the latest.
    static func head(
        _ query: TrailHeadQuery, _ source: TrailSource, _ receipts: ReceiptMaker
    ) throws(Status) -> TrailHead {
        let position = source.log.durable
        let checkpoint = position.checkpoint
        let size = checkpoint.checkpoint.treeSize
        let (first, last) = (max(1, query.first), query.last == 0 ? size : query.last)
        guard first <= last, last <= size,
            let firstPath = source.log.inclusionProof(sequence: first, treeSize: size),
            let lastPath = source.log.inclusionProof(sequence: last, treeSize: size)
        else { throw .badTrailPage("first, last") }
        return TrailHead(
            first: first, last: last, checkpoint: checkpoint.checkpoint.statement,
            signatureAlgorithm: checkpoint.signature?.algorithm ?? "",
            signature: checkpoint.signature?.signature ?? [],
            certificateFingerprint: checkpoint.signature?.certificateFingerprint.bytes ?? [],
            firstPath: firstPath.map(\.bytes), lastPath: lastPath.map(\.bytes),
            signed: receipts.whole(checkpoint))
    }

    /// At least one record, and no more than one answer holds.
    static func records(_ query: TrailRecordsQuery, _ source: TrailSource) throws -> TrailRecords {
        let durable = source.log.durable.sequence
        let last = min(durable, query.last == 0 ? durable : query.last)
        guard query.first >= 1, query.first <= last else { throw Status.badTrailPage("first, last") }
        var reader = RecordReader(source.storage, from: query.first)
        var (answer, bytes, isFull) = (TrailRecords(), 0, false)
        while !isFull {
            let more = try reader.step(upTo: last) { view in
                answer.records.append(TrailRecord(view, source.log.leafHash(sequence: view.sequence)))
                bytes += view.body.count
                isFull = bytes >= TrailLimits.answerBytes || answer.records.count >= TrailLimits.answerRecords
                return !isFull
            }
            if !more { break }
        }
        return answer
    }
}

extension TrailRecord {
    init(_ view: RecordView, _ leafHash: Digest?) {
        self.init(
            type: UInt32(view.type.rawValue), sequence: view.sequence, time: view.time,
            commandId: view.commandID.bytes, outcome: view.outcome,
            envelopeDigest: view.envelopeDigest.bytes, body: [UInt8](view.body),
            leafHash: leafHash?.bytes ?? [])
    }
}
