import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import TestSupport
import Testing
import Wire

@testable import Bureau

@Suite("DOMAIN.md 6 the full value, for the party that handles the case, on record")
struct RevealTests {
    private let world: World
    private let disk: SimulatedDisk
    private let desk: Desk
    private let target: [UInt8]

    init() throws {
        world = World(seed: 71)
        disk = try TownDisk.make(seed: 71, world: world)
        desk = try Desk(disk.root, keys: try disk.root.subdirectory("keys"), world.options(), world)
        target = world.target()
        try desk.give(.fileCase, on: target)
    }

    private func reveal(
        _ field: String = "family.id_number", reason: String = "核对就业登记", by officer: String = "d5h2"
    ) throws -> CommandAnswer {
        try desk.give(
            .revealCaseField(RevealCaseField(field: field, reason: reason)), by: officer, on: target)
    }

    @Test("the handling party gets the number, with the record durable before, and the unit sees who looked")
    func handler() throws {
        try desk.give(.reviewCase, on: target)
        let call = desk.submit(
            desk.envelope(Filings.body(.revealCaseField), by: "d5h2", on: target, expecting: 2), by: "d5h2")
        let reply = desk.turn([call])[0]
        #expect(reply.status == nil)
        desk.log.step()
        let answer = try Desk.answer(reply)
        #expect(answer.revealed == Filings.idNumber && answer.version == 3)
        let viewer = try #require(desk.engine.state.viewer(officer: "u7l1", party: "unit/LU-07"))
        let id = try #require(EntityID(target))
        let matter = try #require(desk.engine.state.matter(id, for: viewer))
        let history = desk.engine.state.history(of: matter, for: viewer)
        let last = try #require(history.max { $0.version < $1.version })
        #expect(last.kind == "reveal_case_field" && last.actor?.party == "department/421300-HR")
        #expect(last.note == Filings.reason)
    }

    @Test(
        "nobody else: not the unit, not the bureau, not another department, not before review, not after the end"
    )
    func nobodyElse() throws {
        #expect(try reveal().outcome?.refusal == .notFound)
        try desk.give(.reviewCase, on: target)
        for officer in ["u7l1", "b1a1", "b1s2"] {
            let answer = try reveal(by: officer)
            #expect(answer.outcome?.refusal == .notPermitted && answer.revealed.isEmpty, "\(officer)")
        }
        for officer in ["u2l4", "k7f2", "k3z8"] {
            let answer = try reveal(by: officer)
            #expect(answer.outcome?.refusal == .notFound && answer.revealed.isEmpty, "\(officer)")
        }
        try desk.give(.concludeCase, on: target)
        #expect(try reveal().revealed == Filings.idNumber)
        try desk.give(.confirmCase, on: target)
        let late = try reveal()
        #expect(late.outcome?.refusal == .wrongState && late.revealed.isEmpty)
    }

    @Test("without a reason, or for a field that is none, nothing is shown")
    func reasonAndField() throws {
        try desk.give(.reviewCase, on: target)
        for (field, reason, refusal) in [
            ("family.id_number", " ", Refusal.fieldMissing), ("", "核对", .fieldMissing),
            ("family.name", "核对", .fieldInvalid), ("no_such", "核对", .fieldInvalid),
            ("family.id_number", String(repeating: "因", count: Limits.reasonCharacters + 1), .fieldInvalid),
        ] {
            let answer = try reveal(field, reason: reason)
            #expect(
                answer.outcome?.refusal == refusal && answer.revealed.isEmpty, "\(field) \(reason.prefix(9))")
        }
        let longest = String(repeating: "因", count: Limits.reasonCharacters)
        #expect(try reveal(reason: longest).revealed == Filings.idNumber)
    }

    @Test("sent again under the same id it is shown again, but not once the right has gone")
    func again() throws {
        try desk.give(.reviewCase, on: target)
        let envelope = desk.envelope(
            Filings.body(.revealCaseField), by: "d5h2", on: target, expecting: 2)
        #expect(try desk.send(envelope, by: "d5h2").revealed == Filings.idNumber)
        let second = try desk.send(envelope, by: "d5h2")
        #expect(second.repeated && second.revealed == Filings.idNumber)
        #expect(try desk.send(envelope, by: "u2l4").revealed.isEmpty)
        let suspension = SuspendOfficer(officer: "d5h2", suspended: true)
        try desk.give(.suspendOfficer(suspension), by: "b1q4", on: RosterTarget.officer("d5h2").bytes)
        let third = try desk.send(envelope, by: "d5h2")
        #expect(third.repeated && third.outcome?.refusal == .unspecified && third.revealed.isEmpty)
    }

    @Test("the number is on no disk, and a state replayed from it is the same")
    func nowhere() throws {
        try desk.give(.reviewCase, on: target)
        #expect(try reveal().revealed == Filings.idNumber)
        let before = try StateHash.of(desk.engine.state)
        desk.log.close()
        for name in disk.root.names() {
            let bytes = disk.bytes(of: name) ?? []
            #expect(!Self.contains(bytes, [UInt8](Filings.idNumber.utf8)), "\(name)")
        }
        let again = try Desk(disk.root, keys: try disk.root.subdirectory("keys"), world.options(), world)
        #expect(try StateHash.of(again.engine.state) == before)
    }

    private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard bytes.count >= part.count else { return false }
        return bytes.indices.dropLast(part.count - 1).contains {
            bytes[$0] == part[0] && bytes[$0...].starts(with: part)
        }
    }
}

extension Storage {
    fileprivate func names() -> [String] { (try? list()) ?? [] }
}
