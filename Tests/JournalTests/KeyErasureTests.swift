import Crypto
import Journal
import TestSupport
import Testing

@Suite("JOURNAL.md 7 a key is destroyed, its neighbours are not")
struct KeyErasureTests {
    /// Eight keys of one sector; one is destroyed and the power goes at each operation of it, with every fate of what was not synced.
    @Test func powerLostAnywhereLeavesTheOthers() throws {
        var stopped = 0
        for seed in 0..<UInt64(40) {
            for after in 0..<10 {
                let options = World(seed: seed).options()
                let disk = try SimulatedDisk.formatted(seed: seed &* 31 &+ UInt64(after), options)
                let running = try Running(disk, options)
                let keys = (0..<8).map { KeyEntry(subject: Sample.subject($0), key: Sample.key($0)) }
                try running.log.append(LogGroup(records: [], keys: keys))
                #expect(running.log.step())
                disk.fail(disk.operations + after, .stop)
                let done = (try? running.log.destroyKey(Sample.subject(3))) ?? false
                if disk.stopped { stopped += 1 }
                disk.crash()
                // A copy of the keys as the power left them is whole, too.
                let copy = try disk.root.subdirectory("copy")
                try Journal.copyKeys(try disk.root.subdirectory("keys"), to: copy)
                var copied = Replayed()
                try Journal.read(disk.root, keys: copy, visitor: &copied)
                let found = try Running(disk, options).replayed.keys
                #expect(copied.keys.count == keys.count && copied.keys == found, "seed \(seed), \(after)")
                for (index, key) in keys.enumerated() where index != 3 {
                    #expect(found[key.subject] == key, "seed \(seed), \(after): key \(index)")
                }
                let gone = found[Sample.subject(3)]
                #expect(gone?.isDestroyed == true || gone == keys[3], "seed \(seed), \(after)")
                if done { #expect(gone?.isDestroyed == true, "seed \(seed), \(after): came back") }
            }
        }
        #expect(stopped > 200)
    }

    @Test func besideTheKeyFileNothingIsLeft() throws {
        let options = World(seed: 5).options()
        let disk = try SimulatedDisk.formatted(seed: 5, options)
        let running = try Running(disk, options)
        let keys = (0..<8).map { KeyEntry(subject: Sample.subject($0), key: Sample.key($0)) }
        try running.log.append(LogGroup(records: [], keys: keys))
        #expect(running.log.step())
        #expect(try running.log.destroyKey(Sample.subject(3)))
        let beside = try disk.root.subdirectory("keys").contents("erasing.tlk")
        #expect(beside.count == 544 && beside.allSatisfy { $0 == 0 })
    }
}
