import Foundation
import RPC
import Synchronization
import TestSupport
import Testing
import Wire

/// What the Go client calls: echo, a refusal, a call that is never answered, and what the server saw of a call.
private final class EchoService: ServiceHandler {
    let name = "test.v1.Echo"
    /// Replies kept so that their calls stay open.
    private let kept = Mutex<[any CallReply]>([])

    func shape(of method: String) -> MethodShape? {
        ["Echo", "Fail", "Never", "Deadline", "Metadata", "WhoAmI"].contains(method) ? .unary : nil
    }

    func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        switch call.method {
        case "Echo": reply.finish(.ok, payload: request)
        case "Fail": reply.finish(Status(.failedPrecondition, "已办结\t的事项不能退回 😀"), payload: [])
        case "Deadline": reply.finish(.ok, payload: Array("\(Self.left(call))".utf8))
        case "Metadata": reply.finish(.ok, payload: Self.metadata(call))
        case "WhoAmI": reply.finish(.ok, payload: call.peer.uri)
        default: kept.withLock { $0.append(reply) }
        }
        return nil
    }

    private static func left(_ call: CallInfo) -> Int64 {
        call.deadline.map { Deadline.remaining($0, now: MonotonicTime.now()) } ?? 0
    }

    private static func metadata(_ call: CallInfo) -> [UInt8] {
        // Go's maps have no order.
        let lines = call.metadata.map { "\($0.key)=\($0.value)\n" }.sorted()
        return Array(lines.joined().utf8)
    }

    func letGo() { kept.withLock { $0 = [] } }
}

@Suite("PROTOCOL.md 2 a stock ttrpc client on the base profile")
struct TtrpcGoTests {
    private static let library = "/usr/share/gocode/src/github.com/containerd/ttrpc/client.go"

    private static func requireLibrary() throws {
        if FileManager.default.fileExists(atPath: library) { return }
        let package = "golang-github-containerd-ttrpc-dev is not installed"
        try #require(ProcessInfo.processInfo.environment["TWOLISTS_TOOLS"] != "required", "\(package)")
        try Test.cancel("\(package)")
    }

    /// Builds Tests/Peers/ttrpc-go with Debian's sources only: no module, no network.
    private static func build(_ go: String, into directory: TemporaryDirectory) throws -> String {
        let peers = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Peers/ttrpc-go")
        var environment = ProcessInfo.processInfo.environment
        environment.merge([
            "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "", "GOPROXY": "off",
        ]) {
            $1
        }
        environment["GOCACHE"] =
            FileManager.default.temporaryDirectory.appendingPathComponent("twolists-gocache").path
        let program = directory.file("ttrpc-go")
        let built = try runProcess(
            go, ["build", "-o", program, "main.go"], directory: peers.path, environment: environment,
            timeout: 300)
        try #require(built.status == 0, "\(built.errorText)")
        return program
    }

    private static func serve(_ ca: TestCA, _ service: EchoService) throws -> Server {
        var configuration = ServerConfiguration()
        configuration.port = 0
        configuration.allowsBaseProfile = true
        let holder = try ca.server()
        let context = try TLSContext(
            .server,
            TLSCredentials(chainPath: holder.certificatePath, keyPath: holder.keyPath, trustPath: ca.caPath),
            protocols: Server.protocols(configuration))
        return try Server(
            configuration, context: context, services: [service, HealthService(services: [service.name])])
    }

    @Test("Debian's Go ttrpc client: echo, status, deadlines, metadata, health, limits, over mutual TLS")
    func goClient() throws {
        let go = try requireTool("go")
        try Self.requireLibrary()
        let directory = try TemporaryDirectory("ttrpc-go")
        let program = try Self.build(go, into: directory)
        let ca = try TestCA()
        let officer = try ca.officer()
        let service = EchoService()
        let server = try Self.serve(ca, service)
        let ran = try runProcess(
            program, ["127.0.0.1:\(server.port)", ca.caPath, officer.certificatePath, officer.keyPath],
            timeout: 120)
        service.letGo()
        server.stop(graceful: false)
        let lines = ran.outputText.split(separator: "\n")
        #expect(ran.status == 0, "\(ran.outputText)\(ran.errorText)")
        #expect(lines.count == 12 && lines.allSatisfy { $0.hasPrefix("ok ") }, "\(ran.outputText)")
    }
}
