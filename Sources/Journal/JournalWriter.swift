import Crypto

/// Writes commit groups to the active segment: one thread's affair, with no queue and no waiting. A value, so that it can be
/// handed to the thread that will own it.
///
/// The order of one group: keys written, group written, keys synced, group synced, acknowledged by the caller, HEAD written.
/// After any failure of a write or sync the writer is spent: nothing may be concluded from trying again (a kernel reports
/// a failed write-back once and then calls the pages clean), so the process exits and recovery decides.
struct JournalWriter: Sendable {
    private let storage: any Storage
    private let options: JournalOptions
    private let lock: StorageFile
    private let hasher: MerkleHasher
    let tree: LeafTree

    private var header: SegmentHeader
    private var file: StorageFile
    private var offset: Int
    private var keyFile: KeyFile
    private var nextKeySlot: UInt64
    private var head: HeadFile
    private var lastHeadSync: Int64
    private var spent = false
    /// Nil: keys and group are synced one after the other.
    private var aside: AsideSync?

    /// Nanoseconds the write and sync of the last group took, by the steady clock.
    private(set) var lastSync: Int64 = 0

    private(set) var group: UInt64
    private(set) var sequence: UInt64
    private(set) var time: Int64
    private var commitTime: Int64
    private(set) var epoch: UInt32
    private(set) var spareReady = false
    private var finished: String?
    /// The last group had leaves: an idle COMMIT is due after it.
    private(set) var endsWithLeaves = false
    private(set) var durable: DurablePosition

    /// Takes over where recovery ended. `file` is the active segment, open for writing.
    init(
        storage: any Storage, options: JournalOptions, lock: StorageFile, end: ScanEnd, file: StorageFile,
        keyFile: KeyFile, nextKeySlot: UInt64, head: HeadFile, epochAfter: UInt32
    ) {
        self.storage = storage
        self.options = options
        self.lock = lock
        hasher = MerkleHasher(end.header.algorithm)
        tree = end.tree
        header = end.header
        self.file = file
        offset = end.offset
        self.keyFile = keyFile
        self.nextKeySlot = nextKeySlot
        self.head = head
        lastHeadSync = options.steady()
        group = end.group
        sequence = end.sequence
        time = end.time
        commitTime = end.commitTime
        epoch = max(end.epoch, epochAfter) &+ 1
        durable = DurablePosition(
            sequence: end.sequence,
            checkpoint: end.checkpoint
                ?? SignedCheckpoint(
                    checkpoint: Checkpoint(
                        algorithm: end.header.algorithm, city: end.header.city, storeID: end.header.storeID,
                        treeSize: 0, time: 0, root: MerkleHasher(end.header.algorithm).empty), signature: nil)
        )
    }

    // MARK: room

    /// Bytes a group costs at most in a segment.
    static func cost(_ group: LogGroup) -> Int {
        let records = group.records.reduce(0) { $0 + RecordHeader.total(leafBody: $1.body.count) }
        return aligned(records + JournalLimits.commit, to: JournalLimits.page)
    }

    /// Bytes of one group, at most: a quarter of a segment, so that what is pending always fits in the spare.
    static func largestGroup(segmentSize: Int) -> Int {
        min(JournalLimits.groupBytes, (segmentSize - SegmentHeader.dataStart) / 4)
    }

    /// Bytes left in the active segment.
    var remaining: Int { max(0, header.fileSize - offset) }
    /// Key slots there is room for.
    var keySlotsLeft: Int { Int(clamping: keyFile.slots - min(keyFile.slots, nextKeySlot)) }
    var fileSize: Int { header.fileSize }

    /// Makes the spare segment here and now (deterministic mode); the threaded log does it aside.
    mutating func makeSpare() throws(StorageError) {
        try SegmentFile.makeSpare(storage, size: options.segmentSize)
        spareReady = true
    }

    mutating func noteSpare() { spareReady = true }

    /// The segment that was written to its end since this was asked last.
    mutating func takeFinished() -> String? {
        defer { finished = nil }
        return finished
    }

    /// From now on the key file is synced beside the segment.
    mutating func use(_ aside: AsideSync) { self.aside = aside }

    /// Keeps a chunk of key slots ahead of need.
    mutating func growKeys() throws(StorageError) { try keyFile.grow(beyond: nextKeySlot) }

    // MARK: a group

