/// A ZIP archive as spreadsheets are packed in (PKWARE APPNOTE): one disc, stored or deflated members, sizes from the central
/// directory. Refused by name: encryption, ZIP64, several discs, two members of one name, members that share bytes.
///
/// Names are compared without regard to ASCII case and with `\` read as `/` (OPC, ECMA-376 part 2, 7.2), as the programs do that write them.
struct ZIPArchive {
    struct Member: Sendable, Hashable {
        /// As written, `\` read as `/`.
        var name: String
        var method: UInt16
        var checksum: UInt32
        var inflatedSize: Int
        /// The packed bytes, in the file.
        var packed: Range<Int>
    }

    private let bytes: PackedBytes
    let members: [Member]
    private let places: [String: Int]
    private let limits: SpreadsheetLimits

    init(_ bytes: PackedBytes, limits: SpreadsheetLimits = SpreadsheetLimits()) throws(SpreadsheetFault) {
        guard bytes.count <= limits.fileBytes else {
            throw SpreadsheetFault(.limit(.fileBytes, limits.fileBytes))
        }
        var directory = try Directory(bytes, limits)
        self.bytes = bytes
        self.limits = limits
        members = try directory.members()
        places = try Self.places(members)
        try Self.refuseOverlaps(directory.taken)
    }

    func member(_ name: String) -> Member? { places[Self.key(name)].map { members[$0] } }

    /// Reads a member from its start, by pieces.
    func open(_ member: Member) throws(SpreadsheetFault) -> MemberStream {
        let allowed = member.packed.count.multipliedReportingOverflow(by: limits.ratio)
        if member.inflatedSize > SpreadsheetLimits.ratioFloor, !allowed.overflow,
            member.inflatedSize > allowed.partialValue
        {
            throw SpreadsheetFault(.limit(.ratio, limits.ratio), part: member.name)
        }
        return MemberStream(bytes, member)
    }

