/// Names numbered in the order they came: party keys, officer ids, codes. The number is
/// what the core stores.
///
/// An open-addressing table over UTF-8 bytes. Bytes decide, not Swift's canonical String equality: `K`
/// (Kelvin sign) is not `K`. Only administrators and accepted commands insert, so the hash needs no secret;
/// strangers' texts are only looked up.
struct NameTable: Sendable {
    private(set) var names: [String] = []
    private var buckets = [UInt32](repeating: 0, count: 16)  // number + 1; 0: free. A power of two.

    var count: Int { names.count }

    subscript(number: Int) -> String { names[number] }

    func find(_ name: String) -> Int? {
        guard !name.isEmpty else { return nil }  // nothing is called nothing, and it is asked for often
        let bucket = buckets[position(of: name)]
        return bucket == 0 ? nil : Int(bucket - 1)
    }

    /// The number of `name`, which may be new.
    mutating func insert(_ name: String) -> Int {
        let position = position(of: name)
        if buckets[position] != 0 { return Int(buckets[position] - 1) }
        names.append(name)
        buckets[position] = UInt32(names.count)
        if names.count * 2 > buckets.count { grow() }
        return names.count - 1
    }

    /// The bucket that holds `name`, or the free one where it belongs. At least half of the buckets are free.
    private func position(of name: String) -> Int {
        let mask = buckets.count - 1
        let names = names.span  // in place: a name taken out of the array is retained for the look
        var position = Int(truncatingIfNeeded: Self.hash(name)) & mask
        while true {
            let bucket = buckets[position]
            if bucket == 0 || haveSameBytes(names[Int(bucket - 1)], name) { return position }
            position = (position + 1) & mask
        }
    }

    private mutating func grow() {
        buckets = [UInt32](repeating: 0, count: buckets.count * 2)
        for (number, name) in names.enumerated() { buckets[position(of: name)] = UInt32(number + 1) }
    }

    private static func hash(_ name: String) -> UInt64 {
        var fingerprint = Fingerprint()
        let bytes = name.utf8.span
        for index in bytes.indices { fingerprint.absorb(bytes[index]) }
        return fingerprint.mixed
    }
}

/// Whether two names are one: byte for byte, as identities and keys are compared. Spans, because the
/// iterators of `String.utf8` ask at every byte how the string is stored.
package func haveSameBytes(_ a: String, _ b: String) -> Bool {
    let (a, b) = (a.utf8.span, b.utf8.span)
    guard a.count == b.count else { return false }
    for index in a.indices where a[index] != b[index] { return false }
    return true
}
