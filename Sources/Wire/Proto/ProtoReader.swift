/// Reads protobuf's binary format from bytes that may be anything.
///
/// The format (protobuf.dev "Encoding"): a message is a sequence of fields; a field is a tag varint
/// `number << 3 | wire type` and a value: 0 varint, 1 eight bytes, 2 length varint and bytes, 3 group start, 4 group
/// end, 5 four bytes. Rules kept here, as reference/rpc.md 5.1 and 5.3 state them: tags are at most five bytes and at
/// most 2^32 - 1; varints at most ten bytes, bits above 64 dropped; overlong forms accepted; lengths checked against
/// what is left *before* anything is allocated; one depth for messages, map entries and groups.
@frozen
public struct ProtoReader: ~Copyable {
    /// The whole input. Invariant: base <= tagStart <= at <= end <= base + count of the input.
    @usableFromInline let base: UnsafeRawPointer
    @usableFromInline var at: UnsafeRawPointer
    /// End of the innermost message being read.
    @usableFromInline var end: UnsafeRawPointer
    /// Where the tag of the current field begins, so that an unknown field can be kept verbatim.
    @usableFromInline var tagStart: UnsafeRawPointer
    /// Number of the current field, for errors.
    @usableFromInline var field: UInt32 = 0
    /// Levels that may still be entered.
    @usableFromInline var depthLeft: Int
    /// Bytes of memory that decoded values may still take.
    @usableFromInline var sizeLeft: Int
    @usableFromInline let unknownFields: UnknownFieldPolicy

    /// The buffer must outlive the reader.
    @inlinable
    public init(_ bytes: UnsafeRawBufferPointer, unknownFields: UnknownFieldPolicy, limits: DecodingLimits) {
        // An empty array may have no address; the reader then never reads, but needs some address to compare.
        let start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        self.base = start
        self.at = start
        self.tagStart = start
        self.end = start + bytes.count
        self.depthLeft = limits.depth
        self.sizeLeft = limits.decodedSize
        self.unknownFields = unknownFields
    }

    /// Bytes left in the innermost message.
    @inlinable
    var left: Int { end - at }

    // MARK: Tags and varints

    /// The next tag, or 0 at the end of the message.
    @inlinable @inline(__always)
    public mutating func nextTag() throws(WireError) -> UInt32 {
        tagStart = at
        guard at < end else { return 0 }
        let byte = at.load(as: UInt8.self)
        // One byte, a number of at least 1 and a wire type below 6: most tags.
        guard byte < 0x80, byte > 7, byte & 7 < 6 else { return try slowTag() }
        at += 1
        field = UInt32(truncatingIfNeeded: byte >> 3)
        return UInt32(truncatingIfNeeded: byte)
    }

