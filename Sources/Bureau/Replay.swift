package import Crypto
package import Exchange
package import Journal
internal import Schema
internal import Wire

/// What the engine remembers beside the state: judged commands and keys.
package struct RecoveredMemory {
    var judged = JudgedTable()
    var keys = KeyRing()

    package init() {}

    init(judged: JudgedTable, keys: KeyRing) {
        self.judged = judged
        self.keys = keys
    }

    /// Commands remembered; for the line the server prints at its start.
    package var commands: Int { judged.count }
}

/// The journal's records back into a state: the same `apply` as live, nothing else. A record this program cannot read
/// stops the start with its sequence named; nothing is skipped.
package struct Replay: JournalVisitor {
    /// Subjects that a record says are erased and whose key was still there.
    package private(set) var unfinishedErasures: [ID128] = []
    package private(set) var state: State
    package private(set) var memory: RecoveredMemory
    /// Subjects one of whose keys was destroyed.
    private var destroyed: Set<ID128>
    /// Second keys that no record was opened with yet.
    private var later: [ID128: SealKey] = [:]
    private let sealer = Sealer()
    private let algorithm: DigestAlgorithm
    /// Nonces for salts, when the state is built for a snapshot: nothing is opened then but the origins, for their salts.
    private let aside: Entropy?
    private let isCancelled: @Sendable () -> Bool

    /// From nothing, or from what a snapshot gave.
    package init(
        algorithm: DigestAlgorithm = .sha256, aside: Entropy? = nil, state: State? = nil,
        memory: RecoveredMemory = RecoveredMemory(), unfinishedErasures: [ID128] = [],
        destroyed: Set<ID128> = [],
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.algorithm = algorithm
        self.aside = aside
        self.state = state ?? State(aside: aside != nil)
        self.memory = memory
        self.unfinishedErasures = unfinishedErasures
        self.destroyed = destroyed
        self.isCancelled = isCancelled
    }

    /// Keys of a group come before its records. A second key of a subject (of a command refused after an erasure) may come with records that
    /// the first one sealed: it waits for the record that it opens.
    package mutating func key(_ key: KeyEntry) throws(JournalError) {
        if key.isDestroyed {
            destroyed.insert(key.subject)
            return memory.keys.remove(key.subject)
        }
        do throws(CryptoError) {
            let sealKey = try SealKey(bytes: key.key)
            if destroyed.contains(key.subject) || memory.keys[key.subject] != nil {
                later[key.subject] = sealKey
            } else {
                memory.keys.insert(sealKey, for: key.subject)
            }
        } catch {
            throw .misuse("key of \(key.subject): \(error)")
        }
    }

    /// The key this record was sealed with; nil: it was destroyed. The origin, which every record has, tells a second key from the first.
    private mutating func key(of record: EventV1.Record, _ subject: ID128, _ command: ID128) -> SealKey? {
        if let second = later[subject],
            (try? sealer.open(origin: record.origin, command: command, key: second)) != nil
        {
            later[subject] = nil
            memory.keys.insert(second, for: subject)
        }
        return memory.keys[subject]
    }

    package mutating func record(_ view: RecordView) throws(JournalError) {
        if view.type == .restored { try note(view) }
        guard view.type == .command else { return }
        let body = [UInt8](view.body)
        do {
            var record = try EventV1.Record(decoding: body)
            guard let target = EntityID(record.target), let subject = ID128(record.subject) else {
                throw WrongRecord.target
            }
            guard let kind = CommandKind(rawValue: record.commandKind) else { throw WrongRecord.kind }
            let key = key(of: record, subject, view.commandID)
            if aside == nil {
                try sealer.open(&record.events, command: view.commandID, key: key)
            } else {
                sealer.place(&record.events, command: view.commandID)
            }
            for index in record.events.indices { record.events[index].upcast() }
            if aside != nil { sealer.markNeverSealed(&record.events) }
            apply(record, kind, target, view)
            // What the clock or the checking wrote nobody sent, so nobody sends it again; it has no envelope and no salt.
            if record.actor?.path != .clock, record.actor?.path != .check {
                try remember(record, target, view, body: body, key: key)
            }
            if kind.erases, !record.events.isEmpty { forgetKey(subject) }
        } catch {
            throw .refusedByApplication(sequence: view.sequence, reason: "\(error)")
        }
    }

    private mutating func note(_ view: RecordView) throws(JournalError) {
        guard let restored = Restored(view.body) else {
            throw .refusedByApplication(
                sequence: view.sequence, reason: "a RESTORED record that cannot be read")
        }
        state.note(
            Restoration(
                sequence: view.sequence, time: view.time, record: [UInt8](view.body),
                keptRecords: restored.keptSize, cutRecords: restored.cutSize))
    }

    private mutating func apply(
        _ record: EventV1.Record, _ kind: CommandKind, _ target: EntityID, _ view: RecordView
    ) {
        let actor = record.actor ?? EventV1.Actor()
        let at = EventContext(
            sequence: view.sequence, time: view.time,
            actor: ActorContext(
                party: actor.party, officer: actor.officer, serial: actor.certificateSerial,
                path: ActorPath(actor.path)),
            target: target, version: record.expectedVersion &+ (kind.raisesVersion ? 1 : 0), kind: kind)
        for event in record.events { state.apply(event, at: at) }
    }

    /// As the engine did when it judged this record.
    private mutating func forgetKey(_ subject: ID128) {
        if memory.keys[subject] != nil { unfinishedErasures.append(subject) }
        memory.keys.remove(subject)
    }

    private mutating func remember(
        _ record: EventV1.Record, _ target: EntityID, _ view: RecordView, body: [UInt8], key: SealKey?
    ) throws {
        var judged = Judged(
            sequence: view.sequence, time: view.time, outcome: record.outcome ?? Outcome(),
            target: target, version: record.version, number: record.number,
            envelopeDigest: view.envelopeDigest, bodyDigest: Digest(of: body, algorithm: algorithm), salt: nil
        )
        if let key {
            let bytes = try sealer.open(origin: record.origin, command: view.commandID, key: key)
            let origin = try EventV1.Origin(decoding: bytes)
            judged.salt = origin.salt
            if let aside {
                judged.sealedSalt = try sealer.seal(
                    salt: origin.salt, command: view.commandID, key: key,
                    nonce: try aside.bytes(Sealed.nonceLength))
                judged.salt = nil
            }
        }
        memory.judged.remember(view.commandID, judged, now: view.time)
    }

    package func commit(_ commit: CommitView) throws(JournalError) {
        if isCancelled() { throw .misuse("reading was ended") }
    }

    private enum WrongRecord: Error {
        case target
        case kind
    }
}
