/// The bodies of Request and Response frames, read and written by hand: they are in the path of every call, so they
/// are decoded where they lie and encoded where they go. PROTOCOL.md 4. As protobuf (proto3):
///
///     message Request  { string service = 1; string method = 2; bytes payload = 3; int64 timeout_nano = 4;
///                        repeated KeyValue metadata = 5; }
///     message KeyValue { string key = 1; string value = 2; }
///     message Response { google.rpc.Status status = 1; bytes payload = 2; }
///     google.rpc.Status { int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3; }
///     google.protobuf.Any { string type_url = 1; bytes value = 2; }
///
/// Reading is proto3's: fields in any order, the last of a singular scalar wins, two `status` are merged, unknown fields
/// are skipped (groups too, to a depth of 100), a known number with another wire type is unknown, strings must be UTF-8.
/// Writing is in field order with defaults left out, so equal values give equal bytes.

/// Why a body cannot be read. The texts go to the peer.
package enum FrameBodyError: Error, Sendable, Hashable {
    case truncated
    case varintTooLong
    case badTag
    case nestedTooDeep
    case badUTF8(String)
    case fieldTooLong(String, bytes: Int, limit: Int)
    case tooManyMetadata(limit: Int)
    case metadataTooLarge(limit: Int)
    case badMetadataKey

    package var description: String {
        switch self {
        case .truncated: "the body ends in the middle of a field"
        case .varintTooLong: "a number is longer than ten bytes"
        case .badTag: "a field has an invalid tag"
        case .nestedTooDeep: "groups are nested more than 100 deep"
        case .badUTF8(let field): "\(field) is not UTF-8"
        case .fieldTooLong(let field, let bytes, let limit):
            "\(field) has \(bytes) bytes, the limit is \(limit)"
        case .tooManyMetadata(let limit): "more than \(limit) metadata pairs"
        case .metadataTooLarge(let limit): "metadata has more than \(limit) bytes"
        case .badMetadataKey:
            "a metadata key is empty or not lower-case ASCII letters, digits, '-', '_' and '.'"
        }
    }
}

/// A Request where it lies. The pointers live as long as the bytes it was read from.
package struct RequestView {
    package var service = UnsafeRawBufferPointer(start: nil, count: 0)
    package var method = UnsafeRawBufferPointer(start: nil, count: 0)
    package var payload = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Relative timeout in nanoseconds; 0: none; negative: already late when it was sent.
    package var timeout: Int64 = 0
    /// Metadata pairs, and the bytes of their bodies, counted before any of them takes memory.
    package var metadataCount = 0
    package var metadataBytes = 0
    private let body: UnsafeRawBufferPointer

    /// - Throws: `.truncated`, `.varintTooLong`, `.badTag`, `.nestedTooDeep`, `.fieldTooLong`. Names are not yet known to be UTF-8.
    package init(reading body: UnsafeRawBufferPointer) throws(FrameBodyError) {
        self.body = body
        var fields = FieldCursor(body)
        while let field = try fields.next() {
            switch (field.number, field.wireType) {
            case (1, .bytes): try replace(&service, field.bytes, "service")
            case (2, .bytes): try replace(&method, field.bytes, "method")
            case (3, .bytes): payload = field.bytes
            case (4, .varint): timeout = Int64(truncatingIfNeeded: field.value)
            case (5, .bytes):
                metadataCount += 1
                metadataBytes += field.bytes.count
            default: break
            }
        }
        try Self.checkName(service, "service")
        try Self.checkName(method, "method")
    }

    private static func checkName(_ name: UnsafeRawBufferPointer, _ field: String) throws(FrameBodyError) {
        let limit = ConnectionLimits.maxNameBytes
        if name.count > limit { throw .fieldTooLong(field, bytes: name.count, limit: limit) }
    }

    /// The metadata as values. Limits are checked before anything is built.
    /// - Throws: `.tooManyMetadata`, `.metadataTooLarge`, `.badMetadataKey`, `.badUTF8` and the structural errors.
    package func metadata(limits: ConnectionLimits) throws(FrameBodyError) -> [MetadataEntry] {
        if metadataCount == 0 { return [] }
        if metadataCount > limits.maxMetadataEntries {
            throw .tooManyMetadata(limit: limits.maxMetadataEntries)
        }
        var entries: [MetadataEntry] = []
        entries.reserveCapacity(metadataCount)
        var total = 0
        var fields = FieldCursor(body)
        while let field = try fields.next() {
            guard field.number == 5, field.wireType == .bytes else { continue }
            let (key, value) = try Self.pair(field.bytes)
            total += key.count + value.count
            if total > limits.maxMetadataBytes { throw .metadataTooLarge(limit: limits.maxMetadataBytes) }
            guard isMetadataKey(key) else { throw .badMetadataKey }
            entries.append(
                MetadataEntry(
                    key: String(decoding: key, as: UTF8.self), value: try text(value, "metadata value")))
        }
        return entries
    }

    private static func pair(
        _ body: UnsafeRawBufferPointer
    ) throws(FrameBodyError) -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        var key = UnsafeRawBufferPointer(start: nil, count: 0)
        var value = key
        var fields = FieldCursor(body)
        while let field = try fields.next() {
            guard field.wireType == .bytes else { continue }
            if field.number == 1 { try replace(&key, field.bytes, "metadata key") }
            if field.number == 2 { try replace(&value, field.bytes, "metadata value") }
        }
        return (key, value)
    }
}

