package import Crypto
internal import Exchange
internal import Schema
internal import Wire

/// A change of the running server, done or failed, on its way into the journal: who, from where, what, with what outcome. When is the
/// journal's to say.
package struct AdminNote: Sendable {
    /// What the trail calls such an action begins with this.
    static let prefix = "admin "
    static let reload = prefix + "reload"
    /// Faults that one record tells; the log has them all.
    package static let faultsMost = 8
    /// Bytes of one fault's text in the record: a path and a sentence.
    package static let faultBytes = 512

    var action: String
    /// Nil: somebody who could send the process a signal.
    var actor: ActorIdentity?
    var address = ""
    var faults: [String] = []
    /// Answered once the record is durable; nil: nobody waits.
    var reply: (any CallReply)?
    var status = Status.ok
    var payload: [UInt8] = []

    var isDone: Bool { faults.isEmpty }

    /// Without a record: the answer goes out as it is.
    func answer() { reply?.finish(status, payload: payload) }

    func record(roles: [Schema.Role]) -> EventV1.Administration {
        let told = faults.prefix(Self.faultsMost).map { fault in
            fault.utf8.count <= Self.faultBytes
                ? fault : String(decoding: fault.utf8.prefix(Self.faultBytes), as: UTF8.self)
        }
        return EventV1.Administration(
            actor: EventV1.Actor(
                party: actor?.party ?? "", officer: actor?.officer ?? "",
                certificateSerial: actor?.serial ?? [],
                roles: roles, path: actor == nil ? .unspecified : .line, address: address),
            action: action, done: isDone, faults: told)
    }
}

extension AdminNote {
    /// A reload by a signal to the process.
    package static func reloadBySignal(_ faults: CredentialFaults?) -> AdminNote {
        AdminNote(action: "reload", faults: faults.map { $0.faults.map(\.english) } ?? [])
    }
}
