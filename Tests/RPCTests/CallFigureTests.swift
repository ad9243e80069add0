import Metrics
import TestSupport
import Testing
import Wire

@testable import RPC

/// Every call is counted once, by what its caller was told, however it ended. Machines without I/O.
@Suite("Operating: calls are counted by method and status")
struct CallFigureTests {
    /// A server's machine that counts, with one method known.
    private final class Counted {
        let figures = CallFigures()
        let routes = RouteCache()
        let machine: ConnectionMachine
        var now: Int64 = 1_000_000_000
        private var next: UInt32 = 1

        init(_ limits: ConnectionLimits = ConnectionLimits()) throws {
            let index = try #require(routes.add(service: "test.Echo", method: "Unary"))
            figures.add(index, .unary)
            machine = ConnectionMachine(
                .server, .extended, limits, Hello(), now, routes, nil, figures: figures)
            feed(FrameScript.hello)
        }

        func feed(_ bytes: [UInt8]) {
            bytes.withUnsafeBytes { machine.receive($0, now: now) }
            machine.actions = []
            _ = machine.withOutput { $0.count }
            machine.drained(machine.pendingOutput, now: now)
        }

        func open(_ method: String = "Unary", timeout: UInt64 = 0) -> UInt32 {
            defer { next += 2 }
            let body = FrameScript.request("test.Echo", method, timeout: timeout)
            feed(FrameScript.frame(.request, stream: next, body))
            return next
        }

        func tick(_ nanoseconds: Int64) {
            now += nanoseconds
            machine.tick(now: now)
            machine.actions = []
        }

        func codes(_ name: MethodName) -> [Int: UInt64] {
            let all = figures.copy(routes)[name]?.codes ?? []
            return Dictionary(
                uniqueKeysWithValues: all.enumerated().filter { $0.element > 0 }.map {
                    ($0.offset, $0.element)
                })
        }
        static let unary = MethodName(service: "test.Echo", method: "Unary")
        var known: [Int: UInt64] { codes(Self.unary) }
        var unknown: [Int: UInt64] { codes(.unknown) }
        var latency: Histogram? { figures.copy(routes)[Self.unary]?.latency }
    }

    @Test("an answer: its code, and the time from the request to the answer, not to the last byte read")
    func answered() throws {
        let counted = try Counted()
        let (first, second) = (counted.open(), counted.open())
        counted.machine.finish(first, .ok, now: counted.now + 3 * .millisecond)
        counted.machine.finish(second, Status(.notFound, "no"), now: counted.now + 11 * .second)
        counted.machine.finish(second, .ok, now: counted.now)
        #expect(counted.known == [0: 1, 5: 1] && counted.unknown.isEmpty)
        let latency = try #require(counted.latency)
        #expect(latency.counts[latency.scale.bounds.firstIndex(of: 5_000_000) ?? 0] == 1)
        #expect(latency.counts.last == 1 && latency.count == 2 && latency.sum == 11_003_000_000)
    }

    @Test("a deadline, a cancellation, a lost connection: once, whatever the handler does afterwards")
    func ended() throws {
        let counted = try Counted()
        let late = counted.open(timeout: 1_000_000)
        counted.tick(2 * .millisecond)
        counted.machine.finish(late, .ok, now: counted.now)
        #expect(counted.known == [4: 1])
        let cancelled = counted.open()
        counted.feed(FrameScript.frame(.cancel, stream: cancelled, FrameScript.bigEndian(1)))
        counted.machine.finish(cancelled, .ok, now: counted.now)
        #expect(counted.known == [4: 1, 1: 1])
        _ = counted.open()
        counted.machine.transportEnded(clean: true)
        #expect(counted.known == [4: 1, 1: 1, 14: 1] && counted.unknown.isEmpty)
        #expect(counted.latency?.count == 3)
    }

    @Test("names that nobody serves, and calls refused unread, are one line, however many names there are")
    func unknown() throws {
        var limits = ConnectionLimits()
        limits.maxStreams = 1
        let counted = try Counted(limits)
        for number in 0..<50 {
            let call = counted.open("Guess\(number)")
            counted.machine.finish(call, Status(.unimplemented, "none"), now: counted.now)
        }
        _ = counted.open()
        _ = counted.open()  // one too many
        #expect(counted.unknown == [12: 50, 8: 1])
        #expect(counted.figures.copy(counted.routes).count == 2)
    }

    @Test("a code without a name is counted as other, and the greatest one traps nothing")
    func strange() {
        let figures = CallFigures()
        for code: UInt32 in [16, 17, .max] { figures.ended(-1, code, after: .min) }
        figures.ended(.max, 0, after: 0)
        let method = figures.copy(RouteCache())[.unknown]
        #expect(method?.codes[16] == 1 && method?.codes[17] == 2 && method?.codes[0] == 1)
    }

    @Test("methods that stream back have no latency: it would be their reader's")
    func streams() {
        let (figures, routes) = (CallFigures(), RouteCache())
        for (index, shape) in [MethodShape.unary, .serverStream, .clientStream, .bidirectional].enumerated() {
            _ = routes.add(service: "s", method: "\(index)")
            figures.add(index, shape)
        }
        let has = figures.copy(routes).filter { $0.value.latency != nil }.keys.map(\.method).sorted()
        #expect(has == ["0", "2"])
    }
}
