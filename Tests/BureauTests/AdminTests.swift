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
    func connections(
        after place: LivePlace, limit: Int, _ done: @escaping @Sendable (LivePage<LiveConnection>) -> Void
    ) {
        let all = (1...120).map { LiveConnection(number: $0) }.filter { $0.number > place.connection }
        done(LivePage(items: Array(all.prefix(limit)), total: 120, hasMore: all.count > limit))
    }
    func streams(
        after place: LivePlace, limit: Int, _ done: @escaping @Sendable (LivePage<LiveStream>) -> Void
    ) {
        let all = (1...120).map { LiveStream(connection: UInt64($0 / 10), stream: UInt32($0)) }.filter {
            $0.place > place
        }
        done(LivePage(items: Array(all.prefix(limit)), total: 120, hasMore: all.count > limit))
    }
    var limits: [NamedLimit] { ConnectionLimits().named + ConnectionLimits.fixed + DecodingLimits.named }
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
    private let handle = EngineHandle()

    /// One call by an officer against a town where `b1y3` is the system administrator.
    private func call(
        _ officer: String, in town: Town, _ method: String = "Reload", _ handler: AdminHandler? = nil,
        request: [UInt8] = []
    ) -> CaughtReply {
        let handler = handler ?? AdminHandler(engine: handle, program: program)
        let reply = CaughtReply()
        _ = handler.open(Self.info(officer, method), request: request, reply: reply)
        settle(town)
        return reply
    }

    /// Turns of the engine and groups of the log until nothing waits: the question of right, then the record.
    private func settle(_ town: Town) {
        for _ in 0..<3 {
            var inputs: [EngineInput] = []
            handle.mailbox.take(into: &inputs)
            town.desk.engine.turn(inputs)
            town.desk.log.step()
        }
    }

    private func finish(_ result: Result<[Expiry], CredentialFaults>, _ town: Town) {
        program.finish(result)
        settle(town)
    }

    /// What the journal says of changes of the server.
    private func journaled(_ town: Town) throws -> [EventV1.Administration] {
        try town.recorded().system.compactMap { record in
            guard case .administration(let bytes) = record else { return nil }
            return try EventV1.Administration(decoding: bytes)
        }
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
        #expect(program.refused.count == 6 * AdminService.Method.allCases.count + 1)
        let reply = call("b1y3", in: town)
        #expect(program.asked == ["twolists://421300/bureau/421300/officer/b1y3"])
        #expect(reply.status == nil)
        #expect(try journaled(town).count { $0.done } == 0)
        finish(.success(Program.inUse), town)
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
        let handler = AdminHandler(engine: handle, program: program)
        let replies = (0...AdminHandler.reloadsAtOnce).map { _ in
            call("b1y3", in: town, "Reload", handler)
        }
        #expect(replies.map { $0.status == nil } == [true, true, true, true, false])
        #expect(replies.last?.status?.code == .resourceExhausted)
        #expect(program.asked.count == AdminHandler.reloadsAtOnce)
        finish(.success([]), town)
        #expect(replies.allSatisfy { $0.answerCount == 1 })
        #expect(call("b1y3", in: town, "Reload", handler).status == nil)
    }

    @Test(
        "what is wrong with the files is told: the first whole in Chinese, all counted, within a status's KiB"
    )
    func refused() throws {
        let town = try town()
        let reply = call("b1y3", in: town)
        finish(.failure(Self.faults), town)
        let status = try #require(reply.status)
        #expect(status.code == .failedPrecondition && status.errorReason == "RELOAD_REFUSED")
        let text = try #require(status.detail(GoogleRPC.LocalizedMessage.self)).message
        #expect(text.contains("ca.crl：吊销列表已于1970-01-01T00:00:00Z过期") && text.contains("另有19处"), "\(text)")
        #expect(status.message.hasSuffix("...") && status.message.contains("the old files stay in use"))
        let bytes = status.details.reduce(0) { $0 + $1.typeURL.utf8.count + $1.value.count }
        #expect(bytes < 1024 && status.message.utf8.count <= 480, "\(bytes)")
    }

    @Test(
        "a reload stands in the journal before it is answered: who, from where, with which faults; a signal's too"
    )
    func recorded() throws {
        let town = try town()
        let done = call("b1y3", in: town)
        program.finish(.success(Program.inUse))
        var inputs: [EngineInput] = []
        handle.mailbox.take(into: &inputs)
        town.desk.engine.turn(inputs)
        #expect(done.status == nil, "answered before its record was on disc")
        town.desk.log.step()
        #expect(done.status?.isOK == true)
        _ = call("b1y3", in: town)
        finish(.failure(Self.faults), town)
        handle.post(.administration(.reloadBySignal(nil)), urgent: true)
        settle(town)
        let records = try journaled(town)
        try #require(records.map(\.done) == [true, false, true])
        #expect(records.allSatisfy { $0.action == "reload" })
        #expect(records.map { $0.actor?.officer } == ["b1y3", "b1y3", ""])
        #expect(records.map { $0.actor?.address } == ["127.0.0.1:1", "127.0.0.1:1", ""])
        #expect(records[0].actor?.roles == [.systemAdmin] && records[0].actor?.certificateSerial == [1])
        #expect(records[1].faults.count == AdminNote.faultsMost)
        #expect(records[1].faults.allSatisfy { $0.utf8.count <= AdminNote.faultBytes + 3 })
    }

    @Test(
        "whoever may not is logged every time, and journaled as every refusal of a right, whatever was asked")
    func knocking() throws {
        let town = try town()
        for _ in 0..<EngineLimits.noticeBurstOfOfficer {
            #expect(call("k7f2", in: town).status?.errorReason == "ADMIN_NOT_PERMITTED")
            #expect(call("k7f2", in: town, "ListLimits").status?.errorReason == "ADMIN_NOT_PERMITTED")
        }
        #expect(program.refused.count == 2 * EngineLimits.noticeBurstOfOfficer)
        #expect(try journaled(town).isEmpty, "nothing was changed")
        let notices = try town.recorded().system.compactMap { record in
            guard case .notice(let bytes) = record else { return nil as EventV1.Notice? }
            return try EventV1.Notice(decoding: bytes)
        }
        #expect(notices.count == EngineLimits.noticeBurstOfOfficer)
        #expect(Set(notices.map(\.method)) == ["Reload", "ListLimits"])
        #expect(
            notices.allSatisfy {
                $0.service == "twolists.v1.Admin" && $0.actor?.officer == "k7f2"
                    && $0.reason == "ADMIN_NOT_PERMITTED"
            })
    }

    @Test("on a full disk a reload is answered all the same: it has happened, and nothing waits for room")
    func fullDisk() throws {
        let town = try town()
        town.disk.setCapacity(0)
        for _ in 0..<60 where town.desk.log.state == .open {
            _ = try? town.desk.give(.submitRequest, on: town.world.target())
        }
        try #require(town.desk.log.state != .open)
        let reply = call("b1y3", in: town)
        finish(.success(Program.inUse), town)
        #expect(reply.status?.isOK == true && reply.answerCount == 1)
        town.disk.setCapacity(.max)
        #expect(try journaled(town).isEmpty)
    }

    @Test("a page holds what it was asked for, 200 lines at most, and says where the next begins")
    func pages() throws {
        let town = try town()
        func connections(_ query: ListConnectionsQuery) throws -> ConnectionsPage? {
            let reply = call("b1y3", in: town, "ListConnections", request: query.encoded())
            return try reply.payload.flatMap { $0.isEmpty ? nil : try ConnectionsPage(decoding: $0) }
        }
        var page = try #require(try connections(ListConnectionsQuery()))
        #expect(page.connections.map(\.number) == Array(1...50) && page.total == 120)
        page = try #require(try connections(ListConnectionsQuery(cursor: page.nextCursor, pageSize: 60)))
        #expect(page.connections.map(\.number) == Array(51...110))
        page = try #require(try connections(ListConnectionsQuery(cursor: page.nextCursor, pageSize: 200)))
        #expect(page.connections.map(\.number) == Array(111...120) && page.nextCursor.isEmpty)
        var (query, seen) = (ListStreamsQuery(pageSize: 7), [UInt32]())
        repeat {
            let reply = call("b1y3", in: town, "ListStreams", request: query.encoded())
            let page = try StreamsPage(decoding: try #require(reply.payload))
            #expect(page.streams.count <= 7)
            seen += page.streams.map(\.stream)
            query.cursor = page.nextCursor
        } while !query.cursor.isEmpty
        #expect(seen == Array(1...120))
        for wrong in [
            ListConnectionsQuery(pageSize: 201), ListConnectionsQuery(pageSize: -1),
            ListConnectionsQuery(cursor: [1]), ListConnectionsQuery(cursor: Array(repeating: 2, count: 13)),
            ListConnectionsQuery(cursor: Array(repeating: 1, count: 14)),
        ] {
            let reply = call("b1y3", in: town, "ListConnections", request: wrong.encoded())
            #expect(reply.status?.code == .invalidArgument && reply.status?.errorReason == "BAD_PAGE")
        }
        let beyond = try connections(ListConnectionsQuery(cursor: [1] + Array(repeating: 0xFF, count: 12)))
        #expect(beyond?.connections.isEmpty == true && beyond?.nextCursor.isEmpty == true)
    }

    @Test(
        "every limit that is defined is listed once, with value, reason in both languages, in one small answer"
    )
    func limits() throws {
        let town = try town()
        let reply = call("b1y3", in: town, "ListLimits")
        let payload = try #require(reply.payload)
        let lines = try LimitsView(decoding: payload).limits
        #expect(payload.count < 64 << 10)
        for (part, type, path) in [
            ("connection", "ConnectionLimits", "Sources/Wire/Limits.swift"),
            ("decoding", "DecodingLimits", "Sources/Wire/Proto/Message.swift"),
            ("engine", "EngineLimits", "Sources/Bureau/EngineLimits.swift"),
            ("trail", "TrailLimits", "Sources/Bureau/TrailWorker.swift"),
            ("snapshot", "SnapshotLimits", "Sources/Bureau/Snapshots.swift"),
            ("backup", "BackupLimits", "Sources/Bureau/BackupWorker.swift"),
            ("journal", "JournalLimits", "Sources/Journal/JournalLimits.swift"),
            ("fields", "Limits", "Sources/Exchange/Core/Limits.swift"),
            ("batch", "BatchLimits", "Sources/Exchange/Batch/BatchLimits.swift"),
            ("batches", "BatchWorkLimits", "Sources/Bureau/Batch/BatchWorkLimits.swift"),
            ("attachment", "AttachmentLimits", "Sources/Exchange/Matters/AttachmentLimits.swift"),
            ("round", "RoundLimits", "Sources/Exchange/Round/RoundLimits.swift"),
        ] as [(String, String, String)] {
            let defined = try limitNames(type, in: path)
            let told = lines.filter { $0.part == part }
            #expect(!defined.isEmpty)
            #expect(
                Set(told.map(\.name)).isSuperset(of: defined),
                "\(part): \(defined.subtracting(told.map(\.name)))")
            #expect(Set(told.map(\.name)).count == told.count, "\(part)")
        }
        #expect(
            lines.filter { $0.part == "registers" }.map { "\($0.name) \($0.value)" } == [
                "figures 200", "conditions 8", "leaf_rows 16", "depth 64", "prefixes_at_once 256",
            ])
        #expect(lines.allSatisfy { !$0.reason.isEmpty && !$0.reasonZh.isEmpty })
        let value = Dictionary(uniqueKeysWithValues: lines.map { ("\($0.part).\($0.name)", $0.value) })
        #expect(value["connection.max_message_bytes"] == 1 << 20 && value["engine.waiting"] == 10_000)
        #expect(value["journal.pending_bytes"] == 32 << 20 && value["fields.title_characters"] == 80)
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
