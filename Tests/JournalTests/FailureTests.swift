import Crypto
import Glibc
import Journal
import Testing

/// A fixed script with one failing operation, for every operation of it and every kind of failure.
@Suite("JOURNAL.md 8.9 failed writes and syncs")
struct FailureTests {
    private struct Outcome {
        var acknowledged: UInt64 = 0
        var fatal: [JournalError] = []
        var refused: JournalError?
    }

    /// Opens, appends 14 groups over two segments, closes.
    private func script(_ disk: SimulatedDisk, _ options: JournalOptions) throws -> Outcome {
        var outcome = Outcome()
        do {
            var running = try Running(disk, options)
            for number in 0..<14 {
                let draft = Sample.draft(number, time: running.clock.next(wall: 1), size: 300)
                let key = KeyEntry(subject: Sample.subject(number), key: Sample.key(number))
                _ = try? running.log.append(LogGroup(records: [draft], keys: [key]))
                running.log.step()
            }
            running.log.close()
            outcome.acknowledged = running.heard.sequence
            outcome.fatal = running.heard.fatal
        } catch let error as JournalError {
            outcome.refused = error
        } catch let error as StorageError {
            outcome.refused = .storage(error, task: "opening the key directory")
        }
        return outcome
    }

    @Test(arguments: [SimulatedDisk.Fault.inputOutput, .noSpace, .short, .stop])
    func everyOperationFails(_ fault: SimulatedDisk.Fault) throws {
        let options = World(seed: 3).options()
        let clean = try SimulatedDisk.formatted(seed: 3, options)
        let start = clean.operations
        let whole = try script(clean, options)
        #expect(whole.acknowledged == 15 && whole.fatal.isEmpty)
        let operations = clean.operations
        #expect(operations > start + 80)
        for operation in start..<operations {
            for powerLoss in [false, true] {
                let disk = try SimulatedDisk.formatted(seed: 3, options)
                disk.fail(operation, fault)
                let outcome = try script(disk, options)
                if powerLoss { disk.crash() } else { disk.restartProcess() }
                try judge(
                    disk, options, outcome, fault, "operation \(operation - start), power loss \(powerLoss)")
            }
        }
    }

    private func judge(
        _ disk: SimulatedDisk, _ options: JournalOptions, _ outcome: Outcome, _ fault: SimulatedDisk.Fault,
        _ place: String
    ) throws {
        if fault == .short { #expect(outcome.refused == nil && outcome.fatal.isEmpty, "\(place)") }
        #expect(outcome.fatal.count <= 1, "\(place)")
        switch outcome.refused {
        case nil, .storage, .noSpace: break
        default: Issue.record("\(place): \(String(describing: outcome.refused))")
        }
        let running = try Running(disk, options)
        let found = running.replayed.commands.map(\.commandID)
        #expect(found == Array((0..<14).map(Sample.commandID).prefix(found.count)), "\(place)")
        #expect((running.replayed.commands.last?.sequence ?? 1) >= outcome.acknowledged, "\(place)")
    }

    /// The error of a sync is not asked for again: after it nothing more is written, synced or acknowledged.
    @Test func aFailedSyncIsTheEnd() throws {
        let options = World(seed: 4).options()
        let disk = try SimulatedDisk.formatted(seed: 4, options)
        var running = try Running(disk, options)
        try running.log.append(
            LogGroup(records: [Sample.draft(0, time: running.clock.next(wall: 1), size: 10)]))
        disk.keepLog()
        disk.fail(disk.operations + 1, .inputOutput)
        running.log.step()
        #expect(disk.log.map { $0.prefix(5) } == ["write", "sync "])
        #expect(running.heard.positions.isEmpty && running.heard.fatal.count == 1)
        #expect(running.log.state == .failed)
        running.log.step()
        running.log.close()
        #expect(disk.log.count == 2)
        #expect(throws: LogError.closed) {
            try running.log.append(LogGroup(records: []))
        }
    }

