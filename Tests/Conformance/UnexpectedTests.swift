import Foundation
import RPC
import TestSupport
import Testing
import Wire

/// PROTOCOL.md 11, one test a line, named by its number.

private func request(_ id: UInt32, _ flags: FrameFlags = [], _ body: [UInt8] = FrameScript.request())
    -> [UInt8]
{
    FrameScript.frame(.request, stream: id, flags: flags, body)
}

private func data(_ id: UInt32, _ flags: FrameFlags = [], _ body: [UInt8] = [1]) -> [UInt8] {
    FrameScript.frame(.data, stream: id, flags: flags, body)
}

private func response(_ id: UInt32, _ body: [UInt8] = []) -> [UInt8] {
    FrameScript.frame(.response, stream: id, body)
}

private func credit(_ id: UInt32, _ amount: UInt32) -> [UInt8] {
    FrameScript.frame(.credit, stream: id, FrameScript.bigEndian(amount))
}

private func cancel(_ id: UInt32, code: UInt32 = 1) -> [UInt8] {
    FrameScript.frame(.cancel, stream: id, FrameScript.bigEndian(code))
}

private func goAway(last: UInt32, code: UInt32 = 0, _ text: [UInt8] = []) -> [UInt8] {
    FrameScript.frame(.goAway, stream: 0, FrameScript.bigEndian(last) + FrameScript.bigEndian(code) + text)
}

private func ping(_ byte: UInt8 = 1, _ flags: FrameFlags = []) -> [UInt8] {
    FrameScript.frame(.ping, stream: 0, flags: flags, [UInt8](repeating: byte, count: 8))
}

private let unary = MethodReference(service: "test.Echo", method: "Unary")

private func open(
    _ peer: ScriptedPeer, _ shape: MethodShape = .unary, timeout: Int64? = nil
) throws -> UInt32 {
    try peer.machine.openStream(unary, shape: shape, payload: [1], timeout: timeout, now: peer.now)
}

@Suite("PROTOCOL.md 11 the beginning")
struct UnexpectedBeginningTests {
    @Test(
        "U1 a first byte that is not 0",
        arguments: [("GET / HTTP/1.1", "HTTP"), ("\u{16}", "TLS"), ("SSH-", "SSH")])
    func u1(first: String, named: String) {
        for profile in [ConnectionProfile.base, .extended] {
            let peer = ScriptedPeer(against: .server, profile, isReady: false)
            peer.says([Array(first.utf8)[0]])
            #expect(peer.ended() == .protocolError)
            guard case .closed(.refused(_, let text))? = peer.history.last else { return }
            #expect(text.contains(named))
        }
    }

    @Test("U2 a first frame other than HELLO")
    func u2() {
        for frame in [request(1), data(1), ping(), goAway(last: 0), FrameScript.frame(0x80, stream: 0)] {
            let peer = ScriptedPeer(against: .server, isReady: false)
            peer.says(frame)
            #expect(peer.ended() == .protocolError)
        }
    }

    @Test("U3 no HELLO in time", arguments: [ConnectionRole.server, .client])
    func u3(role: ConnectionRole) {
        let peer = ScriptedPeer(against: role, isReady: false)
        #expect(peer.machine.nextTimer == peer.now + 10 * .second)
        #expect(peer.waits(10 * .second - 1).isEmpty)
        #expect(peer.waits(1) == [.closed(.helloTimeout)])
        #expect(peer.ended() == .timeout)
    }

    @Test("U4 a second HELLO")
    func u4() {
        let peer = ScriptedPeer(against: .server)
        peer.says(FrameScript.hello)
        #expect(peer.ended() == .protocolError)
    }

    @Test("U5 a HELLO that cannot be read or is too long")
    func u5() {
        var long = Hello()
        long.software = String(repeating: "a", count: 129)
        let most = [0x7A, 0x80, 0x80, 0x01] as [UInt8]
        let bodies = [[0x0A], [0x1A, 1, 0xFF], long.encoded(), most + [UInt8](repeating: 0, count: 16381)]
        for body in bodies {
            let peer = ScriptedPeer(against: .client, isReady: false)
            peer.says(FrameScript.frame(.hello, stream: 0, body))
            #expect(peer.ended() == .protocolError)
        }
    }

    @Test("U6 no common version")
    func u6() {
        let peer = ScriptedPeer(against: .server, isReady: false)
        peer.says(FrameScript.frame(.hello, stream: 0, [0x08, 2, 0x10, 9]))
        #expect(peer.ended() == .version)
    }

    @Test("U7 limits of 0, limits above the ceilings, unknown fields")
    func u7() throws {
        let peer = ScriptedPeer(against: .client, isReady: false)
        peer.says(FrameScript.frame(.hello, stream: 0, [0xF2, 0x01, 1, 0x78, 0x28, 0]))
        #expect(peer.machine.freeStreams == 128)
        let other = ScriptedPeer(against: .client, isReady: false)
        let huge = Hello(
            maxMessageBytes: .max, maxStreams: 3, initialCreditBytes: .max, keepaliveIntervalMillis: .max)
        other.says(FrameScript.frame(.hello, stream: 0, huge.encoded()))
        #expect(other.machine.freeStreams == 3)
        #expect(throws: StreamError.messageTooLarge(bytes: (4 << 20) + 1, limit: 4 << 20)) {
            let overhead = unary.encodedNames.count + 5
            _ = try other.machine.openStream(
                unary, shape: .unary, payload: [UInt8](repeating: 0, count: (4 << 20) + 1 - overhead),
                now: other.now)
        }
    }
}

