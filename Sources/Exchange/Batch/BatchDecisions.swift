import Schema
import Wire

/// Deciding and applying what concerns batches (BATCH.md 2). That every chunk is stored is looked at before a command comes here: the exchange has no disk.
extension State {
    func load(_ command: LoadBatchKind) throws(Rejection) -> EventBody {
        try checkText(command.text)
        let kind: BatchKind
        do throws(SeedError) {
            kind = try BatchKindFile.kind(path: "\(command.kind).csv", text: command.text)
        } catch {
            throw .invalid("text", "malformed")
        }
        guard haveSameBytes(kind.code, command.kind) else { throw .invalid("kind", "mismatch") }
        if let known = book.kind(kind.code, version: kind.version), !haveSameBytes(known.text, command.text) {
            throw .invalid("text", "repeated")
        }
        guard book.kinds.count < BatchLimits.kindVersions else {
            throw .tooMuch("kind", "too-many", max: BatchLimits.kindVersions)
        }
        return .batchKindLoaded(
            EventV1.BatchKindLoaded(kind: kind.code, version: kind.version, text: command.text))
    }

    func load(_ command: LoadBatchNames) throws(Rejection) -> EventBody {
        try checkToken(command.list, "list")
        try checkText(command.text)
        do throws(SeedError) {
            _ = try NameList(name: command.list, path: "text", text: command.text)
        } catch {
            throw .invalid("text", "malformed")
        }
        let isKnown = book.names.contains { haveSameBytes($0.names.name, command.list) }
        guard isKnown || book.names.count < BatchLimits.lists else {
            throw .tooMuch("list", "too-many", max: BatchLimits.lists)
        }
        return .batchNamesLoaded(EventV1.BatchNamesLoaded(list: command.list, text: command.text))
    }

    func load(_ command: LoadRegisterFigures) throws(Rejection) -> EventBody {
        try checkText(command.text)
        guard (try? RegisterFigureTable(text: command.text)) != nil else {
            throw .invalid("text", "malformed")
        }
        return .registerFiguresLoaded(EventV1.RegisterFiguresLoaded(text: command.text))
    }

    private func checkText(_ text: String) throws(Rejection) {
        guard !text.isEmpty else { throw .missing("text") }
        guard text.utf8.count <= BatchLimits.tableBytes else {
            throw .tooMuch("text", "too-long", max: BatchLimits.tableBytes)
        }
    }

    func submit(_ command: SubmitBatch, by party: PartyIndex, _ context: Context) throws(Rejection)
        -> EventBody
    {
        guard let kind = book.kind(command.kind)?.kind else {
            throw .unknownCode("kind", command.kind, list: "batch-kind")
        }
        guard haveSameBytes(kind.version, command.version) else {
            throw Rejection(.batchKindVersion, ["kind": kind.code, "version": kind.version])
        }
        guard command.mode == .whole || command.mode == .goodRows else {
            throw .invalid("mode", "unspecified")
        }
        guard BatchNumber.isWellFormed(command.number) else {
            throw command.number.isEmpty ? .missing("number") : .invalid("number", "malformed")
        }
        try checkPeriod(command.period, of: kind)
        guard command.manifest.count == 32 else { throw .invalid("manifest", "malformed") }
        try checkTotals(command, of: kind)
        if !command.fileName.isEmpty {
            try check(command.fileName, "file_name", max: BatchLimits.fileNameCharacters, lines: false)
        }
        try checkUnused(command, by: party)
        return .batchSubmitted(
            EventV1.BatchSubmitted(
                party: self.party(party).key, kind: kind.code, version: kind.version, mode: command.mode,
                number: command.number, period: command.period,
                manifest: personal(hexText(command.manifest)), rows: command.rows,
                bytes: command.bytes,
                sums: command.sums.map { EventV1.BatchSum(field: $0.field, sum: $0.sum) },
                fileName: personal(command.fileName)))
    }

