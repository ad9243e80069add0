import RPC
import TestSupport
import Testing
import Wire

/// What is taken of the process budget comes back, whatever a peer sends and however its bytes arrive.
@Suite("PROTOCOL.md 5 bytes held for all peers of a server")
struct MachineBudgetTests {
    private static func data(_ id: UInt32, _ size: Int, _ flags: FrameFlags = []) -> [UInt8] {
        FrameScript.frame(.data, stream: id, flags: flags, [UInt8](repeating: 7, count: size))
    }

    /// A Request of more than `budgetFloorBytes`.
    private static func large(_ id: UInt32, _ flags: FrameFlags = []) -> [UInt8] {
        let payload = [0x1A] + FrameScript.varint(30_000) + [UInt8](repeating: 1, count: 30_000)
        return FrameScript.frame(.request, stream: id, flags: flags, FrameScript.request(extra: payload))
    }

    @Test(
        "whole Data frames above the floor, in one read with their Request, whatever comes of the call",
        arguments: [MethodShape.unary, .clientStream, .bidirectional], [ConnectionProfile.base, .extended])
    func wholeFrames(shape: MethodShape, profile: ConnectionProfile) {
        let budget = ProcessBudget(bytes: 1 << 20)
        let bench = Bench(.server, profile, budget: budget).ready()
        let open = FrameScript.frame(.request, stream: 1, flags: .remoteOpen, FrameScript.request())
        let messages = (0..<5).flatMap { Self.data(1, 20_000 - $0 * 600) }
        let actions = bench.feed(open + messages + Self.data(1, 17_000, .remoteClosed))
        #expect(actions.count == 8)
        #expect(budget.bytesInUse == 0)
        bench.machine.finish(1, bench.machine.accept(1, as: shape) ?? .ok)
        #expect(bench.machine.openStreams == 0 && budget.bytesInUse == 0)
    }

    @Test("a Request keeps what it took until it is answered; messages around it take nothing from it")
    func requestKeeps() {
        let budget = ProcessBudget(bytes: 1 << 20)
        let bench = Bench(.server, budget: budget).ready()
        let first = FrameScript.frame(.request, stream: 1, flags: .remoteOpen, FrameScript.request())
        let small = FrameScript.frame(.request, stream: 5, FrameScript.request())
        bench.feed(first + Self.data(1, 20_000) + Self.large(3) + Self.data(1, 20_000) + small)
        let held = budget.bytesInUse
        #expect((30_000..<30_100).contains(held))
        bench.machine.finish(5, .ok)
        #expect(budget.bytesInUse == held)
        bench.machine.finish(3, .ok)
        #expect(budget.bytesInUse == 0)
    }

    @Test("a refused call gives back at once: not readable, too late, more than are allowed")
    func refused() {
        let budget = ProcessBudget(bytes: 1 << 20)
        var limits = ConnectionLimits()
        limits.maxStreams = 1
        let bench = Bench(.server, limits: limits, budget: budget).ready()
        let broken = FrameScript.frame(
            .request, stream: 1, flags: .remoteOpen, [UInt8](repeating: 0xFF, count: 20_000))
        bench.feed(broken + Self.data(1, 20_000) + Self.data(1, 18_000))
        #expect(budget.bytesInUse == 0)
        let late = FrameScript.request(
            payload: [UInt8](repeating: 1, count: 16_000),
            extra: FrameScript.field(9, [UInt8](repeating: 1, count: 1000)) + [0x20]
                + FrameScript.varint(.max))
        bench.feed(FrameScript.frame(.request, stream: 3, flags: .remoteOpen, late) + Self.data(3, 20_000))
        #expect(budget.bytesInUse == 0)
        bench.feed(FrameScript.frame(.request, stream: 5, FrameScript.request()) + Self.large(7))
        #expect(bench.machine.openStreams == 1 && budget.bytesInUse == 0)
        #expect(!bench.machine.isClosed)
    }

    @Test("a begun frame holds its share until it is complete or the line ends")
    func begun() {
        let budget = ProcessBudget(bytes: 1 << 20)
        let bench = Bench(.server, budget: budget).ready()
        let open = FrameScript.frame(.request, stream: 1, flags: .remoteOpen, FrameScript.request())
        let message = Self.data(1, 20_000)
        bench.feed(open + message + message[..<9000])
        #expect(budget.bytesInUse == 20_000)
        bench.feed(Array(message[9000...]) + message[..<5])
        #expect(budget.bytesInUse == 0)
        bench.feed(Array(message[5..<100]))
        #expect(budget.bytesInUse == 20_000)
        bench.machine.transportEnded(clean: false)
        #expect(budget.bytesInUse == 0)
    }

