/// The packages of one sender to one receiver, by their digests: what PACKAGE.md 5 says of the next one. Used by the bureau's state and by a
/// party that keeps its own.
package struct PackageSequence: Sendable, Hashable {
    /// What a package is to those before it.
    package enum Verdict: Sendable, Hashable {
        case next
        /// It was taken; `isOpen`: and not finished.
        case again(isOpen: Bool)
        /// These numbers are missing.
        case gap(ClosedRange<UInt64>)
        /// Another package has the number, or the one before it is another.
        case fork
        /// That number must be finished first.
        case open(UInt64)
    }

    package static let digestBytes = 32
    /// A package a day for a working life; and what the ledger of a party that never stops may take in memory (320 KB).
    package static let limit: UInt64 = 10_000

    /// All of them, one after the other.
    package private(set) var digests: [UInt8] = []
    /// The last was begun and not finished.
    package private(set) var isOpen = false

    package init() {}

    /// As written before; nil when it is none.
    package init?(digests: [UInt8], isOpen: Bool) {
        guard digests.count % Self.digestBytes == 0, !(isOpen && digests.isEmpty),
            digests.count / Self.digestBytes <= Int(Self.limit)
        else { return nil }
        (self.digests, self.isOpen) = (digests, isOpen)
    }

    /// The last number; 0: there is none.
    package var last: UInt64 { UInt64(digests.count / Self.digestBytes) }

    /// Empty for a number that was not taken.
    package func digest(_ number: UInt64) -> [UInt8] {
        guard number >= 1, number <= last else { return [] }
        let start = Int(number - 1) * Self.digestBytes
        return [UInt8](digests[start..<start + Self.digestBytes])
    }

    package func judge(number: UInt64, digest: [UInt8], previous: [UInt8]) -> Verdict {
        if number <= last {
            return self.digest(number) == digest ? .again(isOpen: isOpen && number == last) : .fork
        }
        if number > last + 1 { return .gap(last + 1...number - 1) }
        if isOpen { return .open(last) }
        return previous == self.digest(last) ? .next : .fork
    }

    /// - Parameter isOpen: it has to be finished.
    package mutating func take(_ digest: [UInt8], isOpen: Bool) {
        digests += digest
        self.isOpen = isOpen
    }

    package mutating func finish() { isOpen = false }
}
