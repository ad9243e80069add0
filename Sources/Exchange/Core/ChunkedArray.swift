/// An array that grows without moving what it holds: chunks of equal length, so that an append costs the same at the first
/// entry and at the millionth. A doubling array of a million requests would stop the engine for a tenth of a second.
///
/// Public for the compiler's sake alone, like `ShardedTable`.
public struct ChunkedArray<Element: Sendable>: Sendable {
    /// Entries of a chunk, a power of two: small enough to be had without a pause, large enough that the list of chunks
    /// stays short.
    @inlinable static var shift: Int { 8 }
    @inlinable static var length: Int { 1 << shift }

    @usableFromInline var chunks: [[Element]] = []
    @usableFromInline var stored = 0

    @inlinable
    public var count: Int { stored }

    @inlinable
    public init() {}

    @inlinable
    public mutating func append(_ element: consuming Element) {
        if stored & (Self.length - 1) == 0 {
            chunks.append([])
            chunks[chunks.count - 1].reserveCapacity(Self.length)
        }
        chunks[stored >> Self.shift].append(element)
        stored += 1
    }

    /// Gives back the chunks that lie wholly before `index`; their entries must not be read again.
    public mutating func release(before index: Int) {
        var chunk = index >> Self.shift
        while chunk > 0, !chunks[chunk - 1].isEmpty {
            chunks[chunk - 1] = []
            chunk -= 1
        }
    }
}

extension ChunkedArray: RandomAccessCollection, MutableCollection {
    @inlinable public var startIndex: Int { 0 }
    @inlinable public var endIndex: Int { count }

    @inlinable
    public subscript(index: Int) -> Element {
        get { chunks[index >> Self.shift][index & (Self.length - 1)] }
        _modify { yield &chunks[index >> Self.shift][index & (Self.length - 1)] }
    }
}
