import Crypto
import Journal
import Testing

/// Bytes as JOURNAL.md writes them down, read by offset and by a checksum of our own.
@Suite("JOURNAL.md 2–7 the bytes on disc")
struct FormatTests {
    @Test func segmentHeader() throws {
        let specimen = try Specimen()
        let bytes = specimen.bytes
        #expect(specimen.name == "journal-0000000000000001.tlj")
        #expect(bytes.count == 64 << 10)
        #expect(Array(bytes[0..<8]) == Array("TLJ1SEG\0".utf8))
        #expect(bytes.u16(8) == 1 && bytes.u16(10) == 192)
        #expect(bytes.u32(12) == bytes.crc32c(16, 4096))
        #expect(Array(bytes[16..<32]) == specimen.original.storeID.bytes)
        #expect(bytes.u64(48) == 0 && bytes.u64(56) == 1 && bytes.u64(64) == 1 && bytes.u64(72) == 64 << 10)
        #expect(bytes[88] == 1)
        #expect(Array(bytes[96..<112]) == Array("421300".utf8) + [UInt8](repeating: 0, count: 10))
        #expect(Array(bytes[128..<160]) == MerkleHasher().empty.bytes)
        #expect(bytes[0..<4096] == bytes[4096..<8192])
    }

    @Test func records() throws {
        let specimen = try Specimen()
        let bytes = specimen.bytes
        let records = RawRecord.all(bytes)
        // EPOCH and COMMIT, then 1, 2, 3, 1, 2, 3 commands, each group with its COMMIT.
        #expect(records.map(\.type) == [3, 2, 1, 2, 1, 1, 2, 1, 1, 1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 2])
        for record in records {
            #expect(record.offset % 8 == 0)
            #expect(bytes.u32(record.offset + 4) == bytes.crc32c(record.offset + 8, record.offset + 72))
            #expect(
                bytes.u32(record.offset + 40)
                    == bytes.crc32c(record.offset + 72, record.bodyAt + record.bodyLength))
            #expect(bytes.u32(record.offset + 44) == 1)
            #expect(Array(bytes[(record.offset + 56)..<(record.offset + 72)]) == Array(bytes[32..<48]))
            #expect(bytes.u16(record.offset + 14) == (record.type == 2 ? 0 : 1))
        }
        #expect(records.filter { $0.type != 2 }.map(\.sequence) == Array(1...13))
        #expect(RawRecord.groups(bytes).allSatisfy { $0.lowerBound % 4096 == 0 })
    }

    /// The leaf, the tree and the checkpoint, computed from the bytes by RFC 9162 and nothing else.
    @Test func leavesRootsAndCheckpoints() throws {
        let specimen = try Specimen()
        let bytes = specimen.bytes
        var leaves: [[UInt8]] = []
        for record in RawRecord.all(bytes) {
            let at = record.offset
            if record.type != 2 {
                let body = Digest(of: Array(bytes[record.bodyAt..<(record.bodyAt + record.bodyLength)])).bytes
                var statement: [UInt8] = Array("TLL1".utf8) + [1, 0]
                for range in [(at + 12)..<(at + 14), 16..<32, (at + 16)..<(at + 24), (at + 32)..<(at + 40)] {
                    statement += bytes[range]
                }
                statement += bytes[(at + 72)..<(at + 128)]
                statement += body
                #expect(statement.count == 128)
                #expect(LeafStatement(statement)?.bytes == statement)
                leaves.append(Digest(of: [0] + statement).bytes)
                continue
            }
            let body = Array(bytes[record.bodyAt..<(record.bodyAt + record.bodyLength)])
            let root = FormatTests.root(leaves[...])
            #expect(Array(body[48..<80]) == root)
            #expect(body.u64(24) == UInt64(leaves.count) && record.sequence == UInt64(leaves.count))
            let hashes = Int(body.u16(4))
            #expect(hashes == leaves.count.nonzeroBitCount)
            let signatureAt = 80 + 32 * hashes
            var statement: [UInt8] = Array("TLC1".utf8) + [1, 0, 0, 0]
            statement += bytes[96..<112]
            statement += bytes[16..<32]
            statement += body[24..<32]
            statement += bytes[(at + 32)..<(at + 40)]
            statement += root
            #expect(statement.count == 88)
            #expect(Int(body[signatureAt]) == 4)
            #expect(Array(body[(signatureAt + 36)..<(signatureAt + 40)]) == Array("test".utf8))
            #expect(Array(body[(signatureAt + 40)...]) == Digest(of: [7] + statement).bytes)
        }
    }

    /// MTH of RFC 9162 2.1.1, literally.
    private static func root(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
        guard let first = leaves.first else { return Digest(of: []).bytes }
        if leaves.count == 1 { return first }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let middle = leaves.startIndex + split
        return Digest(of: [1] + root(leaves[..<middle]) + root(leaves[middle...])).bytes
    }

    @Test func keyFile() throws {
        let specimen = try Specimen()
        let keys = try #require(specimen.disk.bytes(of: "subjects.tlk", in: "keys"))
        #expect(Array(keys[0..<8]) == Array("TLJ1KEY\0".utf8))
        #expect(keys.u32(8) == keys.crc32c(16, 64))
        for group in 0..<6 {
            // One key a group: the next group's starts in the next sector of 8 slots.
            let at = 4096 + group * 512
            #expect(keys.u32(at) == keys.crc32c(at + 4, at + 64))
            #expect(keys.u16(at + 4) == 1 && keys.u64(at + 8) == UInt64(group * 8))
            #expect(Array(keys[(at + 16)..<(at + 32)]) == Sample.subject(group).bytes)
            #expect(Array(keys[(at + 32)..<(at + 64)]) == Sample.key(group))
        }
    }

    @Test func head() throws {
        let specimen = try Specimen()
        let head = try #require(specimen.disk.bytes(of: "HEAD"))
        #expect(head.count == 8192)
        let newest = head.u64(32) > head.u64(4096 + 32) ? 0 : 4096
        #expect(Array(head[newest..<(newest + 8)]) == Array("TLJ1HED\0".utf8))
        #expect(head.u32(newest + 8) == head.crc32c(newest + 16, newest + 128))
        #expect(head.u64(newest + 40) == 7 && head.u64(newest + 48) == 13)
    }

    /// The same calls give the same bytes: nothing but the given clock and randomness goes in.
    @Test func deterministic() throws {
        #expect(try Specimen().bytes == Specimen().bytes)
    }

    @Test func tabledAndHardwareChecksumsAgree() throws {
        #expect(Array("123456789".utf8).crc32c(0, 9) == 0xE306_9283)
    }
}
