import Foundation
import TestSupport
import Testing
import Wire

@testable import RPC

/// One status of the transport, as its peer reads it.
struct Provocation: Sendable, CustomTestStringConvertible {
    let reason: TransportReason
    let what: String
    let notProcessed: Bool
    let provoke: @Sendable (ConnectionProfile) throws -> Bench

    init(
        _ reason: TransportReason, _ what: String, notProcessed: Bool = false,
        _ provoke: @escaping @Sendable (ConnectionProfile) throws -> Bench
    ) {
        (self.reason, self.what, self.notProcessed, self.provoke) = (reason, what, notProcessed, provoke)
    }

    var testDescription: String { "\(reason.rawValue): \(what)" }

    /// The last Response that the server wrote.
    func status(_ profile: ConnectionProfile) throws -> Status {
        let bench = try provoke(profile)
        let frame = try #require(bench.frames().last { $0.header.type == .response })
        var status = try frame.body.withUnsafeBytes { try ResponseView(reading: $0).status }
        status.notProcessed = frame.header.flags.contains(.notProcessed)
        return status
    }
}

extension Provocation {
    private static func server(
        _ profile: ConnectionProfile, budget: Int? = nil, hello: Hello = Hello(minVersion: 1, maxVersion: 1),
        _ change: (inout ConnectionLimits) -> Void = { _ in }
    ) -> Bench {
        var limits = ConnectionLimits()
        change(&limits)
        let bench = Bench(.server, profile, limits: limits, budget: budget.map { ProcessBudget(bytes: $0) })
        if profile == .extended { bench.feed(FrameScript.frame(.hello, stream: 0, hello.encoded())) }
        _ = bench.written()
        return bench
    }

    private static func request(
        _ id: UInt32 = 1, _ flags: FrameFlags = [], _ body: [UInt8] = FrameScript.request()
    ) -> [UInt8] {
        FrameScript.frame(.request, stream: id, flags: flags, body)
    }

    private static func refused(_ body: [UInt8]) -> @Sendable (ConnectionProfile) -> Bench {
        { profile in
            let bench = server(profile)
            bench.feed(request(1, [], body))
            return bench
        }
    }

    /// A client that takes one byte on credit and small messages only; a base client has no such words.
    private static let narrow = Hello(
        minVersion: 1, maxVersion: 1, maxMessageBytes: 2000, initialCreditBytes: 1)

