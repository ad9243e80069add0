/// What a server shows of its connections and calls to whoever runs it. RPC makes it, Bureau hands it out; neither imports the other.

/// One connection at this moment. Times are nanoseconds UTC.
package struct LiveConnection: Sendable, Hashable {
    /// Grows with each connection of the process.
    package var number: UInt64
    package var address = ""
    /// Identity URI; empty before the handshake is done.
    package var identity = ""
    /// `tls`, `hello` or `open`.
    package var phase = ""
    /// `twolists/1` or `ttrpc`; empty before the handshake is done.
    package var profile = ""
    package var since: Int64 = 0
    package var lastActivity: Int64 = 0
    /// On the line, TLS included.
    package var bytesRead: UInt64 = 0
    package var bytesWritten: UInt64 = 0
    package var openStreams = 0
    /// Since it began.
    package var calls: UInt64 = 0
    /// Held in memory for the peer: what is to be written, begun frames, waiting messages.
    package var heldBytes = 0

    package init(number: UInt64) { self.number = number }
}

/// One call at this moment. Times are nanoseconds UTC.
package struct LiveStream: Sendable, Hashable {
    package var connection: UInt64
    package var stream: UInt32
    package var identity = ""
    package var service = ""
    package var method = ""
    package var since: Int64 = 0
    /// 0: none was given.
    package var deadline: Int64 = 0
    /// Data bytes that we may send and that the peer may send; below zero once overdrawn. Calls of one answer use none.
    package var sendCredit: Int64 = 0
    package var receiveCredit: Int64 = 0
    package var queuedBytes = 0
    /// Over for the peer; its handler has not let go yet.
    package var isOver = false

    package init(connection: UInt64, stream: UInt32) {
        self.connection = connection
        self.stream = stream
    }

    package var place: LivePlace { LivePlace(connection: connection, stream: stream) }
}

/// Where a page of connections or calls goes on: behind this one.
package struct LivePlace: Sendable, Hashable, Comparable {
    package var connection: UInt64
    package var stream: UInt32

    package init(connection: UInt64 = 0, stream: UInt32 = 0) {
        self.connection = connection
        self.stream = stream
    }

    package static func < (a: LivePlace, b: LivePlace) -> Bool {
        (a.connection, a.stream) < (b.connection, b.stream)
    }
}

/// A page of what is live, and how much there is altogether.
package struct LivePage<Item: Sendable>: Sendable {
    package var items: [Item]
    package var total: Int
    /// More stands behind the last.
    package var hasMore: Bool

    package init(items: [Item] = [], total: Int = 0, hasMore: Bool = false) {
        self.items = items
        self.total = total
        self.hasMore = hasMore
    }
}
