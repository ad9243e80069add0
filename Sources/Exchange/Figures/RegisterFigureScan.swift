package import Schema

/// Counts a year's figures over the rows of registers, given one by one in any order. What it keeps does not grow with the rows but for different values:
/// sixteen bytes or so each, as 64-bit prints under the process's own key, so that nobody can prepare two that fall together.
///
///     var figures = RegisterFigureScan(table, kinds, year: 2022)
///     for row in registers { figures.add(kind: row.kind, row: row.bytes, party: row.party, period: row.period) }
///     let answer = figures.result()
///
/// A figure whose kind is not there, or has no such field, is left out of the answer: nothing was counted, which is not 0.
package struct RegisterFigureScan {
    private let table: RegisterFigureTable?
    private let year: FigureYear
    private let kinds: [String: Int]
    private let fields: [Int]
    /// By kind: its figures, as places in `tallies`.
    private var figures: [[Int]]
    private var tallies: [Tally] = []
    private var parties: [String: Int] = [:]
    private var partyNames: [String] = []
    /// Rows that could not be read: their person's key was destroyed, or they are none of the kind.
    private var erased: UInt64 = 0

    struct Tally {
        let figure: BoundFigure
        var whole = Count()
        var seen: Set<Int> = []
        /// In the order of their first row.
        var parties: [(party: Int, count: Count)] = []
    }

    struct Count {
        var value: Int64 = 0
        var rows: UInt64 = 0

        /// Sums stop at what 64 bits hold: nine million rows of the largest number there is.
        mutating func add(_ more: Int64) {
            rows &+= 1
            let (sum, overflow) = value.addingReportingOverflow(more)
            value = overflow ? (more > 0 ? .max : .min) : sum
        }
    }

    /// - Parameter table: nil: nothing is counted.
    package init(_ table: RegisterFigureTable?, _ kinds: [BatchKind], year: Int) {
        self.table = table
        self.year = FigureYear(year)
        var places: [String: Int] = [:]
        for (place, kind) in kinds.enumerated() { places[kind.code] = place }
        self.kinds = places
        fields = kinds.map(\.fields.count)
        figures = kinds.map { _ in [] }
        for entry in table?.entries ?? [] {
            guard let place = places[entry.kind],
                let figure = try? BoundFigure(entry, kinds[place], path: RegisterFigureTable.path)
            else { continue }
            figures[place].append(tallies.count)
            tallies.append(Tally(figure: figure))
        }
    }

    /// One row of a register as it stands.
    /// - Parameters:
    ///   - row: canonical.
    ///   - party: who sent it, by key.
    ///   - period: what its batch stated; empty where its kind asks for none.
    package mutating func add(kind: String, row: [UInt8], party: String, period: String = "") {
        guard let place = kinds[kind], !figures[place].isEmpty else { return }
        guard let cells = try? CanonicalRow.fields(row, fields: fields[place]) else { return addErased() }
        let party = self.party(party)
        for tally in figures[place] {
            switch tallies[tally].figure.addition(of: row, cells, period: period, year: year) {
            case .none: continue
            case .count: tallies[tally].add(1, party, isNew: true, isNewHere: true)
            case .number(let number): tallies[tally].add(number, party, isNew: true, isNewHere: true)
            case .value(let cell): tallies[tally].see(row[cell], party)
            }
        }
    }

    /// A row whose person's key was destroyed: it is said that it is there, and nothing of it counts.
    package mutating func addErased() { erased &+= 1 }

    private mutating func party(_ name: String) -> Int {
        if let known = parties[name] { return known }
        parties[name] = partyNames.count
        partyNames.append(name)
        return partyNames.count - 1
    }

    /// In the order of the table.
    package func result() -> RegisterFigures {
        RegisterFigures(
            text: table?.text ?? "",
            figures: (table?.entries ?? []).compactMap { entry in
                tallies.first { haveSameBytes($0.figure.entry.code, entry.code) }.map(answer)
            }, erased: erased)
    }

    private func answer(_ tally: Tally) -> RegisterFigure {
        RegisterFigure(
            figure: tally.figure.entry.code, value: tally.whole.value, rows: tally.whole.rows,
            parties: tally.parties.map {
                PartyFigure(party: partyNames[$0.party], value: $0.count.value, rows: $0.count.rows)
            })
    }
}

extension RegisterFigureScan.Tally {
    /// A value counts once in the whole, and once with each party that sent it.
    mutating func see(_ value: ArraySlice<UInt8>, _ party: Int) {
        add(
            1, party, isNew: seen.insert(Self.print(value, of: -1)).inserted,
            isNewHere: seen.insert(Self.print(value, of: party)).inserted)
    }

    private static func print(_ value: ArraySlice<UInt8>, of party: Int) -> Int {
        var hasher = Hasher()
        hasher.combine(party)
        value.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    mutating func add(_ number: Int64, _ party: Int, isNew: Bool, isNewHere: Bool) {
        whole.add(isNew ? number : 0)
        let place = parties.firstIndex { $0.party == party } ?? parties.count
        if place == parties.count { parties.append((party, RegisterFigureScan.Count())) }
        parties[place].count.add(isNewHere ? number : 0)
    }
}

extension RegisterFigureTable {
    package static let path = "batches/figures.csv"

    /// What keeps figures from being counted beside these kinds: a field that is not there, a value it cannot have.
    package func faults(_ kinds: [BatchKind]) -> [SeedError] {
        var faults: [SeedError] = []
        for entry in entries {
            do throws(SeedError) {
                guard let kind = kinds.first(where: { haveSameBytes($0.code, entry.kind) }) else {
                    throw SeedError(Self.path, entry.line, "kind", "there is no kind \"\(entry.kind)\"")
                }
                _ = try BoundFigure(entry, kind, path: Self.path)
            } catch { faults.append(error) }
        }
        return faults
    }
}
