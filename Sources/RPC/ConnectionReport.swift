import Wire

/// The one line a connection leaves in the log when it ends, for a network administrator.
package struct ConnectionReport: Sendable {
    package var number: UInt64
    package var address: String
    /// The identity of the certificate, nil when the handshake did not come so far.
    package var identity: String?
    package var profile: ConnectionProfile?
    package var phase: ConnectionPhase
    package var words: String
    package var reason: Reason
    package var alertSent: UInt8?
    package var alertReceived: UInt8?
    /// Nanoseconds from accept to the end.
    package var duration: Int64
    package var calls: UInt64
    /// On the line, TLS included.
    package var bytesRead: UInt64
    package var bytesWritten: UInt64
    /// Anything but an orderly end.
    package var isTrouble: Bool

    /// `connection 7 from 10.1.2.3:40022 (twolists://...) ended: client certificate expired ...; phase tls, alert sent
    /// certificate_expired, 0.012 s, 0 calls, 1204 bytes in, 900 bytes out`
    package var line: String {
        var text = "connection \(number) from \(address)"
        if let identity { text += " (\(identity))" }
        text += " ended: \(printable(words)); phase \(phase.rawValue)"
        if let alertSent { text += ", alert sent \(TLSWords.alert(alertSent))" }
        if let alertReceived { text += ", alert received \(TLSWords.alert(alertReceived))" }
        return text + ", \(seconds), \(calls) calls, \(bytesRead) bytes in, \(bytesWritten) bytes out"
    }

    private var seconds: String {
        let millis = max(duration, 0) / .millisecond
        let fraction = String(millis % 1000)
        return "\(millis / 1000)." + String(repeating: "0", count: 3 - fraction.utf8.count) + fraction + " s"
    }
}
