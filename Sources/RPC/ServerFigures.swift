package import Metrics
import Wire

/// What a server has counted since its start, all loops together; a copy.
package struct ServerFigures: Sendable {
    /// One loop's part.
    struct Loop: Sendable {
        var opened: UInt64 = 0
        /// By `ConnectionReport.Reason`.
        var ended: [ConnectionReport.Reason: UInt64] = [:]
        /// TLS handshakes: `ok`, or why not.
        var handshakes: [String: UInt64] = [:]
        /// Connections closed at the door, by the limit that was reached.
        var refused: [String: UInt64] = [:]
        /// Bytes of connections that have ended; in a copy, of those open too.
        var bytesRead: UInt64 = 0
        var bytesWritten: UInt64 = 0
        var open = 0
        var streams = 0
        /// What waited in its mailbox.
        var waiting = 0
    }

    var calls: [MethodName: CallFigures.Method] = [:]
    var loops: [Int: Loop] = [:]
    var heldBytes = 0

    mutating func add(_ other: ServerFigures) {
        for (name, method) in other.calls { calls[name, default: CallFigures.Method()].add(method) }
        loops.merge(other.loops) { $1 }
    }

    /// Onto the page: every family, whatever was counted.
    package func tell(_ page: inout MetricPage) {
        tellConnections(&page)
        tellCalls(&page)
        page.family("twolists_bytes_total", .counter, "Bytes on the line, TLS included.") {
            $0.sample("twolists_bytes_total", [("direction", "in")], sum(\.bytesRead))
            $0.sample("twolists_bytes_total", [("direction", "out")], sum(\.bytesWritten))
        }
        page.single("twolists_held_bytes", .gauge, "Bytes held in memory for all peers together.", heldBytes)
        page.family("twolists_loop_waiting", .gauge, "Items waiting in the mailbox of an event loop.") {
            page in
            for (index, loop) in loops.sorted(by: { $0.key < $1.key }) {
                page.sample("twolists_loop_waiting", [("loop", "\(index)")], loop.waiting)
            }
        }
    }

    private func sum(_ part: KeyPath<Loop, UInt64>) -> UInt64 {
        loops.values.reduce(0) { $0 &+ $1[keyPath: part] }
    }
    private func sum(_ part: KeyPath<Loop, Int>) -> Int { loops.values.reduce(0) { $0 + $1[keyPath: part] } }
    private func sum<Key: Hashable>(_ part: KeyPath<Loop, [Key: UInt64]>) -> [Key: UInt64] {
        loops.values.reduce(into: [:]) { all, loop in all.merge(loop[keyPath: part]) { $0 &+ $1 } }
    }

    private func tellConnections(_ page: inout MetricPage) {
        page.single(
            "twolists_connections_opened_total", .counter, "Connections accepted.", sum(\.opened))
        page.family(
            "twolists_connections_ended_total", .counter, "Connections that have ended, by the reason."
        ) { page in
            let ended = sum(\Loop.ended)
            for reason in ConnectionReport.Reason.allCases {
                page.sample(
                    "twolists_connections_ended_total", [("reason", reason.rawValue)], ended[reason] ?? 0)
            }
        }
        page.single("twolists_connections_open", .gauge, "Connections open now, in any state.", sum(\.open))
        page.single("twolists_streams_open", .gauge, "Calls open now.", sum(\.streams))
        tell(
            sum(\Loop.refused), "twolists_connections_refused_total", "limit",
            "Connections closed at the door, by the limit that was reached.", &page)
        tell(
            sum(\Loop.handshakes), "twolists_tls_handshakes_total", "result",
            "TLS handshakes that have ended: ok, or why not.", &page)
    }

    private func tell(
        _ counts: [String: UInt64], _ name: String, _ label: String, _ help: String, _ page: inout MetricPage
    ) {
        page.family(name, .counter, help) { page in
            for (value, count) in counts.sorted(by: { $0.key < $1.key }) {
                page.sample(name, [(label, value)], count)
            }
        }
    }

    private func tellCalls(_ page: inout MetricPage) {
        let sorted = calls.sorted { $0.key < $1.key }
        page.family("twolists_calls_total", .counter, "Calls that have ended, by method and status code.") {
            page in
            for (name, method) in sorted {
                for (code, count) in method.codes.enumerated() where count > 0 {
                    let text = StatusCode(rawValue: UInt32(code))?.name ?? "OTHER"
                    page.sample("twolists_calls_total", name.labels + [("code", text)], count)
                }
            }
        }
        page.family(
            "twolists_call_seconds", .histogram,
            "From a request's arrival to its answer, for methods that answer once; its grain is a turn of the loop."
        ) { page in
            for (name, method) in sorted {
                if let latency = method.latency {
                    page.histogram("twolists_call_seconds", name.labels, latency)
                }
            }
        }
    }
}

extension MethodName {
    fileprivate var labels: MetricPage.Labels { [("service", service), ("method", method)] }
}

extension ConnectionReport {
    /// Why a connection ended, for figures: a closed set, whatever a peer does.
    package enum Reason: String, Sendable, Hashable, CaseIterable {
        case drained
        case closedHere = "closed_here"
        case closedByPeer = "closed_by_peer"
        case cutOff = "cut_off"
        case transportFailed = "transport_failed"
        case handshakeFailed = "handshake_failed"
        case protocolError = "protocol_error"
        case flowControl = "flow_control"
        case tooLarge = "too_large"
        case tooMany = "too_many"
        case version
        case idsExhausted = "ids_exhausted"
        case resources
        case notAllowed = "not_allowed"
        case idle
        case helloTimeout = "hello_timeout"
        case frameTimeout = "frame_timeout"
        case keepaliveTimeout = "keepalive_timeout"
        case writeStalled = "write_stalled"

        init(_ end: ConnectionEnd?) {
            self =
                switch end {
                case nil: .handshakeFailed
                case .drained: .drained
                case .closedHere: .closedHere
                case .closedByPeer(let clean): clean ? .closedByPeer : .cutOff
                case .transportFailed: .transportFailed
                case .refused(let code, _): Reason(code)
                case .idle: .idle
                case .helloTimeout: .helloTimeout
                case .frameTimeout: .frameTimeout
                case .keepaliveTimeout: .keepaliveTimeout
                case .writeStalled: .writeStalled
                }
        }

        private init(_ code: GoAwayCode) {
            self =
                switch code {
                case .none: .closedHere
                case .protocolError: .protocolError
                case .flowControl: .flowControl
                case .frameTooLarge: .tooLarge
                case .tooMany: .tooMany
                case .version: .version
                case .timeout: .frameTimeout
                case .idsExhausted: .idsExhausted
                case .resources: .resources
                case .notAllowed: .notAllowed
                }
        }
    }
}
