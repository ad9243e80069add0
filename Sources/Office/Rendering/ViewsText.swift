/// Views as clerks see them: tables and sheets. Every function gives lines; the notice of DOMAIN.md 1 is added by `Page`.
package import Schema

/// Names of codes by list, as far as they were fetched; an unknown code is shown as it is.
package struct CodeNames: Sendable {
    private var names: [String: [String: String]] = [:]

    package init() {}

    package mutating func add(_ page: CodePage, list: String) {
        names[list] = Dictionary(
            page.entries.map { ($0.code, $0.name) }, uniquingKeysWith: { first, _ in first })
    }

    /// `道路交通(road)`; the code alone when the name is not known.
    package func name(_ code: String, list: String) -> String {
        guard let name = names[list]?[code] else { return code }
        return name
    }
}

/// What goes on a screen: lines, then the notice that every screen and print carries.
package struct Page: Sendable {
    package var lines: [String] = []

    package init() {}

    package mutating func add(_ more: [String]) { lines += more }
    package mutating func add(_ line: String) { lines.append(line) }

    /// On top, too, where a reader begins.
    private func clock(_ screen: Screen) -> [String] {
        ScreenNotice.clock(screen.language).map { [screen.paint("◆ " + $0, .red)] } ?? []
    }

    package func text(on screen: Screen) -> String {
        (clock(screen) + lines + ["", screen.paint(ScreenNotice.line, .dim)]).joined(separator: "\n")
    }
}

