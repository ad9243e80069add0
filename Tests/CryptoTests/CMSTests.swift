import TestSupport
import Testing

@testable import Crypto

@Suite("PACKAGE.md 2 CMS: a detached signature in one spelling, a secret for several readers")
struct CMSTests {
    @Test(
        "what was signed verifies, by both algorithms; anything else does not",
        arguments: SignatureAlgorithm.allCases)
    func signature(algorithm: SignatureAlgorithm) throws {
        let ca = try TestCA()
        let holder = try ca.holder(TestCA.officerURI, algorithm: algorithm)
        let content = Array("twolists-package/1\n".utf8)
        let made = try CMSSignature.sign(content, key: holder.key, certificate: holder.certificate)
        let read = try CMSSignature(der: made.der)
        #expect(read.holds(over: content) && !read.holds(over: content + [0]))
        #expect(read.certificate == holder.certificate && read.signature.algorithm == algorithm)
        #expect(throws: CryptoError.self) {
            try CMSSignature.sign(content, key: holder.key, certificate: ca.officer().certificate)
        }
    }

    @Test("every bit of it counts", arguments: SignatureAlgorithm.allCases)
    func bits(algorithm: SignatureAlgorithm) throws {
        let ca = try TestCA()
        let holder = try ca.holder(TestCA.officerURI, algorithm: algorithm)
        let trust = try ca.trust()
        let content: [UInt8] = [1, 2, 3]
        let der = try CMSSignature.sign(content, key: holder.key, certificate: holder.certificate).der
        func isTaken(_ der: [UInt8]) -> Bool {
            guard let read = try? CMSSignature(der: der), read.holds(over: content) else { return false }
            return (try? trust.verify(read.certificate, purpose: .officer, at: ca.now)) != nil
        }
        #expect(isTaken(der))
        for place in der.indices {
            for bit in 0..<8 {
                var damaged = der
                damaged[place] ^= 1 << bit
                if isTaken(damaged) { Issue.record("bit \(bit) of byte \(place)") }
            }
            #expect(!isTaken(Array(der.prefix(place))))
        }
        #expect(!isTaken(der + [0]))
    }

    @Test("openssl's own detached signature without attributes is, but for its certificates' order, ours")
    func stock() throws {
        let openssl = try requireTool("openssl")
        let ca = try TestCA()
        let holder = try ca.officer()
        let place = try TemporaryDirectory("cms")
        try place.write("content", [1, 2, 3])
        let made = try runProcess(
            openssl,
            [
                "cms", "-sign", "-binary", "-noattr", "-outform", "DER", "-md", "sha256", "-in", "content",
                "-signer", holder.certificatePath, "-inkey", holder.keyPath,
            ], directory: place.path)
        #expect(made.status == 0, "\(made.errorText)")
        #expect(try CMSSignature(der: made.output).holds(over: [1, 2, 3]))
    }

    @Test("a secret opens for each reader and nobody else")
    func envelope() throws {
        let ca = try TestCA()
        let (a, b, c) = (try ca.officer(), try ca.officer(), try ca.officer())
        let secret = try SealKey.generate()
        let sealed = try CMSEnvelope.seal(secret, for: [a.certificate, b.certificate])
        func bytes(_ key: SealKey) throws -> [UInt8] {
            try key.withBytes { [UInt8](UnsafeBufferPointer(start: $0, count: SealKey.length)) }
        }
        for reader in [a, b] {
            let opened = try CMSEnvelope.open(sealed, certificate: reader.certificate, key: reader.key)
            #expect(try bytes(opened) == bytes(secret))
        }
        #expect(throws: CryptoError.tampered) {
            try CMSEnvelope.open(sealed, certificate: c.certificate, key: c.key)
        }
        #expect(throws: CryptoError.tampered) {
            try CMSEnvelope.open(sealed + [0], certificate: a.certificate, key: a.key)
        }
        let sm2 = try ca.holder(TestCA.officerURI, algorithm: .sm2SM3)
        #expect(throws: CryptoError.self) { try CMSEnvelope.seal(secret, for: [sm2.certificate]) }
    }
}
