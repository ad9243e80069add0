package import Wire

/// A frame as it went over the line, for a person to look at.
package struct TracedFrame: Sendable {
    package var isOutgoing: Bool
    package var header: FrameHeader
    package var body: [UInt8]

    package init(isOutgoing: Bool, header: FrameHeader, body: [UInt8]) {
        self.isOutgoing = isOutgoing
        self.header = header
        self.body = body
    }
}

/// Cuts the two directions of a connection into frames again and tells each when its last byte has passed. It only looks: the
/// machine has its own eyes. A direction whose bytes are no frames is told no further.
struct FrameTap {
    private let tell: @Sendable (TracedFrame) -> Void
    private var incoming = Side(isOutgoing: false)
    private var outgoing = Side(isOutgoing: true)

    init(_ tell: @escaping @Sendable (TracedFrame) -> Void) { self.tell = tell }

    mutating func received(_ bytes: UnsafeRawBufferPointer) { incoming.take(bytes, tell) }
    mutating func sent(_ bytes: UnsafeRawBufferPointer) { outgoing.take(bytes, tell) }

    private struct Side {
        let isOutgoing: Bool
        private var held: [UInt8] = []
        private var isLost = false

        init(isOutgoing: Bool) { self.isOutgoing = isOutgoing }

        mutating func take(_ bytes: UnsafeRawBufferPointer, _ tell: (TracedFrame) -> Void) {
            if isLost { return }
            held += bytes
            var start = 0
            while let frame = frame(at: start) {
                start += FrameHeader.size + frame.body.count
                tell(frame)
            }
            held.removeFirst(start)
        }

        private mutating func frame(at start: Int) -> TracedFrame? {
            guard held.count - start >= FrameHeader.size else { return nil }
            let header = held.withUnsafeBytes { bytes in
                FrameHeader(at: UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + start))
            }
            // Longer than any profile allows: what follows is not worth holding.
            guard header.length <= UInt32(ConnectionLimits.ceilingMessageBytes) else {
                isLost = true
                return nil
            }
            let first = start + FrameHeader.size
            guard held.count - first >= Int(header.length) else { return nil }
            return TracedFrame(
                isOutgoing: isOutgoing, header: header, body: Array(held[first..<first + Int(header.length)]))
        }
    }
}
