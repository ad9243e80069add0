package import Metrics

/// What the journal's thread counts, once a group, and how its queue stands.
package struct LogFigures: Sendable, Hashable {
    /// Commit groups with records since the start; the empty ones of a quiet second are not among them.
    package private(set) var groups: UInt64 = 0
    package private(set) var records: UInt64 = 0
    /// Records of each such group.
    package private(set) var sizes = Histogram(.groupRecords)
    /// Nanoseconds from the first write of a group to the end of its sync, keys included.
    package private(set) var syncs = Histogram(.sync)
    /// Bytes accepted and not yet durable, at their highest cost.
    package var pendingBytes = 0
    package var pendingGroups = 0
    /// False: read-only, failed or closed.
    package var isWritable = true

    mutating func count(_ batch: [LogGroup], synced: Int64) {
        if batch.isEmpty { return }
        let size = batch.reduce(0) { $0 + $1.records.count }
        groups &+= 1
        records &+= UInt64(size)
        sizes.add(Int64(size))
        syncs.add(synced)
    }
}
