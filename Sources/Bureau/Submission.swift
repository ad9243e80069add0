package import Crypto
package import Exchange
package import Journal
package import Schema
internal import Synchronization
package import Wire

/// A command on its way to the engine: decoded, its form checked, its signature verified. Made on the event loop (or
/// from a file), so that the engine's thread only judges.
///
/// An object, not a value: it crosses two queues, and a copy would count up two dozen references each time.
package final class Submission: CallAnswer {
    package let id: ID128
    package let command: Command
    package let target: EntityID
    package let expectedVersion: UInt64
    /// The party and officer that the envelope names.
    package let claim: Claim
    let origin: SaltedOrigin
    package let kind: CommandKind
    /// Who the certificate says is acting.
    package let actor: ActorIdentity
    package let path: EventV1.Path
    /// The bureau officer who handed a file in; empty on the line.
    package let handedInBy: String
    /// Address and port the command came from; empty: from nowhere on the line.
    package let address: String
    package let deadline: Int64?
    package let reply: any CallReply
    /// Why it is not judged, unless it was before: a batch or an attachment whose chunks are not all on disc, or are something else.
    private let obstacle: Mutex<Status?>
    /// Nil: the answer goes without its receipt.
    private let receipts: ReceiptMaker?
    private let verdict = Mutex<Verdict?>(nil)

    package struct Claim: Sendable {
        package let party: String
        package let officer: String
    }

    /// How a command came, beside its envelope.
    struct Way {
        var actor: ActorIdentity
        var path: EventV1.Path
        var handedInBy = ""
        var address = ""
        var deadline: Int64?
        var reply: any CallReply
        var receipts: ReceiptMaker?
        var obstacle: Status?
    }

    init(
        id: ID128, envelope: Envelope, command: Command, kind: CommandKind, target: EntityID,
        origin: SaltedOrigin, _ way: Way
    ) {
        self.id = id
        self.command = command
        self.target = target
        self.kind = kind
        self.origin = origin
        expectedVersion = envelope.expectedVersion
        claim = Claim(party: envelope.party, officer: envelope.officer)
        actor = way.actor
        path = way.path
        handedInBy = way.handedInBy
        address = way.address
        deadline = way.deadline
        reply = way.reply
        obstacle = Mutex(way.obstacle)
        receipts = way.receipts
    }

    /// By the batches' thread, before the engine has it.
    func hinder(_ status: Status) { obstacle.withLock { $0 = status } }

    var hindrance: Status? { obstacle.withLock { $0 } }

    /// By the engine, once, before the answer is let go.
    func judge(_ verdict: Verdict) { self.verdict.withLock { $0 = verdict } }

    package func encodedAnswer() -> [UInt8] {
        guard var answer = verdict.withLock({ verdict in verdict?.answer(id) }) else {
            preconditionFailure("an answer before the verdict")  // programmer error: the engine judges first
        }
        // Already encoded: bytes kept as they are go out as they are.
        answer.unknownFields = receipts?.answerField(sequence: answer.sequence) ?? []
        return answer.encoded()
    }
}

/// What the engine found.
struct Verdict {
    var judged: Judged
    var changes: [HistoryEntry]
    var repeated: Bool
    var storeID: ID128
    var algorithm: DigestAlgorithm
    /// A field shown whole; kept nowhere.
    var revealed = ""
    var completesAt: Int64 = 0

    func answer(_ id: ID128) -> CommandAnswer {
        var answer = judged.answer(id, storeID: storeID, algorithm: algorithm, repeated: repeated)
        answer.changes = changes
        answer.revealed = revealed
        answer.completesAt = completesAt
        return answer
    }
}

/// How a command came, as the journal keeps it: encoded and salted on the event loop, so that the engine need only seal it.
struct SaltedOrigin: Sendable {
    /// As received, without the salt.
    let envelope: [UInt8]
    /// Of `EngineLimits.saltBytes`.
    let salt: [UInt8]
    /// The leaf's: of salt and envelope.
    let envelopeDigest: Digest
    /// `EventV1.Origin`.
    let encoded: [UInt8]

