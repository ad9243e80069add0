import Schema
import TestSupport
import Testing
import Wire

@testable import Office

@Suite("A batch's answers are proven, and of what was told")
struct AnswerCheckTests {
    private let view = BatchView(
        id: [UInt8](repeating: 7, count: 16), stage: .done, verdict: .part, goodRows: 3, faultyRows: 1,
        added: 2,
        replaced: 1)

    private func answer(
        _ event: EventV1.Event.OneOf_Body, _ stage: BatchStage, target: UInt8 = 7
    ) -> BatchAnswer {
        let record = EventV1.Record(
            target: [UInt8](repeating: target, count: 16), events: [EventV1.Event(body: event)])
        return BatchAnswer(stage: stage, record: record.encoded())
    }

    @Test("the record of the step, of the batch, with the same numbers; anything else is no proof of it")
    func fits() {
        let checked = EventV1.BatchChecked(verdict: .part, goodRows: 3, faultyRows: 1)
        let done = EventV1.BatchDone(place: 9, added: 2, replaced: 1)
        #expect(AnswerCheck.fits(answer(.batchChecked(checked), .checked), view))
        #expect(AnswerCheck.fits(answer(.batchDone(done), .done), view))
        #expect(!AnswerCheck.fits(answer(.batchChecked(checked), .done), view))
        #expect(!AnswerCheck.fits(answer(.batchDone(done), .checked), view))
        #expect(!AnswerCheck.fits(answer(.batchDone(done), .done, target: 8), view))
        #expect(!AnswerCheck.fits(answer(.batchDone(EventV1.BatchDone(added: 3)), .done), view))
        let better = EventV1.BatchChecked(verdict: .all, goodRows: 4)
        #expect(!AnswerCheck.fits(answer(.batchChecked(better), .checked), view))
        #expect(!AnswerCheck.fits(BatchAnswer(stage: .done, record: [0xFF]), view))
    }

    @Test("answers are kept beside the receipts, each under its step; what is damaged there is none")
    func shelf() throws {
        let folder = try TemporaryDirectory("answers")
        let shelf = AnswerShelf(folder: folder.path + "/k7f2.receipts")
        let done = answer(.batchDone(EventV1.BatchDone(added: 2)), .done)
        #expect(shelf.kept(view.id, .done) == nil)
        try shelf.keep(done, of: view.id)
        #expect(shelf.kept(view.id, .done) == done && shelf.kept(view.id, .checked) == nil)
        let name = String(repeating: "07", count: 16) + ".done.answer"
        _ = try folder.write("k7f2.receipts/" + name, Array("twolists-batch-answer/1\n".utf8) + [0x0A, 0xFF])
        #expect(shelf.kept(view.id, .done) == nil)
    }
}
