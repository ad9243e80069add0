import BureauTestSupport
import Crypto
import Exchange
import Foundation
import Schema
import TestSupport
import Testing
import TwoListsClient
import Wire

@testable import Office

@Suite("PACKAGE.md 6 answers on a disc: proven before anything of them is kept")
struct UnitAnswerTests {
    /// The ways in which an answer in a good package can be wrong.
    enum Flaw: CaseIterable {
        case unproven, otherAuthority, otherPath, otherSalt, otherLeaf, otherCommand, saysDone, otherTarget,
            later
    }

    private func flawed(
        _ flaw: Flaw, _ desks: inout TwoDesks, _ signed: SignedEnvelope, _ other: SignedEnvelope
    ) throws -> CommandAnswer {
        var answer = try desks.journal.wholeAnswer(
            signed, refusal: flaw == .saysDone ? .wrongState : .unspecified)
        switch flaw {
        case .unproven: (answer.receipt, answer.leaf, answer.salt) = (nil, [], [])
        case .otherAuthority:
            var strange = try FakeJournal()
            answer = try strange.wholeAnswer(signed)
        case .otherPath:
            desks.journal.grow(3)
            answer = try desks.journal.wholeAnswer(signed)
            answer.receipt?.path[0] ^= 1
        case .otherSalt:
            answer.salt[0] ^= 1
            answer.receipt?.salt = answer.salt
        case .otherLeaf:
            answer.leaf[64] ^= 1
            answer.receipt?.leaf = answer.leaf
        case .otherCommand:
            answer = try desks.journal.wholeAnswer(other)
            (answer.commandId, answer.target) = (desks.id(1), desks.id(1))
        case .saysDone: answer.outcome = Outcome()
        case .otherTarget: answer.target = desks.id(2)
        case .later: answer.recordedAt += 1
        }
        return answer
    }

    @Test(
        "a wrong one is refused with words and changes nothing, and what is right beside it is taken",
        arguments: Flaw.allCases)
    func wrong(_ flaw: Flaw) throws {
        var desks = try TwoDesks()
        let (first, second) = (try desks.wait(1), try desks.wait(2))
        _ = try desks.make()
        let good = try desks.journal.wholeAnswer(second)
        let bad = try flawed(flaw, &desks, first, second)
        let reply = try desks.reply(
            1, nil, [PackageItem(body: .answer(bad)), PackageItem(body: .answer(good))])
        let opened = try desks.unit.open(reply.path, now: desks.sample.now)
        #expect(opened.wrong.count == 1 && opened.answers.map(\.answer.commandId) == [desks.id(2)])
        #expect(opened.wrong.first?.what.zh.contains(Hex.encode(desks.id(1)).prefix(16)) == true)
        #expect(desks.outbox.content().entries.map(\.id) == [desks.id(1)])
        #expect(desks.outbox.content().entries.first?.note == nil)
        let kept = try FileManager.default.contentsOfDirectory(
            atPath: desks.sample.folder.file("unit.receipts"))
        #expect(kept.filter { $0.hasSuffix(".receipt") } == [Hex.encode(desks.id(2)) + ".receipt"])
        // Once the right one comes, it is taken.
        let right = try desks.reply(
            2, reply.digest, [PackageItem(body: .answer(try desks.journal.wholeAnswer(first)))])
        #expect(try desks.unit.open(right.path, now: desks.sample.now).wrong.isEmpty)
        #expect(desks.outbox.content().entries.isEmpty)
    }

    @Test(
        "a refusal is proven like everything, and stays with its reason; of an erased matter all but the envelope is"
    )
    func refusedAndErased() throws {
        var desks = try TwoDesks()
        let (first, second) = (try desks.wait(1), try desks.wait(2))
        var erased = try desks.journal.wholeAnswer(second)
        erased.salt = []
        erased.receipt?.salt = []
        let reply = try desks.reply(
            1, nil,
            [
                PackageItem(body: .answer(try desks.journal.wholeAnswer(first, refusal: .wrongState))),
                PackageItem(body: .answer(erased)),
            ])
        let opened = try desks.unit.open(reply.path, now: desks.sample.now)
        #expect(opened.wrong.isEmpty && opened.answers.count == 2)
        #expect(desks.outbox.content().entries.map(\.isRefused) == [true])
    }

