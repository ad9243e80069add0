import Crypto
import Schema
import Synchronization
import Wire

/// The server's history as this client was shown it: the highest checkpoint that was checked, quoted in HELLO, and the proof that each
/// later one goes on from it. A history that is shorter or another raises the alarm. RECEIPT.md 7.
///
///     HELLO, answer ──▶ verified? ──▶ compare with the highest ──▶ pending ──GetConsistency──▶ proven
///                                          │                           │
///                                          └──────▶ declared restore? ◀─┘ ──▶ told, once confirmed also taken over
///                                                        └──▶ alarm
///
/// A larger checkpoint counts as the highest, and is quoted, as soon as its signature is checked; the proof follows on its own, one at a
/// time, so that no call waits for it.
final class HistoryKeeper: Sendable {
    typealias Ask = @Sendable (ConsistencyQuery) async throws(ClientError) -> ConsistencyProof
    typealias AskRestorations = @Sendable (RestorationsQuery) async throws(ClientError) -> RestorationsPage

    private struct State {
        var seen: SeenHistory
        var proving = false
        /// By SHA-256, from HELLO: answers leave them out.
        var certificates: [[UInt8]: [UInt8]] = [:]
        /// What was told on the present connection; not asked or told about again on it.
        var told: Set<HistoryAlarm> = []
        var disputed: Set<UInt64> = []
        var ask: Ask?
        var askRestorations: AskRestorations?
        /// Contradictions for which a declared restore is being looked for.
        var explaining = 0
        /// Told on the present connection.
        var restored: Set<HistoryRestoration> = []
    }

    /// Certificates remembered: a journal has one signer at a time, two around its renewal.
    private static let mostCertificates = 16

    private let state: Mutex<State>
    private let file: HistoryFile
    private let verifier: ReceiptVerifier?
    private let onEvent: (@Sendable (ClientEvent) -> Void)?

    /// - Throws: when there is a file that cannot be read: what was known before is not forgotten silently.
    init(
        path: String?, verifier: ReceiptVerifier?, onEvent: (@Sendable (ClientEvent) -> Void)?
    ) throws(ClientError) {
        file = HistoryFile(path: path)
        state = Mutex(State(seen: try file.read()))
        self.verifier = verifier
        self.onEvent = onEvent
    }

    /// Remembered as long as it lives.
    init(verifier: ReceiptVerifier?, onEvent: (@Sendable (ClientEvent) -> Void)?) {
        file = HistoryFile(path: nil)
        state = Mutex(State(seen: SeenHistory()))
        self.verifier = verifier
        self.onEvent = onEvent
    }

    /// How consistency proofs are asked for.
    func asking(_ ask: @escaping Ask) { state.withLock { $0.ask = ask } }

    /// How declared restores are asked for; without it every contradiction is an alarm.
    func askingRestorations(_ ask: @escaping AskRestorations) { state.withLock { $0.askRestorations = ask } }

    /// There is no line to ask anybody on: what is shown stays to be proven, and what contradicts it is an alarm at once.
    func askingNobody() {
        state.withLock { state in
            state.ask = nil
            state.askRestorations = nil
        }
    }

    /// For HELLO: the highest checkpoint seen, with its certificates; empty: none, or more than HELLO has room for.
    var quoted: [UInt8] {
        let bytes = state.withLock { $0.seen.highest?.statement.encoded() ?? [] }
        return bytes.count <= Hello.maxCheckpointBytes ? bytes : []
    }

    /// The checkpoint proven last, for who asks.
    var highest: ReceiptCheckpoint? { state.withLock { $0.seen.highest?.checkpoint } }

    func certificate(_ fingerprint: [UInt8]) -> [UInt8]? { state.withLock { $0.certificates[fingerprint] } }

    /// Proofs are under way.
    var isBusy: Bool { state.withLock { $0.proving || $0.explaining > 0 } }

    /// A new connection, and what its server's HELLO says of the journal.
    func greeted(_ bytes: [UInt8]) {
        state.withLock { state in
            state.told = []
            state.disputed = []
            state.restored = []
        }
        guard !bytes.isEmpty, let statement = try? CheckpointStatement(decoding: bytes) else { return }
        learn(statement)
        guard let verifier, let checkpoint = try? verifier.verify(statement) else { return }
        saw(statement, checkpoint, inHello: true)
    }

    private func learn(_ statement: CheckpointStatement) {
        state.withLock { state in
            for signature in statement.signatures where state.certificates.count < Self.mostCertificates {
                let certificate = signature.certificate
                if !certificate.isEmpty { state.certificates[Digest(of: certificate).bytes] = certificate }
            }
        }
    }