@Suite("PROTOCOL.md 11 frames")
struct UnexpectedFrameTests {
    @Test("U8 a later frame whose first byte is not 0", arguments: [1, 10])
    func u8(count: Int) {
        let peer = ScriptedPeer(against: .server)
        peer.says(Array(FrameScript.frame(.request, stream: 1, length: 1 << 24)[..<count]))
        #expect(peer.ended() == .frameTooLarge)
    }

    @Test("U9 bytes in pieces of any size")
    func u9() {
        let bytes = request(1) + ping() + request(3, .remoteOpen) + data(3, .remoteClosed)
        let whole = ScriptedPeer(against: .server)
        whole.says(bytes)
        for size in 1...bytes.count {
            let peer = ScriptedPeer(against: .server)
            for at in stride(from: 0, to: bytes.count, by: size) {
                peer.says(Array(bytes[at..<min(at + size, bytes.count)]))
            }
            #expect(peer.history == whole.history)
        }
    }

    @Test("U10 a Request longer than the limit", arguments: [ConnectionProfile.base, .extended])
    func u10(profile: ConnectionProfile) throws {
        var limits = ConnectionLimits()
        limits.maxMessageBytes = 64
        let body = FrameScript.request(payload: [UInt8](repeating: 1, count: 64 - 20))
        try #require(body.count == 64)
        let fine = ScriptedPeer(against: .server, profile, limits: limits)
        #expect(fine.says(request(1, [], body)).count == 1)
        let peer = ScriptedPeer(against: .server, profile, limits: limits)
        peer.says(FrameScript.frame(.request, stream: 1, length: 65))
        let text = "Request of 65 bytes on stream 1, the limit is 64 (max_message_bytes); send it in parts"
        let heard = peer.hears()
        #expect(heard.first?.status?.message == text)
        #expect(heard.first?.code == .resourceExhausted)
        #expect(heard.first?.isNotProcessed == (profile == .extended))
        #expect(peer.history.last == .closed(.refused(.frameTooLarge, text)))
        #expect(heard.count == (profile == .extended ? 2 : 1))
        #expect(heard.last?.goAwayCode == (profile == .extended ? .frameTooLarge : nil))
    }

    @Test("U11 Data or a Response longer than the limit")
    func u11() throws {
        var limits = ConnectionLimits()
        limits.maxMessageBytes = 64
        let server = ScriptedPeer(against: .server, limits: limits)
        server.says(request(1, .remoteOpen))
        #expect(server.says(data(1, [], [UInt8](repeating: 0, count: 64))).count == 1)
        server.says(FrameScript.frame(.data, stream: 1, length: 65))
        #expect(server.ended() == .frameTooLarge)
        #expect(server.history.contains(.cancelled(1, .connectionLost)))
        let client = ScriptedPeer(against: .client, limits: limits)
        let id = try open(client)
        _ = client.hears()
        client.says(FrameScript.frame(.response, stream: id, length: 65))
        #expect(client.ended() == .frameTooLarge)
        guard case .finished(id, let status, _)? = client.history.dropLast().last else { return }
        #expect(status.code == .unavailable && !status.notProcessed)
        #expect(status.message.contains("Response of 65 bytes on stream 1, the limit is 64"))
    }

    @Test("U12 an unknown type")
    func u12() {
        for type: UInt8 in [0, 4, 0x0F, 0x15, 0x7F] {
            let peer = ScriptedPeer(against: .server)
            peer.says(FrameScript.frame(type, stream: 0, [1]))
            #expect(peer.ended() == .protocolError)
        }
        for type: UInt8 in [0x80, 0xFF] {
            let peer = ScriptedPeer(against: .server)
            peer.says(FrameScript.frame(type, stream: 9, flags: 0xFF, [UInt8](repeating: 1, count: 16384)))
            peer.goesOn()
            peer.says(FrameScript.frame(type, stream: 9, length: 16385))
            #expect(peer.ended() == .frameTooLarge)
        }
        for type: UInt8 in [0, 4, 0x10, 0x14, 0x80] {
            let peer = ScriptedPeer(against: .server, .base)
            peer.says(FrameScript.frame(type, stream: 0, [UInt8](repeating: 1, count: 70_000)))
            peer.goesOn()
        }
    }

    @Test("U13 unknown flags, and both stream flags")
    func u13() {
        for frame in [request(1, [.noData]), request(1, [.notProcessed]), data(1, [.remoteOpen])] {
            let peer = ScriptedPeer(against: .server)
            peer.says(request(2_001, .remoteOpen))
            let fresh = ScriptedPeer(against: .server)
            fresh.says(frame)
            #expect(fresh.ended() == .protocolError)
        }
        for profile in [ConnectionProfile.base, .extended] {
            let peer = ScriptedPeer(against: .server, profile)
            peer.says(request(1, [.remoteOpen, .remoteClosed]))
            #expect(peer.ended() == .protocolError)
        }
        let base = ScriptedPeer(against: .server, .base)
        #expect(base.says(request(1, FrameFlags(rawValue: 0xF0))).count == 1)
        let client = ScriptedPeer(against: .client)
        _ = try? open(client)
        client.says(FrameScript.frame(0x02, stream: 1, flags: 1))
        #expect(client.ended() == .protocolError)
    }

