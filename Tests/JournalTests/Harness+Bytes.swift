import Crypto
import Journal

/// Reading and changing journal bytes by the offsets of JOURNAL.md, without the code under test.
extension [UInt8] {
    func u16(_ at: Int) -> UInt16 { UInt16(self[at]) | UInt16(self[at + 1]) << 8 }
    func u32(_ at: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(self[at + $1]) << (8 * $1) } }
    func u64(_ at: Int) -> UInt64 { (0..<8).reduce(0) { $0 | UInt64(self[at + $1]) << (8 * $1) } }
    mutating func put32(_ value: UInt32, _ at: Int) {
        for index in 0..<4 { self[at + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }
    mutating func put64(_ value: UInt64, _ at: Int) {
        for index in 0..<8 { self[at + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }

    /// CRC-32C of [from, to), bit by bit, by the book.
    func crc32c(_ from: Int, _ to: Int) -> UInt32 {
        var crc: UInt32 = ~0
        for byte in self[from..<to] {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = (crc >> 1) ^ (0x82F6_3B78 & (0 &- (crc & 1))) }
        }
        return ~crc
    }
}

/// A record as the offsets of JOURNAL.md 3 show it.
struct RawRecord {
    var offset: Int
    var type: UInt16
    var sequence: UInt64
    var group: UInt64
    var bodyAt: Int
    var bodyLength: Int
    var end: Int

    init?(_ bytes: [UInt8], at: Int) {
        guard at + 72 <= bytes.count, Array(bytes[at..<(at + 4)]) == Array("TLJR".utf8) else { return nil }
        offset = at
        type = bytes.u16(at + 12)
        sequence = bytes.u64(at + 16)
        group = bytes.u64(at + 24)
        bodyLength = Int(bytes.u32(at + 8))
        bodyAt = at + (type == 2 ? 72 : 128)
        end = (bodyAt + bodyLength + 7) / 8 * 8
    }

    /// All records of a segment.
    static func all(_ bytes: [UInt8]) -> [RawRecord] {
        var found: [RawRecord] = []
        var at = 8192
        while let record = RawRecord(bytes, at: at) {
            found.append(record)
            at = record.type == 2 ? (record.end + 4095) / 4096 * 4096 : record.end
        }
        return found
    }

    /// Ranges of the groups of a segment, padding included.
    static func groups(_ bytes: [UInt8]) -> [Range<Int>] {
        var start = 8192
        return all(bytes).filter { $0.type == 2 }.map { commit in
            defer { start = (commit.end + 4095) / 4096 * 4096 }
            return start..<((commit.end + 4095) / 4096 * 4096)
        }
    }

    /// Makes the checksums right again after a change, as somebody would who hides it.
    func repair(_ bytes: inout [UInt8]) {
        bytes.put32(bytes.crc32c(offset + 72, bodyAt + bodyLength), offset + 40)
        bytes.put32(bytes.crc32c(offset + 8, offset + 72), offset + 4)
    }
}

/// A small closed journal of known content, for tests that damage it.
struct Specimen {
    let disk: SimulatedDisk
    let options: JournalOptions
    let original: VerifyReport
    let expected: [Replayed.Record]

    /// `groups` groups of up to three commands; `size`: bytes of a body.
    init(
        seed: UInt64 = 7, groups: Int = 6, size: Int? = nil, segmentSize: Int = 64 << 10, signed: Bool = true,
        close: Bool = true
    ) throws {
        let world = World(seed: seed)
        let options = world.options(segmentSize: segmentSize, signed: signed)
        let disk = try SimulatedDisk.formatted(seed: seed, options)
        var running = try Running(disk, options)
        var number = 0
        for group in 0..<groups {
            world.advance(1_000_000)
            var records: [RecordDraft] = []
            for _ in 0...(group % 3) {
                records.append(Sample.draft(number, time: running.clock.next(wall: world.time), size: size))
                number += 1
            }
            let key = KeyEntry(subject: Sample.subject(group), key: Sample.key(group))
            try running.log.append(LogGroup(records: records, keys: [key]))
            running.log.step()
        }
        if close { running.log.close() }
        disk.restartProcess()
        var shown = Replayed()
        try Journal.read(disk.root, keys: try disk.root.subdirectory("keys"), visitor: &shown)
        self.disk = disk
        self.options = options
        expected = shown.records
        original = Journal.verify(disk.root, keys: try disk.root.subdirectory("keys"))
    }

    /// The one segment's name, or the last's.
    var name: String { disk.segments.last ?? "" }
    var bytes: [UInt8] { disk.bytes(of: name) ?? [] }

    func verify() throws -> VerifyReport {
        Journal.verify(disk.root, keys: try disk.root.subdirectory("keys"), signature: World.check)
    }

    /// Recovers on the disk as it is, planned faults included.
    func recoverKeepingFaults() throws -> Running { try Running(disk, options) }

    /// Recovers with HEAD made anew where it is missing. The disk is as after the process ended.
    func recover(rebuildHead: Bool = false) throws -> Running {
        disk.restartProcess()
        var options = options
        options.rebuildHead = rebuildHead
        return try Running(disk, options)
    }
}

extension World {
    /// What is wrong with a signature made by `World.signer`.
    static func check(_ signed: SignedCheckpoint) -> String? {
        let right = try? World.signer(signed.checkpoint.statement)
        return right == signed.signature ? nil : "it does not fit the checkpoint"
    }
}
