import Foundation
import RPC
import Schema
import Synchronization
import TestSupport
import Testing
import Wire

@testable import TwoListsClient

/// A ledger of one page: answers WhoAmI, and watches that tell numbered changes as the test hands them out.
private final class TinyLedger: ServiceHandler {
    let name = LedgerService.name
    private struct State {
        var watchers: [any CallReply] = []
        var cursors: [[UInt8]] = []
        var asked = 0
    }
    private let state = Mutex(State())

    var cursors: [[UInt8]] { state.withLock { $0.cursors } }
    var asked: Int { state.withLock { $0.asked } }

    func shape(of method: String) -> MethodShape? {
        switch method {
        case "WhoAmI", "ListParties": .unary
        case "Watch": .serverStream
        default: nil
        }
    }

    func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        state.withLock { $0.asked += 1 }
        switch call.method {
        case "WhoAmI":
            reply.finish(
                .ok, payload: WhoAmIView(officer: String(decoding: call.peer.uri, as: UTF8.self)).encoded())
            return nil
        case "Watch":
            let cursor = (try? WatchQuery(decoding: request))?.cursor ?? []
            state.withLock { state in
                state.cursors.append(cursor)
                state.watchers.append(reply)
            }
            return Held(reply)
        default: return Held(reply)  // never answered
        }
    }

    func tell(_ number: UInt8) {
        let change = Change(cursor: [number], entry: HistoryEntry(sequence: UInt64(number))).encoded()
        for watcher in state.withLock({ $0.watchers }) { watcher.send(change) }
    }

    private final class Held: CallHandler {
        private let reply: any CallReply
        init(_ reply: any CallReply) { self.reply = reply }
        func receive(_ message: [UInt8]) {}
        func requestsEnded() {}
        func ready() {}
        func cancelled(_ reason: CancelReason) {}
    }
}

/// Takes connections and says something that is not TLS.
private final class ForeignServer: Sendable {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        try #require(bound)
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread {
            while case let peer = accept(descriptor, nil, nil), peer >= 0 {
                let hello = Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)
                _ = write(peer, hello, hello.count)
                var drain = [UInt8](repeating: 0, count: 1024)
                _ = read(peer, &drain, drain.count)
                close(peer)
            }
        }
    }
    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

@Suite("TwoListsClient over TLS on loopback", .timeLimit(.minutes(2)))
struct LoopbackTests {
    private let ca: TestCA
    private let ledger = TinyLedger()

    init() throws { ca = try TestCA() }

    private func server(
        port: UInt16 = 0, _ holder: TestCA.Holder? = nil, drainTimeout: Int64 = 200 * .millisecond,
        schema: [UInt8] = [], log: @escaping LogSink = { _, _ in }
    ) throws -> Server {
        var configuration = ServerConfiguration()
        configuration.hello.schemaFingerprint = schema
        configuration.port = port
        configuration.limits.drainGrace = 20 * .millisecond
        configuration.limits.drainTimeout = drainTimeout
        let shown = try holder ?? ca.server()
        let credentials = try TLSCredentials(
            chainPath: shown.certificatePath, keyPath: shown.keyPath, trustPath: ca.caPath,
            revocationListPaths: [ca.crlPath])
        let context = try TLSContext(.server, credentials, protocols: Server.protocols(configuration))
        return try Server(configuration, context: context, services: [ledger], log: log)
    }

    private func client(
        port: UInt16, _ holder: TestCA.Holder? = nil, identity: String? = nil, host: String = "127.0.0.1"
    ) throws -> TwoListsClient {
        let shown = try holder ?? ca.officer()
        return try TwoListsClient(
            TwoListsClient.Configuration(
                host: host, port: port, serverIdentity: identity, certificatePath: shown.certificatePath,
                keyPath: shown.keyPath, authorityPath: ca.caPath, timeout: .seconds(30)))
    }

    private func failure(_ client: TwoListsClient, timeout: Duration = .seconds(5)) async -> ClientError? {
        await #expect(throws: ClientError.self) { try await client.whoAmI(timeout: timeout) }
    }

    @Test("a call, the identity from the certificate, and an end in order")
    func call() async throws {
        let server = try server()
        let client = try client(port: server.port)
        #expect(client.officer == Officer(city: "421300", party: "county/421321", officer: "k7f2"))
        #expect(try await client.whoAmI().officer == TestCA.officerURI)
        await client.close(within: .seconds(5))
        #expect(await failure(client)?.reason == .closed)
        server.stop()
    }

    @Test(
        "PROTOCOL.md 6: the client tells its schema; a server of another one says so, and serves it",
        arguments: [true, false])
    func schema(isSame: Bool) async throws {
        let lines = Mutex<[String]>([])
        let server = try server(schema: isSame ? SchemaCatalogue.fingerprint : [1]) { level, line in
            lines.withLock { $0.append("\(level) \(line)") }
        }
        let client = try client(port: server.port)
        #expect(try await client.whoAmI().officer == TestCA.officerURI)
        await client.close(within: .seconds(5))
        server.stop()
        let told = lines.withLock { $0 }.filter { $0.contains("another schema version") }
        #expect(told.count == (isSame ? 0 : 1))
        #expect(told.allSatisfy { $0.hasPrefix("info ") && $0.contains("\"twolists-client\"") })
    }

    @Test("the server restarts: the next call finds it again")
    func restart() async throws {
        let first = try server()
        let client = try client(port: first.port)
        _ = try await client.whoAmI()
        first.stop()
        let second = try server(port: first.port)
        #expect(try await client.whoAmI().officer == TestCA.officerURI)
        client.close()
        second.stop(graceful: false)
    }

