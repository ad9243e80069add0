internal import Crypto
internal import Exchange
internal import Schema
internal import Synchronization
internal import Wire

/// Names one watch for its lifetime.
package struct WatchID: Hashable, Sendable {
    let number: UInt64

    private static let counter = Atomic<UInt64>(0)

    static func next() -> WatchID {
        WatchID(number: counter.wrappingAdd(1, ordering: .relaxed).newValue)
    }
}

/// A watch on its way to the engine.
package struct WatchStart: Sendable {
    var id: WatchID
    var actor: ActorIdentity
    var query: WatchQuery
    var reply: any CallReply
    /// For the trail, when it is refused for lack of right.
    var asked: Asked?
}

/// The watchers and how far each has been told. Only durable changes are told, a slice at a time, and only while the
/// watcher's stream is ready: a slow reader costs a cursor, never a queue.
struct WatchTable {
    private struct Watcher {
        var feed: WatchFeed
        var reply: any CallReply
        var ready = true
        /// There may be more to tell than the last slice held.
        var isBehind = true
        /// Up to here it has looked.
        var seen: UInt64 = 0
        let officer: String
        /// "From now on" as a cursor, told once everything before it is durable: a watcher cut off before its first change can then go on
        /// without a gap. Nil once told, and for a watch that began at a cursor.
        var mark: (cursor: [UInt8], sequence: UInt64)?

        func isDue(_ durable: UInt64) -> Bool { ready && (isBehind || seen < durable) }
    }
    private var watchers: [WatchID: Watcher] = [:]
    /// Whose turn it is, in rotation.
    private var turns: [WatchID] = []
    private var next = 0
    private var ofOfficer: [String: Int] = [:]

    var isEmpty: Bool { watchers.isEmpty }

    /// Nil: begun. Otherwise why not, for the caller to answer.
    mutating func start(_ start: WatchStart, state: State) -> Status? {
        do throws(Status) {
            guard watchers.count < EngineLimits.watchers else {
                throw Status.watchersFull
            }
            let officer = start.actor.officer
            guard ofOfficer[officer, default: 0] < EngineLimits.watchersPerOfficer else {
                throw Status.tooManyWatches
            }
            let feed = try feed(start, state)
            let mark = start.query.cursor.isEmpty ? (feed.cursor, state.lastSequence) : nil
            watchers[start.id] = Watcher(feed: feed, reply: start.reply, officer: officer, mark: mark)
            turns.append(start.id)
            ofOfficer[officer, default: 0] += 1
            return nil
        } catch {
            return error
        }
    }

    private func feed(_ start: WatchStart, _ state: State) throws(Status) -> WatchFeed {
        guard let viewer = state.viewer(officer: start.actor.officer, party: start.actor.party) else {
            throw Status.notActive(start.actor)
        }
        do throws(QueryFault) {
            return try WatchFeed(start.query, for: viewer, in: state)
        } catch {
            throw Status.badPage(error)
        }
    }

    mutating func ready(_ id: WatchID) { watchers[id]?.ready = true }

    mutating func end(_ id: WatchID) {
        guard let gone = watchers.removeValue(forKey: id) else { return }
        let left = ofOfficer[gone.officer, default: 1] - 1
        ofOfficer[gone.officer] = left > 0 ? left : nil
        guard let place = turns.firstIndex(of: id) else { return }
        turns.remove(at: place)
        if place < next { next -= 1 }
    }

    /// True when some ready watcher has more to be told at once.
    func hasBacklog(durable: UInt64) -> Bool {
        watchers.contains { $0.value.isDue(durable) }
    }

    /// Tells ready watchers their next slice of what is durable, one after the other in rotation, each at most once, until
    /// `isOver`; at least one.
    mutating func pump(_ state: inout State, durable: UInt64, isOver: () -> Bool) {
        var isFirst = true
        for _ in 0..<turns.count {
            if next >= turns.count { next = 0 }
            let id = turns[next]
            next += 1
            guard let watcher = watchers[id], watcher.isDue(durable) else { continue }
            if !isFirst, isOver() {
                next -= 1
                return
            }
            isFirst = false
            if let told = told(watcher, &state, durable) { watchers[id] = told } else { end(id) }
        }
    }

    /// Nil: the officer may not watch any more; the call is ended.
    private func told(_ watcher: Watcher, _ state: inout State, _ durable: UInt64) -> Watcher? {
        var watcher = watcher
        if let mark = watcher.mark, mark.sequence <= durable {
            watcher.reply.send(Change(cursor: mark.cursor).encoded())
            watcher.mark = nil
        }
        let step = watcher.feed.step(
            state, upTo: durable, limit: EngineLimits.watchStep, budget: EngineLimits.scanStep)
        guard case .changes(let changes, let isBehind) = step else {
            watcher.reply.finish(.rightsChanged, payload: [])
            return nil
        }
        for change in changes { watcher.reply.send(change.encoded()) }
        watcher.isBehind = isBehind
        watcher.seen = durable
        watcher.ready = watcher.reply.isReady
        return watcher
    }
}

/// The loop's side of a watch: tells the engine when the stream is ready again and when it is over.
final class WatchHandler: CallHandler {
    private let id: WatchID
    private let engine: EngineHandle

    init(_ id: WatchID, engine: EngineHandle) {
        self.id = id
        self.engine = engine
    }

    func receive(_ message: [UInt8]) {}
    func requestsEnded() {}
    func ready() { engine.post(.watchReady(id), urgent: true) }
    func cancelled(_ reason: CancelReason) { engine.post(.watchEnded(id), urgent: true) }
}
