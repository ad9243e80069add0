// One connection's descriptor, TLS and machine on one loop, for either role: bytes between the socket and the
// ConnectionMachine, and the machine's time. What the actions mean is its owner's business (server or client).
//
//     connecting -> handshake -> open -> flushing -> lingering -> closed
//
// open: a turn reads what there is (coalesced, at most the scratch buffer), lets the machine and the owner work, and at
// the turn's end everything that is ready goes out in as few records as it fits.
// flushing: the machine is done; its last words go out.
// lingering: we have sent close_notify or an alert and FIN; reading a moment longer keeps a reset from eating them.

import CLinux
import Glibc
import Wire

/// Where in its life a connection ended.
package enum ConnectionPhase: String, Sendable, Hashable {
    case tcp
    case tls
    case hello
    case open
}

/// What a channel tells its owner, on the loop.
protocol ChannelOwner: AnyObject {
    /// TCP is connected; a client hears of it.
    func connected(_ channel: Channel)
    /// TLS is done. The owner gives the machine, or refuses with a reason.
    func secured(_ channel: Channel) -> Result<ConnectionMachine, TLSProblem>
    func perform(_ action: Action, on channel: Channel)
    /// The descriptor is closed; the last call.
    func ended(_ channel: Channel, _ end: ChannelEnd)
}

extension ChannelOwner {
    func connected(_ channel: Channel) {}
}

/// How a connection ended.
struct ChannelEnd {
    var phase: ConnectionPhase
    /// In words; for TLS the alert is among them.
    var words: String
    /// The machine's reason, when it came so far.
    var reason: ConnectionEnd?
    var problem: TLSProblem?
    /// The time for connecting or for the handshake was over.
    var isLate = false
}

final class Channel: EventSource {
    private enum State {
        case connecting
        case handshake
        case open
        case flushing
        case lingering
        case closed
    }

    /// Bytes one connection may write in one turn before others have theirs.
    static let maxTurnBytes = 256 << 10
    /// What a lingering connection still reads and drops: the largest message a peer may be in the middle of, so that the
    /// answer "too large" reaches a peer which writes on (PROTOCOL.md U10), and a burst.
    static let maxLingerBytes = ConnectionLimits.ceilingMessageBytes + (256 << 10)
    /// How long last words may take, and how long we then wait for the peer's end.
    static let lingerTime: Int64 = 1 * .second

    let loop: EventLoop
    /// Numbers the connections of this process, for logs and `CallInfo.connection`.
    let number: UInt64
    private(set) var token = SourceToken(slot: .max, generation: 0)
    private(set) var tls: TLSSession?
    private(set) var machine: ConnectionMachine?
    let owner: any ChannelOwner
    /// Shows each frame to a person; nil: nobody looks.
    var tap: FrameTap?
    private let descriptor: Int32
    private var state: State
    private var interest: Readiness = []
    private var deadline: Int64
    private var gate: HandshakeGate?
    private var outputBlocked = false
    private var willEndTurn = false
    private var willGoOn = false
    private var performing = false
    private var timer = MonotonicTime.never
    private var end: ChannelEnd?
    private var lingered = 0
    private(set) var bytesRead: UInt64 = 0
    private(set) var bytesWritten: UInt64 = 0
    /// The same while it is open.
    var bytesNow: (read: UInt64, written: UInt64) {
        tls.map { ($0.bytesRead, $0.bytesWritten) } ?? (bytesRead, bytesWritten)
    }
    /// Set by each turn with traffic, cleared by the sweep that gives idle memory back.
    var active = true

    /// Takes a connected (server) or connecting (client) descriptor. `deadline`: for everything up to the peer's HELLO.
    init(
        loop: EventLoop, number: UInt64, descriptor: Int32, connecting: Bool, deadline: Int64,
        gate: HandshakeGate?, owner: any ChannelOwner
    ) {
        self.loop = loop
        self.number = number
        self.descriptor = descriptor
        self.deadline = deadline
        self.gate = gate
        self.owner = owner
        state = connecting ? .connecting : .handshake
    }

    /// Puts the channel on its loop. On error the descriptor is closed and `ended` is not called.
    func start(_ context: TLSContext, expectedPeer: [UInt8]? = nil) throws(NetworkError) {
        do {
            tls = try TLSSession(context, descriptor: descriptor, expectedPeer: expectedPeer)
        } catch {
            clinux_close(descriptor)
            throw NetworkError(error.words)
        }
        interest = state == .connecting ? .output : .input
        do throws(NetworkError) {
            token = try loop.add(self, descriptor: descriptor, interest: interest)
        } catch {
            clinux_close(descriptor)
            throw error
        }
        setTimer(deadline)
        if state == .handshake, gate == nil { shake() }
    }

    var isOpen: Bool { state == .open }
    var phase: ConnectionPhase {
        switch state {
        case .connecting: .tcp
        case .handshake: .tls
        default: machine?.isGreeted == false && machine?.profile == .extended ? .hello : .open
        }
    }

