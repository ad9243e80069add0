/// How a text file's characters are written.
package enum TextEncoding: String, Sendable, Hashable, CaseIterable {
    /// With a byte order mark where the file has one.
    case utf8
    case gb18030
    case utf16LittleEndian = "utf16le"
    case utf16BigEndian = "utf16be"

    package var name: String {
        switch self {
        case .utf8: "UTF-8"
        case .gb18030: "GB18030/GBK"
        case .utf16LittleEndian: "UTF-16LE"
        case .utf16BigEndian: "UTF-16BE"
        }
    }
}

/// An encoding and why it was taken for it: told, since a wrong guess is seen nowhere else.
package struct EncodingGuess: Sendable, Hashable {
    package let encoding: TextEncoding
    package let reason: Reason
    /// Bytes of the mark in front.
    package let markBytes: Int

    package enum Reason: String, Sendable, Hashable, CaseIterable {
        case byteOrderMark
        /// Every second byte of what is ASCII is zero.
        case zeroBytes
        /// Characters of several bytes are all well formed UTF-8, which other encodings' text is hardly ever.
        case wellFormed
        /// No well-formed UTF-8; GB18030's lead and trail bytes go together.
        case pairs
        /// Nothing but ASCII: all are the same.
        case ascii
    }

    /// Why bytes are no text to read.
    package enum Fault: Error, Sendable, Hashable {
        /// `PK`: a spreadsheet's own file (.xlsx), or another archive.
        case archive
        /// D0 CF 11 E0: an old spreadsheet (.xls), or one with a password.
        case compoundFile
        /// UTF-32, or zero bytes in no order.
        case binary
    }

    /// - Parameter probe: the file's beginning, `TableLimits.probeBytes` at most; it may end within a character.
    package init(_ probe: [UInt8]) throws(Fault) {
        if probe.starts(with: [0x50, 0x4B, 0x03, 0x04]) { throw .archive }
        if probe.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) { throw .compoundFile }
        if probe.starts(with: [0xFF, 0xFE, 0, 0]) || probe.starts(with: [0, 0, 0xFE, 0xFF]) {
            throw .binary
        }
        if probe.starts(with: [0xEF, 0xBB, 0xBF]) {
            self.init(.utf8, .byteOrderMark, 3)
        } else if probe.starts(with: [0xFF, 0xFE]) {
            self.init(.utf16LittleEndian, .byteOrderMark, 2)
        } else if probe.starts(with: [0xFE, 0xFF]) {
            self.init(.utf16BigEndian, .byteOrderMark, 2)
        } else if probe.contains(0) {
            try self.init(zeros: probe)
        } else if probe.allSatisfy({ $0 < 0x80 }) {
            self.init(.utf8, .ascii, 0)
        } else if Self.isUTF8(probe) {
            self.init(.utf8, .wellFormed, 0)
        } else {
            self.init(.gb18030, .pairs, 0)
        }
    }

    init(_ encoding: TextEncoding, _ reason: Reason, _ markBytes: Int) {
        self.encoding = encoding
        self.reason = reason
        self.markBytes = markBytes
    }

    /// Text of a table has separators and line breaks, which are ASCII: in UTF-16 a zero stands beside each, always on the same side.
    private init(zeros probe: [UInt8]) throws(Fault) {
        var counts = (even: 0, odd: 0)
        for (index, byte) in probe.enumerated() where byte == 0 {
            if index % 2 == 0 { counts.even += 1 } else { counts.odd += 1 }
        }
        if counts.odd > 0, counts.even * 20 <= counts.odd {
            self.init(.utf16LittleEndian, .zeroBytes, 0)
        } else if counts.even > 0, counts.odd * 20 <= counts.even {
            self.init(.utf16BigEndian, .zeroBytes, 0)
        } else {
            throw .binary
        }
    }

    /// Well formed, a character cut off at the end included, and with one of three bytes or more: every Chinese character is, while a few words of
    /// GBK may by chance look like characters of two (一些 is D2 BB D0 A9).
    static func isUTF8(_ bytes: [UInt8]) -> Bool {
        var index = 0
        var hasLong = false
        while index < bytes.count {
            let step = UTF8Step(bytes, index)
            guard step.isCharacter || step.isCut else { return false }
            hasLong = hasLong || step.length >= 3 || (step.isCut && bytes[index] >= 0xE0)
            index += step.length
        }
        return hasLong
    }
}

/// One character of UTF-8, or why there is none: by Unicode's table of well-formed sequences (3-7).
struct UTF8Step {
    /// Bytes to go on by: the character's, or those of the ill-formed part, one at least.
    let length: Int
    let isCharacter: Bool
    /// The bytes end within a character that is well formed so far.
    let isCut: Bool

    @inline(__always)
    init(_ bytes: [UInt8], _ index: Int) {
        let lead = bytes[index]
        let length = lead < 0x80 ? 1 : GB18030Table.utf8Length(lead)
        var taken = 1
        while taken < length, index + taken < bytes.count,
            Self.allows(bytes[index + taken], at: taken, behind: lead)
        {
            taken += 1
        }
        self.length = taken
        isCharacter = length > 0 && taken == length
        isCut = length > taken && index + taken == bytes.count
    }

    private static func allows(_ byte: UInt8, at position: Int, behind lead: UInt8) -> Bool {
        guard position == 1 else { return byte & 0xC0 == 0x80 }
        switch lead {
        case 0xE0: return byte >= 0xA0 && byte <= 0xBF
        case 0xED: return byte >= 0x80 && byte <= 0x9F
        case 0xF0: return byte >= 0x90 && byte <= 0xBF
        case 0xF4: return byte >= 0x80 && byte <= 0x8F
        default: return byte & 0xC0 == 0x80
        }
    }
}
