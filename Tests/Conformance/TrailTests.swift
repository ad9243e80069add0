import BureauTestSupport
import Crypto
import Foundation
import Journal
import Office
import Schema
import TestSupport
import Testing

@testable import Bureau
@testable import TwoListsClient

/// An exported trail, taken apart so that it can be made wrong.
struct Export: Hashable {
    var head: TrailHead
    var records: [TrailRecord]

    /// As the service answers and `audit export` writes.
    init(_ town: ReceiptTown, first: UInt64 = 0, last: UInt64 = 0) throws {
        let source = TrailSource(
            storage: town.desk.store.journal.storage, log: town.desk.log, receipts: town.desk.receipts)
        head = try TrailExport.head(TrailHeadQuery(first: first, last: last), source, town.desk.receipts)
        records = []
        while records.count < head.last - head.first + 1 {
            let next = head.first + UInt64(records.count)
            records += try TrailExport.records(TrailRecordsQuery(first: next, last: head.last), source)
                .records
        }
    }

    var bytes: [UInt8] {
        TrailFileWriter.firstLine + TrailFileWriter.delimited(head)
            + records.flatMap { TrailFileWriter.delimited($0) }
    }

    /// Says fields 3 to 6 of the head again after `signed` has changed.
    mutating func sayAgain() {
        let one = head.signed?.signatures.first ?? StatementSignature()
        head.checkpoint = head.signed?.statement ?? []
        head.signatureAlgorithm = one.algorithm
        head.signature = one.signature
        head.certificateFingerprint = one.certificateSha256
    }

    /// The leaf hash of a changed record, so that the file agrees with itself.
    mutating func hashAgain(_ place: Int) {
        guard let checkpoint = ReceiptCheckpoint(head.signed?.statement ?? []),
            let leaf = ReceiptLeaf.bytes(of: records[place], in: checkpoint)
        else { return }
        records[place].leafHash = MerkleHasher(checkpoint.algorithm).leaf(leaf).bytes
    }
}

/// Every way to make an export wrong.
struct TrailTampering {
    enum Kind: String, CaseIterable {
        case bodyBit, commandBit, digestBit, outcomeBit, timeBit, typeChanged, sequenceBit, hashBit
        case bodyOfAnother, twoChanged
        case removed, lastRemoved, firstRemoved, allRemoved, twice, swapped, movedToFront, addedBefore,
            addedAfter
        case changedWithHash, removedAndRenumbered, insertedAndRenumbered
        case headFirst, headLast, bothEnds, pathBit, pathShorter, pathLonger, pathsExchanged, pathRagged
        case againStatement, againSignature, againAlgorithm
        case typeCommit, commandShort, hashMissing
        case cut, flipped, firstLine, garbage, empty
        case checkpoint
    }

    /// Of a receipt's checkpoint, which an export has too.
    static let ofCheckpoint: [Tampering.Kind] = [
        .statementBit, .statementOfAnother, .statementShort, .rootChanged, .timeMoved, .cityChanged,
        .signatureBit, .signatureEmpty, .signatureOfAnother, .algorithmUnknown, .signaturesGone,
        .fingerprintBit, .certificateBit, .certificateForged, .certificateGone, .signedByOfficer,
        .signedByStranger, .signedBySelf, .signedByOtherCity, .signedWithoutUsage,
    ]

    let receipts: Tampering
    let held: [Held]

    /// The file made wrong; nil when nothing has changed by it.
    func change(_ whole: Export, _ kind: Kind, _ random: inout SplitMix64) throws -> [UInt8]? {
        var export = whole
        record(&export, kind, &random)
        row(&export, kind, &random)
        head(&export, kind, &random)
        if kind == .checkpoint { try checkpoint(&export, &random) }
        var bytes = export.bytes
        file(&bytes, kind, &random)
        return bytes == whole.bytes ? nil : bytes
    }

    private func any(_ count: Int, _ random: inout SplitMix64) -> Int {
        Int(random.next() % UInt64(max(1, count)))
    }

