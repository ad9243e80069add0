internal import CLinux

/// A report for a spreadsheet program: one table under another, each with its heading, as clerks send them.
package struct ReportCSV: Sendable {
    package enum Encoding: Int32, Sendable, CaseIterable {
        /// With a byte order mark: without it Excel and WPS take UTF-8 for GBK.
        case utf8
        case gb18030
    }

    /// The text cannot be said in the encoding; with GB18030 that does not happen to valid text.
    package struct Failure: Error, Hashable { package let code: Int }

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

    package func bytes(_ encoding: Encoding) throws(Failure) -> [UInt8] {
        switch encoding {
        case .utf8: [0xEF, 0xBB, 0xBF] + Array(text.utf8)
        case .gb18030: try Self.gb18030(text)
        }
    }

    private static func line(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") }

    /// Quoted where it must be. A text that a spreadsheet would take for a formula gets an apostrophe in front: what an office typed in must not
    /// become a program on the reader's machine.
    static func cell(_ text: String) -> String {
        // By scalars: CR LF is one Character.
        let isFormula = text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
        let safe = isFormula && Double(text) == nil ? "'" + text : text
        let quoted: [Unicode.Scalar] = [",", "\"", "\r", "\n"]
        guard safe.unicodeScalars.contains(where: quoted.contains) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }

    private static func gb18030(_ text: String) throws(Failure) -> [UInt8] {
        let input = Array(text.utf8)
        // No character takes more than four bytes there, nor less than one here.
        let room = input.count * 4 + 16
        var length = 0
        let output = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            input.withUnsafeBytes { from in
                length = clinux_convert(
                    "GB18030", "UTF-8", from.baseAddress, from.count, buffer.baseAddress, room)
            }
            count = max(0, min(length, room))
        }
        guard length >= 0 else { throw Failure(code: -length) }
        return output
    }
}
