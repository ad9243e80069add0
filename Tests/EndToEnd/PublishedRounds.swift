import Bureau
import BureauTestSupport
import Crypto
import Exchange
import Foundation
import Journal
import Schema

/// A store in which rounds of placement have been published already: a round takes days, for its draw waits for a public value, so these were played
/// in the test's own process on a clock that is behind. The real server then opens the store as any other.
enum PublishedRounds {
    /// Days ago that the store begins; the rounds are published three days later.
    private static let daysAgo: Int64 = 10
    private static let day: Int64 = 86_400_000_000_000
    private static let secret = [UInt8](repeating: 9, count: 32)
    /// Who speaks for whom, and where each goes; the last one passes.
    private static let people: [(key: String, party: String, officer: String, name: String, post: String?)] =
        [
            ("P1", "unit/LU-07", "u7l1", "欧阳示例", "G1"), ("P2", "unit/LU-07", "u7l1", "王示例", "G2"),
            ("P3", "unit/LU-02", "u2l4", "李示例", "G2"), ("P4", "county/421321", "k7f2", "赵示例", nil),
        ]
    private static let posts = LoadRoundPosts(posts: [
        OfferedPost(key: "G1", destination: "civil", seats: 1, employer: "市示例局", title: "科员"),
        OfferedPost(key: "G2", destination: "institution", seats: 2, employer: "市示例中心", title: "管理岗"),
    ])

    /// Fills `data`, which is not there yet: the seeds, and one published round of officers and one of soldiers.
    static func fill(_ data: String) throws {
        let now = Int64(Date().timeIntervalSince1970 * 1_000) * 1_000_000
        let world = World(seed: 7, start: now - daysAgo * day)
        let storage = try FileStorage.make(path: data)
        let keys = try FileStorage.make(path: data + "/keys")
        let options = world.options(segmentSize: 4 << 20)
        try Journal.format(storage, keys: keys, options)
        _ = try SeedLoader.fill(
            storage, keys: keys, options: options, commands: try seedCommands(try seeds()),
            clock: world.clock,
            entropy: world.entropy)
        let desk = try Desk(storage, keys: keys, options, world)
        try publish("2-officers", .officer, desk)
        world.advance(3_600_000_000_000)
        try publish("3-soldiers", .soldier, desk)
        desk.log.close()
        desk.abandon()
    }

    private static func seeds() throws -> [SeedFile] {
        let folder = Programs.root + "/seeds/"
        return try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".csv") }
            .map { SeedFile(path: $0, text: try String(contentsOfFile: folder + $0, encoding: .utf8)) }
    }

    private static func publish(_ key: String, _ kind: PeopleKind, _ desk: Desk) throws {
        let (world, target) = (desk.world, desk.world.target())
        func give(_ body: Command.OneOf_Body, by officer: String) throws {
            world.advance(1_000_000_000)
            let answer = try desk.give(body, by: officer, on: target)
            guard answer.outcome?.refusal ?? .unspecified == .unspecified else {
                throw City.Failed(text: "\(key): \(answer)")
            }
        }
        let publicOn = CivilDay(nanoseconds: world.now).adding(days: 1)
        try give(
            .announceRound(
                AnnounceRound(
                    key: key, title: "示例选岗", commitment: RoundDraw.commitment(secret, sha256),
                    publicOn: publicOn.open, publicName: "某彩票开奖号码", ties: ["service"],
                    table: "points-placement", peopleKind: kind)), by: "b1s2")
        try give(.loadRoundPosts(posts), by: "b1a1")
        let members = people.map { person in
            RoundMember(
                key: person.key, party: person.party, name: person.name,
                facts: [RecordedFact(item: "service-year", count: 8, record: "a1")])
        }
        try give(.loadRoundPeople(LoadRoundPeople(people: members)), by: "b1a1")
        try give(.freezeRound(FreezeRound(people: UInt32(people.count), posts: 2)), by: "b1s2")
        for person in people { try give(.confirmScore(ConfirmScore(person: person.key)), by: person.officer) }
        try give(.postRanking(PostRanking()), by: "b1s2")
        world.advance(day)
        try give(.openDraw(OpenDraw(secret: secret, value: "7")), by: "b1s2")
        while let round = desk.engine.state.rounds.last, let turn = round.turn {
            let person = people.first { $0.key == round.members[turn].key }
            if let post = person?.post {
                try give(.pickPost(PickPost(person: person?.key ?? "", post: post)), by: "b1a1")
            } else {
                try give(.passTurn(PassTurn(person: person?.key ?? "")), by: "b1a1")
            }
        }
        try give(.closeRound(CloseRound()), by: "b1s2")
    }
}
