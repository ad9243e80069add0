import Crypto
import Journal
import TestSupport

/// One simulated history of a journal: several lives of a server, each ended by a fault at a random operation, a power loss or
/// a kill, each begun by a recovery that is held against everything acknowledged before. Deterministic by seed.
///
/// The invariant: after every recovery the commands are the first k of those submitted, in order, once each, whole; k ends
/// at the edge of a group; k is not below what was acknowledged or shown before; their keys are there; and every checkpoint
/// handed out still is a root of the tree.
struct JournalSimulation {
    struct Violation: Error, CustomStringConvertible {
        var seed: UInt64
        var life: Int
        var what: String
        var description: String { "seed \(seed), life \(life): \(what)" }
    }

    struct Submitted {
        var number: Int
        var draft: RecordDraft
        var sequence: UInt64
        var key: KeyEntry?
        /// The last command of its group: a history may end here.
        var endsGroup: Bool
    }

    private let seed: UInt64
    private let disk: SimulatedDisk
    private let world: World
    private let options: JournalOptions
    private var random: SplitMix64
    private var history: [Submitted] = []
    /// Commands that must never be lost again.
    private var kept = 0
    private var checkpoints: [UInt64: Digest] = [:]
    private var number = 0
    private var life = 0
    private(set) var recoveries = 0
    private(set) var acknowledged = 0

    init(seed: UInt64, dishonesty: SimulatedDisk.Dishonesty = []) throws {
        self.seed = seed
        random = SplitMix64(seed: seed ^ 0x5EED)
        world = World(seed: seed)
        options = world.options(segmentSize: 64 << 10, signed: seed % 2 == 0)
        disk = try SimulatedDisk.formatted(seed: seed, options)
        disk.setDishonesty(dishonesty)
    }

    mutating func run(lives: Int = 5) throws {
        for _ in 0..<lives {
            life += 1
            plan()
            try live()
            // After an error the machine mostly lives on: the page cache then shows what never reached the disc.
            let powerLoss = disk.stopped ? random.below(8) != 0 : random.below(2) == 0
            if powerLoss { disk.crash() } else { disk.restartProcess() }
            world.advance(Int64(random.below(3)) * 700_000_000 + 1_000)
        }
        life += 1
        disk.clearFaults()
        guard try begin() != nil else { throw violation("the last recovery failed without a fault") }
    }

    private func violation(_ what: String) -> Violation { Violation(seed: seed, life: life, what: what) }

    /// The fault of this life.
    private mutating func plan() {
        let at = disk.operations + random.below(random.below(3) == 0 ? 40 : 200)
        switch random.below(12) {
        case 0: break
        case 1...3: disk.fail(at, .inputOutput)
        case 4: disk.fail(at, .noSpace)
        case 5: disk.fail(at, .short)
        default: disk.fail(at, .stop)
        }
    }

    private mutating func live() throws {
        guard var running = try begin() else { return }
        for _ in 0..<(5 + random.below(60)) {
            act(&running)
            try listen(running)
            if disk.stopped || !running.heard.fatal.isEmpty { return }
        }
        if random.below(3) == 0 {
            running.log.close()
            try listen(running)
        }
    }

    /// Recovers and checks. Nil: the recovery met this life's fault.
    private mutating func begin() throws -> Running? {
        do {
            let running = try Running(disk, options)
            recoveries += 1
            try check(running)
            return running
        } catch let error as JournalError {
            switch error {
            case .storage, .noSpace: return nil
            default: throw violation("recovery refused: \(error)")
            }
        } catch is StorageError {
            return nil
        }
    }

    private mutating func check(_ running: Running) throws {
        let found = running.replayed.commands
        guard found.count >= kept else { throw violation("\(kept) acknowledged, \(found.count) found") }
        guard found.count <= history.count else {
            throw violation("\(found.count) found, \(history.count) submitted")
        }
        for (record, submitted) in zip(found, history) {
            let draft = submitted.draft
            guard record.commandID == draft.commandID, record.body == draft.body, record.time == draft.time,
                record.outcome == draft.outcome, record.sequence == submitted.sequence,
                record.envelopeDigest == draft.envelopeDigest
            else { throw violation("record \(record.sequence) is not what was submitted") }
            if let key = submitted.key, running.replayed.keys[key.subject] != key {
                throw violation("the key of record \(record.sequence) is missing")
            }
        }
        if let last = found.indices.last, !history[last].endsGroup {
            throw violation("half a group is visible")
        }
        history.removeLast(history.count - found.count)
        kept = found.count
        try checkTree(running)
    }

    private mutating func checkTree(_ running: Running) throws {
        var roots: [UInt64: Digest] = [:]
        for commit in running.replayed.commits {
            roots[commit.checkpoint.checkpoint.treeSize] = commit.checkpoint.checkpoint.root
        }
        for (size, root) in checkpoints where roots[size] != root {
            throw violation("the checkpoint of \(size) leaves is no root of the tree any more")
        }
    }

    /// One thing a server does.
    private mutating func act(_ running: inout Running) {
        switch random.below(10) {
        case 0...5: submit(&running)
        case 6: world.advance(Int64(random.below(1_500)) * 1_000_000)
        default: running.log.step()
        }
        if random.below(2) == 0 { running.log.step() }
    }

    private mutating func submit(_ running: inout Running) {
        var records: [RecordDraft] = []
        var keys: [KeyEntry] = []
        let first = running.log.nextSequence
        var made: [Submitted] = []
        for index in 0..<(1 + random.below(3)) {
            let draft = Sample.draft(
                number, time: running.clock.next(wall: world.time),
                size: random.below(random.below(8) == 0 ? 2500 : 500))
            let key =
                random.below(2) == 0
                ? KeyEntry(subject: Sample.subject(number), key: Sample.key(number)) : nil
            records.append(draft)
            if let key { keys.append(key) }
            made.append(
                Submitted(
                    number: number, draft: draft, sequence: first + UInt64(index), key: key, endsGroup: false)
            )
            number += 1
        }
        made[made.count - 1].endsGroup = true
        do throws(LogError) {
            try running.log.append(LogGroup(records: records, keys: keys))
            history += made
        } catch {
            // Refused as a whole; the numbers are simply not used.
        }
    }

    /// Takes down what was acknowledged.
    private mutating func listen(_ running: Running) throws {
        guard let position = running.heard.positions.last else { return }
        for position in running.heard.positions {
            checkpoints[position.checkpoint.checkpoint.treeSize] = position.checkpoint.checkpoint.root
        }
        while kept < history.count && history[kept].sequence <= position.sequence {
            kept += 1
            acknowledged += 1
        }
    }
}
