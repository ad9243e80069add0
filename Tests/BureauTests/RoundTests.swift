import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import TestSupport
import Testing
import Wire

@testable import Bureau

/// A round of placement over a real journal: what is on disc, what a snapshot holds, what a restart brings back.
@Suite("DOMAIN.md 3: a round of placement, durable")
struct RoundTests {
    static let points = SeedFile(
        path: "rules/points-town.csv",
        text: """
            version,2026.1
            kind,code,group,rule,points,most,clause,name
            group,service,,sum,,40,第三条,服役表现
            item,service-year,service,,1.5,,第三条第一项,服役满一年

            """)
    static let secret = [UInt8](repeating: 9, count: 32)
    static let day: Int64 = 86_400_000_000_000
    static let homes = ["P1": "u7l1", "P2": "u7l1", "P3": "u2l4"]

    struct Town {
        let world: World
        let disk: SimulatedDisk
        var desk: Desk
        let target: [UInt8]

        init(seed: UInt64, segmentSize: Int = 64 << 10) throws {
            world = World(seed: seed)
            disk = SimulatedDisk(seed: seed)
            let keys = try disk.root.subdirectory("keys")
            let options = world.options(segmentSize: segmentSize)
            try Journal.format(disk.root, keys: keys, options)
            _ = try SeedLoader.fill(
                disk.root, keys: keys, options: options,
                commands: try seedCommands(TownRoster.files + [RoundTests.points]), clock: world.clock,
                entropy: world.entropy)
            desk = try TownDisk.open(disk, world, segmentSize: segmentSize)
            target = world.target()
        }

        func give(_ body: Command.OneOf_Body, by officer: String) throws -> CommandAnswer {
            world.advance(1_000_000_000)
            let answer = try desk.give(body, by: officer, on: target)
            try #require(answer.outcome?.refusal ?? .unspecified == .unspecified, "\(answer)")
            return answer
        }

        func hash() throws -> Digest { try StateHash.of(desk.engine.state) }