    /// Makes `groups` durable as one commit group. Typed as fatal: after an error this writer refuses everything.
    mutating func commit(_ groups: [LogGroup]) throws(JournalError) -> DurablePosition {
        guard !spent else { throw .misuse("the journal failed before; it takes nothing more") }
        spent = true
        let cost = aligned(
            groups.reduce(0) { $0 + JournalWriter.cost($1) - JournalLimits.commit } + JournalLimits.commit,
            to: JournalLimits.page)
        if cost > remaining { try switchSegment(needed: cost) }
        let position = try write(groups)
        spent = false
        durable = position
        return position
    }

    private mutating func write(_ groups: [LogGroup]) throws(JournalError) -> DurablePosition {
        let keys = groups.flatMap(\.keys)
        let firstSlot = keys.isEmpty ? nextKeySlot : KeySlot.start(nextKeySlot)
        var leaves: [Digest] = []
        var buffer = encode(groups, &leaves)
        let recordBytes = buffer.count - JournalLimits.commit
        let frontier = tree.append(leaves)
        let now = max(options.wall(), time, commitTime)
        var commit = Commit(
            leaves: UInt32(truncatingIfNeeded: leaves.count),
            firstSequence: sequence - UInt64(leaves.count) + 1, firstKeySlot: firstSlot,
            keys: UInt32(truncatingIfNeeded: keys.count),
            recordBytes: UInt32(truncatingIfNeeded: recordBytes),
            tree: frontier, signature: nil)
        let checkpoint = Checkpoint(
            algorithm: header.algorithm, city: header.city, storeID: header.storeID, treeSize: frontier.size,
            time: now, root: commit.root)
        commit.signature = try sign(checkpoint, options.signer, limit: JournalLimits.signature)
        if let first = commit.signature, let signer = options.secondSigner {
            commit.second = try sign(checkpoint, signer, limit: JournalLimits.secondSignature)
            guard commit.second?.algorithm != first.algorithm else {
                throw .signing(
                    "both signatures are \(first.algorithm); the second must be by another algorithm")
            }
        }
        store(commit, time: now, leaves: leaves.count, in: &buffer, at: recordBytes)
        let began = options.steady()
        try persist(buffer, keys, firstSlot)
        lastSync = options.steady() &- began
        finish(commit, keys: keys, firstSlot: firstSlot, time: now, bytes: buffer.count)
        return DurablePosition(
            sequence: sequence,
            checkpoint: SignedCheckpoint(
                checkpoint: checkpoint, signature: commit.signature, second: commit.second))
    }

    private mutating func finish(
        _ commit: Commit, keys: [KeyEntry], firstSlot: UInt64, time: Int64, bytes: Int
    ) {
        if !keys.isEmpty { nextKeySlot = firstSlot + UInt64(keys.count) }
        commitTime = time
        group += 1
        offset += bytes
        endsWithLeaves = commit.leaves > 0
    }

    /// The leaf records, followed by room for the COMMIT; notes the leaf hashes and moves `sequence` and `time`.
    private mutating func encode(_ groups: [LogGroup], _ leaves: inout [Digest]) -> [UInt8] {
        var size = 0
        var count = 0
        for group in groups {
            count += group.records.count
            for record in group.records { size += RecordHeader.total(leafBody: record.body.count) }
        }
        leaves.reserveCapacity(count)
        var buffer = [UInt8](repeating: 0, count: size + JournalLimits.commit)
        buffer.withUnsafeMutableBytes { raw in
            var at = 0
            for group in groups {
                for record in group.records { at += put(record, raw, at: at, &leaves) }
            }
        }
        return buffer
    }

    private mutating func put(
        _ record: RecordDraft, _ raw: UnsafeMutableRawBufferPointer, at: Int, _ leaves: inout [Digest]
    ) -> Int {
        sequence += 1
        time = record.time
        let fixed = RecordHeader(
            type: record.type, bodyLength: record.body.count, sequence: sequence, group: group + 1,
            time: record.time,
            epoch: epoch, ordinal: UInt32(truncatingIfNeeded: leaves.count), nonce: header.nonce)
        raw.put(record.commandID, at + 72)
        raw.put(record.outcome, at + 88)
        raw.put(record.envelopeDigest, at + 96)
        raw.put(record.body, at + fixed.prefix)
        fixed.store(raw, at: at)
        leaves.append(
            LeafStatement.hash(
                fixed, UnsafeRawBufferPointer(raw), at: at, storeID: header.storeID, hasher: hasher,
                bodyDigest: record.bodyDigest))
        return fixed.total
    }

