internal import Exchange

/// Every bound of the engine, by name and unit, with its reason.
package enum EngineLimits {
    /// Bytes of one received envelope (DESIGN.md 8): far above any typed text, far below a message; larger things travel
    /// as files of their own.
    package static let envelopeBytes = 256 << 10
    /// Bytes of a certificate that comes with an envelope: a P-256 certificate has about 700.
    package static let certificateBytes = 8 << 10
    /// Bytes of a signature: ECDSA P-256 and SM2 need at most 72.
    package static let signatureBytes = 512
    /// Bytes of the salt in a leaf's envelope digest: 128 bits cannot be guessed.
    package static let saltBytes = 16
    /// Random bytes drawn at a time: a few dozen commands' worth for the price of one call, and little to lie about unused.
    package static let entropyPage = 4096
    /// Calls waiting for the engine: at 10 µs each the last one waits a tenth of a second.
    package static let waiting = 10_000
    /// Nanoseconds of work before the engine hands its group to the log and looks at the other queues.
    package static let turnBudget: Int64 = 1_000_000
    /// Commands in one group, at most: bounds what one sync carries and what one failure leaves unanswered.
    package static let groupCommands = 1024
    /// Bytes of records in one group, at most; half of what the log takes.
    package static let groupBytes = 4 << 20
    /// Entries on one page of a list.
    package static let pageDefault = 50
    package static let pageMost = 200
    /// Aggregates a list step looks at before others have their turn: half a turn's budget at a million requests (2,000 took up to 1.4 ms).
    package static let scanStep = 800
    /// Aggregates a report looks at in a step: each walks its history, which costs fifty times a look at its fields. 200 took up to
    /// 3.5 ms of a turn at a million requests.
    package static let figureStep = 40
    /// Requests the clock looks at in one slice of its work, and records it writes in one: a third of a turn's budget each, as
    /// measured at a million requests (a look 2.7 µs, a record 7.5 µs).
    package static let timeLooks = 128
    package static let timeMarks = 40
    /// Changes handed to one watcher before the next has its turn.
    package static let watchStep = 64
    /// Watchers: one a connected officer and some.
    package static let watchers = 4_000
    /// Of one officer: a few screens on a few machines; nobody takes the others' places.
    package static let watchersPerOfficer = 16
    /// Refusals for lack of right that are journaled, per officer: a burst, then one in each interval. More is counted
    /// and told by the next one journaled, so that nobody fills the journal by knocking.
    package static let refusalBurst = 20
    package static let refusalInterval: Int64 = 10_000_000_000
    /// Refusals outside a command (reads, administration, files) that are journaled, per officer: a burst, then one in each interval of
    /// nanoseconds. A mistyped number is one, too, so an honest clerk's day fits in the burst; a record alone costs a page of
    /// 4 KiB, so who knocks all day fills 6 MiB.
    package static let noticeBurstOfOfficer = 20
    package static let noticeIntervalOfOfficer: Int64 = 60_000_000_000
    /// The same of all officers together: 200 MiB a day at the most, however many knock.
    package static let noticeBurst = 500
    package static let noticeInterval: Int64 = 2_000_000_000
    /// Officers whose refusals are counted apart: more than a city has; beyond it newcomers are counted as one.
    package static let noticeOfficers = 4_096
    /// Nanoseconds between two looks for a surplus that can be told.
    package static let noticeFlush: Int64 = 1_000_000_000
    /// Bytes of a round's published file in one answer: far below a message, and a city's round is one.
    package static let roundFilePart = 256 << 10
    /// Reads of whole rounds that wait for the rounds' thread: with the largest round at a fifth of a second each, the last waits ten seconds.
    package static let roundReads = 50
    /// Days that backups of the key file are kept, and what an operator may say (Exchange's `Limits`, with the reasons).
    package static var keyBackupDays: Int64 { Limits.keyBackupDays }
    package static var keyBackupDaysChoice: ClosedRange<Int64> { Limits.keyBackupDaysChoice }
}
