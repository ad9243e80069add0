import TestSupport
import Testing
import Wire

private func withBytes<Result>(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    bytes.withUnsafeBytes(body)
}

private func readRequest(_ bytes: [UInt8]) throws -> (String, String, [UInt8], Int64, [MetadataEntry]) {
    try bytes.withUnsafeBytes { raw in
        let view = try RequestView(reading: raw)
        return (
            try text(view.service, "service"), try text(view.method, "method"), [UInt8](view.payload),
            view.timeout,
            try view.metadata(limits: ConnectionLimits())
        )
    }
}

private func readResponse(_ bytes: [UInt8]) throws -> (Status, [UInt8]) {
    try bytes.withUnsafeBytes { raw in
        let view = try ResponseView(reading: raw)
        return (view.status, [UInt8](view.payload))
    }
}

@Suite("PROTOCOL.md 3 frame header")
struct FrameHeaderTests {
    @Test("is ten bytes, big endian")
    func layout() {
        var bytes = [UInt8](repeating: 0xAA, count: FrameHeader.size)
        let header = FrameHeader(
            length: 0x0001_0203, stream: 0x0405_0607, type: .data, flags: [.remoteClosed])
        bytes.withUnsafeMutableBytes { raw in
            if let base = raw.baseAddress { header.write(to: base) }
        }
        #expect(bytes == [0, 1, 2, 3, 4, 5, 6, 7, 3, 1])
        #expect(withBytes(bytes) { $0.baseAddress.map { FrameHeader(at: $0) } } == header)
    }

    @Test("every bit pattern is a header that is written as it was read")
    func everyPattern() {
        var random = SplitMix64(seed: 1)
        for _ in 0..<2000 {
            let bytes = random.bytes(FrameHeader.size)
            var again = [UInt8](repeating: 0, count: FrameHeader.size)
            withBytes(bytes) { raw in
                again.withUnsafeMutableBytes { out in
                    guard let from = raw.baseAddress, let to = out.baseAddress else { return }
                    FrameHeader(at: from).write(to: to)
                }
            }
            #expect(again == bytes)
        }
    }

    @Test("types are named in errors")
    func names() {
        #expect(FrameType.goAway.name == "GOAWAY")
        #expect(FrameType(rawValue: 0x42).name == "type 66")
    }
}

@Suite("PROTOCOL.md 4 Request body")
struct RequestBodyTests {
    private let full = FrameScript.request(
        "twolists.v1.Exchange", "Execute", payload: [1, 2, 3], timeout: 5_000_000_000,
        extra: FrameScript.field(5, FrameScript.field(1, "trace") + FrameScript.field(2, "一")))

    @Test("reads all fields")
    func all() throws {
        let (service, method, payload, timeout, metadata) = try readRequest(full)
        #expect(service == "twolists.v1.Exchange")
        #expect(method == "Execute")
        #expect(payload == [1, 2, 3])
        #expect(timeout == 5_000_000_000)
        #expect(metadata == [MetadataEntry(key: "trace", value: "一")])
    }

    @Test("the encoder writes what the hand wrote")
    func encoder() {
        var buffer = FrameBuffer()
        let pair = MetadataEntry(key: "trace", value: "一")
        buffer.appendRequest(
            stream: 7, flags: .remoteOpen,
            method: MethodReference(service: "twolists.v1.Exchange", method: "Execute"),
            payload: [1, 2, 3], timeout: 5_000_000_000, metadata: encodeMetadata([pair]))
        #expect([UInt8](buffer.bytes) == FrameScript.frame(.request, stream: 7, flags: .remoteOpen, full))
    }

    @Test("truncated anywhere it is an error or a shorter message, never a trap")
    func truncation() {
        for count in 0..<full.count {
            _ = try? readRequest(Array(full[..<count]))
        }
        #expect(throws: FrameBodyError.truncated) { try readRequest(Array(full.dropLast())) }
    }

