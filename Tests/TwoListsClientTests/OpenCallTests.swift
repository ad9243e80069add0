import Testing
import Wire

@testable import TwoListsClient

/// Calls of every kind over a transport that answers by a script.
@Suite("Calls of every kind in the client library", .timeLimit(.minutes(1)))
struct OpenCallTests {
    private typealias Check = GRPCHealthV1.HealthCheckRequest
    private typealias Answer = GRPCHealthV1.HealthCheckResponse

    private static let serving = Answer(status: .serving)
    private static func method(_ shape: MethodShape) -> RemoteMethod<Check, Answer> {
        RemoteMethod("test.Service", "Method", shape)
    }

    private func client(_ server: ScriptedServer) -> TwoListsClient {
        TwoListsClient(
            TwoListsClient.Configuration(
                host: "test", certificatePath: "", keyPath: "", authorityPath: "", timeout: .seconds(20)),
            connector: server, signer: nil)
    }

    private func ending(_ replies: ScriptedServer.Reply..., shape: MethodShape = .serverStream) async throws
        -> ClientError?
    {
        let call = try await client(ScriptedServer(replies: replies)).open(Self.method(shape))
        return await #expect(throws: ClientError.self) { for try await _ in call {} }
    }

    @Test("replies come in order, and the end stays the end")
    func replies() async throws {
        let messages = [Self.serving.encoded(), Answer(status: .notServing).encoded()]
        let server = ScriptedServer(replies: [.stream(messages, end: .finish(.ok))])
        let call = try await client(server).open(
            Self.method(.serverStream), Check(service: "x"),
            metadata: [MetadataEntry(key: "a", value: "b")])
        var replies = call.makeAsyncIterator()
        #expect(try await replies.next()?.status == .serving)
        #expect(try await replies.next()?.status == .notServing)
        #expect(try await replies.next() == nil)
        #expect(try await replies.next() == nil)
        #expect(server.requests.first?.payload == Check(service: "x").encoded())
        #expect(server.requests.first?.metadata == [MetadataEntry(key: "a", value: "b")])
        #expect(server.requests.first?.isResumed == false, "a drain waits for it")
    }

    @Test("the one reply of a client stream is its only element")
    func oneReply() async throws {
        let server = ScriptedServer(replies: [.answer(.ok, Self.serving.encoded())])
        let call = try await client(server).open(Self.method(.clientStream))
        var replies = call.makeAsyncIterator()
        #expect(try await replies.next()?.status == .serving)
        #expect(try await replies.next() == nil)
        #expect(await call.send(Check()) == false, "the call is over")
    }