    private static func misshapen(_ flags: FrameFlags, _ shape: MethodShape)
        -> @Sendable (
            ConnectionProfile
        ) throws -> Bench
    {
        { profile in
            let bench = server(profile)
            bench.feed(request(1, flags))
            bench.machine.finish(1, try #require(bench.machine.accept(1, as: shape)))
            return bench
        }
    }

    /// Messages on a stream whose peer takes one.
    private static func sent(_ sizes: [Int], budget: Int? = nil) -> @Sendable (ConnectionProfile) -> Bench {
        { _ in
            let bench = server(.extended, budget: budget, hello: narrow) { $0.maxStreamQueueBytes = 100 }
            bench.feed(request(1, .remoteClosed))
            _ = bench.machine.accept(1, as: .serverStream)
            for size in sizes { try? bench.machine.send(1, [UInt8](repeating: 1, count: size)) }
            return bench
        }
    }

    private static func drained(_ then: @escaping @Sendable (Bench) -> Void)
        -> @Sendable (
            ConnectionProfile
        ) -> Bench
    {
        { profile in
            let bench = server(profile)
            bench.feed(request())
            bench.machine.drain("maintenance", now: bench.now)
            _ = bench.advance(2 * .second)
            // Taken: bytes that wait for half a minute would end the connection first.
            _ = bench.written()
            then(bench)
            return bench
        }
    }

    private static let pair = FrameScript.field(5, FrameScript.field(1, "a") + FrameScript.field(2, "b"))
    private static let big = [UInt8](repeating: 1, count: 20_000)

    static let all: [Provocation] =
        requests + limits + [
            Provocation(
                .deadlinePassed, "late when sent", notProcessed: true,
                refused(
                    FrameScript.request(extra: [0x20] + FrameScript.varint(.max)))),
            Provocation(.deadlinePassed, "while it runs") { profile in
                let bench = server(profile)
                bench.feed(request(1, [], FrameScript.request(timeout: 1_000_000)))
                _ = bench.advance(.second)
                return bench
            },
            Provocation(
                .stopping, "a call after the last GOAWAY", notProcessed: true, drained { $0.feed(request(3)) }
            ),
            Provocation(
                .stopping, "a call that outlives the drain", drained { _ = $0.advance(60 * .second) }),
        ]

    private static let requests = [
        Provocation(.malformed, "no protobuf", notProcessed: true, refused([0x0A, 5, 0x78])),
        Provocation(
            .metadataTooLarge, "pairs", notProcessed: true,
            refused(FrameScript.request(extra: (0..<65).flatMap { _ in pair }))),
        Provocation(
            .metadataTooLarge, "bytes", notProcessed: true,
            refused(
                FrameScript.request(
                    extra: FrameScript.varint(5 << 3 | 2) + FrameScript.varint(17_003 + 3)
                        + FrameScript.field(1, "a") + [0x12] + FrameScript.varint(16_999)
                        + [UInt8](repeating: 97, count: 16_999)))),
        Provocation(
            .nameTooLong, "service", notProcessed: true,
            refused(FrameScript.request(String(repeating: "a", count: 256)))),
        Provocation(.shapeMismatch, "a stream to a unary method", misshapen(.remoteOpen, .unary)),
        Provocation(.shapeMismatch, "unary to a stream", misshapen([], .serverStream)),
        Provocation(.shapeMismatch, "no stream to a client stream", misshapen([], .clientStream)),
    ]

    private static let limits = [
        Provocation(.messageTooLarge, "a Request", notProcessed: true) { profile in
            let bench = server(profile) { $0.maxMessageBytes = 64 }
            bench.feed(FrameScript.frame(.request, stream: 1, length: 65))
            return bench
        },
        Provocation(.answerTooLarge, "an answer") { _ in
            let bench = server(.extended, hello: narrow)
            bench.feed(request())
            bench.machine.finish(1, .ok, payload: big)
            return bench
        },
        Provocation(.answerTooLarge, "a message", sent([2001])),
        Provocation(.streamsLimited, "two of one", notProcessed: true) { profile in
            let bench = server(profile) { $0.maxStreams = 1 }
            bench.feed(request(1) + request(3))
            return bench
        },
        Provocation(.memoryShort, "a Request", notProcessed: true) { profile in
            let bench = server(profile, budget: 10)
            bench.feed(request(1, [], FrameScript.request(extra: [0x1A] + FrameScript.varint(20_000) + big)))
            return bench
        },
        Provocation(.memoryShort, "a message of the client") { profile in
            let bench = server(profile, budget: 10)
            bench.feed(request(1, .remoteOpen) + FrameScript.frame(.data, stream: 1, big))
            return bench
        },
        Provocation(.memoryShort, "an answer that waits") { profile in
            let bench = server(profile, budget: 10) { $0.writeHighWaterBytes = 50 }
            bench.feed(request(1) + request(3))
            for id: UInt32 in [1, 3] {
                bench.machine.finish(id, .ok, payload: [UInt8](repeating: 1, count: 100))
            }
            _ = bench.written()
            return bench
        },
        Provocation(.memoryShort, "a message that waits", sent([10, 60], budget: 10)),
        Provocation(.readerTooSlow, "messages that wait", sent([10, 60, 60])),
    ]
}

@Suite("PROTOCOL.md 9.3 every status of the transport has its details")
struct TransportStatusTests {
    /// What these few say is provoked over a real connection, or by the service itself.
    private static let elsewhere: Set<TransportReason> = [
        .serviceUnknown, .methodUnknown, .callDropped, .healthServiceUnknown,
    ]

    private func check(_ status: Status, _ reason: TransportReason) throws {
        #expect(status.errorReason == reason.rawValue)
        #expect(try ReasonRow.of(status).fits(status), "\(status)")
        let local = try #require(status.detail(GoogleRPC.LocalizedMessage.self), "\(status)")
        #expect(local.locale == "zh-CN" && local.message.unicodeScalars.contains { $0.value >= 0x4E00 })
        #expect(englishSentence(in: local.message) == nil, "\(local.message)")
        #expect(!status.message.isEmpty && status.message.utf8.allSatisfy { $0 < 0x80 })
        #expect(encodeStatus(status).count < 1024)
    }

