package import Exchange
package import TestSupport

import struct Crypto.Digest

package func sha256(_ bytes: [UInt8]) -> [UInt8] { Digest(of: bytes).bytes }

/// Random rounds of placement, the same for the same seed: many equals, unrecorded evidence, bounds that bind, contested posts.
package struct RoundSample {
    package var announcement: RoundAnnouncement
    package var table: PointsTable
    package var posts: [RoundPost]
    package var people: [RoundPerson]
    package var secret: [UInt8]
    package var publicValue = "03 09 14 21 28 33 + 07"
    /// Each person's wishes, by key; none: passes.
    package var wishes: [String: [String]]
    package var withdrawn: Set<String> = []

    package init(_ random: inout SplitMix64, people: Int, posts: Int, listed: Int = 8) throws {
        secret = random.bytes(RoundLimits.secretBytes)
        table = try Self.table()
        announcement = RoundAnnouncement(
            city: "421300", key: "2026-1", title: "2026年第一轮选岗",
            commitment: RoundDraw.commitment(secret, sha256), publicOn: Self.day(2026, 12, 1),
            publicName: "某彩票2026年第140期开奖号码，由小到大，加号后为特别号", ties: ["merit", "service"])
        self.posts = (0..<posts).map { number in
            RoundPost(
                key: "G\(number)", destination: ["civil", "institution", "enterprise"][number % 3],
                seats: 1 + Int(random.next() % 2), employer: "示例单位\(number)", title: "科员")
        }
        self.people = (0..<people).map { Self.person($0, &random) }
        wishes = [:]
        for person in self.people where random.next() % 12 != 0 && posts > 0 {
            wishes[person.key] = Self.wishes(
                min(posts, 1 + Int(random.next() % UInt64(listed))), posts, &random)
        }
        for person in self.people where random.next() % 25 == 0 { withdrawn.insert(person.key) }
    }

    package static func day(_ year: Int, _ month: Int, _ day: Int) -> CivilDay {
        CivilDay(year: year, month: month, day: day) ?? CivilDay(dayNumber: 0)
    }

    package static func table() throws -> PointsTable {
        func group(_ code: String, _ rule: PointsTable.Rule, _ most: Int?) -> PointsTable.Group {
            PointsTable.Group(code: code, rule: rule, most: most, clause: "第三条", name: code)
        }
        func item(_ code: String, _ group: String, _ points: Int, _ most: Int?) -> PointsTable.Item {
            PointsTable.Item(code: code, group: group, points: points, most: most, clause: "第四条", name: code)
        }
        return try PointsTable(
            name: "points-sample", version: "2026.1",
            groups: [
                group("service", .sum, 300), group("merit", .sum, 250), group("rank", .highest, nil),
                group("discipline", .sum, 200),
            ],
            items: [
                item("service-year", "service", 15, nil), item("plateau-year", "service", 8, 60),
                item("merit-third", "merit", 50, 100), item("merit-second", "merit", 120, nil),
                item("rank-officer", "rank", 120, nil), item("rank-nco", "rank", 80, nil),
                item("warning", "discipline", -30, 100),
            ])
    }

    /// Few values, so that many are equal.
    private static func person(_ number: Int, _ random: inout SplitMix64) -> RoundPerson {
        var evidence = [RoundEvidence(item: "service-year", count: 4 + Int(random.next() % 5), record: "a1")]
        for (item, chance) in [
            ("plateau-year", 4), ("merit-third", 3), ("merit-second", 9), ("rank-officer", 5),
            ("rank-nco", 2), ("warning", 10),
        ] where random.next() % UInt64(chance) == 0 {
            for record in ["b\(random.next() % 9)", random.next() % 4 == 0 ? "" : "c2"] {
                evidence.append(
                    RoundEvidence(item: item, count: 1 + Int(random.next() % 3), record: record))
            }
        }
        return RoundPerson(
            key: "P\(number * 7919 % 100_003)", maskedName: ["王**", "李*", "欧***"][number % 3],
            evidence: evidence)
    }

    /// Everybody looks at the same few first.
    private static func wishes(_ count: Int, _ posts: Int, _ random: inout SplitMix64) -> [String] {
        var wishes: [String] = []
        while wishes.count < count {
            let range = random.next() % 3 == 0 ? posts : min(posts, max(count, posts / 3))
            let key = "G\(random.next() % UInt64(range))"
            if !wishes.contains(key) { wishes.append(key) }
        }
        return wishes
    }

    package func inputs() throws(RoundFault) -> RoundInputs {
        try RoundInputs(
            announcement: announcement, table: table, posts: posts, people: people,
            frozenOn: Self.day(2026, 11, 20))
    }

    /// From lists alone.
    package func file() throws -> RoundFile {
        let inputs = try inputs()
        let choices = inputs.people.map { person -> RoundChoice in
            if withdrawn.contains(person.key) { return .withdrawn }
            guard let wishes = wishes[person.key] else { return .pass }
            return .list(wishes.compactMap(inputs.post))
        }
        return try RoundFile(inputs: inputs, secret: secret, publicValue: publicValue, choices: choices)
    }

    /// The same round with what each got said live; every `part`-th person, by key, keeps the list.
    package static func live(_ file: RoundFile, keeping part: Int = .max) throws -> RoundFile {
        let outcome = try file.outcome(sha256)
        var choices = file.choices
        for turn in outcome.picking.turns where turn.person % part != part - 1 {
            switch turn.how {
            case .list: choices[turn.person] = turn.post.map { .pick($0) } ?? .pass
            case .exhausted: choices[turn.person] = .pass
            default: break
            }
        }
        return try RoundFile(
            inputs: file.inputs, secret: file.secret, publicValue: file.publicValue, choices: choices)
    }

    /// The published file's bytes.
    package static func bytes(_ file: RoundFile) throws -> [UInt8] {
        file.bytes(try file.outcome(sha256), sha256)
    }
}
