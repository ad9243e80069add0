import Crypto
import Journal
import Synchronization
import TestSupport
import Testing

/// A journal on a simulated disk, with clocks that the test moves, and a model of what was acknowledged.

/// What replay showed.
struct Replayed: JournalVisitor {
    struct Record: Equatable {
        var type: RecordType
        var sequence: UInt64
        var time: Int64
        var commandID: ID128
        var outcome: UInt32
        var envelopeDigest: Digest
        var body: [UInt8]
    }
    var records: [Record] = []
    var keys: [ID128: KeyEntry] = [:]
    var commits: [CommitView] = []
    var commands: [Record] { records.filter { $0.type == .command } }

    mutating func key(_ key: KeyEntry) throws(JournalError) { keys[key.subject] = key }
    mutating func record(_ record: RecordView) throws(JournalError) {
        records.append(
            Record(
                type: record.type, sequence: record.sequence, time: record.time, commandID: record.commandID,
                outcome: record.outcome, envelopeDigest: record.envelopeDigest, body: Array(record.body)))
    }
    mutating func commit(_ commit: CommitView) throws(JournalError) { commits.append(commit) }
}

/// Clocks and randomness of a run, moved by the test.
final class World: Sendable {
    private let now: Mutex<Int64>
    private let random: Mutex<SplitMix64>

    init(seed: UInt64, start: Int64 = 1_790_000_000_000_000_000) {
        now = Mutex(start)
        random = Mutex(SplitMix64(seed: seed))
    }

    func advance(_ nanoseconds: Int64) { now.withLock { $0 += nanoseconds } }
    var time: Int64 { now.withLock { $0 } }

    func bytes(_ count: Int) -> [UInt8] {
        random.withLock { random in (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) } }
    }

    /// Options of a small journal in this world.
    func options(segmentSize: Int = 64 << 10, signed: Bool = false) -> JournalOptions {
        var options = JournalOptions(city: "421300")
        options.segmentSize = segmentSize
        options.keyChunk = 4096
        options.wall = { self.time }
        options.steady = { self.time }
        options.random = { self.bytes($0) }
        if signed { options.signer = World.signer }
        return options
    }

    /// A stand-in for a signature: a keyed digest, so that a changed statement is noticed.
    static let signer: CheckpointSigner = { statement in
        CheckpointSignature(
            algorithm: "test", certificateFingerprint: Digest(of: [1]),
            signature: Digest(of: [7] + statement).bytes)
    }

    /// A second one, by another algorithm.
    static func second(_ algorithm: String = "other", bytes: Int = 32) -> CheckpointSigner {
        { statement in
            let digest = Digest(of: [9] + statement).bytes
            return CheckpointSignature(
                algorithm: algorithm, certificateFingerprint: Digest(of: [2]),
                signature: (0..<bytes).map { digest[$0 % 32] })
        }
    }
}

/// Everything a log has said.
final class Heard: Sendable {
    private let state = Mutex<(positions: [DurablePosition], fatal: [JournalError])>(([], []))
    var positions: [DurablePosition] { state.withLock { $0.positions } }
    var fatal: [JournalError] { state.withLock { $0.fatal } }
    var sequence: UInt64 { positions.last?.sequence ?? 0 }

    func outcome(_ outcome: LogOutcome) {
        if case .durable(let position) = outcome { state.withLock { $0.positions.append(position) } }
    }
    func failed(_ error: JournalError) { state.withLock { $0.fatal.append(error) } }
}

/// A journal open on a disk, in manual mode.
struct Running {
    let log: GroupCommitLog
    let heard = Heard()
    let replayed: Replayed
    let opened: OpenedJournal
    var clock: JournalClock

    init(_ disk: SimulatedDisk, _ options: JournalOptions) throws {
        var visitor = Replayed()
        let keys = try disk.root.subdirectory("keys")
        opened = try Journal.recover(disk.root, keys: keys, options, visitor: &visitor)
        replayed = visitor
        log = try GroupCommitLog(opened)
        clock = JournalClock(last: opened.lastTime)
        let heard = heard
        log.startManually(onOutcome: { heard.outcome($0) }, onFatal: { heard.failed($0) })
    }
}

/// Commands whose content is a function of their number, so that a record can be recognized.
enum Sample {
    static func commandID(_ number: Int) -> ID128 { ID128(high: 0xC0, low: UInt64(number)) }
    static func subject(_ number: Int) -> ID128 { ID128(high: 0x5B, low: UInt64(number)) }
    static func key(_ number: Int) -> [UInt8] { Digest(of: Array("key \(number)".utf8)).bytes }

    static func draft(_ number: Int, time: Int64, size: Int? = nil) -> RecordDraft {
        var random = SplitMix64(seed: UInt64(number))
        let count = size ?? random.below(700)
        return RecordDraft(
            commandID: commandID(number), outcome: UInt32(number % 7),
            envelopeDigest: Digest(of: Array("envelope \(number)".utf8)),
            body: (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) }, time: time)
    }
}

extension SimulatedDisk {
    /// A disk with an empty journal.
    static func formatted(seed: UInt64, _ options: JournalOptions) throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: seed)
        try Journal.format(disk.root, keys: try disk.root.subdirectory("keys"), options)
        return disk
    }

    /// Names of the segments, in order.
    var segments: [String] {
        ((try? root.list()) ?? []).filter { $0.hasPrefix("journal-") && $0.hasSuffix(".tlj") }.sorted()
    }
}

extension SplitMix64 {
    /// 0 ..< bound; bound ≥ 1.
    mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: next() % UInt64(max(1, bound))) }
}
