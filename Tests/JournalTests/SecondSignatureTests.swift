import Crypto
import Testing

@testable import Journal

@Suite("JOURNAL.md 3.2 a second signature")
struct SecondSignatureTests {
    private static func commit(_ bits: UInt64 = 1) throws -> Commit {
        var tree = MerkleTree(MerkleHasher())
        for index in 0..<bits { tree.append(MerkleHasher().leaf([UInt8(truncatingIfNeeded: index)])) }
        return Commit(
            leaves: 1, firstSequence: bits, firstKeySlot: 8, keys: 0, recordBytes: 136, tree: tree.frontier,
            signature: try World.signer([1]))
    }

    private static func read(_ bytes: [UInt8]) -> Commit? { bytes.withUnsafeBytes { Commit($0) } }

    @Test("follows the first in the same form; without it the bytes are what they always were")
    func form() throws {
        var commit = try Self.commit(3)
        let plain = commit.bytes
        #expect(Self.read(plain) == commit)
        commit.second = try World.second()([1])
        #expect(commit.bytes.starts(with: plain))
        #expect(commit.bytes.count == plain.count + 36 + 5 + 32)
        #expect(Self.read(commit.bytes) == commit)
    }

    @Test("cut short anywhere, longer, of the first's algorithm, without a first: no COMMIT")
    func wrong() throws {
        var commit = try Self.commit(3)
        let plain = commit.bytes.count
        commit.second = try World.second()([1])
        let bytes = commit.bytes
        for length in 0..<bytes.count where length != plain {
            #expect(Self.read(Array(bytes.prefix(length))) == nil, "\(length)")
        }
        #expect(Self.read(bytes + [0]) == nil && Self.read(bytes + [0, 0, 0, 0]) == nil)
        commit.second = try World.second("test")([1])
        #expect(Self.read(commit.bytes) == nil)
        commit.signature = nil
        #expect(Self.read(commit.bytes + bytes.suffix(73)) == nil)
    }

    @Test("a log with two signers tells both, again after a restart; its journal is good")
    func both() throws {
        let world = World(seed: 31)
        var options = world.options(signed: true)
        options.secondSigner = World.second()
        let disk = try SimulatedDisk.formatted(seed: 31, options)
        for _ in 0..<2 {
            let running = try Running(disk, options)
            let told = running.log.durable.checkpoint
            let statement = told.checkpoint.statement
            #expect(told.signatures == [try World.signer(statement), try World.second()(statement)])
            running.log.close()
        }
        var seen = 0
        let report = Journal.verify(disk.root, keys: nil) { signed in
            seen += signed.second == nil ? 0 : 1
            return World.check(signed)
        }
        #expect(report.problem == nil && seen == Int(report.groups) && seen > 1)
    }

    @Test("at its limit it is written, one byte beyond, or by the first's algorithm, nothing is")
    func limits() throws {
        let most = JournalLimits.secondSignature
        for (signer, isGood) in [
            (World.second(bytes: most), true), (World.second(bytes: most + 1), false),
            (World.second("test"), false),
        ] {
            let world = World(seed: 32)
            var options = world.options(signed: true)
            let disk = try SimulatedDisk.formatted(seed: 32, options)
            options.secondSigner = signer
            if isGood {
                try Running(disk, options).log.close()
            } else {
                #expect(throws: JournalError.self) { try Running(disk, options) }
            }
        }
    }

    @Test("the largest COMMIT with both keeps its page")
    func page() {
        let all =
            RecordHeader.size + Commit.fixed + 32 * JournalLimits.frontier + 36
            + JournalLimits.algorithmName + JournalLimits.signature + 36 + JournalLimits.algorithmName
            + JournalLimits.secondSignature
        #expect(all <= JournalLimits.commit)
    }
}