    @Test("U14 a control frame of another length, with flags, or on a stream")
    func u14() {
        let wrong: [[UInt8]] = [
            FrameScript.frame(.cancel, stream: 1, [1, 2, 3]),
            FrameScript.frame(.credit, stream: 1, [1, 2, 3, 4, 5]),
            FrameScript.frame(.ping, stream: 0, []),
            FrameScript.frame(.goAway, stream: 0, [1, 2, 3, 4, 5, 6, 7]),
            goAway(last: 0, [UInt8](repeating: 0x61, count: 513)),
            FrameScript.frame(0x12, stream: 1, flags: 1, [0, 0, 0, 1]),
            FrameScript.frame(0x13, stream: 0, flags: 2, [UInt8](repeating: 0, count: 8)),
            FrameScript.frame(.ping, stream: 1, [UInt8](repeating: 0, count: 8)),
            FrameScript.frame(.goAway, stream: 1, [UInt8](repeating: 0, count: 8)),
        ]
        for frame in wrong {
            let peer = ScriptedPeer(against: .server)
            peer.says(request(1, .remoteOpen), frame)
            #expect(peer.ended() == .protocolError)
        }
        let fine = ScriptedPeer(against: .server)
        fine.says(goAway(last: 0, [UInt8](repeating: 0x61, count: 512)))
        #expect(!fine.machine.isClosed)
    }

    @Test("U15 a frame that is begun and not completed")
    func u15() {
        let peer = ScriptedPeer(against: .server)
        peer.says(Array(request(1).dropLast(6)))
        for piece in 1...5 {
            _ = peer.waits(9 * .second)
            peer.says(Array(request(1).dropLast(6 - piece).suffix(1)))
            _ = peer.hears()
        }
        #expect(peer.waits(15 * .second - 1) == [])
        #expect(peer.waits(1) == [.closed(.frameTimeout)])
        #expect(peer.ended() == .timeout)
        let slow = ScriptedPeer(against: .server, .base)
        slow.says([0])
        #expect(slow.waits(60 * .second - 1) == [])
        #expect(slow.waits(1) == [.closed(.frameTimeout)])
    }

    @Test("U16 the transport ends in the middle of a frame")
    func u16() {
        let peer = ScriptedPeer(against: .server)
        peer.says(Array(request(1).dropLast()))
        peer.machine.transportEnded(clean: true)
        #expect(peer.actions() == [.closed(.closedByPeer(clean: false))])
        let other = ScriptedPeer(against: .server)
        other.says(request(1))
        other.machine.transportEnded(clean: true)
        #expect(other.actions() == [.cancelled(1, .connectionLost), .closed(.closedByPeer(clean: true))])
    }
}

@Suite("PROTOCOL.md 11 streams")
struct UnexpectedStreamTests {
    @Test("U17 an even id or 0", arguments: [0, 2, 4] as [UInt32])
    func u17(id: UInt32) {
        for profile in [ConnectionProfile.base, .extended] {
            let peer = ScriptedPeer(against: .server, profile)
            peer.says(request(id))
            #expect(peer.ended() == .protocolError)
        }
    }

    @Test("U18 an id that does not grow", arguments: [1, 3, 5] as [UInt32])
    func u18(id: UInt32) {
        let peer = ScriptedPeer(against: .server)
        peer.says(request(5))
        peer.says(request(id))
        #expect(peer.ended() == .protocolError)
    }

    @Test("U19 ids are used up")
    func u19() {
        let peer = ScriptedPeer(against: .server)
        #expect(peer.says(request((1 << 31) - 1)).count == 1)
        peer.says(request((1 << 31) + 1))
        #expect(peer.ended() == .idsExhausted)
    }

    @Test("U20 a Request from the server")
    func u20() {
        for id: UInt32 in [1, 2] {
            let peer = ScriptedPeer(against: .client)
            peer.says(request(id))
            #expect(peer.ended() == .protocolError)
        }
    }

    @Test("U21 a Response from the client")
    func u21() {
        let peer = ScriptedPeer(against: .server)
        peer.says(request(1), response(1))
        #expect(peer.ended() == .protocolError)
        let base = ScriptedPeer(against: .server, .base)
        base.says(request(1), response(1))
        base.goesOn()
    }

    @Test("U22 a Request that cannot be read")
    func u22() {
        let bodies: [[UInt8]] = [
            [0x0A], FrameScript.field(1, [0xFF]), FrameScript.field(5, FrameScript.field(1, "Bad")),
            FrameScript.field(5, FrameScript.field(1, "a") + FrameScript.field(2, [0xC0])),
        ]
        for profile in [ConnectionProfile.base, .extended] {
            for body in bodies {
                let peer = ScriptedPeer(against: .server, profile)
                #expect(peer.says(request(1, [], body)) == [])
                let heard = peer.hears()
                #expect(heard.first?.code == .invalidArgument)
                #expect(heard.first?.isNotProcessed == (profile == .extended))
                peer.goesOn()
            }
        }
    }

    @Test("U23 a name or metadata beyond the limits")
    func u23() {
        let pair = FrameScript.field(5, FrameScript.field(1, "k"))
        let long = String(repeating: "a", count: 256)
        let bodies = [
            FrameScript.request(long), FrameScript.request("a", long), (0..<65).flatMap { _ in pair },
        ]
        for body in bodies {
            let peer = ScriptedPeer(against: .server)
            #expect(peer.says(request(1, [], body)) == [])
            #expect(peer.hears().first?.code == .resourceExhausted)
            peer.goesOn()
        }
    }

    @Test("U24 a method opened in a shape it does not have")
    func u24() throws {
        let peer = ScriptedPeer(against: .server)
        peer.says(request(1, .remoteOpen))
        let status = try #require(peer.machine.accept(1, as: .unary))
        peer.machine.finish(1, status)
        #expect(peer.hears().first?.code == .invalidArgument)
        peer.says(data(1))
        peer.goesOn()
    }