    private func flip(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        guard !bytes.isEmpty else { return }
        bytes[any(bytes.count, &random)] ^= 1 << UInt8(random.next() % 8)
    }

    private func record(_ export: inout Export, _ kind: Kind, _ random: inout SplitMix64) {
        let place = any(export.records.count, &random)
        switch kind {
        case .bodyBit: flip(&export.records[place].body, &random)
        case .commandBit: flip(&export.records[place].commandId, &random)
        case .digestBit: flip(&export.records[place].envelopeDigest, &random)
        case .outcomeBit: export.records[place].outcome ^= 1
        case .timeBit: export.records[place].time ^= 1 << 30
        case .typeChanged: export.records[place].type = 7
        case .sequenceBit: export.records[place].sequence ^= 1 << (random.next() % 8)
        case .hashBit: flip(&export.records[place].leafHash, &random)
        case .bodyOfAnother: export.records[place].body = export.records[0].body
        case .twoChanged:
            export.records[place].outcome ^= 1
            export.records[0].time += 1
        case .changedWithHash:
            export.records[place].outcome ^= 1
            export.hashAgain(place)
        case .typeCommit: export.records[place].type = 2
        case .commandShort: export.records[place].commandId.removeLast()
        case .hashMissing: export.records[place].leafHash = []
        default: break
        }
    }

    private func row(_ export: inout Export, _ kind: Kind, _ random: inout SplitMix64) {
        let (place, other) = (any(export.records.count, &random), any(export.records.count, &random))
        switch kind {
        case .removed: export.records.remove(at: place)
        case .lastRemoved: export.records.removeLast()
        case .firstRemoved: export.records.removeFirst()
        case .allRemoved: export.records = []
        case .twice: export.records.insert(export.records[place], at: other)
        case .swapped: export.records.swapAt(place, other)
        case .movedToFront: export.records.insert(export.records.remove(at: place), at: 0)
        case .addedBefore, .addedAfter:
            var added = export.records[place]
            added.sequence = kind == .addedBefore ? export.head.first - 1 : export.head.last + 1
            export.records.insert(added, at: kind == .addedBefore ? 0 : export.records.count)
        case .removedAndRenumbered:
            export.records.remove(at: place)
            export.head.last -= 1
            renumber(&export, from: place)
        case .insertedAndRenumbered:
            export.records.insert(export.records[other], at: place)
            export.head.last += 1
            renumber(&export, from: place)
        default: break
        }
    }

    private func renumber(_ export: inout Export, from place: Int) {
        for index in export.records.indices.dropFirst(place) {
            export.records[index].sequence = export.head.first + UInt64(index)
            export.hashAgain(index)
        }
    }

    private func head(_ export: inout Export, _ kind: Kind, _ random: inout SplitMix64) {
        switch kind {
        case .headFirst: export.head.first += 1
        case .headLast: export.head.last -= 1
        case .bothEnds:
            export.head.first += 1
            export.records.removeFirst()
        case .pathBit where !export.head.firstPath.isEmpty: flip(&export.head.firstPath[0], &random)
        case .pathShorter: _ = export.head.lastPath.popLast()
        case .pathLonger: export.head.lastPath.append(random.bytes(32))
        case .pathsExchanged: swap(&export.head.firstPath, &export.head.lastPath)
        case .pathRagged: export.head.firstPath.append([1])
        case .againStatement: flip(&export.head.checkpoint, &random)
        case .againSignature: flip(&export.head.signature, &random)
        case .againAlgorithm: export.head.signatureAlgorithm += "x"
        default: break
        }
    }

    private func checkpoint(_ export: inout Export, _ random: inout SplitMix64) throws {
        let kind = Self.ofCheckpoint[any(Self.ofCheckpoint.count, &random)]
        var one = held[any(held.count, &random)]
        one.receipt.checkpoint = export.head.signed
        guard let changed = try receipts.change(one, held[any(held.count, &random)], kind, &random) else {
            return
        }
        export.head.signed = changed.receipt.checkpoint
        export.sayAgain()
    }

