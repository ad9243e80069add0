package import Bureau
package import Crypto
package import Exchange
package import Journal
package import Schema
internal import Synchronization
package import Wire

/// What the journal's own visitor sees: every command record, every root.
package struct Recorded: JournalVisitor {
    package struct Entry: Sendable {
        package var sequence: UInt64
        package var group: UInt64
        package var time: Int64
        package var id: ID128
        package var outcome: UInt32
        package var body: [UInt8]
        package var lines: [String]
    }
    package private(set) var commands: [Entry] = []
    package private(set) var system: [SystemRecord] = []
    package private(set) var times: [Int64] = []
    package private(set) var roots: [UInt64: Digest] = [:]
    private let prints: Bool

    /// `prints`: each command's dump is kept, too.
    package init(prints: Bool = false) { self.prints = prints }

    package mutating func record(_ view: RecordView) throws(JournalError) {
        times.append(view.time)
        if let system = SystemRecord(view) { self.system.append(system) }
        guard view.type == .command else { return }
        commands.append(
            Entry(
                sequence: view.sequence, group: view.group, time: view.time, id: view.commandID,
                outcome: view.outcome,
                body: [UInt8](view.body), lines: prints ? RecordDump.lines(view) : []))
    }

    package mutating func commit(_ view: CommitView) throws(JournalError) {
        roots[view.checkpoint.checkpoint.treeSize] = view.checkpoint.checkpoint.root
    }
}

/// Everything the log has told.
package final class Heard: Sendable {
    private let state = Mutex<(positions: [DurablePosition], fatal: [JournalError])>(([], []))
    package var positions: [DurablePosition] { state.withLock { $0.positions } }
    package var fatal: JournalError? { state.withLock { $0.fatal.first } }

    private let receiver = Mutex<@Sendable (LogOutcome) -> Void>({ _ in })

    /// Who is told, after this has taken it down.
    func receive(_ receiver: @escaping @Sendable (LogOutcome) -> Void) {
        self.receiver.withLock { $0 = receiver }
    }

    func outcome(_ outcome: LogOutcome) {
        if case .durable(let position) = outcome { state.withLock { $0.positions.append(position) } }
        receiver.withLock { $0 }(outcome)
    }
    func failed(_ error: JournalError) { state.withLock { $0.fatal.append(error) } }
}

/// An engine over a store, its log stepped by the test: nothing is durable before `step`.
package struct Desk {
    package let engine: Engine
    package let log: GroupCommitLog
    package let heard = Heard()
    package let store: Store
    package let reader: EnvelopeReader
    package let world: World
    package let admission = Admission()
    package let receipts: ReceiptMaker

    package init(
        _ storage: any Storage, keys: any Storage, _ options: JournalOptions, _ world: World,
        signatures: any SignatureChecker = TrustingChecker(), certificates: [Certificate] = [],
        keyBackupDays: Int64 = Limits.keyBackupDays
    ) throws(JournalError) {
        store = try Store.open(storage, keys: keys, options: options)
        log = store.log
        self.world = world
        engine = store.engine(
            admission: admission, handle: EngineHandle(), clock: world.clock, entropy: world.entropy,
            keyBackupDays: keyBackupDays)
        receipts = ReceiptMaker(store.log, certificates: certificates)
        reader = EnvelopeReader(
            city: TownRoster.city, signatures: signatures, algorithm: store.journal.algorithm,
            receipts: receipts, entropy: world.entropy)
        heard.receive(engine.outcomeReceiver())
        let heard = heard
        log.startManually(onOutcome: { heard.outcome($0) }, onFatal: { heard.failed($0) })
    }

    /// The process is gone, with the answers it owed: those hold the log, which holds them, and thousands of dead logs would use up the
    /// test's file descriptors.
    package func abandon() { heard.receive { _ in } }

    /// An envelope by an officer, encoded.
    package func envelope(
        _ body: Command.OneOf_Body?, by officer: String, on target: [UInt8], expecting version: UInt64,
        id: ID128? = nil
    ) -> [UInt8] {
        let actor = TownRoster.actor(officer)
        return Envelope(
            id: (id ?? world.commandID()).bytes, city: actor.city, party: actor.party, officer: officer,
            issuedAt: world.now, target: target, expectedVersion: version, command: Command(body: body)
        ).encoded()
    }

    /// Hands an envelope in over the line, as the officer's connection would; malformed ones are answered at once.
    package func submit(
        _ envelope: [UInt8], by officer: String, deadline: Int64? = nil
    ) -> (input: EngineInput?, reply: CaughtReply) {
        let reply = CaughtReply()
        do throws(Status) {
            let submission = try reader.line(
                SignedEnvelope(envelope: envelope), call: Desk.call(officer, deadline: deadline),
                actor: TownRoster.actor(officer), reply: reply)
            return (.command(submission), reply)
        } catch {
            reply.finish(error, payload: [])
            return (nil, reply)
        }
    }

    package static func call(
        _ officer: String, deadline: Int64? = nil, service: String = "", method: String = ""
    ) -> CallInfo {
        let actor = TownRoster.actor(officer)
        let uri = "twolists://\(actor.city)/\(actor.party)/officer/\(officer)"
        let peer = PeerIdentity(
            uri: [UInt8](uri.utf8), serial: actor.serial, certificate: [], notAfter: 2_000_000_000,
            address: "127.0.0.1:1")
        return CallInfo(
            service: service, method: method, peer: peer, metadata: [], deadline: deadline, connection: 1,
            stream: 1)
    }

    /// One turn with these envelopes; nothing is stepped.
    @discardableResult
    package func turn(_ calls: [(input: EngineInput?, reply: CaughtReply)]) -> [CaughtReply] {
        engine.turn(calls.compactMap(\.input))
        return calls.map(\.reply)
    }

    /// A turn and a step: the command's answer, or its status.
    @discardableResult
    package func send(_ envelope: [UInt8], by officer: String, deadline: Int64? = nil) throws(Status)
        -> CommandAnswer
    {
        let reply = turn([submit(envelope, by: officer, deadline: deadline)])[0]
        log.step()
        return try Desk.answer(reply)
    }

    package static func answer(_ reply: CaughtReply) throws(Status) -> CommandAnswer {
        guard let status = reply.status, let payload = reply.payload else {
            throw Status(.unknown, "not answered")
        }
        guard status.isOK else { throw status }
        guard let answer = try? CommandAnswer(decoding: payload) else { throw Status(.internal, "no answer") }
        return answer
    }

    /// A command at the version its target has now.
    @discardableResult
    package func give(_ body: Command.OneOf_Body, by officer: String, on target: [UInt8]) throws(Status)
        -> CommandAnswer
    {
        try send(envelope(body, by: officer, on: target, expecting: version(of: target)), by: officer)
    }

    /// The sample command of a kind by the officer whose part it is.
    @discardableResult
    package func give(_ kind: CommandKind, on target: [UInt8]) throws(Status) -> CommandAnswer {
        guard let body = Filings.body(kind) else { throw Status(.unimplemented, kind.name) }
        return try give(body, by: Filings.officer(kind), on: target)
    }

    package func version(of target: [UInt8]) -> UInt64 {
        EntityID(target).map { engine.state.version(of: $0) } ?? 0
    }

    /// A read on the engine's thread; the reply waits for what it saw.
    package func read(
        by officer: String, _ look: @escaping @Sendable (State, Viewer) throws(Status) -> [UInt8]
    ) -> (input: EngineInput?, reply: CaughtReply) {
        let reply = CaughtReply()
        let query = Query(
            actor: TownRoster.actor(officer), deadline: nil, reply: reply, work: .once(look))
        return (.query(query), reply)
    }
}