    @Test("U25 more calls than max_streams, cancelled ones included")
    func u25() {
        var limits = ConnectionLimits()
        limits.maxStreams = 2
        let peer = ScriptedPeer(against: .server, limits: limits)
        #expect(peer.says(request(1), request(3)).count == 2)
        peer.says(cancel(1))
        #expect(peer.says(request(5)) == [])
        let heard = peer.hears()
        #expect(heard.map(\.code) == [.resourceExhausted] && heard[0].isNotProcessed)
        peer.machine.release(1)
        peer.goesOn()
    }

    @Test("U26 no room in the budget")
    func u26() {
        let budget = FixedBudget(50_000)
        let peer = ScriptedPeer(against: .server, budget: budget)
        let large = FrameScript.frame(
            .request, stream: 1, [0x1A, 0xC0, 0xB8, 0x02] + [UInt8](repeating: 1, count: 40_000))
        #expect(peer.says(large).count == 1)
        #expect(budget.taken == 40_004)
        var second = large
        second[7] = 3
        for byte in second { peer.says([byte]) }
        let heard = peer.hears()
        #expect(heard.map(\.code) == [.resourceExhausted] && heard[0].isNotProcessed)
        peer.machine.finish(1, .ok)
        #expect(budget.taken == 0)
        _ = peer.hears()
        peer.goesOn()
        let small = FixedBudget(10)
        let streams = ScriptedPeer(against: .server, budget: small)
        streams.says(request(1, .remoteOpen), data(1, [], [UInt8](repeating: 1, count: 20_000)))
        #expect(streams.hears().map(\.code) == [.resourceExhausted])
        streams.machine.release(1)
        streams.goesOn()
        #expect(small.taken == 0)
    }

    @Test("U26 whole messages of one read give their share back, so that nobody uses the budget up")
    func u26WholeFrames() {
        let budget = FixedBudget(50_000)
        let peer = ScriptedPeer(against: .server, budget: budget)
        let message = [UInt8](repeating: 1, count: 20_000)
        for id in [1, 3, 5] as [UInt32] {
            peer.says(request(id, .remoteOpen) + (0..<4).flatMap { _ in data(id, [], message) })
            let refusal = peer.machine.accept(id, as: .unary)
            #expect(refusal?.code == .invalidArgument)
            if let refusal { peer.machine.finish(id, refusal) }
            #expect(budget.taken == 0)
        }
        #expect(peer.hears().map(\.code) == [.invalidArgument, .invalidArgument, .invalidArgument])
        peer.goesOn()
    }

    @Test("U27 a negative timeout")
    func u27() {
        let peer = ScriptedPeer(against: .server)
        #expect(peer.says(request(1, [], [0x20] + FrameScript.varint(.max))) == [])
        let heard = peer.hears()
        #expect(heard.first?.code == .deadlineExceeded && heard[0].isNotProcessed)
        peer.goesOn()
    }

    @Test("U28 frames for a stream that was never opened")
    func u28() throws {
        for frame in [data(3), credit(3, 5000), cancel(3), data(2), credit(2, 5000), cancel(0)] {
            let peer = ScriptedPeer(against: .server)
            peer.says(request(1), frame)
            #expect(peer.ended() == .protocolError)
        }
        for frame in [response(3), data(3), credit(3, 5000), response(2), response(0)] {
            let peer = ScriptedPeer(against: .client)
            _ = try open(peer, .bidirectional)
            peer.says(frame)
            #expect(peer.ended() == .protocolError)
        }
        let base = ScriptedPeer(against: .server, .base)
        base.says(data(1))
        #expect(base.ended() == .protocolError)
    }

    @Test("U29 Data for a stream that ended here first")
    func u29() {
        var limits = ConnectionLimits()
        limits.initialCreditBytes = 100
        limits.maxMessageBytes = 200
        let peer = ScriptedPeer(against: .server, limits: limits)
        peer.says(request(1, .remoteOpen))
        peer.machine.finish(1, Status(.aborted))
        // What it may still send: 99 bytes, and one message that overdraws.
        peer.says(
            data(1, [], [UInt8](repeating: 0, count: 99)), data(1, [], [UInt8](repeating: 0, count: 200)))
        #expect(!peer.machine.isClosed)
        peer.says(data(1, [], [UInt8](repeating: 0, count: 2)))
        #expect(peer.ended() == .flowControl)
        let base = ScriptedPeer(against: .server, .base)
        base.says(request(1, .remoteOpen))
        base.machine.finish(1, Status(.aborted))
        _ = base.hears()
        for _ in 0..<100 { base.says(data(1, [], [UInt8](repeating: 0, count: 10_000))) }
        base.goesOn()
    }

    @Test("U30 a frame for a stream long gone")
    func u30() {
        let last = ConnectionLimits.closedIDWindow + 1
        for (id, dropped) in [(UInt32(1), true), (UInt32(1), false)] {
            let peer = ScriptedPeer(against: .server)
            peer.says(request(1))
            peer.machine.finish(1, .ok)
            peer.says(request(dropped ? last : last + 2))
            peer.says(cancel(id))
            #expect(peer.machine.isClosed == !dropped)
        }
        let base = ScriptedPeer(against: .server, .base)
        base.says(request(last + 100), data(1))
        _ = base.hears()
        #expect(!base.machine.isClosed)
    }

