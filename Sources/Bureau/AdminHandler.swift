package import Crypto
internal import Exchange
internal import Schema
internal import Synchronization
package import Wire

/// The program around the services, as far as an administrator's call reaches it. Bureau knows no sockets and no files of certificates.
package protocol Administration: Sendable {
    /// Reads certificates, keys, authorities and lists again, on a thread of its own.
    /// - Parameters:
    ///   - who: who wants it, for the log.
    ///   - done: called once, on any thread: what is in use now, or why the old ones stay.
    func reload(
        for who: String, _ done: @escaping @Sendable (Result<[Expiry], CredentialFaults>) -> Void)
    /// What is in use; at once, on any thread.
    var expiries: [Expiry] { get }
    /// A call that was refused for lack of right: for the log.
    func refused(_ method: String, of who: String)
    /// The connections open now, by number, behind `place`. `done` is called once, on any thread.
    func connections(
        after place: LivePlace, limit: Int, _ done: @escaping @Sendable (LivePage<LiveConnection>) -> Void)
    /// The calls open now, by connection and stream, behind `place`. `done` is called once, on any thread.
    func streams(
        after place: LivePlace, limit: Int, _ done: @escaping @Sendable (LivePage<LiveStream>) -> Void)
    /// The limits of what Bureau does not know: connections, loops, the endpoint for figures.
    var limits: [NamedLimit] { get }
}

/// `twolists.v1.Admin`: what whoever runs the server asks of it. The engine says whether the officer is a system administrator now; what is
/// done is done by the program around us. What changes the server is journaled, done or failed, before it is answered; who may not is noted by the engine.
package final class AdminHandler: ServiceHandler {
    package let name = AdminService.name
    private let engine: EngineHandle
    private let program: any Administration
    private let clock: EngineClock
    private let reloads = Mutex(0)

    /// Reloads asked for and not yet done; one more is refused. Each reads files and judges every connection again: one is enough for whoever
    /// means it, and a script that calls in a loop must not queue up work.
    package static let reloadsAtOnce = 4

    package init(engine: EngineHandle, program: any Administration, clock: EngineClock = .system) {
        self.engine = engine
        self.program = program
        self.clock = clock
    }

    package func shape(of method: String) -> MethodShape? { AdminService.Method(rawValue: method)?.shape }

    package func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        do throws(Status) {
            let actor = try ActorIdentity(call.peer)
            guard let method = AdminService.Method(rawValue: call.method) else {
                throw Status.methodUnknown(call.method)
            }
            let asked = Errand(actor: actor, peer: call.peer, work: try work(method, request), reply: reply)
            let question = RightQuestion(reply) { [self] status, _ in
                guard status.isOK else {
                    program.refused(method.rawValue, of: asked.who)
                    return reply.finish(status, payload: [])
                }
                carryOut(asked)
            }
            let query = Query(
                actor: actor, asked: Asked(name, method.rawValue, from: call.peer.address),
                deadline: call.deadline, reply: question, work: .once(mayAdminister))
            guard engine.post(.query(query)) else { throw EngineHandle.overloaded }
        } catch {
            reply.finish(error, payload: [])
        }
        return nil
    }

    /// One call, read.
    private struct Errand: Sendable {
        enum Work: Sendable {
            case reload
            case certificates
            case limits
            case connections(LivePlace, Int)
            case streams(LivePlace, Int)
        }
        var actor: ActorIdentity
        var peer: PeerIdentity
        var work: Work
        var reply: any CallReply

        var who: String { String(decoding: peer.uri, as: UTF8.self) }

        /// For the journal.
        func note(_ faults: [String], _ status: Status, _ payload: [UInt8] = []) -> AdminNote {
            AdminNote(
                action: "reload", actor: actor, address: peer.address, faults: faults, reply: reply,
                status: status, payload: payload)
        }
    }

    private func work(_ method: AdminService.Method, _ request: [UInt8]) throws(Status) -> Errand.Work {
        switch method {
        case .reload:
            _ = try decode(ReloadQuery.self, request)
            return .reload
        case .listCertificates:
            _ = try decode(ListCertificatesQuery.self, request)
            return .certificates
        case .listLimits:
            _ = try decode(ListLimitsQuery.self, request)
            return .limits
        case .listConnections:
            let query = try decode(ListConnectionsQuery.self, request)
            return .connections(try LiveCursor.place(query.cursor), try LiveCursor.size(query.pageSize))
        case .listStreams:
            let query = try decode(ListStreamsQuery.self, request)
            return .streams(try LiveCursor.place(query.cursor), try LiveCursor.size(query.pageSize))
        }
    }

    private func carryOut(_ asked: Errand) {
        let reply = asked.reply
        switch asked.work {
        case .certificates: reply.finish(.ok, payload: view(program.expiries).encoded())
        case .limits:
            let all = program.limits + Self.limits
            reply.finish(.ok, payload: LimitsView(limits: all.map { LimitLine($0) }).encoded())
        case .reload: reload(asked)
        case .connections(let place, let size):
            program.connections(after: place, limit: size) {
                reply.finish(.ok, payload: ConnectionsPage($0).encoded())
            }
        case .streams(let place, let size):
            program.streams(after: place, limit: size) {
                reply.finish(.ok, payload: StreamsPage($0).encoded())
            }
        }
    }

    private func reload(_ asked: Errand) {
        let isFree = reloads.withLock { running in
            guard running < Self.reloadsAtOnce else { return false }
            running += 1
            return true
        }
        guard isFree else { return asked.reply.finish(.serverBusy, payload: []) }
        program.reload(for: asked.who) { [self] result in
            reloads.withLock { $0 -= 1 }
            let note =
                switch result {
                case .success(let expiries): asked.note([], .ok, view(expiries).encoded())
                case .failure(let faults): asked.note(faults.faults.map(\.english), .reloadRefused(faults))
                }
            // Urgent: what has happened is recorded whatever waits.
            engine.post(.administration(note), urgent: true)
        }
    }

    private func view(_ expiries: [Expiry]) -> CertificatesView {
        let now = clock.wall() / 1_000_000_000
        return CertificatesView(certificates: expiries.map { $0.line(now) })
    }
}

extension Expiry {
    fileprivate func line(_ now: Int64) -> CertificateLine {
        let (nanoseconds, overflow) = ends.multipliedReportingOverflow(by: 1_000_000_000)
        return CertificateLine(
            use: schemaUse, name: name, serial: serial, endsAt: overflow ? .max : nanoseconds,
            daysLeft: Int32(clamping: days(at: now)))
    }

    private var schemaUse: CertificateUse {
        switch use {
        case .server: .server
        case .journal: .journal
        case .authority: .authority
        case .revocationList: .revocationList
        }
    }
}
