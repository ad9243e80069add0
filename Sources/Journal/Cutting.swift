/// A restore that leaves out records which were acknowledged: declared in the journal, or not done. JOURNAL.md 10.
extension Journal {
    /// The last group that ends at or before a record, or a time (ns UTC): a group is kept whole or not at all. Nil: there is none.
    package static func lastGroup(
        _ storage: any Storage, upTo sequence: UInt64, time: Int64
    ) throws(JournalError) -> UInt64? {
        var ends = GroupEnds(sequence: sequence, time: time)
        try read(storage, keys: nil, visitor: &ends)
        return ends.found
    }

    /// Copies what is kept of `storage` into the empty `target`, as `copy` does, and leaves it marked as unfinished until `declare`.
    package static func copyKept(
        _ storage: any Storage, to target: any Storage, _ kept: SnapshotPoint, _ cut: JournalStart,
        reason: String
    ) throws(JournalError) -> Restored {
        try requireNoJournal(target)
        let restored = Restored(kept: kept, cut: cut.point, reason: reason)
        do throws(StorageError) {
            // First of all: whatever is interrupted from here on is not taken for a store.
            target.close(try target.open(restoringName, .create))
            try target.syncDirectory()
            try CutFile.write(target, restored, storeID: kept.storeID, tree: cut.tree)
        } catch { throw .storage(error, task: "writing what is cut") }
        try copy(storage, to: target, upTo: kept)
        return restored
    }

    /// Journals the RESTORED record under a new epoch, signed where `options` have a signer; then the store is one.
    package static func declare(
        _ restored: Restored, in storage: any Storage, keys: any Storage, _ options: JournalOptions
    ) throws(JournalError) -> SignedCheckpoint {
        try options.check()
        guard restored.reason.utf8.count <= JournalLimits.restoredReason else {
            throw .badOption("the reason is longer than \(JournalLimits.restoredReason) bytes")
        }
        let lock = try acquire(storage)
        var opened: OpenedJournal
        do throws(JournalError) {
            var recovery = Recovery(storage, keys, options, lock, from: nil, declaring: restored)
            var nothing = NothingShown()
            opened = try recovery.run(&nothing)
        } catch {
            storage.close(lock)
            throw error
        }
        let checkpoint = opened.writer.durable.checkpoint
        try opened.writer.close()
        do throws(StorageError) {
            try storage.unlink(restoringName)
            try storage.syncDirectory()
        } catch { throw .storage(error, task: "ending the restore") }
        return checkpoint
    }
}

/// Finds the last group with leaves that ends in time.
private struct GroupEnds: JournalVisitor {
    let sequence: UInt64
    let time: Int64
    var found: UInt64?
    private var lastTime = Int64.min

    init(sequence: UInt64, time: Int64) {
        self.sequence = sequence
        self.time = time
    }

    mutating func record(_ record: RecordView) throws(JournalError) { lastTime = record.time }
    mutating func commit(_ commit: CommitView) throws(JournalError) {
        let size = commit.checkpoint.checkpoint.treeSize
        if commit.leaves > 0, size <= sequence, lastTime <= time { found = size }
    }
}
