package import TwoListsClient

/// What an auditor is told of an exported trail that does not hold. TRAIL.md 3.
package enum TrailTexts {
    package static func check(_ check: TrailFailure.Check) -> Text {
        switch check {
        case .form: Text("不是完整的审计导出文件，或已损坏", "it is no exported trail, or damaged")
        case .order: Text("记录有缺少、增加、重复或顺序被改动", "records are missing, added, repeated or moved")
        case .record: Text("有记录被改动", "records were changed")
        case .range:
            Text(
                "记录与签名的存证不符，有记录连同其摘要被改动",
                "the records are not those signed for; some were changed with their hashes")
        case .unsigned: Text("没有签名，不能作为凭证", "nobody has signed it")
        case .certificate: Text("签名证书在当时不是本市存证服务的有效证书", "its signer was not the city's journal then")
        case .signature: Text("签名不符，可能是伪造或已损坏", "its signature does not fit: forged or damaged")
        }
    }

    package static func fault(_ named: TrailFailure.Named) -> Text {
        let number = named.sequence
        return switch named.fault {
        case .added: Text("第\(number)条：不在导出范围内，是后加的", "record \(number): added, it is not of this range")
        case .changed: Text("第\(number)条：内容被改动", "record \(number): changed")
        case .missing: Text("第\(number)条：缺少", "record \(number): missing")
        case .moved: Text("第\(number)条：不在原来的位置", "record \(number): moved")
        case .repeated: Text("第\(number)条：重复", "record \(number): repeated")
        }
    }

    /// What was asked for by a call that is no command, `twolists.v1.Ledger/GetCase`.
    package static func call(_ name: String) -> Text {
        calls[name] ?? Text(name, name)
    }

    /// Of the outcome's column: a line that wraps is better than a refusal without its reason.
    package static let reasonWidth = 32

    private static let calls: [String: Text] = [
        "twolists.v1.Ledger/GetRequest": Text("查看需求", "show a request"),
        "twolists.v1.Ledger/RequestHistory": Text("查看需求经过", "show a request's history"),
        "twolists.v1.Ledger/GetCase": Text("查看安置事项", "show a case"),
        "twolists.v1.Ledger/CaseHistory": Text("查看安置事项经过", "show a case's history"),
        "twolists.v1.Ledger/GetCareFund": Text("查看关爱基金", "show the care fund"),
        "twolists.v1.Ledger/Watch": Text("查看变化", "watch"),
        "twolists.v1.Rounds/GetRound": Text("查看选岗轮次", "show a round"),
        "twolists.v1.Rounds/History": Text("查看选岗经过", "show a round's history"),
        "twolists.v1.Rounds/ListPosts": Text("查看岗位", "list posts"),
        "twolists.v1.Rounds/Ranking": Text("查看排名", "show the ranking"),
        "twolists.v1.Rounds/ListPeople": Text("查看人员得分", "list scores"),
        "twolists.v1.Rounds/GetFile": Text("取公布文件", "fetch the published file"),
        "twolists.v1.Packages/ListLedgers": Text("查看交换包台账", "list package ledgers"),
        "twolists.v1.Packages/GetLedger": Text("查看交换包台账", "show a package ledger"),
        "twolists.v1.Packages/ReadAs": Text("为光盘交换取数", "read for a package"),
        "twolists.v1.Trail/List": Text("查看审计记录", "list the trail"),
        "twolists.v1.Trail/Head": Text("导出审计记录", "export the trail"),
        "twolists.v1.Trail/Records": Text("导出审计记录", "export the trail"),
        "twolists.v1.Admin/Reload": Text("重新读取证书", "reload certificates"),
        "twolists.v1.Admin/ListCertificates": Text("查看证书期限", "list certificates"),
        "twolists.v1.Admin/ListLimits": Text("查看限额", "list limits"),
        "twolists.v1.Admin/ListConnections": Text("查看连接", "list connections"),
        "twolists.v1.Admin/ListStreams": Text("查看调用", "list calls under way"),
        "twolists.v1.Attachments/Fetch": Text("取回附件", "fetch an attachment"),
        "twolists.v1.Backup/CopyData": Text("复制数据备份", "copy the store away"),
        "twolists.v1.Backup/CopyKeys": Text("复制密钥备份", "copy the keys away"),
        "twolists.v1.Exchange/Import": Text("导入命令文件", "hand in a command's file"),
    ]

    package static func unrecorded(_ count: UInt64) -> Text {
        Text("（此前另有\(count)次被拒，未逐次登记）", " (\(count) more were refused before and not recorded one by one)")
    }

    package static func more(_ count: UInt64) -> Text {
        Text("另有\(count)处", "and \(count) more")
    }
}
