internal import Exchange
internal import Journal

/// The registers: for every kind, which row stands under each key now, and where it lies. Built from the files of rows in the order of their batches' places, so that it is the same
/// after every start; nothing of it is kept elsewhere. What it holds is prints and places, some hundred and fifty bytes a row with the key of its person.
///
/// Who sent a row first, its later versions are theirs to send; the bureau may replace everybody's.
struct Registers {
    struct Row: Sendable {
        let key: ID128
        /// Slot of the batch.
        var batch: UInt32
        var number: UInt32
        /// Of the sealed row in the batch's file.
        var offset: UInt64
        var content: UInt64
        /// Index into `parties`: who sent it first.
        let party: UInt16
    }

    struct Register {
        private(set) var rows = ChunkedArray<Row>()
        private var places = ShardedTable<ID128, UInt32>()

        func place(_ key: ID128) -> Int? { places[key].map(Int.init) }

        mutating func append(_ row: Row) {
            _ = places.insert(UInt32(truncatingIfNeeded: rows.count), for: row.key)
            rows.append(row)
        }

        mutating func replace(_ place: Int, _ batch: UInt32, _ head: RowFile.Head, _ offset: Int) {
            rows[place].batch = batch
            rows[place].number = head.number
            rows[place].offset = UInt64(offset)
            rows[place].content = head.content
        }
    }

    struct Counts: Sendable, Equatable {
        var added: UInt64 = 0
        var replaced: UInt64 = 0
        var unchanged: UInt64 = 0
        var passedOver: UInt64 = 0
    }

    private(set) var parties: [String] = []
    private var registers: [String: Register] = [:]

    subscript(kind: String) -> Register { registers[kind] ?? Register() }

    func count(_ kind: String) -> Int { registers[kind]?.rows.count ?? 0 }

    /// Rows of each.
    var counts: [String: Int] { registers.mapValues(\.rows.count) }

    /// The sender of the row that stands under this key, when it is not `party`'s to change.
    func otherSender(_ kind: String, _ key: ID128, _ card: BatchCard) -> String? {
        guard !card.isOfBureau, let register = registers[kind], let place = register.place(key) else {
            return nil
        }
        let sender = parties[Int(register.rows[place].party)]
        return haveSameBytes(sender, card.party) ? nil : sender
    }

    /// Takes a row of a batch.
    mutating func take(
        _ card: BatchCard, slot: UInt32, _ head: RowFile.Head, _ offset: Int, _ counts: inout Counts
    ) {
        let party = index(card.party)
        if registers[card.kind] == nil { registers[card.kind] = Register() }
        guard let place = registers[card.kind]?.place(head.key) else {
            counts.added += 1
            let row = Row(
                key: head.key, batch: slot, number: head.number, offset: UInt64(offset),
                content: head.content, party: party)
            registers[card.kind]?.append(row)
            return
        }
        guard let stands = registers[card.kind]?.rows[place] else { return }
        if stands.batch == slot || (stands.party != party && !card.isOfBureau) {
            counts.passedOver += 1
        } else if stands.content == head.content {
            counts.unchanged += 1
        } else {
            counts.replaced += 1
            registers[card.kind]?.replace(place, slot, head, offset)
        }
    }

    private mutating func index(_ party: String) -> UInt16 {
        if let index = parties.firstIndex(where: { haveSameBytes($0, party) }) { return UInt16(index) }
        parties.append(party)
        return UInt16(truncatingIfNeeded: parties.count - 1)
    }
}
