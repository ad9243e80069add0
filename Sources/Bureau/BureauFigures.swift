internal import Journal
package import Metrics

// What the application tells of itself on the page of figures.
extension Bureau {
    /// On any thread; takes two locks for a moment, those of the queues it tells of.
    package func tell(_ page: inout MetricPage) {
        let figures = log.figures
        page.single(
            "twolists_engine_waiting", .gauge, "Calls waiting for the engine.", handle.mailbox.waiting)
        page.single(
            "twolists_journal_durable_sequence", .gauge, "The last record that is on disc.",
            log.durable.sequence)
        page.single(
            "twolists_journal_writable", .gauge,
            "1: commands are taken. 0: read-only, most often a full disk.",
            figures.isWritable ? 1 : 0)
        page.single(
            "twolists_journal_pending_bytes", .gauge, "Bytes accepted and not yet on disc.",
            figures.pendingBytes)
        page.single(
            "twolists_journal_pending_groups", .gauge, "Groups of the engine waiting for the journal.",
            figures.pendingGroups)
        page.single(
            "twolists_journal_groups_total", .counter, "Groups of records made durable with one sync.",
            figures.groups)
        page.single("twolists_journal_records_total", .counter, "Records made durable.", figures.records)
        page.family("twolists_journal_group_records", .histogram, "Records in one group.") {
            $0.histogram("twolists_journal_group_records", [], figures.sizes)
        }
        page.family(
            "twolists_journal_sync_seconds", .histogram, "Write and sync of one group, keys included."
        ) {
            $0.histogram("twolists_journal_sync_seconds", [], figures.syncs)
        }
    }
}
