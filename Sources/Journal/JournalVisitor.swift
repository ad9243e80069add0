/// What a reader of the journal is shown, group by group, only once the group is known to be whole.
package protocol JournalVisitor {
    /// A key that the next records need, or its tombstone. Comes before the records of its group.
    mutating func key(_ key: KeyEntry) throws(JournalError)
    /// A leaf record. Its bytes are valid during the call only.
    mutating func record(_ record: RecordView) throws(JournalError)
    /// The end of a group.
    mutating func commit(_ commit: CommitView) throws(JournalError)
}

extension JournalVisitor {
    package mutating func key(_ key: KeyEntry) throws(JournalError) {}
    package mutating func commit(_ commit: CommitView) throws(JournalError) {}
}

/// A group's end as replay shows it.
package struct CommitView: Sendable {
    package var group: UInt64
    package var leaves: Int
    package var keys: Int
    package var firstKeySlot: UInt64
    package var epoch: UInt32
    package var checkpoint: SignedCheckpoint
    /// File and offset of the COMMIT record.
    package var file: String
    package var offset: Int
}
