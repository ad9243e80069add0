/// The scalar types of proto3, one small type each, so that generated code names a type and the generic code in
/// ProtoReader, ProtoWriter and ProtoMap does the rest. Varints are read to 64 bits first, then narrowed by truncation.

/// How one protobuf type is read and written.
public protocol ProtoCodec {
    associatedtype Value: Sendable, Hashable
    /// 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes.
    static var wireType: UInt32 { get }
    static var initial: Value { get }
    static func read(_ reader: inout ProtoReader) throws(WireError) -> Value
    static func write(_ value: Value, _ writer: inout ProtoWriter)
    /// Reads the value of a field given before: the last wins, but messages merge.
    static func readAgain(_ earlier: Value, _ reader: inout ProtoReader) throws(WireError) -> Value
    /// True for the value that a field without presence leaves out.
    static func isDefault(_ value: Value) -> Bool
}

extension ProtoCodec {
    @inlinable @inline(__always)
    public static func readAgain(_ earlier: Value, _ reader: inout ProtoReader) throws(WireError) -> Value {
        try read(&reader)
    }
}

/// A type whose repeated fields may be packed.
public protocol PackableCodec: ProtoCodec {
    /// Bytes of an element, 0 for varints.
    static var width: Int { get }
}

/// A type that may be a map's key.
public protocol MapKeyCodec: ProtoCodec where Value: ProtoMapKey {}

/// A type written as a varint.
public protocol VarintCodec: PackableCodec {
    static func value(_ bits: UInt64) -> Value
    static func bits(_ value: Value) -> UInt64
}

extension VarintCodec {
    @inlinable public static var wireType: UInt32 { 0 }
    @inlinable public static var width: Int { 0 }
    @inlinable public static var initial: Value { value(0) }
    @inlinable @inline(__always)
    public static func read(_ reader: inout ProtoReader) throws(WireError) -> Value {
        value(try reader.varint())
    }
    @inlinable @inline(__always)
    public static func write(_ value: Value, _ writer: inout ProtoWriter) { writer.varint(bits(value)) }
    @inlinable @inline(__always)
    public static func isDefault(_ value: Value) -> Bool { bits(value) == 0 }
}

/// Negative numbers are sign-extended: ten bytes.
public enum ProtoInt32: VarintCodec, MapKeyCodec {
    public typealias Value = Int32
    @inlinable public static func value(_ bits: UInt64) -> Int32 { Int32(truncatingIfNeeded: bits) }
    @inlinable public static func bits(_ value: Int32) -> UInt64 { UInt64(bitPattern: Int64(value)) }
}

public enum ProtoInt64: VarintCodec, MapKeyCodec {
    public typealias Value = Int64
    @inlinable public static func value(_ bits: UInt64) -> Int64 { Int64(bitPattern: bits) }
    @inlinable public static func bits(_ value: Int64) -> UInt64 { UInt64(bitPattern: value) }
}

public enum ProtoUInt32: VarintCodec, MapKeyCodec {
    public typealias Value = UInt32
    @inlinable public static func value(_ bits: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: bits) }
    @inlinable public static func bits(_ value: UInt32) -> UInt64 { UInt64(value) }
}

public enum ProtoUInt64: VarintCodec, MapKeyCodec {
    public typealias Value = UInt64
    @inlinable public static func value(_ bits: UInt64) -> UInt64 { bits }
    @inlinable public static func bits(_ value: UInt64) -> UInt64 { value }
}

/// Zigzag: truncated to 32 bits first, then un-zigzagged with a logical shift.
public enum ProtoSInt32: VarintCodec, MapKeyCodec {
    public typealias Value = Int32
    @inlinable public static func value(_ bits: UInt64) -> Int32 {
        let zigzag = UInt32(truncatingIfNeeded: bits)
        return Int32(bitPattern: (zigzag >> 1) ^ (0 &- (zigzag & 1)))
    }
    @inlinable public static func bits(_ value: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: (value << 1) ^ (value >> 31)))
    }
}

public enum ProtoSInt64: VarintCodec, MapKeyCodec {
    public typealias Value = Int64
    @inlinable public static func value(_ bits: UInt64) -> Int64 {
        Int64(bitPattern: (bits >> 1) ^ (0 &- (bits & 1)))
    }
    @inlinable public static func bits(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: (value << 1) ^ (value >> 63))
    }
}

/// True is any varint but zero, on all 64 bits.
public enum ProtoBool: VarintCodec, MapKeyCodec {
    public typealias Value = Bool
    @inlinable public static func value(_ bits: UInt64) -> Bool { bits != 0 }
    @inlinable public static func bits(_ value: Bool) -> UInt64 { value ? 1 : 0 }
}

/// An open enum, truncated to 32 bits on reading, sign-extended on writing.
public enum ProtoEnumeration<E: ProtoEnum>: VarintCodec {
    public typealias Value = E
    @inlinable public static func value(_ bits: UInt64) -> E { E(number: Int32(truncatingIfNeeded: bits)) }
    @inlinable public static func bits(_ value: E) -> UInt64 { UInt64(bitPattern: Int64(value.rawValue)) }
}

/// A type written as four bytes, little endian.
public protocol Fixed32Codec: PackableCodec {
    static func value(_ bits: UInt32) -> Value
    static func bits(_ value: Value) -> UInt32
}