    init(_ origin: consuming EventV1.Origin, salt: [UInt8], algorithm: DigestAlgorithm) {
        envelope = origin.envelope
        self.salt = salt
        envelopeDigest = Digest(of: salt, then: envelope, algorithm: algorithm)
        origin.salt = salt
        encoded = origin.encoded()
    }
}

/// The acting officer as a verified certificate names them. What they may do is the roster's business.
package struct ActorIdentity: Sendable, Hashable {
    package var city: String
    /// `county/421321`
    package var party: String
    package var officer: String
    package var serial: [UInt8]

    package init(city: String, party: String, officer: String, serial: [UInt8]) {
        self.city = city
        self.party = party
        self.officer = officer
        self.serial = serial
    }

    /// Whether both name one officer; certificates are renewed, so their serials may differ.
    func isSameOfficer(as other: ActorIdentity) -> Bool {
        haveSameBytes(city, other.city) && haveSameBytes(party, other.party)
            && haveSameBytes(officer, other.officer)
    }

    var isOfBureau: Bool { party.utf8.starts(with: "bureau/".utf8) }
}

/// Bytes → Submission. Every failure is a Status of what was not judged: nothing is recorded, the same id may be tried
/// again once it is mended.
package struct EnvelopeReader: Sendable {
    /// Domain separation of the officer's signature: it is made over this, a zero byte and the envelope.
    package static let signatureDomain = [UInt8]("twolists.v1.Envelope".utf8) + [0]

    private let city: String
    private let signatures: any SignatureChecker
    /// The store's.
    private let algorithm: DigestAlgorithm
    private let entropy: SharedEntropy
    /// Of the answers; nil only where nobody keeps receipts.
    private let receipts: ReceiptMaker?
    /// Knows which batches are stored; nil: nobody asks.
    private let desk: BatchDesk?

    package init(
        city: String, signatures: any SignatureChecker, algorithm: DigestAlgorithm,
        receipts: ReceiptMaker?, desk: BatchDesk? = nil, entropy: Entropy = .system
    ) {
        self.desk = desk
        self.receipts = receipts
        self.city = city
        self.signatures = signatures
        self.algorithm = algorithm
        self.entropy = SharedEntropy(entropy, page: EngineLimits.entropyPage)
    }

    /// A command that came over the line: the certificate of the connection names the actor; a signature is checked
    /// where there is one.
    package func line(
        _ signed: SignedEnvelope, call: CallInfo, actor: ActorIdentity, reply: any CallReply
    ) throws(Status) -> Submission {
        try checkSizes(signed)
        if !signed.signature.isEmpty {
            let certificate = signed.certificate.isEmpty ? call.peer.certificate : signed.certificate
            guard try verified(signed, certificate).isSameOfficer(as: actor) else {
                throw Status.signedByAnother
            }
        }
        return try submission(
            signed,
            Submission.Way(
                actor: actor, path: .line, address: call.peer.address, deadline: call.deadline, reply: reply,
                receipts: signed.omitReceipt ? nil : receipts))
    }

    /// A command from a file: the signature is required, its certificate names the actor.
    package func file(
        _ signed: SignedEnvelope, handedInBy: ActorIdentity, address: String = "", deadline: Int64?,
        reply: any CallReply
    ) throws(Status) -> Submission {
        try checkSizes(signed)
        guard handedInBy.isOfBureau else {
            throw Status.importNotPermitted
        }
        guard !signed.signature.isEmpty, !signed.certificate.isEmpty else {
            throw Status.signatureRequired
        }
        let actor = try verified(signed, signed.certificate)
        return try submission(
            signed,
            Submission.Way(
                actor: actor, path: .file, handedInBy: handedInBy.officer, address: address,
                deadline: deadline, reply: reply, receipts: signed.omitReceipt ? nil : receipts))
    }

    private func checkSizes(_ signed: SignedEnvelope) throws(Status) {
        try check("envelope", signed.envelope.count, EngineLimits.envelopeBytes)
        try check("signature", signed.signature.count, EngineLimits.signatureBytes)
        try check("certificate", signed.certificate.count, EngineLimits.certificateBytes)
    }

    private func check(_ what: String, _ count: Int, _ limit: Int) throws(Status) {
        guard count <= limit else {
            throw Status.tooLarge(what, count, limit)
        }
    }

    private func verified(_ signed: SignedEnvelope, _ certificate: [UInt8]) throws(Status) -> ActorIdentity {
        try signatures.signer(
            of: EnvelopeReader.signatureDomain + signed.envelope, algorithm: signed.signatureAlgorithm,
            signature: signed.signature, certificate: certificate)
    }

    private func submission(
        _ signed: SignedEnvelope, _ way: Submission.Way
    ) throws(Status) -> Submission {
        guard haveSameBytes(way.actor.city, city) else {
            throw Status.officerOfOtherCity(city)
        }
        let envelope = try decoded(signed.envelope)
        guard let id = CommandID.parse(envelope.id) else {
            throw Status.malformed("envelope.id must be a UUIDv7 of 16 bytes", "envelope.id")
        }
        guard haveSameBytes(envelope.city, city) else {
            throw Status.envelopeOfOtherCity(city)
        }
        guard let command = envelope.command, let kind = CommandKind(command) else {
            throw Status.malformed("envelope.command holds no command this server knows", "envelope.command")
        }
        guard let target = EntityID(envelope.target) else {
            throw Status.malformed("envelope.target must be 16 bytes, not all zero", "envelope.target")
        }
        let way = prepared(way, envelope, command, target)
        let origin = EventV1.Origin(
            envelope: signed.envelope, signatureAlgorithm: signed.signatureAlgorithm,
            signature: signed.signature, certificate: signed.certificate)
        return Submission(
            id: id, envelope: envelope, command: command, kind: kind, target: target,
            origin: try salted(origin), way)
    }

    /// After a batch was submitted, evidence attached, or a person or matter erased, the batches' thread has something to do.
    private func prepared(
        _ way: Submission.Way, _ envelope: Envelope, _ command: Command, _ target: EntityID
    ) -> Submission.Way {
        guard let desk else { return way }
        var way = way
        switch command.body {
        case .submitBatch(let batch):
            if !desk.isStored(way.actor.party, target, manifest: batch.manifest) {
                way.obstacle = .batchNotStored
            }
            way.reply = WakingReply(way.reply, desk)
        case .erasePerson, .attachEvidence, .eraseRequest, .eraseCase:
            way.reply = WakingReply(way.reply, desk)
        default: break
        }
        return way
    }

    private func salted(_ origin: consuming EventV1.Origin) throws(Status) -> SaltedOrigin {
        do throws(CryptoError) {
            return SaltedOrigin(origin, salt: try entropy.bytes(EngineLimits.saltBytes), algorithm: algorithm)
        } catch { throw Status.sealingFailed(error) }
    }

    /// Unknown fields are refused: what this server does not understand it must not claim to have judged.
    private func decoded(_ bytes: [UInt8]) throws(Status) -> Envelope {
        do {
            return try Envelope(decoding: bytes, unknownFields: .refuse)
        } catch {
            throw Status.malformed(Envelope.self, error, as: "envelope")
        }
    }
}

/// Who signed: verified against the city's CA and revocations.
package protocol SignatureChecker: Sendable {
    /// - Throws: INVALID_ARGUMENT when the signature or the certificate does not hold.
    func signer(
        of message: [UInt8], algorithm: String, signature: [UInt8], certificate: [UInt8]
    ) throws(Status) -> ActorIdentity
}
