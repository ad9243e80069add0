internal import Crypto
package import Exchange
package import Journal
package import Schema
internal import Synchronization
internal import Wire

/// A bureau's store: journal and keys, opened and replayed, ready to serve.
package struct Store {
    package private(set) var journal: OpenedJournal
    package let log: GroupCommitLog
    package let state: State
    package let memory: RecoveredMemory
    /// Where the keys lie.
    package let keys: any Storage
    /// Sequence of the snapshot it began from; nil: everything was replayed.
    package let snapshot: UInt64?

    /// Recovers the journal and replays it, from the newest snapshot that can be read on. One that cannot is passed over with a notice; without
    /// any, everything is replayed. `snapshots` false: everything is replayed in any case.
    package static func open(
        _ storage: any Storage, keys: any Storage, options: JournalOptions, snapshots: Bool = true
    ) throws(JournalError) -> Store {
        var notices: [String] = []
        for name in snapshots ? try SnapshotFile.names(storage) : [] {
            do throws(SnapshotPassedOver) {
                var store = try open(storage, keys, options, from: name)
                store.journal.notices = notices + store.journal.notices
                return store
            } catch {
                if let fatal = error.fatal { throw fatal }
                notices.append("\(storage.path)/\(name) is passed over: \(error.reason)")
            }
        }
        var replay = Replay(algorithm: options.algorithm)
        var journal = try Journal.recover(storage, keys: keys, options, visitor: &replay)
        journal.notices = notices + journal.notices
        return try Store(journal, replay, keys, snapshot: nil)
    }

    /// A snapshot that is not used; `fatal`: the journal cannot be opened, with or without it.
    private struct SnapshotPassedOver: Error {
        var reason = ""
        var fatal: JournalError?
    }

    private static func open(
        _ storage: any Storage, _ keys: any Storage, _ options: JournalOptions, from name: String
    ) throws(SnapshotPassedOver) -> Store {
        var (replay, start): (Replay, JournalStart)
        do { (replay, start) = try Snapshots.resume(storage, name, keys: keys, aside: nil) } catch {
            throw SnapshotPassedOver(reason: "\(error)")
        }
        do throws(JournalError) {
            let journal = try Journal.recover(
                storage, keys: keys, options, from: start, visitor: &replay)
            return try Store(journal, replay, keys, snapshot: start.point.sequence)
        } catch {
            switch error {
            case .snapshotForeign(let why): throw SnapshotPassedOver(reason: why)
            // What follows does not fit what the snapshot says; nothing on disc was changed yet.
            case .refusedByApplication: throw SnapshotPassedOver(reason: "\(error)")
            default: throw SnapshotPassedOver(fatal: error)
            }
        }
    }

    /// The engine over this store. One only.
    package func engine(
        admission: Admission, handle: EngineHandle, clock: EngineClock = .system, entropy: Entropy = .system,
        entropyPage: Int = EngineLimits.entropyPage, keyBackupDays: Int64 = Limits.keyBackupDays
    ) -> Engine {
        engine(
            admission: admission, handle: handle, clock: clock, entropy: entropy, entropyPage: entropyPage,
            keyBackupDays: keyBackupDays, eraser: DirectKeyEraser(log))
    }

    func engine(
        admission: Admission, handle: EngineHandle, clock: EngineClock = .system, entropy: Entropy = .system,
        entropyPage: Int = EngineLimits.entropyPage, keyBackupDays: Int64 = Limits.keyBackupDays,
        eraser: any KeyEraser
    ) -> Engine {
        var parts = Engine.Parts(
            state: state, log: log, storeID: journal.storeID, algorithm: journal.algorithm, clock: clock,
            entropy: entropy, eraser: eraser)
        parts.entropyPage = entropyPage
        parts.keyBackupDays = keyBackupDays
        return Engine(parts, recovered: memory, admission: admission, handle: handle)
    }
}

extension Store {
    fileprivate init(
        _ journal: OpenedJournal, _ replay: Replay, _ keys: any Storage, snapshot: UInt64?
    ) throws(JournalError) {
        let log: GroupCommitLog
        do throws(StorageError) { log = try GroupCommitLog(journal) } catch {
            throw .storage(error, task: "starting the log")
        }
        // An erasure that a crash cut off between its record and its key.
        for subject in replay.unfinishedErasures { _ = try log.destroyKey(subject) }
        self.init(
            journal: journal, log: log, state: replay.state, memory: replay.memory, keys: keys,
            snapshot: snapshot)
    }
}

