/// Inflates deflate data (RFC 1951) piece by piece: of neither the packed bytes nor the inflated ones more than a piece is held. It ends on any
/// input, in data or in a typed fault; how much it may make is its caller's to bound (`MemberStream`).
///
/// `input` holds the packed bytes from eight before the reader's on (what `giveBack` returns to) to the end of the piece read last; before a round that might
/// need more of them than there are, the next piece is read (`slide`).
///
/// `output` holds the last 32 KiB made before (what copies reach back to) and behind them the fresh piece.
struct Inflater {
    /// As far as a copy reaches back.
    static let history = 32_768
    /// A piece, bar the last, is at least this long and at most 257 bytes longer.
    static let piece = 65_536
    private static let full = history + piece

    private let source: PackedBytes
    private let start: Int
    private var input: [UInt8]
    /// Where `input` begins in the source.
    private var base: Int
    /// Where it ends, in itself: the end of the packed data, or of what was read of it.
    private var end: Int
    /// Of the packed data, what was not read yet.
    private var rest: Range<Int>
    private var reader = BitReader(at: 0)
    private(set) var output = [UInt8](repeating: 0, count: full + 258)
    private var position = history
    /// Bytes made before the fresh piece.
    private var before = 0
    private var block = Block.between
    private var isLast = false

    private enum Block {
        case between
        /// Bytes left of a stored block.
        case stored(Int)
        case coded(HuffmanCode, HuffmanCode)
    }

    /// Inflates the range, which lies within the source.
    init(_ source: PackedBytes, _ range: Range<Int>) {
        self.source = source
        (start, base) = (range.lowerBound, range.lowerBound)
        (input, end, rest) = ([], 0, range)
    }

    /// More of the packed bytes, when the reader might need some that are not here. Nothing at their end.
    private mutating func slide() {
        while reader.at + Self.ahead > end, !rest.isEmpty {
            let piece = source.read(rest.prefix(max(Self.ahead, source.piece)))
            // The file ends before its time.
            guard !piece.isEmpty else { return rest = rest.upperBound..<rest.upperBound }
            let gone = max(0, reader.at - Self.ahead)
            input.removeFirst(gone)
            input.append(contentsOf: piece)
            base += gone
            reader.at -= gone
            end = input.count
            rest = rest.lowerBound + piece.count..<rest.upperBound
        }
    }

    /// Bytes that a reader takes at once at most, and gives back.
    private static let ahead = 8

    /// The next piece, as a range of `output`; empty at the end of the data.
    mutating func next() throws(SpreadsheetFault) -> Range<Int> {
        keepHistory()
        while position < Self.full {
            switch block {
            case .between where isLast:
                try endsHere()
                return Self.history..<position
            case .between: try begin()
            case .stored(let left): try copyStored(left)
            case .coded(let literals, let distances):
                slide()
                if try decode(literals, distances) { block = .between }
            }
        }
        return Self.history..<position
    }

    private mutating func keepHistory() {
        before += position - Self.history
        let from = position - Self.history
        if from > 0 { for at in 0..<Self.history { output[at] = output[at + from] } }
        position = Self.history
    }

    private func endsHere() throws(SpreadsheetFault) {
        if reader.at - reader.count / 8 != end || !rest.isEmpty { throw fault(.trailingBytes) }
    }

    private func fault(_ problem: SpreadsheetFault.Deflate) -> SpreadsheetFault {
        SpreadsheetFault(.deflate(problem), byte: base + reader.at - reader.count / 8 - start)
    }

    private mutating func take(_ count: Int) throws(SpreadsheetFault) -> Int {
        refill()
        guard reader.count >= count else { throw fault(.truncated) }
        return reader.take(count)
    }

    private mutating func refill() {
        slide()
        let input = input
        reader.refill(input.span.bytes, end)
    }

    // MARK: Blocks

    private mutating func begin() throws(SpreadsheetFault) {
        isLast = try take(1) == 1
        switch try take(2) {
        case 0: try beginStored()
        case 1: block = .coded(Self.fixedLiterals, Self.fixedDistances)
        case 2: try beginDynamic()
        default: throw fault(.blockType)
        }
    }

