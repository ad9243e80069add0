import Schema

/// The table of commands: what each is for, what it takes. `spec(_:)` is exhaustive, so no command lacks an entry.
package enum CommandTable {
    package static let all: [CommandSpec] = CommandName.allCases.map(spec)

    package static func spec(_ name: CommandName) -> CommandSpec {
        switch name {
        case .requestSubmit, .requestAmend, .requestWithdraw, .requestConfirm: requesterCommand(name)
        case .requestList, .requestShow, .requestHistory: requestRead(name)
        case .requestAccept, .requestReturn, .requestDecide, .requestAssign: bureauCommand(name)
        case .requestAcknowledge, .requestHandBack, .requestProgress, .requestReport: responsibleCommand(name)
        case .caseFile, .caseAmend, .caseWithdraw, .caseConfirm: caseUnitCommand(name)
        case .caseReturn, .caseReview, .caseConclude, .caseReveal: caseOfficeCommand(name)
        case .caseList, .caseShow, .caseHistory: caseRead(name)
        case .caseEndorse, .caseDemand, .caseHandIn, .caseReceiver, .caseFollowUp, .caseAcknowledge,
            .caseFinish, .caseRefuse, .caseReassign, .caseAid, .fundIncome, .fundShow:
            caseworkCommand(name)
        case .officerRegister, .officerRoles, .officerSuspend, .officerResume: officerCommand(name)
        case .requestHandOn, .officerHandOver, .officerErase, .officerList, .partyAdd, .partyChange,
            .partySuspend,
            .partyResume,
            .partyList, .partyShow, .registryLoad, .registryExport, .registryTables:
            RegistryForms.spec(name)
        case .calendarShow, .calendarLoad, .supervisionLoad: TimeForms.spec(name)
        case .requestAttach, .requestFetch, .caseAttach, .caseFetch: AttachmentForms.spec(name)
        case .requestErase, .caseErase: erasure(name)
        case .requestSchedule, .requestAskExtension, .requestDecideExtension, .requestAskSuspension,
            .requestDecideSuspension, .requestResume, .requestCarryOver, .requestVoid:
            BesideForms.spec(name)
        case .auditList, .auditExport, .auditVerify: AuditForms.spec(name)
        case .reportLedger, .reportHalfYear, .reportAnnual, .requestSheet: ReportForms.spec(name)
        case .roundAnnounce, .roundLoadPosts, .roundLoadPeople, .roundList, .roundShow, .roundPosts,
            .roundPeople,
            .roundRanking, .roundHistory, .roundFreeze, .roundReopen, .roundConfirm, .roundPost, .roundObject,
            .roundSettle, .roundDraw, .roundPrefer, .roundPick, .roundPass, .roundWithdraw, .roundClose,
            .roundFile, .roundSecret, .roundVerify, .roundSheet:
            RoundForms.spec(name)
        case .batchCheck, .batchSend, .batchList, .batchShow, .batchReport, .batchFetch, .batchExport,
            .batchCompare, .batchKinds:
            BatchForms.spec(name)
        case .personFind, .personErase: PersonForms.spec(name)
        case .packageMake, .packageOpen, .packageStatus: PackageForms.spec(name)
        case .list, .describe, .call: discoveryCommand(name)
        case .receiptLost, .receiptRefile, .adminConfirmRestore: RestorationForms.spec(name)
        case .adminClockAdvance: ClockForms.spec(name)
        case .adminBackup, .adminBackupKeys: BackupForms.spec(name)
        case .receiptList, .receiptShow, .receiptVerify, .receiptCompare, .receiptFetch: receiptCommand(name)
        default: toolCommand(name)
        }
    }

    private static func erasure(_ name: CommandName) -> CommandSpec {
        CommandSpec(
            name,
            Text("删除已办结事项中的个人信息，不可恢复(市局)", "erase what is personal of an ended item, for good (bureau)"),
            operands: [.key],
            options: [
                OptionSpec(
                    "basis", Text("依据", "basis"), .text, required: true,
                    help: Text("申请书或批准文件的编号，不写姓名", "number of the application or order, no name"))
            ],
            notes: [
                Text(
                    "删除后各处显示“已删除”；谁在何时办了什么仍然保留。密钥备份全部过期后才彻底完成，答复中写明日期。",
                    "It reads 已删除 from then on; who did what and when stays. Complete when the last key backup has expired: the answer says the date."
                )
            ])
    }

    // MARK: Shared options

    static let reason = OptionSpec("reason", Text("理由", "reason"), .text, required: true)
    static let satisfaction = OptionSpec(
        "satisfaction", Text("满意度", "satisfaction"), .choice(Choice.satisfactions), required: true)
    static let dissatisfiedNote = OptionSpec(
        "note", Text("说明", "note"), .text,
        requiredIf: OptionSpec.Condition(option: "satisfaction", choice: Satisfaction.dissatisfied.rawValue),
        help: Text("不满意时必填", "required when dissatisfied"))

    static func note(_ zh: String, _ en: String) -> OptionSpec {
        OptionSpec("note", Text("说明", "note"), .text, help: Text(zh, en))
    }

    static let paging: [OptionSpec] = [
        OptionSpec(
            "limit", Text("最多条数", "limit"), .integer(1...100_000), help: Text("默认 50", "50 by default")),
        OptionSpec("all", Text("全部", "all"), .flag, help: Text("列出全部", "all of them")),
        OptionSpec(
            "cursor", Text("从此页起", "cursor"), .hex, help: Text("上一页给出的位置", "from the page before")),
    ]
}
