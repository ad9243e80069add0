import Foundation
import RPC
import TestSupport
import Testing
import Wire

/// Two machines that talk at random over a line that cuts at random. After every step the books must balance.
private final class Chatter {
    var random: SplitMix64
    let pair: MachinePair
    let profile: ConnectionProfile
    var shapes: [UInt32: MethodShape] = [:]
    /// Client's view: calls opened, and how often each ended.
    var ends: [UInt32: Int] = [:]
    /// Server's view: opened, over (cancelled) and answered calls.
    var serverOpen: Set<UInt32> = []
    var serverOver: Set<UInt32> = []
    var openedAtServer: Set<UInt32> = []
    var sent: [UInt32: [Int]] = [:]
    var received: [UInt32: [Int]] = [:]
    var answered: [UInt32: [Int]] = [:]
    var heard: [UInt32: [Int]] = [:]
    var problems: [String] = []
    /// Closed by a rule: must never happen between two machines of ours.
    var closedBy: [ConnectionEnd] = []

    init(seed: UInt64, _ profile: ConnectionProfile) {
        random = SplitMix64(seed: seed)
        self.profile = profile
        var limits = ConnectionLimits()
        limits.initialCreditBytes = 300
        limits.maxStreams = 12
        limits.maxStreamQueueBytes = 2000
        limits.writeHighWaterBytes = 1500
        limits.writeLowWaterBytes = 700
        limits.controlBurst = 100_000
        limits.maxCancelsPerWindow = 100_000
        pair = MachinePair(profile, limits: limits)
        pair.run()
    }

    func below(_ bound: Int) -> Int { Int(random.next() % UInt64(max(bound, 1))) }

    func step() {
        switch below(14) {
        case 0, 1: openCall()
        case 2: clientSends()
        case 3: if let id = anyClientCall { pair.client.halfClose(id) }
        case 4: if below(3) == 0, let id = anyClientCall { pair.client.cancel(id) }
        case 5, 6: serverSends()
        case 7: if let id = serverOpen.sorted().first(where: { _ in below(2) == 0 }) { finish(id) }
        case 8: if let id = serverOver.sorted().first { finish(id) }
        case 9:
            pair.now += Int64(below(50)) * .millisecond
            pair.client.tick(now: pair.now)
            pair.server.tick(now: pair.now)
        default:
            pair.cut = { [self] in 1 + below($0) }
            _ = below(2) == 0 ? pair.move(pair.client, pair.server) : pair.move(pair.server, pair.client)
        }
        settle()
    }

    var anyClientCall: UInt32? {
        shapes.keys.filter { ends[$0] == nil }.sorted().randomElement(using: &random)
    }

    func openCall() {
        let shape = [MethodShape.unary, .serverStream, .clientStream, .bidirectional][below(4)]
        let timeout = below(3) == 0 ? Int64(1 + below(200)) * .millisecond : nil
        // Now and then above the floor from which the budget is asked.
        let payload = random.bytes(below(40) == 0 ? 17_000 : below(900))
        guard
            let id = try? pair.client.openStream(
                MethodReference(service: "chatter.C", method: "\(shape)"), shape: shape, payload: payload,
                timeout: timeout, now: pair.now)
        else { return }
        shapes[id] = shape
    }

    func clientSends() {
        guard let id = anyClientCall, let shape = shapes[id] else { return }
        let size = below(4) == 0 ? 0 : below(40) == 0 ? 17_000 : below(700)
        do {
            try pair.client.send(id, [UInt8](repeating: 1, count: size))
            if shape == .unary || shape == .serverStream { problems.append("sent on \(shape)") }
            sent[id, default: []].append(size)
        } catch {}
    }

    func serverSends() {
        guard let id = serverOpen.sorted().randomElement(using: &random) else { return }
        let size = below(4) == 0 ? 0 : below(700)
        if below(2) == 0, !pair.server.isReady(id) { return }
        if (try? pair.server.send(id, [UInt8](repeating: 2, count: size))) != nil {
            answered[id, default: []].append(size)
        }
    }

    func finish(_ id: UInt32) {
        pair.server.finish(
            id, below(2) == 0 ? .ok : Status(.aborted, "no"), payload: random.bytes(below(600)))
        serverOpen.remove(id)
        serverOver.remove(id)
    }

    /// Handles what the machines report, as a driver would.
    func settle() {
        pair.collect()
        for action in pair.clientActions { clientAction(action) }
        for action in pair.serverActions { serverAction(action) }
        pair.clientActions = []
        pair.serverActions = []
    }