    @Test("each way to end badly is told apart, and told again to who asks again")
    func badEnds() async throws {
        let status = Status(.notFound, "nothing there")
        #expect(try await ending(.stream([], end: .finish(status)))?.status == status)
        #expect(
            try await ending(.stream([], end: .finish(Status(.deadlineExceeded))))?.reason
                == .deadlineExceeded)
        // A server may say CANCELLED; only our own giving up is `.cancelled`.
        #expect(try await ending(.stream([], end: .finish(Status(.cancelled))))?.status?.code == .cancelled)
        let lost = ClientError.Reason.connectionLost(mayHaveRun: true)
        #expect(try await ending(.stream([Self.serving.encoded()], end: .lose))?.reason == lost)
        #expect(try await ending(.stream([[0xff]], end: .stay))?.reason == .badAnswer)
        let call = try await client(ScriptedServer(replies: [.stream([], end: .finish(status))])).open(
            Self.method(.bidirectional))
        for _ in 0..<2 {
            let error = await #expect(throws: ClientError.self) { try await call.reply() }
            #expect(error?.status == status)
        }
    }

    @Test("giving up ends reading with .cancelled")
    func cancel() async throws {
        let call = try await client(ScriptedServer(replies: [.never])).open(Self.method(.bidirectional))
        call.cancel()
        let error = await #expect(throws: ClientError.self) { try await call.reply() }
        #expect(error?.reason == .cancelled)
        #expect(await call.send(Check()) == false)
    }

    @Test("methods that take one message take no second")
    func oneMessage() async throws {
        for shape in [MethodShape.unary, .serverStream] {
            let call = try await client(ScriptedServer(replies: [.never])).open(Self.method(shape))
            #expect(await call.send(Check()) == false)
        }
    }

    @Test("a connection is waited for; one that can never be is an error at once")
    func connecting() async throws {
        let refused = ClientError(.server, .tcp, .connectionRefused)
        let later = ScriptedServer(
            attempts: [.fail(refused), .fail(refused), .accept],
            replies: [.answer(.ok, Self.serving.encoded())])
        #expect(try await client(later).open(Self.method(.unary)).reply().status == .serving)
        #expect(later.connects == 3)
        let never = ClientError(.server, .hello, .certificateRefused(alert: "unknown_ca"))
        let hopeless = ScriptedServer(attempts: [.fail(never)], replies: [])
        let error = await #expect(throws: ClientError.self) {
            try await client(hopeless).open(Self.method(.unary))
        }
        #expect(error == never)
    }

    @Test(
        "a call that sends one message is opened anew as long as nothing of it has run, and nothing was read")
    func opensAgain() async throws {
        let busy = Status(.unavailable, notProcessed: true)
        let messages = [Self.serving.encoded()]
        let server = ScriptedServer(
            replies: [.lose(sent: false), .answer(busy, []), .stream(messages, end: .finish(.ok))])
        let call = try await client(server).open(Self.method(.serverStream), Check(service: "x"))
        #expect(try await call.reply().status == .serving)
        #expect(
            server.requests.map(\.payload) == [[UInt8]](repeating: Check(service: "x").encoded(), count: 3))
        let ran = ScriptedServer(replies: [.lose(sent: true)])
        let wasRead = ScriptedServer(replies: [.stream(messages, end: .finish(busy))])
        let hadSent = ScriptedServer(replies: [.lose(sent: false)])
        for (server, shape) in [(ran, MethodShape.unary), (wasRead, .serverStream), (hadSent, .clientStream)]
        {
            let call = try await client(server).open(Self.method(shape))
            await #expect(throws: ClientError.self) { for try await _ in call {} }
            #expect(server.requests.count == 1)
        }
    }

    @Test("a call by name is repeated only when nothing has run")
    func repeats() async throws {
        let vouched = Status(.unavailable, notProcessed: true)
        let safe = ScriptedServer(
            replies: [.lose(sent: false), .answer(vouched, []), .answer(.ok, Self.serving.encoded())])
        #expect(try await client(safe).call(Self.method(.unary), Check()).status == .serving)
        #expect(safe.requests.count == 3)
        let unsafe = ScriptedServer(replies: [.lose(sent: true)])
        let error = await #expect(throws: ClientError.self) {
            try await client(unsafe).call(Self.method(.unary), Check())
        }
        #expect(error?.reason == .connectionLost(mayHaveRun: true))
        #expect(unsafe.requests.count == 1)
        // A server that does not vouch may have run it: only what is idempotent is sent again.
        let unknown = Status(.unavailable)
        let silent = ScriptedServer(replies: [.answer(unknown, []), .answer(.ok, Self.serving.encoded())])
        let told = await #expect(throws: ClientError.self) {
            try await client(silent).call(Self.method(.unary), Check())
        }
        #expect(told?.status == unknown && silent.requests.count == 1)
    }

    @Test("the gate lets one message pass, then waits for room; its end frees who waits")
    func gate() async {
        let gate = SendGate()
        #expect(await gate.pass())
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<3 { group.addTask { await gate.pass() } }
            gate.open()
            #expect(await group.next() == true)
            gate.close()
            #expect(await group.next() == false, "one opening, one message")
            #expect(await group.next() == false)
        }
        gate.open()
        #expect(await gate.pass() == false, "closed for good")
    }
}
