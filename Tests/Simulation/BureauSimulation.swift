import Bureau
import BureauTestSupport
import Crypto
import Exchange
import Glibc
import Journal
import Schema
import TestSupport
import Wire

/// One simulated history of a bureau, deterministic by seed: officers of every party give commands, good and bad, and read;
/// the disk fails or the machine stops at a random operation; the store is recovered and held against all that was said.
///
/// What must hold after every recovery:
/// - a command whose answer went out is in the journal once, with the outcome, sequence, time and leaf that were answered;
///   sent again it gets the same answer, marked as repeated;
/// - a command that was not answered is there whole, byte for byte as it was sent, or not at all;
/// - nothing is there that nobody sent, nothing twice, and times grow;
/// - the replayed state is the state the engine had after the last command found;
/// - what a read showed is still so; every root handed out is still a root of the tree, and the answers' leaves are in it;
/// - no file holds a personal text, no snapshot the salt of an answer;
/// - the clock's records each change something, and when the clock has nothing to do, everything stands as the day says.
struct BureauSimulation {
    struct Violation: Error, CustomStringConvertible {
        enum Kind { case lost, half, twice, changed, state, tree, leak, time, answer, refused, light }
        var seed: UInt64
        var life: Int
        var kind: Kind
        var what: String
        var description: String { "seed \(seed), life \(life): \(kind), \(what)" }
    }

    /// A command somebody gave, over all its attempts and all lives.
    private struct Given {
        var id: ID128
        var officer: String
        var envelope: [UInt8]
        /// Its first answer, with `repeated` taken off. Never unsaid again.
        var answer: CommandAnswer?
    }

    /// A call of this life.
    private struct Attempt {
        /// Its place in `given`; of one with other content under a judged id, -1 - that place.
        var given: Int
        var reply: CaughtReply
        /// Codes this call may end with beside OK.
        var mayFail: Set<StatusCode>
        var isDone = false
    }

    /// A read of this life: what it showed of a target.
    private struct Look {
        var target: EntityID
        var reply: CaughtReply
    }

    private let seed: UInt64
    private let disk: SimulatedDisk
    private let world: World
    private let segmentSize: Int
    private var random: SplitMix64
    private var given: [Given] = []
    private var numberOf: [ID128: Int] = [:]
    private var targets: [[UInt8]] = []
    private var roots: [UInt64: Digest] = [:]
    /// Versions that were shown to somebody.
    private var shown: [EntityID: UInt64] = [:]
    /// The engine's state after each sequence it handed over, since the last recovery.
    private var states: [UInt64: State] = [:]
    private var attempts: [Attempt] = []
    private var looks: [Look] = []
    private var heardPositions = 0
    private var life = 0

    private(set) var recoveries = 0
    private(set) var acknowledged = 0
    private(set) var repeated = 0
    private(set) var reads = 0
    private(set) var snapshots = 0
    /// Recoveries that began at a snapshot.
    private(set) var shortened = 0
    /// Records of the clock's that were found.
    private(set) var marks = 0

    /// What every answer may fail with: overload and a full disk are nobody's fault.
    private static let always: Set<StatusCode> = [.resourceExhausted, .unavailable]

    /// Segments of two sizes; the stores they start from are made once and copied.
    private static let segmentSizes = [64 << 10, 128 << 10]
    private static let towns: [Town] = segmentSizes.compactMap { try? Town(segmentSize: $0) }

    private struct Town {
        let disk: SimulatedDisk
        /// Commands in it.
        let commands: Int
        /// Requests that are assigned, with a few working days each, so that the clock has something to do from the first day on.
        let targets: [[UInt8]]

