internal import Crypto
internal import Exchange
package import Schema

/// The sheets of paper that go with an item: 交办单, 催办单, 督办单, 回执. What is printed is what the server shows, and a check code over just that, so that a sheet can be
/// compared with the item years later.
package struct RequestSheet: Sendable, Hashable {
    package enum Kind: Int32, Sendable, CaseIterable {
        case assignment
        case urging
        case supervision
        case receipt

        package var title: Text {
            switch self {
            case .assignment: Text("交办单", "Assignment sheet")
            case .urging: Text("催办单", "Urging sheet")
            case .supervision: Text("督办单", "Supervision sheet")
            case .receipt: Text("回执", "Receipt sheet")
            }
        }

        /// What is asked of whoever receives it.
        var words: Text {
            switch self {
            case .assignment:
                Text(
                    "请按下列内容、时限和质量标准办理；首接负责，牵头单位负总责，协办单位配合。收到后请在系统中签收。",
                    "Please carry this out as stated. Whoever received it first leads. Acknowledge it in the system."
                )
            case .urging:
                Text(
                    "该事项即将到期或已经到期，请抓紧办理并反馈进展。",
                    "This is due, or about to be. Please go on with it and report.")
            case .supervision:
                Text(
                    "该事项已列入督办，请责任单位说明情况、明确措施，限期办结。",
                    "This is under supervision. State the reasons and what will be done, and finish it in time."
                )
            case .receipt:
                Text("办理结果如下，请提报单位确认。", "The result is as follows, for the requester to confirm.")
            }
        }
    }

    /// Why a sheet cannot be printed of an item.
    package enum Fault: Error, Sendable, Hashable {
        /// No party is responsible for it.
        case notAssigned
        /// No result has been reported.
        case notReported
    }

    package typealias Line = PaperSheet.Line

    package let kind: Kind
    /// Its check code is of kind, target, version and lines.
    package let paper: PaperSheet

    package var heading: String { paper.heading }
    package var lines: [Line] { paper.lines }
    package var checkCode: String { paper.checkCode }

    package init(
        _ kind: Kind, _ view: Schema.RequestView, city: String, codes: CodeNames, parties: [String: String],
        language: Language
    ) throws(Fault) {
        guard let obligation = view.obligation, let summary = view.summary else { throw .notAssigned }
        if kind == .receipt, summary.grade == .unspecified { throw .notReported }
        let writer = Writer(view, summary, obligation, codes, parties, language)
        self.kind = kind
        let lines = writer.lines(kind)
        paper = PaperSheet(
            heading: city + Text("双拥工作事项", ": ")[language] + kind.title[language],
            words: kind.words[language], lines: lines, signatures: writer.signatures(kind),
            checkCode: Self.code(kind, summary, lines))
    }

    /// 40 bits of SHA-256 with a check symbol. Every part is led by its length, so that no two sheets run together to the same bytes.
    private static func code(_ kind: Kind, _ summary: RequestSummary, _ lines: [Line]) -> String {
        var bytes = Array("twolists/sheet/1\0".utf8)
        func add(_ part: [UInt8]) {
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: part.count).bigEndian) { bytes += $0 }
            bytes += part
        }
        add([UInt8(truncatingIfNeeded: kind.rawValue)])
        add(summary.target)
        add(Array(String(summary.version).utf8))
        for line in lines {
            add(Array(line.label.utf8))
            add(Array(line.value.utf8))
        }
        let digest = Digest(of: bytes).bytes
        guard let id = EntityID(Array(digest.prefix(16))) else { return "" }
        return ReferenceCode(id).text
    }

    /// Whether a code typed from paper is this sheet's.
    package func fits(_ typed: String) -> Bool {
        guard let code = ReferenceCode(typed) else { return false }
        return code.text == checkCode
    }
}