/// The last string wins, but one that it replaces must be UTF-8 too, as for every proto3 reader.
private func replace(
    _ string: inout UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer, _ field: String
) throws(FrameBodyError) {
    if string.count > 0 { _ = try text(string, field) }
    string = other
}

/// The UTF-8 text of `bytes`. Nothing is repaired.
/// - Throws: `.badUTF8` with the name of the field.
package func text(_ bytes: UnsafeRawBufferPointer, _ field: String) throws(FrameBodyError) -> String {
    if bytes.count == 0 { return "" }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .badUTF8(field) }
    return text
}

/// `[a-z0-9._-]+`, as gRPC's header names. PROTOCOL.md 4.3.
package func isMetadataKey(_ key: some Collection<UInt8>) -> Bool {
    !key.isEmpty
        && key.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
                || byte == 0x2E
        }
}

/// A Response where it lies.
package struct ResponseView {
    package var payload = UnsafeRawBufferPointer(start: nil, count: 0)
    /// OK when the field is absent, as ttrpc sends it.
    package var status = Status.ok

    /// - Throws: structural errors, `.badUTF8` for the status' text or a detail's type.
    package init(reading body: UnsafeRawBufferPointer) throws(FrameBodyError) {
        var fields = FieldCursor(body)
        while let field = try fields.next() {
            switch (field.number, field.wireType) {
            case (1, .bytes): try Self.merge(field.bytes, into: &status)
            case (2, .bytes): payload = field.bytes
            default: break
            }
        }
    }

    private static func merge(_ body: UnsafeRawBufferPointer, into status: inout Status)
        throws(FrameBodyError)
    {
        var fields = FieldCursor(body)
        while let field = try fields.next() {
            switch (field.number, field.wireType) {
            case (1, .varint): status.rawCode = UInt32(truncatingIfNeeded: field.value)
            case (2, .bytes): status.message = try text(field.bytes, "status message")
            case (3, .bytes): status.details.append(try detail(field.bytes))
            default: break
            }
        }
    }

    private static func detail(_ body: UnsafeRawBufferPointer) throws(FrameBodyError) -> StatusDetail {
        var detail = StatusDetail(typeURL: "", value: [])
        var fields = FieldCursor(body)
        while let field = try fields.next() {
            switch (field.number, field.wireType) {
            case (1, .bytes): detail.typeURL = try text(field.bytes, "detail type")
            case (2, .bytes): detail.value = [UInt8](field.bytes)
            default: break
            }
        }
        return detail
    }
}

/// A method as a client names it, with fields 1 and 2 of Request encoded once.
package struct MethodReference: Sendable, Hashable {
    package let service: String
    package let method: String
    package let encodedNames: [UInt8]

    package init(service: String, method: String) {
        self.service = service
        self.method = method
        var bytes: [UInt8] = []
        appendField(1, Array(service.utf8), to: &bytes)
        appendField(2, Array(method.utf8), to: &bytes)
        encodedNames = bytes
    }
}

