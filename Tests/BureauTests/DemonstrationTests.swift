import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import Testing
import Wire

@testable import Bureau

/// A town with a demonstration clock: `World`'s, which the engine moves on.
private struct DemonstrationTown {
    let world: World
    let disk: SimulatedDisk
    private(set) var desk: Desk
    static let day: Int64 = 86_400_000_000_000
    private static let segment = 1 << 20

    /// The town's roster, with a system administrator in place of the security administrator.
    private static let files = (TownRoster.files + TownRoster.time).map { file in
        SeedFile(path: file.path, text: file.text.replacing("security_admin", with: "system_admin"))
    }

    init(seed: UInt64 = 71) throws {
        world = World(seed: seed)
        disk = SimulatedDisk(seed: seed)
        let keys = try disk.root.subdirectory("keys")
        let options = world.options(segmentSize: Self.segment)
        try Journal.format(disk.root, keys: keys, options)
        _ = try SeedLoader.fill(
            disk.root, keys: keys, options: options,
            commands: [.demonstration(from: world.now)] + (try seedCommands(Self.files)), clock: world.clock,
            entropy: world.entropy)
        desk = try TownDisk.open(disk, world, segmentSize: Self.segment)
    }

    var keys: any Storage { get throws { try disk.root.subdirectory("keys") } }

    /// The server ends, or is cut off, and a new one begins by the clock that the journal tells.
    mutating func restart(cutOff: Bool = false, later: Int64 = 0) throws {
        if cutOff {
            desk.abandon()
            disk.crash()
            disk.clearFaults()
        } else {
            desk.log.close()
        }
        world.advance(later)
        let clock = try #require(StoreClock.of(disk.root))
        world.setWall(clock.now)
        desk = try TownDisk.open(disk, world, segmentSize: Self.segment)
    }

    func settle() {
        repeat {
            desk.engine.turn([])
            while desk.log.step() {}
        } while desk.engine.hasMore
    }

    func advance(to time: Int64) throws -> CommandAnswer {
        let target = RosterTarget.clock.bytes
        let envelope = desk.envelope(
            .advanceClock(AdvanceClock(to: time)), by: "b1q4", on: target,
            expecting: desk.version(of: target))
        let reply = desk.turn([desk.submit(envelope, by: "b1q4")])[0]
        while desk.log.step() {}
        return try Desk.answer(reply)
    }

    /// A day after the other, the clock running: what a jump is held against.
    func live(days: Int) {
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
        let answer = try desk.give(
            .assignRequest(Filings.assign(workingDays: workingDays)), by: "b1s2", on: target)
        try #require(answer.outcome?.refusal == .unspecified)
        return target
    }

    func recorded() throws -> Recorded {
        var recorded = Recorded()
        try Journal.read(disk.root, keys: try keys, visitor: &recorded)
        return recorded
    }

    /// What the clock wrote: day, item, light and step.
    func marks() throws -> [String] {
        try recorded().commands.compactMap { entry in
            let record = try EventV1.Record(decoding: entry.body)
            guard case .timeMarked(let mark)? = record.events.first?.body else { return nil }
            return "\(CivilDay(nanoseconds: entry.time).text) \(record.number) \(mark.light) \(mark.step)"
        }
    }

    func replayedHash() throws -> Digest {
        let copy = try TownDisk.copy(disk, seed: 5)
        let store = try Store.open(
            copy.root, keys: try copy.root.subdirectory("keys"),
            options: World(seed: 99, start: world.now).options(segmentSize: Self.segment), snapshots: false)
        return try StateHash.of(store.state)
    }
}

