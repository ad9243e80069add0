import Crypto
public import Schema

/// Why an exported trail does not hold: the first check of TRAIL.md 3 that failed, by its name there, and every record that it means.
public struct TrailFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Check: String, Sendable, Hashable, CaseIterable {
        case form = "FORM"
        case order = "ORDER"
        case record = "RECORD"
        case range = "RANGE"
        case unsigned = "UNSIGNED"
        case certificate = "CERTIFICATE"
        case signature = "SIGNATURE"
    }

    /// What is wrong with one record.
    public enum Fault: String, Sendable, Hashable, CaseIterable {
        case added = "ADDED"
        case changed = "CHANGED"
        case missing = "MISSING"
        case moved = "MOVED"
        case repeated = "REPEATED"
    }

    /// One record that is not what the journal had.
    public struct Named: Sendable, Hashable {
        public var sequence: UInt64
        public var fault: Fault
    }

    public var check: Check
    /// In English, for logs.
    public var detail: String
    /// By sequence, at most `TrailVerifier.named`.
    public internal(set) var faults: [Named] = []
    /// Records with a fault beyond those named.
    public internal(set) var unnamed: UInt64 = 0

    package init(_ check: Check, _ detail: String) {
        self.check = check
        self.detail = detail
    }

    public var description: String { "\(check.rawValue): \(detail)" }
}

/// Checks exported trails offline, with the city's authorities alone. TRAIL.md 3.
public struct TrailVerifier: Sendable {
    /// Records named in one verdict: enough to look at, and a wrong file of any size costs little.
    public static let named = 100

    let receipts: ReceiptVerifier

    public init(_ receipts: ReceiptVerifier) { self.receipts = receipts }

    /// `FORM` of the head. Then each record is added in the order of the file, and `finish` judges.
    public func begin(_ head: TrailHead) throws(TrailFailure) -> TrailCheck {
        try TrailCheck(head, self)
    }
}

/// The check of one export under way. Holds 40 bytes a record.
public struct TrailCheck: Sendable {
    /// Of an inclusion path: a tree of 2^64 leaves has 64 rows.
    private static let pathHashes = 64
    /// Leaves: no sum of places overflows, and no journal comes near it.
    private static let largestTree: UInt64 = 1 << 62

    private let verifier: TrailVerifier
    private let head: TrailHead
    private let signed: CheckpointStatement
    private let checkpoint: ReceiptCheckpoint
    private let hasher: MerkleHasher
    private var sequences: [UInt64] = []
    private var hashes: [Digest] = []
    /// What the file says of the leaves that are others, by their place in it.
    private var stated: [Int: Digest] = [:]

    /// What an export that holds says.
    public struct Verified: Sendable, Hashable {
        public let first: UInt64
        public let last: UInt64
        public let checkpoint: ReceiptCheckpoint
    }

    init(_ head: TrailHead, _ verifier: TrailVerifier) throws(TrailFailure) {
        let signed = head.signed ?? CheckpointStatement()
        guard let checkpoint = ReceiptCheckpoint(signed.statement) else {
            throw TrailFailure(.form, "the head holds no checkpoint")
        }
        guard head.repeats(signed) else {
            throw TrailFailure(.form, "the head says its checkpoint twice, and not the same")
        }
        guard 1 <= head.first, head.first <= head.last, head.last <= checkpoint.treeSize,
            checkpoint.treeSize <= Self.largestTree
        else {
            throw TrailFailure(.form, "no range: \(head.first) to \(head.last) of \(checkpoint.treeSize)")
        }
        for path in [head.firstPath, head.lastPath] {
            guard path.count <= Self.pathHashes, path.allSatisfy({ $0.count == Digest.length }) else {
                throw TrailFailure(.form, "a path is none")
            }
        }
        self.verifier = verifier
        self.head = head
        self.signed = signed
        self.checkpoint = checkpoint
        hasher = MerkleHasher(checkpoint.algorithm)
    }

    /// The next record of the file.
    public mutating func add(_ record: TrailRecord) throws(TrailFailure) {
        let place = sequences.count
        guard let leaf = ReceiptLeaf.bytes(of: record, in: checkpoint),
            let said = Digest(bytes: record.leafHash)
        else { throw TrailFailure(.form, "record \(place + 1) of the file is none") }
        let hash = hasher.leaf(leaf)
        sequences.append(record.sequence)
        hashes.append(hash)
        if hash != said { stated[place] = said }
    }

    /// After the last record.
    public func finish() throws(TrailFailure) -> Verified {
        var order = SequenceOrder(first: head.first, last: head.last)
        for sequence in sequences { order.add(sequence) }
        order.end()
        let changed = stated.keys.map { TrailFailure.Named(sequence: sequences[$0], fault: .changed) }
        if !order.isRight {
            throw failure(
                .order, "the records are not \(head.first) to \(head.last), each once", order, changed)
        }
        if !changed.isEmpty {
            let leads = root(of: statedHashes) == checkpoint.root
            throw failure(
                .record,
                leads
                    ? "the hashes in the file lead to the checkpoint's root: exactly these records were changed"
                    : "the hashes in the file do not lead to the checkpoint's root either: others may have been changed too",
                order, changed)
        }
        guard root(of: hashes) == checkpoint.root, pathsLead() else {
            throw TrailFailure(.range, "the records do not lead to the checkpoint's root")
        }
        try checkSignatures()
        return Verified(first: head.first, last: head.last, checkpoint: checkpoint)
    }