    private mutating func beginStored() throws(SpreadsheetFault) {
        _ = reader.take(reader.count & 7)
        let length = try take(16)
        guard try take(16) == length ^ 0xFFFF else { throw fault(.storedLength) }
        // What the reader holds beyond these is whole bytes; they go back.
        reader.giveBack()
        block = .stored(length)
    }

    private mutating func copyStored(_ left: Int) throws(SpreadsheetFault) {
        slide()
        // As far as the bytes here reach; all that are still to come must be there.
        let wanted = min(left, Self.full - position)
        guard end - reader.at + rest.count >= wanted else { throw fault(.truncated) }
        let count = min(wanted, end - reader.at)
        guard count > 0 || wanted == 0 else { throw fault(.truncated) }
        for offset in 0..<count { output[position + offset] = input[reader.at + offset] }
        position += count
        reader.at += count
        block = left == count ? .between : .stored(left - count)
    }

    private mutating func beginDynamic() throws(SpreadsheetFault) {
        let (literals, distances, lengths) = (try take(5) + 257, try take(5) + 1, try take(4) + 4)
        guard literals <= 286, distances <= 30 else { throw fault(.tooManyCodes) }
        let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
        var own = [UInt8](repeating: 0, count: 19)
        for at in 0..<lengths { own[order[at]] = UInt8(try take(3)) }
        guard let code = HuffmanCode(own[...], .lengths) else { throw fault(.codeLengths) }
        let all = try readLengths(literals + distances, code)
        guard all[256] != 0 else { throw fault(.noEndOfBlock) }
        guard let first = HuffmanCode(all[..<literals], .symbols),
            let second = HuffmanCode(all[literals...], .symbols)
        else { throw fault(.codeLengths) }
        block = .coded(first, second)
    }

    private mutating func readLengths(_ count: Int, _ code: HuffmanCode) throws(SpreadsheetFault) -> [UInt8] {
        var lengths: [UInt8] = []
        while lengths.count < count {
            refill()
            let entry = code.fast[Int(reader.bits & 1023)]
            guard entry != 0 else { throw fault(.invalidCode) }
            guard Int(entry & 15) <= reader.count else { throw fault(.truncated) }
            _ = reader.take(Int(entry & 15))
            let symbol = UInt8(entry >> 4)
            if symbol < 16 {
                lengths.append(symbol)
                continue
            }
            guard symbol != 16 || !lengths.isEmpty else { throw fault(.repeatsNothing) }
            let repeated = symbol == 16 ? lengths[lengths.count - 1] : 0
            let times = symbol == 16 ? try take(2) + 3 : symbol == 17 ? try take(3) + 3 : try take(7) + 11
            guard lengths.count + times <= count else { throw fault(.lengthsOverrun) }
            lengths.append(contentsOf: repeatElement(repeated, count: times))
        }
        return lengths
    }

    // MARK: Codes

    /// True when the block is at its end, false when the piece is full or the packed bytes here are used up and more of them follow.
    private mutating func decode(
        _ literals: HuffmanCode, _ distances: HuffmanCode
    ) throws(SpreadsheetFault) -> Bool {
        // Everything the loop touches is a local: a store through `self` would be checked each time.
        var (bits, position, made) = (reader, position, [UInt8]())
        swap(&made, &output)
        let (input, end) = (input, end)
        // Beyond here a round might need bytes that are still to be read.
        let enough = rest.isEmpty ? Int.max : end - Self.ahead
        let reachable = before - Self.history
        var problem: SpreadsheetFault.Deflate?
        var ended = false
        do {
            let source = input.span.bytes
            let (fast, far) = (literals.fast.span, distances.fast.span)
            let (bases, extras) = (Self.bases.span, Self.extras.span)
            var made = made.mutableSpan
            while position < Self.full, bits.at <= enough {
                bits.refill(source, end)
                var entry = fast[Int(bits.bits & 1023)]
                if entry == 0 { entry = literals.long(bits.bits) }
                guard bits.takes(entry) else {
                    problem = entry == 0 ? .invalidCode : .truncated
                    break
                }
                let symbol = Int(entry >> 4)
                if symbol < 256 {
                    made[position] = UInt8(truncatingIfNeeded: symbol)
                    position += 1
                    continue
                }
                if symbol == 256 {
                    ended = true
                    break
                }
                guard symbol < 286 else {
                    problem = .invalidCode
                    break
                }
                let lengthBits = Int(extras[symbol - 257])
                let length = Int(bases[symbol - 257]) + bits.take(lengthBits)
                entry = far[Int(bits.bits & 1023)]
                if entry == 0 { entry = distances.long(bits.bits) }
                guard bits.takes(entry), entry >> 4 < 30 else {
                    problem = entry == 0 || entry >> 4 >= 30 ? .invalidCode : .truncated
                    break
                }
                let distanceBits = Int(extras[29 + Int(entry >> 4)])
                let distance = Int(bases[29 + Int(entry >> 4)]) + bits.take(distanceBits)
                guard bits.count >= 0 else {
                    problem = .truncated
                    break
                }
                guard distance <= position + reachable else {
                    problem = .distanceTooFar
                    break
                }
                for at in position..<position + length { made[at] = made[at - distance] }
                position += length
            }
        }
        swap(&made, &output)
        (self.reader, self.position) = (bits, position)
        if let problem {
            let fault = fault(problem)
            reader.giveBack()
            throw fault
        }
        return ended
    }

