import Glibc
package import Wire

/// Which end of the connection a machine is. Clients open streams with odd ids; even ids are reserved.
package enum ConnectionRole: Sendable, Hashable { case client, server }

/// What ALPN agreed on. PROTOCOL.md 2.
package enum ConnectionProfile: Sendable, Hashable {
    /// `ttrpc`: ttrpc 1.2 byte for byte.
    case base
    /// `twolists/1`: the same frames and HELLO, CANCEL, CREDIT, PING, GOAWAY.
    case extended
}

/// How a Request frame opened its stream. PROTOCOL.md 3.3.
package enum StreamKind: Sendable, Hashable {
    /// No flags: one message each way.
    case unary
    /// `remote closed`: the Request's payload is the only message of the client; the server streams.
    case remoteClosed
    /// `remote open`: the client sends messages as Data. A payload, when not empty, is its first message.
    case remoteOpen

    package init(_ shape: MethodShape) {
        switch shape {
        case .unary: self = .unary
        case .serverStream: self = .remoteClosed
        case .clientStream, .bidirectional: self = .remoteOpen
        }
    }
}

/// What a Request says of its call. `route` is the index in the loop's `RouteCache`, nil while the names are not in it.
package struct RequestHead: Sendable, Hashable {
    package var service: String
    package var method: String
    package var route: Int?
    package var kind: StreamKind
    package var metadata: [MetadataEntry]
    /// Monotonic nanoseconds, nil: none given.
    package var deadline: Int64?

    package init(
        service: String, method: String, route: Int?, kind: StreamKind, metadata: [MetadataEntry],
        deadline: Int64?
    ) {
        self.service = service
        self.method = method
        self.route = route
        self.kind = kind
        self.metadata = metadata
        self.deadline = deadline
    }
}

/// What the driver has to do, in order. Each stream that was `opened` (server) or that `openStream` returned (client)
/// ends exactly once: by the driver's own `finish`, by `cancelled` (server) or by `finished` (client).
package enum Action: Sendable, Hashable {
    /// The peer's HELLO arrived (extended profile). A client may open streams from now on.
    case helloReceived(Hello)
    /// Server: a call. Answer with `finish`, now or later, from this loop.
    case opened(UInt32, RequestHead, payload: [UInt8])
    /// One message of a stream. Call `consumed` when it has been taken, so that the peer gets credit again.
    case message(UInt32, [UInt8])
    /// Server: the client has sent its last message.
    case requestsEnded(UInt32)
    /// Server: the call is over, its reply would be dropped. The slot is kept until `finish` or `release`.
    case cancelled(UInt32, CancelReason)
    /// Client: the call is over. `payload` is the reply of unary and client-stream calls.
    case finished(UInt32, Status, payload: [UInt8])
    /// `isReady` was false for this stream and is true now.
    case ready(UInt32)
    /// The peer drains or ends the connection (GOAWAY). A client opens no more streams here and connects anew.
    case goingAway(code: UInt32, text: String, isFinal: Bool)
    /// The last action ever. Write what `output` holds, then end the transport: close_notify, shutdown of the sending
    /// side, and reading a moment longer so that the peer sees our last words before a reset.
    case closed(ConnectionEnd)
}

/// Why a connection ended, for the one log line it gets.
package enum ConnectionEnd: Sendable, Hashable {
    /// Our own `drain` is complete, or the peer's is and no call was left.
    case drained
    /// This side closed it: `close(_:)`.
    case closedHere(String)
    /// The peer ended the transport; `clean` when by close_notify between two frames.
    case closedByPeer(clean: Bool)
    /// The socket or TLS failed.
    case transportFailed(String)
    /// The peer broke a rule or a limit; the text was sent to it in GOAWAY (extended profile).
    case refused(GoAwayCode, String)
    case idle
    case helloTimeout
    case frameTimeout
    case keepaliveTimeout
    case writeStalled

    /// In words for a network administrator.
    package var description: String {
        switch self {
        case .drained: "drained: all calls had ended"
        case .closedHere(let why): "closed by this side: \(why)"
        case .closedByPeer(let clean):
            clean ? "closed by the peer" : "the peer was cut off: no TLS close, or in the middle of a frame"
        case .transportFailed(let why): "transport failed: \(why)"
        case .refused(_, let text): "the peer was refused: \(text)"
        case .idle: "idle: no call for the idle timeout"
        case .helloTimeout: "no HELLO from the peer in time; is it a TwoLists program of this version?"
        case .frameTimeout:
            "a frame was begun and not completed in time; the line is too slow or the peer stalled"
        case .keepaliveTimeout: "the peer did not answer PING in time; it or the line is dead"
        case .writeStalled: "the peer did not read what was sent to it in time"
        }
    }
}

