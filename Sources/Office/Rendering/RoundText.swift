import Crypto
package import Exchange

/// A round that was worked out again.
extension ViewsText {
    package func verified(_ round: RoundVerification) -> [String] {
        let said = round.file.inputs.announcement
        var sheet = Sheet()
        sheet.add(t("轮次", "round"), Screen.clean("\(said.key) \(said.title)"))
        sheet.add(t("封存日期", "frozen"), round.file.inputs.frozenOn.text)
        sheet.add(t("封存摘要", "inputs digest"), round.inputsHex)
        sheet.add(t("密数承诺", "commitment"), round.commitmentHex)
        sheet.add(t("公开数", "public value"), Screen.clean("\(said.publicName)：\(round.file.publicValue)"))
        sheet.add(t("人员", "people"), "\(round.file.inputs.people.count)")
        sheet.add(t("岗位", "posts"), "\(round.file.inputs.posts.count)")
        sheet.add(t("已选岗", "placed"), "\(round.placed)")
        let good = t("核验通过：得分、排名、抽签、选岗逐行重算一致", "it holds: scores, order, draw and picks, line by line")
        return [screen.paint("✓ ", .green) + good] + sheet.lines(on: screen).map { "  " + $0 }
    }

    package func verdict(_ fault: RoundFault) -> [String] {
        let first =
            screen.paint("✗ ", .red) + t("未通过核验：", "it does not hold: ")
            + RoundTexts.fault(fault)[language]
        guard fault.kind == .differs else { return [first] }
        return [
            first, "  " + t("应为：", "ought to be: ") + shown(fault.expected),
            "  " + t("现为：", "stands there: ") + shown(fault.found),
        ]
    }

    package func notAsAnnounced(_ record: RoundRecord) -> [String] {
        [
            screen.paint("✗ ", .red) + t("未通过核验：", "it does not hold: ")
                + RoundTexts.notAsAnnounced(record)[language]
        ]
    }

    /// A line of the file, short enough for a screen.
    private func shown(_ line: String) -> String {
        let fields = Screen.clean(line.split(whereSeparator: \.isNewline).first.map { String($0) } ?? "")
        return fields.isEmpty ? t("(没有这一行)", "(no such line)") : String(fields.prefix(200))
    }
}

extension RoundVerification {
    package var inputsHex: String { Hex.encode(outcome.draw.inputsDigest) }
    package var commitmentHex: String { Hex.encode(file.inputs.announcement.commitment) }
    package var placed: Int { outcome.picking.turns.count { $0.post != nil } }

    package var json: JSON {
        .object([
            "verdict": .string("GOOD"), "city": .string(file.inputs.announcement.city),
            "round": .string(file.inputs.announcement.key), "inputs": .string(inputsHex),
            "commitment": .string(commitmentHex), "value": .string(file.publicValue),
            "people": .int(Int64(file.inputs.people.count)),
            "posts": .int(Int64(file.inputs.posts.count)), "placed": .int(Int64(placed)),
        ])
    }
}

extension RoundFault {
    package var json: JSON {
        .object([
            "verdict": .string(kind.rawValue), "line": .int(Int64(line)), "record": .string(record),
            "key": .string(key), "expected": .string(expected), "found": .string(found),
        ])
    }
}
