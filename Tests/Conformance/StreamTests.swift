import Foundation
import RPC
import Synchronization
import TestSupport
import Testing
import TwoListsClient
import Wire

/// What the interop cases leave open: a fast side is held back by a slow one, and a drain waits for streams.
@Suite("PROTOCOL.md 7 and 8: streams through handlers and client", .timeLimit(.minutes(2)))
struct StreamTests {
    @Test("credit both ways: who sends and does not read is held back, and loses nothing")
    func pushback() async throws {
        let house = try InteropHouse()
        let client = try house.client()
        let call = try await client.open(Interop.duplex)
        let sent = Atomic(0)
        let count = 1_500
        // Each request takes a KiB of the server's credit and its reply 64 KiB of ours. Unread: 256 KiB of requests and one that overdraws;
        // as many replies, which are four and one; one more that has just passed the gate.
        let most = 256 + 1 + 5 + 1
        async let sender: Void = {
            for _ in 0..<count {
                guard await call.send(Interop.asking(65_536, payload: 1_024)) else { return }
                sent.add(1, ordering: .relaxed)
            }
            call.finish()
        }()
        while sent.load(ordering: .relaxed) < 200 { await Task.yield() }
        var read = 0
        for try await reply in call {
            #expect(sent.load(ordering: .relaxed) - read <= most)
            #expect(reply.payload?.body.count == 65_536)
            read += 1
        }
        await sender
        #expect(read == count)
        await client.close(within: .seconds(5))
        house.server.stop()
    }

    @Test("a stream in flight is finished while the server drains")
    func drain() async throws {
        let house = try InteropHouse {
            $0.limits.drainGrace = 10 * .millisecond
            $0.limits.drainTimeout = 60 * .second
        }
        let asked = AsyncStream<Void>.makeStream()
        let client = try house.client { if case .disconnected = $0 { asked.continuation.yield() } }
        let call = try await client.open(Interop.input, Interop.part(1_000))
        #expect(try await client.call(Interop.empty, InteropV1.Empty()) == InteropV1.Empty())
        let stopped = AsyncStream<Void>.makeStream()
        // Stopping waits for the stream: not on a thread that the client's tasks need.
        Thread.detachNewThread {
            house.server.stop()
            stopped.continuation.yield()
        }
        for await _ in asked.stream { break }
        #expect(await call.send(Interop.part(234)))
        call.finish()
        #expect(try await call.reply().aggregatedPayloadSize == 1_234)
        for await _ in stopped.stream { break }
    }

    @Test("a server's deadline holds whatever its handler does, and a call after it goes on")
    func deadline() async throws {
        let house = try InteropHouse()
        let client = try house.client()
        let asleep = Interop.asking(1, interval: 60_000_000)
        let call = try await client.open(Interop.output, asleep, timeout: .milliseconds(50))
        let error = await #expect(throws: ClientError.self) { try await call.reply() }
        #expect(error?.reason == .deadlineExceeded)
        var request = InteropV1.SimpleRequest(fillTimeout: true)
        request.responseSize = 3
        let reply = try await client.call(Interop.unary, request, timeout: .seconds(40))
        #expect((1...40_000_000_000).contains(reply.timeoutNano))
        await client.close(within: .seconds(5))
        house.server.stop()
    }

    @Test("a message above the server's limit ends the call and says both numbers")
    func tooLarge() async throws {
        let house = try InteropHouse { $0.limits.maxMessageBytes = 1_000 }
        let client = try house.client()
        // One byte tag, two bytes of length, twice: 6 bytes around the payload.
        let fits = try await client.open(Interop.input, Interop.part(994))
        fits.finish()
        #expect(try await fits.reply().aggregatedPayloadSize == 994)
        let call = try await client.open(Interop.input, Interop.part(995))
        let error = await #expect(throws: ClientError.self) { try await call.reply() }
        #expect(error?.status?.code == .resourceExhausted)
        #expect(error?.detail == "the message has 1001 bytes, the server's limit is 1000")
        await client.close(within: .seconds(5))
        house.server.stop()
    }

    @Test(
        "the test service's own limits: the last that is taken and the first that is not",
        arguments: [
            (InteropService.maxPayloadBytes, 0, false), (InteropService.maxPayloadBytes + 1, 0, true),
            (0, InteropService.maxIntervalMicros, false), (0, InteropService.maxIntervalMicros + 1, true),
            (-1, 0, true), (0, -1, true),
        ])
    func testServiceLimits(size: Int, interval: Int, isRefused: Bool) async throws {
        let house = try InteropHouse()
        let client = try house.client()
        _ = try await client.call(Interop.empty, InteropV1.Empty())
        let asking = Interop.asking(size, interval: Int32(interval))
        // What is not refused is too large for this client, or sleeps longer than it waits.
        let isAsleep = interval > 0 && !isRefused
        let call = try await client.open(
            Interop.output, asking, timeout: isAsleep ? .milliseconds(500) : nil)
        let error = await #expect(throws: ClientError.self) { try await call.reply() }
        #expect((error?.status?.code == .invalidArgument) == isRefused, "\(String(describing: error))")
        if interval == 0 {
            let request = InteropV1.SimpleRequest(responseSize: Int32(size))
            let unary = await #expect(throws: ClientError.self) {
                try await client.call(Interop.unary, request)
            }
            #expect((unary?.status?.code == .invalidArgument) == isRefused)
        }
        await client.close(within: .seconds(5))
        house.server.stop()
    }
}
