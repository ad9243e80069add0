internal import Crypto
package import Exchange
package import Journal
package import Schema
internal import Synchronization
internal import Wire

/// A bureau's store: journal and keys, opened and replayed, ready to serve.
package struct Store {
    package let journal: OpenedJournal
    package let log: GroupCommitLog
    package let state: State
    package let memory: RecoveredMemory

    /// Recovers the journal and replays it.
    package static func open(
        _ storage: any Storage, keys: any Storage, options: JournalOptions
    ) throws(JournalError) -> Store {
        var replay = Replay(algorithm: options.algorithm)
        let journal = try Journal.recover(storage, keys: keys, options, visitor: &replay)
        let log: GroupCommitLog
        do throws(StorageError) { log = try GroupCommitLog(journal) } catch {
            throw .storage(error, task: "starting the log")
        }
        // An erasure that a crash cut off between its record and its key.
        for subject in replay.unfinishedErasures { _ = try log.destroyKey(subject) }
        return Store(journal: journal, log: log, state: replay.state, memory: replay.memory)
    }

    /// The engine over this store. One only.
    package func engine(
        admission: Admission, handle: EngineHandle, clock: EngineClock = .system, entropy: Entropy = .system,
        entropyPage: Int = EngineLimits.entropyPage
    ) -> Engine {
        engine(
            admission: admission, handle: handle, clock: clock, entropy: entropy, entropyPage: entropyPage,
            eraser: DirectKeyEraser(log))
    }

    func engine(
        admission: Admission, handle: EngineHandle, clock: EngineClock = .system, entropy: Entropy = .system,
        entropyPage: Int = EngineLimits.entropyPage, eraser: any KeyEraser
    ) -> Engine {
        var parts = Engine.Parts(
            state: state, log: log, storeID: journal.storeID, algorithm: journal.algorithm, clock: clock,
            entropy: entropy, eraser: eraser)
        parts.entropyPage = entropyPage
        return Engine(parts, recovered: memory, admission: admission, handle: handle)
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
