import Exchange
import Schema

/// What is done to one matter of a benchmark's town, one step after the other.
enum ScaleStep {
    case submit
    case accept
    case decide(Decision)
    case assign
    case acknowledge
    case handBack
    case progress
    case report
    case confirm(Satisfaction)
    case withdraw
    case fileCase
    case reviewCase
    case concludeCase
    case confirmCase
}

/// The ways requests and cases go, with how many of a hundred go them. Nine of ten reach an end; the others are left where they stand, so that
/// each state is there.
enum ScaleCourses {
    private static let toWork: [ScaleStep] = [.accept, .decide(.included), .assign, .acknowledge, .progress]
    private static let toEnd: [ScaleStep] = toWork + [.progress, .report, .confirm(.satisfied)]

    private static let redone: [ScaleStep] =
        toWork + [.report, .confirm(.dissatisfied), .progress, .report, .confirm(.mostly)]
    private static let handedBack: [ScaleStep] =
        [.accept, .decide(.included), .assign, .handBack] + [ScaleStep](toEnd.dropFirst(2))
    private static let reported: [ScaleStep] = toWork + [.report]

    static let requests: [[ScaleStep]] = spread([
        (60, toEnd), (5, redone), (5, handedBack), (6, [.accept, .decide(.declined)]),
        (6, [.accept, .decide(.routine)]),
        (4, [.accept, .decide(.referred)]), (4, [.withdraw]),
        (1, []), (1, [.accept]), (1, [.accept, .decide(.included)]),
        (2, [.accept, .decide(.included), .assign]), (2, toWork), (3, reported),
    ])

    static let cases: [[ScaleStep]] = spread([
        (85, [.reviewCase, .concludeCase, .confirmCase]), (5, [.reviewCase, .concludeCase]),
        (5, [.reviewCase]), (5, []),
    ])

    private static func spread(_ ways: [(share: Int, steps: [ScaleStep])]) -> [[ScaleStep]] {
        ways.flatMap { Array(repeating: $0.steps, count: $0.share) }
    }
}

/// The commands of a town's officers, with texts of the length clerks write; all of it is made up.
enum ScaleForms {
    private static let phrases = [
        "营区门前道路破损，雨季车辆难行，恳请协调修缮。", "家属院供水管网老化，水压不足，请安排检修。",
        "官兵子女入学需要协调就近学校，请在开学前答复。", "驻地通信信号较弱，影响日常联络，请增设基站。",
        "请组织医疗巡诊，方便离退休干部就近看病。", "请协助开展国防教育宣讲，时间另行约定。",
    ]
    private static let titles = ["营区门前道路修缮", "家属院供水管网检修", "官兵子女就近入学", "驻地通信基站增设", "医疗巡诊进营区"]
    private static let categories = ["road", "water", "schooling", "network", "medical"]

    /// One request in a hundred comes with the longest text there may be.
    static func text(_ number: UInt64) -> RequestText {
        let kind = Int(number % UInt64(titles.count))
        let content =
            number % 100 == 99
            ? String(String(repeating: phrases[0], count: 200).prefix(Limits.contentCharacters))
            : (0..<Int(2 + number % 4)).map { phrases[($0 + kind) % phrases.count] }.joined()
        return RequestText(
            title: titles[kind], content: content, category: categories[kind],
            contact: Contact(name: "李联络", phone: "0722-0000000"))
    }

    static func assignment(to party: String, by deadline: CivilDay, assisting: [String]) -> AssignRequest {
        AssignRequest(
            responsible: party, content: "按会商意见办理，完成后书面反馈。", deadline: deadline.open,
            qualityStandard: "验收合格，提报单位满意", firstPost: "分管局长", secondPost: "拥军优抚股股长",
            assisting: assisting)
    }

    static func decision(_ decision: Decision) -> DecideRequest {
        DecideRequest(
            decision: decision, policyBasis: decision == .declined ? "双清单办法第五条" : "", note: "会商同意该意见")
    }

    static let fileCase = FileCase(
        subcategory: "spouse-employment",
        service: ServiceSide(
            rankBand: "officer-middle", yearsBand: "12-16", merit: "third-merit", hardship: "none",
            approvalOrgan: "division"),
        family: FamilySide(
            name: "王小芳", idNumber: "11010519491231002X", householdPlace: "湖北省随州市", schooling: "bachelor",
            profession: "institution", contact: Contact(name: "王小芳", phone: "0722-0000000")),
        wish: "希望在市区中学任教，服从统一安排。",
        materials: [
            Material(kind: "marriage", sha256: [UInt8](repeating: 1, count: 32)),
            Material(kind: "service-merit", sha256: [UInt8](repeating: 2, count: 32)),
        ])

    static func conclusion(starts day: CivilDay) -> ConcludeCase {
        ConcludeCase(
            placed: true, channel: "matching-institution", employer: "随州市某中学", post: "教师",
            starts: day.open)
    }
}
