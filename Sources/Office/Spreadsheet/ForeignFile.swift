extension ForeignFile {
    /// What the file is by its first bytes, when that is no ZIP archive; nil: it may be a workbook.
    ///
    /// Of a compound file all of it is read, as its insides say what it is.
    init?(_ file: PackedBytes) {
        let head = file.head(Self.headBytes)
        let isCompound = head.starts(with: [0xD0, 0xCF, 0x11, 0xE0])
        self.init(isCompound ? file.head(SpreadsheetLimits().fileBytes) : head)
    }

    /// What a page or a text begins with, as far as it is looked at.
    private static let headBytes = 1_027

    init?(_ bytes: [UInt8]) {
        if bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6]) { return nil }
        if bytes.isEmpty {
            self = .empty
        } else if bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
            self = Self.compound(bytes)
        } else if let known = Self.signatures.first(where: { bytes.starts(with: $0.0) }) {
            self = known.1
        } else {
            self = Self.text(bytes)
        }
    }

    private static let signatures: [([UInt8], ForeignFile)] = [
        ([0x25, 0x50, 0x44, 0x46], .pdf), ([0x52, 0x61, 0x72, 0x21], .packed),
        ([0x37, 0x7A, 0xBC, 0xAF], .packed),
        ([0x1F, 0x8B], .packed), ([0x89, 0x50, 0x4E, 0x47], .picture), ([0xFF, 0xD8, 0xFF], .picture),
    ]

    /// A compound file (MS-CFB) by the names in its directory: entries of 128 bytes that lie at multiples of 128, whichever sectors
    /// hold them, each with its name in UTF-16 and the name's length in bytes (zero included) at byte 64.
    private static func compound(_ bytes: [UInt8]) -> ForeignFile {
        let kinds: [(String, ForeignFile)] = [
            ("EncryptedPackage", .passwordProtected), ("Workbook", .oldWorkbook), ("Book", .oldWorkbook),
            ("WordDocument", .oldDocument),
        ]
        var found: ForeignFile?
        for at in stride(from: 512, to: bytes.count - 127, by: 128) {
            for (name, kind) in kinds where isEntry(bytes, at, name) {
                if kind == .passwordProtected { return kind }
                found = found ?? kind
            }
        }
        return found ?? .compound
    }

    private static func isEntry(_ bytes: [UInt8], _ at: Int, _ name: String) -> Bool {
        let units = name.utf8.count
        guard Int(bytes.word16(at + 64)) == (units + 1) * 2 else { return false }
        return name.utf8.enumerated().allSatisfy { bytes.word16(at + $0.offset * 2) == UInt16($0.element) }
    }

    private static func text(_ bytes: [UInt8]) -> ForeignFile {
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let head = String(decoding: bytes[start...].prefix(1_024), as: UTF8.self).lowercased()
            .drop { $0.isWhitespace }
        if head.hasPrefix("<?xml"), head.contains("office:spreadsheet") { return .xmlTable }
        let pages = ["<html", "<!doctype html", "<table", "<meta", "<head"]
        if pages.contains(where: { head.hasPrefix($0) }) || head.hasPrefix("<?xml") && head.contains("<html")
        {
            return .webPage
        }
        return .unknown
    }
}
