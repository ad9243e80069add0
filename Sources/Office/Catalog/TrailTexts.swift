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

    package static func more(_ count: UInt64) -> Text {
        Text("另有\(count)处", "and \(count) more")
    }
}
