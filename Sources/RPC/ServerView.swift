// What a running server tells of itself. Each loop is asked on its own thread for a copy of what it owns; the last one to answer hands the
// sum on. Nobody waits, no call pays for it, and a loop that has ended is left out.

import Synchronization
package import Wire

extension Server {
    /// Everything counted since the start, and how things stand. `done` is called once, on a loop's thread: take it elsewhere to work on it.
    package func figures(_ done: @escaping @Sendable (ServerFigures) -> Void) {
        let held = heldBytes
        ask({ $0.copyFigures() }) { parts in
            var all = ServerFigures(heldBytes: held)
            for part in parts { all.add(part) }
            done(all)
        }
    }

    /// A page of the connections open now, by number.
    /// - Parameter limit: at least 1.
    package func connections(
        after place: LivePlace, limit: Int, _ done: @escaping @Sendable (LivePage<LiveConnection>) -> Void
    ) {
        ask({ $0.liveConnections(after: place, limit: limit) }) { parts in
            done(Server.page(parts, limit) { $0.number < $1.number })
        }
    }

    /// A page of the calls open now, by connection and stream.
    package func streams(
        after place: LivePlace, limit: Int, _ done: @escaping @Sendable (LivePage<LiveStream>) -> Void
    ) {
        ask({ $0.liveStreams(after: place, limit: limit) }) { parts in
            done(Server.page(parts, limit) { $0.place < $1.place })
        }
    }

    /// Each part holds the first `limit` of its loop, so the first `limit` of all are among them.
    private static func page<Item>(
        _ parts: [LivePage<Item>], _ limit: Int, _ isBefore: (Item, Item) -> Bool
    ) -> LivePage<Item> {
        let all = parts.flatMap(\.items).sorted(by: isBefore)
        return LivePage(
            items: Array(all.prefix(limit)), total: parts.reduce(0) { $0 + $1.total },
            hasMore: all.count > limit || parts.contains(where: \.hasMore))
    }

    private func ask<Part: Sendable>(
        _ look: @escaping @Sendable (LoopServer) -> Part, _ done: @escaping @Sendable ([Part]) -> Void
    ) {
        let round = Round(waitsFor: handles.count, done)
        for handle in handles {
            let taken = handle.submit { loop in round.add(LoopServer.of(loop).map(look)) }
            if !taken { round.add(nil) }
        }
    }
}

/// One question to all loops.
private final class Round<Part: Sendable>: Sendable {
    private struct State {
        var parts: [Part] = []
        var missing: Int
    }
    private let state: Mutex<State>
    private let done: @Sendable ([Part]) -> Void

    init(waitsFor loops: Int, _ done: @escaping @Sendable ([Part]) -> Void) {
        state = Mutex(State(missing: loops))
        self.done = done
    }

    func add(_ part: Part?) {
        let whole = state.withLock { state -> [Part]? in
            if let part { state.parts.append(part) }
            state.missing -= 1
            return state.missing == 0 ? state.parts : nil
        }
        if let whole { done(whole) }
    }
}

extension LoopServer {
    fileprivate func liveConnections(after place: LivePlace, limit: Int) -> LivePage<LiveConnection> {
        let numbers = numbers(from: place.connection &+ 1)
        let items = numbers.prefix(limit).compactMap { number in
            channel(number).flatMap { live($0) }
        }
        return LivePage(items: items, total: connectionCount, hasMore: numbers.count > limit)
    }

    private func live(_ channel: Channel) -> LiveConnection? {
        guard let connection = channel.owner as? ServerConnection else { return nil }
        var live = LiveConnection(number: channel.number)
        live.address = connection.address
        live.identity = connection.identity
        live.phase = channel.phase.rawValue
        live.profile =
            connection.profile.map { $0 == .base ? ApplicationProtocol.base : ApplicationProtocol.extended }
            ?? ""
        live.since = wall(connection.acceptedAt)
        live.lastActivity = wall(channel.machine?.lastActivity ?? connection.acceptedAt)
        (live.bytesRead, live.bytesWritten) = channel.bytesNow
        live.openStreams = channel.machine?.openStreams ?? 0
        live.calls = channel.machine?.callsOpened ?? 0
        live.heldBytes = channel.machine?.heldBytes ?? 0
        return live
    }

    fileprivate func liveStreams(after place: LivePlace, limit: Int) -> LivePage<LiveStream> {
        var items: [LiveStream] = []
        for number in numbers(from: place.connection) where items.count <= limit {
            guard let channel = channel(number), let machine = channel.machine else { continue }
            let first = number == place.connection ? place.stream : 0
            for (id, call) in machine.liveCalls(after: first, limit: limit + 1 - items.count) {
                items.append(live(channel, id, call))
            }
        }
        let hasMore = items.count > limit
        return LivePage(items: Array(items.prefix(limit)), total: streamCount, hasMore: hasMore)
    }

    private func live(_ channel: Channel, _ id: UInt32, _ call: Stream) -> LiveStream {
        var live = LiveStream(connection: channel.number, stream: id)
        live.identity = (channel.owner as? ServerConnection)?.identity ?? ""
        if call.route >= 0 {
            let names = routes.names(Int(call.route))
            (live.service, live.method) = (names.service, names.method)
        }
        live.since = wall(call.openedAt)
        live.deadline = call.deadline == Deadline.none ? 0 : wall(call.deadline)
        live.sendCredit = Int64(call.sendCredit)
        live.receiveCredit = Int64(call.receiveCredit)
        live.queuedBytes = call.queue?.bytes ?? 0
        live.isOver = call.state.contains(.over)
        return live
    }

    /// A monotonic time as UTC.
    private func wall(_ time: Int64) -> Int64 {
        shared.configuration.wall() &+ (time &- MonotonicTime.now())
    }
}
