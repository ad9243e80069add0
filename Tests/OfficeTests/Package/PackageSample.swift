import Crypto
import Exchange
import Foundation
import Schema
import TestSupport
import Wire

@testable import Office

/// A city with a unit that sends discs and a bureau that opens them, and packages between them.
struct PackageSample {
    static let isSoak = ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] == "1"
    static let seed = UInt64(ProcessInfo.processInfo.environment["TWOLISTS_SEED"] ?? "") ?? 20_261_127

    let ca: TestCA
    let unit: TestCA.Holder
    let bureau: TestCA.Holder
    let folder: TemporaryDirectory

    init() throws {
        ca = try TestCA()
        unit = try ca.officer("twolists://421300/unit/LU-07/officer/u1")
        bureau = try ca.officer("twolists://421300/bureau/421300/officer/b1")
        folder = try TemporaryDirectory("package")
    }

    var now: Int64 { (ca.now + 60) * 1_000_000_000 }

    func trust(at time: Int64? = nil) throws -> PackageTrust {
        PackageTrust(city: "421300", store: try ca.trust(), now: time ?? now)
    }

    func draft(number: UInt64 = 1, previous: Digest? = nil) -> PackageDraft {
        PackageDraft(
            id: [UInt8](repeating: 7, count: 16), city: "421300", sender: "unit/LU-07",
            receiver: "bureau/421300", number: number, previous: previous, created: now,
            expires: now + 90 * ManifestForm.dayNanoseconds)
    }

    /// The head, then batch parts of these sizes.
    func items(_ sizes: [Int]) -> [PackageItem] {
        var random = SplitMix64(seed: Self.seed)
        return [PackageItem(body: .head(PackageHead()))]
            + sizes.map { size in
                PackageItem(
                    body: .batchPart(
                        BatchPart(batch: random.bytes(16), isManifest: false, data: random.bytes(size))))
            }
    }

    func make(
        _ items: [PackageItem], _ draft: PackageDraft? = nil, readers: [Certificate]? = nil,
        second: TestCA.Holder? = nil, signer: TestCA.Holder? = nil
    ) throws -> (path: String, bytes: [UInt8], digest: Digest) {
        let path = folder.file("\(UUID().uuidString).tlp")
        let writer = try PackageWriter(path, draft ?? self.draft())
        for item in items { try writer.add(item) }
        let signers = [signer ?? unit] + (second.map { [$0] } ?? [])
        let digest = try writer.finish(
            readers: readers ?? [bureau.certificate],
            signers: signers.map { PackageSigner(key: $0.key, certificate: $0.certificate) })
        return (path, [UInt8](try Data(contentsOf: URL(filePath: path))), digest)
    }

    func contents(_ bytes: [UInt8], _ holder: TestCA.Holder? = nil) throws -> [PackageItem] {
        let verified = try VerifiedPackage.verify(bytes, trust())
        var content = try PackageContent(
            verified, in: bytes, party: "bureau/421300", certificate: (holder ?? bureau).certificate,
            key: (holder ?? bureau).key)
        var found: [PackageItem] = []
        try content.examine { found.append($0) }
        return found
    }
}

/// The members of a package as blocks: header, content, padding.
func members(of bytes: [UInt8]) -> [[UInt8]] {
    var found: [[UInt8]] = []
    var offset = 0
    while offset + UstarHeader.end.count < bytes.count,
        let size = UstarHeader.size(in: [UInt8](bytes[offset..<offset + UstarHeader.length]))
    {
        let end = offset + UstarHeader.length + size + UstarHeader.padding(size)
        found.append([UInt8](bytes[offset..<end]))
        offset = end
    }
    return found
}
