package import Exchange
package import Wire

/// What reaches the engine's thread.
package enum EngineInput: Sendable {
    case command(Submission)
    // Apart, so that a command in the queue is one word.
    indirect case query(Query)
    indirect case watch(WatchStart)
    indirect case notice(NoticedCall)
    case watchReady(WatchID)
    case watchEnded(WatchID)
    /// The running server was changed, or refused to be: to be journaled before it is answered.
    indirect case administration(AdminNote)
    /// From the batches' thread.
    indirect case check(CheckNote)
    /// The log has made something durable: watchers and blocked groups may go on.
    case durable
}

/// One read. It sees the state of one moment and its answer waits until that state is durable.
package struct Query: Sendable {
    /// The asking officer, as the certificate names them.
    package var actor: ActorIdentity
    package var deadline: Int64?
    package var reply: any CallReply
    package var work: QueryWork
    /// For the trail, when it is refused for lack of right; nil: such a refusal is nobody's business.
    package var asked: Asked?

    package init(
        actor: ActorIdentity, asked: Asked? = nil, deadline: Int64?, reply: any CallReply, work: QueryWork
    ) {
        self.asked = asked
        self.actor = actor
        self.deadline = deadline
        self.reply = reply
        self.work = work
    }
}

/// How a read is done on the engine's thread.
package enum QueryWork: Sendable {
    /// A bounded look-up.
    case once(@Sendable (State, Viewer) throws(Status) -> [UInt8])
    /// A scan in steps of `EngineLimits.scanStep`, so that casework goes first.
    case steps(any ScanJob)
}

/// A read that looks at many aggregates.
package protocol ScanJob: Sendable {
    /// Looks at no more than `EngineLimits.scanStep` aggregates. Nil: not finished.
    mutating func step(_ state: State, viewer: Viewer) throws(Status) -> [UInt8]?
}
