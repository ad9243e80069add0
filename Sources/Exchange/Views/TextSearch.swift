/// Free text as people type it, folded for comparison: full-width forms to ASCII, letters to lower case, white space to one blank. Used by
/// reads alone, never by `apply`: what a state holds does not depend on tables of letters.
struct FoldedText: Sendable {
    private(set) var bytes: [UInt8]

    init(_ text: String) {
        bytes = []
        bytes.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars { append(foldedFullWidth(scalar)) }
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case _ where isWhiteSpace(scalar.value): bytes.append(0x20)
        case 0x41...0x5A: bytes.append(UInt8(scalar.value) + 0x20)
        case ..<0x80: bytes.append(UInt8(scalar.value))
        // Letters with a case all lie below the CJK blocks, which are nearly all there is here.
        case ..<0x2E80: bytes.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
        default: bytes.append(contentsOf: scalar.utf8)
        }
    }

    /// The words between blanks.
    var words: [[UInt8]] { bytes.split(separator: 0x20).map { [UInt8]($0) } }

    /// Whether `word`, folded and not empty, occurs.
    func contains(_ word: [UInt8]) -> Bool {
        guard let first = word.first, word.count <= bytes.count else { return false }
        for start in 0...(bytes.count - word.count) where bytes[start] == first {
            if bytes[start..<(start + word.count)].elementsEqual(word) { return true }
        }
        return false
    }
}

/// The words of a search, each of which has to occur in a title or its content.
struct TextSearch: Sendable {
    private let words: [[UInt8]]

    /// Nil when nothing is searched for.
    init?(_ text: String) throws(QueryFault) {
        guard !text.isEmpty else { return nil }
        guard text.unicodeScalars.count <= Limits.searchCharacters else { throw .search }
        words = FoldedText(text).words
        guard words.count <= Limits.searchWords else { throw .search }
        if words.isEmpty { return nil }
    }

    func matches(_ title: String, _ content: String) -> Bool {
        let (title, content) = (FoldedText(title), FoldedText(content))
        return words.allSatisfy { title.contains($0) || content.contains($0) }
    }
}

/// How much two titles are alike: the share of their pairs of neighbouring characters that both have (Dice's coefficient). Blanks and
/// punctuation do not count. Pure, and bounded by the length of a title.
struct TitleLikeness: Sendable {
    /// Of a hundred. `营区东门道路修缮` and `营区东门道路维修` reach it, `营区道路修缮` and `营区供电改造` do not.
    static let threshold = 50

    private let pairs: [UInt64]

    /// Nil when no title is given.
    init?(to title: String) throws(QueryFault) {
        guard !title.isEmpty else { return nil }
        guard title.unicodeScalars.count <= Limits.titleCharacters else { throw .search }
        pairs = Self.pairs(of: title)
        if pairs.isEmpty { return nil }
    }

    func isLike(_ title: String) -> Bool { percent(title) >= Self.threshold }

    /// 0 to 100.
    func percent(_ title: String) -> Int {
        let others = Self.pairs(of: title)
        guard !others.isEmpty else { return 0 }
        return 200 * Self.common(pairs, others) / (pairs.count + others.count)
    }

    /// Sorted, so that two lists are compared in one walk. A single character stands for itself.
    private static func pairs(of title: String) -> [UInt64] {
        guard let text = String(validating: FoldedText(title).bytes, as: UTF8.self) else { return [] }
        let letters = text.unicodeScalars.prefix(Limits.titleCharacters).filter(counts).map {
            UInt64($0.value)
        }
        guard letters.count > 1 else { return letters }
        return zip(letters, letters.dropFirst()).map { $0 << 32 | $1 }.sorted()
    }

    /// Letters, digits and ideographs; not blanks and punctuation.
    private static func counts(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x30...0x39, 0x61...0x7A: true
        case ..<0x80, 0x2000...0x206F, 0x3000...0x303F: false
        default: true
        }
    }

    private static func common(_ a: [UInt64], _ b: [UInt64]) -> Int {
        var (left, right, count) = (0, 0, 0)
        while left < a.count, right < b.count {
            if a[left] == b[right] {
                (left, right, count) = (left + 1, right + 1, count + 1)
            } else if a[left] < b[right] {
                left += 1
            } else {
                right += 1
            }
        }
        return count
    }
}
