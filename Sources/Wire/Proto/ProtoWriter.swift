/// Writes protobuf's binary format from the last byte to the first.
///
/// Writing backwards, the length of a message is known when its prefix is due: one pass, no size pass, nothing moved, at any
/// depth. So callers write fields in descending order and, of each, the value before the tag.
@frozen
public struct ProtoWriter: ~Copyable {
    @usableFromInline var start: UnsafeMutableRawPointer
    @usableFromInline var end: UnsafeMutableRawPointer
    /// The first byte written; `start <= at <= end`.
    @usableFromInline var at: UnsafeMutableRawPointer
    @usableFromInline var onHeap = false

    /// Starts in `scratch`, which must outlive the writer, and goes to the heap when that is full.
    @inlinable
    public init(scratch: UnsafeMutableRawBufferPointer) {
        let first =
            scratch.baseAddress ?? UnsafeMutableRawPointer(bitPattern: 1).unsafelyUnwrapped
        start = first
        end = first + scratch.count
        at = end
    }

    @inlinable
    deinit {
        if onHeap { start.deallocate() }
    }

    /// Bytes written so far.
    @inlinable
    public var written: Int { end - at }

    /// The message, after `prefix` zero bytes.
    @inlinable
    public consuming func finish(leaving prefix: Int = 0) -> [UInt8] {
        let count = written
        // Copying is half the price of the general way, which looks up the array's type at run time.
        if prefix == 0 { return [UInt8](UnsafeRawBufferPointer(start: at, count: count)) }
        return [UInt8](unsafeUninitializedCapacity: count + prefix) { buffer, initialized in
            if let target = UnsafeMutableRawBufferPointer(buffer).baseAddress {
                target.initializeMemory(as: UInt8.self, repeating: 0, count: prefix)
                (target + prefix).copyMemory(from: at, byteCount: count)
            }
            initialized = count + prefix
        }
    }

    /// Makes room for `count` more bytes and moves `at` down by them.
    @inlinable @inline(__always)
    mutating func take(_ count: Int) {
        if at - start < count { grow(count) }
        at -= count
    }

    @usableFromInline @inline(never)
    mutating func grow(_ count: Int) {
        let held = written
        let capacity = Swift.max(2 * (end - start), 2 * (held + count), 1024)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        let newEnd = larger + capacity
        (newEnd - held).copyMemory(from: at, byteCount: held)
        if onHeap { start.deallocate() }
        onHeap = true
        start = larger
        end = newEnd
        at = newEnd - held
    }

    // MARK: Values

    @inlinable @inline(__always)
    public mutating func byte(_ value: UInt8) {
        take(1)
        at.storeBytes(of: value, as: UInt8.self)
    }

    @inlinable @inline(__always)
    public mutating func varint(_ value: UInt64) {
        if value < 0x80 { byte(UInt8(truncatingIfNeeded: value)) } else { longVarint(value) }
    }

    @usableFromInline @inline(never)
    mutating func longVarint(_ value: UInt64) {
        let bits = 64 &- value.leadingZeroBitCount
        take((bits &+ 6) / 7)
        var rest = value
        var place = at
        while rest >= 0x80 {
            place.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
            rest >>= 7
            place += 1
        }
        place.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
    }

    @inlinable @inline(__always)
    public mutating func fixed32(_ value: UInt32) {
        take(4)
        at.storeBytes(of: value.littleEndian, as: UInt32.self)
    }

    @inlinable @inline(__always)
    public mutating func fixed64(_ value: UInt64) {
        take(8)
        at.storeBytes(of: value.littleEndian, as: UInt64.self)
    }

    /// Bytes as they are: unknown fields kept verbatim.
    @inlinable
    public mutating func raw(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        take(bytes.count)
        bytes.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(start: at, count: $0.count).copyMemory(from: $0)
        }
    }

    /// Length and bytes.
    @inlinable
    public mutating func delimited(_ bytes: [UInt8]) {
        raw(bytes)
        varint(UInt64(truncatingIfNeeded: bytes.count))
    }

    /// Length and UTF-8 bytes.
    @inlinable
    public mutating func delimited(_ text: String) {
        let count = text.utf8.count
        take(count)
        let target = UnsafeMutableRawBufferPointer(start: at, count: count)
        let copied: Void? = text.utf8.withContiguousStorageIfAvailable {
            target.copyMemory(from: UnsafeRawBufferPointer($0))
        }
        if copied == nil { target.copyBytes(from: text.utf8) }
        varint(UInt64(truncatingIfNeeded: count))
    }

    /// Length and fields of a message.
    @inlinable
    public mutating func delimited<M: ProtoEncodable>(_ message: M) {
        let before = written
        message.encode(to: &self)
        varint(UInt64(truncatingIfNeeded: written &- before))
    }

    // MARK: Fields. `tag` is `number << 3 | wire type`.

    @inlinable @inline(__always)
    public mutating func tag(_ tag: UInt32) {
        varint(UInt64(truncatingIfNeeded: tag))
    }

    /// A field without presence: left out at its default.
    @inlinable @inline(__always)
    public mutating func field<C: ProtoCodec>(_ codec: C.Type, _ tag: UInt32, _ value: C.Value) {
        if !C.isDefault(value) { always(codec, tag, value) }
    }

    /// A field with presence: written when set, default or not.
    @inlinable @inline(__always)
    public mutating func field<C: ProtoCodec>(_ codec: C.Type, _ tag: UInt32, optional value: C.Value?) {
        if let value { always(codec, tag, value) }
    }

    @inlinable @inline(__always)
    public mutating func always<C: ProtoCodec>(_ codec: C.Type, _ tag: UInt32, _ value: C.Value) {
        C.write(value, &self)
        self.tag(tag)
    }

    @inlinable
    public mutating func message<M: ProtoEncodable>(_ tag: UInt32, _ message: M?) {
        guard let message else { return }
        delimited(message)
        self.tag(tag)
    }

    @inlinable
    public mutating func messages<M: ProtoEncodable>(_ tag: UInt32, _ messages: [M]) {
        for message in messages.reversed() {
            delimited(message)
            self.tag(tag)
        }
    }

    /// One tag an element.
    @inlinable
    public mutating func repeated<C: ProtoCodec>(_ codec: C.Type, _ tag: UInt32, _ values: [C.Value]) {
        for value in values.reversed() { always(codec, tag, value) }
    }

    /// One tag and one length for all.
    @inlinable
    public mutating func packed<C: PackableCodec>(_ codec: C.Type, _ tag: UInt32, _ values: [C.Value]) {
        guard !values.isEmpty else { return }
        let before = written
        for value in values.reversed() { C.write(value, &self) }
        varint(UInt64(truncatingIfNeeded: written &- before))
        self.tag(tag)
    }
}
