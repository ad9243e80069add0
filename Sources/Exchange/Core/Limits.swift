/// The limits of what may be filed. Characters are Unicode scalars, so that client and server count alike
/// whatever Unicode version their grapheme tables have. Each fits a form field of practice; together they
/// keep a command far below the 256 KiB of DESIGN.md 8.
package enum Limits {
    package static let titleCharacters = 80  // one line of a 台账
    package static let contentCharacters = 4000  // two printed pages
    package static let noteCharacters = 1000  // a remark, half a page
    package static let reasonCharacters = 1000  // same box on the form
    package static let summaryCharacters = 2000  // a result, one page
    package static let qualityCharacters = 500  // the quality standard of the four clears
    package static let basisCharacters = 200  // title and clause of a regulation
    package static let postCharacters = 40  // a post, never a name
    package static let personNameCharacters = 40  // longest transliterated names are under thirty
    package static let phoneCharacters = 30  // several numbers with extensions belong into the text
    package static let placeCharacters = 100  // a household address
    package static let employerCharacters = 100  // an organisation's full name
    package static let wishCharacters = 1000  // what the family hopes for
    package static let clauseCharacters = 120  // a clause as cited
    package static let displayNameCharacters = 60  // names of parties, codes, tiers
    package static let prefixCharacters = 6  // 随双
    package static let tokenBytes = 40  // party codes, list names, codes: ASCII tokens
    package static let officerBytes = 16  // opaque ids such as k7f2
    package static let assistingParties = 10  // more is a campaign, not an item
    package static let materials = 40  // documents of one case
    package static let caseKinds = 100  // sub-categories of the three worries; practice has some twenty
    package static let chainParties = 8  // endorsements before review; more would be a procession
    package static let caseTasks = 20  // sub-tasks of one case; the lists of practice name about ten
    package static let taskDays = 366  // a task longer than a year is none of one case
    package static let dueMonths = 60  // five years
    package static let schoolTerms = 2000  // counties × years × stages
    package static let fen: Int64 = 100_000_000_00  // 分 at once: 一亿元; beyond is a slip of the pen
    package static let fundFen: Int64 = 1_000_000_000_000_00  // 分 of all income, so that no sum overflows
    package static let fundEntriesShown = 200  // newest entries in one view
    package static let countedAtOnce = 100_000  // persons or times of one result: a city's families are fewer
    package static let digestBytes = 32  // SHA-256
    package static let codeEntries = 2000  // the longest list of practice, occupations, has about 1,500
    package static let rules = 200  // one table
    package static let conditions = 20  // one rule
    package static let conditionValues = 100  // one condition
    package static let tier = 99  // tiers are few; two digits in print
    package static let partyOrder = 9999  // place in official lists
    package static let workingDays = 500  // of an assignment: two years of work; more is a plan
    package static let calendarDays = 100  // of one year's table; a real year has about forty
    package static let supervisionDays = 250  // of a threshold: one year of work
    package static let supervisionCount = 99  // of redos or hand-backs: two digits in print
    package static let parties = 60_000  // party numbers are 16 bits, the last ones spare
    package static let officers = 20_000  // of one city: practice has some hundreds
    package static let searchCharacters = 80  // as long as a title
    package static let searchWords = 8  // more narrow nothing any further
    package static let pageSize = 200  // rows; keeps a page far below the message limit
    package static let standardPageSize = 50  // rows, where none is asked for
    /// Rows of a report: directions × parties × categories × years of a city are under a thousand.
    package static let figureGroups = 4_000
    /// An id dated earlier is not let in any more: the server may have forgotten its outcome, the client says so beforehand. A little over a
    /// year, so that a disc that waited a whole cycle is still answered.
    package static let commandPastDays: Int64 = 400
    /// Days a backup of the key file is kept at most, unless the operator says otherwise (`--key-backup-days`): longer than a quarterly rotation
    /// of discs needs. An erasure is complete when the last one made before it has expired, so whoever keeps key backups longer makes that
    /// date untrue (README, "Key custody").
    package static let keyBackupDays: Int64 = 100
    /// Days a demonstration clock goes on at once, at most: less than `commandPastDays`, so that the id of a command made just before is still
    /// taken in.
    package static let clockAdvanceDays: Int64 = 366
    /// Years a demonstration clock may show: those that certificates and numbers of practice are written in.
    package static let demonstrationYears: ClosedRange<Int> = 2000...2099
    /// What the operator may say: at least a day, as no backup expires at once, and at most ten years, as what is kept longer is not erased.
    package static let keyBackupDaysChoice: ClosedRange<Int64> = 1...3_650
    /// A request may be filed for last year, this one, or the next (collection is in November).
    package static let yearsAround = 1
}
