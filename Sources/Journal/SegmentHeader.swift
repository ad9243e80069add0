import Crypto

/// TLJ1 segment file `journal-<16 hex digits of the first sequence>.tlj`. JOURNAL.md 2.
///
/// Two header pages of 4 KiB, the same bytes twice, then commit groups, each starting at a multiple of 4 KiB, then zeros
/// to the end of the file. A segment is made as a file of another name, zero-filled and synced, gets its header when it is
/// needed, is synced again, then renamed, then the directory is synced: under its own name it is never half made.
///
///     off  size  field (little endian)
///      0    8    magic "TLJ1SEG" 0
///      8    2    format version, 1
///     10    2    header length, 192
///     12    4    CRC-32C of bytes 16..4095
///     16   16    store id, random, made once by format
///     32   16    segment nonce, random: stale bytes of another segment never parse here
///     48    8    segment index, 0, 1, 2 …
///     56    8    first sequence
///     64    8    first group
///     72    8    file size
///     80    8    created, ns UTC
///     88    1    digest algorithm, 1 SHA-256, 2 SM3; one for the whole store
///     89    3    zero
///     92    4    writer epoch that made it
///     96   16    city code, ASCII, zero padded
///    112    8    tree size before the first group, first sequence - 1
///    120    8    time of the last leaf before the first group, ns UTC, 0: none
///    128   32    root of the tree before the first group: binds the segments to each other
///    160   32    zero
///      …         zeros to 4096
///
/// Either copy alone is enough. Both damaged is never a tear (they were synced before the name was), so recovery stops.
/// Where a segment's first group is not higher than the last of the segment before, it supersedes that tail: recovery
/// writes the last groups again into a new segment rather than trust bytes whose sync it did not see.
struct SegmentHeader: Equatable {
    static let magic: UInt64 = 0x0047_4553_314A_4C54  // "TLJ1SEG\0"
    static let version: UInt16 = 1
    static let length: UInt16 = 192
    /// Offset of the first group.
    static let dataStart = 2 * JournalLimits.page

    var storeID: ID128
    var nonce: ID128
    var index: UInt64
    var firstSequence: UInt64
    var firstGroup: UInt64
    var fileSize: Int
    var created: Int64
    var algorithm: DigestAlgorithm
    var epoch: UInt32
    var city: String
    var lastTime: Int64
    var root: Digest

    var name: String { SegmentHeader.name(firstSequence: firstSequence) }

    static func name(firstSequence: UInt64) -> String {
        let hex = String(firstSequence, radix: 16)
        return "journal-" + String(repeating: "0", count: 16 - hex.count) + hex + ".tlj"
    }

    /// The first sequence a file name tells, nil for other files.
    static func firstSequence(name: String) -> UInt64? {
        let bytes = Array(name.utf8)
        guard bytes.count == 28, name.hasPrefix("journal-"), name.hasSuffix(".tlj") else { return nil }
        guard let value = UInt64(String(decoding: bytes[8..<24], as: UTF8.self), radix: 16) else {
            return nil
        }
        return SegmentHeader.name(firstSequence: value) == name ? value : nil
    }

    /// Both pages.
    var pages: [UInt8] {
        var out = [UInt8](repeating: 0, count: SegmentHeader.dataStart)
        out.withUnsafeMutableBytes { raw in
            store(raw)
            UnsafeMutableRawBufferPointer(rebasing: raw[JournalLimits.page...])
                .copyMemory(from: UnsafeRawBufferPointer(raw).window(0, JournalLimits.page))
        }
        return out
    }

    private func store(_ raw: UnsafeMutableRawBufferPointer) {
        raw.put(SegmentHeader.magic, 0)
        raw.put(SegmentHeader.version, 8)
        raw.put(SegmentHeader.length, 10)
        raw.put(storeID, 16)
        raw.put(nonce, 32)
        raw.put(index, 48)
        raw.put(firstSequence, 56)
        raw.put(firstGroup, 64)
        raw.put(UInt64(fileSize), 72)
        raw.put(created, 80)
        raw[88] = algorithm.rawValue
        raw.put(epoch, 92)
        raw.put(Array(city.utf8.prefix(JournalLimits.city)), 96)
        raw.put(firstSequence &- 1, 112)
        raw.put(lastTime, 120)
        raw.put(root, 128)
        raw.put(raw.crc32c(16, JournalLimits.page), 12)
    }

    /// Reads the header from either page. `repaired` is true when one of them is damaged.
    static func read(_ raw: UnsafeRawBufferPointer, file: String) throws(JournalError) -> (
        header: SegmentHeader, damagedCopy: Bool
    ) {
        guard raw.count >= dataStart else { throw .segmentHeaderDamaged(file: file) }
        let first = try page(raw.window(0, JournalLimits.page), file: file)
        let second = try page(raw.window(JournalLimits.page, dataStart), file: file)
        guard let header = first ?? second else { throw .segmentHeaderDamaged(file: file) }
        if let first, let second, first != second { throw .segmentHeaderDamaged(file: file) }
        return (header, first == nil || second == nil)
    }

    /// Nil when the checksum is wrong.
    private static func page(_ raw: UnsafeRawBufferPointer, file: String) throws(JournalError)
        -> SegmentHeader?
    {
        guard raw.u64(0) == magic, raw.u32(12) == raw.crc32c(16, JournalLimits.page) else { return nil }
        guard raw.u16(8) == version else { throw .newerFormat(file: file, version: raw.u16(8)) }
        guard raw.u16(10) == length, let algorithm = DigestAlgorithm(rawValue: raw[88]),
            let size = Int(exactly: raw.u64(72)), size <= JournalLimits.largestSegment,
            size >= JournalLimits.smallestSegment, raw.u64(56) >= 1, raw.u64(112) == raw.u64(56) - 1
        else { return nil }
        let city = raw.window(96, 112).prefix { $0 != 0 }
        return SegmentHeader(
            storeID: raw.id(16), nonce: raw.id(32), index: raw.u64(48), firstSequence: raw.u64(56),
            firstGroup: raw.u64(64), fileSize: size, created: raw.i64(80), algorithm: algorithm,
            epoch: raw.u32(92), city: String(decoding: city, as: UTF8.self), lastTime: raw.i64(120),
            root: raw.digest(128))
    }
}
