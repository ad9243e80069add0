import Bureau
import Crypto
import Journal

/// The signatures of a whole store against the certificates given: a bad one, one by a certificate that was not given, one made when its
/// certificate did not count, and one that is missing where the store had begun to sign.
final class SignatureAudit {
    /// What there is to tell when all was read.
    struct Findings {
        var notices: [String] = []
        /// Lines for standard error; any of them means that the store is not vouched for.
        var faults: [String] = []
    }

    private struct Unknown {
        var count = 0
        var firstTreeSize: UInt64 = 0
    }

    /// Why a certificate's signature does not count at the time the checkpoint names.
    private enum Lapse: Hashable {
        case notYetValid(Int64)
        case expired(Int64)
        case revoked(Int64)
    }

    /// Checkpoints of one certificate that lapsed in one way.
    private struct Lapsed: Hashable {
        var fingerprint: Digest
        var lapse: Lapse
    }

    private struct Lapses {
        var count = 0
        var first: Checkpoint
    }

    private let certificates: CheckpointCertificates
    private let given: [Digest: Certificate]
    private let trust: TrustStore?
    /// By fingerprint in hex.
    private var unknown: [String: Unknown] = [:]
    private var lapsed: [Lapsed: Lapses] = [:]
    /// The second signature's algorithm, once there was one.
    private var twice: String?
    private var lackingSecond: Lapses?

    /// - Parameter trust: the authority with its revocation lists; nil or without lists, revocation is not looked at.
    init(_ certificates: [Certificate], trust: TrustStore?) throws(CryptoError) {
        self.certificates = try CheckpointCertificates(certificates)
        given = Dictionary(certificates.map { ($0.fingerprint, $0) }, uniquingKeysWith: { first, _ in first })
        self.trust = trust
    }

    /// What is wrong with one signature. An unknown certificate is noted and not yet a fault: it may just not have been given, and all that
    /// are missing are told at once.
    func fault(in signed: SignedCheckpoint) -> String? {
        noteSecond(of: signed)
        switch certificates.fault(in: signed) {
        case nil:
            noteLapse(of: signed)
            return nil
        case .unknownAlgorithm(let name): return "signature algorithm \(name) is unknown"
        case .doesNotFit(let name): return "the signature (\(name)) does not fit the checkpoint"
        case .unknownCertificate(let fingerprint):
            note(fingerprint.hex, signed.checkpoint.treeSize)
            return nil
        }
    }

    /// A store that had begun to sign twice and does so no more: somebody turned it off, or took signatures away.
    private func noteSecond(of signed: SignedCheckpoint) {
        if let second = signed.second {
            twice = twice ?? second.algorithm
        } else if twice != nil {
            var entry = lackingSecond ?? Lapses(first: signed.checkpoint)
            entry.count += 1
            lackingSecond = entry
        }
    }

    private func note(_ fingerprint: String, _ treeSize: UInt64) {
        var entry = unknown[fingerprint] ?? Unknown(count: 0, firstTreeSize: treeSize)
        entry.count += 1
        unknown[fingerprint] = entry
    }

    /// A signature outside its certificate's time fits its bytes, so the store is read on and all are told at once.
    private func noteLapse(of signed: SignedCheckpoint) {
        for fingerprint in signed.signatures.map(\.certificateFingerprint) {
            guard let certificate = given[fingerprint],
                let lapse = lapse(of: certificate, at: signed.checkpoint.time / 1_000_000_000)
            else { continue }
            let key = Lapsed(fingerprint: fingerprint, lapse: lapse)
            lapsed[key, default: Lapses(first: signed.checkpoint)].count += 1
        }
    }

    /// By the checkpoint's own time in seconds: a journal outlives its certificates, so that one has ended by now is no fault. A revocation
    /// counts from its time on, as for receipts.
    private func lapse(of certificate: Certificate, at time: Int64) -> Lapse? {
        if time < certificate.notBefore { return .notYetValid(certificate.notBefore) }
        if time > certificate.notAfter { return .expired(certificate.notAfter) }
        guard let entry = trust?.recordedRevocation(of: certificate), entry.time <= time else { return nil }
        return .revoked(entry.time)
    }

