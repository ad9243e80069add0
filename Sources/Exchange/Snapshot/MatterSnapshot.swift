/// Requests and cases in a snapshot, each under the key of its own id.
extension State {
    func writeMatters(_ writer: inout StateWriter) throws {
        writer.out.put(categories.count)
        for name in categories.names { writer.out.put(name) }
        writer.out.put(requests.count)
        for request in requests {
            try write(request, &writer)
            try writer.out.rowEnds()
        }
        writer.out.put(cases.count)
        for held in cases {
            try write(held, &writer)
            try writer.out.rowEnds()
        }
    }

    mutating func readMatters(_ reader: inout StateReader) throws {
        for number in 0..<Int(try reader.input.number(UInt32.self, "the number of categories")) {
            guard categories.insert(try reader.input.text()) == number else {
                throw SnapshotFault.wrong("a category twice")
            }
        }
        for _ in 0..<(try reader.input.number(UInt32.self, "the number of requests") & ~Self.caseBit) {
            requests.append(try readRequest(&reader))
        }
        for _ in 0..<(try reader.input.number(UInt32.self, "the number of cases") & ~Self.caseBit) {
            cases.append(try readCase(&reader))
        }
        try linkDuplicates()
        try indexMatters()
    }

    /// Slots have 31 bits (`Matter`).
    private static var caseBit: UInt32 { 1 << 31 }

    /// Targets, references and numbers, in the order the matters came: two that share a reference are found in that order.
    private mutating func indexMatters() throws {
        var (request, held) = (0, 0)
        while request < requests.count || held < cases.count {
            let isCase =
                request == requests.count
                || held < cases.count && cases[held].filedAt < requests[request].submittedAt
            if isCase {
                try index(.placementCase(held), cases[held].id, cases[held].number)
                held += 1
            } else {
                try index(.request(request), requests[request].id, requests[request].number)
                request += 1
            }
        }
    }

    private mutating func index(_ matter: Matter, _ id: EntityID, _ number: String) throws {
        guard targets[id] == nil else { throw SnapshotFault.wrong("a target id twice") }
        register(matter, id)
        if number.isEmpty { return }
        guard self.matter(numbered: number) == nil else { throw SnapshotFault.wrong("a number twice") }
        register(number: number, matter)
    }

    // MARK: requests

    private func write(_ request: SupportRequest, _ writer: inout StateWriter) throws {
        writer.out.put(request.id)
        writer.out.put(signed: request.erasureCompletes)
        writer.out.put(byte: request.direction.rawValue)
        writer.out.put(byte: request.wave.rawValue)
        writer.out.put(signed: Int64(request.year))
        writer.out.put(UInt64(request.requester.raw))
        writer.out.put(UInt64(request.addressedTo.map { UInt64($0.raw) + 1 } ?? 0))
        writer.out.put(signed: request.submittedAt)
        try write(request.text, &writer)
        writer.out.put(byte: request.state.rawValue)
        writer.out.put(request.version)
        writer.out.put(signed: request.changedAt)
        writer.out.put(request.number)
        writer.out.put(request.isIncluded)
        try writer.put(request.policyBasis)
        writer.out.put(request.obligation != nil)
        if let obligation = request.obligation { try write(obligation, &writer) }
        writer.out.put(signed: Int64(request.percent))
        writer.out.put(byte: request.grade?.rawValue ?? 0)
        try writer.put(request.resultSummary)
        writer.out.put(byte: request.satisfaction?.rawValue ?? 0)
        writer.out.put(signed: Int64(request.redoCount))
        writer.out.put(signed: Int64(request.handBackCount))
        try writeBeside(request, &writer)
        write(request.timing, &writer)
        writer.out.put(signed: Int64(request.persons))
        writer.out.put(signed: Int64(request.times))
    }

