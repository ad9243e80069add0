import Bureau
import BureauTestSupport
import Crypto
import Foundation
import Journal
import Schema
import TestSupport
import Testing
import Wire

@testable import TwoListsClient

/// A receipt as its holder keeps it, with the bytes it is about.
struct Held: Sendable, Hashable {
    var receipt: Receipt
    var envelope: [UInt8]

    /// As RECEIPT.md 3 puts it together: leaf and salt from the answer, certificates from HELLO's checkpoint.
    init(_ answer: CommandAnswer, envelope: [UInt8], hello: CheckpointStatement) throws {
        receipt = try #require(answer.receipt)
        receipt.leaf = answer.leaf
        receipt.salt = answer.salt
        for known in hello.signatures {
            for index in receipt.checkpoint?.signatures.indices ?? 0..<0
            where receipt.checkpoint?.signatures[index].certificateSha256 == known.certificateSha256 {
                receipt.checkpoint?.signatures[index].certificate = known.certificate
            }
        }
        self.envelope = envelope
    }
}

/// A signed store of the small town that files commands and keeps their receipts.
struct ReceiptTown {
    let ca: TestCA
    let journal: TestCA.Holder
    /// Of the second signature, where the town signs twice.
    let second: TestCA.Holder?
    let world: World
    let disk: SimulatedDisk
    let desk: Desk

    init(seed: UInt64, algorithm: DigestAlgorithm = .sha256, signsTwice: Bool = false) throws {
        ca = try TestCA()
        journal = try ca.journal()
        second = signsTwice ? try ca.journal(.sm2SM3) : nil
        world = World(
            seed: seed, start: ca.now * 1_000_000_000, algorithm: algorithm,
            signer: try CheckpointSigning.signer(key: journal.key, certificate: journal.certificate),
            secondSigner: try second.map {
                try CheckpointSigning.signer(key: $0.key, certificate: $0.certificate)
            })
        disk = try TownDisk.make(seed: seed, world: world, segmentSize: 4 << 20)
        desk = try TownDisk.open(
            disk, world, segmentSize: 4 << 20,
            certificates: [journal.certificate] + (second.map { [$0.certificate] } ?? []))
    }

    /// Files `count` requests in groups of random size, every fourth refused by a rule.
    func file(_ count: Int, _ random: inout SplitMix64) throws -> [Held] {
        var held: [Held] = []
        while held.count < count {
            let size = min(count - held.count, Int(random.next() % 60) + 1)
            let envelopes = (0..<size).map { envelope(refused: (held.count + $0) % 4 == 3) }
            let replies = desk.turn(envelopes.map { desk.submit($0, by: "u7l1") })
            desk.log.step()
            // The simulated key file grows by 128 keys: a group that finds no room waits for the next turns.
            for _ in 0..<4 where replies.contains(where: { $0.status == nil }) {
                desk.engine.turn([])
                desk.log.step()
            }
            world.advance(1_000_000_000)
            let hello = desk.receipts.newest
            for (envelope, reply) in zip(envelopes, replies) {
                held.append(try Held(try Desk.answer(reply), envelope: envelope, hello: hello))
            }
        }
        return held
    }

    func envelope(refused: Bool = false) -> [UInt8] {
        var form = Filings.submitUnit
        if refused { form.text?.title = "" }
        return desk.envelope(.submitRequest(form), by: "u7l1", on: world.target(), expecting: 0)
    }

    func verifier() throws -> ReceiptVerifier { try ReceiptVerifier(authorityPath: ca.caPath) }
}

extension ReceiptVerifier {
    /// In the Python verifier's words.
    func verdict(_ held: Held) -> String {
        do throws(ReceiptFailure) {
            try verify(held.receipt, envelope: held.envelope)
            return "GOOD"
        } catch { return error.check.rawValue }
    }
}