    @usableFromInline @inline(never)
    mutating func slowTag() throws(WireError) -> UInt32 {
        field = 0
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard at < end else { throw fail(.truncated, at: tagStart) }
            let byte = at.load(as: UInt8.self)
            at += 1
            value |= UInt64(truncatingIfNeeded: byte & 0x7f) << shift
            if byte < 0x80 { break }
            shift += 7
            guard shift < 35 else { throw fail(.tagTooLarge, at: tagStart) }
        }
        guard value <= UInt64(UInt32.max) else { throw fail(.tagTooLarge, at: tagStart) }
        let tag = UInt32(truncatingIfNeeded: value)
        guard tag >> 3 != 0 else { throw fail(.fieldNumberZero, at: tagStart) }
        field = tag >> 3
        guard tag & 7 < 6 else { throw fail(.unknownWireType, at: tagStart) }
        return tag
    }

    @inlinable @inline(__always)
    public mutating func varint() throws(WireError) -> UInt64 {
        guard at < end else { throw fail(.truncated, at: at) }
        let byte = at.load(as: UInt8.self)
        guard byte < 0x80 else { return try slowVarint() }
        at += 1
        return UInt64(truncatingIfNeeded: byte)
    }

    @usableFromInline @inline(never)
    mutating func slowVarint() throws(WireError) -> UInt64 {
        let start = at
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard at < end else { throw fail(.truncated, at: start) }
            let byte = at.load(as: UInt8.self)
            at += 1
            value |= UInt64(truncatingIfNeeded: byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
            guard shift < 70 else { throw fail(.varintTooLong, at: start) }
        }
    }

    @inlinable @inline(__always)
    public mutating func fixed32() throws(WireError) -> UInt32 {
        guard left >= 4 else { throw fail(.truncated, at: at) }
        let value = at.loadUnaligned(as: UInt32.self)
        at += 4
        return UInt32(littleEndian: value)
    }

    @inlinable @inline(__always)
    public mutating func fixed64() throws(WireError) -> UInt64 {
        guard left >= 8 else { throw fail(.truncated, at: at) }
        let value = at.loadUnaligned(as: UInt64.self)
        at += 8
        return UInt64(littleEndian: value)
    }

    /// A length prefix, checked against what is left: nothing is allocated for a length that is only claimed.
    @inlinable @inline(__always)
    public mutating func length() throws(WireError) -> Int {
        let start = at
        let value = try varint()
        guard value <= UInt64(Int32.max) else { throw fail(.lengthTooLarge, at: start) }
        let length = Int(truncatingIfNeeded: value)
        guard length <= left else { throw fail(.truncated, at: start) }
        return length
    }

    // MARK: Delimited values

    /// A length-delimited region as bytes.
    @inlinable
    public mutating func bytes() throws(WireError) -> [UInt8] {
        let count = try length()
        guard count > 0 else { return [] }
        try charge(count &+ ProtoReader.heapOverhead)
        let value = [UInt8](UnsafeRawBufferPointer(start: at, count: count))
        at += count
        return value
    }

    /// A length-delimited region as text, which must be well-formed UTF-8: never repaired.
    @inlinable
    public mutating func string() throws(WireError) -> String {
        let count = try length()
        guard count > 0 else { return "" }
        // Swift keeps up to 15 bytes of text in place.
        if count > 15 { try charge(count &+ ProtoReader.heapOverhead) }
        let text = UnsafeRawBufferPointer(start: at, count: count)
        let value = String(decoding: text, as: UTF8.self)
        guard ProtoReader.holds(value, text) else { throw fail(.invalidUTF8, at: at) }
        at += count
        return value
    }

    /// True when `value`, made from `text`, has the very bytes of `text`. Swift repairs ill-formed text with U+FFFD, which
    /// changes its bytes, so this is the whole check; `String(validating:)` takes seven times as long for short texts.
    @inlinable
    static func holds(_ value: String, _ text: UnsafeRawBufferPointer) -> Bool {
        guard value.utf8.count == text.count else { return false }
        let equal = value.utf8.withContiguousStorageIfAvailable {
            sameBytes(UnsafeRawBufferPointer($0), text)
        }
        return equal ?? value.utf8.elementsEqual(text)
    }

    /// Compares two buffers of one length, eight bytes at a time.
    @inlinable
    static func sameBytes(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
        var place = 0
        while one.count &- place >= 8 {
            let left = one.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            guard left == other.loadUnaligned(fromByteOffset: place, as: UInt64.self) else { return false }
            place &+= 8
        }
        while place < one.count {
            guard one[place] == other[place] else { return false }
            place &+= 1
        }
        return true
    }

    /// What an allocation costs beside its contents: the object header of an array or string storage.
    @usableFromInline static var heapOverhead: Int { 32 }

    /// Takes `bytes` of memory from the budget.
    @inlinable @inline(__always)
    public mutating func charge(_ bytes: Int) throws(WireError) {
        guard bytes <= sizeLeft else { throw fail(.decodedTooLarge, at: tagStart) }
        sizeLeft &-= bytes
    }

    /// The same for an element of an array, which costs an allocation when it is the first.
    @inlinable @inline(__always)
    mutating func charge(_ bytes: Int, first: Bool) throws(WireError) {
        try charge(first ? bytes &+ ProtoReader.heapOverhead : bytes)
    }

    // MARK: Messages

    /// Merges a length-delimited message into `message`.
    @inlinable
    public mutating func merge<M: ProtoDecodable>(_ message: inout M) throws(WireError) {
        let number = field
        let outer = try enter()
        do throws(WireError) {
            try message.decode(from: &self)
        } catch {
            throw error.inside(number)
        }
        leave(outer)
    }

    @inlinable
    public mutating func merge<M: ProtoDecodable>(_ message: inout M?) throws(WireError) {
        var value = message ?? M()
        message = nil  // so that `value` is the only holder and merging copies nothing
        try merge(&value)
        message = value
    }

    /// A message that can hold its own kind: kept in an array of at most one, merged in place.
    @inlinable
    public mutating func merge<M: ProtoDecodable>(boxed message: inout [M]) throws(WireError) {
        if message.isEmpty {
            try charge(MemoryLayout<M>.stride, first: true)
            message.append(M())
        }
        try merge(&message[0])  // programmer error: the line above puts it there
    }

    @inlinable
    public mutating func append<M: ProtoDecodable>(_ messages: inout [M]) throws(WireError) {
        try charge(MemoryLayout<M>.stride, first: messages.isEmpty)
        var value = M()
        try merge(&value)
        messages.append(value)
    }

    /// Narrows the reader to the length-delimited region that follows; returns the end to restore.
    @inlinable
    mutating func enter() throws(WireError) -> UnsafeRawPointer {
        let count = try length()
        guard depthLeft > 0 else { throw fail(.tooDeep, at: tagStart) }
        depthLeft &-= 1
        let outer = end
        end = at + count
        return outer
    }

    @inlinable
    mutating func leave(_ outer: UnsafeRawPointer) {
        end = outer
        depthLeft &+= 1
    }

    // MARK: Fields

    @inlinable @inline(__always)
    public mutating func read<C: ProtoCodec>(_ codec: C.Type) throws(WireError) -> C.Value {
        try C.read(&self)
    }

    /// One element of a repeated field that came unpacked.
    @inlinable
    public mutating func append<C: ProtoCodec>(_ codec: C.Type, to values: inout [C.Value]) throws(WireError)
    {
        try charge(MemoryLayout<C.Value>.stride, first: values.isEmpty)
        values.append(try C.read(&self))
    }

    /// A packed region of a repeated field.
    @inlinable
    public mutating func appendPacked<C: PackableCodec>(
        _ codec: C.Type, to values: inout [C.Value]
    ) throws(WireError) {
        let start = at
        let length = try length()
        let count = try packedCount(length, width: C.width, from: start)
        guard length > 0 else { return }
        try charge(count &* MemoryLayout<C.Value>.stride, first: values.isEmpty)
        // Only for the first region: reserving exactly, again and again, would copy the array each time.
        if values.isEmpty { values.reserveCapacity(count) }
        let outer = end
        end = at + length
        while at < end { values.append(try C.read(&self)) }
        end = outer
    }

    /// Number of elements in the `length` bytes ahead. `width` is 4 or 8 for fixed elements, 0 for varints.
    @usableFromInline
    mutating func packedCount(_ length: Int, width: Int, from start: UnsafeRawPointer) throws(WireError)
        -> Int
    {
        if width > 0 {
            guard length % width == 0 else { throw fail(.packedLength, at: start) }
            return length / width
        }
        var count = 0
        for byte in UnsafeRawBufferPointer(start: at, count: length) where byte < 0x80 { count &+= 1 }
        return count
    }

    // MARK: Unknown fields

    /// Skips a field whose tag has just been read and which the schema does not have, and keeps its bytes verbatim,
    /// tag included, where they are wanted.
    @usableFromInline @inline(never)
    mutating func skip(_ tag: UInt32) throws(WireError) {
        switch tag & 7 {
        case 0: _ = try varint()
        case 1: _ = try fixed64()
        case 2: at += try length()
        case 3: try skipGroup(tag >> 3)
        case 5: _ = try fixed32()
        default: throw fail(.unmatchedEndGroup, at: tagStart)
        }
    }

    /// Skips to the end of a group, iteratively: nested groups cost one element of `open` each, no stack.
    private mutating func skipGroup(_ number: UInt32) throws(WireError) {
        let groupStart = tagStart
        defer { tagStart = groupStart }
        var open: [UInt32] = []
        var inner = number
        repeat {
            guard open.count < depthLeft else { throw fail(.tooDeep, at: tagStart) }
            open.append(inner)
            while let last = open.last {
                let tag = try nextTag()
                guard tag != 0 else { throw fail(.truncated, at: groupStart) }
                if tag & 7 == 3 {
                    inner = tag >> 3
                    break
                } else if tag & 7 != 4 {
                    try skip(tag)
                } else {
                    guard tag >> 3 == last else { throw fail(.unmatchedEndGroup, at: tagStart) }
                    open.removeLast()
                }
            }
        } while !open.isEmpty
    }

    /// A field the schema does not have: checked, then kept in `kept`, dropped or refused as the policy says.
    @inline(never)
    public mutating func unknown(_ tag: UInt32, keepingIn kept: inout [UInt8]) throws(WireError) {
        let number = tag >> 3
        if unknownFields == .refuse { throw fail(.unknownField, at: tagStart) }
        try skip(tag)
        field = number
        guard unknownFields == .keep else { return }
        try keep(from: tagStart, in: &kept)
    }

    /// Keeps the bytes from `start` to here verbatim.
    @usableFromInline
    mutating func keep(from start: UnsafeRawPointer, in kept: inout [UInt8]) throws(WireError) {
        let count = at - start
        try charge(count, first: kept.isEmpty)
        kept.append(contentsOf: UnsafeRawBufferPointer(start: start, count: count))
    }

    /// A field the schema does not have, in a message that refuses them always.
    @inline(never)
    public mutating func refuse(_ tag: UInt32) throws(WireError) {
        throw fail(.unknownField, at: tagStart)
    }

    @usableFromInline @inline(never)
    func fail(_ kind: WireError.Kind, at place: UnsafeRawPointer) -> WireError {
        WireError(kind, offset: place - base, path: field == 0 ? [] : [field])
    }
}
