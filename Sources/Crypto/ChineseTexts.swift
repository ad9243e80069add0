/// What a clerk is told of an error of this module: Chinese, with nothing English left in the sentence. The English text stays the
/// `description`, for logs and `--lang en`.
///
/// Reasons are English texts with their arguments in them, so they are found by pattern: `*` stands for an argument, `$1` for its place in
/// the Chinese text. A test holds the table against every reason in the sources.
enum ChineseTexts {
    /// For a reason of libcrypto's or the system's that nobody here has words for.
    static let unknown = "原因请加 --lang en 查看"

    static func reason(_ english: String) -> String {
        for (pattern, chinese) in reasons {
            guard let arguments = match(pattern, [UInt8](english.utf8)) else { continue }
            return filled(chinese, arguments.map { String(decoding: $0, as: UTF8.self) })
        }
        return unknown
    }

    /// What an error is about: a path, or one of our own words.
    static func what(_ english: String) -> String {
        if let known = subjects[english] { return known }
        guard let found = match("* line *", [UInt8](english.utf8)) else { return english }
        return filled("$1 第$2行", found.map { String(decoding: $0, as: UTF8.self) })
    }

    static func operation(_ english: String) -> String { operations[english] ?? "处理" }

    private static func filled(_ text: String, _ arguments: [String]) -> String {
        var result = ""
        var rest = Array(text.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            if scalar == "$", let digit = rest.first, let place = Int(String(digit)),
                arguments.indices.contains(place - 1)
            {
                rest.removeFirst()
                result += arguments[place - 1]
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// What the stars of `pattern` stand for in `text`; nil when it does not fit. A star takes as little as it can, the last one the rest.
    private static func match(_ pattern: String, _ text: [UInt8]) -> [ArraySlice<UInt8>]? {
        let parts = pattern.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
            .map(Array.init)
        guard let first = parts.first, text.starts(with: first) else { return nil }
        var (rest, arguments) = (text.dropFirst(first.count), [ArraySlice<UInt8>]())
        for (index, part) in parts.enumerated().dropFirst() {
            let isLast = index == parts.count - 1
            guard let place = place(of: part, in: rest, atEnd: isLast) else { return nil }
            arguments.append(rest[rest.startIndex..<place])
            rest = rest[(place + part.count)...]
        }
        return rest.isEmpty ? arguments : nil
    }

    private static func place(of part: [UInt8], in text: ArraySlice<UInt8>, atEnd: Bool) -> Int? {
        guard text.count >= part.count else { return nil }
        let last = text.endIndex - part.count
        let candidates = atEnd ? last...last : text.startIndex...last
        return candidates.first { text[$0...].starts(with: part) }
    }
}

extension ChineseTexts {
    private static let subjects = [
        "certificate": "证书", "the signer's certificate": "签名人的证书", "certificate request": "证书申请",
        "identity": "身份", "identity URI": "身份", "days": "天数", "serial": "序列号", "CA file": "签发机构文件",
        "revocation list": "吊销列表", "private key": "私钥", "public key": "公钥",
    ]

    private static let operations = [
        "open": "打开", "stat": "查看", "read": "读取", "rename": "改名", "create": "新建", "chmod": "设置权限",
        "write": "写入", "fsync": "写盘", "mkdir": "新建目录", "lock": "加锁", "create authority": "建立签发机构",
    ]

    /// In order: the first that fits counts.
    private static let reasons: [(String, String)] = [
        // Certificates, requests, lists, keys.
        ("not a certificate (*)", "不是证书文件"),
        ("holds no certificate", "文件里没有证书"),
        ("holds no certificate request", "文件里没有证书申请"),
        ("holds *, no certificate", "文件里是 $1，没有证书"),
        ("* URI names; exactly one is required", "写有$1个身份，应恰好一个"),
        ("the serial number is negative or longer than * bytes", "序列号不合规定"),
        ("its times cannot be read", "有效期无法读取"),
        ("its subject alternative names are damaged", "身份一项已损坏"),
        ("not a certificate request (*)", "不是证书申请文件"),
        ("not signed by the key it asks a certificate for", "不是由申请人自己的私钥签名"),
        ("its key is for *; TLS needs P-256", "密钥算法是 $1，加密连接需要 P-256"),
        ("not a revocation list (*)", "不是吊销列表"),
        ("entry * cannot be read", "第$1项无法读取"),
        ("holds no X509 CRL", "文件里没有吊销列表"),
        ("not a private key (*)", "不是私钥文件"),
        (
            "the key is encrypted with a passphrase; store it unencrypted, mode 0600",
            "私钥带有口令；请存为不带口令、权限 0600 的文件"
        ),
        ("holds *, no private key", "文件里是 $1，没有私钥"),
        ("not a public key (*)", "不是公钥"),
        ("a key of kind *; expected P-256 or SM2", "密钥种类是 $1，应为 P-256 或 SM2"),
        ("* is not an authority's certificate", "其中有的证书不是签发机构的"),
        ("not signed by an authority of the CA file", "不是由签发机构文件里的机构签名"),
        ("not the key of *", "与证书 $1 不配套"),
        ("* names no officer", "写的不是人员身份：$1"),
        // What travels on discs.
        ("its key is not on P-256", "密钥不是 P-256 的，不能用来加密交换包"),
        ("not a detached signature with one certificate", "不是带一个证书的分离签名"),
        ("not written in its one form", "写法不合规定"),
        // The authority.
        ("there is one already", "这里已有签发机构"),
        (
            "holds an authority that is not of development or begins later than the demonstration: give another folder",
            "里的签发机构不是开发用的，或者晚于演示起始日，请另用一个文件夹"
        ),
        ("* is not of city *", "$1 不属于城市$2"),
        ("* is no server and gets no host names", "$1 不是服务器，不能带主机名"),
        ("*, not 1...*", "是$1，应在1到$2之间"),
        ("the authority itself ends at *: make a new one first", "签发机构自身的证书于 $1 到期，请先建立新的签发机构"),
        ("* was not issued by this authority", "$1 不是本机构签发的"),
        ("* is revoked already", "$1 已经吊销"),
        ("does not belong to ca.crt", "与 ca.crt 不配套"),
        ("line 1: not an index of this version", "第1行：不是本版本的签发目录"),
        ("the last line is cut off", "最后一行不完整"),
        ("line * cannot be read", "第$1行无法读取"),
        ("names nobody", "没有写任何人"),
        ("is the authority of *, not *", "是城市$1的签发机构，不是$2的"),
        // Identities.
        ("a part contains a slash", "有一段含有斜杠"),
        ("does not begin with *", "应以 $1 开头"),
        ("the city is not six digits", "城市代码应为六位数字"),
        ("neither CITY/server, CITY/journal nor CITY/KIND/PARTY/officer/ID", "写法应为“城市/类别/单位/officer/编号”"),
        (
            "the party's kind is not bureau, county, unit, department or township",
            "单位类别应为 bureau、county、unit、department 或 township"
        ),
        ("an empty component", "有一段是空的"),
        ("a component of more than * bytes", "有一段超过$1字节"),
        ("a character other than A-Z, a-z, 0-9 and -", "只能用字母、数字和连字符"),
        // The system's own.
        ("not a regular file", "不是普通文件"),
        ("No such file or directory", "没有这个文件或目录"),
        ("Permission denied", "没有权限"),
        ("Operation not permitted", "没有权限"),
        ("No space left on device", "磁盘已满"),
        ("Disk quota exceeded", "超出磁盘配额"),
        ("Read-only file system", "磁盘为只读"),
        ("Is a directory", "这是一个目录"),
        ("Not a directory", "路径中有一段不是目录"),
        ("File exists", "文件已存在"),
        ("Input/output error", "磁盘读写出错"),
        ("Too many open files", "打开的文件太多"),
    ]
}