    func clientAction(_ action: Action) {
        switch action {
        case .message(let id, let bytes):
            if ends[id] != nil { problems.append("message after the end of \(id)") }
            heard[id, default: []].append(bytes.count)
            pair.client.consumed(id, bytes.count)
        case .finished(let id, _, _): ends[id, default: 0] += 1
        case .closed(let end): closedBy.append(end)
        default: break
        }
    }

    func serverAction(_ action: Action) {
        switch action {
        case .opened(let id, let head, _):
            if !openedAtServer.insert(id).inserted { problems.append("\(id) opened twice") }
            serverOpen.insert(id)
            guard let shape = shapes[id], head.method == "\(shape)" else {
                return problems.append("shape of \(id)")
            }
            if shape != .unary, let status = pair.server.accept(id, as: shape) {
                problems.append(status.message)
            }
        case .message(let id, let bytes):
            received[id, default: []].append(bytes.count)
            pair.server.consumed(id, bytes.count)
        case .cancelled(let id, _):
            if serverOpen.remove(id) != nil { serverOver.insert(id) }
        case .closed(let end): closedBy.append(end)
        default: break
        }
    }

    /// Lets everything run out and checks the books.
    func close() {
        pair.cut = { $0 }
        for _ in 0..<200 where pair.client.openStreams + pair.server.openStreams > 0 {
            for id in shapes.keys.sorted() where ends[id] == nil { pair.client.halfClose(id) }
            for id in (serverOpen.union(serverOver)).sorted() { finish(id) }
            _ = pair.move(pair.client, pair.server)
            _ = pair.move(pair.server, pair.client)
            settle()
        }
        for _ in 0..<5 {
            pair.run()
            settle()
        }
    }
}

@Suite("PROTOCOL.md 4 and 7: random chatter of two machines")
struct MachineChatterTests {
    /// Conversations for each profile; TWOLISTS_SOAK=1 for all.
    static let seeds: UInt64 = ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] == "1" ? 500 : 15

    @Test(
        "each call ends once, messages keep their order, nothing is left over",
        arguments: [ConnectionProfile.base, .extended], 0..<seeds)
    func chatter(profile: ConnectionProfile, seed: UInt64) {
        let chatter = Chatter(seed: seed, profile)
        for _ in 0..<1500 {
            chatter.step()
            #expect(chatter.pair.server.heldBytes < 12 * 5000, "seed \(seed)")
            #expect(chatter.pair.budget.bytesInUse >= 0, "seed \(seed)")
        }
        chatter.close()
        #expect(chatter.problems == [], "seed \(seed)")
        #expect(chatter.closedBy == [], "seed \(seed)")
        #expect(chatter.shapes.keys.allSatisfy { chatter.ends[$0] == 1 }, "seed \(seed)")
        #expect(chatter.pair.client.openStreams == 0 && chatter.pair.server.openStreams == 0, "seed \(seed)")
        #expect(chatter.pair.client.heldBytes == 0 && chatter.pair.server.heldBytes == 0, "seed \(seed)")
        #expect(chatter.pair.budget.bytesInUse == 0, "seed \(seed)")
        for (id, sizes) in chatter.received {
            #expect(chatter.sent[id]?.starts(with: sizes) == true, "seed \(seed) stream \(id)")
        }
        for (id, sizes) in chatter.heard {
            #expect(chatter.answered[id]?.starts(with: sizes) == true, "seed \(seed) stream \(id)")
        }
        #expect(chatter.shapes.count > 20)
    }
}

@Suite("PROTOCOL.md 7 credit")
struct CreditTests {
    @Test(
        "credit comes back: a stream of many windows arrives whole, with memory bounded",
        arguments: [1, 7, 299, 5000])
    func manyWindows(size: Int) throws {
        var limits = ConnectionLimits()
        limits.initialCreditBytes = 300
        let pair = MachinePair(limits: limits)
        pair.run()
        let id = try pair.client.openStream(watch, shape: .serverStream, payload: [], now: pair.now)
        pair.run()
        #expect(pair.server.accept(id, as: .serverStream) == nil)
        pair.clientActions = []
        var sent = 0
        var got = 0
        for _ in 0..<10_000 where sent < 400 {
            while sent < 400, pair.server.isReady(id) {
                try pair.server.send(id, [UInt8](repeating: 1, count: size))
                sent += 1
            }
            pair.run()
            for case .message(_, let bytes) in pair.clientActions {
                got += 1
                pair.client.consumed(id, bytes.count)
            }
            pair.clientActions = []
            #expect(pair.server.heldBytes <= 2 * (size + 20) + 300 * 11)
        }
        #expect(got == 400)
    }

