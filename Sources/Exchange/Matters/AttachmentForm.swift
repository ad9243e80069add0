package import Schema

/// The types of file that may be attached, by their name and by their first bytes: what a scanner makes, and nothing that runs.
package enum AttachmentForm {
    /// As many first bytes as `byContent` looks at.
    package static let looksAt = 8

    private static let endings: [String: AttachmentType] = [
        "pdf": .pdf, "jpg": .jpeg, "jpeg": .jpeg, "png": .png, "tif": .tiff, "tiff": .tiff,
    ]

    private static let beginnings: [([UInt8], AttachmentType)] = [
        ([0x25, 0x50, 0x44, 0x46, 0x2D], .pdf),  // %PDF-
        ([0xFF, 0xD8, 0xFF], .jpeg),
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], .png),
        ([0x49, 0x49, 0x2A, 0x00], .tiff),  // little endian
        ([0x4D, 0x4D, 0x00, 0x2A], .tiff),  // big endian
    ]

    /// Nil: the name ends as no such file's does.
    package static func byName(_ name: String) -> AttachmentType? {
        guard let dot = name.utf8.lastIndex(of: 0x2E), dot != name.utf8.startIndex else { return nil }
        return endings[String(name[name.utf8.index(after: dot)...]).lowercased()]
    }

    /// Nil: the bytes begin as no such file's do.
    package static func byContent(_ first: some Collection<UInt8>) -> AttachmentType? {
        beginnings.first { first.starts(with: $0.0) }?.1
    }

    /// The ending of a type in a file's name.
    package static func ending(_ type: AttachmentType) -> String {
        switch type {
        case .pdf: "pdf"
        case .jpeg: "jpg"
        case .png: "png"
        case .tiff: "tif"
        default: "bin"
        }
    }
}
