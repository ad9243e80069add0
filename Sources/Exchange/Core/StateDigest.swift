/// Takes the canonical bytes of a state; Bureau feeds them to SHA-256, which is not to be had in this pure
/// module.
package protocol StateHasher {
    mutating func absorb(_ bytes: UnsafeRawBufferPointer)
}

/// The canonical byte stream of a state. Equal states give equal streams, whatever way they came about.
///
///     integer   8 bytes, big endian, two's complement
///     text      length in bytes, UTF-8
///     bytes     length, bytes
///     optional  0, or 1 and the value
///     list      count, elements
///
/// A personal field enters by its sealed bytes only (DESIGN.md 8), so the hash stays the same when a key is
/// destroyed and tells nothing of the text. Dictionaries enter in the order of their keys. Format 1 begins
/// with the text `twolists.state.1`.
struct CanonicalStream<Hasher: StateHasher>: ~Copyable {
    private var buffer: [UInt8] = []
    private(set) var hasher: Hasher
    /// See `State.placeBytes`.
    private let placeBytes: Int

    private static var bufferBytes: Int { 8192 }  // one call of the hasher for many small fields

    init(_ hasher: Hasher, placeBytes: Int) {
        self.hasher = hasher
        self.placeBytes = placeBytes
        buffer.reserveCapacity(Self.bufferBytes)
    }

    mutating func put(_ number: UInt64) {
        for shift in stride(from: 56, through: 0, by: -8) {
            buffer.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
        }
        if buffer.count >= Self.bufferBytes { flush() }
    }

    mutating func put(_ number: some BinaryInteger) { put(UInt64(truncatingIfNeeded: number)) }
    mutating func put(_ flag: Bool) { put(UInt64(flag ? 1 : 0)) }

    mutating func put(_ text: String) {
        put(text.utf8.count)
        buffer.append(contentsOf: text.utf8)
    }

    mutating func put(_ bytes: [UInt8]) {
        put(bytes.count)
        buffer.append(contentsOf: bytes)
    }

    mutating func put(_ personal: PersonalText) {
        if placeBytes == 0 || personal.sealed.isEmpty { return put(personal.sealed) }
        // Where it was sealed is no part of it.
        put([UInt8](personal.sealed.dropFirst(placeBytes)))
    }

    mutating func put(_ id: EntityID) {
        put(id.high)
        put(id.low)
    }

    mutating func put(_ day: CivilDay?) {
        put(day != nil)
        if let day { put(day.dayNumber) }
    }

    consuming func finish() -> Hasher {
        flush()
        return hasher
    }

    private mutating func flush() {
        buffer.withUnsafeBytes { hasher.absorb($0) }
        buffer.removeAll(keepingCapacity: true)
    }
}

extension State {
    /// Feeds the state's canonical stream to `hasher`. Linear in the size of the state: for checks, not for
    /// every turn.
    package func digest<Hasher: StateHasher>(into hasher: inout Hasher) {
        var stream = CanonicalStream(hasher, placeBytes: placeBytes)
        stream.put("twolists.state.1")
        stream.put(lastSequence)
        digestRoster(&stream)
        digestTables(&stream)
        stream.put(requests.count)
        for request in requests { digest(request, &stream) }
        stream.put(cases.count)
        for held in cases { digest(held, &stream) }
        stream.put(changes.rows.count)
        for row in changes.rows { digest(row, &stream) }
        digestRestorations(&stream)
        digestTime(&stream)
        digestDays(&stream)
        digestCasework(&stream)
        digestRounds(&stream)
        digestRegistry(&stream)
        digestDemonstration(&stream)
        digestBatches(&stream)
        digestPackages(&stream)
        digestEvidence(&stream)
        hasher = stream.finish()
    }

    private func digestRoster(_ stream: inout CanonicalStream<some StateHasher>) {
        for text in [city?.code, city?.name, city?.numberPrefix] { stream.put(text ?? "") }
        stream.put(city.map { version(of: RosterTarget.city($0.code)) } ?? 0)
        stream.put(parties.count)
        for party in parties {
            stream.put(party.key)
            stream.put(party.kind.rawValue)
            stream.put(party.code)
            stream.put(party.name)
            stream.put(party.order)
            stream.put(version(of: RosterTarget.party(party.key)))
        }
        stream.put(officers.count)
        for officer in officers {
            stream.put(officer.id)
            stream.put(officer.party.raw)
            stream.put(officer.name)
            stream.put(officer.post)
            stream.put(officer.roles.rawValue)
            stream.put(officer.isSuspended)
            stream.put(version(of: RosterTarget.officer(officer.id)))
        }
    }

