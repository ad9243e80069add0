import TestSupport
import Wire

/// Makes messages of any generated type at random, straight to bytes: in any order, packed or not, with overlong varints,
/// unknown fields and groups: everything a decoder must take. Then breaks them.
struct RandomMessage {
    var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// A well-formed message, but for one text in fifty.
    mutating func message(_ type: any Message.Type, depth: Int = 0) -> [UInt8] {
        var out: [UInt8] = []
        for _ in 0..<Int.random(in: 0...(depth == 0 ? 8 : 3), using: &random) {
            if chance(15) {
                out += unknown(depth: depth)
            } else if let field = type.protoFields.randomElement(using: &random) {
                out += self.field(field, depth: depth)
            }
        }
        return out
    }

    /// The bytes with a few bytes changed, taken out, put in or doubled.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[place] = random.bytes(1).first ?? 0
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(contentsOf: random.bytes(1), at: place)
            default:
                let end = min(bytes.count, place + Int.random(in: 1...12, using: &random))
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            }
        }
        return bytes
    }

    mutating func truncated(_ bytes: [UInt8]) -> [UInt8] {
        Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
    }

    // MARK: Fields

    private mutating func field(_ field: ProtoField, depth: Int) -> [UInt8] {
        if chance(40) { return wrongType(field.number) }
        if case .map(let key, let value) = field.kind {
            return entry(field.number, key, value, depth: depth)
        }
        guard field.isRepeated else {
            return tag(field.number, Self.wire(field.kind)) + value(field.kind, depth: depth)
        }
        let count = Int.random(in: 0...4, using: &random)
        let values = (0..<count).map { _ in value(field.kind, depth: depth) }
        if Self.wire(field.kind) != 2 && Bool.random(using: &random) {
            return delimited(field.number, values.flatMap { $0 })
        }
        return values.flatMap { tag(field.number, Self.wire(field.kind)) + $0 }
    }

    private mutating func entry(
        _ number: UInt32, _ key: ProtoField.Kind, _ value: ProtoField.Kind, depth: Int
    ) -> [UInt8] {
        var parts: [[UInt8]] = []
        if !chance(8) { parts.append(tag(1, Self.wire(key)) + self.value(key, depth: depth)) }
        if !chance(8) { parts.append(tag(2, Self.wire(value)) + self.value(value, depth: depth)) }
        if chance(20) { parts.append(tag(2, Self.wire(value)) + self.value(value, depth: depth)) }
        if chance(40) { parts.append(unknown(depth: depth)) }
        parts.shuffle(using: &random)
        return delimited(number, parts.flatMap { $0 })
    }

    private mutating func unknown(depth: Int) -> [UInt8] {
        let numbers: [UInt32] = [5, 19, 140, 600, 70000, 536_870_910]
        let number = numbers.randomElement(using: &random) ?? 5
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return tag(number, 0) + varint(bits())
        case 1: return tag(number, 1) + random.bytes(8)
        case 2: return delimited(number, random.bytes(Int.random(in: 0...9, using: &random)))
        case 3: return tag(number, 5) + random.bytes(4)
        default:
            let inner = depth < 5 ? unknown(depth: depth + 1) : []
            return tag(number, 3) + inner + tag(number, 4)
        }
    }

    private mutating func wrongType(_ number: UInt32) -> [UInt8] {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: tag(number, 0) + varint(bits())
        case 1: tag(number, 1) + random.bytes(8)
        case 2: delimited(number, varint(bits()))
        default: tag(number, 5) + random.bytes(4)
        }
    }

    // MARK: Values

    static func wire(_ kind: ProtoField.Kind) -> UInt32 {
        switch kind {
        case .fixed32, .sfixed32, .float: 5
        case .fixed64, .sfixed64, .double: 1
        case .string, .bytes, .message, .map: 2
        default: 0
        }
    }

    private mutating func value(_ kind: ProtoField.Kind, depth: Int) -> [UInt8] {
        switch kind {
        case .string: return lengthAnd(text())
        case .bytes: return lengthAnd(random.bytes(Int.random(in: 0...20, using: &random)))
        case .message(let type): return lengthAnd(depth < 4 ? message(type, depth: depth + 1) : [])
        default: break
        }
        switch Self.wire(kind) {
        case 5: return chance(6) ? [0, 0, 0, 0x80] : random.bytes(4)
        case 1: return chance(6) ? [0, 0, 0, 0, 0, 0, 0, 0x80] : random.bytes(8)
        default: return varint(bits())
        }
    }

    private mutating func text() -> [UInt8] {
        if chance(50) { return random.bytes(Int.random(in: 1...6, using: &random)) }
        let words = [
            "", "a", "军地双拥", "e\u{301}", "\u{e9}", "\0", "\r\n", "😀", "a text of more than fifteen bytes",
        ]
        return Array((words.randomElement(using: &random) ?? "").utf8)
    }

    /// 64 bits with edges more often than chance would have them.
    private mutating func bits() -> UInt64 {
        let edges: [UInt64] = [0, 1, 2, 127, 128, 1 << 31, 1 << 32, 1 << 33, 1 << 63, .max, .max >> 1]
        return chance(3)
            ? edges.randomElement(using: &random) ?? 0
            : random.next() >> UInt64.random(in: 0...63, using: &random)
    }

    private mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &random) == 0 }

    // MARK: Bytes

    private mutating func tag(_ number: UInt32, _ wire: UInt32) -> [UInt8] {
        varint(UInt64(number << 3 | wire), most: 5)
    }

    private mutating func delimited(_ number: UInt32, _ bytes: [UInt8]) -> [UInt8] {
        tag(number, 2) + lengthAnd(bytes)
    }

    private mutating func lengthAnd(_ bytes: [UInt8]) -> [UInt8] {
        varint(UInt64(bytes.count), most: 5) + bytes
    }

    /// One in thirty is longer than it need be, up to `most` bytes.
    private mutating func varint(_ value: UInt64, most: Int = 10) -> [UInt8] {
        var out: [UInt8] = []
        var rest = value
        repeat {
            out.append(UInt8(truncatingIfNeeded: rest & 0x7f))
            rest >>= 7
        } while rest > 0
        if chance(30) { while out.count < Int.random(in: 1...most, using: &random) { out.append(0) } }
        for index in out.indices.dropLast() { out[index] |= 0x80 }
        return out
    }
}