extension Fixed32Codec {
    @inlinable public static var wireType: UInt32 { 5 }
    @inlinable public static var width: Int { 4 }
    @inlinable public static var initial: Value { value(0) }
    @inlinable @inline(__always)
    public static func read(_ reader: inout ProtoReader) throws(WireError) -> Value {
        value(try reader.fixed32())
    }
    @inlinable @inline(__always)
    public static func write(_ value: Value, _ writer: inout ProtoWriter) { writer.fixed32(bits(value)) }
    @inlinable @inline(__always)
    public static func isDefault(_ value: Value) -> Bool { bits(value) == 0 }
}

public enum ProtoFixed32: Fixed32Codec, MapKeyCodec {
    public typealias Value = UInt32
    @inlinable public static func value(_ bits: UInt32) -> UInt32 { bits }
    @inlinable public static func bits(_ value: UInt32) -> UInt32 { value }
}

public enum ProtoSFixed32: Fixed32Codec, MapKeyCodec {
    public typealias Value = Int32
    @inlinable public static func value(_ bits: UInt32) -> Int32 { Int32(bitPattern: bits) }
    @inlinable public static func bits(_ value: Int32) -> UInt32 { UInt32(bitPattern: value) }
}

/// Default by bit pattern: -0.0 is written although it equals 0.0.
public enum ProtoFloat: Fixed32Codec {
    public typealias Value = Float
    @inlinable public static func value(_ bits: UInt32) -> Float { Float(bitPattern: bits) }
    @inlinable public static func bits(_ value: Float) -> UInt32 { value.bitPattern }
}

/// A type written as eight bytes, little endian.
public protocol Fixed64Codec: PackableCodec {
    static func value(_ bits: UInt64) -> Value
    static func bits(_ value: Value) -> UInt64
}

extension Fixed64Codec {
    @inlinable public static var wireType: UInt32 { 1 }
    @inlinable public static var width: Int { 8 }
    @inlinable public static var initial: Value { value(0) }
    @inlinable @inline(__always)
    public static func read(_ reader: inout ProtoReader) throws(WireError) -> Value {
        value(try reader.fixed64())
    }
    @inlinable @inline(__always)
    public static func write(_ value: Value, _ writer: inout ProtoWriter) { writer.fixed64(bits(value)) }
    @inlinable @inline(__always)
    public static func isDefault(_ value: Value) -> Bool { bits(value) == 0 }
}

public enum ProtoFixed64: Fixed64Codec, MapKeyCodec {
    public typealias Value = UInt64
    @inlinable public static func value(_ bits: UInt64) -> UInt64 { bits }
    @inlinable public static func bits(_ value: UInt64) -> UInt64 { value }
}

public enum ProtoSFixed64: Fixed64Codec, MapKeyCodec {
    public typealias Value = Int64
    @inlinable public static func value(_ bits: UInt64) -> Int64 { Int64(bitPattern: bits) }
    @inlinable public static func bits(_ value: Int64) -> UInt64 { UInt64(bitPattern: value) }
}

/// Default by bit pattern: -0.0 is written although it equals 0.0.
public enum ProtoDouble: Fixed64Codec {
    public typealias Value = Double
    @inlinable public static func value(_ bits: UInt64) -> Double { Double(bitPattern: bits) }
    @inlinable public static func bits(_ value: Double) -> UInt64 { value.bitPattern }
}

public enum ProtoString: MapKeyCodec {
    @inlinable public static var wireType: UInt32 { 2 }
    @inlinable public static var initial: String { "" }
    @inlinable
    public static func read(_ reader: inout ProtoReader) throws(WireError) -> String { try reader.string() }
    @inlinable
    public static func write(_ value: String, _ writer: inout ProtoWriter) { writer.delimited(value) }
    @inlinable
    public static func isDefault(_ value: String) -> Bool { value.isEmpty }
}

public enum ProtoBytes: ProtoCodec {
    @inlinable public static var wireType: UInt32 { 2 }
    @inlinable public static var initial: [UInt8] { [] }
    @inlinable
    public static func read(_ reader: inout ProtoReader) throws(WireError) -> [UInt8] { try reader.bytes() }
    @inlinable
    public static func write(_ value: [UInt8], _ writer: inout ProtoWriter) { writer.delimited(value) }
    @inlinable
    public static func isDefault(_ value: [UInt8]) -> Bool { value.isEmpty }
}

/// A message as a map's value. Singular and repeated message fields do not come this way: they merge.
public enum ProtoSubmessage<M: Message>: ProtoCodec {
    @inlinable public static var wireType: UInt32 { 2 }
    @inlinable public static var initial: M { M() }
    @inlinable
    public static func read(_ reader: inout ProtoReader) throws(WireError) -> M {
        var message = M()
        try reader.merge(&message)
        return message
    }
    @inlinable
    public static func readAgain(_ earlier: M, _ reader: inout ProtoReader) throws(WireError) -> M {
        var message = earlier
        try reader.merge(&message)
        return message
    }
    @inlinable
    public static func write(_ value: M, _ writer: inout ProtoWriter) { writer.delimited(value) }
    @inlinable
    public static func isDefault(_ value: M) -> Bool { false }
}
