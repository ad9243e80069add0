/// When something that a server works with ends: a certificate, or a revocation list.
package struct Expiry: Sendable, Hashable {
    package enum Use: Sendable, Hashable {
        case server
        case journal
        case authority
        case revocationList
    }

    package let use: Use
    /// The identity URI of a certificate, the name of an authority or of a list's.
    package let name: String
    /// Big endian; empty for a list.
    package let serial: [UInt8]
    /// Seconds since 1970.
    package let ends: Int64

    package init(use: Use, name: String, serial: [UInt8], ends: Int64) {
        self.use = use
        self.name = name
        self.serial = serial
        self.ends = ends
    }

    /// How soon somebody has to do something.
    package enum Urgency: Sendable, Hashable {
        case fine
        case soon
        case ended
    }

    /// Days before its end at which a certificate is to be renewed: a third of its 90, and time for a holiday.
    package static let certificateDays: Int64 = 30
    /// The same for a list, which holds 30 days and is made anew every day by a timer: a week says that the timer stands still.
    package static let listDays: Int64 = 7

    private static let day: Int64 = 86_400

    /// Whole days left at `time` (seconds since 1970); below zero once it has ended.
    package func days(at time: Int64) -> Int64 {
        let (left, overflow) = ends.subtractingReportingOverflow(time)
        guard !overflow else { return ends > time ? .max : .min }
        return left >= 0 ? left / Self.day : (left + 1) / Self.day - 1
    }

    package func urgency(at time: Int64) -> Urgency {
        if ends <= time { return .ended }
        return days(at: time) < (use == .revocationList ? Self.listDays : Self.certificateDays)
            ? .soon : .fine
    }

    /// One line for the server's log.
    package func line(at time: Int64) -> String {
        let what = serial.isEmpty ? "\(noun) \(name)" : "\(noun) \(name), serial \(Hex.encode(serial)),"
        switch urgency(at: time) {
        case .fine: return "\(what) is good until \(UTCTime.text(ends)), \(days(at: time)) days left"
        case .soon: return "\(what) ends at \(UTCTime.text(ends)), \(days(at: time)) days left: \(mend)"
        case .ended: return "\(what) ended at \(UTCTime.text(ends)): \(mend)"
        }
    }

    private var noun: String {
        switch use {
        case .server: "the server's certificate"
        case .journal: "the journal's certificate"
        case .authority: "the authority's certificate"
        case .revocationList: "the revocation list of"
        }
    }

    private var mend: String {
        switch use {
        case .server, .journal:
            "renew it with `twolists ca request` and `twolists ca issue`, put both files in place and reload (SIGHUP)"
        case .authority: "make a new authority beside it (Certs/README.md, Rotation)"
        case .revocationList: "put a fresh one in place (`twolists ca crl`) and reload (SIGHUP)"
        }
    }
}

extension Credentials {
    /// Everything that ends, the server's own first.
    package var expiries: [Expiry] {
        var all = [server.certificate.expiry(.server)]
        if let journal { all.append(journal.certificate.expiry(.journal)) }
        if let journalSecond { all.append(journalSecond.certificate.expiry(.journal)) }
        all += trust.authorities.map { $0.expiry(.authority) }
        all += trust.lists.map { list in
            let authority = trust.authorities.first { list.isSigned(by: $0) }
            return Expiry(
                use: .revocationList, name: authority?.subject ?? "", serial: [], ends: list.nextUpdate)
        }
        return all
    }
}

extension Certificate {
    fileprivate func expiry(_ use: Expiry.Use) -> Expiry {
        let uri = uris.first.map { String(decoding: $0, as: UTF8.self) }
        return Expiry(use: use, name: uri ?? subject, serial: serial, ends: notAfter)
    }
}