    private func checkPeriod(_ period: String, of kind: BatchKind) throws(Rejection) {
        switch kind.period {
        case .field:
            guard period.isEmpty else {
                throw Rejection(.batchPeriod, ["kind": kind.code, "period": "none"])
            }
        case .batch(let word):
            guard BatchPeriod.isWellFormed(period, word) else {
                throw Rejection(.batchPeriod, ["kind": kind.code, "period": word])
            }
        }
    }

    private func checkTotals(_ command: SubmitBatch, of kind: BatchKind) throws(Rejection) {
        guard (1...UInt64(BatchLimits.batchRows)).contains(command.rows) else {
            throw .tooMuch("rows", "out-of-range", max: BatchLimits.batchRows)
        }
        guard (command.rows...UInt64(BatchLimits.batchBytes)).contains(command.bytes) else {
            throw .tooMuch("bytes", "out-of-range", max: BatchLimits.batchBytes)
        }
        let asked = kind.sums.map { kind.fields[$0].code }
        guard command.sums.count == asked.count,
            zip(command.sums, asked).allSatisfy({ haveSameBytes($0.field, $1) })
        else { throw .invalid("sums", "mismatch") }
    }

    /// A number is used once. Of the same rows it is a repeat, and the answers of the first are there to be read.
    private func checkUnused(_ command: SubmitBatch, by party: PartyIndex) throws(Rejection) {
        guard let slot = book.slot(party, number: command.number) else { return }
        let first = book.batches[slot]
        let isSame = first.manifest.clear == hexText(command.manifest) && first.kind == command.kind
        throw Rejection(
            .batchNumberUsed,
            [
                "number": command.number, "batch": first.id.hex,
                "same": isSame ? "yes" : "no",
            ])
    }

    func erase(_ command: ErasePerson, _ context: Context) throws(Rejection) -> EventBody {
        let before = book.erased.first { $0.subject == context.target }?.completes ?? 0
        let completes = try erasure(command.basis, before, context)
        return .personErased(EventV1.PersonErased(basis: command.basis, completesAt: completes))
    }

    // MARK: Applying

    mutating func apply(_ event: EventV1.BatchKindLoaded, _ context: EventContext) {
        guard let kind = try? BatchKindFile.kind(path: "\(event.kind).csv", text: event.text) else {
            corruption("a kind of batch that cannot be read")
        }
        let loaded = BatchBook.LoadedKind(kind: kind, text: event.text)
        // Going back to an earlier version makes it the last again.
        book.kinds.removeAll { $0 == loaded }
        book.kinds.append(loaded)
        version(context)
    }

    mutating func apply(_ event: EventV1.BatchNamesLoaded, _ context: EventContext) {
        guard let names = try? NameList(name: event.list, path: "text", text: event.text) else {
            corruption("a list of names that cannot be read")
        }
        let loaded = BatchBook.LoadedNames(names: names, text: event.text)
        if let index = book.names.firstIndex(where: { haveSameBytes($0.names.name, event.list) }) {
            book.names[index] = loaded
        } else {
            book.names.append(loaded)
        }
        version(context)
    }

    mutating func apply(_ event: EventV1.RegisterFiguresLoaded, _ context: EventContext) {
        book.figures = event.text
        version(context)
    }

    mutating func apply(_ event: EventV1.BatchSubmitted, _ context: EventContext) {
        let batch = Batch(
            id: context.target, party: knownParty(event.party), officer: actorIndex(context.actor.officer),
            kind: event.kind, kindVersion: event.version, mode: event.mode, number: event.number,
            period: event.period, manifest: PersonalText(event.manifest),
            fileName: PersonalText(event.fileName), rows: event.rows, bytes: event.bytes,
            sums: event.sums.map { Batch.Sum(field: $0.field, sum: $0.sum) },
            stored: Batch.Step(sequence: context.sequence, time: context.time))
        enter(batch)
    }

    mutating func enter(_ batch: Batch) {
        let slot = UInt32(truncatingIfNeeded: book.batches.count)
        guard targets.insert(.batch(slot), for: batch.id), book.add(batch) else {
            corruption("a batch twice")
        }
    }