    @Test("fields may come in any order and the last one wins")
    func lastWins() throws {
        let body = FrameScript.field(2, "B") + FrameScript.field(1, "a.A") + full + FrameScript.field(2, "C")
        #expect(try readRequest(body).1 == "C")
    }

    @Test("unknown fields and groups are skipped")
    func unknown() throws {
        let strange: [UInt8] =
            [0x30, 0x96, 0x01, 0x39] + [UInt8](repeating: 7, count: 8) + [0x45, 1, 2, 3, 4]
            + [0x4B, 0x53, 0x08, 0x01, 0x54, 0x4C] + FrameScript.field(10, "x")
        #expect(try readRequest(strange + full).1 == "Execute")
    }

    @Test("a known number with another wire type is unknown")
    func otherType() throws {
        #expect(try readRequest([0x08, 0x05] + full).0 == "twolists.v1.Exchange")
        #expect(try readRequest(full + [0x22, 0x01, 0x09]).3 == 5_000_000_000)
    }

    @Test(
        "broken encodings are errors",
        arguments: [
            [0x00], [0x07], [0x0E], [0x0F], [0x0C], [0x0A, 0x05, 1], [0x0A], [0x20], [0x20, 0x80],
            [0x20] + [UInt8](repeating: 0x80, count: 10) + [1], [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
            [0x0A] + [UInt8](repeating: 0xFF, count: 9) + [0x01], [0x88, 0x80, 0x80, 0x80, 0x80, 0x00],
            [0x39, 1],
            [0x45, 1, 2], [0x4B], [0x4B, 0x54], [0x4B, 0x08], [0xF8, 0xFF, 0xFF, 0xFF, 0x7F, 1],
        ] as [[UInt8]])
    func broken(body: [UInt8]) {
        #expect(throws: FrameBodyError.self) { try readRequest(body) }
    }

    @Test("groups may be nested 100 deep, not 101")
    func depth() throws {
        func nested(_ depth: Int) -> [UInt8] {
            [UInt8](repeating: 0x4B, count: depth) + [UInt8](repeating: 0x4C, count: depth)
        }
        #expect(try readRequest(nested(100) + full).1 == "Execute")
        #expect(throws: FrameBodyError.nestedTooDeep) { try readRequest(nested(101)) }
    }

    @Test("names: 255 bytes pass, 256 do not; UTF-8 is not repaired")
    func names() throws {
        let most = String(repeating: "a", count: ConnectionLimits.maxNameBytes)
        #expect(try readRequest(FrameScript.request(most, most)).0 == most)
        #expect(throws: FrameBodyError.fieldTooLong("method", bytes: 256, limit: 255)) {
            try readRequest(FrameScript.request("a", most + "a"))
        }
        #expect(throws: FrameBodyError.badUTF8("service")) {
            try readRequest(FrameScript.field(1, [0xC0, 0x80]))
        }
    }

    @Test("metadata: the limits pass, one beyond does not")
    func metadataLimits() throws {
        let pair = FrameScript.field(5, FrameScript.field(1, "k"))
        let most = (0..<64).flatMap { _ in pair }
        #expect(try readRequest(most).4.count == 64)
        #expect(throws: FrameBodyError.tooManyMetadata(limit: 64)) { try readRequest(most + pair) }
        func sized(_ value: Int) -> [UInt8] {
            let value = FrameScript.field(2, [UInt8](repeating: 0x61, count: value))
            return FrameScript.field(5, FrameScript.field(1, "k") + value)
        }
        #expect(try readRequest(sized(8191) + sized(8191)).4.count == 2)
        #expect(throws: FrameBodyError.metadataTooLarge(limit: 16384)) {
            try readRequest(sized(8191) + sized(8192))
        }
    }

    @Test("metadata keys", arguments: ["", "Trace", "a b", "ä", "a\u{0}"])
    func metadataKeys(key: String) {
        let body = FrameScript.field(5, FrameScript.field(1, key) + FrameScript.field(2, "v"))
        #expect(throws: FrameBodyError.badMetadataKey) { try readRequest(body) }
    }

    @Test("the timeout may be any int64")
    func timeouts() throws {
        for value in [0, 1, -1, Int64.max, Int64.min] {
            let body = [0x20] + FrameScript.varint(UInt64(bitPattern: value))
            #expect(try readRequest(body).3 == value)
        }
        #expect(Deadline.absolute(now: 5, timeout: .max) == Deadline.none)
        #expect(Deadline.absolute(now: 5, timeout: 3) == 8)
        #expect(Deadline.remaining(8, now: 5) == 3)
        #expect(Deadline.remaining(5, now: 8) == 0)
        #expect(Deadline.remaining(.max, now: -5) == Deadline.none)
    }

    @Test("random bytes never trap")
    func random() {
        var random = SplitMix64(seed: 2)
        for _ in 0..<20_000 {
            let body = random.bytes(Int(random.next() % 40))
            _ = try? readRequest(body)
            _ = try? readResponse(body)
            _ = try? Hello(decoding: body)
        }
    }
}

