package import Crypto
package import Exchange
package import Journal
internal import Schema
internal import Wire

/// Ties the domain to the journal: one command in, one record out, one answer when it is durable.
///
/// Confined to the engine's thread. A turn takes what waits, judges it against the state, applies what follows, and hands
/// the turn's records to the log as one group; every answer of the turn, reads included, goes through `ReplyGate`.
///
///     late ──▶ a Status; nothing recorded
///        │
///     known id?  ──yes──▶ the first answer again (other content: refused)
///        │no
///     blocked, read-only, outside the window ──▶ a Status; nothing recorded
///        │
///     decide ──▶ events or rejection ──▶ seal ──▶ apply ──▶ record ──▶ group
///
/// What was judged, done or refused by a rule, is one record. What was not is not recorded and may be tried again under
/// the same id.
package final class Engine {
    /// What the engine is made of.
    package struct Parts {
        package var state: State
        package var log: any Log
        package var storeID: ID128
        package var algorithm: DigestAlgorithm
        package var clock: EngineClock
        package var entropy: Entropy
        /// Random bytes drawn at a time.
        package var entropyPage = EngineLimits.entropyPage
        /// For the date at which an erasure is complete; of `Limits.keyBackupDaysChoice`.
        package var keyBackupDays = Limits.keyBackupDays
        var eraser: any KeyEraser

        init(
            state: State, log: any Log, storeID: ID128, algorithm: DigestAlgorithm = .sha256,
            clock: EngineClock = .system, entropy: Entropy = .system, eraser: any KeyEraser
        ) {
            self.eraser = eraser
            self.state = state
            self.log = log
            self.storeID = storeID
            self.algorithm = algorithm
            self.clock = clock
            self.entropy = entropy
        }
    }

    /// All that changes lies in one value, and a turn is one access to it: the exclusivity of every smaller one is proven when
    /// compiling, not checked while running.
    private var core: EngineCore

    package init(_ parts: Parts, recovered: RecoveredMemory, admission: Admission, handle: EngineHandle) {
        core = EngineCore(parts, recovered: recovered, admission: admission, handle: handle)
    }

    package var state: State { core.state }
    /// Slices of the clock's work so far.
    var timeSlices: Int { core.timeKeeper.slices }
    var algorithm: DigestAlgorithm { core.algorithm }

    /// Told by the log's thread.
    package func outcomeReceiver() -> @Sendable (LogOutcome) -> Void { core.outcomeReceiver() }

    /// True while there is work that did not wait for a message.
    package var hasMore: Bool { core.hasMore }

    /// One turn: everything given, then a slice of the long jobs and of what watchers wait for.
    package func turn(_ inputs: [EngineInput]) {
        var inputs = inputs
        core.turn(&inputs)
    }

    /// The same; each input is let go once it was taken, so that an answer on its way holds the last reference.
    func turn(emptying inputs: inout [EngineInput]) { core.turn(&inputs) }
}

/// The engine's state and its turns.
struct EngineCore: ~Copyable {
    var state: State
    let log: any Log
    let storeID: ID128
    let algorithm: DigestAlgorithm
    let clock: EngineClock
    var entropy: EntropyPool
    let sealer: Sealer
    let gate: ReplyGate

    var judged: JudgedTable
    var keys: KeyRing
    var journalClock: JournalClock
    /// Of the newest record.
    var journalTime: Int64
    var refusals = RefusalLimiter()
    var notices: NoticeLimiter
    let keyBackupDays: Int64

    /// The turn's work, not yet handed to the log.
    var group = LogGroup(records: [])
    var groupBytes = 0
    var answers: [ReplyGate.Held] = []
    /// A group the log had no room for; nothing new is judged until it has.
    var blocked = false

    var timeKeeper = TimeKeeper()
    /// The clock has more to write, and the log takes it.
    var timeIsDue = false
    /// A demonstration clock on its way.
    var walk: ClockWalk?

    /// Keys to be destroyed once the record of their sequence is durable.
    var erasures: [(sequence: UInt64, subject: ID128)] = []
    let eraser: any KeyEraser

    var watches = WatchTable()
    /// Of no meaning: see `ShardedTable.warm`.
    var warmed = 0
    var jobs: [RunningScan] = []
    let admission: Admission
    let handle: EngineHandle

