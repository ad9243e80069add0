import CLinux
package import Crypto
import Synchronization

/// The embedded log: an opened journal behind the `Log` seam, with group commit.
///
/// Threaded (`start`): a journal thread takes everything that is pending as one group, writes and syncs it, tells
/// `onOutcome`, and takes what came meanwhile; a spare segment is made aside by a thread of its own.
/// Manual (`startManually`, then `step`): the same work on the caller's thread, for deterministic simulation.
package final class GroupCommitLog: Log {
    private enum Mode { case idle, threaded, manual }

    /// What the engine's thread and the journal's thread share.
    private struct Shared {
        var queue: [LogGroup] = []
        /// Written groups on their way back: what the engine's thread allocated, it frees, with its next `append`. Freed by the
        /// journal's thread, both would wait for one allocator lock.
        var spent: [LogGroup] = []
        /// Bytes accepted and not yet durable, at their highest cost.
        var pendingBytes = 0
        var pendingKeySlots = 0
        var nextSequence: UInt64
        var lastTime: Int64
        var state: LogState = .open
        /// `onFatal` has returned.
        var toldFatal = false
        var durable: DurablePosition
        // Room, as the journal's thread last told it.
        var remaining: Int
        var keySlotsLeft: Int
        var spareReady: Bool
        var figures = LogFigures()
        var mode: Mode = .idle
        var closing = false
        /// The journal's thread waits for the bell.
        var asleep = false
        /// Closed, or failed and told so: whoever closes hears of a failure before `close` returns.
        var isOver: Bool { state == .closed || state == .failed && toldFatal }
    }

    /// What drives the writer: the journal's thread, or the caller in manual mode.
    private struct Driver {
        var onOutcome: @Sendable (LogOutcome) -> Void = { _ in }
        var onFatal: @Sendable (JournalError) -> Void = { _ in }
        /// Steady time of the last group.
        var lastGroup: Int64
        /// Steady time of the last attempt at a spare that found the disk full.
        var spareRefused: Int64?
        var makingSpare = false
    }

    private let shared: Mutex<Shared>
    private let writer: Mutex<JournalWriter>
    private let driver: Mutex<Driver>
    private let tree: LeafTree
    private let bell: Bell
    private let keySync: AsideSync
    private let finished: Bell
    private let storage: any Storage
    private let options: JournalOptions
    private let largestGroup: Int
    /// Keys in one group: no more than the key file is sure to have room for once the log is idle.
    private let mostKeys: Int
    private let pendingLimit: Int

    package init(_ journal: OpenedJournal) throws(StorageError) {
        let writer = journal.writer
        storage = journal.storage
        options = journal.options
        tree = writer.tree
        largestGroup = JournalWriter.largestGroup(segmentSize: options.segmentSize)
        mostKeys = min(JournalLimits.groupKeys, options.keyChunk / KeySlot.size - KeySlot.perSector)
        pendingLimit = min(JournalLimits.pendingBytes, (options.segmentSize - SegmentHeader.dataStart) / 4)
        var shared = Shared(
            nextSequence: writer.sequence + 1, lastTime: writer.time, durable: writer.durable,
            remaining: writer.remaining, keySlotsLeft: writer.keySlotsLeft, spareReady: writer.spareReady)
        if !writer.spareReady { shared.state = .readOnly(.diskFull(path: storage.path)) }
        self.shared = Mutex(shared)
        self.writer = Mutex(writer)
        driver = Mutex(Driver(lastGroup: options.steady()))
        bell = try Bell()
        keySync = try AsideSync()
        finished = try Bell()
    }

    // MARK: the engine's side

    package var nextSequence: UInt64 { shared.withLock { $0.nextSequence } }
    package var lastTime: Int64 { shared.withLock { $0.lastTime } }
    package var state: LogState { shared.withLock { $0.state } }
    package var durable: DurablePosition { shared.withLock { $0.durable } }
    /// What was counted since the start, and how things stand.
    package var figures: LogFigures {
        shared.withLock { shared in
            var figures = shared.figures
            figures.pendingBytes = shared.pendingBytes
            figures.pendingGroups = shared.queue.count
            figures.isWritable = shared.state == .open
            return figures
        }
    }

    package func leafHash(sequence: UInt64) -> Digest? { sequence == 0 ? nil : tree.leaf(sequence - 1) }

    package func inclusionProof(sequence: UInt64, treeSize: UInt64) -> [Digest]? {
        sequence == 0 ? nil : tree.inclusion(index: sequence - 1, size: treeSize)
    }

    package func inclusionBytes(sequence: UInt64, treeSize: UInt64) -> [UInt8]? {
        sequence == 0 ? nil : tree.inclusionBytes(index: sequence - 1, size: treeSize)
    }

    package func root(treeSize: UInt64) -> Digest? { tree.root(size: treeSize) }

    package func consistencyProof(from: UInt64, to: UInt64) -> [Digest]? {
        tree.consistency(from: from, to: to)
    }

    @discardableResult
    package func append(_ group: LogGroup) throws(LogError) -> UInt64 {
        let cost = try check(group)
        let slots = group.keys.isEmpty ? 0 : group.keys.count + KeySlot.perSector
        var spent: [LogGroup] = []
        let (first, wake) = try shared.withLock { (shared) throws(LogError) in
            swap(&spent, &shared.spent)
            try GroupCommitLog.admit(shared, cost: cost, slots: slots, pendingLimit: pendingLimit)
            try GroupCommitLog.checkTimes(group, after: shared.lastTime)
            let first = shared.nextSequence
            shared.nextSequence += UInt64(group.records.count)
            shared.lastTime = group.records.last?.time ?? shared.lastTime
            shared.queue.append(group)
            shared.pendingBytes += cost
            shared.pendingKeySlots += slots
            defer { shared.asleep = false }
            return (first, shared.asleep)
        }
        if wake { bell.ring() }
        return first
    }

    /// Everything about a group that needs no lock. Returns its cost in a segment.
    private func check(_ group: LogGroup) throws(LogError) -> Int {
        guard group.records.count <= JournalLimits.groupRecords, group.keys.count <= mostKeys else {
            throw .groupTooLarge
        }
        for record in group.records {
            guard record.body.count <= JournalLimits.body else {
                throw .recordTooLarge(bytes: record.body.count)
            }
            guard record.type != .commit else { throw .malformed("COMMIT records are the log's own") }
        }
        for key in group.keys where key.key.count != 32 || key.isDestroyed {
            throw .malformed("a key must be 32 bytes and live")
        }
        let cost = JournalWriter.cost(group)
        guard cost <= largestGroup else { throw .groupTooLarge }
        return cost
    }

    private static func checkTimes(_ group: LogGroup, after last: Int64) throws(LogError) {
        var last = last
        for record in group.records {
            guard record.time > last else { throw .malformed("record times must grow") }
            last = record.time
        }
    }

    /// Takes only what is sure to have room: in the spare, or else in what is left of the active segment.
    private static func admit(_ shared: Shared, cost: Int, slots: Int, pendingLimit: Int) throws(LogError) {
        switch shared.state {
        case .open: break
        case .readOnly(let reason): throw .readOnly(reason)
        case .failed, .closed: throw .closed
        }
        if shared.closing { throw .closed }
        let room =
            shared.spareReady ? pendingLimit : min(pendingLimit, shared.remaining - JournalLimits.commit)
        guard shared.pendingBytes + cost <= room, shared.pendingKeySlots + slots <= shared.keySlotsLeft else {
            throw .overloaded
        }
    }

    /// Destroys a subject's key, durably, on the caller's thread. False: there is none. Appended groups that bring it must be durable before.
    package func destroyKey(_ subject: ID128) throws(JournalError) -> Bool {
        try writer.withLock { (writer) throws(JournalError) in try writer.destroyKey(subject) }
    }

    // MARK: driving

    package func start(
        onOutcome: @escaping @Sendable (LogOutcome) -> Void,
        onFatal: @escaping @Sendable (JournalError) -> Void
    ) {
        begin(.threaded, onOutcome, onFatal)
        if keySync.start() { writer.withLock { $0.use(keySync) } }
        if !JournalThread.start({ self.run() }) {
            fail(.misuse("no thread for the journal could be started"))
        }
    }

    /// Deterministic mode: nothing happens but in `step` and `close`, on the caller's thread.
    package func startManually(
        onOutcome: @escaping @Sendable (LogOutcome) -> Void,
        onFatal: @escaping @Sendable (JournalError) -> Void
    ) {
        begin(.manual, onOutcome, onFatal)
    }

    private func begin(
        _ mode: Mode, _ onOutcome: @escaping @Sendable (LogOutcome) -> Void,
        _ onFatal: @escaping @Sendable (JournalError) -> Void
    ) {
        driver.withLock {
            $0.onOutcome = onOutcome
            $0.onFatal = onFatal
        }
        shared.withLock { $0.mode = mode }
    }

    /// Manual mode: one commit group if anything is pending, an idle COMMIT if one is due, the spare if it is missing. True: a
    /// group was written.
    @discardableResult
    package func step() -> Bool {
        guard state != .failed, state != .closed else { return false }
        let wrote = turn()
        if state != .failed { prepare(aside: false) }
        return wrote
    }

    /// Must not be called from `onOutcome` or `onFatal`.
    package func close() {
        let mode = shared.withLock { shared -> Mode in
            if shared.isOver { return .idle }
            if shared.state == .failed { return shared.mode == .threaded ? .threaded : .idle }
            shared.closing = true
            return shared.mode
        }
        switch mode {
        case .idle: break
        case .manual: finish()
        case .threaded:
            bell.ring()
            while !shared.withLock({ $0.isOver }) { finished.wait(milliseconds: 50) }
        }
    }

    /// The journal thread.
    private func run() {
        /// How often an idle thread looks whether an idle COMMIT, a HEAD sync or a spare is due.
        let idleMilliseconds: Int32 = 250
        while state != .failed {
            let wrote = turn()
            if state == .failed { break }
            prepare(aside: true)
            if wrote { continue }
            let (sleep, closing) = shared.withLock { shared in
                shared.asleep = shared.queue.isEmpty && !shared.closing
                return (shared.asleep, shared.closing && shared.queue.isEmpty)
            }
            if closing { return finish() }
            if sleep { bell.wait(milliseconds: idleMilliseconds) }
        }
        finished.ring()
    }

    /// Writes what is left and lets go of the directory.
    private func finish() {
        while state != .failed, turn(onlyPending: true) {}
        guard state != .failed else { return }
        do throws(JournalError) {
            try writer.withLock { (writer) throws(JournalError) in try writer.close() }
            shared.withLock { $0.state = .closed }
        } catch { fail(error) }
        finished.ring()
    }

    /// One commit group, if anything is pending or an idle COMMIT is due.
    private func turn(onlyPending: Bool = false) -> Bool {
        var batch = take()
        do throws(JournalError) {
            if !batch.isEmpty {
                try commit(batch)
                giveBack(&batch)
                return true
            }
            return onlyPending ? false : try idle()
        } catch {
            fail(error)
            return false
        }
    }

    private func giveBack(_ batch: inout [LogGroup]) {
        shared.withLock { $0.spent += batch }
        batch = []
    }

    /// Everything pending that one group may hold.
    private func take() -> [LogGroup] {
        shared.withLock { shared in
            var (count, bytes, records, keys) = (0, 0, 0, 0)
            for group in shared.queue {
                bytes += JournalWriter.cost(group)
                records += group.records.count
                keys += group.keys.count
                let fits =
                    bytes <= largestGroup && records <= JournalLimits.groupRecords
                    && keys <= JournalLimits.groupKeys
                if count > 0 && !fits { break }
                count += 1
            }
            let batch = Array(shared.queue.prefix(count))
            shared.queue.removeFirst(count)
            return batch
        }
    }

    private func commit(_ batch: [LogGroup]) throws(JournalError) {
        let position = try writer.withLock { (writer) throws(JournalError) in
            let position = try writer.commit(batch)
            settle(writer, batch, position)
            return position
        }
        let tell = driver.withLock { driver in
            driver.lastGroup = options.steady()
            return driver.onOutcome
        }
        if !batch.isEmpty { tell(.durable(position)) }
        try writer.withLock { (writer) throws(JournalError) in try writer.acknowledged() }
    }

    /// Tells the engine's side what room there is now.
    private func settle(_ writer: JournalWriter, _ batch: [LogGroup], _ position: DurablePosition) {
        shared.withLock { shared in
            for group in batch {
                shared.pendingBytes -= JournalWriter.cost(group)
                if !group.keys.isEmpty { shared.pendingKeySlots -= group.keys.count + KeySlot.perSector }
            }
            shared.remaining = writer.remaining
            shared.keySlotsLeft = writer.keySlotsLeft
            shared.spareReady = writer.spareReady
            shared.figures.count(batch, synced: writer.lastSync)
            shared.durable = position
        }
    }

    /// After a second of quiet an empty COMMIT, so that real data is almost never the last thing in the journal: damage to it is
    /// then told from a tear.
    private func idle() throws(JournalError) -> Bool {
        let quiet = options.steady() &- driver.withLock { $0.lastGroup }
        let due = writer.withLock { writer in
            writer.endsWithLeaves && quiet >= JournalLimits.idleCommit
                && (writer.remaining >= JournalLimits.commit || writer.spareReady)
        }
        if due {
            try commit([])
        } else {
            try writer.withLock { (writer) throws(JournalError) in try writer.tick() }
        }
        return due
    }

    private func fail(_ error: JournalError) {
        let first = shared.withLock { shared in
            defer { shared.state = .failed }
            return shared.state != .failed
        }
        keySync.stop()
        if first {
            driver.withLock { $0.onFatal }(error)
            shared.withLock { $0.toldFatal = true }
        }
        finished.ring()
    }

    // MARK: room ahead of need

    /// Room for keys, and a spare segment. A full disk makes the log read-only, by name, while there is still room for what
    /// was accepted; after a while it is tried again.
    private func prepare(aside: Bool) {
        do throws(StorageError) {
            guard preparingIsDue() else { return }
            try growKeys()
            if shared.withLock({ $0.spareReady || $0.closing }) { return reopen() }
            if !aside { return try makeSpare() }
            driver.withLock { $0.makingSpare = true }
            let started = JournalThread.start {
                // Put aside by whoever wakes, but no more than that: a journal without a spare takes nothing.
                _ = clinux_slices(JournalLimits.giveWay)
                do throws(StorageError) { try self.makeSpare() } catch { self.refused(error) }
                self.driver.withLock { $0.makingSpare = false }
                self.bell.ring()
            }
            if !started { driver.withLock { $0.makingSpare = false } }
        } catch { refused(error) }
    }

    private func preparingIsDue() -> Bool {
        let now = options.steady()
        return driver.withLock { driver in
            guard !driver.makingSpare else { return false }
            return driver.spareRefused.map { now &- $0 >= JournalLimits.spareRetry } ?? true
        }
    }

    private func growKeys() throws(StorageError) {
        try writer.withLock { (writer) throws(StorageError) in
            try writer.growKeys()
            shared.withLock { $0.keySlotsLeft = writer.keySlotsLeft }
        }
    }

    private func makeSpare() throws(StorageError) {
        if let finished = writer.withLock({ $0.takeFinished() }) {
            // What cannot be opened now is told by whoever needs it.
            try? SegmentFile.letGo(storage, finished)
        }
        try SegmentFile.makeSpare(storage, size: options.segmentSize)
        writer.withLock { writer in
            writer.noteSpare()
            shared.withLock { $0.spareReady = true }
        }
        reopen()
    }

    private func reopen() {
        driver.withLock { $0.spareRefused = nil }
        shared.withLock { shared in if case .readOnly = shared.state { shared.state = .open } }
    }

    private func refused(_ error: StorageError) {
        guard error.isNoSpace else { return fail(.storage(error, task: "making room ahead of need")) }
        driver.withLock { $0.spareRefused = options.steady() }
        shared.withLock { shared in
            if shared.state == .open { shared.state = .readOnly(.diskFull(path: error.name)) }
        }
    }
}
