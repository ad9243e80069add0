import Testing
import Wire

@testable import RPC

/// Calls of every kind over mutual TLS on loopback: driver, TLS, machine and seam together.
@Suite("PROTOCOL.md 4 calls over the real transport")
struct CallTests {
    @Test("Unary calls answered on the loop, from another thread, and with an error")
    func unary() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.server.port)
        #expect(client.isReady)
        for size in [0, 1, 128, 16_384, 100_000] {
            let sent = pattern(size)
            for method in ["Echo", "EchoElsewhere"] {
                let (status, payload) = try client.unary(method, sent)
                #expect(status.isOK, "\(status)")
                #expect(payload == sent)
            }
        }
        let (failed, _) = try client.unary("Fail")
        #expect(failed.code == .failedPrecondition && failed.message == "not now\n随双")
        let peer = try #require(server.service.opened.values.first?.peer)
        #expect(peer.uri == Array("twolists://421300/county/421321/officer/k7f2".utf8))
        #expect(peer.serial == [0x10, 0x01] && peer.certificate.first == 0x30)
        client.stop()
        server.stop()
    }

    @Test("Unknown service and method are named and were not processed")
    func unimplemented() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.server.port)
        let (status, _) = try client.unary("Missing")
        #expect(status.code == .unimplemented && status.notProcessed)
        #expect(status.message.contains("test.v1.Test") && status.message.contains("Missing"))
        let events = Recorder<ClientCallEvent>()
        let reference = MethodReference(service: "no.Such", method: "Echo")
        let call = client.link.call(reference, payload: []) { events.add($0) }
        let (other, _) = try TestCall(call: call, events: events).result()
        #expect(other.code == .unimplemented && other.message.contains("no.Such"))
        client.stop()
        server.stop()
    }

    @Test("A server stream waits for credit and arrives whole and in order")
    func serverStream() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.server.port)
        for method in ["Count", "CountElsewhere"] {
            let stream = client.begin(method, Array("900".utf8), shape: .serverStream)
            var taken = 0
            while taken < 900 {
                #expect(stream.events.wait { _ in stream.messages.count > taken }, "\(method) at \(taken)")
                let messages = stream.messages[taken...]
                for message in messages { stream.call.consumed(message.count) }
                taken += messages.count
                if messages.isEmpty { break }
            }
            let (status, _) = try stream.result()
            #expect(status.isOK, "\(status)")
            let numbers = stream.messages.map { TestService.number(Array($0.prefix { $0 != 0x20 })) }
            #expect(numbers == Array(0..<900))
        }
        client.stop()
        server.stop()
    }

    @Test("An end given on the loop does not overtake messages given elsewhere")
    func noOvertaking() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.server.port)
        let stream = client.begin("Relay", Array("20".utf8), shape: .serverStream)
        #expect(try stream.result().0.isOK)
        #expect(stream.messages.map { TestService.number($0) } == Array(0..<20))
        client.stop()
        server.stop()
    }

    @Test("Client and bidirectional streams")
    func clientStreams() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.server.port)
        let sum = client.begin("Sum", shape: .clientStream)
        for size in [27182, 8, 1828, 45904] { sum.call.send(pattern(size)) }
        sum.call.halfClose()
        #expect(try sum.result().1 == Array("74922".utf8))
        let chat = client.begin("Chat", shape: .bidirectional)
        for index in 0..<5 {
            chat.call.send([UInt8(index), 7])
            #expect(chat.events.wait { _ in chat.messages.count == index + 1 })
        }
        chat.call.halfClose()
        #expect(try chat.result().0.isOK)
        #expect(chat.messages == (0..<5).map { [7, UInt8($0)] })
        client.stop()
        server.stop()
    }

    @Test(
        "A handler that holds messages back stops its peer at the credit; what it takes later, on any thread, lets it go on"
    )
    func holding() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.server.port)
        let held = client.begin("Hold", shape: .clientStream)
        for _ in 0..<9 { held.call.send(pattern(100_000)) }
        // On one connection: what could be sent was sent before this call.
        #expect(try client.unary("Echo", [1]).0.isOK)
        #expect(server.service.received.values == [100_000, 100_000, 100_000], "256 KiB, the last overdraws")
        held.call.cancel()
        let taken = client.begin("TakeElsewhere", shape: .clientStream)
        for _ in 0..<9 { taken.call.send(pattern(100_000)) }
        taken.call.halfClose()
        #expect(try taken.result().1 == Array("1200000".utf8))
        client.stop()
        server.stop()
    }

    @Test("A handler that goes on while nobody reads is ended, RESOURCE_EXHAUSTED; the connection lives")
    func flood() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.server.port)
        let stream = client.begin("Flood", Array("200".utf8), shape: .serverStream)
        #expect(try stream.result().0.code == .resourceExhausted)
        #expect(try client.unary("Echo", [1]).0.isOK)
        client.stop()
        server.stop()
    }

    @Test("A deadline ends the call on both sides, a cancel reaches the handler, the slot comes free")
    func endings() throws {
        let server = try TestServer { $0.limits.maxStreams = 2 }
        let client = try TestClient(port: server.server.port)
        let (late, _) = try client.unary("Never", timeout: 30 * .millisecond)
        #expect(late.code == .deadlineExceeded)
        #expect(server.service.cancelled.wait { $0.count == 1 })
        for round in 0..<10 {
            let call = client.begin("Never")
            #expect(server.service.opened.wait { $0.count == round + 2 })
            call.call.cancel()
            #expect(try call.result().0.code == .cancelled)
            #expect(server.service.cancelled.wait { $0.count == round + 2 })
        }
        #expect(try client.unary("Echo", [1]).0.isOK)
        client.stop()
        server.stop()
    }

    @Test("A handler that drops its reply: the peer is told and the slot comes free")
    func dropped() throws {
        let server = try TestServer { $0.limits.maxStreams = 1 }
        let client = try TestClient(port: server.server.port)
        for _ in 0..<3 {
            let (status, _) = try client.unary("Drop")
            #expect(status.code == .internal && status.message.contains("dropped"))
        }
        client.stop()
        server.stop()
    }

    @Test("Calls beyond max_streams wait their turn, and their deadline counts while they wait")
    func queueing() throws {
        let server = try TestServer { $0.limits.maxStreams = 1 }
        let client = try TestClient(port: server.server.port)
        #expect(client.isReady)
        let blocking = client.begin("Chat", shape: .bidirectional)
        let late = client.begin("Echo", [1], timeout: 30 * .millisecond)
        let waiting = (0..<50).map { client.begin("Echo", [UInt8($0)]) }
        let (status, _) = try late.result()
        #expect(status.code == .deadlineExceeded && status.notProcessed)
        blocking.call.halfClose()
        for (index, call) in waiting.enumerated() { #expect(try call.result().1 == [UInt8(index)]) }
        client.stop()
        server.stop()
    }

    @Test("Replies of 1 B to 1 MiB through tiny socket buffers arrive whole", arguments: [1, 4096, 16384])
    func tinyBuffers(socketBuffer: Int) throws {
        let server = try TestServer {
            $0.socketBufferBytes = socketBuffer
            $0.limits.maxMessageBytes = (1 << 20) + 64
        }
        let client = try TestClient(port: server.server.port) { $0.limits.maxMessageBytes = (1 << 20) + 64 }
        for size in [1, 1000, 16_383, 16_384, 16_385, 65_536, 200_000, 1 << 20] {
            let (status, payload) = try client.unary("Big", Array("\(size)".utf8))
            #expect(status.isOK, "\(status)")
            #expect(payload == pattern(size), "\(size)")
        }
        client.stop()
        server.stop()
    }

    @Test("A drain refuses new calls, finishes those in flight, and says why")
    func drain() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.server.port)
        #expect(client.isReady)
        let slow = client.begin("Chat", shape: .bidirectional)
        slow.call.send([1, 2])
        #expect(slow.events.wait { _ in slow.messages.count == 1 })
        let stopped = Recorder<Bool>()
        let running = server.server
        let thread = try LoopHandle.start(name: "stop") { loop in
            running.stop(graceful: true, why: "maintenance until noon")
            stopped.add(true)
            loop.stop()
        }
        #expect(
            client.states.wait { states in
                states.contains {
                    if case .goingAway(let text, _) = $0 { text.contains("noon") } else { false }
                }
            })
        let (refused, _) = try client.unary("Echo", [1])
        #expect(refused.code == .unavailable && refused.notProcessed)
        #expect(stopped.values.isEmpty)
        slow.call.halfClose()
        #expect(try slow.result().0.isOK)
        #expect(stopped.wait { !$0.isEmpty })
        thread.join()
        #expect(server.line(containing: "drained"))
        client.stop()
    }
}
