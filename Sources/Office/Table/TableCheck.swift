internal import CLinux
package import Exchange

/// Reads a table of one kind and checks every row, in one pass and in the memory of one row: title lines, headings, data, totals and notes.
///
/// A file with a fault in its headings (a column missing, twice, in another unit) has its rows checked all the same, so that everything is told at
/// once, but none of them is good.
package struct TableCheck<Source: TableSource> {
    private var source: Source
    private let kind: BatchKind
    private let headings: KindHeadings
    /// Holds the good row that `nextGood` has found.
    package private(set) var checker: RowChecker
    /// Of what was read so far; whole once `nextGood` has said false.
    package private(set) var report: TableReport
    /// The number of the row read last.
    package private(set) var number = 0
    /// Nil before the headings were looked for, and behind the end.
    private var table: OpenTable?
    private var hasBegun = false
    private var row = CellRow()
    /// Rows read to find the headings, those behind them to be read again.
    private var ahead: [CellRow] = []
    private var keys: SeenKeys
    private let printer = KeyPrinter(secret: .random(in: 0 ... .max))
    private var isGoodLayout = false

    /// - Parameter keysHeld: in memory; further ones go to a temporary file.
    package init(
        _ source: Source, kind: BatchKind, lists: [NameList], keysHeld: Int = BatchLimits.keysHeld
    ) throws(RowChecker.ListMissing) {
        keys = SeenKeys(TemporaryKeys(), held: keysHeld)
        self.source = source
        self.kind = kind
        headings = KindHeadings(kind)
        checker = try RowChecker(kind: kind, lists: lists)
        report = TableReport(kind)
    }

    /// - Parameter take: called with each good row, in the file's order, its number and the checker that holds it.
    package mutating func run<Failure: Error>(
        _ take: (Int, RowChecker) throws(Failure) -> Void
    ) throws(Failure) -> TableReport {
        while nextGood() { try take(number, checker) }
        return report
    }

    /// Checks alone.
    package mutating func run() -> TableReport { run { (_, _) in } }

    /// Reads on to the next good row: `checker` holds it then. False at the end.
    package mutating func nextGood() -> Bool {
        begin()
        guard var table = self.table.take() else { return false }
        var row = CellRow()
        swap(&row, &self.row)
        defer { swap(&row, &self.row) }
        do throws(TableStop) {
            while try next(&row) {
                guard try judge(row, &table) else { continue }
                number = row.number
                self.table = table
                return true
            }
        } catch {
            report.stop = error
        }
        table.tellCarried(&report)
        report.notes += source.notes
        return false
    }

    private mutating func begin() {
        guard !hasBegun else { return }
        hasBegun = true
        table = findTable()
        guard let table else { return }
        checker.use(table.layout.checks)
        ahead.reverse()
    }

    private mutating func next(_ row: inout CellRow) throws(TableStop) -> Bool {
        if let first = ahead.popLast() {
            row = first
            return true
        }
        return try source.next(&row)
    }

    // The row of headings.

    /// The first row with most of the required fields' headings; else, of the first thirty, the one with the most.
    private mutating func findTable() -> OpenTable? {
        var rows: [CellRow] = []
        var best = (index: -1, count: 0)
        let enough = max(
            min(2, kind.fields.count), kind.fields.filter { $0.requirement == .always }.count * 3 / 5)
        do {
            while rows.count < TableLimits.headerWithin {
                var row = CellRow()
                guard try source.next(&row) else { break }
                let count = headings.fields(row).count
                if count > best.count { best = (rows.count, count) }
                rows.append(row)
                if count >= enough { break }
            }
        } catch { report.stop = error }
        guard best.count >= min(2, kind.fields.count), best.index >= 0, best.index < rows.count else {
            if report.stop == nil { report.stop = noHeader(rows) }
            return nil
        }
        takeTitle(rows[..<best.index])
        ahead = Array(rows[(best.index + 1)...])
        return open(rows[best.index])
    }

    private func noHeader(_ rows: [CellRow]) -> TableStop {
        guard rows.contains(where: { !$0.isBlank }) else { return .empty }
        let found = rows.map(headings.fields).max { $0.count < $1.count } ?? []
        let missing = kind.fields.indices.filter {
            kind.fields[$0].requirement == .always && !found.contains($0)
        }
        return .noHeader(missing: missing.prefix(8).map { kind.fields[$0].heading })
    }

    private mutating func takeTitle(_ rows: ArraySlice<CellRow>) {
        let filled = rows.filter { !$0.isBlank }
        for row in filled { report.facts += FactReader.facts(row) }
        if let first = filled.first { report.notes.append(TableNote(.titleSkipped, row: first.number)) }
    }

    private mutating func open(_ header: CellRow) -> OpenTable {
        let unit = report.facts.last { $0.kind == .moneyUnit }?.text
        let layout = TableLayout(header, kind, headings, unit: unit)
        report.headerRow = header.number
        (report.width, report.remarksColumn) = (layout.width, layout.remarksColumn)
        report.columns = layout.columns
        for fault in layout.faults { report.tell(fault) }
        report.notes += layout.converted
        isGoodLayout = !layout.faults.contains { !$0.isWarning }
        return OpenTable(header, layout, kind)
    }

    // One row.

    /// Whether the row is a good one of data; then `checker` holds it.
    private mutating func judge(_ row: CellRow, _ table: inout OpenTable) throws(TableStop) -> Bool {
        clinux_give_way()
        switch table.sorting.sort(row) {
        case .blank: table.blank(row.number)
        case .header: report.notes.append(TableNote(.headerRepeated, row: row.number))
        case .note:
            report.facts += FactReader.facts(row)
            report.notes.append(TableNote(.noteSkipped, row: row.number))
        case .total(let word):
            report.notes.append(TableNote(.totalSkipped, row: row.number, [word]))
            compare(row, &table)
        case .data: return try data(row, &table)
        }
        return false
    }

    private mutating func data(_ row: CellRow, _ table: inout OpenTable) throws(TableStop) -> Bool {
        table.arrange(row)
        var isGood = checker.check(table.cells)
        for fault in checker.faults where !table.wasTold(fault) {
            report.tell(table.fault(fault, row.number))
        }
        for fault in table.namelessFilled(row) { report.tell(fault) }
        table.add(checker.countable)
        if source.hasStrayQuote {
            isGood = false
            report.tell(TableFault(row: row.number, column: nil, heading: "", fault: CellFault(.strayQuote)))
        }
        if let beyond = table.cellBeyond(row) {
            isGood = false
            report.tell(beyond)
        }
        if isGood, let first = try repeated(row.number) {
            isGood = false
            report.tell(table.repeated(row.number, first))
        }
        report.rows += 1
        guard isGood, isGoodLayout else {
            report.faultyRows += isGood ? 0 : 1
            return false
        }
        report.totals.add(rowBytes: checker.canonical.count, sums: checker.sumValues)
        return true
    }

    /// The row that has the key already.
    private mutating func repeated(_ row: Int) throws(TableStop) -> Int? {
        do throws(KeyRunsFailed) { return try keys.row(of: printer.print(checker.keyBytes), at: row) } catch {
            throw .keysNotKept("\(error)")
        }
    }

    /// A row of totals against what the rows make: all of them, or those behind the last such row.
    private mutating func compare(_ row: CellRow, _ table: inout OpenTable) {
        table.arrange(row, carrying: false)
        for (index, field) in kind.sums.enumerated() {
            guard let said = checker.total(table.cells, field: field), let sums = table.sums[index].both,
                said != sums.sinceStart, said != sums.sinceTotal
            else { continue }
            let format = kind.fields[field].format
            report.tell(
                table.fault(
                    field, row.number, read: "",
                    CellFault(.totalDiffers, [format.numberText(said), format.numberText(sums.sinceStart)])))
        }
        table.endPart()
    }
}
