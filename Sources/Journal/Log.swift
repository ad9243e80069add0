package import Crypto

/// The upper seam of the journal: what the engine above needs of a log, and no more, so that another engine (a replicated
/// log) can stand here.
///
/// One writer. The engine hands over the records of a turn as one group and goes on with the next turn; the log makes
/// groups durable in order and says so. Sequence numbers and times are known when `append` returns, so that they can
/// stand in answers; the answers wait for `LogOutcome.durable`. Reads wait likewise for the last sequence they saw.

/// One record to be written.
package struct RecordDraft: Sendable {
    package var type: RecordType
    /// Nanoseconds UTC; must be greater than every earlier record's (`JournalClock` sees to that).
    package var time: Int64
    /// The command's id; `.zero` for system records only.
    package var commandID: ID128
    package var outcome: UInt32
    /// Salted digest of the envelope as received.
    package var envelopeDigest: Digest
    /// At most `JournalLimits.body` bytes. Personal fields are sealed in it already.
    package var body: [UInt8]
    /// The digest of `body` under the store's algorithm, where the caller needed it anyway; nil: the log makes it.
    package var bodyDigest: Digest?

    /// A judged command.
    package init(
        commandID: ID128, outcome: UInt32, envelopeDigest: Digest, body: [UInt8], bodyDigest: Digest? = nil,
        time: Int64
    ) {
        type = .command
        self.bodyDigest = bodyDigest
        self.time = time
        self.commandID = commandID
        self.outcome = outcome
        self.envelopeDigest = envelopeDigest
        self.body = body
    }

    /// A record of the journal itself, e.g. `.clockJump`.
    package init(_ system: SystemRecord, time: Int64) {
        type = system.type
        self.time = time
        commandID = .zero
        outcome = 0
        envelopeDigest = .zero
        body = system.body
    }
}

/// The key of a subject, to be durable before the group that brings it is acknowledged.
package struct KeyEntry: Sendable, Hashable {
    package var subject: ID128
    /// Exactly 32 bytes; 32 zeros stand for a destroyed key (see `isDestroyed`).
    package var key: [UInt8]
    /// The key was destroyed: what it sealed reads as erased.
    package var isDestroyed: Bool

    package init(subject: ID128, key: [UInt8], isDestroyed: Bool = false) {
        self.subject = subject
        self.key = key
        self.isDestroyed = isDestroyed
    }
}

/// What one turn of the engine hands over: durable as a whole or not at all.
package struct LogGroup: Sendable {
    package var records: [RecordDraft]
    package var keys: [KeyEntry]

    package init(records: [RecordDraft], keys: [KeyEntry] = []) {
        self.records = records
        self.keys = keys
    }
}

/// How far the log is durable.
package struct DurablePosition: Sendable, Hashable {
    /// Every record up to and including this sequence is on disc, with its keys.
    package var sequence: UInt64
    /// The checkpoint of the group that made it so; receipts of its records prove inclusion in it.
    package var checkpoint: SignedCheckpoint
}

/// What became of what was appended. "Exit" is the third outcome: `onFatal` is called and nobody is answered.
package enum LogOutcome: Sendable {
    case durable(DurablePosition)
    /// It is not known whether these records are durable: answer OUTCOME_UNKNOWN, look them up later. The embedded
    /// journal never says this; a replicated log does when its connection breaks in a commit.
    case unknown(first: UInt64, last: UInt64)
}

/// Why a log takes no more records.
package enum ReadOnlyReason: Sendable, Hashable {
    /// There is no room for the next segment, or for keys.
    case diskFull(path: String)
}

/// Whether a log takes records.
package enum LogState: Sendable, Hashable {
    case open
    /// Appends are refused, reads go on.
    case readOnly(ReadOnlyReason)
    /// A write or sync failed; the process is about to exit.
    case failed
    case closed
}

/// A refused `append`. Nothing of the group was taken.
package enum LogError: Error, Sendable, Hashable {
    case readOnly(ReadOnlyReason)
    /// More is waiting for the disk than `JournalLimits.pendingBytes`; try again after the next outcome.
    case overloaded
    /// A body over `JournalLimits.body`.
    case recordTooLarge(bytes: Int)
    /// More records, bytes or keys than a group may have.
    case groupTooLarge
    /// A time not greater than the one before, or a key that is not 32 bytes. Programmer errors of the engine.
    case malformed(String)
    case closed
}

package protocol Log: AnyObject, Sendable {
    /// The sequence the next appended record will get.
    var nextSequence: UInt64 { get }
    /// The time of the last appended record; the next must be greater.
    var lastTime: Int64 { get }
    var state: LogState { get }
    /// The newest durable position.
    var durable: DurablePosition { get }

    /// Starts the log. `onOutcome` is called on the log's thread, in order. `onFatal` is called at most once, after which
    /// nothing else is; the server then ends the process with EX_IOERR (74).
    func start(
        onOutcome: @escaping @Sendable (LogOutcome) -> Void,
        onFatal: @escaping @Sendable (JournalError) -> Void)

    /// Queues a group and returns the sequence of its first record (of the next record, if it has none) at once.
    /// One thread only may append.
    @discardableResult
    func append(_ group: LogGroup) throws(LogError) -> UInt64

    /// The leaf hash of a record, nil when there is no such record.
    func leafHash(sequence: UInt64) -> Digest?
    /// RFC 9162 2.1.3: proof that the record stands in the tree of `treeSize` leaves. Nil when it does not.
    func inclusionProof(sequence: UInt64, treeSize: UInt64) -> [Digest]?
    /// The same as bytes, the hashes one after another: as receipts carry it.
    func inclusionBytes(sequence: UInt64, treeSize: UInt64) -> [UInt8]?
    /// The root the tree had at `treeSize` leaves; nil when it never had so many.
    func root(treeSize: UInt64) -> Digest?
    /// RFC 9162 2.1.4: proof that the tree of `from` leaves is a prefix of the tree of `to`. Nil when out of range.
    func consistencyProof(from: UInt64, to: UInt64) -> [Digest]?

    /// Makes everything appended durable, tells `onOutcome`, and ends. Appending afterwards is refused.
    func close()
}

/// Journal time: never backwards, never twice the same. Confined to the engine's thread.
package struct JournalClock: Sendable {
    private var last: Int64
    private var reference: (wall: Int64, steady: Int64)?

    /// `last`: the time of the last record in the log.
    package init(last: Int64) { self.last = last }

    /// The time for the next record: the wall clock, or one more than the record before.
    package mutating func next(wall: Int64) -> Int64 {
        last = max(wall, last &+ 1)
        return last
    }

    /// Compares wall and steady clock (both ns) with the call before. More than five minutes apart: the record to append.
    /// Ordering and deadlines use journal time, so that a jump can do no more than be seen.
    package mutating func jump(wall: Int64, steady: Int64) -> SystemRecord? {
        defer { reference = (wall, steady) }
        guard let reference else { return nil }
        let expected = reference.wall &+ (steady &- reference.steady)
        let (difference, overflow) = wall.subtractingReportingOverflow(expected)
        guard overflow || difference.magnitude > JournalLimits.clockJump.magnitude else { return nil }
        return .clockJump(expected: expected, found: wall)
    }
}