    private func file(_ bytes: inout [UInt8], _ kind: Kind, _ random: inout SplitMix64) {
        switch kind {
        case .cut: bytes.removeLast(1 + any(bytes.count - 1, &random))
        case .flipped: flip(&bytes, &random)
        case .firstLine: bytes[any(16, &random)] ^= 1
        case .garbage: bytes += random.bytes(1 + any(20, &random))
        case .empty: bytes = []
        default: break
        }
    }
}

extension TrailVerifier {
    /// In the Python verifier's words.
    func verdict(_ bytes: [UInt8], _ scratch: TemporaryDirectory) throws -> String {
        let path = try scratch.write("export.trail", bytes)
        do {
            _ = try verify(file: path)
            return "GOOD"
        } catch let failure as TrailFailure {
            let named = failure.faults.map { "\($0.fault.rawValue):\($0.sequence)" }
            return failure.check.rawValue + (named.isEmpty ? "" : " " + named.joined(separator: ","))
        }
    }
}

@Suite("TRAIL.md: an exported trail, checked by a stranger's program")
struct TrailConformanceTests {
    @Test("3: a verifier written from the page accepts every export of every range, and so does ours")
    func accepted() throws {
        let oracle = try ReceiptOracle()
        var random = SplitMix64(seed: 71)
        for algorithm in [DigestAlgorithm.sha256, .sm3] {
            let town = try ReceiptTown(seed: 71, algorithm: algorithm)
            _ = try town.file(40, &random)
            let size = town.desk.log.durable.sequence
            let ranges: [(UInt64, UInt64)] =
                [(0, 0), (1, 1), (size, size), (2, size)]
                + (0..<20).map { _ in
                    let first = 1 + random.next() % size
                    return (first, first + random.next() % (size - first + 1))
                }
            let exports = try ranges.map { try Export(town, first: $0.0, last: $0.1).bytes }
            let verdicts = try oracle.judge(trails: exports, ca: town.ca.caPath)
            let verifier = TrailVerifier(try town.verifier())
            #expect(verdicts == exports.map { _ in "GOOD" })
            for export in exports { #expect(try verifier.verdict(export, town.ca.directory) == "GOOD") }
        }
    }

    @Test(
        "3: each of 300 tampered exports is refused by both verifiers, for the same reason and naming the same records"
    )
    func tampered() throws {
        let oracle = try ReceiptOracle()
        let seed = UInt64.random(in: .min ... .max)
        print("seed of the tampering: \(seed)")
        var random = SplitMix64(seed: seed)
        let town = try ReceiptTown(seed: seed)
        let held = try town.file(60, &random)
        let tampering = TrailTampering(receipts: try Tampering(town), held: held)
        let wholes = [
            try Export(town), try Export(town, first: 7, last: 30), try Export(town, first: 40, last: 58),
        ]
        var cases: [(kind: TrailTampering.Kind, bytes: [UInt8])] = []
        while cases.count < 300 {
            // A third is the checkpoint's: it has twenty ways of its own. Another third are bits of the file.
            let turn = cases.count
            let kind: TrailTampering.Kind =
                switch turn % 6 {
                case 0: .checkpoint
                case 1: .flipped
                default:
                    TrailTampering.Kind.allCases[
                        Int(random.next() % UInt64(TrailTampering.Kind.allCases.count))]
                }
            let whole = wholes[Int(random.next() % 3)]
            guard let bytes = try tampering.change(whole, kind, &random) else { continue }
            cases.append((kind, bytes))
        }
        let verdicts = try oracle.judge(trails: cases.map(\.bytes), ca: town.ca.caPath)
        let verifier = TrailVerifier(try town.verifier())
        try #require(verdicts.count == cases.count)
        for (index, one) in cases.enumerated() {
            #expect(verdicts[index] != "GOOD", "\(one.kind), seed \(seed), case \(index)")
            #expect(
                try verifier.verdict(one.bytes, town.ca.directory) == verdicts[index],
                "\(one.kind), seed \(seed), case \(index)")
        }
    }

