/// What one character is to the checks of a text, in sixteen bits, so that a text costs one look-up a
/// character whatever is asked about it.
struct CharacterTraits {
    var raw: UInt16

    /// What it stands for in the guard's rules, levelled.
    var symbol: GuardSymbol { GuardSymbol(raw: raw & Self.symbolBits) }
    /// What Unicode calls white space.
    var isWhiteSpace: Bool { raw & Self.whiteSpace != 0 }
    /// A line break or a tab.
    var isLineControl: Bool { raw & Self.lineControl != 0 }
    /// A control character or direction mark no text may hold.
    var isControl: Bool { raw & Self.control != 0 }

    static let symbolBits: UInt16 = 0x0FFF
    private static let whiteSpace: UInt16 = 0x1000
    private static let lineControl: UInt16 = 0x2000
    private static let control: UInt16 = 0x4000

    /// The traits of a character of the basic plane whose symbol is known.
    init(_ scalar: UInt32, _ symbol: GuardSymbol) {
        raw = symbol.raw & Self.symbolBits
        if Exchange.isWhiteSpace(scalar) { raw |= Self.whiteSpace }
        switch scalar {
        case 0x09, 0x0A: raw |= Self.lineControl
        case 0x00...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: raw |= Self.control
        default: break
        }
    }

    init(raw: UInt16) { self.raw = raw }

    static let none = CharacterTraits(raw: 0)
    static let all = CharacterTraits(raw: .max)
}

/// The traits of every character. Beyond the basic plane there is no white space, no control character and no
/// word of a rule, so that 128 KiB hold them all.
struct CharacterTable: Sendable {
    private let traits: [UInt16]

    init(_ alphabet: GuardAlphabet) {
        traits = (0..<0x1_0000).map { CharacterTraits($0, alphabet.symbol(levelling: $0)).raw }
    }

    /// Calls `body` with the traits of each character of `text`, in order.
    @inline(__always)
    func forEach(in text: String, _ body: (CharacterTraits) -> Void) {
        let bytes = text.utf8.span
        let traits = traits.span
        var next = 0
        while next < bytes.count {
            let scalar = Self.scalar(bytes, &next)
            body(scalar < traits.count ? CharacterTraits(raw: traits[scalar]) : .none)
        }
    }

    /// The scalar that begins at `next`, which moves behind it. A String's bytes are always valid UTF-8.
    @inline(__always)
    private static func scalar(_ bytes: borrowing Span<UInt8>, _ next: inout Int) -> Int {
        func rest(_ offset: Int) -> Int { Int(bytes[next + offset] & 0x3F) }
        let lead = Int(bytes[next])
        let scalar: Int
        switch lead {
        case ..<0x80: (scalar, next) = (lead, next + 1)
        case ..<0xE0: (scalar, next) = ((lead & 0x1F) << 6 | rest(1), next + 2)
        case ..<0xF0: (scalar, next) = ((lead & 0x0F) << 12 | rest(1) << 6 | rest(2), next + 3)
        default:
            let high = (lead & 0x07) << 18 | rest(1) << 12
            (scalar, next) = (high | rest(2) << 6 | rest(3), next + 4)
        }
        return scalar
    }
}