    // MARK: Batches

    static let batch = [UInt8](repeating: 5, count: 16)

    private static let submit = SubmitBatch(
        kind: "activity", version: "1", mode: .goodRows, number: "lu07-1", rows: 4, bytes: 90,
        sums: [ControlSum(field: "people", sum: 230)])

    /// As the city answers: a row of four was faulty.
    static func update(
        _ journal: inout FakeJournal, steps: Int = 3, party: String = "unit/LU-07"
    ) throws -> BatchUpdate {
        let submitted = EventV1.BatchSubmitted(
            party: party, kind: "activity", version: "1", mode: .goodRows, number: "lu07-1", rows: 4,
            bytes: 90,
            sums: [EventV1.BatchSum(field: "people", sum: 230)])
        let bodies: [(BatchStage, EventV1.Event.OneOf_Body)] = [
            (.stored, .batchSubmitted(submitted)),
            (.checked, .batchChecked(EventV1.BatchChecked(verdict: .part, goodRows: 3, faultyRows: 1))),
            (.done, .batchDone(EventV1.BatchDone(place: 1, added: 2, replaced: 1))),
        ]
        var view = BatchView(
            id: batch, party: party, number: "lu07-1", kind: "activity", version: "1", mode: .goodRows,
            rows: 4,
            bytes: 90, sums: [ControlSum(field: "people", sum: 230)])
        var answers: [BatchAnswer] = []
        for (stage, body) in bodies.prefix(steps) {
            let record = EventV1.Record(target: batch, events: [EventV1.Event(body: body)])
            let (step, answer) = try journal.answer(stage, record)
            view.steps.append(step)
            view.stage = stage
            answers.append(answer)
        }
        if steps > 1 { (view.verdict, view.goodRows, view.faultyRows) = (.part, 3, 1) }
        if steps > 2 { (view.added, view.replaced) = (2, 1) }
        return BatchUpdate(view: view, answers: answers)
    }

    private static func faults(_ after: UInt64, rows: [UInt64]) -> PackageItem {
        PackageItem(
            body: .batchFaults(
                BatchFaultsPart(
                    batch: batch, after: after,
                    faults: BatchFaults(
                        faults: rows.map {
                            BatchFault(row: $0, field: "people", code: "not-a-number", read: "x")
                        }))))
    }

    private func keep(_ command: SubmitBatch, _ desks: TwoDesks) throws {
        let envelope = Envelope(
            id: desks.id(1), city: "421300", party: "unit/LU-07", officer: "u1", target: Self.batch,
            command: Command(body: .submitBatch(command)))
        let under = BatchUnderWay(
            id: Self.batch, number: command.number, kind: "activity", version: "1", mode: .goodRows,
            period: "",
            manifest: [1], fileName: "a.csv", begun: 1)
        _ = try desks.unit.batches.keep(SignedEnvelope(envelope: envelope.encoded()), of: under)
    }

    @Test("three answers, each proven, and the faults of its rows; told again, nothing newer is lost")
    func batches() throws {
        var desks = try TwoDesks()
        try keep(Self.submit, desks)
        let early = try Self.update(&desks.journal, steps: 1)
        let whole = try Self.update(&desks.journal)
        let items = [
            PackageItem(body: .batchUpdate(whole)), Self.faults(0, rows: [2]), Self.faults(1, rows: [2, 4]),
        ]
        let reply = try desks.reply(1, nil, items)
        let opened = try desks.unit.open(reply.path, now: desks.sample.now)
        let view = try #require(whole.view)
        #expect(opened.wrong.isEmpty && opened.batches == [view])
        let mirror = desks.unit.mirror
        #expect(mirror.batch("lu07-1") == whole.view && mirror.batch(Hex.encode(Self.batch)) == whole.view)
        #expect(mirror.faults(of: Self.batch).faults.map(\.row) == [2, 2, 4])
        let shelf = AnswerShelf(folder: desks.sample.folder.file("unit.receipts"))
        for (stage, answer) in zip([BatchStage.stored, .checked, .done], whole.answers) {
            #expect(shelf.kept(Self.batch, stage) == answer)
        }
        let older = try desks.reply(2, reply.digest, [PackageItem(body: .batchUpdate(early))])
        #expect(try desks.unit.open(older.path, now: desks.sample.now).batches.isEmpty)
        #expect(mirror.batch("lu07-1")?.stage == .done)
    }