    @Test(
        "3: each fault has its name: changed, missing, repeated, moved, added; with its hash, only the range tells"
    )
    func names() throws {
        var random = SplitMix64(seed: 73)
        let town = try ReceiptTown(seed: 73)
        _ = try town.file(30, &random)
        let whole = try Export(town, first: 5, last: 25)
        let verifier = TrailVerifier(try town.verifier())
        func verdict(_ change: (inout Export) -> Void) throws -> String {
            var export = whole
            change(&export)
            return try verifier.verdict(export.bytes, town.ca.directory)
        }
        #expect(try verdict { _ in } == "GOOD")
        #expect(try verdict { $0.records[4].outcome ^= 1 } == "RECORD CHANGED:9")
        #expect(try verdict { $0.records.remove(at: 4) } == "ORDER MISSING:9")
        #expect(try verdict { $0.records.removeLast() } == "ORDER MISSING:25")
        #expect(try verdict { $0.records.insert($0.records[4], at: 6) } == "ORDER REPEATED:9")
        #expect(try verdict { $0.records.swapAt(4, 5) } == "ORDER MOVED:9")
        #expect(
            try verdict {
                $0.records[20].sequence = 26
                $0.records[3].time += 1
            } == "ORDER CHANGED:8,MISSING:25,ADDED:26,CHANGED:26")
        #expect(
            try verdict {
                $0.records[4].outcome ^= 1
                $0.hashAgain(4)
            } == "RANGE")
    }

    @Test("3: no more than 100 records are named, the others counted; an endless range costs nothing")
    func named() throws {
        var random = SplitMix64(seed: 74)
        let town = try ReceiptTown(seed: 74)
        _ = try town.file(101, &random)
        let verifier = TrailVerifier(try town.verifier())
        func failure(_ export: Export) throws -> TrailFailure? {
            let path = try town.ca.directory.write("export.trail", export.bytes)
            return #expect(throws: TrailFailure.self) { try verifier.verify(file: path) }
        }
        var export = try Export(town, first: 1, last: 101)
        for index in export.records.indices.dropFirst() { export.records[index].outcome ^= 1 }
        var found = try failure(export)
        #expect(found?.faults.count == TrailVerifier.named && found?.unnamed == 0)
        export.records[0].outcome ^= 1
        found = try failure(export)
        #expect(found?.faults.count == TrailVerifier.named && found?.unnamed == 1)

        export.records = []
        export.head.last = 1 << 62
        export.head.signed?.statement.replaceSubrange(40..<48, with: [0, 0, 0, 0, 0, 0, 0, 0x40])
        export.sayAgain()
        found = try failure(export)
        #expect(found?.check == .order && found?.unnamed == 1 << 62 - 100)
        export.head.signed?.statement[40] = 1
        export.sayAgain()
        #expect(try failure(export)?.check == .form)
    }

    @Test("2: a message at its limit is taken, one beyond is refused before its bytes are read")
    func limits() throws {
        let directory = try TemporaryDirectory("trail")
        func first(_ length: Int, _ content: [UInt8]) throws -> TrailRecord? {
            var prefix: [UInt8] = []
            var left = length
            repeat {
                prefix.append(UInt8(left & 0x7F) | (left > 0x7F ? 0x80 : 0))
                left >>= 7
            } while left > 0
            let path = try directory.write("one", TrailFileWriter.firstLine + prefix + content)
            var reader = try TrailFileReader(path)
            #expect(try reader.takesFirstLine())
            return try reader.next(TrailRecord.self)
        }
        // An unknown field that fills the message: tag, length in four bytes, bytes.
        let most = TrailFileReader.messageBytes
        let filler: [UInt8] = [0x7A, 0xFC, 0xFF, 0x7F] + [UInt8](repeating: 0, count: most - 4)
        #expect(try first(most, filler) != nil)
        #expect(throws: TrailFailure(.form, "a message of \(most + 1) bytes")) { try first(most + 1, []) }
    }
}
