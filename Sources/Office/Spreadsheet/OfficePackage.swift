/// The container's own rules (OPC, ECMA-376 part 2): which part is related to which.
struct OfficePackage {
    struct Relation: Sendable, Hashable {
        var id: String
        var type: String
        /// The member's name.
        var target: String

        /// By the last word of the type: the strict and the transitional form of the format differ in what is before it.
        func isOf(_ kind: String) -> Bool { type.split(separator: "/").last.map(String.init) == kind }
    }

    let archive: ZIPArchive
    let limits: SpreadsheetLimits

    init(_ archive: ZIPArchive, _ limits: SpreadsheetLimits) {
        self.archive = archive
        self.limits = limits
    }

    func member(_ name: String) throws(SpreadsheetFault) -> ZIPArchive.Member {
        guard let member = archive.member(name) else { throw SpreadsheetFault(.missing(name)) }
        return member
    }

    func xml(_ member: ZIPArchive.Member) throws(SpreadsheetFault) -> XMLReader {
        XMLReader(try archive.open(member), limits: limits)
    }

    /// The workbook, by the package's own relations; what the archive holds instead, if it is none.
    func workbookPart() throws(SpreadsheetFault) -> String {
        let usual = "xl/workbook.xml"
        let named = try relations(of: "").first { $0.isOf("officeDocument") }?.target
        if let named, archive.member(named) != nil, !isForeign(named) { return named }
        if archive.member(usual) != nil { return usual }
        throw SpreadsheetFault(.foreign(try foreign(named ?? "")))
    }

    private func isForeign(_ part: String) -> Bool { part.hasSuffix(".bin") || !part.hasPrefix("xl/") }

    private func foreign(_ part: String) throws(SpreadsheetFault) -> ForeignFile {
        if part.hasPrefix("word/") { return .document }
        if part.hasPrefix("ppt/") { return .presentation }
        if part.hasPrefix("xl/") { return .binaryWorkbook }
        guard let member = archive.member("mimetype"), member.inflatedSize <= 256 else { return .archive }
        var stream = try archive.open(member)
        let type = String(decoding: try stream.all(), as: UTF8.self)
        return type.hasPrefix("application/vnd.oasis.opendocument") ? .openDocument : .archive
    }

    /// The relations of a part (`""`: of the package); none when it has no list of them. Links to the outside are left out.
    func relations(of part: String) throws(SpreadsheetFault) -> [Relation] {
        let folder = part.split(separator: "/").dropLast()
        let file = part.split(separator: "/").last ?? ""
        let name = (folder + ["_rels", "\(file).rels"]).joined(separator: "/")
        guard let member = archive.member(name) else { return [] }
        var xml = try xml(member)
        var relations: [Relation] = []
        while true {
            switch try xml.next() {
            case .finished: return relations
            case .start where xml.isNamed("Relationship"):
                // A worksheet, a chart or a text table each take one; so the sheets' own limit is theirs.
                guard relations.count < limits.sheets + 64 else {
                    throw SpreadsheetFault(.limit(.sheets, limits.sheets), part: name)
                }
                if try xml.attribute("TargetMode") == "External" { continue }
                let target = Self.path(try xml.attribute("Target") ?? "", from: folder)
                relations.append(
                    Relation(
                        id: try xml.attribute("Id") ?? "", type: try xml.attribute("Type") ?? "",
                        target: target))
            default: break
            }
        }
    }

    /// `worksheets/sheet1.xml`, `../xl/…` or `/xl/…` as a member's name.
    static func path(_ target: String, from folder: ArraySlice<Substring>) -> String {
        var steps: [Substring] = target.hasPrefix("/") ? [] : Array(folder)
        for step in target.split(whereSeparator: { $0 == "/" || $0 == "\\" }) where step != "." {
            if step == ".." { _ = steps.popLast() } else { steps.append(step) }
        }
        return steps.joined(separator: "/")
    }
}