@Suite("PROTOCOL.md 4 Response body")
struct ResponseBodyTests {
    @Test("an OK status is left out, an empty reply is an empty body")
    func empty() throws {
        var buffer = FrameBuffer()
        buffer.appendResponse(stream: 1, flags: [], status: .ok, payload: [])
        #expect([UInt8](buffer.bytes) == FrameScript.frame(.response, stream: 1))
        #expect(try readResponse([]) == (.ok, []))
    }

    @Test("code, text, details and payload come back", arguments: [0, 1, 5, 16, 99, UInt32.max])
    func roundTrip(code: UInt32) throws {
        var status = Status(.unknown, "\t\r\n文😀", details: [StatusDetail(typeURL: "t/a", value: [1])])
        status.rawCode = code
        status.details.append(StatusDetail(typeURL: "", value: []))
        var buffer = FrameBuffer()
        let payload = [UInt8](repeating: 9, count: 200)
        buffer.appendResponse(stream: 3, flags: .notProcessed, status: status, payload: payload)
        let frames = FrameScript.split([UInt8](buffer.bytes))
        try #require(frames.count == 1)
        #expect(frames[0].body.count == FrameBuffer.responseSize(status: status, payload: payload))
        let (readStatus, readPayload) = try readResponse(frames[0].body)
        #expect(readStatus == status)
        #expect(readPayload == payload)
    }

    @Test("two status fields are merged, as proto3 has it")
    func merged() throws {
        let body = FrameScript.field(1, [0x08, 0x05]) + FrameScript.field(1, FrameScript.field(2, "gone"))
        #expect(try readResponse(body).0 == Status(.notFound, "gone"))
    }

    @Test("a text that is not UTF-8 is an error")
    func badText() {
        #expect(throws: FrameBodyError.badUTF8("status message")) {
            try readResponse(FrameScript.field(1, FrameScript.field(2, [0xFF])))
        }
    }
}

@Suite("PROTOCOL.md 6 HELLO body")
struct HelloBodyTests {
    @Test("texts and bytes one beyond their limit are named")
    func limits() {
        var hello = Hello()
        hello.software = String(repeating: "a", count: Hello.maxSoftwareBytes)
        hello.schemaFingerprint = [UInt8](repeating: 1, count: Hello.maxFingerprintBytes)
        hello.checkpoint = [UInt8](repeating: 2, count: Hello.maxCheckpointBytes)
        #expect(hello.excess == nil)
        var longer = hello
        longer.software += "a"
        #expect(longer.excess == "software has 129 bytes, the limit is 128")
        longer = hello
        longer.schemaFingerprint.append(0)
        #expect(longer.excess == "schema_fingerprint has 65 bytes, the limit is 64")
        longer = hello
        longer.checkpoint.append(0)
        #expect(longer.excess == "checkpoint has 4097 bytes, the limit is 4096")
    }

