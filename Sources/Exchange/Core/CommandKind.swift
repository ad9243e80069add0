package import Schema

/// Every command there is, by its field number in `twolists.v1.Command`.
package enum CommandKind: UInt32, Sendable, Hashable, CaseIterable {
    case submitRequest = 10
    case amendRequest = 11
    case withdrawRequest = 12
    case acceptRequest = 13
    case returnRequest = 14
    case decideRequest = 15
    case assignRequest = 16
    case acknowledgeRequest = 17
    case handBackRequest = 18
    case reportProgress = 19
    case reportResult = 20
    case confirmRequest = 21
    case eraseRequest = 22
    case scheduleRequest = 23
    case askExtension = 24
    case decideExtension = 25
    case askSuspension = 26
    case decideSuspension = 27
    case resumeRequest = 28
    case carryOverRequest = 29
    case voidRequest = 30
    case fileCase = 40
    case amendCase = 41
    case withdrawCase = 42
    case returnCase = 43
    case reviewCase = 44
    case concludeCase = 45
    case confirmCase = 46
    case revealCaseField = 47
    case eraseCase = 48
    case endorseCase = 49
    case demandMaterials = 50
    case handInMaterials = 51
    case fixReceiver = 52
    case followUpCase = 53
    case acknowledgeTask = 54
    case finishTask = 55
    case refuseTask = 56
    case reassignTask = 57
    case payAid = 58
    case configureCity = 70
    case registerParty = 71
    case registerOfficer = 72
    case setOfficerRoles = 73
    case suspendOfficer = 74
    case loadCodeList = 75
    case loadRuleTable = 76
    case confirmRestoration = 77
    case loadCalendar = 78
    case loadSupervision = 79
    case changeParty = 83
    case suspendParty = 84
    case handOverOfficer = 85
    case eraseOfficer = 86
    case handOnRequest = 87
    case loadPointsTable = 100
    case announceRound = 101
    case loadRoundPosts = 102
    case loadRoundPeople = 103
    case withdrawFromRound = 104
    case freezeRound = 105
    case reopenRound = 106
    case confirmScore = 107
    case postRanking = 108
    case objectToRanking = 109
    case settleObjection = 110
    case openDraw = 111
    case filePreferences = 112
    case pickPost = 113
    case passTurn = 114
    case closeRound = 115
    /// The server's clock writes it; nobody may send it.
    case markTime = 120
    case advanceClock = 121
    /// The operator's, when the store is made; nobody may send it.
    case beginDemonstration = 122
    case loadCaseKinds = 80
    case loadSchoolDates = 81
    case receiveFund = 82
    case loadBatchKind = 130
    case loadBatchNames = 131
    case submitBatch = 132
    case erasePerson = 133
    case loadRegisterFigures = 134
    /// The server's own checking writes these two; nobody may send them.
    case checkBatch = 135
    case finishBatch = 136
    case attachEvidence = 140
    case takePackage = 150
    case finishPackage = 151

    /// What a command is about.
    package enum Aggregate: Sendable, Hashable {
        case request
        case placementCase
        case roster
        case round
        case batch
        /// Of the registers.
        case person
        /// A request or a case.
        case evidence
    }

    package var aggregate: Aggregate {
        switch rawValue {
        case ..<40, Self.handOnRequest.rawValue: .request
        case ..<70: .placementCase
        case ..<101: .roster
        case ..<120: .round
        case 121...122, 130, 131, 134, 150, 151: .roster
        case 132, 135, 136: .batch
        case 133: .person
        case 140: .evidence
        default: .request  // the clock's
        }
    }

    /// True for the command that brings its target into being.
    package var creates: Bool {
        switch self {
        case .submitRequest, .fileCase, .announceRound, .submitBatch, .erasePerson: true
        default: false
        }
    }

    /// True for the commands whose change tells a day in the history.
    var movesDeadline: Bool {
        self == .askExtension || self == .decideExtension || self == .resumeRequest
    }

    /// True for the commands that destroy their target's key.
    package var erases: Bool {
        self == .eraseRequest || self == .eraseCase || self == .eraseOfficer || self == .erasePerson
    }

    /// True for what is about a party or officer that must be registered already.
    var changesRegistered: Bool {
        switch self {
        case .setOfficerRoles, .suspendOfficer, .handOverOfficer, .eraseOfficer, .changeParty, .suspendParty:
            true
        default: false
        }
    }

    /// False for what the clock writes: a clerk must not meet a conflict because a light has changed.
    package var raisesVersion: Bool { self != .markTime }

    /// The largest number there is: tables by number reach so far.
    static let largest = Int(allCases.map(\.rawValue).max() ?? 0)

    /// Nil for a command without a body: an empty one, or one from a later schema.
    package init?(_ command: borrowing Command) {
        switch command.body {
        case .submitRequest: self = .submitRequest
        case .amendRequest: self = .amendRequest
        case .withdrawRequest: self = .withdrawRequest
        case .acceptRequest: self = .acceptRequest
        case .returnRequest: self = .returnRequest
        case .decideRequest: self = .decideRequest
        case .assignRequest: self = .assignRequest
        case .acknowledgeRequest: self = .acknowledgeRequest
        case .handBackRequest: self = .handBackRequest
        case .reportProgress: self = .reportProgress
        case .reportResult: self = .reportResult
        case .confirmRequest: self = .confirmRequest
        case .eraseRequest: self = .eraseRequest
        case .scheduleRequest: self = .scheduleRequest
        case .askExtension: self = .askExtension
        case .decideExtension: self = .decideExtension
        case .askSuspension: self = .askSuspension
        case .decideSuspension: self = .decideSuspension
        case .resumeRequest: self = .resumeRequest
        case .carryOverRequest: self = .carryOverRequest
        case .voidRequest: self = .voidRequest
        case .fileCase: self = .fileCase
        case .amendCase: self = .amendCase
        case .withdrawCase: self = .withdrawCase
        case .returnCase: self = .returnCase
        case .reviewCase: self = .reviewCase
        case .concludeCase: self = .concludeCase
        case .confirmCase: self = .confirmCase
        case .revealCaseField: self = .revealCaseField
        case .eraseCase: self = .eraseCase
        case .endorseCase: self = .endorseCase
        case .demandMaterials: self = .demandMaterials
        case .handInMaterials: self = .handInMaterials
        case .fixReceiver: self = .fixReceiver
        case .followUpCase: self = .followUpCase
        case .acknowledgeTask: self = .acknowledgeTask
        case .finishTask: self = .finishTask
        case .refuseTask: self = .refuseTask
        case .reassignTask: self = .reassignTask
        case .payAid: self = .payAid
        case .configureCity: self = .configureCity
        case .registerParty: self = .registerParty
        case .registerOfficer: self = .registerOfficer
        case .setOfficerRoles: self = .setOfficerRoles
        case .suspendOfficer: self = .suspendOfficer
        case .loadCodeList: self = .loadCodeList
        case .loadRuleTable: self = .loadRuleTable
        case .confirmRestoration: self = .confirmRestoration
        case .loadCalendar: self = .loadCalendar
        case .loadSupervision: self = .loadSupervision
        case .markTime: self = .markTime
        case .advanceClock: self = .advanceClock
        case .beginDemonstration: self = .beginDemonstration
        case .loadCaseKinds: self = .loadCaseKinds
        case .loadSchoolDates: self = .loadSchoolDates
        case .receiveFund: self = .receiveFund
        case .loadBatchKind: self = .loadBatchKind
        case .loadBatchNames: self = .loadBatchNames
        case .submitBatch: self = .submitBatch
        case .erasePerson: self = .erasePerson
        case .loadRegisterFigures: self = .loadRegisterFigures
        case .checkBatch: self = .checkBatch
        case .finishBatch: self = .finishBatch
        case .attachEvidence: self = .attachEvidence
        case .takePackage: self = .takePackage
        case .finishPackage: self = .finishPackage
        case .changeParty: self = .changeParty
        case .suspendParty: self = .suspendParty
        case .handOverOfficer: self = .handOverOfficer
        case .eraseOfficer: self = .eraseOfficer
        case .handOnRequest: self = .handOnRequest
        case .loadPointsTable: self = .loadPointsTable
        case .announceRound: self = .announceRound
        case .loadRoundPosts: self = .loadRoundPosts
        case .loadRoundPeople: self = .loadRoundPeople
        case .withdrawFromRound: self = .withdrawFromRound
        case .freezeRound: self = .freezeRound
        case .reopenRound: self = .reopenRound
        case .confirmScore: self = .confirmScore
        case .postRanking: self = .postRanking
        case .objectToRanking: self = .objectToRanking
        case .settleObjection: self = .settleObjection
        case .openDraw: self = .openDraw
        case .filePreferences: self = .filePreferences
        case .pickPost: self = .pickPost
        case .passTurn: self = .passTurn
        case .closeRound: self = .closeRound
        case nil: return nil
        }
    }

    /// The command's field name, as it stands in refusals, histories and `next`.
    package var name: String {
        switch self {
        case .submitRequest: "submit_request"
        case .amendRequest: "amend_request"
        case .withdrawRequest: "withdraw_request"
        case .acceptRequest: "accept_request"
        case .returnRequest: "return_request"
        case .decideRequest: "decide_request"
        case .assignRequest: "assign_request"
        case .acknowledgeRequest: "acknowledge_request"
        case .handBackRequest: "hand_back_request"
        case .reportProgress: "report_progress"
        case .reportResult: "report_result"
        case .confirmRequest: "confirm_request"
        case .eraseRequest: "erase_request"
        case .scheduleRequest: "schedule_request"
        case .askExtension: "ask_extension"
        case .decideExtension: "decide_extension"
        case .askSuspension: "ask_suspension"
        case .decideSuspension: "decide_suspension"
        case .resumeRequest: "resume_request"
        case .carryOverRequest: "carry_over_request"
        case .voidRequest: "void_request"
        case .fileCase: "file_case"
        case .amendCase: "amend_case"
        case .withdrawCase: "withdraw_case"
        case .returnCase: "return_case"
        case .reviewCase: "review_case"
        case .concludeCase: "conclude_case"
        case .confirmCase: "confirm_case"
        case .revealCaseField: "reveal_case_field"
        case .eraseCase: "erase_case"
        case .endorseCase: "endorse_case"
        case .demandMaterials: "demand_materials"
        case .handInMaterials: "hand_in_materials"
        case .fixReceiver: "fix_receiver"
        case .followUpCase: "follow_up_case"
        case .acknowledgeTask: "acknowledge_task"
        case .finishTask: "finish_task"
        case .refuseTask: "refuse_task"
        case .reassignTask: "reassign_task"
        case .payAid: "pay_aid"
        case .configureCity: "configure_city"
        case .registerParty: "register_party"
        case .registerOfficer: "register_officer"
        case .setOfficerRoles: "set_officer_roles"
        case .suspendOfficer: "suspend_officer"
        case .loadCodeList: "load_code_list"
        case .loadRuleTable: "load_rule_table"
        case .confirmRestoration: "confirm_restoration"
        case .loadCalendar: "load_calendar"
        case .loadSupervision: "load_supervision"
        case .markTime: "mark_time"
        case .advanceClock: "advance_clock"
        case .beginDemonstration: "begin_demonstration"
        case .loadCaseKinds: "load_case_kinds"
        case .loadSchoolDates: "load_school_dates"
        case .receiveFund: "receive_fund"
        case .loadBatchKind: "load_batch_kind"
        case .loadBatchNames: "load_batch_names"
        case .submitBatch: "submit_batch"
        case .erasePerson: "erase_person"
        case .loadRegisterFigures: "load_register_figures"
        case .checkBatch: "check_batch"
        case .finishBatch: "finish_batch"
        case .attachEvidence: "attach_evidence"
        case .takePackage: "take_package"
        case .finishPackage: "finish_package"
        case .changeParty: "change_party"
        case .suspendParty: "suspend_party"
        case .handOverOfficer: "hand_over_officer"
        case .eraseOfficer: "erase_officer"
        case .handOnRequest: "hand_on_request"
        case .loadPointsTable: "load_points_table"
        case .announceRound: "announce_round"
        case .loadRoundPosts: "load_round_posts"
        case .loadRoundPeople: "load_round_people"
        case .withdrawFromRound: "withdraw_from_round"
        case .freezeRound: "freeze_round"
        case .reopenRound: "reopen_round"
        case .confirmScore: "confirm_score"
        case .postRanking: "post_ranking"
        case .objectToRanking: "object_to_ranking"
        case .settleObjection: "settle_objection"
        case .openDraw: "open_draw"
        case .filePreferences: "file_preferences"
        case .pickPost: "pick_post"
        case .passTurn: "pass_turn"
        case .closeRound: "close_round"
        }
    }
}
