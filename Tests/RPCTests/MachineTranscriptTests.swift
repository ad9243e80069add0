import RPC
import TestSupport
import Testing
import Wire

/// Transcripts: what goes in, what comes out, both roles, no I/O.
@Suite("PROTOCOL.md 4 calls, server side")
struct ServerTranscriptTests {
    @Test("a unary call", arguments: [ConnectionProfile.base, .extended])
    func unary(profile: ConnectionProfile) {
        let bench = Bench(.server, profile).ready()
        let actions = bench.feed(
            FrameScript.frame(.request, stream: 1, FrameScript.request(payload: [1, 2])))
        #expect(actions == [.opened(1, head(), payload: [1, 2])])
        bench.machine.finish(1, .ok, payload: [3])
        #expect(bench.written() == FrameScript.frame(.response, stream: 1, [0x12, 1, 3]))
        #expect(bench.machine.openStreams == 0)
    }

    @Test("answers go out in the order they are given, in one burst")
    func burst() {
        let bench = Bench(.server).ready()
        let request = FrameScript.request()
        let calls = [1, 3, 5].flatMap { FrameScript.frame(.request, stream: $0, request) }
        #expect(bench.feed(calls).count == 3)
        for id: UInt32 in [5, 1, 3] { bench.machine.finish(id, .ok) }
        #expect(bench.frames().map(\.header.stream) == [5, 1, 3])
    }

    @Test("an error has code, text and details, and says when nothing was processed")
    func errors() throws {
        let bench = Bench(.server).ready()
        bench.feed(FrameScript.frame(.request, stream: 1, FrameScript.request()))
        bench.machine.finish(1, Status(.notFound, "no such list", notProcessed: true))
        let frame = try #require(bench.frames().first)
        #expect(frame.header.flags == .notProcessed)
        #expect(frame.body == FrameScript.field(1, [0x08, 5] + FrameScript.field(2, "no such list")))
    }

    @Test("a server stream: extended ends with Response, base with Data")
    func serverStream() {
        for profile in [ConnectionProfile.extended, .base] {
            let bench = Bench(.server, profile).ready()
            let request = FrameScript.request("test.Echo", "Watch")
            let actions = bench.feed(FrameScript.frame(.request, stream: 1, flags: .remoteClosed, request))
            #expect(actions == [.opened(1, head("test.Echo", "Watch", kind: .remoteClosed), payload: [])])
            #expect(bench.machine.accept(1, as: .serverStream) == nil)
            try? bench.machine.send(1, [7])
            bench.machine.finish(1, .ok)
            let end =
                profile == .extended
                ? FrameScript.frame(.response, stream: 1)
                : FrameScript.frame(.data, stream: 1, flags: [.remoteClosed, .noData])
            #expect(bench.written() == FrameScript.frame(.data, stream: 1, [7]) + end)
        }
    }

    @Test("a base stream that fails ends with Response")
    func baseStreamFails() {
        let bench = Bench(.server, .base).ready()
        bench.feed(FrameScript.frame(.request, stream: 1, flags: .remoteClosed, FrameScript.request()))
        #expect(bench.machine.accept(1, as: .serverStream) == nil)
        bench.machine.finish(1, Status(.aborted))
        #expect(bench.written() == FrameScript.frame(.response, stream: 1, FrameScript.field(1, [0x08, 10])))
    }

