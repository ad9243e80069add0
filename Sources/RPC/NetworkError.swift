import CLinux

/// A failure of the network set-up or of a connection, in words for the person who has to mend it.
package struct NetworkError: Error, Sendable, CustomStringConvertible {
    /// The whole sentence: what failed, where, and what to do.
    package var description: String
    /// The errno behind it, 0 when there is none.
    package var code: Int32

    package init(_ description: String, code: Int32 = 0) {
        self.description = description
        self.code = code
    }

    /// `what: text of errno`; `negative` is the answer of a CLinux function.
    init(_ what: String, failed negative: Int32) {
        self.init("\(what): \(errorText(negative))", code: 0 &- negative)
    }
}

/// The system's text for a CLinux answer below zero.
func errorText(_ negative: Int32) -> String { String(cString: clinux_error_text(0 &- negative)) }

/// Text of peers and of OpenSSL on its way into a log line: control characters cannot forge a second line.
func printable(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) { return text }
    return String(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? "?" : Character($0) })
}
