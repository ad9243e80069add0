// What a server shows, whom it believes and what it signs its journal with: read from its files at once and judged as a whole before
// anything uses it, at the start and at every reload. Nothing here is swapped; that is the server's business.

/// Where the files are.
package struct CredentialFiles: Sendable {
    package struct Pair: Sendable {
        package var certificate: String
        package var key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    package var server: Pair
    /// The CA file: the certificates of all authorities believed.
    package var authorities: String
    /// Revocation lists; none: revocation is not checked, which somebody has said aloud.
    package var lists: [String]
    /// Nil: the journal is not signed.
    package var journal: Pair?
    /// For a second signature, SM2 with SM3; nil: there is none.
    package var journalSecond: Pair?

    package init(
        server: Pair, authorities: String, lists: [String], journal: Pair?, journalSecond: Pair? = nil
    ) {
        self.journalSecond = journalSecond
        self.server = server
        self.authorities = authorities
        self.lists = lists
        self.journal = journal
    }
}

/// The files' content, found good.
package struct Credentials: Sendable {
    package struct File: Sendable {
        package let path: String
        package let bytes: [UInt8]

        fileprivate init(_ path: String, limit: Int) throws(CryptoError) {
            self.path = path
            bytes = try DurableFile.read(path, limit: limit)
        }
    }

    package struct Pair: Sendable {
        package let certificate: Certificate
        package let key: PrivateKey
        /// As read: the certificate's file may hold a chain.
        package let certificateFile: File
        package let keyFile: File
    }

    package let server: Pair
    package let authorityFile: File
    package let listFiles: [File]
    package let trust: TrustStore
    package let journal: Pair?
    package let journalSecond: Pair?

    /// Reads every file once, so that what is judged is what is used, and looks at all before it refuses: whoever mends the files learns of
    /// every fault at once.
    /// - Parameter time: now, seconds since 1970.
    package static func read(
        _ files: CredentialFiles, at time: Int64
    ) throws(CredentialFaults) -> Credentials {
        var reading = CredentialReading(time: time)
        let authorities = reading.authorities(files.authorities)
        let lists = reading.lists(files.lists, authorities?.certificates)
        let trust = reading.trust(authorities?.certificates, lists.flatMap(\.lists))
        let server = reading.pair(files.server, .server, trust)
        let journal = files.journal.flatMap { reading.pair($0, .journal, trust) }
        let second = files.journalSecond.flatMap { reading.second($0, trust) }
        guard reading.faults.isEmpty, let authorities, let trust, let server else {
            throw CredentialFaults(reading.faults)
        }
        return Credentials(
            server: server, authorityFile: authorities.file, listFiles: lists.map(\.file), trust: trust,
            journal: journal, journalSecond: second)
    }

    /// The journal's pair alone, for a store that is made before there is a server. Without a CA file, who issued the certificate is not
    /// looked at. `second`: for the second signature.
    package static func readJournal(
        _ pair: CredentialFiles.Pair, authorities path: String?, lists paths: [String], at time: Int64,
        second: Bool = false
    ) throws(CredentialFaults) -> Pair {
        var reading = CredentialReading(time: time)
        let authorities = path.flatMap { reading.authorities($0) }
        let lists = reading.lists(paths, authorities?.certificates)
        let trust = reading.trust(authorities?.certificates, lists.flatMap(\.lists))
        let journal = second ? reading.second(pair, trust) : reading.pair(pair, .journal, trust)
        guard reading.faults.isEmpty, let journal else { throw CredentialFaults(reading.faults) }
        return journal
    }
}

/// One pass over the files; what is wrong is kept.
private struct CredentialReading {
    let time: Int64
    var faults: [CredentialFault] = []
    /// What the lists lack is told once, not again with every certificate that they leave undecided.
    private var listsAreFaulty = false

    init(time: Int64) { self.time = time }

    mutating func authorities(_ path: String) -> (file: Credentials.File, certificates: [Certificate])? {
        attempt(path) { () throws(CryptoError) in
            let file = try Credentials.File(path, limit: Certificate.fileLimit)
            let certificates = try TrustStore.authorities(contents: file.bytes, what: path)
            _ = try TrustStore(authorities: certificates)
            return (file, certificates)
        }
    }

    mutating func lists(
        _ paths: [String], _ authorities: [Certificate]?
    ) -> [(file: Credentials.File, lists: [RevocationList])] {
        let before = faults.count
        var found: [(file: Credentials.File, lists: [RevocationList])] = []
        for path in paths {
            let read = attempt(path) { () throws(CryptoError) in
                let file = try Credentials.File(path, limit: RevocationList.lengthLimit)
                return (file: file, lists: try RevocationList.all(contents: file.bytes, what: path))
            }
            if let read { found.append(read) }
        }
        guard let authorities, !paths.isEmpty else { return found }
        for (file, lists) in found { judge(lists, file.path, authorities) }
        if faults.count == before { missing(found.flatMap(\.lists), authorities, paths) }
        listsAreFaulty = faults.count > before
        return found
    }

    private mutating func judge(_ lists: [RevocationList], _ path: String, _ authorities: [Certificate]) {
        for list in lists {
            if !authorities.contains(where: { list.isSigned(by: $0) }) {
                faults.append(.listOfStranger(path))
            } else if list.thisUpdate > time {
                faults.append(.listNotYetValid(path, from: list.thisUpdate, now: time))
            } else if list.nextUpdate <= time {
                faults.append(.listEnded(path, list.nextUpdate))
            }
        }
    }

    /// An authority without a list: whoever has its certificate would be refused. One that has ended vouches for nobody.
    private mutating func missing(
        _ lists: [RevocationList], _ authorities: [Certificate], _ paths: [String]
    ) {
        for authority in authorities where authority.notAfter > time {
            if lists.contains(where: { $0.isSigned(by: authority) }) { continue }
            faults.append(.listMissing(paths.first ?? "", authority.subject))
        }
    }

    /// Nil when there are no authorities, or when one of the lists is not theirs.
    mutating func trust(_ authorities: [Certificate]?, _ lists: [RevocationList]) -> TrustStore? {
        guard let authorities else { return nil }
        return try? TrustStore(authorities: authorities, lists: listsAreFaulty ? [] : lists)
    }

    mutating func pair(
        _ paths: CredentialFiles.Pair, _ purpose: Purpose, _ trust: TrustStore?
    ) -> Credentials.Pair? {
        let certificate = attempt(paths.certificate) { () throws(CryptoError) in
            let file = try Credentials.File(paths.certificate, limit: Certificate.fileLimit)
            return (file: file, value: try Certificate(contents: file.bytes, what: paths.certificate))
        }
        let key = attempt(paths.key) { () throws(CryptoError) in
            let file = try Credentials.File(paths.key, limit: PrivateKey.keyFileLimit)
            return (file: file, value: try PrivateKey(contents: file.bytes, what: paths.key))
        }
        guard let certificate else { return nil }
        judge(certificate.value, paths.certificate, purpose, trust)
        guard let key else { return nil }
        guard certificate.value.matches(key.value) else {
            faults.append(.keyOfAnother(paths))
            return nil
        }
        return Credentials.Pair(
            certificate: certificate.value, key: key.value, certificateFile: certificate.file,
            keyFile: key.file)
    }

    /// The journal's second pair: its key is SM2's.
    mutating func second(_ paths: CredentialFiles.Pair, _ trust: TrustStore?) -> Credentials.Pair? {
        guard let pair = pair(paths, .journal, trust) else { return nil }
        guard pair.key.algorithm == .sm2SM3 else {
            faults.append(.notSM2(paths.key))
            return nil
        }
        return pair
    }

    private mutating func judge(
        _ certificate: Certificate, _ path: String, _ purpose: Purpose, _ trust: TrustStore?
    ) {
        do throws(TrustError) {
            guard let trust else { return try certificate.check(purpose, at: time) }
            let asks = !trust.lists.isEmpty && !listsAreFaulty
            try trust.verify(certificate, purpose: purpose, at: time, revocation: asks ? .current : .recorded)
        } catch {
            faults.append(.untrusted(path, purpose, error))
        }
    }

    private mutating func attempt<Value>(
        _ path: String, _ body: () throws(CryptoError) -> Value
    ) -> Value? {
        do throws(CryptoError) {
            return try body()
        } catch {
            faults.append(.unusable(path, error))
            return nil
        }
    }
}

extension Certificate {
    /// What a certificate tells of itself: times, purpose, identity. Who issued it is not looked at.
    fileprivate func check(_ purpose: Purpose, at time: Int64) throws(TrustError) {
        if time < notBefore { throw .notYetValid(at: time, notBefore: notBefore) }
        if time >= notAfter { throw .expired(at: time, notAfter: notAfter) }
        try TrustStore.identify(self, as: purpose)
    }
}
