/// `ADDRESS:PORT` of this machine's own loopback, and of nothing else: figures are told without TLS and to whoever asks, so nobody
/// outside the machine may ask.
package struct LoopbackAddress: Sendable, Hashable {
    /// Numeric, without brackets.
    package let host: String
    /// 0: any free port.
    package let port: UInt16

    package struct Wrong: Error, Sendable, CustomStringConvertible {
        package var description: String
    }

    /// - Parameter text: `127.0.0.1:9464` or `[::1]:9464`.
    package init(_ text: String) throws(Wrong) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            text[text.index(after: colon)...].utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { throw Wrong(description: "\(text): must be ADDRESS:PORT, e.g. 127.0.0.1:9464") }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard host == "::1" || Self.isLoopback4(host) else {
            throw Wrong(
                description:
                    "\(text): figures are told without TLS and to whoever asks, so only on this machine's loopback: 127.0.0.1:\(port) or "
                    + "[::1]:\(port). Let a collector on this machine fetch them, or an SSH tunnel")
        }
        self.host = host
        self.port = port
    }

    /// 127.0.0.0/8 in dotted decimal.
    private static func isLoopback4(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy {
                (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy { (0x30...0x39).contains($0) }
                    && UInt8($0) != nil
            }
    }

    /// As in a URL.
    package var text: String { host.contains(":") ? "[\(host)]" : host }
}
