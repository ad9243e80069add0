import COpenSSL

/// Why a certificate was revoked: the codes of RFC 5280 5.3.1 that this CA uses.
package enum RevocationReason: Int32, Sendable, Hashable, CaseIterable {
    case unspecified = 0
    case keyCompromise = 1
    /// The officer changed office or party.
    case affiliationChanged = 3
    /// A newer certificate took its place.
    case superseded = 4
    /// The officer no longer acts.
    case cessationOfOperation = 5

    package var name: String { "\(self)" }

    package init?(name: String) {
        guard let reason = RevocationReason.allCases.first(where: { $0.name == name }) else { return nil }
        self = reason
    }
}

/// A certificate revocation list, read once into plain values. Parsing proves nothing: `TrustStore` checks its signature.
package struct RevocationList: Sendable {
    package struct Entry: Sendable, Hashable {
        /// Seconds since 1970.
        package var time: Int64
        /// The number of RFC 5280 5.3.1; 0 when no reason is given.
        package var reason: Int32
    }

    /// Bytes of a list: about 50 a revoked certificate, so 600,000 of them.
    package static let lengthLimit = 32 << 20

    package let der: [UInt8]
    /// The list holds from `thisUpdate` and should be replaced before `nextUpdate`, seconds since 1970.
    package let thisUpdate: Int64
    package let nextUpdate: Int64
    /// -1 when the list has no number.
    package let number: Int64
    /// By serial number, big endian without leading zeros.
    package let entries: [[UInt8]: Entry]

    package init(der: [UInt8], what: String = "revocation list") throws(CryptoError) {
        guard der.count <= RevocationList.lengthLimit else {
            throw .tooLong(what: what, limit: RevocationList.lengthLimit, found: der.count)
        }
        guard let handle = co_crl_parse(der, der.count) else {
            throw .malformed(what: what, reason: "not a revocation list (\(Libcrypto.errorText()))")
        }
        defer { co_crl_free(handle) }
        var (from, to, number, count) = (Int64(0), Int64(0), Int64(-1), 0)
        guard co_crl_facts(handle, &from, &to, &number, &count) == 1 else {
            throw .malformed(what: what, reason: "its times cannot be read")
        }
        self.der = der
        (thisUpdate, nextUpdate, self.number) = (from, to, number)
        entries = try RevocationList.entries(handle, count, what)
    }

    private static func entries(
        _ handle: OpaquePointer, _ count: Int, _ what: String
    ) throws(CryptoError) -> [[UInt8]: Entry] {
        var entries: [[UInt8]: Entry] = [:]
        var serial = [UInt8](repeating: 0, count: Certificate.serialLimit)
        for index in 0..<count {
            var (length, time, reason) = (0, Int64(0), Int32(0))
            guard co_crl_entry(handle, index, &serial, serial.count, &length, &time, &reason) == 1 else {
                throw .malformed(what: what, reason: "entry \(index) cannot be read")
            }
            entries[Array(serial.prefix(length))] = Entry(time: time, reason: reason)
        }
        return entries
    }

    /// Every list in a PEM file's content, or the content as DER.
    package static func all(contents: [UInt8], what: String) throws(CryptoError) -> [RevocationList] {
        let blocks = PEM.decode(contents)
        if blocks.isEmpty { return [try RevocationList(der: contents, what: what)] }
        var lists: [RevocationList] = []
        for block in blocks where block.name == "X509 CRL" {
            lists.append(try RevocationList(der: block.der, what: what))
        }
        guard !lists.isEmpty else {
            throw .malformed(what: what, reason: "holds no X509 CRL")
        }
        return lists
    }

    package func pem() throws(CryptoError) -> [UInt8] { try PEM.encode("X509 CRL", der) }

    /// Whether `authority` made it: issuer, right to sign lists, signature.
    package func isSigned(by authority: Certificate) -> Bool {
        guard let handle = co_crl_parse(der, der.count) else { return false }
        defer { co_crl_free(handle) }
        let answer = try? authority.withHandle { (certificate) throws(CryptoError) in
            co_crl_signed_by(handle, certificate)
        }
        return answer == 1
    }
}
