/// What a person wants, when the turn comes. Posts by their index in `RoundInputs.posts`.
package enum RoundChoice: Sendable, Hashable {
    /// Filed beforehand: the first of these that is free.
    case list([Int])
    /// Said at the turn.
    case pick(Int)
    case pass
    /// Has left the round after the inputs were frozen.
    case withdrawn
}

/// One turn as it ended.
package struct RoundTurn: Sendable, Hashable {
    package enum How: String, Sendable, Hashable, CaseIterable {
        case list
        case live
        case pass
        /// No post of the list was free.
        case exhausted
        case withdrawn
    }

    /// Index in `RoundInputs.people`.
    package let person: Int
    package let how: How
    /// Index in `RoundInputs.posts`.
    package let post: Int?
    /// Which wish of the list it was, counted from one; 0: none.
    package let wish: Int
}

/// 按分排序、按序选岗: one after the other takes what is still free. Live and from lists alike go through `take`, so that both give the same.
package struct RoundPicking: Sendable, Hashable {
    /// Beside `RoundInputs.posts`: seats still free.
    package private(set) var free: [Int]
    package private(set) var turns: [RoundTurn] = []
    /// How often a post was looked at: what the tests bound.
    package private(set) var looks = 0

    package init(seats: [Int]) { free = seats }

    /// The next person's turn.
    ///
    /// - Returns: nil, and nothing changed, for a live pick of a post that has no free seat.
    package mutating func take(_ person: Int, _ choice: RoundChoice) -> RoundTurn? {
        let turn: RoundTurn
        switch choice {
        case .pass: turn = RoundTurn(person: person, how: .pass, post: nil, wish: 0)
        case .withdrawn: turn = RoundTurn(person: person, how: .withdrawn, post: nil, wish: 0)
        case .pick(let post):
            looks += 1
            guard isFree(post) else { return nil }
            turn = RoundTurn(person: person, how: .live, post: post, wish: 0)
        case .list(let wishes):
            let found = firstFree(wishes)
            turn = RoundTurn(
                person: person, how: found == nil ? .exhausted : .list, post: found.map { wishes[$0] },
                wish: found.map { $0 + 1 } ?? 0)
        }
        if let post = turn.post { free[post] -= 1 }
        turns.append(turn)
        return turn
    }

    private mutating func firstFree(_ wishes: [Int]) -> Int? {
        for (index, post) in wishes.enumerated() {
            looks += 1
            if isFree(post) { return index }
        }
        return nil
    }

    private func isFree(_ post: Int) -> Bool { free.indices.contains(post) && free[post] > 0 }
}
