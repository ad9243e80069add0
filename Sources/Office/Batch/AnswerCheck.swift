internal import Exchange
package import Schema
internal import TwoListsClient
internal import Wire

/// Whether a proven record says what the server told of a batch: a proof of something else proves nothing.
package enum AnswerCheck {
    package static func fits(_ answer: BatchAnswer, _ view: BatchView) -> Bool {
        guard let record = try? EventV1.Record(decoding: answer.record), record.target == view.id,
            (record.outcome?.refusal ?? .unspecified) == .unspecified
        else { return false }
        return record.events.contains { event in
            switch (event.body, answer.stage) {
            case (.batchSubmitted(let submitted), .stored): fits(submitted, view)
            case (.batchChecked(let checked), .checked):
                checked.verdict == view.verdict && checked.goodRows == view.goodRows
                    && checked.faultyRows == view.faultyRows && checked.mismatches == view.mismatches
            case (.batchDone(let done), .done):
                done.added == view.added && done.replaced == view.replaced
                    && done.unchanged == view.unchanged
            default: false
            }
        }
    }

    private static func fits(_ submitted: EventV1.BatchSubmitted, _ view: BatchView) -> Bool {
        haveSameBytes(submitted.party, view.party) && haveSameBytes(submitted.kind, view.kind)
            && haveSameBytes(submitted.version, view.version) && submitted.mode == view.mode
            && haveSameBytes(submitted.number, view.number) && haveSameBytes(submitted.period, view.period)
            && submitted.rows == view.rows && submitted.bytes == view.bytes
            && submitted.sums.map { ControlSum(field: $0.field, sum: $0.sum) } == view.sums
    }

    /// A whole set: of every step that the view has one proven answer, each of the record and the time that the view names.
    package static func fits(_ answers: [BatchAnswer], _ view: BatchView) -> Bool {
        guard answers.map(\.stage) == view.steps.map(\.stage), view.steps.first?.stage == .stored,
            view.steps.last?.stage == view.stage
        else { return false }
        return zip(answers, view.steps).allSatisfy { answer, step in
            guard let leaf = ReceiptLeaf(answer.leaf) else { return false }
            return leaf.sequence == step.sequence && leaf.time == step.time && fits(answer, view)
        }
    }

    /// Whether a batch as it is shown is the one that a command handed over.
    package static func isOf(_ command: SubmitBatch, _ view: BatchView) -> Bool {
        haveSameBytes(command.kind, view.kind) && haveSameBytes(command.version, view.version)
            && command.mode == view.mode && haveSameBytes(command.number, view.number)
            && haveSameBytes(command.period, view.period) && command.rows == view.rows
            && command.bytes == view.bytes && command.sums == view.sums
    }
}