/// Loads a new store with its seeds: the same commands, judged by the same engine, with the operator as their actor.
package enum SeedLoader {
    /// A seed that was refused, with its position: the seeds are wrong, the store is not to be used.
    package struct Refused: Error, CustomStringConvertible {
        package var command: String
        package var position: Int
        package var outcome: Outcome

        package var description: String {
            let arguments = outcome.arguments.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
            return "seed \(position) (\(command)): refused, \(outcome.refusal) \(arguments)"
        }
    }

    /// A seed whose record is larger than the journal takes.
    package struct TooLarge: Error, CustomStringConvertible {
        package var command: String
        package var position: Int

        package var description: String {
            "seed \(position) (\(command)): its record is larger than the journal takes "
                + "(\(JournalLimits.body) bytes, in which the seed stands twice)"
        }
    }

    /// Judges every command in a store just formatted and makes all durable. Returns their number.
    package static func fill(
        _ storage: any Storage, keys: any Storage, options: JournalOptions, commands: [SeedCommand],
        clock: EngineClock = .system, entropy: Entropy = .system
    ) throws -> Int {
        let store = try Store.open(storage, keys: keys, options: options)
        let (log, city) = (store.log, store.journal.city)
        let engine = store.engine(
            admission: Admission(), handle: EngineHandle(), clock: clock, entropy: entropy)
        let failure = Mutex<JournalError?>(nil)
        log.startManually(
            onOutcome: engine.outcomeReceiver(), onFatal: { error in failure.withLock { $0 = error } })
        for (position, command) in commands.enumerated() {
            try load(command, city, position, engine, clock, entropy) {
                let wrote = log.step()
                if let error = failure.withLock({ $0 }) { throw error }
                return wrote
            }
        }
        log.close()
        return commands.count
    }

    private static func load(
        _ seed: SeedCommand, _ city: String, _ position: Int, _ engine: Engine, _ clock: EngineClock,
        _ entropy: Entropy, step: () throws -> Bool
    ) throws {
        let reply = SeedReply()
        let submission = try submission(
            seed, city, position, reply, clock, entropy, engine.algorithm)
        engine.turn([.command(submission)])
        while reply.result == nil {
            // Not answered and nothing to write: the log did not take the record, and will not.
            guard try step() else { throw TooLarge(command: submission.kind.name, position: position) }
        }
        guard let outcome = try reply.result?.get(), outcome.refusal != .unspecified else { return }
        throw Refused(command: submission.kind.name, position: position, outcome: outcome)
    }

    private static func submission(
        _ seed: SeedCommand, _ city: String, _ position: Int, _ reply: SeedReply, _ clock: EngineClock,
        _ entropy: Entropy, _ algorithm: DigestAlgorithm
    ) throws -> Submission {
        guard let kind = CommandKind(seed.command), let random = ID128(try entropy.bytes(16)) else {
            throw Status(.invalidArgument, "seed \(position) holds no command")
        }
        let id = CommandID.make(milliseconds: clock.wall() / 1_000_000, random: random)
        let envelope = Envelope(
            id: id.bytes, city: city, issuedAt: clock.wall(), target: seed.target.bytes, command: seed.command
        )
        let operatorOfCity = ActorIdentity(city: city, party: "", officer: "", serial: [])
        return Submission(
            id: id, envelope: envelope, command: seed.command, kind: kind, target: seed.target,
            origin: SaltedOrigin(
                EventV1.Origin(envelope: envelope.encoded()),
                salt: try entropy.bytes(EngineLimits.saltBytes), algorithm: algorithm),
            Submission.Way(actor: operatorOfCity, path: .seed, deadline: nil, reply: reply))
    }
}

/// Catches the answer to a seed.
private final class SeedReply: CallReply {
    private let answered = Mutex<Result<Outcome, Status>?>(nil)

    var result: Result<Outcome, Status>? { answered.withLock { $0 } }

    func send(_ message: [UInt8]) {}
    var isReady: Bool { true }

    func finish(_ status: Status, payload: [UInt8]) {
        let result: Result<Outcome, Status>
        if status.isOK, let answer = try? CommandAnswer(decoding: payload) {
            result = .success(answer.outcome ?? Outcome())
        } else {
            result = .failure(status)
        }
        answered.withLock { $0 = result }
    }
}
