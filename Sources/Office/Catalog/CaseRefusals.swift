import Schema

/// Texts of the refusals that only cases have.
enum CaseRefusals {
    static func of(_ outcome: Outcome) -> RefusalText? {
        switch outcome.refusal {
        case .chainOpen:
            RefusalText(
                wrong: Text(
                    "审核环节尚未走完，待“\(outcome.argument("party"))”签署",
                    "the review chain stands with “\(outcome.argument("party"))”"),
                mend: Text("请待其签署后再审核", "review it when that party has endorsed"))
        case .notYourTurn:
            RefusalText(
                wrong: outcome.argument("party").isEmpty
                    ? Text("各审核环节都已签署", "every party of the chain has endorsed")
                    : Text(
                        "现在轮到“\(outcome.argument("party"))”签署",
                        "it is the turn of “\(outcome.argument("party"))”"),
                mend: Text("不需要您再签署", "nothing is to be done by you"))
        case .materialsMissing:
            RefusalText(
                wrong: Text(
                    "必交材料不齐：\(list(outcome, "kinds"))", "documents are missing: \(list(outcome, "kinds"))"),
                mend: Text(
                    "请提报单位用 case hand-in 补交，或退回补正",
                    "the unit hands them in with case hand-in, or return the case"))
        case .tasksOpen:
            RefusalText(
                wrong: Text(
                    "必办分项尚未办结：第\(list(outcome, "tasks"))项",
                    "mandatory sub-tasks are not done: \(list(outcome, "tasks"))"),
                mend: Text("请待其办结，或由市局改派", "wait for them, or let the bureau reassign them"))
        case .fundShort:
            RefusalText(
                wrong: Text(
                    "关爱基金余额不足\(held(outcome).zh)", "the care fund holds too little\(held(outcome).en)"),
                mend: Text("请核对金额，用 fund show 查看余额", "check the amount; fund show tells what it holds"))
        default: nil
        }
    }

    private static func list(_ outcome: Outcome, _ name: String) -> String {
        outcome.argument(name).split(separator: "|").joined(separator: "、")
    }

    private static func held(_ outcome: Outcome) -> Text {
        guard let fen = Int64(outcome.argument("held")) else { return Text("", "") }
        return Text("（现有\(Money.text(fen))元）", " (\(Money.text(fen)) yuan)")
    }

    /// The parties of a refusal's `of`, where it is one that only cases have, or several; nil for none.
    static func parties(_ words: String) -> Text? {
        let names: [String: Text] = [
            "requester": Text("提报单位", "the party that filed it"),
            "responsible": Text("承办单位", "the handling party"), "bureau": Text("市局", "the bureau"),
            "reviewer": Text("审核环节单位", "a party of the review chain"),
            "township": Text("受转交的乡镇(街道)", "the township it was handed on to"),
            "tasked": Text("分项单位", "a party with a sub-task"),
        ]
        let found = words.split(separator: "|").compactMap { names[String($0)] }
        guard !found.isEmpty else { return nil }
        return Text(
            found.map(\.zh).joined(separator: "、"), found.map(\.en).joined(separator: " or "))
    }
}
