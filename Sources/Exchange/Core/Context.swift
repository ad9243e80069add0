/// What `decide` and `apply` are told from outside: they have no clock, no ids and no authentication of their
/// own.

/// How a command reached the server; the same numbers as `twolists.event.v1.Path`.
package enum ActorPath: UInt8, Sendable, Hashable {
    /// Loaded by the operator when the store was made. Gives no right but to roster and tables.
    case seed = 1
    case line = 2
    case file = 3
    /// The server's own clock. It gives no command: what it writes is made without `decide`.
    case clock = 4
    /// The server's own checking of a batch; as the clock.
    case check = 5
}

/// Who gives a command, as authenticated. What he may do is not in here: the registry in `State` says that.
package struct ActorContext: Sendable, Hashable {
    /// `county/421321`.
    package var party: String
    /// `k7f2`.
    package var officer: String
    /// Serial number of the certificate, big endian.
    package var serial: [UInt8]
    package var path: ActorPath

    package init(party: String, officer: String, serial: [UInt8] = [], path: ActorPath) {
        self.party = party
        self.officer = officer
        self.serial = serial
        self.path = path
    }

    /// The operator who makes the store.
    package static let seed = ActorContext(party: "", officer: "", path: .seed)
}

/// SHA-256 as this pure module is given it. Two are always equal: there is one SHA-256.
package struct DigestFunction: Sendable, Hashable {
    package let function: @Sendable ([UInt8]) -> [UInt8]

    package init(_ function: @escaping @Sendable ([UInt8]) -> [UInt8]) { self.function = function }

    /// Answers nothing, so that whatever rests on a digest is refused.
    package static let none = DigestFunction { _ in [] }

    package static func == (a: DigestFunction, b: DigestFunction) -> Bool { true }
    package func hash(into hasher: inout Hasher) {}
}

/// One command's circumstances. The city has been checked by the caller: one `State` is one city's.
package struct Context: Sendable, Hashable {
    /// Journal time, nanoseconds UTC since 1970.
    package var now: Int64
    package var actor: ActorContext
    package var commandID: EntityID
    package var target: EntityID
    /// Version of the target the officer saw; 0: it must not exist yet.
    package var expectedVersion: UInt64
    /// Days after which no backup of the key file holds a key that is destroyed now; of `Limits.keyBackupDaysChoice`.
    package var keyBackupDays: Int64

    /// For rounds of placement (ROUND.md).
    package var sha256: DigestFunction

    package init(
        now: Int64, actor: ActorContext, commandID: EntityID, target: EntityID, expectedVersion: UInt64,
        keyBackupDays: Int64 = Limits.keyBackupDays, sha256: DigestFunction = .none
    ) {
        self.sha256 = sha256
        self.keyBackupDays = keyBackupDays
        self.now = now
        self.actor = actor
        self.commandID = commandID
        self.target = target
        self.expectedVersion = expectedVersion
    }

    /// The day it is in UTC+8.
    var today: CivilDay { CivilDay(nanoseconds: now) }
}

/// One event's circumstances, all of which stand in its journal record.
package struct EventContext: Sendable, Hashable {
    /// Of the journal record; rises from record to record.
    package var sequence: UInt64
    /// Journal time, nanoseconds UTC since 1970.
    package var time: Int64
    package var actor: ActorContext
    package var target: EntityID
    /// Of the target after the event.
    package var version: UInt64
    package var kind: CommandKind

    package init(
        sequence: UInt64, time: Int64, actor: ActorContext, target: EntityID, version: UInt64,
        kind: CommandKind
    ) {
        self.sequence = sequence
        self.time = time
        self.actor = actor
        self.target = target
        self.version = version
        self.kind = kind
    }
}
