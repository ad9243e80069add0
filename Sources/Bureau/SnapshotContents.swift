package import Crypto
package import Exchange
internal import Journal
internal import Schema
internal import Wire

/// What the application keeps in a snapshot: the state, then the judged commands, then the state's hash. Protocol/SNAPSHOT.md 4.
struct SnapshotContents {
    /// First of the contents; a snapshot of another is passed over.
    private static let format: UInt64 = 13
    /// Bytes of a judged command's outcome: a refusal and its arguments.
    private static let outcomeBytes = 64 << 10

    var state: State
    var judged: JudgedTable
    var stateHash: Digest

    /// Of a replay built aside. Returns the state's hash.
    static func write(_ replay: Replay, to emit: @escaping ([UInt8]) throws -> Void) throws -> Digest {
        var out = CompactWriter(emit)
        out.put(format)
        try replay.state.write(to: &out)
        out.put(replay.memory.judged.count)
        var (sequence, time) = (UInt64(0), Int64(0))
        try replay.memory.judged.forEach { id, judged in
            write(id, judged, after: (sequence, time), &out)
            (sequence, time) = (judged.sequence, judged.time)
            try out.rowEnds()
        }
        let hash = try StateHash.of(replay.state)
        out.put(raw: hash.bytes)
        try out.flush()
        return hash
    }

    private static func write(
        _ id: ID128, _ judged: Judged, after last: (sequence: UInt64, time: Int64), _ out: inout CompactWriter
    ) {
        out.put(raw: id.bytes)
        out.put(judged.sequence &- last.sequence)
        out.put(signed: judged.time &- last.time)
        out.put(judged.outcome.encoded())
        out.put(judged.target)
        out.put(judged.version)
        out.put(judged.number)
        out.put(raw: judged.envelopeDigest.bytes)
        out.put(raw: judged.bodyDigest.bytes)
        out.put(judged.sealedSalt)
    }

    /// `keys` nil: to go on aside; nothing is opened.
    init(_ refill: @escaping () throws -> [UInt8]?, keys: KeyRing?) throws {
        var input = CompactReader(refill)
        guard try input.number() == Self.format else {
            throw SnapshotFault.wrong("contents of another version")
        }
        let sealer = Sealer()
        let opening =
            keys.map { keys in
                SnapshotOpening.opened { subject, place, sealed in
                    guard let key = keys[ID128(high: subject.high, low: subject.low)] else { return nil }
                    return try sealer.open(sealed, at: place, key: key)
                }
            } ?? .aside
        state = try State(snapshot: &input, opening)
        judged = try Self.readJudged(&input)
        stateHash = try Self.digest(&input)
        try input.end()
    }

    private static func readJudged(_ input: inout CompactReader) throws -> JudgedTable {
        var table = JudgedTable()
        var last = (sequence: UInt64(0), time: Int64(0))
        for _ in 0..<(try input.number(UInt32.self, "the number of judged commands")) {
            guard let id = ID128(try input.raw(16)) else { throw SnapshotFault.endsEarly }
            let judged = try readJudged(&input, after: last)
            last = (judged.sequence, judged.time)
            guard table.restore(id, judged) else { throw SnapshotFault.wrong("a command twice") }
        }
        return table
    }

    private static func readJudged(
        _ input: inout CompactReader, after last: (sequence: UInt64, time: Int64)
    ) throws -> Judged {
        let sequence = last.sequence &+ (try input.number())
        let time = last.time &+ (try input.signed())
        let outcome = try Outcome(decoding: try input.bytes())
        let target = try input.id()
        let (version, number) = (try input.number(), try input.text())
        let (envelope, body) = (try digest(&input), try digest(&input))
        return Judged(
            sequence: sequence, time: time, outcome: outcome, target: target, version: version,
            number: number, envelopeDigest: envelope, bodyDigest: body, salt: nil,
            sealedSalt: try input.bytes())
    }

    private static func digest(_ input: inout CompactReader) throws -> Digest {
        guard let digest = Digest(bytes: try input.raw(Digest.length)) else { throw SnapshotFault.endsEarly }
        return digest
    }
}

/// SHA-256 of a state's canonical stream.
package struct StateHash: StateHasher {
    private let digest: IncrementalDigest

    private init() throws(CryptoError) { digest = try IncrementalDigest() }

    package mutating func absorb(_ bytes: UnsafeRawBufferPointer) { digest.update(bytes) }

    package static func of(_ state: State) throws(CryptoError) -> Digest {
        var hash = try StateHash()
        state.digest(into: &hash)
        return hash.digest.finish()
    }
}
