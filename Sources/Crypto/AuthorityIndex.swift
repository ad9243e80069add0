/// The content of a certificate authority's `index.txt`; its form is given in CertificateAuthority.swift.
package struct AuthorityIndex: Sendable {
    package struct Issued: Sendable, Hashable {
        /// Lower-case hexadecimal.
        package var serial: String
        package var notBefore: Int64
        package var notAfter: Int64
        package var purpose: Purpose
        package var identity: IdentityURI
    }

    package struct Revocation: Sendable, Hashable {
        package var time: Int64
        package var reason: RevocationReason
    }

    package enum State: Sendable, Hashable {
        case valid
        case expired
        case revoked(Revocation)
    }

    enum Line {
        case issued(Issued)
        case revoked(serial: String, time: Int64, reason: RevocationReason)
        case list(number: Int64, thisUpdate: Int64, nextUpdate: Int64)
    }

    package let city: String
    /// In order of issue.
    package private(set) var issued: [Issued] = []
    /// By serial.
    package private(set) var revoked: [String: Revocation] = [:]
    /// Number of the newest revocation list, 0 before the first, and the second until which it holds.
    package private(set) var listNumber: Int64 = 0
    package private(set) var listEnd: Int64 = 0
    private var serials: Set<String> = []

    package static func load(_ path: String) throws(CryptoError) -> AuthorityIndex {
        try AuthorityIndex(text: try DurableFile.read(path), path: path)
    }

    package func state(of entry: Issued, at now: Int64) -> State {
        if let revocation = revoked[entry.serial] { return .revoked(revocation) }
        return entry.notAfter < now ? .expired : .valid
    }

    init(text: [UInt8], path: String) throws(CryptoError) {
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let head = lines.first.map(AuthorityIndex.fields) ?? []
        guard head.count == 3, head[0] == "twolists-ca", head[1] == "1" else {
            throw .malformed(what: path, reason: "line 1: not an index of this version")
        }
        guard lines.last?.isEmpty == true else {
            throw .malformed(what: path, reason: "the last line is cut off")
        }
        city = head[2]
        for (number, line) in lines.enumerated().dropFirst().dropLast() {
            guard let known = Line(AuthorityIndex.fields(line)), take(known) else {
                throw .malformed(what: path, reason: "line \(number + 1) cannot be read")
            }
        }
    }

    private static func fields(_ line: ArraySlice<UInt8>) -> [String] {
        line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// False when the line contradicts the ones before it.
    private mutating func take(_ line: Line) -> Bool {
        switch line {
        case .issued(let entry):
            issued.append(entry)
            return entry.identity.city == city && serials.insert(entry.serial).inserted
        case .revoked(let serial, let time, let reason):
            return serials.contains(serial)
                && revoked.updateValue(Revocation(time: time, reason: reason), forKey: serial) == nil
        case .list(let number, _, let end):
            defer { (listNumber, listEnd) = (number, end) }
            return number > listNumber
        }
    }
}

extension AuthorityIndex.Line {
    init?(_ fields: [String]) {
        switch (fields.first, fields.count) {
        case ("issued", 6):
            guard AuthorityIndex.Line.isSerial(fields[1]), let from = UTCTime.seconds(fields[2]),
                let to = UTCTime.seconds(fields[3]), let purpose = Purpose(rawValue: fields[4]),
                let identity = try? IdentityURI(fields[5]), identity.purpose == purpose
            else { return nil }
            self = .issued(
                AuthorityIndex.Issued(
                    serial: fields[1], notBefore: from, notAfter: to, purpose: purpose, identity: identity))
        case ("revoked", 4):
            guard AuthorityIndex.Line.isSerial(fields[1]), let time = UTCTime.seconds(fields[2]),
                let reason = RevocationReason(name: fields[3])
            else { return nil }
            self = .revoked(serial: fields[1], time: time, reason: reason)
        case ("crl", 4):
            guard let number = Int64(fields[1]), let from = UTCTime.seconds(fields[2]),
                let to = UTCTime.seconds(fields[3])
            else { return nil }
            self = .list(number: number, thisUpdate: from, nextUpdate: to)
        default: return nil
        }
    }

    private static func isSerial(_ text: String) -> Bool {
        guard let bytes = Hex.decode(text), text == text.lowercased() else { return false }
        return (1...Certificate.serialLimit).contains(bytes.count)
    }

    var text: String {
        let fields: [String] =
            switch self {
            case .issued(let entry):
                [
                    "issued", entry.serial, UTCTime.text(entry.notBefore), UTCTime.text(entry.notAfter),
                    entry.purpose.rawValue, entry.identity.description,
                ]
            case .revoked(let serial, let time, let reason):
                ["revoked", serial, UTCTime.text(time), reason.name]
            case .list(let number, let from, let to):
                ["crl", "\(number)", UTCTime.text(from), UTCTime.text(to)]
            }
        return fields.joined(separator: "\t")
    }
}
