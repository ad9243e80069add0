import Exchange
import Foundation
import Schema
import TestSupport
import Testing
import Wire

@testable import Office

@Suite("What waits goes out in order, and a refusal holds back its own matter only")
struct OutboxOrderTests {
    private static let time: Int64 = 1_773_104_707_123
    private let road = [UInt8](repeating: 1, count: 16)
    private let school = [UInt8](repeating: 2, count: 16)

    /// Command number `number`, made `number` milliseconds later, on a matter.
    private func envelope(
        _ number: Int, on target: [UInt8], expecting version: UInt64, _ body: Command.OneOf_Body? = nil,
        at milliseconds: Int64? = nil
    ) -> Envelope {
        let time = milliseconds ?? Self.time + Int64(number)
        let id =
            (0..<6).map { UInt8(truncatingIfNeeded: time >> Int64(40 - 8 * $0)) }
            + [0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, UInt8(number)]
        return Envelope(
            id: id, target: target, expectedVersion: version,
            command: Command(body: body ?? .withdrawRequest(WithdrawRequest(reason: "\(number)"))))
    }

    private func outbox(_ envelopes: [Envelope], in folder: TemporaryDirectory) throws -> Outbox {
        let outbox = Outbox(folder: folder.path)
        for envelope in envelopes {
            try outbox.save(SignedEnvelope(envelope: envelope.encoded()), id: envelope.id)
        }
        return outbox
    }

    /// The numbers in the order in which they would be sent, each ending as `ends` says.
    private func sent(
        _ course: OutboxCourse, _ ends: [UInt8: OutboxCourse.End] = [:]
    ) -> [UInt8] {
        var course = course
        var numbers: [UInt8] = []
        while let entry = course.next() {
            let number = entry.id.last ?? 0
            numbers.append(number)
            course.ended(entry, ends[number] ?? .done)
        }
        return numbers
    }

    private func four() -> [Envelope] {
        [
            envelope(1, on: road, expecting: 0), envelope(2, on: school, expecting: 3),
            envelope(3, on: road, expecting: 1), envelope(4, on: school, expecting: 4),
        ]
    }

    @Test("all in the order they were typed; a refusal holds back its matter; a lost line ends it")
    func course() throws {
        let folder = try TemporaryDirectory("outbox")
        let entries = try outbox(four(), in: folder).content().entries
        #expect(sent(OutboxCourse(entries)) == [1, 2, 3, 4])
        #expect(sent(OutboxCourse(entries), [1: .failed]) == [1, 2, 4])
        #expect(sent(OutboxCourse(entries), [2: .lineDown]) == [1, 2])
    }

    @Test(
        "what was refused is not sent again by itself, nor what stands behind it; asked for by name it is, after what goes before"
    )
    func refused() throws {
        let folder = try TemporaryDirectory("outbox")
        let outbox = try outbox(four(), in: folder)
        let first = outbox.content().entries[0]
        let answer = CommandAnswer(
            commandId: first.id, outcome: Outcome(refusal: .wrongState), salt: [1], receipt: Receipt())
        outbox.note(.refused(answer), on: first.id, at: 7)
        let content = outbox.content()
        #expect(sent(OutboxCourse(content.entries)) == [2, 4])
        #expect(content.entries.map { content.obstacle(to: $0)?.id.last } == [nil, nil, 1, nil])
        #expect(sent(OutboxCourse(content.entries, upTo: content.entries[0])) == [1])
        #expect(sent(OutboxCourse(content.entries, upTo: content.entries[3])) == [2, 4])
        #expect(sent(OutboxCourse(content.entries, upTo: content.entries[2])).isEmpty)
        guard case .refused(let kept) = content.entries[0].note?.reason else {
            Issue.record("no refusal noted")
            return
        }
        #expect(kept.outcome == answer.outcome && kept.salt.isEmpty && kept.receipt == nil)
        try outbox.remove(id: first.id)
        #expect(sent(OutboxCourse(outbox.content().entries)) == [2, 3, 4])
    }

    @Test("a machine whose clock was set back keeps the order of one matter")
    func clockSetBack() throws {
        let folder = try TemporaryDirectory("outbox")
        let outbox = try outbox(
            [
                envelope(1, on: road, expecting: 0), envelope(2, on: school, expecting: 0),
                envelope(3, on: road, expecting: 1, at: Self.time - 5000),
            ], in: folder)
        let order = outbox.content().entries.map { $0.id.last }
        #expect(order.filter { $0 != 2 } == [1, 3])
    }

