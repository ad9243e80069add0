import Bureau
import Crypto
import Schema
import TestSupport

/// Every way to make a receipt wrong: each field, each part of the path, signature, salt, envelope, certificate.
struct Tampering {
    enum Kind: String, CaseIterable {
        case leafBit, leafOfAnother, leafShort, sequenceMoved, outcomeChanged
        case pathBit, pathShorter, pathLonger, pathSwapped, pathRagged, pathTooLong
        case statementBit, statementOfAnother, statementShort, rootChanged, timeMoved, cityChanged,
            storeChanged
        case signatureBit, signatureEmpty, signatureOfAnother, algorithmUnknown, signaturesGone
        case fingerprintBit, certificateBit, certificateForged, certificateGone
        case signedByOfficer, signedByStranger, signedBySelf, signedByOtherCity, signedWithoutUsage
        case saltBit, saltGone, saltOfAnother
        case envelopeBit, envelopeOfAnother, envelopeShort, envelopeLonger
    }

    /// Who may not sign, and does.
    private struct Stranger {
        var certificate: Certificate
        var key: PrivateKey

        init(_ certificate: Certificate, _ key: PrivateKey) {
            self.certificate = certificate
            self.key = key
        }

        init(_ holder: TestCA.Holder) { self.init(holder.certificate, holder.key) }
    }

    private let strangers: [Kind: Stranger]

    init(_ town: ReceiptTown) throws {
        var strangers: [Kind: Stranger] = [:]
        strangers[.signedByOfficer] = Stranger(try town.ca.officer())
        strangers[.signedByStranger] = Stranger(try TestCA().journal())
        strangers[.signedBySelf] = Stranger(try town.ca.flawed(.selfSigned))
        strangers[.signedByOtherCity] = try Tampering.issued(
            town.ca, "twolists://420600/journal", .codeSigning)
        strangers[.signedWithoutUsage] = try Tampering.issued(
            town.ca, "twolists://421300/journal", .serverAuth)
        self.strangers = strangers
    }

    /// A certificate the city's authority would not issue by its own rules.
    private static func issued(
        _ ca: TestCA, _ uri: String, _ usages: Certificate.Usages
    ) throws -> Stranger {
        let key = try PrivateKey.generate()
        var draft = CertificateDraft(
            organization: "421300", commonName: "journal", serial: try CertificateDraft.randomSerial(),
            notBefore: ca.now - 500, notAfter: ca.now + 86_400)
        draft.uris = [[UInt8](uri.utf8)]
        draft.usages = usages
        let certificate = try draft.sign(
            for: key.publicKey, authority: ca.authority.certificate,
            key: try PrivateKey.load(path: ca.authority.directory + "/ca.key"))
        return Stranger(certificate, key)
    }

    /// `one` made wrong, with parts of `other`; nil when nothing has changed by it.
    func change(
        _ one: Held, _ other: Held, _ kind: Kind, _ random: inout SplitMix64
    ) throws -> Held? {
        var changed = one
        try leaf(&changed.receipt, other.receipt, kind, &random)
        path(&changed.receipt, kind, &random)
        statement(&changed.receipt, other.receipt, kind, &random)
        signature(&changed.receipt, other.receipt, kind, &random)
        try signer(&changed.receipt, kind)
        holder(&changed, other, kind, &random)
        return changed == one ? nil : changed
    }

    private func flip(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        guard !bytes.isEmpty else { return }
        bytes[Int(random.next() % UInt64(bytes.count))] ^= 1 << UInt8(random.next() % 8)
    }

    private func leaf(
        _ receipt: inout Receipt, _ other: Receipt, _ kind: Kind, _ random: inout SplitMix64
    ) throws {
        switch kind {
        case .leafBit: flip(&receipt.leaf, &random)
        case .leafOfAnother: receipt.leaf = other.leaf
        case .leafShort: receipt.leaf.removeLast()
        case .sequenceMoved: receipt.leaf[24] ^= 1
        case .outcomeChanged: receipt.leaf[56] ^= 6
        default: break
        }
    }

    private func path(_ receipt: inout Receipt, _ kind: Kind, _ random: inout SplitMix64) {
        switch kind {
        case .pathBit: flip(&receipt.path, &random)
        case .pathShorter: receipt.path.removeLast(min(32, receipt.path.count))
        case .pathLonger: receipt.path += random.bytes(32)
        case .pathSwapped: receipt.path = Array(receipt.path.dropFirst(32) + receipt.path.prefix(32))
        case .pathRagged: receipt.path.append(0)
        case .pathTooLong: receipt.path += random.bytes(65 * 32)
        default: break
        }
    }

    private func statement(
        _ receipt: inout Receipt, _ other: Receipt, _ kind: Kind, _ random: inout SplitMix64
    ) {
        var statement = receipt.checkpoint?.statement ?? []
        switch kind {
        case .statementBit: flip(&statement, &random)
        case .statementOfAnother: statement = other.checkpoint?.statement ?? []
        case .statementShort: statement.removeLast()
        case .rootChanged: statement[60] ^= 1
        case .timeMoved: statement[51] ^= 1
        case .cityChanged: statement[13] ^= 1
        case .storeChanged:
            statement[30] ^= 1
            receipt.leaf[14] ^= 1
        default: break
        }
        receipt.checkpoint?.statement = statement
    }

    private func signature(
        _ receipt: inout Receipt, _ other: Receipt, _ kind: Kind, _ random: inout SplitMix64
    ) {
        guard var signature = receipt.checkpoint?.signatures.first else { return }
        switch kind {
        case .signatureBit: flip(&signature.signature, &random)
        case .signatureEmpty: signature.signature = []
        case .signatureOfAnother:
            // Of the same checkpoint it would be a good one.
            guard other.checkpoint?.statement != receipt.checkpoint?.statement else { break }
            signature.signature = other.checkpoint?.signatures.first?.signature ?? []
        case .algorithmUnknown: signature.algorithm = "ecdsa-p256-sha255"
        case .fingerprintBit: flip(&signature.certificateSha256, &random)
        case .certificateBit: flip(&signature.certificate, &random)
        case .certificateForged:
            flip(&signature.certificate, &random)
            signature.certificateSha256 = Digest(of: signature.certificate).bytes
        case .certificateGone: signature.certificate = []
        default: break
        }
        receipt.checkpoint?.signatures = kind == .signaturesGone ? [] : [signature]
    }

    /// The very same checkpoint, signed well by somebody who may not.
    private func signer(_ receipt: inout Receipt, _ kind: Kind) throws {
        guard let holder = strangers[kind], let statement = receipt.checkpoint?.statement else { return }
        let made = try Signer(holder.key).sign(statement)
        receipt.checkpoint?.signatures = [
            StatementSignature(
                algorithm: made.algorithm.name, signature: made.bytes,
                certificateSha256: holder.certificate.fingerprint.bytes, certificate: holder.certificate.der)
        ]
    }

    private func holder(_ held: inout Held, _ other: Held, _ kind: Kind, _ random: inout SplitMix64) {
        switch kind {
        case .saltBit: flip(&held.receipt.salt, &random)
        case .saltGone: held.receipt.salt = []
        case .saltOfAnother: held.receipt.salt = other.receipt.salt
        case .envelopeBit: flip(&held.envelope, &random)
        case .envelopeOfAnother: held.envelope = other.envelope
        case .envelopeShort: held.envelope.removeLast()
        case .envelopeLonger: held.envelope.append(0)
        default: break
        }
    }
}
