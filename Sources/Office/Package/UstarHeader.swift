/// The 512 bytes before each member, in the one spelling that a package has: POSIX ustar, an ordinary file of nobody, mode 0644.
///
///     offset  bytes
///          0    100   name, zero padded
///        100      8   0000644 0x00
///        108      8   0000000 0x00, owner; 116 the group likewise
///        124     12   size, eleven octal digits 0x00
///        136     12   time of the package in seconds, eleven octal digits 0x00
///        148      8   sum of all bytes with these as blanks, six octal digits 0x00 0x20
///        156      1   '0'
///        257      8   "ustar" 0x00 "00"
///        329      8   0000000 0x00; 337 likewise
///
/// Everything else is zero. A reader makes the header it expects and compares, so that no bit of one goes unread.
enum UstarHeader {
    static let length = 512
    /// What eleven octal digits hold.
    static let largestSize = 1 << 33 - 1

    static func bytes(name: String, size: Int, seconds: Int64) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: length)
        func put(_ text: String, _ offset: Int) {
            for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
        }
        put(name, 0)
        put("0000644", 100)
        put("0000000", 108)
        put("0000000", 116)
        put(octal(size, 11), 124)
        put(octal(Int(clamping: max(0, seconds)), 11), 136)
        put("        ", 148)
        put("0", 156)
        put("ustar", 257)
        put("00", 263)
        put("0000000", 329)
        put("0000000", 337)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\0 ", 148)
        return header
    }

    private static func octal(_ value: Int, _ digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text.suffix(digits)
    }

    /// The size a header tells; nil when that field is not eleven octal digits. What else it says is judged by comparing.
    static func size(in header: [UInt8]) -> Int? {
        guard header.count == length, header[135] == 0,
            header[124..<135].allSatisfy({ (0x30...0x37).contains($0) })
        else { return nil }
        return header[124..<135].reduce(0) { $0 << 3 | Int($1 & 7) }
    }

    /// Zero bytes behind a member of `size` bytes.
    static func padding(_ size: Int) -> Int { (length - size % length) % length }

    /// What ends the file: two blocks of zeros.
    static let end = [UInt8](repeating: 0, count: 2 * length)
}
