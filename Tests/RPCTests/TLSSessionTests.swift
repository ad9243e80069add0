import Glibc
import TestSupport
import Testing
import Wire

@testable import RPC

/// Two sessions with a line between them that carries only what the test moves, so that a side's socket is full when the
/// test says so.
private final class TLSPair {
    let server: TLSSession
    let client: TLSSession
    /// Server, the server's end of the line; client, the client's end of it.
    private let sockets: [Int32]

    init() throws {
        var sockets: [Int32] = []
        for _ in 0..<2 {
            var pair: [Int32] = [0, 0]
            let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
            try #require(socketpair(AF_UNIX, type, 0, &pair) == 0)
            sockets += pair
        }
        self.sockets = sockets
        server = try TLSSession(TestCertificates.context(.server, "server"), descriptor: sockets[0])
        client = try TLSSession(TestCertificates.context(.client, "client"), descriptor: sockets[2])
        var done = (false, false)
        for _ in 0..<20 where !(done.0 && done.1) {
            if !done.1, case .done = client.handshake() { done.1 = true }
            toServer()
            if !done.0, case .done = server.handshake() { done.0 = true }
            toClient()
        }
        try #require(done.0 && done.1)
        // Later than the handshake, whose flights must fit.
        var small: Int32 = 1
        setsockopt(sockets[0], SOL_SOCKET, SO_SNDBUF, &small, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { for socket in sockets { Glibc.close(socket) } }

    func toClient(_ most: Int = .max) { move(sockets[1], sockets[3], most) }
    func toServer() { move(sockets[3], sockets[1], .max) }

    private func move(_ from: Int32, _ to: Int32, _ most: Int) {
        var left = most
        var part = [UInt8](repeating: 0, count: 4096)
        while left > 0 {
            let n = Glibc.read(from, &part, min(left, part.count))
            if n <= 0 { return }
            left -= n
            #expect(Glibc.write(to, part, n) == n)
        }
    }

    /// Records of one byte each until the server's socket takes no more; the last one is begun and waits.
    func fill() -> [UInt8] {
        var sent: [UInt8] = []
        while sent.count < 10_000 {
            let byte = UInt8(truncatingIfNeeded: sent.count)
            sent.append(byte)
            if case .done = write([byte]) { continue }
            return sent
        }
        return []
    }

    /// Makes room for the record that waits, and no more.
    func finishOneRecord(_ byte: UInt8) throws {
        for _ in 0..<100_000 {
            guard case .wait = write([byte]) else { return }
            toClient(1)
        }
        Issue.record("the record did not go out")
    }

    func write(_ bytes: [UInt8]) -> TLSStep { bytes.withUnsafeBytes { server.write($0) } }

    /// Everything there is to read on a side, and how it ended.
    static func read(_ session: TLSSession) -> (bytes: [UInt8], last: TLSStep) {
        var all: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16_384)
        var waits = 0
        while true {
            let step = part.withUnsafeMutableBytes { session.read(into: $0) }
            switch step {
            case .done(let n): all += part[..<n]
            // A handshake record alone comes back as "wait" with more behind it.
            case .wait where waits < 3: waits += 1
            default: return (all, step)
            }
        }
    }

    /// Carries everything and tries the server's pending write again, until it is done.
    func finish(_ bytes: [UInt8]) -> [UInt8] {
        var heard: [UInt8] = []
        for _ in 0..<1000 {
            toClient()
            heard += TLSPair.read(client).bytes
            if case .done = write(bytes) { break }
        }
        toClient()
        return heard + TLSPair.read(client).bytes
    }
}

/// The pitfalls of OpenSSL in an event loop, one by one.
@Suite("PROTOCOL.md 2 TLS when a side cannot write")
struct TLSSessionTests {
    @Test(
        "new keys asked for again and again while a record is begun: it is finished first, and nothing is lost"
    )
    func keyUpdateWhileFull() throws {
        let pair = try TLSPair()
        var sent = pair.fill()
        try #require(sent.count > 1)
        var (questions, read): ([UInt8], [UInt8]) = ([], [])
        for round in 0..<5 as Range<UInt8> {
            #expect(pair.client.sendKeyUpdate(requested: true))
            let question = [UInt8](repeating: round, count: 100)
            guard case .done(100) = question.withUnsafeBytes({ pair.client.write($0) }) else {
                Issue.record("the client cannot write")
                return
            }
            pair.toServer()
            questions += question
            let (heard, last) = TLSPair.read(pair.server)
            read += heard
            guard case .wait = last else {
                Issue.record("round \(round): \(last)")
                return
            }
        }
        // The answer to the first wish is owed, and waits behind the record that was begun.
        #expect(pair.server.readWaitsForWrite)
        var heard = pair.finish([sent[sent.count - 1]])
        #expect(heard == sent)
        #expect(!pair.server.readWaitsForWrite)
        #expect(read + TLSPair.read(pair.server).bytes == questions)
        // Now the server answers with a KeyUpdate of its own, in front of the next record.
        sent = pair.fill()
        heard = pair.finish([sent[sent.count - 1]])
        #expect(heard == sent)
        #expect(!pair.server.readWantsOutput && !pair.server.writeWantsInput)
    }

