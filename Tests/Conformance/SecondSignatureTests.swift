import Bureau
import BureauTestSupport
import Crypto
import Foundation
import Schema
import TestSupport
import Testing
import Wire

@testable import TwoListsClient

@Suite("RECEIPT.md 1, 4: a second signature, SM2 with SM3")
struct SecondReceiptSignatureTests {
    private static func needsOpenSSL() throws { _ = try requireTool("openssl") }

    @Test("receipts of a town that signs twice hold for both verifiers, which check both signatures")
    func accepted() throws {
        try Self.needsOpenSSL()
        let oracle = try ReceiptOracle()
        var random = SplitMix64(seed: 91)
        let town = try ReceiptTown(seed: 91, signsTwice: true)
        let held = try town.file(12, &random)
        let names = held[0].receipt.checkpoint?.signatures.map(\.algorithm)
        #expect(names == ["ecdsa-p256-sha256", "sm2-sm3"])
        let verdicts = try oracle.judge(
            held.map { ($0.receipt.encoded(), $0.envelope) }, ca: town.ca.caPath)
        let verifier = try ReceiptVerifier(authorityPath: town.ca.caPath, requiringSM2: true)
        #expect(verdicts == held.map { _ in "GOOD" })
        #expect(held.allSatisfy { verifier.verdict($0) == "GOOD" })
        #expect(town.desk.receipts.newest.encoded().count < 4096)
    }

    @Test(
        "a second signature that is forged, of other bytes, by a stranger or without its certificate is refused alike by both"
    )
    func forged() throws {
        try Self.needsOpenSSL()
        let oracle = try ReceiptOracle()
        let seed = UInt64.random(in: .min ... .max)
        print("seed of the second signatures: \(seed)")
        var random = SplitMix64(seed: seed)
        let town = try ReceiptTown(seed: 92, signsTwice: true)
        let held = try town.file(3, &random)[0]
        let (officer, stranger) = (try town.ca.officer(), try TestCA().journal(.sm2SM3))
        func signed(_ holder: TestCA.Holder, _ name: String? = nil) throws -> StatementSignature {
            let made = try Signer(holder.key).sign(held.receipt.checkpoint?.statement ?? [])
            return StatementSignature(
                algorithm: name ?? made.algorithm.name, signature: made.bytes,
                certificateSha256: holder.certificate.fingerprint.bytes, certificate: holder.certificate.der)
        }
        let changes: [(String, (inout StatementSignature) throws -> Void)] = [
            ("SIGNATURE", { $0.signature[Int(random.next() % UInt64($0.signature.count - 8)) + 8] ^= 1 }),
            ("SIGNATURE", { $0.signature = [] }),
            ("SIGNATURE", { $0.signature = try #require(town.second).key.sign([1, 2, 3]).bytes }),
            ("SIGNATURE", { $0 = try signed(town.journal, "sm2-sm3") }),
            ("SIGNATURE", { $0.algorithm = "ecdsa-p256-sha256" }),
            ("CERTIFICATE", { $0.certificate = [] }),
            ("CERTIFICATE", { $0.certificateSha256[3] ^= 1 }),
            ("CERTIFICATE", { $0 = try signed(stranger) }),
            ("CERTIFICATE", { $0 = try signed(officer, "sm2-sm3") }),
        ]
        let cases = try changes.map { name, change in
            var one = held
            var second = try #require(one.receipt.checkpoint?.signatures.last)
            try change(&second)
            one.receipt.checkpoint?.signatures[1] = second
            return (name: name, held: one)
        }
        let verdicts = try oracle.judge(
            cases.map { ($0.held.receipt.encoded(), $0.held.envelope) }, ca: town.ca.caPath)
        let verifier = try town.verifier()
        for (index, one) in cases.enumerated() {
            #expect(verdicts[index] == one.name, "case \(index), seed \(seed)")
            #expect(verifier.verdict(one.held) == one.name, "case \(index), seed \(seed)")
        }
    }

    @Test("one that was taken away is told by its name to whoever asks for it; to others the first is enough")
    func missing() throws {
        try Self.needsOpenSSL()
        let oracle = try ReceiptOracle()
        var random = SplitMix64(seed: 93)
        let town = try ReceiptTown(seed: 93, signsTwice: true)
        var held = try town.file(1, &random)[0]
        held.receipt.checkpoint?.signatures.removeLast()
        #expect(try town.verifier().verdict(held) == "GOOD")
        let strict = try ReceiptVerifier(authorityPath: town.ca.caPath, requiringSM2: true)
        let failure = #expect(throws: ReceiptFailure.self) {
            try strict.verify(held.receipt, envelope: held.envelope)
        }
        #expect(failure == ReceiptFailure(.unsigned, "the signature by sm2-sm3 is missing"))
        let file = try town.ca.directory.write(
            "one.receipt", Array("twolists-receipt/1\n".utf8) + held.receipt.encoded())
        let envelope = try town.ca.directory.write("one.envelope", held.envelope)
        func python(_ more: [String]) throws -> ProcessResult {
            try oracle.judge(receiptFile: file, envelopeFile: envelope, ca: town.ca.caPath, more: more)
        }
        #expect(try python([]).status == 0)
        let told = try python(["--require", "sm2-sm3"])
        #expect(told.status != 0 && told.errorText.contains("UNSIGNED") && told.errorText.contains("sm2-sm3"))
    }

    @Test("the forged one is told by its name")
    func named() throws {
        var random = SplitMix64(seed: 94)
        let town = try ReceiptTown(seed: 94, signsTwice: true)
        var held = try town.file(1, &random)[0]
        held.receipt.checkpoint?.signatures[1].signature = []
        let failure = #expect(throws: ReceiptFailure.self) {
            try town.verifier().verify(held.receipt, envelope: held.envelope)
        }
        #expect(failure?.detail.contains("sm2-sm3") == true)
    }
}
