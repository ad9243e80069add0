import BureauTestSupport
import Exchange
import Journal
import Schema
import Testing
import Wire

@testable import Bureau

@Suite("twolists.v1.Report: figures of a period, over what the asker may see")
struct ReportTests {
    private let desk: Desk
    private let world: World
    private let service: ReportHandler
    private let handle = EngineHandle()
    private static let year = FiguresQuery(
        from: CivilDate(year: 2020, month: 1, day: 1), to: CivilDate(year: 2100, month: 12, day: 31))

    init() throws {
        world = World(seed: 44)
        let disk = try TownDisk.make(seed: 44, world: world)
        desk = try Desk(disk.root, keys: try disk.root.subdirectory("keys"), world.options(), world)
        service = ReportHandler(engine: handle)
    }

    private func ask(_ query: some Message, by officer: String, method: String = "Figures") throws
        -> CaughtReply
    {
        let reply = CaughtReply()
        let actor = TownRoster.actor(officer)
        let uri = "twolists://\(actor.city)/\(actor.party)/officer/\(actor.officer)"
        let peer = PeerIdentity(
            uri: [UInt8](uri.utf8), serial: actor.serial, certificate: [], notAfter: 0, address: "127.0.0.1:2"
        )
        let info = CallInfo(
            service: service.name, method: method, peer: peer, metadata: [], deadline: nil, connection: 1,
            stream: 1)
        #expect(service.open(info, request: query.encoded(), reply: reply) == nil)
        var inputs: [EngineInput] = []
        handle.mailbox.take(into: &inputs)
        desk.turn(inputs.map { ($0, reply) })
        while desk.engine.hasMore { desk.turn([]) }
        desk.log.step()
        #expect(reply.answerCount == 1)
        return reply
    }

    private func figures(by officer: String) throws -> FiguresView {
        let reply = try ask(Self.year, by: officer)
        try #require(reply.status == .ok)
        return try FiguresView(decoding: try #require(reply.payload))
    }

    @Test("what a requester filed is counted to it and to the bureau, and to nobody else; steps add up")
    func counted() throws {
        let count = EngineLimits.figureStep * 2 + 1
        for _ in 0..<count { try desk.give(.submitRequest, on: world.target()) }
        let own = try figures(by: "u7l1")
        let filed = { (view: FiguresView) in
            view.requests.flatMap(\.counts).first { $0.figure == .filed }?.count
        }
        #expect(filed(own) == UInt64(count))
        #expect(try filed(figures(by: "b1s2")) == UInt64(count))
        #expect(try figures(by: "k3z8").requests.isEmpty)
    }

    @Test("a period without days, and an officer without casework, are told so")
    func refused() throws {
        let none = FiguresQuery(from: Self.year.to, to: Self.year.from)
        let invalid: [FiguresQuery] = [none, FiguresQuery(), FiguresQuery(from: Self.year.from)]
        for query in invalid {
            let reply = try ask(query, by: "b1s2")
            #expect(reply.status?.code == .invalidArgument, "\(query)")
        }
        #expect(try ask(Self.year, by: "b1q4").status == .caseworkOnly)
        #expect(try ask(Self.year, by: "nobody").status?.code == .permissionDenied)
        #expect(try ask(Self.year, by: "b1s2", method: "Other").status?.code == .unimplemented)
    }
}