        init(segmentSize: Int) throws {
            let world = World(seed: 7)
            let files = TownRoster.files + TownRoster.time
            disk = try TownDisk.make(seed: 7, world: world, segmentSize: segmentSize, files: files)
            let desk = try TownDisk.open(disk, world, segmentSize: segmentSize)
            var (targets, commands) = ([[UInt8]](), try seedCommands(files).count)
            for days: Int32 in [2, 4, 6, 8] {
                targets.append(world.target())
                for kind in [CommandKind.submitRequest, .acceptRequest, .decideRequest, .assignRequest] {
                    let target = targets[targets.count - 1]
                    if kind == .assignRequest {
                        let assign = Filings.assign(workingDays: days)
                        try desk.give(.assignRequest(assign), by: Filings.officer(kind), on: target)
                    } else {
                        try desk.give(kind, on: target)
                    }
                    commands += 1
                }
            }
            desk.log.close()
            (self.targets, self.commands) = (targets, commands)
        }
    }
    private static let seedsDone = World.morning + 1_000_000_000

    init(seed: UInt64, dishonesty: SimulatedDisk.Dishonesty = []) throws {
        self.seed = seed
        random = SplitMix64(seed: seed ^ 0xB0BEA0)
        let size = Int(seed % 2)
        guard Self.towns.count == 2 else {
            throw Violation(seed: seed, life: 0, kind: .refused, what: "no store could be made")
        }
        segmentSize = Self.segmentSizes[size]
        disk = try TownDisk.copy(Self.towns[size].disk, seed: seed)
        disk.setDishonesty(dishonesty)
        world = World(seed: seed, start: Self.seedsDone)
        targets = Self.towns[size].targets
    }

    mutating func run(lives: Int = 3) throws {
        for _ in 0..<lives {
            life += 1
            plan()
            try live()
            if random.below(4) == 0 { disk.restartProcess() } else { disk.crash() }
            try lookForPersonalText()
            world.advance(Int64(random.below(3)) * 700_000_000 + 1_000)
        }
        life += 1
        disk.clearFaults()
        guard let desk = try begin() else { throw violation(.refused, "the last recovery met no fault") }
        defer { desk.abandon() }
        try sendEverythingAgain(desk)
        try lookForPersonalText()
        try checkTime(desk)
    }

    /// Once the clock has nothing to do, nothing stands otherwise than the day says, and a further look writes nothing.
    private mutating func checkTime(_ desk: Desk) throws {
        repeat {
            turn(desk, [])
            while desk.log.step() {}
        } while desk.engine.hasMore
        var state = desk.engine.state
        let day = CivilDay(nanoseconds: max(world.now, desk.log.lastTime))
        for slot in state.requests.indices where state.timeDue(slot, on: day) != nil {
            throw violation(.light, "request \(slot) does not stand as \(day.text) says")
        }
    }

    private func violation(_ kind: Violation.Kind, _ what: String) -> Violation {
        Violation(seed: seed, life: life, kind: kind, what: what)
    }

    /// The fault of this life.
    private mutating func plan() {
        let at = disk.operations + random.below(random.below(3) == 0 ? 60 : 240)
        switch random.below(12) {
        case 0: break
        case 1: disk.fail(at, .inputOutput)
        case 2: disk.fail(at, .noSpace)
        case 3: disk.fail(at, .short)
        default: disk.fail(at, .stop)
        }
    }

    private mutating func live() throws {
        guard let desk = try begin() else { return }
        defer { desk.abandon() }
        for _ in 0..<(8 + random.below(30)) {
            try turn(desk)
            try listen(desk)
            if disk.stopped || desk.heard.fatal != nil { return try expectSilence(desk) }
        }
        if random.below(3) == 0 {
            desk.log.close()
            try listen(desk)
        }
    }

    /// After the disk failed nobody is answered any more.
    private mutating func expectSilence(_ desk: Desk) throws {
        let before = attempts.count { $0.reply.answerCount > 0 }
        desk.log.step()
        guard attempts.count(where: { $0.reply.answerCount > 0 }) == before else {
            throw violation(.answer, "an answer after the disk failed")
        }
        try listen(desk)
    }
}

// MARK: - Recovering and checking

