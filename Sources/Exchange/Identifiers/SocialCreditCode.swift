/// A unified social credit code, GB 32100-2015: eighteen characters of `0-9A-HJ-NPQRTUWXY`, the last one the
/// check: 31 − (Σ cᵢ·3^(i−1) mod 31), where 31 stands for 0.
package struct SocialCreditCode: Sendable, Hashable {
    package let characters: [UInt8]

    package enum Fault: Error, Sendable, Hashable {
        case empty
        case wrongLength(Int)
        /// A character outside the alphabet (I, O, S, V and Z are not in it). Position counts from one.
        case wrongCharacter(position: Int)
        case wrongCheck(expected: Character)
    }

    static let length = 18  // characters, GB 32100-2015
    private static let alphabet = [UInt8]("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)

    /// Reads a code as typed: outer white space is dropped, full-width and lower-case characters are folded.
    package init(_ text: String) throws(Fault) {
        let bytes = asciiCapitals(text)
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count == Self.length else { throw .wrongLength(bytes.count) }
        var values: [Int] = []
        values.reserveCapacity(Self.length)
        for (index, byte) in bytes.enumerated() {
            guard let value = Self.alphabet.firstIndex(of: byte) else {
                throw .wrongCharacter(position: index + 1)
            }
            values.append(value)
        }
        let expected = Self.alphabet[Self.check(of: values)]
        guard bytes[Self.length - 1] == expected else {
            throw .wrongCheck(expected: Character(Unicode.Scalar(expected)))
        }
        characters = bytes
    }

    package var text: String { String(decoding: characters, as: UTF8.self) }

    private static func check(of values: [Int]) -> Int {
        var sum = 0
        var weight = 1
        for value in values.dropLast() {
            sum += value * weight
            weight = weight * 3 % 31
        }
        return (31 - sum % 31) % 31
    }
}
