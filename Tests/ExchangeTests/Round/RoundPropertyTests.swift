import Exchange
import TestSupport
import Testing

import struct BureauTestSupport.RoundSample
import func BureauTestSupport.sha256

@Suite("ROUND.md 4 and 5: any round", .serialized)
struct RoundPropertyTests {
    private func sample(_ seed: UInt64, people: Int = 60, posts: Int = 50) throws -> RoundSample {
        var random = SplitMix64(seed: seed)
        return try RoundSample(&random, people: people, posts: posts)
    }

    @Test(
        "the order in which posts, people and evidence came changes no byte",
        arguments: 1...12 as ClosedRange<UInt64>)
    func orderOfInput(_ seed: UInt64) throws {
        var sample = try sample(seed)
        let bytes = try RoundSample.bytes(sample.file())
        var random = SplitMix64(seed: seed ^ 0xFFFF)
        for _ in 0..<3 {
            sample.posts.shuffle(using: &random)
            sample.people = sample.people.shuffled(using: &random).map {
                RoundPerson(
                    key: $0.key, maskedName: $0.maskedName, evidence: $0.evidence.shuffled(using: &random))
            }
            sample.table = try PointsTable(
                name: sample.table.name, version: sample.table.version,
                groups: sample.table.groups.shuffled(using: &random),
                items: sample.table.items.shuffled(using: &random))
            #expect(try RoundSample.bytes(sample.file()) == bytes, "seed \(seed)")
        }
    }

    @Test(
        "nobody prefers a post that stayed free, nor one that went to somebody behind",
        arguments: 1...12 as ClosedRange<UInt64>)
    func nobodyPrefers(_ seed: UInt64) throws {
        let file = try sample(seed).file()
        let outcome = try file.outcome(sha256)
        var lastPlace = [Int](repeating: 0, count: file.inputs.posts.count)
        for (place, turn) in outcome.picking.turns.enumerated() {
            if let post = turn.post { lastPlace[post] = place }
        }
        var placed = 0
        for (place, turn) in outcome.picking.turns.enumerated() {
            guard case .list(let wishes) = file.choices[turn.person] else {
                #expect(turn.post == nil)
                continue
            }
            let better = turn.post.flatMap(wishes.firstIndex(of:)).map { wishes[..<$0] } ?? wishes[...]
            for post in better {
                #expect(outcome.picking.free[post] == 0, "seed \(seed)")
                #expect(lastPlace[post] < place, "seed \(seed)")
            }
            placed += turn.post == nil ? 0 : 1
        }
        #expect(placed > 10)
        let seats = file.inputs.posts.reduce(0) { $0 + $1.seats }
        #expect(outcome.picking.free.reduce(0, +) + placed == seats, "seed \(seed)")
        #expect(outcome.picking.free.allSatisfy { $0 >= 0 })
    }

