internal import Exchange

/// All that is wrong with a file, for a terminal and for a spreadsheet.
package struct FaultList: Sendable {
    private let report: TableReport
    private let language: Language

    package init(_ report: TableReport, language: Language = .zh) {
        self.report = report
        self.language = language
    }

    /// Errors first of all in number; then line by line in the file's order; then what was done without being asked.
    package var lines: [String] {
        var lines = [summary[language]]
        if let stop = report.stop { lines.append(StopTexts.text(stop)[language]) }
        lines += report.faults.map {
            ($0.isWarning ? Self.warning[language] : "") + FaultTexts.line($0)[language]
        }
        let untold = report.errorCount + report.warningCount - report.faults.count
        if untold > 0 { lines.append(Text("另有\(untold)处未逐一列出", "\(untold) more are not listed")[language]) }
        return lines + report.notes.map { NoteTexts.text($0)[language] }
    }

    /// Warnings and notes alone.
    package var warnings: [String] {
        report.faults.filter(\.isWarning).map { Self.warning[language] + FaultTexts.line($0)[language] }
            + report.notes.map { NoteTexts.text($0)[language] }
    }

    private static let warning = Text("提醒：", "note: ")

    package var summary: Text {
        let good = report.rows - report.faultyRows
        return Text(
            "“\(report.kind.title)”读取\(report.rows)行，合格\(good)行，有问题\(report.faultyRows)行，共\(report.errorCount)处问题、\(report.warningCount)处提醒",
            "“\(report.kind.title)”: \(report.rows) rows read, \(good) good, \(report.faultyRows) faulty; \(report.errorCount) faults, \(report.warningCount) warnings"
        )
    }

    /// A table with a line a fault: UTF-8 with a byte order mark, or GB18030.
    package func csv(_ encoding: TextEncoding = .utf8) throws -> [UInt8] {
        let encoder = TextEncoder(encoding: encoding)
        var lines = LineWriter(.comma)
        lines.append(Self.columns.map { ArraySlice($0[language].utf8) })
        for fault in report.faults {
            lines.append(cells(fault).map { ArraySlice(ReportCSV.harmless($0).utf8) })
        }
        return encoder.mark + (try encoder.encode(lines.take()))
    }

    private static let columns = [
        Text("行", "row"), Text("列", "column"), Text("表头", "heading"), Text("读到的内容", "read"),
        Text("级别", "severity"),
        Text("代码", "code"), Text("问题", "what is wrong"), Text("怎么改", "how to mend it"),
    ]

    private func cells(_ fault: TableFault) -> [String] {
        let (what, mend) = FaultTexts.what(fault.fault)
        let severity = fault.isWarning ? Text("提醒", "warning") : Text("问题", "error")
        return [
            "\(fault.row)", fault.column.map(columnLetters) ?? "", fault.heading, FaultTexts.shown(fault),
            severity[language], fault.fault.code.rawValue, what[language], mend[language],
        ]
    }
}