    @Test(
        "a client stream: messages, half-close, one answer", arguments: [ConnectionProfile.base, .extended])
    func clientStream(profile: ConnectionProfile) {
        let bench = Bench(.server, profile).ready()
        let open = FrameScript.frame(.request, stream: 1, flags: .remoteOpen, FrameScript.request())
        let data = FrameScript.frame(.data, stream: 1, [5]) + FrameScript.frame(.data, stream: 1)
        let close = FrameScript.frame(.data, stream: 1, flags: [.remoteClosed, .noData])
        let actions = bench.feed(open + data + close)
        #expect(
            actions == [
                .opened(1, head(kind: .remoteOpen), payload: []), .message(1, [5]), .message(1, []),
                .requestsEnded(1),
            ])
        #expect(bench.machine.accept(1, as: .clientStream) == nil)
        bench.machine.finish(1, .ok, payload: [6])
        #expect(bench.written() == FrameScript.frame(.response, stream: 1, [0x12, 1, 6]))
    }

    @Test("the last message may carry the end")
    func lastMessageEnds() {
        let bench = Bench(.server).ready()
        bench.feed(FrameScript.frame(.request, stream: 1, flags: .remoteOpen, FrameScript.request()))
        let actions = bench.feed(FrameScript.frame(.data, stream: 1, flags: .remoteClosed, [1]))
        #expect(actions == [.message(1, [1]), .requestsEnded(1)])
    }

    @Test("the shape of a method must fit how the call was opened")
    func shapes() {
        let fits: [(FrameFlags, MethodShape, Bool)] = [
            ([], .unary, true), ([], .serverStream, false), ([], .clientStream, false),
            ([], .bidirectional, false), (.remoteClosed, .unary, true), (.remoteClosed, .serverStream, true),
            (.remoteClosed, .clientStream, false), (.remoteClosed, .bidirectional, false),
            (.remoteOpen, .unary, false), (.remoteOpen, .serverStream, false),
            (.remoteOpen, .clientStream, true), (.remoteOpen, .bidirectional, true),
        ]
        for (flags, shape, fit) in fits {
            let bench = Bench(.server).ready()
            bench.feed(FrameScript.frame(.request, stream: 1, flags: flags, FrameScript.request()))
            #expect((bench.machine.accept(1, as: shape) == nil) == fit, "\(flags) \(shape)")
        }
    }

    @Test("deadline: the server answers by itself, and keeps the slot until the handler is done")
    func deadline() {
        let bench = Bench(.server).ready()
        let request = FrameScript.request(timeout: 5_000_000)
        let deadline = bench.now + 5_000_000
        #expect(
            bench.feed(FrameScript.frame(.request, stream: 1, request)) == [
                .opened(1, head(deadline: deadline), payload: [])
            ])
        #expect(bench.machine.nextTimer == deadline)
        #expect(bench.advance(4_999_999) == [])
        #expect(bench.advance(1) == [.cancelled(1, .deadlineExceeded)])
        #expect(bench.frames().map(\.header.type) == [.response])
        #expect(bench.machine.openStreams == 1)
        bench.machine.finish(1, .ok, payload: [1])
        #expect(bench.machine.openStreams == 0)
        #expect(bench.written() == [])
    }

    @Test("a deadline that had passed when it was sent is answered without a handler")
    func negativeTimeout() {
        let bench = Bench(.server).ready()
        let body = FrameScript.request(extra: [0x20] + FrameScript.varint(UInt64(bitPattern: -5)))
        #expect(bench.feed(FrameScript.frame(.request, stream: 1, body)) == [])
        #expect(bench.frames().map(\.header.flags) == [.notProcessed])
    }

    @Test("CANCEL reaches the handler and is not answered")
    func cancel() {
        let bench = Bench(.server).ready()
        bench.feed(FrameScript.frame(.request, stream: 1, FrameScript.request()))
        let cancel = FrameScript.frame(.cancel, stream: 1, [0, 0, 0, 1])
        #expect(bench.feed(cancel) == [.cancelled(1, .cancelledByPeer)])
        #expect(bench.feed(cancel) == [])
        bench.machine.finish(1, .ok)
        #expect(bench.written() == [])
        #expect(bench.machine.openStreams == 0)
        #expect(bench.feed(cancel) == [])
        #expect(!bench.machine.isClosed)
    }

    @Test("names in the route cache come back with their index")
    func routes() throws {
        let routes = RouteCache()
        let index = try #require(routes.add(service: "test.Echo", method: "Unary"))
        #expect(routes.add(service: "test.Echo", method: "Unary") == index)
        for number in 0..<500 { _ = routes.add(service: "test.S\(number)", method: "M") }
        let machine = ConnectionMachine(role: .server, profile: .base, now: 0, routes: routes)
        FrameScript.frame(.request, stream: 1, FrameScript.request()).withUnsafeBytes {
            machine.receive($0, now: 0)
        }
        guard case .opened(1, let head, _)? = machine.actions.first else { throw Unexpected.action }
        #expect(head.route == index)
        #expect(head.service == "test.Echo")
        #expect(routes.names(index).method == "Unary")
    }
}

enum Unexpected: Error { case action }