    @Test("U31 Data on a unary call, or against the method's direction")
    func u31() throws {
        let server = ScriptedPeer(against: .server)
        server.says(request(1), data(1))
        #expect(server.ended() == .protocolError)
        for shape in [MethodShape.unary, .clientStream] {
            let client = ScriptedPeer(against: .client)
            let id = try open(client, shape)
            _ = client.hears()
            client.says(data(id))
            #expect(client.ended() == .protocolError)
        }
    }

    @Test("U32 Data after remote closed")
    func u32() {
        for first in [request(1, .remoteClosed), request(1, .remoteOpen) + data(1, .remoteClosed)] {
            for profile in [ConnectionProfile.base, .extended] {
                let peer = ScriptedPeer(against: .server, profile)
                peer.says(first, data(1))
                #expect(peer.ended() == .protocolError)
            }
        }
    }

    @Test("U33 Data without credit; one message may overdraw")
    func u33() {
        var limits = ConnectionLimits()
        limits.initialCreditBytes = 100
        let peer = ScriptedPeer(against: .server, limits: limits)
        peer.says(request(1, .remoteOpen), data(1, [], [UInt8](repeating: 0, count: 99)))
        #expect(peer.says(data(1, [], [UInt8](repeating: 0, count: 5000))).count == 1)
        #expect(peer.says(data(1, [.remoteClosed, .noData], [])) == [.requestsEnded(1)])
        let other = ScriptedPeer(against: .server, limits: limits)
        other.says(request(1, .remoteOpen), data(1, [], [UInt8](repeating: 0, count: 100)))
        other.says(data(1))
        #expect(other.ended() == .flowControl)
        let granted = ScriptedPeer(against: .server, limits: limits)
        granted.says(request(1, .remoteOpen), data(1, [], [UInt8](repeating: 0, count: 100)))
        granted.machine.consumed(1, 100)
        #expect(granted.hears().map(\.body) == [FrameScript.bigEndian(100)])
        #expect(granted.says(data(1)).count == 1)
    }

    @Test("U34 no data, and yet a message; no data, and no end")
    func u34() {
        for profile in [ConnectionProfile.base, .extended] {
            let peer = ScriptedPeer(against: .server, profile)
            peer.says(request(1, .remoteOpen), data(1, [.noData, .remoteClosed], [1]))
            #expect(peer.ended() == .protocolError)
        }
        let peer = ScriptedPeer(against: .server)
        peer.says(request(1, .remoteOpen), data(1, .noData, []))
        #expect(peer.ended() == .protocolError)
        let base = ScriptedPeer(against: .server, .base)
        #expect(base.says(request(1, .remoteOpen), data(1, .noData, [])).count == 1)
        base.goesOn()
    }

    @Test("U35 an empty message costs one byte of credit")
    func u35() {
        var limits = ConnectionLimits()
        limits.initialCreditBytes = 3
        let peer = ScriptedPeer(against: .server, limits: limits)
        peer.says(request(1, .remoteOpen))
        for _ in 0..<3 { #expect(peer.says(data(1, [], [])) == [.message(1, [])]) }
        peer.says(data(1, [], []))
        #expect(peer.ended() == .flowControl)
    }

    @Test("U36 Data with remote closed from the server")
    func u36() throws {
        let peer = ScriptedPeer(against: .client)
        let id = try open(peer, .serverStream)
        _ = peer.hears()
        peer.says(data(id, .remoteClosed))
        #expect(peer.ended() == .protocolError)
    }

    @Test("U37 CREDIT of 0, on a unary call, above the limit, for an ended stream")
    func u37() {
        let cases: [([UInt8], GoAwayCode)] = [
            (request(1, .remoteClosed) + credit(1, 0), .protocolError),
            (request(1) + credit(1, 5000), .protocolError),
            (request(1, .remoteClosed) + credit(1, (16 << 20) - (256 << 10) + 1), .flowControl),
            (request(1, .remoteClosed) + credit(1, .max), .flowControl),
        ]
        for (bytes, code) in cases {
            let peer = ScriptedPeer(against: .server)
            peer.says(bytes)
            #expect(peer.ended() == code)
        }
        let peer = ScriptedPeer(against: .server)
        peer.says(request(1, .remoteClosed), credit(1, (16 << 20) - (256 << 10)))
        #expect(!peer.machine.isClosed)
        peer.machine.finish(1, .ok)
        _ = peer.hears()
        peer.says(credit(1, 5000), credit(1, 1))
        peer.goesOn()
    }

    @Test("U38 CANCEL for an ended stream, and from the server")
    func u38() throws {
        let peer = ScriptedPeer(against: .server)
        peer.says(request(1))
        peer.machine.finish(1, .ok)
        _ = peer.hears()
        #expect(peer.says(cancel(1)) == [])
        peer.goesOn()
        let client = ScriptedPeer(against: .client)
        client.says(cancel(try open(client)))
        #expect(client.ended() == .protocolError)
    }

    @Test("U39 more CANCELs than the limit")
    func u39() {
        var limits = ConnectionLimits()
        limits.maxCancelsPerWindow = 5
        let peer = ScriptedPeer(against: .server, limits: limits)
        for round in 0..<2 as Range<UInt32> {
            for number in 0..<5 as Range<UInt32> {
                let id = 1 + 2 * (round * 5 + number)
                peer.says(request(id), cancel(id))
                peer.machine.release(id)
            }
            #expect(!peer.machine.isClosed)
            if round == 0 { _ = peer.waits(10 * .second) }
        }
        peer.says(request(101), cancel(101))
        #expect(peer.ended() == .tooMany)
    }
}

@Suite("PROTOCOL.md 11 the connection")
struct UnexpectedConnectionTests {
    /// Seeds of U56; TWOLISTS_SOAK=1 for all.
    static let seeds: UInt64 = ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] == "1" ? 1000 : 20

