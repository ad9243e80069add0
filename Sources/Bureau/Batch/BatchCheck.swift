internal import CLinux
internal import Crypto
internal import Exchange
internal import Journal
internal import Schema
internal import Wire

/// The check of one stored batch, some rows a step (BATCH.md 4):
///
///     manifest ─▶ chunk 1 … n: each row judged, good ones sealed into the file of rows ─▶ totals ─▶ CHECKED ─▶ rows into the register ─▶ DONE
///
/// A crash before CHECKED is on disc begins anew, one after it goes on with the register: both end the same, for they depend on nothing but the stored bytes.
final class BatchCheck {
    /// What the thread lends to it.
    struct Tools {
        let files: any Storage
        let shelf: ChunkShelf
        let keys: FileKeyRing
    }

    enum Outcome {
        /// To be written by the engine.
        case checked(EventV1.BatchChecked)
        case more
    }

    /// The bytes of a stored chunk are not those its sender meant; the sender's batch does not fit its own manifest.
    private struct Misfit: Error { let word: String }

    private struct OpenChunk {
        let bytes: [UInt8]
        /// The next row's first byte.
        var at = 0
        /// Rows of the batch before it.
        let firstRow: UInt64
    }

    let slot: Int
    let card: BatchCard
    private let upload: ID128
    private var checker: RowChecker
    private let kind: BatchKind
    private var manifest: BatchManifest?
    private var nextChunk = 0
    /// The chunk whose rows are being judged; nil: the next one is to be read.
    private var chunk: OpenChunk?
    private var totals: ControlTotals
    private var countable: [Bool]
    private let keys: StoredKeys
    private var seen: SeenKeys
    private(set) var rows: UInt64 = 0
    private var good: UInt64 = 0
    private var faulty: UInt64 = 0
    private var writer: RowFileWriter?
    private var report = FaultReport()

    /// - Parameter files: where more keys go than are held in memory.
    init(
        _ slot: Int, _ card: BatchCard, upload: ID128, _ kind: BatchKind, names: [NameList],
        files: any Storage, keysHeld: Int = BatchLimits.keysHeld
    ) throws {
        self.slot = slot
        self.card = card
        self.upload = upload
        self.kind = kind
        checker = try RowChecker(kind: kind, lists: names)
        totals = ControlTotals(sums: kind.sums.count)
        countable = kind.sums.map { _ in true }
        keys = StoredKeys(files, batch: card.subject)
        seen = SeenKeys(keys, held: keysHeld)
    }

    /// Some rows, or the end.
    func step(_ tools: Tools, _ registers: Registers) throws -> Outcome {
        do {
            guard let manifest else {
                self.manifest = try readManifest(tools)
                return .more
            }
            guard nextChunk < manifest.chunks.count else { return .checked(try finish(tools)) }
            if try check(manifest.chunks[nextChunk], tools, registers) { nextChunk += 1 }
            return .more
        } catch let misfit as Misfit {
            abandon()
            return .checked(
                EventV1.BatchChecked(verdict: .none, faultyRows: card.rows, mismatches: [misfit.word]))
        }
    }

    func abandon() {
        writer?.abandon()
        writer = nil
        keys.remove()
    }

    private func readManifest(_ tools: Tools) throws -> BatchManifest {
        guard let bytes = try tools.shelf.read(upload, card.manifest, isManifest: true) else {
            throw BatchFilesDamaged(what: "the manifest of batch \(card.number) is gone")
        }
        guard let manifest = try? BatchManifest(decoding: bytes, unknownFields: .refuse) else {
            throw Misfit(word: "manifest")
        }
        return manifest
    }

    /// The next rows of a chunk; true: it is through.
    private func check(_ listed: BatchChunk, _ tools: Tools, _ registers: Registers) throws -> Bool {
        var open = try chunk ?? OpenChunk(bytes: read(listed, tools), firstRow: rows)
        chunk = nil
        var looks = BatchWorkLimits.checkRows
        while open.at < open.bytes.count, looks > 0 {
            guard let row = ChunkRows.next(open.bytes, &open.at) else {
                throw Misfit(word: "chunk:\(nextChunk + 1)")
            }
            rows += 1
            looks -= 1
            clinux_give_way()
            try judge(row, tools, registers)
        }
        guard open.at >= open.bytes.count else {
            chunk = open
            return false
        }
        guard rows - open.firstRow == UInt64(listed.rows), Int(listed.bytes) == open.bytes.count else {
            throw Misfit(word: "chunk:\(nextChunk + 1)")
        }
        return true
    }

    private func read(_ listed: BatchChunk, _ tools: Tools) throws -> [UInt8] {
        guard let bytes = try tools.shelf.read(upload, listed.sha256) else {
            throw BatchFilesDamaged(what: "chunk \(nextChunk + 1) of batch \(card.number) is gone")
        }
        return bytes
    }

