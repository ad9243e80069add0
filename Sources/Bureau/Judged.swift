internal import Crypto
internal import Journal
internal import Schema

/// What is remembered of a judged command: enough to repeat its answer to the byte.
struct Judged {
    var sequence: UInt64
    var time: Int64
    var outcome: Outcome
    var target: [UInt8]
    var version: UInt64
    var number: String
    /// SHA-256 of the envelope as received; nil when its key was destroyed. The same id with other content is refused.
    var content: Digest?
    /// The leaf's salted digest, the digest of the record's body, and the salt (nil when its key was destroyed).
    var envelopeDigest: Digest
    var bodyDigest: Digest
    var salt: [UInt8]?

    func answer(_ id: ID128, storeID: ID128, algorithm: DigestAlgorithm, repeated: Bool) -> CommandAnswer {
        let leaf = LeafStatement(
            algorithm: algorithm, type: .command, storeID: storeID, sequence: sequence, time: time,
            commandID: id, outcome: UInt32(bitPattern: outcome.refusal.rawValue),
            envelopeDigest: envelopeDigest, bodyDigest: bodyDigest)
        return CommandAnswer(
            commandId: id.bytes, outcome: outcome, target: target, version: version, number: number,
            sequence: sequence, recordedAt: time, repeated: repeated, leaf: leaf.bytes, salt: salt ?? [])
    }
}

/// Every outcome of the last 400 days, by command id.
struct JudgedTable {
    private var entries: [ID128: Judged] = [:]
    /// Ids in the order they were judged, for forgetting; `head` is the oldest not looked at.
    private var order: [ID128] = []
    private var head = 0

    /// Entries forgotten with one new one, at most: the table shrinks without a pause.
    private static let forgottenPerCommand = 4

    var count: Int { entries.count }

    subscript(id: ID128) -> Judged? { entries[id] }

    mutating func remember(_ id: ID128, _ judged: Judged, now: Int64) {
        entries[id] = judged
        order.append(id)
        forget(now: now)
    }

    private mutating func forget(now: Int64) {
        for _ in 0..<JudgedTable.forgottenPerCommand {
            guard head < order.count, JudgedWindow.hasPassed(order[head], now: now) else { break }
            entries[order[head]] = nil
            head += 1
        }
        if head > 4096, head * 2 > order.count {
            order.removeFirst(head)
            head = 0
        }
    }
}
