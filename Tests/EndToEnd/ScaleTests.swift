import Bureau
import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// `twolists-bench scale` at a thousandth: what is counted, not how long it took.
    @Suite("What a large state costs", .serialized)
    struct ScaleTests {
        private static let (requests, cases) = (1_000, 100)

        private struct Line {
            let values: [String: Any]
            subscript(_ name: String) -> Int { (values[name] as? NSNumber)?.intValue ?? -1 }
            func text(_ name: String) -> String { values[name] as? String ?? "" }
        }

        private func run() throws -> [String: [Line]] {
            let text = try City.run(
                "twolists-bench",
                [
                    "scale", "--requests", String(Self.requests), "--cases", String(Self.cases), "--seeds",
                    Programs.root + "/seeds",
                ])
            let lines = try text.split(separator: "\n").map { line in
                let parsed = try JSONSerialization.jsonObject(with: Data(line.utf8))
                return Line(values: try #require(parsed as? [String: Any]))
            }
            return Dictionary(grouping: lines) { $0.text("part") }
        }

        @Test(
            "a far page looks at no more than the first; steps stay within their budgets; a snapshot gives the state back"
        )
        func causes() throws {
            let lines = try run()
            let memory = try #require(lines["memory"]?.first)
            #expect(memory["requests"] == Self.requests && memory["cases"] == Self.cases)
            #expect(memory["bytes_a_request"] > 0 && memory["changes"] > 5 * Self.requests)
            for officer in ["b1s2", "u7l1"] {
                let pages = (lines["requests"] ?? []).filter { $0.text("officer") == officer }
                #expect(pages.count == 2 && pages[0]["page"] == 1 && pages[1]["page"] > 9, "\(officer)")
                // One more than it shows, to know that there is a next page; the last page has none.
                #expect(pages.allSatisfy { $0["looked"] <= 51 && $0["rows"] <= 50 }, "\(pages)")
            }
            let looked = Self.requests + Self.cases
            let step = EngineLimits.figureStep
            #expect(lines["report"]?.first?["steps"] == (looked + step - 1) / step + 1)
            #expect(lines["snapshot-read"]?.first?["same_hash"] == 1)
            let dues = lines["dues"] ?? []
            #expect(dues.first?["marks"] == Self.requests, "all on one day")
            #expect(dues.allSatisfy { $0["most"] <= EngineLimits.timeMarks }, "records of one slice")
            #expect(lines["sweep"]?.first?["marks"] == 0)
        }
    }
}
