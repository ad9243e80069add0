/// An opaque cursor: where a page or a watch goes on. Clients give it back unread.
///
///     offset  bytes
///          0      1   format, 1
///          1      1   kind: 1 requests, 2 cases, 3 watch
///          2      8   position, big endian: the first submission not to show again; for watch the sequence seen last
///         10      8   scope, big endian: fingerprint of city, party and filters; a cursor of another list is refused
///         18      4   check, big endian: low half of the mixed FNV-1a of bytes 0–17
///
/// Nothing in it is secret and nothing in it grants: a forged position only moves about within what its
/// bearer may see.
package struct Cursor: Sendable, Hashable {
    package enum Kind: UInt8, Sendable, Hashable {
        case requests = 1
        case cases = 2
        case watch = 3
    }

    /// Why bytes are no cursor for this use.
    package enum Fault: Error, Sendable, Hashable {
        case malformed
        case ofAnotherList
    }

    package var kind: Kind
    package var position: UInt64
    package var scope: UInt64

    package static let byteCount = 22
    private static let format: UInt8 = 1

    package init(kind: Kind, position: UInt64, scope: UInt64) {
        self.kind = kind
        self.position = position
        self.scope = scope
    }

    /// Checks format and sum, then that it is meant for this kind and scope.
    package init(_ bytes: [UInt8], kind: Kind, scope: UInt64) throws(Fault) {
        guard bytes.count == Self.byteCount, bytes[0] == Self.format else { throw .malformed }
        guard Self.number(bytes[18..<22]) == UInt64(Self.check(bytes[..<18])) else { throw .malformed }
        guard bytes[1] == kind.rawValue, Self.number(bytes[10..<18]) == scope else { throw .ofAnotherList }
        self.init(kind: kind, position: Self.number(bytes[2..<10]), scope: scope)
    }

    package var bytes: [UInt8] {
        var bytes = [Self.format, kind.rawValue]
        bytes.reserveCapacity(Self.byteCount)
        for word in [position, scope] { Self.append(word, byteCount: 8, to: &bytes) }
        Self.append(UInt64(Self.check(bytes[...])), byteCount: 4, to: &bytes)
        return bytes
    }

    private static func check(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var sum = Fingerprint()
        for byte in bytes { sum.absorb(byte) }
        return UInt32(truncatingIfNeeded: sum.mixed)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func append(_ number: UInt64, byteCount: Int, to bytes: inout [UInt8]) {
        for index in (0..<byteCount).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * index)))
        }
    }
}