    /// With the key file synced aside: a failure of either sync ends the log, once, and nobody is answered.
    @Test(arguments: 0..<6)
    func aFailedSyncOfEitherFileEndsTheThreadedLog(_ operation: Int) throws {
        let options = World(seed: 5).options()
        let disk = try SimulatedDisk.formatted(seed: 5, options)
        var visitor = Replayed()
        let opened = try Journal.recover(
            disk.root, keys: try disk.root.subdirectory("keys"), options, visitor: &visitor)
        let log = try GroupCommitLog(opened)
        // Two writes and two syncs; the fifth operation writes HEAD, after the answer.
        disk.fail(disk.operations + operation, .inputOutput)
        let heard = Heard()
        // Later than `close` looks again, on purpose: it returns after this.
        log.start(
            onOutcome: { heard.outcome($0) },
            onFatal: { error in
                usleep(120_000)
                heard.failed(error)
            })
        try log.append(
            LogGroup(
                records: [Sample.draft(0, time: opened.lastTime + 1, size: 10)],
                keys: [KeyEntry(subject: Sample.subject(0), key: Sample.key(0))]))
        log.close()
        #expect(heard.fatal.count == 1 && log.state == .failed)
        #expect(heard.positions.count == (operation < 4 ? 0 : 1))
        disk.crash()
        let again = try Running(disk, options)
        #expect(operation < 4 || again.replayed.commands.count == 1)
    }

    /// A failed read at any place of recovery stops it, by name, and changes nothing.
    @Test func aFailedReadNeverCuts() throws {
        var reads = 0
        for operation in 0..<60 {
            let specimen = try Specimen(groups: 4, close: false)
            let disk = specimen.disk
            let before = specimen.bytes
            disk.keepLog()
            disk.fail(disk.operations + operation, .inputOutput)
            let result = Result { try specimen.recoverKeepingFaults() }
            guard operation < disk.log.count, disk.log[operation].hasPrefix("read") else { continue }
            reads += 1
            guard case .failure(let error) = result, case JournalError.storage? = error as? JournalError
            else {
                Issue.record("read \(operation) was not noticed")
                continue
            }
            #expect(specimen.bytes == before && disk.segments.count == 1)
        }
        #expect(reads >= 4)
    }

    @Test func aFullDiskIsReadOnlyByNameAndOpensAgain() throws {
        let world = World(seed: 6)
        let options = world.options()
        let disk = try SimulatedDisk.formatted(seed: 6, options)
        var running = try Running(disk, options)
        disk.setCapacity(4 * 64 << 10)
        var number = 0
        var refused: LogError?
        while refused == nil && number < 100 {
            do throws(LogError) {
                let draft = Sample.draft(number, time: running.clock.next(wall: world.time), size: 700)
                try running.log.append(LogGroup(records: [draft]))
                running.log.step()
                number += 1
            } catch { refused = error }
        }
        #expect(running.log.state == .readOnly(.diskFull(path: "")) || number > 0)
        guard case .readOnly = refused else {
            Issue.record("refused with \(String(describing: refused))")
            return
        }
        // Everything that was taken is durable, and reads go on.
        #expect(running.heard.sequence == UInt64(number) + 1 && running.heard.fatal.isEmpty)
        #expect(running.log.inclusionProof(sequence: 3, treeSize: 4) != nil)
        disk.setCapacity(Int.max)
        running.log.step()
        #expect(running.log.state != .open)
        world.advance(6_000_000_000)
        running.log.step()
        #expect(running.log.state == .open)
        try running.log.append(
            LogGroup(records: [Sample.draft(number, time: running.clock.next(wall: world.time), size: 700)]))
        running.log.step()
        running.log.close()
        disk.restartProcess()
        #expect(try Running(disk, options).replayed.commands.count == number + 1)
    }

    /// A start on a full disk shows everything and takes nothing, as long as its own record still has room.
    @Test func startingOnAFullDisk() throws {
        let specimen = try Specimen(groups: 3)
        try specimen.disk.root.unlink("spare.tlj")
        specimen.disk.setCapacity(0)
        let running = try specimen.recover()
        #expect(running.replayed.records == specimen.expected)
        guard case .readOnly = running.log.state else {
            Issue.record("\(running.log.state)")
            return
        }
    }
}
