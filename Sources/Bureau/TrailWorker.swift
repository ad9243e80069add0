internal import CLinux
internal import Journal
internal import Schema
internal import Synchronization
internal import Wire

/// Bounds of the trail, each with its reason.
package enum TrailLimits {
    /// Calls that wait for the trail's thread: few auditors read, and a backlog is told rather than kept.
    package static let waiting = 64
    package static let pageDefault = 50
    package static let pageMost = 200
    /// Records looked at for one page: a filter that finds little answers a short page with a cursor before its caller's deadline.
    package static let scanned = 50_000
    /// Bytes of bodies in one answer of Records, well below a message; one record always fits.
    package static let answerBytes = 512 << 10
    /// Records in one answer.
    package static let answerRecords = 2_000
}

/// The thread that reads the journal's files for auditors. A read of the disk may take long, so it is neither a loop's nor the engine's to do;
/// one thread, so that however many ask, casework loses no more than that.
package final class TrailWorker: Sendable {
    private let mailbox = Mailbox<TrailJob>(limit: TrailLimits.waiting)
    private let stopping = Atomic<Bool>(false)

    init() {}

    /// False: too many wait.
    func post(_ job: TrailJob) -> Bool { mailbox.post(job) }

    func run() {
        clinux_thread_name("trail")
        var jobs: [TrailJob] = []
        while !stopping.load(ordering: .acquiring) {
            mailbox.wait(milliseconds: 1_000)
            performWaiting(&jobs)
        }
        mailbox.take(into: &jobs)
        for job in jobs { job.refuse() }
    }

    /// Everything that waits, on the caller's thread.
    func performWaiting(_ jobs: inout [TrailJob]) {
        mailbox.take(into: &jobs)
        for job in jobs { job.perform() }
    }

    func stop() {
        stopping.store(true, ordering: .releasing)
        mailbox.wake()
    }
}

/// Where the trail is read from.
struct TrailSource: Sendable {
    let storage: any Storage
    let log: any Log
    /// Knows the certificates of those who may have signed.
    let receipts: ReceiptMaker
}

/// One call, on the trail's thread.
struct TrailJob: Sendable {
    enum Work: Sendable {
        case list(TrailFilter)
        case head(TrailHeadQuery)
        case records(TrailRecordsQuery)
    }
    let work: Work
    /// The id of the target asked for, found by the engine; none: any.
    let target: [UInt8]
    let reply: any CallReply
    let source: TrailSource

    func perform() {
        do {
            switch work {
            case .list(var filter):
                filter.target = target
                reply.finish(.ok, payload: try filter.page(source).encoded())
            case .head(let query):
                reply.finish(.ok, payload: try TrailExport.head(query, source, source.receipts).encoded())
            case .records(let query):
                reply.finish(.ok, payload: try TrailExport.records(query, source).encoded())
            }
        } catch let status as Status {
            reply.finish(status, payload: [])
        } catch {
            reply.finish(.trailUnreadable(error), payload: [])
        }
    }

    func refuse() { reply.finish(.serverStopping, payload: []) }
}
