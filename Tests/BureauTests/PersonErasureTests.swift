import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import Testing
import Wire

@testable import Bureau

@Suite("BATCH.md 5: what was sent before an erasure is erased, what is sent later is not")
struct PersonErasureTests {
    private let first = [UInt8](repeating: 7, count: 16)
    private let second = [UInt8](repeating: 8, count: 16)

    private func send(_ town: BatchTown, _ rows: SentRows, as batch: [UInt8], _ number: String) {
        for chunk in rows.chunks { #expect(town.put(chunk, of: batch, by: "k7f2")?.isOK == true) }
        #expect(town.put(rows.manifest, manifest: true, of: batch, by: "k7f2")?.isOK == true)
        #expect(town.submit(rows.command(number), as: batch, by: "k7f2").status?.isOK == true)
    }

    private func found(_ town: BatchTown, rounds: Int = 8) throws -> PersonFound {
        let query = FindPersonQuery(idNumber: SentRows.identity(3))
        let reply = town.call(.findPerson, query, by: "b1s2", rounds: rounds)
        return try PersonFound(decoding: try #require(reply.payload))
    }

    private func erase(_ town: BatchTown, _ subject: [UInt8]) throws {
        let command = Command.OneOf_Body.erasePerson(ErasePerson(basis: "本人申请"))
        let envelope = town.desk.envelope(command, by: "b1s2", on: subject, expecting: 0)
        #expect(try town.execute(envelope, by: "b1s2").refusal() == .unspecified)
    }

    private struct Seen: Hashable {
        /// Of the person's rows.
        var days: [String] = []
        var rows = 0
        var erased: UInt64 = 0
    }

    /// Days of the person's rows in the register, and how many rows are erased; twice, with a crash between.
    private func seen(_ town: BatchTown) throws -> Seen {
        var told = Seen()
        for _ in 0..<2 {
            let reply = town.call(.fetchRows, FetchRowsQuery(kind: "relief"), by: "b1a1", rounds: 40)
            #expect(reply.status?.isOK == true)
            let pieces = try reply.messages.map { try FetchedRows(decoding: $0) }
            let rows = pieces.flatMap(\.rows).map { String(decoding: $0.row, as: UTF8.self) }
            let own = rows.filter { $0.contains(SentRows.identity(3)) }
            let days = ["2022-03-01", "2022-04-01", "2022-05-01"].filter { day in
                own.contains { $0.contains(day) }
            }
            told = Seen(days: days, rows: rows.count, erased: pieces.map(\.erased).max() ?? 0)
            try town.crash()
            town.settle(40)
        }
        return told
    }

    @Test("a person who was erased and is sent again can be read, found and erased again")
    func again() throws {
        let town = try BatchTown(seed: 741)
        town.settle()
        send(town, SentRows(6), as: first, "one")
        town.settle()
        let subject = try found(town).subject
        try erase(town, subject)
        town.settle()
        #expect(try found(town).known == false)
        #expect(try seen(town) == Seen(days: [], rows: 5, erased: 1))
        send(town, SentRows(6, day: "2022-04-01"), as: second, "two")
        town.settle()
        #expect(try seen(town) == Seen(days: ["2022-04-01"], rows: 11, erased: 1))
        let other = try found(town)
        #expect(other.known && other.subject != subject)
        try erase(town, other.subject)
        town.settle()
        #expect(try seen(town) == Seen(days: [], rows: 10, erased: 2))
        #expect(town.desk.engine.state.book.erased.count == 2 && town.notices.all.isEmpty)
    }

    @Test("a batch that was stored before and is checked after the erasure does not bring the person back")
    func checkedLater() throws {
        let town = try BatchTown(seed: 742)
        town.settle()
        send(town, SentRows(6), as: first, "one")
        town.settle()
        // Thirty rounds of checking, and the person's row in one of the last.
        var rows = SentRows(60, day: "2022-04-01")
        rows.rows.reverse()
        rows.cut(2)
        send(town, rows, as: second, "two")
        #expect(town.view("two", by: "k7f2")?.stage == .stored)
        try erase(town, try found(town, rounds: 6).subject)
        #expect(town.view("two", by: "k7f2")?.stage == .stored)
        town.settle(80)
        #expect(town.view("two", by: "k7f2")?.stage == .done)
        #expect(try seen(town) == Seen(days: [], rows: 5 + 59, erased: 2))
        #expect(try found(town).known == false)
    }

    @Test(
        "an erasure that an old backup does not have is told by the key file: sent again, the person is readable, what was erased is not"
    )
    func keysOfNow() throws {
        let town = try BatchTown(seed: 743)
        town.settle()
        send(town, SentRows(6), as: first, "one")
        town.settle()
        // The key goes as an erasure destroys it, and the journal knows of none.
        let person = town.thread.memory.keys.prints.person(Array(SentRows.identity(3).utf8))
        try town.thread.memory.keys.destroy(person)
        #expect(try seen(town) == Seen(days: [], rows: 5, erased: 1))
        send(town, SentRows(6, day: "2022-05-01"), as: second, "two")
        town.settle()
        #expect(try seen(town) == Seen(days: ["2022-05-01"], rows: 11, erased: 1))
    }
}
