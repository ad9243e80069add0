package import Wire

/// The protocol of one connection without its I/O: plaintext bytes in, `actions` and `output` out. Both roles, both
/// profiles. Implements PROTOCOL.md 3–9; every (state, frame) pair is decided in `admit` and its helpers.
///
/// Confined to one event loop, so it is a plain class and not Sendable. It has no clock: `now` is CLOCK_MONOTONIC in
/// nanoseconds, given by the driver, never running backwards.
///
/// ## The driver's turn
///
///     machine.receive(plaintext, now: now)      // as often as TLS has bytes
///     handle(machine.actions); machine.actions.removeAll(keepingCapacity: true)   // again until it stays empty
///     machine.withOutput { SSL_write($0) }      // ONE write for everything that is queued
///     machine.drained(written, now: now)        // may add `.ready` actions
///     arm a timer for machine.nextTimer; when due: machine.tick(now: now)
///     read on only while machine.wantsRead
///
/// `actions` may be swapped with an array the loop owns around these calls, so that idle connections hold none.
/// After `.closed` every call is ignored; `output` still holds the last words.
///
/// ## A stream, seen from the server (PROTOCOL.md 4.4)
///
///     opened ──finish──────────────────────────────> gone
///        │──CANCEL, deadline, refused, drain──> over ──finish or release──> gone
///
/// `over` keeps the slot: a peer that opens and cancels in a loop gets no more handlers than `maxStreams`.
package final class ConnectionMachine {
    package let role: ConnectionRole
    package let profile: ConnectionProfile
    package let limits: ConnectionLimits
    /// What the driver has to do, oldest first. The driver empties it.
    @exclusivity(unchecked) package var actions: [Action] = []
    /// The peer's HELLO once it has arrived.
    package private(set) var peerHello: Hello? {
        didSet { isGreeted = true }
    }
    /// Asked for every frame: a look at the HELLO itself would copy it.
    private(set) var isGreeted = false
    /// Nothing more will happen: `.closed` was the last action.
    package private(set) var isClosed = false
    /// Frames received and sent, for the log line of the connection.
    package private(set) var framesReceived: UInt64 = 0
    package private(set) var callsOpened: UInt64 = 0

    private let routes: RouteCache?
    private let budget: (any MemoryBudget)?
    /// Server: counts how calls end.
    private let figures: CallFigures?

    // `unchecked`: the checks at run time cost a tenth of a call. Nothing here overlaps: all methods run on one loop, and
    // `withOutput` lends the queue to a closure that knows only TLS.
    // Bytes. `output` is the write queue; `sentTotal` counts what has left it since the start.
    @exclusivity(unchecked) private var output = FrameBuffer()
    private var sentTotal: UInt64 = 0
    /// Where in the outgoing byte stream ends what the driver may have begun to write: these bytes stay as they are.
    private var begunTotal: UInt64 = 0
    private var partial = FrameBuffer()
    /// Header of the frame in `partial`, once ten bytes of it are there and it was admitted.
    private var partialHeader: FrameHeader?
    /// Bytes reserved in the budget for the one frame that is being taken, begun or whole. A Request hands them to its
    /// stream; what is left when the frame has been dispatched is given back.
    private var frameReserved = 0
    /// Bytes of a refused frame still to pass by unread.
    private var skipping = 0
    private var receivedAny = false

    // Streams.
    @exclusivity(unchecked) private var streams = StreamTable(blank: Stream())
    /// Server: highest id the client has opened. Client: highest id opened here.
    private var lastStream: UInt32 = 0
    /// A lower bound of all deadlines; exact after each `tick` that reached it.
    private var earliestDeadline = Deadline.none
    /// Streams that wait for room in the write queue, first come first served, one message a turn.
    private var waiting: [UInt32] = []
    /// Bytes waiting in stream queues.
    private var parkedBytes = 0
    /// Bytes and Responses that may still arrive for streams which ended on this side first.
    private var lateBytes = 0
    private var lateResponses = 0

    // The peer's limits.
    private var peerMaxMessage: Int
    private var peerMaxStreams: Int
    private var peerCredit: Int

    // Time.
    private var clock: Int64
    private let startedAt: Int64
    private var lastReceived: Int64
    private var frameBegan: Int64 = 0
    private var writeProgress: Int64 = 0
    private var idleSince: Int64
    private var pingSent: Int64?
    private var pingNumber: UInt64 = 0
    private var pingAckOffset: UInt64?
    private var keepaliveInterval: Int64
    private var keepaliveTimeout: Int64

    // Drain. Ours, then the peer's.
    private enum Drain {
        case none
        case announced(until: Int64)
        case final(until: Int64)
    }
    private var drainState = Drain.none
    private var drainText = ""
    /// The last accepted stream as the final GOAWAY told it; it never grows again.
    private var finalLast: UInt32?
    private var peerLastAccepted: UInt32?
    private var peerGoAwayText: String?

    // Floods.
    private var controlTokens: Int
    private var controlRefilled: Int64
    private var cancelWindowStart: Int64 = 0
    private var cancelsInWindow = 0

    /// In the extended profile the HELLO is in `output` at once.
    /// - Parameters:
    ///   - hello: software, fingerprint, and of a server its time and its own limits; those of the connection are filled
    ///     in from `limits`.
    ///   - routes: the loop's cache of known names; without it names are built for each call.
    ///   - budget: the process-wide budget; without it only the connection's own limits hold.
    package convenience init(
        role: ConnectionRole, profile: ConnectionProfile, limits: ConnectionLimits = ConnectionLimits(),
        hello: Hello = Hello(), now: Int64, routes: RouteCache? = nil, budget: (any MemoryBudget)? = nil
    ) {
        self.init(role, profile, limits, hello, now, routes, budget, figures: nil)
    }

    /// With the loop's count of calls.
    init(
        _ role: ConnectionRole, _ profile: ConnectionProfile, _ limits: ConnectionLimits, _ hello: Hello,
        _ now: Int64, _ routes: RouteCache?, _ budget: (any MemoryBudget)?, figures: CallFigures?
    ) {
        self.role = role
        self.profile = profile
        self.limits = limits
        self.routes = routes
        self.budget = budget
        self.figures = figures
        clock = now
        startedAt = now
        lastReceived = now
        idleSince = now
        controlRefilled = now
        controlTokens = limits.controlBurst
        keepaliveInterval = limits.keepaliveInterval
        keepaliveTimeout = limits.keepaliveTimeout
        peerMaxMessage = ConnectionLimits.ceilingMessageBytes
        peerMaxStreams = limits.maxStreams
        peerCredit = 0
        if profile == .extended { sendHello(hello) }
    }

    // MARK: Output

    /// Bytes waiting to be written.
    package var pendingOutput: Int { output.count }

    /// Lends everything that is queued, as one burst. Report what was written with `drained`.
    ///
    /// A write may take bytes without reporting them: TLS that has made a record and found the socket full wants the same
    /// bytes again. So until the next `drained` one record's worth of what is lent here keeps its content.
    package func withOutput<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if begunTotal <= sentTotal { begunTotal = sentTotal &+ UInt64(min(output.count, Self.recordBytes)) }
        return body(output.bytes)
    }

    /// The most one write takes: the plaintext of a TLS record, RFC 8446 5.1.
    private static let recordBytes = 1 << 14

    /// `count` bytes of the output have been written. Lets waiting streams go on.
    package func drained(_ count: Int, now: Int64) {
        clock = now
        if count > 0 { writeProgress = now }
        sentTotal &+= UInt64(max(count, 0))
        if count > 0 { begunTotal = sentTotal }
        output.removeFirst(count)
        if !waiting.isEmpty, output.count <= limits.writeLowWaterBytes { serveWaiting() }
    }

    /// False while a server should not read: the peer does not take what it asked for. A client always reads, so that
    /// two full queues cannot wait for each other.
    package var wantsRead: Bool {
        !isClosed && (role == .client || output.count < limits.writeHighWaterBytes)
    }

    /// Calls open, those included whose handler still runs after their end.
    package var openStreams: Int { streams.count }

    /// Client: calls that may be opened right now.
    package var freeStreams: Int {
        let ready = profile == .base || isGreeted
        return ready && !isClosed && peerLastAccepted == nil ? max(peerMaxStreams - streams.count, 0) : 0
    }

    /// Bytes of memory held for the peer: write queue, begun frame, waiting messages.
    package var heldBytes: Int { output.count + partial.count + parkedBytes }

    /// When the peer was last heard, or last took something.
    package var lastActivity: Int64 { max(lastReceived, writeProgress) }

    /// The calls open now whose ids are greater than `after`, lowest first, at most `limit`. Times are monotonic; names are the loop's to add.
    func liveCalls(after: UInt32, limit: Int) -> [(id: UInt32, call: Stream)] {
        streams.openIDs.lazy.filter { $0 > after }.prefix(limit).compactMap { id in
            streams.find(id).map { (id, streams[$0]) }
        }
    }

    /// Gives memory back that an idle connection does not need. Cheap; for the driver's slow sweep.
    package func trim() {
        output.trim()
        partial.trim()
        if actions.isEmpty { actions = [] }
    }

    // MARK: Input

    /// Takes decrypted bytes, in pieces of any size. Whole frames are read where they lie; only a begun frame is copied.
    package func receive(_ bytes: UnsafeRawBufferPointer, now: Int64) {
        clock = now
        guard !isClosed, bytes.count > 0 else { return }
        lastReceived = now
        pingSent = nil
        if !receivedAny {
            receivedAny = true
            if bytes[0] != 0 { return fail(.protocolError, Self.strayText(bytes[0])) }
        }
        var position = 0
        while position < bytes.count, !isClosed {
            if skipping > 0 {
                let step = min(skipping, bytes.count - position)
                skipping -= step
                position += step
            } else if partial.count > 0 {
                position = resumeFrame(bytes, position)
            } else {
                position = takeFrame(bytes, position)
            }
        }
    }

    /// The transport has ended under us. `clean`: by close_notify.
    package func transportEnded(clean: Bool) {
        end(.closedByPeer(clean: clean && partial.count == 0 && skipping == 0))
    }

    /// The socket or TLS failed.
    package func transportFailed(_ why: String) { end(.transportFailed(why)) }

    /// A frame that begins at `position`, where nothing is left over from before. Returns where to go on.
    private func takeFrame(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> Int {
        guard bytes.count - position >= FrameHeader.size, let base = bytes.baseAddress else {
            return keep(bytes, position)
        }
        let header = FrameHeader(at: base + position)
        switch admit(header) {
        case .fail: return bytes.count
        case .skip:
            frameBegan = clock
            skipping = Int(header.length)
            return position + FrameHeader.size
        case .take: break
        }
        let end = position + FrameHeader.size + Int(header.length)
        if end > bytes.count {
            partialHeader = header
            return keep(bytes, position)
        }
        dispatch(header, UnsafeRawBufferPointer(rebasing: bytes[(position + FrameHeader.size)..<end]))
        releaseFrameReserve()
        return end
    }

    /// Keeps the beginning of a frame. A first byte that no length has is named at once.
    private func keep(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> Int {
        if bytes[position] != 0 {
            fail(.frameTooLarge, "a frame begins with byte \(bytes[position]), lengths are below 16 MiB")
            return bytes.count
        }
        frameBegan = clock
        partial.append(UnsafeRawBufferPointer(rebasing: bytes[position...]))
        return bytes.count
    }

    /// Goes on with the frame in `partial`.
    private func resumeFrame(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Int {
        var position = start
        if partialHeader == nil {
            position += fill(to: FrameHeader.size, bytes, position)
            guard partial.count >= FrameHeader.size, let base = partial.bytes.baseAddress else {
                return position
            }
            let header = FrameHeader(at: base)
            switch admit(header) {
            case .fail: return bytes.count
            case .skip:
                skipping = Int(header.length)
                partial.removeAll()
                return position
            case .take: partialHeader = header
            }
        }
        guard let header = partialHeader else { return bytes.count }
        let whole = FrameHeader.size + Int(header.length)
        position += fill(to: whole, bytes, position)
        if partial.count == whole { completePartial(header) }
        return position
    }

    private func fill(to target: Int, _ bytes: UnsafeRawBufferPointer, _ position: Int) -> Int {
        let step = min(target - partial.count, bytes.count - position)
        if step > 0 { partial.append(UnsafeRawBufferPointer(rebasing: bytes[position..<(position + step)])) }
        return max(step, 0)
    }

    private func completePartial(_ header: FrameHeader) {
        partialHeader = nil
        dispatch(header, UnsafeRawBufferPointer(rebasing: partial.bytes[FrameHeader.size...]))
        partial.removeAll()  // its memory serves the next frame; `trim` gives it back when the line is idle
        releaseFrameReserve()
    }

    private func releaseFrameReserve() {
        if frameReserved > 0 { budget?.release(frameReserved) }
        frameReserved = 0
    }

    // MARK: Admission: everything a header alone decides, before memory is taken for its frame

    private enum Admission { case take, skip, fail }

    private func admit(_ header: FrameHeader) -> Admission {
        framesReceived &+= 1
        if header.length >> 24 != 0 {
            return refuse(.frameTooLarge, "a length of \(header.length) bytes; lengths are below 16 MiB")
        }
        if profile == .extended, !isGreeted, header.type != .hello {
            return refuse(.protocolError, "the first frame must be HELLO, not \(header.type.name)")
        }
        switch header.type {
        case .request: return admitRequest(header)
        case .response: return admitResponse(header)
        case .data: return admitData(header)
        case .hello, .cancel, .credit, .ping, .goAway:
            return profile == .extended ? admitControl(header) : admitUnknown(header)
        default: return admitUnknown(header)
        }
    }

    private func refuse(_ code: GoAwayCode, _ text: String) -> Admission {
        fail(code, text)
        return .fail
    }

    private func admitRequest(_ header: FrameHeader) -> Admission {
        guard role == .server else {
            return refuse(.protocolError, "Request from the server; calls of the server are reserved")
        }
        let id = header.stream
        if id >= ConnectionLimits.streamIDLimit {
            return refuse(.idsExhausted, "stream id \(id): ids are used up at 2^31, connect again")
        }
        if id & 1 == 0 { return refuse(.protocolError, "Request with even stream id \(id)") }
        if id <= lastStream {
            return refuse(.protocolError, "Request with stream id \(id) after \(lastStream): ids must grow")
        }
        let flags = header.flags.intersection(.opening)
        if flags == .opening || (profile == .extended && flags != header.flags) {
            return refuse(.protocolError, "Request with flags \(header.flags.rawValue)")
        }
        if Int(header.length) > limits.maxMessageBytes { return refuseOversized(header) }
        return admitCall(header)
    }

    /// Sheds a call that may not be opened now: its frame passes by without being kept.
    private func admitCall(_ header: FrameHeader) -> Admission {
        guard let status = shedding(Int(header.length)) else { return .take }
        lastStream = header.stream
        if header.flags.contains(.remoteOpen) { expectLate(credit: limits.initialCreditBytes) }
        figures?.ended(-1, status.rawCode, after: 0)
        writeResponse(header.stream, status, [])
        return isClosed ? .fail : .skip
    }

    private func shedding(_ length: Int) -> Status? {
        if case .final = drainState { return .notTaken(drainText) }
        if streams.count >= limits.maxStreams {
            return .streamsLimited(limits.maxStreams)
        }
        return reserveForFrame(length) ? nil : .memoryShort
    }

    private func reserveForFrame(_ length: Int) -> Bool {
        guard let budget, length > ConnectionLimits.budgetFloorBytes else { return true }
        guard budget.reserve(length) else { return false }
        // Added, not set: one frame at a time makes it the same, and a mistake would show as bytes held, not as bytes lost.
        frameReserved += length
        return true
    }

    /// Too large: the call is answered, so that its caller learns the limit, and the connection ends (we close rather
    /// than read and discard).
    private func refuseOversized(_ header: FrameHeader) -> Admission {
        let text = oversizeText(header)
        lastStream = header.stream
        let bytes = Int(header.length)
        figures?.ended(-1, StatusCode.resourceExhausted.rawValue, after: 0)
        writeResponse(
            header.stream, .messageTooLarge(text, bytes: bytes, limit: limits.maxMessageBytes), [])
        return refuse(.frameTooLarge, text)
    }

    private func oversizeText(_ header: FrameHeader) -> String {
        "\(header.type.name) of \(header.length) bytes on stream \(header.stream), "
            + "the limit is \(receiveLimit) (max_message_bytes); send it in parts"
    }

    /// A base client cannot tell a server its limit, so it takes what ttrpc allows.
    private var receiveLimit: Int {
        profile == .base && role == .client ? ConnectionLimits.ceilingMessageBytes : limits.maxMessageBytes
    }

    private func admitResponse(_ header: FrameHeader) -> Admission {
        guard role == .client else {
            if profile == .base { return admitUnknown(header) }
            return refuse(.protocolError, "Response from the client")
        }
        if let wrong = neverOpened(header) { return refuse(.protocolError, wrong) }
        if profile == .extended, !header.flags.isSubset(of: .notProcessed) {
            return refuse(.protocolError, "Response with flags \(header.flags.rawValue)")
        }
        if Int(header.length) > receiveLimit { return refuse(.frameTooLarge, oversizeText(header)) }
        if streams.find(header.stream) != nil { return .take }
        if lateResponses > 0 {
            lateResponses -= 1
            return .skip
        }
        return takeToken(header) ? .skip : .fail
    }

    /// The text when no stream of this id can ever have been open.
    private func neverOpened(_ header: FrameHeader) -> String? {
        let id = header.stream
        if id & 1 == 0 || id > lastStream {
            return "\(header.type.name) for stream \(id), which was never opened"
        }
        if profile == .extended, lastStream - id > ConnectionLimits.closedIDWindow, streams.find(id) == nil {
            return "\(header.type.name) for stream \(id), which ended long ago"
        }
        return nil
    }

    private func admitData(_ header: FrameHeader) -> Admission {
        if let wrong = neverOpened(header) { return refuse(.protocolError, wrong) }
        if let wrong = badDataFlags(header) { return refuse(.protocolError, wrong) }
        if Int(header.length) > receiveLimit { return refuse(.frameTooLarge, oversizeText(header)) }
        guard let slot = streams.find(header.stream), !streams[slot].state.contains(.over) else {
            return admitLate(header)
        }
        let state = streams[slot].state
        if state.contains(.unary) || (role == .client && !state.contains(.serverStreams)) {
            return refuse(.protocolError, "Data on stream \(header.stream), whose method takes one message")
        }
        if state.contains(.remoteClosed) {
            return refuse(.protocolError, "Data on stream \(header.stream) after its end was declared")
        }
        if header.flags.contains(.noData) { return header.flags.contains(.remoteClosed) ? .take : .skip }
        if profile == .extended, streams[slot].receiveCredit <= 0 {
            return refuse(.flowControl, "Data on stream \(header.stream) without credit")
        }
        return admitMessage(header, slot)
    }

    private func badDataFlags(_ header: FrameHeader) -> String? {
        if header.flags.contains(.noData), header.length > 0 { return "Data with flag no-data and a message" }
        guard profile == .extended else { return nil }
        if !header.flags.isSubset(of: .lastWithoutData) {
            return "Data with flags \(header.flags.rawValue)"
        }
        if header.flags == .noData { return "Data that neither carries a message nor ends the stream" }
        if role == .client, header.flags.contains(.remoteClosed) {
            return "Data with remote-closed from the server; a Response ends a call"
        }
        return nil
    }

    private func admitMessage(_ header: FrameHeader, _ slot: Int) -> Admission {
        if reserveForFrame(Int(header.length)) { return .take }
        if role == .server {
            endByServer(header.stream, .memoryShortForMessages, .connectionLost)
        } else {
            cancel(header.stream, .noRoomForMessages)
        }
        return .skip
    }

    /// Data for a stream that ended here first: a race as long as it is within what the peer was allowed to send.
    private func admitLate(_ header: FrameHeader) -> Admission {
        if profile == .base { return .skip }
        lateBytes -= max(Int(header.length), 1)
        if lateBytes >= 0 { return .skip }
        return refuse(
            .flowControl, "Data for ended streams beyond their credit, last for stream \(header.stream)")
    }

    private func expectLate(credit: Int) {
        let most = limits.maxStreams * (limits.initialCreditBytes + limits.maxMessageBytes)
        lateBytes = min(lateBytes + max(credit, 0) + limits.maxMessageBytes, most)
    }

    private func admitControl(_ header: FrameHeader) -> Admission {
        if let wrong = badControl(header) { return refuse(.protocolError, wrong) }
        switch header.type {
        case .hello:
            if isGreeted { return refuse(.protocolError, "a second HELLO") }
        case .cancel:
            if role == .client { return refuse(.protocolError, "CANCEL from the side that was called") }
            if let wrong = neverOpened(header) { return refuse(.protocolError, wrong) }
        case .credit:
            if let wrong = neverOpened(header) { return refuse(.protocolError, wrong) }
        default:
            if !takeToken(header) { return .fail }
        }
        return .take
    }

    /// Fixed lengths and flags; what belongs to the connection has stream 0.
    private func badControl(_ header: FrameHeader) -> String? {
        let length = Int(header.length)
        let lengthFits: Bool
        switch header.type {
        case .cancel, .credit: lengthFits = length == 4
        case .ping: lengthFits = length == 8
        case .goAway: lengthFits = (8...(8 + ConnectionLimits.maxGoAwayTextBytes)).contains(length)
        default: lengthFits = length <= ConnectionLimits.maxControlBytes
        }
        if !lengthFits { return "\(header.type.name) of \(length) bytes" }
        let allowed: FrameFlags = header.type == .ping ? .ack : FrameFlags()
        if !header.flags.isSubset(of: allowed) {
            return "\(header.type.name) with flags \(header.flags.rawValue)"
        }
        let ofStream = header.type == .cancel || header.type == .credit
        if !ofStream, header.stream != 0 { return "\(header.type.name) on stream \(header.stream)" }
        return nil
    }

    /// Base: unknown types pass by, as in ttrpc. Extended: only those from 0x80 on may be ignored.
    private func admitUnknown(_ header: FrameHeader) -> Admission {
        if profile == .extended, header.type.rawValue < FrameType.firstIgnorable {
            return refuse(.protocolError, "unknown frame type \(header.type.rawValue)")
        }
        let most = profile == .base ? receiveLimit : ConnectionLimits.maxControlBytes
        if Int(header.length) > most {
            return refuse(
                .frameTooLarge, "a frame of unknown type \(header.type.rawValue) of \(header.length) bytes")
        }
        return takeToken(header) ? .skip : .fail
    }

    /// One control frame of the peer's allowance. False: the connection has ended.
    private func takeToken(_ header: FrameHeader) -> Bool {
        if controlTokens == 0 {
            let elapsed = max(clock - controlRefilled, 0) / .millisecond
            let earned = min(elapsed, 3_600_000) * Int64(limits.controlPerSecond) / 1000
            if earned > 0 {
                controlTokens = min(Int(earned), limits.controlBurst)
                controlRefilled = clock
            }
        }
        if controlTokens == 0 {
            fail(.tooMany, "too many control frames, last \(header.type.name)")
            return false
        }
        controlTokens -= 1
        return true
    }

    // MARK: Dispatch of whole frames

    private func dispatch(_ header: FrameHeader, _ body: UnsafeRawBufferPointer) {
        switch header.type {
        case .request: receivedRequest(header, body)
        case .response: receivedResponse(header, body)
        case .data: receivedData(header, body)
        case .hello: receivedHello(body)
        case .cancel: receivedCancel(header.stream, code: Self.number(body, 0))
        case .credit: receivedCredit(header.stream, Int(Self.number(body, 0)))
        case .ping: receivedPing(header.flags, body)
        case .goAway: receivedGoAway(body)
        default: break
        }
    }

    private func receivedRequest(_ header: FrameHeader, _ body: UnsafeRawBufferPointer) {
        let id = header.stream
        lastStream = id
        // The last GOAWAY may have gone out while this frame came in: it promised that later ids are not processed.
        if case .final = drainState { return refuseCall(header, .notTaken(drainText)) }
        do throws(FrameBodyError) {
            let view = try RequestView(reading: body)
            let head = try requestHead(header, view)
            if view.timeout < 0 { return refuseCall(header, .sentTooLate) }
            open(id, head, payload: [UInt8](view.payload))
        } catch {
            refuseCall(header, .unreadable(error))
        }
    }

    private func refuseCall(_ header: FrameHeader, _ status: Status) {
        if header.flags.contains(.remoteOpen) { expectLate(credit: limits.initialCreditBytes) }
        figures?.ended(-1, status.rawCode, after: 0)
        writeResponse(header.stream, status, [])
    }

    private func requestHead(_ header: FrameHeader, _ view: RequestView) throws(FrameBodyError) -> RequestHead
    {
        let kind: StreamKind =
            header.flags.contains(.remoteOpen)
            ? .remoteOpen : header.flags.contains(.remoteClosed) ? .remoteClosed : .unary
        let metadata = view.metadataCount == 0 ? [] : try view.metadata(limits: limits)
        let deadline = view.timeout > 0 ? Deadline.absolute(now: clock, timeout: view.timeout) : nil
        if let routes, let route = routes.find(view.service, view.method) {
            let names = routes.names(route)
            return RequestHead(
                service: names.service, method: names.method, route: route, kind: kind, metadata: metadata,
                deadline: deadline)
        }
        return RequestHead(
            service: try text(view.service, "service"), method: try text(view.method, "method"), route: nil,
            kind: kind, metadata: metadata, deadline: deadline)
    }

    private func open(_ id: UInt32, _ head: RequestHead, payload: [UInt8]) {
        var stream = Stream()
        if head.kind == .unary { stream.state = .noMoreFromPeer }
        if head.kind == .remoteClosed { stream.state = [.remoteClosed, .serverStreams] }
        if head.kind == .remoteOpen { stream.state = .openedOpen }
        stream.route = Int32(truncatingIfNeeded: head.route ?? -1)
        stream.openedAt = clock
        stream.deadline = head.deadline ?? Deadline.none
        stream.sendCredit = peerCredit
        stream.receiveCredit = limits.initialCreditBytes
        stream.reserved = frameReserved
        frameReserved = 0
        earliestDeadline = min(earliestDeadline, stream.deadline)
        streams.insert(id, stream)
        callsOpened &+= 1
        actions.append(.opened(id, head, payload: payload))
    }

    private func receivedResponse(_ header: FrameHeader, _ body: UnsafeRawBufferPointer) {
        guard let slot = streams.find(header.stream) else { return }
        do throws(FrameBodyError) {
            let view = try ResponseView(reading: body)
            var status = view.status
            status.notProcessed = profile == .extended && header.flags.contains(.notProcessed)
            finishClient(slot, header.stream, status, [UInt8](view.payload))
        } catch {
            finishClient(slot, header.stream, .answerUnreadable(error), [])
        }
    }

    private func receivedData(_ header: FrameHeader, _ body: UnsafeRawBufferPointer) {
        guard let slot = streams.find(header.stream), !streams[slot].state.contains(.over) else { return }
        if !header.flags.contains(.noData) {
            streams[slot].receiveCredit -= max(body.count, 1)
            actions.append(.message(header.stream, [UInt8](body)))
        }
        guard header.flags.contains(.remoteClosed) else { return }
        streams[slot].state.insert(.remoteClosed)
        if role == .server {
            actions.append(.requestsEnded(header.stream))
        } else {
            finishClient(slot, header.stream, .ok, [])
        }
    }

    private func receivedHello(_ body: UnsafeRawBufferPointer) {
        do throws(WireError) {
            let hello = try Hello(decoding: [UInt8](body), unknownFields: .discard)
            if let excess = hello.excess { return fail(.protocolError, "HELLO: \(excess)") }
            guard hello.speaks(Self.version) else {
                let spoken = "\(hello.minVersion) to \(hello.maxVersion)"
                return fail(.version, "the peer speaks versions \(spoken), this side \(Self.version)")
            }
            accept(hello)
        } catch {
            fail(.protocolError, "HELLO: \(error.description)")
        }
    }

    private func accept(_ hello: Hello) {
        let defaults = ConnectionLimits()
        func told(_ value: UInt32, _ otherwise: Int) -> Int { value == 0 ? otherwise : Int(value) }
        peerMaxMessage = min(
            told(hello.maxMessageBytes, defaults.maxMessageBytes), ConnectionLimits.ceilingMessageBytes)
        peerMaxStreams = told(hello.maxStreams, defaults.maxStreams)
        peerCredit = min(
            told(hello.initialCreditBytes, defaults.initialCreditBytes), ConnectionLimits.maxCreditBytes)
        if role == .client {
            let interval = Int64(
                told(hello.keepaliveIntervalMillis, Int(defaults.keepaliveInterval / .millisecond)))
            let timeout = Int64(
                told(hello.keepaliveTimeoutMillis, Int(defaults.keepaliveTimeout / .millisecond)))
            keepaliveInterval = max(interval, 1000) * .millisecond
            keepaliveTimeout = max(timeout, 1000) * .millisecond
        }
        peerHello = hello
        actions.append(.helloReceived(hello))
    }

    private func receivedCancel(_ id: UInt32, code: UInt32) {
        if clock - cancelWindowStart >= limits.cancelWindow {
            cancelWindowStart = clock
            cancelsInWindow = 0
        }
        cancelsInWindow += 1
        if cancelsInWindow > limits.maxCancelsPerWindow {
            let seconds = limits.cancelWindow / .second
            return fail(.tooMany, "more than \(limits.maxCancelsPerWindow) cancelled calls in \(seconds) s")
        }
        guard let slot = streams.find(id), !streams[slot].state.contains(.over) else { return }
        let isLate = code == StatusCode.deadlineExceeded.rawValue
        endForHandler(
            slot, id, isLate ? .deadlineExceeded : .cancelledByPeer,
            isLate ? code : StatusCode.cancelled.rawValue)
    }

    private func receivedCredit(_ id: UInt32, _ amount: Int) {
        if amount == 0 { return fail(.protocolError, "CREDIT of 0 on stream \(id)") }
        if amount < ConnectionLimits.freeCreditBytes {
            let header = FrameHeader(length: 4, stream: id, type: .credit)
            if !takeToken(header) { return }
        }
        guard let slot = streams.find(id), !streams[slot].state.contains(.over) else { return }
        if streams[slot].state.contains(.unary) {
            return fail(.protocolError, "CREDIT on unary stream \(id)")
        }
        streams[slot].sendCredit += amount
        if streams[slot].sendCredit > ConnectionLimits.maxCreditBytes {
            let most = ConnectionLimits.maxCreditBytes
            return fail(.flowControl, "credit of stream \(id) above \(most) bytes")
        }
        serve(id)
    }

    private func receivedPing(_ flags: FrameFlags, _ body: UnsafeRawBufferPointer) {
        if flags.contains(.ack) { return }
        if let offset = pingAckOffset, offset >= max(sentTotal, begunTotal),
            offset - sentTotal < UInt64(output.count)
        {
            output.overwrite(at: Int(offset - sentTotal) + FrameHeader.size, with: body)
            return
        }
        beginWrite()
        pingAckOffset = sentTotal &+ UInt64(output.count)
        output.appendFrame(.ping, stream: 0, flags: .ack, body: [UInt8](body))
    }

    private func receivedGoAway(_ body: UnsafeRawBufferPointer) {
        let last = Self.number(body, 0)
        let code = Self.number(body, 4)
        guard let text = String(validating: body[8...], as: UTF8.self) else {
            return fail(.protocolError, "GOAWAY: the text is not UTF-8")
        }
        if let before = peerLastAccepted, last > before {
            return fail(.protocolError, "GOAWAY: last accepted stream grew from \(before) to \(last)")
        }
        peerLastAccepted = last
        peerGoAwayText = text
        let isFinal = last != ConnectionLimits.streamIDLimit - 1 || code != 0
        actions.append(.goingAway(code: code, text: text, isFinal: isFinal))
        if role == .client { endUnprocessed(after: last, text) }
        endIfDrained()
    }

    private func endUnprocessed(after last: UInt32, _ text: String) {
        for id in streams.openIDs where id > last {
            guard let slot = streams.find(id) else { continue }
            let why = "the server did not take the call: \(text)"
            lateResponses += 1
            finishClient(slot, id, .connectionEnded(why, notProcessed: true), [])
        }
    }

    private static func number(_ body: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
        guard body.count >= offset + 4 else { return 0 }
        return UInt32(bigEndian: body.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    // MARK: Calls: what the driver asks for

    /// Client: opens a call. `payload` is the request message; for `remoteOpen` kinds an empty one is not sent.
    /// `timeout` in nanoseconds, nil: none. The call ends with `.finished`.
    package func openStream(
        _ method: MethodReference, shape: MethodShape, payload: [UInt8], timeout: Int64? = nil,
        metadata: [MetadataEntry] = [], now: Int64
    ) throws(StreamError) -> UInt32 {
        clock = now
        try checkOpen()
        let encodedMetadata = metadata.isEmpty ? [] : try encode(metadata)
        let nanos = timeout.map { max($0, 1) } ?? 0
        let size = FrameBuffer.requestSize(
            method: method, payload: payload, timeout: nanos, metadata: encodedMetadata)
        if size > peerMaxMessage { throw .messageTooLarge(bytes: size, limit: peerMaxMessage) }
        let id = lastStream == 0 ? 1 : lastStream + 2
        lastStream = id
        insertCall(
            id, shape, deadline: timeout == nil ? Deadline.none : Deadline.absolute(now: now, timeout: nanos))
        beginWrite()
        output.appendRequest(
            stream: id, flags: Self.flags(shape), method: method, payload: payload, timeout: nanos,
            metadata: encodedMetadata)
        return id
    }

    private func checkOpen() throws(StreamError) {
        guard role == .client, !isClosed, peerLastAccepted == nil, case .none = drainState else {
            throw .closing
        }
        if profile == .extended, !isGreeted { throw .notReady }
        if streams.count >= peerMaxStreams { throw .tooManyStreams(limit: peerMaxStreams) }
        if lastStream >= ConnectionLimits.streamIDLimit - 2 { throw .closing }
    }

    private func encode(_ metadata: [MetadataEntry]) throws(StreamError) -> [UInt8] {
        let told = peerHello.map { (Int($0.maxMetadataEntries), Int($0.maxMetadataBytes)) } ?? (0, 0)
        let most = told.0 == 0 ? ConnectionLimits().maxMetadataEntries : told.0
        let mostBytes = told.1 == 0 ? ConnectionLimits().maxMetadataBytes : told.1
        if metadata.count > most { throw .metadataRefused(.tooManyMetadata(limit: most)) }
        let bytes = metadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        if bytes > mostBytes { throw .metadataRefused(.metadataTooLarge(limit: mostBytes)) }
        guard metadata.allSatisfy({ isMetadataKey($0.key.utf8) }) else {
            throw .metadataRefused(.badMetadataKey)
        }
        return encodeMetadata(metadata)
    }

    private func insertCall(_ id: UInt32, _ shape: MethodShape, deadline: Int64) {
        var stream = Stream()
        switch shape {
        case .unary: stream.state = .calledUnary
        case .serverStream: stream.state = [.localClosed, .serverStreams]
        case .clientStream: stream.state = []
        case .bidirectional: stream.state = .serverStreams
        }
        stream.deadline = deadline
        stream.sendCredit = peerCredit
        stream.receiveCredit = limits.initialCreditBytes
        stream.requestOffset = sentTotal &+ UInt64(output.count)
        earliestDeadline = min(earliestDeadline, deadline)
        streams.insert(id, stream)
        callsOpened &+= 1
    }

    private static func flags(_ shape: MethodShape) -> FrameFlags {
        switch StreamKind(shape) {
        case .unary: FrameFlags()
        case .remoteClosed: .remoteClosed
        case .remoteOpen: .remoteOpen
        }
    }

    /// Server: fits the call to its method, for every call that is not (unary method, unary kind). Returns the status to
    /// finish with when the client opened it in a way the method does not have.
    package func accept(_ id: UInt32, as shape: MethodShape) -> Status? {
        guard let slot = streams.find(id) else { return nil }
        let isUnary = streams[slot].state.contains(.unary)
        // As it was opened: its end may have arrived in the same burst.
        let isOpen = streams[slot].state.contains(.openedOpen)
        switch shape {
        case .unary, .serverStream:
            if isOpen {
                return .shapeMismatch("takes one message; open it without remote-open")
            }
            if shape == .serverStream, isUnary {
                return .shapeMismatch("streams; open it with remote-closed")
            }
        case .clientStream, .bidirectional:
            if !isOpen { return .shapeMismatch("takes a stream; open it with remote-open") }
        }
        let streamsBack = shape == .serverStream || shape == .bidirectional
        if streamsBack {
            streams[slot].state.insert(.serverStreams)
        } else {
            streams[slot].state.remove(.serverStreams)
        }
        return nil
    }

    /// Sends one message of a stream, or keeps it until there is credit and room. The server's method must stream
    /// (`accept`). A server's call that sends too much or
    /// too large a message is ended (RESOURCE_EXHAUSTED, `.cancelled`) besides throwing.
    package func send(_ id: UInt32, _ message: [UInt8]) throws(StreamError) {
        guard let slot = streams.find(id) else { throw .noSuchStream }
        let state = streams[slot].state
        if !state.isDisjoint(with: .sendsNoMore) { throw .sendingEnded }
        if role == .server, !state.contains(.serverStreams) { throw .sendingEnded }
        if message.count > peerMaxMessage {
            let text = "a message of \(message.count) bytes, the peer's limit is \(peerMaxMessage)"
            overflow(id, .answerTooLarge(text, bytes: message.count, limit: peerMaxMessage))
            throw .messageTooLarge(bytes: message.count, limit: peerMaxMessage)
        }
        if streams[slot].queue == nil, mayWrite(slot) {
            writeData(slot, id, message)
        } else {
            try park(slot, id, message)
        }
    }

    private func mayWrite(_ slot: Int) -> Bool {
        output.count < limits.writeHighWaterBytes && (profile == .base || streams[slot].sendCredit > 0)
    }

    private func writeData(_ slot: Int, _ id: UInt32, _ message: [UInt8]) {
        beginWrite()
        if profile == .extended { streams[slot].sendCredit -= max(message.count, 1) }
        output.appendFrame(.data, stream: id, body: message)
    }

    private func park(_ slot: Int, _ id: UInt32, _ message: [UInt8]) throws(StreamError) {
        let queue = streams[slot].queue ?? StreamQueue()
        if queue.bytes + message.count > limits.maxStreamQueueBytes, !queue.isEmpty {
            overflow(id, .readerTooSlow(queue.bytes))
            throw .queueFull(limit: limits.maxStreamQueueBytes)
        }
        if let budget, !budget.reserve(message.count) {
            overflow(id, .memoryShortForWaiting)
            throw .queueFull(limit: limits.maxStreamQueueBytes)
        }
        queue.push(message)
        parkedBytes += message.count
        streams[slot].queue = queue
        streams[slot].state.insert(.wantsReady)
        wait(slot, id)
        checkWriteQueue()
    }

    /// A server ends a call whose handler goes on while nobody takes its messages; a client's caller just gets the error.
    private func overflow(_ id: UInt32, _ status: @autoclosure () -> Status) {
        if role == .server { endByServer(id, status(), .connectionLost) }
    }

    /// False while messages wait or would have to; `.ready` follows when it turns true.
    package func isReady(_ id: UInt32) -> Bool {
        guard let slot = streams.find(id), !streams[slot].state.contains(.over) else { return false }
        if streams[slot].queue == nil, mayWrite(slot) { return true }
        streams[slot].state.insert(.wantsReady)
        wait(slot, id)
        return false
    }

    /// Client: the last message has been sent.
    package func halfClose(_ id: UInt32) {
        guard role == .client, let slot = streams.find(id), !streams[slot].state.contains(.localClosed) else {
            return
        }
        streams[slot].state.insert(.localClosed)
        if let queue = streams[slot].queue {
            queue.end = (.ok, [])
        } else {
            writeHalfClose(id)
        }
    }

    private func writeHalfClose(_ id: UInt32) {
        beginWrite()
        output.appendFrame(.data, stream: id, flags: .lastWithoutData)
    }

    /// Server: ends the call with its status, after the messages that wait. For a call that is over, frees its slot.
    /// `now`: nil where the time is that of the last look at the line.
    package func finish(_ id: UInt32, _ status: Status, payload: [UInt8] = [], now: Int64? = nil) {
        guard role == .server, let slot = streams.find(id) else { return }
        if streams[slot].state.contains(.over) { return release(id) }
        if streams[slot].state.contains(.localClosed) { return }
        var status = status
        var payload = payload
        if !fits(status, payload) {
            let text = "the answer has \(payload.count) bytes, the peer's limit is \(peerMaxMessage)"
            status = .answerTooLarge(text, bytes: payload.count, limit: peerMaxMessage)
            payload = []
        }
        count(slot, status.rawCode, now ?? clock)
        if streams[slot].queue == nil, output.count < limits.writeHighWaterBytes {
            writeEnd(slot, id, status, payload)
            if !isClosed { remove(slot) }
        } else {
            parkEnd(slot, id, status, payload)
        }
    }

    /// A call has its end, for the figures.
    private func count(_ slot: Int, _ code: UInt32, _ now: Int64) {
        figures?.ended(streams[slot].route, code, after: now &- streams[slot].openedAt)
    }

    /// Server: the method of a call whose names were not in the cache when it came.
    package func named(_ id: UInt32, _ route: Int) {
        guard let slot = streams.find(id) else { return }
        streams[slot].route = Int32(truncatingIfNeeded: route)
    }

    /// Details do not count: they are left out where there is no room for them.
    private func fits(_ status: Status, _ payload: [UInt8]) -> Bool {
        let room = peerMaxMessage - 16
        if status.isPlainOK { return payload.count <= room }
        var status = status
        status.details = []
        return FrameBuffer.responseSize(status: status, payload: payload) <= room
    }

    private func parkEnd(_ slot: Int, _ id: UInt32, _ status: Status, _ payload: [UInt8]) {
        var payload = payload
        var status = status
        if let budget, !budget.reserve(payload.count) {
            payload = []
            status = .memoryShortForAnswers
        }
        let queue = streams[slot].queue ?? StreamQueue()
        queue.end = (status, payload)
        parkedBytes += payload.count
        streams[slot].queue = queue
        streams[slot].state.insert(.localClosed)
        wait(slot, id)
        checkWriteQueue()
    }

    /// The stream's last frame. ttrpc ends a server stream that went well with Data, everything else with Response.
    private func writeEnd(_ slot: Int, _ id: UInt32, _ status: Status, _ payload: [UInt8]) {
        if profile == .base, status.isOK, streams[slot].state.contains(.serverStreams) {
            beginWrite()
            output.appendFrame(.data, stream: id, flags: .lastWithoutData)
        } else {
            writeResponse(id, status, payload)
        }
        if !isClosed { leave(slot, peerMaySend: true) }
    }

    private func writeResponse(_ id: UInt32, _ status: Status, _ payload: [UInt8]) {
        if !status.details.isEmpty || !status.message.isEmpty,
            FrameBuffer.responseSize(status: status, payload: payload) > peerMaxMessage
        {
            return writeResponse(id, status.shortened, payload)
        }
        beginWrite()
        let flags: FrameFlags = profile == .extended && status.notProcessed ? .notProcessed : FrameFlags()
        output.appendResponse(stream: id, flags: flags, status: status, payload: payload)
        checkWriteQueue()
    }

    /// Server: the handler of a call that is over has let go; its slot is free. `finish` does the same.
    package func release(_ id: UInt32) {
        guard let slot = streams.find(id), streams[slot].state.contains(.over) else { return }
        remove(slot)
    }

    /// Client: gives up a call. It ends at once with `.finished(status)`.
    package func cancel(_ id: UInt32, _ status: Status = .cancelledByCaller) {
        guard role == .client, let slot = streams.find(id) else { return }
        if profile == .extended {
            var code = status.rawCode.bigEndian
            let body = withUnsafeBytes(of: &code) { [UInt8]($0) }
            beginWrite()
            output.appendFrame(.cancel, stream: id, body: body)
        }
        lateResponses += 1
        finishClient(slot, id, status, [], endedHere: true)
    }

    /// The driver has taken `bytes` of a stream's messages (the size of each `.message`); grants credit again.
    package func consumed(_ id: UInt32, _ bytes: Int) {
        guard profile == .extended, !isClosed, let slot = streams.find(id) else { return }
        if !streams[slot].state.isDisjoint(with: .takesNoMore) { return }
        streams[slot].consumed += max(bytes, 1)
        let grant = streams[slot].consumed
        if grant * 2 < limits.initialCreditBytes { return }
        streams[slot].consumed = 0
        streams[slot].receiveCredit += grant
        var amount = UInt32(truncatingIfNeeded: grant).bigEndian
        let body = withUnsafeBytes(of: &amount) { [UInt8]($0) }
        beginWrite()
        output.appendFrame(.credit, stream: id, body: body)
    }

    // MARK: Calls: their ends

    /// Client: the one end of a call.
    private func finishClient(
        _ slot: Int, _ id: UInt32, _ status: Status, _ payload: [UInt8], endedHere: Bool = false
    ) {
        leave(slot, peerMaySend: endedHere)
        remove(slot)
        actions.append(.finished(id, status, payload: payload))
        endIfDrained()
    }

    /// Server: ends a call whose handler is still at it.
    private func endByServer(_ id: UInt32, _ status: Status, _ reason: CancelReason) {
        guard let slot = streams.find(id), !streams[slot].state.contains(.over) else { return }
        writeResponse(id, status, [])
        if isClosed { return }
        endForHandler(slot, id, reason, status.rawCode)
    }

    /// The wire is done with the stream; its slot waits for the handler, unless that has finished already and only its
    /// answer was waiting.
    private func endForHandler(_ slot: Int, _ id: UInt32, _ reason: CancelReason, _ code: UInt32) {
        leave(slot, peerMaySend: true)
        if streams[slot].state.contains(.localClosed) { return remove(slot) }
        count(slot, code, clock)
        streams[slot].state.insert(.over)
        actions.append(.cancelled(id, reason))
    }

    /// Drops what waits. When this side ended the stream first, `peerMaySend` books what may still be on its way.
    private func leave(_ slot: Int, peerMaySend: Bool) {
        if peerMaySend, streams[slot].state.isDisjoint(with: .noMoreFromPeer) {
            expectLate(credit: streams[slot].receiveCredit)
        }
        guard let queue = streams[slot].queue else { return }
        let dropped = queue.bytes + (queue.end?.payload.count ?? 0)
        parkedBytes -= dropped
        budget?.release(dropped)
        streams[slot].queue = nil
    }

    private func remove(_ slot: Int) {
        if streams[slot].reserved > 0 { budget?.release(streams[slot].reserved) }
        streams.remove(at: slot)
        if streams.count == 0 {
            idleSince = clock
            if role == .server { endIfDrained() }
        }
    }

    // MARK: Waiting for room and credit

    private func wait(_ slot: Int, _ id: UInt32) {
        if streams[slot].state.contains(.waiting) { return }
        streams[slot].state.insert(.waiting)
        waiting.append(id)
    }

    /// There is room: every waiting stream sends one message a turn, until nobody can.
    private func serveWaiting() {
        var progress = true
        while progress, !waiting.isEmpty, !isClosed, output.count < limits.writeHighWaterBytes {
            progress = false
            let turn = waiting
            waiting.removeAll(keepingCapacity: true)
            for id in turn where serveOnce(id) { progress = true }
        }
    }

    private func serve(_ id: UInt32) {
        guard let slot = streams.find(id), streams[slot].state.contains(.waiting) else { return }
        waiting.removeAll { $0 == id }
        while serveOnce(id), let again = waiting.lastIndex(of: id) { waiting.remove(at: again) }
    }

    /// One message of one waiting stream. True when something was sent and more may follow.
    private func serveOnce(_ id: UInt32) -> Bool {
        guard let slot = streams.find(id), streams[slot].state.contains(.waiting) else { return false }
        streams[slot].state.remove(.waiting)
        guard let queue = streams[slot].queue else { return tellReady(slot, id) }
        if queue.isEmpty { return serveEnd(slot, id, queue) }
        guard mayWrite(slot), let message = queue.pop() else {
            wait(slot, id)
            return false
        }
        parkedBytes -= message.count
        budget?.release(message.count)
        writeData(slot, id, message)
        wait(slot, id)
        return true
    }

    /// The queue is empty: its end goes out (Responses need no credit), or the driver hears that it may go on.
    private func serveEnd(_ slot: Int, _ id: UInt32, _ queue: StreamQueue) -> Bool {
        guard let end = queue.end else {
            streams[slot].queue = nil
            return tellReady(slot, id)
        }
        guard output.count < limits.writeHighWaterBytes else {
            wait(slot, id)
            return false
        }
        if role == .client {
            streams[slot].queue = nil
            writeHalfClose(id)
        } else {
            writeEnd(slot, id, end.status, end.payload)
            if let now = streams.find(id) { remove(now) }
        }
        return false
    }

    private func tellReady(_ slot: Int, _ id: UInt32) -> Bool {
        guard streams[slot].state.contains(.wantsReady) else { return false }
        if !mayWrite(slot) {
            wait(slot, id)
            return false
        }
        streams[slot].state.remove(.wantsReady)
        actions.append(.ready(id))
        return false
    }

    /// Base profile: no credit holds a peer back that does not read, so its connection ends.
    private func checkWriteQueue() {
        guard profile == .base, output.count + parkedBytes > limits.maxWriteQueueBytes, !isClosed else {
            return
        }
        let most = limits.maxWriteQueueBytes
        fail(.resources, "RESOURCE_EXHAUSTED: more than \(most) bytes wait and the peer does not read them")
    }

    private func beginWrite() {
        if output.count == 0 { writeProgress = clock }
    }

    // MARK: Ends of the connection

    /// Begins an orderly end: calls in flight are finished, then `.closed(.drained)`. PROTOCOL.md 8.
    package func drain(_ why: String, now: Int64) {
        clock = now
        guard !isClosed, case .none = drainState else { return }
        drainText = why
        if profile == .extended, role == .server {
            drainState = .announced(until: now + limits.drainGrace)
            writeGoAway(last: ConnectionLimits.streamIDLimit - 1, .none, why)
        } else {
            drainState = .final(until: now + limits.drainTimeout)
            endIfDrained()
        }
    }

    private func finalDrain() {
        drainState = .final(until: clock + limits.drainTimeout)
        finalLast = lastStream
        writeGoAway(last: lastStream, .none, drainText)
        endIfDrained()
    }

    /// Ends the connection now. The peer is told why (extended profile).
    package func close(_ why: String) {
        if !isClosed { writeLastWords(.none, why) }
        end(.closedHere(why))
    }

    /// Ends the connection now because the peer may not go on, e.g. its certificate was revoked.
    package func refusePeer(_ code: GoAwayCode, _ why: String) { fail(code, why) }

    private func fail(_ code: GoAwayCode, _ text: String) {
        if isClosed { return }
        writeLastWords(code, text)
        end(.refused(code, text))
    }

    private func writeLastWords(_ code: GoAwayCode, _ text: String) {
        guard profile == .extended else { return }
        writeGoAway(last: role == .server ? finalLast ?? lastStream : 0, code, text)
    }

    private func writeGoAway(last: UInt32, _ code: GoAwayCode, _ text: String) {
        var body: [UInt8] = []
        for shift: UInt32 in [24, 16, 8, 0] { body.append(UInt8(truncatingIfNeeded: last >> shift)) }
        body += [0, 0, 0, UInt8(truncatingIfNeeded: code.rawValue)]
        var utf8 = Array(text.utf8.prefix(ConnectionLimits.maxGoAwayTextBytes))
        while !utf8.isEmpty, String(validating: utf8, as: UTF8.self) == nil { utf8.removeLast() }
        beginWrite()
        output.appendFrame(.goAway, stream: 0, body: body + utf8)
    }

    private func endIfDrained() {
        guard streams.count == 0, !isClosed else { return }
        if case .final = drainState {
            if role == .client { writeLastWords(.none, drainText) }
            return end(.drained)
        }
        if role == .client, let last = peerLastAccepted, last != ConnectionLimits.streamIDLimit - 1 {
            end(.drained)
        }
    }

    /// The one end. Every open call hears of it first.
    private func end(_ reason: ConnectionEnd) {
        if isClosed { return }
        isClosed = true
        let why = peerGoAwayText.map { "\(reason.description); the peer said: \($0)" } ?? reason.description
        for id in streams.openIDs {
            guard let slot = streams.find(id) else { continue }
            announceLoss(id, slot, why)
            leave(slot, peerMaySend: false)
            if streams[slot].reserved > 0 { budget?.release(streams[slot].reserved) }
        }
        streams.removeAll()
        waiting = []
        releaseFrameReserve()
        partialHeader = nil
        actions.append(.closed(reason))
    }

    private func announceLoss(_ id: UInt32, _ slot: Int, _ why: String) {
        if role == .client {
            let unsent = streams[slot].requestOffset >= sentTotal
            actions.append(.finished(id, .connectionEnded(why, notProcessed: unsent), payload: []))
        } else if streams[slot].state.isDisjoint(with: .answered) {
            count(slot, StatusCode.unavailable.rawValue, clock)
            actions.append(.cancelled(id, .connectionLost))
        }
    }

    // MARK: Time

    /// When `tick` is due next, nil: never. A lower bound; ticking early does nothing.
    package var nextTimer: Int64? {
        if isClosed { return nil }
        var next = earliestDeadline
        if profile == .extended {
            if !isGreeted {
                next = min(next, startedAt + limits.helloTimeout)
            } else {
                next = min(next, pingSent.map { $0 + keepaliveTimeout } ?? (lastReceived + silence))
            }
        }
        if partial.count > 0 || skipping > 0 { next = min(next, frameBegan + limits.frameTimeout) }
        if output.count > 0 { next = min(next, writeProgress + limits.writeStallTimeout) }
        next = min(next, nextEnd)
        return next == Deadline.none ? nil : next
    }

    private var nextEnd: Int64 {
        switch drainState {
        case .announced(let until), .final(let until): return until
        case .none: break
        }
        var next = Deadline.none
        if role == .server, limits.maxAge > 0 { next = startedAt + limits.maxAge }
        if role == .server, limits.idleTimeout > 0, streams.count == 0 {
            next = min(next, idleSince + limits.idleTimeout)
        }
        return next
    }

    /// The client asks first, so that usually one PING serves both sides.
    private var silence: Int64 { role == .client ? keepaliveInterval : keepaliveInterval * 5 / 4 }

    /// Does everything that is due at `now`.
    package func tick(now: Int64) {
        clock = now
        if isClosed { return }
        if now >= earliestDeadline { expireCalls() }
        if let reason = overdue() {
            writeLastWords(reason == .idle ? .none : .timeout, reason.description)
            return end(reason)
        }
        if profile == .extended, isGreeted, pingSent == nil, now - lastReceived >= silence {
            sendPing()
        }
        advanceDrain()
    }

    private func overdue() -> ConnectionEnd? {
        if profile == .extended, !isGreeted, clock - startedAt >= limits.helloTimeout {
            return .helloTimeout
        }
        if partial.count > 0 || skipping > 0, clock - frameBegan >= limits.frameTimeout {
            return .frameTimeout
        }
        if output.count > 0, clock - writeProgress >= limits.writeStallTimeout { return .writeStalled }
        if let sent = pingSent, clock - sent >= keepaliveTimeout { return .keepaliveTimeout }
        if role == .server, limits.idleTimeout > 0, streams.count == 0, case .none = drainState,
            clock - idleSince >= limits.idleTimeout
        {
            return .idle
        }
        return nil
    }

    private func expireCalls() {
        earliestDeadline = Deadline.none
        for id in streams.openIDs {
            guard let slot = streams.find(id), !streams[slot].state.contains(.over) else { continue }
            if streams[slot].deadline > clock {
                earliestDeadline = min(earliestDeadline, streams[slot].deadline)
            } else if role == .client {
                cancel(id, .noAnswerInTime)
            } else {
                endByServer(id, .deadlinePassed, .deadlineExceeded)
            }
        }
    }

    private func sendPing() {
        pingSent = clock
        pingNumber &+= 1
        var number = pingNumber.bigEndian
        let body = withUnsafeBytes(of: &number) { [UInt8]($0) }
        beginWrite()
        output.appendFrame(.ping, stream: 0, body: body)
    }

    private func advanceDrain() {
        switch drainState {
        case .none:
            if role == .server, limits.maxAge > 0, clock - startedAt >= limits.maxAge {
                drain("the connection has reached its age; connect again", now: clock)
            }
        case .announced(let until):
            if clock >= until { finalDrain() }
        case .final(let until):
            if clock >= until { cutDrain() }
        }
    }

    /// The patience for calls in flight is over.
    private func cutDrain() {
        for id in streams.openIDs {
            if role == .server {
                endByServer(id, .cutOff(drainText), .serverStopping)
            } else {
                cancel(id, .connectionEnded("the connection is closing: \(drainText)"))
            }
        }
        end(.drained)
    }

    // MARK: Own frames and texts

    /// The version of the extended profile this machine speaks. PROTOCOL.md 12.
    package static let version: UInt32 = 1

    private func sendHello(_ parts: Hello) {
        var hello = parts
        func small(_ value: Int) -> UInt32 { UInt32(clamping: value) }
        func millis(_ nanos: Int64) -> UInt32 { UInt32(clamping: nanos / .millisecond) }
        hello.minVersion = Self.version
        hello.maxVersion = Self.version
        hello.maxMessageBytes = small(limits.maxMessageBytes)
        hello.initialCreditBytes = small(limits.initialCreditBytes)
        hello.frameTimeoutMillis = millis(limits.frameTimeout)
        if role == .server {
            hello.maxStreams = small(limits.maxStreams)
            hello.maxMetadataEntries = small(limits.maxMetadataEntries)
            hello.maxMetadataBytes = small(limits.maxMetadataBytes)
            hello.keepaliveIntervalMillis = millis(limits.keepaliveInterval)
            hello.keepaliveTimeoutMillis = millis(limits.keepaliveTimeout)
            hello.idleTimeoutMillis = millis(limits.idleTimeout)
            hello.maxAgeMillis = UInt64(max(limits.maxAge, 0) / .millisecond)
        }
        beginWrite()
        output.appendFrame(.hello, stream: 0, body: hello.encoded())
    }

    private static func strayText(_ byte: UInt8) -> String {
        switch byte {
        case 0x16: "the peer sent a TLS handshake inside TLS; is a proxy wrapping the connection twice?"
        case 0x43, 0x44, 0x47, 0x48, 0x4F, 0x50: "the peer speaks HTTP; this port speaks ttrpc frames"
        case 0x53: "the peer speaks SSH; this port speaks ttrpc frames"
        default: "the first byte is \(byte); a ttrpc frame begins with 0"
        }
    }
}

extension Status {
    /// For a peer that takes only small messages: without its details, then without its text. The code always arrives.
    fileprivate var shortened: Status {
        var status = self
        if details.isEmpty { status.message = "" }
        status.details = []
        return status
    }
}