    @Test("U40 more control frames than the limit")
    func u40() {
        var limits = ConnectionLimits()
        limits.controlBurst = 10
        limits.controlPerSecond = 5
        let peer = ScriptedPeer(against: .server, limits: limits)
        for _ in 0..<10 {
            peer.says(ping())
            _ = peer.hears()
        }
        #expect(!peer.machine.isClosed)
        _ = peer.waits(.second)
        for _ in 0..<5 { peer.says(ping()) }
        #expect(!peer.machine.isClosed)
        peer.says(request(1, .remoteClosed))
        for _ in 0..<50 { peer.says(credit(1, 4096)) }
        #expect(!peer.machine.isClosed)
        peer.says(credit(1, 4095))
        #expect(peer.ended() == .tooMany)
    }

    @Test("U41 a PING while the answer before is queued")
    func u41() {
        let peer = ScriptedPeer(against: .server)
        for byte in 1...9 as ClosedRange<UInt8> { peer.says(ping(byte)) }
        let heard = peer.hears()
        #expect(heard.count == 1)
        #expect(heard.first?.body == [UInt8](repeating: 9, count: 8))
        #expect(heard.first?.header.flags == .ack)
        peer.says(ping(1))
        #expect(peer.hears().count == 1)
    }

    @Test("U41 an answer that TLS has begun to write stays as it is; the newest is queued behind it")
    func u41Begun() {
        let peer = ScriptedPeer(against: .server)
        peer.says(ping(1))
        let begun = peer.machine.withOutput { [UInt8]($0) }
        for byte in 2...9 as ClosedRange<UInt8> {
            peer.says(ping(byte))
            // TLS tries again and still cannot write: it wants the bytes it was given first.
            #expect(peer.machine.withOutput { [UInt8]($0.prefix(begun.count)) } == begun)
        }
        let heard = peer.hears()
        #expect(heard.map { $0.body.first } == [1, 9])
        peer.says(ping(10))
        peer.says(ping(11))
        #expect(peer.hears().map { $0.body.first } == [11])
    }

    @Test("U41 an answer behind a record that TLS has begun takes the newer eight bytes still")
    func u41Behind() {
        let peer = ScriptedPeer(against: .server)
        peer.says(request(1))
        peer.machine.finish(1, .ok, payload: [UInt8](repeating: 1, count: 40_000))
        peer.says(ping(1))
        _ = peer.machine.withOutput { $0.count }
        for byte in 2...9 as ClosedRange<UInt8> { peer.says(ping(byte)) }
        peer.machine.drained(16_384, now: peer.now)
        for byte in 10...12 as ClosedRange<UInt8> { peer.says(ping(byte)) }
        _ = peer.machine.withOutput { $0.count }
        #expect(peer.machine.pendingOutput == 40_000 + 14 + 18 - 16_384)
        #expect(peer.machine.withOutput { $0.last } == 12)
    }

    @Test("U42 an answer to a PING that was never sent")
    func u42() {
        let peer = ScriptedPeer(against: .server)
        #expect(peer.says(ping(1, .ack)) == [])
        #expect(peer.hears().isEmpty)
        peer.goesOn()
    }

    @Test("U43 silence", arguments: [ConnectionRole.client, .server])
    func u43(role: ConnectionRole) {
        let peer = ScriptedPeer(against: role)
        let silence = role == .client ? 30 * Int64.second : 37_500 * .millisecond
        #expect(peer.machine.nextTimer == peer.now + silence)
        #expect(peer.waits(silence - 1) == [])
        #expect(peer.hears().isEmpty)
        #expect(peer.waits(1) == [])
        #expect(peer.hears().map(\.header.type) == [.ping])
        peer.says(ping(0, .ack))
        #expect(peer.waits(silence) == [])
        #expect(peer.hears().map(\.header.type) == [.ping])
        #expect(peer.waits(10 * .second - 1) == [])
        #expect(peer.waits(1) == [.closed(.keepaliveTimeout)])
        #expect(peer.ended() == .timeout)
    }

    @Test("U44 a second Response")
    func u44() throws {
        var limits = ConnectionLimits()
        limits.controlBurst = 2
        let peer = ScriptedPeer(against: .client, limits: limits)
        let id = try open(peer)
        _ = peer.hears()
        #expect(peer.says(response(id)).count == 1)
        #expect(peer.says(response(id), response(id)) == [])
        #expect(!peer.machine.isClosed)
        peer.says(response(id))
        #expect(peer.ended() == .tooMany)
        let late = ScriptedPeer(against: .client, limits: limits)
        for _ in 0..<20 { late.machine.cancel(try open(late)) }
        _ = late.hears()
        for number in 0..<20 as Range<UInt32> { late.says(response(1 + 2 * number)) }
        late.goesOn()
    }

    @Test("U45 a Response that cannot be read")
    func u45() throws {
        let peer = ScriptedPeer(against: .client)
        let id = try open(peer)
        guard case .finished(id, let status, _)? = peer.says(response(id, [0x0A])).first else {
            Issue.record("no end")
            return
        }
        #expect(status.code == .internal)
        peer.goesOn()
    }

