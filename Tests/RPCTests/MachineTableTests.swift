import RPC
import TestSupport
import Testing
import Wire

/// The table of PROTOCOL.md 4.4, cell by cell: every state of a stream × every frame of the peer.
@Suite("PROTOCOL.md 4.4 every state, every frame")
struct MachineTableTests {
    /// What a frame does in a state.
    enum Effect: Equatable {
        case action(Int)
        case dropped
        case error
    }

    enum State: String, CaseIterable {
        case never, unary, open, halfClosed, over, closed, longAgo
    }

    enum Frame: String, CaseIterable {
        case request, response, data, emptyData, dataEnd, end, cancel, credit, reserved, ignorable
    }

    private static func bytes(_ frame: Frame, _ id: UInt32) -> [UInt8] {
        switch frame {
        case .request: FrameScript.frame(.request, stream: id, FrameScript.request())
        case .response: FrameScript.frame(.response, stream: id)
        case .data: FrameScript.frame(.data, stream: id, [1])
        case .emptyData: FrameScript.frame(.data, stream: id)
        case .dataEnd: FrameScript.frame(.data, stream: id, flags: .remoteClosed, [1])
        case .end: FrameScript.frame(.data, stream: id, flags: [.remoteClosed, .noData])
        case .cancel: FrameScript.frame(.cancel, stream: id, [0, 0, 0, 1])
        case .credit: FrameScript.frame(.credit, stream: id, [0, 0, 0x20, 0])
        case .reserved: FrameScript.frame(0x20, stream: id)
        case .ignorable: FrameScript.frame(0x90, stream: id)
        }
    }

    /// A server machine whose stream 1 is in the state.
    private static func server(_ state: State, _ profile: ConnectionProfile) -> Bench {
        let bench = Bench(.server, profile).ready()
        func open(_ flags: FrameFlags = []) {
            bench.feed(
                FrameScript.frame(.request, stream: 1, flags: flags, FrameScript.request(timeout: 1000)))
        }
        switch state {
        case .never: break
        case .unary: open()
        case .open: open(.remoteOpen)
        case .halfClosed: open(.remoteClosed)
        case .over:
            open(.remoteOpen)
            _ = bench.advance(1000)
        case .closed, .longAgo:
            open(.remoteOpen)
            bench.machine.finish(1, .ok)
            if state == .longAgo {
                let id = ConnectionLimits.closedIDWindow + 3
                bench.feed(FrameScript.frame(.request, stream: id, FrameScript.request()))
            }
        }
        _ = bench.written()
        return bench
    }

    /// A client machine whose call 1 is in the state.
    private static func client(_ state: State, _ profile: ConnectionProfile) -> Bench {
        let bench = Bench(.client, profile).ready()
        let shape: MethodShape =
            state == .unary ? .unary : state == .halfClosed ? .serverStream : .bidirectional
        if state != .never {
            _ = try? bench.machine.openStream(echo, shape: shape, payload: [], now: bench.now)
        }
        if state == .over { bench.machine.cancel(1) }
        if state == .closed || state == .longAgo { bench.feed(FrameScript.frame(.response, stream: 1)) }
        if state == .longAgo {
            for _ in 0...ConnectionLimits.closedIDWindow / 2 {
                guard let id = try? bench.machine.openStream(echo, shape: .unary, payload: [], now: bench.now)
                else {
                    break
                }
                bench.feed(FrameScript.frame(.response, stream: id))
                _ = bench.written()
            }
        }
        _ = bench.taken()
        _ = bench.written()
        return bench
    }

    private static func effect(_ bench: Bench, _ frame: Frame) -> Effect {
        let actions = bench.feed(bytes(frame, 1))
        if bench.machine.isClosed { return .error }
        return actions.isEmpty ? .dropped : .action(actions.count)
    }

    private static let server: [State: [Frame: Effect]] = [
        .never: [.request: .action(1)],
        .unary: [.cancel: .action(1), .credit: .error],
        .open: [
            .data: .action(1), .emptyData: .action(1), .dataEnd: .action(2), .end: .action(1),
            .cancel: .action(1),
            .credit: .dropped,
        ],
        .halfClosed: [.cancel: .action(1), .credit: .dropped],
        .over: [
            .data: .dropped, .emptyData: .dropped, .dataEnd: .dropped, .end: .dropped, .cancel: .dropped,
            .credit: .dropped,
        ],
        .closed: [
            .data: .dropped, .emptyData: .dropped, .dataEnd: .dropped, .end: .dropped, .cancel: .dropped,
            .credit: .dropped,
        ],
        .longAgo: [:],
    ]

    private static let client: [State: [Frame: Effect]] = [
        .never: [:],
        .unary: [.response: .action(1), .credit: .error],
        .open: [.response: .action(1), .data: .action(1), .emptyData: .action(1), .credit: .dropped],
        .halfClosed: [.response: .action(1), .data: .action(1), .emptyData: .action(1), .credit: .dropped],
        .over: [.response: .dropped, .data: .dropped, .emptyData: .dropped, .credit: .dropped],
        .closed: [.response: .dropped, .credit: .dropped],
        .longAgo: [:],
    ]

    @Test("server, extended", arguments: State.allCases, Frame.allCases)
    func serverExtended(state: State, frame: Frame) {
        let expected = frame == .ignorable ? .dropped : Self.server[state]?[frame] ?? .error
        #expect(Self.effect(Self.server(state, .extended), frame) == expected)
    }

    @Test("client, extended", arguments: State.allCases, Frame.allCases)
    func clientExtended(state: State, frame: Frame) {
        let expected = frame == .ignorable ? .dropped : Self.client[state]?[frame] ?? .error
        #expect(Self.effect(Self.client(state, .extended), frame) == expected)
    }

    @Test(
        "server, base: as extended, but what ttrpc ignores passes by", arguments: State.allCases,
        Frame.allCases)
    func serverBase(state: State, frame: Frame) {
        let data: Set<Frame> = [.data, .emptyData, .dataEnd, .end]
        let expected: Effect =
            switch (state, frame) {
            case (_, .response), (_, .cancel), (_, .credit), (_, .reserved), (_, .ignorable): .dropped
            case (.longAgo, _) where data.contains(frame): .dropped
            default: Self.server[state]?[frame] ?? .error
            }
        #expect(Self.effect(Self.server(state, .base), frame) == expected)
    }

    @Test("client, base", arguments: State.allCases, Frame.allCases)
    func clientBase(state: State, frame: Frame) {
        let data: Set<Frame> = [.data, .emptyData, .dataEnd, .end]
        let ended: Set<State> = [.over, .closed, .longAgo]
        let expected: Effect =
            switch (state, frame) {
            case (_, .cancel), (_, .credit), (_, .reserved), (_, .ignorable): .dropped
            case (let state, let frame)
            where ended.contains(state) && (data.contains(frame) || frame == .response):
                .dropped
            case (.open, .dataEnd), (.halfClosed, .dataEnd): .action(2)
            case (.open, .end), (.halfClosed, .end): .action(1)
            default: Self.client[state]?[frame] ?? .error
            }
        #expect(Self.effect(Self.client(state, .base), frame) == expected)
    }
}
