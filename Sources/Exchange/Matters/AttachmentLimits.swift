package import Wire

/// Each with its reason; tested at the limit and beyond.
package enum AttachmentLimits {
    /// One file: fifty pages scanned in colour, and what a phone's camera makes.
    package static let bytes: UInt64 = 20 << 20
    /// Of one request or case: half as many as it may have documents.
    package static let ofMatter = 20
    package static let nameCharacters = 200
}

extension AttachmentLimits {
    /// For whoever runs the server; a test holds that each limit is here.
    package static var named: [NamedLimit] {
        [
            NamedLimit(
                "attachment", "bytes", Int(bytes), "bytes", "one scanned file: fifty pages in colour",
                "一个扫描件，约五十页彩色"),
            NamedLimit("attachment", "of_matter", ofMatter, "files", "of one request or case", "一件事项的附件"),
            NamedLimit(
                "attachment", "name_characters", nameCharacters, "characters", "as the sender calls it",
                "附件名称"),
        ]
    }
}
