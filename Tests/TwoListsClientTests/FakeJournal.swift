import Crypto
import Schema
import Synchronization
import TestSupport
import Wire

@testable import TwoListsClient

/// A journal of leaves that mean nothing, signed as a city's: what a server would show of it, from RECEIPT.md's tables.
struct FakeJournal {
    static let second: Int64 = 1_000_000_000

    let ca: TestCA
    let signer: TestCA.Holder
    var store = [UInt8](repeating: 7, count: 16)
    var city = "421300"
    private(set) var tree = MerkleTree()
    /// The leaves of commands, by sequence.
    private var leaves: [[UInt8]] = []

    init() throws {
        ca = try TestCA()
        signer = try ca.journal()
    }

    var size: UInt64 { tree.size }

    mutating func grow(_ count: Int, salt: UInt8 = 0) {
        for _ in 0..<count {
            append(leaf(id: [UInt8](repeating: 1, count: 16), digest: [UInt8](repeating: salt, count: 32)))
        }
    }

    private mutating func append(_ leaf: [UInt8]) {
        leaves.append(leaf)
        tree.append(tree.hasher.leaf(leaf))
    }

    private func leaf(id: [UInt8], digest: [UInt8], outcome: UInt32 = 0) -> [UInt8] {
        var leaf = Array("TLL1".utf8) + [1, 0, 1, 0] + store
        leaf += little(tree.size + 1) + little(UInt64(bitPattern: time(tree.size + 1))) + id
        leaf += withUnsafeBytes(of: outcome.littleEndian, Array.init) + [0, 0, 0, 0]
        return leaf + digest + [UInt8](repeating: 9, count: 32)
    }

    /// A second a record.
    func time(_ size: UInt64) -> Int64 { (ca.now + Int64(size)) * Self.second }

    private func little(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }

    /// The signed checkpoint of the first `size` records; of all for nil.
    func checkpoint(_ size: UInt64? = nil) throws -> CheckpointStatement {
        let size = size ?? tree.size
        let name = Array(city.utf8)
        var statement = Array("TLC1".utf8) + [1, 0, 0, 0] + name
        statement += [UInt8](repeating: 0, count: 16 - name.count) + store + little(size)
        statement += little(UInt64(bitPattern: time(size))) + (try tree.root(at: size)).bytes
        let made = try Signer(signer.key).sign(statement)
        return CheckpointStatement(
            statement: statement,
            signatures: [
                StatementSignature(
                    algorithm: made.algorithm.name, signature: made.bytes,
                    certificateSha256: signer.certificate.fingerprint.bytes,
                    certificate: signer.certificate.der)
            ])
    }

    func consistency(_ query: ConsistencyQuery) throws -> ConsistencyProof {
        let path = try tree.consistencyProof(from: query.older, to: query.newer)
        return ConsistencyProof(older: query.older, newer: query.newer, path: path.flatMap(\.bytes))
    }

    /// Judges a command: its answer, as a server gives it.
    mutating func answer(_ signed: SignedEnvelope, whole: Bool = false) throws -> CommandAnswer {
        let envelope = try Envelope(decoding: signed.envelope)
        let salt = [UInt8](repeating: 3, count: 16)
        append(leaf(id: envelope.id, digest: Digest(of: salt, then: signed.envelope).bytes))
        var checkpoint = try checkpoint()
        if !whole { checkpoint.signatures[0].certificate = [] }
        let path = try tree.inclusionProof(index: tree.size - 1, size: tree.size)
        return CommandAnswer(
            commandId: envelope.id, outcome: Outcome(), sequence: tree.size, recordedAt: time(tree.size),
            leaf: leaves[leaves.count - 1], salt: salt,
            receipt: Receipt(path: path.flatMap(\.bytes), checkpoint: checkpoint))
    }

    func verifier() throws -> ReceiptVerifier { try ReceiptVerifier(authorityPath: ca.caPath) }
}

/// Everything a client said.
final class HeardEvents: Sendable {
    private let events = Mutex<[ClientEvent]>([])
    var all: [ClientEvent] { events.withLock { $0 } }
    func hear(_ event: ClientEvent) { events.withLock { $0.append(event) } }

    var alarms: [HistoryAlarm] {
        all.compactMap { if case .historyAlarm(let alarm) = $0 { alarm } else { nil } }
    }
    var wrong: [ReceiptFailure.Check] {
        all.compactMap { if case .receiptWrong(_, let failure) = $0 { failure.check } else { nil } }
    }
    var incomplete: Int {
        all.filter { if case .receiptIncomplete = $0 { true } else { false } }.count
    }
}
