/// A workbook that somebody sent (.xlsx, ECMA-376): which sheets it has, and their rows one after another. Neither the file is held nor a
/// sheet, and of its shared texts no more than `SharedStrings` says.
///
///     let workbook = try Workbook(bytes)
///     var rows = try workbook.rows(of: workbook.sheets[0])
///     while let row = try rows.next() { … }
package struct Workbook: Sendable {
    package struct Sheet: Sendable, Hashable {
        package enum Visibility: String, Sendable, Hashable {
            case visible
            case hidden
            /// Hidden so that only a program can show it.
            case veryHidden
        }

        package var name: String
        package var visibility: Visibility
        /// The archive's member.
        package var part: String

        package init(name: String, visibility: Visibility = .visible, part: String = "") {
            self.name = name
            self.visibility = visibility
            self.part = part
        }
    }

    /// In the order of their tabs; charts are left out.
    package let sheets: [Sheet]
    /// Whether days count from 1904, as old Macs had it. Dates come out right either way.
    package let countsFrom1904: Bool

    private let archive: ZIPArchive
    private let sharedStrings: SharedStrings
    private let formats: [NumberFormat]
    private let limits: SpreadsheetLimits

    /// Opens the file whose bytes these are.
    ///
    /// - Throws: `foreign` for what is no .xlsx at all; `archive`, `deflate`, `xml`, `missing`, `content` for a damaged one; `limit`.
    package init(
        _ bytes: PackedBytes, limits: SpreadsheetLimits = SpreadsheetLimits()
    ) throws(SpreadsheetFault) {
        if let foreign = ForeignFile(bytes) { throw SpreadsheetFault(.foreign(foreign)) }
        let archive = try ZIPArchive(bytes, limits: limits)
        let package = OfficePackage(archive, limits)
        let part = try package.workbookPart()
        let relations = try package.relations(of: part)
        let list = try SheetList(package, part, relations)
        (sheets, countsFrom1904) = (list.sheets, list.countsFrom1904)
        let strings = relations.first { $0.isOf("sharedStrings") }.flatMap { archive.member($0.target) }
        sharedStrings =
            try strings.map { (member) throws(SpreadsheetFault) in
                try SharedStrings(try package.xml(member), limits)
            } ?? SharedStrings()
        let styles = relations.first { $0.isOf("styles") }.flatMap { archive.member($0.target) }
        formats =
            try styles.map { (member) throws(SpreadsheetFault) in
                try CellFormats.read(try package.xml(member), limits)
            } ?? []
        self.archive = archive
        self.limits = limits
    }

    /// The same of bytes in memory.
    package init(
        _ bytes: [UInt8], limits: SpreadsheetLimits = SpreadsheetLimits()
    ) throws(SpreadsheetFault) {
        try self.init(PackedBytes(bytes), limits: limits)
    }

    /// The sheet's rows, from its first; call again to read again.
    package func rows(of sheet: Sheet) throws(SpreadsheetFault) -> SheetReader {
        guard sheets.contains(sheet), let member = archive.member(sheet.part) else {
            throw SpreadsheetFault(.content(.noSuchSheet), part: sheet.part)
        }
        return SheetReader(
            XMLReader(try archive.open(member), limits: limits), strings: sharedStrings, formats: formats,
            from1904: countsFrom1904, limits: limits)
    }

    /// The sheet's merged ranges. They stand behind the rows in the file: this goes through it once.
    package func merged(in sheet: Sheet) throws(SpreadsheetFault) -> [MergedRange] {
        var rows = try rows(of: sheet)
        while try rows.next() != nil {}
        return rows.merged
    }
}

/// `xl/workbook.xml`: the sheets and the system of days.
private struct SheetList {
    private(set) var sheets: [Workbook.Sheet] = []
    private(set) var countsFrom1904 = false

    init(
        _ package: OfficePackage, _ part: String, _ relations: [OfficePackage.Relation]
    ) throws(SpreadsheetFault) {
        var xml = try package.xml(try package.member(part))
        while true {
            switch try xml.next() {
            case .start where xml.isNamed("workbookPr"):
                countsFrom1904 = ["1", "true", "on"].contains(try xml.attribute("date1904") ?? "")
            case .start where xml.isNamed("sheet"): try add(xml, relations, package)
            case .finished: return
            default: break
            }
        }
    }

    private mutating func add(
        _ xml: borrowing XMLReader, _ relations: [OfficePackage.Relation], _ package: OfficePackage
    ) throws(SpreadsheetFault) {
        guard sheets.count < package.limits.sheets else {
            throw SpreadsheetFault(.limit(.sheets, package.limits.sheets), part: xml.part)
        }
        let id = try xml.attribute("id", prefixed: true)
        guard let relation = relations.first(where: { $0.id == id }) else {
            throw SpreadsheetFault(.missing("worksheet"), part: xml.part)
        }
        guard relation.isOf("worksheet") else { return }
        _ = try package.member(relation.target)
        let state = Workbook.Sheet.Visibility(rawValue: try xml.attribute("state") ?? "visible") ?? .visible
        sheets.append(
            Workbook.Sheet(name: try xml.attribute("name") ?? "", visibility: state, part: relation.target))
    }
}
