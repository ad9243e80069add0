internal import Exchange
internal import Schema
internal import Wire

/// The faults of a batch under way to who asked: a message a step, as long as they are taken. All at once they would be more than a stream's queue holds.
final class FaultStream {
    let call: BatchCall
    private var rest: ArraySlice<BatchFault>
    private let more: Bool
    private var lastTaken: Int64

    /// - Parameter after: faults to pass over.
    init(_ faults: BatchFaults, after: UInt64, _ call: BatchCall, now: Int64) {
        self.call = call
        rest = faults.faults.dropFirst(Int(clamping: after))
        more = faults.more
        lastTaken = now
    }

    /// False: it is over.
    func step(now: Int64) throws(Status) -> Bool {
        if call.isOver { return false }
        guard call.reply.isReady else {
            guard now - lastTaken < BatchWorkLimits.patience else { throw Status.tooSlow }
            return true
        }
        lastTaken = now
        let part = Array(rest.prefix(BatchWorkLimits.reportFaults))
        rest = rest.dropFirst(part.count)
        if !part.isEmpty { call.reply.send(BatchFaults(faults: part, more: more && rest.isEmpty).encoded()) }
        if rest.isEmpty { call.reply.finish(.ok, payload: []) }
        return !rest.isEmpty
    }
}
