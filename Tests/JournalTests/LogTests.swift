import Crypto
import Glibc
import Journal
import Synchronization
import TestSupport
import Testing

@Suite("JOURNAL.md 1 the log")
struct LogTests {
    @Test func whatIsDurableIsReadBack() throws {
        let world = World(seed: 1)
        let options = world.options(segmentSize: 256 << 10, signed: true)
        let disk = try SimulatedDisk.formatted(seed: 1, options)
        var running = try Running(disk, options)
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

        let again = try Running(disk, options)
        #expect(again.opened.epoch == 2)
        #expect(again.replayed.commands.map(\.commandID) == (0..<50).map(Sample.commandID))
        #expect(again.replayed.keys.count == 50)
        for number in 0..<50 {
            #expect(again.replayed.keys[Sample.subject(number)]?.key == Sample.key(number))
            #expect(again.replayed.commands[number].body == Sample.draft(number, time: 0).body)
        }
        #expect(again.opened.notices.isEmpty)
    }

    @Test func pendingGroupsBecomeOneCommit() throws {
        let options = World(seed: 2).options(segmentSize: 256 << 10)
        let disk = try SimulatedDisk.formatted(seed: 2, options)
        var running = try Running(disk, options)
        for number in 0..<6 {
            try running.log.append(
                LogGroup(records: [Sample.draft(number, time: running.clock.next(wall: 1), size: 100)]))
        }
        disk.keepLog()
        #expect(running.log.step())
        #expect(disk.log.filter { $0.hasPrefix("sync") }.count == 1)
        #expect(running.heard.positions.map(\.sequence) == [7])
    }

