import Crypto
import Exchange
import Foundation
import Schema
import TestSupport
import Testing

@testable import Office

/// A file that notes the largest piece that was asked of it.
private final class CountedFile: PackageSource {
    private let file: PackageFile
    private(set) var largest = 0
    private(set) var bytes = 0

    init(_ path: String) throws { file = try PackageFile(path) }

    var size: Int { file.size }

    func read(_ count: Int, at offset: Int) throws(PackageFault) -> [UInt8] {
        largest = max(largest, count)
        bytes += count
        return try file.read(count, at: offset)
    }
}

@Suite("PACKAGE.md 3: a package of any size is made and opened in the memory of two chunks")
struct PackageMemoryTests {
    /// What was held: content while it is made and while it is opened, and the largest piece of the file.
    private struct Held: Hashable {
        var making = 0
        var opening = 0
        var piece = 0
    }

    private static let headers = 2 * UstarHeader.length

    /// - Parameter parts: of a batch, each of a chunk's size.
    private func held(_ parts: Int) throws -> Held {
        let sample = try PackageSample()
        let path = sample.folder.file("large.tlp")
        var held = Held()
        let writer = try PackageWriter(path, sample.draft())
        try writer.add(PackageItem(body: .head(PackageHead())))
        var random = SplitMix64(seed: PackageSample.seed)
        let batch = random.bytes(16)
        for _ in 0..<parts {
            let part = BatchPart(batch: batch, data: random.bytes(BatchLimits.chunkBytes))
            try writer.add(PackageItem(body: .batchPart(part)))
        }
        _ = try writer.finish(
            readers: [sample.bureau.certificate],
            signers: [PackageSigner(key: sample.unit.key, certificate: sample.unit.certificate)])
        held.making = writer.mostHeld
        let file = try CountedFile(path)
        let verified = try VerifiedPackage.verify(file, sample.trust())
        var content = try PackageContent(
            verified, in: file, party: "bureau/421300", certificate: sample.bureau.certificate,
            key: sample.bureau.key)
        var (count, bytes) = (0, 0)
        while let item = try content.item() {
            guard case .batchPart(let part) = item.body else { continue }
            (count, bytes) = (count + 1, bytes + part.data.count)
        }
        #expect(count == parts && bytes == parts * BatchLimits.chunkBytes)
        #expect(file.bytes > 2 * bytes, "read once to be proven and once to be opened")
        (held.opening, held.piece) = (content.mostHeld, file.largest)
        return held
    }

    @Test("twenty megabytes, two hundred in the long run, held no more than two chunks at once; nor did two")
    func constant() throws {
        let small = try held(8)
        let large = try held(PackageSample.isSoak ? 800 : 80)
        for one in [small, large] {
            #expect(one.making <= 2 * PackageLimits.chunkBytes + 1_024, "\(one)")
            #expect(one.opening <= 2 * PackageLimits.chunkBytes + 1_024, "\(one)")
            #expect(one.piece <= PackageLimits.chunkBytes + 16 + Self.headers, "\(one)")
        }
    }
}
