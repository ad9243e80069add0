internal import Exchange
internal import Schema
internal import Wire

/// The figures of a year being counted: the rows of every register that a figure asks for, some thousand a step.
final class FigureCount {
    let reply: any CallReply
    private var scan: RegisterFigureScan
    private var kinds: [String]
    private var rows: RegisterRows?

    /// - Throws: a status where the table of figures cannot be read.
    init(_ query: RegisterFiguresQuery, _ survey: BatchSurvey, _ reply: any CallReply) throws {
        self.reply = reply
        // Without a table there is nothing to count, which is no fault.
        let table = survey.figures.isEmpty ? nil : try RegisterFigureTable(text: survey.figures)
        var kinds: [BatchKind] = []
        for entry in table?.entries ?? [] where !kinds.contains(where: { haveSameBytes($0.code, entry.kind) })
        {
            if let kind = survey.kind(entry.kind) { kinds.append(kind) }
        }
        scan = RegisterFigureScan(table, kinds, year: Int(query.year))
        self.kinds = kinds.map(\.code).reversed()
    }

    /// False: it is over, and answered.
    func step(_ memory: borrowing BatchMemory) throws -> Bool {
        var looks = BatchWorkLimits.fetchLooks
        while looks > 0 {
            guard let kind = kinds.last else {
                reply.finish(.ok, payload: scan.result().encoded())
                return false
            }
            let rows = self.rows ?? RegisterRows(kind: kind)
            self.rows = rows
            while let row = try rows.next(memory, looks: &looks) { add(kind, row) }
            guard rows.isOver(memory) else { continue }
            kinds.removeLast()
            self.rows = nil
        }
        return true
    }

    private func add(_ kind: String, _ row: RegisterRows.Row) {
        guard let bytes = row.bytes else { return scan.addErased() }
        scan.add(kind: kind, row: bytes, party: row.party, period: row.card.period)
    }
}
