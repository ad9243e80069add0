import Foundation
import RPC
import Synchronization
import TestSupport
import Testing
import TwoListsClient
import Wire

/// gRPC's interop cases by the Swift client, each test named for its case. Those that do not apply are in INTEROP.md beside this file.
@Suite("gRPC interop cases, the Swift client", .timeLimit(.minutes(5)))
struct InteropTests {
    private static let isSoak = ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] == "1"
    private let house: InteropHouse
    private let client: TwoListsClient

    init() throws {
        house = try InteropHouse()
        client = try house.client()
    }

    private func finish() async {
        await client.close(within: .seconds(5))
        house.server.stop()
    }

    /// The error a call ends with.
    private func failure<Request, Reply>(
        of call: RemoteCall<Request, Reply>, _ location: SourceLocation = #_sourceLocation
    ) async -> ClientError? {
        await #expect(throws: ClientError.self, sourceLocation: location) { for try await _ in call {} }
    }

    @Test("empty_unary")
    func emptyUnary() async throws {
        #expect(try await client.call(Interop.empty, InteropV1.Empty()) == InteropV1.Empty())
        await finish()
    }

    @Test("large_unary")
    func largeUnary() async throws {
        let reply = try await client.call(Interop.unary, Interop.largeRequest)
        #expect(reply.payload?.body == [UInt8](repeating: 0, count: 314_159))
        await finish()
    }

    @Test("client_streaming")
    func clientStreaming() async throws {
        let call = try await client.open(Interop.input)
        for size in [27_182, 8, 1_828, 45_904] { #expect(await call.send(Interop.part(size))) }
        call.finish()
        #expect(try await call.reply().aggregatedPayloadSize == 74_922)
        #expect(await call.send(Interop.part(1)) == false, "the call is over")
        await finish()
    }

    @Test("server_streaming")
    func serverStreaming() async throws {
        let sizes = [31_415, 9, 2_653, 58_979]
        let call = try await client.open(Interop.output, Interop.asking(31_415, 9, 2_653, 58_979))
        var got: [Int] = []
        for try await reply in call { got.append(reply.payload?.body.count ?? 0) }
        #expect(got == sizes)
        await finish()
    }

    @Test("ping_pong: each request is sent only after the reply before it")
    func pingPong() async throws {
        let call = try await client.open(Interop.duplex)
        var replies = call.makeAsyncIterator()
        for (asked, sent) in [(31_415, 27_182), (9, 8), (2_653, 1_828), (58_979, 45_904)] {
            #expect(await call.send(Interop.asking(asked, payload: sent)))
            #expect(try await replies.next()?.payload?.body.count == asked)
        }
        call.finish()
        #expect(try await replies.next() == nil)
        await finish()
    }

    @Test("empty_stream")
    func emptyStream() async throws {
        let call = try await client.open(Interop.duplex)
        call.finish()
        var replies = call.makeAsyncIterator()
        #expect(try await replies.next() == nil)
        #expect(try await replies.next() == nil, "the end stays the end")
        await finish()
    }

    @Test("custom_metadata: text, and bytes as base64, repeated in the reply, unary and streaming")
    func customMetadata() async throws {
        let sent = [
            MetadataEntry(key: "x-grpc-test-echo-initial", value: "test_initial_metadata_value"),
            MetadataEntry(key: "x-grpc-test-echo-trailing-bin", value: "q6ur"),
            MetadataEntry(key: "x-grpc-test-echo-initial", value: "两份清单"),
        ]
        let wanted = sent.map { InteropV1.SeenMetadata(key: $0.key, value: $0.value) }
        var request = Interop.largeRequest
        request.fillMetadata = true
        #expect(try await client.call(Interop.unary, request, metadata: sent).metadata == wanted)
        var asking = Interop.asking(314_159, 1)
        asking.fillMetadata = true
        let call = try await client.open(Interop.duplex, asking, metadata: sent)
        call.finish()
        var seen: [[InteropV1.SeenMetadata]] = []
        for try await reply in call { seen.append(reply.metadata) }
        #expect(seen == [wanted, []])
        await finish()
    }

    @Test("authenticated identity (in place of the credentials cases), unary and streaming")
    func identity() async throws {
        let request = InteropV1.SimpleRequest(fillUsername: true)
        #expect(try await client.call(Interop.unary, request).username == TestCA.officerURI)
        var asking = Interop.asking(1)
        asking.fillUsername = true
        let call = try await client.open(Interop.output, asking)
        #expect(try await call.reply().username == TestCA.officerURI)
        await finish()
    }

    @Test("status_code_and_message")
    func statusCodeAndMessage() async throws {
        try await expectStatus("test status message")
        await finish()
    }

    @Test("special_status_message")
    func specialStatusMessage() async throws {
        try await expectStatus("\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n")
        await finish()
    }

    private func expectStatus(_ message: String) async throws {
        let wanted = InteropV1.EchoStatus(code: 2, message: message)
        let unary = await #expect(throws: ClientError.self) {
            try await client.call(Interop.unary, InteropV1.SimpleRequest(responseStatus: wanted))
        }
        #expect(unary?.status == Status(.unknown, message))
        var asking = Interop.asking()
        asking.responseStatus = wanted
        let call = try await client.open(Interop.duplex, asking)
        call.finish()
        #expect(await failure(of: call)?.status == Status(.unknown, message))
    }

    @Test("unimplemented_method")
    func unimplementedMethod() async throws {
        await expectUnimplemented(Interop.unknownMethod)
        await finish()
    }

    @Test("unimplemented_service")
    func unimplementedService() async throws {
        await expectUnimplemented(Interop.unknownService)
        await finish()
    }

    private func expectUnimplemented(_ method: RemoteMethod<InteropV1.Empty, InteropV1.Empty>) async {
        let error = await #expect(throws: ClientError.self) {
            try await client.call(method, InteropV1.Empty())
        }
        #expect(error?.status?.code == .unimplemented)
        #expect(error?.status?.notProcessed == true)
    }

    @Test("cancel_after_begin")
    func cancelAfterBegin() async throws {
        let call = try await client.open(Interop.input)
        call.cancel()
        #expect(await failure(of: call)?.reason == .cancelled)
        #expect(await call.send(Interop.part(1)) == false)
        #expect(try await client.call(Interop.empty, InteropV1.Empty()) == InteropV1.Empty())
        await finish()
    }

    @Test("cancel_after_first_response")
    func cancelAfterFirstResponse() async throws {
        let call = try await client.open(Interop.duplex, Interop.asking(31_415, payload: 27_182))
        #expect(try await call.reply().payload?.body.count == 31_415)
        call.cancel()
        #expect(await failure(of: call)?.reason == .cancelled)
        await finish()
    }

    @Test("cancel_after_first_response: a task that is cancelled gives its call up")
    func cancelledTask() async throws {
        let call = try await client.open(Interop.duplex, Interop.asking(1))
        let reader = Task { () -> ClientError? in
            do throws(ClientError) {
                for try await _ in call {}
                return nil
            } catch {
                return error
            }
        }
        reader.cancel()
        #expect(await reader.value?.reason == .cancelled)
        await finish()
    }

    @Test("timeout_on_sleeping_server")
    func timeoutOnSleepingServer() async throws {
        _ = try await client.call(Interop.empty, InteropV1.Empty())
        let asleep = Interop.asking(1, payload: 27_182, interval: 60_000_000)
        let call = try await client.open(Interop.duplex, asleep, timeout: .milliseconds(1))
        #expect(await failure(of: call)?.reason == .deadlineExceeded)
        await finish()
    }

    @Test("concurrent_large_unary: more at once than the connection allows")
    func concurrentLargeUnary() async throws {
        let count = Self.isSoak ? 1_000 : 200
        let sizes = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<count {
                group.addTask {
                    try await client.call(Interop.unary, Interop.largeRequest).payload?.body.count ?? 0
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(sizes == [Int](repeating: 314_159, count: count))
        #expect(house.server.connections == 1)
        await finish()
    }

    @Test("rpc_soak: one connection")
    func rpcSoak() async throws {
        for _ in 0..<(Self.isSoak ? 1_000 : 100) {
            let reply = try await client.call(Interop.unary, Interop.largeRequest)
            #expect(reply.payload?.body.count == 314_159)
        }
        #expect(house.server.connections == 1)
        await finish()
    }

    @Test("channel_soak: a connection for each call")
    func channelSoak() async throws {
        for _ in 0..<(Self.isSoak ? 1_000 : 50) {
            let client = try house.client()
            let reply = try await client.call(Interop.unary, Interop.largeRequest)
            #expect(reply.payload?.body.count == 314_159)
            await client.close(within: .seconds(5))
        }
        await finish()
    }
}
