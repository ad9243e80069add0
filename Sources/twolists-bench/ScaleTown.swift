import Bureau
import Crypto
import Exchange
import Foundation
import Schema
import Wire

/// A city's years made in process: each command is decided, its personal fields are sealed, its event is applied and the clock writes what a
/// new day changes, as the engine does it but for the journal. What is random comes of a counter, so two towns of one size have one hash.
struct ScaleTown {
    private(set) var state: State
    private(set) var commands = 0
    /// Bytes of all personal texts, clear and sealed.
    private(set) var textBytes = 0
    /// Each with its decision, seals and event.
    private(set) var times = StepTimes()
    private(set) var now: Int64
    private var sequence: UInt64 = 0
    private var matters: UInt64 = 0
    private var keeper = TimeKeeper()
    private var draw: UInt64 = 1
    private var open: [Open] = []
    private let isAside: Bool
    private let seal: ScaleSeal
    /// Officers of the units, the first of which files half of all.
    private var units: [String] = ["u7l1", "u2l4"]

    /// A matter under way: `course` of the table, `done` steps of it.
    private struct Open {
        let target: EntityID
        let course: [ScaleStep]
        var done = 0
        let unit: String
        let local: String
        let isLocal: Bool
    }

    /// Those who take what units ask for, or ask themselves.
    private static let locals = ["k7f2", "k3z8", "k8g5"]
    private static let departments = ["department/421300-TRANSPORT", "department/421300-EDU"]
    private static let unitsAdded = 38
    /// Matters under way at once: what a city has on its desks.
    private static let deskSize = 10_000
    private static let begins = CivilDay(dayNumber: 18_628)  // 2021-01-01
    /// Requests are spread over these nanoseconds: six years but for their last months, in which cases follow.
    private static let span: Int64 = 2_100 * 86_400 * 1_000_000_000

    /// - Parameter aside: as a snapshot's state is built: nothing clear is kept, each text has its place in front.
    init(seeds: [SeedCommand], seal: ScaleSeal, aside: Bool = false) throws {
        state = State(aside: aside)
        isAside = aside
        self.seal = seal
        now = Self.begins.startNanoseconds ?? 0
        for seed in seeds { try run(seed.command, .seed, seed.target, expecting: 0) }
        for number in 10..<(10 + Self.unitsAdded) { try add(unit: number) }
    }

    private mutating func add(unit number: Int) throws {
        let (key, officer) = ("unit/LU-\(number)", "u\(number)l1")
        let party = RegisterParty(
            key: key, kind: .unit, code: "LU-\(number)", name: "驻随某部\(number)", order: Int32(number))
        try run(Command(body: .registerParty(party)), .seed, RosterTarget.party(key), expecting: 0)
        let body = RegisterOfficer(
            officer: officer, party: key, roles: [.clerk, .approver], name: "测试", post: "部队联络员")
        try run(Command(body: .registerOfficer(body)), .seed, RosterTarget.officer(officer), expecting: 0)
        units.append(officer)
    }

    var today: CivilDay { CivilDay(nanoseconds: now) }

    func viewer(_ officer: String) throws -> Viewer {
        guard let viewer = state.viewer(officer: officer, party: party(of: officer)) else {
            throw BenchError("no officer \(officer)")
        }
        return viewer
    }

    // MARK: Years

    /// Files and works so many requests, many at a time, over the years.
    mutating func work(requests count: Int) throws {
        let stepsOfHundred = ScaleCourses.requests.reduce(0) { $0 + $1.count + 1 }
        try work(count, ScaleCourses.requests, pace: Self.span / Int64(max(1, count * stepsOfHundred / 100)))
    }

    /// The same for cases, within the days after.
    mutating func work(cases count: Int) throws {
        try work(count, ScaleCourses.cases, areCases: true, pace: Self.span / 50 / Int64(max(1, count * 4)))
    }

    private mutating func work(
        _ count: Int, _ courses: [[ScaleStep]], areCases: Bool = false, pace: Int64
    ) throws {
        var filed = 0
        while filed < count || !open.isEmpty {
            now += pace
            if filed < count, open.count < min(Self.deskSize, max(1, count / 20)) {
                try file(courses[Int(random() % UInt64(courses.count))], areCases)
                filed += 1
            } else {
                try goOn(Int(random() % UInt64(open.count)))
            }
            keepTime()
        }
    }

