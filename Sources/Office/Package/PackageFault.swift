package import Crypto

/// Why a package is refused; nothing of it was acted on. The names are those of PACKAGE.md 3.
package enum PackageFault: Error, Sendable, Hashable {
    /// FORM: no package, or one that was changed where only one spelling is right. `where`: member, or a field of the manifest.
    case form(at: String)
    /// SIZE: bytes expected, bytes there.
    case size(expected: Int, found: Int)
    /// SIGNATURE: by the algorithm's name.
    case signature(String)
    /// CERTIFICATE
    case certificate(TrustError)
    /// CERTIFICATE: good, but of another party than the sender, or of another officer than the first signature's.
    case signer(String)
    /// MEMBER
    case member(String)
    /// TIME: ns UTC.
    case expired(Int64)
    case fromTheFuture(Int64)
    /// READER
    case notForUs(receiver: String)
    case noKeyOfOurs
    /// CONTENT
    case content(String)
    /// READABLE: it is to be set aside, and opens.
    case readable
    /// NUMBER: PACKAGE.md 5.
    case gap(ClosedRange<UInt64>)
    case fork(UInt64)
    /// Whom the package would be for, when no certificate of theirs is known.
    case noReader(String)
    /// The file itself cannot be read or written.
    case file(String, reason: String)
}

extension PackageFault {
    /// The condition that does not hold, as PACKAGE.md 3 names it.
    package var condition: String {
        switch self {
        case .form: "FORM"
        case .size: "SIZE"
        case .signature: "SIGNATURE"
        case .certificate, .signer: "CERTIFICATE"
        case .member: "MEMBER"
        case .expired, .fromTheFuture: "TIME"
        case .notForUs, .noKeyOfOurs: "READER"
        case .content: "CONTENT"
        case .readable: "READABLE"
        case .gap, .fork: "NUMBER"
        case .noReader: "READERS"
        case .file: "FILE"
        }
    }

    package var text: Text {
        switch self {
        case .form(let place):
            Text("不是交换包，或已被改动(\(place))", "it is no package, or was changed (\(place))")
        case .size(let expected, let found):
            found < expected
                ? Text(
                    "交换包不完整：应有\(expected)字节，实有\(found)字节；请重新复制或请对方重制",
                    "it is not whole: \(found) of \(expected) bytes; copy it again or have it made again")
                : Text(
                    "交换包后面多出\(found - expected)字节",
                    "there are \(found - expected) bytes behind its end")
        case .signature(let algorithm):
            Text("签名不符(\(algorithm))：清单被改动或系伪造", "the signature (\(algorithm)) does not hold")
        case .certificate(let fault): Text("签名\(fault.chinese)", "its signer: \(fault)")
        case .signer(let identity):
            Text("签名人不属于制包单位(\(identity))", "it is signed by \(identity), not by its sender")
        case .member(let name): Text("\(name) 已损坏或被改动", "\(name) is damaged or was changed")
        case .expired(let time):
            Text(
                "已于 \(ShanghaiTime.screen(time)) 过期；请向制包单位核实，属实的用 package open --expired 打开，否则后面的包都接不上",
                "it expired at \(ShanghaiTime.screen(time)): ask whoever made it, then open it with package open --expired; no later package can follow without it"
            )
        case .fromTheFuture(let time):
            Text(
                "制包时间 \(ShanghaiTime.screen(time)) 晚于本机时间，请核对两边的时钟",
                "it was made at \(ShanghaiTime.screen(time)), later than this machine's time: is a clock wrong?"
            )
        case .notForUs(let receiver):
            Text("收件单位是 \(receiver)，不是本单位", "it is for \(receiver), not for this party")
        case .noKeyOfOurs:
            Text(
                "不是加密给本证书的；请由收件单位的其他人员打开。谁也打不开的，用 package open --set-aside 记为未读，请对方在下一包重送",
                "it is not sealed to this certificate: let another officer open it. If nobody can, set it aside with package open --set-aside: the next one tells it again"
            )
        case .content(let what):
            Text(
                "内容不符合规定(\(what))；软件已是最新版的，用 package open --set-aside 记为未读，请对方在下一包重送",
                "its content is not what it should be (\(what)); with the newest release, set it aside with package open --set-aside: the next one tells it again"
            )
        case .readable:
            Text(
                "这一包打得开，不必记为未读；请去掉 --set-aside 直接打开",
                "it can be opened, so it is not set aside: open it without --set-aside")
        case .gap(let missing):
            PackageRefusals.missing(String(missing.lowerBound), String(missing.upperBound))
        case .fork(let number):
            Text(
                "第\(number)包与以前的不是同一份，或与上一包不相衔接，请与对方核对交接单上的校验码",
                "package \(number) is another than the one known, or follows another: compare the check codes of the sheets"
            )
        case .noReader(let party):
            Text(
                "没有 \(party) 人员的证书，无法加密；请用 --reader 指定对方的证书文件",
                "there is no certificate of \(party) to seal it to; give one with --reader")
        case .file(let path, let reason): Text("文件 \(path) 读写失败：\(reason)", "file \(path): \(reason)")
        }
    }
}
