import Schema
import Synchronization
import Testing
import Wire

@testable import TwoListsClient

/// The client over a scripted transport. Pauses are real (half a second at least), so few of these tests wait.
@Suite("TwoListsClient over a scripted transport", .timeLimit(.minutes(1)))
struct ClientTests {
    private func client(_ server: ScriptedServer, timeout: Duration = .seconds(600)) -> TwoListsClient {
        let configuration = ClientConfiguration(
            host: "test", certificatePath: "", keyPath: "", authorityPath: "", timeout: timeout)
        let signer = CommandSigner(
            officer: Officer(city: "421300", party: "unit/LU-07", officer: "k7f2"), certificate: [1, 2],
            algorithm: "ecdsa-p256-sha256", sign: { message in [UInt8(message.count & 0xFF)] })
        return TwoListsClient(configuration, connector: server, signer: signer)
    }

    @Test("PROTOCOL.md 6: a clock more than five minutes off is told, a smaller difference is not")
    func clocks() {
        let second: Int64 = 1_000_000_000
        let now = 1_767_225_600 * second
        for (server, told) in [
            (0, nil), (now, nil), (now + 300 * second, nil), (now - 300 * second, nil),
            (now + 301 * second, 301), (now - 301 * second, -301), (.max, 7_456_146_436),
            (.min, -10_990_597_636),
        ] as [(Int64, Int64?)] {
            let event = ClientEvent.comparing(serverTime: server, with: now)
            #expect(event == told.map { .clockDiffers(seconds: $0) }, "\(server)")
        }
    }

    @Test("a wrong clock is told once a connection, after it stands", arguments: [true, false])
    func wrongClock(isWrong: Bool) async throws {
        let events = Mutex<[ClientEvent]>([])
        let server = ScriptedServer(
            replies: [.answer(.ok, []), .answer(.ok, [])],
            serverTime: WallClock.nanoseconds() - (isWrong ? 86_400_000_000_000 : 0))
        let configuration = ClientConfiguration(
            host: "test", certificatePath: "", keyPath: "", authorityPath: "",
            onEvent: { event in events.withLock { $0.append(event) } })
        let client = TwoListsClient(configuration, connector: server, signer: nil)
        _ = try await client.whoAmI()
        _ = try await client.whoAmI()
        let told = events.withLock { $0 }
        #expect(told.prefix(2) == [.connecting, .connected])
        #expect(told.count == (isWrong ? 3 : 2))
        if isWrong, case .clockDiffers(let seconds)? = told.last {
            #expect(seconds < -ClientEvent.clockTolerance)
        } else {
            #expect(!isWrong)
        }
    }

    @Test("a certificate that ends within 30 days is told, one that ends later is not")
    func ending() {
        let (now, day) = (Int64(1_767_225_600), Int64(86_400))
        for (left, told) in [
            (30 * day, true), (30 * day + 1, false), (0, true), (-day, true), (90 * day, false),
        ] {
            let events = CertificatesInUse(own: (identity: "a", ends: now + left)).endingSoon(
                serverEnds: now + left, now: now)
            let own = ClientEvent.certificateEnds(
                .client, identity: "a", ends: now + left, secondsLeft: left)
            let server = ClientEvent.certificateEnds(
                .server, identity: "", ends: now + left, secondsLeft: left)
            #expect(events == (told ? [own, server] : []), "\(left)")
        }
        #expect(CertificatesInUse(own: nil).endingSoon(serverEnds: 0, now: now).isEmpty)
        #expect(CertificatesInUse(own: ("a", .min)).endingSoon(serverEnds: 0, now: now).isEmpty)
    }

    @Test("the server's certificate is told of once the line stands, and kept to be asked for")
    func serverEnds() async throws {
        let events = Mutex<[ClientEvent]>([])
        let ends = WallClock.nanoseconds() / 1_000_000_000 + 5 * 86_400
        let server = ScriptedServer(replies: [.answer(.ok, [])], certificateEnds: ends)
        let configuration = ClientConfiguration(
            host: "test", certificatePath: "", keyPath: "", authorityPath: "",
            onEvent: { event in events.withLock { $0.append(event) } })
        let client = TwoListsClient(configuration, connector: server, signer: nil)
        #expect(client.serverCertificateEnds == nil)
        _ = try await client.whoAmI()
        #expect(client.serverCertificateEnds == ends)
        let told = events.withLock { $0 }
        guard told.count == 3, case .certificateEnds(.server, "", ends, let left) = told[2] else {
            Issue.record("\(told)")
            return
        }
        #expect((4 * 86_400...5 * 86_400).contains(left))
    }

    private static let refused = ClientError(.network, .tcp, .connectionRefused)
    private static let target = [UInt8](repeating: 9, count: 16)

