internal import Crypto
internal import Exchange
internal import Journal
internal import Schema

/// What is remembered of a judged command: enough to repeat its answer to the byte.
struct Judged {
    var sequence: UInt64
    var time: Int64
    var outcome: Outcome
    var target: EntityID
    var version: UInt64
    var number: String
    /// The leaf's salted digest of the envelope, by which the same id with other content is known and refused; the digest of the
    /// record's body; and the salt (nil when its key was destroyed: then any content is taken for the same).
    var envelopeDigest: Digest
    var bodyDigest: Digest
    var salt: [UInt8]?
    /// The salt as it came from a snapshot, sealed under the target's key; opened when the command comes again, which is rare.
    var sealedSalt: [UInt8] = []

    /// With its salt opened. Without it when the key was destroyed.
    func opened(_ id: ID128, _ key: SealKey?, _ sealer: Sealer) -> Judged {
        guard let key, !sealedSalt.isEmpty else { return self }
        var judged = self
        judged.salt = try? sealer.open(salt: sealedSalt, command: id, key: key)
        judged.sealedSalt = []
        return judged
    }

    func isSame(as other: Judged) -> Bool {
        sequence == other.sequence && time == other.time && outcome == other.outcome
            && target == other.target && version == other.version && number == other.number
            && envelopeDigest == other.envelopeDigest && bodyDigest == other.bodyDigest && salt == other.salt
    }

    func answer(_ id: ID128, storeID: ID128, algorithm: DigestAlgorithm, repeated: Bool) -> CommandAnswer {
        let leaf = LeafStatement(
            algorithm: algorithm, type: .command, storeID: storeID, sequence: sequence, time: time,
            commandID: id, outcome: UInt32(bitPattern: outcome.refusal.rawValue),
            envelopeDigest: envelopeDigest, bodyDigest: bodyDigest)
        return CommandAnswer(
            commandId: id.bytes, outcome: outcome, target: target.bytes, version: version, number: number,
            sequence: sequence, recordedAt: time, repeated: repeated, leaf: leaf.bytes, salt: salt ?? [])
    }
}

/// Every outcome of the last 400 days, by command id. Kept in the order they were judged, so that forgetting takes from the front
/// and remembering moves nothing.
struct JudgedTable {
    private struct Entry {
        var id: ID128
        var judged: Judged
    }
    private var entries = ChunkedArray<Entry>()
    private var places = ShardedTable<ID128, Int>()
    /// The oldest entry not yet looked at for forgetting; those before it are gone.
    private var head = 0

    /// Entries forgotten with one new one, at most: the table shrinks without a pause.
    private static let forgottenPerCommand = 4

    var count: Int { places.count }

    subscript(id: ID128) -> Judged? { places[id].map { entries[$0].judged } }

    /// See `ShardedTable.warm`.
    func warm(_ id: ID128) -> Int { places.warm(id) }

    /// Oldest first.
    func forEach(_ body: (ID128, Judged) throws -> Void) rethrows {
        for index in head..<entries.count { try body(entries[index].id, entries[index].judged) }
    }

    /// The same commands with the same answers, salts opened.
    func agrees(with other: JudgedTable, _ keys: KeyRing) -> Bool {
        guard entries.count - head == other.entries.count - other.head else { return false }
        let sealer = Sealer()
        return zip(entries[head...], other.entries[other.head...]).allSatisfy { one, other in
            let key = keys[ID128(high: one.judged.target.high, low: one.judged.target.low)]
            return one.id == other.id
                && one.judged.opened(one.id, key, sealer).isSame(
                    as: other.judged.opened(other.id, key, sealer))
        }
    }

    /// The next of a snapshot's entries; false when it is there already.
    mutating func restore(_ id: ID128, _ judged: consuming Judged) -> Bool {
        guard places.insert(entries.count, for: id) else { return false }
        entries.append(Entry(id: id, judged: judged))
        return true
    }

    mutating func remember(_ id: ID128, _ judged: consuming Judged, now: Int64) {
        places[id] = entries.count
        entries.append(Entry(id: id, judged: judged))
        forget(now: now)
    }

    private mutating func forget(now: Int64) {
        for _ in 0..<JudgedTable.forgottenPerCommand {
            guard head < entries.count, JudgedWindow.hasPassed(entries[head].id, now: now) else { break }
            places[entries[head].id] = nil
            head += 1
        }
        entries.release(before: head)
    }
}
