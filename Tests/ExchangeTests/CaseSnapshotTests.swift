import Schema
import Testing
import Wire

@testable import Exchange

@Suite("SNAPSHOT.md 5: what the wider casework has goes through a snapshot")
struct CaseSnapshotTests {
    private final class Pieces { var bytes: [UInt8] = [] }

    /// A desk with every kind of case in every state, tables, fund and all.
    private func filled() throws -> Desk {
        var (desk, _) = try CaseSightTests.filled()
        // The table of `filled` has one kind; load the seeds' own again.
        let seeds = try seedCommands(ProjectFiles.seeds())
        let kinds = try #require(seeds.first { CommandKind($0.command) == .loadCaseKinds })
        try desk.run(
            kinds.command, desk.actor("b1y3"), kinds.target, expecting: desk.state.version(of: kinds.target))
        let request = try desk.request(in: .inProgress)
        try desk.run(
            .reportResult(ReportResult(grade: .solved, summary: "已办", persons: 7, times: 3)), by: "k7f2",
            on: request)
        var announce = RoundSamples.announce
        announce.peopleKind = .soldier
        try desk.run(.announceRound(announce), by: "b1s2", on: desk.newID())
        for kind in [CommandKind.fileCase, .endorseCase, .finishTask, .payAid] {
            for state in PlacementCase.State.allCases {
                let target = try desk.placementCase(in: state, for: kind)
                if state == .closed { try desk.give(.eraseCase, on: target) }
                if state == .reviewed, kind == .finishTask { try desk.give(.refuseTask, on: target) }
                if state == .reviewed, kind == .fileCase {
                    try desk.give(.fixReceiver, on: target)
                    try desk.give(.demandMaterials, on: target)
                }
            }
        }
        try desk.add(Desk.township)
        try desk.add("t1a1", Desk.township.key)
        try desk.suspendParty(Desk.township.key)
        try desk.add("k9n1", "county/421321")
        try desk.handOver("k7f2", to: "k9n1")
        try desk.eraseName("k7f2")
        return desk
    }

    /// The state built aside: sealed texts with their place in front, none open.
    private func aside(_ desk: Desk) -> State {
        var state = State(aside: true)
        let place = SealPlace(command: EntityID(high: 5, low: 6), place: 7).bytes
        for entry in desk.log {
            var event = entry.event
            event.forEachPersonal(under: .root) { (field: inout Personal, _) in
                guard !field.sealed.isEmpty else { return }
                field = Personal(sealed: place + field.sealed)
            }
            state.apply(event, at: entry.at)
        }
        return state
    }

    private func bytes(_ state: State) throws -> [UInt8] {
        let pieces = Pieces()
        var out = CompactWriter { pieces.bytes += $0 }
        try state.write(to: &out)
        try out.flush()
        return pieces.bytes
    }

    private func read(_ bytes: [UInt8], _ opening: SnapshotOpening) throws -> State {
        var pieces = [bytes][...]
        var reader = CompactReader { pieces.popFirst() }
        let state = try State(snapshot: &reader, opening)
        try reader.end()
        return state
    }

    @Test func thereAndBack() throws {
        let desk = try filled()
        let written = try bytes(aside(desk))
        let again = try read(written, .aside)
        #expect(try bytes(again) == written)
        let opened = try read(
            written,
            .opened { _, _, sealed in
                String(decoding: sealed.dropFirst().map { $0 ^ 0x5A }, as: UTF8.self)
            })
        #expect(TestHasher.digest(opened) == TestHasher.digest(desk.state))
        #expect(opened.parties == desk.state.parties && opened.officers == desk.state.officers)
        #expect(opened.officer("k7f2")?.name.shown == "已删除" && opened.erased == desk.state.erased)
        #expect(opened.fund == desk.state.fund)
        #expect(opened.requests.map(\.persons) == desk.state.requests.map(\.persons))
        #expect(opened.requests.map(\.times).max() == 3 && opened.rounds.map(\.people) == [.soldiers])
        #expect(opened.cases.map(\.review) == desk.state.cases.map(\.review))
        #expect(opened.caseKinds == desk.state.caseKinds && opened.schoolTerms == desk.state.schoolTerms)
        for slot in 0..<desk.state.cases.count {
            let (mine, its) = (opened.cases[slot], desk.state.cases[slot])
            #expect(mine.child == its.child && mine.tasks == its.tasks && mine.due == its.due)
            #expect(mine.receiver == its.receiver && mine.followUp == its.followUp && mine.chain == its.chain)
            #expect(mine.passed == its.passed && mine.demanded == its.demanded && mine.aid == its.aid)
        }
    }

    /// What a hostile or damaged file says is named, never trapped on.
    @Test func anyDamageIsAFaultOrAnotherState() throws {
        let written = try bytes(aside(try filled()))
        for position in stride(from: 0, to: written.count, by: 397) {
            var damaged = written
            damaged[position] ^= 0xFF
            _ = try? read(damaged, .aside)
            _ = try? read([UInt8](written.prefix(position)), .aside)
        }
    }
}