    @Test("a read is answered over one connection; a second one uses the same")
    func reads() async throws {
        let view = WhoAmIView(city: "421300", party: "unit/LU-07")
        let server = ScriptedServer(replies: [.answer(.ok, view.encoded()), .answer(.ok, view.encoded())])
        let client = client(server)
        #expect(try await client.whoAmI() == view)
        #expect(try await client.whoAmI().party == "unit/LU-07")
        #expect(server.connects == 1)
        #expect(server.requests.map(\.method) == ["WhoAmI", "WhoAmI"])
    }

    @Test("a command lost on the way is sent again with the very same bytes")
    func sameId() async throws {
        let answer = CommandAnswer(outcome: Outcome(), version: 1)
        let server = ScriptedServer(
            replies: [.answer(.ok, []), .lose(sent: true), .lose(sent: true), .answer(.ok, answer.encoded())])
        let client = client(server)
        _ = try await client.whoAmI()
        let got = try await client.execute(
            .acceptRequest(AcceptRequest()), target: Self.target, expectedVersion: 3)
        #expect(got == answer)
        let sent = server.requests.dropFirst().map(\.payload)
        #expect(sent.count == 3)
        #expect(Set(sent).count == 1)
        let signed = try SignedEnvelope(decoding: try #require(sent.first))
        let envelope = try Envelope(decoding: signed.envelope)
        #expect(envelope.expectedVersion == 3)
        #expect(envelope.party == "unit/LU-07")
        #expect(signed.signature == [UInt8((signed.envelope.count + 21) & 0xFF)])
    }

    @Test(
        "a read whose answer was lost is asked again, and so is one that met a busy server: it is idempotent by nature"
    )
    func readsAgain() async throws {
        let view = WhoAmIView(city: "421300").encoded()
        let busy = Status(.unavailable, "busy")
        let server = ScriptedServer(replies: [.lose(sent: true), .answer(busy, []), .answer(.ok, view)])
        #expect(try await client(server).whoAmI().city == "421300")
        #expect(server.requests.map(\.method) == ["WhoAmI", "WhoAmI", "WhoAmI"])
    }

    @Test("not processed is tried again, a judged status is not")
    func statuses() async throws {
        let busy = Status(.unavailable, "draining", notProcessed: true)
        let server = ScriptedServer(replies: [
            .answer(busy, []), .answer(.ok, WhoAmIView(city: "1").encoded()),
        ])
        #expect(try await client(server).whoAmI().city == "1")
        let denied = Status(.permissionDenied, "no")
        let strict = ScriptedServer(replies: [.answer(denied, [])])
        let error = await #expect(throws: ClientError.self) { try await self.client(strict).whoAmI() }
        #expect(error?.status == denied)
        #expect(strict.requests.count == 1)
    }

    @Test("not processed because it never can be is not tried again")
    func hopeless() async throws {
        let server = ScriptedServer(replies: [.answer(Status(.unimplemented, "?", notProcessed: true), [])])
        await #expect(throws: ClientError.self) { try await self.client(server).whoAmI() }
        #expect(server.requests.count == 1)
    }

    @Test("a size that is refused is not tried again, a limit that passes is")
    func sizes() async throws {
        let size = Status(
            .resourceExhausted, reason: "MESSAGE_TOO_LARGE", english: "large", chinese: "过大",
            notProcessed: true)
        let server = ScriptedServer(replies: [.answer(size, [])])
        let error = await #expect(throws: ClientError.self) { try await self.client(server).whoAmI() }
        #expect(error?.status == size && server.requests.count == 1)
        let busy = Status(
            .resourceExhausted, reason: "STREAMS_LIMITED", english: "many", chinese: "太多", retryAfter: 1,
            notProcessed: true)
        let other = ScriptedServer(replies: [
            .answer(busy, []), .answer(.ok, WhoAmIView(city: "1").encoded()),
        ])
        #expect(try await client(other).whoAmI().city == "1")
    }

    @Test("a refused certificate is told at once, a refused connection until the time is up")
    func connectErrors() async throws {
        let certificate = ClientError(.server, .hello, .certificateRefused(alert: "certificate_expired"))
        let strict = ScriptedServer(attempts: [.fail(certificate)], replies: [])
        let first = await #expect(throws: ClientError.self) { try await self.client(strict).whoAmI() }
        #expect(first == certificate)
        #expect(strict.connects == 1)

        let absent = ScriptedServer(attempts: Array(repeating: .fail(Self.refused), count: 100), replies: [])
        let second = await #expect(throws: ClientError.self) {
            try await self.client(absent).whoAmI(timeout: .milliseconds(50))
        }
        #expect(second == Self.refused)
        #expect(absent.connects == 1)
    }

    @Test("an attempt that fails is followed by another, after a pause")
    func reconnects() async throws {
        let server = ScriptedServer(
            attempts: [.fail(Self.refused), .accept], replies: [.answer(.ok, WhoAmIView(city: "2").encoded())]
        )
        #expect(try await client(server).whoAmI().city == "2")
        #expect(server.connects == 2)
    }

