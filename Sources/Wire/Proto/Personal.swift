/// A personal field of an event: names, contacts, ID numbers, free text. DESIGN.md 8 "Sealed fields".
///
/// Its encoder writes only the sealed form, so that clear text cannot reach the journal by a forgotten call.
public struct Personal: Sendable, Hashable {
    /// The text, between core and seal, and again after opening. Nil: never given, not opened yet, or erased.
    public var clear: String?
    /// The sealed bytes: all that is ever written or read.
    public var sealed: [UInt8]

    public init(clear: String? = nil, sealed: [UInt8] = []) {
        self.clear = clear
        self.sealed = sealed
    }

    /// True when there is neither text nor sealed bytes: the field is not set.
    @inlinable
    public var isEmpty: Bool { clear == nil && sealed.isEmpty }
}

/// A personal field on the wire: `bytes` holding the sealed form.
public enum ProtoPersonal: ProtoCodec {
    @inlinable public static var wireType: UInt32 { 2 }
    @inlinable public static var initial: Personal { Personal() }
    @inlinable
    public static func read(_ reader: inout ProtoReader) throws(WireError) -> Personal {
        Personal(sealed: try reader.bytes())
    }
    @inlinable
    public static func write(_ value: Personal, _ writer: inout ProtoWriter) {
        writer.delimited(value.sealed)
    }
    @inlinable
    public static func isDefault(_ value: Personal) -> Bool { value.sealed.isEmpty }
}

/// Where a personal field stands in its message: a 64-bit FNV-1a digest of the field numbers and element positions on
/// the way. It stays the same when the schema grows, so it can be bound into the seal; it is no protection by itself.
public struct PersonalPath: Sendable, Hashable {
    public var id: UInt64

    public static let root = PersonalPath(id: 0xcbf2_9ce4_8422_2325)

    @inlinable
    public init(id: UInt64) { self.id = id }

    @inlinable
    public func field(_ number: UInt32) -> PersonalPath { mixing(UInt64(number) << 1) }
    @inlinable
    public func element(_ index: Int) -> PersonalPath { mixing(UInt64(truncatingIfNeeded: index) << 1 | 1) }

    @inlinable
    func mixing(_ value: UInt64) -> PersonalPath {
        var hash = id
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            hash = (hash ^ (value >> shift & 0xff)) &* 0x100_0000_01b3
        }
        return PersonalPath(id: hash)
    }
}

extension PersonalPath {
    // The generated `forEachPersonal` calls one of these for each field. Inlinable: sealing visits every record, and an unspecialised
    // generic call costs more than the seal of a short text.

    @inlinable
    public func visit<E: Error>(
        _ value: inout Personal, _ body: (inout Personal, PersonalPath) throws(E) -> Void
    ) throws(E) {
        if !value.isEmpty { try body(&value, self) }
    }

    @inlinable
    public func visit<E: Error>(
        _ value: inout Personal?, _ body: (inout Personal, PersonalPath) throws(E) -> Void
    ) throws(E) {
        guard var held = value else { return }
        try visit(&held, body)
        value = held
    }

    @inlinable
    public func visit<E: Error>(
        _ values: inout [Personal], _ body: (inout Personal, PersonalPath) throws(E) -> Void
    ) throws(E) {
        for index in values.indices { try element(index).visit(&values[index], body) }
    }

    @inlinable
    public func visit<M: Message, E: Error>(
        _ message: inout M?, _ body: (inout Personal, PersonalPath) throws(E) -> Void
    ) throws(E) {
        guard var held = message else { return }
        message = nil  // so that nothing is copied
        defer { message = held }
        try held.forEachPersonal(under: self, body)
    }

    @inlinable
    public func visit<M: Message, E: Error>(
        _ messages: inout [M], _ body: (inout Personal, PersonalPath) throws(E) -> Void
    ) throws(E) {
        for index in messages.indices {
            try messages[index].forEachPersonal(under: element(index), body)
        }
    }
}
