internal import Crypto
package import Exchange

/// The sheets of a published round (选岗确认表), as paper. What they say and their check codes follow from the published file alone (ROUND.md 5); the
/// whole name, where the office may know it, is no part of the code.
package struct ConfirmationSheets: Sendable {
    private let round: RoundVerification
    private let sheets: [RoundSheet]
    private let codes: CodeNames
    private let language: Language

    /// Why there is nothing to print.
    package enum Fault: Error, Sendable, Hashable {
        /// The person got no post in the round, or is not in it.
        case noPost(String)
        /// None of the office's own people got one.
        case noneOfOurs
    }

    /// - Parameter round: the published file, worked out again: nothing is printed of one that does not hold.
    package init(_ round: RoundVerification, codes: CodeNames, language: Language) {
        (self.round, self.codes, self.language) = (round, codes, language)
        sheets = round.outcome.sheets(round.file.inputs)
    }

    /// Those of one person, or of everybody in `names`; nil `names`: of all, as a file alone has it.
    /// - Parameters:
    ///   - city: whose round it is, for the heading; may be empty.
    ///   - names: whole names by person's key, of those whom the office may know.
    package func papers(
        of person: String?, names: [String: String]?, city: String
    ) throws(Fault) -> [PaperSheet] {
        let wanted = sheets.filter { sheet in
            guard let person else { return names.map { $0[sheet.person.key] != nil } ?? true }
            return haveSameBytes(sheet.person.key, person)
        }
        if let person, wanted.isEmpty { throw .noPost(person) }
        guard !wanted.isEmpty else { throw .noneOfOurs }
        return wanted.map { paper($0, name: names?[$0.person.key], city: city) }
    }

    /// The sheet that a code typed from paper belongs to; nil: none of this round.
    package func sheet(fitting typed: String, of person: String?) -> RoundSheet? {
        let code = typed.lowercased().filter { $0 != "-" && $0 != " " }
        return sheets.first { sheet in
            self.code(sheet) == code && (person.map { haveSameBytes(sheet.person.key, $0) } ?? true)
        }
    }

    private func code(_ sheet: RoundSheet) -> String {
        sheet.checkCode(round.outcome.draw) { Digest(of: $0).bytes }
    }

    private func t(_ zh: String, _ en: String) -> String { Text(zh, en)[language] }

    private func paper(_ sheet: RoundSheet, name: String?, city: String) -> PaperSheet {
        let said = round.file.inputs.announcement
        let destination = codes.name(sheet.post.destination, list: CodeListName.placementDestination)
        let lines: [(Text, String)] = [
            (Text("轮次", "round"), "\(said.key) \(said.title)"), (Text("表号", "number"), String(sheet.number)),
            (Text("姓名", "name"), name ?? sheet.person.maskedName), (Text("人员编号", "person"), sheet.person.key),
            (Text("名次", "place"), String(sheet.place)),
            (Text("得分", "score"), RoundTexts.points(sheet.tenths)), (Text("岗位编号", "post"), sheet.post.key),
            (Text("岗位去向", "destination"), destination), (Text("接收单位", "employer"), sheet.post.employer),
            (Text("岗位", "title"), sheet.post.title),
        ]
        return PaperSheet(
            heading: city + t("选岗确认表", city.isEmpty ? "Confirmation of a post" : ": confirmation of a post"),
            words: t(
                "本人已知悉上列岗位情况，确认按名次选定该岗位。校验码可凭公布的文件核对：twolists round sheet \(said.key) --check 校验码。",
                "I know the post above and confirm that I chose it at my turn. Check the code against the published file: twolists round sheet \(said.key) --check CODE."
            ),
            lines: lines.map { PaperSheet.Line(label: $0.0[language], value: $0.1) },
            signatures: [
                t("选岗人(签名)", "who chose (signature)"), t("组织选岗单位(盖章)", "who held the round (seal)"),
            ],
            checkCode: code(sheet))
    }
}

extension ConfirmationSheets.Fault {
    package var text: Text {
        switch self {
        case .noPost(let person):
            Text(
                "\(person) 在本轮没有选到岗位，没有确认表；请核对人员编号",
                "\(person) got no post in this round, so there is no sheet; see whether the key is right")
        case .noneOfOurs:
            Text(
                "本单位没有人在本轮选到岗位；打印其他人员的请写明 --person",
                "none of your party's people got a post in this round; name somebody with --person")
        }
    }
}
