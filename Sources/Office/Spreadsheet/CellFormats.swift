/// `xl/styles.xml`, as far as it says which cells are dates: for each cell format the number format it uses.
enum CellFormats {
    static func read(
        _ xml: consuming XMLReader, _ limits: SpreadsheetLimits
    ) throws(SpreadsheetFault) -> [NumberFormat] {
        var xml = xml
        var (named, formats) = ([Int: NumberFormat](), [NumberFormat]())
        var isInCells = false
        while true {
            switch try xml.next() {
            case .finished: return formats
            case .start where xml.isNamed("numFmt"):
                guard named.count < limits.formats else {
                    throw SpreadsheetFault(.limit(.formats, limits.formats), part: xml.part)
                }
                guard let id = Int(try xml.attribute("numFmtId") ?? "") else { continue }
                named[id] = NumberFormat(try xml.attribute("formatCode") ?? "")
            case .start where xml.isNamed("cellXfs"): isInCells = true
            case .end where xml.isNamed("cellXfs"): isInCells = false
            case .start where isInCells && xml.isNamed("xf"):
                guard formats.count < limits.formats else {
                    throw SpreadsheetFault(.limit(.formats, limits.formats), part: xml.part)
                }
                let id = Int(try xml.attribute("numFmtId") ?? "") ?? 0
                formats.append(named[id] ?? NumberFormat.builtIn(id))
            default: break
            }
        }
    }
}