    @Test("a server that accepts and drops is not run against at full speed")
    func acceptsAndDrops() async throws {
        let server = ScriptedServer(replies: Array(repeating: .lose(sent: true), count: 100_000))
        await #expect(throws: ClientError.self) {
            try await self.client(server).whoAmI(timeout: .milliseconds(1200))
        }
        // Pauses are half a second at least: no more attempts than that fit, however fast the machine.
        #expect(server.connects <= 3)
    }

    @Test("cancelling the task ends the call")
    func cancellation() async throws {
        let server = ScriptedServer(replies: [.never])
        let client = client(server)
        let task = Task { try await client.whoAmI() }
        while server.requests.isEmpty { await Task.yield() }
        task.cancel()
        let result = await task.result
        let error = #expect(throws: ClientError.self) { try result.get() }
        #expect(error?.reason == .cancelled)
    }

    @Test("a closed client says so")
    func closed() async throws {
        let client = client(ScriptedServer(replies: []))
        client.close()
        let error = await #expect(throws: ClientError.self) { try await client.whoAmI() }
        #expect(error?.reason == .closed)
    }

    @Test("an answer that cannot be read is an error, not a trap")
    func badAnswer() async throws {
        let server = ScriptedServer(replies: [.answer(.ok, [0xFF, 0xFF])])
        let error = await #expect(throws: ClientError.self) { try await self.client(server).whoAmI() }
        #expect(error?.reason == .badAnswer)
    }

    @Test("an envelope at the limit is sealed, one byte more is refused")
    func envelopeLimit() throws {
        let client = client(ScriptedServer(replies: []))
        func seal(_ length: Int) throws -> SignedEnvelope {
            let reason = String(repeating: "x", count: length)
            return try client.sealed(
                .withdrawRequest(WithdrawRequest(reason: reason)), target: Self.target, expectedVersion: 1)
        }
        var length = CommandSigner.largestEnvelopeBytes - 200
        while try seal(length).envelope.count < CommandSigner.largestEnvelopeBytes { length += 1 }
        #expect(try seal(length).envelope.count == CommandSigner.largestEnvelopeBytes)
        #expect(throws: ClientError.self) { try seal(length + 1) }
    }
}

@Suite("watch resumes behind the last change", .timeLimit(.minutes(1)))
struct WatchTests {
    private func change(_ number: UInt8) -> [UInt8] {
        Change(cursor: [number], entry: HistoryEntry(sequence: UInt64(number))).encoded()
    }

    private func client(_ server: ScriptedServer) -> TwoListsClient {
        let configuration = ClientConfiguration(
            host: "test", certificatePath: "", keyPath: "", authorityPath: "")
        return TwoListsClient(configuration, connector: server, signer: nil)
    }

    @Test("after a loss the stream is opened at the last cursor; nothing is missed, nothing comes twice")
    func resume() async throws {
        let server = ScriptedServer(replies: [
            .stream([change(1), change(2)], end: .lose), .stream([change(3)], end: .finish(.ok)),
        ])
        var seen: [UInt64] = []
        for try await change in client(server).watch(from: [0]) { seen.append(change.entry?.sequence ?? 0) }
        #expect(seen == [1, 2, 3])
        let cursors = try server.requests.map { try WatchQuery(decoding: $0.payload).cursor }
        #expect(cursors == [[0], [2]])
    }

    @Test("a message without an entry moves the cursor and is not delivered")
    func position() async throws {
        let mark = Change(cursor: [7]).encoded()
        let server = ScriptedServer(replies: [
            .stream([mark], end: .lose), .stream([change(8)], end: .finish(.ok)),
        ])
        var seen: [UInt64] = []
        for try await change in client(server).watch() { seen.append(change.entry?.sequence ?? 0) }
        #expect(seen == [8])
        #expect(try WatchQuery(decoding: try #require(server.requests.last).payload).cursor == [7])
    }

    @Test("a status that trying again cannot mend ends it with that error")
    func refused() async throws {
        let server = ScriptedServer(replies: [.stream([], end: .finish(Status(.permissionDenied, "no")))])
        let error = await #expect(throws: ClientError.self) {
            for try await _ in self.client(server).watch() {}
        }
        #expect(error?.status?.code == .permissionDenied)
    }

    @Test("cancelling the reader ends the loop")
    func cancelled() async throws {
        let server = ScriptedServer(replies: [.stream([change(1)], end: .stay)])
        let watch = client(server).watch()
        let task = Task {
            var count = 0
            for try await _ in watch { count += 1 }
            return count
        }
        while server.requests.isEmpty { await Task.yield() }
        task.cancel()
        #expect(try await task.value <= 1)
    }
}
