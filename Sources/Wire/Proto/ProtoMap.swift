/// A protobuf map. Keys are compared as bytes (Swift's String equality is canonical: two different keys could be one),
/// and everything that shows an order shows the order of the keys, so that the same map gives the same bytes.
public struct ProtoMap<Key: ProtoMapKey, Value: Sendable & Hashable>: Sendable, Hashable {
    @usableFromInline var storage: [Key.Identity: Value] = [:]

    @inlinable
    public init() {}

    @inlinable
    public subscript(key: Key) -> Value? {
        get { storage[key.identity] }
        set { storage[key.identity] = newValue }
    }

    @inlinable public var count: Int { storage.count }
    @inlinable public var isEmpty: Bool { storage.isEmpty }

    /// The entries in order of key: numbers by value, false before true, text by its UTF-8 bytes.
    @inlinable
    public var entries: [(key: Key, value: Value)] {
        storage.map { (key: Key(identity: $0.key), value: $0.value) }
            .sorted { Key.precedes($0.key, $1.key) }
    }

    @inlinable public var keys: [Key] { entries.map(\.key) }
    @inlinable public var values: [Value] { entries.map(\.value) }
}

extension ProtoMap: ExpressibleByDictionaryLiteral {
    /// Later pairs of the same key win.
    @inlinable
    public init(dictionaryLiteral elements: (Key, Value)...) {
        for (key, value) in elements { self[key] = value }
    }
}

/// A type that may be a map's key, and the form in which it is compared.
public protocol ProtoMapKey: Sendable, Hashable {
    associatedtype Identity: Sendable & Hashable
    var identity: Identity { get }
    init(identity: Identity)
    static func precedes(_ one: Self, _ other: Self) -> Bool
}

/// Text that is equal only to text of the same bytes.
@frozen
public struct ByteText: Sendable, Hashable {
    public let text: String
    @inlinable public init(_ text: String) { self.text = text }

    @inlinable
    public static func == (one: ByteText, other: ByteText) -> Bool {
        one.text.utf8.elementsEqual(other.text.utf8)
    }

    @inlinable
    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xff as UInt8)
    }
}

extension String: ProtoMapKey {
    @inlinable public var identity: ByteText { ByteText(self) }
    @inlinable public init(identity: ByteText) { self = identity.text }
    @inlinable
    public static func precedes(_ one: String, _ other: String) -> Bool {
        one.utf8.lexicographicallyPrecedes(other.utf8)
    }
}

extension Bool: ProtoMapKey {
    @inlinable public var identity: Bool { self }
    @inlinable public init(identity: Bool) { self = identity }
    @inlinable public static func precedes(_ one: Bool, _ other: Bool) -> Bool { !one && other }
}

extension ProtoMapKey where Self: FixedWidthInteger, Identity == Self {
    @inlinable public var identity: Self { self }
    @inlinable public init(identity: Self) { self = identity }
    @inlinable public static func precedes(_ one: Self, _ other: Self) -> Bool { one < other }
}

extension Int32: ProtoMapKey { public typealias Identity = Int32 }
extension Int64: ProtoMapKey { public typealias Identity = Int64 }
extension UInt32: ProtoMapKey { public typealias Identity = UInt32 }
extension UInt64: ProtoMapKey { public typealias Identity = UInt64 }

extension ProtoReader {
    /// One entry: a message with the key as field 1 and the value as field 2. A missing part is its default; of a part given
    /// twice the last counts, except that a message value merges; an entry replaces an earlier one of the same key. An
    /// entry with anything else in it is, whole, an unknown field: its extra part would be lost otherwise.
    @inlinable
    public mutating func entry<K: MapKeyCodec, V: ProtoCodec>(
        _ key: K.Type, _ value: V.Type, into map: inout ProtoMap<K.Value, V.Value>,
        keepingIn kept: inout [UInt8]
    ) throws(WireError) {
        let start = tagStart
        let number = field
        try charge(2 * (MemoryLayout<K.Value>.stride + MemoryLayout<V.Value>.stride))
        var parts = MapEntry<K, V>()
        try merge(&parts)
        tagStart = start
        field = number
        if !parts.hasUnknown {
            map[parts.key] = parts.value
        } else if unknownFields == .keep {
            try keep(from: start, in: &kept)
        }
    }
}

@frozen @usableFromInline
struct MapEntry<K: MapKeyCodec, V: ProtoCodec>: ProtoDecodable {
    @usableFromInline var key = K.initial
    @usableFromInline var value = V.initial
    @usableFromInline var hasUnknown = false

    @inlinable init() {}

    @inlinable
    mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            if tag == 1 << 3 | K.wireType {
                key = try K.read(&reader)
            } else if tag == 2 << 3 | V.wireType {
                value = try V.readAgain(value, &reader)
            } else if reader.unknownFields == .refuse {
                try reader.refuse(tag)
            } else {
                try reader.skip(tag)
                hasUnknown = true
            }
        }
    }
}

extension ProtoWriter {
    /// The entries in descending order of key, which the reversed writing makes ascending.
    @inlinable
    public mutating func map<K: MapKeyCodec, V: ProtoCodec>(
        _ key: K.Type, _ value: V.Type, _ tag: UInt32, _ map: ProtoMap<K.Value, V.Value>
    ) {
        guard !map.isEmpty else { return }
        for entry in map.entries.reversed() {
            let before = written
            always(value, 2 << 3 | V.wireType, entry.value)
            always(key, 1 << 3 | K.wireType, entry.key)
            varint(UInt64(truncatingIfNeeded: written &- before))
            self.tag(tag)
        }
    }
}
