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
}

/// `twolists.v1.Admin`: what whoever runs the server asks of it. The engine says whether the officer is a system administrator now; what is
/// done is done by the program around us.
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
            switch method {
            case .reload: _ = try decode(ReloadQuery.self, request)
            case .listCertificates: _ = try decode(ListCertificatesQuery.self, request)
            }
            let who = String(decoding: call.peer.uri, as: UTF8.self)
            let question = RightQuestion(reply) { [self] status, _ in
                guard status.isOK else {
                    program.refused(method.rawValue, of: who)
                    return reply.finish(status, payload: [])
                }
                carryOut(method, for: who, reply)
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

    private func carryOut(_ method: AdminService.Method, for who: String, _ reply: any CallReply) {
        switch method {
        case .listCertificates: reply.finish(.ok, payload: view(program.expiries).encoded())
        case .reload: reload(for: who, reply)
        }
    }

    private func reload(for who: String, _ reply: any CallReply) {
        let isFree = reloads.withLock { running in
            guard running < Self.reloadsAtOnce else { return false }
            running += 1
            return true
        }
        guard isFree else { return reply.finish(.serverBusy, payload: []) }
        program.reload(for: who) { [self] result in
            reloads.withLock { $0 -= 1 }
            switch result {
            case .success(let expiries): reply.finish(.ok, payload: view(expiries).encoded())
            case .failure(let faults): reply.finish(.reloadRefused(faults), payload: [])
            }
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
