import TestSupport
import Testing

@testable import Crypto

/// MTH, PATH and PROOF as RFC 9162 2.1 writes them, over slices: slow and plain, to compare with.
private struct Reference {
    var hasher = MerkleHasher()

    func root(_ d: ArraySlice<Digest>) -> Digest {
        guard let first = d.first else { return hasher.empty }
        if d.count == 1 { return first }
        let k = split(d.count)
        return hasher.node(root(d.prefix(k)), root(d.dropFirst(k)))
    }

    func path(_ m: Int, _ d: ArraySlice<Digest>) -> [Digest] {
        guard d.count > 1 else { return [] }
        let k = split(d.count)
        return m < k
            ? path(m, d.prefix(k)) + [root(d.dropFirst(k))]
            : path(m - k, d.dropFirst(k)) + [root(d.prefix(k))]
    }

    func proof(_ m: Int, _ d: ArraySlice<Digest>, _ whole: Bool = true) -> [Digest] {
        if m == d.count { return whole ? [] : [root(d)] }
        let k = split(d.count)
        return m <= k
            ? proof(m, d.prefix(k), whole) + [root(d.dropFirst(k))]
            : proof(m - k, d.dropFirst(k), false) + [root(d.prefix(k))]
    }

    private func split(_ n: Int) -> Int {
        var k = 1
        while k * 2 < n { k *= 2 }
        return k
    }
}

private let sizeLimit = 130

private func leaves(_ count: Int) -> [Digest] {
    (0..<count).map {
        MerkleHasher().leaf([UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)])
    }
}

private func tree(_ leaves: [Digest]) -> MerkleTree {
    var tree = MerkleTree()
    for leaf in leaves { tree.append(leaf) }
    return tree
}

