package import Crypto
import Foundation
package import Schema

/// Who makes and opens packages on this machine: the officer of a profile, with key, trust, and what is kept beside the profile.
package struct PackageDesk: Sendable {
    package let folder: PackageFolder
    package let city: String
    /// `unit/LU-07`
    package let party: String
    package let certificate: Certificate
    let key: PrivateKey
    let second: PackageSigner?
    let store: TrustStore
    private let takesExpired: Bool

    /// - Parameter takesExpired: see `PackageTrust`.
    package init(_ profile: Profile, takesExpired: Bool = false) throws {
        self.takesExpired = takesExpired
        folder = PackageFolder(path: profile.packagesPath)
        certificate = try Certificate.load(path: profile.certificatePath)
        key = try PrivateKey.load(path: profile.keyPath)
        store = try TrustStore.load(caPath: profile.caPath, crlPath: profile.revocationsPath)
        city = profile.city
        guard case .officer(let kind, let party, _) = try certificate.identity().holder else {
            throw FileError(profile.certificatePath, Text("不是人员证书", "it is no officer's certificate"))
        }
        self.party = "\(kind.rawValue)/\(party)"
        if let pair = profile.secondPair {
            second = PackageSigner(
                key: try PrivateKey.load(path: pair.key),
                certificate: try Certificate.load(path: pair.certificate))
        } else {
            second = nil
        }
    }

    /// For tests: from values.
    init(
        folder: PackageFolder, city: String, party: String, certificate: Certificate, key: PrivateKey,
        store: TrustStore
    ) {
        (self.folder, self.city, self.party) = (folder, city, party)
        (self.certificate, self.key, self.store, second) = (certificate, key, store, nil)
        takesExpired = false
    }

    package var isOfBureau: Bool { party.hasPrefix("bureau/") }

    package func trust(_ now: Int64) -> PackageTrust {
        PackageTrust(city: city, store: store, now: now, takesExpired: takesExpired)
    }

    var signers: [PackageSigner] {
        [PackageSigner(key: key, certificate: certificate)] + (second.map { [$0] } ?? [])
    }

    // MARK: Making

    /// A writer for the package of that number; it is whole under `folder.made` after `finish`.
    package func writer(_ setting: PackageSetting) throws(PackageFault) -> PackageWriter {
        try PackageWriter(
            folder.made(setting.receiver, setting.number),
            PackageDraft(
                id: setting.id, city: city, sender: party, receiver: setting.receiver,
                number: setting.number, previous: Digest(bytes: setting.previous),
                created: setting.now, expires: setting.now + setting.days * ManifestForm.dayNanoseconds))
    }

    package func finish(
        _ writer: PackageWriter, _ setting: PackageSetting, _ counts: PackageCounts
    ) throws(PackageFault) -> PackageFacts {
        let readers = folder.readers(of: setting.receiver, trust(setting.now))
        guard !readers.isEmpty else { throw .noReader(setting.receiver) }
        let digest = try writer.finish(
            readers: Array(readers.prefix(CMSEnvelope.recipientLimit)), signers: signers)
        return PackageFacts(
            sender: party, receiver: setting.receiver, number: setting.number, digest: digest,
            created: setting.now, expires: setting.now + setting.days * ManifestForm.dayNanoseconds,
            counts: counts)
    }

    // MARK: Opening

    /// A package of which everything holds and every item can be read, and nothing was done yet.
    package func examine(_ path: String, now: Int64) throws(PackageFault) -> ExaminedPackage {
        let file = try PackageFile(path)
        let verified = try VerifiedPackage.verify(file, trust(now))
        let (head, counts) = try itemsKnown(verified, file)
        return ExaminedPackage(
            facts: PackageFacts(verified, counts), head: head, verified: verified, file: file)
    }

    /// Opens every item of a verified package.
    private func itemsKnown(
        _ verified: VerifiedPackage, _ file: PackageFile
    ) throws(PackageFault) -> (PackageHead, PackageCounts) {
        var counts = PackageCounts()
        var head = PackageHead()
        var content = try self.content(verified, file)
        let fromBureau = verified.manifest.sender.hasPrefix("bureau/")
        try content.examine { item throws(PackageFault) in
            guard item.mayCome(fromBureau: fromBureau) else { throw .content("PackageItem") }
            if case .head(let found) = item.body { head = found }
            counts.count(item)
        }
        return (head, counts)
    }

    /// A package to us of which all holds, and that cannot be read: sealed to a key that is gone, or of a content that is none. What is in it stays unknown.
    package func examineUnread(_ path: String, now: Int64) throws(PackageFault) -> ExaminedPackage {
        let file = try PackageFile(path)
        let verified = try VerifiedPackage.verify(file, trust(now))
        do throws(PackageFault) {
            _ = try itemsKnown(verified, file)
        } catch .noKeyOfOurs, .content {
            return ExaminedPackage(
                facts: PackageFacts(verified, PackageCounts()), head: PackageHead(), verified: verified,
                file: file)
        }
        throw .readable
    }

    package func content(_ package: ExaminedPackage) throws(PackageFault) -> PackageContent<PackageFile> {
        try content(package.verified, package.file)
    }

    private func content(
        _ verified: VerifiedPackage, _ file: PackageFile
    ) throws(PackageFault) -> PackageContent<PackageFile> {
        try PackageContent(verified, in: file, party: party, certificate: certificate, key: key)
    }

    // MARK: Again, and out

    /// A package made before, copied out once more as it is. Throws when it is not kept any more.
    package func copyOut(_ facts: (party: String, number: UInt64), to target: String) throws(FileError) {
        let source = folder.made(facts.party, facts.number)
        guard FileManager.default.fileExists(atPath: source) else {
            throw FileError(
                source,
                Text(
                    "本机没有保存这一包：对方已确认收到，或是在另一台电脑上制作的",
                    "it is not kept here: it has arrived, or was made on another machine"))
        }
        guard !FileManager.default.fileExists(atPath: target) else {
            throw FileError(target, Text("文件已存在，不覆盖", "it is there already and is not written over"))
        }
        let part = target + ".part"
        try? FileManager.default.removeItem(atPath: part)
        do {
            try FileManager.default.copyItem(atPath: source, toPath: part)
            let handle = try FileHandle(forUpdating: URL(fileURLWithPath: part))
            try handle.synchronize()
            try handle.close()
            try FileManager.default.moveItem(atPath: part, toPath: target)
        } catch {
            throw FileError(target, Text("不能写入；请检查光盘和磁盘空间", "it cannot be written; check disc and room"))
        }
    }
}

