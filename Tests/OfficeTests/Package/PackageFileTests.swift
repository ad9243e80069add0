import Crypto
import Foundation
import Schema
import TestSupport
import Testing
import Wire

@testable import Office

@Suite("PACKAGE.md 2 the file: what is written is read, by us, by tar and by openssl")
struct PackageFileTests {
    @Test(
        "content of any length comes back as it was",
        arguments: [
            [0], [1], [255 << 10], [(256 << 10) - 40], [256 << 10], [256 << 10, 256 << 10, 1],
            [1 << 20, 3, 1 << 20],
        ])
    func contents(sizes: [Int]) throws {
        let sample = try PackageSample()
        let items = sample.items(sizes)
        let made = try sample.make(items)
        #expect(try sample.contents(made.bytes) == items)
        let file = try PackageFile(made.path)
        #expect(try VerifiedPackage.verify(file, sample.trust()).digest == made.digest)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: sample.folder.path).filter {
                $0.hasSuffix(".part") || $0.hasSuffix(".chunks")
            }.isEmpty)
    }

    /// Plain bytes of the head with one batch part that fills `chunks` chunks and `beyond` bytes more.
    @Test("chunks are full but for the last, at the limit and one byte beyond it", arguments: [0, 1])
    func chunkLimit(beyond: Int) throws {
        let sample = try PackageSample()
        func plain(_ size: Int) -> Int { sample.items([size]).map { 4 + $0.encoded().count }.reduce(0, +) }
        let size = 2 * PackageLimits.chunkBytes + beyond - (plain(1 << 19) - 1 << 19)
        let fitting = size + (2 * PackageLimits.chunkBytes + beyond - plain(size))
        #expect(plain(fitting) == 2 * PackageLimits.chunkBytes + beyond)
        let made = try sample.make(sample.items([fitting]))
        let manifest = try VerifiedPackage.verify(made.bytes, sample.trust()).manifest
        #expect(manifest.chunks.count == 2 + beyond)
        #expect(manifest.chunks.first?.bytes == UInt64(PackageLimits.chunkBytes + 16))
        #expect(try sample.contents(made.bytes) == sample.items([fitting]))
    }

    @Test("an item over its limit is not written, and nothing is left behind")
    func largeItem() throws {
        let sample = try PackageSample()
        #expect(throws: PackageFault.self) { try sample.make(sample.items([PackageLimits.itemBytes])) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: sample.folder.path).isEmpty)
    }

    @Test("what the documentation says with tar and openssl verifies manifest and signature")
    func stockTools() throws {
        let (tar, openssl) = (try requireTool("tar"), try requireTool("openssl"))
        let sample = try PackageSample()
        var draft = sample.draft()
        draft.created = sample.ca.now * 1_000_000_000
        let made = try sample.make(sample.items([300 << 10]), draft)
        let place = try TemporaryDirectory("tar")
        let unpacked = try runProcess(tar, ["xf", made.path], directory: place.path)
        #expect(unpacked.status == 0 && unpacked.errors.isEmpty, "\(unpacked.errorText)")
        let names = try runProcess(tar, ["tf", made.path]).outputText
        #expect(names == "MANIFEST\nMANIFEST.p7s\nKEYS.p7m\nchunks/000001\nchunks/000002\n")
        let verified = try runProcess(
            openssl,
            [
                "cms", "-verify", "-binary", "-inform", "DER", "-in", "MANIFEST.p7s", "-content", "MANIFEST",
                "-CAfile", sample.ca.caPath, "-purpose", "any", "-out", "/dev/null",
            ], directory: place.path)
        #expect(verified.status == 0, "\(verified.errorText)")
        let digest = try runProcess(openssl, ["dgst", "-sha256", "MANIFEST"], directory: place.path)
        #expect(digest.outputText.hasSuffix("= \(made.digest.hex)\n"))
        try place.write("MANIFEST", [UInt8](Data(contentsOf: URL(filePath: place.file("MANIFEST")))) + [10])
        let changed = try runProcess(
            openssl,
            [
                "cms", "-verify", "-binary", "-inform", "DER", "-in", "MANIFEST.p7s", "-content", "MANIFEST",
                "-CAfile", sample.ca.caPath, "-purpose", "any", "-out", "/dev/null",
            ], directory: place.path)
        #expect(changed.status != 0)
        let opened = try runProcess(
            openssl,
            [
                "cms", "-decrypt", "-inform", "DER", "-in", "KEYS.p7m", "-recip",
                sample.bureau.certificatePath, "-inkey", sample.bureau.keyPath,
            ], directory: place.path)
        #expect(opened.status == 0 && opened.output.count == 32, "\(opened.errorText)")
    }

    @Test("a header is what GNU tar writes for such a file")
    func header() throws {
        let tar = try requireTool("tar")
        let place = try TemporaryDirectory("tar")
        try FileManager.default.createDirectory(
            atPath: place.file("chunks"), withIntermediateDirectories: false)
        try place.write("chunks/000001", [UInt8](repeating: 1, count: 777))
        let made = try runProcess(
            tar,
            [
                "--format=ustar", "--numeric-owner", "--owner=0", "--group=0", "--mode=0644",
                "--mtime=@1790000000", "-cf",
                "-", "chunks/000001",
            ], directory: place.path)
        #expect(
            made.output.prefix(512)
                == UstarHeader.bytes(name: "chunks/000001", size: 777, seconds: 1_790_000_000)[...])
    }

    @Test("a second signature by SM2 is asked for by the manifest, and both must hold")
    func second() throws {
        let openssl = try requireTool("openssl")
        let sample = try PackageSample()
        let sm2 = try sample.ca.holder("twolists://421300/unit/LU-07/officer/u1", algorithm: .sm2SM3)
        let made = try sample.make(sample.items([5]), second: sm2)
        #expect(try sample.contents(made.bytes) == sample.items([5]))
        let blocks = members(of: made.bytes)
        #expect(blocks.count == 5)
        // Left out, it is noticed: the manifest, which the first one signs, says that there are two.
        let without = Array((blocks[0...1] + blocks[3...]).joined()) + UstarHeader.end
        #expect(throws: PackageFault.self) { try VerifiedPackage.verify(without, sample.trust()) }
        let stranger = try sample.ca.holder("twolists://421300/unit/LU-07/officer/u2", algorithm: .sm2SM3)
        let mixed = try sample.make(sample.items([5]), second: stranger)
        #expect(throws: PackageFault.self) { try VerifiedPackage.verify(mixed.bytes, sample.trust()) }
        // As the documentation says: the signature is the last element of MANIFEST.sm2.p7s.
        let signature = try CMSSignature(der: content(blocks[2])).signature.bytes
        let place = try TemporaryDirectory("sm2")
        try place.write("MANIFEST", content(blocks[0]))
        try place.write("signature", signature)
        let key = try runProcess(
            openssl, ["x509", "-in", sm2.certificatePath, "-pubkey", "-noout"]
        ).output
        try place.write("key.pem", key)
        let verified = try runProcess(
            openssl,
            [
                "dgst", "-sm3", "-verify", "key.pem", "-sigopt", "distid:1234567812345678", "-signature",
                "signature", "MANIFEST",
            ], directory: place.path)
        #expect(verified.outputText == "Verified OK\n", "\(verified.errorText)")
    }

    private func content(_ block: [UInt8]) -> [UInt8] {
        let size = UstarHeader.size(in: [UInt8](block.prefix(UstarHeader.length))) ?? 0
        return [UInt8](block.dropFirst(UstarHeader.length).prefix(size))
    }
}