extension FrameBuffer {
    /// Appends a whole Request frame. `timeout` 0: none.
    package mutating func appendRequest(
        stream: UInt32, flags: FrameFlags, method: MethodReference, payload: [UInt8], timeout: Int64,
        metadata: [UInt8]
    ) {
        let size = Self.requestSize(method: method, payload: payload, timeout: timeout, metadata: metadata)
        var out = FieldWriter(extend(by: FrameHeader.size + size))
        out.header(FrameHeader(length: UInt32(size), stream: stream, type: .request, flags: flags))
        out.raw(method.encodedNames)
        if !payload.isEmpty { out.bytesField(3, payload) }
        if timeout != 0 {
            out.byte(0x20)
            out.varint(UInt64(bitPattern: timeout))
        }
        out.raw(metadata)
    }

    /// Bytes of a Request's body, for the check against the limit before anything is written.
    package static func requestSize(
        method: MethodReference, payload: [UInt8], timeout: Int64, metadata: [UInt8]
    ) -> Int {
        var size = method.encodedNames.count + metadata.count
        if !payload.isEmpty { size += bytesFieldSize(payload.count) }
        if timeout != 0 { size += 1 + varintSize(UInt64(bitPattern: timeout)) }
        return size
    }

    /// Appends a whole Response frame. An OK status without text is left out.
    package mutating func appendResponse(stream: UInt32, flags: FrameFlags, status: Status, payload: [UInt8])
    {
        let encoded = status.isPlainOK ? [] : encodeStatus(status)
        let size = Self.responseSize(encodedStatus: encoded, payload: payload)
        var out = FieldWriter(extend(by: FrameHeader.size + size))
        out.header(FrameHeader(length: UInt32(size), stream: stream, type: .response, flags: flags))
        if !encoded.isEmpty { out.bytesField(1, encoded) }
        if !payload.isEmpty { out.bytesField(2, payload) }
    }

    /// Bytes of a Response's body.
    package static func responseSize(status: Status, payload: [UInt8]) -> Int {
        responseSize(encodedStatus: status.isPlainOK ? [] : encodeStatus(status), payload: payload)
    }

    private static func responseSize(encodedStatus: [UInt8], payload: [UInt8]) -> Int {
        (encodedStatus.isEmpty ? 0 : bytesFieldSize(encodedStatus.count))
            + (payload.isEmpty ? 0 : bytesFieldSize(payload.count))
    }

    /// Appends a frame whose data are `body` as they are.
    package mutating func appendFrame(
        _ type: FrameType, stream: UInt32, flags: FrameFlags = FrameFlags(), body: [UInt8] = []
    ) {
        var out = FieldWriter(extend(by: FrameHeader.size + body.count))
        out.header(FrameHeader(length: UInt32(body.count), stream: stream, type: type, flags: flags))
        out.raw(body)
    }
}

extension Status {
    /// Nothing to say: the whole field can be left out.
    package var isPlainOK: Bool { rawCode == 0 && message.isEmpty && details.isEmpty }
}

/// `google.rpc.Status` as protobuf bytes.
package func encodeStatus(_ status: Status) -> [UInt8] {
    var bytes: [UInt8] = []
    if status.rawCode != 0 {
        bytes.append(0x08)
        appendVarint(UInt64(bitPattern: Int64(Int32(bitPattern: status.rawCode))), to: &bytes)
    }
    appendField(2, Array(status.message.utf8), to: &bytes)
    for detail in status.details {
        var any: [UInt8] = []
        appendField(1, Array(detail.typeURL.utf8), to: &any)
        appendField(2, detail.value, to: &any)
        appendField(3, any, to: &bytes, evenIfEmpty: true)
    }
    return bytes
}

/// Field 5 of Request, once for each pair.
package func encodeMetadata(_ entries: [MetadataEntry]) -> [UInt8] {
    var bytes: [UInt8] = []
    for entry in entries {
        var pair: [UInt8] = []
        appendField(1, Array(entry.key.utf8), to: &pair)
        appendField(2, Array(entry.value.utf8), to: &pair)
        appendField(5, pair, to: &bytes, evenIfEmpty: true)
    }
    return bytes
}

