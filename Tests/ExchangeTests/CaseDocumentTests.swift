import Exchange
import Foundation
import Testing

@Suite("Protocol/CASES.md says what the program works with")
struct CaseDocumentTests {
    private func tables() throws -> [[String]] {
        let path = ProjectFiles.root + "/Protocol/CASES.md"
        var tables: [[String]] = []
        var isInside = false
        for line in try String(contentsOfFile: path, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            if line.hasPrefix("|---") {
                tables.append([])
                isInside = true
            } else if isInside, line.hasPrefix("|") {
                tables[tables.count - 1].append(String(line))
            } else {
                isInside = false
            }
        }
        return tables
    }

    @Test func theTablesAreTheProgramsOwn() throws {
        let tables = try tables()
        try #require(tables.count == 3)
        #expect(
            tables[0]
                == PlacementCase.transitions.rows.map {
                    "| \($0.from?.word ?? "-") | \($0.command.name) | \($0.to.word) |"
                })
        #expect(
            tables[1]
                == CaseTask.transitions.rows.map {
                    "| \($0.from?.word ?? "-") | \($0.command.name) | \($0.to.word) |"
                })
        let words: [CaseSight: String] = [.hidden: "-", .own: "own", .masked: "masked", .whole: "whole"]
        #expect(
            tables[2]
                == CaseSight.table.map { row in
                    let sights = [row.unit, row.bureau, row.reviewer, row.handler, row.tasked, row.list]
                    return "| \(row.field.rawValue) | "
                        + sights.map { words[$0] ?? "?" }.joined(separator: " | ") + " |"
                })
    }
}
