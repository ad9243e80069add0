import Crypto
import Schema
import TestSupport
import Testing

@testable import Exchange

@Suite("BATCH.md 8 reconciliation")
struct RegisterTreeTests {
    private static let sha256 = DigestFunction { Digest(of: $0).bytes }

    /// A register as a dictionary: what a tree and a comparison must agree with.
    private typealias Register = [[UInt8]: [UInt8]]

    private func key(_ number: Int) -> [UInt8] { Array("key \(number)".utf8) }

    private func register(_ count: Int) -> Register {
        Dictionary(uniqueKeysWithValues: (0..<count).map { (key($0), Array("row \($0)".utf8)) })
    }

    private func tree(_ register: Register, _ keys: [[UInt8]]? = nil) -> RegisterTree {
        let keys = keys ?? register.keys.sorted { $0.lexicographicallyPrecedes($1) }
        return RegisterTree(
            keys.enumerated().map {
                RegisterTree.Row(key: $1, row: register[$1] ?? [], place: $0, Self.sha256)
            }, Self.sha256)
    }

    /// Compares as client and server would; differences by key.
    private func compare(_ here: Register, _ there: Register) throws
        -> (found: [String], comparison: RegisterComparison)
    {
        let keys = here.keys.sorted { $0.lexicographicallyPrecedes($1) }
        let theirKeys = there.keys.sorted { $0.lexicographicallyPrecedes($1) }
        let server = tree(there, theirKeys)
        var comparison = RegisterComparison(tree(here, keys))
        while let prefixes = comparison.next() {
            #expect(prefixes.count <= RegisterComparison.prefixesAtOnce)
            try comparison.take(prefixes.map { server.node($0) { CompareLeaf(key: theirKeys[$0]) } })
        }
        let found = comparison.differences.map { difference in
            switch difference {
            case .onlyHere(let place): "-" + String(decoding: keys[place], as: UTF8.self)
            case .onlyThere(let leaf): "+" + String(decoding: leaf.key, as: UTF8.self)
            case .different(let place, let leaf):
                keys[place] == leaf.key ? "!" + String(decoding: leaf.key, as: UTF8.self) : "mixed up"
            }
        }
        return (found.sorted(), comparison)
    }

    private func differences(_ here: Register, _ there: Register) -> [String] {
        let all = Set(here.keys).union(there.keys)
        return all.compactMap { key in
            let name = String(decoding: key, as: UTF8.self)
            guard let mine = here[key] else { return "+" + name }
            guard let theirs = there[key] else { return "-" + name }
            return mine == theirs ? nil : "!" + name
        }.sorted()
    }

    @Test("the same rows are the same tree, in whatever order they came")
    func order() {
        var random = SplitMix64(seed: 8)
        let register = register(1_000)
        let keys = Array(register.keys)
        let root = tree(register, keys).root
        for _ in 0..<5 { #expect(tree(register, keys.shuffled(using: &random)).root == root) }
        #expect(tree([:]).root == Array(repeating: 0, count: 32))
    }

    @Test("digests as the page says: sixteen rows are a leaf, seventeen a node of leaves")
    func digests() {
        func leaf(_ numbers: some Sequence<Int>) -> [UInt8] {
            let rows = numbers.map {
                (Self.sha256.function(key($0)), Self.sha256.function(Array("row \($0)".utf8)))
            }
            let sorted = rows.sorted { $0.0.lexicographicallyPrecedes($1.0) }
            return rows.isEmpty
                ? Array(repeating: 0, count: 32) : Self.sha256.function([0] + sorted.flatMap { $0.0 + $0.1 })
        }
        #expect(tree(register(1)).root == leaf(0..<1) && tree(register(16)).root == leaf(0..<16))
        let children = (0..<16).map { step in
            leaf((0..<17).filter { Int(Self.sha256.function(key($0))[0] >> 4) == step })
        }
        #expect(tree(register(17)).root == Self.sha256.function([1] + children.flatMap { $0 }))
    }

    @Test("equal registers are told by one question, at any size")
    func equal() throws {
        for count in [0, 1, 16, 17, 3_000] {
            let (found, comparison) = try compare(register(count), register(count))
            #expect(found.isEmpty && comparison.asked == 1 && comparison.rowsThere == UInt64(count))
        }
    }

    @Test("one difference among many rows costs a question a level, whichever side has it")
    func one() throws {
        let here = register(20_000)
        var there = here
        there[key(777)] = Array("another".utf8)
        let changed = try compare(here, there)
        #expect(changed.found == ["!key 777"] && changed.comparison.asked <= 6)
        there = here
        there[key(777)] = nil
        let missing = try compare(here, there)
        #expect(missing.found == ["-key 777"] && missing.comparison.asked <= 6)
        #expect(try compare(there, here).found == ["+key 777"])
    }

    @Test("random registers: exactly the rows that differ", arguments: 0..<40)
    func random(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var here = register(Int.random(in: 0...400, using: &random))
        var there = here
        for _ in 0..<Int.random(in: 0...200, using: &random) {
            let key = key(Int.random(in: 0..<500, using: &random))
            let row = Array("row \(Int.random(in: 0..<3, using: &random))".utf8)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: here[key] = row
            case 1: here[key] = nil
            case 2: there[key] = row
            default: there[key] = nil
            }
        }
        #expect(try compare(here, there).found == differences(here, there))
    }

