package import Wire

/// A closed enum of the core beside an open one of the schema: same numbers, one byte. 0 is the schema's
/// "unspecified" and has no counterpart here.
package protocol ClosedCode: RawRepresentable, Sendable, Hashable, CaseIterable where RawValue == UInt8 {
    associatedtype Open: ProtoEnum
}

extension ClosedCode {
    /// Nil for "unspecified" and for numbers of a later schema.
    package init?(_ open: Open) {
        guard let raw = UInt8(exactly: open.rawValue) else { return nil }
        self.init(rawValue: raw)
    }

    package var open: Open { Open(number: Int32(rawValue)) }
}
