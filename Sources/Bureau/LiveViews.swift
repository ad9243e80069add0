internal import Exchange
internal import Schema
internal import Wire

/// Where a page of connections or calls goes on: opaque to clients. One byte of version, then connection and stream, big endian.
enum LiveCursor {
    private static let version: UInt8 = 1

    static func bytes(_ place: LivePlace) -> [UInt8] {
        [version] + withUnsafeBytes(of: place.connection.bigEndian) { [UInt8]($0) }
            + withUnsafeBytes(of: place.stream.bigEndian) { [UInt8]($0) }
    }

    /// None: from the first.
    static func place(_ bytes: [UInt8]) throws(Status) -> LivePlace {
        if bytes.isEmpty { return LivePlace() }
        guard bytes.count == 13, bytes[0] == version else { throw .badTrailPage("cursor") }
        return LivePlace(
            connection: bytes[1..<9].reduce(0) { $0 << 8 | UInt64($1) },
            stream: bytes[9...].reduce(0) { $0 << 8 | UInt32($1) })
    }

    /// Rows of a page: as with every other list.
    static func size(_ asked: Int32) throws(Status) -> Int {
        guard (0...Int32(EngineLimits.pageMost)).contains(asked) else { throw .badTrailPage("page_size") }
        return asked == 0 ? EngineLimits.pageDefault : Int(asked)
    }
}

extension ConnectionsPage {
    init(_ page: LivePage<LiveConnection>) {
        self.init(
            connections: page.items.map { ConnectionLine($0) }, total: UInt64(page.total),
            nextCursor: page.hasMore
                ? LiveCursor.bytes(LivePlace(connection: page.items.last?.number ?? 0)) : [])
    }
}

extension ConnectionLine {
    init(_ live: LiveConnection) {
        self.init(
            number: live.number, address: live.address, identity: live.identity, phase: live.phase,
            profile: live.profile, since: live.since, lastActivity: live.lastActivity,
            bytesIn: live.bytesRead,
            bytesOut: live.bytesWritten, openStreams: UInt32(clamping: live.openStreams), calls: live.calls,
            bytesQueued: UInt64(clamping: live.heldBytes))
    }
}

extension StreamsPage {
    init(_ page: LivePage<LiveStream>) {
        self.init(
            streams: page.items.map { StreamLine($0) }, total: UInt64(page.total),
            nextCursor: page.hasMore ? LiveCursor.bytes(page.items.last?.place ?? LivePlace()) : [])
    }
}

extension StreamLine {
    init(_ live: LiveStream) {
        self.init(
            connection: live.connection, stream: live.stream, identity: live.identity, service: live.service,
            method: live.method, since: live.since, deadline: live.deadline, sendCredit: live.sendCredit,
            receiveCredit: live.receiveCredit, bytesQueued: UInt64(clamping: live.queuedBytes),
            ended: live.isOver)
    }
}

extension LimitLine {
    init(_ limit: NamedLimit) {
        self.init(
            part: limit.part, name: limit.name, value: limit.value, unit: limit.unit, reason: limit.reason,
            reasonZh: limit.reasonChinese)
    }
}
