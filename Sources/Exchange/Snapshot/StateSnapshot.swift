/// A state into a snapshot and back: Protocol/SNAPSHOT.md 5. What follows from the rest (who has which number or reference, each matter's row
/// before this one) is not written but built again; everything else that `apply` builds is.
///
/// A table that is added to `State` must be added here: BureauTests/SnapshotTests compares the state's hash and a second
/// snapshot with those of a full replay.
extension State {
    /// Writes the whole state. Only of a state built aside: another one does not know where its texts were sealed.
    package func write(to out: inout CompactWriter) throws {
        var writer = StateWriter(out, placeBytes: placeBytes)
        writer.out.put(lastSequence)
        try writeRoster(&writer)
        try writeTables(&writer)
        writeTime(&writer)
        try writeMatters(&writer)
        try writeRounds(&writer)
        try writeChanges(&writer)
        try writeVisibility(&writer)
        writeRestorations(&writer)
        try writeCasework(&writer)
        writeDemonstration(&writer)
        try writeBatches(&writer)
        try writePackages(&writer)
        try writeEvidence(&writer)
        out = writer.out
    }

    package init(snapshot input: inout CompactReader, _ opening: SnapshotOpening) throws {
        if case .aside = opening { self.init(aside: true) } else { self.init() }
        var reader = StateReader(input, opening)
        lastSequence = try reader.input.number()
        try readRoster(&reader)
        try readTables(&reader)
        try readTime(&reader)
        try readMatters(&reader)
        try readRounds(&reader)
        try readChanges(&reader)
        try readVisibility(&reader)
        try readRestorations(&reader)
        try readCasework(&reader)
        try readDemonstration(&reader)
        try readBatches(&reader)
        try readPackages(&reader)
        try readEvidence(&reader)
        input = reader.input
    }

    // MARK: changes

    private func writeChanges(_ writer: inout StateWriter) throws {
        writer.out.put(changes.rows.count)
        var (sequence, time) = (UInt64(0), Int64(0))
        for row in changes.rows {
            writer.out.put(row.sequence &- sequence)
            writer.out.put(signed: row.time &- time)
            (sequence, time) = (row.sequence, row.time)
            writer.out.put(row.version)
            writer.out.put(row.matter.slot << 2 | (row.matter.isRound ? 2 : row.matter.isCase ? 1 : 0))
            writer.out.put(UInt64(row.actor.raw &+ 1))  // 0: nobody on the register
            writer.out.put(UInt64(row.kind.rawValue))
            writer.out.put(byte: row.state)
            try writer.put(row.note)
            if row.kind == .markTime { try writeMark(row.sequence, &writer) }
            if row.kind.movesDeadline { writer.put(changes.day(row.sequence)) }
            try writer.out.rowEnds()
        }
    }

    private mutating func readChanges(_ reader: inout StateReader) throws {
        var (sequence, time) = (UInt64(0), Int64(0))
        let count = try reader.input.number(UInt32.self, "the number of changes")
        for _ in 0..<count {
            sequence = sequence &+ (try reader.input.number())
            time = time &+ (try reader.input.signed())
            let version = try reader.input.number()
            let matter = try readMatter(&reader)
            let actor = try reader.input.number(UInt32.self, "an officer") &- 1
            guard actor == OfficerIndex.none.raw || Int(actor) < officers.count,
                let kind = CommandKind(rawValue: try reader.input.number(UInt32.self, "a command")),
                case let state = try reader.input.byte(), isState(state, of: matter)
            else { throw SnapshotFault.wrong("a change by nobody, of no kind or into no state") }
            reader.isErased = isErased(matter)
            let note = try reader.personal(of: id(of: matter))
            reader.isErased = false
            link(
                ChangeRow(
                    sequence: sequence, time: time, version: version, matter: matter,
                    previous: newestRow(of: matter), actor: OfficerIndex(raw: actor), kind: kind,
                    state: state, note: note))
            if kind == .markTime { try readMark(sequence, &reader) }
            if kind.movesDeadline, let day = try reader.dayIfAny() {
                changes.note(ChangeDay(sequence: sequence, day: day))
            }
        }
    }

    private mutating func readMatter(_ reader: inout StateReader) throws -> Matter {
        let number = try reader.input.number(UInt32.self, "a matter")
        let slot = Int(number >> 2)
        let (count, matter): (Int, Matter)
        switch number & 3 {
        case 0: (count, matter) = (requests.count, .request(slot))
        case 1: (count, matter) = (cases.count, .placementCase(slot))
        case 2: (count, matter) = (rounds.count, .round(slot))
        default: throw SnapshotFault.wrong("a matter of no kind")
        }
        guard slot < count else { throw SnapshotFault.wrong("a matter that is not there") }
        return matter
    }

    private func isState(_ raw: UInt8, of matter: Matter) -> Bool {
        if matter.isRound { return PlacementRound.State(rawValue: raw) != nil }
        return matter.isCase
            ? PlacementCase.State(rawValue: raw) != nil : SupportRequest.State(rawValue: raw) != nil
    }

    private func isErased(_ matter: Matter) -> Bool { erasureCompletes(id(of: matter)) != 0 }

    /// The targets whose keys are to be gone.
    package var erased: [EntityID] {
        requests.filter { $0.erasureCompletes != 0 }.map(\.id)
            + cases.filter { $0.erasureCompletes != 0 }.map(\.id)
            + erasedOfficers.map { RosterTarget.officer($0.id) } + book.erased.map(\.subject)
    }

    private mutating func link(_ row: ChangeRow) {
        let number = changes.append(row)
        if row.matter.isRound {
            rounds[row.matter.slot].newestRow = number
        } else if row.matter.isCase {
            cases[row.matter.slot].newestRow = number
        } else {
            requests[row.matter.slot].newestRow = number
        }
    }

    // MARK: who sees what

    private func writeVisibility(_ writer: inout StateWriter) throws {
        for slots in requestsOfParty + casesOfParty {
            writer.out.put(slots.count)
            var last: UInt32 = 0
            for slot in slots {
                writer.out.put(UInt64(slot &- last))
                last = slot
            }
            try writer.out.rowEnds()
        }
    }

    private mutating func readVisibility(_ reader: inout StateReader) throws {
        requestsOfParty = try parties.map { _ in try slots(&reader, below: requests.count) }
        casesOfParty = try parties.map { _ in try slots(&reader, below: cases.count) }
    }

    private func slots(_ reader: inout StateReader, below count: Int) throws -> [UInt32] {
        var slots: [UInt32] = []
        var last: UInt64 = 0
        for position in 0..<(try reader.input.index(below: count + 1, "more slots than matters")) {
            let step = try reader.input.number()
            guard position == 0 || step > 0, step < UInt64(count), last + step < UInt64(count) else {
                throw SnapshotFault.wrong("a slot that is not there")
            }
            last += step
            slots.append(UInt32(last))
        }
        return slots
    }
}