func appendField(_ number: UInt64, _ value: [UInt8], to bytes: inout [UInt8], evenIfEmpty: Bool = false) {
    if value.isEmpty && !evenIfEmpty { return }
    appendVarint(number << 3 | 2, to: &bytes)
    appendVarint(UInt64(value.count), to: &bytes)
    bytes.append(contentsOf: value)
}

func appendVarint(_ value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
        bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
}

func varintSize(_ value: UInt64) -> Int {
    (70 - (value | 1).leadingZeroBitCount) / 7
}

/// Tag of one byte, length, bytes.
private func bytesFieldSize(_ count: Int) -> Int { 1 + varintSize(UInt64(count)) + count }

/// Writes fields into room that was measured before.
private struct FieldWriter {
    var place: UnsafeMutableRawPointer

    init(_ place: UnsafeMutableRawPointer) { self.place = place }

    mutating func header(_ header: FrameHeader) {
        header.write(to: place)
        place += FrameHeader.size
    }

    mutating func byte(_ value: UInt8) {
        place.storeBytes(of: value, as: UInt8.self)
        place += 1
    }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        byte(UInt8(truncatingIfNeeded: rest))
    }

    mutating func raw(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            place.copyMemory(from: base, byteCount: source.count)
        }
        place += bytes.count
    }

    mutating func bytesField(_ number: UInt8, _ bytes: [UInt8]) {
        byte(number << 3 | 2)
        varint(UInt64(bytes.count))
        raw(bytes)
    }
}

/// Walks the fields of a message without building anything. Every read is checked against the end.
struct FieldCursor {
    enum WireType { case varint, fixed64, bytes, fixed32 }

    struct Field {
        var number: UInt32
        var wireType: WireType
        var value: UInt64 = 0
        var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next field, groups skipped; nil at the end.
    mutating func next() throws(FrameBodyError) -> Field? {
        while position < bytes.count {
            let (number, type) = try tag()
            switch type {
            case 0: return Field(number: number, wireType: .varint, value: try varint())
            case 1:
                try skip(8)
                return Field(number: number, wireType: .fixed64)
            case 2: return Field(number: number, wireType: .bytes, bytes: try delimited())
            case 3: try skipGroup(number)
            case 5:
                try skip(4)
                return Field(number: number, wireType: .fixed32)
            default: throw .badTag
            }
        }
        return nil
    }

    private mutating func tag() throws(FrameBodyError) -> (number: UInt32, type: UInt8) {
        let start = position
        let value = try varint()
        guard position - start <= 5, value <= UInt64(UInt32.max), value >= 8 else { throw .badTag }
        return (UInt32(truncatingIfNeeded: value >> 3), UInt8(truncatingIfNeeded: value & 7))
    }

    private mutating func varint() throws(FrameBodyError) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return result }
            shift += 7
            if shift > 63 { throw .varintTooLong }
        }
        throw .truncated
    }

    private mutating func delimited() throws(FrameBodyError) -> UnsafeRawBufferPointer {
        let length = try varint()
        guard length <= UInt64(bytes.count - position) else { throw .truncated }
        let start = position
        position += Int(truncatingIfNeeded: length)
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    }

    private mutating func skip(_ count: Int) throws(FrameBodyError) {
        guard count <= bytes.count - position else { throw .truncated }
        position += count
    }

    /// Skips a group iteratively: a stack of the open numbers, at most 100.
    private mutating func skipGroup(_ number: UInt32) throws(FrameBodyError) {
        var open = [number]
        while let innermost = open.last {
            guard position < bytes.count else { throw .truncated }
            let (number, type) = try tag()
            switch type {
            case 0: _ = try varint()
            case 1: try skip(8)
            case 2: _ = try delimited()
            case 3:
                if open.count >= 100 { throw .nestedTooDeep }
                open.append(number)
            case 4:
                guard number == innermost else { throw .badTag }
                open.removeLast()
            case 5: try skip(4)
            default: throw .badTag
            }
        }
    }
}
