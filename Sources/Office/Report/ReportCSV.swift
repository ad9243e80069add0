/// A report for a spreadsheet program: one table under another, each with its heading, as clerks send them.
package struct ReportCSV: Sendable {
    package enum Encoding: Int32, Sendable, CaseIterable {
        /// With a byte order mark: without it Excel and WPS take UTF-8 for GBK.
        case utf8
        case gb18030
    }

    private let document: ReportDocument

    package init(_ document: ReportDocument) { self.document = document }

    /// Lines end in CR LF, as RFC 4180 has it.
    package var text: String {
        let clock = ScreenNotice.clock().map { [Self.line([$0])] } ?? []
        var lines = clock + [Self.line([document.title])] + document.subtitles.map { Self.line([$0]) }
        for section in document.sections {
            lines += ["", Self.line([section.heading]), Self.line(section.columns.map(\.title))]
            lines += section.rows.map(Self.line)
            lines += section.remarks.map { Self.line([$0]) }
        }
        lines += ["", Self.line([ScreenNotice.line])]
        return lines.map { $0 + "\r\n" }.joined()
    }

    package func bytes(_ encoding: Encoding) throws(Charset.Failure) -> [UInt8] {
        let encoder = TextEncoder(encoding: encoding == .utf8 ? .utf8 : .gb18030)
        return encoder.mark + (try encoder.encode(Array(text.utf8)))
    }

    private static func line(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") }

    /// Quoted where it must be.
    static func cell(_ text: String) -> String {
        let safe = harmless(text)
        let quoted: [Unicode.Scalar] = [",", "\"", "\r", "\n"]
        guard safe.unicodeScalars.contains(where: quoted.contains) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }

    /// A text that a spreadsheet would take for a formula gets an apostrophe in front: what an office typed in must not become a program on the
    /// reader's machine. A number is none.
    static func harmless(_ text: String) -> String {
        // By scalars: CR LF is one Character.
        let isFormula = text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
        return isFormula && Double(text) == nil ? "'" + text : text
    }
}
