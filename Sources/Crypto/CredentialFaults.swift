/// What is wrong with a server's files, in words for its operator: which file, what, and how to mend it.
package struct CredentialFault: Sendable, Hashable {
    /// The file that has to be mended.
    package let path: String
    package let english: String
    /// Names the file without its directory: a screen elsewhere reads it.
    package let chinese: String

    /// - Parameters:
    ///   - what: what is wrong, in English and Chinese; `mend`: what to do.
    ///   - named: the English words name the file already.
    private init(_ path: String, what: (String, String), mend: (String, String), named: Bool = false) {
        self.path = path
        english = (named ? "" : path + ": ") + "\(what.0): \(mend.0)"
        chinese = "\(Self.name(path))：\(what.1)，请\(mend.1)"
    }

    private static func name(_ path: String) -> String {
        String(path.split(separator: "/").last ?? Substring(path))
    }
}

extension CredentialFault {
    static func unusable(_ path: String, _ error: CryptoError) -> CredentialFault {
        let chinese =
            switch error {
            case .fileMissing: "找不到文件"
            case .fileFailed: "文件读不了"
            case .tooLong: "文件太大"
            default: "内容不是所需要的证书、私钥或列表"
            }
        return CredentialFault(
            path, what: ("\(error)", chinese),
            mend: (
                "put the right file in its place, readable for the server's user", "放上正确的文件，并让服务器的用户能读"
            ), named: true)
    }

    static func keyOfAnother(_ pair: CredentialFiles.Pair) -> CredentialFault {
        CredentialFault(
            pair.key,
            what: (
                "the private key in \(pair.key) does not belong to the certificate in \(pair.certificate)",
                "私钥与证书\(name(pair.certificate))不是一对"
            ),
            mend: (
                "give the pair that was made together; while files are being replaced, put both in place and try again",
                "放上一同生成的那一对文件，再试一次"
            ), named: true)
    }

    static func notSM2(_ path: String) -> CredentialFault {
        CredentialFault(
            path,
            what: ("the key for the second signature is not an SM2 key", "第二签名的私钥不是SM2密钥"),
            mend: (
                "make one with `twolists ca request URI --sm2 yes`", "用 twolists ca request 身份 --sm2 yes 生成"
            ))
    }

    static func listOfStranger(_ path: String) -> CredentialFault {
        CredentialFault(
            path, what: ("a revocation list not signed by an authority of the CA file", "吊销列表不是CA文件里的机构签发的"),
            mend: ("take the list that `twolists ca crl` makes for this CA", "换上本机构用 twolists ca crl 签发的列表"))
    }

    static func listNotYetValid(_ path: String, from: Int64, now: Int64) -> CredentialFault {
        let (begin, now) = (UTCTime.text(from), UTCTime.text(now))
        return CredentialFault(
            path,
            what: (
                "the revocation list is valid from \(begin) on and it is \(now)",
                "吊销列表自\(begin)起有效，而现在是\(now)"
            ),
            mend: ("compare the clocks of this machine and the authority's", "核对本机与签发机构的时间"))
    }

    package static func listEnded(_ path: String, _ end: Int64) -> CredentialFault {
        CredentialFault(
            path,
            what: ("the revocation list ended at \(UTCTime.text(end))", "吊销列表已于\(UTCTime.text(end))过期"),
            mend: ("put a fresh one in place, made with `twolists ca crl`", "用 twolists ca crl 签发新的列表并放上"))
    }

    static func listMissing(_ path: String, _ authority: String) -> CredentialFault {
        CredentialFault(
            path,
            what: (
                "no revocation list of \(authority), an authority of the CA file: whoever has its certificate would be refused",
                "缺少CA文件里另一机构的吊销列表，它签发的证书都会被拒绝"
            ),
            mend: (
                "add its list to the file, or give it with a --crl of its own", "把它的列表加进这个文件，或另用一个 --crl 给出"
            ))
    }

    static func untrusted(_ path: String, _ purpose: Purpose, _ error: TrustError) -> CredentialFault {
        CredentialFault(path, what: (error.description, error.chinese), mend: mend(purpose, error))
    }

    /// The files are in order by themselves, and OpenSSL does not take them.
    package static func refusedByTLS(_ path: String, _ why: String) -> CredentialFault {
        CredentialFault(
            path, what: (why, "TLS不接受这些文件"),
            mend: (
                "give PEM files with a P-256 key, as `twolists ca` makes them", "换上 twolists ca 生成的文件"
            ))
    }

    private static func mend(_ purpose: Purpose, _ error: TrustError) -> (String, String) {
        switch error {
        case .expired, .revoked:
            (
                "make a new key and certificate (`twolists ca request`, `twolists ca issue`) and put both in place",
                "用 twolists ca request 重新申请，用 twolists ca issue 签发，放上新的证书和私钥"
            )
        case .notYetValid: ("compare the clocks of this machine and the authority's", "核对本机与签发机构的时间")
        case .unknownAuthority:
            (
                "put the issuing authority's certificate into the CA file, or take a certificate of this city",
                "把签发机构的证书加进CA文件，或换上本市签发的证书"
            )
        case .revocationUnknown:
            ("give a fresh list of its authority, made with `twolists ca crl`", "放上 twolists ca crl 签发的新列表")
        case .wrongPurpose, .noIdentity, .invalid:
            (
                "issue one for twolists://CITY/\(purpose.rawValue) (`twolists ca request`, `twolists ca issue`)",
                "为 twolists://城市/\(purpose.rawValue) 申请并签发证书"
            )
        }
    }
}

/// Every fault found in one reading; at least one.
package struct CredentialFaults: Error, Sendable, Hashable, CustomStringConvertible {
    package let faults: [CredentialFault]

    package init(_ faults: [CredentialFault]) { self.faults = faults }

    /// One line a fault.
    package var description: String { faults.map(\.english).joined(separator: "\n") }
}