    private func digestTables(_ stream: inout CanonicalStream<some StateHasher>) {
        stream.put(codeLists.count)
        for list in codeLists {
            stream.put(list.name)
            stream.put(list.version)
            stream.put(version(of: RosterTarget.codeList(list.name)))
            stream.put(list.entries.count)
            for entry in list.entries {
                stream.put(entry.code)
                stream.put(entry.name)
            }
        }
        stream.put(ruleTables.count)
        for table in ruleTables { digest(table, &stream) }
        stream.put(counters.count)
        for (key, serial) in counters.sorted(by: { $0.key < $1.key }) {
            stream.put(key.year)
            stream.put(key.series.rawValue)
            stream.put(serial)
        }
    }

    private func digest(_ table: RuleTable, _ stream: inout CanonicalStream<some StateHasher>) {
        stream.put(table.name)
        stream.put(table.version)
        stream.put(version(of: RosterTarget.ruleTable(table.name)))
        stream.put(table.rules.count)
        for rule in table.rules {
            stream.put(rule.tier)
            stream.put(rule.clause)
            stream.put(rule.name)
            stream.put(rule.refuses)
            stream.put(rule.conditions.count)
            for condition in rule.conditions {
                stream.put(condition.field.rawValue)
                stream.put(condition.values.count)
                for value in condition.values { stream.put(value) }
            }
        }
    }

    private func digest(_ request: SupportRequest, _ stream: inout CanonicalStream<some StateHasher>) {
        stream.put(request.id)
        stream.put(request.direction.rawValue)
        stream.put(request.wave.rawValue)
        stream.put(request.year)
        stream.put(request.requester.raw)
        stream.put(request.addressedTo != nil)
        if let party = request.addressedTo { stream.put(party.raw) }
        stream.put(request.submittedAt)
        digest(request.text, &stream)
        stream.put(request.state.rawValue)
        stream.put(request.version)
        stream.put(request.changedAt)
        stream.put(request.number)
        stream.put(request.isIncluded)
        stream.put(request.policyBasis)
        stream.put(request.obligation != nil)
        if let obligation = request.obligation { digest(obligation, &stream) }
        stream.put(request.percent)
        stream.put(request.grade?.rawValue ?? 0)
        stream.put(request.resultSummary)
        stream.put(request.satisfaction?.rawValue ?? 0)
        stream.put(request.redoCount)
        stream.put(request.handBackCount)
        // Absent where nothing was erased, so that the hash of an older state stays what it was; no other field is eight bytes behind this one.
        if request.erasureCompletes != 0 { stream.put(request.erasureCompletes) }
        if request.hasLeftTheChain { digestBeside(request, &stream) }
        guard request.persons != 0 || request.times != 0 else { return }
        stream.put("counted")
        stream.put(request.persons)
        stream.put(request.times)
    }

    /// Nothing at all where no deadline was ever moved, so that the hash of an older state stays what it was.
    private func digestDays(_ stream: inout CanonicalStream<some StateHasher>) {
        guard changes.days.count > 0 else { return }
        stream.put("days")
        stream.put(changes.days.count)
        for day in changes.days {
            stream.put(day.sequence)
            stream.put(day.day)
        }
    }

    /// What happened beside the chain; absent where nothing did, for the same reason. The text in front is no id, with which the next request
    /// would begin. Duplicates follow from the void ones, the first receiver from the events.
    private func digestBeside(_ request: SupportRequest, _ stream: inout CanonicalStream<some StateHasher>) {
        stream.put("beside")
        stream.put(request.extensionCount)
        stream.put(request.conference)
        stream.put(request.stage.map { categories[Int($0)] } ?? "")
        stream.put(request.carriedInto.count)
        for year in request.carriedInto { stream.put(year) }
        stream.put(request.duplicateOf != nil)
        if let other = request.duplicateOf { stream.put(requests[Int(other)].id) }
        stream.put(request.suspension?.from.rawValue ?? 0)
        stream.put(request.suspension.map { categories[Int($0.code)] } ?? "")
        switch request.question {
        case nil: stream.put(0)
        case .extending(let day, let reason):
            stream.put(1)
            stream.put(day)
            stream.put(reason)
        case .suspending(let code, let reason):
            stream.put(2)
            stream.put(categories[Int(code)])
            stream.put(reason)
        }
    }

