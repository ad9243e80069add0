/// What a round works on, frozen: announcement, points table, posts, people. Whatever order it came in, it is kept in one, so that equal
/// inputs have equal bytes and one digest. ROUND.md 2.
package struct RoundInputs: Sendable, Hashable {
    package let announcement: RoundAnnouncement
    package let table: PointsTable
    /// By key.
    package let posts: [RoundPost]
    /// By key; each one's evidence by item and record.
    package let people: [RoundPerson]
    /// The day (UTC+8) the inputs were frozen.
    package let frozenOn: CivilDay
    /// Index in `table.groups` of each tie rule.
    let ties: [Int]

    /// - Throws: the first entry that is wrong.
    package init(
        announcement: RoundAnnouncement, table: PointsTable, posts: [RoundPost], people: [RoundPerson],
        frozenOn: CivilDay
    ) throws(RoundFault) {
        try announcement.check()
        guard posts.count <= RoundLimits.posts else { throw RoundFault(.tooMany, .post) }
        guard people.count <= RoundLimits.people else { throw RoundFault(.tooMany, .person) }
        guard frozenOn < announcement.publicOn else { throw RoundFault(.frozenLate, .frozen) }
        var ties: [Int] = []
        for code in announcement.ties {
            guard let group = table.group(code) else { throw RoundFault(.unknown, .ties, code) }
            guard !ties.contains(group) else { throw RoundFault(.repeated, .ties, code) }
            ties.append(group)
        }
        self.ties = ties
        self.announcement = announcement
        self.table = table
        self.frozenOn = frozenOn
        self.posts = posts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        self.people = people.map(\.sorted).sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for post in self.posts { try post.check() }
        for person in self.people { try person.check(table) }
        try checkDistinct(self.posts.map(\.key), .post)
        try checkDistinct(self.people.map(\.key), .person)
    }

    package func post(_ key: String) -> Int? { keyIndex(key, posts.count) { posts[$0].key } }
    package func person(_ key: String) -> Int? { keyIndex(key, people.count) { people[$0].key } }
}

/// Where a key stands in a list ordered by the keys' bytes.
func keyIndex(_ key: String, _ count: Int, _ at: (Int) -> String) -> Int? {
    var (low, high) = (0, count)
    while low < high {
        let middle = (low + high) / 2
        if at(middle).utf8.lexicographicallyPrecedes(key.utf8) { low = middle + 1 } else { high = middle }
    }
    return low < count && haveSameBytes(at(low), key) ? low : nil
}

/// What is announced before anything is loaded.
package struct RoundAnnouncement: Sendable, Hashable {
    package let city: String
    package let key: String
    package let title: String
    /// `RoundDraw.commitment` of the secret.
    package let commitment: [UInt8]
    /// The day from which the public value can be known.
    package let publicOn: CivilDay
    /// Which value it is, and how it is written down.
    package let publicName: String
    /// Codes of the groups by which equal scores are told apart, before the draw.
    package let ties: [String]

    package init(
        city: String, key: String, title: String, commitment: [UInt8], publicOn: CivilDay,
        publicName: String, ties: [String]
    ) {
        self.city = city
        self.key = key
        self.title = title
        self.commitment = commitment
        self.publicOn = publicOn
        self.publicName = publicName
        self.ties = ties
    }

    package func check() throws(RoundFault) {
        try checkToken(city, .city, "code")
        try checkToken(key, .round, "key")
        try checkRoundText(title, .round, "title")
        guard commitment.count == RoundLimits.secretBytes else { throw RoundFault(.malformed, .commitment) }
        try checkRoundText(publicName, .public, "name")
        guard CivilDay.years.contains(publicOn.year) else { throw RoundFault(.outOfRange, .public, "day") }
        guard ties.count <= RoundLimits.groups else { throw RoundFault(.tooMany, .ties) }
    }
}

/// A post that is offered, with one seat or more.
package struct RoundPost: Sendable, Hashable {
    package let key: String
    /// What it counts as in the figures: a code such as `civil`, `institution`, `state-enterprise`.
    package let destination: String
    package let seats: Int
    package let employer: String
    package let title: String

    package init(key: String, destination: String, seats: Int, employer: String, title: String) {
        self.key = key
        self.destination = destination
        self.seats = seats
        self.employer = employer
        self.title = title
    }

    package func check() throws(RoundFault) {
        try checkToken(key, .post, "key")
        try checkToken(destination, .post, key)
        guard (1...RoundLimits.seats).contains(seats) else { throw RoundFault(.outOfRange, .post, key) }
        for text in [employer, title] { try checkRoundText(text, .post, key) }
    }
}

/// One who is to be placed. No number of an identity document is in here, and of the name what may be posted.
package struct RoundPerson: Sendable, Hashable {
    /// Opaque: it says nothing about the person.
    package let key: String
    /// `王**`: the name under the one masking rule.
    package let maskedName: String
    package let evidence: [RoundEvidence]

    package init(key: String, maskedName: String, evidence: [RoundEvidence]) {
        self.key = key
        self.maskedName = maskedName
        self.evidence = evidence
    }

    var sorted: RoundPerson {
        RoundPerson(
            key: key, maskedName: maskedName,
            evidence: evidence.sorted { a, b in
                haveSameBytes(a.item, b.item)
                    ? a.record.utf8.lexicographicallyPrecedes(b.record.utf8)
                    : a.item.utf8.lexicographicallyPrecedes(b.item.utf8)
            })
    }

    package func check(_ table: PointsTable) throws(RoundFault) {
        try checkToken(key, .person, "key")
        try checkRoundText(maskedName, .person, key)
        guard evidence.count <= RoundLimits.evidence else { throw RoundFault(.tooMany, .evidence, key) }
        for fact in evidence {
            guard table.item(fact.item) != nil else { throw RoundFault(.unknown, .evidence, fact.item) }
            guard (1...RoundLimits.count).contains(fact.count) else {
                throw RoundFault(.outOfRange, .evidence, key)
            }
            if fact.isRecorded { try checkToken(fact.record, .evidence, key) }
        }
        let facts = sorted.evidence
        for (fact, before) in zip(facts.dropFirst(), facts)
        where haveSameBytes(fact.item, before.item) && haveSameBytes(fact.record, before.record) {
            throw RoundFault(.repeated, .evidence, key)
        }
    }
}

// MARK: Checks of single fields

func checkToken(_ text: String, _ record: RoundRecord, _ field: String) throws(RoundFault) {
    // One hyphen stands for "none" in the file.
    guard isToken(text), text != "-" else { throw RoundFault(.malformed, record, field) }
}

/// A text of the file: not blank, one line, nothing that could make a screen show something else than stands there.
func checkRoundText(_ text: String, _ record: RoundRecord, _ field: String) throws(RoundFault) {
    guard (1...RoundLimits.textBytes).contains(text.utf8.count) else {
        throw RoundFault(.outOfRange, record, field)
    }
    var isBlank = true
    for scalar in text.unicodeScalars {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069:
            throw RoundFault(.malformed, record, field)
        default: if !isWhiteSpace(scalar.value) { isBlank = false }
        }
    }
    guard !isBlank else { throw RoundFault(.malformed, record, field) }
}

/// - Parameter keys: in order.
func checkDistinct(_ keys: [String], _ record: RoundRecord) throws(RoundFault) {
    for index in keys.indices.dropFirst() where haveSameBytes(keys[index - 1], keys[index]) {
        throw RoundFault(.repeated, record, keys[index])
    }
}