    /// A checkpoint whose signature was checked. Answers overtake each other, so a smaller one in an answer is no shorter history
    /// before it was asked about; HELLO shows the newest there is.
    func saw(_ statement: CheckpointStatement, _ checkpoint: ReceiptCheckpoint, inHello: Bool) {
        let shown = SeenCheckpoint(statement: statement, checkpoint: checkpoint)
        if state.withLock({ $0.disputed.contains(checkpoint.treeSize) }) { return }
        if let held = state.withLock({ $0.seen.highest }) {
            if let kind = held.contradiction(by: shown, isNewest: inHello) {
                return contradicted(kind, held: held, shown: shown)
            }
        }
        remember { $0.saw(shown) }
        startProving()
    }

    private func remember(_ change: (inout SeenHistory) -> Void) {
        let stored: SeenHistory?
        do throws(ClientError) { stored = try file.update(change) } catch {
            onEvent?(.historyNotKept(error))
            stored = nil
        }
        state.withLock { state in
            if let stored { state.seen = stored } else { change(&state.seen) }
        }
    }

    // MARK: Declared restores

    /// The server shows another history than the one held. If a restore has declared it, that is told; else the alarm is.
    private func contradicted(_ kind: HistoryAlarm.Kind, held: SeenCheckpoint, shown: SeenCheckpoint?) {
        let ask = state.withLock { state -> AskRestorations? in
            guard kind != .otherStore, verifier != nil, let ask = state.askRestorations else { return nil }
            // Not looked at again on this connection, and not proven with.
            if let shown { state.disputed.insert(shown.checkpoint.treeSize) }
            state.explaining += 1
            return ask
        }
        guard let ask else { return alarm(kind, held: held, shown: shown) }
        Task {
            await explain(kind, held, shown, ask)
            state.withLock { $0.explaining -= 1 }
        }
    }

    private func explain(
        _ kind: HistoryAlarm.Kind, _ held: SeenCheckpoint, _ shown: SeenCheckpoint?, _ ask: AskRestorations
    ) async {
        guard let (found, proof, page) = await declared(held, ask) else {
            return alarm(kind, held: held, shown: shown)
        }
        // Everything else that was seen beyond the cut must be of the same history: a second one is no declared cut.
        for other in state.withLock({ $0.seen.behind(found.keptRecords) })
        where other != held && other != shown {
            guard let (same, _, _) = await declared(other, ask), same.restoredAt == found.restoredAt else {
                return alarm(.different, held: other, shown: shown)
            }
        }
        // What stands against the history held is not proven with it, and taken over with the whole or not at all.
        if let shown { remember { $0.drop(shown) } }
        if found.isConfirmed, let statement = page.checkpoint, let taken = SeenCheckpoint(statement) {
            let seen = SeenRestoration(held: held.statement, shown: statement, proof: proof)
            remember { $0.restore(seen, kept: found.keptRecords) }
            remember { $0.saw(taken) }
            state.withLock { $0.disputed = [] }
        }
        if state.withLock({ $0.restored.insert(found).inserted }) { onEvent?(.historyRestored(found)) }
        startProving()
    }

    private func declared(_ held: SeenCheckpoint, _ ask: AskRestorations) async -> (
        HistoryRestoration, RestorationProof, RestorationsPage
    )? {
        // Without an answer nothing is declared.
        guard let verifier,
            let page = try? await ask(RestorationsQuery(heldRecords: held.checkpoint.treeSize)),
            let (found, proof) = verifier.restoration(of: held.checkpoint, in: page)
        else { return nil }
        return (found, proof, page)
    }

    /// The declared and confirmed restores that this client was told of.
    var restorations: [HistoryRestoration] { state.withLock { $0.seen.restorations } }

    private func alarm(_ kind: HistoryAlarm.Kind, held: SeenCheckpoint, shown: SeenCheckpoint?) {
        var alarm = HistoryAlarm(kind, held: held.checkpoint, shown: shown?.checkpoint)
        let isNew = state.withLock { state in
            if let shown { state.disputed.insert(shown.checkpoint.treeSize) }
            return state.told.insert(alarm).inserted
        }
        guard isNew else { return }
        // What stands against the history held is evidence, and never the highest.
        if let shown { remember { $0.drop(shown) } }
        do throws(ClientError) {
            alarm.evidence = try file.keepEvidence(held.statement, shown?.statement)
        } catch { onEvent?(.historyNotKept(error)) }
        onEvent?(.historyAlarm(alarm))
    }

    // MARK: Proving