    private static func key(_ name: String) -> String {
        String(decoding: name.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    private static func places(_ members: [Member]) throws(SpreadsheetFault) -> [String: Int] {
        var places: [String: Int] = [:]
        for (place, member) in members.enumerated() {
            guard places.updateValue(place, forKey: key(member.name)) == nil else {
                throw SpreadsheetFault(.archive(.nameTwice), part: member.name)
            }
        }
        return places
    }

    private static func refuseOverlaps(_ taken: [(Range<Int>, String)]) throws(SpreadsheetFault) {
        var reached = 0
        for (range, name) in taken.sorted(by: { $0.0.lowerBound < $1.0.lowerBound }) {
            guard range.lowerBound >= reached else {
                throw SpreadsheetFault(.archive(.overlap), part: name, byte: range.lowerBound)
            }
            reached = range.upperBound
        }
    }
}

/// The central directory and the local headers it points at.
private struct Directory {
    private let file: PackedBytes
    /// The directory's entries, from `start` on.
    private var bytes: [UInt8] = []
    private let limits: SpreadsheetLimits
    private let entries: Int
    private let start: Int
    private let end: Int
    /// Local header and packed bytes of each member.
    private(set) var taken: [(Range<Int>, String)] = []

    private static let endSize = 22
    private static let entrySize = 46
    private static let headerSize = 30

    init(_ file: PackedBytes, _ limits: SpreadsheetLimits) throws(SpreadsheetFault) {
        guard let (at, record) = Self.findEnd(file) else { throw SpreadsheetFault(.archive(.noDirectory)) }
        self.file = file
        self.limits = limits
        let word = { (offset: Int) in Int(record.word16(offset)) }
        (entries, start) = (word(10), Int(record.word32(16)))
        end = start + Int(record.word32(12))
        if word(8) == 0xFFFF || entries == 0xFFFF || start == 0xFFFF_FFFF {
            throw SpreadsheetFault(.archive(.zip64), byte: at)
        }
        guard word(4) == 0, word(6) == 0, word(8) == entries else {
            throw SpreadsheetFault(.archive(.severalDiscs), byte: at)
        }
        guard end <= at, entries * Self.entrySize <= end - start else {
            throw SpreadsheetFault(.archive(.directory), byte: at)
        }
        guard entries <= limits.members else { throw SpreadsheetFault(.limit(.members, limits.members)) }
        guard end - start <= limits.directoryBytes else {
            throw SpreadsheetFault(.limit(.directoryBytes, limits.directoryBytes))
        }
        bytes = file.read(start..<end)
    }

    /// The last end-of-directory record whose comment fits into what is left, and where it is.
    private static func findEnd(_ file: PackedBytes) -> (at: Int, record: [UInt8])? {
        let from = max(0, file.count - endSize - 0xFFFF)
        let bytes = file.read(from..<file.count)
        var at = bytes.count - endSize
        while at >= 0 {
            if bytes.word32(at) == 0x0605_4B50, at + endSize + Int(bytes.word16(at + 20)) <= bytes.count {
                return (from + at, [UInt8](bytes[at..<at + endSize]))
            }
            at -= 1
        }
        return nil
    }

    mutating func members() throws(SpreadsheetFault) -> [ZIPArchive.Member] {
        var members: [ZIPArchive.Member] = []
        var (at, inflated) = (start, 0)
        for _ in 0..<entries {
            let (member, next) = try entry(at)
            at = next
            inflated += member.inflatedSize
            guard inflated <= limits.inflatedBytes else {
                throw SpreadsheetFault(.limit(.inflatedBytes, limits.inflatedBytes), part: member.name)
            }
            members.append(member)
        }
        return members
    }

    /// The entry at this byte of the file.
    private mutating func entry(_ place: Int) throws(SpreadsheetFault) -> (ZIPArchive.Member, Int) {
        let at = place - start
        guard at + Self.entrySize <= bytes.count, bytes.word32(at) == 0x0201_4B50 else {
            throw SpreadsheetFault(.archive(.directory), byte: place)
        }
        let nameLength = Int(bytes.word16(at + 28))
        let next = at + Self.entrySize + nameLength + Int(bytes.word16(at + 30)) + Int(bytes.word16(at + 32))
        guard next <= bytes.count else { throw SpreadsheetFault(.archive(.directory), byte: place) }
        let rawName = bytes[at + Self.entrySize..<at + Self.entrySize + nameLength]
        let name = try self.name(rawName, place)
        let flags = bytes.word16(at + 8)
        if flags & 0x2041 != 0 { throw SpreadsheetFault(.archive(.encrypted), part: name, byte: place) }
        let (packed, inflated) = (Int(bytes.word32(at + 20)), Int(bytes.word32(at + 24)))
        let header = Int(bytes.word32(at + 42))
        guard packed != 0xFFFF_FFFF, inflated != 0xFFFF_FFFF, header != 0xFFFF_FFFF else {
            throw SpreadsheetFault(.archive(.zip64), part: name, byte: place)
        }
        let method = bytes.word16(at + 10)
        let data = try packedBytes(of: rawName, name, header, packed)
        taken.append((header..<data.upperBound, name))
        return (
            ZIPArchive.Member(
                name: name, method: method, checksum: bytes.word32(at + 16), inflatedSize: inflated,
                packed: data),
            start + next
        )
    }

    private func name(_ raw: ArraySlice<UInt8>, _ at: Int) throws(SpreadsheetFault) -> String {
        guard raw.count <= limits.nameBytes else {
            throw SpreadsheetFault(.limit(.nameBytes, limits.nameBytes), byte: at)
        }
        // A name in an old code page is of no part of a workbook: what is no UTF-8 is shown with � and never looked up.
        let name = String(
            decoding: raw.map { $0 == UInt8(ascii: "\\") ? UInt8(ascii: "/") : $0 }, as: UTF8.self)
        guard !name.isEmpty, !raw.contains(0) else { throw SpreadsheetFault(.archive(.name), byte: at) }
        return name
    }

    /// Sizes come from the directory (a local header before a data descriptor has none); the local name must be the directory's.
    private func packedBytes(
        of rawName: ArraySlice<UInt8>, _ name: String, _ header: Int, _ packed: Int
    ) throws(SpreadsheetFault) -> Range<Int> {
        let fault = SpreadsheetFault(.archive(.localHeader), part: name, byte: header)
        guard header + Self.headerSize <= start else { throw fault }
        let own = file.read(header..<min(start, header + Self.headerSize + rawName.count))
        guard own.word32(0) == 0x0403_4B50 else { throw fault }
        let data = header + Self.headerSize + Int(own.word16(26)) + Int(own.word16(28))
        guard data + packed <= start, Int(own.word16(26)) == rawName.count,
            own.dropFirst(Self.headerSize) == rawName
        else { throw fault }
        return data..<data + packed
    }
}

extension [UInt8] {
    /// Little endian; 0 where the array does not reach, which no signature is.
    func word16(_ at: Int) -> UInt16 {
        guard at >= 0, at + 2 <= count else { return 0 }
        return UInt16(self[at]) | UInt16(self[at + 1]) << 8
    }

    func word32(_ at: Int) -> UInt32 { UInt32(word16(at)) | UInt32(word16(at + 2)) << 16 }
}
