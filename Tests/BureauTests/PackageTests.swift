import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import TestSupport
import Testing
import Wire

@testable import Bureau

/// The ledgers of packages over a real journal: judged, on disc, brought back with and without a snapshot, and what is read for a disc.
@Suite("PACKAGE.md 5 and 6 at the bureau: ledgers, durable, and reads as a party")
struct PackageTests {
    private struct Town {
        let world: World
        let disk: SimulatedDisk
        var desk: Desk

        init(seed: UInt64) throws {
            world = World(seed: seed)
            disk = try TownDisk.make(seed: seed, world: world)
            desk = try TownDisk.open(disk, world)
        }

        func take(
            _ number: UInt64, _ digest: UInt8, after previous: UInt8?, _ direction: PackageDirection = .in,
            party: String = "unit/LU-07", by officer: String = "b1a1", place: [UInt8] = [1, 2]
        ) throws -> Outcome {
            let command = TakePackage(
                party: party, direction: direction, number: number,
                manifest: [UInt8](repeating: digest, count: 32),
                previous: previous.map { [UInt8](repeating: $0, count: 32) } ?? [],
                place: direction == .out ? place : [])
            return try give(.takePackage(command), party, direction, officer)
        }

        func finish(
            _ number: UInt64, confirmed: UInt64 = 0, unread: UInt64 = 0, setAside: Bool = false
        ) throws -> Outcome {
            try give(
                .finishPackage(
                    FinishPackage(
                        party: "unit/LU-07", number: number, confirmed: confirmed, unread: unread,
                        setAside: setAside)),
                "unit/LU-07", .in, "b1a1")
        }

        private func give(
            _ body: Command.OneOf_Body, _ party: String, _ direction: PackageDirection, _ officer: String
        ) throws -> Outcome {
            world.advance(1_000_000_000)
            let target = RosterTarget.packages(party, direction).bytes
            return try desk.give(body, by: officer, on: target).outcome ?? Outcome()
        }

        mutating func restart(snapshot: Bool) throws {
            let before = try StateHash.of(desk.engine.state)
            if snapshot {
                _ = try Snapshots.make(
                    disk.root, keys: try disk.root.subdirectory("keys"), upTo: desk.log.durable.sequence,
                    entropy: world.entropy, roomLeft: 0)
            }
            desk.log.close()
            desk.abandon()
            desk = try TownDisk.open(disk, world)
            #expect(try StateHash.of(desk.engine.state) == before)
        }
    }

