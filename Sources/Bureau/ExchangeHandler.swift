internal import Crypto
internal import Schema
package import Wire

/// `twolists.v1.Exchange`: every mutation. Decoding and signatures are checked on the event loop; the engine only judges.
package final class ExchangeHandler: ServiceHandler {
    package let name = ExchangeService.name
    private let engine: EngineHandle
    private let reader: EnvelopeReader
    /// Looks at attachments before they are judged; nil: nobody does.
    private let desk: BatchDesk?

    package init(engine: EngineHandle, reader: EnvelopeReader, desk: BatchDesk? = nil) {
        self.engine = engine
        self.reader = reader
        self.desk = desk
    }

    package func shape(of method: String) -> MethodShape? { ExchangeService.Method(rawValue: method)?.shape }

    package func open(
        _ call: CallInfo, request: [UInt8], reply: any CallReply
    ) -> (any CallHandler)? {
        var actor: ActorIdentity?
        do throws(Status) {
            let caller = try ActorIdentity(call.peer)
            actor = caller
            let signed = try decode(SignedEnvelope.self, request)
            let submission = try submission(signed, call, caller, reply)
            guard post(submission) else { throw EngineHandle.overloaded }
        } catch {
            let method = ExchangeService.Method(rawValue: call.method) ?? .execute
            engine.refuse(reply, error, actor, Asked(name, method.rawValue, from: call.peer.address))
        }
        return nil
    }
}

extension ExchangeHandler {
    private func post(_ submission: Submission) -> Bool {
        if let desk, case .attachEvidence(let evidence) = submission.command.body {
            return desk.post(.weigh(submission, evidence, engine))
        }
        return engine.post(.command(submission))
    }

    private func submission(
        _ signed: SignedEnvelope, _ call: CallInfo, _ actor: ActorIdentity, _ reply: any CallReply
    ) throws(Status) -> Submission {
        guard ExchangeService.Method(rawValue: call.method) == .import else {
            return try reader.line(signed, call: call, actor: actor, reply: reply)
        }
        // Not judged when refused: whoever finds a disc must not use up the command on it.
        guard actor.party.utf8.starts(with: "bureau/".utf8) else {
            throw Status.importNotPermitted
        }
        return try reader.file(
            signed, handedInBy: actor, address: call.peer.address, deadline: call.deadline, reply: reply)
    }
}

/// A request message of a call, or the status that says what is wrong with it.
func decode<M: Message>(_ type: M.Type, _ bytes: [UInt8]) throws(Status) -> M {
    do {
        return try M(decoding: bytes)
    } catch {
        throw Status.malformed(M.self, error)
    }
}

extension ActorIdentity {
    /// The officer a verified certificate names; only officers act.
    package init(_ peer: PeerIdentity) throws(Status) {
        guard let officer = peer.officer else {
            try self.init(uri: peer.uri, serial: peer.serial)
            return
        }
        self.init(city: officer.city, party: officer.party, officer: officer.id, serial: peer.serial)
    }

    init(uri: [UInt8], serial: [UInt8]) throws(Status) {
        guard let identity = try? IdentityURI(bytes: uri),
            case .officer(let kind, let party, let id) = identity.holder
        else {
            throw Status.noOfficer(uri)
        }
        self.init(city: identity.city, party: "\(kind.rawValue)/\(party)", officer: id, serial: serial)
    }
}