extension BureauSimulation {
    /// Recovers and checks. Nil: the recovery met this life's fault.
    private mutating func begin() throws -> Desk? {
        (attempts, looks, heardPositions) = ([], [], 0)
        do {
            let desk = try TownDisk.open(disk, world, segmentSize: segmentSize)
            recoveries += 1
            if desk.store.snapshot != nil { shortened += 1 }
            let last = try check(desk)
            states = [last: desk.engine.state]
            return desk
        } catch let error as JournalError {
            switch error {
            case .storage, .noSpace: return nil
            case .acknowledgedLost: throw violation(.lost, "\(error)")
            default: throw violation(.refused, "recovery refused: \(error)")
            }
        } catch is StorageError {
            return nil
        }
    }

    /// Returns the sequence of the last command.
    private mutating func check(_ desk: Desk) throws -> UInt64 {
        var recorded = Recorded()
        try Journal.read(disk.root, keys: try disk.root.subdirectory("keys"), visitor: &recorded)
        let records = recorded.commands.dropFirst(Self.towns[0].commands)
        let ofClock = try records.filter { try isOfClock($0) }
        try checkClock(ofClock)
        let clocked = Set(ofClock.map(\.sequence))
        let commands = records.filter { !clocked.contains($0.sequence) }
        for (earlier, later) in zip(recorded.times, recorded.times.dropFirst()) where later <= earlier {
            throw violation(.time, "\(later) after \(earlier)")
        }
        try checkCommands(commands, desk)
        try checkState(recorded.commands.last?.sequence ?? 0, desk)
        for (size, root) in roots where recorded.roots[size] != root {
            throw violation(.tree, "the root of \(size) leaves is none any more")
        }
        try checkLeaf(desk)
        return recorded.commands.last?.sequence ?? 0
    }

    private func isOfClock(_ entry: Recorded.Entry) throws -> Bool {
        guard let record = try? EventV1.Record(decoding: entry.body) else {
            throw violation(.half, "record \(entry.sequence) does not read")
        }
        return record.actor?.path == .clock
    }

    /// Each is whole, and none says what the one before it of the same request said on the same version.
    private mutating func checkClock(_ entries: [Recorded.Entry]) throws {
        var last: [[UInt8]: (version: UInt64, event: [UInt8])] = [:]
        marks += entries.count
        for entry in entries {
            guard let record = try? EventV1.Record(decoding: entry.body), record.events.count == 1,
                record.commandKind == CommandKind.markTime.rawValue, record.version == record.expectedVersion,
                case .timeMarked? = record.events[0].body
            else { throw violation(.half, "record \(entry.sequence) of the clock's") }
            let event = record.events[0].encoded()
            if let before = last[record.target], before == (record.version, event) {
                throw violation(.twice, "record \(entry.sequence) of the clock's")
            }
            last[record.target] = (record.version, event)
        }
    }

    private mutating func checkCommands(_ commands: [Recorded.Entry], _ desk: Desk) throws {
        var found: [ID128: Recorded.Entry] = [:]
        for entry in commands {
            guard numberOf[entry.id] != nil else { throw violation(.changed, "nobody sent \(entry.id)") }
            guard found.updateValue(entry, forKey: entry.id) == nil else {
                throw violation(.twice, "\(entry.id)")
            }
        }
        for command in given {
            guard let answer = command.answer else { continue }
            guard let entry = found[command.id] else {
                throw violation(.lost, "\(command.id) was answered")
            }
            guard entry.sequence == answer.sequence, entry.time == answer.recordedAt,
                entry.outcome == UInt32(bitPattern: answer.outcome?.refusal.rawValue ?? 0),
                desk.log.leafHash(sequence: entry.sequence) == MerkleHasher().leaf(answer.leaf)
            else { throw violation(.changed, "\(command.id) is not as it was answered") }
        }
        for entry in commands { try checkRecord(entry) }
    }

    /// A record is whole: it reads, and its leaf's digest opens with the salt that was answered.
    private func checkRecord(_ entry: Recorded.Entry) throws {
        guard let number = numberOf[entry.id], let record = try? EventV1.Record(decoding: entry.body),
            let sent = try? Envelope(decoding: given[number].envelope)
        else { throw violation(.half, "record \(entry.sequence) does not read") }
        let isDone = record.outcome?.refusal ?? .unspecified == .unspecified
        guard record.target == sent.target, record.expectedVersion == sent.expectedVersion,
            record.events.count == (isDone ? 1 : 0)
        else { throw violation(.half, "record \(entry.sequence) is not the command that was sent") }
        guard let answer = given[number].answer, let leaf = LeafStatement(answer.leaf) else { return }
        // First answered after an erasure: without the salt nobody can tell.
        guard answer.salt.isEmpty || leaf.envelopeDigest == Digest(of: answer.salt + given[number].envelope),
            leaf.bodyDigest == Digest(of: entry.body)
        else { throw violation(.changed, "the leaf of record \(entry.sequence)") }
    }

