/// Where keys go that are more than are held in memory: a file of whoever checks, which ends with the check.
package protocol KeyRunFile: AnyObject {
    func append(_ bytes: [UInt8], at offset: Int) throws(KeyRunsFailed)
    func read(_ count: Int, at offset: Int) throws(KeyRunsFailed) -> [UInt8]
}

/// The file of keys could not be written, or read.
package struct KeyRunsFailed: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// Which keys of a batch were there before, and in which row, however many rows there are: BATCH.md 4.
///
///     newest keys    in memory, twelve bytes each (64 bits of the key's print, row), up to `BatchLimits.keysHeld` of them
///     when full      they are a run: written sorted behind the last one; in memory stay a byte a key (a filter) and the first print of each block
///     a key          is looked for in memory, then in those runs whose filter knows it: one block each is read
///
/// So a batch of any size is checked in one pass, in four megabytes for a million rows, which is what seventy thousand take. Two different keys with the same 64 bits among
/// two million: one batch in ten million is refused a row that it may send again alone.
package struct SeenKeys {
    private var prints: [UInt64]
    private var rows: [UInt32]
    private var count = 0
    private let most: Int
    private var runs: [KeyRun] = []
    private var written = 0
    private let file: any KeyRunFile

    /// - Parameters:
    ///   - file: written only when there are more keys than `held`.
    ///   - held: keys in memory.
    package init(_ file: any KeyRunFile, held: Int = BatchLimits.keysHeld) {
        self.file = file
        most = max(1, held)
        prints = Array(repeating: 0, count: 16)
        rows = Array(repeating: 0, count: 16)
    }

    /// The row that had the key before; nil: none, and the key is remembered.
    /// - Parameter print: 64 bits that depend on all of the key, well mixed.
    package mutating func row(of print: UInt64, at row: Int) throws(KeyRunsFailed) -> Int? {
        let print = max(1, print)
        let slot = slot(of: print)
        if prints[slot] == print { return Int(rows[slot]) }
        for run in runs.reversed() {
            if let row = try run.row(of: print, file) { return row }
        }
        if count == most {
            try spill()
            remember(print, row, in: self.slot(of: print))
        } else {
            remember(print, row, in: slot)
        }
        return nil
    }

    private mutating func remember(_ print: UInt64, _ row: Int, in slot: Int) {
        (prints[slot], rows[slot]) = (print, UInt32(clamping: row))
        count += 1
        if count * 2 > prints.count { grow() }
    }

    private func slot(of print: UInt64) -> Int {
        let mask = UInt64(prints.count - 1)
        var slot = print & mask
        while prints[Int(slot)] != 0, prints[Int(slot)] != print { slot = (slot + 1) & mask }
        return Int(slot)
    }

    private mutating func grow() {
        let (old, oldRows) = (prints, rows)
        prints = Array(repeating: 0, count: old.count * 2)
        rows = Array(repeating: 0, count: old.count * 2)
        for (index, print) in old.enumerated() where print != 0 {
            let slot = slot(of: print)
            (prints[slot], rows[slot]) = (print, oldRows[index])
        }
    }

    /// What is in memory becomes a run.
    private mutating func spill() throws(KeyRunsFailed) {
        var places = prints.indices.filter { prints[$0] != 0 }
        places.sort { prints[$0] < prints[$1] }
        var run = KeyRun(keys: places.count, at: written)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(places.count * KeyRun.entryBytes)
        for place in places { run.add(prints[place], rows[place], &bytes) }
        try file.append(bytes, at: written)
        written += bytes.count
        runs.append(run)
        for index in prints.indices { prints[index] = 0 }
        count = 0
    }
}

/// Keys that lie in the file: each its print and its row, little endian, in the order of the prints.
private struct KeyRun {
    static let entryBytes = 12
    /// Entries read to find one: three kilobytes.
    static let blockEntries = 256
    /// Bits of the filter for each key, three of which are set: one key in thirty that is not there is looked for in vain.
    static let filterBits = 8

    private let start: Int
    private var entries = 0
    private var filter: [UInt64]
    /// The first print of each block.
    private var firsts: [UInt64] = []

    init(keys: Int, at start: Int) {
        self.start = start
        var words = 1
        while words * UInt64.bitWidth < keys * Self.filterBits { words *= 2 }
        filter = Array(repeating: 0, count: words)
    }

    /// - Parameter print: larger than all before.
    mutating func add(_ print: UInt64, _ row: UInt32, _ bytes: inout [UInt8]) {
        if entries % Self.blockEntries == 0 { firsts.append(print) }
        entries += 1
        let places = places(of: print)
        mark(places.0)
        mark(places.1)
        mark(places.2)
        withUnsafeBytes(of: print.littleEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: row.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Three places in the filter. Mixed, as the print's low bits choose its slot in memory; runs have fewer than 2^18 keys, so 21 bits are enough for each.
    private func places(of print: UInt64) -> (Int, Int, Int) {
        let (mixed, mask) = (mix(print), UInt64(filter.count * UInt64.bitWidth - 1))
        return (Int(mixed & mask), Int(mixed >> 21 & mask), Int(mixed >> 42 & mask))
    }

    private mutating func mark(_ place: Int) { filter[place / 64] |= 1 << UInt64(place % 64) }
    private func isMarked(_ place: Int) -> Bool { filter[place / 64] & 1 << UInt64(place % 64) != 0 }

    private func mayHave(_ print: UInt64) -> Bool {
        let places = places(of: print)
        return isMarked(places.0) && isMarked(places.1) && isMarked(places.2)
    }

    func row(of print: UInt64, _ file: any KeyRunFile) throws(KeyRunsFailed) -> Int? {
        guard mayHave(print), let block = firsts.lastIndex(notAbove: print) else { return nil }
        let first = block * Self.blockEntries
        let count = min(Self.blockEntries, entries - first) * Self.entryBytes
        let bytes = try file.read(count, at: start + first * Self.entryBytes)
        guard bytes.count == count else { throw KeyRunsFailed("the file of keys ends early") }
        for at in stride(from: 0, to: count, by: Self.entryBytes) where number(bytes, at, 8) == print {
            return Int(number(bytes, at + 8, 4))
        }
        return nil
    }

    private func number(_ bytes: [UInt8], _ at: Int, _ count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
    }
}

extension [UInt64] {
    /// Of ascending numbers, the last that is not above; nil: all are.
    fileprivate func lastIndex(notAbove number: UInt64) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] <= number { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }
}

/// Prints of keys for the time of one check: from a number that only the check knows, so that whoever finds its file learns nothing.
package struct KeyPrinter: Sendable {
    private let start: Fingerprint

    package init(secret: UInt64) {
        var start = Fingerprint()
        start.absorb(secret)
        self.start = start
    }

    package func print(_ key: [UInt8]) -> UInt64 {
        var print = start
        for byte in key { print.absorb(byte) }
        return print.mixed
    }
}
