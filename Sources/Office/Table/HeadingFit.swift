package import Exchange

/// How well a table's first rows go with a kind's headings: which kind a file is of, and which sheet of a workbook has it.
package struct HeadingFit: Sendable, Hashable {
    /// Different fields found in the best row, those of them that must be there, and the cells that say something in it.
    package private(set) var found = 0
    package private(set) var required = 0
    package private(set) var filled = 0
    private let kind: BatchKind

    init(_ kind: BatchKind, _ rows: [CellRow]) {
        self.kind = kind
        let headings = KindHeadings(kind)
        for row in rows {
            let fields = headings.fields(row)
            guard fields.count > found else { continue }
            found = fields.count
            required = fields.filter { kind.fields[$0].requirement == .always }.count
            filled = (0..<row.count).filter { !row.isBlank($0) }.count
        }
    }

    private var requiredOfKind: Int { kind.fields.filter { $0.requirement == .always }.count }

    /// Enough of the required headings to take the row for them, as reading does.
    package var isEnough: Bool { found >= min(2, kind.fields.count) && required * 5 >= requiredOfKind * 3 }

    /// Fields found in a hundred headings: other kinds share 姓名 and 身份证号, few share the rest.
    private var share: Int { filled == 0 ? 0 : found * 100 / filled }

    /// The better one first.
    private static func isBefore(_ a: HeadingFit, _ b: HeadingFit) -> Bool {
        if a.share != b.share { return a.share > b.share }
        return a.requiredOfKind - a.required < b.requiredOfKind - b.required
    }

    /// Kinds that these first rows may be of, the likeliest first.
    /// - Returns: `isCertain`: nothing else comes near the first.
    package static func guess(_ rows: [CellRow], _ kinds: [BatchKind]) -> (
        kinds: [BatchKind], isCertain: Bool
    ) {
        let fits = kinds.map { HeadingFit($0, rows) }.filter(\.isEnough).sorted(by: isBefore)
        guard let first = fits.first else { return ([], false) }
        let isCertain = fits.dropFirst().first.map { isBefore(first, $0) } ?? true
        return (fits.map(\.kind), isCertain)
    }
}
