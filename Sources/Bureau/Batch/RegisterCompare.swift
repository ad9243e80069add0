internal import Crypto
internal import Exchange
internal import Schema
internal import Wire

/// A register's tree of digests, made in steps and kept while the register stays as it is: whoever compares asks for it several times in a row.
final class RegisterCompare {
    /// Which tree: it is another one once a batch was taken or a person erased.
    struct Subject: Hashable {
        let kind: String
        let party: String
        let period: String
        let place: UInt64
        let erased: Int
    }

    let subject: Subject
    private let rows: RegisterRows
    private let kind: BatchKind
    private var made: [RegisterTree.Row] = []
    private var tree: RegisterTree?
    private var waiting: [(query: CompareQuery, reply: any CallReply)] = []

    private static let sha256 = DigestFunction { Digest(of: $0).bytes }

    init(_ subject: Subject, _ kind: BatchKind) {
        self.subject = subject
        self.kind = kind
        rows = RegisterRows(kind: subject.kind, party: subject.party, period: subject.period)
    }

    static func subject(_ query: CompareQuery, _ party: String, _ memory: borrowing BatchMemory) -> Subject {
        Subject(
            kind: query.kind, party: party, period: query.period, place: memory.lastPlace,
            erased: memory.survey.erased.count)
    }

    func ask(_ query: CompareQuery, _ reply: any CallReply) { waiting.append((query, reply)) }

    /// Whoever waits is told.
    func refuse(_ status: Status) {
        for (_, reply) in waiting { reply.finish(status, payload: []) }
        waiting = []
    }

    var isWaitedFor: Bool { !waiting.isEmpty }
    /// Callers that wait.
    var waits: Int { waiting.count }
    /// It takes memory: a tree, or what one is made of.
    var isHeld: Bool { tree != nil || !made.isEmpty }

    /// Some rows more, or the answers once all are there.
    func step(_ memory: borrowing BatchMemory) throws {
        guard let tree else { return try build(memory) }
        let asked = waiting
        waiting = []
        for (query, reply) in asked {
            do {
                reply.finish(.ok, payload: try answer(query, tree, memory).encoded())
            } catch let status as Status { reply.finish(status, payload: []) }
        }
    }

    private func build(_ memory: borrowing BatchMemory) throws {
        var looks = BatchWorkLimits.fetchLooks
        while let row = try rows.next(memory, looks: &looks) {
            guard let bytes = row.bytes, let key = RegisterTree.key(of: bytes, kind) else { continue }
            made.append(RegisterTree.Row(key: key, row: bytes, place: row.place, Self.sha256))
        }
        guard rows.isOver(memory) else { return }
        tree = RegisterTree(made, Self.sha256)
        made = []
    }

    private func answer(_ query: CompareQuery, _ tree: RegisterTree, _ memory: borrowing BatchMemory) throws
        -> CompareNodes
    {
        let prefixes = query.prefixes.isEmpty ? [[]] : query.prefixes
        guard prefixes.count <= RegisterComparison.prefixesAtOnce else {
            throw Status.tooLarge("prefixes", prefixes.count, RegisterComparison.prefixesAtOnce)
        }
        var nodes = CompareNodes()
        for prefix in prefixes {
            guard RegisterTree.isPrefix(prefix) else {
                throw Status.malformed("a prefix has at most 64 steps of 0 to 15", "prefixes")
            }
            var failure: (any Error)?
            nodes.nodes.append(
                tree.node(prefix) { place in
                    do { return try leaf(place, query.withRows, memory) } catch {
                        failure = error
                        return CompareLeaf()
                    }
                })
            if let failure { throw failure }
        }
        return nodes
    }

    private func leaf(_ place: Int, _ withRow: Bool, _ memory: borrowing BatchMemory) throws -> CompareLeaf {
        guard let row = try rows.row(place, memory), let bytes = row.bytes,
            let key = RegisterTree.key(of: bytes, kind)
        else { throw Status.notFound("row") }
        return CompareLeaf(
            key: key, batch: row.card.number, number: UInt64(row.number), row: withRow ? bytes : [])
    }
}