    @Test("versions", arguments: [(0, 0, true), (1, 1, true), (0, 9, true), (2, 9, false), (2, 1, false)])
    func versions(lowest: UInt32, highest: UInt32, spoken: Bool) {
        var hello = Hello()
        hello.minVersion = lowest
        hello.maxVersion = highest
        #expect(hello.speaks(1) == spoken)
    }
}

@Suite("PROTOCOL.md 4 hand-written bodies agree with the generated messages")
struct HandWrittenBodyTests {
    @Test("random Requests and Responses, written by one and read by the other")
    func agree() throws {
        var random = SplitMix64(seed: 5)
        for _ in 0..<500 {
            var request = Ttrpc.Request(service: "s\(random.next())", method: "m", payload: random.bytes(300))
            request.timeoutNano = Int64(bitPattern: random.next()) >> Int64(random.next() % 64)
            request.metadata = (0..<random.next() % 4).map { Ttrpc.KeyValue(key: "k\($0)", value: "v\($0)") }
            let read = try readRequest(request.encoded())
            #expect(read.0 == request.service && read.1 == "m" && read.2 == request.payload)
            #expect(read.3 == request.timeoutNano && read.4.map(\.value) == request.metadata.map(\.value))
            var buffer = FrameBuffer()
            buffer.appendRequest(
                stream: 1, flags: [], method: MethodReference(service: request.service, method: "m"),
                payload: request.payload, timeout: request.timeoutNano, metadata: encodeMetadata(read.4))
            #expect(FrameScript.split([UInt8](buffer.bytes))[0].body == request.encoded())
        }
    }

    @Test("mutated bodies are refused by both or by none")
    func mutated() {
        var random = SplitMix64(seed: 6)
        let request = Ttrpc.Request(
            service: "a.B", method: "c", payload: [1, 2, 3], timeoutNano: 1 << 40,
            metadata: [Ttrpc.KeyValue(key: "k", value: "v")]
        ).encoded()
        for _ in 0..<20_000 {
            var body = request + random.bytes(Int(random.next() % 4))
            for _ in 0...random.next() % 3 {
                body[Int(random.next() % UInt64(body.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            let generated = try? Ttrpc.Request(decoding: body)
            guard let hand = try? body.withUnsafeBytes({ try RequestView(reading: $0).timeout }) else {
                #expect(generated == nil, "\(body)")
                continue
            }
            // The view checks strings and pairs when they are built.
            if let generated { #expect(hand == generated.timeoutNano, "\(body)") }
            let whole = try? readRequest(body)
            if let whole, let generated { #expect(whole.2 == generated.payload) }
            if whole != nil { #expect(generated != nil, "\(body)") }
        }
    }
}

@Suite("the byte queue under frames")
struct FrameBufferTests {
    @Test("random appends and removals agree with an array")
    func model() {
        var random = SplitMix64(seed: 3)
        var buffer = FrameBuffer()
        var model: [UInt8] = []
        for _ in 0..<3000 {
            if random.next() % 2 == 0 {
                let bytes = random.bytes(Int(random.next() % 700))
                bytes.withUnsafeBytes { buffer.append($0) }
                model += bytes
            } else {
                let count = Int(random.next() % 900)
                buffer.removeFirst(count)
                model.removeFirst(min(count, model.count))
            }
            if random.next() % 50 == 0 { buffer.trim() }
            #expect([UInt8](buffer.bytes) == model)
        }
    }

    @Test("overwrites only what is queued")
    func overwrite() {
        var buffer = FrameBuffer()
        let four: [UInt8] = [1, 2, 3, 4]
        four.withUnsafeBytes { buffer.append($0) }
        buffer.removeFirst(1)
        let two: [UInt8] = [8, 9]
        for offset in [-1, 2, 3, Int.max] { two.withUnsafeBytes { buffer.overwrite(at: offset, with: $0) } }
        two.withUnsafeBytes { buffer.overwrite(at: 0, with: $0) }
        #expect([UInt8](buffer.bytes) == [8, 9, 4])
    }
}