    private mutating func file(_ course: [ScaleStep], _ isCase: Bool) throws {
        let number = random()
        let matter = Open(
            target: newTarget(), course: course,
            unit: number % 20 < 11 ? units[0] : units[Int(number >> 8 % UInt64(units.count))],
            local: Self.locals[Int(number >> 16 % 3)], isLocal: !isCase && number % 20 >= 17)
        try perform(isCase ? .fileCase : .submit, on: matter, number)
        if !course.isEmpty { open.append(matter) }
    }

    private mutating func goOn(_ index: Int) throws {
        let matter = open[index]
        try perform(matter.course[matter.done], on: matter, random())
        open[index].done += 1
        guard open[index].done == matter.course.count else { return }
        open.swapAt(index, open.count - 1)
        open.removeLast()
    }

    /// So many requests whose deadline is one and the same day; returns it.
    mutating func assignAll(_ count: Int, workingDays: Int32) throws {
        for _ in 0..<count {
            let matter = Open(
                target: newTarget(), course: [], unit: "u7l1", local: "k7f2", isLocal: false)
            for step in [ScaleStep.submit, .accept, .decide(.included)] {
                now += 1_000
                try perform(step, on: matter, 0)
            }
            var form = ScaleForms.assignment(to: party(of: matter.local), by: today, assisting: [])
            (form.deadline, form.workingDays) = (nil, workingDays)
            try run(.assignRequest(form), by: "b1s2", on: matter.target)
        }
    }

    private mutating func perform(_ step: ScaleStep, on matter: Open, _ number: UInt64) throws {
        let (asks, does) = matter.isLocal ? (matter.local, matter.unit) : (matter.unit, matter.local)
        switch step {
        case .submit: try submit(matter, by: asks, number)
        case .accept: try run(.acceptRequest(AcceptRequest()), by: "b1a1", on: matter.target)
        case .decide(let decision):
            try run(.decideRequest(ScaleForms.decision(decision)), by: "b1s2", on: matter.target)
        case .assign: try assign(matter, to: does, number)
        case .acknowledge: try run(.acknowledgeRequest(AcknowledgeRequest()), by: does, on: matter.target)
        case .handBack:
            try run(.handBackRequest(HandBackRequest(reason: "不在本县辖区")), by: does, on: matter.target)
        case .progress:
            let body = ReportProgress(percent: Int32(number % 100), note: "已完成招标，正在组织施工", stage: "work")
            try run(.reportProgress(body), by: does, on: matter.target)
        case .report:
            let grade: ResultGrade = number % 10 < 8 ? .solved : .beingSolved
            try run(
                .reportResult(ReportResult(grade: grade, summary: "已修缮并验收，恢复通行。")), by: does,
                on: matter.target)
        case .confirm(let satisfaction):
            let note = satisfaction == .dissatisfied ? "路肩仍有塌陷" : ""
            try run(
                .confirmRequest(ConfirmRequest(satisfaction: satisfaction, note: note)), by: asks,
                on: matter.target)
        case .withdraw:
            try run(.withdrawRequest(WithdrawRequest(reason: "已自行解决")), by: asks, on: matter.target)
        case .fileCase: try run(.fileCase(ScaleForms.fileCase), by: matter.unit, on: matter.target)
        case .reviewCase:
            try run(
                .reviewCase(ReviewCase(handler: "department/421300-HR", note: "材料齐全")), by: "b1s2",
                on: matter.target)
        case .concludeCase:
            try run(.concludeCase(ScaleForms.conclusion(starts: today)), by: "d5h2", on: matter.target)
        case .confirmCase:
            try run(
                .confirmCase(ConfirmCase(satisfaction: .satisfied)), by: matter.unit, on: matter.target)
        }
    }

    private mutating func submit(_ matter: Open, by officer: String, _ number: UInt64) throws {
        let body = SubmitRequest(
            direction: matter.isLocal ? .localToUnit : .unitToLocal, year: Int32(today.year), wave: .anytime,
            text: ScaleForms.text(number))
        try run(.submitRequest(body), by: officer, on: matter.target)
    }

    private mutating func assign(_ matter: Open, to officer: String, _ number: UInt64) throws {
        let assisting =
            matter.isLocal || number % 5 != 0
            ? [] : [Self.departments[Int(number >> 8 % UInt64(Self.departments.count))]]
        let form = ScaleForms.assignment(
            to: party(of: officer), by: today.adding(days: Int(7 + number % 40)), assisting: assisting)
        try run(.assignRequest(form), by: "b1s2", on: matter.target)
    }

