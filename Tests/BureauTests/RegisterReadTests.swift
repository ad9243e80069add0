import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import Testing
import Wire

@testable import Bureau

@Suite("BATCH.md 5, 8: what is counted and compared of registers")
struct RegisterReadTests {
    private static let figures = """
        version,1
        figure,name,kind,form,measure,filter,period,unit,of,parts,published
        persons,帮扶人数,relief,flow,distinct(id_number),,paid,人,,,
        amount,帮扶金额,relief,flow,sum(amount),,paid,分,,,
        listed,在册人数,listed,stock,distinct(id_number),,batch,人,,,

        """
    /// The same columns as a list of who is there, by year.
    private static let listed = BatchTown.kindText.replacing("kind,relief,困难帮扶", with: "kind,listed,名册")
        .replacing("form,flow", with: "form,stock").replacing("period,field,paid", with: "period,batch,year")
    private static let more = [
        SeedFile(path: "batches/figures.csv", text: figures),
        SeedFile(path: "batches/listed.csv", text: listed),
    ]

    private func id(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 16) }

    private func town(_ seed: UInt64) throws -> BatchTown {
        let town = try BatchTown(seed: seed, more: Self.more)
        town.settle()
        return town
    }

    private func send(
        _ town: BatchTown, _ rows: SentRows, _ batch: UInt8, by officer: String = "k7f2",
        kind: String = "relief",
        period: String = ""
    ) throws {
        for chunk in rows.chunks { _ = town.put(chunk, of: id(batch), by: officer) }
        _ = town.put(rows.manifest, manifest: true, of: id(batch), by: officer)
        let number = "batch-\(batch)"
        _ = town.submit(rows.command(number, kind: kind, period: period), as: id(batch), by: officer)
        // A round a chunk, and those of the two records.
        town.settle(12 + rows.chunks.count)
        #expect(town.view(number, by: officer)?.verdict == .all)
    }

    private func figures(_ town: BatchTown, _ year: Int32, by officer: String = "b1a1") throws
        -> RegisterFigures
    {
        let reply = town.call(.getFigures, RegisterFiguresQuery(year: year), by: officer, rounds: 12)
        return try RegisterFigures(decoding: try #require(reply.payload))
    }

    private func values(_ figures: RegisterFigures) -> [String: Int64] {
        Dictionary(uniqueKeysWithValues: figures.figures.map { ($0.figure, $0.value) })
    }

    @Test("figures are counted over the registers of all senders, by sender too, for the bureau alone")
    func counted() throws {
        let town = try town(601)
        try send(town, SentRows(12), 1)
        try send(town, SentRows(7, first: 40), 2, by: "k3z8")
        try send(town, SentRows(3, first: 80, day: "2021-12-31"), 3)
        let figures = try figures(town, 2022)
        #expect(values(figures) == ["persons": 19, "amount": 190_367, "listed": 0])
        #expect(figures.figures[0].parties.map(\.party) == ["county/421321", "county/421303"])
        #expect(figures.figures[0].parties.map(\.value) == [12, 7])
        #expect(figures.text == Self.figures && figures.erased == 0)
        #expect(values(try self.figures(town, 2021))["persons"] == 3)
        let county = town.call(.getFigures, RegisterFiguresQuery(year: 2022), by: "k7f2")
        #expect(county.status?.code == .permissionDenied)
    }

    @Test("a list of one year stands beside that of another, unchanged rows in both")
    func stocks() throws {
        let town = try town(602)
        try send(town, SentRows(9), 1, kind: "listed", period: "2022")
        try send(town, SentRows(10), 2, kind: "listed", period: "2023")
        #expect(town.view("batch-2", by: "k7f2")?.added == 10)
        #expect(try values(figures(town, 2022))["listed"] == 9)
        #expect(try values(figures(town, 2023))["listed"] == 10)
    }

    @Test("without a table of figures nothing is counted, and that is no fault")
    func noTable() throws {
        let town = try BatchTown(seed: 603)
        town.settle()
        try send(town, SentRows(4), 1)
        #expect(try figures(town, 2022) == RegisterFigures())
    }

    // MARK: Comparing

    private static let sha256 = DigestFunction { Digest(of: $0).bytes }

    private func compare(
        _ town: BatchTown, _ rows: [[UInt8]], _ query: CompareQuery, by officer: String
    ) throws -> RegisterComparison {
        let kind = try BatchKindFile.kind(path: "batches/relief.csv", text: BatchTown.kindText)
        let mine = rows.enumerated().compactMap { place, row in
            RegisterTree.key(of: row, kind).map {
                RegisterTree.Row(key: $0, row: row, place: place, Self.sha256)
            }
        }
        var comparison = RegisterComparison(RegisterTree(mine, Self.sha256))
        while let prefixes = comparison.next() {
            var query = query
            query.prefixes = prefixes
            let reply = town.call(.compare, query, by: officer, rounds: 12)
            try comparison.take(CompareNodes(decoding: try #require(reply.payload)).nodes)
        }
        return comparison
    }

    @Test("the sender's file against the register: the same; then one row changed, one missing, one more")
    func compared() throws {
        let town = try town(604)
        var rows = SentRows(60)
        try send(town, rows, 1)
        try send(town, SentRows(5, first: 200), 2, by: "k3z8")
        let query = CompareQuery(kind: "relief", withRows: true)
        let same = try compare(town, rows.rows, query, by: "k7f2")
        #expect(same.differences.isEmpty && same.rowsThere == 60 && same.asked == 1)
        rows.rows[7] = SentRows.row(7, "2022-03-01", 9_999)
        let missing = rows.rows.remove(at: 30)
        rows.rows.append(SentRows.row(100, "2022-03-01", 1))
        let found = try compare(town, rows.rows, query, by: "k7f2").differences
        #expect(found.count == 3 && found.contains(.onlyHere(59)))
        for difference in found {
            switch difference {
            case .onlyHere: continue
            case .onlyThere(let leaf):
                #expect(leaf.row == missing && leaf.batch == "batch-1" && leaf.number == 31)
            case .different(let place, let leaf):
                #expect(place == 7 && leaf.row == SentRows(8).rows[7] && leaf.number == 8)
            }
        }
        #expect(!town.notices.all.contains { $0.contains("batches:") })
    }

    @Test("a county compares its own rows, the bureau all or one sender's; rows come only when asked for")
    func parties() throws {
        let town = try town(605)
        try send(town, SentRows(20), 1)
        try send(town, SentRows(5, first: 200), 2, by: "k3z8")
        var query = CompareQuery(kind: "relief", party: "county/421303")
        #expect(try compare(town, [], query, by: "k7f2").rowsThere == 20)
        #expect(try compare(town, [], query, by: "b1a1").rowsThere == 5)
        query.party = ""
        let all = try compare(town, [], query, by: "b1a1")
        #expect(all.rowsThere == 25 && all.differences.count == 25)
        for case .onlyThere(let leaf) in all.differences { #expect(leaf.row.isEmpty && !leaf.key.isEmpty) }
    }

    @Test("a tree is of the register as it stands: rows sent between two questions are in the next answer")
    func fresh() throws {
        let town = try town(606)
        try send(town, SentRows(20), 1)
        let query = CompareQuery(kind: "relief")
        #expect(try compare(town, [], query, by: "k7f2").rowsThere == 20)
        try send(town, SentRows(5, first: 200), 2)
        #expect(try compare(town, [], query, by: "k7f2").rowsThere == 25)
    }

    @Test(
        "lists by year are compared by year; a period that is none is refused, and too many prefixes, and steps above 15"
    )
    func refused() throws {
        let town = try town(607)
        try send(town, SentRows(9), 1, kind: "listed", period: "2022")
        try send(town, SentRows(4), 2, kind: "listed", period: "2023")
        #expect(
            try compare(town, [], CompareQuery(kind: "listed", period: "2022"), by: "k7f2").rowsThere == 9)
        #expect(
            try compare(town, [], CompareQuery(kind: "listed", period: "2024"), by: "k7f2").rowsThere == 0)
        func code(_ query: CompareQuery) -> StatusCode? {
            town.call(.compare, query, by: "k7f2").status?.code
        }
        #expect(code(CompareQuery(kind: "listed")) == .invalidArgument)
        #expect(code(CompareQuery(kind: "relief", period: "2022")) == .invalidArgument)
        #expect(code(CompareQuery(kind: "none")) == .notFound)
        #expect(code(CompareQuery(kind: "relief", prefixes: [[16]])) == .invalidArgument)
        #expect(code(CompareQuery(kind: "relief", prefixes: [[UInt8](repeating: 1, count: 64)])) == .ok)
        #expect(
            code(CompareQuery(kind: "relief", prefixes: [[UInt8](repeating: 1, count: 65)]))
                == .invalidArgument)
        let many = RegisterComparison.prefixesAtOnce
        #expect(code(CompareQuery(kind: "relief", prefixes: Array(repeating: [1], count: many))) == .ok)
        #expect(
            code(CompareQuery(kind: "relief", prefixes: Array(repeating: [1], count: many + 1)))
                == .invalidArgument)
    }
}
