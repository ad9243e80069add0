/// Deflates bytes as they come into one block of fixed codes (RFC 1951, 3.2.6): the nearest earlier place with the same four bytes is
/// copied from. A sheet shrinks to a fifth or less, which is enough for a file that people send; codes fitted to the text would save
/// a third more.
struct Deflater {
    /// Bytes added are packed once this many wait.
    private static let piece = 1 << 16
    private static let history = 32_768
    private static let longest = 258
    private static let shortest = 4

    private(set) var packed: [UInt8] = []
    private var bits: UInt64 = 0
    private var bitCount = 0
    /// History, then what waits from `at` on.
    private var window: [UInt8] = []
    private var at = 0
    /// Bytes that have left the window.
    private var base = 0
    /// By a hash of four bytes: where they stood last, plus 1, in the whole; 0: nowhere.
    private var heads = [Int](repeating: 0, count: 1 << 15)

    init() { put(0b011, 3) }

    mutating func add(_ bytes: [UInt8]) {
        window.append(contentsOf: bytes)
        if window.count - at >= Self.piece { pack(upTo: window.count - Self.longest) }
    }

    /// The end of the data; nothing may be added behind it.
    mutating func finish() {
        pack(upTo: window.count)
        put(0, 7)
        put(0, (8 - bitCount & 7) & 7)
        flush()
    }

    private mutating func pack(upTo end: Int) {
        while at < end {
            if let (distance, length) = copy() {
                putLength(length)
                putDistance(distance)
                at += length
            } else {
                putLiteral(window[at])
                at += 1
            }
        }
        flush()
        let leaving = at - Self.history
        guard leaving > 0 else { return }
        window.removeFirst(leaving)
        base += leaving
        at -= leaving
    }

    /// The copy that can stand for the bytes at `at`; notes the place for later ones.
    private mutating func copy() -> (distance: Int, length: Int)? {
        guard at + Self.shortest <= window.count else { return nil }
        let hash = Int((window.word32(at) &* 0x9E37_79B1) >> 17)
        let earlier = heads[hash] - 1 - base
        heads[hash] = base + at + 1
        guard earlier >= 0, at - earlier <= Self.history, earlier < at else { return nil }
        let most = min(Self.longest, window.count - at)
        var length = 0
        while length < most, window[earlier + length] == window[at + length] { length += 1 }
        return length >= Self.shortest ? (at - earlier, length) : nil
    }

    // MARK: Bits

    private mutating func put(_ value: Int, _ count: Int) {
        bits |= UInt64(value) << UInt64(bitCount)
        bitCount += count
        while bitCount >= 32 {
            for shift in [0, 8, 16, 24] { packed.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift))) }
            bits >>= 32
            bitCount -= 32
        }
    }

    /// Whole bytes only.
    private mutating func flush() {
        while bitCount >= 8 {
            packed.append(UInt8(truncatingIfNeeded: bits))
            bits >>= 8
            bitCount -= 8
        }
    }

    private mutating func putLiteral(_ byte: UInt8) {
        if byte < 144 {
            put(Self.reversed(0x30 + Int(byte), 8), 8)
        } else {
            put(Self.reversed(0x190 + Int(byte) - 144, 9), 9)
        }
    }

    private mutating func putLength(_ length: Int) {
        let place = Self.lengthPlaces[length]
        if place < 23 {
            put(Self.reversed(place + 1, 7), 7)
        } else {
            put(Self.reversed(0xC0 + place - 23, 8), 8)
        }
        put(length - Inflater.base(place), Inflater.extra(place))
    }

    private mutating func putDistance(_ distance: Int) {
        var place = 29
        while Inflater.base(29 + place) > distance { place -= 1 }
        put(Self.reversed(place, 5), 5)
        put(distance - Inflater.base(29 + place), Inflater.extra(29 + place))
    }

    /// Codes go highest bit first.
    private static func reversed(_ code: Int, _ count: Int) -> Int {
        var (code, reversed) = (code, 0)
        for _ in 0..<count {
            reversed = reversed << 1 | code & 1
            code >>= 1
        }
        return reversed
    }

    /// The place of each length (3...258) among the 29 length codes.
    private static let lengthPlaces: [Int] = (0...longest).map { length in
        (0..<29).last { Inflater.base($0) <= length } ?? 0
    }
}
