/// A member of an archive, inflated by pieces of about 64 KiB; its size and checksum are those of the directory, or it ends in a fault.
struct MemberStream: ~Copyable {
    let name: String
    private let bytes: PackedBytes
    private let member: ZIPArchive.Member
    private var inflater: Inflater?
    /// Stored bytes not yet given.
    private var rest: Range<Int>
    private var made = 0
    private var sum = CRC32()

    init(_ bytes: PackedBytes, _ member: ZIPArchive.Member) {
        name = member.name
        self.bytes = bytes
        self.member = member
        rest = member.packed
        if member.method == 8 { inflater = Inflater(bytes, member.packed) }
    }

    /// Bytes that are in no archive, for what reads from a stream.
    init(plain bytes: [UInt8], name: String) {
        self.init(
            PackedBytes(bytes),
            ZIPArchive.Member(
                name: name, method: 0, checksum: CRC32.of(bytes), inflatedSize: bytes.count,
                packed: 0..<bytes.count))
    }

    /// Adds the next piece to `buffer`; false at the end, which is where size and checksum have been found right.
    mutating func next(into buffer: inout [UInt8]) throws(SpreadsheetFault) -> Bool {
        let count = buffer.count
        switch member.method {
        case 0: try stored(&buffer)
        case 8: try inflated(&buffer)
        default: throw SpreadsheetFault(.compression(member.method), part: name)
        }
        made += buffer.count - count
        guard made <= member.inflatedSize else { throw SpreadsheetFault(.archive(.size), part: name) }
        if buffer.count > count { return true }
        guard made == member.inflatedSize else { throw SpreadsheetFault(.archive(.size), part: name) }
        guard sum.value == member.checksum else { throw SpreadsheetFault(.archive(.checksum), part: name) }
        return false
    }

    /// All of it at once; for small parts and tests.
    mutating func all() throws(SpreadsheetFault) -> [UInt8] {
        var bytes: [UInt8] = []
        while try next(into: &bytes) {}
        return bytes
    }

    private mutating func stored(_ buffer: inout [UInt8]) throws(SpreadsheetFault) {
        let piece = bytes.read(rest.prefix(Inflater.piece))
        sum.update(piece, 0..<piece.count)
        buffer.append(contentsOf: piece)
        rest = rest.lowerBound + piece.count..<rest.upperBound
    }

    private mutating func inflated(_ buffer: inout [UInt8]) throws(SpreadsheetFault) {
        do throws(SpreadsheetFault) {
            guard let piece = try inflater?.next(), let output = inflater?.output else { return }
            sum.update(output, piece)
            buffer.append(contentsOf: output[piece])
        } catch {
            throw SpreadsheetFault(error.problem, part: name, byte: error.byte)
        }
    }
}
