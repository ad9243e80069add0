import Schema
import Testing

@testable import Exchange

@Suite("ARCHITECTURE \"Roster items have derived ids\": requests and cases have none of them")
struct RosterTargetTests {
    private func target(_ officer: String) throws -> EntityID {
        try #require(
            RosterTarget.of(Command(body: .suspendOfficer(SuspendOfficer(officer: officer, suspended: true))))
        )
    }

    /// Found in review: whoever filed a request under the id of an officer not yet registered kept that officer out for ever.
    @Test func aRequestUnderARosterIdIsRefused() throws {
        var desk = try Desk.seeded()
        let target = try target("n3w1")
        #expect(target.isOfRoster)
        #expect(throws: Rejection.invalid("target", "malformed")) {
            try desk.run(
                Command(body: .submitRequest(Samples.submitUnit)), desk.actor("u7l1"), target, expecting: 0)
        }
    }

    /// Found in review: in a store that has such a request, loading the table of that id ended the server.
    @Test func aTableUnderARequestsIdIsRefused() throws {
        var desk = try Desk.seeded()
        let load = Command(
            body: .loadCodeList(
                LoadCodeList(
                    list: "new-list", version: "1", entries: [CodeEntry(code: "a", name: "甲")])))
        let target = try #require(RosterTarget.of(load))
        // As an earlier version let it in.
        let id = desk.newID()
        try desk.run(Command(body: .submitRequest(Samples.submitUnit)), desk.actor("u7l1"), id, expecting: 0)
        desk.state.targets[target] = desk.state.targets[id]
        #expect(throws: Rejection.invalid("target", "mismatch")) {
            try desk.run(load, .seed, target, expecting: 1)
        }
    }

    @Test func clientsIdsAreNotOfTheRoster() {
        var desk = Desk()
        for _ in 0..<100 { #expect(!desk.newID().isOfRoster) }
    }
}