    @Test("nobody reads one stream: it waits, the others go on")
    func independent() throws {
        let pair = MachinePair()
        pair.run()
        let slow = try pair.client.openStream(watch, shape: .serverStream, payload: [], now: pair.now)
        let quick = try pair.client.openStream(watch, shape: .serverStream, payload: [], now: pair.now)
        pair.run()
        for _ in 0..<20 {
            while pair.server.isReady(slow) {
                try pair.server.send(slow, [UInt8](repeating: 0, count: 65536))
            }
            if pair.server.isReady(quick) { try pair.server.send(quick, [UInt8](repeating: 0, count: 65536)) }
            pair.run()
            for case .message(quick, let bytes) in pair.clientActions {
                pair.client.consumed(quick, bytes.count)
            }
            pair.clientActions.removeAll { if case .message(quick, _) = $0 { true } else { false } }
        }
        let waiting = pair.clientActions.filter { if case .message(slow, _) = $0 { true } else { false } }
        #expect(waiting.count == 4)
        #expect(!pair.server.isReady(slow) && pair.server.isReady(quick))
    }

    @Test("a client's half-close waits behind its messages, and its end needs no credit")
    func halfCloseWaits() throws {
        var limits = ConnectionLimits()
        limits.initialCreditBytes = 10
        let pair = MachinePair(limits: limits)
        pair.run()
        let id = try pair.client.openStream(gather, shape: .clientStream, payload: [], now: pair.now)
        for _ in 0..<3 { try pair.client.send(id, [UInt8](repeating: 1, count: 10)) }
        pair.client.halfClose(id)
        pair.run()
        func messages() -> Int {
            pair.serverActions.filter { if case .message = $0 { true } else { false } }.count
        }
        #expect(messages() == 1)
        pair.server.consumed(id, 10)
        pair.run()
        #expect(messages() == 2 && !pair.serverActions.contains(.requestsEnded(id)))
        pair.server.consumed(id, 10)
        pair.run()
        #expect(messages() == 3 && pair.serverActions.last == .requestsEnded(id))
    }
}

@Suite("PROTOCOL.md 8 drain")
struct DrainTests {
    @Test("a drain lets calls in flight finish and then closes both sides")
    func drain() throws {
        let pair = MachinePair()
        pair.run()
        let id = try pair.client.openStream(echo, shape: .unary, payload: [], now: pair.now)
        pair.run()
        pair.server.drain("restart", now: pair.now)
        pair.run()
        #expect(pair.clientActions.last == .goingAway(code: 0, text: "restart", isFinal: false))
        pair.now += .second
        pair.server.tick(now: pair.now)
        pair.run()
        #expect(!pair.client.isClosed && !pair.server.isClosed)
        pair.server.finish(id, .ok)
        pair.run()
        #expect(pair.clientActions.suffix(2) == [.finished(id, .ok, payload: []), .closed(.drained)])
        #expect(pair.serverActions.last == .closed(.drained))
    }

    @Test("a drain has an end: handlers that do not finish are cancelled")
    func cut() throws {
        let pair = MachinePair()
        pair.run()
        let id = try pair.client.openStream(echo, shape: .unary, payload: [], now: pair.now)
        pair.run()
        pair.server.drain("restart", now: pair.now)
        for seconds: Int64 in [1, 30] {
            pair.now += seconds * .second
            pair.server.tick(now: pair.now)
            pair.run()
        }
        #expect(pair.serverActions.suffix(2) == [.cancelled(id, .serverStopping), .closed(.drained)])
        guard case .finished(id, let status, _)? = pair.clientActions.dropLast().last else {
            Issue.record("no end")
            return
        }
        #expect(status.code == .unavailable && !status.notProcessed)
    }

    @Test("at its age a connection is drained")
    func age() {
        var limits = ConnectionLimits()
        limits.maxAge = 100 * .second
        limits.idleTimeout = 0
        let bench = Bench(.server, limits: limits).ready()
        _ = bench.advance(99 * .second)
        bench.feed(FrameScript.frame(.ping, stream: 0, flags: .ack, [UInt8](repeating: 0, count: 8)))
        _ = bench.written()
        _ = bench.advance(1 * .second)
        #expect(bench.frames().map(\.header.type) == [.goAway])
        #expect(bench.advance(1 * .second) == [.closed(.drained)])
    }

    @Test("base: new calls are refused during a drain, those in flight finish")
    func base() {
        let bench = Bench(.server, .base)
        bench.feed(FrameScript.frame(.request, stream: 1, FrameScript.request()))
        bench.machine.drain("restart", now: bench.now)
        #expect(bench.feed(FrameScript.frame(.request, stream: 3, FrameScript.request())) == [])
        #expect(bench.frames().map(\.header.stream) == [3])
        bench.machine.finish(1, .ok)
        #expect(bench.taken() == [.closed(.drained)])
    }
}
