import TestSupport
import Testing

@testable import Exchange

@Suite("The guard as compiled")
struct GuardProgramTests {
    /// A word that is not levelled, or lies beyond the basic plane, could never be found.
    @Test func wordsAreLevelled() {
        let alphabet = GuardProgram.shared.alphabet
        for word in guardRules.flatMap(\.words) where word.text != " " {
            let levelled = word.text.unicodeScalars.map { alphabet.symbol(levelling: $0.value) }
            #expect(levelled == alphabet.symbols(word), "\(word.text)")
            #expect(!levelled.contains(.other) && !levelled.contains(.dropped), "\(word.text)")
        }
    }

    /// The numbers of the characters have twelve bits beside the traits.
    @Test func theAlphabetFits() {
        #expect(GuardProgram.shared.alphabet.count <= CharacterTraits.symbolBits)
    }

    /// What is written down is what Unicode says.
    @Test func whiteSpaceIsWhatUnicodeCallsSo() {
        let all = (0..<0x11_0000 as Range<UInt32>).compactMap(Unicode.Scalar.init)
        #expect(all.allSatisfy { isWhiteSpace($0.value) == $0.properties.isWhitespace })
        for scalar in all where scalar.value < 0x3100 || scalar.value >= 0xFE00 {
            let isBlank = TextSurvey(String(scalar)).isBlank
            #expect(isBlank == scalar.properties.isWhitespace, "U+\(String(scalar.value, radix: 16))")
            guard isBlank == scalar.properties.isWhitespace else { return }
        }
    }

    @Test func aSurveyCountsScalars() {
        let text = "a\u{E9}\u{5B57}\u{1F600}e\u{301}"
        #expect(TextSurvey(text).count == 6)
        #expect(TextSurvey("").isBlank)
        #expect(!TextSurvey(text).hasControl && !TextSurvey(text).hasLineControl)
        #expect(TextSurvey("一\t二").hasLineControl && !TextSurvey("一\t二").hasControl)
        #expect(TextSurvey("一\u{202E}二").hasControl)
    }

    /// The rules that a survey clears do not match: with and without it, the guard says the same.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func theSurveyClearsNothingThatMatches(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let program = GuardProgram.shared
        let pieces = guardRules.flatMap(\.words).map(\.text) + Self.spice
        var everyRule = GuardRuleSet.none
        for rule in guardRules.indices { everyRule.insert(rule) }
        var matched = 0
        for _ in 0..<2000 {
            let text = (0...random.next() % 6).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }
                .joined()
            let matcher = GuardMatcher(GuardText(text, program.table), program)
            let found = ClassifiedGuard.matchedRule(in: text)
            #expect(found == matcher.firstMatch(among: everyRule), "seed \(seed): \(text)")
            matched += found == nil ? 0 : 1
        }
        #expect(matched > 100, "seed \(seed): hardly any text matched")
    }

    private static let spice =
        [
            "第", " ", "\u{3000}", "\u{200B}", "１", "三", "十", "31638", "12", "127", "31.6905", "3.5", "，", "—",
            "修路",
        ]
        + (0..<10).map(String.init)
}
