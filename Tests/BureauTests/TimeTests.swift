import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import Testing
import Wire

@testable import Bureau

/// A town with the tables of time, whose days the test turns.
struct TimedTown {
    let world: World
    let disk: SimulatedDisk
    private(set) var desk: Desk
    static let day: Int64 = 86_400_000_000_000

    init(seed: UInt64 = 21, files: [SeedFile] = TownRoster.files + TownRoster.time) throws {
        world = World(seed: seed)
        disk = try TownDisk.make(seed: seed, world: world, segmentSize: 1 << 20, files: files)
        desk = try TownDisk.open(disk, world, segmentSize: 1 << 20)
    }

    /// The machine stops where it is; what is durable is opened again.
    mutating func crash() throws {
        desk.abandon()
        disk.crash()
        disk.clearFaults()
        desk = try TownDisk.open(disk, world, segmentSize: 1 << 20)
    }

    mutating func restart() throws {
        desk.log.close()
        desk = try TownDisk.open(disk, world, segmentSize: 1 << 20)
    }

    /// Turns until nothing is due, each made durable.
    func settle() {
        repeat {
            desk.engine.turn([])
            while desk.log.step() {}
        } while desk.engine.hasMore
    }

    /// Days pass, and the server runs on each of them.
    func pass(days: Int) {
        for _ in 0..<days {
            world.advance(Self.day)
            settle()
        }
    }

    func assigned(workingDays: Int32) throws -> [UInt8] {
        let target = world.target()
        for kind in [CommandKind.submitRequest, .acceptRequest, .decideRequest] {
            try desk.give(kind, on: target)
        }
        let assign = Filings.assign(workingDays: workingDays)
        let answer = try desk.give(.assignRequest(assign), by: "b1s2", on: target)
        try #require(answer.outcome?.refusal == .unspecified)
        return target
    }

    /// What the clock wrote: the body of each of its records, by sequence.
    func clockRecords() throws -> [(sequence: UInt64, time: Int64, record: EventV1.Record)] {
        var recorded = Recorded()
        try Journal.read(disk.root, keys: try disk.root.subdirectory("keys"), visitor: &recorded)
        return try recorded.commands.map { ($0.sequence, $0.time, try EventV1.Record(decoding: $0.body)) }
            .filter { $0.2.commandKind == CommandKind.markTime.rawValue }
    }

    func lines() throws -> [String] {
        try clockRecords().map { entry in
            guard case .timeMarked(let mark)? = entry.record.events.first?.body else { return "?" }
            let step = mark.step == .unspecified ? "" : " \(mark.step)"
            return "\(CivilDay(nanoseconds: entry.time).text) \(mark.light)\(step)"
        }
    }

    func replayedHash() throws -> Digest {
        let copy = try TownDisk.copy(disk, seed: 5)
        let store = try Store.open(
            copy.root, keys: try copy.root.subdirectory("keys"),
            options: World(seed: 99, start: world.now + 400 * Self.day).options(segmentSize: 1 << 20),
            snapshots: false)
        return try StateHash.of(store.state)
    }
}

@Suite("DOMAIN.md 2, Supervision: the engine's clock")
struct TimeTests {
    /// Assigned on Monday 2026-03-02, due on Monday the 9th.
    private static let ladder = [
        "2026-03-04 yellow remind", "2026-03-10 red urge", "2026-03-16 red supervise",
        "2026-03-30 red listed",
    ]