    enum BatchFlaw: CaseIterable {
        case otherAuthority, record, missing, verdict, rows, time, party, notSent, noSteps
    }

    private func flawed(_ flaw: BatchFlaw, _ desks: inout TwoDesks) throws -> BatchUpdate {
        var update = try Self.update(&desks.journal, party: flaw == .party ? "unit/LU-08" : "unit/LU-07")
        switch flaw {
        case .otherAuthority:
            var strange = try FakeJournal()
            update = try Self.update(&strange)
        case .record: update.answers[1].record[3] ^= 1
        case .missing: update.answers.removeLast()
        case .verdict:
            update.view?.verdict = .all
            update.view?.goodRows = 4
            update.view?.faultyRows = 0
        case .rows: update.view?.rows = 5
        case .time: update.view?.steps[2].time += 1
        case .party: break
        case .notSent:
            var other = Self.submit
            other.rows = 3
            try keep(other, desks)
        case .noSteps:
            update.view?.steps = []
            update.answers = []
        }
        return update
    }

    @Test(
        "an answer to a batch that is not proven, not ours, or not what was sent changes nothing",
        arguments: BatchFlaw.allCases)
    func wrongBatch(_ flaw: BatchFlaw) throws {
        var desks = try TwoDesks()
        if flaw != .notSent { try keep(Self.submit, desks) }
        let update = try flawed(flaw, &desks)
        let reply = try desks.reply(
            1, nil, [PackageItem(body: .batchUpdate(update)), Self.faults(0, rows: [2])])
        let opened = try desks.unit.open(reply.path, now: desks.sample.now)
        #expect(opened.wrong.count == 1 && opened.batches.isEmpty, "\(opened.wrong)")
        #expect(
            desks.unit.mirror.batches().isEmpty && desks.unit.mirror.faults(of: Self.batch).faults.isEmpty)
        let shelf = AnswerShelf(folder: desks.sample.folder.file("unit.receipts"))
        for stage in [BatchStage.stored, .checked, .done] { #expect(shelf.kept(Self.batch, stage) == nil) }
        // The right ones, once they come: whatever was wrong is not in their way.
        if flaw == .notSent { try desks.unit.batches.forget(Self.batch) }
        let right = try desks.reply(
            2, reply.digest, [PackageItem(body: .batchUpdate(try Self.update(&desks.journal)))])
        #expect(try desks.unit.open(right.path, now: desks.sample.now).batches.count == 1)
    }

    @Test(
        "faults that do not follow on, name a row that is not there, or are too many are not kept",
        arguments: 0...3)
    func wrongFaults(_ number: Int) throws {
        var desks = try TwoDesks()
        let many = [UInt64](repeating: 1, count: BatchLimits.faults)
        let parts: [PackageItem] =
            switch number {
            case 0: [Self.faults(1, rows: [2])]
            case 1: [Self.faults(0, rows: [5])]
            case 2: [Self.faults(0, rows: many), Self.faults(UInt64(many.count), rows: [1])]
            default: [Self.faults(0, rows: many)]
            }
        let update = PackageItem(body: .batchUpdate(try Self.update(&desks.journal)))
        let reply = try desks.reply(1, nil, [update] + parts)
        let opened = try desks.unit.open(reply.path, now: desks.sample.now)
        #expect(opened.wrong.count == (number == 3 ? 0 : 1) && opened.batches.count == 1)
        #expect(desks.unit.mirror.faults(of: Self.batch).faults.count == (number >= 2 ? many.count : 0))
    }

    // MARK: Chunks on their way

