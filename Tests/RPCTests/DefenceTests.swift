import Glibc
import Testing
import Wire

@testable import RPC

/// Peers that stall, flood, trickle or talk something else. Each is ended with its reason in the log, and the server goes
/// on serving others.
@Suite("PROTOCOL.md 10 handling the unexpected: the transport")
struct DefenceTests {
    private func stillServes(_ server: TestServer) throws {
        let client = try TestClient(port: server.server.port)
        #expect(try client.unary("Echo", [9]).1 == [9])
        client.stop()
    }

    @Test(
        "Other protocols on the port",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP, not TLS"),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "not TLS"),
            ("SSH-2.0-OpenSSH_9.2\r\n", "not TLS"),
            ("\0\0\0\u{10}\0\0\0\u{1}\u{1}\0aaaaaaaaaaaaaaaa", "not TLS"),
        ])
    func foreign(_ text: String, _ words: String) throws {
        let server = try TestServer()
        let raw = try RawClient(port: server.server.port)
        raw.write(Array(text.utf8))
        #expect(raw.readToEnd() != nil)
        #expect(server.line(containing: words), "\(server.lines.values)")
        try stillServes(server)
        server.stop()
    }

    @Test("A handshake that is begun and not completed is ended at its deadline")
    func stalledHandshake() throws {
        let server = try TestServer { $0.handshakeTimeout = 200 * .millisecond }
        let raw = try RawClient(port: server.server.port)
        raw.write([0x16, 0x03, 0x01])
        #expect(raw.readToEnd() != nil)
        #expect(server.line(containing: "the TLS handshake was not completed in time"))
        server.stop()
    }

    @Test("TLS without HELLO is ended at the same deadline")
    func noHello() throws {
        let server = try TestServer { $0.handshakeTimeout = 300 * .millisecond }
        let silent = try RawTLSClient(port: server.server.port)
        while !silent.read().isEmpty {}
        #expect(server.line(containing: "no HELLO from the peer in time"))
        #expect(server.line(containing: "phase hello"))
        server.stop()
    }

    @Test("A client that sends one byte a record is served")
    func byteAtATime() throws {
        let server = try TestServer()
        let slow = try RawTLSClient(port: server.server.port)
        let machine = ConnectionMachine(role: .client, profile: .extended, now: MonotonicTime.now())
        func pump() throws {
            while machine.pendingOutput > 0 {
                let byte = machine.withOutput { [$0[0]] }
                try slow.write(byte)
                machine.drained(1, now: MonotonicTime.now())
            }
        }
        try pump()
        var result: [UInt8]?
        var asked = false
        while result == nil {
            let bytes = slow.read()
            try #require(!bytes.isEmpty)
            bytes.withUnsafeBytes { machine.receive($0, now: MonotonicTime.now()) }
            for action in machine.actions {
                if case .finished(_, _, let payload) = action { result = payload }
            }
            machine.actions.removeAll()
            if !asked, machine.peerHello != nil {
                asked = true
                _ = try machine.openStream(
                    MethodReference(service: "test.v1.Test", method: "Echo"), shape: .unary,
                    payload: pattern(300), now: MonotonicTime.now())
                try pump()
            }
        }
        #expect(result == pattern(300))
        server.stop()
    }

    @Test("TLS records without content are ended after 64 KiB of them")
    func emptyRecords() throws {
        let server = try TestServer()
        let flood = try RawTLSClient(port: server.server.port)
        try flood.write(RawTLSClient.helloFrame())
        // KeyUpdates come in through OpenSSL's own interface; nothing else of the peer's follows them.
        var sent = 0
        while sent < 200_000, flood.session.sendKeyUpdate() { sent += 22 }
        #expect(server.line(containing: "without any content"), "\(server.lines.values)")
        try stillServes(server)
        server.stop()
    }

    @Test("A peer that asks and does not read is ended, and its memory comes back")
    func slowReader() throws {
        let server = try TestServer {
            $0.limits.writeStallTimeout = 300 * .millisecond
            $0.socketBufferBytes = 4096
        }
        let greedy = try RawTLSClient(port: server.server.port)
        try greedy.write(RawTLSClient.helloFrame())
        #expect(!greedy.read().isEmpty)
        let machine = ConnectionMachine(role: .client, profile: .base, now: 0)
        for _ in 0..<16 {
            _ = try machine.openStream(
                MethodReference(service: "test.v1.Test", method: "Big"), shape: .unary,
                payload: Array("1000000".utf8), now: 0)
        }
        try greedy.write(machine.withOutput { [UInt8]($0) })
        #expect(server.line(containing: "the peer did not read what was sent to it in time"))
        #expect(server.reports.wait { $0.count == 1 })
        #expect(server.server.heldBytes == 0)
        try stillServes(server)
        server.stop()
    }

    @Test("Handshakes at once: beyond the limit they wait, and are served when others leave")
    func handshakeCap() throws {
        let server = try TestServer {
            $0.maxHandshakes = 2
            $0.handshakeTimeout = 500 * .millisecond
        }
        let silent = try (0..<2).map { _ in try RawClient(port: server.server.port) }
        #expect(server.server.connectionsReach(2))
        try stillServes(server)  // only after the two were ended at their deadline
        #expect(server.line(containing: "2 handshakes at once: new ones wait"))
        #expect(silent.allSatisfy { $0.readToEnd() != nil })
        server.stop()
    }

    @Test("Handshakes of one address: beyond the limit they are closed at the door")
    func handshakesPerAddress() throws {
        let server = try TestServer { $0.maxHandshakesPerAddress = 1 }
        let first = try RawClient(port: server.server.port)
        #expect(server.server.connectionsReach(1))
        let second = try RawClient(port: server.server.port)
        #expect(second.readToEnd()?.isEmpty == true)
        #expect(server.line(containing: "handshakes of this address"))
        first.write([0x47])
        server.stop()
    }

    @Test("Connections at once: the limit is served, one beyond is refused with words")
    func connectionCap() throws {
        let server = try TestServer { $0.maxConnections = 2 }
        let clients = try (0..<2).map { _ in try TestClient(port: server.server.port) }
        for client in clients { #expect(try client.unary("Echo", [1]).0.isOK) }
        let beyond = try TestClient(port: server.server.port)
        #expect(try beyond.end().phase != .open)
        #expect(server.line(containing: "2 connections are open, the limit (max_connections)"))
        for client in clients { #expect(try client.unary("Echo", [1]).0.isOK) }
        for client in clients + [beyond] { client.stop() }
        server.stop()
    }

    @Test("A cut line is one quiet log entry, and the calls on it are cancelled")
    func cut() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.server.port)
        #expect(client.isReady)
        _ = client.begin("Never")
        #expect(server.service.opened.wait { $0.count == 1 })
        client.stop()  // the loop ends and its sockets with it
        #expect(server.service.cancelled.wait { $0 == [.connectionLost] })
        #expect(server.reports.wait { $0.count == 1 })
        server.stop()
    }

    @Test(
        "New certificates: those who come later see them, those connected stay; recheck ends whom admission refuses"
    )
    func reload() throws {
        let banned = Recorder<Bool>()
        let server = try TestServer(admit: { _ in
            banned.values.isEmpty ? nil : Status(.permissionDenied, "the roster has changed")
        })
        let old = try TestClient(port: server.server.port)
        #expect(try old.unary("Echo", [1]).0.isOK)
        server.server.reload(try TestCertificates.context(.server, "other-server"))
        let stranger = try TestClient(port: server.server.port)
        #expect(try stranger.end().serverRefused)
        let new = try TestClient(port: server.server.port, server: "twolists://421301/server")
        #expect(try new.unary("Echo", [1]).0.isOK)
        #expect(try old.unary("Echo", [1]).0.isOK)
        banned.add(true)
        server.server.recheck()
        #expect(try old.end().description.contains("the roster has changed"))
        #expect(try new.end().description.contains("the roster has changed"))
        for client in [old, stranger, new] { client.stop() }
        server.stop()
    }
}

