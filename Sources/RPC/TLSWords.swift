// What OpenSSL says in codes, said in words: who did what, and what to do about it.

import COpenSSL
import Crypto
import Glibc

/// Why TLS failed or ended.
package struct TLSProblem: Error, Sendable, Hashable {
    /// For people, without a full stop.
    package var words: String
    /// Alert numbers of RFC 8446 6: from the peer, and ours to it.
    package var received: UInt8?
    package var sent: UInt8?

    init(_ words: String, received: UInt8? = nil, sent: UInt8? = nil) {
        self.words = words
        self.received = received
        self.sent = sent
    }

    /// True when the peer's alert was about the certificate we showed.
    package var peerRefusedCertificate: Bool {
        received.map { TLSWords.certificateAlerts.contains($0) } ?? false
    }
}

enum TLSWords {
    /// bad_certificate, unsupported, revoked, expired, unknown, unknown_ca, access_denied, certificate_required.
    static let certificateAlerts: Set<UInt8> = [42, 43, 44, 45, 46, 48, 49, 116]

    /// The name of an alert as RFC 8446 writes it.
    static func alert(_ number: UInt8) -> String {
        switch number {
        case 10: "unexpected_message"
        case 20: "bad_record_mac"
        case 22: "record_overflow"
        case 40: "handshake_failure"
        case 42: "bad_certificate"
        case 43: "unsupported_certificate"
        case 44: "certificate_revoked"
        case 45: "certificate_expired"
        case 46: "certificate_unknown"
        case 47: "illegal_parameter"
        case 48: "unknown_ca"
        case 49: "access_denied"
        case 50: "decode_error"
        case 51: "decrypt_error"
        case 70: "protocol_version"
        case 71: "insufficient_security"
        case 80: "internal_error"
        case 86: "inappropriate_fallback"
        case 90: "user_canceled"
        case 109: "missing_extension"
        case 112: "unrecognized_name"
        case 116: "certificate_required"
        case 120: "no_application_protocol"
        default: "alert \(number)"
        }
    }

    /// What the holder of a refused certificate can do.
    static func advice(_ alert: UInt8) -> String {
        switch alert {
        case 44: "; it was revoked, ask the bureau for a new one"
        case 45: "; it has expired, renew it"
        case 48: "; the server does not know the authority that issued it"
        case 116: "; none was given"
        default: "; the server's log says why"
        }
    }

    /// The failed check of a peer's certificate. `peer` is "client" or "server".
    static func verification(_ code: Int32, _ store: OpaquePointer, peer: String) -> String {
        let certificate = X509_STORE_CTX_get_current_cert(store)
        switch code {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            let end = certificate.map { date(X509_get0_notAfter($0)) } ?? "?"
            return "\(peer) certificate expired \(end); renew with `twolists ca issue`"
        case X509_V_ERR_CERT_NOT_YET_VALID:
            let begin = certificate.map { date(X509_get0_notBefore($0)) } ?? "?"
            return "\(peer) certificate is not valid before \(begin); compare both clocks"
        case X509_V_ERR_CERT_REVOKED:
            let serial = certificate.map { hex(CertificateReader.serial(of: $0)) } ?? "?"
            return "\(peer) certificate \(serial) is revoked"
        case X509_V_ERR_UNABLE_TO_GET_CRL:
            return "no revocation list of \(issuer(certificate)); publish one with `twolists ca crl`"
        case X509_V_ERR_CRL_HAS_EXPIRED:
            return
                "the revocation list of \(issuer(certificate)) has ended; publish one with `twolists ca crl`"
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_SIGNATURE_FAILURE:
            return "\(peer) certificate comes from \(issuer(certificate)), which is not an authority we trust"
        case X509_V_ERR_INVALID_PURPOSE:
            return purpose(peer)
        default:
            let text = X509_verify_cert_error_string(Int(code)).map { String(cString: $0) } ?? "error \(code)"
            return "\(peer) certificate: \(text)"
        }
    }

    static func purpose(_ peer: String) -> String {
        "\(peer) certificate is not for a \(peer): its extended key usage lacks \(peer)Auth"
    }

    /// The failed handshake or connection, from the oldest entry of OpenSSL's queue.
    static func library(_ code: UInt, peer: String) -> String {
        switch Int32(truncatingIfNeeded: code & 0x7fffff) {
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_WRONG_SSL_VERSION:
            "the \(peer) offers no TLS 1.3, which is the only version allowed"
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
            "the \(peer) sent no certificate"
        case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST:
            "this is HTTP, not TLS: the port speaks twolists over TLS 1.3 only"
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_BAD_PACKET_LENGTH, SSL_R_PACKET_LENGTH_TOO_LONG:
            "this is not TLS: the port speaks twolists over TLS 1.3 only"
        case SSL_R_NO_APPLICATION_PROTOCOL, SSL_R_CALLBACK_FAILED:
            "the \(peer) offers none of our application protocols (ALPN \(ApplicationProtocol.extended))"
        case SSL_R_NO_SHARED_CIPHER: "no common cipher suite"
        case SSL_R_NO_SUITABLE_KEY_SHARE, SSL_R_NO_SHARED_GROUPS: "no common key exchange group"
        case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS,
            SSL_R_WRONG_SIGNATURE_TYPE:
            "no common signature algorithm: certificates need an ECDSA P-256 key"
        case SSL_R_EXCESSIVE_MESSAGE_SIZE: "a handshake message of the \(peer) is too large"
        default: "TLS: \(TLSErrors.reason(code))"
        }
    }

    /// `2026-10-01T08:00:00Z`.
    static func date(_ time: UnsafePointer<ASN1_TIME>?) -> String { date(copenssl_time(time)) }

    static func date(_ seconds: Int64) -> String {
        var time = time_t(seconds)
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil else { return "?" }
        var text = [CChar](repeating: 0, count: 32)
        let size = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(decoding: text.prefix(size).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func hex(_ bytes: [UInt8]) -> String { Hex.encode(bytes) }

    private static func issuer(_ certificate: OpaquePointer?) -> String {
        guard let certificate, let name = X509_get_issuer_name(certificate) else {
            return "an unknown authority"
        }
        guard let text = X509_NAME_oneline(name, nil, 0) else { return "an unknown authority" }
        defer { copenssl_free(text) }
        return "\"\(printable(String(cString: text)))\""
    }
}
