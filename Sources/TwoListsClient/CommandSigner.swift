import Crypto
import Schema
import Wire

/// Who a certificate names: `twolists://CITY/PARTY-KIND/PARTY-CODE/officer/OFFICER`, as in
/// `twolists://421300/county/421321/officer/k7f2`. The one URI SAN, never the common name (DESIGN.md 6).
public struct Officer: Sendable, Hashable {
    /// `421300`
    public var city: String
    /// `county/421321`
    public var party: String
    /// `k7f2`, opaque
    public var officer: String

    public init(city: String, party: String, officer: String) {
        self.city = city
        self.party = party
        self.officer = officer
    }

    /// As the certificate has it.
    package var uri: String { "twolists://\(city)/\(party)/officer/\(officer)" }

    /// Reads the URI; nil when it does not name an officer in this form.
    package init?(uri: String) {
        let scheme = "twolists://"
        guard uri.utf8.starts(with: scheme.utf8) else { return nil }
        let parts = uri.utf8.dropFirst(scheme.utf8.count).split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let words = parts.map { String(decoding: $0, as: UTF8.self) }
        guard words.count == 5, words.allSatisfy({ !$0.isEmpty }), words[3].utf8.elementsEqual("officer".utf8)
        else { return nil }
        self.init(city: words[0], party: words[1] + "/" + words[2], officer: words[4])
    }
}

/// Builds envelopes in an officer's name and signs them with the officer's key.
///
/// The signature covers `"twolists.v1.Envelope" 0x00 envelope`, the exact bytes that are sent (DESIGN.md 6).
struct CommandSigner: Sendable {
    /// DESIGN.md 8: larger commands are refused by the server; larger things are attachments.
    static let largestEnvelopeBytes = 256 * 1024
    static let context = [UInt8]("twolists.v1.Envelope".utf8) + [0]

    var officer: Officer
    /// DER of the officer's certificate.
    var certificate: [UInt8]
    /// Seconds since 1970 at which the certificate ends.
    var certificateEnds: Int64 = 0
    /// The algorithm's name as the schema has it.
    var algorithm: String
    var sign: @Sendable ([UInt8]) throws(ClientError) -> [UInt8]

    func seal(
        _ command: Command, id: [UInt8], target: [UInt8], expectedVersion: UInt64, issuedAt: Int64,
        signed: Bool
    ) throws(ClientError) -> SignedEnvelope {
        let envelope = Envelope(
            id: id, city: officer.city, party: officer.party, officer: officer.officer, issuedAt: issuedAt,
            target: target,
            expectedVersion: expectedVersion, command: command
        ).encoded()
        guard envelope.count <= Self.largestEnvelopeBytes else {
            throw ClientError(
                .client, .call, .badCommand,
                detail:
                    "the command has \(envelope.count) bytes, at most \(Self.largestEnvelopeBytes) are allowed"
            )
        }
        return signed ? try self.signed(envelope) : SignedEnvelope(envelope: envelope)
    }

    func signed(_ envelope: [UInt8]) throws(ClientError) -> SignedEnvelope {
        SignedEnvelope(
            envelope: envelope, signatureAlgorithm: algorithm, signature: try sign(Self.context + envelope),
            certificate: certificate)
    }
}

extension CommandSigner {
    /// The officer's certificate and key from the configuration's files.
    init(_ configuration: ClientConfiguration) throws(ClientError) {
        do throws(CryptoError) {
            let certificate = try Certificate.load(path: configuration.certificatePath)
            let key = try PrivateKey.load(path: configuration.keyPath)
            guard certificate.matches(key) else {
                throw .malformed(
                    what: configuration.keyPath, reason: "not the key of \(configuration.certificatePath)")
            }
            let uri = try certificate.identity().description
            guard let officer = Officer(uri: uri) else {
                throw .malformed(what: configuration.certificatePath, reason: "\(uri) names no officer")
            }
            self.init(
                officer: officer, certificate: certificate.der, certificateEnds: certificate.notAfter,
                algorithm: key.algorithm.name
            ) {
                message throws(ClientError) in
                do throws(CryptoError) {
                    return try key.sign(message).bytes
                } catch {
                    throw ClientError(.client, .call, .badCommand, detail: "signing failed: \(error)")
                }
            }
        } catch {
            throw ClientError(
                .client, .configuration, .configuration, server: configuration.address, detail: "\(error)")
        }
    }
}
