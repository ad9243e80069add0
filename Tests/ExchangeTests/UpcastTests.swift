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

@Suite("DESIGN.md 9: tables that grow without a pause")
struct GrowingTableTests {
    @Test func aChunkedArrayIsAnArray() {
        var chunked = ChunkedArray<Int>()
        let length = 3 * ChunkedArray<Int>.length
        for number in 0..<(length + 1) { chunked.append(number) }
        #expect(chunked.count == length + 1)
        #expect(chunked.elementsEqual(0...length))
        chunked[length / 2] = -1
        #expect(chunked[length / 2] == -1 && chunked[length / 2 + 1] == length / 2 + 1)
    }

    /// Only whole chunks before the place are given back: what comes after it can still be read.
    @Test(arguments: [0, 1, 255, 256, 257, 511, 512, 513])
    func releasingKeepsWhatComesAfter(_ place: Int) {
        var chunked = ChunkedArray<Int>()
        for number in 0..<1024 { chunked.append(number) }
        chunked.release(before: place)
        #expect(chunked[place...].elementsEqual(place..<1024))
        chunked.append(1024)
        #expect(chunked[1024] == 1024 && chunked.count == 1025)
    }

    /// Keys whose low bits agree fall into one shard; they are found all the same, and a second entry changes nothing.
    @Test func aShardedTableIsADictionary() {
        var table = ShardedTable<EntityID, Int>()
        for number in 0..<5_000 {
            let key = EntityID(high: UInt64(number), low: UInt64(number % 3))
            let isNew = table.insert(number, for: key)
            #expect(isNew)
        }
        let again = table.insert(-1, for: EntityID(high: 7, low: 1))
        #expect(!again)
        #expect(table[EntityID(high: 7, low: 1)] == 7)
        table[EntityID(high: 7, low: 1)] = nil
        #expect(table[EntityID(high: 7, low: 1)] == nil && table.count == 4_999)
    }
}
