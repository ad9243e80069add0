/// A sheet as one page to print and sign: A4, upright, nothing from elsewhere.
package struct SheetHTML: Sendable {
    private let sheet: RequestSheet
    private let printed: String
    private let language: Language

    /// - Parameter printed: the day it is printed; no part of what the check code covers.
    package init(_ sheet: RequestSheet, printed: String, language: Language = .zh) {
        (self.sheet, self.printed, self.language) = (sheet, printed, language)
    }

    private func e(_ text: String) -> String { ReportHTML.escaped(text) }
    private func t(_ zh: String, _ en: String) -> String { Text(zh, en)[language] }

    package var text: String {
        let rows = sheet.lines.map { "<tr><th>\(e($0.label))</th><td>\(e($0.value))</td></tr>" }
        let signatures = sheet.signatures.map {
            "<td><p>\(e($0))</p><p class=\"day\">\(t("年　　月　　日", "date"))</p></td>"
        }
        return """
            <!DOCTYPE html>
            <html lang="\(language == .zh ? "zh-CN" : "en")">
            <head>
            <meta charset="utf-8">
            <title>\(e(sheet.heading))</title>
            <style>
            \(ReportHTML.style)
            \(Self.style)
            </style>
            </head>
            <body>
            \(ReportHTML.demonstration(language))<h1>\(e(sheet.heading))</h1>
            <p class="code"><span>\(t("打印日期", "printed")) \(e(printed))</span><span>\(t("校验码", "check code")) <b>\(e(sheet.checkCode))</b></span></p>
            <table class="sheet"><tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table>
            <p class="words">\(e(sheet.words))</p>
            <table class="sign"><tbody><tr>\(signatures.joined())</tr></tbody></table>
            <footer>\(e(ScreenNotice.line))</footer>
            </body>
            </html>

            """
    }

    private static let style = """
        .code { display: flex; justify-content: space-between; margin: 2mm 0; font-size: 10pt; }
        .code b { font-family: monospace; font-size: 12pt; letter-spacing: .5px; }
        .sheet th { width: 32mm; text-align: left; }
        .sheet td { min-height: 9mm; overflow-wrap: anywhere; }
        .words { margin: 4mm 0; }
        .sign td { width: 50%; height: 34mm; }
        .sign .day { text-align: right; margin-top: 16mm; }
        """
}
