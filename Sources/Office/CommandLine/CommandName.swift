/// Every command of `twolists`. The raw value is what is typed.
package enum CommandName: String, Sendable, Hashable, CaseIterable {
    case requestSubmit = "request submit"
    case requestAmend = "request amend"
    case requestWithdraw = "request withdraw"
    case requestList = "request list"
    case requestShow = "request show"
    case requestHistory = "request history"
    case requestAccept = "request accept"
    case requestReturn = "request return"
    case requestDecide = "request decide"
    case requestAssign = "request assign"
    case requestAcknowledge = "request acknowledge"
    case requestHandBack = "request hand-back"
    case requestHandOn = "request hand-on"
    case requestProgress = "request progress"
    case requestReport = "request report"
    case requestConfirm = "request confirm"
    case requestErase = "request erase"
    case requestSheet = "request sheet"
    case requestAttach = "request attach"
    case requestFetch = "request fetch"
    case requestSchedule = "request schedule"
    case requestAskExtension = "request ask-extension"
    case requestDecideExtension = "request decide-extension"
    case requestAskSuspension = "request ask-suspension"
    case requestDecideSuspension = "request decide-suspension"
    case requestResume = "request resume"
    case requestCarryOver = "request carry-over"
    case requestVoid = "request void"
    case caseFile = "case file"
    case caseAmend = "case amend"
    case caseWithdraw = "case withdraw"
    case caseList = "case list"
    case caseShow = "case show"
    case caseHistory = "case history"
    case caseReturn = "case return"
    case caseReview = "case review"
    case caseConclude = "case conclude"
    case caseConfirm = "case confirm"
    case caseReveal = "case reveal"
    case caseErase = "case erase"
    case caseEndorse = "case endorse"
    case caseDemand = "case demand"
    case caseHandIn = "case hand-in"
    case caseReceiver = "case receiver"
    case caseFollowUp = "case follow-up"
    case caseAcknowledge = "case acknowledge"
    case caseFinish = "case finish"
    case caseRefuse = "case refuse"
    case caseReassign = "case reassign"
    case caseAid = "case aid"
    case caseAttach = "case attach"
    case caseFetch = "case fetch"
    case fundIncome = "fund income"
    case fundShow = "fund show"
    case officerRegister = "officer register"
    case officerRoles = "officer roles"
    case officerSuspend = "officer suspend"
    case officerResume = "officer resume"
    case officerHandOver = "officer hand-over"
    case officerErase = "officer erase"
    case officerList = "officer list"
    case partyAdd = "party add"
    case partyChange = "party change"
    case partySuspend = "party suspend"
    case partyResume = "party resume"
    case partyList = "party list"
    case partyShow = "party show"
    case registryLoad = "registry load"
    case registryExport = "registry export"
    case registryTables = "registry tables"
    case reportLedger = "report ledger"
    case reportHalfYear = "report half-year"
    case reportAnnual = "report annual"
    case calendarShow = "calendar show"
    case calendarLoad = "calendar load"
    case supervisionLoad = "supervision load"
    case auditList = "audit list"
    case auditExport = "audit export"
    case auditVerify = "audit verify"
    case roundAnnounce = "round announce"
    case roundLoadPosts = "round load-posts"
    case roundLoadPeople = "round load-people"
    case roundList = "round list"
    case roundShow = "round show"
    case roundPosts = "round posts"
    case roundPeople = "round people"
    case roundRanking = "round ranking"
    case roundHistory = "round history"
    case roundFreeze = "round freeze"
    case roundReopen = "round reopen"
    case roundConfirm = "round confirm"
    case roundPost = "round post"
    case roundObject = "round object"
    case roundSettle = "round settle"
    case roundDraw = "round draw"
    case roundPrefer = "round prefer"
    case roundPick = "round pick"
    case roundPass = "round pass"
    case roundWithdraw = "round withdraw"
    case roundClose = "round close"
    case roundFile = "round file"
    case roundSecret = "round secret"
    case roundVerify = "round verify"
    case roundSheet = "round sheet"
    case batchCheck = "batch check"
    case batchSend = "batch send"
    case batchList = "batch list"
    case batchShow = "batch show"
    case batchReport = "batch report"
    case batchFetch = "batch fetch"
    case batchExport = "batch export"
    case batchCompare = "batch compare"
    case batchKinds = "batch kinds"
    case personFind = "person find"
    case personErase = "person erase"
    case adminReload = "admin reload"
    case adminCertificates = "admin certificates"
    case adminConfirmRestore = "admin confirm-restore"
    case adminClockAdvance = "admin clock advance"
    case adminBackup = "admin backup"
    case adminBackupKeys = "admin backup-keys"
    case adminConns = "admin conns"
    case adminStreams = "admin streams"
    case adminLimits = "admin limits"
    case watch
    case board
    case health
    case whoami
    case parties
    case codes
    case receiptList = "receipt list"
    case receiptShow = "receipt show"
    case receiptVerify = "receipt verify"
    case receiptCompare = "receipt compare"
    case receiptFetch = "receipt fetch"
    case receiptLost = "receipt lost"
    case receiptRefile = "receipt refile"
    case outboxList = "outbox list"
    case outboxShow = "outbox show"
    case outboxSend = "outbox send"
    case outboxDrop = "outbox drop"
    case packageMake = "package make"
    case packageOpen = "package open"
    case packageStatus = "package status"
    case send
    case `import`
    case list
    case describe
    case call
    case ca
    case help
    case version

    package var words: [String] { rawValue.split(separator: " ").map(String.init) }

    /// True for commands that build an envelope from what was typed.
    package var isMutating: Bool {
        switch self {
        case .requestSubmit, .requestAmend, .requestWithdraw, .requestAccept, .requestReturn, .requestDecide,
            .requestAssign, .requestAcknowledge, .requestHandBack, .requestProgress, .requestReport,
            .requestConfirm, .requestSchedule, .requestAskExtension, .requestDecideExtension,
            .requestAskSuspension,
            .requestDecideSuspension, .requestResume, .requestCarryOver, .requestVoid,
            .caseFile, .caseAmend, .caseWithdraw, .caseReturn, .caseReview, .caseConclude, .caseConfirm,
            .caseReveal, .caseErase, .requestErase, .caseEndorse, .caseDemand, .caseHandIn, .caseReceiver,
            .caseFollowUp, .caseAcknowledge, .caseFinish, .caseRefuse, .caseReassign, .caseAid, .fundIncome,
            .officerRegister, .officerRoles, .officerSuspend, .officerResume, .officerHandOver, .officerErase,
            .requestHandOn, .partyAdd, .partyChange, .partySuspend, .partyResume, .calendarLoad,
            .supervisionLoad,
            .roundAnnounce, .roundFreeze, .roundReopen, .roundConfirm, .roundPost, .roundObject, .roundSettle,
            .roundDraw, .roundPrefer, .roundPick, .roundPass, .roundWithdraw, .roundClose, .requestAttach,
            .caseAttach:
            true
        default: false
        }
    }

    /// True for commands that hand over a file.
    package var attaches: Bool { self == .requestAttach || self == .caseAttach }

    /// True for reads of what a clerk works with: before them goes out what waits in the outbox, so that they show it done.
    package var sendsOutboxFirst: Bool {
        guard !isMutating, let group = words.first else { return false }
        return ["request", "case", "fund", "round", "report", "watch", "board", "whoami", "batch"].contains(
            group)
    }

    /// True for commands that make connections of their own, and date nothing.
    package var connectsByItself: Bool { self == .list || self == .describe || self == .call }

    /// The command a history's or a view's command field name stands for, e.g. `accept_request`.
    ///
    /// - Parameter isCase: of a case, where one command is of requests and cases alike.
    package init?(commandField: String, isCase: Bool = false) {
        guard let name = Self.byField[commandField] else { return nil }
        self = isCase && name == .requestAttach ? .caseAttach : name
    }

    private static let byField: [String: CommandName] = [
        "submit_request": .requestSubmit, "amend_request": .requestAmend,
        "withdraw_request": .requestWithdraw,
        "accept_request": .requestAccept, "return_request": .requestReturn, "decide_request": .requestDecide,
        "assign_request": .requestAssign, "acknowledge_request": .requestAcknowledge,
        "hand_back_request": .requestHandBack, "report_progress": .requestProgress,
        "report_result": .requestReport,
        "confirm_request": .requestConfirm, "file_case": .caseFile, "amend_case": .caseAmend,
        "withdraw_case": .caseWithdraw, "return_case": .caseReturn, "review_case": .caseReview,
        "conclude_case": .caseConclude, "confirm_case": .caseConfirm, "reveal_case_field": .caseReveal,
        "schedule_request": .requestSchedule, "ask_extension": .requestAskExtension,
        "decide_extension": .requestDecideExtension, "ask_suspension": .requestAskSuspension,
        "decide_suspension": .requestDecideSuspension, "resume_request": .requestResume,
        "carry_over_request": .requestCarryOver, "void_request": .requestVoid,
        "endorse_case": .caseEndorse, "demand_materials": .caseDemand, "hand_in_materials": .caseHandIn,
        "fix_receiver": .caseReceiver, "follow_up_case": .caseFollowUp, "acknowledge_task": .caseAcknowledge,
        "finish_task": .caseFinish, "refuse_task": .caseRefuse, "reassign_task": .caseReassign,
        "pay_aid": .caseAid, "receive_fund": .fundIncome,
        "erase_request": .requestErase, "erase_case": .caseErase,
        "register_officer": .officerRegister,
        "set_officer_roles": .officerRoles, "suspend_officer": .officerSuspend,
        "hand_over_officer": .officerHandOver, "erase_officer": .officerErase,
        "hand_on_request": .requestHandOn, "register_party": .partyAdd, "change_party": .partyChange,
        "suspend_party": .partySuspend,
        "confirm_restoration": .adminConfirmRestore,
        "advance_clock": .adminClockAdvance,
        "load_calendar": .calendarLoad, "load_supervision": .supervisionLoad,
        "announce_round": .roundAnnounce, "load_round_posts": .roundLoadPosts,
        "load_round_people": .roundLoadPeople, "withdraw_from_round": .roundWithdraw,
        "freeze_round": .roundFreeze, "reopen_round": .roundReopen, "confirm_score": .roundConfirm,
        "post_ranking": .roundPost, "object_to_ranking": .roundObject, "settle_objection": .roundSettle,
        "open_draw": .roundDraw, "file_preferences": .roundPrefer, "pick_post": .roundPick,
        "pass_turn": .roundPass, "close_round": .roundClose, "attach_evidence": .requestAttach,
        "erase_person": .personErase,
    ]
}
