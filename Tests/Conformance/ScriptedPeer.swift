import RPC
import Synchronization
import TestSupport
import Testing
import Wire

/// A peer that says exactly what a test wants it to say, in front of one connection machine.
final class ScriptedPeer {
    let machine: ConnectionMachine
    let profile: ConnectionProfile
    var now: Int64 = 50 * .second
    private(set) var history: [Action] = []

    /// `isReady`: HELLO has been exchanged (extended) and the output is empty.
    init(
        against role: ConnectionRole, _ profile: ConnectionProfile = .extended,
        limits: ConnectionLimits = ConnectionLimits(), budget: (any MemoryBudget)? = nil, isReady: Bool = true
    ) {
        self.profile = profile
        machine = ConnectionMachine(role: role, profile: profile, limits: limits, now: now, budget: budget)
        if isReady, profile == .extended { says(FrameScript.hello) }
        if isReady { _ = hears() }
    }

    /// The peer sends bytes; returns what they cause.
    @discardableResult
    func says(_ bytes: [UInt8]...) -> [Action] {
        for part in bytes { part.withUnsafeBytes { machine.receive($0, now: now) } }
        return actions()
    }

    func actions() -> [Action] {
        let actions = machine.actions
        machine.actions = []
        history += actions
        return actions
    }

    /// What the machine has sent since, frame by frame.
    func hears() -> [Heard] {
        let bytes = machine.withOutput { [UInt8]($0) }
        machine.drained(bytes.count, now: now)
        return FrameScript.split(bytes).map { Heard(header: $0.header, body: $0.body) }
    }

    func waits(_ nanos: Int64) -> [Action] {
        now += nanos
        machine.tick(now: now)
        return actions()
    }

    /// The code of the GOAWAY (extended) with which the connection ended; fails when it goes on.
    func ended(_ sourceLocation: SourceLocation = #_sourceLocation) -> GoAwayCode? {
        _ = actions()
        guard machine.isClosed, case .closed(let end)? = history.last else {
            Issue.record("the connection goes on", sourceLocation: sourceLocation)
            return nil
        }
        let last = hears().last
        if profile == .extended {
            #expect(last?.header.type == .goAway, sourceLocation: sourceLocation)
            guard let code = last?.goAwayCode else { return nil }
            if case .refused(let told, let text) = end {
                #expect(told == code && last?.goAwayText == text, sourceLocation: sourceLocation)
            }
            return code
        }
        #expect(last?.header.type != .goAway, sourceLocation: sourceLocation)
        if case .refused(let code, _) = end { return code }
        return GoAwayCode.none
    }

    /// The connection and a call after it still work.
    func goesOn(id: UInt32 = 1001, _ sourceLocation: SourceLocation = #_sourceLocation) {
        guard machine.role == .server else {
            #expect(!machine.isClosed, sourceLocation: sourceLocation)
            return
        }
        let before = machine.openStreams
        let actions = says(FrameScript.frame(.request, stream: id, FrameScript.request()))
        #expect(actions.count == 1, sourceLocation: sourceLocation)
        machine.finish(id, .ok)
        #expect(hears().last?.header.stream == id, sourceLocation: sourceLocation)
        #expect(machine.openStreams == before, sourceLocation: sourceLocation)
    }
}

/// One frame that a machine has sent.
struct Heard {
    var header: FrameHeader
    var body: [UInt8]

    var status: Status? {
        header.type == .response ? body.withUnsafeBytes { try? ResponseView(reading: $0).status } : nil
    }
    var code: StatusCode? { status?.code }
    var isNotProcessed: Bool { header.flags.contains(.notProcessed) }
    var goAwayCode: GoAwayCode? { body.count >= 8 ? GoAwayCode(rawValue: UInt32(body[7])) : nil }
    var goAwayLast: UInt32? {
        body.count >= 8 ? body[..<4].reduce(0) { $0 << 8 | UInt32($1) } : nil
    }
    var goAwayText: String { String(decoding: body.dropFirst(8), as: UTF8.self) }
}

/// A budget of a fixed size that shows what is taken.
final class FixedBudget: MemoryBudget {
    private let left: Atomic<Int>
    private let size: Int

    init(_ size: Int) {
        self.size = size
        left = Atomic(size)
    }

    var taken: Int { size - left.load(ordering: .relaxed) }

    func reserve(_ bytes: Int) -> Bool {
        if left.load(ordering: .relaxed) < bytes { return false }
        left.subtract(bytes, ordering: .relaxed)
        return true
    }

    func release(_ bytes: Int) { left.add(bytes, ordering: .relaxed) }
}