    @Test("day after day each change is one record, of the clock, and a replay on a later day agrees")
    func daysGoBy() throws {
        let town = try TimedTown()
        let target = try town.assigned(workingDays: 5)
        let version = town.desk.version(of: target)
        town.pass(days: 60)
        #expect(try town.lines() == Self.ladder)
        for entry in try town.clockRecords() {
            let record = entry.record
            #expect(record.actor == EventV1.Actor(path: .clock) && record.target == target)
            #expect(record.version == version && record.expectedVersion == version && record.origin.isEmpty)
            #expect(record.number == "随双2026-军提-0001" && record.events.count == 1)
        }
        #expect(try town.replayedHash() == StateHash.of(town.desk.engine.state))
        #expect(
            Journal.verify(town.disk.root, keys: try town.disk.root.subdirectory("keys")).problem == nil)
    }

    @Test("off for a week, and for a month: what changed is written at the start, once")
    func wasOff() throws {
        var town = try TimedTown()
        _ = try town.assigned(workingDays: 5)
        town.settle()
        town.desk.log.close()
        town.world.advance(7 * TimedTown.day)
        try town.restart()
        town.settle()
        #expect(try town.lines() == ["2026-03-09 yellow remind"])
        try town.restart()
        town.settle()
        #expect(try town.lines().count == 1)
        town.world.advance(40 * TimedTown.day)
        try town.restart()
        town.settle()
        #expect(try town.lines() == ["2026-03-09 yellow remind", "2026-04-18 red listed"])
    }

    @Test("the machine stops at every step of a new day: nothing is written twice and nothing is lost")
    func killed() throws {
        for stop in 0..<6 {
            var town = try TimedTown(seed: 40 + UInt64(stop))
            for _ in 0..<5 { _ = try town.assigned(workingDays: 5) }
            town.settle()
            town.world.advance(2 * TimedTown.day)
            town.disk.fail(town.disk.operations + stop, .stop)
            town.settle()
            try town.crash()
            town.settle()
            town.settle()
            #expect(
                try town.lines() == Array(repeating: "2026-03-04 yellow remind", count: 5), "stop \(stop)")
            #expect(try town.replayedHash() == StateHash.of(town.desk.engine.state))
        }
    }

    @Test("from a snapshot the same follows as from a full replay")
    func snapshots() throws {
        var town = try TimedTown()
        let target = try town.assigned(workingDays: 5)
        town.pass(days: 3)
        let keys = try town.disk.root.subdirectory("keys")
        let made = try Snapshots.make(
            town.disk.root, keys: keys, upTo: town.desk.log.durable.sequence, entropy: town.world.entropy,
            roomLeft: 0)
        #expect(made != nil)
        try town.restart()
        #expect(town.desk.store.snapshot != nil)
        town.pass(days: 57)
        #expect(try town.lines() == Self.ladder)
        #expect(try town.replayedHash() == StateHash.of(town.desk.engine.state))
        let state = town.desk.engine.state
        let viewer = try #require(state.viewer(officer: "k7f2", party: "county/421321"))
        let matter = try #require(EntityID(target).flatMap { state.matter($0, for: viewer) })
        #expect(
            state.history(of: matter, for: viewer).filter { $0.kind == "mark_time" }.map(\.step)
                == [.remind, .urge, .supervise, .listed])
    }

    @Test("a wall clock set back unsays nothing and writes nothing")
    func setBack() throws {
        let town = try TimedTown()
        _ = try town.assigned(workingDays: 5)
        town.pass(days: 3)
        #expect(try town.lines() == ["2026-03-04 yellow remind"])
        town.world.setWall(World.morning)
        town.settle()
        #expect(try town.lines().count == 1)
    }

    @Test("watchers are told, once it is durable")
    func watched() throws {
        let town = try TimedTown()
        _ = try town.assigned(workingDays: 5)
        let replies = ["k7f2", "u7l1", "k3z8"].map { officer in
            let reply = CaughtReply()
            town.desk.engine.turn([
                .watch(
                    WatchStart(
                        id: WatchID.next(), actor: TownRoster.actor(officer), query: WatchQuery(),
                        reply: reply))
            ])
            return reply
        }
        town.settle()
        for reply in replies { _ = reply.drain() }
        town.world.advance(2 * TimedTown.day)
        town.desk.engine.turn([])
        #expect(replies.allSatisfy { $0.messages.isEmpty }, "not durable yet")
        town.settle()
        let told = try replies.map { try $0.messages.map { try Change(decoding: $0) } }
        #expect(told[0].map(\.entry?.light) == [.yellow] && told[1].map(\.entry?.step) == [.remind])
        #expect(told[2].isEmpty)
    }

    @Test("a calendar loaded while it runs makes what was tentative firm, in the next turns")
    func loadedLater() throws {
        let roster = SeedFile(
            path: "officers.csv",
            text: (TownRoster.files.first { $0.path == "officers.csv" }?.text ?? "")
                + "b1y3,bureau/421300,system_admin,测试子,系统管理员\n")
        let files = TownRoster.files.filter { $0.path != "officers.csv" } + [roster] + TownRoster.time
        let town = try TimedTown(files: files)
        let target = try town.assigned(workingDays: 250)
        let state = town.desk.engine.state
        let viewer = try #require(state.viewer(officer: "b1a1", party: "bureau/421300"))
        let matter = try #require(EntityID(target).flatMap { state.matter($0, for: viewer) })
        #expect(state.requestView(matter, for: viewer)?.summary?.tentative == true)
        let old = state.requestView(matter, for: viewer)?.summary?.deadline
        let day = CivilDate(year: 2027, month: 1, day: 1)
        let table = LoadCalendar(
            year: 2027, version: "1", source: "通知",
            spans: [CalendarSpan(first: day, last: day, works: false, name: "元旦")])
        let loader = ActorIdentity(
            city: TownRoster.city, party: "bureau/421300", officer: "b1y3", serial: [1])
        let reply = CaughtReply()
        let envelope = Envelope(
            id: town.world.commandID().bytes, city: TownRoster.city, party: loader.party,
            officer: loader.officer,
            issuedAt: town.world.now, target: RosterTarget.calendar(2027).bytes,
            command: Command(body: .loadCalendar(table)))
        let submission = try town.desk.reader.line(
            SignedEnvelope(envelope: envelope.encoded()), call: Desk.call("b1a1"), actor: loader, reply: reply
        )
        town.desk.engine.turn([.command(submission)])
        town.settle()
        #expect(try Desk.answer(reply).outcome?.refusal == .unspecified)
        let summary = town.desk.engine.state.requestView(matter, for: viewer)?.summary
        #expect(summary?.tentative == false && summary?.deadline != old)
        #expect(try town.clockRecords().count == 1)
        #expect(try town.replayedHash() == StateHash.of(town.desk.engine.state))
    }

    @Test("sent from outside it is refused, recorded and remembered as every refusal")
    func fromOutside() throws {
        let town = try TimedTown()
        let target = try town.assigned(workingDays: 5)
        let envelope = town.desk.envelope(
            .markTime(MarkTime()), by: "b1s2", on: target, expecting: town.desk.version(of: target))
        let answer = try town.desk.send(envelope, by: "b1s2")
        #expect(answer.outcome?.refusal == .notPermitted)
        #expect(try town.desk.send(envelope, by: "b1s2").repeated)
        #expect(try town.replayedHash() == StateHash.of(town.desk.engine.state))
    }

    @Test("the trail names the clock, and a dump prints what it wrote")
    func trailed() throws {
        let town = try TimedTown()
        _ = try town.assigned(workingDays: 5)
        town.pass(days: 2)
        var recorded = Recorded(prints: true)
        try Journal.read(
            town.disk.root, keys: try town.disk.root.subdirectory("keys"), visitor: &recorded)
        let lines = try #require(recorded.commands.last).lines
        #expect(lines.first?.contains("mark_time by / ") == true, "\(lines)")
        #expect(lines.last?.contains("LIGHT_YELLOW") == true, "\(lines)")
    }
}

