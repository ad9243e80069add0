/// The guard against classified text (DOMAIN.md 1): true designations, coordinates, weapon names and
/// strengths are refused, by the client while typing and again by the server. It is a net for accidents, not
/// a wall against intent, and it never repeats what it found: a refusal carries the rule's name alone,
/// because the refusal itself is journaled and shown.
///
/// Text is first levelled (`GuardText`), then each rule of `guardRules` is tried at each character that can
/// begin it.
package enum ClassifiedGuard {
    /// The name of the first rule that matches, nil when the text may pass.
    package static func matchedRule(in text: String) -> String? {
        let levelled = GuardText(text)
        var isInNumber = false
        for start in levelled.scalars.indices {
            let scalar = levelled.scalars[start]
            // A number is matched whole, so nothing begins within one.
            let wasInNumber = isInNumber
            isInNumber = isDigitScalar(scalar)
            guard !(isInNumber && wasInNumber), scalar < UInt32(starters.count) else { continue }
            for index in starters[Int(scalar)] where guardRules[index].matches(levelled, at: start) {
                return guardRules[index].name
            }
        }
        return nil
    }

    /// Which rules can begin with a character of the basic plane, by its number: most characters begin none,
    /// so that a long text costs one look-up each.
    private static let starters: [[Int]] = {
        var table = [[Int]](repeating: [], count: 0x1_0000)
        for (index, rule) in guardRules.enumerated() {
            for scalar in rule.firstScalars where table[Int(scalar)].last != index {
                table[Int(scalar)].append(index)
            }
        }
        return table
    }()
}

/// A word of a rule, its characters ready to be compared. Written as a string.
struct GuardWord: Sendable, ExpressibleByStringLiteral {
    let scalars: [UInt32]

    init(stringLiteral word: String) { scalars = word.unicodeScalars.map(\.value) }
}

/// A text levelled for matching: full-width folded, ASCII lower-cased, dashes and primes made one, zero-width
/// characters and white space dropped, except that white space between two digits stays as one space (it
/// parts two numbers).
struct GuardText {
    private(set) var scalars: [UInt32] = []

    init(_ text: String) {
        scalars.reserveCapacity(text.utf8.count)
        var spaceIsPending = false
        for scalar in text.unicodeScalars {
            guard let level = Self.levelled(scalar) else { continue }
            if level == space {
                spaceIsPending = true
                continue
            }
            if spaceIsPending, isDigitScalar(level), let last = scalars.last, isDigitScalar(last) {
                scalars.append(space)
            }
            spaceIsPending = false
            scalars.append(level)
        }
    }

    /// Nil for characters that are dropped.
    private static func levelled(_ scalar: Unicode.Scalar) -> UInt32? {
        let folded = foldedFullWidth(scalar).value
        switch folded {
        case 0x41...0x5A: return folded + 0x20
        case 0x00...0x20, 0x85, 0xA0, 0x2000...0x200A, 0x2028, 0x2029, 0x202F: return space
        case 0xAD, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x2069, 0xFE00...0xFE0F,
            0xFEFF:
            return nil
        case 0x2010...0x2015, 0x2212, 0x30FC: return 0x2D
        case 0x27, 0x2019, 0x2B9: return 0x2032
        case 0x22, 0x201D, 0x2BA: return 0x2033
        default: return folded
        }
    }
}

private let space: UInt32 = 0x20

/// One part of a rule's pattern.
enum GuardElement: Sendable {
    /// A whole run of ASCII digits of this length: `31638` is never found inside `13163800000`.
    case digits(ClosedRange<Int>)
    /// A whole run of digits and Chinese numerals of this length.
    case numeral(ClosedRange<Int>)
    /// Digits, a point, and at least so many digits.
    case decimal(fraction: Int)
    case anyOf([GuardWord])
    case maybe([GuardWord])
    /// Up to so many characters of anything that does not end a clause; a colon does not.
    case gap(Int)
}

/// One rule: a pattern, and what right before or right behind it makes it harmless.
final class GuardRule: Sendable {
    let name: String
    private let pattern: [GuardElement]
    private let notBehind: [GuardWord]
    private let notBefore: [GuardWord]

    init(name: String, pattern: [GuardElement], notBehind: [GuardWord] = [], notBefore: [GuardWord] = []) {
        self.name = name
        self.pattern = pattern
        self.notBehind = notBehind
        self.notBefore = notBefore
    }