    /// The draw's numbers are held: with other inputs it is another draw.
    @Test("more points never make a place or a post worse", arguments: 1...8 as ClosedRange<UInt64>)
    func monotone(_ seed: UInt64) throws {
        let file = try sample(seed).file()
        let scores = file.inputs.people.map { file.inputs.table.score($0.evidence) }
        let ties = file.inputs.announcement.ties.compactMap(file.inputs.table.group)
        let draw = try file.outcome(sha256).draw
        func turns(_ scores: [PointsScore]) -> [RoundTurn] {
            let order = RoundOrder(scores, ties: ties) { draw.number(of: file.inputs.people[$0].key, sha256) }
            var picking = RoundPicking(seats: file.inputs.posts.map(\.seats))
            return order.places.compactMap { picking.take($0.person, file.choices[$0.person]) }
        }
        let before = turns(scores)
        for person in scores.indices.prefix(25) {
            let evidence = file.inputs.people[person].evidence
            var more = scores
            let earned = RoundEvidence(item: "rank-officer", count: 1, record: "z9")
            more[person] = file.inputs.table.score(evidence + [earned])
            #expect(more[person].total >= scores[person].total)
            let after = turns(more)
            let (was, now) = (
                try #require(before.firstIndex { $0.person == person }),
                try #require(after.firstIndex { $0.person == person })
            )
            #expect(now <= was, "seed \(seed)")
            let (wished, got) = (before[was].wish, after[now].wish)
            if wished != 0 { #expect(got != 0 && got <= wished, "seed \(seed)") }
        }
    }

    @Test(
        "live and from lists the result is the same, wholly or in part",
        arguments: 1...12 as ClosedRange<UInt64>)
    func liveAndListed(_ seed: UInt64) throws {
        let file = try sample(seed).file()
        let listed = try file.outcome(sha256)
        for part in [Int.max, 2, 3] {
            let live = try RoundSample.live(file, keeping: part).outcome(sha256)
            #expect(live.picking.turns.map(\.post) == listed.picking.turns.map(\.post), "seed \(seed)")
            #expect(live.picking.free == listed.picking.free && live.order == listed.order)
        }
        #expect(listed.picking.turns.contains { $0.how == .list })
    }

    @Test("a post without a free seat cannot be picked, and the turn is not taken by trying")
    func taken() {
        var picking = RoundPicking(seats: [1, 0])
        #expect(picking.take(0, .pick(1)) == nil && picking.take(0, .pick(2)) == nil && picking.turns.isEmpty)
        #expect(picking.take(0, .pick(0))?.post == 0)
        #expect(picking.take(1, .pick(0)) == nil)
        #expect(picking.take(1, .list([0, 1]))?.how == .exhausted)
        #expect(picking.free == [0, 0])
    }

    // MARK: Ties and draw

    private func people(_ evidence: [[(String, Int)]]) -> [RoundPerson] {
        evidence.enumerated().map { number, facts in
            RoundPerson(
                key: "P\(number)", maskedName: "王**",
                evidence: facts.map { RoundEvidence(item: $0, count: $1, record: "a") })
        }
    }

    @Test("equal scores: the declared groups in their order, then the draw; each place says what decided it")
    func ties() throws {
        var sample = try sample(1, people: 0)
        sample.people = people([
            [("rank-officer", 1)], [("service-year", 8)], [("merit-second", 1)], [("service-year", 8)],
            [("rank-nco", 1), ("service-year", 2)], [("merit-third", 1), ("service-year", 4)],
            [("service-year", 9)],
        ])
        sample.wishes = [:]
        let outcome = try sample.file().outcome(sha256)
        let keys = outcome.order.places.map(\.person)
        #expect(outcome.scores.map(\.total) == [120, 120, 120, 120, 110, 110, 135])
        #expect(keys[0] == 6 && keys[1] == 2 && Set(keys[2...3]) == [1, 3] && keys[4] == 0)
        #expect(Array(keys[5...]) == [5, 4])
        let (merit, service) = (
            try #require(sample.table.group("merit")), try #require(sample.table.group("service"))
        )
        #expect(
            outcome.order.places.map(\.basis)
                == [.first, .score, .tie(merit), .draw, .tie(service), .score, .tie(merit)])
        #expect(
            outcome.order.places.map { $0.drawn != nil } == [false, false, true, true, false, false, false])
        let before = RoundOrder(outcome.scores, ties: [merit, service]) { _ in [] }
        #expect(before.shared == [1, 2, 3, 3, 5, 6, 7])
        #expect(before.places.allSatisfy { $0.drawn == nil })
    }

    @Test(
        "the draw prefers nobody: each of the six orders of three equals comes as often, within 5 standard deviations"
    )
    func unbiased() throws {
        let scores = [PointsScore](repeating: try RoundSample.table().score([]), count: 3)
        var seen: [[Int]: Int] = [:]
        let draws = 6000
        for number in 0..<draws {
            let draw = RoundDraw(
                secret: [UInt8](repeating: 7, count: 32), inputsDigest: [UInt8](repeating: 9, count: 32),
                publicValue: String(number), hash: sha256)
            let order = RoundOrder(scores, ties: []) { draw.number(of: "P\($0)", sha256) }
            seen[order.places.map(\.person), default: 0] += 1
        }
        #expect(seen.count == 6)
        for (order, count) in seen {
            #expect((1000 - 145...1000 + 145).contains(count), "\(order): \(count)")
        }
    }

    @Test("secret, inputs and public value each change the seed; each use of the hash has its own beginning")
    func seeds() {
        let (secret, digest) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
        func seed(_ secret: [UInt8], _ digest: [UInt8], _ value: String) -> [UInt8] {
            RoundDraw(secret: secret, inputsDigest: digest, publicValue: value, hash: sha256).seed
        }
        let seeds = [
            seed(secret, digest, "5"), seed(digest, secret, "5"), seed(secret, secret, "5"),
            seed(digest, digest, "5"), seed(secret, digest, "6"), seed(secret, digest, "55"),
            RoundDraw.commitment(secret, sha256), RoundDraw.commitment(secret + digest + [0x35], sha256),
        ]
        #expect(Set(seeds).count == seeds.count)
    }

    /// The cause of "under a second": the work grows with n log n and with what is on the lists, not with people times posts.
    @Test(
        "10,000 people, 12,000 posts: comparisons at most n log2 n and a draw, looks at most the lists' lengths"
    )
    func work() throws {
        let (count, posts) = (10_000, 12_000)
        var random = SplitMix64(seed: 3)
        let sample = try RoundSample(&random, people: count, posts: posts, listed: 40)
        let file = try sample.file()
        let outcome = try file.outcome(sha256)
        // 14 = log2 10,000 rounded up: once over all, once within groups of equals.
        #expect(outcome.order.comparisons <= 2 * 14 * count)
        let wishes = file.choices.reduce(0) { sum, choice in
            if case .list(let posts) = choice { sum + posts.count } else { sum }
        }
        #expect(outcome.picking.looks <= wishes)
        #expect(outcome.picking.looks > count / 2)
    }
}