extension RequestSheet.Fault {
    package var text: Text {
        switch self {
        case .notAssigned:
            Text("该事项没有责任单位，尚不能打印单据", "no party is responsible for it yet, there is no sheet to print")
        case .notReported:
            Text("该事项尚未反馈结果，没有回执可打印", "no result has been reported yet, there is no receipt to print")
        }
    }
}

/// What stands on the lines of a sheet.
private struct Writer {
    let view: Schema.RequestView
    let summary: RequestSummary
    let obligation: AssignRequest
    let codes: CodeNames
    let parties: [String: String]
    let language: Language

    init(
        _ view: Schema.RequestView, _ summary: RequestSummary, _ obligation: AssignRequest,
        _ codes: CodeNames,
        _ parties: [String: String], _ language: Language
    ) {
        (self.view, self.summary, self.obligation) = (view, summary, obligation)
        (self.codes, self.parties, self.language) = (codes, parties, language)
    }

    private func line(_ zh: String, _ en: String, _ value: String) -> RequestSheet.Line {
        RequestSheet.Line(label: Text(zh, en)[language], value: value)
    }

    func lines(_ kind: RequestSheet.Kind) -> [RequestSheet.Line] {
        let own =
            switch kind {
            case .assignment: posts
            case .urging, .supervision: progress
            case .receipt: result
            }
        return (head + clears + own).filter { !$0.value.isEmpty }
    }

    private var head: [RequestSheet.Line] {
        [
            line("编号", "number", summary.number), line("方向", "direction", summary.direction.name(language)),
            line("年度批次", "year and wave", "\(summary.year) \(summary.wave.name(language))"),
            line("类别", "category", codes.name(summary.category, list: CodeListName.requestCategory)),
            line("提报单位", "requester", summary.requesterName), line("事项", "title", summary.title),
            line("责任单位", "responsible", summary.responsibleName),
            line(
                "协办单位", "assisting",
                obligation.assisting.map { parties[$0] ?? $0 }.joined(separator: Text("、", ", ")[language])),
        ]
    }

    private var clears: [RequestSheet.Line] {
        [
            line("办理内容", "content", obligation.content), line("完成时限", "due", obligation.deadline.text),
            line("质量标准", "quality", obligation.qualityStandard),
        ]
    }

    private var posts: [RequestSheet.Line] {
        [
            line("第一责任人", "first accountable", obligation.firstPost),
            line("具体责任人", "accountable in particular", obligation.secondPost),
        ]
    }

    private var progress: [RequestSheet.Line] {
        posts + [
            line("当前状态", "state", summary.state.name(language)),
            line("进度", "progress", "\(view.percent)%"), line("重办次数", "redone", String(summary.redoCount)),
            line("退回次数", "handed back", String(view.handBackCount)),
        ]
    }

    private var result: [RequestSheet.Line] {
        [
            line("办理结果", "result", summary.grade.name(language)),
            line("结果说明", "summary", view.resultSummary),
            line("惠及人数", "persons helped", view.persons == 0 ? "" : String(view.persons)),
            line("服务次数", "times", view.times == 0 ? "" : String(view.times)),
            line(
                "满意度", "satisfaction",
                view.satisfaction == .unspecified ? "" : view.satisfaction.name(language)),
            line("重办次数", "redone", String(summary.redoCount)),
        ]
    }

    func signatures(_ kind: RequestSheet.Kind) -> [String] {
        let who: [Text] =
            switch kind {
            case .assignment: [Text("交办单位(盖章)", "assigned by (seal)"), Text("签收人", "received by")]
            case .urging: [Text("催办单位(盖章)", "urged by (seal)"), Text("签收人", "received by")]
            case .supervision:
                [Text("督办单位(盖章)", "supervised by (seal)"), Text("责任单位负责人", "for the responsible party")]
            case .receipt:
                [Text("责任单位(盖章)", "responsible party (seal)"), Text("提报单位确认", "confirmed by the requester")]
            }
        return who.map { $0[language] }
    }
}