    @Test("U46 a GOAWAY that is not text, or takes more than before")
    func u46() {
        let cases = [goAway(last: 5, [0xFF]), goAway(last: 5) + goAway(last: 7)]
        for bytes in cases {
            let peer = ScriptedPeer(against: .client)
            _ = try? open(peer)
            peer.says(bytes)
            #expect(peer.ended() == .protocolError)
        }
    }

    @Test("U47 a Request after the final GOAWAY")
    func u47() {
        let peer = ScriptedPeer(against: .server)
        peer.says(request(1))
        peer.machine.drain("restart", now: peer.now)
        #expect(peer.hears().map(\.goAwayLast) == [(1 << 31) - 1])
        #expect(peer.says(request(3)).count == 1)
        _ = peer.waits(.second)
        #expect(peer.hears().map(\.goAwayLast) == [3])
        #expect(peer.says(request(5)) == [])
        let heard = peer.hears()
        #expect(heard.map(\.code) == [.unavailable] && heard[0].isNotProcessed)
        peer.machine.finish(1, .ok)
        #expect(!peer.machine.isClosed)
        peer.machine.finish(3, .ok)
        #expect(peer.actions() == [.closed(.drained)])
    }

    @Test("U47 a Request that was on its way during the final GOAWAY is not processed either")
    func u47Partial() {
        let peer = ScriptedPeer(against: .server)
        peer.says(request(1))
        peer.machine.drain("restart", now: peer.now)
        peer.says(Array(request(3).dropLast()))
        _ = peer.waits(.second)
        _ = peer.hears()
        #expect(peer.says([request(3).last ?? 0]) == [])
        #expect(peer.hears().map(\.isNotProcessed) == [true])
    }

    @Test("U48 GOAWAY below calls in flight")
    func u48() throws {
        let peer = ScriptedPeer(against: .client)
        let ids = try (0..<3).map { _ in try open(peer) }
        _ = peer.hears()
        #expect(peer.says(goAway(last: (1 << 31) - 1)) == [.goingAway(code: 0, text: "", isFinal: false)])
        #expect(throws: StreamError.closing) { try open(peer) }
        let actions = peer.says(goAway(last: ids[0], Array("restart".utf8)))
        #expect(actions.first == .goingAway(code: 0, text: "restart", isFinal: true))
        let ended = actions.dropFirst().compactMap { action -> UInt32? in
            guard case .finished(let id, let status, _) = action else { return nil }
            return status.code == .unavailable && status.notProcessed ? id : nil
        }
        #expect(ended == [ids[1], ids[2]])
        #expect(peer.says(response(ids[0])) == [.finished(ids[0], .ok, payload: []), .closed(.drained)])
    }

    @Test("U49 a peer that does not read")
    func u49() throws {
        let peer = ScriptedPeer(against: .server)
        peer.says(request(1), request(3))
        peer.machine.finish(1, .ok, payload: [UInt8](repeating: 0, count: 300_000))
        #expect(!peer.machine.wantsRead)
        peer.machine.finish(3, .ok, payload: [1])
        #expect(peer.machine.openStreams == 1)
        #expect(peer.hears().map(\.header.stream) == [1])
        #expect(peer.hears().map(\.header.stream) == [3])
        #expect(peer.machine.wantsRead)
        peer.says(request(5))
        peer.machine.finish(5, .ok)
        #expect(peer.waits(30 * .second - 1) == [])
        #expect(peer.waits(1) == [.closed(.writeStalled)])
        let base = ScriptedPeer(against: .server, .base)
        for number in 0..<20 as Range<UInt32> { base.says(request(1 + 2 * number)) }
        let large = [UInt8](repeating: 0, count: 1 << 20)
        for number in 0..<20 as Range<UInt32> { base.machine.finish(1 + 2 * number, .ok, payload: large) }
        guard case .closed(.refused(.resources, let text))? = base.actions().last else {
            Issue.record("not ended")
            return
        }
        #expect(text.contains("RESOURCE_EXHAUSTED"))
    }

    @Test("U50 a handler that sends on although nobody takes it")
    func u50() {
        let peer = ScriptedPeer(against: .server)
        peer.says(request(1, .remoteClosed))
        let chunk = [UInt8](repeating: 7, count: 256 << 10)
        // The credit takes the first, the queue the next four.
        for _ in 0..<5 { #expect(throws: Never.self) { try peer.machine.send(1, chunk) } }
        #expect(!peer.machine.isReady(1))
        #expect(throws: StreamError.queueFull(limit: 1 << 20)) { try peer.machine.send(1, [1]) }
        #expect(peer.actions() == [.cancelled(1, .connectionLost)])
        #expect(peer.hears().map(\.code) == [nil, .resourceExhausted])
        peer.machine.release(1)
        peer.goesOn()
    }

    @Test("U51 an answer or a message larger than the peer takes")
    func u51() {
        let peer = ScriptedPeer(against: .server, isReady: false)
        peer.says(FrameScript.frame(.hello, stream: 0, Hello(maxMessageBytes: 100).encoded()))
        _ = peer.hears()
        peer.says(request(1), request(3, .remoteClosed), request(5))
        peer.machine.finish(1, .ok, payload: [UInt8](repeating: 0, count: 101))
        #expect(throws: StreamError.messageTooLarge(bytes: 101, limit: 100)) {
            try peer.machine.send(3, [UInt8](repeating: 0, count: 101))
        }
        let heard = peer.hears()
        #expect(heard.map(\.code) == [.resourceExhausted, .resourceExhausted])
        #expect(heard[0].status?.message == "the answer has 101 bytes, the peer's limit is 100")
        #expect(peer.actions() == [.cancelled(3, .connectionLost)])
    }