    @Test("a watch goes on over a restart, behind the last change", arguments: [true, false])
    func watch(graceful: Bool) async throws {
        let first = try server()
        let client = try client(port: first.port)
        var changes = client.watch(from: [0]).makeAsyncIterator()
        let opened = Task { [ledger] in
            while ledger.cursors.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
            ledger.tell(1)
            ledger.tell(2)
        }
        #expect(try await changes.next()?.cursor == [1])
        #expect(try await changes.next()?.cursor == [2])
        try await opened.value
        first.stop(graceful: graceful)
        let second = try server(port: first.port)
        let again = Task { [ledger] in
            while ledger.cursors.count < 2 { try await Task.sleep(for: .milliseconds(2)) }
            ledger.tell(3)
        }
        #expect(try await changes.next()?.cursor == [3])
        try await again.value
        #expect(ledger.cursors == [[0], [2]])
        client.close()
        second.stop(graceful: false)
    }

    @Test("a watch does not hold up a server that drains")
    func watchLeaves() async throws {
        let server = try server(drainTimeout: 1000 * .second)
        let client = try client(port: server.port)
        let reader = Task {
            for try await _ in client.watch(from: [0]) {}
        }
        while ledger.cursors.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
        server.stop()  // returns only when the connection has gone; the time limit is far below the drain's
        reader.cancel()
        _ = await reader.result
        client.close()
    }

    @Test(
        "a certificate the server refuses is told as such, with its alert, and not tried again",
        arguments: [
            (TestCA.Flaw.expired, "certificate_expired"), (.revoked, "certificate_revoked"),
            (.wrongAuthority, "unknown_ca"),
        ])
    func refused(flaw: TestCA.Flaw, alert: String) async throws {
        let holder = try ca.flawed(flaw)
        let server = try server()
        let client = try client(port: server.port, holder)
        let error = await failure(client)
        #expect(error?.side == .server)
        if case .certificateRefused(let told)? = error?.reason {
            #expect(told == alert || flaw == .wrongAuthority, "\(told)")
        } else {
            Issue.record("\(String(describing: error))")
        }
        #expect(error?.isPermanent == true)
        server.stop(graceful: false)
    }

    @Test("a server of another identity, or of another authority, is refused by us")
    func wrongServer() async throws {
        let server = try server()
        let other = try client(port: server.port, identity: "twolists://421300/journal")
        let error = await failure(other)
        if case .serverCertificateRefused? = error?.reason {
        } else {
            Issue.record("\(String(describing: error))")
        }
        #expect(error?.side == .client)
        server.stop(graceful: false)
        let stranger = try self.server(ca.flawed(.wrongAuthority, server: true))
        let second = await failure(try client(port: stranger.port))
        if case .serverCertificateRefused? = second?.reason {
        } else {
            Issue.record("\(String(describing: second))")
        }
        stranger.stop(graceful: false)
    }

    @Test("nothing listens; no such host; what listens is something else")
    func nobody() async throws {
        let server = try server()
        server.stop(graceful: false)
        let absent = await failure(try client(port: server.port), timeout: .seconds(2))
        #expect(absent?.reason == .connectionRefused)
        #expect(absent?.server == "127.0.0.1:\(server.port)")
        let foreign = try ForeignServer()
        let error = await failure(try client(port: foreign.port), timeout: .seconds(2))
        #expect(error?.phase == .tls)
        #expect(error?.reason == .tlsFailed || error?.reason == .notThisProtocol)
        foreign.stop()
    }

    @Test("no answer: the deadline ends it")
    func deadline() async throws {
        let server = try server()
        let client = try client(port: server.port)
        let error = await #expect(throws: ClientError.self) {
            try await client.parties(timeout: .milliseconds(100))
        }
        #expect(error?.reason == .deadlineExceeded)
        client.close()
        server.stop(graceful: false)
    }

    @Test("the server dies under a call: told as a lost connection when the time is up")
    func dies() async throws {
        let server = try server()
        let client = try client(port: server.port)
        _ = try await client.whoAmI()
        let call = Task { try await client.parties(timeout: .milliseconds(1500)) }
        while ledger.asked < 2 { try await Task.sleep(for: .milliseconds(2)) }
        server.stop(graceful: false)
        let result = await call.result
        let error = #expect(throws: ClientError.self) { try result.get() }
        switch error?.reason {
        case .connectionRefused, .connectionLost: break
        default: Issue.record("\(String(describing: error))")
        }
    }

    @Test("files that cannot be used are named before anything is sent")
    func files() throws {
        let good = try ca.officer()
        let other = try ca.officer("twolists://421300/county/421303/officer/z2d2")
        func error(_ certificate: String, _ key: String, _ trust: String) -> ClientError? {
            #expect(throws: ClientError.self) {
                try TwoListsClient(
                    TwoListsClient.Configuration(
                        host: "127.0.0.1", certificatePath: certificate, keyPath: key, authorityPath: trust))
            }
        }
        #expect(error("/no/such.crt", good.keyPath, ca.caPath)?.detail.contains("/no/such.crt") == true)
        #expect(error(good.certificatePath, other.keyPath, ca.caPath)?.detail.contains(other.keyPath) == true)
        #expect(error(good.certificatePath, good.keyPath, good.keyPath)?.reason == .configuration)
        let server = try ca.server()
        #expect(error(server.certificatePath, server.keyPath, ca.caPath)?.reason == .configuration)
    }
}