    @Test(
        "provoked and read back, in both profiles", arguments: Provocation.all,
        [ConnectionProfile.base, .extended])
    func provoked(_ provocation: Provocation, profile: ConnectionProfile) throws {
        let status = try provocation.status(profile)
        try check(status, provocation.reason)
        #expect(status.notProcessed == (provocation.notProcessed && profile == .extended))
    }

    @Test("no reason is left out, and each is UPPER_SNAKE")
    func complete() {
        #expect(
            Set(Provocation.all.map(\.reason)).union(Self.elsewhere) == Set(TransportReason.allCases))
        let letters = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZ_")
        #expect(TransportReason.allCases.allSatisfy { $0.rawValue.allSatisfy(letters.contains) })
    }

    @Test("what the routes and a service that says nothing cause")
    func server() throws {
        let server = try TestServer { $0.allowsBaseProfile = true }
        for profile in [ConnectionProfile.extended, .base] {
            let client = try TestClient(port: server.server.port) { $0.profile = profile }
            try check(client.unary("Missing").0, .methodUnknown)
            try check(client.unary("Drop").0, .callDropped)
            let events = Recorder<ClientCallEvent>()
            let nowhere = MethodReference(service: "no.Such", method: "Echo")
            let call = client.link.call(nowhere, payload: []) { events.add($0) }
            try check(TestCall(call: call, events: events).result().0, .serviceUnknown)
            client.stop()
        }
        server.stop()
    }

    @Test("health: a service that is not there, a question that cannot be read")
    func health() throws {
        let health = HealthService(services: [])
        let peer = PeerIdentity(uri: [], serial: [], certificate: [], notAfter: 0, address: "")
        let call = CallInfo(
            service: health.name, method: "Check", peer: peer, metadata: [], deadline: nil, connection: 1,
            stream: 1)
        let unknown = GRPCHealthV1.HealthCheckRequest(service: "a.B").encoded()
        for (request, reason) in [
            (unknown, TransportReason.healthServiceUnknown), ([0x0A], TransportReason.malformed),
        ] {
            let reply = RecordingReply()
            _ = health.open(call, request: request, reply: reply)
            try check(try #require(reply.end).0, reason)
        }
    }

    @Test(
        "a peer of small messages gets the status without details, then without text",
        arguments: [
            (100, false), (20, true),
        ])
    func smallPeer(limit: UInt32, isBare: Bool) throws {
        let bench = Bench(.server)
        let hello = Hello(minVersion: 1, maxVersion: 1, maxMessageBytes: limit)
        bench.feed(FrameScript.frame(.hello, stream: 0, hello.encoded()))
        _ = bench.written()
        bench.feed(FrameScript.frame(.request, stream: 1, [0x0A, 5, 0x78]))
        let frame = try #require(bench.frames().first)
        let status = try frame.body.withUnsafeBytes { try ResponseView(reading: $0).status }
        #expect(frame.body.count <= Int(limit))
        #expect(status.code == .invalidArgument && status.details.isEmpty)
        #expect(status.message.isEmpty == isBare && frame.header.flags == .notProcessed)
    }

    @Test("a service's status keeps its code where only its details have no room")
    func detailsDoNotCount() throws {
        let bench = Bench(.server)
        let hello = Hello(minVersion: 1, maxVersion: 1, maxMessageBytes: 100)
        bench.feed(FrameScript.frame(.hello, stream: 0, hello.encoded()))
        _ = bench.written()
        bench.feed(FrameScript.frame(.request, stream: 1, FrameScript.request()))
        bench.machine.finish(1, .healthServiceUnknown)
        let frame = try #require(bench.frames().first)
        let status = try frame.body.withUnsafeBytes { try ResponseView(reading: $0).status }
        #expect(status == Status(.notFound, "this server has no such service"))
    }

    @Test("no status is made without them: what a peer may meet comes from TransportStatuses.swift")
    func onePlace() throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources")
        for folder in ["RPC", "Wire"] {
            let base = sources.appendingPathComponent(folder)
            for name in try FileManager.default.contentsOfDirectory(atPath: base.path)
            where name.hasSuffix(".swift") && name != "TransportStatuses.swift" {
                let text = try String(contentsOf: base.appendingPathComponent(name), encoding: .utf8)
                let made = text.matches(of: /\bStatus(?:\.init)?\(\s*(?:\.(?!ok\b)|code)\w*/).map(\.output)
                #expect(made.isEmpty, "\(name): \(made)")
            }
        }
    }
}
