/// A profile: one text file that says which server to talk to and as whom. UTF-8, one `key = value` a line, `#` starts a
/// comment line, a byte order mark is accepted.
///
///     server      = 10.20.30.40:7443        host or host:port, IPv6 as [::1]:7443; port 7443 when left out
///     city        = 421300                  six digits; checked against the certificate
///     certificate = officer.crt             PEM; relative to the profile's own folder
///     key         = officer.key             PEM
///     ca          = ca.crt                  PEM
///     language    = zh                      optional: zh or en
///     server-identity = twolists://421300/server    optional: the identity expected of the server; this is the default
///     offline     = yes                     optional: queue whatever is typed, and connect for `outbox send` and for reading only
///     line        = none                    optional: there is no line to the server; discs go and come (PACKAGE.md)
///     revocations = ca.crl                  optional: the revocation list packages are judged by, PEM
///     sm2-certificate, sm2-key              optional: a second signature under packages, SM2 with SM3
///
/// Party and officer are not written here: they come from the certificate.
import Foundation

package struct Profile: Sendable, Hashable {
    /// A profile is a page of text; anything larger is the wrong file.
    package static let largestFileBytes = 64 * 1024
    package static let defaultPort: UInt16 = 7443

    package var file: String
    package var host: String
    package var port: UInt16
    /// The one URI in the server's certificate; host names prove nothing here (DESIGN.md 6).
    package var serverIdentity: String
    package var city: String
    /// Absolute, or relative to the working directory when the profile's own path is.
    package var certificatePath: String
    package var keyPath: String
    package var caPath: String
    package var language: Language?
    /// Commands go into the outbox, as with `--offline`.
    package var isOffline = false
    /// There is a line to the server; false: only discs.
    package var hasLine = true
    package var revocationsPath: String?
    package var secondPair: Pair?

    package struct Pair: Sendable, Hashable {
        package var certificate: String
        package var key: String
    }

    /// The file's name without folder and `.profile`.
    package var name: String {
        let last = (file as NSString).lastPathComponent
        return last.hasSuffix(".profile") ? String(last.dropLast(8)) : last
    }

    /// Where receipts and the commands they are about are kept: beside the profile, `NAME.receipts`. RECEIPT.md 8.
    package var receiptsPath: String {
        ((file as NSString).deletingLastPathComponent as NSString).appendingPathComponent(name + ".receipts")
    }

    /// Where the kinds of batches are kept, what is known of batches under way, and the answers to them: beside the profile, `NAME.batches`.
    package var batchesPath: String {
        ((file as NSString).deletingLastPathComponent as NSString).appendingPathComponent(name + ".batches")
    }

    /// Where packages are kept, and what came in them: beside the profile, `NAME.packages`.
    package var packagesPath: String {
        ((file as NSString).deletingLastPathComponent as NSString).appendingPathComponent(name + ".packages")
    }

    /// Where commands wait that have no judged answer yet: beside the profile, `NAME.outbox`.
    package var outboxPath: String {
        ((file as NSString).deletingLastPathComponent as NSString).appendingPathComponent(name + ".outbox")
    }
}

/// What is wrong with a profile, where, and how to mend it.
package struct ProfileError: Error, Sendable, Hashable {
    package var file: String
    /// From 1; nil when it is about the file as a whole.
    package var line: Int?
    package var problem: Text
    package var mend: Text

    /// `配置文件 x.profile 第3行：……。处理办法：……`
    package func text(_ language: Language) -> String {
        switch language {
        case .zh:
            "配置文件 \(file)" + (line.map { " 第\($0)行" } ?? "") + "：\(problem.zh)。处理办法：\(mend.zh)。"
        case .en:
            "profile \(file)" + (line.map { ", line \($0)" } ?? "") + ": \(problem.en). To mend: \(mend.en)."
        }
    }
}

extension Profile {
    private static let required = ["server", "city", "certificate", "key", "ca"]
    private static let optional = [
        "language", "server-identity", "offline", "line", "revocations", "sm2-certificate", "sm2-key",
    ]

