/// Who comes before whom: by score, then by the declared groups, then by the draw. Never by the order in which people were loaded.
package struct RoundOrder: Sendable, Hashable {
    /// What sets a person apart from the one before.
    package enum Basis: Sendable, Hashable {
        case first
        case score
        /// Index of the group in the table.
        case tie(Int)
        case draw
    }

    package struct Place: Sendable, Hashable {
        /// Index in `RoundInputs.people`.
        package let person: Int
        package let basis: Basis
        /// Where the draw took part: the number drawn.
        package let drawn: [UInt8]?
    }

    package let places: [Place]
    /// How often two people were compared: what the tests bound.
    package let comparisons: Int

    /// - Parameter draw: A person's number; an empty one before the draw: equals then stay in the order of their keys, and share a place.
    package init(_ scores: [PointsScore], ties: [Int], draw: (Int) -> [UInt8]) {
        var comparisons = 0
        let keys = scores.map { score in [score.total] + ties.map(score.counted(group:)) }
        let sorted = scores.indices.sorted { a, b in
            comparisons += 1
            return keys[a] == keys[b] ? a < b : keys[b].lexicographicallyPrecedes(keys[a])
        }
        var places: [Place] = []
        places.reserveCapacity(sorted.count)
        var next = 0
        while next < sorted.count {
            var end = next + 1
            while end < sorted.count, keys[sorted[end]] == keys[sorted[next]] { end += 1 }
            let basis = Self.basis(keys, places.last?.person, sorted[next], ties)
            Self.append(Array(sorted[next..<end]), basis, draw, to: &places, &comparisons)
            next = end
        }
        self.places = places
        self.comparisons = comparisons
    }

    private static func append(
        _ equals: [Int], _ basis: Basis, _ draw: (Int) -> [UInt8], to places: inout [Place],
        _ comparisons: inout Int
    ) {
        if equals.count == 1 {
            return places.append(Place(person: equals[0], basis: basis, drawn: nil))
        }
        var count = 0
        let drawn = equals.map { (person: $0, number: draw($0)) }.sorted { a, b in
            count += 1
            return a.number == b.number
                ? a.person < b.person : a.number.lexicographicallyPrecedes(b.number)
        }
        comparisons += count
        for (index, one) in drawn.enumerated() {
            places.append(
                Place(
                    person: one.person, basis: index == 0 ? basis : .draw,
                    drawn: one.number.isEmpty ? nil : one.number))
        }
    }

    private static func basis(_ keys: [[Int]], _ before: Int?, _ person: Int, _ ties: [Int]) -> Basis {
        guard let before else { return .first }
        let differing = keys[before].indices.first { keys[before][$0] != keys[person][$0] } ?? 0
        return differing == 0 ? .score : .tie(ties[differing - 1])
    }

    /// The place shown before the draw: equals share the first of theirs. Counted from one, beside `places`.
    package var shared: [Int] {
        var shared: [Int] = []
        for (index, place) in places.enumerated() {
            shared.append(place.basis == .draw ? shared[index - 1] : index + 1)
        }
        return shared
    }
}
