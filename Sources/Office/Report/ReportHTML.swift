/// A report as one page that needs nothing else: no script, no font, no picture from elsewhere; charts are SVG. Prints on A4, upright.
package struct ReportHTML: Sendable {
    private let document: ReportDocument
    private let language: Language

    package init(_ document: ReportDocument, language: Language = .zh) {
        (self.document, self.language) = (document, language)
    }

    package var text: String {
        """
        <!DOCTYPE html>
        <html lang="\(language == .zh ? "zh-CN" : "en")">
        <head>
        <meta charset="utf-8">
        <title>\(Self.escaped(document.title))</title>
        <style>
        \(Self.style)\(document.isWide ? Self.wideStyle : "")
        </style>
        </head>
        <body>
        \(Self.demonstration(language))<h1>\(Self.escaped(document.title))</h1>
        \(document.subtitles.map { "<p class=\"sub\">\(Self.escaped($0))</p>" }.joined(separator: "\n"))
        \(document.sections.map(section).joined(separator: "\n"))
        <footer>\(Self.escaped(ScreenNotice.line))</footer>
        </body>
        </html>

        """
    }

    /// Above the title, so that nobody takes the page for a real one; empty where the time is real.
    static func demonstration(_ language: Language) -> String {
        guard let clock = ScreenNotice.clock(language) else { return "" }
        return "<p class=\"demonstration\">\(escaped(clock))</p>\n"
    }

    static let style = """
        @page { size: A4 portrait; margin: 16mm 14mm; }
        * { box-sizing: border-box; }
        body { font: 10.5pt/1.5 "Noto Serif CJK SC", "Source Han Serif SC", SimSun, "宋体", serif; color: #111; max-width: 182mm; margin: 0 auto; padding: 6mm 0; }
        h1 { font-size: 18pt; text-align: center; margin: 0 0 2mm; }
        h2 { font-size: 12.5pt; margin: 7mm 0 2mm; border-left: 1.2mm solid #a11; padding-left: 2mm; break-after: avoid; }
        .demonstration { border: .5mm solid #a11; color: #a11; font-weight: bold; text-align: center; margin: 0 0 3mm; padding: 1mm; }
        .sub { text-align: center; margin: 0; color: #444; }
        table { border-collapse: collapse; width: 100%; break-inside: auto; }
        thead { display: table-header-group; }
        tr { break-inside: avoid; }
        th, td { border: .3mm solid #888; padding: .8mm 1.6mm; vertical-align: top; }
        th { background: #eee; font-weight: bold; text-align: center; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
        td.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
        .remark { font-size: 9pt; color: #444; margin: 1mm 0 0; }
        figure { margin: 3mm 0 0; break-inside: avoid; }
        figcaption { font-size: 9pt; color: #444; }
        svg { width: 100%; height: auto; display: block; }
        footer { margin-top: 8mm; border-top: .3mm solid #888; padding-top: 1.5mm; text-align: center; font-size: 9pt; color: #a11; }
        """

    private static let wideStyle = """

        @page { size: A4 landscape; }
        body { max-width: 269mm; font-size: 9pt; }
        """

    private func section(_ section: ReportDocument.Section) -> String {
        let head = section.columns.map { "<th>\(Self.escaped($0.title))</th>" }.joined()
        let rows = section.rows.map { row in
            "<tr>"
                + zip(section.columns, row).map { column, cell in
                    "<td\(column.isFigure ? " class=\"n\"" : "")>\(Self.escaped(cell))</td>"
                }.joined() + "</tr>"
        }
        let remarks = section.remarks.map { "<p class=\"remark\">\(Self.escaped($0))</p>" }
        return """
            <section>
            <h2>\(Self.escaped(section.heading))</h2>
            <table><thead><tr>\(head)</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table>
            \(chart(section))
            \(remarks.joined(separator: "\n"))
            </section>
            """
    }

    // Units of the drawing; the page scales it to its width.
    private static let width: UInt64 = 720
    private static let labelWidth: UInt64 = 150
    private static let valueWidth: UInt64 = 130
    private static let barHeight: UInt64 = 16
    private static let rowHeight: UInt64 = 24

    private func chart(_ section: ReportDocument.Section) -> String {
        guard !section.bars.isEmpty else { return "" }
        let room = Self.width - Self.labelWidth - Self.valueWidth
        let height = Self.rowHeight * UInt64(section.bars.count)
        let bars = section.bars.enumerated().map { index, bar -> String in
            let y = UInt64(index) * Self.rowHeight
            let long = room * bar.permille / 1000
            let middle = y + Self.barHeight - 2
            return """
                <text x="\(Self.labelWidth - 8)" y="\(middle)" text-anchor="end">\(Self.escaped(bar.label))</text>
                <rect x="\(Self.labelWidth)" y="\(y + 2)" width="\(room)" height="\(Self.barHeight)" fill="#f0f0f0"/>
                <rect x="\(Self.labelWidth)" y="\(y + 2)" width="\(long)" height="\(Self.barHeight)" fill="#37659b"/>
                <text x="\(Self.labelWidth + room + 8)" y="\(middle)">\(Self.escaped(bar.text))</text>
                """
        }
        return """
            <figure>
            <svg viewBox="0 0 \(Self.width) \(height)" role="img" font-size="13" font-family="inherit">
            <title>\(Self.escaped(section.chart))</title>
            \(bars.joined(separator: "\n"))
            </svg>
            <figcaption>\(Self.escaped(section.chart))</figcaption>
            </figure>
            """
    }

    /// Text from offices is text, never markup. Control characters that no page may hold are shown as a box.
    static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            case "\n": out += "<br>"
            case _ where scalar.value < 0x20 && scalar != "\t" || (0x7F..<0xA0).contains(scalar.value):
                out += "\u{25A1}"
            // Marks that turn the direction of writing would let a text dress up its neighbours.
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": out += "\u{25A1}"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
