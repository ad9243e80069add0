internal import Crypto
internal import Exchange
internal import Journal
internal import Schema
internal import Wire

/// What the batches' thread holds: confined to it.
struct BatchMemory: ~Copyable {
    let files: any Storage
    let keys: FileKeyRing
    let shelf: ChunkShelf
    var registers = Registers()
    /// By slot.
    var cards: [BatchCard] = []
    var survey = BatchSurvey()
    /// Of the last batch whose rows are in the registers.
    var lastPlace: UInt64 = 0

    private init(_ files: any Storage, _ keys: FileKeyRing, _ shelf: ChunkShelf) {
        self.files = files
        self.keys = keys
        self.shelf = shelf
    }

    static func open(
        _ storage: any Storage, keys: any Storage, storeID: ID128, entropy: Entropy
    ) throws -> BatchMemory {
        let ring = try FileKeyRing(try keys.subdirectory("batches"), storeID: storeID, entropy: entropy)
        let shelf = try ChunkShelf(try storage.subdirectory("chunks"), ring)
        return BatchMemory(try storage.subdirectory("batches"), ring, shelf)
    }

    var tools: BatchCheck.Tools { BatchCheck.Tools(files: files, shelf: shelf, keys: keys) }

    func upload(_ card: BatchCard) -> ID128 { keys.prints.upload(card.party, card.id) }

    /// The canonical row; nil: its person's key was destroyed.
    func open(_ head: RowFile.Head, _ sealed: [UInt8], _ card: BatchCard) throws -> [UInt8]? {
        guard let key = try keys.key(head.subject) else { return nil }
        return try key.open(sealed, aad: card.id.bytes + head.bytes)
    }

    /// A register's row in the kind's version of now.
    func shaped(_ row: [UInt8], _ card: BatchCard) -> [UInt8] {
        guard let now = survey.kind(card.kind), !haveSameBytes(now.version, card.version),
            let then = survey.kind(card.kind, version: card.version)
        else { return row }
        return RowShape.row(row, from: then, to: now)
    }

    // MARK: building

    /// The files of what was being written when the last process ended, and rows of checks that never became durable.
    func clear() throws {
        let named = Set(
            cards.flatMap { card in
                [
                    card.rowsDigest.isEmpty ? "" : RowFile.name(card.rowsDigest),
                    card.reportDigest.isEmpty ? "" : FaultReport.name(card.reportDigest),
                ]
            })
        for name in try files.list()
        where name.hasPrefix("checking-")
            || ((name.hasPrefix("rows-") || name.hasPrefix("report-")) && !named.contains(name))
        {
            try files.unlink(name)
        }
    }

    /// The registers being built, from the files of rows in the order of their batches' places.
    struct Building {
        /// Batches that are left; the first one is under way.
        var slots: ArraySlice<Int>
        var reader: RowFileReader?
    }

    var building: Building {
        let taken = cards.indices.filter { cards[$0].place > 0 }
        return Building(slots: taken.sorted { cards[$0].place < cards[$1].place }[...])
    }

    /// Some rows more.
    mutating func build(_ building: inout Building, _ notice: (String) -> Void) {
        guard let slot = building.slots.first else { return }
        do {
            let reader = try building.reader ?? RowFileReader(files, digest: cards[slot].rowsDigest)
            building.reader = reader
            var counts = Registers.Counts()
            if try take(reader, slot, &counts, most: BatchWorkLimits.registerStep) { return }
        } catch {
            notice("the rows of batch \(cards[slot].number) of \(cards[slot].party) cannot be read: \(error)")
        }
        lastPlace = cards[slot].place
        building.slots.removeFirst()
        building.reader = nil
    }

    /// Takes rows into the registers, `most` at a time; false at the end.
    mutating func take(
        _ reader: RowFileReader, _ slot: Int, _ counts: inout Registers.Counts, most: Int
    ) throws -> Bool {
        var taken = 0
        while taken < most {
            guard let (head, offset) = try reader.next() else { return false }
            registers.take(cards[slot], slot: UInt32(truncatingIfNeeded: slot), head, offset, &counts)
            taken += 1
        }
        return true
    }
}