    private func writeBeside(_ request: SupportRequest, _ writer: inout StateWriter) throws {
        writer.out.put(signed: Int64(request.extensionCount))
        writer.put(request.conference)
        writer.put(number: request.stage)
        writer.out.put(request.carriedInto.count)
        for year in request.carriedInto { writer.out.put(signed: Int64(year)) }
        writer.put(number: request.duplicateOf)
        writer.put(number: request.firstReceiver.map { UInt32($0.raw) })
        writer.out.put(byte: request.suspension?.from.rawValue ?? 0)
        if let suspension = request.suspension { writer.out.put(UInt64(suspension.code)) }
        switch request.question {
        case nil: writer.out.put(byte: 0)
        case .extending(let day, let reason):
            writer.out.put(byte: 1)
            writer.out.put(signed: Int64(day.dayNumber))
            try writer.put(reason)
        case .suspending(let code, let reason):
            writer.out.put(byte: 2)
            writer.out.put(UInt64(code))
            try writer.put(reason)
        }
    }

    private func write(_ text: SupportRequest.Text, _ writer: inout StateWriter) throws {
        try writer.put(text.title)
        try writer.put(text.content)
        writer.out.put(UInt64(text.category))
        writer.put(text.wishedBy)
        try writer.put(text.contactName)
        try writer.put(text.contactPhone)
    }

    private func write(_ obligation: SupportRequest.Obligation, _ writer: inout StateWriter) throws {
        writer.out.put(UInt64(obligation.responsible.raw))
        try writer.put(obligation.content)
        writer.out.put(signed: Int64(obligation.deadline.dayNumber))
        for text in [obligation.qualityStandard, obligation.firstPost, obligation.secondPost] {
            try writer.put(text)
        }
        writer.out.put(obligation.assisting.count)
        for party in obligation.assisting { writer.out.put(UInt64(party.raw)) }
    }

    private func readRequest(_ reader: inout StateReader) throws -> SupportRequest {
        let id = try reader.input.id()
        let erasureCompletes = try reader.input.signed()
        reader.isErased = erasureCompletes != 0
        defer { reader.isErased = false }
        let direction = try reader.code(SupportRequest.Direction.self, "a direction")
        let wave = try reader.code(SupportRequest.Wave.self, "a wave")
        let year = try reader.input.signed(Int32.self, "a year")
        let requester = try readParty(of: &reader)
        let addressed = try reader.input.index(below: parties.count + 1, "a party that is not there")
        let submittedAt = try reader.input.signed()
        let text = try readText(&reader, id)
        let state = try reader.code(SupportRequest.State.self, "a request's state")
        let (version, changedAt) = (try reader.input.number(), try reader.input.signed())
        var request = SupportRequest(
            id: id, direction: direction, wave: wave, year: year, requester: requester,
            addressedTo: addressed == 0 ? nil : PartyIndex(addressed - 1), submittedAt: submittedAt,
            text: text, state: state, version: version, changedAt: changedAt)
        request.erasureCompletes = erasureCompletes
        request.number = try reader.input.text()
        request.isIncluded = try reader.input.flag()
        request.policyBasis = try reader.personal(of: id)
        if try reader.input.flag() { request.obligation = try readObligation(&reader, id) }
        request.percent = try reader.input.signed(Int32.self, "a percentage")
        request.grade = try reader.codeIfAny(SupportRequest.Grade.self, "a grade")
        request.resultSummary = try reader.personal(of: id)
        request.satisfaction = try reader.codeIfAny(Satisfied.self, "a satisfaction")
        request.redoCount = try reader.input.signed(Int32.self, "a count")
        request.handBackCount = try reader.input.signed(Int32.self, "a count")
        try readBeside(&request, &reader)
        request.timing = try readTiming(&reader)
        request.persons = try reader.input.signed(Int32.self, "a count")
        request.times = try reader.input.signed(Int32.self, "a count")
        return request
    }

