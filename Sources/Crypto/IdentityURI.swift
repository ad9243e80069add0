/// Who a certificate speaks for: the one URI among its subject alternative names.
///
///     twolists://CITY/server
///     twolists://CITY/journal
///     twolists://CITY/KIND/PARTY/officer/ID          KIND: bureau, county, unit, department, township
///
/// ASCII, no escapes, no empty components, nothing after the last: one identity has one spelling, so identities are
/// compared as bytes. CITY is the six digits of GB/T 2260.
package struct IdentityURI: Sendable, Hashable {
    /// Bytes of a whole URI: fits every log line and column, and far more than the longest real one (about 60).
    package static let lengthLimit = 255
    /// Bytes of a party code or an officer's id.
    package static let componentLimit = 64

    /// What kind of party an officer belongs to.
    package enum PartyKind: String, Sendable, Hashable, CaseIterable {
        case bureau
        case county
        case unit
        case department
        case township
    }

    package enum Holder: Sendable, Hashable {
        case server
        case journal
        case officer(kind: PartyKind, party: String, id: String)
    }

    /// Six digits, e.g. `421300`.
    package let city: String
    package let holder: Holder

    /// Throws `malformed` when a part does not keep the rules above.
    package init(city: String, holder: Holder) throws(CryptoError) {
        self.city = city
        self.holder = holder
        guard try IdentityURI(bytes: bytes) == self else {
            throw .malformed(what: "identity", reason: "a part contains a slash")
        }
    }

    /// Parses exactly the form above; throws `malformed` with the rule that is broken.
    package init(bytes: [UInt8]) throws(CryptoError) {
        guard bytes.count <= IdentityURI.lengthLimit else {
            throw .tooLong(what: "identity URI", limit: IdentityURI.lengthLimit, found: bytes.count)
        }
        guard bytes.starts(with: IdentityURI.scheme) else {
            throw IdentityURI.refusal("does not begin with twolists://")
        }
        // No more components than the longest form has, and one to notice that there are more: calls are told who calls by this.
        var texts: [String] = []
        texts.reserveCapacity(6)
        var start = IdentityURI.scheme.count
        while start <= bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.count
            try IdentityURI.check(bytes[start..<end])
            if texts.count < 6 { texts.append(String(decoding: bytes[start..<end], as: UTF8.self)) }
            start = end + 1
        }
        guard let city = texts.first, city.utf8.count == 6, city.utf8.allSatisfy(IdentityURI.isDigit) else {
            throw IdentityURI.refusal("the city is not six digits")
        }
        self.city = city
        holder = try IdentityURI.holder(texts)
    }

    private static let scheme = [UInt8]("twolists://".utf8)

    package init(_ text: String) throws(CryptoError) { try self.init(bytes: [UInt8](text.utf8)) }

    private static func holder(_ texts: [String]) throws(CryptoError) -> Holder {
        if texts.count == 2, texts[1] == "server" { return .server }
        if texts.count == 2, texts[1] == "journal" { return .journal }
        guard texts.count == 5, texts[3] == "officer" else {
            throw refusal("neither CITY/server, CITY/journal nor CITY/KIND/PARTY/officer/ID")
        }
        guard let kind = PartyKind(rawValue: texts[1]) else {
            throw refusal("the party's kind is not bureau, county, unit, department or township")
        }
        return .officer(kind: kind, party: texts[2], id: texts[4])
    }

    private static func check(_ part: ArraySlice<UInt8>) throws(CryptoError) {
        guard !part.isEmpty else { throw refusal("an empty component") }
        guard part.count <= componentLimit else {
            throw refusal("a component of more than \(componentLimit) bytes")
        }
        guard part.allSatisfy({ isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }) else {
            throw refusal("a character other than A-Z, a-z, 0-9 and -")
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func refusal(_ reason: String) -> CryptoError {
        .malformed(what: "identity URI", reason: reason)
    }

    /// The one spelling, ASCII.
    package var bytes: [UInt8] { [UInt8](description.utf8) }
}

extension IdentityURI: CustomStringConvertible {
    package var description: String {
        switch holder {
        case .server: "twolists://\(city)/server"
        case .journal: "twolists://\(city)/journal"
        case .officer(let kind, let party, let id):
            "twolists://\(city)/\(kind.rawValue)/\(party)/officer/\(id)"
        }
    }
}