    private func judge(_ row: [UInt8], _ tools: Tools, _ registers: Registers) throws {
        let isGood = checker.checkCanonical(row)
        totals.add(rowBytes: row.count, sums: checker.countable.map { $0 ?? 0 })
        for (index, value) in checker.countable.enumerated() where value == nil { countable[index] = false }
        guard isGood else {
            for fault in checker.faults where !fault.fault.code.isWarning { report.add(rows, fault, kind) }
            faulty += 1
            return
        }
        let print = tools.keys.prints.key(card.kind, period: card.period, checker.keyBytes)
        if let first = try seen.row(of: print.high, at: Int(clamping: rows)) {
            return refuse(CellFault(.repeated, ["\(first)"]))
        }
        if let sender = registers.otherSender(card.kind, print, card) {
            return refuse(CellFault(.ofAnotherSender, [sender]))
        }
        good += 1
        try keep(row, print, tools)
    }

    private func refuse(_ fault: CellFault) {
        faulty += 1
        report.add(rows, RowFault(field: kind.person ?? kind.key.first, read: "", fault: fault), kind)
    }

    private func keep(_ row: [UInt8], _ print: ID128, _ tools: Tools) throws {
        if writer == nil { writer = try RowFileWriter(tools.files, batch: card.subject) }
        let subject = checker.person.map { tools.keys.person($0, storedAt: card.stored) } ?? upload
        try writer?.add(
            row, number: UInt32(truncatingIfNeeded: rows), print: print, subject: subject,
            content: tools.keys.prints.print(.content, row).high, key: try tools.keys.keyOrNew(subject),
            nonce: try tools.keys.nonce())
    }

    private func finish(_ tools: Tools) throws -> EventV1.BatchChecked {
        let mismatches = mismatches()
        let isTaken = mismatches.isEmpty && good > 0 && (faulty == 0 || card.mode == .goodRows)
        var event = EventV1.BatchChecked(
            verdict: !isTaken ? .none : faulty == 0 ? .all : .part, goodRows: good, faultyRows: faulty,
            mismatches: mismatches)
        if isTaken, let writer {
            try tools.keys.settle()
            event.rowsSha256 = try writer.finish()
            self.writer = nil
        }
        abandon()
        event.reportSha256 = try report.write(tools.files, try tools.keys.keyOrNew(upload), tools.keys)
        return event
    }

    /// Of the control totals, what differs.
    private func mismatches() -> [String] {
        var words: [String] = []
        if totals.rows != card.rows { words.append("rows") }
        if totals.bytes != card.bytes { words.append("bytes") }
        for (index, sum) in card.sums.enumerated() {
            let isKnown = index < countable.count && countable[index] && !totals.hasOverflowed
            if isKnown, totals.sums[index] != sum.sum { words.append("sum:\(sum.field)") }
        }
        return words
    }
}

/// Something that was stored is not there any more, or is not what it was. The batch stays as it is; an operator is told.
struct BatchFilesDamaged: Error, CustomStringConvertible {
    let what: String
    var description: String { what }
}

/// The rows of a chunk: each behind its length, u32, little endian.
package enum ChunkRows {
    /// Nil: the bytes end before the row does, or no row is so long.
    package static func next(_ bytes: [UInt8], _ at: inout Int) -> [UInt8]? {
        guard at >= 0, bytes.count - at >= 4 else { return nil }
        let count = (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
        guard count > 0, count <= BatchLimits.rowBytes, count <= bytes.count - at - 4 else { return nil }
        defer { at += 4 + count }
        return Array(bytes[(at + 4)..<(at + 4 + count)])
    }
}

/// The faults of a batch, gathered and written sealed: BATCH.md 6.
struct FaultReport {
    private var faults: [BatchFault] = []
    private var more = false

    mutating func add(_ row: UInt64, _ fault: RowFault, _ kind: BatchKind) {
        guard faults.count < BatchLimits.faults else {
            more = true
            return
        }
        faults.append(
            BatchFault(
                row: row, field: fault.field.map { kind.fields[$0].code } ?? "",
                code: fault.fault.code.rawValue, arguments: fault.fault.arguments, read: fault.read))
    }

    static func name(_ digest: [UInt8]) -> String { "report-\(Hex.encode(digest))" }
    private static let temporary = "checking-report"
    private static let aad = [UInt8]("twolists.batch.report".utf8)

    /// The digest of the sealed file; empty: there are no faults, and no file.
    func write(_ storage: any Storage, _ key: SealKey, _ keys: FileKeyRing) throws -> [UInt8] {
        guard !faults.isEmpty else { return [] }
        try keys.settle()
        let plain = BatchFaults(faults: faults, more: more).encoded()
        let sealed = try key.seal(plain, nonce: try keys.nonce(), aad: Self.aad)
        let digest = Digest(of: sealed).bytes
        let file = try storage.open(Self.temporary, .create)
        defer { storage.close(file) }
        try storage.writeAll(file, sealed, at: 0)
        try storage.sync(file)
        try storage.rename(Self.temporary, to: Self.name(digest))
        try storage.syncDirectory()
        return digest
    }

    static func read(_ storage: any Storage, _ digest: [UInt8], _ key: SealKey) throws -> BatchFaults {
        let sealed = try storage.contents(name(digest))
        return try BatchFaults(decoding: try key.open(sealed, aad: aad))
    }
}