    /// Reads a profile's text. `file` names it in errors; relative paths are taken from its folder.
    package static func parse(_ text: String, file: String) throws(ProfileError) -> Profile {
        let entries = try entries(of: text, file: file)
        for key in required where entries[key] == nil {
            throw ProfileError(
                file: file, line: nil, problem: Text("缺少“\(key)”一项", "“\(key)” is missing"),
                mend: Text("请加一行：\(key) = \(example(of: key))", "add a line: \(key) = \(example(of: key))"))
        }
        let (host, port) = try address(entries["server"], file: file)
        let city = try city(entries["city"], file: file)
        var profile = Profile(
            file: file, host: host, port: port,
            serverIdentity: entries["server-identity"]?.value ?? "twolists://\(city)/server", city: city,
            certificatePath: path(entries["certificate"], file), keyPath: path(entries["key"], file),
            caPath: path(entries["ca"], file), language: try language(entries["language"], file: file),
            isOffline: try yes(entries["offline"], file: file))
        profile.hasLine = try hasLine(entries["line"], file: file)
        if !profile.hasLine { profile.isOffline = true }
        profile.revocationsPath = entries["revocations"].map { path($0, file) }
        profile.secondPair = try second(entries["sm2-certificate"], entries["sm2-key"], file: file)
        return profile
    }

    private static func hasLine(_ entry: Entry?, file: String) throws(ProfileError) -> Bool {
        guard let entry else { return true }
        guard entry.value == "none" else {
            throw ProfileError(
                file: file, line: entry.line, problem: Text("line 只能写 none", "line can only be none"),
                mend: Text("不联网的写 line = none，联网的去掉这一行", "write line = none, or leave it out"))
        }
        return false
    }

    private static func second(
        _ certificate: Entry?, _ key: Entry?, file: String
    ) throws(ProfileError) -> Pair? {
        if certificate == nil, key == nil { return nil }
        guard let certificate, let key else {
            throw ProfileError(
                file: file, line: (certificate ?? key)?.line,
                problem: Text("sm2-certificate 和 sm2-key 要成对", "sm2-certificate and sm2-key go together"),
                mend: Text("请两项都写，或都不写", "write both, or neither"))
        }
        return Pair(certificate: path(certificate, file), key: path(key, file))
    }

    private struct Entry {
        var value: String
        var line: Int
    }