@Suite("RECEIPT.md: a receipt for every judged command, checked by a stranger's program")
struct ReceiptTests {
    private static var isLong: Bool { ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] != nil }

    @Test("4: a verifier written from the page accepts every receipt, done or refused, and so does ours")
    func accepted() throws {
        let oracle = try ReceiptOracle()
        let seed = UInt64.random(in: .min ... .max)
        print("seed of the receipts: \(seed)")
        var random = SplitMix64(seed: seed)
        let town = try ReceiptTown(seed: seed)
        let held = try town.file(Self.isLong ? 10_000 : 1_000, &random)
        let verdicts = try oracle.judge(
            held.map { ($0.receipt.encoded(), $0.envelope) }, ca: town.ca.caPath)
        let verifier = try town.verifier()
        #expect(verdicts.count == held.count)
        #expect(verdicts.allSatisfy { $0 == "GOOD" }, "seed \(seed)")
        #expect(held.allSatisfy { verifier.verdict($0) == "GOOD" }, "seed \(seed)")
        let outcomes = Set(held.compactMap { ReceiptLeaf($0.receipt.leaf)?.outcome })
        #expect(outcomes == [0, UInt32(Refusal.fieldMissing.rawValue)])
    }

    @Test("4: each of 1,000 tampered receipts is refused, for the same reason by both verifiers")
    func tampered() throws {
        let oracle = try ReceiptOracle()
        let seed = UInt64.random(in: .min ... .max)
        print("seed of the tampering: \(seed)")
        var random = SplitMix64(seed: seed)
        let town = try ReceiptTown(seed: seed)
        let held = try town.file(200, &random)
        let tampering = try Tampering(town)
        var cases: [(name: String, held: Held)] = []
        while cases.count < 1_000 {
            let (one, other) = (held[Int(random.next() % 200)], held[Int(random.next() % 200)])
            let kind = Tampering.Kind.allCases[cases.count % Tampering.Kind.allCases.count]
            guard let changed = try tampering.change(one, other, kind, &random) else { continue }
            cases.append((kind.rawValue, changed))
        }
        let verdicts = try oracle.judge(
            cases.map { ($0.held.receipt.encoded(), $0.held.envelope) }, ca: town.ca.caPath)
        let verifier = try town.verifier()
        try #require(verdicts.count == cases.count)
        for (index, one) in cases.enumerated() {
            #expect(verdicts[index] != "GOOD", "\(one.name), seed \(seed), case \(index)")
            #expect(
                verifier.verdict(one.held) == verdicts[index], "\(one.name), seed \(seed), case \(index)")
        }
    }

    @Test("1, 4: a store that hashes with SM3 gives receipts that hold likewise")
    func sm3() throws {
        let oracle = try ReceiptOracle()
        var random = SplitMix64(seed: 3)
        let town = try ReceiptTown(seed: 3, algorithm: .sm3)
        let held = try town.file(40, &random)
        let verdicts = try oracle.judge(
            held.map { ($0.receipt.encoded(), $0.envelope) }, ca: town.ca.caPath)
        #expect(verdicts.allSatisfy { $0 == "GOOD" })
        let verifier = try town.verifier()
        #expect(held.allSatisfy { verifier.verdict($0) == "GOOD" })
    }

    @Test("3: no answer leaves before its checkpoint is durable, and its receipt is of a durable one")
    func durable() throws {
        let town = try ReceiptTown(seed: 5)
        let envelope = town.envelope()
        let reply = town.desk.turn([town.desk.submit(envelope, by: "u7l1")])[0]
        #expect(reply.status == nil)
        town.desk.log.step()
        let answer = try Desk.answer(reply)
        // The receipt is spliced in encoded: byte for byte what the generated coding writes.
        #expect(answer.receipt?.path.isEmpty == false && answer.unknownFields.isEmpty)
        #expect(reply.payload == answer.encoded())
        let checkpoint = try #require(ReceiptCheckpoint(answer.receipt?.checkpoint?.statement ?? []))
        #expect(checkpoint.treeSize >= answer.sequence)
        // What is on disc alone has this very checkpoint.
        let copy = try TownDisk.copy(town.disk, seed: 6)
        let reopened = try TownDisk.open(copy, town.world, segmentSize: 4 << 20)
        #expect(reopened.log.root(treeSize: checkpoint.treeSize)?.bytes == checkpoint.rootBytes)
    }

    @Test(
        "3: asked again, the answer brings a receipt again; asked without, none; GetReceipt gives a whole one"
    )
    func again() throws {
        let town = try ReceiptTown(seed: 7)
        let envelope = town.envelope(refused: true)
        let first = try town.desk.send(envelope, by: "u7l1")
        town.world.advance(1_000_000_000)
        for _ in 0..<5 { _ = try town.desk.send(town.envelope(), by: "u7l1") }
        let verifier = try town.verifier()
        let second = try town.desk.send(envelope, by: "u7l1")
        #expect(second.repeated && second.leaf == first.leaf && second.salt == first.salt)
        let held = try Held(second, envelope: envelope, hello: town.desk.receipts.newest)
        #expect(verifier.verdict(held) == "GOOD")

        var whole = try town.desk.receipts.receipt(ReceiptQuery(leaf: first.leaf))
        whole.salt = first.salt
        #expect(throws: Never.self) { try verifier.verify(whole, envelope: envelope) }
        var other = first.leaf
        other[100] ^= 1
        #expect(throws: Status.self) { try town.desk.receipts.receipt(ReceiptQuery(leaf: other)) }
        #expect(throws: Status.self) { try town.desk.receipts.receipt(ReceiptQuery(leaf: [1, 2, 3])) }

        let reply = CaughtReply()
        let without = try town.desk.reader.line(
            SignedEnvelope(envelope: town.envelope(), omitReceipt: true), call: Desk.call("u7l1"),
            actor: TownRoster.actor("u7l1"), reply: reply)
        town.desk.engine.turn([.command(without)])
        town.desk.log.step()
        #expect(try Desk.answer(reply).receipt == nil)
    }

    @Test(
        "4: judged at its own time: a certificate that ended, or was revoked later, does not spoil a receipt")
    func ownTime() throws {
        let town = try ReceiptTown(seed: 9)
        var random = SplitMix64(seed: 9)
        let early = try town.file(1, &random)[0]
        town.world.advance(200 * 86_400_000_000_000)
        let late = try town.file(1, &random)[0]
        let verifier = try town.verifier()
        #expect(verifier.verdict(early) == "GOOD")
        #expect(verifier.verdict(late) == "CERTIFICATE")

        try town.ca.authority.revoke(
            serial: Hex.encode(town.journal.certificate.serial), reason: .keyCompromise,
            now: town.ca.now + 3_600)
        let later = try ReceiptVerifier(authorityPath: town.ca.caPath, revocationListPaths: [town.ca.crlPath])
        #expect(later.verdict(early) == "GOOD")
        let second = try ReceiptTown(seed: 10)
        let revoked = try second.file(1, &random)[0]
        try second.ca.authority.revoke(
            serial: Hex.encode(second.journal.certificate.serial), reason: .keyCompromise,
            now: second.ca.now - 1)
        let strict = try ReceiptVerifier(
            authorityPath: second.ca.caPath, revocationListPaths: [second.ca.crlPath])
        #expect(strict.verdict(revoked) == "CERTIFICATE")
    }

    @Test("8: the files that twolists keeps are what the page says: the Python verifier reads them")
    func files() throws {
        let oracle = try ReceiptOracle()
        var random = SplitMix64(seed: 11)
        let town = try ReceiptTown(seed: 11)
        let held = try town.file(2, &random)
        let folder = ReceiptFolder(path: town.ca.directory.file("kept"))
        let id = try #require(ReceiptLeaf(held[0].receipt.leaf)).commandID
        try folder.write(held[0].receipt, SignedEnvelope(envelope: held[0].envelope), id: id)
        let name = folder.path + "/" + Hex.encode(id)
        let bare = try town.ca.directory.write("bare", held[0].envelope)
        for envelope in [name + ".command", bare] {
            let good = try oracle.judge(
                receiptFile: name + ".receipt", envelopeFile: envelope, ca: town.ca.caPath)
            #expect(good.status == 0 && good.outputText.contains(Hex.encode(id)), "\(good.errorText)")
        }
        let other = try town.ca.directory.write("other", held[1].envelope)
        let bad = try oracle.judge(receiptFile: name + ".receipt", envelopeFile: other, ca: town.ca.caPath)
        #expect(bad.status != 0 && bad.errorText.contains("ENVELOPE"))
    }

    @Test("6: consistency proofs of the real tree hold between any two receipts, and between no others")
    func consistency() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed of the consistency proofs: \(seed)")
        var random = SplitMix64(seed: seed)
        let town = try ReceiptTown(seed: seed)
        let held = try town.file(300, &random)
        let points = try held.map { try #require(ReceiptCheckpoint($0.receipt.checkpoint?.statement ?? [])) }
        for _ in 0..<200 {
            let (one, other) = (points[Int(random.next() % 300)], points[Int(random.next() % 300)])
            let query = ConsistencyQuery(
                older: min(one.treeSize, other.treeSize), newer: max(one.treeSize, other.treeSize))
            let proof = try town.desk.receipts.consistency(query)
            #expect(throws: Never.self) { try ReceiptVerifier.compare(one, other, proof: proof) }
            guard !proof.path.isEmpty else { continue }
            var bent = proof
            bent.path[Int(random.next() % UInt64(bent.path.count))] ^= 1
            #expect(throws: ReceiptFailure.self) { try ReceiptVerifier.compare(one, other, proof: bent) }
        }
        let size = try #require(points.last).treeSize
        for (older, newer) in [(size, size + 9), (size, 1), (.max, 0)] as [(UInt64, UInt64)] {
            #expect(throws: Status.self) {
                try town.desk.receipts.consistency(ConsistencyQuery(older: older, newer: newer))
            }
        }
    }

    @Test(
        "7: the server's judgement of a quoted checkpoint: ours, beyond, different, another store's, worthless"
    )
    func quoted() throws {
        let town = try ReceiptTown(seed: 13)
        var random = SplitMix64(seed: 13)
        _ = try town.file(3, &random)
        // Taken now, gone on without: as a restore from a copy does.
        let copy = try TownDisk.copy(town.disk, seed: 14)
        let early = town.desk.receipts.newest
        _ = try town.file(30, &random)
        let late = town.desk.receipts.newest
        let trust = try TrustStore.load(caPath: town.ca.caPath, crlPath: nil)
        let ours = QuotedHistory(town.desk.receipts, trust: trust)
        #expect(ours.judge(early.encoded()) == .ours && ours.judge(late.encoded()) == .ours)

        let restored = try TownDisk.open(
            copy, town.world, segmentSize: 4 << 20, certificates: [town.journal.certificate])
        let after = QuotedHistory(restored.receipts, trust: trust)
        #expect(after.judge(early.encoded()) == .ours)
        guard case .beyond(let quoted, let size) = after.judge(late.encoded()) else {
            Issue.record("\(after.judge(late.encoded()))")
            return
        }
        #expect(quoted.statement == late.statement && size < quoted.treeSize)
        // It goes on, past what was lost: now the roots differ.
        for _ in 0..<40 {
            let target = town.world.target()
            let form = Filings.submitUnit
            _ = try restored.send(
                restored.envelope(.submitRequest(form), by: "u7l1", on: target, expecting: 0), by: "u7l1")
        }
        guard case .different = after.judge(late.encoded()) else {
            Issue.record("\(after.judge(late.encoded()))")
            return
        }
    }

    @Test("7: what is not signed by this city's journal is worthless, whatever its bytes")
    func worthless() throws {
        let town = try ReceiptTown(seed: 15)
        var random = SplitMix64(seed: 15)
        let held = try town.file(60, &random)
        let history = QuotedHistory(
            town.desk.receipts, trust: try TrustStore.load(caPath: town.ca.caPath, crlPath: nil))
        let tampering = try Tampering(town)
        var judged = 0
        for kind in Tampering.Kind.allCases {
            guard let changed = try tampering.change(held[0], held[59], kind, &random),
                let statement = changed.receipt.checkpoint, statement != held[0].receipt.checkpoint
            else { continue }
            judged += 1
            let verdict = history.judge(statement.encoded())
            guard case .worthless = verdict else {
                Issue.record("\(kind): \(verdict)")
                continue
            }
        }
        #expect(judged > 15)
        for _ in 0..<500 {
            guard case .worthless = history.judge(random.bytes(Int(random.next() % 300))) else {
                Issue.record("random bytes")
                return
            }
        }
    }
}
