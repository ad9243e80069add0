import Foundation
import Testing

/// Protocol/PROMISES.md names tests; a page that names what is not there promises nothing.
@Suite("PROMISES.md names tests that are there")
struct PromisesTests {
    private static let page =
        (try? String(
            contentsOf: HouseRulesTests.root.appendingPathComponent("Protocol/PROMISES.md"), encoding: .utf8))
        ?? ""

    struct Named: Hashable, CustomTestStringConvertible {
        var folder: String
        var type: String
        /// Empty: the suite as a whole.
        var test: String
        var testDescription: String { "\(folder)/\(type).\(test)" }
    }

    /// `Folder/TypeTests.test` in backticks.
    static func named(_ text: String) -> [Named] {
        text.matches(of: #/`([A-Za-z]+)/([A-Z]\w*Tests)(?:\.(\w+))?`/#).map {
            Named(folder: String($0.1), type: String($0.2), test: String($0.3 ?? ""))
        }
    }

    private static let tests = HouseRulesTests.files(below: "Tests", ending: ".swift")

    /// Declared in that folder, the test within the type's file, behind an `@Test`.
    static func isThere(_ named: Named) -> Bool {
        tests.contains { file in
            guard file.path.hasPrefix("Tests/\(named.folder)/"),
                let start = file.lines.firstIndex(where: {
                    $0.contains("struct \(named.type) ") || $0.contains("class \(named.type) ")
                })
            else { return false }
            return named.test.isEmpty
                || file.lines[start...].contains { $0.contains("func \(named.test)(") }
        }
    }

    @Test("every one of them")
    func all() {
        let named = Self.named(Self.page)
        #expect(named.count > 60)
        for one in named {
            #expect(Self.isThere(one), "\(one.testDescription) is on the page and not in Tests")
        }
    }

    @Test("what is not there is noticed")
    func none() {
        let made = Self.named(
            "`HouseRules/PromisesTests.all` `HouseRules/PromisesTests.gone` `HouseRules/GoneTests` `BureauTests/PromisesTests.all`"
        )
        #expect(made.map(Self.isThere) == [true, false, false, false])
    }

    @Test("every make target and page it names is there")
    func others() throws {
        let makefile = try String(
            contentsOf: HouseRulesTests.root.appendingPathComponent("Makefile"), encoding: .utf8)
        for match in Self.page.matches(of: #/`make ([a-z-]+)`/#) {
            #expect(makefile.contains("\n\(match.1):"), "make \(match.1)")
        }
        for match in Self.page.matches(of: #/\b([A-Z]+)\.md/#) {
            let places = ["Protocol/", "Sources/", "", "Certs/"]
            let found = places.contains { place in
                FileManager.default.fileExists(
                    atPath: HouseRulesTests.root.appendingPathComponent("\(place)\(match.1).md").path)
            }
            #expect(found, "\(match.1).md")
        }
    }

    @Test("every row says where it is specified, and each but a few by what it is shown")
    func rows() {
        let rows = Self.page.split(separator: "\n").filter {
            $0.hasPrefix("| ") && !$0.hasPrefix("| promise")
        }
        #expect(rows.count > 25)
        for row in rows {
            let cells = row.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(cells.count == 6, "\(row)")
            guard cells.count == 6 else { continue }
            #expect(!cells[1].isEmpty && !cells[2].isEmpty && !cells[3].isEmpty, "\(row)")
        }
    }
}