    @Test(
        "a batch's chunks do not go again while the package that has them is on its way, and do once it has arrived unanswered"
    )
    func onTheWay() throws {
        let desks = try TwoDesks()
        var writer = try desks.outbox.newBatch(id: Self.batch)
        try writer.add([1, 2, 3], rows: 1)
        _ = try writer.finish()
        let envelope = Envelope(
            id: desks.id(1), city: "421300", party: "unit/LU-07", officer: "u1", target: Self.batch,
            command: Command(body: .submitBatch(Self.submit)))
        try desks.outbox.save(SignedEnvelope(envelope: envelope.encoded()), id: desks.id(1))
        let first = try desks.make()
        #expect(first.counts.batches == 1 && first.counts.commands == 1)
        let second = try desks.make()
        #expect(second.counts.batches == 0 && second.counts.commands == 1)
        let head = PackageHead(taken: [TakenPackage(number: 1, manifest: first.digest.bytes)])
        let reply = try desks.reply(1, nil, [], head: head)
        _ = try desks.unit.open(reply.path, now: desks.sample.now)
        #expect(try desks.make().counts.batches == 1)
        #expect(try desks.make().counts.batches == 0)
        try desks.outbox.remove(id: desks.id(1))
        _ = try desks.make()
        #expect(desks.unit.desk.folder.names("/sent").isEmpty)
    }

    // MARK: Files

    private func matter(_ desks: TwoDesks, _ file: [UInt8], sha256: [UInt8]? = nil) -> PackageItem {
        let view = AttachmentView(
            attachment: desks.id(8), name: "现场.pdf", type: .pdf, bytes: UInt64(file.count),
            party: "bureau/421300",
            sha256: sha256 ?? Digest(of: file).bytes)
        return PackageItem(
            body: .requestUpdate(
                RequestUpdate(
                    view: RequestView(
                        summary: RequestSummary(target: desks.id(3), version: 1), attachments: [view]),
                    history: HistoryPage())))
    }

    private func part(_ desks: TwoDesks, _ offset: Int, _ data: some Sequence<UInt8>) -> PackageItem {
        PackageItem(
            body: .attachmentPart(
                AttachmentPart(
                    target: desks.id(3), attachment: desks.id(8), offset: UInt64(offset), data: Array(data))))
    }

    @Test(
        "a file comes in pieces and has its name when it is what the matter says; erased, it goes with its matter"
    )
    func file() throws {
        let desks = try TwoDesks()
        let file = Array("%PDF-1.7 現場".utf8)
        let reply = try desks.reply(
            1, nil, [matter(desks, file), part(desks, 0, file[..<5]), part(desks, 5, file[5...])])
        #expect(try desks.unit.open(reply.path, now: desks.sample.now).wrong.isEmpty)
        let path = try #require(desks.unit.mirror.attachment(desks.id(8)))
        #expect(try [UInt8](Data(contentsOf: URL(filePath: path))) == file)
        let again = try desks.reply(2, reply.digest, [matter(desks, file), part(desks, 0, file)])
        #expect(try desks.unit.open(again.path, now: desks.sample.now).wrong.isEmpty)
        let erased = try desks.reply(3, again.digest, [matter(desks, file, sha256: [])])
        _ = try desks.unit.open(erased.path, now: desks.sample.now)
        #expect(desks.unit.mirror.attachment(desks.id(8)) == nil)
    }

    @Test(
        "pieces of another file, out of their place, too many, too few, or of no matter: nothing is kept",
        arguments: 0...4)
    func wrongFile(_ number: Int) throws {
        let desks = try TwoDesks()
        let file = Array("%PDF-1.7".utf8)
        let items: [PackageItem] =
            switch number {
            case 0: [matter(desks, file), part(desks, 0, file.reversed())]
            case 1: [matter(desks, file), part(desks, 0, file[..<5]), part(desks, 4, file[5...])]
            case 2: [matter(desks, file), part(desks, 0, file + [0])]
            case 3: [matter(desks, file), part(desks, 0, file[..<5])]
            default: [part(desks, 0, file)]
            }
        let reply = try desks.reply(1, nil, items)
        let opened = try desks.unit.open(reply.path, now: desks.sample.now)
        #expect(opened.wrong.count == (number == 3 ? 0 : 1))
        #expect(desks.unit.desk.folder.names("/attachments").isEmpty)
    }

    @Test("a round's file that does not hold is not kept")
    func wrongRound() throws {
        let desks = try TwoDesks()
        let round = RoundFileUpdate(target: desks.id(4), key: "2-officers", file: Array("no round\n".utf8))
        let reply = try desks.reply(1, nil, [PackageItem(body: .roundFile(round))])
        let opened = try desks.unit.open(reply.path, now: desks.sample.now)
        #expect(opened.wrong.count == 1 && desks.unit.mirror.rounds().isEmpty)
    }
}