    /// The replayed state is the live one after the last record found; what was shown is still so.
    private mutating func checkState(_ last: UInt64, _ desk: Desk) throws {
        for (target, version) in shown where desk.engine.state.version(of: target) < version {
            throw violation(
                .lost, "version \(version) was shown, there is \(desk.engine.state.version(of: target))")
        }
        // Before the first life nothing is known but the seeds.
        guard !states.isEmpty else { return }
        guard let live = states[last] else {
            throw violation(.half, "sequence \(last) ended no group that was handed over")
        }
        guard try StateHash.of(live) == StateHash.of(desk.engine.state) else {
            throw violation(.state, "replayed to \(last), the live state was another")
        }
    }

    /// A random answer's leaf is proven in the tree as it stands.
    private mutating func checkLeaf(_ desk: Desk) throws {
        let answered = given.compactMap(\.answer)
        guard !answered.isEmpty else { return }
        let answer = answered[random.below(answered.count)]
        let checkpoint = desk.log.durable.checkpoint.checkpoint
        guard
            let path = desk.log.inclusionProof(sequence: answer.sequence, treeSize: checkpoint.treeSize),
            MerkleProof.includes(
                leafHash: MerkleHasher().leaf(answer.leaf), index: answer.sequence - 1,
                size: checkpoint.treeSize,
                path: path, root: checkpoint.root)
        else {
            throw violation(.tree, "leaf \(answer.sequence) is not in the tree of \(checkpoint.treeSize)")
        }
    }

    /// Everything ever given is given again: what was answered is repeated to the byte, the rest is judged now.
    private mutating func sendEverythingAgain(_ desk: Desk) throws {
        for number in given.indices {
            call(desk, number)
            try listen(desk)
            while desk.log.step() {}
            try listen(desk)
        }
        // What the log had no room for (the clock wrote in the turn before) goes with the turn that the log's news brings.
        turn(desk, [])
        while desk.log.step() {}
        try listen(desk)
        for attempt in attempts where attempt.reply.answerCount != 1 {
            throw violation(.answer, "\(attempt.reply.answerCount) answers to one call")
        }
    }

    private func lookForPersonalText() throws {
        for file in try TownDisk.files(disk) {
            for text in Filings.personalTexts where contains(file.bytes, [UInt8](text.utf8)) {
                throw violation(.leak, "\(text) stands in \(file.name)")
            }
            guard file.name.contains("/snapshot") else { continue }
            for answer in given.compactMap(\.answer)
            where !answer.salt.isEmpty && contains(file.bytes, answer.salt) {
                throw violation(.leak, "a salt stands in \(file.name)")
            }
        }
    }

    private func contains(_ bytes: [UInt8], _ text: [UInt8]) -> Bool {
        guard let first = text.first else { return true }
        return bytes.withUnsafeBytes { raw in
            guard let base = raw.baseAddress else { return false }
            var from = 0
            while from + text.count <= raw.count,
                let hit = memchr(base + from, Int32(first), raw.count - text.count + 1 - from)
            {
                if memcmp(hit, text, text.count) == 0 { return true }
                from = UnsafeRawPointer(hit) - base + 1
            }
            return false
        }
    }
}

// MARK: - Living