    @Test("nothing in common, and nothing at all on one side")
    func disjoint() throws {
        let here = register(100)
        let there = Dictionary(uniqueKeysWithValues: (200..<260).map { (key($0), [UInt8($0 % 256)]) })
        #expect(try compare(here, there).found == differences(here, there))
        #expect(try compare([:], here).found.count == 100)
        #expect(try compare(here, [:]).found.count == 100)
    }

    @Test("answers that do not add up are refused")
    func refused() throws {
        let server = tree(register(300))
        func take(_ change: (inout CompareNode) -> Void) throws {
            var comparison = RegisterComparison(tree(register(299)))
            _ = comparison.next()
            var node = server.node([]) { _ in CompareLeaf() }
            change(&node)
            try comparison.take([node])
        }
        #expect(throws: Never.self) { try take { _ in } }
        #expect(throws: RegisterComparison.Fault.otherNodes) { try take { $0.prefix = [3] } }
        let changes: [(inout CompareNode) -> Void] = [
            { $0.rows += 1 }, { $0.sha256[0] ^= 1 }, { $0.children.removeLast() },
            { $0.children.swapAt(0, 1) },
            { $0.children[0].rows = 0 }, { $0.children[0].sha256[5] ^= 1 }, { $0.children[2].prefix = [16] },
            { $0.leaves = [CompareLeaf()] }, { $0.children[1].prefix = [1, 1] },
        ]
        for change in changes {
            #expect(throws: RegisterComparison.Fault.inconsistent) { try take(change) }
        }
        var comparison = RegisterComparison(server)
        _ = comparison.next()
        #expect(throws: RegisterComparison.Fault.otherNodes) { try comparison.take([]) }
    }

    @Test("leaves that are not below their prefix, out of order, or too many are refused")
    func refusedLeaves() throws {
        let keys = (0..<16).map(key)
        let server = tree(register(16), keys)
        func take(_ change: (inout CompareNode) -> Void) throws {
            var comparison = RegisterComparison(tree([:]))
            _ = comparison.next()
            var node = server.node([]) { CompareLeaf(key: keys[$0]) }
            change(&node)
            try comparison.take([node])
        }
        #expect(throws: Never.self) { try take { _ in } }
        let changes: [(inout CompareNode) -> Void] = [
            { $0.leaves.swapAt(0, 1) }, { $0.leaves[3].key = [1] }, { $0.leaves[3].sha256[0] ^= 1 },
            { $0.leaves.append($0.leaves[15]) }, { $0.leaves.removeLast() },
        ]
        for change in changes {
            #expect(throws: RegisterComparison.Fault.inconsistent) { try take(change) }
        }
    }

    @Test("a register that changes between two questions is told to have changed")
    func changed() throws {
        let before = register(500)
        var after = before
        for number in 0..<500 { after[key(number)] = [1] }
        let theirKeys = before.keys.sorted { $0.lexicographicallyPrecedes($1) }
        let trees = [tree(before, theirKeys), tree(after, theirKeys)]
        var comparison = RegisterComparison(tree(register(400)))
        var turn = 0
        while let prefixes = comparison.next() {
            let server = trees[min(turn, 1)]
            try comparison.take(prefixes.map { server.node($0) { CompareLeaf(key: theirKeys[$0]) } })
            turn += 1
        }
        #expect(comparison.hasChanged)
    }
}