    mutating func apply(_ event: EventV1.BatchChecked, _ context: EventContext) {
        let slot = batchSlot(context)
        book.batches[slot].checked = (
            Batch.Step(sequence: context.sequence, time: context.time),
            Batch.Found(
                verdict: event.verdict, goodRows: event.goodRows, faultyRows: event.faultyRows,
                mismatches: event.mismatches, rowsDigest: event.rowsSha256, reportDigest: event.reportSha256)
        )
    }

    mutating func apply(_ event: EventV1.BatchDone, _ context: EventContext) {
        let slot = batchSlot(context)
        book.batches[slot].done = (
            Batch.Step(sequence: context.sequence, time: context.time),
            Batch.Taken(
                place: event.place, added: event.added, replaced: event.replaced, unchanged: event.unchanged,
                passedOver: event.passedOver)
        )
        book.places = max(book.places, event.place)
        book.finish(slot)
    }

    mutating func apply(_ event: EventV1.PersonErased, _ context: EventContext) {
        enterErased(
            BatchBook.ErasedPerson(
                subject: context.target, completes: event.completesAt, sequence: context.sequence))
    }

    mutating func enterErased(_ person: BatchBook.ErasedPerson) {
        let slot = UInt32(truncatingIfNeeded: book.erased.count)
        guard targets.insert(.person(slot), for: person.subject) else { corruption("a person erased twice") }
        book.erased.append(person)
    }

    private func batchSlot(_ context: EventContext) -> Int {
        guard case .batch(let slot) = targets[context.target] else { corruption("an event on no batch") }
        return Int(slot)
    }
}

/// The sender's number of a batch.
package enum BatchNumber {
    package static func isWellFormed(_ number: String) -> Bool {
        (1...BatchLimits.numberBytes).contains(number.utf8.count)
            && number.utf8.allSatisfy { isDigit($0) || (0x61...0x7A).contains($0) || $0 == 0x2D }
            && isToken(number)
    }
}

extension BatchKind {
    /// Whether a batch may state this period: none where rows say theirs.
    package func takesPeriod(_ period: String) -> Bool {
        switch self.period {
        case .field: period.isEmpty
        case .batch(let word): BatchPeriod.isWellFormed(period, word)
        }
    }
}

/// What a batch as a whole belongs to, where its rows do not say it: `2022`, `2022-H1`, `2022-Q1`, `2022-03`, `2022-03-10`.
package enum BatchPeriod {
    /// - Parameter word: of `BatchKind.Period.words`.
    package static func isWellFormed(_ period: String, _ word: String) -> Bool {
        let bytes = Array(period.utf8)
        guard bytes.count >= 4, let year = number(bytes[..<4]), (1949...2200).contains(year) else {
            return false
        }
        let rest = bytes[4...]
        switch word {
        case "year": return rest.isEmpty
        case "half-year": return isPart(rest, "H", 1...2)
        case "quarter": return isPart(rest, "Q", 1...4)
        case "month": return rest.count == 3 && isMonth(rest)
        case "day":
            guard rest.count == 6, isMonth(rest.prefix(3)), rest.dropFirst(3).first == 0x2D,
                let month = number(rest.dropFirst(1).prefix(2)), let day = number(rest.suffix(2))
            else { return false }
            return CivilDay(year: year, month: month, day: day) != nil
        default: return false
        }
    }

    private static func isPart(_ rest: ArraySlice<UInt8>, _ letter: Unicode.Scalar, _ range: ClosedRange<Int>)
        -> Bool
    {
        guard rest.count == 3, rest.first == 0x2D, rest.dropFirst().first == UInt8(ascii: letter),
            let value = number(rest.suffix(1))
        else { return false }
        return range.contains(value)
    }

    private static func isMonth(_ rest: ArraySlice<UInt8>) -> Bool {
        guard rest.first == 0x2D, let month = number(rest.suffix(2)) else { return false }
        return (1...12).contains(month)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard isDigit(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }
}
