import Crypto
import Glibc
import Office

/// `twolists ca …`: the words behind `ca`, in Chinese or English; results to standard output, errors to standard error.
/// Gives the exit code: 0 done, 2 the command line is wrong, 11 a file, request or authority is.
func runCA(_ arguments: [String], chinese: Bool) -> Int32 {
    var command = CACommand(chinese: chinese)
    let status = command.run(arguments)
    write(command.output, to: STDOUT_FILENO)
    write(command.complaints, to: STDERR_FILENO)
    return status
}

private func write(_ text: String, to descriptor: Int32) {
    var rest = [UInt8](text.utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}

/// What was wrong with the words typed.
struct CAUsageError: Error {
    var zh: String
    var en: String
}

/// The command's logic: words in, text out; only files of the directories named are touched.
struct CACommand {
    private(set) var chinese: Bool
    private(set) var output = ""
    private(set) var complaints = ""
    /// Seconds since 1970.
    var now = UTCTime.now()

    init(chinese: Bool) { self.chinese = chinese }

    mutating func run(_ arguments: [String]) -> Int32 {
        do {
            let words = try CAWords(arguments)
            if let language = words["lang"] { chinese = language != "en" }
            try perform(words)
            return 0
        } catch let error as CAUsageError {
            complain(error.zh, error.en)
            complaints += usage
            return 2
        } catch let error as CryptoError {
            complain(error.chinese, error.description)
        } catch {
            complain("\(error)", "\(error)")
        }
        return 11
    }

    private mutating func perform(_ words: CAWords) throws {
        if words.verb == "help" { return say(usage, usage) }
        switch CAVerb(rawValue: words.verb) {
        case .initialise: try initialise(words)
        case .request: try request(words)
        case .issue: try issue(words)
        case .revoke: try revoke(words)
        case .crl: try renewList(words)
        case .show: try show(words)
        case .dev: try development(words)
        case nil:
            throw CAUsageError(zh: "没有“ca \(words.verb)”这个命令", en: "there is no command ca \(words.verb)")
        }
    }

    // MARK: What is printed

    mutating func say(_ zh: String, _ en: String) { output += (chinese ? zh : en) + "\n" }

    mutating func complain(_ zh: String, _ en: String) {
        complaints += (chinese ? zh + "。" : en + ".") + "\n"
    }

    private var usage: String {
        let language: Language = chinese ? .zh : .en
        let lines = CAVerb.allCases.map { $0.spec.usage(language) }
        let identity = "twolists://421300/county/421321/officer/k7f2"
        return
            ([chinese ? "用法：" : "usage:"] + lines + [
                chinese ? "身份：\(identity)；原因：\(reasons)" : "URI: \(identity); REASON: \(reasons)", "",
            ]).joined(separator: "\n")
    }

    private var reasons: String { RevocationReason.allCases.map(\.name).joined(separator: " | ") }

    // MARK: init, request, issue

    private mutating func initialise(_ words: CAWords) throws {
        let directory = try words.operands()[0]
        let city = try words.required("city")
        let authority = try CertificateAuthority.create(at: directory, city: city, now: now)
        say(
            "已建立 \(city) 证书机构：\(directory)。请把 ca.crt 和 ca.crl 发给各办公室；ca.key 只能留在这台机器上，请另存一份备份。",
            "made the authority of \(city) in \(directory). Give ca.crt and ca.crl to every office; ca.key never leaves this "
                + "machine, except for a backup kept apart.")
        say("机构证书指纹 \(authority.certificate.fingerprint)", "fingerprint \(authority.certificate.fingerprint)")
    }

    private mutating func request(_ words: CAWords) throws {
        let identity = try IdentityURI(try words.operands()[0])
        let name = words["out"] ?? identity.fileName
        let key = try PrivateKey.generate(words["sm2"] == "yes" ? .sm2SM3 : .ecdsaP256SHA256)
        let request = try CertificateRequest(identity: identity, key: key)
        try DurableFile.create(name + ".key", try key.pem(), mode: 0o600)
        try DurableFile.replace(name + ".csr", try request.pem(), mode: 0o644)
        say(
            "已生成私钥 \(name).key(只留在本机，不要发给任何人)和申请 \(name).csr(请交给市局)。",
            "made the key \(name).key (it stays on this machine, send it to nobody) and the request \(name).csr (for the bureau)."
        )
        say("身份     \(identity)", "identity     \(identity)")
        sayKeyFingerprint(request)
    }

    /// Read out on the telephone or compared face to face, so that nobody can put another request in the officer's place.
    private mutating func sayKeyFingerprint(_ request: CertificateRequest) {
        let print = Digest(of: request.publicKey.der)
        say("公钥指纹 \(print)(签发前请当面或电话核对)", "key fingerprint \(print) (compare it before issuing)")
    }

    private mutating func issue(_ words: CAWords) throws {
        let operands = try words.operands()
        let authority = try CertificateAuthority(directory: operands[0])
        let request = try CertificateRequest.load(path: operands[1])
        let days = try words.number("days", CertificateAuthority.endEntityDays)
        let certificate = try authority.issue(request, days: days, hosts: words.all("host"), now: now)
        let path = words["out"] ?? operands[1].replacingSuffix(".csr", with: ".crt")
        try DurableFile.replace(path, try certificate.pem(), mode: 0o644)
        say("已签发 \(path)", "issued \(path)")
        sayKeyFingerprint(request)
        describe(certificate)
    }

    // MARK: revoke, crl, show

    private mutating func revoke(_ words: CAWords) throws {
        let operands = try words.operands()
        guard let reason = RevocationReason(name: try words.required("reason")) else {
            throw CAUsageError(zh: "原因只能是 \(reasons)", en: "the reason must be \(reasons)")
        }
        let authority = try CertificateAuthority(directory: operands[0])
        try authority.revoke(serial: operands[1], reason: reason, now: now)
        say(
            "已吊销 \(operands[1])，吊销列表已更新：\(operands[0])/ca.crl。请把它放到服务器上。",
            "revoked \(operands[1]); the new list is \(operands[0])/ca.crl: put it on the server.")
    }

    private mutating func renewList(_ words: CAWords) throws {
        let directory = try words.operands()[0]
        let days = try words.number("days", CertificateAuthority.listDays)
        let list = try CertificateAuthority(directory: directory).renewList(now: now, days: days)
        describe(list)
    }

    private mutating func show(_ words: CAWords) throws {
        let path = try words.operands()[0]
        if DurableFile.exists(path + "/index.txt") { return try showAuthority(path) }
        let contents = try DurableFile.read(path)
        let names = PEM.decode(contents).map(\.name)
        if names.contains("X509 CRL") {
            for list in try RevocationList.all(contents: contents, what: path) { describe(list) }
        } else if names.contains(where: { $0.hasSuffix("CERTIFICATE REQUEST") }) {
            let request = try CertificateRequest(contents: contents, what: path)
            say("身份     \(request.identity)", "identity     \(request.identity)")
            sayKeyFingerprint(request)
        } else {
            describe(try Certificate(contents: contents, what: path))
        }
    }

    private mutating func showAuthority(_ directory: String) throws {
        let authority = try CertificateAuthority(directory: directory)
        let index = try authority.index()
        say("\(index.city) 证书机构", "authority of \(index.city)")
        describe(authority.certificate)
        say(
            "吊销列表第 \(index.listNumber) 号，\(UTCTime.text(index.listEnd)) 前有效",
            "revocation list \(index.listNumber), good until \(UTCTime.text(index.listEnd))")
        for entry in index.issued {
            let state = stateText(index.state(of: entry, at: now))
            output += "\(entry.serial)  \(UTCTime.text(entry.notAfter))  \(state)  \(entry.identity)\n"
        }
    }

    /// Words of one width, so that the columns stand below each other.
    private func stateText(_ state: AuthorityIndex.State) -> String {
        switch state {
        case .valid: chinese ? "有效" : "valid  "
        case .expired: chinese ? "过期" : "expired"
        case .revoked: chinese ? "吊销" : "revoked"
        }
    }

    private mutating func describe(_ certificate: Certificate) {
        let serial = Hex.encode(certificate.serial)
        let identity = certificate.uris.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
        if !identity.isEmpty { say("身份     \(identity)", "identity     \(identity)") }
        say("序列号   \(serial)", "serial       \(serial)")
        let (from, to) = (UTCTime.text(certificate.notBefore), UTCTime.text(certificate.notAfter))
        say("有效期   \(from) 至 \(to)", "valid        \(from) to \(to)")
        say("签发者   \(certificate.issuer)", "issuer       \(certificate.issuer)")
        say("证书指纹 \(certificate.fingerprint)", "fingerprint  \(certificate.fingerprint)")
    }

    private mutating func describe(_ list: RevocationList) {
        say(
            "吊销列表第 \(list.number) 号，\(UTCTime.text(list.nextUpdate)) 前有效，已吊销 \(list.entries.count) 个证书",
            "revocation list \(list.number), good until \(UTCTime.text(list.nextUpdate)), \(list.entries.count) revoked"
        )
        for (serial, entry) in list.entries.sorted(by: { $0.value.time < $1.value.time }) {
            let reason = RevocationReason(rawValue: entry.reason)?.name ?? "\(entry.reason)"
            output += "\(Hex.encode(serial))  \(UTCTime.text(entry.time))  \(reason)\n"
        }
    }
}

extension IdentityURI {
    /// What the holder's files are called.
    var fileName: String {
        switch holder {
        case .server: "server"
        case .journal: "journal"
        case .officer(_, _, let id): id
        }
    }
}

extension String {
    fileprivate func replacingSuffix(_ suffix: String, with other: String) -> String {
        hasSuffix(suffix) ? dropLast(suffix.count) + other : self + other
    }
}