    private func failure(
        _ check: TrailFailure.Check, _ detail: String, _ order: SequenceOrder, _ changed: [TrailFailure.Named]
    ) -> TrailFailure {
        var failure = TrailFailure(check, detail)
        let all = (order.faults + changed)
            .sorted { ($0.sequence, $0.fault.rawValue) < ($1.sequence, $1.fault.rawValue) }
        failure.faults = Array(all.prefix(TrailVerifier.named))
        let count = order.count.addingReportingOverflow(UInt64(changed.count))
        failure.unnamed = (count.overflow ? .max : count.partialValue) - UInt64(failure.faults.count)
        return failure
    }

    private var statedHashes: [Digest] {
        var all = hashes
        for (place, hash) in stated { all[place] = hash }
        return all
    }

    private func root(of leaves: [Digest]) -> Digest? {
        MerkleProof.rangeRoot(
            size: checkpoint.treeSize, first: head.first - 1, leaves: leaves,
            firstPath: head.firstPath.compactMap { Digest(bytes: $0) },
            lastPath: head.lastPath.compactMap { Digest(bytes: $0) }, hasher: hasher)
    }

    /// Each path alone: the range uses one side of each.
    private func pathsLead() -> Bool {
        zip([head.first, head.last], [head.firstPath, head.lastPath]).allSatisfy { sequence, path in
            let place = Int(sequence - head.first)
            return hashes.indices.contains(place)
                && MerkleProof.includes(
                    leafHash: hashes[place], index: sequence - 1, size: checkpoint.treeSize,
                    path: path.compactMap { Digest(bytes: $0) }, root: checkpoint.root, hasher: hasher)
        }
    }

    private func checkSignatures() throws(TrailFailure) {
        do throws(ReceiptFailure) { try verifier.receipts.verify(signed) } catch {
            throw TrailFailure(TrailFailure.Check(rawValue: error.check.rawValue) ?? .form, error.detail)
        }
    }
}

extension TrailHead {
    /// Whether fields 3 to 6 say what `signed` says.
    fileprivate func repeats(_ signed: CheckpointStatement) -> Bool {
        let one = signed.signatures.first ?? StatementSignature()
        return checkpoint == signed.statement && Array(signatureAlgorithm.utf8) == Array(one.algorithm.utf8)
            && signature == one.signature && certificateFingerprint == one.certificateSha256
    }
}

/// Whether sequences are a range, each once and in order; and which are not. TRAIL.md 3, `ORDER`.
struct SequenceOrder {
    let first: UInt64
    let last: UInt64
    /// At most `TrailVerifier.named` of each kind.
    private(set) var faults: [TrailFailure.Named] = []
    /// All of them, named or not.
    private(set) var count: UInt64 = 0
    private var seen: Set<UInt64> = []
    private var expected: UInt64
    private var highest: UInt64 = 0
    private var named: [TrailFailure.Fault: Int] = [:]
    /// While everything so far was in its place, nothing need be remembered.
    private var isPlain = true

    init(first: UInt64, last: UInt64) {
        (self.first, self.last) = (first, last)
        expected = first
    }

    var isRight: Bool { count == 0 }

    mutating func add(_ sequence: UInt64) {
        if isPlain, sequence == expected, sequence <= last {
            highest = sequence
            expected += 1
            return
        }
        if isPlain {
            isPlain = false
            if expected > first { seen = Set(first..<expected) }
        }
        guard first <= sequence, sequence <= last else { return note(sequence, .added) }
        guard seen.insert(sequence).inserted else { return note(sequence, .repeated) }
        if sequence < highest { note(sequence, .moved) }
        highest = max(highest, sequence)
    }

    /// Names what is missing.
    mutating func end() {
        guard !isPlain else {
            if expected <= last { note(expected, through: last) }
            return
        }
        var next = first
        for sequence in seen.sorted() {
            if next < sequence { note(next, through: sequence - 1) }
            next = sequence &+ 1
        }
        if next <= last, next != 0 { note(next, through: last) }
    }

    private mutating func note(_ sequence: UInt64, _ fault: TrailFailure.Fault) {
        count = count == .max ? .max : count + 1
        guard named[fault, default: 0] < TrailVerifier.named else { return }
        named[fault, default: 0] += 1
        faults.append(TrailFailure.Named(sequence: sequence, fault: fault))
    }

    /// A gap: counted whole, named as far as there is room.
    private mutating func note(_ from: UInt64, through: UInt64) {
        var sequence = from
        while true {
            guard named[.missing, default: 0] < TrailVerifier.named else {
                let (sum, overflow) = count.addingReportingOverflow(through - sequence)
                count = overflow || sum == .max ? .max : sum + 1
                return
            }
            note(sequence, .missing)
            if sequence == through { return }
            sequence += 1
        }
    }
}
