import Crypto
import RPC
import Schema
import Synchronization
import TestSupport
import Testing
import Wire

@testable import TwoListsClient

/// Answers WhoAmI with nothing.
private final class Nobody: ServiceHandler {
    let name = LedgerService.name
    func shape(of method: String) -> MethodShape? { .unary }
    func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        reply.finish(.ok, payload: WhoAmIView(city: "421300").encoded())
        return nil
    }
}

/// What time it is at the server, turned by the test: seconds since 1970.
private final class Hand: Sendable {
    private let time: Mutex<Int64>
    init(_ time: Int64) { self.time = Mutex(time) }
    var now: Int64 { time.withLock { $0 } }
    func set(_ time: Int64) { self.time.withLock { $0 = time } }
}

/// An authority of its own, made long ago or now, of development or not, and what it has issued.
private struct Town {
    /// 2021-10-01 00:00 in UTC+8.
    static let october2021: Int64 = 1_633_017_600
    static let day: Int64 = 86_400

    let folder: TemporaryDirectory
    let authority: CertificateAuthority
    let service = Nobody()

    init(forDevelopment: Bool = true, at time: Int64 = Town.october2021) throws {
        folder = try TemporaryDirectory("demonstration")
        authority = try CertificateAuthority.create(
            at: folder.file("ca"), city: "421300", now: time, forDevelopment: forDevelopment)
        try authority.renewList(now: time, days: 731)
        try issue("server", "twolists://421300/server", at: time)
        try issue("officer", TestCA.officerURI, at: time)
    }

    func issue(_ name: String, _ identity: String, at time: Int64, days: Int = 300) throws {
        let key = try PrivateKey.generate()
        let request = try CertificateRequest(identity: try IdentityURI(identity), key: key)
        let certificate = try authority.issue(request, days: days, now: time)
        try DurableFile.replace(folder.file(name + ".crt"), try certificate.pem(), mode: 0o644)
        try DurableFile.replace(folder.file(name + ".key"), try key.pem(), mode: 0o600)
    }

    func revoke(_ name: String, at time: Int64) throws {
        let serial = try Certificate.load(path: folder.file(name + ".crt")).serial
        try authority.revoke(serial: Hex.encode(serial), reason: .keyCompromise, now: time)
        try authority.renewList(now: time, days: 731)
    }

    var trust: String { authority.directory + "/ca.crt" }

    /// A server whose clock is the hand; nil: one that keeps the real time.
    func server(_ hand: Hand?) throws -> Server {
        var configuration = ServerConfiguration()
        configuration.port = 0
        configuration.limits.drainGrace = 20 * .millisecond
        var clock: (@Sendable () -> Int64)?
        if let hand {
            clock = { hand.now }
            configuration.wall = { hand.now * .second }
            configuration.isDemonstration = true
        }
        let credentials = try TLSCredentials(
            chainPath: folder.file("server.crt"), keyPath: folder.file("server.key"), trustPath: trust,
            revocationListPaths: [authority.directory + "/ca.crl"])
        let context = try TLSContext(
            .server, credentials, protocols: Server.protocols(configuration),
            clock: clock)
        return try Server(configuration, context: context, services: [service], log: { _, _ in })
    }

    func client(_ port: UInt16) throws -> TwoListsClient {
        try TwoListsClient(
            TwoListsClient.Configuration(
                host: "127.0.0.1", port: port, certificatePath: folder.file("officer.crt"),
                keyPath: folder.file("officer.key"), authorityPath: trust, timeout: .seconds(20)))
    }

    func failure(_ port: UInt16) async throws -> ClientError? {
        let client = try client(port)
        defer { client.close() }
        return await #expect(throws: ClientError.self) { try await client.whoAmI(timeout: .seconds(5)) }
    }
}

@Suite("CASEWORK.md 5: certificates and ids by a demonstration clock, over TLS", .timeLimit(.minutes(2)))
struct DemonstrationLineTests {
    private static let april2022 = Town.october2021 + 182 * Town.day

    @Test(
        "certificates that ended long ago are good at the clock's time, on both sides; ids and times follow it"
    )
    func followed() async throws {
        let town = try Town()
        let server = try town.server(Hand(Self.april2022))
        defer { server.stop(graceful: false) }
        let client = try town.client(server.port)
        #expect(client.demonstrationTime == nil)
        await client.learnTime(within: .seconds(20))
        let told = try #require(client.demonstrationTime)
        #expect(told / 1_000_000_000 / Town.day == Self.april2022 / Town.day)
        #expect(try await client.whoAmI().city == "421300")
        let id = try client.makeID()
        let milliseconds = id.prefix(6).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        #expect(milliseconds / 1000 / Town.day == Self.april2022 / Town.day)
        let signed = try client.sealed(
            .acceptRequest(AcceptRequest()), target: id, expectedVersion: 1)
        let envelope = try Envelope(decoding: signed.envelope)
        #expect(envelope.issuedAt / 1_000_000_000 / Town.day == Self.april2022 / Town.day)
        client.close()
    }

    @Test("a command made without asking for the time is dated by it, too")
    func executed() async throws {
        let town = try Town()
        let server = try town.server(Hand(Self.april2022))
        defer { server.stop(graceful: false) }
        let client = try town.client(server.port)
        let id = try UUIDv7.make()
        // The service knows no such method's answer; what counts is that the client has learned the time before it sealed.
        _ = try? await client.execute(
            .acceptRequest(AcceptRequest()), target: id, expectedVersion: 1, timeout: .seconds(5))
        #expect(client.demonstrationTime != nil)
        client.close()
    }

