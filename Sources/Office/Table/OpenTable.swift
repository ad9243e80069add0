internal import Exchange

/// The part of a table's reading that goes from row to row: values carried down, sums so far.
struct OpenTable {
    let layout: TableLayout
    var sorting: RowSorting
    /// The row read last in the order of the kind's fields.
    private(set) var cells = CellRow()
    private(set) var sums: [Sum]
    private let kind: BatchKind
    private let header: CellRow
    private let carries: [Bool]
    private var above: [[UInt8]]
    private var carried: [(count: Int, first: Int)]
    /// Fields of the row read last that took the value above.
    private var carriedNow: Set<Int> = []
    private var nameless: [Int]
    private var blanks: (count: Int, pending: Int, first: Int) = (0, 0, 0)

    /// Sums of one field, in units of its last place; nil once a cell was faulty or a sum is beyond 64 bits: then nothing can be compared.
    struct Sum {
        private var sinceStart: Int64? = 0
        private var sinceTotal: Int64? = 0

        var both: (sinceStart: Int64, sinceTotal: Int64?)? { sinceStart.map { ($0, sinceTotal) } }

        mutating func add(_ value: Int64?) {
            sinceStart = Self.sum(sinceStart, value)
            sinceTotal = Self.sum(sinceTotal, value)
        }

        mutating func endPart() { sinceTotal = 0 }

        private static func sum(_ a: Int64?, _ b: Int64?) -> Int64? {
            guard let a, let b else { return nil }
            let (sum, overflow) = a.addingReportingOverflow(b)
            return overflow ? nil : sum
        }
    }

    init(_ header: CellRow, _ layout: TableLayout, _ kind: BatchKind) {
        self.header = header
        self.layout = layout
        self.kind = kind
        sorting = RowSorting(
            header: header, keyColumns: kind.key.compactMap { layout.columns[$0] }, counters: layout.counters)
        sums = kind.sums.map { _ in Sum() }
        carries = kind.fields.map(\.carriesDown)
        nameless = layout.nameless
        above = Array(repeating: [], count: kind.fields.count)
        carried = Array(repeating: (0, 0), count: kind.fields.count)
    }

    /// Puts a row's cells into the order of the fields; empty cells of fields that carry down take what stands above.
    mutating func arrange(_ row: CellRow, carrying: Bool = true) {
        cells.removeAll()
        cells.number = row.number
        carriedNow.removeAll(keepingCapacity: true)
        for (field, column) in layout.columns.enumerated() {
            guard let column, column < row.count else {
                cells.endCell(.empty)
                if column != nil, carrying { carry(field, row.number) }
                continue
            }
            cells.appendBytes(row.bytes[row.range(column)])
            cells.endCell(row.kind(column))
            if carrying, carries[field] { carryOrKeep(field, column, row) }
        }
        if carrying { endBlanks() }
    }

    private mutating func carryOrKeep(_ field: Int, _ column: Int, _ row: CellRow) {
        if row.isBlank(column) {
            carry(field, row.number)
        } else {
            above[field] = Array(row.bytes[row.range(column)])
        }
    }

    private mutating func carry(_ field: Int, _ row: Int) {
        guard carries[field], !above[field].isEmpty else { return }
        cells.replaceLast(above[field], .text)
        carriedNow.insert(field)
        carried[field] = (carried[field].count + 1, carried[field].count == 0 ? row : carried[field].first)
    }

    mutating func add(_ values: [Int64?]) {
        for (index, value) in values.enumerated() { sums[index].add(value) }
    }

    mutating func endPart() {
        for index in sums.indices { sums[index].endPart() }
    }

    /// Blank rows count when data follows; those at a file's end are nothing to tell.
    mutating func blank(_ row: Int) {
        blanks.pending += 1
        if blanks.first == 0 { blanks.first = row }
    }

    private mutating func endBlanks() {
        blanks.count += blanks.pending
        blanks.pending = 0
    }

    func tellCarried(_ report: inout TableReport) {
        for (field, carried) in carried.enumerated() where carried.count > 0 {
            let column = columnLetters(layout.columns[field] ?? 0)
            report.notes.append(
                TableNote(
                    .carried, row: carried.first, [column, kind.fields[field].heading, "\(carried.count)"]))
        }
        if blanks.count > 0 {
            report.notes.append(TableNote(.blankSkipped, row: blanks.first, ["\(blanks.count)"]))
        }
    }

    // Faults with their places.

    /// The fault was told where the value stands: it is not told again in every row below.
    func wasTold(_ fault: RowFault) -> Bool {
        fault.field.map(carriedNow.contains) == true && fault.fault.code.isOfCellAlone
    }

    func fault(_ fault: RowFault, _ row: Int) -> TableFault {
        guard let field = fault.field else {
            return TableFault(row: row, column: nil, heading: "", fault: fault.fault)
        }
        return self.fault(field, row, read: fault.read, fault.fault)
    }

    func fault(_ field: Int, _ row: Int, read: String, _ fault: CellFault) -> TableFault {
        let column = layout.columns[field]
        return TableFault(
            row: row, column: column,
            heading: column.map { headingShown(header.text($0)) } ?? kind.fields[field].heading,
            field: kind.fields[field].code, read: read, isPersonal: kind.fields[field].isShownMasked,
            fault: fault)
    }

    func repeated(_ row: Int, _ first: Int) -> TableFault {
        let field = kind.person ?? kind.key.first ?? 0
        return fault(field, row, read: cells.text(field), CellFault(.repeated, ["\(first)"]))
    }

    /// Columns without heading in which this row is the first to hold something.
    mutating func namelessFilled(_ row: CellRow) -> [TableFault] {
        guard !nameless.isEmpty else { return [] }
        let filled = nameless.filter { !row.isBlank($0) }
        nameless.removeAll { filled.contains($0) }
        return filled.map {
            TableFault(row: layout.headerRow, column: $0, heading: "", fault: CellFault(.columnUnknown))
        }
    }

    /// Cells behind the last heading must be empty: one separator too many has moved the others.
    func cellBeyond(_ row: CellRow) -> TableFault? {
        guard row.count > layout.width,
            let column = (layout.width..<row.count).first(where: { !row.isBlank($0) })
        else { return nil }
        return TableFault(
            row: row.number, column: column, heading: "", read: String(row.text(column).prefix(40)),
            isPersonal: true,
            fault: CellFault(.tooManyCells))
    }
}

extension BatchField {
    /// Names, numbers and free text of a person; what is one of a few values, a day or an amount tells nothing alone.
    var isShownMasked: Bool {
        switch format {
        case .text, .name, .identity, .phone: isPersonal
        default: false
        }
    }
}