    @Test("each line of the table, and a restart between any two", arguments: [true, false])
    func story(snapshot: Bool) throws {
        var town = try Town(seed: snapshot ? 71 : 72)
        #expect(try town.take(2, 2, after: 1).refusal == .packageGap)
        #expect(try town.take(1, 1, after: nil).refusal == .unspecified)
        try town.restart(snapshot: snapshot)
        #expect(try town.take(1, 1, after: nil).refusal == .packageKnown)
        #expect(try town.take(1, 7, after: nil).refusal == .packageFork)
        #expect(try town.take(2, 2, after: 1).refusal == .packageOpen)
        #expect(try town.finish(2).refusal == .packageKnown)
        #expect(try town.finish(1, confirmed: 1).refusal == .fieldInvalid, "none was sent")
        #expect(try town.take(1, 9, after: nil, .out).refusal == .unspecified)
        #expect(
            try town.take(2, 8, after: 9, .out).refusal == .unspecified, "nothing is finished that goes out")
        try town.restart(snapshot: snapshot)
        #expect(try town.finish(1, confirmed: 1).refusal == .unspecified)
        #expect(try town.finish(1).refusal == .packageKnown)
        #expect(try town.take(2, 2, after: 3).refusal == .packageFork)
        let gap = try town.take(15, 2, after: 1)
        #expect(gap.argument("first") == "2" && gap.argument("last") == "14")
        #expect(try town.take(2, 2, after: 1).refusal == .unspecified)
        try town.restart(snapshot: snapshot)
        let ledgers = town.desk.engine.state.packageLedgers().ledgers
        #expect(ledgers.map(\.number) == [2, 2] && ledgers.map(\.open) == [true, false])
        #expect(ledgers.map(\.confirmed) == [0, 1] && ledgers.last?.place == [1, 2])
    }

    @Test(
        "one that could not be read there is told from the beginning; one set aside here says nothing of the others",
        arguments: [true, false])
    func unread(snapshot: Bool) throws {
        var town = try Town(seed: snapshot ? 76 : 77)
        _ = try town.take(1, 9, after: nil, .out)
        _ = try town.take(2, 8, after: 9, .out)
        _ = try town.take(1, 1, after: nil)
        #expect(try town.finish(1, unread: 3).refusal == .fieldInvalid, "two were sent")
        #expect(try town.finish(1, confirmed: 1, setAside: true).refusal == .fieldInvalid)
        #expect(try town.finish(1, unread: 1, setAside: true).refusal == .fieldInvalid)
        #expect(try town.finish(1, setAside: true).refusal == .unspecified)
        func out() -> PackageLedgerView? {
            town.desk.engine.state.packageLedgers().ledgers.first { $0.direction == .out }
        }
        #expect(out()?.place == [1, 2])
        _ = try town.take(2, 2, after: 1)
        #expect(try town.finish(2, confirmed: 1, unread: 2).refusal == .unspecified)
        #expect(out()?.place == [] && out()?.confirmed == 1)
        try town.restart(snapshot: snapshot)
        #expect(out()?.place == [] && out()?.number == 2)
        #expect(try town.take(3, 7, after: 8, .out).refusal == .unspecified)
        #expect(out()?.place == [1, 2])
    }

    @Test("only the bureau's officers of casework, about parties other than the bureau")
    func rights() throws {
        let town = try Town(seed: 73)
        #expect(try town.take(1, 1, after: nil, by: "u7l1").refusal == .notPermitted)
        #expect(try town.take(1, 1, after: nil, by: "b1q4").refusal == .notPermitted)
        #expect(try town.take(1, 1, after: nil, party: "bureau/421300").refusal == .wrongParty)
        #expect(try town.take(1, 1, after: nil, party: "unit/LU-99").refusal == .wrongParty)
        #expect(try town.take(0, 1, after: nil).refusal == .fieldInvalid)
        #expect(try town.take(PackageSequence.limit + 1, 1, after: 1).refusal == .fieldInvalid)
        #expect(try town.take(PackageSequence.limit, 1, after: 1).refusal == .packageGap)
        #expect(town.desk.engine.state.packageLedgers().ledgers.isEmpty)
    }

    @Test("where a party was told up to: as long as a cursor and a sequence are, and a byte longer")
    func place() throws {
        let town = try Town(seed: 75)
        let most = [UInt8](repeating: 7, count: PackageLedger.placeBytes)
        #expect(try town.take(1, 1, after: nil, .out, place: most + [7]).refusal == .fieldInvalid)
        #expect(try town.take(1, 1, after: nil, .out, place: most).refusal == .unspecified)
        #expect(town.desk.engine.state.packageLedgers().ledgers.last?.place == most)
    }

    @Test("a reader of a party sees what it sees; a watch from the start tells every change once")
    func readers() throws {
        let town = try Town(seed: 74)
        let (mine, other) = (town.world.target(), town.world.target())
        try town.desk.give(.submitRequest, on: mine)
        let theirs = Filings.body(.submitRequest)
        _ = try town.desk.give(try #require(theirs), by: "u2l4", on: other)
        let state = town.desk.engine.state
        let filer = Filings.officer(.submitRequest)
        let party = filer == "u7l1" ? "unit/LU-07" : "unit/LU-02"
        let reader = try #require(state.reader(of: party))
        #expect(state.reader(of: "bureau/421300") == nil && state.reader(of: "unit/LU-99") == nil)
        var feed = try WatchFeed(WatchQuery(), for: reader, in: state, emptyIsStart: true)
        guard
            case .changes(let changes, false) = feed.step(
                state, upTo: state.lastSequence, limit: 64, budget: 800)
        else {
            Issue.record("the watch has ended, or is behind")
            return
        }
        #expect(changes.map(\.target) == [mine])
        var from = try WatchFeed(WatchQuery(cursor: feed.cursor), for: reader, in: state, emptyIsStart: true)
        guard
            case .changes(let none, false) = from.step(
                state, upTo: state.lastSequence, limit: 64, budget: 800)
        else {
            Issue.record("the watch has ended, or is behind")
            return
        }
        #expect(none.isEmpty)
    }
}

extension Outcome {
    fileprivate func argument(_ name: String) -> String? { arguments.first { $0.name == name }?.value }
}
