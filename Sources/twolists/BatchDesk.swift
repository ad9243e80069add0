import Exchange
import Foundation
import Office
import Schema

/// What is done with batches on this machine alone: `batch check`, and `batch kinds` with a folder of seeds.
struct BatchDesk {
    let line: Invocation
    let language: Language
    let screen: Screen
    let kinds: BatchKinds

    static func isOffline(_ line: Invocation) -> Bool {
        (line.name == .batchCheck || line.name == .batchKinds) && line.has("kinds")
    }

    static func run(_ line: Invocation, _ language: Language) -> ExitCode {
        do throws(FileError) {
            let desk = BatchDesk(
                line: line, language: language, screen: .standardOutput(language: language),
                kinds: try BatchKinds.seeds(line.text("kinds") ?? ""))
            return line.name == .batchCheck ? try desk.check() : try desk.listKinds()
        } catch {
            Output.complain(error.text(language))
            return .localFile
        }
    }

    // MARK: Checking

    func check() throws(FileError) -> ExitCode {
        try checkOutputs(["errors", "remarked"])
        let (file, kind) = try chosen(line.operands.first ?? "")
        let report: TableReport
        do {
            report = try file.check(kind, lists: kinds.lists, sheet: line.text("sheet"))
        } catch {
            throw FileError(
                kind.code,
                Text("表样引用的名称表不在：\(error)", "a list that the kind refers to is not there: \(error)"))
        }
        let text = CheckText(report, file, language: language)
        let written = try write(report, file)
        tell(text.json, text.lines + written)
        return report.isSound ? .done : .localFile
    }

    /// The file, and the kind it is of.
    func chosen(_ path: String) throws(FileError) -> (BatchFile, BatchKind) {
        do throws(TableStop) {
            let file = try BatchFile.open(path)
            let choice = try KindChoice(line.text("kind"), file, kinds, sheet: line.text("sheet"))
            if choice.isGuessed {
                let text = Text(
                    "按表头判断是“\(choice.kind.title)”(\(choice.kind.code))",
                    "taken by its headings for “\(choice.kind.title)” (\(choice.kind.code))")
                Output.complain(text[language])
            }
            return (file, choice.kind)
        } catch {
            throw FileError(path, StopTexts.text(error))
        }
    }

    private func write(_ report: TableReport, _ file: BatchFile) throws(FileError) -> [String] {
        var written: [String] = []
        if let path = line.text("errors") {
            let bytes: [UInt8]
            do { bytes = try FaultList(report, language: language).csv(BatchForms.encoding(line)) } catch {
                throw FileError(path, Text("无法转换编码", "it cannot be converted to the encoding"))
            }
            try NewFile.write(path) { try $0(bytes) }
            written.append(path)
        }
        if let path = line.text("remarked") {
            guard report.headerRow > 0 else {
                throw FileError(path, Text("没有找到表头，不能写副本", "without a row of headings there is no copy"))
            }
            try NewFile.write(path) {
                try file.remarked(report, sheet: line.text("sheet"), language: language, to: $0)
            }
            written.append(path)
        }
        guard !written.isEmpty else { return [] }
        return [Text("已存为 ", "written: ")[language] + written.joined(separator: " ")]
    }

    /// Before the work, not behind it.
    func checkOutputs(_ options: [String]) throws(FileError) {
        for path in options.compactMap({ line.text($0) }) { try NewFile.check(path) }
    }

    // MARK: Kinds

    func listKinds(_ rows: [String: UInt64] = [:]) throws(FileError) -> ExitCode {
        let text = KindText(screen)
        guard let typed = line.operands.first else {
            tell(text.json(kinds, rows), text.lines(kinds, rows))
            return .done
        }
        guard let kind = kinds.kind(typed) else {
            throw FileError(typed, StopTexts.text(.kind(typed: typed, likely: [])))
        }
        guard let path = line.text("template") else {
            tell(text.json(kind), text.lines(kind))
            return .done
        }
        var table = RowTable(kind, format: RowTableFormat(path: path))
        try NewFile.write(path) { try $0(try table.finish()) }
        tell(.object(["file": .string(path)]), [Text("空表已存为 \(path)", "an empty table: \(path)")[language]])
        return .done
    }

    func tell(_ json: JSON, _ lines: [String]) {
        if line.has("json") {
            Output.out(json.shown.pretty)
        } else {
            var page = Page()
            page.add(lines)
            Output.out(page.text(on: screen))
        }
    }
}
