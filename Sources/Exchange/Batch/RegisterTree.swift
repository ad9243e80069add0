package import Schema

/// A register as a tree of digests (BATCH.md 8): two parties that hold the same rows have the same tree, in whatever order they came, and where rows differ
/// only the way to them does.
///
///     path of a row   SHA-256 of its key, four bits a step, the high ones first
///     no rows         32 zero bytes
///     ≤ 16 rows       a leaf: SHA-256(0x00 ‖ each row in the order of its path: path ‖ SHA-256 of the canonical row)
///     more            an inner node: SHA-256(0x01 ‖ its sixteen children)
///
/// 72 bytes a row are held, and some ten a row for the nodes.
package struct RegisterTree: Sendable {
    /// Rows of a leaf, at most: as many as children of a node, so that an answer is never longer than a kilobyte or two.
    package static let leafRows = 16
    package static let children = 16
    /// Steps of a path: what SHA-256 has.
    package static let depth = 64

    package struct Row: Sendable, Hashable {
        let path: Digest256
        let digest: Digest256
        /// The owner's own way to find the row.
        package let place: Int

        /// - Parameters:
        ///   - key: `RowChecker.keyBytes`.
        ///   - row: canonical.
        package init(key: [UInt8], row: [UInt8], place: Int, _ sha256: DigestFunction) {
            path = Digest256(sha256.function(key))
            digest = Digest256(sha256.function(row))
            self.place = place
        }
    }

    /// What is below a prefix.
    struct Part: Hashable {
        let rows: Range<Int>
        let digest: Digest256
        let isLeaf: Bool
    }

    /// In the order of their paths.
    package let rows: [Row]
    let sha256: DigestFunction
    private var nodes: [Node] = []

    private struct Node {
        let rows: Range<Int>
        var digest = Digest256.zero
        /// The first of sixteen in `nodes`; 0: a leaf.
        var children = 0
    }

    /// - Parameter rows: of different keys.
    package init(_ rows: [Row], _ sha256: DigestFunction) {
        self.rows = rows.sorted { $0.path < $1.path }
        self.sha256 = sha256
        nodes = [Node(rows: self.rows.indices)]
        build(0, depth: 0)
    }

    package var root: [UInt8] { nodes[0].digest.bytes }

    private mutating func build(_ node: Int, depth: Int) {
        let range = nodes[node].rows
        guard range.count > Self.leafRows, depth < Self.depth else {
            nodes[node].digest = leafDigest(range)
            return
        }
        let first = nodes.count
        nodes[node].children = first
        var start = range.lowerBound
        for step in 0..<Self.children {
            let end = self.end(of: UInt8(step), from: start, in: range, depth)
            nodes.append(Node(rows: start..<end))
            start = end
        }
        for child in first..<(first + Self.children) { build(child, depth: depth + 1) }
        nodes[node].digest = innerDigest(nodes[first..<(first + Self.children)].map(\.digest))
    }

    /// Behind the last row whose path goes on with `step`: rows are in order.
    private func end(of step: UInt8, from start: Int, in range: Range<Int>, _ depth: Int) -> Int {
        var (low, high) = (start, range.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].path.step(depth) <= step { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func leafDigest(_ range: Range<Int>) -> Digest256 {
        Self.leafDigest(rows[range].map { ($0.path, $0.digest) }, sha256)
    }

    static func leafDigest(_ rows: [(path: Digest256, digest: Digest256)], _ sha256: DigestFunction)
        -> Digest256
    {
        guard !rows.isEmpty else { return .zero }
        var bytes: [UInt8] = [0]
        for row in rows { bytes += row.path.bytes + row.digest.bytes }
        return Digest256(sha256.function(bytes))
    }

    private func innerDigest(_ children: [Digest256]) -> Digest256 { Self.innerDigest(children, sha256) }

    static func innerDigest(_ children: [Digest256], _ sha256: DigestFunction) -> Digest256 {
        Digest256(sha256.function([1] + children.flatMap(\.bytes)))
    }

    /// What names a canonical row among those of its kind; nil: it is none of the kind.
    package static func key(of row: [UInt8], _ kind: BatchKind) -> [UInt8]? {
        guard let places = try? CanonicalRow.fields(row, fields: kind.fields.count) else { return nil }
        var key: [UInt8] = []
        for field in kind.key { CanonicalRow.append(row[places[field]], to: &key) }
        return key
    }

    package static func isPrefix(_ steps: [UInt8]) -> Bool {
        steps.count <= depth && steps.allSatisfy { $0 < UInt8(children) }
    }

    // MARK: Looking

    /// - Parameter prefix: a step a byte; the empty one is the root.
    func part(_ prefix: [UInt8]) -> Part {
        var node = 0
        for (depth, step) in prefix.enumerated() {
            guard nodes[node].children > 0, step < UInt8(Self.children) else {
                return below(nodes[node].rows, prefix, from: depth)
            }
            node = nodes[node].children + Int(step)
        }
        return Part(
            rows: nodes[node].rows, digest: nodes[node].digest, isLeaf: nodes[node].children == 0)
    }

    /// Of a leaf, the rows whose paths go on with the rest of a prefix.
    private func below(_ range: Range<Int>, _ prefix: [UInt8], from depth: Int) -> Part {
        func follows(_ row: Row) -> Bool {
            (depth..<prefix.count).allSatisfy { $0 < Self.depth && row.path.step($0) == prefix[$0] }
        }
        let start = range.first { follows(rows[$0]) } ?? range.upperBound
        let end = range[start...].first { !follows(rows[$0]) } ?? range.upperBound
        return Part(rows: start..<end, digest: leafDigest(start..<end), isLeaf: true)
    }

    /// The answer to whoever asks for a prefix.
    /// - Parameter leaf: the row at a place, without its digest.
    package func node(_ prefix: [UInt8], leaf: (Int) -> CompareLeaf) -> CompareNode {
        let part = part(prefix)
        var node = CompareNode(prefix: prefix, sha256: part.digest.bytes, rows: UInt64(part.rows.count))
        guard !part.isLeaf else {
            node.leaves = rows[part.rows].map { row in
                var leaf = leaf(row.place)
                leaf.sha256 = row.digest.bytes
                return leaf
            }
            return node
        }
        for step in 0..<UInt8(Self.children) {
            let child = self.part(prefix + [step])
            guard !child.rows.isEmpty else { continue }
            node.children.append(
                CompareNode(
                    prefix: prefix + [step], sha256: child.digest.bytes, rows: UInt64(child.rows.count)))
        }
        return node
    }
}

/// A SHA-256, in the order of its bytes.
struct Digest256: Sendable, Hashable, Comparable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    static let zero = Digest256([])

    /// Of bytes that are no thirty-two: zero, which no row has.
    init(_ bytes: [UInt8]) {
        func word(_ index: Int) -> UInt64 {
            bytes[(8 * index)..<(8 * index + 8)].reduce(0) { $0 << 8 | UInt64($1) }
        }
        words = bytes.count == 32 ? (word(0), word(1), word(2), word(3)) : (0, 0, 0, 0)
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for word in [words.0, words.1, words.2, words.3] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return bytes
    }

    /// Four bits of it, by number from the front.
    func step(_ depth: Int) -> UInt8 {
        let word = depth < 16 ? words.0 : depth < 32 ? words.1 : depth < 48 ? words.2 : words.3
        return UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (depth % 16))) & 15
    }

    static func < (a: Digest256, b: Digest256) -> Bool { a.words < b.words }
    static func == (a: Digest256, b: Digest256) -> Bool { a.words == b.words }

    func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
