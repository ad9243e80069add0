import Glibc
import Schema
import TestSupport
import Testing
import TwoListsClient
import Wire

@testable import RPC

/// A blocking TLS connection past HELLO, on which a test writes frames by hand: what no client of ours would send.
final class RawLine {
    private let descriptor: Int32
    private let session: TLSSession
    private var heard: [UInt8] = []
    /// What the server told of itself.
    private(set) var hello = Hello()

    /// The answer to one call, as the server wrote it.
    struct Answer {
        var status: Status
        var isNotProcessed: Bool
    }

    init(_ access: City.Access, as officer: String) throws {
        descriptor = try RawLine.connected(UInt16(access.port))
        let credentials = try TLSCredentials(
            chainPath: access.certificate(officer), keyPath: access.key(officer), trustPath: access.authority)
        let context = try TLSContext(.client, credentials, protocols: [ApplicationProtocol.extended])
        session = try TLSSession(context, descriptor: descriptor)
        guard case .done = session.handshake() else { throw NetworkError("no TLS") }
        try write(FrameScript.hello)
        hello = try Hello(decoding: frame { $0.type == .hello }.body)
    }

    deinit { Glibc.close(descriptor) }

    static func connected(_ port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var patience = timeval(tv_sec: Int(City.patience), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let r = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if r != 0 { throw NetworkError("connect", failed: 0 &- errno) }
        return descriptor
    }

    func write(_ bytes: [UInt8]) throws {
        var left = bytes[...]
        while !left.isEmpty {
            guard case .done(let n) = left.withUnsafeBytes({ session.write($0) }) else {
                throw NetworkError("the line takes no more")
            }
            left = left.dropFirst(n)
        }
    }

    /// The Response to a call; frames before it are passed over.
    func response(on stream: UInt32) throws -> Answer {
        let frame = try frame { $0.type == .response && $0.stream == stream }
        let status = try frame.body.withUnsafeBytes { bytes throws(FrameBodyError) in
            try ResponseView(reading: bytes).status
        }
        return Answer(status: status, isNotProcessed: frame.header.flags.contains(.notProcessed))
    }

    /// The code of the server's GOAWAY.
    func goAwayCode() throws -> UInt32 {
        try frame { $0.type == .goAway }.body[4..<8].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The server ends the connection with close_notify, and says nothing before it.
    func isEnded() -> Bool {
        if case .ended(clean: true) = read() { heard.isEmpty } else { false }
    }

    private func frame(
        where matches: (FrameHeader) -> Bool
    ) throws -> (header: FrameHeader, body: [UInt8]) {
        while true {
            while let next = FrameScript.split(heard).first {
                heard.removeFirst(FrameHeader.size + next.body.count)
                if matches(next.header) { return next }
            }
            guard case .done = read() else { throw NetworkError("the line ended before the frame") }
        }
    }

    /// Some bytes more in `heard`.
    private func read() -> TLSStep {
        var part = [UInt8](repeating: 0, count: 65_536)
        let step = part.withUnsafeMutableBytes { session.read(into: $0) }
        if case .done(let n) = step { heard += part[..<n] }
        return step
    }
}

extension RealPrograms {
    /// What the real program fills in.
    @Suite("PROTOCOL.md 6 HELLO of the real server")
    struct HelloLineTests {
        @Test("software, schema, limits; a signed checkpoint; our own client is of the same schema")
        func hello() throws {
            let city = try City()
            try city.start()
            let hello = try RawLine(city.access, as: "u7l1").hello
            #expect(hello.software.hasPrefix("twolists-server "))
            #expect(hello.schemaFingerprint == SchemaCatalogue.fingerprint)
            #expect(hello.maxConnections == 2000 && hello.maxHandshakes == 256)
            #expect(hello.maxHandshakesPerAddress == 64 && hello.handshakeTimeoutMillis == 10_000)
            #expect(hello.serverTime > 0)
            let verifier = try ReceiptVerifier(authorityPath: city.access.authority)
            let checkpoint = try verifier.verify(try CheckpointStatement(decoding: hello.checkpoint))
            #expect(checkpoint.city == "421300" && checkpoint.treeSize > 0)
            expect(try city.attempt("u7l1", ["health"]), exits: 0)
            #expect(city.stop() == 0)
            #expect(!city.log.contains("another schema version"), "\(city.log)")
        }
    }
}
