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
