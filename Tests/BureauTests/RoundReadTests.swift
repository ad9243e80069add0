import BureauTestSupport
import Exchange
import Journal
import Schema
import Testing
import Wire

@testable import Bureau

/// What is read of whole rounds: the engine says who may, another thread works it out, once.
@Suite("Reads of whole rounds leave the engine's thread")
struct RoundReadTests {
    /// Loop, engine and the rounds' thread, each stepped by the test.
    private struct Bench {
        var town: RoundTests.Town
        let handle = EngineHandle()
        let worker = RoundWorker()
        var memory = RoundMemory()

        init(seed: UInt64) throws {
            town = try RoundTests.Town(seed: seed)
            _ = try town.give(.announceRound(RoundTests.announce(town.world)), by: "b1s2")
            _ = try town.give(.loadRoundPosts(RoundTests.posts), by: "b1a1")
            _ = try town.give(.loadRoundPeople(RoundTests.people), by: "b1a1")
            _ = try town.give(.freezeRound(FreezeRound(people: 3, posts: 2)), by: "b1s2")
            for (person, officer) in RoundTests.homes {
                _ = try town.give(.confirmScore(ConfirmScore(person: person)), by: officer)
            }
        }

        mutating func close() throws {
            _ = try town.give(.postRanking(PostRanking()), by: "b1s2")
            town.world.advance(3 * RoundTests.day)
            _ = try town.give(.openDraw(OpenDraw(secret: RoundTests.secret, value: "7")), by: "b1s2")
            while let turn = town.desk.engine.state.rounds[0].turn {
                let person = town.desk.engine.state.rounds[0].members[turn].key
                _ = try town.give(.pickPost(PickPost(person: person, post: free)), by: "b1a1")
            }
            _ = try town.give(.closeRound(CloseRound()), by: "b1s2")
        }

        private var free: String {
            let round = town.desk.engine.state.rounds[0]
            return round.posts[round.picking.free.firstIndex { $0 > 0 } ?? 0].key
        }

        /// Up to the engine's answer, which is not durable yet.
        func ask(_ method: RoundsService.Method, _ query: [UInt8], by officer: String) -> CaughtReply {
            let (reply, call) = (CaughtReply(), Desk.call(officer))
            let info = CallInfo(
                service: RoundsService.name, method: method.rawValue, peer: call.peer, metadata: [],
                deadline: nil, connection: 1, stream: 1)
            _ = RoundsHandler(engine: handle, worker: worker).open(
                info, request: query, reply: reply)
            var inputs: [EngineInput] = []
            handle.mailbox.take(into: &inputs)
            town.desk.engine.turn(inputs)
            return reply
        }

        mutating func work() {
            var jobs: [RoundJob] = []
            worker.performWaiting(&jobs, &memory)
        }

        mutating func read<Reply: Message>(
            _ method: RoundsService.Method, _ query: some Message, by officer: String
        ) throws -> Reply {
            let reply = ask(method, query.encoded(), by: officer)
            #expect(reply.answerCount == 0, "the engine has no part in it but the right")
            work()
            let status = try #require(reply.status)
            guard status.isOK else { throw status }
            return try Reply(decoding: try #require(reply.payload))
        }
    }

    @Test(
        "a published file is worked out once, however many parts of it are fetched, and is the one of the state"
    )
    func file() throws {
        var bench = try Bench(seed: 71)
        try bench.close()
        let whole = try #require(bench.town.desk.engine.state.roundFile(0) { sha256($0) })
        for offset in [0, 1, 100, UInt64(whole.count), .max] {
            let part: RoundFilePart = try bench.read(
                .getFile, RoundFileQuery(key: "2026-1", offset: offset), by: "u2l4")
            #expect(part.bytes == Array(whole.dropFirst(Int(clamping: offset))))
            #expect(part.total == UInt64(whole.count))
        }
        #expect(bench.memory.workedOut == 1)
    }

    @Test("a ranking is worked out once for all its pages, and anew when the inputs are others")
    func ranking() throws {
        var bench = try Bench(seed: 72)
        for from in UInt32(0)..<3 {
            let page: RankingPage = try bench.read(
                .ranking, RoundRowsQuery(key: "2026-1", from: from, pageSize: 1), by: "b1a1")
            #expect(page.total == 3 && page.rows.map(\.place) == [[1], [2], [2]][Int(from)])
        }
        #expect(bench.memory.workedOut == 1)
        _ = try bench.town.give(.reopenRound(ReopenRound(reason: "补正材料")), by: "b1s2")
        let other = LoadRoundPeople(people: [
            RoundMember(
                key: "P3", party: "unit/LU-02", name: "欧阳示例",
                facts: [RecordedFact(item: "service-year", count: 20, record: "a1")])
        ])
        _ = try bench.town.give(.loadRoundPeople(other), by: "b1a1")
        _ = try bench.town.give(.freezeRound(FreezeRound(people: 3, posts: 2)), by: "b1s2")
        let page: RankingPage = try bench.read(.ranking, RoundRowsQuery(key: "2026-1"), by: "b1a1")
        #expect(page.rows.first?.person == "P3" && bench.memory.workedOut == 2)
    }

    @Test("who may not see a round, or not yet, is refused by the engine; nothing is worked out for them")
    func refused() throws {
        var bench = try Bench(seed: 73)
        let (rows, file) = (RoundRowsQuery(key: "2026-1"), RoundFileQuery(key: "2026-1"))
        for (method, query, officer) in [
            (.ranking, rows.encoded(), "u7l1"),  // not posted yet
            (.getFile, file.encoded(), "b1s2"),  // not closed yet
            (.ranking, rows.encoded(), "k7f2"),  // nobody of theirs is in it
            (.getFile, RoundFileQuery(key: "2026-9").encoded(), "b1s2"),
        ] as [(RoundsService.Method, [UInt8], String)] {
            let reply = bench.ask(method, query, by: officer)
            bench.town.desk.log.step()
            bench.work()
            #expect(reply.status?.code == .notFound && reply.answerCount == 1, "\(officer)")
        }
        #expect(bench.memory.workedOut == 0)
        let page = bench.ask(.ranking, RoundRowsQuery(key: "2026-1", pageSize: 201).encoded(), by: "b1s2")
        bench.work()
        #expect(page.status?.errorReason == "BAD_PAGE")
    }

    @Test("as many reads wait as the limit says; one more is told, and none is lost")
    func waiting() throws {
        var bench = try Bench(seed: 74)
        let replies = (0...EngineLimits.roundReads).map { _ in
            bench.ask(.ranking, RoundRowsQuery(key: "2026-1").encoded(), by: "b1a1")
        }
        #expect(replies.last?.status?.code == .resourceExhausted)
        #expect(replies.dropLast().allSatisfy { $0.status == nil })
        bench.work()
        #expect(replies.dropLast().allSatisfy { $0.status?.isOK == true } && bench.memory.workedOut == 1)
    }

    @Test("a right that rests on what is not on disc yet is answered when it is, and not before")
    func durable() throws {
        var bench = try Bench(seed: 75)
        let target = bench.town.target
        let post = bench.town.desk.submit(
            bench.town.desk.envelope(
                .postRanking(PostRanking()), by: "b1s2", on: target,
                expecting: bench.town.desk.version(of: target)), by: "b1s2")
        bench.town.desk.turn([post])
        let reply = bench.ask(.ranking, RoundRowsQuery(key: "2026-1").encoded(), by: "u7l1")
        bench.work()
        #expect(reply.answerCount == 0)
        bench.town.desk.log.step()
        bench.work()
        #expect(reply.status?.isOK == true)
    }
}
