import TestSupport
import Testing

@testable import Crypto

@Suite("RFC 9162 2.1.3 a range of leaves under one root")
struct MerkleRangeTests {
    private static func tree(_ size: Int) -> (MerkleTree, [Digest]) {
        var tree = MerkleTree(MerkleHasher())
        let leaves = (0..<size).map { MerkleHasher().leaf(Array("leaf \($0)".utf8)) }
        for leaf in leaves { tree.append(leaf) }
        return (tree, leaves)
    }

    @Test("every range of every tree up to 33 leaves gives the root")
    func everyRange() throws {
        for size in 1...33 {
            let (tree, leaves) = Self.tree(size)
            for first in 0..<size {
                for last in first..<size {
                    let root = MerkleProof.rangeRoot(
                        size: UInt64(size), first: UInt64(first), leaves: Array(leaves[first...last]),
                        firstPath: try tree.inclusionProof(index: UInt64(first), size: UInt64(size)),
                        lastPath: try tree.inclusionProof(index: UInt64(last), size: UInt64(size)))
                    #expect(root == tree.root, "\(first)...\(last) of \(size)")
                }
            }
        }
    }

    @Test("a leaf changed, left out, added or moved, a path of another leaf or length: never the root")
    func tampered() throws {
        let size = UInt64(29)
        let (tree, leaves) = Self.tree(29)
        let (first, last) = (5, 17)
        let range = Array(leaves[first...last])
        let (head, tail) = (
            try tree.inclusionProof(index: 5, size: size), try tree.inclusionProof(index: 17, size: size)
        )
        func root(
            _ leaves: [Digest], at first: UInt64 = 5, _ head: [Digest], _ tail: [Digest], size: UInt64 = 29
        ) -> Digest? {
            MerkleProof.rangeRoot(
                size: size, first: first, leaves: leaves, firstPath: head, lastPath: tail)
        }
        #expect(root(range, head, tail) == tree.root)
        for index in range.indices {
            var other = range
            other[index] = MerkleHasher().leaf([9])
            #expect(root(other, head, tail) != tree.root)
            other.remove(at: index)
            #expect(root(other, head, tail) != tree.root)
        }
        #expect(root(range, at: 6, head, tail) != tree.root)
        #expect(root(range + [range[0]], head, tail) != tree.root)
        #expect(root(range, Array(head.dropLast()), tail) == nil)
        #expect(root(range, head, tail + [range[0]]) == nil)
        // The size is the checkpoint's to tell, as with an inclusion proof: it must fit the paths' lengths.
        #expect(root(range, head, tail, size: 16) == nil)
        #expect(root(range, head, tail, size: 65) == nil)
        #expect(root([], head, tail) == nil)
        #expect(root(range, at: .max, head, tail) == nil)
    }

    @Test("every hash that the root depends on is checked: a changed one gives another root or none")
    func everyHashCounts() throws {
        let (tree, leaves) = Self.tree(29)
        let head = try tree.inclusionProof(index: 5, size: 29)
        let tail = try tree.inclusionProof(index: 17, size: 29)
        var (headUsed, tailUsed) = (0, 0)
        for index in head.indices {
            var other = head
            other[index] = MerkleHasher().leaf([9])
            if Self.root(leaves, other, tail) != tree.root { headUsed += 1 }
        }
        for index in tail.indices {
            var other = tail
            other[index] = MerkleHasher().leaf([9])
            if Self.root(leaves, head, other) != tree.root { tailUsed += 1 }
        }
        // 0–3 and 4 are left of leaf 5; 18–19 … 28 are right of leaf 17.
        #expect(headUsed == 2 && tailUsed == 3)
    }

    private static func root(_ leaves: [Digest], _ head: [Digest], _ tail: [Digest]) -> Digest? {
        MerkleProof.rangeRoot(
            size: 29, first: 5, leaves: Array(leaves[5...17]), firstPath: head, lastPath: tail)
    }
}
