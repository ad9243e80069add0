import TestSupport
import Testing

@testable import Crypto

@Suite("DESIGN.md 6-7 signatures with their algorithm's name")
struct SignatureTests {
    @Test(
        "sign and verify; another message, key, algorithm name or bit does not hold",
        arguments: SignatureAlgorithm.allCases)
    func signAndVerify(algorithm: SignatureAlgorithm) throws {
        let key = try PrivateKey.generate(algorithm)
        let signer = try Signer(key)
        let verifier = try Verifier(key.publicKey)
        for round in UInt8(0)..<20 {
            let message = [UInt8](repeating: round, count: Int(round) * 37)
            let signature = try signer.sign(message)
            #expect(signature.algorithm == algorithm)
            #expect(verifier.verify(signature, over: message))
            #expect(!verifier.verify(signature, over: message + [1]))
        }
        let signature = try key.sign([1, 2, 3])
        #expect(key.publicKey.verify(signature, over: [1, 2, 3]))
        let other = try PrivateKey.generate(algorithm)
        #expect(!other.publicKey.verify(signature, over: [1, 2, 3]))
        for bit in stride(from: 0, to: signature.bytes.count * 8, by: 5) {
            var changed = signature
            changed.bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!verifier.verify(changed, over: [1, 2, 3]))
        }
        var renamed = signature
        renamed.algorithm = algorithm == .sm2SM3 ? .ecdsaP256SHA256 : .sm2SM3
        #expect(!verifier.verify(renamed, over: [1, 2, 3]))
        let grown = Signature(algorithm: algorithm, bytes: signature.bytes + [0])
        #expect(!verifier.verify(grown, over: [1, 2, 3]))
        #expect(verifier.verify(signature, over: [1, 2, 3]), "failures leave the verifier usable")
    }

    @Test("keys survive PEM and public keys DER", arguments: SignatureAlgorithm.allCases)
    func survive(algorithm: SignatureAlgorithm) throws {
        let key = try PrivateKey.generate(algorithm)
        let again = try PrivateKey(contents: try key.pem())
        #expect(again.publicKey == key.publicKey)
        #expect(again.algorithm == algorithm)
        let publicKey = try PublicKey(der: key.publicKey.der)
        #expect(publicKey.verify(try again.sign([7]), over: [7]))
        #expect("\(key)" == "PrivateKey(\(algorithm.name))")
    }

    @Test("algorithm names are fixed, unknown ones are named")
    func names() throws {
        #expect(SignatureAlgorithm.allCases.map(\.name) == ["ecdsa-p256-sha256", "sm2-sm3"])
        #expect(throws: CryptoError.unknownAlgorithm("rsa")) { try SignatureAlgorithm(name: "rsa") }
    }

    @Test("RFC 6979 A.2.5: a published P-256 signature verifies")
    func published() throws {
        let point =
            "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
            + "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
        let der = try #require(Hex.decode("3059301306072a8648ce3d020106082a8648ce3d030107034200" + point))
        let signature = try #require(
            Hex.decode(
                "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                    + "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"))
        let key = try PublicKey(der: der)
        #expect(
            key.verify(
                Signature(algorithm: .ecdsaP256SHA256, bytes: signature), over: [UInt8]("sample".utf8)))
    }

    @Test("key files: missing, not a key, encrypted, a certificate, another curve, readable by others")
    func files() throws {
        let directory = try TemporaryDirectory()
        let missing = directory.file("none.key")
        #expect(throws: CryptoError.fileMissing(path: missing)) { try PrivateKey.load(path: missing) }
        let words = { (content: [UInt8]) throws -> String in
            let path = try directory.write("some.key", content)
            do throws(CryptoError) { _ = try PrivateKey.load(path: path) } catch { return error.description }
            return "no error"
        }
        #expect(try words([UInt8]("hello".utf8)).contains("some.key: not a private key"))
        #expect(try words([]).contains("not a private key"))
        let encrypted = try PEM.encode("ENCRYPTED PRIVATE KEY", [0x30, 0])
        #expect(try words(encrypted).contains("encrypted with a passphrase"))
        #expect(
            try words(try PEM.encode("CERTIFICATE", [0x30, 0])).contains("holds CERTIFICATE, no private key"))
        let key = try PrivateKey.generate()
        let path = directory.file("mine.key")
        try DurableFile.create(path, try key.pem(), mode: 0o640)
        var warnings: [String] = []
        _ = try PrivateKey.load(path: path) { warnings.append($0) }
        #expect(warnings.count == 1)
        #expect(throws: CryptoError.self, "a key is never overwritten") {
            try DurableFile.create(path, [], mode: 0o600)
        }
        try DurableFile.replace(path, try key.pem(), mode: 0o600)
        _ = try PrivateKey.load(path: path) { warnings.append($0) }
        #expect(warnings.count == 1)
    }

    @Test("openssl agrees: P-256 and SM2 signatures, keys and other curves")
    func openssl() throws {
        let openssl = try requireTool("openssl")
        let directory = try TemporaryDirectory()
        try directory.write("message", [1, 2, 3])
        for algorithm in SignatureAlgorithm.allCases {
            let key = try PrivateKey.generate(algorithm)
            try directory.write("public.pem", try key.publicKey.pem())
            try directory.write("signature", try key.sign([1, 2, 3]).bytes)
            let options =
                algorithm == .sm2SM3 ? ["-sm3", "-sigopt", "distid:1234567812345678"] : ["-sha256"]
            let result = try runProcess(
                openssl,
                ["dgst"] + options + ["-verify", "public.pem", "-signature", "signature", "message"],
                directory: directory.path)
            #expect(result.outputText.contains("Verified OK"), "\(algorithm) \(result.errorText)")
        }
        let commands = [
            ["ecparam", "-name", "prime256v1", "-genkey", "-out", "sec1.key"],
            ["ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", "p384.key"],
            ["genpkey", "-algorithm", "ed25519", "-out", "ed.key"],
        ]
        for command in commands {
            #expect(try runProcess(openssl, command, directory: directory.path).status == 0)
        }
        #expect(try PrivateKey.load(path: directory.file("sec1.key")).algorithm == .ecdsaP256SHA256)
        for name in ["p384.key", "ed.key"] {
            #expect(throws: CryptoError.self) { try PrivateKey.load(path: directory.file(name)) }
        }
    }
}