@Suite("PROTOCOL.md 4 calls, client side")
struct ClientTranscriptTests {
    @Test("ids are odd and grow; the Request is written as ttrpc has it")
    func unary() throws {
        let bench = Bench(.client, .base)
        let first = try bench.machine.openStream(echo, shape: .unary, payload: [1], now: bench.now)
        let second = try bench.machine.openStream(
            echo, shape: .unary, payload: [], timeout: 300, now: bench.now)
        #expect([first, second] == [1, 3])
        #expect(
            bench.written() == FrameScript.frame(.request, stream: 1, FrameScript.request(payload: [1]))
                + FrameScript.frame(.request, stream: 3, FrameScript.request(timeout: 300)))
        let answer =
            FrameScript.frame(.response, stream: 3, [0x12, 1, 9]) + FrameScript.frame(.response, stream: 1)
        #expect(bench.feed(answer) == [.finished(3, .ok, payload: [9]), .finished(1, .ok, payload: [])])
    }

    @Test("an extended client waits for HELLO")
    func waitsForHello() throws {
        let bench = Bench(.client)
        #expect(bench.machine.freeStreams == 0)
        #expect(throws: StreamError.notReady) {
            try bench.machine.openStream(echo, shape: .unary, payload: [], now: bench.now)
        }
        #expect(bench.frames().map(\.header.type) == [.hello])
        #expect(bench.feed(FrameScript.hello) == [.helloReceived(Hello(minVersion: 1, maxVersion: 1))])
        #expect(bench.machine.freeStreams == 128)
        #expect(try bench.machine.openStream(echo, shape: .unary, payload: [], now: bench.now) == 1)
    }

    @Test("flags by shape")
    func flags() throws {
        let bench = Bench(.client, .base)
        for shape in [MethodShape.unary, .serverStream, .clientStream, .bidirectional] {
            _ = try bench.machine.openStream(chat, shape: shape, payload: [], now: bench.now)
        }
        #expect(bench.frames().map(\.header.flags) == [[], .remoteClosed, .remoteOpen, .remoteOpen])
    }

    @Test("a base server stream ends with Data and may carry a last message")
    func baseStream() throws {
        let bench = Bench(.client, .base)
        let id = try bench.machine.openStream(watch, shape: .serverStream, payload: [], now: bench.now)
        let data = FrameScript.frame(.data, stream: id, [1])
        let end = FrameScript.frame(.data, stream: id, flags: .remoteClosed, [2])
        #expect(
            bench.feed(data + end) == [.message(1, [1]), .message(1, [2]), .finished(1, .ok, payload: [])])
    }

    @Test("deadline: the client ends the call, tells the server, and drops the late answer")
    func deadline() throws {
        let bench = Bench(.client).ready()
        let id = try bench.machine.openStream(echo, shape: .unary, payload: [], timeout: 1000, now: bench.now)
        _ = bench.written()
        let late = Status(.deadlineExceeded, "the deadline passed before the answer came")
        #expect(bench.advance(1000) == [.finished(id, late, payload: [])])
        #expect(bench.written() == FrameScript.frame(.cancel, stream: 1, [0, 0, 0, 4]))
        #expect(bench.feed(FrameScript.frame(.response, stream: 1)) == [])
        #expect(!bench.machine.isClosed)
    }

    @Test("cancelling in the base profile is silent")
    func baseCancel() throws {
        let bench = Bench(.client, .base)
        let id = try bench.machine.openStream(echo, shape: .unary, payload: [], now: bench.now)
        _ = bench.written()
        bench.machine.cancel(id)
        #expect(bench.taken() == [.finished(id, Status(.cancelled, "cancelled by the caller"), payload: [])])
        #expect(bench.written() == [])
        #expect(bench.feed(FrameScript.frame(.response, stream: 1, [0x12, 1, 1])) == [])
    }

    @Test("what is too large or too many is refused here, before it is sent")
    func local() throws {
        var told = Hello()
        told.maxMessageBytes = 100
        told.maxStreams = 2
        let bench = Bench(.client)
        bench.feed(FrameScript.frame(.hello, stream: 0, told.encoded()))
        _ = bench.written()
        let overhead = echo.encodedNames.count + 2
        let fits = [UInt8](repeating: 0, count: 100 - overhead)
        _ = try bench.machine.openStream(echo, shape: .unary, payload: fits, now: bench.now)
        #expect(throws: StreamError.messageTooLarge(bytes: 101, limit: 100)) {
            try bench.machine.openStream(echo, shape: .unary, payload: fits + [0], now: bench.now)
        }
        _ = try bench.machine.openStream(echo, shape: .unary, payload: [], now: bench.now)
        #expect(throws: StreamError.tooManyStreams(limit: 2)) {
            try bench.machine.openStream(echo, shape: .unary, payload: [], now: bench.now)
        }
        #expect(bench.frames().map(\.header.length) == [100, UInt32(echo.encodedNames.count)])
    }

    @Test("metadata that the server would refuse is refused here")
    func metadata() throws {
        let bench = Bench(.client).ready()
        func open(_ metadata: [MetadataEntry]) throws {
            _ = try bench.machine.openStream(
                echo, shape: .unary, payload: [], metadata: metadata, now: bench.now)
        }
        #expect(throws: StreamError.metadataRefused(.badMetadataKey)) {
            try open([.init(key: "A", value: "")])
        }
        #expect(throws: StreamError.metadataRefused(.tooManyMetadata(limit: 64))) {
            try open(Array(repeating: .init(key: "a", value: ""), count: 65))
        }
        #expect(throws: StreamError.metadataRefused(.metadataTooLarge(limit: 16384))) {
            try open([.init(key: "a", value: String(repeating: "v", count: 16384))])
        }
        try open([.init(key: "a", value: String(repeating: "v", count: 16383))])
    }

    @Test("ids end at 2^31")
    func idsEnd() {
        var wrap = ConnectionLimits()
        wrap.maxStreams = 1
        let bench = Bench(.server, limits: wrap).ready()
        let last = ConnectionLimits.streamIDLimit - 1
        #expect(bench.feed(FrameScript.frame(.request, stream: last, FrameScript.request())).count == 1)
    }
}

