/// A versioned points table (积分表), closed: what each recorded fact earns, in whole tenths of a point. ROUND.md 3.
///
/// An item earns `points` for each of its count, at most `most`; items belong to groups, of which all count (`sum`) or the best alone
/// (`highest`), at most `most`. Points may be below nought: then `most` bounds what is taken away.
package struct PointsTable: Sendable, Hashable {
    package enum Rule: String, Sendable, Hashable, CaseIterable {
        case sum
        case highest
    }

    package struct Group: Sendable, Hashable {
        package let code: String
        package let rule: Rule
        /// Tenths; nil: no bound.
        package let most: Int?
        package let clause: String
        package let name: String

        package init(code: String, rule: Rule, most: Int?, clause: String, name: String) {
            self.code = code
            self.rule = rule
            self.most = most
            self.clause = clause
            self.name = name
        }
    }

    package struct Item: Sendable, Hashable {
        package let code: String
        /// Code of its group.
        package let group: String
        /// Tenths for each of the count.
        package let points: Int
        /// Tenths; nil: no bound.
        package let most: Int?
        package let clause: String
        package let name: String

        package init(code: String, group: String, points: Int, most: Int?, clause: String, name: String) {
            self.code = code
            self.group = group
            self.points = points
            self.most = most
            self.clause = clause
            self.name = name
        }
    }

    package let name: String
    package let version: String
    /// By code.
    package let groups: [Group]
    /// By code.
    package let items: [Item]
    /// Beside `items`: index of the item's group.
    let groupOfItem: [Int]

    /// - Throws: the first row that is wrong; its `key` is the row's code.
    package init(name: String, version: String, groups: [Group], items: [Item]) throws(RoundFault) {
        guard isToken(name) else { throw RoundFault(.malformed, .table, "name") }
        guard isToken(version) else { throw RoundFault(.malformed, .table, "version") }
        guard groups.count <= RoundLimits.groups else { throw RoundFault(.tooMany, .group) }
        guard items.count <= RoundLimits.items else { throw RoundFault(.tooMany, .item) }
        self.name = name
        self.version = version
        self.groups = groups.sorted { $0.code.utf8.lexicographicallyPrecedes($1.code.utf8) }
        self.items = items.sorted { $0.code.utf8.lexicographicallyPrecedes($1.code.utf8) }
        for group in self.groups { try Self.check(group) }
        try checkDistinct(self.groups.map(\.code), .group)
        try checkDistinct(self.items.map(\.code), .item)
        var indexes: [Int] = []
        for item in self.items {
            try Self.check(item)
            guard let index = self.groups.firstIndex(where: { haveSameBytes($0.code, item.group) }) else {
                throw RoundFault(.unknown, .item, item.code)
            }
            indexes.append(index)
        }
        groupOfItem = indexes
    }

    package func item(_ code: String) -> Int? {
        var (low, high) = (0, items.count)
        while low < high {
            let middle = (low + high) / 2
            if haveSameBytes(items[middle].code, code) { return middle }
            if items[middle].code.utf8.lexicographicallyPrecedes(code.utf8) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return nil
    }

    package func group(_ code: String) -> Int? { groups.firstIndex { haveSameBytes($0.code, code) } }

    private static func check(_ group: Group) throws(RoundFault) {
        try checkToken(group.code, .group, "code")
        try checkBound(group.most, .group, group.code)
        for text in [group.clause, group.name] { try checkRoundText(text, .group, group.code) }
    }

    private static func check(_ item: Item) throws(RoundFault) {
        try checkToken(item.code, .item, "code")
        guard abs(item.points) <= RoundLimits.tenths else { throw RoundFault(.outOfRange, .item, item.code) }
        try checkBound(item.most, .item, item.code)
        for text in [item.clause, item.name] { try checkRoundText(text, .item, item.code) }
    }

    private static func checkBound(_ most: Int?, _ record: RoundRecord, _ code: String) throws(RoundFault) {
        guard let most else { return }
        guard (0...RoundLimits.tenths).contains(most) else { throw RoundFault(.outOfRange, record, code) }
    }
}

/// A fact that earns points, as the file records it.
package struct RoundEvidence: Sendable, Hashable {
    /// Code of an item of the points table.
    package let item: String
    /// Years, months, times: what the item counts.
    package let count: Int
    /// Where in the personal file it is recorded; empty: nowhere, so that it earns nothing.
    package let record: String

    package init(item: String, count: Int, record: String) {
        self.item = item
        self.count = count
        self.record = record
    }

    var isRecorded: Bool { !record.isEmpty }
}

/// How one person's points come about: the trace of every item, the groups, the sum. All in tenths.
package struct PointsScore: Sendable, Hashable {
    package struct Trace: Sendable, Hashable {
        /// Index of the item in the table.
        package let item: Int
        /// Of the count, what the file records and what it does not.
        package internal(set) var recorded = 0
        package internal(set) var unrecorded = 0
        /// Points for the recorded count, before and after the item's bound.
        package internal(set) var gross = 0
        package internal(set) var counted = 0
    }

    package struct Subtotal: Sendable, Hashable {
        /// Index of the group in the table.
        package let group: Int
        /// The sum or the best, before and after the group's bound.
        package internal(set) var gross = 0
        package internal(set) var counted = 0
    }

    /// In the order of items, those named by the person's evidence.
    package let traces: [Trace]
    /// In the order of groups, those of the traces.
    package let subtotals: [Subtotal]
    package let total: Int

    /// What a group counts; 0 where nothing was shown.
    package func counted(group: Int) -> Int { subtotals.first { $0.group == group }?.counted ?? 0 }
}

extension PointsTable {
    /// Sums of evidence in any order; items it does not know are passed over, `RoundInputs` has refused them.
    package func score(_ evidence: [RoundEvidence]) -> PointsScore {
        var traces: [PointsScore.Trace] = []
        for fact in evidence {
            guard let item = item(fact.item) else { continue }
            let place = traces.firstIndex { $0.item >= item } ?? traces.count
            if place == traces.count || traces[place].item != item {
                traces.insert(PointsScore.Trace(item: item), at: place)
            }
            if fact.isRecorded {
                traces[place].recorded += fact.count
            } else {
                traces[place].unrecorded += fact.count
            }
        }
        for index in traces.indices {
            let item = items[traces[index].item]
            traces[index].gross = item.points * traces[index].recorded
            traces[index].counted = Self.bounded(traces[index].gross, item.most)
        }
        let subtotals = subtotals(traces)
        return PointsScore(
            traces: traces, subtotals: subtotals, total: subtotals.reduce(0) { $0 + $1.counted })
    }

    private func subtotals(_ traces: [PointsScore.Trace]) -> [PointsScore.Subtotal] {
        var subtotals: [PointsScore.Subtotal] = []
        for group in groups.indices {
            let counted = traces.filter { groupOfItem[$0.item] == group }
            if counted.isEmpty { continue }
            let recorded = counted.filter { $0.recorded > 0 }.map(\.counted)
            let gross =
                switch groups[group].rule {
                case .sum: recorded.reduce(0, +)
                case .highest: recorded.max() ?? 0
                }
            subtotals.append(
                PointsScore.Subtotal(
                    group: group, gross: gross, counted: Self.bounded(gross, groups[group].most)))
        }
        return subtotals
    }

    private static func bounded(_ tenths: Int, _ most: Int?) -> Int {
        guard let most else { return tenths }
        return max(-most, min(tenths, most))
    }
}