    @Test(
        "random frames, cut at random, answered at random: nothing is left",
        arguments: 0..<60 as Range<UInt64>)
    func random(seed: UInt64) {
        var peer = RandomPeer(seed: seed)
        for _ in 0..<400 where !peer.bench.machine.isClosed { peer.step() }
        peer.settle()
        #expect(peer.budget.bytesInUse == 0, "seed \(seed)")
        #expect(peer.most > 0)
    }
}

/// A client that sends large frames of every kind, and handlers that answer as they like.
private struct RandomPeer {
    let budget = ProcessBudget(bytes: 200_000)
    let bench: Bench
    var random: SplitMix64
    var next: UInt32 = 1
    var sending: [UInt32] = []
    var open: Set<UInt32> = []
    /// The largest sum seen: that the budget was used at all.
    var most = 0
    /// What was cut off the last read.
    var rest: [UInt8] = []

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        var limits = ConnectionLimits()
        limits.initialCreditBytes = 8 << 20
        limits.maxStreams = 6
        limits.writeHighWaterBytes = 30_000
        limits.writeLowWaterBytes = 10_000
        bench = Bench(.server, seed % 2 == 0 ? .extended : .base, limits: limits, budget: budget).ready()
    }

    mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(max(bound, 1))) }
    mutating func bytes() -> [UInt8] { [UInt8](repeating: 1, count: 10_000 + below(20_000)) }

    mutating func step() {
        let frames = rest + (0..<(1 + below(4))).flatMap { _ in frame() }
        let cut = below(3) == 0 ? below(frames.count) : frames.count
        rest = Array(frames[cut...])
        handle(bench.feed(Array(frames[..<cut])))
        most = max(most, budget.bytesInUse)
        for id in open.sorted() where below(3) == 0 { answer(id) }
        handle(bench.taken())
        if below(3) == 0 { _ = bench.written(below(40_000)) }
        if below(4) == 0 { handle(bench.advance(Int64(below(20)) * .millisecond)) }
        handle(bench.taken())
    }

    private mutating func frame() -> [UInt8] {
        let id = sending.isEmpty ? 0 : sending[below(sending.count)]
        switch below(8) {
        case 0..<3: return request()
        case 3..<7 where id != 0: return FrameScript.frame(.data, stream: id, bytes())
        case 7 where id != 0:
            sending.removeAll { $0 == id }
            if below(2) == 0 { return FrameScript.frame(.data, stream: id, flags: .remoteClosed, bytes()) }
            return FrameScript.frame(.cancel, stream: id, [0, 0, 0, 1])
        default: return []
        }
    }

    private mutating func request() -> [UInt8] {
        defer { next += 2 }
        let flags = [FrameFlags(), .remoteClosed, .remoteOpen, .remoteOpen][below(4)]
        if flags == .remoteOpen { sending.append(next) }
        if sending.count > 4 { sending.removeFirst() }
        if below(8) == 0 { return FrameScript.frame(.request, stream: next, flags: flags, bytes()) }
        let payload = bytes()
        let body = FrameScript.request(
            timeout: below(3) == 0 ? 30_000_000 : 0,
            extra: [0x1A] + FrameScript.varint(UInt64(payload.count)) + payload)
        return FrameScript.frame(.request, stream: next, flags: flags, body)
    }

    private mutating func answer(_ id: UInt32) {
        if below(2) == 0 {
            try? bench.machine.send(id, bytes())
            return
        }
        bench.machine.finish(id, .ok, payload: bytes())
        open.remove(id)
    }

    private mutating func handle(_ actions: [Action]) {
        for action in actions {
            switch action {
            case .opened(let id, let head, _):
                open.insert(id)
                let shapes: [MethodShape] = [.unary, .serverStream, .clientStream, .bidirectional]
                guard head.kind != .unary, let refusal = bench.machine.accept(id, as: shapes[below(4)]) else {
                    continue
                }
                bench.machine.finish(id, refusal)
                open.remove(id)
            case .message(let id, let bytes): bench.machine.consumed(id, bytes.count)
            default: break
            }
        }
    }

    /// The rest of the line comes, everything is answered and written; half the time the line just ends.
    mutating func settle() {
        if below(2) == 0 { bench.machine.transportEnded(clean: false) }
        handle(bench.feed(rest))
        for _ in 0..<50 where !bench.machine.isClosed {
            for id in open.sorted() { bench.machine.finish(id, .ok) }
            open = []
            handle(bench.taken())
            _ = bench.written()
        }
    }
}
