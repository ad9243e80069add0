import BureauTestSupport
import Crypto
import Exchange
import Foundation
import Journal
import Schema
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Bureau

/// The program around the services: holds each reload until the test lets it end.
private final class Program: Administration {
    private struct State {
        var waiting: [@Sendable (Result<[Expiry], CredentialFaults>) -> Void] = []
        var asked: [String] = []
        var refused: [String] = []
    }
    private let state = Mutex(State())

    static let inUse = [Expiry(use: .server, name: "twolists://421300/server", serial: [7], ends: 86_400)]

    var asked: [String] { state.withLock { $0.asked } }
    var refused: [String] { state.withLock { $0.refused } }

    func reload(
        for who: String, _ done: @escaping @Sendable (Result<[Expiry], CredentialFaults>) -> Void
    ) {
        state.withLock { state in
            state.asked.append(who)
            state.waiting.append(done)
        }
    }
    func finish(_ result: Result<[Expiry], CredentialFaults>) {
        for done in state.withLock({ state in
            defer { state.waiting = [] }
            return state.waiting
        }) { done(result) }
    }
    var expiries: [Expiry] { Self.inUse }
    func refused(_ method: String, of who: String) {
        state.withLock { $0.refused.append("\(method) \(who)") }
    }
}

@Suite("DESIGN.md 6 who may have the server's certificates read again")
struct AdminTests {
    static let faults = CredentialFaults(
        Array(
            repeating: .listEnded("/etc/twolists/" + String(repeating: "d/", count: 300) + "ca.crl", 0),
            count: 20))

    private let program = Program()

    /// One call by an officer against a town where `b1y3` is the system administrator.
    private func call(
        _ officer: String, in town: Town, _ method: String = "Reload", _ handler: AdminHandler? = nil,
        handle: EngineHandle? = nil
    ) -> CaughtReply {
        let handle = handle ?? EngineHandle()
        let handler = handler ?? AdminHandler(engine: handle, program: program)
        let reply = CaughtReply()
        _ = handler.open(Self.info(officer, method), request: [], reply: reply)
        var inputs: [EngineInput] = []
        handle.mailbox.take(into: &inputs)
        town.desk.engine.turn(inputs)
        town.desk.log.step()
        return reply
    }

    /// The administrator is not of the town's roster: a kept journal holds that.
    private static func info(_ officer: String, _ method: String) -> CallInfo {
        var info = Desk.call(officer)
        info.method = method
        if officer == "b1y3" {
            info.peer = PeerIdentity(
                uri: [UInt8]("twolists://421300/bureau/421300/officer/b1y3".utf8), serial: [1],
                certificate: [], notAfter: 2_000_000_000, address: "127.0.0.1:1")
        }
        return info
    }

    private func town() throws -> Town {
        let town = try Town()
        let body = Command.OneOf_Body.registerOfficer(
            RegisterOfficer(
                officer: "b1y3", party: "bureau/421300", roles: [.systemAdmin], name: "测试丙", post: "系统管理员"))
        let answer = try town.desk.give(body, by: "b1q4", on: RosterTarget.officer("b1y3").bytes)
        #expect(answer.outcome?.refusal == .unspecified)
        return town
    }

    @Test("a system administrator of the bureau, and no other role: the others are told so and logged")
    func roles() throws {
        let town = try town()
        for officer in ["b1a1", "b1s2", "b1q4", "k7f2", "u7l1", "d5h2"] {
            for method in AdminService.Method.allCases {
                let reply = call(officer, in: town, method.rawValue)
                #expect(reply.status?.errorReason == "ADMIN_NOT_PERMITTED", "\(officer)")
            }
        }
        #expect(call("x9x9", in: town).status?.errorReason == "OFFICER_NOT_ACTIVE")
        #expect(program.asked.isEmpty)
        #expect(program.refused.first == "Reload twolists://421300/bureau/421300/officer/b1a1")
        #expect(program.refused.count == 13)
        let reply = call("b1y3", in: town)
        #expect(program.asked == ["twolists://421300/bureau/421300/officer/b1y3"])
        #expect(reply.status == nil)
        program.finish(.success(Program.inUse))
        let view = try CertificatesView(decoding: try #require(reply.payload))
        #expect(reply.status?.isOK == true && reply.answerCount == 1)
        #expect(
            view.certificates.map(\.use) == [.server] && view.certificates[0].endsAt == 86_400_000_000_000)
        #expect(call("b1y3", in: town, "ListCertificates").payload != nil)
        #expect(program.asked.count == 1)
    }

