/// Makes a ZIP archive in memory: members deflated, times the least the format has (so that the same content gives the same bytes).
package struct ZIPWriter {
    private var bytes: [UInt8] = []
    private var directory: [UInt8] = []
    private var count = 0

    package init() {}

    /// A member that grows by pieces.
    package struct Member {
        fileprivate let name: String
        fileprivate var deflater = Deflater()
        fileprivate var sum = CRC32()
        fileprivate var size = 0

        package init(_ name: String) { self.name = name }

        package mutating func add(_ piece: [UInt8]) {
            sum.update(piece, 0..<piece.count)
            size += piece.count
            deflater.add(piece)
        }
    }

    /// Ends a member and takes it in.
    ///
    /// - Throws: `limit(fileBytes)` when the archive would be larger than a reader accepts (which is far below the format's 4 GiB).
    package mutating func add(_ member: consuming Member) throws(SpreadsheetFault) {
        var member = member
        member.deflater.finish()
        let packed = member.deflater.packed
        let limits = SpreadsheetLimits()
        guard bytes.count + packed.count + directory.count + 4_096 <= limits.fileBytes else {
            throw SpreadsheetFault(.limit(.fileBytes, limits.fileBytes), part: member.name)
        }
        guard member.size <= limits.inflatedBytes else {
            throw SpreadsheetFault(.limit(.inflatedBytes, limits.inflatedBytes), part: member.name)
        }
        let header = bytes.count
        // Version 2.0, flag 11 (the name is UTF-8), method 8; 1980-01-01.
        var common = Self.words([20, 0x0800, 8, 0, 0x21])
        common +=
            Self.long(member.sum.value) + Self.long(UInt32(packed.count)) + Self.long(UInt32(member.size))
        common += Self.words([UInt16(member.name.utf8.count), 0])
        bytes += Self.long(0x0403_4B50) + common + Array(member.name.utf8) + packed
        directory +=
            Self.long(0x0201_4B50) + Self.words([20]) + common + Self.words([0, 0, 0]) + Self.long(0)
        directory += Self.long(UInt32(header)) + Array(member.name.utf8)
        count += 1
    }

    /// A member given whole.
    package mutating func add(_ name: String, _ text: String) throws(SpreadsheetFault) {
        var member = Member(name)
        member.add(Array(text.utf8))
        try add(member)
    }

    /// The archive.
    package consuming func finish() -> [UInt8] {
        let start = UInt32(bytes.count)
        let entries = UInt16(count)
        return bytes + directory + Self.long(0x0605_4B50) + Self.words([0, 0, entries, entries])
            + Self.long(UInt32(directory.count)) + Self.long(start) + Self.words([0])
    }

    private static func words(_ values: [UInt16]) -> [UInt8] {
        values.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }

    private static func long(_ value: UInt32) -> [UInt8] {
        words([UInt16(truncatingIfNeeded: value), UInt16(truncatingIfNeeded: value >> 16)])
    }
}