    private func digest(_ text: SupportRequest.Text, _ stream: inout CanonicalStream<some StateHasher>) {
        stream.put(text.title)
        stream.put(text.content)
        stream.put(categories[Int(text.category)])
        stream.put(text.wishedBy)
        stream.put(text.contactName)
        stream.put(text.contactPhone)
    }

    private func digest(
        _ obligation: SupportRequest.Obligation, _ stream: inout CanonicalStream<some StateHasher>
    ) {
        stream.put(obligation.responsible.raw)
        stream.put(obligation.content)
        stream.put(obligation.deadline)
        stream.put(obligation.qualityStandard)
        stream.put(obligation.firstPost)
        stream.put(obligation.secondPost)
        stream.put(obligation.assisting.count)
        for party in obligation.assisting { stream.put(party.raw) }
    }

    private func digest(_ held: PlacementCase, _ stream: inout CanonicalStream<some StateHasher>) {
        stream.put(held.id)
        stream.put(held.subcategory)
        stream.put(held.unit.raw)
        stream.put(held.filedAt)
        digestSides(held, &stream)
        stream.put(held.state.rawValue)
        stream.put(held.version)
        stream.put(held.changedAt)
        stream.put(held.number)
        stream.put(held.review != nil)
        if let review = held.review { digest(review, &stream) }
        stream.put(held.conclusion != nil)
        if let conclusion = held.conclusion { digest(conclusion, &stream) }
        stream.put(held.satisfaction?.rawValue ?? 0)
        if held.erasureCompletes != 0 { stream.put(held.erasureCompletes) }
        digestCourse(held, &stream)
    }

    private func digestSides(_ held: PlacementCase, _ stream: inout CanonicalStream<some StateHasher>) {
        let service = held.service
        for code in [
            service.rankBand, service.yearsBand, service.merit, service.hardship, service.approvalOrgan,
        ] {
            stream.put(code)
        }
        stream.put(service.isMartyrFamily)
        let family = held.family
        for field in [
            family.name, family.idNumber, family.householdPlace, family.contactName, family.contactPhone,
        ] {
            stream.put(field)
        }
        stream.put(family.facts.schooling)
        stream.put(family.facts.profession)
        stream.put(held.wish)
        stream.put(held.materials.count)
        for document in held.materials {
            stream.put(document.kind)
            stream.put(document.sha256)
        }
    }

    private func digest(_ review: PlacementCase.Review, _ stream: inout CanonicalStream<some StateHasher>) {
        stream.put(review.handler.raw)
        stream.put(review.tier)
        stream.put(review.clause)
        stream.put(review.tierName)
        stream.put(review.ruleVersion)
        stream.put(review.version)
        // Absent where it is what every case of releases 1 and 2 was, so that the hash of an older state stays what it was.
        guard review.series != .home || review.counted != .persons else { return }
        stream.put("counted")
        stream.put(review.series.rawValue)
        stream.put(review.counted.rawValue)
    }

    private func digest(
        _ conclusion: PlacementCase.Conclusion, _ stream: inout CanonicalStream<some StateHasher>
    ) {
        stream.put(conclusion.isPlaced)
        stream.put(conclusion.channel)
        stream.put(conclusion.employer)
        stream.put(conclusion.post)
        stream.put(conclusion.starts)
        stream.put(conclusion.reason)
    }

    private func digest(_ row: ChangeRow, _ stream: inout CanonicalStream<some StateHasher>) {
        stream.put(row.sequence)
        stream.put(row.time)
        stream.put(row.version)
        stream.put(row.matter.raw)
        stream.put(row.actor.raw)
        stream.put(row.kind.rawValue)
        stream.put(row.state)
        stream.put(row.note)
    }
}
