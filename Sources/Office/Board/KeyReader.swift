/// Bytes of a terminal into keys. A key may come in pieces; what is no key is dropped, whatever it is: a terminal pastes anything.
package struct KeyReader: Sendable {
    /// The longest piece kept for its rest: escape sequences of keys and one UTF-8 scalar are shorter.
    private static let mostPending = 16
    private var pending: [UInt8] = []

    package init() {}

    package mutating func take(_ bytes: some Sequence<UInt8>) -> [Board.Key] {
        var keys: [Board.Key] = []
        for byte in bytes {
            pending.append(byte)
            if let key = whole() { keys += key }
            if pending.count > Self.mostPending { pending = [] }
        }
        return keys
    }

    /// Nothing more came for a while: an escape alone is the Esc key.
    package mutating func idle() -> [Board.Key] {
        defer { pending = [] }
        return pending == [0x1B] ? [.escape] : []
    }

    /// The keys of what is pending, when it is whole; nil when more must come.
    private mutating func whole() -> [Board.Key]? {
        guard let first = pending.first else { return nil }
        if first == 0x1B { return escape() }
        if first < 0x80 {
            pending = []
            return plain(first).map { [$0] } ?? []
        }
        return scalar(first)
    }

    private func plain(_ byte: UInt8) -> Board.Key? {
        switch byte {
        case 0x03, 0x04: .quit
        case 0x0C: .redraw
        case 0x08, 0x7F: .backspace
        case 0x20..<0x7F: .text(String(UnicodeScalar(byte)))
        default: nil
        }
    }

    private mutating func escape() -> [Board.Key]? {
        guard pending.count > 1 else { return nil }
        guard pending[1] == UInt8(ascii: "[") || pending[1] == UInt8(ascii: "O") else {
            // Esc, and then something else.
            let rest = Array(pending.dropFirst())
            pending = []
            return [.escape] + take(rest)
        }
        guard pending.count > 2, let last = pending.last, (0x40...0x7E).contains(last) else { return nil }
        let body = String(decoding: pending.dropFirst(2), as: UTF8.self)
        pending = []
        return Self.sequences[body].map { [$0] } ?? []
    }

    private static let sequences: [String: Board.Key] = [
        "A": .up, "B": .down, "5~": .pageUp, "6~": .pageDown, "H": .home, "F": .end, "1~": .home, "4~": .end,
        "7~": .home, "8~": .end,
    ]

    private mutating func scalar(_ first: UInt8) -> [Board.Key]? {
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 0
        guard length > 0 else {
            pending = []
            return []
        }
        guard pending.count >= length else { return nil }
        let bytes = pending
        pending = []
        guard let text = String(validating: bytes, as: UTF8.self) else { return [] }
        return [.text(text)]
    }
}
