internal import Exchange

/// Bounds of the batches' thread, each with its reason.
package enum BatchWorkLimits {
    /// Calls that wait for the thread: sixteen senders with four chunks each, 16 MiB.
    package static let waiting = 64
    /// Reads and checks under way; further ones wait in the mailbox.
    package static let jobs = 16
    /// Bytes a party may have stored and not submitted: two of the largest batches.
    package static let pendingBytes = 2 * BatchLimits.batchBytes
    /// Days after which chunks that belong to no batch are removed: a sender who comes back later sends them again.
    package static let pendingDays: Int32 = 30
    /// Bytes that must be left on the disk for the journal when a chunk is taken.
    package static let reserveBytes = 1 << 30
    /// Digests of one GetStored.
    package static let asked = 8_192
    /// Bytes of rows in one message of a fetch, well below a message; one row always fits beside it.
    package static let fetchBytes = 128 << 10
    /// Rows looked at for one message of a fetch, so that others have their turn.
    package static let fetchLooks = 2_000
    /// Faults in one message of a report.
    package static let reportFaults = 200
    /// Bytes a file of rows is written and read by.
    package static let pieceBytes = 256 << 10
    /// Keys of new persons written together.
    package static let keysTogether = 1_024
    /// Rows of a register that are looked at in one step: registers are built and compared in steps, too.
    package static let registerStep = 20_000
    /// Rows of a batch that are judged in one step: some milliseconds, so that whoever asks meanwhile waits no longer.
    package static let checkRows = 250
    /// Trees of digests kept for whoever compares, 80 bytes a row each: two comparisons at a time.
    package static let trees = 2
    /// Nanoseconds that a caller may take nothing, after which the call is ended.
    package static let patience: Int64 = 60_000_000_000
}
