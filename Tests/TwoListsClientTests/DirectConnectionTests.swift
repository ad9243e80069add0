import RPC
import Synchronization
import TestSupport
import Testing
import Wire

@testable import TwoListsClient

/// Counts what it is sent, answers a stream of requests with the sum, and repeats on `Echo`.
private final class Counter: ServiceHandler {
    let name = "test.Counter"
    let metadata = Mutex<[MetadataEntry]>([])

    func shape(of method: String) -> MethodShape? {
        switch method {
        case "Sum": .clientStream
        case "Echo": .bidirectional
        case "Many": .serverStream
        case "Refuse": .unary
        default: nil
        }
    }

    func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        metadata.withLock { $0 = call.metadata }
        switch call.method {
        case "Refuse": reply.finish(Status(.failedPrecondition, "no"), payload: [])
        case "Many":
            for number in 0..<UInt8(200) { reply.send([UInt8](repeating: number, count: 4000)) }
            reply.finish(.ok, payload: [])
        default: return Stream(reply, echoes: call.method == "Echo")
        }
        return nil
    }

    private final class Stream: CallHandler {
        private let reply: any CallReply
        private let echoes: Bool
        private var bytes = 0

        init(_ reply: any CallReply, echoes: Bool) {
            self.reply = reply
            self.echoes = echoes
        }

        func receive(_ message: [UInt8]) {
            bytes += message.count
            if echoes { reply.send(message) }
        }
        func requestsEnded() {
            reply.finish(.ok, payload: echoes ? [] : Array(String(bytes).utf8))
        }
        func ready() {}
        func cancelled(_ reason: CancelReason) {}
    }
}

@Suite("Issue 3.2: one connection that repeats nothing and shows its frames", .timeLimit(.minutes(2)))
struct DirectConnectionTests {
    private let ca: TestCA
    private let counter = Counter()

    init() throws { ca = try TestCA() }

    private func server() throws -> Server {
        var configuration = ServerConfiguration()
        configuration.port = 0
        let shown = try ca.server()
        let credentials = try TLSCredentials(
            chainPath: shown.certificatePath, keyPath: shown.keyPath, trustPath: ca.caPath,
            revocationListPaths: [ca.crlPath])
        let context = try TLSContext(.server, credentials, protocols: Server.protocols(configuration))
        return try Server(configuration, context: context, services: [counter], log: { _, _ in })
    }

    private func open(
        _ port: UInt16, trace: (@Sendable (Bool, FrameHeader, [UInt8]) -> Void)? = nil
    ) async throws(ClientError) -> DirectConnection {
        let holder: TestCA.Holder
        do { holder = try ca.officer() } catch { throw ClientError(.client, .configuration, .configuration) }
        let configuration = TwoListsClient.Configuration(
            host: "127.0.0.1", port: port, certificatePath: holder.certificatePath, keyPath: holder.keyPath,
            authorityPath: ca.caPath)
        return try await DirectConnection.open(
            configuration, serverIdentity: "twolists://421300/server", trace: trace)
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test(
        "a stream of requests many times larger than credit and queue goes out whole: each send waits for room"
    )
    func sends() async throws {
        let server = try server()
        defer { server.stop() }
        let connection = try await open(server.port)
        let call = connection.call(
            "test.Counter", "Sum", .clientStream, metadata: [MetadataEntry(key: "k", value: "v")],
            timeout: .seconds(60))
        let message = [UInt8](repeating: 1, count: 100_000)
        for _ in 0..<80 { await call.send(message) }
        call.halfClose()
        guard case .ended(let status, let payload)? = await call.next() else {
            Issue.record("no end")
            return
        }
        #expect(status.code == .ok && text(payload) == "8000000", "\(status)")
        #expect(counter.metadata.withLock { $0 } == [MetadataEntry(key: "k", value: "v")])
        #expect(await call.next() == nil)
        await connection.close(within: .seconds(10))
    }

    @Test("both ways, from the server, and a status; the frames are told in their order")
    func shapes() async throws {
        let server = try server()
        defer { server.stop() }
        let held = Frames()
        let connection = try await open(server.port) { isOutgoing, header, _ in held.add(isOutgoing, header) }
        let echo = connection.call("test.Counter", "Echo", .bidirectional, timeout: .seconds(60))
        for number in 0..<UInt8(3) {
            await echo.send([number])
            guard case .message(let bytes)? = await echo.next() else {
                Issue.record("no echo")
                return
            }
            #expect(bytes == [number])
        }
        echo.halfClose()
        guard case .ended(let status, _)? = await echo.next(), status.code == .ok else {
            Issue.record("no end")
            return
        }
        let many = connection.call("test.Counter", "Many", .serverStream, timeout: .seconds(60))
        var sizes: [Int] = []
        while case .message(let bytes)? = await many.next() { sizes.append(bytes.count) }
        #expect(
            sizes == [Int](repeating: 4000, count: 200),
            "more than the first credit: what is read is given back")
        let refused = connection.call("test.Counter", "Refuse", .unary, timeout: .seconds(60))
        guard case .ended(let no, _)? = await refused.next() else {
            Issue.record("no status")
            return
        }
        #expect(no.code == .failedPrecondition)
        await connection.close(within: .seconds(10))
        let told = held.lines
        #expect(
            told.filter { $0.hasPrefix("out") }.prefix(3) == ["out HELLO 0", "out Request 1", "out Data 1"])
        #expect(
            told.contains("in HELLO 0") && told.contains("in Response 5") && told.last == "out GOAWAY 0",
            "\(told.suffix(3))")
        #expect(told.filter { $0 == "in Data 3" }.count == 200)
    }

    private final class Frames: Sendable {
        private let held = Mutex<[String]>([])
        func add(_ isOutgoing: Bool, _ header: FrameHeader) {
            held.withLock { $0.append("\(isOutgoing ? "out" : "in") \(header.type.name) \(header.stream)") }
        }
        var lines: [String] { held.withLock { $0 } }
    }

    @Test("nobody there: one attempt, and its reason")
    func refused() async throws {
        let server = try server()
        let port = server.port
        server.stop()
        await #expect(throws: ClientError.self) { _ = try await open(port) }
    }
}
