import Schema

/// Where each member of a package lies: follows from its manifest and the sizes of its signatures.
struct PackageLayout {
    struct Member {
        var name: String
        /// Of the header.
        var offset: Int
        var size: Int
        var content: Int { offset + UstarHeader.length }
        var end: Int { content + size + UstarHeader.padding(size) }
    }

    static let manifest = "MANIFEST"
    static let signature = "MANIFEST.p7s"
    static let second = "MANIFEST.sm2.p7s"
    static let keys = "KEYS.p7m"

    /// In the file's order.
    let members: [Member]
    let signatures: Int

    /// - Parameter signatures: bytes of each.
    init(manifestBytes: Int, signatures: [Int], _ manifest: PackageManifest) {
        var members = [Member(name: Self.manifest, offset: 0, size: manifestBytes)]
        func add(_ name: String, _ size: Int) {
            members.append(Member(name: name, offset: members.last?.end ?? 0, size: size))
        }
        for (name, size) in zip([Self.signature, Self.second], signatures) { add(name, size) }
        add(Self.keys, Int(clamping: manifest.keys?.bytes ?? 0))
        for (index, chunk) in manifest.chunks.enumerated() {
            add(Self.chunk(index), Int(clamping: chunk.bytes))
        }
        self.members = members
        self.signatures = signatures.count
    }

    var fileSize: Int { (members.last?.end ?? 0) + UstarHeader.end.count }

    var keys: Member? { members.dropFirst(1 + signatures).first }
    var chunks: ArraySlice<Member> { members.dropFirst(2 + signatures) }

    /// `chunks/000001` is the first.
    static func chunk(_ index: Int) -> String {
        let digits = String(index + 1)
        return "chunks/" + String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
    }
}
