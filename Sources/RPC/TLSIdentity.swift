// Who a certificate says its holder is: exactly one URI among its subject alternative names, never the common name.
// PROTOCOL.md 2 "Identity".

import COpenSSL
import Crypto
import Wire

/// The form of an identity: `twolists://` and path components of unreserved characters (RFC 3986 2.3).
package enum IdentityRule {
    /// Bytes of an identity. Five components of 40 characters; each journal record and log line carries one.
    package static let maxBytes = 255
    private static let scheme = Array("twolists://".utf8)

    /// Nil when the form is kept, otherwise what is wrong with it.
    package static func fault(in uri: [UInt8]) -> String? {
        if uri.count > maxBytes { return "is longer than \(maxBytes) bytes" }
        if !uri.starts(with: scheme) { return "does not begin with twolists://" }
        let path = uri.dropFirst(scheme.count)
        if !path.allSatisfy({ isUnreserved($0) || $0 == UInt8(ascii: "/") }) {
            return "has a character other than letters, digits and -._~ (URI component)"
        }
        if path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).contains(
            where: \.isEmpty)
        {
            return "has an empty component"
        }
        return nil
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

/// Reads what RPC needs from a certificate that OpenSSL has verified.
enum CertificateReader {
    enum Outcome {
        case identity([UInt8])
        case refused(String)
    }

    /// The one URI, or why there is none that counts.
    static func identity(of certificate: OpaquePointer) -> Outcome {
        var names: OpaquePointer?
        var uri: UnsafePointer<UInt8>?
        var size = 0
        let count = copenssl_uri_names(certificate, &names, &uri, &size)
        defer { copenssl_free_names(names) }
        switch count {
        case 1: break
        case 0: return .refused("names no identity: it needs one URI among its subject alternative names")
        case ..<0: return .refused("has subject alternative names that cannot be read")
        default: return .refused("names \(count) identities (URI): exactly one is allowed")
        }
        guard let uri, size > 0 else { return .refused("names an empty identity") }
        // The length counts, not a NUL inside: what follows one must not be dropped.
        let bytes = [UInt8](UnsafeBufferPointer(start: uri, count: size))
        if let fault = IdentityRule.fault(in: bytes) { return .refused("names an identity that \(fault)") }
        return .identity(bytes)
    }

    /// Whether the extended key usage is there and names the role.
    static func mayActAs(_ role: TLSContext.Role, _ certificate: OpaquePointer) -> Bool {
        let usage = X509_get_extended_key_usage(certificate)
        if usage == UInt32.max { return false }  // absent: any use, which is not what we issue
        return usage & UInt32(role == .server ? XKU_SSL_SERVER : XKU_SSL_CLIENT) != 0
    }

    /// Serial number, DER and end of a certificate.
    static func peer(_ certificate: OpaquePointer, uri: [UInt8], address: String) -> PeerIdentity {
        PeerIdentity(
            uri: uri, serial: serial(of: certificate), certificate: der(of: certificate),
            notAfter: copenssl_time(X509_get0_notAfter(certificate)), address: address, officer: officer(uri))
    }

    private static func officer(_ uri: [UInt8]) -> PeerIdentity.Officer? {
        guard let identity = try? IdentityURI(bytes: uri),
            case .officer(let kind, let party, let id) = identity.holder
        else { return nil }
        return PeerIdentity.Officer(city: identity.city, party: "\(kind.rawValue)/\(party)", id: id)
    }

    static func serial(of certificate: OpaquePointer) -> [UInt8] {
        guard let number = X509_get0_serialNumber(certificate) else { return [] }
        let size = Int(ASN1_STRING_length(number))
        guard let data = ASN1_STRING_get0_data(number), size > 0 else { return [] }
        return [UInt8](UnsafeBufferPointer(start: data, count: size))
    }

    private static func der(of certificate: OpaquePointer) -> [UInt8] {
        var data: UnsafeMutablePointer<UInt8>?
        let size = copenssl_certificate_der(certificate, &data)
        defer { copenssl_free(data) }
        guard let data, size > 0 else { return [] }
        return [UInt8](UnsafeBufferPointer(start: data, count: Int(size)))
    }
}
