import Crypto
package import TwoListsClient

/// What clerks are told of receipts and of the server's history. RECEIPT.md 4 and 7.
package enum ReceiptTexts {
    /// Somebody must decide; the clerk cannot. So: what was found, where the evidence lies, whom to tell.
    package static func alarm(_ alarm: HistoryAlarm) -> Text {
        let (what, held) = (found(alarm), "\(alarm.heldSize)")
        let when = ShanghaiTime.screen(alarm.heldTime)
        let zhKept = alarm.evidence.map { "证据已存为 \($0)。" } ?? ""
        let enKept = alarm.evidence.map { "The evidence is in \($0). " } ?? ""
        return Text(
            "警报：服务器的存证记录与本机已核验的不符：\(what.zh)。本机持有 \(when) 签名的 \(held) 条记录的凭证。\(zhKept)"
                + "请立即报告市局安全管理员，在其确认之前不要依赖服务器上的办理结果。",
            "ALARM: the server's records are not those proven to this machine before: \(what.en). This machine holds a signature of "
                + "\(when) over \(held) records. \(enKept)Tell the bureau's security administrator at once, and rely on nothing the server shows "
                + "before they have confirmed it.")
    }

    /// Not an alarm: somebody has answered for it. What is lost can be filed again.
    package static func restored(_ restoration: HistoryRestoration) -> Text {
        guard restoration.isConfirmed else {
            return Text(
                "系统已从备份恢复，等待安全管理员确认。确认之前请不要依赖服务器上的办理结果，也不要重新提报。",
                "The system was restored from a backup and awaits the security administrator's confirmation. Until then rely on nothing it "
                    + "shows, and file nothing again.")
        }
        let (to, at) = (
            ShanghaiTime.screen(restoration.keptTime), ShanghaiTime.screen(restoration.restoredAt)
        )
        let reason = Screen.clean(restoration.reason)
        return Text(
            "系统已恢复到 \(to)：此后的 \(restoration.lostRecords) 条记录已不在系统中（\(at) 恢复，安全管理员已确认；原因：\(reason)）。"
                + "用 twolists receipt lost 查看本机受影响的命令，用 twolists receipt refile 重新提报。",
            "The system was restored to \(to): the \(restoration.lostRecords) records after it are gone (restored \(at), confirmed by the "
                + "security administrator; reason: \(reason)). See which of yours are lost with twolists receipt lost, and file them again "
                + "with twolists receipt refile.")
    }

    private static func found(_ alarm: HistoryAlarm) -> Text {
        let shown = alarm.shownSize.map { "\($0)" }
        return switch alarm.kind {
        case .shorter:
            Text(
                shown.map { "记录变少了，现在只有 \($0) 条" } ?? "服务器没有本机已核验的那些记录",
                shown.map { "there are fewer, only \($0)" } ?? "the server does not have those proven before")
        case .different: Text("同样位置的记录被换成了别的", "other records stand in their place")
        case .otherStore: Text("这是另一套记录", "they are another store's")
        }
    }

    package static func notKept(_ error: ClientError) -> Text {
        Text(
            "注意：存证记录的核验结果无法保存(\(error.detail))。请检查配置目录的权限和磁盘空间。",
            "Note: what was verified of the server's records could not be saved (\(error.detail)). Check the profile's folder and the disk."
        )
    }

    package static func wrong(_ command: [UInt8], _ failure: ReceiptFailure) -> Text {
        let id = Hex.encode(command)
        let what = check(failure.check)
        return Text(
            "注意：命令 \(id) 已有答复，但存证回执未通过核验：\(what.zh)。回执已保留，请告知市局系统管理员。",
            "Note: command \(id) has its answer, but its receipt does not hold: \(what.en) (\(failure.detail)). It is kept; tell the "
                + "bureau's system administrator.")
    }

    package static func incomplete(_ command: [UInt8], _ error: ClientError) -> Text {
        let id = Hex.encode(command)
        return Text(
            "注意：命令 \(id) 已有答复，但存证回执还不完整；联网后用 twolists receipt fetch \(id) 补全。",
            "Note: command \(id) has its answer, but its receipt is not whole yet (\(error.detail)); complete it with twolists receipt fetch \(id)."
        )
    }

    /// Why a receipt does not hold, for a person.
    package static func check(_ check: ReceiptFailure.Check) -> Text {
        switch check {
        case .form: Text("不是完整的回执，或已损坏", "it is no receipt, or damaged")
        case .store: Text("回执的各部分不属于同一份存证", "its parts belong to different receipts")
        case .envelope: Text("回执与这份命令内容不符", "it is about another command")
        case .inclusion: Text("这条命令不在存证记录之中", "the command does not stand in the journal")
        case .unsigned: Text("没有签名，不能作为凭证", "nobody has signed it")
        case .certificate: Text("签名证书在当时不是本市存证服务的有效证书", "its signer was not the city's journal then")
        case .signature: Text("签名不符，可能是伪造或已损坏", "its signature does not fit: forged or damaged")
        case .consistency: Text("两份回执不属于同一部历史", "the two are not of one history")
        }
    }
}
