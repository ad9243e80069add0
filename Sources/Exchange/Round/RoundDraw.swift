/// SHA-256, which is not to be had in this pure module: its callers hand it in.
package typealias RoundHash = ([UInt8]) -> [UInt8]

/// The draw that decides what the declared rules leave equal (ROUND.md 4). Nobody can steer it: whoever knows the secret has committed to it
/// before the inputs were frozen, and nobody knew the public value then.
///
/// Each use of the hash has its own beginning, so that no value of one can be passed off as one of another. The numbers are drawn one for each
/// person and compared whole, so no order is likelier than another, and whether others are equal changes nobody's number.
package struct RoundDraw: Sendable, Hashable {
    package let inputsDigest: [UInt8]
    package let seed: [UInt8]

    package enum Use: String, Sendable {
        case commitment
        case inputs
        case seed
        case draw
        case sheet
        case file

        /// `twolists.round.seed.1` and a zero byte.
        package var beginning: [UInt8] { Array("twolists.round.\(rawValue).1".utf8) + [0] }
    }

    package init(secret: [UInt8], inputsDigest: [UInt8], publicValue: String, hash: RoundHash) {
        self.inputsDigest = inputsDigest
        seed = hash(Use.seed.beginning + secret + inputsDigest + publicValue.utf8)
    }

    /// What is announced of the secret.
    package static func commitment(_ secret: [UInt8], _ hash: RoundHash) -> [UInt8] {
        hash(Use.commitment.beginning + secret)
    }

    /// A person's number; the smallest, read as one big-endian number, comes first.
    package func number(of key: String, _ hash: RoundHash) -> [UInt8] {
        hash(Use.draw.beginning + seed + key.utf8)
    }

    /// Whether a text can be the public value: what is read out can be typed by everybody alike.
    package static func isPublicValue(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (1...RoundLimits.valueBytes).contains(bytes.count), bytes.first != 0x20, bytes.last != 0x20
        else { return false }
        return bytes.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