    // MARK: Events

    func handle(_ readiness: Readiness) {
        switch state {
        case .connecting: connected()
        case .handshake: if gate?.admits(loop) ?? true { shake() }
        case .open: openEvent(readiness)
        case .flushing: flush()
        case .lingering: linger()
        case .closed: break
        }
    }

    private func openEvent(_ readiness: Readiness) {
        guard let tls else { return }
        let input = !readiness.isDisjoint(with: [.input, .failure])
        if readiness.contains(.output) { outputBlocked = false }
        if input, tls.writeWantsInput { outputBlocked = false }
        if input || tls.readWantsOutput { readTurn() }
        endTurnLater()
    }

    func resume() {
        willGoOn = false
        if state == .open { readTurn() }
        if state == .open { endTurnLater() }
    }

    func endOfTurn() {
        willEndTurn = false
        if state == .open || state == .flushing { flush() }
        if state == .open { settle() }
    }

    func timerFired() {
        timer = MonotonicTime.never
        let now = loop.now
        switch state {
        case .connecting: finish(.tcp, "connecting took too long: no answer from the address; a firewall?")
        case .handshake: finish(.tls, "the TLS handshake was not completed in time", isLate: true)
        case .open:
            machine?.tick(now: now)
            perform()
            endTurnLater()
        case .flushing, .lingering: close()
        case .closed: break
        }
    }

    /// Writes and settles at the end of this turn. Call it after anything was done to the machine from outside a turn.
    func endTurnLater() {
        active = true
        if willEndTurn { return }
        willEndTurn = true
        loop.atEndOfTurn(token)
    }

    // MARK: Connecting and handshake

    private func connected() {
        let r = clinux_socket_error(descriptor)
        if r < 0 { return finish(.tcp, "cannot connect: \(errorText(r))") }
        state = .handshake
        owner.connected(self)
        shake()
    }

    private func shake() {
        guard let tls else { return }
        switch tls.handshake() {
        case .wait: want(tls.readWantsOutput ? .output : .input)
        case .done: secure()
        case .ended: finish(.tls, "the peer ended the connection during the TLS handshake")
        case .failed(let problem): finish(.tls, problem.words, problem: problem)
        }
    }

    private func secure() {
        switch owner.secured(self) {
        case .failure(let problem): finish(.tls, problem.words, problem: problem)
        case .success(let made):
            machine = made
            state = .open
            gate = nil
            readTurn()
            endTurnLater()
        }
    }

    // MARK: Reading

    /// Reads until nothing is there or the scratch buffer is full, then lets the machine see all of it at once.
    private func readTurn() {
        guard let tls, let machine, machine.wantsRead else { return }
        active = true
        let scratch = loop.scratch
        var filled = 0
        var last = TLSStep.wait
        reading: while filled < scratch.count {
            last = tls.read(into: UnsafeMutableRawBufferPointer(rebasing: scratch[filled...]))
            guard case .done(let n) = last else { break reading }
            filled += n
            // A short record and nothing behind it: the poller tells when there is more.
            if n < 16384, !tls.hasBuffered {
                last = .wait
                break
            }
        }
        if filled > 0 {
            if machine.actions.isEmpty { machine.actions = loop.takeActions() }
            tap?.received(UnsafeRawBufferPointer(rebasing: scratch[..<filled]))
            machine.receive(UnsafeRawBufferPointer(rebasing: scratch[..<filled]), now: loop.now)
            perform()
            loop.giveActions(&machine.actions)
        }
        afterRead(last)
    }

    private func afterRead(_ step: TLSStep) {
        guard state == .open else { return }
        switch step {
        case .wait: break
        case .done: goOn()
        case .ended(let clean):
            machine?.transportEnded(clean: clean)
            perform()
        case .failed(let problem):
            fail(problem)
        }
    }

    private func fail(_ problem: TLSProblem) {
        end = ChannelEnd(phase: phase, words: problem.words, reason: nil, problem: problem)
        machine?.transportFailed(problem.words)
        perform()
    }

    private func goOn() {
        if willGoOn { return }
        willGoOn = true
        loop.goOn(token)
    }

    // MARK: Actions

    /// Hands all actions to the owner, in order, until no new ones come. The owner may call the machine meanwhile.
    func perform() {
        guard let machine, !performing, !machine.actions.isEmpty else { return }
        performing = true
        var batch = loop.takeActions()
        while !machine.actions.isEmpty {
            swap(&batch, &machine.actions)
            // Taken out one by one: an action that is only looked at would be copied with all it holds.
            batch.reverse()
            while let action = batch.popLast() {
                if case .closed(let reason) = action { machineClosed(reason) }
                owner.perform(action, on: self)
            }
        }
        loop.giveActions(&batch)
        performing = false
    }