    @Test("suspended, a system administrator may no more")
    func suspended() throws {
        let town = try town()
        let answer = try town.desk.give(
            .suspendOfficer(SuspendOfficer(officer: "b1y3", suspended: true)), by: "b1q4",
            on: RosterTarget.officer("b1y3").bytes)
        #expect(answer.outcome?.refusal == .unspecified)
        #expect(call("b1y3", in: town).status?.code == .permissionDenied)
        #expect(program.asked.isEmpty)
    }

    @Test("four reloads wait at once, the fifth is told to come again; then there is room")
    func limit() throws {
        let town = try town()
        let handle = EngineHandle()
        let handler = AdminHandler(engine: handle, program: program)
        let replies = (0...AdminHandler.reloadsAtOnce).map { _ in
            call("b1y3", in: town, "Reload", handler, handle: handle)
        }
        #expect(replies.map { $0.status == nil } == [true, true, true, true, false])
        #expect(replies.last?.status?.code == .resourceExhausted)
        #expect(program.asked.count == AdminHandler.reloadsAtOnce)
        program.finish(.success([]))
        #expect(replies.allSatisfy { $0.answerCount == 1 })
        #expect(call("b1y3", in: town, "Reload", handler, handle: handle).status == nil)
    }

    @Test(
        "what is wrong with the files is told: the first whole in Chinese, all counted, within a status's KiB"
    )
    func refused() throws {
        let town = try town()
        let reply = call("b1y3", in: town)
        program.finish(.failure(Self.faults))
        let status = try #require(reply.status)
        #expect(status.code == .failedPrecondition && status.errorReason == "RELOAD_REFUSED")
        let text = try #require(status.detail(GoogleRPC.LocalizedMessage.self)).message
        #expect(text.contains("ca.crl：吊销列表已于1970-01-01T00:00:00Z过期") && text.contains("另有19处"), "\(text)")
        #expect(status.message.hasSuffix("...") && status.message.contains("the old files stay in use"))
        let bytes = status.details.reduce(0) { $0 + $1.typeURL.utf8.count + $1.value.count }
        #expect(bytes < 1024 && status.message.utf8.count <= 480, "\(bytes)")
    }

    @Test("an unknown method and a message that is none")
    func malformed() throws {
        let handler = AdminHandler(engine: EngineHandle(), program: program)
        #expect(handler.shape(of: "Reload") == .unary && handler.shape(of: "Stop") == nil)
        let reply = CaughtReply()
        _ = handler.open(Self.info("b1y3", "Reload"), request: [0x0A], reply: reply)
        #expect(reply.status?.errorReason == "MALFORMED")
    }
}

@Suite("DESIGN.md 6 trust and signing change without a restart")
struct RotationTests {
    @Test("a signature by a certificate that was revoked counts until the new list is there")
    func trust() throws {
        let ca = try TestCA()
        let officer = try ca.officer()
        let trust = SignatureTrust(try ca.trust())
        let message: [UInt8] = [1, 2, 3]
        let signature = try officer.key.sign(message)
        func judge() throws {
            _ = try trust.signer(
                of: message, algorithm: signature.algorithm.name, signature: signature.bytes,
                certificate: officer.certificate.der)
        }
        try judge()
        try ca.revoke(officer)
        try judge()
        trust.replace(try ca.trust())
        let status = #expect(throws: Status.self) { try judge() }
        #expect(status?.errorReason == "SIGNATURE_INVALID" && status?.message.contains("revoked") == true)
    }

    @Test("each checkpoint names the certificate whose key signed it, before and after a change")
    func signer() throws {
        let ca = try TestCA()
        let (first, second) = (try ca.journal(), try ca.journal())
        let rotating = try RotatingSigner(key: first.key, certificate: first.certificate)
        let sign = rotating.signer
        let before = try sign([1])
        try rotating.rotate(key: second.key, certificate: second.certificate)
        let after = try sign([1])
        for (made, holder) in [(before, first), (after, second)] {
            #expect(made.certificateFingerprint == holder.certificate.fingerprint)
            let signature = Signature(algorithm: .ecdsaP256SHA256, bytes: made.signature)
            #expect(holder.key.publicKey.verify(signature, over: [1]))
        }
        #expect(rotating.fingerprint == second.certificate.fingerprint)
    }
}