        /// The process ends and another one starts, from a snapshot of this moment and without one.
        mutating func restart(snapshot: Bool) throws {
            let before = try hash()
            if snapshot {
                _ = try #require(
                    try Snapshots.make(
                        disk.root, keys: try disk.root.subdirectory("keys"), upTo: desk.log.durable.sequence,
                        entropy: world.entropy, roomLeft: 0))
            }
            desk.log.close()
            desk.abandon()
            desk = try TownDisk.open(disk, world)
            #expect((desk.store.snapshot != nil) == snapshot || !snapshot)
            #expect(try hash() == before)
        }
    }

    static func announce(_ world: World) -> AnnounceRound {
        let day = CivilDay(nanoseconds: world.now).adding(days: 3)
        return AnnounceRound(
            key: "2026-1", title: "第一轮选岗",
            commitment: RoundDraw.commitment(Self.secret) { Digest(of: $0).bytes },
            publicOn: CivilDate(year: Int32(day.year), month: Int32(day.month), day: Int32(day.day)),
            publicName: "某彩票开奖号码", ties: ["service"], table: "points-town")
    }

    static let posts = LoadRoundPosts(posts: [
        OfferedPost(key: "G1", destination: "civil", seats: 1, employer: "市示例局", title: "科员"),
        OfferedPost(key: "G2", destination: "civil", seats: 2, employer: "市示例中心", title: "职员"),
    ])

    static var people: LoadRoundPeople {
        LoadRoundPeople(
            people: [("P1", "unit/LU-07", 9), ("P2", "unit/LU-07", 8), ("P3", "unit/LU-02", 8)].map {
                RoundMember(
                    key: $0.0, party: $0.1, name: "欧阳示例",
                    facts: [RecordedFact(item: "service-year", count: $0.2, record: "a1")])
            })
    }

    @Test(
        "in every state a restart, with a snapshot or from the journal alone, gives the same; names are on disc only sealed",
        arguments: [true, false])
    func restarts(snapshot: Bool) throws {
        var town = try Town(seed: snapshot ? 41 : 42)
        _ = try town.give(.announceRound(Self.announce(town.world)), by: "b1s2")
        _ = try town.give(.loadRoundPosts(Self.posts), by: "b1a1")
        _ = try town.give(.loadRoundPeople(Self.people), by: "b1a1")
        try town.restart(snapshot: snapshot)
        _ = try town.give(.freezeRound(FreezeRound(people: 3, posts: 2)), by: "b1s2")
        for (person, officer) in Self.homes {
            _ = try town.give(.confirmScore(ConfirmScore(person: person, note: "本人已确认")), by: officer)
        }
        try town.restart(snapshot: snapshot)
        _ = try town.give(.postRanking(PostRanking()), by: "b1s2")
        _ = try town.give(.objectToRanking(ObjectToRanking(text: "年限有误")), by: "u2l4")
        _ = try town.give(
            .settleObjection(SettleObjection(number: 1, upheld: false, answer: "经查无误")), by: "b1s2")
        _ = try town.give(
            .filePreferences(FilePreferences(person: "P2", posts: ["G1", "G2"])), by: "u7l1")
        try town.restart(snapshot: snapshot)
        town.world.advance(3 * Self.day)
        _ = try town.give(.openDraw(OpenDraw(secret: Self.secret, value: "7")), by: "b1s2")
        _ = try town.give(.pickPost(PickPost(person: "P1", post: "G1")), by: "b1a1")
        try town.restart(snapshot: snapshot)
        while let turn = town.desk.engine.state.rounds[0].turn {
            let person = town.desk.engine.state.rounds[0].members[turn].key
            _ = try town.give(.pickPost(PickPost(person: person, post: "G2")), by: "b1a1")
        }
        _ = try town.give(.closeRound(CloseRound()), by: "b1s2")
        let bytes = try #require(town.desk.engine.state.roundFile(0) { Digest(of: $0).bytes })
        try town.restart(snapshot: snapshot)
        #expect(town.desk.engine.state.roundFile(0) { Digest(of: $0).bytes } == bytes)
        #expect(try RoundVerification(bytes) { Digest(of: $0).bytes }.file.inputs.people.count == 3)
        let viewer = try #require(town.desk.engine.state.viewer(officer: "u7l1", party: "unit/LU-07"))
        let rows = try town.desk.engine.state.roundPeople(0, RoundRowsQuery(key: "2026-1"), for: viewer)
        #expect(rows.people.map(\.name) == ["欧阳示例", "欧阳示例"])
        for (name, bytes) in try TownDisk.files(town.disk) {
            for text in ["欧阳示例", "本人已确认", "年限有误", "经查无误"] {
                #expect(!contains(bytes, Array(text.utf8)), "\(text) in \(name)")
            }
        }
    }

    private func contains(_ bytes: [UInt8], _ text: [UInt8]) -> Bool {
        guard bytes.count >= text.count else { return false }
        return bytes.indices.dropLast(text.count - 1).contains { start in
            bytes[start] == text[0] && bytes[start..<start + text.count].elementsEqual(text)
        }
    }

    @Test("a part of the longest rows the command line sends stays below an envelope's limit")
    func parts() throws {
        let town = try Town(seed: 43, segmentSize: 4 << 20)
        let facts = (0..<RoundLimits.evidence).map {
            RecordedFact(
                item: "service-year", count: 1000, record: String(repeating: "a", count: 37) + "\(100 + $0)")
        }
        let name = String(repeating: "名", count: Limits.personNameCharacters)
        let people = (0..<40).map {
            RoundMember(key: "person-key-of-a-long-kind-\($0)", party: "unit/LU-07", name: name, facts: facts)
        }
        _ = try town.give(.announceRound(Self.announce(town.world)), by: "b1s2")
        let envelope = town.desk.envelope(
            .loadRoundPeople(LoadRoundPeople(people: people)), by: "b1a1", on: town.target, expecting: 1)
        #expect(envelope.count < EngineLimits.envelopeBytes)
        #expect(try town.desk.send(envelope, by: "b1a1").outcome?.refusal ?? .unspecified == .unspecified)
    }
}