    private func machineClosed(_ reason: ConnectionEnd) {
        var told = end ?? ChannelEnd(phase: phase, words: reason.description, reason: reason, problem: nil)
        told.reason = reason
        end = told
        guard state == .open else { return }
        state = .flushing
        deadline = loop.now &+ Channel.lingerTime
        setTimer(deadline)
        endTurnLater()
    }

    // MARK: Writing

    /// Writes what is queued: one record after the other until nothing is left, the socket is full, or it is others' turn.
    private func flush() {
        guard let machine, let tls else { return }
        if outputBlocked, state == .open { return }
        var written = 0
        while machine.pendingOutput > 0 {
            if written >= Channel.maxTurnBytes {
                endTurnLater()
                return
            }
            switch machine.withOutput({ tls.write($0) }) {
            case .done(let n):
                written += n
                if tap != nil {
                    machine.withOutput { tap?.sent(UnsafeRawBufferPointer(rebasing: $0.prefix(n))) }
                }
                machine.drained(n, now: loop.now)
                if !machine.actions.isEmpty { perform() }
            case .wait:
                outputBlocked = true
                if state == .flushing { want(tls.writeWantsInput ? [.input] : [.output]) }
                return
            case .ended: return writeFailed("the peer has reset the connection")
            case .failed(let problem): return writeFailed(problem.words)
            }
        }
        if state == .flushing { lastWordsSent() }
    }

    private func writeFailed(_ why: String) {
        if state == .flushing { return close() }
        machine?.transportFailed(why)
        perform()
        if state == .flushing { close() }
    }

    /// Interest and timer after a turn.
    private func settle() {
        guard let machine, let tls else { return }
        var wanted: Readiness = []
        let reads = machine.wantsRead && !tls.readWaitsForWrite
        if reads || (outputBlocked && tls.writeWantsInput) { wanted.insert(.input) }
        if (outputBlocked && !tls.writeWantsInput) || tls.readWantsOutput { wanted.insert(.output) }
        let resumes = reads && !interest.contains(.input)
        want(wanted)
        if resumes, tls.hasBuffered { goOn() }
        setTimer(machine.nextTimer ?? MonotonicTime.never)
    }

    private func want(_ wanted: Readiness) {
        if wanted == interest { return }
        interest = wanted
        loop.watch(token, for: wanted)
    }

    private func setTimer(_ time: Int64) {
        if time == timer { return }
        timer = time
        loop.setTimer(token, at: time)
    }

    // MARK: Ending

    /// Ends a connection that has no machine yet.
    private func finish(
        _ phase: ConnectionPhase, _ words: String, problem: TLSProblem? = nil, isLate: Bool = false
    ) {
        end = end ?? ChannelEnd(phase: phase, words: words, reason: nil, problem: problem, isLate: isLate)
        if phase == .tcp { close() } else { beginLinger() }
    }

    /// Ends the connection from outside: through the machine when there is one.
    func end(_ why: String) {
        guard let machine else { return finish(phase, why) }
        machine.close(why)
        perform()
        endTurnLater()
    }

    /// Closes the descriptor at once. Calls in flight hear of it.
    func loopEnded() {
        machine?.close("the program is ending")
        perform()
        close()
    }

    private func lastWordsSent() {
        // The last words may have filled the socket: close_notify waits for room as they did, and no longer. Without it the
        // peer would take our end for a cut line.
        if tls?.sendCloseNotify() == false { return want(.output) }
        if case .closedByPeer = end?.reason { return close() }
        beginLinger()
    }

    private func beginLinger() {
        if state == .closed { return }
        state = .lingering
        guard clinux_shutdown_write(descriptor) >= 0 else { return close() }
        setTimer(loop.now &+ Channel.lingerTime)
        want(.input)
        linger()
    }

    /// Reads ciphertext and drops it, until the peer ends too.
    private func linger() {
        while lingered < Channel.maxLingerBytes {
            let n = clinux_read(descriptor, loop.scratch.baseAddress, loop.scratch.count)
            if n == -Int(EAGAIN) { return }
            if n <= 0 { break }
            lingered += n
        }
        close()
    }

    private func close() {
        if state == .closed { return }
        let told = end ?? ChannelEnd(phase: phase, words: "closed", reason: nil, problem: nil)
        state = .closed
        if let tls {
            bytesRead = tls.bytesRead
            bytesWritten = tls.bytesWritten
        }
        loop.remove(token)
        tls = nil
        clinux_close(descriptor)
        owner.ended(self, told)
    }
}

/// How many handshake steps a loop makes in one turn: each costs up to a millisecond of a processor, and connections
/// that are open must not wait behind a storm of new ones. The others' data stays in their sockets for the next turn.
final class HandshakeGate {
    static let stepsPerTurn = 4
    private var turn: UInt64 = 0
    private var used = 0

    func admits(_ loop: EventLoop) -> Bool {
        if turn != loop.turnNumber {
            turn = loop.turnNumber
            used = 0
        }
        if used >= HandshakeGate.stepsPerTurn { return false }
        used += 1
        return true
    }
}
