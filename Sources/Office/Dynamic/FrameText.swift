import Synchronization
package import Wire

/// One line a frame, for `--trace`: direction, type, stream, flags, length, and what it names. The contents of messages are not shown.
package final class FrameText: Sendable {
    /// Method names by stream, so that Data and Response can say what they belong to.
    private let methods = Mutex<[UInt32: String]>([:])

    package init() {}

    package func line(isOutgoing: Bool, _ header: FrameHeader, _ body: [UInt8]) -> String {
        let words = [
            isOutgoing ? "→" : "←", header.type.name, "stream \(header.stream)", "flags \(flags(header))",
            "\(header.length) bytes", detail(header, body),
        ]
        return Screen.clean(words.filter { !$0.isEmpty }.joined(separator: "  "))
    }

    private func flags(_ header: FrameHeader) -> String {
        let names: [(UInt8, String)] =
            switch header.type {
            case .request, .data: [(1, "remote-closed"), (2, "remote-open"), (4, "no-data")]
            case .response: [(8, "not-processed")]
            case .ping: [(1, "ack")]
            default: []
            }
        let raw = header.flags.rawValue
        let told = names.filter { raw & $0.0 != 0 }.map(\.1)
        return (["0x" + String(raw, radix: 16)] + told).joined(separator: " ")
    }

    private func detail(_ header: FrameHeader, _ body: [UInt8]) -> String {
        switch header.type {
        case .request: request(header, body)
        case .response: response(header, body)
        case .data: methods.withLock { $0[header.stream] } ?? ""
        case .hello: (try? WireV1.Hello(decoding: body)).map(hello) ?? "unreadable"
        case .cancel: "code \(number(body, 0))"
        case .credit: "+\(number(body, 0)) bytes"
        case .goAway:
            "last \(number(body, 0)) code \(number(body, 4)) "
                + String(decoding: body.dropFirst(8), as: UTF8.self)
        default: ""
        }
    }

    private func request(_ header: FrameHeader, _ body: [UInt8]) -> String {
        guard let request = try? Ttrpc.Request(decoding: body) else { return "unreadable" }
        let name = "\(request.service)/\(request.method)"
        methods.withLock { $0[header.stream] = name }
        var words = [name, "payload \(request.payload.count) bytes"]
        if request.timeoutNano != 0 { words.append("timeout \(request.timeoutNano / 1_000_000) ms") }
        words += request.metadata.map { "\($0.key): \($0.value)" }
        return words.joined(separator: "  ")
    }

    private func response(_ header: FrameHeader, _ body: [UInt8]) -> String {
        guard let response = try? Ttrpc.Response(decoding: body) else { return "unreadable" }
        let name = methods.withLock { $0.removeValue(forKey: header.stream) } ?? ""
        let code = response.status?.code ?? 0
        let word = StatusCode(rawValue: UInt32(bitPattern: code))?.name ?? "?"
        let text = response.status?.message ?? ""
        return [name, "status \(code) \(word)", text, "payload \(response.payload.count) bytes"].filter {
            !$0.isEmpty
        }.joined(
            separator: "  ")
    }

    private func hello(_ hello: WireV1.Hello) -> String {
        "versions \(hello.minVersion) to \(hello.maxVersion)  \(hello.software)  max_message_bytes \(hello.maxMessageBytes)  max_streams \(hello.maxStreams)  initial_credit_bytes \(hello.initialCreditBytes)"
    }

    private func number(_ body: [UInt8], _ at: Int) -> UInt32 {
        body.dropFirst(at).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
}