/// Why a file could not be read on, in words.
package enum StopTexts {
    package static func text(_ stop: TableStop) -> Text {
        switch stop {
        case .unreadable(let why): Text("文件读取失败：\(why)", "the file cannot be read: \(why)")
        case .keysNotKept(let why):
            Text(
                "核对重复行用的临时文件无法读写，请检查临时目录的空间和权限：\(why)",
                "the temporary file for finding repeats cannot be used, look at the room and rights of the temporary folder: \(why)"
            )
        case .notText(.archive):
            Text(
                "这是.xlsx或压缩文件，不是文本表格，请按.xlsx读取，或另存为CSV",
                "this is an .xlsx or another archive, no text: read it as .xlsx, or save it as CSV"
            )
        case .notText(.compoundFile):
            Text(
                "这是旧格式(.xls/.et)或加了密码的表格，请在WPS或Excel中取消密码后另存为.xlsx或CSV",
                "this is an old spreadsheet (.xls) or one with a password: save it as .xlsx or CSV without password"
            )
        case .notText(.binary):
            Text("这不是文本文件，请另存为CSV(UTF-8)", "this is no text file: save it as CSV in UTF-8")
        case .noTable: Text("本机没有GB18030字符表，请另存为UTF-8", "this machine has no GB18030: save the file as UTF-8")
        case .openQuote(let row, let line):
            Text(
                "第\(row)行(文本第\(line)行)的引号没有结束，其后未读取，请补上或删去引号",
                "the quote in row \(row) (line \(line)) is never closed, nothing behind it was read: close or remove it"
            )
        case .cellTooLong(let row, let column):
            Text(
                "第\(row)行\(columnLetters(column))列超过\(TableLimits.cellBytes)字节，其后未读取",
                "row \(row), column \(columnLetters(column)) is longer than \(TableLimits.cellBytes) bytes, nothing behind it was read"
            )
        case .rowTooLong(let row):
            Text(
                "第\(row)行超过\(BatchLimits.rowBytes)字节，其后未读取",
                "row \(row) is longer than \(BatchLimits.rowBytes) bytes, nothing behind it was read")
        case .tooManyCells(let row):
            Text(
                "第\(row)行超过\(BatchLimits.cells)格，其后未读取",
                "row \(row) has more than \(BatchLimits.cells) cells, nothing behind it was read")
        case .tooManyRows:
            Text("超过\(TableLimits.rows)行，请分成几个文件", "more than \(TableLimits.rows) rows: split the file")
        case .noHeader(let missing):
            Text(
                "前\(TableLimits.headerWithin)行中没有找到表头，请核对表的种类；缺少：\(missing.joined(separator: "、"))",
                "no row of headings in the first \(TableLimits.headerWithin) rows: is it this kind of table? Missing: \(missing.joined(separator: ", "))"
            )
        case .empty: Text("文件是空的", "the file is empty")
        case .workbook(let fault): SpreadsheetTexts.sentence(fault)
        case .kind(let typed?, _):
            Text(
                "没有“\(Screen.clean(typed))”这种表，twolists batch kinds 列出各种表",
                "there is no kind “\(Screen.clean(typed))”: twolists batch kinds lists them")
        case .kind(nil, let likely):
            likely.isEmpty
                ? Text(
                    "按表头看不出是哪种表，请核对表头，或用 --kind 写明(twolists batch kinds 列出各种表)",
                    "the headings are of no kind: check them, or name the kind with --kind (twolists batch kinds lists them)"
                )
                : Text(
                    "按表头不能确定是哪种表，可能是：\(likely.joined(separator: "、"))；请用 --kind 写明",
                    "the headings do not say which kind it is; perhaps: \(likely.joined(separator: ", ")). Name it with --kind"
                )
        }
    }
}

/// What was done unasked, in words.
enum NoteTexts {
    static func text(_ note: TableNote) -> Text {
        func argument(_ index: Int) -> String {
            index < note.arguments.count ? Screen.clean(note.arguments[index]) : ""
        }
        switch note.kind {
        case .titleSkipped:
            return Text("第\(note.row)行起是表头上方的文字，未作为数据", "row \(note.row): text above the headings, no data")
        case .totalSkipped:
            return Text("第\(note.row)行是“\(argument(0))”行，未作为数据", "row \(note.row): a row of totals, no data")
        case .noteSkipped: return Text("第\(note.row)行是表后说明，未作为数据", "row \(note.row): a note, no data")
        case .headerRepeated: return Text("第\(note.row)行重复了表头，未作为数据", "row \(note.row): the headings again")
        case .blankSkipped:
            return Text(
                "第\(note.row)行起有\(argument(0))个空行，已跳过",
                "\(argument(0)) blank rows from row \(note.row) on were passed over")
        case .carried:
            return Text(
                "“\(argument(1))”(\(argument(0))列)有\(argument(2))个空格按上一行填充，自第\(note.row)行起",
                "“\(argument(1))” (column \(argument(0))): \(argument(2)) empty cells took the value above, from row \(note.row) on"
            )
        case .unitConverted:
            return Text(
                "“\(argument(1))”(\(argument(0))列)按“\(argument(2))”换算",
                "“\(argument(1))” (column \(argument(0))) was converted from \(argument(2))"
            )
        case .hiddenRead:
            return Text(
                "第\(note.row)行起有\(argument(0))行在表中是隐藏的(或被筛选)，也已读取",
                "\(argument(0)) hidden or filtered rows from row \(note.row) on were read as well")
        case .sheetChosen:
            return Text(
                "读取的是工作表“\(argument(0))”，另有\(argument(1))个工作表未读取，可用 --sheet 指定",
                "sheet “\(argument(0))” was read; \(argument(1)) others were not: choose one with --sheet")
        }
    }
}
