import Synchronization
import Testing
import Wire

@testable import RPC

@Suite("PROTOCOL.md 10 reflection")
struct ReflectionServiceTests {
    private typealias Question = GRPCReflectionV1.ServerReflectionRequest
    private typealias Answer = GRPCReflectionV1.ServerReflectionResponse

    /// A FileDescriptorProto by hand: name, package, imports, and one message of that name with field `x`.
    private static func file(_ name: String, _ imports: [String] = [], message: String) -> [UInt8] {
        func text(_ number: UInt8, _ text: String) -> [UInt8] { part(number, Array(text.utf8)) }
        func part(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
            [number << 3 | 2, UInt8(bytes.count)] + bytes
        }
        let field = part(2, text(1, "x") + [3 << 3, 1, 5 << 3, 5])
        let method = part(2, text(1, "Do") + text(2, ".p.\(message)") + text(3, ".p.\(message)"))
        return text(1, name) + text(2, "p") + imports.flatMap { text(3, $0) }
            + part(4, text(1, message) + field)
            + part(6, text(1, "S\(message)") + method)
    }

    private static let a = file("a.proto", message: "A")
    private static let b = file("b.proto", ["a.proto"], message: "B")
    private static let c = file("c.proto", ["a.proto", "b.proto", "none.proto"], message: "C")

    private let service = ReflectionService(services: ["p.SC", "p.SA"], files: [a, b, [0xff], c])

    private func open(_ reply: RecordingReply, _ first: [UInt8] = []) throws -> any CallHandler {
        let peer = PeerIdentity(uri: [], serial: [], certificate: [], notAfter: 0, address: "")
        let info = CallInfo(
            service: service.name, method: "ServerReflectionInfo", peer: peer, metadata: [], deadline: nil,
            connection: 1, stream: 1)
        return try #require(service.open(info, request: first, reply: reply))
    }

    private func answers(_ reply: RecordingReply) throws -> [Answer] {
        try reply.state.withLock { $0.messages }.map { try Answer(decoding: $0) }
    }

    private func bytes(_ question: Question.OneOf_MessageRequest) -> [UInt8] {
        Question(messageRequest: question).encoded()
    }

    private func files(_ answer: Answer?) -> [[UInt8]] {
        if case .fileDescriptorResponse(let files)? = answer?.messageResponse {
            files.fileDescriptorProto
        } else {
            []
        }
    }

    private func code(_ answer: Answer?) -> Int32? {
        if case .errorResponse(let error)? = answer?.messageResponse { error.errorCode } else { nil }
    }

    @Test("list_services: every service and this one, sorted; the host and the question come back")
    func list() throws {
        let reply = RecordingReply()
        let handler = try open(reply)
        handler.receive(Question(host: "h", messageRequest: .listServices("*")).encoded())
        let answer = try #require(try answers(reply).first)
        guard case .listServicesResponse(let list)? = answer.messageResponse else {
            Issue.record("no list")
            return
        }
        #expect(list.service.map(\.name) == ["grpc.reflection.v1.ServerReflection", "p.SA", "p.SC"])
        #expect(answer.validHost == "h" && answer.originalRequest?.messageRequest == .listServices("*"))
        handler.requestsEnded()
        #expect(reply.end?.0.code == .ok)
        #expect(
            service.shape(of: "ServerReflectionInfo") == .bidirectional && service.shape(of: "Other") == nil)
    }

    @Test(
        "file_by_filename and file_containing_symbol: the file first, then what it needs and this stream has not had"
    )
    func symbols() throws {
        let reply = RecordingReply()
        let handler = try open(reply, bytes(.fileByFilename("b.proto")))
        for symbol in ["p.C", "p.C.x", "p.SC", "p.SC.Do"] {
            handler.receive(bytes(.fileContainingSymbol(symbol)))
        }
        let told = try answers(reply).map(files)
        #expect(told[0] == [Self.b, Self.a])
        // a.proto and b.proto were sent: what was asked for comes again, what it needs does not.
        #expect(told[1...].allSatisfy { $0 == [Self.c] } && told.count == 5)
    }

    @Test("what is not there, or not asked, is an error response and the stream goes on")
    func errors() throws {
        let reply = RecordingReply()
        let handler = try open(reply)
        handler.receive(bytes(.fileByFilename("none.proto")))
        handler.receive(bytes(.fileContainingSymbol("p.D")))
        handler.receive(
            bytes(.fileContainingExtension(GRPCReflectionV1.ExtensionRequest(containingType: "p.A"))))
        handler.receive(bytes(.allExtensionNumbersOfType("p.A")))
        handler.receive([])
        #expect(try answers(reply).map(code) == [5, 5, 12, 12, 3])
        #expect(reply.end == nil)
        handler.receive([0x0a])
        #expect(reply.end?.0.code == .invalidArgument)
        handler.receive(bytes(.listServices("")))
        #expect(try answers(reply).count == 5, "nothing is said after the end")
    }

    @Test(
        "questions wait for a peer that does not read, as many as the limit; one more is answered all the same"
    )
    func waiting() throws {
        let reply = RecordingReply()
        let handler = try open(reply)
        reply.state.withLock { $0.isReady = false }
        for _ in 0..<64 { handler.receive(bytes(.listServices(""))) }
        #expect(try answers(reply).isEmpty)
        handler.receive(bytes(.listServices("")))
        #expect(try answers(reply).count == 1)
        handler.requestsEnded()
        #expect(reply.end == nil, "the end waits behind the answers")
        reply.state.withLock { $0.isReady = true }
        handler.ready()
        #expect(try answers(reply).count == 65)
        #expect(reply.end?.0.code == .ok)
    }

    @Test("a call that is over says nothing more")
    func cancelled() throws {
        let reply = RecordingReply()
        let handler = try open(reply)
        reply.state.withLock { $0.isReady = false }
        handler.receive(bytes(.listServices("")))
        handler.cancelled(.cancelledByPeer)
        reply.state.withLock { $0.isReady = true }
        handler.ready()
        handler.requestsEnded()
        #expect(try answers(reply).isEmpty && reply.end == nil)
    }
}