/// Revocation while connected.
@Suite("PROTOCOL.md 2 certificates that change under live connections")
struct RecheckTests {
    @Test("A revocation list that arrives ends the connection it names, and no other")
    func revokedWhileConnected() throws {
        let server = try TestServer()
        let good = try TestClient(port: server.server.port)
        let revoked = try TestClient(
            port: server.server.port, context: TestCertificates.context(.client, "revoked"))
        #expect(try good.unary("Echo", [1]).0.isOK)
        #expect(try revoked.unary("Echo", [1]).0.isOK)
        server.server.reload(try TestCertificates.context(.server, "server", lists: ["ca"]))
        #expect(try revoked.end().description.contains("is revoked"))
        #expect(server.line(containing: "is revoked"))
        #expect(try good.unary("Echo", [2]).0.isOK)
        server.server.reload(try TestCertificates.context(.server, "server", trust: "stranger"))
        #expect(try good.end().description.contains("not an authority we trust"))
        good.stop()
        revoked.stop()
        server.stop()
    }

    @Test("A handshake that began before the list arrived and ends after it is judged by the list")
    func revokedInHandshake() throws {
        // Far longer than the test needs, also on a machine where a build runs beside it.
        let server = try TestServer { $0.handshakeTimeout = 300 * .second }
        let line = try HeldLine(port: server.server.port)
        let session = try TLSSession(TestCertificates.context(.client, "revoked"), descriptor: line.near)
        // Only ClientHello goes out: the server has begun with the old context once it answers.
        guard case .wait = session.handshake() else { throw NetworkError("nobody has answered yet") }
        line.pass()
        line.waitForAnswer()
        server.server.reload(try TestCertificates.context(.server, "server", lists: ["ca"]))
        // When a later connection is served, the loop has judged those that were open.
        let other = try TestClient(port: server.server.port)
        #expect(try other.unary("Echo", [1]).0.isOK)
        var isDone = false
        for _ in 0..<10_000 where !isDone {
            line.pass()
            switch session.handshake() {
            case .done: isDone = true
            case .wait: usleep(1_000)
            case .ended, .failed: throw NetworkError("the handshake failed")
            }
        }
        #expect(isDone)
        line.pass()
        #expect(server.line(containing: "is revoked"), "\(server.lines.values)")
        other.stop()
        server.stop()
    }