extension BureauSimulation {
    /// One thing that happens in a server: calls, time, the journal's thread.
    private mutating func turn(_ desk: Desk) throws {
        switch random.below(8) {
        case 0 where random.below(3) == 0: world.advance(Int64(random.below(6)) * 86_400_000_000_000)
        case 0: world.advance(Int64(random.below(1_500)) * 1_000_000)
        case 1, 2: desk.log.step()
        case 3 where random.below(2) == 0: snapshot(desk)
        default:
            var inputs: [EngineInput] = []
            for _ in 0...random.below(3) {
                if let input = random.below(5) == 0 ? read(desk) : command(desk) { inputs.append(input) }
            }
            turn(desk, inputs)
            world.advance(1_000_000)
        }
        if random.below(2) == 0 { desk.log.step() }
    }

    /// What the snapshot's thread does, between two turns of the others. The disk may fail under it, and nobody minds.
    private mutating func snapshot(_ desk: Desk) {
        guard let keys = try? disk.root.subdirectory("keys") else { return }
        let made = try? Snapshots.make(
            disk.root, keys: keys, upTo: desk.log.durable.sequence, entropy: world.entropy, roomLeft: 0)
        if made != nil { snapshots += 1 }
    }

    /// A new command, or one given before.
    private mutating func command(_ desk: Desk) -> EngineInput? {
        if !given.isEmpty, random.below(5) == 0 {
            return again(desk)
        }
        let (body, officer, target, version) = draft(desk)
        let id = world.commandID()
        given.append(
            Given(
                id: id, officer: officer,
                envelope: desk.envelope(body, by: officer, on: target, expecting: version, id: id)))
        numberOf[id] = given.count - 1
        return input(desk, given.count - 1)
    }

    /// The same again, as it was; seldom with another content, or late: neither may be judged.
    private mutating func again(_ desk: Desk) -> EngineInput? {
        let number = random.below(given.count)
        switch random.below(8) {
        case 0: return late(desk, number)
        case 1 where given[number].answer != nil: return changed(desk, number)
        default: return input(desk, number)
        }
    }

    private mutating func input(_ desk: Desk, _ number: Int) -> EngineInput? {
        let (input, reply) = desk.submit(given[number].envelope, by: given[number].officer)
        attempts.append(Attempt(given: number, reply: reply, mayFail: Self.always))
        return input
    }

    private mutating func late(_ desk: Desk, _ number: Int) -> EngineInput? {
        let (input, reply) = desk.submit(
            given[number].envelope, by: given[number].officer, deadline: world.steadyNow - 1)
        attempts.append(Attempt(given: number, reply: reply, mayFail: Self.always.union([.deadlineExceeded])))
        return input
    }

    private mutating func changed(_ desk: Desk, _ number: Int) -> EngineInput? {
        guard var envelope = try? Envelope(decoding: given[number].envelope) else { return nil }
        envelope.issuedAt += 1
        let (input, reply) = desk.submit(envelope.encoded(), by: given[number].officer)
        attempts.append(
            Attempt(given: -1 - number, reply: reply, mayFail: Self.always.union([.alreadyExists])))
        return input
    }

    private mutating func call(_ desk: Desk, _ number: Int) {
        let (input, reply) = desk.submit(given[number].envelope, by: given[number].officer)
        attempts.append(Attempt(given: number, reply: reply, mayFail: Self.always))
        turn(desk, input.map { [$0] } ?? [])
    }

    /// First what the log had no room for, then the new: so that each group's end has its state taken down. A state ahead of
    /// what was handed over is not: its sequence is there already.
    private mutating func turn(_ desk: Desk, _ inputs: [EngineInput]) {
        for inputs in [[], inputs] {
            desk.engine.turn(inputs)
            let sequence = desk.log.nextSequence - 1
            if states[sequence] == nil { states[sequence] = desk.engine.state }
        }
    }

    private mutating func read(_ desk: Desk) -> EngineInput? {
        guard !targets.isEmpty, let target = EntityID(targets[random.below(targets.count)]) else {
            return nil
        }
        let (input, reply) = desk.read(by: "b1a1") { (state, viewer) throws(Status) in
            guard let matter = state.matter(target, for: viewer) else { throw Status(.notFound) }
            let version =
                matter.isCase
                ? state.caseView(matter, for: viewer)?.summary?.version
                : state.requestView(matter, for: viewer)?.summary?.version
            return withUnsafeBytes(of: (version ?? 0).littleEndian) { Array($0) }
        }
        looks.append(Look(target: target, reply: reply))
        return input
    }

