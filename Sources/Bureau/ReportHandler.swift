internal import Exchange
internal import Schema
package import Wire

/// `twolists.v1.Report`: the figures of a period, counted by the engine's thread in steps over what the asker may see.
package final class ReportHandler: ServiceHandler {
    package let name = ReportService.name
    private let engine: EngineHandle

    package init(engine: EngineHandle) { self.engine = engine }

    package func shape(of method: String) -> MethodShape? { ReportService.Method(rawValue: method)?.shape }

    package func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        do throws(Status) {
            let actor = try ActorIdentity(call.peer)
            guard let method = ReportService.Method(rawValue: call.method) else {
                throw Status.methodUnknown(call.method)
            }
            let query = Query(
                actor: actor, asked: Asked(name, method.rawValue, from: call.peer.address),
                deadline: call.deadline, reply: reply, work: .steps(try FigureJob(request)))
            guard engine.post(.query(query)) else { throw EngineHandle.overloaded }
        } catch {
            reply.finish(error, payload: [])
        }
        return nil
    }
}

/// Figures in the making.
private struct FigureJob: ScanJob {
    private let period: Period
    private var scan: FigureScan?

    init(_ request: [UInt8]) throws(Status) {
        let query = try decode(FiguresQuery.self, request)
        guard let from = CivilDay(query.from) else { throw .badPeriod("from") }
        guard let to = CivilDay(query.to), let period = Period(from: from, to: to) else {
            throw .badPeriod("to")
        }
        self.period = period
    }

    mutating func step(_ state: State, viewer: Viewer) throws(Status) -> [UInt8]? {
        guard viewer.doesCasework else { throw .caseworkOnly }
        var running = scan ?? FigureScan(period, for: viewer, in: state)
        do throws(FigureScan.Fault) {
            guard try running.step(state, budget: EngineLimits.figureStep) else {
                scan = running
                return nil
            }
        } catch {
            throw .reportTooLarge
        }
        return running.view(state).encoded()
    }
}
