import Foundation
import TestSupport
import Testing

@testable import Office

/// openpyxl on the other side, through `oracle.py`; both tell a workbook in the same lines.
enum WorkbookOracle {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path

    static func run(_ arguments: [String]) throws -> String {
        let python = try requirePython("openpyxl", pinnedIn: "Tests/OfficeTests/Spreadsheet/requirements.txt")
        let made = try runProcess(
            python, [folder + "/oracle.py"] + arguments,
            environment: ProcessInfo.processInfo.environment.merging(["PYTHONIOENCODING": "utf-8"]) { $1 },
            timeout: 300)
        try #require(made.status == 0, "\(made.errorText)")
        return made.outputText
    }

    /// What a workbook holds, in the oracle's lines.
    static func lines(_ bytes: [UInt8]) throws -> [String] {
        let workbook = try Workbook(bytes)
        var lines: [String] = []
        for sheet in workbook.sheets {
            lines.append("S\t\(escaped(sheet.name))\t\(sheet.visibility.rawValue)")
            var rows = try workbook.rows(of: sheet)
            while let row = try rows.next() {
                for cell in row.cells {
                    let place = CellReference(row: row.number, column: cell.column).text
                    lines.append("C\t\(place)\t\(described(cell.value))")
                }
            }
            lines += rows.merged.map { "M\t\($0.text)" }.sorted()
        }
        return lines
    }

    static func described(_ value: SpreadsheetValue) -> String {
        switch value {
        case .text(let text): return "text\t" + escaped(text)
        case .number(let number):
            let bits = String(Double(number.written)?.bitPattern ?? 0, radix: 16)
            return "number\t" + String(repeating: "0", count: 16 - bits.count) + bits
        case .date(let date):
            let day = OfficeXML.isoText(CellDate(year: date.year, month: date.month, day: date.day))
            return "date\t" + day + (date.seconds.map { " \($0)" } ?? "")
        case .time(let seconds): return "time\t\(seconds)"
        case .bool(let truth): return "bool\t\(truth)"
        case .error(let error): return "error\t" + error
        case .uncalculated: return "uncalculated"
        }
    }

    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\n", with: "\\n")
            .replacingOccurrences(of: "\r", with: "\\r").replacingOccurrences(of: "\t", with: "\\t")
    }

    static func expectSame(_ ours: [String], _ theirs: [String], _ name: String) {
        guard ours != theirs else { return }
        let at =
            zip(ours, theirs).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            ?? min(ours.count, theirs.count)
        let (one, other) = (ours[at...].first ?? "nothing", theirs[at...].first ?? "nothing")
        Issue.record(
            "\(name): line \(at + 1): ours “\(one)”, theirs “\(other)”; \(ours.count) and \(theirs.count) lines"
        )
    }

    /// LibreOffice, converting `name` in `scratch`; the new file's bytes.
    static func convert(
        _ scratch: TemporaryDirectory, _ name: String, to form: String, as extension: String,
        reading filter: String = ""
    ) throws -> [UInt8] {
        let office = try requireTool("soffice")
        let out = scratch.file("converted")
        try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
        var arguments = ["-env:UserInstallation=file://\(scratch.path)/profile", "--headless"]
        if !filter.isEmpty { arguments.append("--infilter=\(filter)") }
        arguments += ["--convert-to", form, "--outdir", out, scratch.file(name)]
        let made = try runProcess(office, arguments, timeout: 240)
        let stem = name.split(separator: ".").first.map(String.init) ?? name
        try #require(made.status == 0, "\(made.errorText)")
        return try scratch.read("converted/\(stem).\(`extension`)")
    }
}
