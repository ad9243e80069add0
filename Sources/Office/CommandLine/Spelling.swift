/// Finding what a mistyped word was meant to be.
enum Spelling {
    /// The nearest of `words`, when it is near enough to be worth proposing: two slips, one for words under five letters.
    static func nearest(to typed: String, in words: [String]) -> String? {
        guard typed.utf8.count <= 64 else { return nil }
        let limit = typed.count < 5 ? 1 : 2
        let ranked = words.map { ($0, distance(Array(typed.lowercased()), Array($0))) }
        return ranked.min { $0.1 < $1.1 }.flatMap { $0.1 <= limit ? $0.0 : nil }
    }

    /// Levenshtein's distance.
    private static func distance(_ one: [Character], _ other: [Character]) -> Int {
        var row = Array(0...other.count)
        for (index, character) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, candidate) in other.enumerated() {
                let substituted = diagonal + (character == candidate ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substituted, row[column + 1] + 1, row[column] + 1)
            }
        }
        return row[other.count]
    }
}