    private func readBeside(_ request: inout SupportRequest, _ reader: inout StateReader) throws {
        request.extensionCount = try reader.input.signed(Int32.self, "a count")
        request.conference = try reader.dayIfAny()
        request.stage = try reader.numberIfAny(below: categories.count, "a code that is not there")
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of years")) {
            request.carriedInto.append(try reader.input.signed(Int32.self, "a year"))
        }
        request.duplicateOf = try reader.numberIfAny(below: Int(Self.caseBit), "a request that cannot be")
        request.firstReceiver = try reader.numberIfAny(below: parties.count, "a party that is not there")
            .map { PartyIndex(Int($0)) }
        if let from = try reader.codeIfAny(SupportRequest.State.self, "a state before a suspension") {
            request.suspension = SupportRequest.Suspension(code: try readCode(&reader), from: from)
        }
        request.question = try readQuestion(&reader, request.id)
    }

    private func readQuestion(_ reader: inout StateReader, _ id: EntityID) throws -> SupportRequest.Question?
    {
        switch try reader.input.byte() {
        case 0: return nil
        case 1:
            let day = CivilDay(dayNumber: try reader.input.signed(Int32.self, "a day"))
            return .extending(to: day, reason: try reader.personal(of: id))
        case 2:
            let code = try readCode(&reader)
            return .suspending(code: code, reason: try reader.personal(of: id))
        default: throw SnapshotFault.wrong("a question that is none")
        }
    }

    private func readCode(_ reader: inout StateReader) throws -> UInt32 {
        UInt32(try reader.input.index(below: categories.count, "a code that is not there"))
    }

    /// Duplicates follow from the void ones; the requests are all there now.
    private mutating func linkDuplicates() throws {
        for slot in 0..<requests.count {
            guard let other = requests[slot].duplicateOf else { continue }
            guard Int(other) < requests.count else { throw SnapshotFault.wrong("a duplicate of nothing") }
            requests[Int(other)].duplicates.append(UInt32(truncatingIfNeeded: slot))
        }
    }

    private func readText(_ reader: inout StateReader, _ id: EntityID) throws -> SupportRequest.Text {
        let (title, content) = (try reader.personal(of: id), try reader.personal(of: id))
        let category = try reader.input.index(below: categories.count, "a category that is not there")
        return SupportRequest.Text(
            title: title, content: content, category: UInt32(category), wishedBy: try reader.dayIfAny(),
            contactName: try reader.personal(of: id), contactPhone: try reader.personal(of: id))
    }

    private func readObligation(_ reader: inout StateReader, _ id: EntityID) throws
        -> SupportRequest.Obligation
    {
        let responsible = try readParty(of: &reader)
        let content = try reader.personal(of: id)
        let deadline = CivilDay(dayNumber: try reader.input.signed(Int32.self, "a day"))
        let quality = try reader.personal(of: id)
        let (first, second) = (try reader.personal(of: id), try reader.personal(of: id))
        var assisting: [PartyIndex] = []
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of parties that assist")) {
            assisting.append(try readParty(of: &reader))
        }
        return SupportRequest.Obligation(
            responsible: responsible, content: content, deadline: deadline, qualityStandard: quality,
            firstPost: first, secondPost: second, assisting: assisting)
    }

    // MARK: cases

    private func write(_ held: PlacementCase, _ writer: inout StateWriter) throws {
        writer.out.put(held.id)
        writer.out.put(signed: held.erasureCompletes)
        writer.out.put(held.subcategory)
        writer.out.put(UInt64(held.unit.raw))
        writer.out.put(signed: held.filedAt)
        try writeSides(held, &writer)
        writer.out.put(byte: held.state.rawValue)
        writer.out.put(held.version)
        writer.out.put(signed: held.changedAt)
        writer.out.put(held.number)
        writer.out.put(held.review != nil)
        if let review = held.review { write(review, &writer) }
        writer.out.put(held.conclusion != nil)
        if let conclusion = held.conclusion { try write(conclusion, &writer) }
        writer.out.put(byte: held.satisfaction?.rawValue ?? 0)
        try writeCourse(held, &writer)
    }

    private func writeSides(_ held: PlacementCase, _ writer: inout StateWriter) throws {
        let service = held.service
        for code in [
            service.rankBand, service.yearsBand, service.merit, service.hardship, service.approvalOrgan,
        ] {
            writer.out.put(code)
        }
        writer.out.put(service.isMartyrFamily)
        let family = held.family
        for text in [
            family.name, family.idNumber, family.householdPlace, family.contactName, family.contactPhone,
        ] {
            try writer.put(text)
        }
        writer.out.put(family.facts.schooling)
        writer.out.put(family.facts.profession)
        try writer.put(held.wish)
        writer.out.put(held.materials.count)
        for document in held.materials {
            writer.out.put(document.kind)
            writer.out.put(document.sha256)
        }
    }

    private func write(_ review: PlacementCase.Review, _ writer: inout StateWriter) {
        writer.out.put(UInt64(review.handler.raw))
        writer.out.put(signed: Int64(review.tier))
        for text in [review.clause, review.tierName, review.ruleVersion] { writer.out.put(text) }
        writer.out.put(review.version)
        writer.out.put(byte: review.series.rawValue)
        writer.out.put(byte: review.counted.rawValue)
    }

    private func write(_ conclusion: PlacementCase.Conclusion, _ writer: inout StateWriter) throws {
        writer.out.put(conclusion.isPlaced)
        writer.out.put(conclusion.channel)
        try writer.put(conclusion.employer)
        try writer.put(conclusion.post)
        writer.put(conclusion.starts)
        try writer.put(conclusion.reason)
    }

    private func readCase(_ reader: inout StateReader) throws -> PlacementCase {
        let id = try reader.input.id()
        let erasureCompletes = try reader.input.signed()
        reader.isErased = erasureCompletes != 0
        defer { reader.isErased = false }
        let subcategory = try reader.input.text()
        let unit = try readParty(of: &reader)
        let filedAt = try reader.input.signed()
        let service = try readService(&reader)
        let family = try readFamily(&reader, id)
        let wish = try reader.personal(of: id)
        let materials = try readMaterials(&reader)
        let state = try reader.code(PlacementCase.State.self, "a case's state")
        var held = PlacementCase(
            id: id, subcategory: subcategory, unit: unit, filedAt: filedAt, service: service, family: family,
            wish: wish, materials: materials, state: state, version: try reader.input.number(),
            changedAt: try reader.input.signed())
        held.erasureCompletes = erasureCompletes
        held.number = try reader.input.text()
        if try reader.input.flag() { held.review = try readReview(&reader) }
        if try reader.input.flag() { held.conclusion = try readConclusion(&reader, id) }
        held.satisfaction = try reader.codeIfAny(Satisfied.self, "a satisfaction")
        try readCourse(&held, &reader)
        return held
    }

    private func readService(_ reader: inout StateReader) throws -> ServiceFacts {
        let (rank, years, merit) = (try reader.input.text(), try reader.input.text(), try reader.input.text())
        let (hardship, organ) = (try reader.input.text(), try reader.input.text())
        return ServiceFacts(
            rankBand: rank, yearsBand: years, merit: merit, hardship: hardship,
            isMartyrFamily: try reader.input.flag(), approvalOrgan: organ)
    }

    private func readFamily(_ reader: inout StateReader, _ id: EntityID) throws -> PlacementCase.Family {
        let (name, idNumber) = (try reader.personal(of: id), try reader.personal(of: id))
        let place = try reader.personal(of: id)
        let (contact, phone) = (try reader.personal(of: id), try reader.personal(of: id))
        let facts = FamilyFacts(schooling: try reader.input.text(), profession: try reader.input.text())
        return PlacementCase.Family(
            name: name, idNumber: idNumber, householdPlace: place, facts: facts, contactName: contact,
            contactPhone: phone)
    }

    private func readMaterials(_ reader: inout StateReader) throws -> [PlacementCase.Document] {
        var materials: [PlacementCase.Document] = []
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of documents")) {
            materials.append(
                PlacementCase.Document(kind: try reader.input.text(), sha256: try reader.input.bytes()))
        }
        return materials
    }

    private func readReview(_ reader: inout StateReader) throws -> PlacementCase.Review {
        let handler = try readParty(of: &reader)
        let tier = try reader.input.signed(Int32.self, "a tier")
        let (clause, name) = (try reader.input.text(), try reader.input.text())
        return PlacementCase.Review(
            handler: handler, tier: tier, clause: clause, tierName: name,
            ruleVersion: try reader.input.text(), version: try reader.input.number(),
            series: try reader.code(NumberSeries.self, "a series"),
            counted: try reader.code(CountedIn.self, "what a case is counted in"))
    }

    private func readConclusion(_ reader: inout StateReader, _ id: EntityID) throws
        -> PlacementCase.Conclusion
    {
        let isPlaced = try reader.input.flag()
        let channel = try reader.input.text()
        let (employer, post) = (try reader.personal(of: id), try reader.personal(of: id))
        let starts = try reader.dayIfAny()
        return PlacementCase.Conclusion(
            isPlaced: isPlaced, channel: channel, employer: employer, post: post, starts: starts,
            reason: try reader.personal(of: id))
    }
}