    /// Mostly what comes next in a matter by the one who may; sometimes anything by anybody.
    private mutating func draft(_ desk: Desk) -> (Command.OneOf_Body?, String, [UInt8], UInt64) {
        if targets.isEmpty || random.below(4) == 0 { return begun() }
        let target = targets[random.below(targets.count)]
        let version = desk.version(of: target)
        if random.below(6) == 0 { return wild(target, version) }
        let (kind, officer) = next(desk, target)
        return (body(kind), officer, target, random.below(16) == 0 ? version &- 1 : version)
    }

    private mutating func begun() -> (Command.OneOf_Body?, String, [UInt8], UInt64) {
        let target = world.target()
        targets.append(target)
        switch random.below(3) {
        case 0: return (.submitRequest(Filings.submitUnit), "u7l1", target, 0)
        case 1: return (.submitRequest(Filings.submitLocal), "k7f2", target, 0)
        default: return (.fileCase(Filings.fileCase), "u7l1", target, 0)
        }
    }

    /// A command of an officer who could give one now.
    private mutating func next(_ desk: Desk, _ target: [UInt8]) -> (CommandKind, String) {
        let state = desk.engine.state
        let first = random.below(TownRoster.officers.count)
        for offset in TownRoster.officers.indices {
            let (officer, party) = TownRoster.officers[(first + offset) % TownRoster.officers.count]
            guard let viewer = state.viewer(officer: officer, party: party), let id = EntityID(target),
                let matter = state.matter(id, for: viewer)
            else { continue }
            let names = state.nextCommands(for: viewer, matter).filter {
                !$0.hasPrefix("withdraw") && !$0.hasPrefix("void") || random.below(6) == 0
            }
            guard !names.isEmpty else { continue }
            let name = names[random.below(names.count)]
            if let kind = CommandKind.allCases.first(where: { $0.name == name }) { return (kind, officer) }
        }
        return (.amendRequest, "u7l1")
    }

    private mutating func body(_ kind: CommandKind) -> Command.OneOf_Body? {
        switch (kind, random.below(6)) {
        case (.decideRequest, 0): .decideRequest(DecideRequest(decision: .declined, policyBasis: "办法第五条"))
        case (.decideRequest, 1): .decideRequest(DecideRequest(decision: .declined))  // basis is missing
        case (.assignRequest, 0...2): .assignRequest(Filings.assign(to: "unit/LU-02"))
        case (.assignRequest, 3): .assignRequest(Filings.assign(to: "county/421303"))
        case (.assignRequest, 4): .assignRequest(Filings.assign(workingDays: Int32(random.below(9))))
        case (.confirmRequest, 0...1):
            .confirmRequest(ConfirmRequest(satisfaction: .dissatisfied, note: Filings.reason))
        case (.concludeCase, 0): .concludeCase(ConcludeCase(placed: false, reason: Filings.reason))
        case (.amendRequest, 0): .amendRequest(AmendRequest())  // text is missing
        case (.attachEvidence, let number):
            .attachEvidence(Filings.evidence(UInt64(random.below(1 << 30)), ofCase: number % 2 == 0))
        case (.reportProgress, 0): .reportProgress(ReportProgress(percent: 101))
        default: Filings.body(kind)
        }
    }

    /// Somebody's anything.
    private mutating func wild(_ target: [UInt8], _ version: UInt64) -> (
        Command.OneOf_Body?, String, [UInt8], UInt64
    ) {
        let kinds = CommandKind.allCases
        let kind = kinds[random.below(kinds.count)]
        let body = Filings.body(kind) ?? .suspendOfficer(SuspendOfficer(officer: "k3z8", suspended: true))
        let officer = TownRoster.officers[random.below(TownRoster.officers.count)].officer
        let versions = [version, 0, version + 1, .max]
        return (body, officer, target, versions[random.below(versions.count)])
    }

