import Crypto
import Journal
import TestSupport
import Testing

/// Damage of every kind to a closed journal. What may come out: exactly what was written, or (where HEAD does not know better) all
/// but the last group, or a refusal that names the place. Never anything else.
@Suite("JOURNAL.md 8 torn or damaged")
struct DamageTests {
    /// Verifies without HEAD, the harder case, and says what is not allowed; nil: all is well.
    private func judge(_ specimen: Specimen) throws -> String? {
        let report = try specimen.verify()
        if report.problem != nil { return nil }
        let lost = specimen.original.groups - report.groups
        if lost == 0 { return report.checkpoint == specimen.original.checkpoint ? nil : "another history" }
        return lost == 1 ? nil : "\(lost) groups lost silently"
    }

    // T1
    @Test func truncatedAtEveryByteOfTheLastThreeGroups() throws {
        let specimen = try Specimen()
        let bytes = specimen.bytes
        let groups = RawRecord.groups(bytes)
        let start = groups[groups.count - 3].lowerBound
        let end = groups[groups.count - 1].upperBound
        let head = try #require(specimen.disk.bytes(of: "HEAD"))
        let lastCommit = try #require(RawRecord.all(bytes).last)
        for at in stride(from: start, through: end + 8, by: Soak.isOn ? 1 : 37) {
            specimen.disk.replace(specimen.name, Array(bytes[..<at]))
            specimen.disk.replace("HEAD", head)
            let whole = groups.filter {
                min($0.upperBound, $0 == groups.last ? lastCommit.end : $0.upperBound) <= at
            }.count
            let report = try specimen.verify()
            // The padding of the last group may go; of the others, only with what follows it.
            if report.groups == groups.count {
                #expect(report.problem == nil, "truncated at \(at)")
            } else {
                #expect(report.problem != nil, "truncated at \(at)")
            }
            specimen.disk.remove("HEAD")
            let blind = try specimen.verify()
            #expect(
                blind.problem == nil && blind.groups >= whole && blind.groups <= whole + 1,
                "truncated at \(at)")
        }
    }

    @Test func aTruncatedTailIsCutAndStaysCut() throws {
        let specimen = try Specimen()
        let bytes = specimen.bytes
        let last = try #require(RawRecord.groups(bytes).last)
        specimen.disk.replace(specimen.name, Array(bytes[..<(last.lowerBound + 200)]))
        #expect(throws: JournalError.self) { try specimen.recover() }
        specimen.disk.remove("HEAD")
        let first = try specimen.recover(rebuildHead: true)
        #expect(first.replayed.records == Array(specimen.expected.dropLast(3)))
        #expect(first.opened.notices.count == 1)
        let cut = try #require(
            specimen.disk.bytes(of: "\(specimen.name)-\(last.lowerBound).cut", in: "quarantine")
                ?? quarantined(specimen.disk))
        #expect(Array(bytes[last.lowerBound..<(last.lowerBound + cut.count)]) == cut)
        first.log.close()
        let second = try specimen.recover()
        #expect(second.opened.notices.isEmpty)
        #expect(second.replayed.records.map(\.type).suffix(2) == [.epoch, .recovered])
    }

    private func quarantined(_ disk: SimulatedDisk) -> [UInt8]? {
        let names = (try? disk.root.subdirectory("quarantine").list()) ?? []
        return names.first.flatMap { disk.bytes(of: $0, in: "quarantine") }
    }

    // T2
    @Test func everySubsetOfTheLastGroupsSectorsZeroed() throws {
        let specimen = try Specimen(groups: 6, size: 900)
        let bytes = specimen.bytes
        let last = try #require(RawRecord.groups(bytes).last)
        let head = try #require(specimen.disk.bytes(of: "HEAD"))
        let sectors = last.count / 512
        #expect(sectors == 8)
        for subset in 0..<(1 << sectors) {
            var damaged = bytes
            for sector in 0..<sectors where subset >> sector & 1 == 1 {
                let at = last.lowerBound + sector * 512
                damaged.replaceSubrange(at..<(at + 512), with: [UInt8](repeating: 0, count: 512))
            }
            specimen.disk.replace(specimen.name, damaged)
            specimen.disk.replace("HEAD", head)
            let report = try specimen.verify()
            #expect((report.problem == nil) == (damaged == bytes), "subset \(subset)")
            specimen.disk.remove("HEAD")
            let blind = try specimen.verify()
            #expect(blind.problem == nil)
            #expect(blind.groups == specimen.original.groups - (damaged == bytes ? 0 : 1), "subset \(subset)")
        }
    }

    // T3
    @Test(arguments: ["ones", "random", "stale", "foreign"])
    func junkAfterTheLastGroup(_ kind: String) throws {
        let specimen = try Specimen(groups: 5)
        let other = try Specimen(seed: 99, groups: 5)
        var bytes = specimen.bytes
        let end = try #require(RawRecord.groups(bytes).last).upperBound
        var random = SplitMix64(seed: 5)
        for at in end..<bytes.count {
            switch kind {
            case "ones": bytes[at] = 0xFF
            case "random": bytes[at] = UInt8(truncatingIfNeeded: random.next())
            // The same store's records under another segment's nonce, as a recycled file would show them.
            case "stale": bytes[at] = bytes[8192 + (at - end) % (end - 8192)] ^ (at % 4096 == 60 ? 1 : 0)
            default: bytes[at] = other.bytes[8192 + (at - end) % (end - 8192)]
            }
        }
        if kind == "stale" {
            var at = end
            while at + 72 < bytes.count {
                if let record = RawRecord(bytes, at: at), record.end <= bytes.count {
                    bytes[at + 56] ^= 0xFF
                    record.repair(&bytes)
                }
                at += 8
            }
        }
        specimen.disk.replace(specimen.name, bytes)
        let running = try specimen.recover()
        #expect(running.replayed.records == specimen.expected)
        #expect(running.opened.notices.count == 1)
        running.log.close()
        #expect(try specimen.recover().opened.notices.isEmpty)
    }

    // B1
    @Test func everyFlippedBit() throws {
        let specimen = try Specimen()
        let bytes = specimen.bytes
        let end = try #require(RawRecord.groups(bytes).last).upperBound + 4096
        specimen.disk.remove("HEAD")
        var random = SplitMix64(seed: 11)
        var cases = 0
        var at = Soak.isOn ? 0 : random.below(60)
        while at < end * 8 {
            var damaged = bytes
            damaged[at / 8] ^= 1 << (at % 8)
            specimen.disk.replace(specimen.name, damaged)
            if let fault = try judge(specimen) { Issue.record("bit \(at): \(fault)") }
            cases += 1
            at += Soak.isOn ? 1 : 1 + random.below(120)
        }
        print("bit flips judged: \(cases)")
    }

    @Test func withHeadAFlippedBitInTheLastGroupIsNoticedToo() throws {
        let specimen = try Specimen()
        let bytes = specimen.bytes
        let last = try #require(RawRecord.all(bytes).dropLast().last)
        for at in stride(from: last.offset, to: last.end, by: 5) {
            var damaged = bytes
            damaged[at] ^= 0x10
            specimen.disk.replace(specimen.name, damaged)
            #expect(try specimen.verify().problem != nil, "byte \(at)")
            #expect(throws: JournalError.self) { try specimen.recover() }
        }
    }

    // B2
    @Test func eitherHeaderPageIsEnoughAndBothDamagedIsNot() throws {
        let specimen = try Specimen()
        let bytes = specimen.bytes
        for page in [0, 4096] {
            for at in stride(from: page, to: page + 4096, by: 97) {
                var damaged = bytes
                damaged[at] ^= 1
                specimen.disk.replace(specimen.name, damaged)
                let report = try specimen.verify()
                #expect(report.problem == nil && report.groups == specimen.original.groups)
                #expect(report.notices.count == 1)
                damaged[(at + 4096) % 8192] ^= 2
                specimen.disk.replace(specimen.name, damaged)
                #expect(
                    try specimen.verify().problem
                        == .segmentHeaderDamaged(file: "/simulated/\(specimen.name)"))
            }
        }
    }

    @Test func headCopies() throws {
        let specimen = try Specimen()
        let head = try #require(specimen.disk.bytes(of: "HEAD"))
        for at in stride(from: 0, to: 128, by: 3) {
            for damage in [[at], [4096 + at], [at, 4096 + at]] {
                var damaged = head
                for byte in damage { damaged[byte] ^= 0x40 }
                // Bytes 12..15 are not looked at.
                if (12..<16).contains(at) { continue }
                specimen.disk.replace("HEAD", damaged)
                let report = try specimen.verify()
                if damage.count == 2 {
                    #expect(report.problem == .headDamaged(path: "/simulated"))
                } else {
                    #expect(report.problem == nil)
                }
            }
        }
        specimen.disk.remove("HEAD")
        #expect(throws: JournalError.headMissing(path: "/simulated")) { try specimen.recover() }
        #expect(try specimen.recover(rebuildHead: true).replayed.records == specimen.expected)
    }

    @Test func keysOfAcknowledgedGroups() throws {
        let specimen = try Specimen()
        let keys = try #require(specimen.disk.bytes(of: "subjects.tlk", in: "keys"))
        for group in 0..<6 {
            var damaged = keys
            damaged[4096 + group * 512 + 40] ^= 1
            specimen.disk.replace("subjects.tlk", in: "keys", damaged)
            let report = try specimen.verify()
            #expect(report.problem == .keyMissing(group: UInt64(group) + 2, slot: UInt64(group) * 8))
            #expect(throws: JournalError.keyMissing(group: UInt64(group) + 2, slot: UInt64(group) * 8)) {
                try specimen.recover()
            }
        }
        specimen.disk.remove("subjects.tlk", in: "keys")
        #expect(throws: JournalError.self) { try specimen.recover() }
    }

    // B3
    @Test func groupsSwappedDeletedRepeatedSpliced() throws {
        let specimen = try Specimen()
        let bytes = specimen.bytes
        let groups = RawRecord.groups(bytes)
        let other = try Specimen(seed: 123)
        #expect(groups.allSatisfy { $0.count == 4096 })
        specimen.disk.remove("HEAD")
        var variants: [[UInt8]] = []
        for i in groups.indices {
            for j in groups.indices where i != j {
                var swapped = bytes
                swapped.replaceSubrange(groups[i], with: bytes[groups[j]])
                variants.append(swapped)  // repeated
                swapped.replaceSubrange(groups[j], with: bytes[groups[i]])
                variants.append(swapped)
            }
            if i + 1 < groups.count {
                var deleted = bytes
                deleted.removeSubrange(groups[i])
                variants.append(deleted + [UInt8](repeating: 0, count: 4096))
                var spliced = bytes
                spliced.replaceSubrange(groups[i], with: other.bytes[groups[i]])
                variants.append(spliced)
            }
        }
        for (index, variant) in variants.enumerated() {
            specimen.disk.replace(specimen.name, variant)
            #expect(try specimen.verify().problem != nil, "variant \(index)")
        }
    }

    @Test func recordsSwappedWithinAGroup() throws {
        let specimen = try Specimen(groups: 3, size: 64)
        let bytes = specimen.bytes
        let records = RawRecord.all(bytes).suffix(4).dropLast()
        let (a, b) = (records[records.startIndex], records[records.startIndex + 1])
        var swapped = bytes
        swapped.replaceSubrange(a.offset..<a.end, with: bytes[b.offset..<b.end])
        swapped.replaceSubrange(b.offset..<b.end, with: bytes[a.offset..<a.end])
        specimen.disk.replace(specimen.name, swapped)
        #expect(try specimen.verify().problem != nil)
    }

    @Test func segmentsMissingOrForeign() throws {
        let specimen = try Specimen(groups: 40, size: 600)
        let names = specimen.disk.segments
        #expect(names.count >= 4)
        for name in names {
            let bytes = try #require(specimen.disk.bytes(of: name))
            specimen.disk.remove(name)
            #expect(try specimen.verify().problem != nil, "without \(name)")
            specimen.disk.replace(name, bytes)
        }
        let other = try Specimen(seed: 321, groups: 40, size: 600)
        let middle = names[1]
        let foreign = try #require(other.disk.bytes(of: other.disk.segments[1]))
        specimen.disk.replace(middle, foreign)
        #expect(try specimen.verify().problem == .foreignFile(file: "/simulated/\(middle)"))
    }

    @Test func damageInTheMiddleIsNamedAndNothingIsCut() throws {
        let specimen = try Specimen()
        var bytes = specimen.bytes
        let record = RawRecord.all(bytes)[7]
        bytes[record.bodyAt] ^= 1
        specimen.disk.replace(specimen.name, bytes)
        do {
            _ = try specimen.recover()
            Issue.record("it was opened")
        } catch let JournalError.damaged(file, offset, _) {
            #expect(file == "/simulated/\(specimen.name)" && offset == record.offset)
        }
        #expect(specimen.bytes == bytes)
    }

    // M1
    @Test func aChangedRecordWithRightChecksumsDoesNotFitTheTree() throws {
        let specimen = try Specimen()
        let bytes = specimen.bytes
        for record in RawRecord.all(bytes) where record.type == 1 && record.bodyLength > 0 {
            var tampered = bytes
            // The last byte of the body, one of the outcome, one of the envelope digest.
            for at in [record.bodyAt + record.bodyLength - 1, record.offset + 88, record.offset + 100] {
                tampered[at] ^= 1
                record.repair(&tampered)
                specimen.disk.replace(specimen.name, tampered)
                guard case .rootMismatch = try specimen.verify().problem else {
                    Issue.record("record \(record.sequence) was not noticed")
                    return
                }
                tampered[at] ^= 1
            }
        }
    }

    /// Somebody who can write the whole directory, and has no signing key: only the signatures tell (and receipts).
    @Test func aRewrittenHistoryHasNoSignature() throws {
        let world = World(seed: 7)
        var options = world.options(signed: true)
        options.signer = { _ in
            CheckpointSignature(
                algorithm: "test", certificateFingerprint: Digest(of: [1]), signature: [1, 2, 3])
        }
        let disk = try SimulatedDisk.formatted(seed: 7, options)
        try Running(disk, options).log.close()
        let report = Journal.verify(disk.root, keys: nil, signature: World.check)
        guard case .badSignature(_, _, 1, _) = report.problem else {
            Issue.record("\(String(describing: report.problem))")
            return
        }
    }

    /// HEAD of one history with the segments of another.
    @Test func aForkIsNoticedByHead() throws {
        let one = try Specimen(groups: 4, size: 100)
        let two = try Specimen(groups: 4, size: 101)
        #expect(one.original.storeID == two.original.storeID)
        one.disk.replace(one.name, two.bytes)
        #expect(throws: JournalError.forked(group: 5)) { try one.recover() }
    }
}
