/// Levels a text character by character: zero-width characters and white space go, except that white space
/// between two digits stays as one space (it parts two numbers).
struct GuardLeveller {
    private var wasDigit = false
    private var spaceIsPending = false

    /// Calls `body` with what the next character adds to the levelled text.
    @inline(__always)
    mutating func add(_ symbol: GuardSymbol, _ body: (GuardSymbol) -> Void) {
        guard symbol != .dropped else { return }
        guard symbol != .space else { return spaceIsPending = true }
        let isDigit = symbol.isDigit
        if spaceIsPending, wasDigit, isDigit { body(.space) }
        spaceIsPending = false
        wasDigit = isDigit
        body(symbol)
    }
}

/// A text levelled whole, for matching.
struct GuardText {
    private(set) var symbols: [GuardSymbol] = []

    init(_ text: String, _ table: CharacterTable) {
        symbols.reserveCapacity(text.utf8.count)
        var leveller = GuardLeveller()
        table.forEach(in: text) { traits in leveller.add(traits.symbol) { symbols.append($0) } }
    }
}
