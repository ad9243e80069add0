import Exchange
import Testing

import struct BureauTestSupport.RoundSample

@Suite("ROUND.md 3 points")
struct PointsTests {
    private func score(_ facts: [(String, Int, String)]) throws -> PointsScore {
        try RoundSample.table().score(facts.map { RoundEvidence(item: $0, count: $1, record: $2) })
    }

    @Test("each recorded count earns the item's points; the groups' sum is the score, in tenths")
    func sum() throws {
        let score = try score([("service-year", 8, "a1"), ("merit-third", 1, "b1"), ("rank-nco", 1, "b2")])
        #expect(score.total == 8 * 15 + 50 + 80)
        #expect(score.traces.map(\.counted) == [50, 80, 120])
        #expect(score.subtotals.map(\.counted) == [50, 80, 120])
    }

    @Test("what the file does not record is traced and earns nothing")
    func unrecorded() throws {
        let score = try score([("merit-third", 1, "b1"), ("merit-third", 2, ""), ("merit-second", 1, "")])
        #expect(score.total == 50)
        #expect(score.traces.map(\.recorded) == [0, 1] && score.traces.map(\.unrecorded) == [1, 2])
        #expect(score.traces.map(\.gross) == [0, 50])
    }

    @Test("an item's bound, then the group's: the trace shows what was earned and what counts")
    func bounds() throws {
        let merits = try score([("merit-third", 3, "b1"), ("merit-second", 2, "b2")])
        #expect(merits.traces.map(\.gross) == [240, 150] && merits.traces.map(\.counted) == [240, 100])
        #expect(merits.subtotals.map(\.gross) == [340] && merits.total == 250)
        let years = try score([("service-year", 30, "a1"), ("plateau-year", 10, "a2")])
        #expect(years.traces.map(\.counted) == [60, 450] && years.total == 300)
    }

    @Test("what is taken away is bounded, too; the best of a group is the best of what is recorded")
    func belowNought() throws {
        #expect(try score([("warning", 2, "d1")]).total == -60)
        #expect(try score([("warning", 9, "d1")]).total == -100)
        #expect(try score([("rank-nco", 1, "a"), ("rank-officer", 1, "a")]).total == 120)
        #expect(try score([("rank-nco", 1, "a"), ("rank-officer", 1, "")]).total == 80)
        #expect(try score([("rank-officer", 1, "")]).total == 0)
        #expect(try score([]).total == 0)
    }

    @Test("the order in which evidence was entered changes nothing")
    func order() throws {
        let facts = [("merit-third", 1, "b1"), ("service-year", 8, "a1"), ("merit-third", 1, "b2")]
        #expect(try score(facts) == score(facts.reversed()))
    }

    // MARK: What a table may say

    private typealias Group = PointsTable.Group
    private typealias Item = PointsTable.Item

    private func group(_ code: String = "g", most: Int? = nil) -> Group {
        Group(code: code, rule: .sum, most: most, clause: "第一条", name: "名称")
    }
    private func item(_ code: String = "i", group: String = "g", points: Int = 1, most: Int? = nil) -> Item {
        Item(code: code, group: group, points: points, most: most, clause: "第一条", name: "名称")
    }
    private func fault(_ groups: [Group], _ items: [Item], version: String = "1") -> RoundFault? {
        do throws(RoundFault) {
            _ = try PointsTable(name: "t", version: version, groups: groups, items: items)
            return nil
        } catch { return error }
    }

    @Test("each limit of a table: at it, and one beyond")
    func limits() {
        let most = RoundLimits.tenths
        #expect(fault([group(most: most)], [item(points: most, most: most)]) == nil)
        #expect(fault([group(most: most + 1)], [])?.kind == .outOfRange)
        #expect(fault([group()], [item(points: most + 1)])?.kind == .outOfRange)
        #expect(fault([group()], [item(points: -most)]) == nil)
        #expect(fault([group()], [item(points: -most - 1)])?.kind == .outOfRange)
        #expect(fault([group(most: -1)], [])?.kind == .outOfRange)
        let groups = (0...RoundLimits.groups).map { group("g\($0)") }
        #expect(fault(Array(groups.dropLast()), []) == nil && fault(groups, [])?.kind == .tooMany)
        let items = (0...RoundLimits.items).map { item("i\($0)") }
        #expect(fault([group()], Array(items.dropLast())) == nil)
        #expect(fault([group()], items)?.kind == .tooMany)
        #expect(fault([group(String(repeating: "g", count: RoundLimits.tokenBytes))], []) == nil)
        #expect(
            fault([group(String(repeating: "g", count: RoundLimits.tokenBytes + 1))], [])?.kind == .malformed)
    }

    @Test("codes stand once, name a group, and are tokens")
    func codes() {
        #expect(fault([group(), group()], [])?.kind == .repeated)
        #expect(fault([group()], [item(), item()])?.kind == .repeated)
        #expect(fault([group()], [item(group: "h")])?.kind == .unknown)
        #expect(fault([group("-")], [])?.kind == .malformed)
        #expect(fault([group("组")], [])?.kind == .malformed)
        #expect(fault([], [], version: "")?.kind == .malformed)
    }
}
