package import Exchange
package import Schema

/// What the server's check found in a batch, told as the check of a file is: by the rows of the sender's own file where that is at hand, else by the
/// rows of the batch.
package struct BatchReport: Sendable {
    /// The sender's own file, and where each row of the batch stands in it.
    package struct OwnFile: Sendable {
        package let file: BatchFile
        fileprivate let report: TableReport
        /// Rows of the file by rows of the batch, which counts the good ones.
        fileprivate var numbers: [Int32] = []

        package init(_ file: BatchFile, _ kind: BatchKind, lists: [NameList], sheet: String?) throws {
            self.file = file
            var numbers: [Int32] = []
            report = try file.check(kind, lists: lists, sheet: sheet) { number, _ in
                numbers.append(Int32(clamping: number))
            }
            self.numbers = numbers
        }
    }

    /// Its rows are the file's where there is one.
    package let table: TableReport
    package let own: OwnFile?
    private let view: BatchView
    private let hasMore: Bool

    package init(
        _ faults: [BatchFault], of view: BatchView, _ kind: BatchKind, rows own: OwnFile?, hasMore: Bool
    ) {
        var table = TableReport(kind)
        if let own {
            (table.headerRow, table.width) = (own.report.headerRow, own.report.width)
            (table.remarksColumn, table.columns) = (own.report.remarksColumn, own.report.columns)
        }
        for fault in faults { table.tell(Self.fault(fault, kind, table.columns, own?.numbers)) }
        table.rows = Int(clamping: view.rows)
        table.faultyRows = Int(clamping: view.faultyRows)
        self.table = table
        self.own = own
        self.view = view
        self.hasMore = hasMore
    }

    private static func fault(
        _ fault: BatchFault, _ kind: BatchKind, _ columns: [Int?], _ numbers: [Int32]?
    ) -> TableFault {
        let row = Int(clamping: fault.row)
        let place = numbers.map { row >= 1 && row <= $0.count ? Int($0[row - 1]) : row } ?? row
        let index = kind.index(of: fault.field)
        // A newer server may know faults that this program does not: they are told by their word.
        let code = FaultCode(rawValue: fault.code) ?? .notCanonical
        return TableFault(
            row: place, column: index.flatMap { $0 < columns.count ? columns[$0] : nil },
            heading: index.map { kind.fields[$0].heading } ?? "", field: fault.field, read: fault.read,
            isPersonal: index.map { kind.fields[$0].isShownMasked } ?? true,
            fault: CellFault(code, fault.arguments))
    }

    package func lines(_ screen: Screen) -> [String] {
        let language = screen.language
        guard view.stage == .checked || view.stage == .done else {
            return [Text("尚未核验完。", "It is not checked yet.")[language]]
        }
        let place =
            own == nil
            ? Text(
                "行号是这批数据中的第几行；加 --file 原表 可换算成原表的行。",
                "Rows are counted within the batch; with --file they are the file's.")
            : Text("行号是原表的行。", "Rows are the file's own.")
        let more = Text("问题太多，只保留了前一部分。", "There were more faults than are kept.")
        let faults = FaultList(table, language: language).lines
        return faults + (table.faults.isEmpty ? [] : [place[language]]) + (hasMore ? [more[language]] : [])
    }

    package func json(_ language: Language) -> JSON {
        .object([
            "batch": view.json,
            "faults": .array(
                table.faults.map { fault in
                    let (what, mend) = FaultTexts.what(fault.fault)
                    return .object([
                        "row": .int(Int64(fault.row)), "field": .string(fault.field),
                        "heading": .string(fault.heading), "read": .string(FaultTexts.shown(fault)),
                        "code": .string(fault.fault.code.rawValue), "what": .string(what[language]),
                        "mend": .string(mend[language]),
                    ])
                }),
            "more": .bool(hasMore),
        ])
    }
}
