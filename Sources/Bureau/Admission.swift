internal import Exchange
internal import Synchronization
package import Wire

/// Who may connect, as the event loops ask it at every handshake: a copy of the roster's identities that the engine
/// renews when the roster changes. The engine's own checks decide every call; this only keeps strangers out early.
package final class Admission: Sendable {
    private struct Roster: Sendable {
        var active: Set<[UInt8]> = []
        var suspended: Set<[UInt8]> = []
    }
    private let roster = Mutex(Roster())
    /// Told after every change, on the engine's thread.
    private let listener = Mutex<(@Sendable () -> Void)?>(nil)

    package init() {}

    /// Nil: admitted.
    package func refusal(for identity: PeerIdentity) -> Status? {
        roster.withLock { roster in
            if roster.active.contains(identity.uri) { return nil }
            let name = String(decoding: identity.uri, as: UTF8.self)
            if roster.suspended.contains(identity.uri) {
                return .suspended(name)
            }
            return .notRegistered(name)
        }
    }

    /// `changed` is called after every change of the roster, so that live connections can be judged again.
    package func onChange(_ changed: @escaping @Sendable () -> Void) { listener.withLock { $0 = changed } }

    func refresh(from state: State) {
        var fresh = Roster()
        let city = state.city?.code ?? ""
        for officer in state.officers {
            let party = state.party(officer.party)
            let uri = [UInt8]("twolists://\(city)/\(party.key)/officer/\(officer.id)".utf8)
            if officer.isSuspended || party.isSuspended {
                fresh.suspended.insert(uri)
            } else {
                fresh.active.insert(uri)
            }
        }
        roster.withLock { $0 = fresh }
        listener.withLock { $0 }?()
    }
}
