/// Why bytes are not the message they should be: what, at which byte, in which field. PROTOCOL.md "Messages".
public struct WireError: Error, Sendable, Hashable {
    /// The rule that was broken.
    public enum Kind: Sendable, Hashable {
        /// A value, a length-delimited region or a group reaches beyond its message.
        case truncated
        /// A varint longer than ten bytes.
        case varintTooLong
        /// A tag longer than five bytes or above 2^32 - 1: a field number beyond 2^29 - 1.
        case tagTooLarge
        /// Field number zero.
        case fieldNumberZero
        /// Wire types 6 and 7 do not exist.
        case unknownWireType
        /// A length of 2 GiB or more: no message of the field can hold it.
        case lengthTooLarge
        /// A packed region whose length is no multiple of its element.
        case packedLength
        /// A string that is not well-formed UTF-8.
        case invalidUTF8
        /// An end-group tag without its start, or with another field number.
        case unmatchedEndGroup
        /// Messages, groups and map entries nested deeper than `DecodingLimits.depth`.
        case tooDeep
        /// The values would take more memory than `DecodingLimits.decodedSize`.
        case decodedTooLarge
        /// A field the schema does not have, or has with another type, where none is allowed.
        case unknownField
    }

    public var kind: Kind
    /// Bytes from the beginning of the outermost message to the tag or value at fault.
    public var offset: Int
    /// Field numbers from the outermost message to the field at fault; empty when no tag could be read.
    public var path: [UInt32]
    /// Full protobuf name of the outermost message; empty when it was not decoded through `init(decoding:)`.
    public var message: String = ""

    public init(_ kind: Kind, offset: Int, path: [UInt32]) {
        self.kind = kind
        self.offset = offset
        self.path = path
    }

    /// The same error seen from the enclosing message, whose field `field` holds the message at fault.
    @usableFromInline
    func inside(_ field: UInt32) -> WireError {
        var outer = self
        outer.path.insert(field, at: 0)
        return outer
    }

    @usableFromInline
    func named(_ message: String) -> WireError {
        var named = self
        named.message = message
        return named
    }

    /// The path in the schema's words, e.g. `command.file_request.title`; numbers where `type` has no such field.
    public func fieldPath(in type: any Message.Type) -> String {
        var known: (any Message.Type)? = type
        let names = path.map { number in
            guard let field = known?.protoFields.first(where: { $0.number == number }) else {
                known = nil
                return String(number)
            }
            known = field.kind.message
            return field.name
        }
        return names.joined(separator: ".")
    }
}

extension WireError: CustomStringConvertible {
    /// For logs: `truncated at byte 17, field 3.1 of twolists.v1.Command`. Holds no byte of the message.
    public var description: String {
        let field = path.isEmpty ? "" : ", field " + path.map { String($0) }.joined(separator: ".")
        return "\(kind) at byte \(offset)\(field)" + (message.isEmpty ? "" : " of \(message)")
    }
}