    init(_ parts: Engine.Parts, recovered: RecoveredMemory, admission: Admission, handle: EngineHandle) {
        state = parts.state
        log = parts.log
        storeID = parts.storeID
        algorithm = parts.algorithm
        clock = parts.clock
        entropy = EntropyPool(parts.entropy, page: parts.entropyPage)
        sealer = Sealer()
        gate = ReplyGate(durable: parts.log.nextSequence - 1)
        eraser = parts.eraser
        notices = NoticeLimiter(now: parts.clock.steady())
        keyBackupDays = parts.keyBackupDays
        judged = recovered.judged
        keys = recovered.keys
        journalTime = parts.log.lastTime
        journalClock = JournalClock(last: parts.log.lastTime)
        // Ended on its way: the journal says where it was going.
        walk = parts.clock.demonstration.flatMap { _ in parts.state.demonstration.map { ClockWalk(to: $0.to) }
        }
        self.admission = admission
        self.handle = handle
        admission.refresh(from: state)
    }

    /// Told by the log's thread.
    func outcomeReceiver() -> @Sendable (LogOutcome) -> Void {
        let (gate, handle) = (gate, handle)
        return { outcome in
            guard case .durable(let position) = outcome else { return }
            gate.release(upTo: position.sequence)
            if handle.isWaitingForLog { handle.post(.durable, urgent: true) }
        }
    }

    /// True while there is work that did not wait for a message.
    var hasMore: Bool { !jobs.isEmpty || timeIsDue || walks || watches.hasBacklog(durable: gate.durable) }

    /// One turn: everything given, then a slice of the long jobs and of what watchers wait for.
    mutating func turn(_ inputs: inout [EngineInput]) {
        let wasBlocked = blocked
        if blocked { handOver() }
        walkOn()
        noteClockJump()
        noteSurplus()
        var started = clock.steady()
        for index in inputs.indices {
            if index % EngineCore.warmedTogether == 0 {
                warm(inputs[index...].prefix(EngineCore.warmedTogether))
            }
            var input = EngineInput.durable
            swap(&input, &inputs[index])
            take(input)
            guard isGroupFull || clock.steady() - started > EngineLimits.turnBudget else { continue }
            handOver()
            stepScans(1)
            started = clock.steady()
        }
        // What a turn's commands have left of its budget; at least one step of each kind, so that none starves.
        let end = max(started, clock.steady()) + EngineLimits.turnBudget
        stepScans(jobs.count, until: end)
        keepTime(until: end, wasBlocked: wasBlocked)
        handOver()
        watches.pump(&state, durable: gate.durable) { clock.steady() > end }
        if !erasures.isEmpty { eraseDurable() }
        handle.isWaitingForLog = blocked || !watches.isEmpty || !erasures.isEmpty
    }

    /// Inputs whose places in the tables are brought near at a time: enough for the processor to wait for several at once, few enough that
    /// they are still near when their turn comes.
    private static let warmedTogether = 16

    /// Of the engine's work for a filing, a fifth was waiting for the four places where its ids belong.
    mutating func warm(_ inputs: ArraySlice<EngineInput>) {
        var seen = 0
        for case .command(let submission) in inputs {
            let subject = ID128(high: submission.target.high, low: submission.target.low)
            seen += judged.warm(submission.id) + keys.warm(subject) + state.warm(submission.target)
        }
        warmed &+= seen
    }

    mutating func take(_ input: EngineInput) {
        switch input {
        case .command(let submission): judge(submission)
        case .query(let query): answer(query)
        case .watch(let start): begin(start)
        case .notice(let call): note(call)
        case .watchReady(let id): watches.ready(id)
        case .watchEnded(let id): watches.end(id)
        case .administration(let note): journal(note)
        case .check(let note): check(note)
        case .durable: break
        }
    }

    var isGroupFull: Bool {
        group.records.count >= EngineLimits.groupCommands || groupBytes >= EngineLimits.groupBytes
    }

    /// Gives the turn's records to the log and its answers to the gate. The sequence the answers wait for is the last
    /// one this state has seen.
    mutating func handOver() {
        do throws(LogError) {
            if !group.records.isEmpty { try log.append(group) }
            blocked = false
        } catch {
            blocked = true  // kept whole; tried again next turn. Nothing of it was answered.
            return
        }
        group = LogGroup(records: [])
        groupBytes = 0
        gate.hold(answers, until: log.nextSequence - 1)
        answers.removeAll(keepingCapacity: true)
    }
}
