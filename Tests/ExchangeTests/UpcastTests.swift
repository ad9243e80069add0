import Schema
import Testing
import Wire

@testable import Exchange

@Suite("DESIGN.md 4: events of earlier releases are read in today's shape")
struct UpcastTests {
    /// What the journal of release 1 holds in clear stays what its state hash was computed over.
    @Test func theBasisOfADecision() {
        var event = EventV1.Event(
            body: .requestDecided(EventV1.RequestDecided(decision: .declined, policyBasis: "办法第五条")))
        event.upcast()
        guard case .requestDecided(let now)? = event.body else {
            Issue.record("another event")
            return
        }
        #expect(now.basis == Personal(clear: "办法第五条", sealed: [UInt8]("办法第五条".utf8)))
        #expect(now.policyBasis.isEmpty && now.decision == .declined)
    }

    @Test func thePostsOfAnAssignment() {
        var event = EventV1.Event(
            body: .requestAssigned(EventV1.RequestAssigned(firstPost: "局长", secondPost: "股长")))
        event.upcast()
        guard case .requestAssigned(let now)? = event.body else {
            Issue.record("another event")
            return
        }
        #expect(now.firstAccountable.clear == "局长" && now.secondAccountable.clear == "股长")
        #expect(now.firstPost.isEmpty && now.secondPost.isEmpty)
    }

    /// Releases 1 and 2 handled spouses' cases only, and their numbers were of that series.
    @Test func theWorryOfAReview() {
        var event = EventV1.Event(
            body: .caseReviewed(EventV1.CaseReviewed(number: "随双2026-后院-0001", serial: 1)))
        event.upcast()
        guard case .caseReviewed(let now)? = event.body else {
            Issue.record("another event")
            return
        }
        #expect(now.worry == .home && now.serial == 1)
    }

    /// Today's events are left alone, sealed or not.
    @Test func whatIsNewIsNotTouched() {
        let new = EventV1.Event(
            body: .requestDecided(
                EventV1.RequestDecided(decision: .declined, basis: Personal(sealed: [1, 2, 3]))))
        var event = new
        event.upcast()
        #expect(event == new)
    }
}
