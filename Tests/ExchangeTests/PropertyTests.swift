import Exchange
import Schema
import TestSupport
import Testing
import Wire

@Suite("DESIGN.md 4: decide and apply, any sequence")
struct PropertyTests {
    /// Random commands by random officers on a few matters. Every accepted one raises the version by one and
    /// follows the table; every refused one changes nothing; the state rebuilt from the events is the live
    /// one.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func invariantsHold(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var desk = try Desk.seeded()
        try desk.fileOriginal()
        let targets = (0..<40).map { _ in desk.newID() }
        let officers = desk.state.officers.map(\.id)
        let commands = Array(bodies().enumerated().sorted { $0.offset < $1.offset }.map(\.element))
        var accepted = 0
        for _ in 0..<6000 {
            let (kind, body) = commands[Int(random.next() % UInt64(commands.count))]
            // A withdrawn matter is the end of its story: let few be.
            if [.withdrawRequest, .withdrawCase, .voidRequest].contains(kind), random.next() % 8 != 0 {
                continue
            }
            let target = targets[Int(random.next() % UInt64(targets.count))]
            // Mostly the one who may, sometimes anybody; mostly the right version.
            let officer =
                random.next() % 4 == 0
                ? officers[Int(random.next() % UInt64(officers.count))] : Samples.officers[kind] ?? ""
            let version = desk.state.version(of: target)
            let expected = random.next() % 16 == 0 ? random.next() % 4 : version
            let before = (desk.request(target)?.state, desk.held(target)?.state, desk.log.count)
            do {
                try desk.run(Command(body: body), desk.actor(officer), target, expecting: expected)
                accepted += 1
                #expect(desk.state.version(of: target) == version + 1, "seed \(seed)")
                #expect(desk.log.count == before.2 + 1)
                if let after = desk.request(target)?.state {
                    #expect(SupportRequest.transitions.leads(kind, from: before.0, to: after), "seed \(seed)")
                } else if let after = desk.held(target)?.state {
                    #expect(PlacementCase.transitions.leads(kind, from: before.1, to: after), "seed \(seed)")
                }
            } catch {
                #expect(desk.state.version(of: target) == version)
                #expect(desk.log.count == before.2)
                #expect(error.refusal != .unspecified)
            }
        }
        #expect(accepted > 150, "seed \(seed): the sequence did nothing")
        #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()), "seed \(seed)")
        try checkIndexes(desk, seed)
    }

    /// The state as decoded from the encoded events is the live one, too: nothing depends on what is not
    /// written.
    @Test func eventsCarryEverything() throws {
        var desk = try Desk.seeded()
        for state in SupportRequest.State.allCases { _ = try desk.request(in: state) }
        for state in PlacementCase.State.allCases { _ = try desk.placementCase(in: state) }
        var state = State()
        for entry in desk.log {
            state.apply(try EventV1.Event(decoding: entry.event.encoded()), at: entry.at)
        }
        #expect(TestHasher.digest(state) == TestHasher.digest(desk.state))
    }

    @Test func anyDifferenceChangesTheDigest() throws {
        var desk = try Desk.seeded()
        var digests: Set<UInt64> = [TestHasher.digest(desk.state)]
        var count = 1
        for kind in [
            CommandKind.submitRequest, .acceptRequest, .decideRequest, .assignRequest, .acknowledgeRequest,
            .reportProgress,
        ] {
            try desk.give(kind, on: EntityID(high: 5, low: 5))
            digests.insert(TestHasher.digest(desk.state))
            count += 1
        }
        #expect(digests.count == count)
    }

    private func bodies() -> [(CommandKind, Command.OneOf_Body)] {
        var bodies = (Samples.requestCommands.merging(Samples.caseCommands) { a, _ in a })
            .sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) }
        bodies.append((.decideRequest, .decideRequest(Samples.declined)))
        bodies.append((.decideRequest, .decideRequest(Samples.decision(to: .routine))))
        bodies.append((.decideSuspension, .decideSuspension(DecideSuspension(reason: "尚可施工"))))
        bodies.append((.confirmRequest, .confirmRequest(Samples.dissatisfied)))
        bodies.append((.concludeCase, .concludeCase(Samples.notPlaced)))
        bodies.append((.confirmCase, .confirmCase(ConfirmCase(satisfaction: .dissatisfied, note: "不符"))))
        bodies.append((.withdrawRequest, .withdrawRequest(WithdrawRequest())))  // always refused
        return bodies
    }

    /// Lists show exactly what visibility allows, for every officer.
    private func checkIndexes(_ desk: Desk, _ seed: UInt64) throws {
        for officer in desk.state.officers.map(\.id) {
            let viewer = try #require(desk.viewer(officer))
            var listing = try RequestListing(
                ListRequestsQuery(pageSize: 200), for: viewer, in: desk.state, today: CivilDay(dayNumber: 0))
            while !listing.step(desk.state, budget: 7) {}
            let visible = desk.state.requests.filter { desk.state.matter($0.id, for: viewer) != nil }
            #expect(
                listing.page(desk.state).requests.map(\.target) == visible.reversed().map { $0.id.bytes },
                "seed \(seed)")
        }
    }
}
