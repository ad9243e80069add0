import Exchange
import Schema
import Testing

@Suite("DOMAIN.md 2: every state, every command, every officer")
struct RequestMachineTests {
    /// A situation: a state, with or without an open question, and the commands that lead there.
    static let situations: [(name: String, way: [CommandKind])] =
        SupportRequest.State.allCases.map { ($0.word, Samples.ways[$0] ?? []) } + [
            ("extension asked", (Samples.ways[.acknowledged] ?? []) + [.askExtension]),
            ("suspension asked", (Samples.ways[.inProgress] ?? []) + [.askSuspension]),
            (
                "suspended before work",
                (Samples.ways[.acknowledged] ?? []) + [.askSuspension, .decideSuspension]
            ),
            ("carried over", (Samples.ways[.assigned] ?? []) + [.carryOverRequest]),
            ("erased", [.withdrawRequest, .eraseRequest]),
        ]

    @Test(arguments: situations.map(\.name))
    func allowedOrWhichRefusal(_ name: String) throws {
        let way = try #require(Self.situations.first { $0.name == name }?.way)
        var twin = try RequestTwin()
        let target = twin.desk.newID()
        #expect(twin.give(.submitRequest(Samples.submitUnit), by: "u7l1", on: Samples.original) == nil)
        for kind in [.submitRequest] + way {
            let (body, officer) = try step(kind, name)
            #expect(twin.give(body, by: officer, on: target) == nil, "on the way to \(name): \(kind.name)")
        }
        var done = 0
        for (kind, body) in Samples.requestCommands {
            for officer in twin.desk.state.officers.map(\.id) + ["x9x9"] {
                for version in [nil, 99] as [UInt64?] {
                    let (core, model) = twin.verdicts(body, by: officer, on: target, expecting: version)
                    #expect(
                        core?.refusal == model,
                        "\(name), \(kind.name) by \(officer): \(String(describing: core))")
                    if let core { #expect(twin.revealed(core, by: officer, on: target) == nil) }
                    done += core == nil ? 1 : 0
                }
            }
        }
        if name == "submitted" { #expect(done >= 5) }  // or the comparison was of refusals only
    }

    private func step(_ kind: CommandKind, _ name: String) throws -> (Command.OneOf_Body, String) {
        let officer = try #require(Samples.officers[kind])
        switch (kind, name) {
        case (.decideRequest, "declined"): return (.decideRequest(Samples.declined), officer)
        case (.decideRequest, "routine"): return (.decideRequest(DecideRequest(decision: .routine)), officer)
        case (.decideRequest, "referred"):
            return (.decideRequest(DecideRequest(decision: .referred)), officer)
        default: return (try #require(Samples.requestCommands[kind]), officer)
        }
    }
}

@Suite("DOMAIN.md 2: the core and a reference model agree, any sequence")
struct RequestModelTests {
    /// 100,000 commands, a million with TWOLISTS_SOAK=1; another seed with TWOLISTS_SEED.
    @Test func theyAgree() throws {
        let count = Soak.isOn ? 1_000_000 : 100_000
        print("seed \(Soak.seed), \(count) commands (TWOLISTS_SEED, TWOLISTS_SOAK=1 for 1000000)")
        var play = try RequestPlay(seed: Soak.seed, commands: count)
        for number in 0..<count {
            if let difference = play.next() {
                Issue.record("seed \(Soak.seed), command \(number): \(play.last): \(difference)")
                return
            }
            if number % (count / 8) == 0 {
                try play.twin.checkVisibility("seed \(Soak.seed), command \(number)")
            }
        }
        try play.twin.checkVisibility("seed \(Soak.seed), at the end")
        play.checkReach()
        checkCounts(play.twin.desk)
        #expect(TestHasher.digest(play.twin.desk.state) == TestHasher.digest(play.twin.desk.rebuilt()))
    }

    /// Percentage, redos, hand-backs and extensions are what the events of an item add up to.
    private func checkCounts(_ desk: Desk) {
        struct Sums {
            var (percent, redone, handedBack, prolonged) = (Int32(0), Int32(0), Int32(0), Int32(0))
        }
        var sums: [EntityID: Sums] = [:]
        for entry in desk.log {
            var sum = sums[entry.at.target] ?? Sums()
            switch entry.event.body {
            case .requestProgressed(let body): sum.percent = body.percent
            case .requestRedo: sum.redone += 1
            case .requestHandedBack: sum.handedBack += 1
            case .requestExtensionDecided(let body) where body.deadline != nil: sum.prolonged += 1
            default: break
            }
            sums[entry.at.target] = sum
        }
        for request in desk.state.requests {
            let sum = sums[request.id] ?? Sums()
            #expect(
                (request.percent, request.redoCount) == (sum.percent, sum.redone)
                    && (request.handBackCount, request.extensionCount) == (sum.handedBack, sum.prolonged))
        }
    }
}