package struct ViewsText: Sendable {
    package var screen: Screen
    package var codes: CodeNames

    package init(_ screen: Screen, codes: CodeNames = CodeNames()) {
        self.screen = screen
        self.codes = codes
    }

    var language: Language { screen.language }
    func t(_ zh: String, _ en: String) -> String { language == .zh ? zh : en }

    /// `● 已受理`: the light with its word, the meaning never rests on colour alone.
    func light(_ state: RequestState) -> Table.Cell {
        Table.Cell("● " + state.name(language), state.light)
    }
    func light(_ state: CaseState) -> Table.Cell {
        Table.Cell("● " + state.name(language), state.light)
    }

    // MARK: Requests

    package func requests(_ page: [RequestSummary], more: [UInt8]) -> [String] {
        guard !page.isEmpty else { return [t("没有符合条件的需求。", "No requests match.")] }
        // A city without rules of supervision has no lights, and its lists no column for them.
        let hasLights = page.contains { $0.light != .unspecified || $0.step != .unspecified }
        var table = Table(
            [
                Table.Column(t("编号/查询码", "number/reference")), Table.Column(t("状态", "state")),
                Table.Column(t("方向", "direction")), Table.Column(t("标题", "title"), flexible: true),
                Table.Column(t("提报单位", "requester"), flexible: true),
                Table.Column(t("责任单位", "responsible"), flexible: true), Table.Column(t("时限", "deadline")),
            ] + (hasLights ? [Table.Column(t("督办", "light"))] : []))
        for one in page {
            table.add(
                [
                    Table.Cell(one.number.isEmpty ? one.reference : one.number), state(of: one),
                    Table.Cell(direction(one.direction)), Table.Cell(one.title),
                    Table.Cell(one.requesterName), Table.Cell(one.responsibleName),
                    Table.Cell(deadline(one.deadline, tentative: one.tentative)),
                ] + (hasLights ? [standing(one.light, one.step)] : []))
        }
        return table.lines(on: screen) + [tally(page.count, more: more)]
    }

    private func direction(_ direction: Direction) -> String {
        switch direction {
        case .unitToLocal: t("部队→地方", "unit→local")
        case .localToUnit: t("地方→部队", "local→unit")
        default: direction.name(language)
        }
    }

    private func tally(_ count: Int, more: [UInt8]) -> String {
        more.isEmpty
            ? t("共 \(count) 件", "\(count) items")
            : t("已列 \(count) 件，后面还有(用 --all 列出全部)", "\(count) items shown, there are more (--all lists all)")
    }

    package func request(_ view: Schema.RequestView) -> [String] {
        let summary = view.summary ?? RequestSummary()
        var sheet = Sheet()
        sheet.add(t("编号", "number"), summary.number.isEmpty ? t("(尚未编号)", "(none yet)") : summary.number)
        sheet.add(t("电话查询码", "reference"), summary.reference)
        sheet.add(t("状态", "state"), "● " + summary.state.name(language), summary.state.light)
        sheet.add(t("方向", "direction"), summary.direction.name(language))
        sheet.add(t("年度/类别", "year/wave"), years(summary))
        sheet.add(t("提报单位", "requester"), party(summary.requesterName, summary.requester))
        sheet.add(t("提报时间", "submitted"), ShanghaiTime.screen(summary.submittedAt))
        sheet.add(t("标题", "title"), summary.title)
        if let text = view.text { add(text, to: &sheet) }
        sheet.add(t("希望承办单位", "addressed to"), view.addressedTo)
        addDecision(view, to: &sheet)
        if let obligation = view.obligation { add(obligation, summary, to: &sheet) }
        addResult(view, to: &sheet)
        addBeside(view, to: &sheet)
        sheet.add(t("版本", "version"), "\(summary.version)")
        sheet.add(t("可办操作", "possible now"), next(view.next))
        return sheet.lines(on: screen)
    }

    private func add(_ text: RequestText, to sheet: inout Sheet) {
        sheet.add(t("内容", "content"), text.content)
        sheet.add(t("类别", "category"), codes.name(text.category, list: "request-category"))
        sheet.add(t("希望完成日期", "wished by"), text.wishedBy.text)
        sheet.add(t("联系人", "contact"), contact(text.contact))
    }

    private func contact(_ contact: Contact?) -> String {
        [contact?.name ?? "", contact?.phone ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
    }

    private func addDecision(_ view: Schema.RequestView, to sheet: inout Sheet) {
        guard view.decision != .unspecified else { return }
        sheet.add(t("会商意见", "decision"), view.decision.name(language))
        sheet.add(t("政策依据", "policy basis"), view.policyBasis)
    }

    private func add(_ obligation: AssignRequest, _ summary: RequestSummary, to sheet: inout Sheet) {
        sheet.add(t("责任单位", "responsible"), party(summary.responsibleName, obligation.responsible))
        sheet.add(t("交办内容", "assigned content"), obligation.content)
        let given =
            obligation.workingDays == 0
            ? "" : t("，\(obligation.workingDays)个工作日", ", \(obligation.workingDays) working days")
        sheet.add(
            t("完成时限", "deadline"),
            deadline(obligation.deadline, tentative: summary.tentative) + given)
        let standing = standing(summary.light, summary.step)
        sheet.add(t("督办", "light"), standing.text, standing.colour)
        sheet.add(t("质量标准", "quality standard"), obligation.qualityStandard)
        sheet.add(t("第一责任人", "first post"), obligation.firstPost)
        sheet.add(t("具体责任人", "second post"), obligation.secondPost)
        sheet.add(t("协办单位", "assisting"), obligation.assisting.joined(separator: t("、", ", ")))
    }

    private func addResult(_ view: Schema.RequestView, to sheet: inout Sheet) {
        let summary = view.summary ?? RequestSummary()
        sheet.add(t("进度", "progress"), progress(view.percent, summary.state))
        if summary.grade != .unspecified { sheet.add(t("办理结果", "result"), summary.grade.name(language)) }
        sheet.add(t("办理情况", "summary"), view.resultSummary)
        if view.persons != 0 { sheet.add(t("惠及人数", "persons helped"), "\(view.persons)") }
        if view.times != 0 { sheet.add(t("服务次数", "times"), "\(view.times)") }
        if view.satisfaction != .unspecified {
            sheet.add(t("满意度", "satisfaction"), view.satisfaction.name(language))
        }
        if summary.redoCount > 0 { sheet.add(t("重办次数", "redone"), "\(summary.redoCount)", .red) }
        if view.handBackCount > 0 { sheet.add(t("退回次数", "handed back"), "\(view.handBackCount)", .yellow) }
    }

    /// The percentage while work goes on, after a redo the one reported last. What was reported before the result says nothing of work that
    /// is over: "40 %" beside a closed item sends somebody to the telephone. Over is not solved; that is the result's line to say.
    private func progress(_ percent: Int32, _ state: RequestState) -> String {
        switch state {
        case .reported: t("已反馈，待确认", "result reported, to be confirmed")
        case .closed: t("已办结", "finished")
        default: percent > 0 ? bar(percent) : ""
        }
    }

    /// `████░░░░░░ 40%`
    private func bar(_ percent: Int32) -> String {
        let tenths = Int(min(max(percent, 0), 100)) / 10
        return String(repeating: "█", count: tenths) + String(repeating: "░", count: 10 - tenths)
            + " \(percent)%"
    }

    func party(_ name: String, _ key: String) -> String {
        if name.isEmpty { return key }
        return key.isEmpty ? name : t("\(name)(\(key))", "\(name) (\(key))")
    }

    /// The commands the officer could give now, as they are typed.
    private func next(_ kinds: [String], isCase: Bool = false) -> String {
        let names = kinds.map { kind in
            CommandName(commandField: kind, isCase: isCase).map {
                "\(CommandNames.of(kind, language)) (\($0.rawValue))"
            }
                ?? kind
        }
        return names.joined(separator: t("；", "; "))
    }

    // MARK: Cases

    package func cases(_ page: [CaseSummary], more: [UInt8]) -> [String] {
        guard !page.isEmpty else { return [t("没有符合条件的个案。", "No cases match.")] }
        var table = Table([
            Table.Column(t("编号/查询码", "number/reference")), Table.Column(t("状态", "state")),
            Table.Column(t("家属", "family member")), Table.Column(t("单位", "unit"), flexible: true),
            Table.Column(t("承办单位", "handler"), flexible: true), Table.Column(t("等次", "tier"), right: true),
            Table.Column(t("提报时间", "filed")), Table.Column(t("时限", "due")),
        ])
        for one in page {
            table.add([
                Table.Cell(one.number.isEmpty ? one.reference : one.number), light(one.state),
                Table.Cell(one.familyName), Table.Cell(one.unitName), Table.Cell(one.handlerName),
                Table.Cell(one.tier == 0 ? "" : "\(one.tier)"), Table.Cell(ShanghaiTime.screen(one.filedAt)),
                Table.Cell(one.due.text),
            ])
        }
        return table.lines(on: screen) + [tally(page.count, more: more)]
    }

    package func familyCase(_ view: CaseView) -> [String] {
        let summary = view.summary ?? CaseSummary()
        var sheet = Sheet()
        sheet.add(t("编号", "number"), summary.number.isEmpty ? t("(尚未编号)", "(none yet)") : summary.number)
        sheet.add(t("电话查询码", "reference"), summary.reference)
        sheet.add(t("状态", "state"), "● " + summary.state.name(language), summary.state.light)
        sheet.add(t("个案类别", "sub-category"), codes.name(summary.subcategory, list: "case-subcategory"))
        sheet.add(t("提报单位", "unit"), party(summary.unitName, summary.unit))
        sheet.add(t("提报时间", "filed"), ShanghaiTime.screen(summary.filedAt))
        if let family = view.family { add(family, to: &sheet) }
        if let child = view.child { add(child, to: &sheet) }
        sheet.add(t("安置意愿", "wish"), view.wish)
        if let service = view.service { add(service, to: &sheet) }
        sheet.add(
            t("材料", "materials"),
            view.materials.map { codes.name($0.kind, list: "material") }.joined(separator: t("、", ", ")))
        add(view.attachments, to: &sheet)
        if summary.tier > 0 {
            sheet.add(t("优先等次", "tier"), "\(summary.tier) \(view.tierName)")
            sheet.add(
                t("依据", "clause"), summary.clause + (view.ruleVersion.isEmpty ? "" : " [\(view.ruleVersion)]")
            )
        }
        sheet.add(t("承办单位", "handler"), party(summary.handlerName, summary.handler))
        addCourse(view, to: &sheet)
        if let conclusion = view.conclusion { add(conclusion, to: &sheet) }
        if view.satisfaction != .unspecified {
            sheet.add(t("满意度", "satisfaction"), view.satisfaction.name(language))
        }
        sheet.add(t("版本", "version"), "\(summary.version)")
        sheet.add(t("可办操作", "possible now"), next(view.next, isCase: true))
        return sheet.lines(on: screen)
    }

    private func add(_ family: FamilySide, to sheet: inout Sheet) {
        sheet.add(t("家属姓名", "family member"), family.name)
        sheet.add(t("身份证号", "ID number"), family.idNumber)
        sheet.add(t("户籍地", "household place"), family.householdPlace)
        sheet.add(t("学历", "schooling"), codes.name(family.schooling, list: "schooling"))
        sheet.add(t("原职业", "profession"), codes.name(family.profession, list: "profession"))
        sheet.add(t("联系人", "contact"), contact(family.contact))
    }

    private func add(_ service: ServiceSide, to sheet: inout Sheet) {
        sheet.add(t("职级档", "rank band"), codes.name(service.rankBand, list: "rank-band"))
        sheet.add(t("服役年限档", "years band"), codes.name(service.yearsBand, list: "years-band"))
        sheet.add(t("立功情况", "merit"), codes.name(service.merit, list: "merit"))
        sheet.add(t("艰苦边远", "hardship"), codes.name(service.hardship, list: "hardship"))
        if service.martyrFamily { sheet.add(t("烈士家属", "martyr's family"), t("是", "yes")) }
        sheet.add(t("随军批准机关", "approval organ"), codes.name(service.approvalOrgan, list: "approval-organ"))
    }

    private func add(_ conclusion: ConcludeCase, to sheet: inout Sheet) {
        sheet.add(
            t("办理结果", "result"), conclusion.placed ? t("已办成", "placed") : t("未能办成", "not placed"),
            conclusion.placed ? .green : .red)
        sheet.add(t("安置渠道", "channel"), codes.name(conclusion.channel, list: "placement-channel"))
        sheet.add(t("接收单位", "employer"), conclusion.employer)
        sheet.add(t("岗位", "post"), conclusion.post)
        sheet.add(t("到岗日期", "starts"), conclusion.starts.text)
        sheet.add(t("原因", "reason"), conclusion.reason)
    }

    // MARK: History and changes

    package func history(_ entries: [HistoryEntry], isCase: Bool) -> [String] {
        guard !entries.isEmpty else { return [t("没有记录。", "Nothing is recorded.")] }
        var table = Table([
            Table.Column(t("版", "v"), right: true), Table.Column(t("时间", "time")),
            Table.Column(t("操作", "what")),
            Table.Column(t("办后状态", "state after")), Table.Column(t("单位·职务", "party, post"), flexible: true),
            Table.Column(t("说明", "note"), flexible: true),
        ])
        for entry in entries {
            table.add([
                Table.Cell("\(entry.version)"), Table.Cell(ShanghaiTime.screen(entry.at)),
                Table.Cell(CommandNames.of(entry.kind, language)),
                Table.Cell(
                    CommandNames.state(entry.state, after: entry.kind, isCase: isCase)[language],
                    CommandNames.light(entry.state, after: entry.kind, isCase: isCase)),
                Table.Cell(actor(entry.actor)),
                Table.Cell(note(entry)),
            ])
        }
        return table.lines(on: screen)
    }

    private func actor(_ actor: ActorView?) -> String {
        guard let actor else { return "" }
        let name = actor.partyName.isEmpty ? actor.party : actor.partyName
        let post = actor.post.isEmpty ? actor.officer : actor.post
        return post.isEmpty ? name : "\(name)·\(post)"
    }

    /// One change of `watch` on one line.
    package func change(_ change: Change) -> String {
        let entry = change.entry ?? HistoryEntry()
        let state = CommandNames.state(entry.state, after: entry.kind, isCase: change.isCase)[language]
        let light = CommandNames.light(entry.state, after: entry.kind, isCase: change.isCase)
        let name = Screen.clean(change.number.isEmpty ? change.reference : change.number)
        let told = entry.kind == "mark_time" ? note(entry) : ""
        let what = [CommandNames.of(entry.kind, language), told, actor(entry.actor), change.title].map {
            Screen.clean($0)
        }
        return ([ShanghaiTime.screen(entry.at), name, screen.paint("● " + state, light)] + what)
            .filter { !$0.isEmpty }.joined(separator: "  ")
    }

    // MARK: Who and what

    package func whoAmI(_ view: WhoAmIView) -> [String] {
        var sheet = Sheet()
        sheet.add(t("市", "city"), party(view.cityName, view.city))
        sheet.add(t("单位", "party"), party(view.partyName, view.party))
        sheet.add(t("人员", "officer"), view.officer)
        sheet.add(t("职务", "post"), view.post)
        sheet.add(t("角色", "roles"), view.roles.map { $0.name(language) }.joined(separator: t("、", ", ")))
        let (ends, overflow) = view.certificateEnds.multipliedReportingOverflow(by: 1_000_000_000)
        sheet.add(t("证书到期", "certificate ends"), overflow ? "" : ShanghaiTime.screen(ends))
        if let clock = view.clock { sheet.add("演示时钟", ShanghaiTime.screen(clock.time)) }
        return sheet.lines(on: screen)
    }

    package func parties(_ page: PartyPage) -> [String] {
        var table = Table([
            Table.Column(t("单位", "key")), Table.Column(t("名称", "name"), flexible: true),
            Table.Column(t("性质", "kind")), Table.Column(t("代码", "code")),
        ])
        for party in page.parties {
            table.add([
                Table.Cell(party.key), registered(party), Table.Cell(party.kind.name(language)),
                Table.Cell(party.code),
            ])
        }
        return table.lines(on: screen)
    }

    package func codes(_ page: CodePage, list: String) -> [String] {
        var table = Table([Table.Column(t("代码", "code")), Table.Column(t("名称", "name"), flexible: true)])
        for entry in page.entries { table.add([Table.Cell(entry.code), Table.Cell(entry.name)]) }
        return table.lines(on: screen) + [
            t("代码表 \(list)，版本 \(page.version)", "list \(list), version \(page.version)")
        ]
    }
}
