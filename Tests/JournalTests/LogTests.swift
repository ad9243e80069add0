import Crypto
import Journal
import Testing

@Suite("JOURNAL.md 1 writing and reading back")
struct LogTests {
    @Test func whatIsDurableIsReadBack() throws {
        let world = World(seed: 1)
        let disk = try SimulatedDisk.formatted(seed: 1, world.options(segmentSize: 256 << 10, signed: true))
        var running = try Running(disk, world.options(segmentSize: 256 << 10, signed: true))
        #expect(running.opened.epoch == 1)
        #expect(running.log.nextSequence == 2)
        for number in 0..<50 {
            world.advance(1_000_000)
            let record = Sample.draft(number, time: running.clock.next(wall: world.time))
            let key = KeyEntry(subject: Sample.subject(number), key: Sample.key(number))
            let first = try running.log.append(LogGroup(records: [record], keys: [key]))
            #expect(first == UInt64(number) + 2)
            if number % 3 == 0 { running.log.step() }
        }
        running.log.step()
        #expect(running.heard.sequence == 51)
        running.log.close()

        let again = try Running(disk, world.options(segmentSize: 256 << 10, signed: true))
        #expect(again.opened.epoch == 2)
        #expect(again.replayed.commands.map(\.commandID) == (0..<50).map(Sample.commandID))
        #expect(again.replayed.keys.count == 50)
        for number in 0..<50 {
            #expect(again.replayed.keys[Sample.subject(number)]?.key == Sample.key(number))
            #expect(again.replayed.commands[number].body == Sample.draft(number, time: 0).body)
        }
        #expect(again.opened.notices.isEmpty)
    }
}