    @Test(
        "the server's certificate ends by its clock: the client ends the connection before any call",
        arguments: [-2, 301])
    func serverEnds(days: Int64) async throws {
        let town = try Town()
        try town.issue("officer", TestCA.officerURI, at: Town.october2021 - 10 * Town.day, days: 700)
        let server = try town.server(Hand(Town.october2021 + days * Town.day))
        defer { server.stop(graceful: false) }
        let error = try await town.failure(server.port)
        guard case .serverCertificateRefused(let why)? = error?.reason else {
            // Before the authority began, the server refuses first: both judge by the same clock.
            #expect(days < 0, "\(String(describing: error))")
            return
        }
        #expect(why.contains("server certificate expired"), "\(why)")
    }

    @Test(
        "the officer's certificate ends, or is revoked, by the clock: the server refuses it",
        arguments: [true, false])
    func officerEnds(isRevoked: Bool) async throws {
        let town = try Town()
        try town.issue("server", "twolists://421300/server", at: Town.october2021, days: 700)
        if isRevoked { try town.revoke("officer", at: Town.october2021 + Town.day) }
        let server = try town.server(Hand(Town.october2021 + (isRevoked ? 2 : 301) * Town.day))
        defer { server.stop(graceful: false) }
        let error = try await town.failure(server.port)
        guard case .certificateRefused(let alert)? = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(alert == (isRevoked ? "certificate_revoked" : "certificate_expired"))
    }

    @Test("a client that trusts any other authority sends nothing to a demonstration")
    func stranger() async throws {
        let now = UTCTime.now()
        let town = try Town(forDevelopment: false, at: now)
        let server = try town.server(Hand(now))
        defer { server.stop(graceful: false) }
        let error = try await town.failure(server.port)
        guard case .serverCertificateRefused(let why)? = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(why.contains("demonstration clock") && error?.isPermanent == true)
    }

    @Test("one real authority in the CA file is enough to refuse it")
    func mixed() async throws {
        let now = UTCTime.now()
        let (town, other) = (try Town(at: now), try Town(forDevelopment: false, at: now))
        let both = try DurableFile.read(town.trust) + DurableFile.read(other.trust)
        let server = try town.server(Hand(now))
        defer { server.stop(graceful: false) }
        #expect(try await town.client(server.port).whoAmI().city == "421300")
        try DurableFile.replace(town.trust, both, mode: 0o644)
        guard case .serverCertificateRefused? = try await town.failure(server.port)?.reason else {
            Issue.record("a CA file with a real authority follows a demonstration clock")
            return
        }
    }

    @Test(
        "a server of development that keeps the real time is judged by the real time",
        arguments: [true, false])
    func realTime(isGood: Bool) async throws {
        let now = UTCTime.now()
        let town = try Town(at: now - 20 * Town.day)
        if !isGood { try town.issue("server", "twolists://421300/server", at: now - 19 * Town.day, days: 10) }
        try town.issue("officer", TestCA.officerURI, at: now)
        let server = try town.server(nil)
        defer { server.stop(graceful: false) }
        if isGood {
            let client = try town.client(server.port)
            #expect(try await client.whoAmI().city == "421300" && client.demonstrationTime == nil)
            return client.close()
        }
        guard case .serverCertificateRefused(let why)? = try await town.failure(server.port)?.reason else {
            Issue.record("an expired certificate was taken")
            return
        }
        #expect(why.contains("server certificate expired"))
    }

    @Test("a moved clock asks everybody to connect anew, and they learn it")
    func moved() async throws {
        let town = try Town()
        let hand = Hand(Self.april2022)
        let server = try town.server(hand)
        defer { server.stop(graceful: false) }
        let client = try town.client(server.port)
        _ = try await client.whoAmI()
        hand.set(Self.april2022 + 30 * Town.day)
        server.renew("moved")
        var days: Int64 = 0
        for _ in 0..<1000 where days != 30 {
            _ = try await client.whoAmI()
            days = ((client.demonstrationTime ?? 0) / 1_000_000_000 - Self.april2022) / Town.day
            if days != 30 { try await Task.sleep(for: .milliseconds(5)) }
        }
        #expect(days == 30)
        client.close()
    }

    @Test("the mark of development stands in the authority's certificate alone")
    func mark() throws {
        let (town, other) = (try Town(), try Town(forDevelopment: false))
        #expect(town.authority.certificate.isDevelopmentAuthority)
        #expect(!other.authority.certificate.isDevelopmentAuthority)
        #expect(try !Certificate.load(path: town.folder.file("server.crt")).isDevelopmentAuthority)
        #expect(TrustStore.isOfDevelopment(contents: try DurableFile.read(town.trust)))
        for contents in [[], Array("nothing".utf8), try DurableFile.read(other.trust)] {
            #expect(!TrustStore.isOfDevelopment(contents: contents))
        }
        // Longer lives are for development alone: at the limit, and one beyond.
        let time = Town.october2021
        #expect(throws: CryptoError.self) { try other.issue("x", TestCA.officerURI, at: time, days: 399) }
        try other.issue("x", TestCA.officerURI, at: time, days: CertificateAuthority.endEntityDaysLimit)
        try town.issue("x", TestCA.officerURI, at: time, days: CertificateAuthority.demonstrationDays)
        #expect(throws: CryptoError.self) { try town.issue("x", TestCA.officerURI, at: time, days: 732) }
    }
}
