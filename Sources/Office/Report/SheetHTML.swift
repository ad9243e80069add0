/// What stands on a sheet of paper that travels: heading, lines, who signs, and the code by which it is checked.
package struct PaperSheet: Sendable, Hashable {
    package struct Line: Sendable, Hashable {
        package var label: String
        package var value: String
    }

    package var heading: String
    package var words: String
    package var lines: [Line]
    /// Who signs, on the paper.
    package var signatures: [String]
    package var checkCode: String
}

extension PaperSheet {
    /// For the terminal.
    package func shown(on screen: Screen) -> [String] {
        var table = Table([Table.Column(heading), Table.Column("", flexible: true)])
        for line in lines { table.add([Table.Cell(line.label), Table.Cell(line.value)]) }
        return table.lines(on: screen) + [Text("校验码 ", "check code ")[screen.language] + checkCode]
    }

    package var json: JSON {
        .object([
            "heading": .string(heading), "check_code": .string(checkCode),
            "lines": .array(
                lines.map { .object(["label": .string($0.label), "value": .string($0.value)]) }),
        ])
    }
}

/// Sheets as pages to print and sign, one a page: A4, upright, nothing from elsewhere.
package struct SheetHTML: Sendable {
    private let sheets: [PaperSheet]
    private let printed: String
    private let language: Language

    /// - Parameter printed: the day they are printed; no part of what a check code covers.
    package init(_ sheets: [PaperSheet], printed: String, language: Language = .zh) {
        (self.sheets, self.printed, self.language) = (sheets, printed, language)
    }

    private func e(_ text: String) -> String { ReportHTML.escaped(text) }
    private func t(_ zh: String, _ en: String) -> String { Text(zh, en)[language] }

    package var text: String {
        """
        <!DOCTYPE html>
        <html lang="\(language == .zh ? "zh-CN" : "en")">
        <head>
        <meta charset="utf-8">
        <title>\(e(sheets.first?.heading ?? ""))</title>
        <style>
        \(ReportHTML.style)
        \(Self.style)
        </style>
        </head>
        <body>
        \(sheets.map(page).joined(separator: "\n"))
        </body>
        </html>

        """
    }

    private func page(_ sheet: PaperSheet) -> String {
        let rows = sheet.lines.map { "<tr><th>\(e($0.label))</th><td>\(e($0.value))</td></tr>" }
        let signatures = sheet.signatures.map {
            "<td><p>\(e($0))</p><p class=\"day\">\(t("年　　月　　日", "date"))</p></td>"
        }
        return """
            <article>
            \(ReportHTML.demonstration(language))<h1>\(e(sheet.heading))</h1>
            <p class="code"><span>\(t("打印日期", "printed")) \(e(printed))</span><span>\(t("校验码", "check code")) <b>\(e(sheet.checkCode))</b></span></p>
            <table class="sheet"><tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table>
            <p class="words">\(e(sheet.words))</p>
            <table class="sign"><tbody><tr>\(signatures.joined())</tr></tbody></table>
            <footer>\(e(ScreenNotice.line))</footer>
            </article>
            """
    }

    private static let style = """
        article { break-after: page; }
        article:last-of-type { break-after: auto; }
        .code { display: flex; justify-content: space-between; margin: 2mm 0; font-size: 10pt; }
        .code b { font-family: monospace; font-size: 12pt; letter-spacing: .5px; }
        .sheet th { width: 32mm; text-align: left; }
        .sheet td { min-height: 9mm; overflow-wrap: anywhere; }
        .words { margin: 4mm 0; }
        .sign td { width: 50%; height: 34mm; }
        .sign .day { text-align: right; margin-top: 16mm; }
        """
}