@Suite("DESIGN.md 9: a new day costs a turn no more than a slice")
struct TimeBudgetTests {
    private final class Hurried: Sendable {
        let world: World
        init(_ world: World) { self.world = world }
        /// Each look costs more than a turn's budget, so a turn has one slice of each kind.
        var clock: EngineClock {
            EngineClock(
                wall: { self.world.now },
                steady: {
                    self.world.advance(EngineLimits.turnBudget + 1)
                    return self.world.steadyNow
                })
        }
    }

    /// How many items are due does not matter to a turn: it is counted in slices, looks and records, not in time.
    @Test(arguments: [300, 3_000])
    func aTurnIsOneSlice(_ items: Int) throws {
        let world = World(seed: 77)
        let disk = try TownDisk.make(
            seed: 77, world: world, segmentSize: 4 << 20, files: TownRoster.files + TownRoster.time)
        let store = try Store.open(
            disk.root, keys: try disk.root.subdirectory("keys"), options: world.options(segmentSize: 4 << 20))
        var state = store.state
        fill(&state, items, at: world.now)
        let engine = Engine(
            Engine.Parts(
                state: state, log: store.log, storeID: store.journal.storeID, clock: Hurried(world).clock,
                entropy: world.entropy, eraser: DirectKeyEraser(store.log)),
            recovered: store.memory, admission: Admission(), handle: EngineHandle())
        store.log.startManually(onOutcome: engine.outcomeReceiver(), onFatal: { _ in })
        // The sweep after the start looks at all, and finds nothing to write.
        var turns = 0
        while engine.hasMore || turns == 0 {
            engine.turn([])
            while store.log.step() {}
            turns += 1
        }
        #expect(turns == engine.timeSlices && turns >= items / EngineLimits.timeLooks)
        #expect(engine.state.changes.rows.count == 2 * items)
        world.advance(2 * TimedTown.day)
        var written: [Int] = []
        repeat {
            let (before, slices) = (engine.state.changes.rows.count, engine.timeSlices)
            engine.turn([])
            while store.log.step() {}
            #expect(engine.timeSlices - slices == 1, "a turn is one slice")
            written.append(engine.state.changes.rows.count - before)
        } while engine.hasMore
        #expect(written.allSatisfy { $0 <= EngineLimits.timeMarks })
        #expect(written.reduce(0, +) == items, "every item once")
    }

    /// Requests that are all due on one day, as if their records had been replayed.
    private func fill(_ state: inout State, _ items: Int, at now: Int64) {
        let text = EventV1.RequestText(category: "road")
        let submitted = EventV1.RequestSubmitted(
            direction: .unitToLocal, year: 2026, wave: .anytime, text: text, requester: "unit/LU-07")
        let assigned = EventV1.RequestAssigned(
            responsible: "county/421321", deadline: CivilDate(year: 2026, month: 3, day: 9), workingDays: 5)
        for item in 0..<items {
            for (event, kind) in [
                (EventV1.Event(body: .requestSubmitted(submitted)), CommandKind.submitRequest),
                (EventV1.Event(body: .requestAssigned(assigned)), .assignRequest),
            ] {
                state.apply(
                    event,
                    at: EventContext(
                        sequence: state.lastSequence + 1, time: now, actor: .seed,
                        target: EntityID(high: 0x0195_0000_0000_7000, low: 1 << 63 | UInt64(item)),
                        version: 1,
                        kind: kind))
            }
        }
    }
}
