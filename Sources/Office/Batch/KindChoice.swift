package import Exchange

/// Which kind a file is of: as typed, or as its headings say.
package struct KindChoice: Sendable {
    package let kind: BatchKind
    /// It was not typed: whoever reads the result is told what it was taken for.
    package let isGuessed: Bool

    package init(
        _ typed: String?, _ file: BatchFile, _ kinds: BatchKinds, sheet: String?
    ) throws(TableStop) {
        if let typed {
            guard let kind = kinds.kind(typed) else { throw .kind(typed: typed, likely: []) }
            (self.kind, isGuessed) = (kind, false)
            return
        }
        let guess = try file.guess(kinds.kinds, sheet: sheet)
        guard let kind = guess.kinds.first, guess.isCertain else {
            throw .kind(typed: nil, likely: guess.kinds.prefix(5).map { "\($0.code) \($0.title)" })
        }
        (self.kind, isGuessed) = (kind, true)
    }
}
