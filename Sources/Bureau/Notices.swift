internal import Crypto
internal import Exchange
internal import Schema
package import Wire

/// What a call that is no command asked for, as the trail tells it.
package struct Asked: Sendable {
    /// `twolists.v1.Ledger` and `GetCase`: names of the schema, never what a peer sent.
    package var service: String
    package var method: String
    /// Address and port it came from.
    package var address: String
    /// What it named, as typed: looked up, never recorded, for it may be anything. Empty: it names nothing.
    package var key: String

    package init(_ service: String, _ method: String, from address: String, key: String = "") {
        self.service = service
        self.method = method
        self.address = address
        self.key = key
    }

    /// Nil: not refused for lack of right. "Not there" counts where it may mean "not yours to see".
    func refusal(_ status: Status) -> Refusal? {
        switch status.code {
        case .permissionDenied: .notPermitted
        case .notFound where !key.isEmpty: .notFound
        default: nil
        }
    }
}

/// Something for the trail that happened outside a command and outside the engine: a right refused on an event loop, or used. The
/// reply, if there is one, is finished with `status` once it is on record.
package struct NoticedCall: Sendable {
    package var actor: ActorIdentity
    package var asked: Asked
    /// OK: the right was used.
    package var status: Status
    package var reply: (any CallReply)?
    package var payload: [UInt8]

    package init(
        actor: ActorIdentity, asked: Asked, status: Status, reply: (any CallReply)?, payload: [UInt8] = []
    ) {
        self.actor = actor
        self.asked = asked
        self.status = status
        self.reply = reply
        self.payload = payload
    }
}

extension EngineHandle {
    /// Finishes a call refused outside the engine: through the trail where it was refused for lack of right.
    func refuse(_ reply: any CallReply, _ status: Status, _ actor: ActorIdentity?, _ asked: Asked) {
        guard let actor, asked.refusal(status) != nil else { return reply.finish(status, payload: []) }
        let call = NoticedCall(actor: actor, asked: asked, status: status, reply: reply)
        // An answer that says why would be one that the trail does not know of.
        guard post(.notice(call)) else { return reply.finish(EngineHandle.overloaded, payload: []) }
    }
}

/// Which refusals outside a command are journaled. Each officer has a bucket, and all of them together one, so that neither one who knocks
/// nor many who do fill the journal. What is not journaled is counted: the next one journaled of that officer tells it, or, when
/// none comes, the last one counted, as soon as the bucket lets it.
struct NoticeLimiter {
    private struct Bucket {
        var tokens: TokenBucket
        var surplus: UInt64 = 0
        /// The last one of the surplus.
        var last: EventV1.Notice?
    }
    private var buckets: [String: Bucket] = [:]
    private var all: TokenBucket
    /// Officers with a surplus.
    private var waiting: Set<String> = []
    private var lastFlush: Int64

    init(now: Int64) {
        all = TokenBucket(burst: EngineLimits.noticeBurst, interval: EngineLimits.noticeInterval, now: now)
        lastFlush = now
    }

    /// The notice to be journaled, with what was only counted before it; nil: this one is counted, too.
    /// - Parameter isOpen: whether the journal takes one now.
    mutating func admits(_ notice: EventV1.Notice, isOpen: Bool, now: Int64) -> EventV1.Notice? {
        let key = key(of: notice.actor?.officer ?? "", now)
        var bucket = buckets[key] ?? Bucket(tokens: Self.ofOfficer(now))
        defer { buckets[key] = bucket }
        guard isOpen, bucket.tokens.has(now: now), all.take(now: now), bucket.tokens.take(now: now) else {
            bucket.surplus += 1
            bucket.last = notice
            waiting.insert(key)
            return nil
        }
        var notice = notice
        notice.unrecorded = bucket.surplus
        (bucket.surplus, bucket.last) = (0, nil)
        waiting.remove(key)
        return notice
    }

    /// Those whose bucket lets the surplus be told by now; looked at once a second.
    mutating func due(now: Int64) -> [EventV1.Notice] {
        guard !waiting.isEmpty, now &- lastFlush >= EngineLimits.noticeFlush else { return [] }
        lastFlush = now
        var due: [EventV1.Notice] = []
        for key in waiting.sorted() {
            guard var bucket = buckets[key], var notice = bucket.last, bucket.tokens.has(now: now),
                all.take(now: now)
            else { continue }
            _ = bucket.tokens.take(now: now)
            notice.unrecorded = bucket.surplus - 1
            (bucket.surplus, bucket.last) = (0, nil)
            buckets[key] = bucket
            waiting.remove(key)
            due.append(notice)
        }
        return due
    }

    /// Without the one that newcomers share.
    private var apart: Int { buckets.count - (buckets[""] == nil ? 0 : 1) }

    private static func ofOfficer(_ now: Int64) -> TokenBucket {
        TokenBucket(
            burst: EngineLimits.noticeBurstOfOfficer, interval: EngineLimits.noticeIntervalOfOfficer, now: now
        )
    }

    /// The officer's bucket. With too many, those are forgotten that nothing would be lost with; if there is none, newcomers share one.
    private mutating func key(of officer: String, _ now: Int64) -> String {
        guard buckets[officer] == nil, apart >= EngineLimits.noticeOfficers else { return officer }
        for (key, var bucket) in buckets where bucket.surplus == 0 && bucket.tokens.isFull(now: now) {
            buckets[key] = nil
        }
        return apart < EngineLimits.noticeOfficers ? officer : ""
    }
}
