/// Every bound of the journal, by name and unit, with its reason.
package enum JournalLimits {
    /// Bytes of a page: groups start and end on one, so that no sector holding acknowledged data is written again.
    package static let page = 4096
    /// Bytes of a segment file by default: large enough that making one is rare, small enough to copy and move.
    package static let segmentSize = 64 << 20
    /// Smallest segment: two header pages and room for the small groups of tests.
    package static let smallestSegment = 64 << 10
    /// Largest segment: offsets within one stay far below 2^32.
    package static let largestSegment = 1 << 30
    /// Bytes of a record's body: a command of 256 KiB, its sealed copy and its events fit; larger things are files of their own.
    package static let body = 1 << 20
    /// Records in one commit group: bounds the work between two syncs to a few milliseconds.
    package static let groupRecords = 4096
    /// Bytes in one commit group, at most: one write of this size still syncs in some tens of milliseconds.
    package static let groupBytes = 8 << 20
    /// Keys made durable with one group.
    package static let groupKeys = 4096
    /// Bytes accepted and not yet durable, at most: above it `append` answers `.overloaded`.
    package static let pendingBytes = 32 << 20
    /// Hashes in a frontier: one a bit of the tree size.
    package static let frontier = 64
    /// Bytes of a checkpoint's signature: ECDSA P-256 needs 72, SM2 72, an RSA-4096 signature 512.
    package static let signature = 1024
    /// Bytes of a signature algorithm's name.
    package static let algorithmName = 32
    /// Bytes of the city's code: `421300-GX` and the like, zero padded.
    package static let city = 16
    /// Bytes of a second signature: SM2's, DER, has at most 72, and a COMMIT keeps its page.
    package static let secondSignature = 128
    /// Bytes of a COMMIT record and its padding, at most: 72 + 80 + 64 × 32 + 36 + 32 + 1024 + 36 + 32 + 128 = 3488, rounded up.
    package static let commit = 4096
    /// Bytes of the reason in a RESTORED record: a sentence or two on a screen.
    package static let restoredReason = 512
    /// Nanoseconds without a group after which an empty COMMIT is written, so that real data is almost never last.
    package static let idleCommit: Int64 = 1_000_000_000
    /// Nanoseconds between two syncs of HEAD, at least.
    package static let headSync: Int64 = 1_000_000_000
    /// Nanoseconds between two attempts to make a spare segment after the disk was full.
    package static let spareRetry: Int64 = 5_000_000_000
    /// Nanoseconds the wall clock may differ from the steady one before the jump is journaled.
    package static let clockJump: Int64 = 300_000_000_000
    /// Bytes of the journal that a reader beside the engine looks at in one step: the largest record fits twice, and a step takes milliseconds.
    package static let readWindow = 4 << 20
    /// Bytes of a growing file that go to the disk at once: a sync of the journal that comes in between waits for these and no more, tenths of a millisecond.
    package static let pushedOut = 256 << 10
    /// Nanoseconds of work beside casework before others may run: Linux lets whoever runs finish a slice of milliseconds, unless it asks by itself.
    package static let giveWay: Int64 = 150_000
    /// Bytes of one write call of such a file: copying them takes a tenth of a millisecond, in which nobody else gets this processor.
    package static let writtenAtOnce = 64 << 10
    /// Snapshots kept: when the newest cannot be read, the one before it is used.
    package static let snapshotsKept = 2
    /// Bytes of one block of a snapshot: what is held of one at a time.
    package static let snapshotBlock = 1 << 20
    /// Bytes by which the key file grows, zero-filled ahead of need.
    package static let keyChunk = 1 << 20
}