    /// Takes down what was said.
    private mutating func listen(_ desk: Desk) throws {
        let positions = desk.heard.positions
        for position in positions.dropFirst(heardPositions) {
            roots[position.checkpoint.checkpoint.treeSize] = position.checkpoint.checkpoint.root
        }
        heardPositions = positions.count
        let durable = positions.last?.sequence ?? 0
        for index in attempts.indices where !attempts[index].isDone && attempts[index].reply.answerCount > 0 {
            attempts[index].isDone = true
            try heard(attempts[index], durable, desk)
        }
        for look in looks { hear(look) }
        looks.removeAll { $0.reply.answerCount > 0 }
    }

    private mutating func heard(_ attempt: Attempt, _ durable: UInt64, _ desk: Desk) throws {
        guard let status = attempt.reply.status, attempt.reply.answerCount == 1 else {
            throw violation(.answer, "\(attempt.reply.answerCount) answers to one call")
        }
        guard status.isOK else {
            guard attempt.mayFail.contains(status.code) else { throw violation(.answer, "\(status)") }
            return
        }
        guard attempt.given >= 0 else {
            // Without the salt of what is erased any content is taken for the same, and gets the first answer.
            if let target = given[-1 - attempt.given].answer.flatMap({ EntityID($0.target) }),
                desk.engine.state.erasureCompletes(target) != 0
            {
                return
            }
            throw violation(.answer, "other content under a judged id was taken")
        }
        guard var answer = try? CommandAnswer(decoding: attempt.reply.payload ?? []),
            answer.commandId == given[attempt.given].id.bytes
        else { throw violation(.answer, "an answer that does not read") }
        guard answer.hasProof else {
            throw violation(.answer, "an answer without a receipt that fits its leaf")
        }
        let wasRepeated = answer.repeated
        answer.repeated = false
        answer.receipt = nil  // told again it is of a newer checkpoint
        // An erasure that was seen and then lost with a crash gives the salt back.
        if given[attempt.given].answer?.salt.isEmpty == true {
            given[attempt.given].answer?.salt = answer.salt
        }
        guard let first = given[attempt.given].answer else {
            given[attempt.given].answer = answer
            acknowledged += 1
            return
        }
        repeated += 1
        guard wasRepeated else { throw violation(.twice, "\(given[attempt.given].id) was judged again") }
        // What a conflict tells of the matter is told only to those who may see it still.
        if answer.changes.isEmpty { answer.changes = first.changes }
        // A field is shown again only under the rights of now; of what was erased there is no salt any more.
        if answer.revealed.isEmpty { answer.revealed = first.revealed }
        // What is erased has no salt any more, and its remarks read 已删除; nothing else has changed.
        if let target = EntityID(answer.target), desk.engine.state.erasureCompletes(target) != 0 {
            if answer.salt.isEmpty { answer.salt = first.salt }
            if answer.changes.count == first.changes.count { answer.changes = first.changes }
        }
        guard answer.encoded() == first.encoded() else {
            throw violation(.changed, "\(given[attempt.given].id): \(first) and then \(answer)")
        }
    }

    private mutating func hear(_ look: Look) {
        guard look.reply.status?.isOK == true, let payload = look.reply.payload, payload.count == 8 else {
            return
        }
        reads += 1
        let version = payload.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        shown[look.target] = max(shown[look.target] ?? 0, version)
    }
}

extension SplitMix64 {
    /// 0 ..< bound; bound ≥ 1.
    mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: next() % UInt64(max(1, bound))) }
}

extension CommandAnswer {
    /// Its leaf stands in the tree that its receipt's checkpoint speaks of.
    fileprivate var hasProof: Bool {
        guard let receipt, let checkpoint = Checkpoint(statement: receipt.checkpoint?.statement ?? [])
        else { return false }
        let path = stride(from: 0, to: receipt.path.count, by: Digest.length).compactMap {
            Digest(bytes: receipt.path[$0..<min($0 + Digest.length, receipt.path.count)])
        }
        let hasher = MerkleHasher(checkpoint.algorithm)
        return MerkleProof.includes(
            leafHash: hasher.leaf(leaf), index: sequence - 1, size: checkpoint.treeSize, path: path,
            root: checkpoint.root, hasher: hasher)
    }
}