    @Test(
        "new keys asked for while the socket is full: the read that has to answer wants output, and gets it")
    func readWantsOutput() throws {
        let pair = try TLSPair()
        let sent = pair.fill()
        try pair.finishOneRecord(sent[sent.count - 1])
        for _ in 0..<2 { #expect(pair.client.sendKeyUpdate(requested: true)) }
        let question = [UInt8](repeating: 7, count: 100)
        _ = question.withUnsafeBytes { pair.client.write($0) }
        pair.toServer()
        let early = TLSPair.read(pair.server).bytes
        #expect(early.isEmpty && pair.server.readWantsOutput && !pair.server.readWaitsForWrite)
        pair.toClient()
        #expect(TLSPair.read(pair.server).bytes == question)
        #expect(!pair.server.readWantsOutput)
        // Both sides go on with their new keys.
        guard case .done = pair.write([99]) else {
            Issue.record("the server cannot write")
            return
        }
        pair.toClient()
        #expect(TLSPair.read(pair.client).bytes == sent + [99])
    }

    @Test("U41: the answer to a PING that is begun and the newest one behind it both arrive")
    func pingWhileFull() throws {
        let pair = try TLSPair()
        let sent = pair.fill()
        try pair.finishOneRecord(sent[sent.count - 1])
        let bench = Bench(.server).ready()
        func ping(_ byte: UInt8) {
            bench.feed(FrameScript.frame(.ping, stream: 0, [UInt8](repeating: byte, count: 8)))
        }
        func write() -> Bool {
            guard case .done(let n) = bench.machine.withOutput({ pair.server.write($0) }) else {
                return false
            }
            bench.machine.drained(n, now: bench.now)
            return true
        }
        ping(1)
        #expect(!write())
        for byte in 2...5 as ClosedRange<UInt8> { ping(byte) }
        #expect(!write())
        pair.toClient()
        while bench.machine.pendingOutput > 0 { try #require(write()) }
        pair.toClient()
        let answers = FrameScript.split(Array(TLSPair.read(pair.client).bytes.dropFirst(sent.count)))
        #expect(answers.map { $0.body.first } == [1, 5])
    }

    @Test("close_notify waits for room and is tried again")
    func closeNotifyWhileFull() throws {
        let pair = try TLSPair()
        let sent = pair.fill()
        try pair.finishOneRecord(sent[sent.count - 1])
        #expect(!pair.server.sendCloseNotify())
        #expect(!pair.server.sendCloseNotify())
        pair.toClient()
        #expect(pair.server.sendCloseNotify())
        pair.toClient()
        let (heard, last) = TLSPair.read(pair.client)
        #expect(heard == sent)
        guard case .ended(clean: true) = last else {
            Issue.record("\(last)")
            return
        }
    }

    @Test("a peer that asks for new keys while it does not read gets all its answers")
    func keyUpdateOverTheServer() throws {
        let server = try TestServer {
            $0.socketBufferBytes = 4096
            $0.limits.writeHighWaterBytes = 8 << 20
        }
        let raw = try RawTLSClient(port: server.server.port)
        let machine = ConnectionMachine(role: .client, profile: .extended, now: 0)
        func flush() throws {
            try raw.write(machine.withOutput { [UInt8]($0) })
            machine.drained(machine.pendingOutput, now: 0)
        }
        var answers: [Int] = []
        func hear() throws {
            let bytes = raw.read()
            try #require(!bytes.isEmpty, "\(server.lines.values)")
            bytes.withUnsafeBytes { machine.receive($0, now: 0) }
            for case .finished(_, let status, let payload) in machine.actions {
                #expect(status.isOK && payload == pattern(payload.count))
                answers.append(payload.count)
            }
            machine.actions.removeAll()
        }
        func ask(_ method: String, _ payload: [UInt8]) throws {
            let reference = MethodReference(service: "test.v1.Test", method: method)
            _ = try machine.openStream(reference, shape: .unary, payload: payload, now: 0)
            try flush()
        }
        try flush()
        while machine.peerHello == nil { try hear() }
        for round in 1...3 {
            try ask("Big", Array("900000".utf8))
            #expect(server.service.opened.wait { $0.count == 3 * round - 2 })
            #expect(raw.session.sendKeyUpdate(requested: true))
            // The server reads on although nothing of its answer is taken.
            try ask("Echo", pattern(500))
            #expect(server.service.opened.wait { $0.count == 3 * round - 1 })
            // Asked again and again, it finishes first what it has begun.
            for _ in 0..<3 { #expect(raw.session.sendKeyUpdate(requested: true)) }
            try ask("Echo", pattern(600))
            while answers.count < 3 * round { try hear() }
        }
        #expect(answers.sorted() == [500, 500, 500, 600, 600, 600, 900_000, 900_000, 900_000])
        server.stop()
    }
}
