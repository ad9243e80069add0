import Exchange
import Foundation
import Schema
import TestSupport
import Testing

@testable import Office

/// The city's year as files (Tests/EndToEnd/CityYear/generate.py), a fiftieth of its big registers: what senders have, before any line exists.
@Suite("The city's year: generated files are sound, and the figures come out of their rows")
struct CityYearTests {
    private struct File: Decodable {
        let path: String
        let kind: String
        let party: String
        let period: String
        let form: String
        let rows: Int
        let sums: [String: Int64]
    }

    private struct Expected: Decodable {
        struct Figure: Decodable {
            let value: Int64
            let rows: UInt64
            let senders: [String: UInt64]
        }
        let figures: [String: Figure]
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../EndToEnd/CityYear").standardizedFileURL.path

    private func generate(_ scale: Double) throws -> TemporaryDirectory {
        let python = try requirePython("openpyxl", pinnedIn: "Tests/OfficeTests/Spreadsheet/requirements.txt")
        let scratch = try TemporaryDirectory("city-year")
        let made = try runProcess(
            python, [Self.folder + "/generate.py", scratch.path, "--scale", "\(scale)"],
            environment: ProcessInfo.processInfo.environment.merging(["PYTHONIOENCODING": "utf-8"]) { $1 },
            timeout: 300)
        try #require(made.status == 0, "\(made.errorText)")
        return scratch
    }

    private func json<Value: Decodable>(_ scratch: TemporaryDirectory, _ name: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(contentsOf: URL(fileURLWithPath: scratch.file(name))))
    }

    @Test(
        "a fiftieth: every file without a fault, its totals as they were written, and every figure as Python counts it"
    )
    func fiftieth() throws { try check(scale: 0.02) }

    private func check(scale: Double) throws {
        let scratch = try generate(scale)
        let table = try RegisterFigureTable(text: text(RegisterFigureTable.path))
        let kinds = try table.entries.map(\.kind).reduce(into: [BatchKind]()) { kinds, code in
            if !kinds.contains(where: { $0.code == code }) { kinds.append(try Kinds.kind(code)) }
        }
        var scan = RegisterFigureScan(table, kinds, year: 2022)
        for file in try json(scratch, "files.json") as [File] {
            let report = try read(file, scratch) { row in
                scan.add(kind: file.kind, row: row, party: file.party, period: file.period)
            }
            expectSound(report, file)
        }
        expectSame(scan.result(), try json(scratch, "expected.json"))
    }

    private func text(_ path: String) throws -> String {
        try #require(Kinds.files.first { $0.path == path }).text
    }

    private func read(_ file: File, _ scratch: TemporaryDirectory, _ take: ([UInt8]) -> Void) throws
        -> TableReport
    {
        let opened = try BatchFile.open(scratch.file(file.path))
        return try opened.check(try Kinds.kind(file.kind), lists: try Kinds.lists()) { take($1.canonical) }
    }

    private func expectSound(_ report: TableReport, _ file: File) {
        let faults = report.faults.prefix(3).map { FaultTexts.line($0).zh }
        #expect(report.isSound && faults.isEmpty, "\(file.path): \(faults)")
        #expect(report.rows == file.rows && report.totals.rows == UInt64(file.rows), "\(file.path)")
        let sums = report.kind.sums.map { report.kind.fields[$0].code }
        #expect(report.totals.sums == sums.map { file.sums[$0] ?? -1 }, "\(file.path)")
    }

    private func expectSame(_ found: RegisterFigures, _ expected: Expected) {
        #expect(found.figures.count == expected.figures.count && found.erased == 0)
        for figure in found.figures {
            guard let other = expected.figures[figure.figure] else {
                Issue.record("\(figure.figure) is not expected")
                continue
            }
            #expect(figure.value == other.value && figure.rows == other.rows, "\(figure.figure)")
            let senders = Dictionary(uniqueKeysWithValues: figure.parties.map { ($0.party, $0.rows) })
            #expect(senders == other.senders, "\(figure.figure)")
        }
    }
}
