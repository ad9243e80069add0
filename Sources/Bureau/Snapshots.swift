package import Crypto
internal import Exchange
package import Journal
internal import Schema
internal import Wire

/// Bounds of snapshots, each with its reason.
package enum SnapshotLimits {
    /// Records after the last snapshot with which the next is made: replaying them takes a second or two at the next start.
    package static let records: UInt64 = 100_000
    /// Milliseconds between two looks whether one is due.
    static let lookMilliseconds: Int32 = 5_000
    /// Milliseconds after one could not be made: a full disk is not emptied by trying.
    static let pauseMilliseconds: Int32 = 600_000
    /// Bytes that a snapshot leaves free: room for four segments, which the journal needs more.
    package static let roomLeft = 4 * JournalLimits.segmentSize
}

/// Making and reading snapshots of a bureau's store (Protocol/SNAPSHOT.md).
package enum Snapshots {
    /// Why none was made.
    package struct Failed: Error, CustomStringConvertible {
        package var description: String
    }

    /// What was made.
    package struct Made: Sendable {
        package var name: String
        package var point: SnapshotPoint
        package var stateHash: Digest
    }

    /// Replays aside, from the newest snapshot that can be read, to `sequence`, which was acknowledged; writes the snapshot beside its
    /// name, reads it again and compares, and only then names it. Nil: the newest stands there already. The state lies in memory while this
    /// works, and never twice.
    package static func make(
        _ storage: any Storage, keys: any Storage, upTo sequence: UInt64, entropy: Entropy = .system,
        roomLeft: Int = SnapshotLimits.roomLeft,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> Made? {
        if let newest = try SnapshotFile.names(storage).first, SnapshotFile.sequence(name: newest) == sequence
        {
            return nil
        }
        var (made, written) = try write(storage, keys, sequence, entropy, roomLeft: roomLeft, isCancelled)
        let again = try read(storage, SnapshotFile.unfinished, keys: keys, .aside, isCancelled)
        guard again.point == made.point, try StateHash.of(again.contents.state) == made.stateHash,
            again.contents.stateHash == made.stateHash, try whole(again.contents.state) == written
        else {
            throw Failed(description: "the snapshot does not give the state it was made of; it is not used")
        }
        made.name = SnapshotFile.name(sequence)
        try SnapshotFile.publish(storage, sequence: sequence)
        return made
    }

    private static func write(
        _ storage: any Storage, _ keys: any Storage, _ sequence: UInt64, _ entropy: Entropy, roomLeft: Int,
        _ isCancelled: @escaping @Sendable () -> Bool
    ) throws -> (Made, written: Digest) {
        let (replay, end) = try replay(storage, keys, upTo: sequence, entropy, isCancelled)
        var writer = try SnapshotWriter(storage, end)
        do {
            let hash = try SnapshotContents.write(replay) { piece in
                if isCancelled() { throw Failed(description: "ended while writing") }
                guard try storage.spaceLeft() >= roomLeft else {
                    throw Failed(
                        description: "\(storage.path): a snapshot would leave too little room for the journal"
                    )
                }
                try writer.append(piece)
            }
            try writer.finish()
            return (
                Made(name: SnapshotFile.unfinished, point: end.point, stateHash: hash),
                try whole(replay.state)
            )
        } catch {
            writer.abandon()
            throw error
        }
    }

    /// The state built aside at `sequence`, from the newest snapshot at or before it that can be read.
    static func replay(
        _ storage: any Storage, _ keys: any Storage, upTo sequence: UInt64, _ entropy: Entropy,
        snapshots: Bool = true, _ isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> (Replay, JournalStart) {
        for name in snapshots ? try SnapshotFile.names(storage) : [] {
            guard let at = SnapshotFile.sequence(name: name), at <= sequence,
                var (replay, start) = try? resume(storage, name, keys: keys, aside: entropy, isCancelled),
                try readOn(storage, keys, &start, sequence, &replay)
            else { continue }
            return (replay, start)
        }
        var replay = Replay(
            algorithm: try Journal.algorithm(of: storage), aside: entropy, isCancelled: isCancelled)
        let end = try Journal.readOn(storage, keys: keys, from: nil, upTo: sequence, visitor: &replay)
        return (replay, end)
    }

    /// False: the snapshot is of another history.
    private static func readOn(
        _ storage: any Storage, _ keys: any Storage, _ start: inout JournalStart, _ sequence: UInt64,
        _ replay: inout Replay
    ) throws(JournalError) -> Bool {
        do throws(JournalError) {
            start = try Journal.readOn(storage, keys: keys, from: start, upTo: sequence, visitor: &replay)
            return true
        } catch {
            if case .snapshotForeign = error { return false }
            throw error
        }
    }

    /// The state hash at `sequence`, by replay from the beginning and without opening anything: what a backup is proven by.
    package static func stateHash(
        _ storage: any Storage, keys: any Storage, upTo sequence: UInt64
    ) throws -> (hash: Digest, end: JournalStart) {
        var replay = Replay(algorithm: try Journal.algorithm(of: storage), aside: .system)
        let end = try Journal.readOn(storage, keys: keys, from: nil, upTo: sequence, visitor: &replay)
        return (try StateHash.of(replay.state), end)
    }

    /// The digest of everything a snapshot says of a state built aside: more than the state hash covers, who sees what included.
    static func whole(_ state: State) throws -> Digest {
        let digest = try IncrementalDigest()
        var out = CompactWriter { digest.update($0) }
        try state.write(to: &out)
        try out.flush()
        return digest.finish()
    }

    // MARK: checking

    /// What is wrong with the snapshots of a store, each compared with a full replay to its sequence; and how many there are.
    package static func verify(_ storage: any Storage, keys: any Storage) throws -> (
        count: Int, faults: [String]
    ) {
        let names = try SnapshotFile.names(storage)
        guard !names.isEmpty else { return (0, []) }
        var replay = Replay(algorithm: try Journal.algorithm(of: storage), aside: .system)
        var start: JournalStart?
        var faults: [String] = []
        for name in names.reversed() {
            guard let sequence = SnapshotFile.sequence(name: name) else { continue }
            do {
                let here = try Journal.readOn(
                    storage, keys: keys, from: start, upTo: sequence, visitor: &replay)
                start = here
                let found = try read(storage, name, keys: keys, .aside)
                guard found.point == here.point, found.start.keys == here.keys,
                    try whole(found.contents.state) == whole(replay.state),
                    found.contents.judged.agrees(with: replay.memory.judged, found.keys)
                else { throw Failed(description: "it does not hold what the journal gives") }
            } catch {
                faults.append(
                    "\(storage.path)/\(name): \(error). The journal is not touched by it: remove the snapshot; the next start replays."
                )
            }
        }
        return (names.count, faults)
    }

    // MARK: reading

    /// The replay that a snapshot stands for, ready to go on, and where. `aside` nil: to serve, with everything opened. What was read is held
    /// by the replay alone, so that the state is not copied with its first change.
    static func resume(
        _ storage: any Storage, _ name: String, keys: any Storage, aside: Entropy?,
        _ isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> (Replay, JournalStart) {
        let found = try read(
            storage, name, keys: keys, aside == nil ? .serving : .aside, isCancelled)
        let replay = Replay(
            algorithm: found.point.algorithm, aside: aside, state: found.contents.state,
            memory: RecoveredMemory(judged: found.contents.judged, keys: found.keys),
            unfinishedErasures: found.unfinishedErasures, destroyed: found.destroyed,
            isCancelled: isCancelled)
        return (replay, found.start)
    }

    enum Purpose { case aside, serving }

    struct Found {
        var point: SnapshotPoint
        var start: JournalStart
        var contents: SnapshotContents
        var keys: KeyRing
        /// Subjects that the state says are erased and whose key is there: a crash came between record and key.
        var unfinishedErasures: [ID128]
        /// Subjects one of whose keys was destroyed.
        var destroyed: Set<ID128>
    }

    /// Throws when anything in the file, or a key it needs, is not as it should be.
    static func read(
        _ storage: any Storage, _ name: String, keys: any Storage, _ purpose: Purpose,
        _ isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> Found {
        var reader = try SnapshotReader(storage, name)
        defer { reader.close() }
        let start = try reader.start()
        var ring = KeyRing()
        var destroyed = Set<ID128>()
        try Journal.keys(keys, of: start) { entry in
            if entry.isDestroyed {
                destroyed.insert(entry.subject)
                return ring.remove(entry.subject)
            }
            ring.insert(try SealKey(bytes: entry.key), for: entry.subject)
        }
        let contents = try SnapshotContents(
            {
                if isCancelled() { throw Failed(description: "reading was ended") }
                return try reader.piece()
            }, keys: purpose == .serving ? ring : nil)
        let unfinished = contents.state.erased.map { ID128(high: $0.high, low: $0.low) }
            .filter { !destroyed.contains($0) && ring[$0] != nil }
        for subject in unfinished { ring.remove(subject) }
        return Found(
            point: reader.point, start: start, contents: contents, keys: ring,
            unfinishedErasures: unfinished, destroyed: destroyed)
    }
}