    private static func entries(of text: String, file: String) throws(ProfileError) -> [String: Entry] {
        var entries: [String: Entry] = [:]
        var number = 0
        for raw in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            let line = raw.trimmingCharacters(in: blank)
            if line.isEmpty || line.hasPrefix("#") { continue }
            let (key, value) = try pair(line, number, file)
            guard entries[key] == nil else {
                throw ProfileError(
                    file: file, line: number, problem: Text("“\(key)”写了两次", "“\(key)” is given twice"),
                    mend: Text("请只保留一行", "keep one of the lines"))
            }
            entries[key] = Entry(value: value, line: number)
        }
        return entries
    }

    private static let blank = CharacterSet.whitespaces.union(CharacterSet(charactersIn: "\u{FEFF}"))

    private static func pair(_ line: String, _ number: Int, _ file: String) throws(ProfileError) -> (
        String, String
    ) {
        guard let equals = line.firstIndex(where: { $0 == "=" || $0 == "＝" }) else {
            throw ProfileError(
                file: file, line: number, problem: Text("这一行没有等号“=”", "this line has no “=”"),
                mend: Text("每行写成：名称 = 内容；说明文字请以 # 开头", "write name = value; start remarks with #"))
        }
        let key = line[..<equals].trimmingCharacters(in: blank)
        let value = line[line.index(after: equals)...].trimmingCharacters(in: blank)
        guard required.contains(key) || optional.contains(key) else {
            let known = (required + optional).joined(separator: ", ")
            throw ProfileError(
                file: file, line: number,
                problem: Text("不认识的名称“\(Screen.clean(key))”", "unknown name “\(Screen.clean(key))”"),
                mend: Text("可用的名称：\(known)", "the names are \(known)"))
        }
        guard !value.isEmpty else {
            throw ProfileError(
                file: file, line: number, problem: Text("“\(key)”后面没有内容", "“\(key)” has no value"),
                mend: Text("例如：\(key) = \(example(of: key))", "for example: \(key) = \(example(of: key))"))
        }
        return (key, value)
    }

    private static func example(of key: String) -> String {
        switch key {
        case "server": "10.20.30.40:7443"
        case "city": "421300"
        case "certificate": "officer.crt"
        case "key": "officer.key"
        case "ca": "ca.crt"
        case "language": "zh"
        case "offline": "yes"
        case "line": "none"
        case "revocations": "ca.crl"
        case "sm2-certificate": "officer-sm2.crt"
        case "sm2-key": "officer-sm2.key"
        default: "twolists://421300/server"
        }
    }

    private static func path(_ entry: Entry?, _ file: String) -> String {
        guard let value = entry?.value else { return "" }
        if value.hasPrefix("/") { return value }
        return ((file as NSString).deletingLastPathComponent as NSString).appendingPathComponent(value)
    }

    private static func city(_ entry: Entry?, file: String) throws(ProfileError) -> String {
        guard let entry, entry.value.utf8.count == 6,
            entry.value.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else {
            throw ProfileError(
                file: file, line: entry?.line,
                problem: Text("市代码应为六位数字", "the city code is six digits"),
                mend: Text("随州市写 421300", "for Suizhou write 421300"))
        }
        return entry.value
    }

    private static func language(_ entry: Entry?, file: String) throws(ProfileError) -> Language? {
        guard let entry else { return nil }
        guard let language = Language(rawValue: entry.value) else {
            throw ProfileError(
                file: file, line: entry.line, problem: Text("语言只能是 zh 或 en", "the language is zh or en"),
                mend: Text("请写 language = zh", "write language = zh"))
        }
        return language
    }

    private static func yes(_ entry: Entry?, file: String) throws(ProfileError) -> Bool {
        guard let entry else { return false }
        guard entry.value == "yes" || entry.value == "no" else {
            throw ProfileError(
                file: file, line: entry.line, problem: Text("只能是 yes 或 no", "it is yes or no"),
                mend: Text("请写 offline = yes", "write offline = yes"))
        }
        return entry.value == "yes"
    }

    private static func address(_ entry: Entry?, file: String) throws(ProfileError) -> (String, UInt16) {
        guard let entry, let address = splitAddress(entry.value) else {
            throw ProfileError(
                file: file, line: entry?.line,
                problem: Text("服务器地址写法不对", "the server address is not well formed"),
                mend: Text("写成 主机:端口，如 10.20.30.40:7443", "write host:port, such as 10.20.30.40:7443"))
        }
        return address
    }

    /// `host`, `host:port`, `[v6]`, `[v6]:port`. nil when it is none of these or the port is not 1–65535.
    package static func splitAddress(_ text: String) -> (String, UInt16)? {
        let text = text.replacingOccurrences(of: "：", with: ":")
        guard !text.contains(where: \.isWhitespace) else { return nil }
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let host = String(text[text.index(after: text.startIndex)..<end])
            return host.isEmpty ? nil : port(String(text[text.index(after: end)...])).map { (host, $0) }
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let host = parts.first, !host.isEmpty else { return nil }
        return port(parts.count == 2 ? ":" + parts[1] : "").map { (String(host), $0) }
    }

    private static func port(_ text: String) -> UInt16? {
        if text.isEmpty { return defaultPort }
        guard text.hasPrefix(":"), let port = UInt16(text.dropFirst()), port > 0 else { return nil }
        return port
    }
}

extension Profile {
    /// Checks that the officer's certificate is of the profile's city.
    package func check(city certified: String) throws(ProfileError) {
        guard !certified.utf8.elementsEqual(city.utf8) else { return }
        throw ProfileError(
            file: file, line: nil,
            problem: Text(
                "city 写的是 \(city)，而证书属于 \(certified)",
                "city is \(city), but the certificate belongs to \(certified)"),
            mend: Text("请核对 city 和 certificate 两项", "check city and certificate"))
    }
}
