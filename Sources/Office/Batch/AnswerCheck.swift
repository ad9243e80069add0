package import Schema
internal import Wire

/// Whether a proven record says what the server told of a batch: a proof of something else proves nothing.
package enum AnswerCheck {
    package static func fits(_ answer: BatchAnswer, _ view: BatchView) -> Bool {
        guard let record = try? EventV1.Record(decoding: answer.record), record.target == view.id,
            (record.outcome?.refusal ?? .unspecified) == .unspecified
        else { return false }
        return record.events.contains { event in
            switch (event.body, answer.stage) {
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
}