@Suite("PROTOCOL.md 3 both machines, bytes cut anywhere")
struct SplitTests {
    /// One conversation with all four shapes, an error and a cancel; the same actions come out however it is cut.
    private func converse(_ profile: ConnectionProfile, cut: @escaping (Int) -> Int) throws -> (
        [Action], [Action]
    ) {
        let pair = MachinePair(profile)
        pair.cut = cut
        pair.run()
        let now = pair.now
        let unary = try pair.client.openStream(
            echo, shape: .unary, payload: [UInt8](repeating: 3, count: 300), timeout: .second,
            metadata: [.init(key: "trace", value: "文")], now: now)
        let stream = try pair.client.openStream(watch, shape: .serverStream, payload: [1], now: now)
        let up = try pair.client.openStream(gather, shape: .clientStream, payload: [], now: now)
        let both = try pair.client.openStream(chat, shape: .bidirectional, payload: [], now: now)
        try pair.client.send(up, [1, 2, 3])
        try pair.client.send(both, [])
        pair.client.halfClose(up)
        pair.run()
        for (id, shape) in [(stream, MethodShape.serverStream), (up, .clientStream), (both, .bidirectional)] {
            #expect(pair.server.accept(id, as: shape) == nil)
        }
        for size in [31415, 9, 2653, 58979] {
            try pair.server.send(stream, [UInt8](repeating: UInt8(size & 255), count: size))
            pair.run()
        }
        pair.server.finish(unary, .ok, payload: [UInt8](repeating: 5, count: 70_000))
        pair.server.finish(stream, .ok)
        pair.server.finish(up, Status(.aborted, "busy", details: [.init(typeURL: "t", value: [1])]))
        try pair.server.send(both, [4])
        pair.run()
        pair.client.cancel(both)
        pair.run()
        pair.server.finish(both, .ok)
        #expect(pair.server.openStreams == 0 && pair.client.openStreams == 0)
        return (pair.clientActions, pair.serverActions)
    }

    @Test("whole, byte by byte, and at every seeded cut", arguments: [ConnectionProfile.base, .extended])
    func cuts(profile: ConnectionProfile) throws {
        let whole = try converse(profile) { $0 }
        #expect(whole.0.filter { if case .finished = $0 { true } else { false } }.count == 4)
        let single = try converse(profile) { _ in 1 }
        #expect(single.0 == whole.0 && single.1 == whole.1)
        for seed in 0..<30 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            let cut = try converse(profile) { Int.random(in: 1...max($0, 1), using: &random) }
            #expect(cut.0 == whole.0 && cut.1 == whole.1, "seed \(seed)")
        }
    }

    @Test("one cut at every position of a conversation's bytes")
    func everyPosition() {
        let request = FrameScript.request(payload: [1, 2, 3], timeout: 7)
        let bytes =
            FrameScript.hello + FrameScript.frame(.request, stream: 1, request)
            + FrameScript.frame(.ping, stream: 0, [UInt8](repeating: 1, count: 8))
            + FrameScript.frame(.request, stream: 3, flags: .remoteOpen, request)
            + FrameScript.frame(.data, stream: 3, flags: .remoteClosed, [9, 9])
            + FrameScript.frame(.cancel, stream: 1, [0, 0, 0, 1])
        let expected = Bench(.server).feed(bytes)
        #expect(expected.count == 6)
        for position in 1..<bytes.count {
            let bench = Bench(.server)
            let actions = bench.feed(Array(bytes[..<position])) + bench.feed(Array(bytes[position...]))
            #expect(actions == expected, "cut at \(position)")
            #expect(bench.machine.heldBytes == bench.machine.pendingOutput)
        }
    }
}
