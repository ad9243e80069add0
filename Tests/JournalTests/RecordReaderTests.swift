import Crypto
import TestSupport
import Testing

@testable import Journal

@Suite("JOURNAL.md 8 reading beside the writer")
struct RecordReaderTests {
    /// A journal with `count` commands in groups of one to five, and what replay shows of it.
    private static func filled(_ disk: SimulatedDisk, _ world: World, _ count: Int) throws -> Running {
        var running = try Running(disk, world.options())
        var random = SplitMix64(seed: 7)
        var number = 0
        while number < count {
            var group = LogGroup(records: [])
            for _ in 0...random.below(5) {
                world.advance(1_000_000)
                group.records.append(Sample.draft(number, time: running.clock.next(wall: world.time)))
                number += 1
            }
            try running.log.append(group)
            running.log.step()
        }
        return running
    }

    private static func all(_ disk: SimulatedDisk) throws -> [Replayed.Record] {
        var visitor = Replayed()
        try Journal.read(disk.root, keys: nil, visitor: &visitor)
        return visitor.records
    }

    /// Everything a reader shows, each step at most `most` records.
    private static func read(
        _ reader: RecordReader, upTo durable: UInt64, most: Int = .max
    ) throws -> [Replayed.Record] {
        var (reader, visitor, more) = (reader, Replayed(), true)
        while more {
            var shown = 0
            more = try reader.step(upTo: durable) { view in
                try? visitor.record(view)
                shown += 1
                return shown < most
            }
        }
        return visitor.records
    }

    @Test("the same records as replay, over segments, from any sequence, in steps of any size")
    func sameAsReplay() throws {
        let (world, disk) = try Self.world(seed: 41)
        let running = try Self.filled(disk, world, 400)
        let expected = try Self.all(disk)
        #expect(disk.segments.count >= 3 && expected.count >= 400)
        let durable = running.log.durable.sequence
        for first in stride(from: 1, through: durable, by: 7) {
            let found = try Self.read(
                RecordReader(disk.root, from: first), upTo: durable, most: first % 2 == 0 ? 3 : .max)
            #expect(found == Array(expected.dropFirst(Int(first) - 1)), "from \(first)")
        }
    }

    @Test("nothing above the durable sequence is shown, and a reader goes on when more is durable")
    func onlyDurable() throws {
        let (world, disk) = try Self.world(seed: 42)
        let running = try Self.filled(disk, world, 120)
        let expected = try Self.all(disk)
        var (reader, visitor) = (RecordReader(disk.root, from: 1), Replayed())
        for durable in [UInt64(0), 1, 30, 31, running.log.durable.sequence] {
            while try reader.step(upTo: durable, { (try? visitor.record($0)) != nil }) {}
            #expect(visitor.records == Array(expected.prefix(Int(durable))), "up to \(durable)")
        }
    }

    @Test("from a time: nothing at or after it is missing")
    func since() throws {
        let (world, disk) = try Self.world(seed: 43)
        let running = try Self.filled(disk, world, 400)
        let expected = try Self.all(disk)
        for record in expected where record.sequence % 11 == 0 {
            let found = try Self.read(
                RecordReader(disk.root, since: record.time), upTo: running.log.durable.sequence)
            #expect(found.first.map { $0.sequence <= record.sequence } == true)
            #expect(found.last == expected.last)
        }
    }

    @Test("after crashes: what recovery wrote again is read once")
    func afterCrashes() throws {
        let (world, disk) = try Self.world(seed: 44)
        for round in 0..<12 {
            let running = try Self.filled(disk, world, 30 + round)
            let found = try Self.read(
                RecordReader(disk.root, from: 1), upTo: running.log.durable.sequence)
            #expect(found == (try Self.all(disk)), "round \(round)")
            disk.crash()
        }
    }

    @Test(
        "cut off in the middle of groups with keys: what recovery cut or wrote again is read as replay shows it"
    )
    func afterCuts() throws {
        var random = SplitMix64(seed: 91)
        var compared = 0
        for seed in UInt64(0)..<120 {
            let (world, disk) = try Self.world(seed: seed)
            for _ in 0..<4 {
                var running = try Running(disk, world.options())
                disk.fail(disk.operations + 1 + random.below(60), .stop)
                Self.fillUntilStopped(&running, world, &random)
                disk.crash()
                let again = try Running(disk, world.options())
                let found = try Self.read(
                    RecordReader(disk.root, from: 1), upTo: again.log.durable.sequence)
                #expect(found == (try Self.all(disk)), "seed \(seed)")
                compared += found.count
                again.log.close()
            }
        }
        #expect(compared > 5_000)
    }

    private static func fillUntilStopped(
        _ running: inout Running, _ world: World, _ random: inout SplitMix64
    ) {
        for number in 0..<40 where running.heard.fatal.isEmpty {
            world.advance(1_000_000)
            let content = Int(truncatingIfNeeded: random.next() % 1_000_000)
            let group = LogGroup(
                records: [Sample.draft(content, time: running.clock.next(wall: world.time))],
                keys: [KeyEntry(subject: Sample.subject(content), key: Sample.key(number))])
            guard (try? running.log.append(group)) != nil else { return }
            running.log.step()
        }
    }

    @Test("a flipped byte is named with its file and offset, and nothing of that record is shown")
    func damage() throws {
        let (world, disk) = try Self.world(seed: 45)
        let running = try Self.filled(disk, world, 60)
        let name = try #require(disk.segments.first)
        var bytes = try #require(disk.bytes(of: name))
        bytes[SegmentHeader.dataStart + 9_000] ^= 4
        disk.replace(name, bytes)
        var shown = 0
        let error = #expect(throws: JournalError.self) {
            var reader = RecordReader(disk.root, from: 1)
            let count: (RecordView) -> Bool = { _ in
                shown += 1
                return true
            }
            while try reader.step(upTo: running.log.durable.sequence, count) {}
        }
        guard case .damaged(let file, let offset, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(file.hasSuffix(name) && offset <= SegmentHeader.dataStart + 9_000 && shown > 0)
    }

    @Test("an acknowledged sequence that is not there is damage, not an end")
    func missing() throws {
        let (world, disk) = try Self.world(seed: 46)
        let running = try Self.filled(disk, world, 20)
        #expect(throws: JournalError.self) {
            try Self.read(RecordReader(disk.root, from: 1), upTo: running.log.durable.sequence + 1)
        }
    }

    private static func world(seed: UInt64) throws -> (World, SimulatedDisk) {
        let world = World(seed: seed)
        return (world, try SimulatedDisk.formatted(seed: seed, world.options()))
    }
}
