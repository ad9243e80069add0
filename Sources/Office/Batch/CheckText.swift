internal import Exchange

/// What checking a file says, for a person and for a program: what it was taken for, every fault, the control totals of the good rows.
package struct CheckText: Sendable {
    private let report: TableReport
    private let file: BatchFile
    private let language: Language

    package init(_ report: TableReport, _ file: BatchFile, language: Language) {
        self.report = report
        self.file = file
        self.language = language
    }

    private func t(_ zh: String, _ en: String) -> String { language == .zh ? zh : en }

    package var lines: [String] {
        let head = "\(Screen.clean(file.name))：" + (file.form.map { $0[language] } ?? "")
        return [head] + FaultList(report, language: language).lines + totals
    }

    private var totals: [String] {
        guard report.stop == nil, report.totals.rows > 0, !report.kind.sums.isEmpty else { return [] }
        let sums = zip(report.kind.sums, report.totals.sums).map { field, sum in
            let field = report.kind.fields[field]
            return
                "\(field.heading) \(field.format.numberText(sum))\(field.format.isMoney ? "元" : field.unit)"
        }
        return [t("合格行合计：", "sums of the good rows: ") + sums.joined(separator: t("，", ", "))]
    }

    /// What a sound file has to be told of before it goes.
    package var warnings: [String] {
        FaultList(report, language: language).warnings
    }

    /// Why the file stays here, and what to do.
    package func notSent(isWhole: Bool) -> String {
        if report.stop != nil || report.headerRow == 0 { return t("没有报送。", "Nothing was sent.") }
        guard report.totals.rows > 0 else { return t("没有报送：没有一行合格。", "Nothing was sent: no row is good.") }
        let good = report.totals.rows
        return t(
            "没有报送：有\(report.faultyRows)行不合格。请改正后再报；或加 --mode good，只报合格的\(good)行。",
            "Nothing was sent: \(report.faultyRows) rows are faulty. Mend them and send again, or send the \(good) good ones with --mode good."
        )
    }

    package var json: JSON {
        .object([
            "file": .string(file.name), "kind": .string(report.kind.code),
            "version": .string(report.kind.version), "form": .string(file.form?.en ?? ""),
            "header_row": .int(Int64(report.headerRow)), "rows": .int(Int64(report.rows)),
            "faulty_rows": .int(Int64(report.faultyRows)), "errors": .int(Int64(report.errorCount)),
            "warnings": .int(Int64(report.warningCount)), "sound": .bool(report.isSound),
            "stop": report.stop.map { .string(StopTexts.text($0)[language]) } ?? .null,
            "sums": .object(
                zip(report.kind.sums, report.totals.sums).map {
                    JSON.Member(report.kind.fields[$0].code, .int($1))
                }),
            "faults": .array(report.faults.map(fault)),
            "notes": .array(report.notes.map(note)),
        ])
    }

    private func fault(_ fault: TableFault) -> JSON {
        let (what, mend) = FaultTexts.what(fault.fault)
        return .object([
            "row": .int(Int64(fault.row)), "column": fault.column.map { .string(columnLetters($0)) } ?? .null,
            "heading": .string(fault.heading), "field": .string(fault.field),
            "read": .string(FaultTexts.shown(fault)), "code": .string(fault.fault.code.rawValue),
            "warning": .bool(fault.isWarning), "what": .string(what[language]),
            "mend": .string(mend[language]),
        ])
    }

    private func note(_ note: TableNote) -> JSON {
        .object([
            "row": .int(Int64(note.row)), "note": .string(note.kind.rawValue),
            "text": .string(NoteTexts.text(note)[language]),
        ])
    }
}

extension FieldFormat {
    var isMoney: Bool { if case .money = self { true } else { false } }
}
