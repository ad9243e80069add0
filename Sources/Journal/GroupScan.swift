import Crypto

/// One group of a scan: its records where they belong, its COMMIT, its keys, its root; then it is shown.
extension JournalScan {
    enum Step {
        /// The group was good and was shown. `commitEnd` is where its padding starts.
        case good(end: Int, commitEnd: Int)
        case broken(at: Int, what: String)
        case keyMissing(end: Int, slot: UInt64)
    }

    /// Reads the group at `offset`; shows it when it is whole and its keys are there.
    mutating func step(_ index: Int, _ raw: UnsafeRawBufferPointer, _ offset: Int)
        throws(JournalError) -> Step
    {
        starts.removeAll(keepingCapacity: true)
        hashes.removeAll(keepingCapacity: true)
        var at = offset
        var lastTime = time
        while true {
            let header: RecordHeader
            do throws(RecordFault) {
                header = try RecordHeader.parse(raw, at: at, nonce: segments[index].header.nonce)
            } catch {
                switch error {
                case .broken(let what): return .broken(at: at, what: what)
                case .wrong(let what): throw damage(index, at, what)
                }
            }
            try checkPlace(header, index, at)
            if header.type == .commit {
                return try finish(header, index, raw, offset: offset, at: at, lastTime: lastTime)
            }
            try checkLeaf(header, index, at, lastTime)
            lastTime = header.time
            starts.append(at)
            hashes.append(
                LeafStatement.hash(
                    header, raw, at: at, storeID: segments[index].header.storeID, hasher: hasher))
            at += header.total
        }
    }

    private func checkPlace(_ header: RecordHeader, _ index: Int, _ at: Int) throws(JournalError) {
        guard header.group == group + 1 else {
            throw damage(index, at, "a record of group \(header.group) where group \(group + 1) belongs")
        }
        guard header.ordinal == UInt32(starts.count) else {
            throw damage(index, at, "record \(header.ordinal) of its group where \(starts.count) belongs")
        }
        guard header.epoch >= epoch else { throw damage(index, at, "writer epoch goes backwards") }
    }

    private func checkLeaf(_ header: RecordHeader, _ index: Int, _ at: Int, _ lastTime: Int64)
        throws(JournalError)
    {
        guard header.sequence == sequence &+ UInt64(starts.count) &+ 1 else {
            throw damage(
                index, at, "sequence \(header.sequence) where \(sequence + UInt64(starts.count) + 1) belongs")
        }
        guard header.time > lastTime else { throw damage(index, at, "record time goes backwards") }
        guard starts.count < JournalLimits.groupRecords else {
            throw damage(index, at, "group over its limit")
        }
    }

    private mutating func finish(
        _ header: RecordHeader, _ index: Int, _ raw: UnsafeRawBufferPointer, offset: Int, at: Int,
        lastTime: Int64
    ) throws(JournalError) -> Step {
        let body = raw.window(at + header.prefix, at + header.prefix + header.bodyLength)
        guard let commit = Commit(body), Int(commit.leaves) == starts.count,
            commit.firstSequence == sequence &+ 1,
            header.sequence == commit.treeSize, Int(commit.recordBytes) == at - offset,
            header.time >= lastTime,
            header.time >= commitTime, commit.keys <= JournalLimits.groupKeys,
            commit.keys == 0 || commit.firstKeySlot >= KeySlot.start(nextKeySlot)
        else { throw damage(index, at, "a COMMIT record that does not fit its group") }
        let commitEnd = at + header.total
        let end = aligned(commitEnd, to: JournalLimits.page)
        let entries: [KeyEntry]
        switch keyEntries(commit) {
        case .success(let found): entries = found
        case .failure(let missing): return .keyMissing(end: end, slot: missing.slot)
        }
        let frontier = tree.append(hashes)
        guard frontier.root == commit.root, frontier.hashes == commit.frontier else {
            throw .rootMismatch(file: path(segments[index].name), offset: offset, group: header.group)
        }
        if let head, head.group == header.group, head.root != commit.root || head.sequence != commit.treeSize
        {
            throw .forked(group: header.group)
        }
        try checkRestored(raw, index)
        accept(header, commit, lastTime, index)
        try show(
            header, (Int(commit.keys), commit.firstKeySlot), entries, index, raw, at)
        return .good(end: end, commitEnd: commitEnd)
    }

    /// A RESTORED record stands in the first group behind the records it says were kept, and names their root.
    private func checkRestored(_ raw: UnsafeRawBufferPointer, _ index: Int) throws(JournalError) {
        for start in starts where raw.u16(start + 12) == RecordType.restored.rawValue {
            guard let restored = Restored(RecordView(raw, at: start).body), restored.keptSize == sequence,
                tree.root(size: sequence) == restored.keptRoot
            else { throw damage(index, start, "a RESTORED record that does not fit what stands before it") }
        }
    }

    private struct MissingSlot: Error { var slot: UInt64 }

    private func keyEntries(_ commit: Commit) -> Result<[KeyEntry], MissingSlot> {
        guard let keys, commit.keys > 0 else { return .success([]) }
        return keys.withUnsafeBytes { raw in
            var entries: [KeyEntry] = []
            for slot in 0..<UInt64(commit.keys) {
                guard let entry = KeySlot.read(raw, commit.firstKeySlot &+ slot) else {
                    return .failure(MissingSlot(slot: commit.firstKeySlot &+ slot))
                }
                entries.append(entry)
            }
            return .success(entries)
        }
    }

    private mutating func accept(_ header: RecordHeader, _ commit: Commit, _ lastTime: Int64, _ index: Int) {
        group = header.group
        sequence = commit.treeSize
        time = lastTime
        commitTime = header.time
        epoch = header.epoch
        groups += 1
        if commit.keys > 0 { nextKeySlot = commit.firstKeySlot &+ UInt64(commit.keys) }
        let segment = segments[index].header
        checkpoint = SignedCheckpoint(
            checkpoint: Checkpoint(
                algorithm: segment.algorithm, city: segment.city, storeID: segment.storeID,
                treeSize: commit.treeSize,
                time: header.time, root: commit.root),
            signature: commit.signature, second: commit.second)
    }

    private mutating func show(
        _ header: RecordHeader, _ keys: (count: Int, first: UInt64), _ entries: [KeyEntry], _ index: Int,
        _ raw: UnsafeRawBufferPointer,
        _ at: Int
    ) throws(JournalError) {
        for entry in entries { try visitor.key(entry) }
        for start in starts { try visitor.record(RecordView(raw, at: start)) }
        guard let checkpoint else { return }
        try visitor.commit(
            CommitView(
                group: header.group, leaves: starts.count, keys: keys.count, firstKeySlot: keys.first,
                epoch: header.epoch,
                checkpoint: checkpoint, file: path(segments[index].name), offset: at))
    }
}