    // MARK: One command

    private mutating func run(_ body: Command.OneOf_Body, by officer: String, on target: EntityID) throws {
        try run(
            Command(body: body), ActorContext(party: party(of: officer), officer: officer, path: .line),
            target, expecting: state.version(of: target))
    }

    private mutating func run(
        _ command: Command, _ actor: ActorContext, _ target: EntityID, expecting version: UInt64
    ) throws {
        guard let kind = CommandKind(command) else { throw BenchError("a command without a body") }
        commands += 1
        sequence += 1
        let id = EntityID(high: 0x0195_0000_0000_7000, low: 1 << 63 | sequence)
        let context = Context(
            now: now, actor: actor, commandID: id, target: target, expectedVersion: version,
            sha256: DigestFunction { Digest(of: $0).bytes })
        let at = EventContext(
            sequence: sequence, time: now, actor: actor, target: target, version: version + 1, kind: kind)
        let began = StepTimes.now()
        var events = try decide(state, command, context)
        textBytes += try seal.seal(&events, id, aside: isAside)
        for event in events { state.apply(event, at: at) }
        times.note(StepTimes.now() - began)
    }

    private func party(of officer: String) -> String {
        state.officer(officer).map { state.party($0.party).key } ?? ""
    }

    private mutating func newTarget() -> EntityID {
        matters += 1
        return EntityID(
            high: UInt64(truncatingIfNeeded: now / 1_000_000) << 16 | 0x7000 | matters & 0xFFF,
            low: 1 << 63 | Self.mixed(matters) >> 2)
    }

    private mutating func random() -> UInt64 {
        draw &+= 1
        return Self.mixed(draw)
    }

    /// SplitMix64.
    private static func mixed(_ number: UInt64) -> UInt64 {
        var z = number &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    // MARK: The clock

    private mutating func keepTime() {
        while isTimeDue() { _ = keepSlice() }
    }

    /// One slice of the clock's work; how many records it wrote.
    mutating func keepSlice() -> Int {
        let day = today
        keeper.beginSlice(&state)
        var marks = 0
        while let due = keeper.next(&state, on: day) {
            marks += 1
            sequence += 1
            let request = state.requests[due.slot]
            _ = due.record(request).encoded()
            state.apply(
                EventV1.Event(body: .timeMarked(due.mark)),
                at: due.context(request, sequence: sequence, time: now))
        }
        return marks
    }

    mutating func isTimeDue() -> Bool {
        let day = today
        return keeper.isDue(&state, on: day)
    }

    mutating func pass(to day: CivilDay) { now = max(now, day.startNanoseconds ?? now) }

    /// As after a start: the clock does not know what it has looked at.
    mutating func forgetTime() { keeper = TimeKeeper() }
}

/// Seals as the server does, AES-256-GCM a field, all under one key.
struct ScaleSeal {
    private let key: SealKey

    init() throws { key = try SealKey(bytes: [UInt8](repeating: 7, count: SealKey.length)) }

    /// Returns the bytes of the texts, clear and sealed.
    func seal(_ events: inout [EventV1.Event], _ command: EntityID, aside: Bool) throws -> Int {
        var bytes = 0
        _ = try key.sealing { (sealing) throws(CryptoError) in
            for index in events.indices {
                try events[index].forEachPersonal(under: PersonalPath.root.element(index)) {
                    (field, path) throws(CryptoError) in
                    let place = SealPlace(command: command, place: path.id).bytes
                    let nonce = Nonce(head: command.low ^ path.id, tail: 0)
                    guard var clear = field.clear, let sealed = seal(&clear, place, sealing, nonce) else {
                        throw .library(operation: "seal", reason: "AES-256-GCM failed")
                    }
                    field.sealed = aside ? place + sealed : sealed
                    if aside { field.clear = nil }
                    bytes += clear.utf8.count + sealed.count
                }
            }
            return []
        }
        return bytes
    }

    private func seal(
        _ clear: inout String, _ place: [UInt8], _ sealing: borrowing Sealing, _ nonce: Nonce
    ) -> [UInt8]? {
        clear.withUTF8 { text in
            place.withUnsafeBytes {
                sealing.seal(UnsafeRawBufferPointer(text), aad: $0, nonce: nonce)
            }
        }
    }

    func open(_ sealed: [UInt8], at place: SealPlace) throws -> String? {
        String(validating: try key.open(sealed, aad: place.bytes), as: UTF8.self)
    }
}