    /// The memory of a finished segment serves the spare that is made next; once, and nothing of a segment still written to.
    @Test func aFinishedSegmentIsLetGo() throws {
        let options = World(seed: 3).options()
        let disk = try SimulatedDisk.formatted(seed: 3, options)
        var running = try Running(disk, options)
        disk.keepLog()
        let segments = { try disk.root.list().filter { $0.hasPrefix("journal-") }.count }
        var number = 0
        while try segments() < 3 {
            #expect(disk.log.filter { $0.hasPrefix("letGo") }.count == (try segments()) - 1)
            try running.log.append(
                LogGroup(records: [Sample.draft(number, time: running.clock.next(wall: 1), size: 3_000)]))
            running.log.step()
            number += 1
        }
        #expect(
            disk.log.filter { $0.hasPrefix("letGo") }
                == ["letGo 0 \(options.segmentSize)", "letGo 0 \(options.segmentSize)"])
    }

    @Test func receiptsProveInclusionAndConsistency() throws {
        let world = World(seed: 12)
        let options = world.options(segmentSize: 256 << 10, signed: true)
        let disk = try SimulatedDisk.formatted(seed: 12, options)
        var running = try Running(disk, options)
        for number in 0..<23 {
            try running.log.append(
                LogGroup(records: [Sample.draft(number, time: running.clock.next(wall: world.time), size: 50)]
                ))
            running.log.step()
        }
        let log = running.log
        let last = log.durable.checkpoint.checkpoint
        #expect(World.check(log.durable.checkpoint) == nil)
        for position in running.heard.positions {
            let old = position.checkpoint.checkpoint
            let path = try #require(log.consistencyProof(from: old.treeSize, to: last.treeSize))
            #expect(
                MerkleProof.isConsistent(
                    older: old.treeSize, olderRoot: old.root, newer: last.treeSize, newerRoot: last.root,
                    path: path))
        }
        for number in 0..<23 {
            let draft = Sample.draft(number, time: 0, size: 50)
            let sequence = UInt64(number) + 2
            let leaf = LeafStatement(
                algorithm: .sha256, type: .command, storeID: running.opened.storeID, sequence: sequence,
                time: world.time + Int64(number) + 1, commandID: draft.commandID, outcome: draft.outcome,
                envelopeDigest: draft.envelopeDigest, bodyDigest: Digest(of: draft.body))
            #expect(log.leafHash(sequence: sequence) == MerkleHasher().leaf(leaf.bytes))
            let path = try #require(log.inclusionProof(sequence: sequence, treeSize: last.treeSize))
            #expect(
                MerkleProof.includes(
                    leafHash: MerkleHasher().leaf(leaf.bytes), index: sequence - 1, size: last.treeSize,
                    path: path,
                    root: last.root))
        }
        #expect(log.inclusionProof(sequence: 0, treeSize: 5) == nil)
        #expect(log.inclusionProof(sequence: 25, treeSize: 25) == nil)
        #expect(log.consistencyProof(from: 5, to: 26) == nil)
    }

    @Test func limitsAtAndBeyond() throws {
        let options = World(seed: 13).options(segmentSize: 32 << 20)
        let disk = try SimulatedDisk.formatted(seed: 13, options)
        var running = try Running(disk, options)
        func draft(_ size: Int) -> RecordDraft {
            Sample.draft(1, time: running.clock.next(wall: 1), size: size)
        }
        try running.log.append(LogGroup(records: [draft(JournalLimits.body)]))
        #expect(throws: LogError.recordTooLarge(bytes: JournalLimits.body + 1)) {
            try running.log.append(LogGroup(records: [draft(JournalLimits.body + 1)]))
        }
        let many = (0..<JournalLimits.groupRecords).map { _ in draft(1) }
        while running.log.step() {}
        try running.log.append(LogGroup(records: many))
        #expect(throws: LogError.groupTooLarge) {
            try running.log.append(LogGroup(records: many + [draft(1)]))
        }
        let largest = (0..<7).map { _ in draft(JournalLimits.body) }
        while running.log.step() {}
        try running.log.append(LogGroup(records: largest))
        #expect(throws: LogError.groupTooLarge) {
            try running.log.append(LogGroup(records: largest + [draft(JournalLimits.body)]))
        }
        #expect(throws: LogError.overloaded) { try running.log.append(LogGroup(records: largest)) }
        let key = KeyEntry(subject: .zero, key: [UInt8](repeating: 1, count: 31))
        #expect(throws: LogError.malformed("a key must be 32 bytes and live")) {
            try running.log.append(LogGroup(records: [], keys: [key]))
        }
        while running.log.step() {}
        #expect(running.heard.sequence == UInt64(1 + 1 + many.count + largest.count))
        #expect(throws: LogError.malformed("record times must grow")) {
            try running.log.append(LogGroup(records: [Sample.draft(2, time: running.log.lastTime)]))
        }
        running.log.close()
        disk.restartProcess()
        #expect(try Running(disk, options).replayed.commands.count == 1 + many.count + largest.count)
    }

    @Test func keysPendingNeverOutgrowTheirRoom() throws {
        let options = World(seed: 14).options(segmentSize: 256 << 10)
        let disk = try SimulatedDisk.formatted(seed: 14, options)
        let running = try Running(disk, options)
        var taken = 0
        var refused: LogError?
        for number in 0..<400 where refused == nil {
            let keys = (0..<20).map {
                KeyEntry(subject: Sample.subject(number * 20 + $0), key: Sample.key($0))
            }
            do throws(LogError) {
                try running.log.append(LogGroup(records: [], keys: keys))
                taken += 20
            } catch { refused = error }
        }
        #expect(refused == .overloaded)
        while running.log.step() {}
        running.log.close()
        disk.restartProcess()
        #expect(try Running(disk, options).replayed.keys.count == taken)
    }

    /// A group that could never find room is refused as too large; as overloaded it would be tried for ever.
    @Test func aGroupBringsNoMoreKeysThanOneChunkHolds() throws {
        let options = World(seed: 20).options()
        let running = try Running(try SimulatedDisk.formatted(seed: 20, options), options)
        func group(_ count: Int) -> LogGroup {
            LogGroup(
                records: [],
                keys: (0..<count).map { KeyEntry(subject: Sample.subject($0), key: Sample.key($0)) })
        }
        let most = options.keyChunk / 64 - 8  // slots of 64 bytes, and where the sector of 8 begins
        for _ in 0..<12 {
            #expect(throws: LogError.groupTooLarge) { try running.log.append(group(most + 1)) }
            try running.log.append(group(most))
            #expect(running.log.step())
        }
    }

    @Test func anIdleSecondWritesOneEmptyCommit() throws {
        let world = World(seed: 15)
        let options = world.options()
        let disk = try SimulatedDisk.formatted(seed: 15, options)
        var running = try Running(disk, options)
        try running.log.append(
            LogGroup(records: [Sample.draft(0, time: running.clock.next(wall: world.time))]))
        #expect(running.log.step())
        world.advance(999_999_999)
        #expect(!running.log.step())
        world.advance(1)
        #expect(running.log.step())
        world.advance(5_000_000_000)
        #expect(!running.log.step())
        let report = Journal.verify(disk.root, keys: nil)
        #expect(report.problem == nil && report.groups == 3 && report.records == 2)
    }

    @Test func aDestroyedKeyIsATombstone() throws {
        let options = World(seed: 16).options()
        let disk = try SimulatedDisk.formatted(seed: 16, options)
        var running = try Running(disk, options)
        for number in 0..<3 {
            let key = KeyEntry(subject: Sample.subject(number), key: Sample.key(number))
            try running.log.append(
                LogGroup(records: [Sample.draft(number, time: running.clock.next(wall: 1))], keys: [key]))
            running.log.step()
        }
        #expect(try running.log.destroyKey(Sample.subject(1)))
        #expect(try !running.log.destroyKey(Sample.subject(9)))
        disk.crash()
        let again = try Running(disk, options)
        #expect(again.replayed.keys[Sample.subject(1)]?.isDestroyed == true)
        #expect(again.replayed.keys[Sample.subject(1)]?.key == [UInt8](repeating: 0, count: 32))
        #expect(again.replayed.keys[Sample.subject(2)]?.key == Sample.key(2))
        #expect(again.replayed.commands.count == 3)
        let file = try #require(disk.bytes(of: "subjects.tlk", in: "keys"))
        #expect(!contains(file, Sample.key(1)) && contains(file, Sample.key(2)))
        // A key from an earlier start can be destroyed as well.
        #expect(try again.log.destroyKey(Sample.subject(2)))
    }

    /// Erased and made known again, a subject has two slots: the live one is the newest, and it is the one to destroy.
    @Test func theNewestKeyOfASubjectIsDestroyed() throws {
        let options = World(seed: 20).options()
        let disk = try SimulatedDisk.formatted(seed: 20, options)
        var running = try Running(disk, options)
        for number in 1...3 {
            let key = KeyEntry(subject: Sample.subject(7), key: Sample.key(number))
            try running.log.append(
                LogGroup(records: [Sample.draft(number, time: running.clock.next(wall: 1))], keys: [key]))
            running.log.step()
            #expect(try running.log.destroyKey(Sample.subject(7)))
        }
        let file = try #require(disk.bytes(of: "subjects.tlk", in: "keys"))
        for number in 1...3 { #expect(!contains(file, Sample.key(number)), "key \(number)") }
        disk.crash()
        #expect(try Running(disk, options).replayed.keys[Sample.subject(7)]?.isDestroyed == true)
    }

    /// The key file is looked through in pieces of a mebibyte, 2^14 slots; a key may stand behind the first, and beside the border.
    @Test(arguments: [0, (1 << 14) - 1, 1 << 14, (1 << 14) + 5])
    func aKeyIsFoundWhereverItStands(_ number: Int) throws {
        var options = World(seed: 21).options(segmentSize: 4 << 20)
        options.keyChunk = 2 << 20
        let disk = try SimulatedDisk.formatted(seed: 21, options)
        let running = try Running(disk, options)
        for first in stride(from: 0, to: 5 << 12, by: 1 << 12) {
            let keys = (first..<first + 1 << 12).map {
                KeyEntry(subject: Sample.subject($0), key: Sample.key($0))
            }
            try running.log.append(LogGroup(records: [], keys: keys))
            running.log.step()
        }
        #expect(try running.log.destroyKey(Sample.subject(number)))
        #expect(try !running.log.destroyKey(Sample.subject(5 << 12)))
        running.log.close()
        let keys = try Running(disk, options).replayed.keys
        #expect(keys.filter { $0.value.isDestroyed }.map(\.key) == [Sample.subject(number)])
    }

    private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        (0...(bytes.count - part.count)).contains { Array(bytes[$0..<($0 + part.count)]) == part }
    }

    @Test func openingWhatIsNoJournalOrInUse() throws {
        let options = World(seed: 17).options()
        let disk = SimulatedDisk(seed: 17)
        let keys = try disk.root.subdirectory("keys")
        #expect(throws: JournalError.notFormatted(path: "/simulated")) { try Running(disk, options) }
        try Journal.format(disk.root, keys: keys, options)
        #expect(throws: JournalError.alreadyFormatted(path: "/simulated")) {
            try Journal.format(disk.root, keys: keys, options)
        }
        let first = try Running(disk, options)
        #expect(throws: JournalError.alreadyRunning(path: "/simulated", holder: "\(getpid())")) {
            try Running(disk, options)
        }
        first.log.close()
        var elsewhere = options
        elsewhere.city = "420100"
        #expect(throws: JournalError.self) { try Running(disk, elsewhere) }
        for size in [60 << 10, (64 << 10) + 1, (1 << 30) + 4096] {
            elsewhere.segmentSize = size
            #expect(throws: JournalError.self) { try Running(disk, elsewhere) }
        }
        // Keys in the key directory are never overwritten by a new format.
        disk.remove("journal-0000000000000001.tlj")
        disk.replace("subjects.tlk", in: "keys", [UInt8](repeating: 1, count: 8192))
        #expect(throws: JournalError.self) { try Journal.format(disk.root, keys: keys, options) }
    }

    @Test func anInterruptedFormatIsRepeated() throws {
        let options = World(seed: 18).options()
        let whole = SimulatedDisk(seed: 18)
        try Journal.format(whole.root, keys: try whole.root.subdirectory("keys"), options)
        for operation in 1..<whole.operations {
            let disk = SimulatedDisk(seed: 18)
            disk.fail(operation, .stop)
            try? Journal.format(disk.root, keys: try disk.root.subdirectory("keys"), options)
            disk.crash()
            let keys = try disk.root.subdirectory("keys")
            do throws(JournalError) { try Journal.format(disk.root, keys: keys, options) } catch {
                #expect(error == .alreadyFormatted(path: "/simulated"))
            }
            #expect(throws: Never.self) { try Running(disk, options) }
        }
    }

    @Test func journalTimeNeverGoesBack() {
        var clock = JournalClock(last: 100)
        #expect(clock.next(wall: 50) == 101)
        #expect(clock.next(wall: 500) == 500)
        #expect(clock.next(wall: 500) == 501)
        let minute: Int64 = 60_000_000_000
        #expect(clock.jump(wall: 0, steady: 0) == nil)
        #expect(clock.jump(wall: 6 * minute, steady: minute) == nil)
        #expect(
            clock.jump(wall: 12 * minute + 1, steady: 2 * minute)
                == .clockJump(expected: 7 * minute, found: 12 * minute + 1))
        #expect(clock.jump(wall: 0, steady: 2 * minute) == .clockJump(expected: 12 * minute + 1, found: 0))
    }

    @Test func aClockSetBackIsJournaledAtTheStart() throws {
        let world = World(seed: 19)
        let options = world.options()
        let disk = try SimulatedDisk.formatted(seed: 19, options)
        try Running(disk, options).log.close()
        world.advance(-400_000_000_000)
        try Running(disk, options).log.close()
        let last = try Running(disk, options).replayed.records
        #expect(last.map(\.type) == [.epoch, .epoch, .clockJump])
        #expect(zip(last, last.dropFirst()).allSatisfy { $0.time < $1.time })
    }

    // MARK: on real files, with its thread

    @Test func threadedOnRealFiles() throws {
        let directory = try TemporaryDirectory("journal")
        var options = JournalOptions(city: "421300-GX")
        options.segmentSize = 256 << 10
        options.keyChunk = 8192
        let storage = try FileStorage(path: directory.path)
        let keys = try storage.subdirectory("keys")
        try Journal.format(storage, keys: keys, options)
        let count = 2_000
        let heard = Heard()
        do {
            var visitor = Replayed()
            let opened = try Journal.recover(storage, keys: keys, options, visitor: &visitor)
            let log = try GroupCommitLog(opened)
            log.start(onOutcome: { heard.outcome($0) }, onFatal: { heard.failed($0) })
            var clock = JournalClock(last: opened.lastTime)
            for number in 0..<count {
                let key = KeyEntry(subject: Sample.subject(number), key: Sample.key(number))
                let group = LogGroup(
                    records: [Sample.draft(number, time: clock.next(wall: 0))],
                    keys: number % 5 == 0 ? [key] : [])
                while true {
                    do throws(LogError) {
                        try log.append(group)
                        break
                    } catch {
                        guard error == .overloaded else { throw error }
                        usleep(100)
                    }
                }
            }
            #expect(throws: JournalError.self) {
                try Journal.recover(
                    try FileStorage(path: directory.path), keys: keys, options, visitor: &visitor)
            }
            log.close()
            #expect(log.state == .closed)
        }
        #expect(heard.fatal.isEmpty && heard.sequence == UInt64(count) + 1)
        let report = Journal.verify(storage, keys: keys)
        #expect(report.problem == nil && report.commands == count && report.liveKeys == count / 5)
        #expect(report.segments > 2 && report.unfinishedBytes == 0)
        var visitor = Replayed()
        _ = try Journal.recover(storage, keys: keys, options, visitor: &visitor)
        #expect(visitor.commands.map(\.commandID) == (0..<count).map(Sample.commandID))
    }
}
