internal import CLinux
internal import Crypto
internal import Exchange
internal import Journal
internal import Schema
internal import Wire

/// A stream of rows under way: a message a step, as long as the caller takes them.
final class BatchFetch {
    let call: BatchCall
    private let order: FetchOrder
    private var reader: RowFileReader?
    private var at = 0
    private var isFirst = true
    private var erased: UInt64 = 0
    private var lastTaken: Int64
    /// Files open, by slot of their batch.
    private var files: [UInt32: StorageFile] = [:]
    private var storage: (any Storage)?

    init(_ order: FetchOrder, _ call: BatchCall, now: Int64) {
        self.order = order
        self.call = call
        lastTaken = now
    }

    deinit { for file in files.values { storage?.close(file) } }

    /// Files a fetch holds open: a register's rows lie in as many as there were batches.
    private static let openFiles = 16

    /// False: it is over.
    func step(_ memory: borrowing BatchMemory, now: Int64) throws -> Bool {
        if call.isOver { return false }
        guard call.reply.isReady else {
            guard now - lastTaken < BatchWorkLimits.patience else { throw Status.tooSlow }
            return true
        }
        lastTaken = now
        storage = memory.files
        var message = FetchedRows()
        if isFirst { try begin(&message, memory) }
        let isOver = try fill(&message, memory)
        message.erased = erased
        if isFirst || isOver || !message.rows.isEmpty { call.reply.send(message.encoded()) }
        isFirst = false
        if isOver { call.reply.finish(.ok, payload: []) }
        return !isOver
    }

    private func begin(_ message: inout FetchedRows, _ memory: borrowing BatchMemory) throws {
        let kind = order.slot.map { memory.cards[$0].kind } ?? order.kind
        let version = order.slot.map { memory.cards[$0].version } ?? ""
        guard
            let found = version.isEmpty
                ? memory.survey.kind(kind) : memory.survey.kind(kind, version: version)
        else { throw Status.notFound("kind of batch") }
        message.kind = found.code
        message.version = found.version
        message.place = memory.lastPlace
        if let slot = order.slot, !memory.cards[slot].rowsDigest.isEmpty {
            reader = try RowFileReader(memory.files, digest: memory.cards[slot].rowsDigest)
        }
    }

    /// True at the end.
    private func fill(_ message: inout FetchedRows, _ memory: borrowing BatchMemory) throws -> Bool {
        var (bytes, looks) = (0, 0)
        let rows = order.slot == nil ? memory.registers[order.kind].rows : ChunkedArray()
        while bytes < BatchWorkLimits.fetchBytes, looks < BatchWorkLimits.fetchLooks {
            looks += 1
            clinux_give_way()
            if let slot = order.slot {
                guard let reader, let (head, _) = try reader.next() else { return true }
                try add(head, try reader.sealed(), memory.cards[slot], &message, &bytes, memory)
            } else {
                guard at < rows.count else { return true }
                let row = rows[at]
                at += 1
                let card = memory.cards[Int(row.batch)]
                guard card.place > order.since || card.place == 0,
                    order.party.isEmpty
                        || haveSameBytes(memory.registers.parties[Int(row.party)], order.party)
                else { continue }
                let (head, sealed) = try RowFileReader.sealed(
                    memory.files, try file(row.batch, card, memory), Int(clamping: row.offset))
                try add(head, sealed, card, &message, &bytes, memory)
            }
        }
        return false
    }

    private func file(_ slot: UInt32, _ card: BatchCard, _ memory: borrowing BatchMemory) throws
        -> StorageFile
    {
        if let file = files[slot] { return file }
        if files.count >= Self.openFiles {
            for file in files.values { memory.files.close(file) }
            files.removeAll()
        }
        let file = try memory.files.open(RowFile.name(card.rowsDigest), .read)
        files[slot] = file
        return file
    }

    private func add(
        _ head: RowFile.Head, _ sealed: [UInt8], _ card: BatchCard, _ message: inout FetchedRows,
        _ bytes: inout Int, _ memory: borrowing BatchMemory
    ) throws {
        guard let row = try memory.open(head, sealed, card) else {
            erased += 1
            return
        }
        let shaped = order.slot == nil ? memory.shaped(row, card) : row
        bytes += shaped.count
        message.rows.append(
            FetchedRow(row: shaped, party: card.party, batch: card.number, number: UInt64(head.number)))
    }
}

/// A row in another version of its kind: fields by their codes, empty where that version had none.
enum RowShape {
    static func row(_ row: [UInt8], from: BatchKind, to: BatchKind) -> [UInt8] {
        guard let places = try? CanonicalRow.fields(row, fields: from.fields.count) else { return row }
        var shaped = [CanonicalRow.form]
        for field in to.fields {
            let found = from.index(of: field.code)
            CanonicalRow.append(found.map { row[places[$0]] } ?? [][...], to: &shaped)
        }
        return shaped
    }
}
