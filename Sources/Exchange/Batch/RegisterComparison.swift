package import Schema

/// Compares the rows one has with the register of a peer, step by step and without I/O: ask for `next`, hand over what came, until there is nothing left to
/// ask. Only where digests differ is asked further, so that the messages grow with the differences and not with the register.
///
///     var comparison = RegisterComparison(tree)
///     while let prefixes = comparison.next() { try comparison.take(ask(prefixes)) }
///     comparison.differences
package struct RegisterComparison: Sendable {
    /// Prefixes of one question: the answer stays far below a message's limit, sixteen children or rows each.
    package static let prefixesAtOnce = 256

    package enum Difference: Sendable, Hashable {
        /// Of one's own rows, by their place.
        case onlyHere(Int)
        case onlyThere(CompareLeaf)
        case different(Int, CompareLeaf)

        /// Of one's own row.
        package var place: Int? {
            switch self {
            case .onlyHere(let place), .different(let place, _): place
            case .onlyThere: nil
            }
        }
    }

    /// Why an answer cannot be used.
    package enum Fault: Error, Sendable, Hashable {
        /// Not what was asked for, or not in that order.
        case otherNodes
        /// A node's digest, its rows and what is below it do not go together.
        case inconsistent
    }

    /// In the order of the rows' paths, as they were found.
    package private(set) var differences: [Difference] = []
    /// Rows of the peer's register; nil until it has answered.
    package private(set) var rowsThere: UInt64?
    /// The register changed while it was compared: what was found is of several moments.
    package private(set) var hasChanged = false
    /// Nodes asked for so far.
    package private(set) var asked = 0

    private let mine: RegisterTree
    private var waiting: [Question]
    private var open: [Question] = []

    private struct Question: Sendable, Hashable {
        let prefix: [UInt8]
        /// As its parent said; nil for the root.
        let digest: [UInt8]?
    }

    package init(_ mine: RegisterTree) {
        self.mine = mine
        waiting = [Question(prefix: [], digest: nil)]
    }

    /// The prefixes to ask for next; nil: everything is known.
    package mutating func next() -> [[UInt8]]? {
        guard open.isEmpty else { return open.map(\.prefix) }
        guard !waiting.isEmpty else { return nil }
        open = Array(waiting.prefix(Self.prefixesAtOnce))
        waiting.removeFirst(open.count)
        asked += open.count
        return open.map(\.prefix)
    }

    /// The nodes of the prefixes asked for, in their order.
    package mutating func take(_ nodes: [CompareNode]) throws(Fault) {
        guard nodes.count == open.count, zip(nodes, open).allSatisfy({ $0.prefix == $1.prefix }) else {
            throw .otherNodes
        }
        let leaves = try nodes.map { (node) throws(Fault) in try check(node) }
        for (index, node) in nodes.enumerated() {
            if let said = open[index].digest, said != node.sha256 { hasChanged = true }
            if node.prefix.isEmpty { rowsThere = node.rows }
            take(node, leaves[index])
        }
        open = []
    }

    /// The paths of a node's rows, once all of it goes together.
    private func check(_ node: CompareNode) throws(Fault) -> [(path: Digest256, leaf: CompareLeaf)] {
        guard node.prefix.count < RegisterTree.depth, node.children.isEmpty || node.leaves.isEmpty else {
            throw .inconsistent
        }
        if node.children.isEmpty { return try checkLeaf(node) }
        var digests = Array(repeating: Digest256.zero, count: RegisterTree.children)
        var (rows, last) = (UInt64(0), -1)
        for child in node.children {
            guard child.prefix.dropLast() == node.prefix[...], let step = child.prefix.last,
                Int(step) > last, Int(step) < digests.count, child.rows > 0, child.rows <= node.rows
            else { throw .inconsistent }
            last = Int(step)
            digests[last] = Digest256(child.sha256)
            rows &+= child.rows
        }
        guard rows == node.rows, rows > UInt64(RegisterTree.leafRows),
            RegisterTree.innerDigest(digests, mine.sha256).bytes == node.sha256
        else { throw .inconsistent }
        return []
    }

    private func checkLeaf(_ node: CompareNode) throws(Fault) -> [(path: Digest256, leaf: CompareLeaf)] {
        let leaves = node.leaves.map { (path: Digest256(mine.sha256.function($0.key)), leaf: $0) }
        let rows = leaves.map { (path: $0.path, digest: Digest256($0.leaf.sha256)) }
        let isInOrder = zip(rows, rows.dropFirst()).allSatisfy { $0.path < $1.path }
        let isBelow = rows.allSatisfy { row in
            node.prefix.indices.allSatisfy { row.path.step($0) == node.prefix[$0] }
        }
        guard UInt64(rows.count) == node.rows, rows.count <= RegisterTree.leafRows, isInOrder, isBelow,
            RegisterTree.leafDigest(rows, mine.sha256).bytes == node.sha256
        else { throw .inconsistent }
        return leaves
    }

    private mutating func take(_ node: CompareNode, _ leaves: [(path: Digest256, leaf: CompareLeaf)]) {
        let part = mine.part(node.prefix)
        guard part.digest.bytes != node.sha256 else { return }
        guard !node.children.isEmpty else { return compare(mine.rows[part.rows], leaves) }
        var children = node.children[...]
        for step in 0..<UInt8(RegisterTree.children) {
            let prefix = node.prefix + [step]
            let part = mine.part(prefix)
            guard let child = children.first, child.prefix == prefix else {
                differences += mine.rows[part.rows].map { .onlyHere($0.place) }
                continue
            }
            children.removeFirst()
            guard part.digest.bytes != child.sha256 else { continue }
            waiting.append(Question(prefix: prefix, digest: child.sha256))
        }
    }

    /// Two short lists in the order of their paths.
    private mutating func compare(
        _ mine: ArraySlice<RegisterTree.Row>, _ theirs: [(path: Digest256, leaf: CompareLeaf)]
    ) {
        var (mine, theirs) = (mine, theirs[...])
        while let row = mine.first, let other = theirs.first {
            if row.path < other.path {
                differences.append(.onlyHere(row.place))
                mine.removeFirst()
            } else if other.path < row.path {
                differences.append(.onlyThere(other.leaf))
                theirs.removeFirst()
            } else {
                if row.digest.bytes != other.leaf.sha256 {
                    differences.append(.different(row.place, other.leaf))
                }
                mine.removeFirst()
                theirs.removeFirst()
            }
        }
        differences += mine.map { .onlyHere($0.place) } + theirs.map { .onlyThere($0.leaf) }
    }
}
