package import Exchange
package import Schema

/// Commands as clerks would fill them in. Names and texts are made up; `personalTexts` are all that must never be found in
/// a file of the server.
package enum Filings {
    package static let title = "营区门前道路修缮"
    package static let content = "营区门前三百米道路破损，雨季车辆难行，恳请协调修缮。"
    package static let contact = "李联络"
    package static let phone = "13800001111"
    package static let familyName = "王小芳"
    package static let idNumber = "11010519491231002X"
    package static let wish = "希望在市区中学任教"
    package static let place = "湖北省随州市曾都区某某路五号"
    package static let note = "已完成招标，等待进场"
    package static let summary = "道路已修缮并通车"
    package static let employer = "随州市某中学教务处"
    package static let reason = "请补充现场照片"

    /// What the names of all the town's officers begin with.
    package static let officerNames = "测试"

    package static let personalTexts = [
        officerNames, title, content, contact, phone, familyName, idNumber, wish, place, note, summary,
        employer, reason,
    ]

    package static let text = RequestText(
        title: title, content: content, category: "road",
        wishedBy: CivilDate(year: 2026, month: 7, day: 1), contact: Contact(name: contact, phone: phone))
    package static let submitUnit = SubmitRequest(
        direction: .unitToLocal, year: 2026, wave: .collective, text: text)
    package static let submitLocal = SubmitRequest(
        direction: .localToUnit, year: 2026, wave: .anytime,
        text: RequestText(title: title, content: content, category: "planting"), addressedTo: "unit/LU-02")

    package static func assign(to party: String) -> AssignRequest {
        AssignRequest(
            responsible: party, content: content, deadline: CivilDate(year: 2026, month: 12, day: 30),
            qualityStandard: note, firstPost: "局长", secondPost: "股长")
    }

    static let later = CivilDate(year: 2026, month: 12, day: 28)
    static let muchLater = CivilDate(year: 2027, month: 3, day: 31)
    /// With a term instead of a date; 0 days: with neither.
    package static func assign(workingDays: Int32) -> AssignRequest {
        var assign = assign(to: "county/421321")
        (assign.deadline, assign.workingDays) = (nil, workingDays)
        return assign
    }

    package static let service = ServiceSide(
        rankBand: "officer-middle", yearsBand: "12-16", merit: "third-merit", hardship: "none",
        approvalOrgan: "division")
    package static let family = FamilySide(
        name: familyName, idNumber: idNumber, householdPlace: place, schooling: "bachelor",
        profession: "institution", contact: Contact(name: familyName, phone: phone))
    package static let materials = [Material(kind: "marriage", sha256: [UInt8](repeating: 1, count: 32))]
    package static let fileCase = FileCase(
        subcategory: "spouse-employment", service: service, family: family, wish: wish, materials: materials)
    package static let placed = ConcludeCase(
        placed: true, channel: "matching-institution", employer: employer, post: "教师",
        starts: CivilDate(year: 2026, month: 9, day: 1))

    /// A scan of its own for each number; of a case it is a document of some kind.
    package static func evidence(_ number: UInt64, ofCase: Bool) -> AttachEvidence {
        let bytes = (0..<32).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * ($0 % 8)) | 1) }
        return AttachEvidence(
            attachment: Array(bytes.prefix(16)), sha256: bytes, bytes: 1 + number % 1_000_000, type: .pdf,
            fileName: "\(title).pdf", kind: ofCase ? "marriage" : "", manifest: bytes)
    }

    /// A well-filled command of a kind about requests or cases; nil for the roster's.
    package static func body(_ kind: CommandKind) -> Command.OneOf_Body? {
        switch kind {
        case .submitRequest: .submitRequest(submitUnit)
        case .amendRequest: .amendRequest(AmendRequest(text: text))
        case .withdrawRequest: .withdrawRequest(WithdrawRequest(reason: reason))
        case .acceptRequest: .acceptRequest(AcceptRequest())
        case .returnRequest: .returnRequest(ReturnRequest(reason: reason))
        case .decideRequest: .decideRequest(DecideRequest(decision: .included, note: note))
        case .assignRequest: .assignRequest(assign(to: "county/421321"))
        case .acknowledgeRequest: .acknowledgeRequest(AcknowledgeRequest())
        case .handBackRequest: .handBackRequest(HandBackRequest(reason: reason))
        case .reportProgress: .reportProgress(ReportProgress(percent: 40, note: note, stage: "work"))
        case .reportResult: .reportResult(ReportResult(grade: .solved, summary: summary))
        case .confirmRequest: .confirmRequest(ConfirmRequest(satisfaction: .satisfied))
        case .scheduleRequest: .scheduleRequest(ScheduleRequest(conference: later, note: note))
        case .askExtension: .askExtension(AskExtension(deadline: muchLater, reason: reason))
        case .decideExtension: .decideExtension(DecideExtension(approved: true, reason: reason))
        case .askSuspension: .askSuspension(AskSuspension(code: "season", reason: reason))
        case .decideSuspension: .decideSuspension(DecideSuspension(approved: true, reason: reason))
        case .resumeRequest: .resumeRequest(ResumeRequest(deadline: later, note: note))
        case .carryOverRequest: .carryOverRequest(CarryOverRequest(year: 2027, note: note))
        case .voidRequest:
            .voidRequest(VoidRequest(duplicateOf: [UInt8](repeating: 1, count: 16), reason: reason))
        case .fileCase: .fileCase(fileCase)
        case .amendCase:
            .amendCase(AmendCase(service: service, family: family, wish: wish, materials: materials))
        case .withdrawCase: .withdrawCase(WithdrawCase(reason: reason))
        case .returnCase: .returnCase(ReturnCase(reason: reason))
        case .reviewCase: .reviewCase(ReviewCase(handler: "department/421300-HR", note: note))
        case .concludeCase: .concludeCase(placed)
        case .confirmCase: .confirmCase(ConfirmCase(satisfaction: .satisfied))
        case .eraseRequest: .eraseRequest(EraseRequest(basis: "申请〔2026〕7号"))
        case .eraseCase: .eraseCase(EraseCase(basis: "申请〔2026〕8号"))
        case .revealCaseField: .revealCaseField(RevealCaseField(field: "family.id_number", reason: reason))
        default: caseworkBody(kind)
        }
    }

    /// The same for what goes on between a case's filing and its end.
    private static func caseworkBody(_ kind: CommandKind) -> Command.OneOf_Body? {
        switch kind {
        case .endorseCase: .endorseCase(EndorseCase(passed: true, note: note))
        case .demandMaterials: .demandMaterials(DemandMaterials(kinds: ["marriage"]))
        case .handInMaterials:
            .handInMaterials(
                HandInMaterials(materials: [
                    Material(kind: "marriage", sha256: [UInt8](repeating: 2, count: 32))
                ]))
        case .fixReceiver: .fixReceiver(FixReceiver(employer: employer))
        case .followUpCase: .followUpCase(FollowUpCase(satisfaction: .mostly, note: note))
        case .acknowledgeTask: .acknowledgeTask(AcknowledgeTask(task: 1))
        case .finishTask: .finishTask(FinishTask(task: 1, result: summary))
        case .refuseTask: .refuseTask(RefuseTask(task: 1, reason: reason))
        case .reassignTask:
            .reassignTask(ReassignTask(task: 1, party: "county/421321", deadline: placed.starts))
        case .payAid: .payAid(PayAid(fen: 1, purpose: reason))
        default: nil
        }
    }

    /// The officer whose part a command mostly is: of unit LU-07, of 随县, of the bureau, of HR.
    package static func officer(_ kind: CommandKind) -> String {
        switch kind {
        case .submitRequest, .amendRequest, .withdrawRequest, .confirmRequest, .fileCase, .amendCase,
            .withdrawCase, .confirmCase, .handInMaterials:
            "u7l1"
        case .acceptRequest, .returnRequest, .returnCase, .demandMaterials, .followUpCase, .scheduleRequest:
            "b1a1"
        case .decideExtension, .decideSuspension, .resumeRequest, .carryOverRequest, .voidRequest: "b1s2"
        case .decideRequest, .assignRequest, .reviewCase, .eraseRequest, .eraseCase, .reassignTask,
            .payAid:
            "b1s2"
        case .concludeCase, .revealCaseField, .fixReceiver, .acknowledgeTask, .finishTask, .refuseTask: "d5h2"
        default: "k7f2"
        }
    }
}
