package import Wire

/// Frames written by hand for tests: byte for byte, without the encoders under test where that matters.
package enum FrameScript {
    /// Any frame, also impossible ones; `length` says something else than the body's size when given.
    package static func frame(
        _ type: UInt8, stream: UInt32, flags: UInt8 = 0, _ body: [UInt8] = [], length: UInt32? = nil
    ) -> [UInt8] {
        bigEndian(length ?? UInt32(body.count)) + bigEndian(stream) + [type, flags] + body
    }

    package static func frame(
        _ type: FrameType, stream: UInt32, flags: FrameFlags = [], _ body: [UInt8] = [], length: UInt32? = nil
    ) -> [UInt8] {
        frame(type.rawValue, stream: stream, flags: flags.rawValue, body, length: length)
    }

    package static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }

    /// A length-delimited protobuf field; lengths below 16384.
    package static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        let tag = number << 3 | 2
        if bytes.count < 128 { return [tag, UInt8(bytes.count)] + bytes }
        return [tag, UInt8(bytes.count & 0x7F) | 0x80, UInt8(bytes.count >> 7)] + bytes
    }

    package static func field(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

    /// The body of a Request; `timeout` below 2^56 nanoseconds, 0: none.
    package static func request(
        _ service: String = "test.Echo", _ method: String = "Unary", payload: [UInt8] = [],
        timeout: UInt64 = 0,
        extra: [UInt8] = []
    ) -> [UInt8] {
        var body = field(1, service) + field(2, method)
        if !payload.isEmpty { body += field(3, payload) }
        if timeout != 0 { body += [0x20] + varint(timeout) }
        return body + extra
    }

    package static func varint(_ value: UInt64) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest > 127 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    /// A HELLO that announces only defaults.
    package static let hello = frame(.hello, stream: 0, [0x08, 0x01, 0x10, 0x01])

    /// The frames in a stream of bytes that must hold whole frames; the rest, if any, is dropped.
    package static func split(_ bytes: [UInt8]) -> [(header: FrameHeader, body: [UInt8])] {
        var frames: [(FrameHeader, [UInt8])] = []
        var position = 0
        while bytes.count - position >= FrameHeader.size {
            let header = bytes[position...].withUnsafeBytes { $0.baseAddress.map { FrameHeader(at: $0) } }
            guard let header, bytes.count - position - FrameHeader.size >= Int(header.length) else { break }
            let end = position + FrameHeader.size + Int(header.length)
            frames.append((header, Array(bytes[(position + FrameHeader.size)..<end])))
            position = end
        }
        return frames
    }

    /// Hexadecimal with any white space; nil when it is none.
    package static func hex(_ text: some StringProtocol) -> [UInt8]? {
        let digits = text.filter { !$0.isWhitespace }.map(\.hexDigitValue)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for at in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[at], let low = digits[at + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }

    package static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
