import RPC
import TestSupport
import Testing
import Wire

/// Drives one machine with bytes and reads what it writes, without I/O.
final class Bench {
    let machine: ConnectionMachine
    var now: Int64 = 1_000_000_000
    /// Every action so far.
    private(set) var history: [Action] = []

    init(
        _ role: ConnectionRole, _ profile: ConnectionProfile = .extended,
        limits: ConnectionLimits = ConnectionLimits(), budget: (any MemoryBudget)? = nil
    ) {
        machine = ConnectionMachine(role: role, profile: profile, limits: limits, now: now, budget: budget)
    }

    /// Feeds bytes in pieces of `piece` bytes and returns the actions they caused.
    @discardableResult
    func feed(_ bytes: [UInt8], piece: Int = .max) -> [Action] {
        var position = 0
        while position < bytes.count {
            let end = min(bytes.count, piece == .max ? bytes.count : position + piece)
            bytes[position..<end].withUnsafeBytes { machine.receive($0, now: now) }
            position = end
        }
        return taken()
    }

    /// The actions not taken yet.
    func taken() -> [Action] {
        let actions = machine.actions
        machine.actions = []
        history += actions
        return actions
    }

    /// What the machine wants written; it is drained.
    func written(_ most: Int = .max) -> [UInt8] {
        let bytes = machine.withOutput { Array($0.prefix(most)) }
        machine.drained(bytes.count, now: now)
        return bytes
    }

    func frames() -> [(header: FrameHeader, body: [UInt8])] { split(written()) }

    func advance(_ nanos: Int64) -> [Action] {
        now += nanos
        machine.tick(now: now)
        return taken()
    }

    /// Past HELLO in the extended profile, output empty.
    func ready() -> Bench {
        if machine.profile == .extended { feed(FrameScript.hello) }
        _ = written()
        return self
    }
}

/// A client and a server machine with a line between them that cuts bytes as it likes.
final class MachinePair {
    let client: ConnectionMachine
    let server: ConnectionMachine
    var now: Int64 = 1_000_000_000
    /// How many of the available bytes are delivered at once.
    var cut: (Int) -> Int = { $0 }
    var clientActions: [Action] = []
    var serverActions: [Action] = []
    /// What both hold for each other.
    let budget = ProcessBudget(bytes: 64 << 20)

    init(
        _ profile: ConnectionProfile = .extended, limits: ConnectionLimits = ConnectionLimits(),
        clientLimits: ConnectionLimits? = nil
    ) {
        client = ConnectionMachine(
            role: .client, profile: profile, limits: clientLimits ?? limits, now: now, budget: budget)
        server = ConnectionMachine(role: .server, profile: profile, limits: limits, now: now, budget: budget)
    }

    /// Moves bytes both ways until nothing is left to move.
    func run() {
        var moved = true
        while moved {
            moved = move(client, server)
            moved = move(server, client) || moved
            collect()
        }
    }

    func collect() {
        clientActions += client.actions
        client.actions = []
        serverActions += server.actions
        server.actions = []
    }

    /// Delivers one cut of what `from` has written.
    @discardableResult
    func move(_ from: ConnectionMachine, _ to: ConnectionMachine) -> Bool {
        let count = min(max(cut(from.pendingOutput), 1), from.pendingOutput)
        if count == 0 { return false }
        let bytes = from.withOutput { Array($0.prefix(count)) }
        from.drained(count, now: now)
        bytes.withUnsafeBytes { to.receive($0, now: now) }
        return true
    }
}

func split(_ bytes: [UInt8]) -> [(header: FrameHeader, body: [UInt8])] { FrameScript.split(bytes) }

/// The head a plain test Request has.
func head(
    _ service: String = "test.Echo", _ method: String = "Unary", kind: StreamKind = .unary,
    metadata: [MetadataEntry] = [], deadline: Int64? = nil
) -> RequestHead {
    RequestHead(
        service: service, method: method, route: nil, kind: kind, metadata: metadata, deadline: deadline)
}

let echo = MethodReference(service: "test.Echo", method: "Unary")
let watch = MethodReference(service: "test.Echo", method: "Watch")
let gather = MethodReference(service: "test.Echo", method: "Gather")
let chat = MethodReference(service: "test.Echo", method: "Chat")
