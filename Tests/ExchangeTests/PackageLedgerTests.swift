import Schema
import Testing

@testable import Exchange

@Suite("PACKAGE.md 5 numbers: the next, again, a gap, a fork")
struct PackageSequenceTests {
    private func digest(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

    @Test("each line of the table")
    func verdicts() {
        var sequence = PackageSequence()
        #expect(sequence.judge(number: 1, digest: digest(1), previous: []) == .next)
        #expect(sequence.judge(number: 1, digest: digest(1), previous: digest(9)) == .fork)
        #expect(sequence.judge(number: 2, digest: digest(2), previous: digest(1)) == .gap(1...1))
        sequence.take(digest(1), isOpen: true)
        #expect(sequence.judge(number: 1, digest: digest(1), previous: []) == .again(isOpen: true))
        #expect(sequence.judge(number: 1, digest: digest(7), previous: []) == .fork)
        #expect(sequence.judge(number: 2, digest: digest(2), previous: digest(1)) == .open(1))
        sequence.finish()
        #expect(sequence.judge(number: 1, digest: digest(1), previous: []) == .again(isOpen: false))
        #expect(sequence.judge(number: 2, digest: digest(2), previous: digest(3)) == .fork)
        #expect(sequence.judge(number: 2, digest: digest(2), previous: digest(1)) == .next)
        #expect(sequence.judge(number: 15, digest: digest(2), previous: digest(1)) == .gap(2...14))
        #expect(sequence.judge(number: 0, digest: digest(2), previous: []) == .fork)
        #expect(sequence.judge(number: .max, digest: digest(2), previous: []) == .gap(2...UInt64.max - 1))
    }

    @Test("what is kept is read again, and nothing else is")
    func kept() {
        #expect(PackageSequence(digests: digest(1) + digest(2), isOpen: true)?.last == 2)
        #expect(PackageSequence(digests: digest(1) + [2], isOpen: false) == nil)
        #expect(PackageSequence(digests: [], isOpen: true) == nil)
        let most = Int(PackageSequence.limit) * 32
        #expect(PackageSequence(digests: [UInt8](repeating: 0, count: most), isOpen: false) != nil)
        #expect(PackageSequence(digests: [UInt8](repeating: 0, count: most + 32), isOpen: false) == nil)
    }

    @Test("the code on the sheet is 50 bits, and one wrong symbol is noticed")
    func code() {
        let code = PackageCode(digest(0xFF))
        #expect(code.text == "ZZZZZ-ZZZZZ-" + code.text.suffix(1))
        #expect(PackageCode([UInt8](repeating: 0, count: 32)).text == "00000-00000-0")
        #expect(code.isSpelled(code.text.lowercased()))
        #expect(
            PackageCode(digest(0)).isSpelled("OOOOO 00000 o") && !PackageCode(digest(0)).isSpelled("0000"))
        #expect(!code.isSpelled("ZZZZZ-ZZZZY-" + code.text.suffix(1)))
    }
}