    @Test("U52 the connection is lost")
    func u52() throws {
        let peer = ScriptedPeer(against: .client)
        _ = try open(peer)
        _ = peer.hears()
        let partly = try open(peer)
        peer.machine.drained(1, now: peer.now)
        let unsent = try open(peer)
        peer.machine.transportFailed("connection reset")
        let ends = peer.actions().compactMap { action -> [Bool]? in
            guard case .finished(_, let status, _) = action else { return nil }
            return [status.code == .unavailable, status.notProcessed]
        }
        #expect(ends == [[true, false], [true, false], [true, true]])
        #expect(partly == 3 && unsent == 5)
    }

    @Test("U53 a call past its deadline, on both sides")
    func u53() throws {
        let client = ScriptedPeer(against: .client)
        let id = try open(client, timeout: 1000)
        guard case .finished(id, let status, _)? = client.waits(1000).first else {
            Issue.record("no end")
            return
        }
        #expect(status.code == .deadlineExceeded)
        #expect(client.says(response(id)) == [])
        let server = ScriptedPeer(against: .server)
        server.says(request(1, [], FrameScript.request(timeout: 1000)))
        #expect(server.waits(1000) == [.cancelled(1, .deadlineExceeded)])
        #expect(server.hears().map(\.code) == [.deadlineExceeded])
        server.machine.finish(1, .ok)
        #expect(server.hears().isEmpty)
        server.goesOn()
    }

    @Test("U54 a status code from the future")
    func u54() throws {
        let peer = ScriptedPeer(against: .client)
        let id = try open(peer)
        guard
            case .finished(_, let status, _)? = peer.says(response(id, FrameScript.field(1, [0x08, 99])))
                .first
        else {
            Issue.record("no end")
            return
        }
        #expect(status.rawCode == 99 && status.code == .unknown && !status.isOK)
    }

    @Test("U55 no call for the idle timeout")
    func u55() {
        var limits = ConnectionLimits()
        limits.idleTimeout = 20 * .second
        let peer = ScriptedPeer(against: .server, limits: limits)
        peer.says(request(1))
        #expect(peer.waits(25 * .second) == [])
        peer.machine.finish(1, .ok)
        _ = peer.hears()
        #expect(peer.waits(20 * .second - 1) == [])
        #expect(peer.waits(1) == [.closed(.idle)])
        #expect(peer.ended() == GoAwayCode.none)
    }

    @Test("U56 any bytes whatever", arguments: 0..<seeds)
    func u56(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for round in 0..<60 {
            let role: ConnectionRole = random.next() % 2 == 0 ? .server : .client
            let profile: ConnectionProfile = random.next() % 2 == 0 ? .base : .extended
            let peer = ScriptedPeer(against: role, profile, isReady: round % 4 != 0)
            if role == .client { for _ in 0..<5 { _ = try? open(peer, .bidirectional, timeout: 1 << 40) } }
            for _ in 0..<40 where !peer.machine.isClosed {
                let noise = Noise.frame(&random)
                let cut = Int(random.next() % UInt64(noise.count + 1))
                peer.says(Array(noise[..<cut]), Array(noise[cut...]))
                for case .opened(let id, _, _) in peer.history.suffix(3) where random.next() % 2 == 0 {
                    peer.machine.finish(id, .ok, payload: [1])
                }
                _ = peer.waits(Int64(random.next() % 1000) * .millisecond)
                #expect(peer.machine.heldBytes < 3 << 20, "seed \(seed)")
                if random.next() % 3 == 0 { _ = peer.hears() }
            }
        }
    }
}

/// Frames that are nearly right.
enum Noise {
    static func frame(_ random: inout SplitMix64) -> [UInt8] {
        let types: [UInt8] = [1, 1, 1, 2, 2, 3, 3, 3, 0x10, 0x11, 0x12, 0x13, 0x14, 0x80, 0, 4, 0x15, 0xFF]
        let type = types[Int(random.next() % UInt64(types.count))]
        let stream = UInt32(truncatingIfNeeded: random.next() % 12)
        let flags = UInt8([0, 0, 0, 1, 2, 4, 5, 8, 0xFF][Int(random.next() % 9)] as Int)
        let bodies: [[UInt8]] = [
            FrameScript.request(payload: random.bytes(5)), [], random.bytes(4), [0, 0, 0x20, 0],
            random.bytes(8),
            [0x08, 1, 0x10, 1], random.bytes(Int(random.next() % 70)),
        ]
        let body = bodies[Int(random.next() % UInt64(bodies.count))]
        var bytes = FrameScript.frame(
            type, stream: type >= 0x13 || type == 0x10 ? 0 : stream, flags: flags, body)
        if random.next() % 20 == 0 {
            bytes[Int(random.next() % 10)] = UInt8(truncatingIfNeeded: random.next())
        }
        return bytes
    }
}

@Suite("PROTOCOL.md 11 is covered")
struct UnexpectedCoverageTests {
    @Test("every line of the chapter has a test of its number, and every test its line")
    func everyLine() throws {
        let here = URL(fileURLWithPath: #filePath)
        let root = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appendingPathComponent("Protocol/PROTOCOL.md"), encoding: .utf8)
        let source = try String(contentsOf: here, encoding: .utf8)
        let lines = Set(page.matches(of: #/- \*\*U(\d+)\*\*/#).compactMap { Int($0.output.1) })
        let tests = Set(source.matches(of: #/@Test\(\s*"U(\d+) /#).compactMap { Int($0.output.1) })
        #expect(lines == Set(1...56))
        #expect(lines == tests)
    }
}