@Suite("RFC 9162 2.1 Merkle tree")
struct MerkleTests {
    static let inputs = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ]
    static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    /// The eight leaves of the Certificate Transparency project's published test data.
    private func published() throws -> MerkleTree {
        tree(try Self.inputs.map { MerkleHasher().leaf(try #require(Hex.decode($0))) })
    }

    @Test("published roots of sizes 0 to 8, by frontier, by tree and by past size")
    func publishedRoots() throws {
        let whole = try published()
        var frontier = MerkleFrontier()
        for size in 0...8 {
            #expect(frontier.root.hex == Self.roots[size])
            #expect(try whole.root(at: UInt64(size)).hex == Self.roots[size])
            if size < 8 { frontier.append(whole.leaves[size]) }
        }
        #expect(whole.root.hex == Self.roots[8])
    }

    @Test("published inclusion and consistency proofs")
    func publishedProofs() throws {
        let whole = try published()
        let first = [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]
        let sixth = [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            Self.roots[4],
        ]
        let sixToEight = [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            Self.roots[4],
        ]
        #expect(try whole.inclusionProof(index: 0, size: 8).map(\.hex) == first)
        #expect(try whole.inclusionProof(index: 5, size: 8).map(\.hex) == sixth)
        #expect(try whole.consistencyProof(from: 1, to: 8).map(\.hex) == first)
        #expect(try whole.consistencyProof(from: 6, to: 8).map(\.hex) == sixToEight)
        #expect(try whole.consistencyProof(from: 2, to: 5).map(\.hex) == [first[1], sixth[0]])
    }

    @Test("roots and frontiers of all sizes equal the recursive definition")
    func allRoots() throws {
        let leaves = leaves(sizeLimit)
        let (whole, reference) = (tree(leaves), Reference())
        var frontier = MerkleFrontier()
        for size in 0...sizeLimit {
            let expected = reference.root(leaves.prefix(size))
            #expect(frontier.root == expected)
            #expect(try whole.root(at: UInt64(size)) == expected)
            #expect(frontier.hashes.count == size.nonzeroBitCount)
            #expect(
                MerkleFrontier(size: frontier.size, hashes: frontier.hashes) == frontier,
                "stored and read again")
            #expect(MerkleFrontier(size: frontier.size, hashes: frontier.hashes + [.zero]) == nil)
            if size < sizeLimit { frontier.append(leaves[size]) }
        }
    }

    @Test(
        "inclusion: every index of every size, as defined and verified; not for another index, leaf or size")
    func allInclusions() throws {
        let leaves = leaves(sizeLimit)
        let (whole, reference) = (tree(leaves), Reference())
        for size in 1...sizeLimit {
            let root = try whole.root(at: UInt64(size))
            for index in 0..<size {
                let path = try whole.inclusionProof(index: UInt64(index), size: UInt64(size))
                let holds = { (leaf: Digest, index: Int, size: Int, path: [Digest]) in
                    MerkleProof.includes(
                        leafHash: leaf, index: UInt64(index), size: UInt64(size), path: path, root: root)
                }
                guard path == reference.path(index, leaves.prefix(size)),
                    holds(leaves[index], index, size, path)
                else {
                    Issue.record("index \(index) size \(size)")
                    continue
                }
                let wrong =
                    holds(leaves[index ^ 1 < sizeLimit ? index ^ 1 : 0], index, size, path)
                    || holds(leaves[index], (index + 1) % size, size, path) && size > 1
                    || holds(leaves[index], index, size, path + [root])
                    || (!path.isEmpty && holds(leaves[index], index, size, path.dropLast()))
                if wrong { Issue.record("false proof accepted: index \(index) size \(size)") }
            }
        }
    }

    @Test("consistency: every pair of sizes, as defined and verified; not with another root, size or node")
    func allConsistencies() throws {
        let leaves = leaves(sizeLimit)
        let (whole, reference) = (tree(leaves), Reference())
        let roots = try (0...sizeLimit).map { try whole.root(at: UInt64($0)) }
        for newer in 0...sizeLimit {
            for older in 0...newer {
                let path = try whole.consistencyProof(from: UInt64(older), to: UInt64(newer))
                let holds = { (oldRoot: Digest, newRoot: Digest, path: [Digest]) in
                    MerkleProof.isConsistent(
                        older: UInt64(older), olderRoot: oldRoot, newer: UInt64(newer), newerRoot: newRoot,
                        path: path)
                }
                let expected = older == 0 ? [] : reference.proof(older, leaves.prefix(newer))
                guard path == expected, holds(roots[older], roots[newer], path) else {
                    Issue.record("from \(older) to \(newer)")
                    continue
                }
                var wrong =
                    holds(.zero, roots[newer], path) || holds(roots[older], roots[newer], path + [.zero])
                    || (older > 0 && holds(roots[older], .zero, path))
                    || (!path.isEmpty && holds(roots[older], roots[newer], path.dropLast()))
                for index in path.indices {
                    var changed = path
                    changed[index] = .zero
                    wrong = wrong || holds(roots[older], roots[newer], changed)
                }
                if wrong { Issue.record("false proof accepted: from \(older) to \(newer)") }
            }
        }
    }

    @Test("one flipped bit anywhere in an inclusion proof is found")
    func flippedBits() throws {
        let leaves = leaves(100)
        let whole = tree(leaves)
        let path = try whole.inclusionProof(index: 77, size: 100)
        for (position, hash) in path.enumerated() {
            for bit in 0..<256 {
                var bytes = hash.bytes
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                var changed = path
                changed[position] = try #require(Digest(bytes: bytes))
                let holds = MerkleProof.includes(
                    leafHash: leaves[77], index: 77, size: 100, path: changed, root: whole.root)
                if holds { Issue.record("bit \(bit) of node \(position)") }
            }
        }
    }

    @Test("numbers from outside never trap: extremes and random proofs are just false")
    func hostile() {
        var random = SplitMix64(seed: 9162)
        let edges: [UInt64] = [0, 1, 2, 3, 1 << 32, 1 << 63, .max - 1, .max]
        for a in edges + [random.next()] {
            for b in edges + [random.next()] {
                for count in [0, 1, 63, 64, 65, 66] {
                    let path = [Digest](repeating: Digest(of: random.bytes(4)), count: count)
                    let included = MerkleProof.includes(
                        leafHash: .zero, index: a, size: b, path: path, root: .zero)
                    let consistent =
                        a != b
                        && MerkleProof.isConsistent(
                            older: a, olderRoot: .zero, newer: b, newerRoot: Digest(of: [1]), path: path)
                    if (included && !(b == 1 && count == 0)) || consistent {
                        Issue.record("\(a) \(b) \(count)")
                    }
                }
            }
        }
    }

    @Test("proofs over what the tree does not have are refused, as are missing leaves")
    func outOfRange() throws {
        let whole = tree(leaves(10))
        #expect(throws: MerkleError.outOfRange(index: 11, size: 10)) { try whole.root(at: 11) }
        #expect(throws: MerkleError.outOfRange(index: 10, size: 10)) {
            try whole.inclusionProof(index: 10, size: 10)
        }
        #expect(throws: MerkleError.outOfRange(index: 3, size: 10)) {
            try whole.inclusionProof(index: 3, size: 11)
        }
        #expect(throws: MerkleError.outOfRange(index: 5, size: 4)) {
            try whole.consistencyProof(from: 5, to: 4)
        }
        var subtrees = MerkleSubtrees()
        for leaf in leaves(10) { subtrees.append(leaf) }
        #expect(throws: MerkleError.leafMissing(8)) {
            try subtrees.inclusionProof(index: 9, size: 10) { $0 == 8 ? nil : .zero }
        }
    }

    @Test("a proof in a large tree reads few leaves")
    func fewLeaves() throws {
        var subtrees = MerkleSubtrees()
        let count = 100_003
        let hashes = leaves(count)
        for leaf in hashes { subtrees.append(leaf) }
        for index in [0, 1, 50_001, count - 1] {
            var read = 0
            let path = try subtrees.inclusionProof(index: UInt64(index), size: UInt64(count)) { wanted in
                read += 1
                return hashes[Int(wanted)]
            }
            #expect(read <= 64)
            #expect(
                MerkleProof.includes(
                    leafHash: hashes[index], index: UInt64(index), size: UInt64(count), path: path,
                    root: subtrees.root))
        }
    }

    @Test(
        "one way kept through any proofs in any order and size gives each as made alone, also after a failure"
    )
    func oneWay() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed of the ways: \(seed)")
        var random = SplitMix64(seed: seed)
        let whole = tree(leaves(300))
        var way = MerkleWay()
        for step in 0..<5_000 {
            let size = step % 7 == 0 ? random.next() % 300 + 1 : 299
            let index = random.next() % (step % 11 == 0 ? 400 : size)
            guard index < size else {
                #expect(throws: MerkleError.self) { try whole.walk(to: index, size: size, &way) }
                continue
            }
            try whole.walk(to: index, size: size, &way)
            let alone = try whole.inclusionProof(index: index, size: size)
            #expect(
                way.path == alone && way.pathBytes == alone.flatMap(\.bytes), "seed \(seed), step \(step)")
        }
    }

    @Test("side by side proofs along one way read each leaf twice at most, and make hardly a hash anew")
    func sideBySide() throws {
        var subtrees = MerkleSubtrees()
        let hashes = leaves(10_003)
        for leaf in hashes { subtrees.append(leaf) }
        var (way, read) = (MerkleWay(), 0)
        for index in 9_000..<9_100 {
            try subtrees.walk(to: UInt64(index), size: UInt64(hashes.count), &way) { wanted in
                read += 1
                return hashes[Int(wanted)]
            }
        }
        // Its neighbour for each, and the two beside for every second one.
        #expect(read <= 100 * 2 + 8, "\(read)")
    }

    @Test("leaves added a group at a time, hashed elsewhere, make the tree that single ones make")
    func growth() throws {
        let hashes = leaves(200)
        var (grown, frontier) = (MerkleTree(), MerkleFrontier())
        for (start, end) in [(0, 1), (1, 1), (1, 64), (64, 65), (65, 200)] {
            let growth = MerkleGrowth(of: frontier, by: [Digest](hashes[start..<end]))
            grown.append(growth)
            frontier = growth.frontier
        }
        let single = tree(hashes)
        #expect(grown.frontier == single.frontier && grown.leaves == single.leaves)
        for size in 1...UInt64(200) { #expect(try grown.root(at: size) == single.root(at: size)) }
        for index in UInt64(0)..<200 {
            let path = try grown.inclusionProof(index: index, size: 200)
            #expect(try path == single.inclusionProof(index: index, size: 200))
        }
    }

    @Test("the algorithm is part of the tree: SM3 gives other roots that verify as SM3 only")
    func sm3() throws {
        var whole = MerkleTree(MerkleHasher(.sm3))
        for byte in UInt8(0)..<7 { whole.append(whole.hasher.leaf([byte])) }
        let path = try whole.inclusionProof(index: 3, size: 7)
        let leaf = whole.hasher.leaf([3])
        let holds = { (hasher: MerkleHasher) in
            MerkleProof.includes(
                leafHash: leaf, index: 3, size: 7, path: path, root: whole.root, hasher: hasher)
        }
        #expect(holds(MerkleHasher(.sm3)))
        #expect(!holds(MerkleHasher(.sha256)))
    }
}