    private func startProving() {
        let begin = state.withLock { state -> Bool in
            guard !state.proving, state.ask != nil, !state.seen.pending.isEmpty else { return false }
            state.proving = true
            return true
        }
        if begin { Task { await prove() } }
    }

    private func prove() async {
        while let (older, newer, ask) = nextPair() {
            let query = ConsistencyQuery(older: older.checkpoint.treeSize, newer: newer.checkpoint.treeSize)
            do throws(ClientError) {
                judge(try await ask(query), older, newer)
            } catch {
                if error.status?.code == .notFound { contradicted(.shorter, held: newer, shown: nil) }
                // Without an answer nothing is known: it stays pending until the next connection.
                return state.withLock { $0.proving = false }
            }
        }
    }

    /// The smallest pending one and what it is to be proven with; ends the proving when there is none.
    private func nextPair() -> (SeenCheckpoint, SeenCheckpoint, Ask)? {
        state.withLock { state in
            let pending = state.seen.waiting.filter { !state.disputed.contains($0.checkpoint.treeSize) }
            guard let next = pending.first, let proven = state.seen.provenCheckpoint, let ask = state.ask
            else {
                state.proving = false
                return nil
            }
            return next.checkpoint.treeSize < proven.checkpoint.treeSize
                ? (next, proven, ask) : (proven, next, ask)
        }
    }

    private func judge(_ proof: ConsistencyProof, _ older: SeenCheckpoint, _ newer: SeenCheckpoint) {
        do throws(ReceiptFailure) {
            try ReceiptVerifier.compare(older.checkpoint, newer.checkpoint, proof: proof)
            remember { history in
                history.proved(older)
                history.proved(newer)
            }
        } catch {
            let isPending = state.withLock { $0.seen.provenCheckpoint?.statement == older.statement }
            let (held, shown) = isPending ? (older, newer) : (newer, older)
            contradicted(.different, held: held, shown: shown)
        }
    }
}

/// A checkpoint that was verified, read.
struct SeenCheckpoint: Sendable, Hashable {
    var statement: CheckpointStatement
    var checkpoint: ReceiptCheckpoint

    init(statement: CheckpointStatement, checkpoint: ReceiptCheckpoint) {
        self.statement = statement
        self.checkpoint = checkpoint
    }

    init?(_ statement: CheckpointStatement) {
        guard let checkpoint = ReceiptCheckpoint(statement.statement) else { return nil }
        self.init(statement: statement, checkpoint: checkpoint)
    }

    /// What is wrong with `shown` without asking anybody; `isNewest`: the server has no larger one.
    func contradiction(by shown: SeenCheckpoint, isNewest: Bool) -> HistoryAlarm.Kind? {
        let (ours, theirs) = (checkpoint, shown.checkpoint)
        guard ours.storeID == theirs.storeID, ours.city == theirs.city, ours.algorithm == theirs.algorithm
        else { return .otherStore }
        if ours.treeSize == theirs.treeSize { return ours.root == theirs.root ? nil : .different }
        return isNewest && theirs.treeSize < ours.treeSize ? .shorter : nil
    }
}

// What the file holds was verified when it was put there.
extension SeenHistory {
    /// Pending checkpoints kept: a client that files without pause proves them one after the other. Beyond it the smallest go unproven.
    static let mostPending = 64

    var provenCheckpoint: SeenCheckpoint? { proven.flatMap { SeenCheckpoint($0) } }

    /// The pending ones, smallest first.
    var waiting: [SeenCheckpoint] {
        pending.compactMap { SeenCheckpoint($0) }.sorted { $0.checkpoint.treeSize < $1.checkpoint.treeSize }
    }

    var highest: SeenCheckpoint? {
        ((provenCheckpoint.map { [$0] } ?? []) + waiting).max {
            $0.checkpoint.treeSize < $1.checkpoint.treeSize
        }
    }

    mutating func saw(_ shown: SeenCheckpoint) {
        guard let known = provenCheckpoint else { return proven = shown.statement }
        let size = shown.checkpoint.treeSize
        guard known.checkpoint.treeSize != size, !waiting.contains(where: { $0.checkpoint.treeSize == size })
        else { return }
        let kept = waiting.suffix(Self.mostPending - 1).map(\.statement)
        pending = kept + [shown.statement]
    }

    mutating func drop(_ one: SeenCheckpoint) { pending.removeAll { $0 == one.statement } }

    mutating func proved(_ one: SeenCheckpoint) {
        let size = one.checkpoint.treeSize
        if (provenCheckpoint?.checkpoint.treeSize ?? 0) < size { proven = one.statement }
        pending.removeAll { SeenCheckpoint($0)?.checkpoint.treeSize == size }
    }
}
