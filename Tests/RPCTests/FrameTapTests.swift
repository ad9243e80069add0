import Synchronization
import Testing
import Wire

@testable import RPC

@Suite("Issue 3.2: --trace cuts the line into frames again")
struct FrameTapTests {
    private final class Told: Sendable {
        let frames = Mutex<[TracedFrame]>([])
    }

    private func frame(_ length: UInt32, _ body: [UInt8], type: FrameType = .data) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: FrameHeader.size)
        bytes.withUnsafeMutableBytes {
            if let start = $0.baseAddress {
                FrameHeader(length: length, stream: 7, type: type).write(to: start)
            }
        }
        return bytes + body
    }

    private func tell(_ pieces: [[UInt8]], outgoing: Bool = false) -> [TracedFrame] {
        let told = Told()
        var tap = FrameTap { frame in told.frames.withLock { $0.append(frame) } }
        for piece in pieces {
            piece.withUnsafeBytes { outgoing ? tap.sent($0) : tap.received($0) }
        }
        return told.frames.withLock { $0 }
    }

    @Test("frames in one piece, in single bytes and across pieces are the same frames")
    func pieces() {
        let line = frame(3, [1, 2, 3]) + frame(0, [], type: .ping) + frame(1, [9])
        for pieces in [[line], line.map { [$0] }, [Array(line.prefix(15)), Array(line.dropFirst(15))]] {
            for outgoing in [true, false] {
                let told = tell(pieces, outgoing: outgoing)
                #expect(told.map(\.body) == [[1, 2, 3], [], [9]])
                #expect(told.map(\.header.type) == [.data, .ping, .data])
                #expect(told.allSatisfy { $0.isOutgoing == outgoing && $0.header.stream == 7 })
            }
        }
    }

    @Test("a length at the ceiling is waited for; beyond it the direction is told no further")
    func ceiling() {
        let most = ConnectionLimits.ceilingMessageBytes
        let body = [UInt8](repeating: 1, count: most)
        #expect(tell([frame(UInt32(most), body), frame(1, [2])]).map(\.body.count) == [most, 1])
        #expect(tell([frame(UInt32(most) + 1, body + [1]), frame(1, [2])]).isEmpty)
        #expect(tell([frame(.max, [])]).isEmpty)
    }
}
