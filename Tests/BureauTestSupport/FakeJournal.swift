package import Crypto
package import Schema
package import TestSupport
import Wire

/// A journal of leaves that mean nothing, signed as a city's: what a server would show of it, from RECEIPT.md's tables.
package struct FakeJournal {
    package static let second: Int64 = 1_000_000_000

    package let ca: TestCA
    package let signer: TestCA.Holder
    package var store = [UInt8](repeating: 7, count: 16)
    package var city = "421300"
    package private(set) var tree = MerkleTree()
    /// The leaves of commands, by sequence.
    private var leaves: [[UInt8]] = []

    package init(_ ca: TestCA? = nil) throws {
        self.ca = try ca ?? TestCA()
        let ca = self.ca
        signer = try ca.journal()
    }

    package var size: UInt64 { tree.size }

    package mutating func grow(_ count: Int, salt: UInt8 = 0) {
        for _ in 0..<count {
            append(leaf(id: [UInt8](repeating: 1, count: 16), digest: [UInt8](repeating: salt, count: 32)))
        }
    }

    private mutating func append(_ leaf: [UInt8]) {
        leaves.append(leaf)
        tree.append(tree.hasher.leaf(leaf))
    }

    private func leaf(
        id: [UInt8], digest: [UInt8], outcome: UInt32 = 0, type: UInt8 = 1,
        body: [UInt8] = [UInt8](repeating: 9, count: 32)
    ) -> [UInt8] {
        var leaf = Array("TLL1".utf8) + [1, 0, type, 0] + store
        leaf += little(tree.size + 1) + little(UInt64(bitPattern: time(tree.size + 1))) + id
        leaf += withUnsafeBytes(of: outcome.littleEndian, Array.init) + [0, 0, 0, 0]
        return leaf + digest + body
    }

    /// A second a record.
    package func time(_ size: UInt64) -> Int64 { (ca.now + Int64(size)) * Self.second }

    private func little(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }

    /// The signed checkpoint of the first `size` records; of all for nil.
    package func checkpoint(_ size: UInt64? = nil) throws -> CheckpointStatement {
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

    package func consistency(_ query: ConsistencyQuery) throws -> ConsistencyProof {
        let path = try tree.consistencyProof(from: query.older, to: query.newer)
        return ConsistencyProof(older: query.older, newer: query.newer, path: path.flatMap(\.bytes))
    }

    /// Judges a command: its answer, as a server gives it.
    package mutating func answer(
        _ signed: SignedEnvelope, whole: Bool = false, refusal: Refusal = .unspecified
    ) throws -> CommandAnswer {
        let envelope = try Envelope(decoding: signed.envelope)
        let salt = [UInt8](repeating: 3, count: 16)
        append(
            leaf(
                id: envelope.id, digest: Digest(of: salt, then: signed.envelope).bytes,
                outcome: UInt32(bitPattern: refusal.rawValue)))
        var checkpoint = try checkpoint()
        if !whole { checkpoint.signatures[0].certificate = [] }
        let path = try tree.inclusionProof(index: tree.size - 1, size: tree.size)
        return CommandAnswer(
            commandId: envelope.id, outcome: Outcome(refusal: refusal), target: envelope.target,
            sequence: tree.size, recordedAt: time(tree.size),
            leaf: leaves[leaves.count - 1], salt: salt,
            receipt: Receipt(path: path.flatMap(\.bytes), checkpoint: checkpoint))
    }

    /// As it goes on a disc: the receipt stands alone.
    package mutating func wholeAnswer(
        _ signed: SignedEnvelope, refusal: Refusal = .unspecified
    ) throws -> CommandAnswer {
        var answer = try answer(signed, whole: true, refusal: refusal)
        answer.receipt?.leaf = answer.leaf
        answer.receipt?.salt = answer.salt
        return answer
    }

    /// A step of a batch, which is a record without a command, and how the server answers for it.
    package mutating func answer(
        _ stage: BatchStage, _ record: EventV1.Record
    ) throws -> (step: BatchStep, answer: BatchAnswer) {
        let body = record.encoded()
        append(
            leaf(
                id: [UInt8](repeating: 1, count: 16), digest: [UInt8](repeating: 0, count: 32),
                body: Digest(of: body).bytes))
        let path = try tree.inclusionProof(index: tree.size - 1, size: tree.size)
        let receipt = Receipt(path: path.flatMap(\.bytes), checkpoint: try checkpoint())
        return (
            BatchStep(stage: stage, sequence: tree.size, time: time(tree.size)),
            BatchAnswer(stage: stage, leaf: leaves[leaves.count - 1], record: body, receipt: receipt)
        )
    }
}
