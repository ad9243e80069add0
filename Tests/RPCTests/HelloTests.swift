import Testing
import Wire

@testable import RPC

/// What the two sides tell each other before the first call.
@Suite("PROTOCOL.md 6 HELLO over the real transport")
struct HelloTests {
    /// The server's HELLO as a client hears it.
    private func hello(_ client: TestClient) throws -> Hello {
        try #require(client.isReady)
        let told = client.states.values.compactMap { if case .ready(let hello) = $0 { hello } else { nil } }
        return try #require(told.first ?? nil)
    }

    @Test("The server tells its limits: those of the connection and those of the whole")
    func limits() throws {
        let server = try TestServer {
            $0.maxConnections = 7
            $0.maxHandshakes = 6
            $0.maxHandshakesPerAddress = 5
            $0.handshakeTimeout = 4 * .second
            $0.limits.maxStreams = 3
            $0.limits.idleTimeout = 99 * .second
        }
        let client = try TestClient(port: server.server.port)
        let hello = try hello(client)
        #expect(hello.maxConnections == 7 && hello.maxHandshakes == 6 && hello.maxHandshakesPerAddress == 5)
        #expect(hello.handshakeTimeoutMillis == 4000)
        #expect(hello.maxStreams == 3 && hello.idleTimeoutMillis == 99_000)
        client.stop()
        server.stop()
    }

    @Test("Another schema is one line for the log and nothing else; the same one, or none told, is no line")
    func fingerprint() throws {
        let server = try TestServer { $0.hello.schemaFingerprint = [1, 2] }
        for (told, name) in [([1, 2], "same"), ([], "silent"), ([1, 3], "other\nline")] as [([UInt8], String)]
        {
            let client = try TestClient(port: server.server.port) {
                $0.hello.schemaFingerprint = told
                $0.hello.software = name
            }
            #expect(try hello(client).schemaFingerprint == [1, 2])
            #expect(try client.unary("Echo", [1]).0.isOK)
            client.stop()
        }
        server.stop()
        let lines = server.lines.values.filter { $0.contains("another schema version") }
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("info ") == true)
        #expect(lines.first?.contains("\"other?line\" speaks another schema version") == true)
    }

    @Test("Every limit is finite by default and none is told as 0, which would mean the default")
    func defaults() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.server.port)
        let hello = try hello(client)
        for told in [
            hello.maxConnections, hello.maxHandshakes, hello.maxHandshakesPerAddress,
            hello.handshakeTimeoutMillis, hello.maxMessageBytes, hello.maxStreams, hello.initialCreditBytes,
            hello.maxMetadataEntries, hello.maxMetadataBytes, hello.keepaliveIntervalMillis,
            hello.keepaliveTimeoutMillis, hello.idleTimeoutMillis, hello.frameTimeoutMillis,
        ] {
            #expect(told > 0 && told < .max)
        }
        #expect(hello.maxAgeMillis > 0 && hello.maxAgeMillis < .max)
        client.stop()
        server.stop()
    }
}
