import Crypto
import Exchange
import Schema
import Wire

/// A pencil-and-paper engine: decides, seals (by a stand-in), applies, and keeps the events, so that a state
/// can be rebuilt from them.
struct Desk {
    var state = State()
    var log: [(event: EventV1.Event, at: EventContext)] = []
    var now = Desk.morning
    var sequence: UInt64 = 0
    private var ids: UInt64 = 0

    /// 2026-03-02 09:00 in UTC+8.
    static let morning: Int64 = 1_772_413_200_000_000_000

    /// A desk with the seeds of the project's own folder loaded.
    static func seeded() throws -> Desk {
        var desk = Desk()
        for seed in try seedCommands(ProjectFiles.seeds()) {
            try desk.run(seed.command, .seed, seed.target, expecting: 0)
        }
        return desk
    }

    /// A fresh target or command id.
    mutating func newID() -> EntityID {
        ids += 1
        // The version's four bits stay 7 however many there are: 8 is the roster's.
        let high = 0x0195_0000_0000_7000 | (ids & 0xFFF) | ((ids >> 12) << 16)
        return EntityID(high: high, low: 0x8000_0000_0000_0000 | ids &* 0x9E37_79B9)
    }

    func actor(_ officer: String) -> ActorContext {
        let party = state.officer(officer).map { state.party($0.party).key } ?? ""
        return ActorContext(party: party, officer: officer, path: .line)
    }

    func viewer(_ officer: String) -> Viewer? {
        state.viewer(officer: officer, party: actor(officer).party)
    }

    func judge(
        _ command: Command, _ actor: ActorContext, _ target: EntityID, expecting version: UInt64
    ) throws(Rejection) -> [EventV1.Event] {
        let id = EntityID(high: 1, low: 1)
        return try decide(
            state, command,
            Context(
                now: now, actor: actor, commandID: id, target: target, expectedVersion: version,
                sha256: DigestFunction { Digest(of: $0).bytes }))
    }

    /// Decides and applies; the version goes up by one for each event.
    mutating func run(
        _ command: Command, _ actor: ActorContext, _ target: EntityID, expecting version: UInt64
    ) throws(Rejection) {
        let events = try judge(command, actor, target, expecting: version)
        guard let kind = CommandKind(command) else { return }
        for (offset, event) in events.enumerated() {
            sequence += 1
            now += 1_000_000_000
            let at = EventContext(
                sequence: sequence, time: now, actor: actor, target: target,
                version: version + UInt64(offset) + 1, kind: kind)
            let sealed = Self.sealed(event)
            state.apply(sealed, at: at)
            log.append((sealed, at))
        }
    }

    /// An officer's command at the version the target has now.
    mutating func run(_ body: Command.OneOf_Body, by officer: String, on target: EntityID) throws(Rejection) {
        try run(Command(body: body), actor(officer), target, expecting: state.version(of: target))
    }

    /// The refusal such a command meets; nil when it would be done.
    func refusal(
        _ body: Command.OneOf_Body, by officer: String, on target: EntityID, expecting: UInt64? = nil
    ) -> Rejection? {
        do {
            let version = expecting ?? state.version(of: target)
            _ = try judge(Command(body: body), actor(officer), target, expecting: version)
            return nil
        } catch { return error }
    }

    /// The state as a restart would make it.
    func rebuilt() -> State {
        var state = State()
        for entry in log { state.apply(entry.event, at: entry.at) }
        return state
    }

    /// Stands for AES: anything but the clear text, and never empty.
    static func sealed(_ event: EventV1.Event) -> EventV1.Event {
        var event = event
        event.forEachPersonal(under: .root) { (field: inout Personal, _) in
            field.sealed = [0x5E] + (field.clear ?? "").utf8.map { $0 ^ 0x5A }
        }
        return event
    }
}

/// FNV-1a over the canonical stream; enough to tell states apart in tests.
struct TestHasher: StateHasher {
    var value: UInt64 = 0xCBF2_9CE4_8422_2325
    var bytes = 0

    mutating func absorb(_ buffer: UnsafeRawBufferPointer) {
        for byte in buffer { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        bytes += buffer.count
    }

    static func digest(_ state: State) -> UInt64 {
        var hasher = TestHasher()
        state.digest(into: &hasher)
        return hasher.value
    }
}
