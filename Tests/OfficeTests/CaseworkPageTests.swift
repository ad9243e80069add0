import Exchange
import Foundation
import Office
import Schema
import Testing

@Suite("Protocol/CASEWORK.md is what the code does")
struct CaseworkPageTests {
    private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
            "Protocol/CASEWORK.md")

    private static let isWriting = ProcessInfo.processInfo.environment["TWOLISTS_WRITE"] == "1"

    @Test func tableOfTransitions() throws { try hold("requests", Self.transitions()) }

    @Test func tableOfMoves() throws { try hold("moves", Self.moves()) }

    @Test func tableOfRounds() throws { try hold("rounds", Self.rounds()) }

    private static func rounds() -> [String] {
        ["| from | command | party | role | to |", "|---|---|---|---|---|"]
            + PlacementRound.transitions.rows.map { row in
                let right = Rights.row(row.command)
                return "| \(state(row.from)) | \(command(row.command)) | \(right?.relation.word ?? "nobody") "
                    + "| \(right?.roles.words.joined(separator: ", ") ?? "") | \(state(row.to)) |"
            }
    }

    private static func state(_ state: PlacementRound.State?) -> String {
        guard let state else { return "(none)" }
        return "`\(state.word)` \(state.open.name(.zh))"
    }

    /// What stands between the marks is what the tables give.
    private func hold(_ mark: String, _ lines: [String]) throws {
        var page = try String(contentsOf: Self.path, encoding: .utf8).components(separatedBy: "\n")
        let start = try #require(page.firstIndex { $0.hasPrefix("<!-- \(mark):") })
        let end = try #require(page[start...].firstIndex { $0 == "<!-- end -->" })
        if Self.isWriting {
            page.replaceSubrange((start + 1)..<end, with: lines)
            try page.joined(separator: "\n").write(to: Self.path, atomically: true, encoding: .utf8)
        } else {
            #expect(
                Array(page[(start + 1)..<end]) == lines,
                "TWOLISTS_WRITE=1 swift test --filter CaseworkPageTests writes the page anew")
        }
    }

    private static func transitions() -> [String] {
        ["| from | command | party | role | to |", "|---|---|---|---|---|"]
            + SupportRequest.transitions.rows.map { row in
                let right = Rights.row(row.command)
                return "| \(state(row.from)) | \(command(row.command)) | \(parties(row.command)) "
                    + "| \(right?.roles.words.joined(separator: ", ") ?? "") | \(state(row.to)) |"
            }
    }

    /// As a table's cell: `|` would end it.
    private static func parties(_ kind: CommandKind) -> String {
        (Rights.row(kind)?.relation.word ?? "nobody").replacing("|", with: ", ")
    }

    private static func moves() -> [String] {
        ["| state | move | party | awaited |", "|---|---|---|---|"]
            + SupportRequest.Situation.all.flatMap { situation in
                SupportRequest.moves(in: situation).map { move in
                    "| \(state(situation.state))\(note(situation)) | \(command(move.command)) "
                        + "| \(parties(move.command)) | \(move.isAwaited ? "yes" : "no, work") |"
                }
            }
    }

    private static func note(_ situation: SupportRequest.Situation) -> String {
        switch situation.circumstance {
        case .none: ""
        case .scheduled: ", on an agenda"
        case .extending: ", extension asked"
        case .suspending: ", suspension asked"
        }
    }

    private static func state(_ state: SupportRequest.State?) -> String {
        guard let state else { return "(none)" }
        return "`\(state.word)` \(CommandNames.state(state.word, isCase: false, .zh))"
    }

    private static func command(_ kind: CommandKind) -> String {
        "`\(kind.name)` \(CommandNames.of(kind.name, .zh))"
    }
}