    private func store(_ commit: Commit, time: Int64, leaves: Int, in buffer: inout [UInt8], at: Int) {
        let body = commit.bytes
        let fixed = RecordHeader(
            type: .commit, bodyLength: body.count, sequence: commit.treeSize, group: group + 1, time: time,
            epoch: epoch, ordinal: UInt32(truncatingIfNeeded: leaves), nonce: header.nonce)
        buffer.withUnsafeMutableBytes { raw in
            raw.put(body, at + fixed.prefix)
            fixed.store(raw, at: at)
        }
        let end = aligned(at + fixed.total, to: JournalLimits.page)
        if end <= buffer.count {
            buffer.removeLast(buffer.count - end)
        } else {
            buffer += [UInt8](repeating: 0, count: end - buffer.count)
        }
    }

    private func sign(
        _ checkpoint: Checkpoint, _ signer: CheckpointSigner?, limit: Int
    ) throws(JournalError) -> CheckpointSignature? {
        guard let signer else { return nil }
        let signature: CheckpointSignature
        do { signature = try signer(checkpoint.statement) } catch { throw .signing("\(error)") }
        guard signature.signature.count <= limit, !signature.algorithm.isEmpty,
            signature.algorithm.utf8.count <= JournalLimits.algorithmName
        else { throw .signing("the signature or its algorithm's name is too long") }
        return signature
    }

    private func persist(_ buffer: [UInt8], _ keys: [KeyEntry], _ firstSlot: UInt64) throws(JournalError) {
        do throws(StorageError) {
            if keys.isEmpty {
                try storage.writeAll(file, buffer, at: offset)
                return try storage.sync(file)
            }
            try keyFile.write(keys, at: firstSlot)
            aside?.begin(keyFile.storage, keyFile.file)
            let written = Result { () throws(StorageError) in
                try storage.writeAll(file, buffer, at: offset)
                try storage.sync(file)
            }
            // Both must be on disc before anybody is answered; a failure of either is told only when neither is under way.
            if let aside { try aside.wait() } else { try keyFile.sync() }
            try written.get()
        } catch { throw .storage(error, task: "writing group \(group + 1)") }
    }

    private mutating func switchSegment(needed: Int) throws(JournalError) {
        guard spareReady else { throw .noSpace(path: storage.path, needed: needed) }
        let before = header.name
        header = SegmentHeader(
            storeID: header.storeID, nonce: try options.randomID(), index: header.index + 1,
            firstSequence: sequence + 1, firstGroup: group + 1, fileSize: options.segmentSize,
            created: options.wall(), algorithm: header.algorithm, epoch: epoch, city: header.city,
            lastTime: time,
            root: tree.root(size: sequence) ?? hasher.empty)
        do throws(StorageError) {
            let next = try SegmentFile.activateSpare(storage, header)
            storage.close(file)
            finished = before
            file = next
        } catch { throw .storage(error, task: "beginning segment \(header.name)") }
        spareReady = false
        offset = SegmentHeader.dataStart
    }

    // MARK: HEAD and keys

    /// Notes in HEAD that the last group was acknowledged; syncs HEAD when the last sync is a second ago, or `now`.
    mutating func acknowledged(syncNow: Bool = false) throws(JournalError) {
        do throws(StorageError) {
            try head.note(
                HeadRecord(
                    storeID: header.storeID, counter: 0, group: group, sequence: sequence, time: commitTime,
                    root: durable.checkpoint.checkpoint.root))
            try syncHead(now: syncNow)
        } catch { throw .storage(error, task: "writing HEAD") }
    }

    /// Syncs HEAD if it is due.
    mutating func tick() throws(JournalError) {
        do throws(StorageError) { try syncHead(now: false) } catch {
            throw .storage(error, task: "syncing HEAD")
        }
    }

    private mutating func syncHead(now: Bool) throws(StorageError) {
        let steady = options.steady()
        guard now || steady &- lastHeadSync >= JournalLimits.headSync else { return }
        try head.sync()
        lastHeadSync = steady
    }

    /// Destroys the keys of `subject`, durably. False: there is none. After an erasure a refused command may have brought a second one.
    mutating func destroyKey(_ subject: ID128) throws(JournalError) -> Bool {
        let slots: [UInt64]
        do throws(StorageError) { slots = try keyFile.slots(of: subject, below: nextKeySlot) } catch {
            throw .storage(error, task: "looking for a key")
        }
        do throws(StorageError) {
            for slot in slots { try keyFile.destroy(slot, subject: subject) }
        } catch {
            spent = true
            throw .storage(error, task: "destroying a key")
        }
        return !slots.isEmpty
    }

    /// Syncs HEAD and lets go of files and lock.
    mutating func close() throws(JournalError) {
        defer {
            spent = true
            aside?.stop()
            head.close()
            keyFile.close()
            storage.close(file)
            storage.close(lock)
        }
        if !spent { try acknowledged(syncNow: true) }
    }
}
