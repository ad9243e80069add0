import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import Synchronization
import Testing
import Wire

@testable import Bureau

/// Whatever else waits, a command is judged in the next turn, and one turn takes no more than its budget and a step.
@Suite("DESIGN.md 9: turn budget, casework goes first")
struct TurnBudgetTests {
    /// Each look at the steady clock costs more than a turn's budget: every loop of the engine must stop at its first look.
    private final class Hurried: Sendable {
        private let time = Atomic<Int64>(1)
        var clock: EngineClock {
            let wall = World.morning
            return EngineClock(
                wall: { wall },
                steady: {
                    self.time.wrappingAdd(EngineLimits.turnBudget + 1, ordering: .relaxed).newValue
                })
        }
    }

    /// Counts the steps of all scans; each needs ten.
    private final class Steps: Sendable {
        let count = Atomic<Int>(0)
    }

    private struct TenSteps: ScanJob {
        let steps: Steps
        var left = 10
        mutating func step(_ state: State, viewer: Viewer) throws(Status) -> [UInt8]? {
            steps.count.wrappingAdd(1, ordering: .relaxed)
            left -= 1
            return left == 0 ? [] : nil
        }
    }

    private struct Bench {
        let world = World(seed: 5)
        let engine: Engine
        let log: GroupCommitLog
        let reader = EnvelopeReader(
            city: TownRoster.city, signatures: TrustingChecker(), algorithm: .sha256, receipts: nil)

        init(clock: EngineClock) throws {
            let disk = try TownDisk.make(seed: 5, world: world, segmentSize: 1 << 20)
            let options = world.options(segmentSize: 1 << 20)
            let store = try Store.open(
                disk.root, keys: try disk.root.subdirectory("keys"), options: options)
            log = store.log
            engine = store.engine(
                admission: Admission(), handle: EngineHandle(), clock: clock, entropy: world.entropy)
            log.startManually(onOutcome: engine.outcomeReceiver(), onFatal: { _ in })
        }

        func filing() throws -> (EngineInput, CaughtReply) {
            let actor = TownRoster.actor("u7l1")
            let envelope = Envelope(
                id: world.commandID().bytes, city: actor.city, party: actor.party, officer: actor.officer,
                target: world.target(), command: Command(body: .submitRequest(Filings.submitUnit)))
            let reply = CaughtReply()
            let submission = try reader.line(
                SignedEnvelope(envelope: envelope.encoded()), call: Desk.call("u7l1"), actor: actor,
                reply: reply)
            return (.command(submission), reply)
        }

        func watch(_ officer: String, _ reply: CaughtReply) -> EngineInput {
            .watch(
                WatchStart(
                    id: WatchID.next(), actor: TownRoster.actor(officer), query: WatchQuery(), reply: reply))
        }
    }

    @Test func aThousandScansDoNotHoldACommandBack() throws {
        let bench = try Bench(clock: Hurried().clock)
        let steps = Steps()
        let replies = (0..<1_000).map { _ in CaughtReply() }
        bench.engine.turn(
            replies.map { reply in
                .query(
                    Query(
                        actor: TownRoster.actor("b1a1"), deadline: nil, reply: reply,
                        work: .steps(TenSteps(steps: steps))))
            })
        let before = steps.count.load(ordering: .relaxed)
        let (filing, reply) = try bench.filing()
        bench.engine.turn([filing])
        bench.log.step()
        #expect(reply.status?.isOK == true, "judged in the turn it came")
        let inOneTurn = steps.count.load(ordering: .relaxed) - before
        #expect((1...3).contains(inOneTurn), "\(inOneTurn) steps in a turn that was over at once")
        // None starves: turn by turn all come to their end.
        var turns = 0
        while bench.engine.hasMore, turns < 20_000 {
            bench.engine.turn([])
            turns += 1
        }
        #expect(replies.allSatisfy { $0.status?.isOK == true })
        #expect(steps.count.load(ordering: .relaxed) == 10_000)
    }

    @Test func watchersAreToldInRotation() throws {
        let bench = try Bench(clock: Hurried().clock)
        let officers = ["b1a1", "b1s2", "u7l1", "k7f2"]
        let replies = officers.map { _ in CaughtReply() }
        bench.engine.turn(zip(officers, replies).map { bench.watch($0, $1) })
        for _ in 0..<officers.count { bench.engine.turn([]) }
        // Each has been told where it begins: one a turn, none twice.
        #expect(replies.map(\.messages.count) == [1, 1, 1, 1])
        let (filing, _) = try bench.filing()
        bench.engine.turn([filing])
        bench.log.step()
        for told in 1...2 {
            bench.engine.turn([.durable])
            #expect(replies.map(\.messages.count).reduce(0, +) <= officers.count + told)
        }
        for _ in 0..<officers.count { bench.engine.turn([]) }
        #expect(replies[0].messages.count == 2 && replies[1].messages.count == 2)
    }

    @Test(arguments: [(0, true), (1, false)])
    func watchesOfOneOfficer(_ beyond: Int, _ isTaken: Bool) throws {
        let bench = try Bench(clock: World(seed: 6).clock)
        for _ in 1..<(EngineLimits.watchersPerOfficer + beyond) {
            bench.engine.turn([bench.watch("b1a1", CaughtReply())])
        }
        let last = CaughtReply()
        bench.engine.turn([bench.watch("b1a1", last)])
        #expect((last.status == nil) == isTaken)
        if !isTaken {
            #expect(last.status?.code == .resourceExhausted && last.status?.notProcessed == true)
        }
        // Nobody takes the others' places.
        let other = CaughtReply()
        bench.engine.turn([bench.watch("b1s2", other)])
        #expect(other.status == nil)
    }

    /// A place is free again when its watch has ended.
    @Test func anEndedWatchGivesItsPlaceBack() throws {
        var table = WatchTable()
        let state = try Town().desk.engine.state
        func start() -> (WatchID, Status?) {
            let id = WatchID.next()
            let status = table.start(
                WatchStart(
                    id: id, actor: TownRoster.actor("b1a1"), query: WatchQuery(), reply: CaughtReply()),
                state: state)
            return (id, status)
        }
        let first = (0..<EngineLimits.watchersPerOfficer).map { _ in start() }
        #expect(start().1?.code == .resourceExhausted)
        table.end(first[3].0)
        table.end(first[3].0)
        #expect(start().1 == nil)
        #expect(start().1?.code == .resourceExhausted)
    }
}