@Suite("CASEWORK.md 5: the demonstration clock in engine and journal")
struct DemonstrationTests {
    @Test("the store's first command says what it is; ordinary stores say nothing")
    func firstRecord() throws {
        let town = try DemonstrationTown()
        let first = try #require(try town.recorded().commands.first)
        #expect(first.sequence == 2)
        let record = try EventV1.Record(decoding: first.body)
        #expect(
            record.events.first?.body == .demonstrationBegun(EventV1.DemonstrationBegun(from: World.morning)))
        #expect(town.desk.engine.state.demonstration?.from == World.morning)
        #expect(StoreClock.begins(town.disk.root))
        var printed = Recorded(prints: true)
        try Journal.read(town.disk.root, keys: try town.keys, visitor: &printed)
        #expect(printed.commands[0].lines.joined().contains("演示时钟 2026-03-02T09:00"))
        let ordinary = try TimedTown()
        #expect(!StoreClock.begins(ordinary.disk.root))
        #expect(StoreClock.of(ordinary.disk.root) == nil)
    }

    @Test("a jump of sixty days leaves what sixty lived days leave, each step under its own date")
    func jump() throws {
        let (jumped, lived) = (try DemonstrationTown(), try DemonstrationTown())
        for town in [jumped, lived] {
            for days in [3, 5, 5, 20, 40] { _ = try town.assigned(workingDays: Int32(days)) }
            town.settle()
        }
        let to = jumped.world.now + 60 * DemonstrationTown.day
        #expect(try jumped.advance(to: to).outcome?.refusal == .unspecified)
        lived.live(days: 60)
        let marks = try jumped.marks()
        #expect(marks == (try lived.marks()))
        // The ladder of five working days, assigned on Monday the 2nd, as in `TimeTests`.
        #expect(
            marks.filter { $0.contains("-0002 ") } == [
                "2026-03-04 随双2026-军提-0002 yellow remind", "2026-03-10 随双2026-军提-0002 red urge",
                "2026-03-16 随双2026-军提-0002 red supervise", "2026-03-30 随双2026-军提-0002 red listed",
            ])
        #expect(jumped.world.now == to)
        let (a, b) = (jumped.desk.engine.state.requests, lived.desk.engine.state.requests)
        for slot in 0..<a.count { #expect(a[slot].timing == b[slot].timing) }
        #expect(try jumped.replayedHash() == StateHash.of(jumped.desk.engine.state))
        #expect(Journal.verify(jumped.disk.root, keys: try jumped.keys).problem == nil)
    }

    @Test("whoever moved it on is answered when it has arrived, and its arrival is on record")
    func answer() throws {
        let town = try DemonstrationTown()
        _ = try town.assigned(workingDays: 5)
        town.settle()
        let to = town.world.now + 30 * DemonstrationTown.day
        let target = RosterTarget.clock.bytes
        let envelope = town.desk.envelope(
            .advanceClock(AdvanceClock(to: to)), by: "b1q4", on: target, expecting: 1)
        let reply = town.desk.turn([town.desk.submit(envelope, by: "b1q4")])[0]
        #expect(reply.status == nil, "answered before anything is durable")
        while town.desk.log.step() {}
        #expect(try Desk.answer(reply).outcome?.refusal == .unspecified && reply.answerCount == 1)
        let recorded = try town.recorded()
        let advanced = try #require(recorded.commands.first { $0.id == idOf(envelope) })
        let durable = try #require(town.desk.heard.positions.last?.sequence)
        #expect(durable >= advanced.sequence + 5, "four marks and the arrival")
        guard case .clockJump(_, let found) = try #require(recorded.system.last) else {
            Issue.record("no CLOCK_JUMP: \(recorded.system)")
            return
        }
        #expect(found == to && (recorded.times.last ?? 0) >= to)
        // Sent again it is the same answer, and nothing moves.
        let again = try town.desk.send(envelope, by: "b1q4")
        #expect(again.outcome?.refusal == .unspecified && town.world.now == to)
    }

    private func idOf(_ envelope: [UInt8]) -> ID128? {
        (try? Envelope(decoding: envelope)).flatMap { ID128($0.id) }
    }

    @Test("after a restart it goes on from the journal's last time, however long the server was away")
    func restart() throws {
        var town = try DemonstrationTown()
        _ = try town.assigned(workingDays: 5)
        let to = town.world.now + 10 * DemonstrationTown.day
        _ = try town.advance(to: to)
        let marks = try town.marks()
        try town.restart(later: 400 * DemonstrationTown.day)
        town.settle()
        #expect(CivilDay(nanoseconds: town.world.now) == CivilDay(nanoseconds: to))
        #expect(town.world.now >= to && town.desk.engine.state.demonstration?.to == to)
        #expect(try town.marks() == marks)
        #expect(try town.advance(to: to + 20 * DemonstrationTown.day).outcome?.refusal == .unspecified)
        #expect(try town.marks().count == 4)
        #expect(try town.replayedHash() == StateHash.of(town.desk.engine.state))
    }

    /// An engine that cannot move its clock, run for some days: its journal is that of a walk that was cut off there.
    @Test(
        "cut off anywhere on its way: it arrives after the restart, every step once and under its date",
        arguments: [0, 1, 2, 9, 28, 59])
    func cutOff(days: Int) throws {
        var town = try DemonstrationTown()
        for _ in 0..<3 { _ = try town.assigned(workingDays: 5) }
        town.settle()
        let to = town.world.now + 60 * DemonstrationTown.day
        town.world.stick(true)
        try town.restart()
        #expect(try town.advance(to: to).outcome?.refusal == .unspecified)
        town.live(days: days)
        #expect(town.world.now < to)
        town.world.stick(false)
        try town.restart(cutOff: true)
        #expect(town.desk.engine.state.demonstration?.to == to && town.world.now < to)
        town.settle()
        #expect(town.world.now >= to && CivilDay(nanoseconds: town.world.now) == CivilDay(nanoseconds: to))
        let marks = try town.marks()
        #expect(marks.count == 4 * 3 && Set(marks).count == marks.count)
        #expect(
            marks.filter { $0.contains("-0002 ") }.map { $0.prefix(10) } == [
                "2026-03-04", "2026-03-10", "2026-03-16", "2026-03-30",
            ])
        #expect(try town.replayedHash() == StateHash.of(town.desk.engine.state))
    }

    @Test("the disk stops at any step: told or not, it arrives in the end, and no step is written twice")
    func diskStops() throws {
        for stop in 0..<6 {
            var town = try DemonstrationTown(seed: 80 + UInt64(stop))
            for _ in 0..<3 { _ = try town.assigned(workingDays: 5) }
            town.settle()
            let to = town.world.now + 60 * DemonstrationTown.day
            town.disk.fail(town.disk.operations + stop, .stop)
            _ = try? town.advance(to: to)
            try town.restart(cutOff: true)
            town.settle()
            if town.desk.engine.state.demonstration?.to != to { _ = try town.advance(to: to) }
            #expect(CivilDay(nanoseconds: town.world.now) == CivilDay(nanoseconds: to), "stop \(stop)")
            let marks = try town.marks()
            #expect(marks.count == 4 * 3 && Set(marks).count == marks.count, "stop \(stop)")
            #expect(try town.replayedHash() == StateHash.of(town.desk.engine.state), "stop \(stop)")
        }
    }

    @Test("ids follow it: one of the demonstration's time is judged, one of another year's is not")
    func ids() throws {
        let town = try DemonstrationTown()
        let to = town.world.now + Limits.clockAdvanceDays * DemonstrationTown.day
        let early = town.desk.envelope(
            .submitRequest(Filings.submitUnit), by: "u7l1", on: town.world.target(), expecting: 0)
        _ = try town.advance(to: to)
        // Made just before the longest jump there is, it is taken in all the same.
        #expect(try town.desk.send(early, by: "u7l1").outcome != nil)
        for days in [-401, 2, 500] {
            let id = town.world.commandID(
                milliseconds: (to + Int64(days) * DemonstrationTown.day) / 1_000_000)
            let other = town.desk.envelope(
                .submitRequest(Filings.submitUnit), by: "u7l1", on: town.world.target(), expecting: 0, id: id)
            let status = #expect(throws: Status.self) { try town.desk.send(other, by: "u7l1") }
            #expect(status?.errorReason == "ID_OUTSIDE_WINDOW", "\(days)")
        }
    }

    @Test("an ordinary store refuses it on record, and its clock does not move")
    func ordinary() throws {
        let town = try TimedTown()
        let target = RosterTarget.clock.bytes
        let before = town.world.now
        for officer in ["b1q4", "b1s2", "k7f2"] {
            let answer = try town.desk.give(
                .advanceClock(AdvanceClock(to: before + TimedTown.day)), by: officer, on: target)
            #expect(answer.outcome?.refusal == .notPermitted)
        }
        #expect(town.world.now == before && town.desk.engine.state.demonstration == nil)
    }

    @Test("it is not to be begun in a store that has anything in it")
    func lateBeginning() throws {
        let world = World(seed: 90)
        let disk = SimulatedDisk(seed: 90)
        let keys = try disk.root.subdirectory("keys")
        try Journal.format(disk.root, keys: keys, world.options())
        #expect(throws: SeedLoader.Refused.self) {
            try SeedLoader.fill(
                disk.root, keys: keys, options: world.options(),
                commands: try seedCommands(TownRoster.files) + [.demonstration(from: world.now)],
                clock: world.clock, entropy: world.entropy)
        }
    }

    @Test("a snapshot holds it, and the same follows as from a full replay")
    func snapshot() throws {
        var town = try DemonstrationTown()
        _ = try town.assigned(workingDays: 5)
        let to = town.world.now + 5 * DemonstrationTown.day
        _ = try town.advance(to: to)
        let made = try Snapshots.make(
            town.disk.root, keys: try town.keys, upTo: town.desk.log.durable.sequence,
            entropy: town.world.entropy, roomLeft: 0)
        #expect(made != nil)
        try town.restart()
        #expect(town.desk.store.snapshot != nil && town.desk.engine.state.demonstration?.to == to)
        _ = try town.advance(to: to + 40 * DemonstrationTown.day)
        #expect(
            try town.marks().map { $0.prefix(10) } == [
                "2026-03-04", "2026-03-10", "2026-03-16", "2026-03-30",
            ])
        #expect(try town.replayedHash() == StateHash.of(town.desk.engine.state))
    }

    @Test("a walk stops at each beginning of a day, and at its end")
    func walk() {
        let day = DemonstrationTown.day
        let midnight = World.morning + 15 * 3_600_000_000_000
        var walk = ClockWalk(to: World.morning + 2 * day)
        #expect(walk.next(after: World.morning) == midnight)
        #expect(walk.next(after: midnight - 1) == midnight)
        #expect(walk.next(after: midnight) == midnight + day)
        #expect(walk.next(after: midnight + day) == World.morning + 2 * day)
        #expect(walk.next(after: World.morning + 2 * day) == nil)
        walk = ClockWalk(to: World.morning + 1)
        #expect(walk.next(after: World.morning) == World.morning + 1)
        #expect(walk.next(after: .max) == nil)
    }

    @Test("store and clock must belong together, both ways")
    func mismatch() throws {
        let town = try DemonstrationTown()
        town.desk.log.close()
        let ordinary = try TimedTown()
        ordinary.desk.log.close()
        for (disk, world, clock) in [
            (town.disk, town.world, EngineClock.system),
            (ordinary.disk, ordinary.world, ordinary.world.clock),
        ] {
            let store = try Store.open(
                disk.root, keys: try disk.root.subdirectory("keys"),
                options: world.options(segmentSize: 1 << 20))
            #expect(throws: ClockMismatch.self) {
                try Bureau.start(store, signatures: TrustingChecker(), clock: clock, onFatal: { _ in })
            }
        }
    }
}
