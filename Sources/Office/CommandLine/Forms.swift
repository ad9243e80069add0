package import Schema
package import TwoListsClient

/// From a command line to the command it means. Pure: files, code lists and parties were resolved before (`Invocation` holds final values).
package enum Forms {
    /// What a form needs besides the command line.
    package struct Setting: Sendable {
        package var officer: Officer
        /// The present year in the office's calendar, for `--year`.
        package var thisYear: Int32
        /// The view an amendment starts from.
        package var request: Schema.RequestView?
        package var familyCase: CaseView?
        /// Digests of the materials, in the order given.
        package var digests: [[UInt8]]
        /// Target id of the request that another option names (`--duplicate-of`).
        package var linked: [UInt8] = []
        /// The file of a table that is loaded.
        package var table: String
        /// What was read of a file and queued.
        package var attachment: AttachmentFile.Staged?
        /// The party a change starts from.
        package var party: PartyView?

        package init(
            officer: Officer, thisYear: Int32, request: Schema.RequestView? = nil,
            familyCase: CaseView? = nil,
            digests: [[UInt8]] = [], table: String = ""
        ) {
            self.officer = officer
            self.thisYear = thisYear
            self.request = request
            self.familyCase = familyCase
            self.digests = digests
            self.table = table
        }
    }

    /// The command of a mutating invocation; nil for the others.
    package static func command(_ line: Invocation, _ setting: Setting) throws(UsageError) -> Command
        .OneOf_Body?
    {
        switch line.name {
        case .requestSubmit: .submitRequest(submit(line, setting))
        case .requestAmend: .amendRequest(AmendRequest(text: try amended(line, setting.request?.text)))
        case .requestWithdraw: .withdrawRequest(WithdrawRequest(reason: line.text("reason") ?? ""))
        case .requestAccept: .acceptRequest(AcceptRequest())
        case .requestReturn: .returnRequest(ReturnRequest(reason: line.text("reason") ?? ""))
        case .requestDecide:
            .decideRequest(
                DecideRequest(
                    decision: line.choice("decision", Decision.self) ?? .unspecified,
                    policyBasis: line.text("basis") ?? "", note: line.text("note") ?? ""))
        case .requestAssign: .assignRequest(assign(line))
        case .requestAcknowledge: .acknowledgeRequest(AcknowledgeRequest())
        case .requestHandBack: .handBackRequest(HandBackRequest(reason: line.text("reason") ?? ""))
        case .requestProgress:
            .reportProgress(
                ReportProgress(
                    percent: Int32(clamping: line.integer("percent") ?? 0), note: line.text("note") ?? "",
                    stage: line.text("stage") ?? ""))
        case .requestReport:
            .reportResult(
                ReportResult(
                    grade: line.choice("grade", ResultGrade.self) ?? .unspecified,
                    summary: line.text("summary") ?? "",
                    persons: Int32(clamping: line.integer("persons") ?? 0),
                    times: Int32(clamping: line.integer("times") ?? 0)))
        case .requestConfirm:
            .confirmRequest(
                ConfirmRequest(
                    satisfaction: line.choice("satisfaction", Satisfaction.self) ?? .unspecified,
                    note: line.text("note") ?? ""))
        case .requestAttach, .caseAttach: AttachmentForms.command(line, setting)
        case .requestErase: .eraseRequest(EraseRequest(basis: line.text("basis") ?? ""))
        case .requestSchedule, .requestAskExtension, .requestDecideExtension, .requestAskSuspension,
            .requestDecideSuspension, .requestResume, .requestCarryOver, .requestVoid:
            BesideForms.command(line, setting)
        default: try caseCommand(line, setting)
        }
    }

    private static func caseCommand(_ line: Invocation, _ setting: Setting) throws(UsageError) -> Command
        .OneOf_Body?
    {
        switch line.name {
        case .caseFile: .fileCase(file(line, setting))
        case .caseAmend: .amendCase(try amend(line, setting))
        case .caseWithdraw: .withdrawCase(WithdrawCase(reason: line.text("reason") ?? ""))
        case .caseReturn: .returnCase(ReturnCase(reason: line.text("reason") ?? ""))
        case .caseReview:
            .reviewCase(ReviewCase(handler: line.text("handler") ?? "", note: line.text("note") ?? ""))
        case .caseConclude: .concludeCase(conclude(line))
        case .caseConfirm:
            .confirmCase(
                ConfirmCase(
                    satisfaction: line.choice("satisfaction", Satisfaction.self) ?? .unspecified,
                    note: line.text("note") ?? ""))
        case .caseErase: .eraseCase(EraseCase(basis: line.text("basis") ?? ""))
        case .caseReveal:
            .revealCaseField(
                RevealCaseField(
                    field: line.text("field") ?? "family.id_number", reason: line.text("reason") ?? ""))
        case .calendarLoad, .supervisionLoad: try TimeForms.command(line, setting.table)
        default:
            try CaseworkForms.command(line, setting) ?? RoundForms.command(line)
                ?? RegistryForms.command(line, setting) ?? OfficerForms.command(line)
        }
    }

    // MARK: Requests

    private static func submit(_ line: Invocation, _ setting: Setting) -> SubmitRequest {
        SubmitRequest(
            direction: line.choice("direction", Direction.self) ?? ownDirection(setting.officer),
            year: line.integer("year").map { Int32(clamping: $0) } ?? setting.thisYear,
            wave: line.choice("wave", Wave.self) ?? .anytime,
            text: RequestText(
                title: line.text("title") ?? "", content: line.text("content") ?? "",
                category: line.text("category") ?? "", wishedBy: line.date("wished-by"),
                contact: contact(line)),
            addressedTo: line.text("addressed-to") ?? "")
    }

    /// A unit asks the local side, everybody else asks the units.
    static func ownDirection(_ officer: Officer) -> Direction {
        officer.party.hasPrefix("unit/") ? .unitToLocal : .localToUnit
    }

    private static func contact(_ line: Invocation) -> Contact? {
        guard line.has("contact-name") || line.has("contact-phone") else { return nil }
        return Contact(name: line.text("contact-name") ?? "", phone: line.text("contact-phone") ?? "")
    }

    private static func amended(_ line: Invocation, _ old: RequestText?) throws(UsageError) -> RequestText {
        RequestText(
            title: try kept(line, "title", old?.title), content: try kept(line, "content", old?.content),
            category: try kept(line, "category", old?.category),
            wishedBy: line.date("wished-by") ?? old?.wishedBy,
            contact: try keptContact(line, old?.contact))
    }

    private static func keptContact(_ line: Invocation, _ old: Contact?) throws(UsageError) -> Contact? {
        guard old != nil || contact(line) != nil else { return nil }
        return Contact(
            name: try kept(line, "contact-name", old?.name),
            phone: try kept(line, "contact-phone", old?.phone))
    }

    /// What was typed, else what stands. A masked or erased text must not be filed as if it were the real one.
    private static func kept(_ line: Invocation, _ option: String, _ old: String?) throws(UsageError)
        -> String
    {
        if let typed = line.text(option) { return typed }
        let old = old ?? ""
        guard !old.contains("*"), old != "已删除" else {
            throw UsageError(
                problem: Text("--\(option) 原内容已遮盖，不能沿用", "--\(option) is masked and cannot be kept"),
                hint: Text("请重新填写 --\(option)", "give --\(option) again"), command: line.name)
        }
        return old
    }

    private static func assign(_ line: Invocation) -> AssignRequest {
        AssignRequest(
            responsible: line.text("responsible") ?? "", content: line.text("content") ?? "",
            deadline: line.date("deadline"), qualityStandard: line.text("standard") ?? "",
            firstPost: line.text("first-post") ?? "", secondPost: line.text("second-post") ?? "",
            assisting: line.texts("assisting"),
            workingDays: Int32(clamping: line.integer("working-days") ?? 0))
    }

    // MARK: Cases

    private static func file(_ line: Invocation, _ setting: Setting) -> FileCase {
        FileCase(
            subcategory: line.text("subcategory") ?? defaultSubcategory,
            service: ServiceSide(
                rankBand: line.text("rank-band") ?? "", yearsBand: line.text("years-band") ?? "",
                merit: line.text("merit") ?? "", hardship: line.text("hardship") ?? "",
                martyrFamily: line.yes("martyr-family") ?? false,
                approvalOrgan: line.text("approval-organ") ?? ""),
            family: FamilySide(
                name: line.text("name") ?? "", idNumber: line.text("id-number") ?? "",
                householdPlace: line.text("household-place") ?? "", schooling: line.text("schooling") ?? "",
                profession: line.text("profession") ?? "", contact: contact(line)),
            wish: line.text("wish") ?? "", materials: materials(line, setting),
            child: CaseworkForms.child(line))
    }

    /// The sub-category where none is given: the most frequent.
    package static let defaultSubcategory = "spouse-employment"

    static func materials(_ line: Invocation, _ setting: Setting) -> [Material] {
        zip(line.materials("material"), setting.digests).map { Material(kind: $0.kind, sha256: $1) }
    }

    private static func amend(_ line: Invocation, _ setting: Setting) throws(UsageError) -> AmendCase {
        let service = setting.familyCase?.service
        let family = setting.familyCase?.family
        return AmendCase(
            service: ServiceSide(
                rankBand: try kept(line, "rank-band", service?.rankBand),
                yearsBand: try kept(line, "years-band", service?.yearsBand),
                merit: try kept(line, "merit", service?.merit),
                hardship: try kept(line, "hardship", service?.hardship),
                martyrFamily: line.yes("martyr-family") ?? service?.martyrFamily ?? false,
                approvalOrgan: try kept(line, "approval-organ", service?.approvalOrgan)),
            family: FamilySide(
                name: try kept(line, "name", family?.name),
                idNumber: try kept(line, "id-number", family?.idNumber),
                householdPlace: try kept(line, "household-place", family?.householdPlace),
                schooling: try kept(line, "schooling", family?.schooling),
                profession: try kept(line, "profession", family?.profession),
                contact: try keptContact(line, family?.contact)),
            wish: try kept(line, "wish", setting.familyCase?.wish),
            materials: line.has("material") ? materials(line, setting) : setting.familyCase?.materials ?? [],
            child: try amendedChild(line, setting.familyCase?.child))
    }

    private static func amendedChild(_ line: Invocation, _ old: ChildSide?) throws(UsageError) -> ChildSide? {
        guard old != nil || CaseworkForms.child(line) != nil else { return nil }
        return ChildSide(
            name: try kept(line, "child-name", old?.name),
            idNumber: try kept(line, "child-id-number", old?.idNumber),
            school: try kept(line, "child-school", old?.school),
            stage: try kept(line, "stage", old?.stage),
            schoolYear: line.integer("school-year").map { Int32(clamping: $0) } ?? old?.schoolYear ?? 0,
            county: try kept(line, "county", old?.county))
    }

    private static func conclude(_ line: Invocation) -> ConcludeCase {
        ConcludeCase(
            placed: line.yes("placed") ?? false, channel: line.text("channel") ?? "",
            employer: line.text("employer") ?? "", post: line.text("post") ?? "", starts: line.date("starts"),
            reason: line.text("reason") ?? "")
    }
}