/// What a package to be made is called.
package struct PackageSetting: Sendable {
    package var id: [UInt8]
    package var receiver: String
    package var number: UInt64
    /// Empty for number 1.
    package var previous: [UInt8]
    /// ns UTC
    package var now: Int64
    package var days: Int64

    package init(
        id: [UInt8], receiver: String, number: UInt64, previous: [UInt8], now: Int64,
        days: Int64 = PackageLimits.usualDays
    ) {
        self.id = id
        self.receiver = receiver
        self.number = number
        self.previous = previous
        self.now = now
        self.days = days
    }
}

/// A package that was opened as far as to know what is in it.
package struct ExaminedPackage {
    package let facts: PackageFacts
    package let head: PackageHead
    package let verified: VerifiedPackage
    let file: PackageFile
}

extension PackageItem {
    /// Commands and batches go to the bureau; answers and what is shown come from it.
    func mayCome(fromBureau: Bool) -> Bool {
        switch body {
        case .head: true
        case .command(let signed): !fromBureau && !signed.signature.isEmpty && !signed.certificate.isEmpty
        case .batchPart: !fromBureau
        case .answer, .requestUpdate, .caseUpdate, .parties, .officers, .codes, .batchKinds, .batchUpdate,
            .batchFaults, .attachmentPart, .roundFile:
            fromBureau
        case nil: false
        }
    }
}
