import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import Testing
import Wire

@testable import Bureau

/// A scanned document that a test attaches, and what is sent of it.
struct SentFile {
    let id: [UInt8]
    var bytes: [UInt8]
    var name = "测试户口簿.pdf"
    var type = AttachmentType.pdf
    var kind = ""

    static let mark = "只在附件中出现的字样"

    /// A PDF of so many bytes, with a text that can be looked for.
    init(_ id: UInt8, bytes count: Int, perChunk: Int = 1_000) {
        self.id = [UInt8](repeating: id, count: 16)
        self.perChunk = perChunk
        bytes = Array("%PDF-1.7 \(Self.mark) ".utf8)
        while bytes.count < count { bytes.append(UInt8(truncatingIfNeeded: bytes.count &* 31 &+ Int(id))) }
    }

    var perChunk: Int

    var chunks: [[UInt8]] {
        stride(from: 0, to: bytes.count, by: perChunk).map {
            Array(bytes[$0..<min($0 + perChunk, bytes.count)])
        }
    }

    var manifest: [UInt8] {
        BatchManifest(
            chunks: chunks.map { BatchChunk(sha256: Digest(of: $0).bytes, bytes: UInt32($0.count)) }
        ).encoded()
    }

    var command: AttachEvidence {
        AttachEvidence(
            attachment: id, sha256: Digest(of: bytes).bytes, bytes: UInt64(bytes.count), type: type,
            fileName: name, kind: kind, manifest: Digest(of: manifest).bytes)
    }
}

extension BatchTown {
    func send(_ file: SentFile, by officer: String) {
        for chunk in file.chunks { #expect(put(chunk, of: file.id, by: officer)?.isOK == true) }
        #expect(put(file.manifest, manifest: true, of: file.id, by: officer)?.isOK == true)
    }

    /// The command as it comes over the line.
    func attach(
        _ command: AttachEvidence, to target: [UInt8], by officer: String, id: ID128? = nil, rounds: Int = 12
    ) -> CaughtReply {
        let envelope = desk.envelope(
            .attachEvidence(command), by: officer, on: target, expecting: desk.version(of: target), id: id)
        return execute(envelope, by: officer, rounds: rounds)
    }

    func execute(_ envelope: [UInt8], by officer: String, rounds: Int = 12) -> CaughtReply {
        let reply = CaughtReply()
        let reader = EnvelopeReader(
            city: TownRoster.city, signatures: TrustingChecker(), algorithm: .sha256, receipts: desk.receipts,
            desk: batches, entropy: world.entropy)
        let handler = ExchangeHandler(engine: handle, reader: reader, desk: batches)
        _ = handler.open(
            Desk.call(officer, service: ExchangeService.name, method: "Execute"),
            request: SignedEnvelope(envelope: envelope).encoded(), reply: reply)
        settle(rounds)
        return reply
    }

    /// A request of the unit's.
    func request() throws -> [UInt8] {
        let id = world.commandID().bytes
        try desk.give(.submitRequest, on: id)
        return id
    }

    func familyCase() throws -> [UInt8] {
        let id = world.commandID().bytes
        try desk.give(.fileCase, on: id)
        return id
    }

    func fetch(_ attachment: [UInt8], of target: [UInt8], by officer: String) -> CaughtReply {
        let reply = CaughtReply()
        let handler = AttachmentHandler(engine: handle, desk: batches)
        _ = handler.open(
            Desk.call(officer, service: AttachmentsService.name, method: "Fetch"),
            request: FetchAttachmentQuery(target: target, attachment: attachment).encoded(), reply: reply)
        settle(30)
        return reply
    }

    func attachments(of target: [UInt8], by officer: String) -> [AttachmentView] {
        let actor = TownRoster.actor(officer)
        guard let viewer = desk.engine.state.viewer(officer: officer, party: actor.party),
            let id = EntityID(target), let matter = desk.engine.state.matter(id, for: viewer)
        else { return [] }
        return desk.engine.state.requestView(matter, for: viewer)?.attachments
            ?? desk.engine.state.caseView(matter, for: viewer)?.attachments ?? []
    }

    /// What lies on the disk in these folders.
    func files(_ folders: [String]) throws -> [[UInt8]] {
        try folders.flatMap { folder in
            var storage: any Storage = disk.root
            for name in folder.split(separator: "/") { storage = try storage.subdirectory(String(name)) }
            return try storage.list().sorted().map { try storage.contents($0) }
        }
    }
}

extension CaughtReply {
    /// The pieces of a fetch: what it is, and its bytes.
    func file() throws -> (head: AttachmentView?, bytes: [UInt8]) {
        let pieces = try messages.map { try AttachmentPiece(decoding: $0) }
        return (pieces.first?.head, pieces.flatMap(\.data))
    }

    func refusal() throws -> Refusal? {
        try CommandAnswer(decoding: try #require(payload)).outcome?.refusal
    }
}
