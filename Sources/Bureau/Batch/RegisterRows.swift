internal import CLinux
internal import Exchange
internal import Journal

/// Goes through the rows of a register in the order of their first arrival, opening each: for whoever counts or compares. Files stay open between rows, a bounded number of them.
final class RegisterRows {
    /// Files open at once: a register's rows lie in as many as there were batches.
    private static let openFiles = 16

    struct Row {
        /// Index in the register.
        let place: Int
        /// In the kind's version of now; nil: its person's key was destroyed.
        let bytes: [UInt8]?
        let card: BatchCard
        let number: UInt32
        /// Who sent it first.
        let party: String
    }

    private let kind: String
    private let party: String
    private let period: String
    private var at = 0
    private var files: [UInt32: StorageFile] = [:]
    private var storage: (any Storage)?

    /// - Parameters:
    ///   - party: only this sender's rows; empty: all.
    ///   - period: only rows of batches about this period; empty: all.
    init(kind: String, party: String = "", period: String = "") {
        self.kind = kind
        self.party = party
        self.period = period
    }

    deinit { closeAll() }

    private func closeAll() {
        for file in files.values { storage?.close(file) }
        files.removeAll()
    }

    /// The next row, among the next `looks` of the register; nil: none of them, or the end (`isOver`).
    func next(_ memory: borrowing BatchMemory, looks: inout Int) throws -> Row? {
        let rows = memory.registers[kind].rows
        while looks > 0, at < rows.count {
            looks -= 1
            at += 1
            clinux_give_way()
            if let row = try row(rows[at - 1], at - 1, memory) { return row }
        }
        return nil
    }

    func isOver(_ memory: borrowing BatchMemory) -> Bool { at >= memory.registers.count(kind) }

    /// One row by its place; nil: it is another sender's, or of another period.
    func row(_ place: Int, _ memory: borrowing BatchMemory) throws -> Row? {
        try row(memory.registers[kind].rows[place], place, memory)
    }

    private func row(_ row: Registers.Row, _ place: Int, _ memory: borrowing BatchMemory) throws -> Row? {
        let sender = memory.registers.parties[Int(row.party)]
        let card = memory.cards[Int(row.batch)]
        guard party.isEmpty || haveSameBytes(sender, party),
            period.isEmpty || haveSameBytes(card.period, period)
        else { return nil }
        let (head, sealed) = try RowFileReader.sealed(
            memory.files, try file(row.batch, card, memory), Int(clamping: row.offset))
        let bytes = try memory.open(head, sealed, card).map { memory.shaped($0, card) }
        return Row(place: place, bytes: bytes, card: card, number: head.number, party: sender)
    }

    private func file(_ slot: UInt32, _ card: BatchCard, _ memory: borrowing BatchMemory) throws
        -> StorageFile
    {
        if let file = files[slot] { return file }
        storage = memory.files
        if files.count >= Self.openFiles { closeAll() }
        let file = try memory.files.open(RowFile.name(card.rowsDigest), .read)
        files[slot] = file
        return file
    }
}