/// Takes every signature for good: the certificate field holds the signer's URI. For tests that are not about signatures.
package struct TrustingChecker: SignatureChecker {
    package init() {}

    package func signer(
        of message: [UInt8], algorithm: String, signature: [UInt8], certificate: [UInt8]
    ) throws(Status) -> ActorIdentity {
        TownRoster.actor(String(decoding: certificate, as: UTF8.self))
    }
}

/// Simulated disks with a store of the small town.
package enum TownDisk {
    /// A new store with the town's seeds.
    package static func make(
        seed: UInt64, world: World, segmentSize: Int = 64 << 10, files: [SeedFile] = TownRoster.files
    ) throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: seed)
        let keys = try disk.root.subdirectory("keys")
        let options = world.options(segmentSize: segmentSize)
        try Journal.format(disk.root, keys: keys, options)
        _ = try SeedLoader.fill(
            disk.root, keys: keys, options: options, commands: try seedCommands(files),
            clock: world.clock, entropy: world.entropy)
        return disk
    }

    /// The files of a disk, durable, on a disk of its own.
    package static func copy(_ disk: SimulatedDisk, seed: UInt64) throws -> SimulatedDisk {
        let copy = SimulatedDisk(seed: seed)
        _ = try copy.root.subdirectory("keys")
        for name in try disk.root.list() { copy.replace(name, disk.bytes(of: name) ?? []) }
        for name in try disk.root.subdirectory("keys").list() {
            copy.replace(name, in: "keys", disk.bytes(of: name, in: "keys") ?? [])
        }
        return copy
    }

    package static func open(
        _ disk: SimulatedDisk, _ world: World, segmentSize: Int = 64 << 10,
        signatures: any SignatureChecker = TrustingChecker(), certificates: [Certificate] = []
    ) throws -> Desk {
        try Desk(
            disk.root, keys: try disk.root.subdirectory("keys"), world.options(segmentSize: segmentSize),
            world,
            signatures: signatures, certificates: certificates)
    }

    /// Every file's bytes, by name.
    package static func files(_ disk: SimulatedDisk) throws -> [(name: String, bytes: [UInt8])] {
        var files: [(String, [UInt8])] = []
        for folder in [nil, "keys", "quarantine"] as [String?] {
            let storage = try folder.map { try disk.root.subdirectory($0) } ?? disk.root
            for name in try storage.list() {
                files.append(("\(folder ?? ".")/\(name)", disk.bytes(of: name, in: folder) ?? []))
            }
        }
        return files
    }
}
