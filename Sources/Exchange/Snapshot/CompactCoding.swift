/// The compact coding of a snapshot's contents (Protocol/SNAPSHOT.md 4):
///
///     integer   LEB128: seven bits a byte, lowest first, at most ten bytes
///     signed    zig-zag, then as an integer
///     id        16 bytes
///     bytes     length as an integer, then the bytes; texts are UTF-8
///     flag      one byte, 0 or 1
///
/// Written and read a piece at a time, so that a snapshot never lies in memory whole.

/// Why bytes are no snapshot of this version.
package enum SnapshotFault: Error, Sendable, Hashable, CustomStringConvertible {
    case endsEarly
    /// What stands there cannot be: a number out of range, a reference to nothing.
    case wrong(String)

    package var description: String {
        switch self {
        case .endsEarly: "the snapshot ends too early"
        case .wrong(let what): "the snapshot does not fit together: \(what)"
        }
    }
}

package struct CompactWriter {
    /// Bytes handed on at once: large enough to be cheap, small against the state.
    package static let pieceBytes = 256 << 10

    private var buffer: [UInt8] = []
    private let emit: ([UInt8]) throws -> Void

    /// `emit` takes the pieces in order.
    package init(_ emit: @escaping ([UInt8]) throws -> Void) { self.emit = emit }

    package mutating func put(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            buffer.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        buffer.append(UInt8(truncatingIfNeeded: rest))
    }

    package mutating func put(_ number: Int) { put(UInt64(truncatingIfNeeded: number)) }
    package mutating func put(signed number: Int64) { put(UInt64(bitPattern: number << 1 ^ number >> 63)) }
    package mutating func put(_ flag: Bool) { buffer.append(flag ? 1 : 0) }
    package mutating func put(byte: UInt8) { buffer.append(byte) }
    package mutating func put(raw bytes: [UInt8]) { buffer += bytes }

    package mutating func put(_ bytes: [UInt8]) {
        put(bytes.count)
        buffer += bytes
    }

    package mutating func put(_ text: String) {
        put(text.utf8.count)
        buffer += text.utf8
    }

    package mutating func put(_ id: EntityID) { buffer += id.bytes }

    /// After each row: hands on what has gathered.
    package mutating func rowEnds() throws {
        if buffer.count >= Self.pieceBytes { try flush() }
    }

    package mutating func flush() throws {
        if !buffer.isEmpty { try emit(buffer) }
        buffer.removeAll(keepingCapacity: true)
    }
}

package struct CompactReader {
    /// Bytes of one text or byte string: nothing in a snapshot is longer than a record of the journal.
    package static let fieldBytes = 1 << 20

    private var buffer: [UInt8] = []
    private var at = 0
    private let refill: () throws -> [UInt8]?

    /// `refill` gives the next piece, nil at the end.
    package init(_ refill: @escaping () throws -> [UInt8]?) { self.refill = refill }

    package mutating func byte() throws -> UInt8 {
        if at == buffer.count { try need(1) }
        defer { at += 1 }
        return buffer[at]
    }

    package mutating func number() throws -> UInt64 {
        var (value, shift) = (UInt64(0), UInt64(0))
        while true {
            let byte = try byte()
            guard shift < 63 || byte <= 1 else { throw SnapshotFault.wrong("an integer over 64 bits") }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    package mutating func signed() throws -> Int64 {
        let bits = try number()
        return Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)
    }

    /// An integer that a narrower type holds.
    package mutating func number<N: FixedWidthInteger>(_: N.Type, _ what: String) throws -> N {
        guard let value = N(exactly: try number()) else { throw SnapshotFault.wrong(what) }
        return value
    }

    package mutating func signed<N: FixedWidthInteger>(_: N.Type, _ what: String) throws -> N {
        guard let value = N(exactly: try signed()) else { throw SnapshotFault.wrong(what) }
        return value
    }

    /// A position in something that has `count` entries.
    package mutating func index(below count: Int, _ what: String) throws -> Int {
        let value = try number()
        guard value < UInt64(count) else { throw SnapshotFault.wrong(what) }
        return Int(value)
    }

    package mutating func flag() throws -> Bool {
        let byte = try byte()
        guard byte <= 1 else { throw SnapshotFault.wrong("a flag") }
        return byte == 1
    }

    package mutating func bytes() throws -> [UInt8] {
        let count = try number()
        guard count <= UInt64(Self.fieldBytes) else { throw SnapshotFault.wrong("a field over its limit") }
        return try raw(Int(count))
    }

    /// `count` is a constant of the format, or was checked.
    package mutating func raw(_ count: Int) throws -> [UInt8] {
        try need(count)
        defer { at += count }
        return Array(buffer[at..<(at + count)])
    }

    package mutating func text() throws -> String {
        guard let text = String(validating: try bytes(), as: UTF8.self) else {
            throw SnapshotFault.wrong("a text that is not UTF-8")
        }
        return text
    }

    package mutating func id() throws -> EntityID {
        guard let id = EntityID(try raw(EntityID.byteCount)) else {
            throw SnapshotFault.wrong("an id of zeros")
        }
        return id
    }

    /// That nothing follows.
    package mutating func end() throws {
        guard at == buffer.count else { throw SnapshotFault.wrong("bytes after the end") }
        while let more = try refill() {
            guard more.isEmpty else { throw SnapshotFault.wrong("bytes after the end") }
        }
    }

    private mutating func need(_ count: Int) throws {
        while buffer.count - at < count {
            guard let more = try refill() else { throw SnapshotFault.endsEarly }
            buffer.removeFirst(at)
            at = 0
            buffer += more
        }
    }
}