    @Test(
        "notes are read back, and anything else is passed over",
        arguments: [
            OutboxNote(.unreachable, at: 5), OutboxNote(.notTaken(Text("不\n行", "no")), at: -1),
            OutboxNote(
                .refused(CommandAnswer(commandId: [1], outcome: Outcome(refusal: .notFound))), at: .max),
        ])
    func notes(note: OutboxNote) throws {
        let read = try #require(OutboxNote(note.encoded))
        #expect(read.time == note.time)
        if case .notTaken(let text) = read.reason {
            #expect(text == Text("不 行", "no"))
        } else {
            #expect(read == note)
        }
        for length in 0..<note.encoded.count { _ = OutboxNote(Array(note.encoded.prefix(length))) }
        #expect(OutboxNote([UInt8]("twolists-outbox-note/1\nbored\n5\n".utf8)) == nil)
        #expect(OutboxNote([]) == nil)
    }

    @Test("a further command is typed on top of what waits: the version after it, the texts that stand then")
    func onTop() throws {
        let folder = try TemporaryDirectory("outbox")
        let text = RequestText(title: "道路", content: "修", category: "road")
        let mended = RequestText(title: "道路修缮", content: "修", category: "road")
        let outbox = try outbox(
            [
                envelope(1, on: road, expecting: 0, .submitRequest(SubmitRequest(text: text))),
                envelope(2, on: road, expecting: 1, .amendRequest(AmendRequest(text: mended))),
                envelope(3, on: school, expecting: 8),
            ], in: folder)
        let content = outbox.content()
        for key in [PhoneReference.of(road), Hexes.of(road).uppercased()] {
            let queued = try #require(content.matter(named: key))
            #expect(queued.target == road && queued.version == 2 && queued.request?.text == mended)
            #expect(queued.refused == nil)
        }
        #expect(content.matter(school)?.version == 9 && content.matter(school)?.request == nil)
        #expect(content.matter(named: "随双2026-军提-0001") == nil)
        outbox.note(.refused(CommandAnswer()), on: content.entries[0].id, at: 0)
        #expect(outbox.content().matter(road)?.refused?.id == content.entries[0].id)
    }

    @Test("of what was seen the newest is known, by number, reference and id, 2000 at most")
    func seen() throws {
        let folder = try TemporaryDirectory("outbox")
        let seen = SeenMatters(folder: folder.path + "/a.outbox")
        #expect(seen.find("x") == nil)
        seen.note([.init(target: road, version: 3, number: "随双2026-军提-0001")])
        seen.note([.init(target: school, version: 1, number: "")])
        seen.note([.init(target: road, version: 4, number: "随双2026-军提-0001")])
        #expect(seen.find("随双2026-军提-0001")?.version == 4)
        #expect(seen.find(PhoneReference.of(school))?.target == school)
        #expect(seen.find(Hexes.of(school))?.version == 1)
        #expect(seen.all().count == 2)
        let many = (0..<SeenMatters.most).map { number in
            SeenMatters.Matter(
                target: [UInt8](repeating: 9, count: 14) + [UInt8(number >> 8), UInt8(number & 255)],
                version: 1, number: "")
        }
        seen.note(many)
        #expect(seen.all() == many)
        seen.note([.init(target: road, version: 5, number: "")])
        #expect(seen.all().count == SeenMatters.most && seen.find(Hexes.of(road))?.version == 5)
        #expect(seen.find(Hexes.of(many[0].target)) == nil)
    }

    @Test("one process at a time: a second waits for its turn, and not longer than it may")
    func lock() async throws {
        let folder = try TemporaryDirectory("outbox")
        let outbox = Outbox(folder: folder.path)
        let first = try #require(try await outbox.lock(within: .zero))
        #expect(try await outbox.lock(within: .milliseconds(50)) == nil)
        async let second = outbox.lock(within: .seconds(30))
        try await Task.sleep(for: .milliseconds(50))
        first.release()
        _ = consume first
        #expect(try await second != nil)
    }

    @Test("noting and removing, cut short anywhere, leave the command whole or gone, and never another one's")
    func crash() throws {
        for steps in 0..<8 {
            let folder = try TemporaryDirectory("outbox")
            let all = four()
            let whole = try outbox(all, in: folder)
            let crashing = Outbox(folder: folder.path, storage: CrashingStorage(steps: steps))
            crashing.note(.unreachable, on: all[0].id, at: 1)
            try? crashing.remove(id: all[0].id)
            let left = whole.content()
            #expect(left.damaged.isEmpty)
            #expect(left.entries.count == 4 || left.entries.map(\.id) == all.dropFirst().map(\.id))
        }
    }
}

private enum Hexes {
    static func of(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