    private func text(_ key: Lapsed, _ entry: Lapses) -> String {
        let why =
            switch key.lapse {
            case .notYetValid(let from): "which is valid only from \(UTCTime.text(from)) on"
            case .expired(let to): "which ended at \(UTCTime.text(to))"
            case .revoked(let at): "which was revoked at \(UTCTime.text(at))"
            }
        let subject = given[key.fingerprint]?.subject ?? ""
        return "NOT VERIFIED: \(entry.count) checkpoints, the first at tree size \(entry.first.treeSize) of "
            + "\(LogTime.text(entry.first.time)), are signed with the certificate \(subject) of fingerprint "
            + "\(key.fingerprint.hex), \(why). The server's clock was wrong, its journal certificate was not replaced in time, "
            + "or somebody else has the key: compare with receipts."
    }

    func findings(_ report: VerifyReport, _ storage: any Storage) throws(JournalError) -> Findings {
        var findings = Findings()
        for (key, entry) in lapsed.sorted(by: { $0.value.first.treeSize < $1.value.first.treeSize }) {
            findings.faults.append(text(key, entry))
        }
        for (fingerprint, entry) in unknown.sorted(by: { $0.value.firstTreeSize < $1.value.firstTreeSize }) {
            findings.faults.append(
                "NOT VERIFIED: \(entry.count) checkpoints, the first at tree size \(entry.firstTreeSize), are signed with the certificate "
                    + "of fingerprint \(fingerprint), which was not given. Give its file with --journal-certificate as well; when "
                    + "nobody has such a certificate, the journal was signed by a stranger: compare with receipts."
            )
        }
        if let twice, let entry = lackingSecond {
            findings.faults.append(
                "NOT VERIFIED: \(entry.count) checkpoints, the first at tree size \(entry.first.treeSize) of "
                    + "\(LogTime.text(entry.first.time)), lack the signature by \(twice) that earlier ones have. The server ran without "
                    + "--journal-sm2-key then, or it was taken off: compare with receipts.")
        }
        try unsigned(report, storage, &findings)
        return findings
    }

    /// Looks for the place only when there is one: the journal is not read twice for nothing.
    private func unsigned(
        _ report: VerifyReport, _ storage: any Storage, _ findings: inout Findings
    ) throws(JournalError) {
        guard report.unsigned > 0 else { return }
        var search = UnsignedSearch()
        try Journal.read(storage, keys: nil, visitor: &search)
        if let place = search.firstBehind {
            findings.faults.append(
                "NOT VERIFIED: \(place.file), offset \(place.offset): group \(place.group) is not signed, although group "
                    + "\(search.firstSigned ?? 0) before it is. Its signature was taken off, or the server ran with --unsigned "
                    + "then: compare with receipts and a backup.")
        } else if search.firstSigned == nil {
            findings.faults.append(
                "NOT VERIFIED: no group of this store is signed. The signatures were taken off, or the server never signed: "
                    + "compare with receipts and a backup.")
        } else if let last = search.lastBefore {
            findings.notices.append(
                "the groups up to \(last) are not signed; the signature of the next one covers their records, too"
            )
        }
    }
}

/// Where signatures are missing.
private struct UnsignedSearch: JournalVisitor {
    /// The first group that is signed.
    var firstSigned: UInt64?
    /// The last group without a signature before that.
    var lastBefore: UInt64?
    /// The first group without a signature behind it.
    var firstBehind: (file: String, offset: Int, group: UInt64)?

    mutating func record(_ record: RecordView) throws(JournalError) {}

    mutating func commit(_ commit: CommitView) throws(JournalError) {
        if commit.checkpoint.signature != nil {
            firstSigned = firstSigned ?? commit.group
        } else if firstSigned == nil {
            lastBefore = commit.group
        } else if firstBehind == nil {
            firstBehind = (commit.file, commit.offset, commit.group)
        }
    }
}