    @Test("A hundred reloads under calls: none fails")
    func reloads() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.server.port)
        for _ in 0..<100 {
            server.server.reload(try TestCertificates.context(.server, "server"))
            #expect(try client.unary("Echo", [1]).0.isOK)
        }
        let late = try TestClient(port: server.server.port)
        #expect(try late.unary("Echo", [1]).0.isOK)
        client.stop()
        late.stop()
        server.stop()
    }
}

/// A line to a server that carries bytes only when it is told to.
private final class HeldLine {
    private let raw: RawClient
    private let far: Int32
    /// The end for the client, not blocking.
    let near: Int32

    init(port: UInt16) throws {
        raw = try RawClient(port: port)
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
            throw NetworkError("socketpair", failed: 0 &- errno)
        }
        (near, far) = (ends[0], ends[1])
        for end in [near, far, raw.descriptor] {
            _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
        }
    }

    deinit {
        close(near)
        close(far)
    }

    func waitForAnswer() {
        var ready = pollfd(fd: raw.descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&ready, 1, 20_000)
    }

    /// What has come, both ways. A handshake is far smaller than what a socket holds.
    func pass() {
        for (from, to) in [(far, raw.descriptor), (raw.descriptor, far)] {
            var part = [UInt8](repeating: 0, count: 65536)
            let count = read(from, &part, part.count)
            if count > 0 { _ = send(to, part, count, Int32(MSG_NOSIGNAL)) }
        }
    }
}

extension Server {
    /// Waits until so many connections are counted.
    func connectionsReach(_ count: Int) -> Bool {
        let end = MonotonicTime.now() + 20 * .second
        while connections != count, MonotonicTime.now() < end { usleep(1000) }
        return connections == count
    }
}