    /// Lengths of copies (29 places), then distances (30): the first each code means, and the bits that follow (RFC 1951, 3.2.5).
    static func base(_ place: Int) -> Int { Int(bases[place]) }
    static func extra(_ place: Int) -> Int { Int(extras[place]) }

    private static let bases: [UInt16] = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163,
        195,
        227, 258, 1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537,
        2049,
        3073, 4097, 6145, 8193, 12289, 16385, 24577,
    ]
    private static let extras: [UInt8] = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0, 0, 0, 0, 0, 1,
        1, 2,
        2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
    ]

    private static let fixedLiterals = fixed(
        [UInt8](repeating: 8, count: 144) + [UInt8](repeating: 9, count: 112)
            + [UInt8](repeating: 7, count: 24) + [UInt8](repeating: 8, count: 8))
    private static let fixedDistances = fixed([UInt8](repeating: 5, count: 32))

    private static func fixed(_ lengths: [UInt8]) -> HuffmanCode {
        guard let code = HuffmanCode(lengths[...], .symbols) else {
            preconditionFailure("no code")  // programmer error: the tables of RFC 1951, 3.2.6 are full codes
        }
        return code
    }
}

/// The stream's bits, lowest first. `count` may be driven below zero by `take`, which is how the loop learns of an end once a round.
private struct BitReader {
    var bits: UInt64 = 0
    var count = 0
    /// The next byte that is not in `bits`.
    var at: Int

    init(at: Int) { self.at = at }

    /// Fills up to at least 56 bits, fewer only at the input's end. A round of the loop needs 48.
    mutating func refill(_ source: RawSpan, _ end: Int) {
        if count >= 56 { return }
        if at + 8 <= end {
            let word = UInt64(littleEndian: source.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
            bits |= word << UInt64(count)
            let bytes = (63 - count) >> 3
            at += bytes
            count += bytes << 3
            // Bits above `count` are the next byte's; they are read again.
            if count < 64 { bits &= (1 << UInt64(count)) - 1 }
            return
        }
        while count < 56, at < end {
            bits |= UInt64(source.unsafeLoad(fromByteOffset: at, as: UInt8.self)) << UInt64(count)
            at += 1
            count += 8
        }
    }

    /// The next `count` bits (0...16); zeros behind the end.
    mutating func take(_ count: Int) -> Int {
        let value = Int(bits & ((1 << UInt64(count)) - 1))
        bits >>= UInt64(count)
        self.count -= count
        return value
    }

    /// Takes a code's word; false when there is none or it is not whole.
    mutating func takes(_ entry: UInt16) -> Bool {
        let length = Int(entry & 15)
        guard entry != 0, length <= count else { return false }
        bits >>= UInt64(length)
        count -= length
        return true
    }

    mutating func giveBack() {
        if count > 0 { at -= count / 8 }
        (bits, count) = (0, 0)
    }
}