    func matches(_ text: GuardText, at start: Int) -> Bool {
        match(text, start, 0) && !excusedBefore(text, start)
    }

    /// Tries the pattern from `element` on at `position`; alternatives are tried in order, with backtracking.
    private func match(_ text: GuardText, _ position: Int, _ element: Int) -> Bool {
        guard element < pattern.count else { return !excusedBehind(text, position) }
        switch pattern[element] {
        case .digits(let range):
            return run(text, position, element, range, isDigitScalar)
        case .numeral(let range):
            return run(text, position, element, range, isNumeralScalar)
        case .decimal(let fraction):
            return decimal(text, position, element, fraction)
        case .anyOf(let words):
            return words.contains {
                text.has($0, at: position) && match(text, position + $0.scalars.count, element + 1)
            }
        case .maybe(let words):
            let taken = words.contains {
                text.has($0, at: position) && match(text, position + $0.scalars.count, element + 1)
            }
            return taken || match(text, position, element + 1)
        case .gap(let longest):
            return gap(text, position, element, longest)
        }
    }

    private func run(
        _ text: GuardText, _ position: Int, _ element: Int, _ range: ClosedRange<Int>,
        _ belongs: (UInt32) -> Bool
    ) -> Bool {
        if position > 0, position <= text.scalars.count, belongs(text.scalars[position - 1]) { return false }
        let end =
            text.scalars[min(position, text.scalars.count)...].firstIndex { !belongs($0) }
            ?? text.scalars.count
        return range.contains(end - position) && match(text, end, element + 1)
    }

    private func decimal(_ text: GuardText, _ position: Int, _ element: Int, _ fraction: Int) -> Bool {
        if position > 0, isDigitScalar(text.scalars[position - 1]) { return false }
        let point = text.endOfDigits(from: position)
        guard (1...3).contains(point - position), point < text.scalars.count, text.scalars[point] == 0x2E
        else { return false }
        let end = text.endOfDigits(from: point + 1)
        return end - point - 1 >= fraction && match(text, end, element + 1)
    }

    private func gap(_ text: GuardText, _ position: Int, _ element: Int, _ longest: Int) -> Bool {
        var end = position
        while true {
            if match(text, end, element + 1) { return true }
            guard end - position < longest, end < text.scalars.count, !endsClause(text.scalars[end]) else {
                return false
            }
            end += 1
        }
    }

    private func excusedBefore(_ text: GuardText, _ start: Int) -> Bool {
        notBehind.contains { text.has($0, at: start - $0.scalars.count) }
    }

    private func excusedBehind(_ text: GuardText, _ end: Int) -> Bool {
        notBefore.contains { text.has($0, at: end) }
    }

    /// Every character the pattern can begin with.
    var firstScalars: Set<UInt32> {
        var first: Set<UInt32> = []
        for element in pattern {
            switch element {
            case .digits, .decimal: return first.union(digitScalars)
            case .numeral: return first.union(numeralScalars)
            case .anyOf(let words): return first.union(words.compactMap { $0.scalars.first })
            case .maybe(let words): first.formUnion(words.compactMap { $0.scalars.first })
            case .gap: return first
            }
        }
        return first
    }
}

extension GuardText {
    fileprivate func has(_ word: GuardWord, at position: Int) -> Bool {
        let length = word.scalars.count
        guard position >= 0, position <= scalars.count - length else { return false }
        for index in 0..<length where scalars[position + index] != word.scalars[index] { return false }
        return true
    }

    fileprivate func endOfDigits(from position: Int) -> Int {
        guard position < scalars.count else { return position }
        return scalars[position...].firstIndex { !isDigitScalar($0) } ?? scalars.count
    }
}

private let digitScalars = Set("0123456789".unicodeScalars.map(\.value))
/// The digits, the numerals, and the ones spoken over the radio (洞 幺 两 拐 勾).
private let numeralScalars = digitScalars.union("零〇一二三四五六七八九十百两幺洞拐勾".unicodeScalars.map(\.value))
private let clauseEnds = Set("，。；、！？,.;!?()（）\"“”\n".unicodeScalars.map(\.value))

private func isDigitScalar(_ scalar: UInt32) -> Bool { scalar >= 0x30 && scalar <= 0x39 }
private func isNumeralScalar(_ scalar: UInt32) -> Bool {
    isDigitScalar(scalar) || (scalar >= 0x3007 && numeralScalars.contains(scalar))
}
private func endsClause(_ scalar: UInt32) -> Bool { clauseEnds.contains(scalar) }
