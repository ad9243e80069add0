/// Bounds of the endpoint that tells figures, each with its reason. One program of this machine reads it every few seconds.
package enum MetricsLimits {
    /// Bytes of a request's head. A collector sends three hundred; 8 KiB is what most servers of HTTP take.
    package static let requestBytes = 8 << 10
    /// Connections at once, in any state; one more is closed at the door. A collector, a person with curl, and some in reserve.
    package static let connections = 8
    /// Nanoseconds from accept until the answer has been taken: a collector gives up after ten seconds itself.
    package static let patience: Int64 = 10_000_000_000
    /// Bytes read and dropped behind a request while its answer goes out.
    package static let dropped = 64 << 10
    /// Connections the kernel keeps until they are accepted.
    package static let backlog: Int32 = 16
}

/// The head of one HTTP/1.1 request, fed in pieces: all of HTTP that a collector of figures needs. Bytes of strangers: bounded, never trusted.
package struct ScrapeRequest: Sendable {
    package enum Verdict: Sendable, Hashable {
        /// The head is not whole yet.
        case more
        /// GET /metrics.
        case metrics
        case refuse(Refusal)
    }

    package enum Refusal: Int, Sendable, Hashable, CaseIterable {
        case malformed = 400
        case noSuchPage = 404
        case onlyGet = 405
        case tooLarge = 431
        case unavailable = 503
        case version = 505

        package var words: String {
            switch self {
            case .malformed: "Bad Request"
            case .noSuchPage: "Not Found"
            case .onlyGet: "Method Not Allowed"
            case .tooLarge: "Request Header Fields Too Large"
            case .unavailable: "Service Unavailable"
            case .version: "HTTP Version Not Supported"
            }
        }
    }

    private var head: [UInt8] = []
    private static let end = Array("\r\n\r\n".utf8)

    package init() {}

    /// Takes more bytes. After a verdict other than `more` nothing else should be given. What follows the head is not read.
    package mutating func take(_ bytes: UnsafeRawBufferPointer) -> Verdict {
        for byte in bytes {
            head.append(byte)
            if head.count == 1, !(0x41...0x5A).contains(byte) { return .refuse(.malformed) }
            if byte == 0x0A, head.suffix(4).elementsEqual(Self.end) { return judge() }
            if head.count >= MetricsLimits.requestBytes { return .refuse(.tooLarge) }
        }
        return .more
    }

    private func judge() -> Verdict {
        let line = head.prefix { $0 != 0x0D }
        guard line.allSatisfy({ (0x20...0x7E).contains($0) }) else { return .refuse(.malformed) }
        let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 3, words[2].starts(with: Array("HTTP/".utf8)) else { return .refuse(.malformed) }
        guard words[2].starts(with: Array("HTTP/1.".utf8)) else { return .refuse(.version) }
        guard words[0].elementsEqual(Array("GET".utf8)) else { return .refuse(.onlyGet) }
        let path = words[1].prefix { $0 != 0x3F }
        return path.elementsEqual(Array("/metrics".utf8)) ? .metrics : .refuse(.noSuchPage)
    }

    /// The answer to a request that is not served, whole.
    package static func answer(_ refusal: Refusal) -> [UInt8] {
        let allow = refusal == .onlyGet ? "Allow: GET\r\n" : ""
        let body = "\(refusal.rawValue) \(refusal.words)\n"
        return response(
            "\(refusal.rawValue) \(refusal.words)", "text/plain; charset=utf-8", Array(body.utf8), allow)
    }

    /// The answer to GET /metrics.
    package static func answer(page: [UInt8]) -> [UInt8] {
        response("200 OK", MetricPage.mediaType, page, "")
    }

    private static func response(_ status: String, _ type: String, _ body: [UInt8], _ more: String) -> [UInt8]
    {
        let head =
            "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n\(more)Connection: close\r\n\r\n"
        return Array(head.utf8) + body
    }
}
