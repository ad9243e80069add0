import Foundation
import Testing
package import Wire

/// One row of the table of reasons, PROTOCOL.md 9.3.
package struct ReasonRow: Sendable, Hashable {
    package var reason: String
    package var codes: [String]
    package var again: String

    /// The rows as the page has them, in its order.
    package static func table() throws -> [ReasonRow] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appendingPathComponent("Protocol/PROTOCOL.md"), encoding: .utf8)
        let start = try #require(page.range(of: "### 9.3 Details and reasons"))
        let end = try #require(page.range(of: "## 10 Health"))
        return page[start.upperBound..<end.lowerBound].split(separator: "\n")
            .filter { $0.hasPrefix("| `") }.map(row)
    }

    private static func row(_ line: Substring) -> ReasonRow {
        let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        return ReasonRow(
            reason: cells[0].filter { $0 != "`" }, codes: cells[1].components(separatedBy: ", "),
            again: cells[3])
    }

    /// The row of a status's reason; fails when there is none.
    package static func of(_ status: Status) throws -> ReasonRow {
        let rows = try table().filter { $0.reason == status.errorReason }
        return try #require(rows.first, "\(status)")
    }

    /// Whether the page tells the truth of a status with this reason.
    package func fits(_ status: Status) -> Bool {
        let saysWhen = status.detail(GoogleRPC.RetryInfo.self) != nil
        return codes.contains(status.code.name) && saysWhen == (again == "later")
    }
}
