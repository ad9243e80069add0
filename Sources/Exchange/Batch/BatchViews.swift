package import Schema

/// What officers see of batches: the bureau's of casework all, everybody else their party's own.
extension State {
    /// Whether an officer works with batches at all.
    package func worksWithBatches(_ viewer: Viewer) -> Bool { viewer.doesCasework }

    package func maySeeBatch(_ slot: Int, _ viewer: Viewer) -> Bool {
        viewer.doesCasework && (viewer.isOfBureau || book.batches[slot].party == viewer.party)
    }

    /// By number or by 32 hex digits of the id; nil: there is none, or none that the viewer may see.
    /// - Parameter party: whose number it is; empty: the viewer's own, else the only one that has it.
    package func findBatch(_ key: String, party: String, for viewer: Viewer) -> Int? {
        if let id = EntityID(hex: key), case .batch(let slot) = targets[id] {
            return maySeeBatch(Int(slot), viewer) ? Int(slot) : nil
        }
        if !party.isEmpty {
            guard let index = partyIndex(party), let slot = book.slot(index, number: key) else { return nil }
            return maySeeBatch(slot, viewer) ? slot : nil
        }
        if let own = book.slot(viewer.party, number: key) { return maySeeBatch(own, viewer) ? own : nil }
        let all = parties.indices.compactMap { book.slot(PartyIndex($0), number: key) }
            .filter { maySeeBatch($0, viewer) }
        return all.count == 1 ? all[0] : nil
    }

    package func batchSlot(_ id: EntityID) -> Int? {
        guard case .batch(let slot) = targets[id] else { return nil }
        return Int(slot)
    }

    package func batchView(_ slot: Int) -> BatchView {
        let batch = book.batches[slot]
        var view = BatchView(
            id: batch.id.bytes, party: party(batch.party).key, number: batch.number, kind: batch.kind,
            version: batch.kindVersion, mode: batch.mode, period: batch.period, stage: batch.stage,
            rows: batch.rows, bytes: batch.bytes,
            sums: batch.sums.map { ControlSum(field: $0.field, sum: $0.sum) },
            fileName: batch.fileName.shown, officer: officerID(batch.officer))
        view.steps = [Self.step(.stored, batch.stored)]
        if let (step, found) = batch.checked {
            view.steps.append(Self.step(.checked, step))
            view.verdict = found.verdict
            view.goodRows = found.goodRows
            view.faultyRows = found.faultyRows
            view.mismatches = found.mismatches
        }
        if let (step, taken) = batch.done {
            view.steps.append(Self.step(.done, step))
            view.added = taken.added
            view.replaced = taken.replaced
            view.unchanged = taken.unchanged
            view.passedOver = taken.passedOver
        }
        return view
    }

    private func officerID(_ index: OfficerIndex) -> String {
        Int(index.raw) < officers.count ? officers[Int(index.raw)].id : ""
    }

    private static func step(_ stage: BatchStage, _ step: Batch.Step) -> BatchStep {
        BatchStep(stage: stage, sequence: step.sequence, time: step.time)
    }

    /// The newest first. It looks at `looks` batches at most, so a page may be short and still have a cursor.
    package func batchPage(_ query: ListBatchesQuery, for viewer: Viewer, looks: Int, most: Int) -> BatchPage
    {
        var page = BatchPage()
        var slot = min(Self.slot(query.cursor) ?? book.batches.count, book.batches.count)
        let end = max(0, slot - looks)
        while slot > end, page.batches.count < most {
            slot -= 1
            let batch = book.batches[slot]
            guard maySeeBatch(slot, viewer),
                query.kind.isEmpty || haveSameBytes(query.kind, batch.kind),
                query.party.isEmpty || haveSameBytes(query.party, party(batch.party).key),
                query.stage == .unspecified || query.stage == batch.stage
            else { continue }
            page.batches.append(batchView(slot))
        }
        if slot > 0 { page.cursor = (0..<4).map { UInt8(truncatingIfNeeded: slot >> (24 - 8 * $0)) } }
        return page
    }

    private static func slot(_ cursor: [UInt8]) -> Int? {
        cursor.count == 4 ? cursor.reduce(0) { $0 << 8 | Int($1) } : nil
    }
}
