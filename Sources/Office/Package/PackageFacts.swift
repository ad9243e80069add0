package import Crypto
import Exchange
internal import Schema

/// What is said of a package on the screen, in JSON, and on the sheet of paper that travels with the disc.
package struct PackageFacts: Sendable, Hashable {
    package var sender: String
    package var receiver: String
    package var number: UInt64
    package var digest: Digest
    /// ns UTC
    package var created: Int64
    package var expires: Int64
    package var counts: PackageCounts

    init(
        sender: String, receiver: String, number: UInt64, digest: Digest, created: Int64, expires: Int64,
        counts: PackageCounts
    ) {
        (self.sender, self.receiver, self.number) = (sender, receiver, number)
        (self.digest, self.created, self.expires, self.counts) = (digest, created, expires, counts)
    }

    init(_ verified: VerifiedPackage, _ counts: PackageCounts) {
        let manifest = verified.manifest
        self.init(
            sender: manifest.sender, receiver: manifest.receiver, number: manifest.number,
            digest: verified.digest, created: manifest.created, expires: manifest.expires, counts: counts)
    }

    package var code: String { PackageCode(digest.bytes).text }

    package var json: JSON {
        .object([
            "sender": .string(sender), "receiver": .string(receiver), "number": .int(Int64(clamping: number)),
            "digest": .string(digest.hex), "check_code": .string(code), "created": .time(created),
            "expires": .time(expires), "counts": counts.json,
        ])
    }

    /// - Parameter names: of parties by key; a key without a name is shown as it is.
    package func lines(_ names: [String: String], _ language: Language) -> [PaperSheet.Line] {
        func line(_ label: Text, _ value: String) -> PaperSheet.Line {
            PaperSheet.Line(label: label[language], value: value)
        }
        func named(_ key: String) -> String { names[key].map { "\($0)(\(key))" } ?? key }
        let counts = counts.lines.map { "\($0.0[language]) \($0.1)" }.joined(
            separator: language == .zh ? "，" : ", ")
        return [
            line(Text("交出单位", "from"), named(sender)), line(Text("接收单位", "to"), named(receiver)),
            line(Text("编号", "number"), Text("第\(number)包", "\(number)")[language]),
            line(Text("制作时间", "made"), ShanghaiTime.screen(created)),
            line(Text("有效期至", "good until"), ShanghaiTime.screen(expires)),
            line(
                Text("内容", "content"),
                counts.isEmpty ? Text("无(仅确认收到)", "none but receipts")[language] : counts),
            line(Text("摘要", "digest"), digest.hex),
        ]
    }

    package func sheet(_ names: [String: String], _ language: Language) -> PaperSheet {
        PaperSheet(
            heading: Text("光盘交换交接单", "Hand-over of a disc")[language],
            words: Text(
                "接收单位打开交换包时，屏幕上的校验码应与本单一致；不一致的不得导入，并立即告知交出单位。",
                "When the package is opened the screen shows the same check code. If it does not, import nothing and tell the sender."
            )[language],
            lines: lines(names, language),
            signatures: [
                Text("交出人(签名)", "handed over by")[language], Text("接收人(签名)", "received by")[language],
            ], checkCode: code)
    }
}
