import Wire

/// One open call as the machine sees it.
struct Stream {
    struct State: OptionSet {
        var rawValue: UInt16
        /// The peer sends no more messages.
        static let remoteClosed = State(rawValue: 1)
        /// This side sends no more messages.
        static let localClosed = State(rawValue: 2)
        /// Over for the wire; the slot waits for the handler (server).
        static let over = State(rawValue: 4)
        /// Opened without flags: Data is not allowed in either direction.
        static let unary = State(rawValue: 8)
        /// The server's OK end is Data with `remote closed` in the base profile.
        static let serverStreams = State(rawValue: 16)
        /// In the order of streams waiting for room in the write queue.
        static let waiting = State(rawValue: 32)
        /// The driver was told "not ready" and wants to hear when that changes.
        static let wantsReady = State(rawValue: 64)
        /// Server: the Request had `remote open`.
        static let openedOpen = State(rawValue: 128)

        // Sets asked for on every call: an array literal would be built each time.
        static let noMoreFromPeer = State(rawValue: remoteClosed.rawValue | unary.rawValue)
        static let takesNoMore = State(rawValue: remoteClosed.rawValue | over.rawValue)
        static let sendsNoMore = State(rawValue: localClosed.rawValue | over.rawValue | unary.rawValue)
        static let answered = State(rawValue: localClosed.rawValue | over.rawValue)
        static let calledUnary = State(rawValue: localClosed.rawValue | unary.rawValue)
    }

    var state: State = []
    /// Server: the method's index in the loop's `RouteCache`; below zero: not known.
    var route: Int32 = -1
    /// Server: monotonic nanoseconds at which the Request came.
    var openedAt: Int64 = 0
    var deadline = Deadline.none
    /// Data bytes this side may send; may be overdrawn once.
    var sendCredit = 0
    /// Data bytes the peer may send.
    var receiveCredit = 0
    /// Bytes taken by the driver and not yet granted back.
    var consumed = 0
    /// Bytes reserved in the process budget for this call.
    var reserved = 0
    /// Client: where in the outgoing byte stream its Request began; not sent yet while that was not drained.
    var requestOffset: UInt64 = 0
    /// What waits for credit or room; nil for nearly every call.
    var queue: StreamQueue?
}

/// Messages of a stream that wait, and the end behind them.
final class StreamQueue {
    var messages: [[UInt8]] = []
    /// Index of the first message not sent yet; the array is compacted when half of it is sent.
    var first = 0
    var bytes = 0
    /// Set when the stream ends after its messages: server's finish, client's half-close.
    var end: (status: Status, payload: [UInt8])?

    var isEmpty: Bool { first == messages.count }

    func push(_ message: [UInt8]) {
        messages.append(message)
        bytes += message.count
    }

    func pop() -> [UInt8]? {
        guard first < messages.count else { return nil }
        let message = messages[first]
        messages[first] = []
        first += 1
        bytes -= message.count
        if first * 2 >= messages.count {
            messages.removeFirst(first)
            first = 0
        }
        return message
    }
}

/// What belongs to open streams, by id: open addressing, at most half full, so that memory is in proportion to the calls
/// open at once, which are limited. Ids that follow one another are spread, or else every removal would look at all of them.
struct StreamTable<Value> {
    private var ids: [UInt32] = []
    private var values: [Value] = []
    private(set) var count = 0
    /// What a free place holds.
    private let blank: Value
    private var shift: UInt32 = 32
    private var mask: Int { ids.count - 1 }

    init(blank: Value) { self.blank = blank }

    /// The slot of an open stream.
    func find(_ id: UInt32) -> Int? {
        if ids.isEmpty { return nil }
        var slot = home(id)
        while ids[slot] != 0 {
            if ids[slot] == id { return slot }
            slot = (slot + 1) & mask
        }
        return nil
    }

    subscript(slot: Int) -> Value {
        _read { yield values[slot] }
        _modify { yield &values[slot] }
    }

    /// Adds a stream whose id (never 0) is not in the table. Slots found before are void.
    mutating func insert(_ id: UInt32, _ value: Value) {
        if (count + 1) * 2 > ids.count { grow() }
        var slot = home(id)
        while ids[slot] != 0 { slot = (slot + 1) & mask }
        ids[slot] = id
        values[slot] = value
        count += 1
    }

    /// Removes by closing the gap, so that no tombstones pile up. Slots found before are void.
    mutating func remove(at slot: Int) {
        var gap = slot
        var next = (slot + 1) & mask
        while ids[next] != 0 {
            let distance = (next - home(ids[next])) & mask
            if distance >= (next - gap) & mask {
                ids[gap] = ids[next]
                values.swapAt(gap, next)
                gap = next
            }
            next = (next + 1) & mask
        }
        ids[gap] = 0
        values[gap] = blank
        count -= 1
    }

    /// The value of an open stream, which is taken out.
    mutating func removeValue(of id: UInt32) -> Value? {
        guard let slot = find(id) else { return nil }
        let value = values[slot]
        remove(at: slot)
        return value
    }

    /// Ids of all open streams, lowest first (so that transcripts are the same every time).
    var openIDs: [UInt32] { ids.filter { $0 != 0 }.sorted() }

    mutating func removeAll() { self = StreamTable(blank: blank) }

    /// The high bits of the product with the golden ratio: neighbours land far apart.
    private func home(_ id: UInt32) -> Int {
        Int(truncatingIfNeeded: ((id >> 1) &* 0x9E37_79B9) >> shift)
    }

    private mutating func grow() {
        let old = zip(ids, values).filter { $0.0 != 0 }
        let size = max(ids.count * 2, 8)
        ids = Array(repeating: 0, count: size)
        values = Array(repeating: blank, count: size)
        shift = 32 - UInt32(truncatingIfNeeded: size.trailingZeroBitCount)
        count = 0
        for (id, value) in old { insert(id, value) }
    }
}