/// Why a stream could not be opened or a message not be sent. Local: nothing went out.
package enum StreamError: Error, Sendable, Hashable {
    /// The peer's HELLO has not arrived yet.
    case notReady
    /// As many calls are open as the peer allows; try again when one has finished.
    case tooManyStreams(limit: Int)
    /// The connection drains, is closed, or has used up its ids; open another.
    case closing
    case messageTooLarge(bytes: Int, limit: Int)
    case metadataRefused(FrameBodyError)
    case noSuchStream
    /// The stream takes no (more) messages from this side.
    case sendingEnded
    /// More than the queue limit is waiting for credit on this stream.
    case queueFull(limit: Int)
}

/// The process-wide budget for bytes held on behalf of peers. Implementations are shared by all loops.
package protocol MemoryBudget: AnyObject, Sendable {
    /// Takes `bytes`, or nothing and false.
    func reserve(_ bytes: Int) -> Bool
    func release(_ bytes: Int)
}

/// Service and method names the driver knows, so that a call's names are found by their bytes, without building
/// strings. One for each event loop (not Sendable); the index is the driver's handle for handler and shape.
package final class RouteCache {
    private var routes: [(service: String, method: String)] = []
    /// Open addressing by hash of the names' bytes; -1 is free. Never more than half full.
    private var slots: [Int32] = Array(repeating: -1, count: 64)

    /// Names a server knows are a few hundred; beyond this no more are cached.
    package static let maxRoutes = 4096

    package init() {}

    /// Adds known names, once each. Only names that a handler was found for: what peers invent must not fill it.
    /// - Returns: the index, nil when the cache is full.
    package func add(service: String, method: String) -> Int? {
        var service = service
        var method = method
        return service.withUTF8 { serviceBytes in
            method.withUTF8 { methodBytes in
                add(UnsafeRawBufferPointer(serviceBytes), UnsafeRawBufferPointer(methodBytes))
            }
        }
    }

    private func add(_ service: UnsafeRawBufferPointer, _ method: UnsafeRawBufferPointer) -> Int? {
        if let known = find(service, method) { return known }
        guard routes.count < Self.maxRoutes else { return nil }
        if routes.count * 2 >= slots.count { grow() }
        routes.append((String(decoding: service, as: UTF8.self), String(decoding: method, as: UTF8.self)))
        place(routes.count - 1)
        return routes.count - 1
    }

    package func find(_ service: UnsafeRawBufferPointer, _ method: UnsafeRawBufferPointer) -> Int? {
        let mask = slots.count - 1
        var slot = Self.hash(service, method) & mask
        while true {
            let index = Int(slots[slot])
            if index < 0 { return nil }
            if Self.equal(routes[index].service, service), Self.equal(routes[index].method, method) {
                return index
            }
            slot = (slot + 1) & mask
        }
    }

    /// The names at an index `find` or `add` returned.
    package func names(_ index: Int) -> (service: String, method: String) { routes[index] }

    private func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        for index in routes.indices { place(index) }
    }

    private func place(_ index: Int) {
        var (service, method) = routes[index]
        let hash = service.withUTF8 { first in
            method.withUTF8 { Self.hash(UnsafeRawBufferPointer(first), UnsafeRawBufferPointer($0)) }
        }
        var slot = hash & (slots.count - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(truncatingIfNeeded: index)
    }

    /// Only known names are in the table, so nobody outside can make them collide on purpose.
    private static func hash(_ service: UnsafeRawBufferPointer, _ method: UnsafeRawBufferPointer) -> Int {
        let mixed = mix(mix(0x9E37_79B9_7F4A_7C15, service), method)
        return Int(truncatingIfNeeded: mixed ^ (mixed >> 32)) & Int.max
    }

    private static func mix(_ seed: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = seed ^ UInt64(truncatingIfNeeded: bytes.count)
        var position = 0
        while position + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            hash = (hash ^ word) &* 0xFF51_AFD7_ED55_8CCD
            hash ^= hash >> 33
            position += 8
        }
        while position < bytes.count {
            hash = (hash ^ UInt64(bytes[position])) &* 0x0000_0100_0000_01B3
            position += 1
        }
        return hash
    }

    private static func equal(_ name: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
        if name.utf8.count != bytes.count { return false }
        guard let base = bytes.baseAddress else { return true }
        return name.utf8.withContiguousStorageIfAvailable { known in
            known.baseAddress.map { memcmp($0, base, bytes.count) == 0 } ?? true
        } ?? name.utf8.elementsEqual(bytes)
    }
}
