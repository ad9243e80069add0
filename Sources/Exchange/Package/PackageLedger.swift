package import Schema

/// What the bureau remembers of the packages between it and one party, in one direction (PACKAGE.md 5).
package struct PackageLedger: Sendable, Hashable {
    package enum Direction: UInt8, Sendable, Hashable {
        /// The party's, to the bureau.
        case incoming = 1
        /// The bureau's, to the party.
        case outgoing = 2

        package init?(_ direction: PackageDirection) {
            switch direction {
            case .in: self = .incoming
            case .out: self = .outgoing
            default: return nil
            }
        }

        package var schema: PackageDirection { self == .incoming ? .in : .out }
    }

    package let party: PartyIndex
    package let direction: Direction
    package internal(set) var sequence = PackageSequence()
    /// Outgoing: the last that the party says has arrived.
    package internal(set) var confirmed: UInt64 = 0
    /// Outgoing: up to where the last one told changes, and answers to batches: the maker's, who reads it (PACKAGE.md 5).
    package internal(set) var place: [UInt8] = []

    /// A watch's cursor and a sequence.
    package static let placeBytes = Cursor.byteCount + 8
}

extension RosterTarget {
    package static func packages(_ party: String, _ direction: PackageDirection) -> EntityID {
        direction == .out ? packagesOut(party) : packagesIn(party)
    }
}

extension State {
    func ledger(_ party: PartyIndex, _ direction: PackageLedger.Direction) -> PackageLedger? {
        ledgers.first { $0.party == party && $0.direction == direction }
    }

    // MARK: Deciding

    func take(_ command: TakePackage) throws(Rejection) -> EventBody {
        let party = try disc(command.party)
        guard let direction = PackageLedger.Direction(command.direction) else {
            throw .invalid("direction", "unspecified")
        }
        guard (1...PackageSequence.limit).contains(command.number) else {
            throw .tooMuch("number", "out-of-range", max: Int(PackageSequence.limit))
        }
        guard command.manifest.count == PackageSequence.digestBytes else {
            throw .invalid("manifest", "malformed")
        }
        guard direction == .outgoing || command.place.isEmpty,
            command.place.count <= PackageLedger.placeBytes
        else {
            throw .invalid("place", "malformed")
        }
        let sequence = ledger(party, direction)?.sequence ?? PackageSequence()
        try Self.require(
            sequence.judge(number: command.number, digest: command.manifest, previous: command.previous),
            command.number)
        return .packageTaken(
            EventV1.PackageTaken(
                party: command.party, direction: command.direction, number: command.number,
                manifest: command.manifest, place: command.place))
    }

    private static func require(_ verdict: PackageSequence.Verdict, _ number: UInt64) throws(Rejection) {
        switch verdict {
        case .next: return
        case .again: throw Rejection(.packageKnown, ["number": String(number)])
        case .gap(let missing):
            throw Rejection(
                .packageGap, ["first": String(missing.lowerBound), "last": String(missing.upperBound)])
        case .fork: throw Rejection(.packageFork, ["number": String(number)])
        case .open(let open): throw Rejection(.packageOpen, ["number": String(open)])
        }
    }

    func finish(_ command: FinishPackage) throws(Rejection) -> EventBody {
        let party = try disc(command.party)
        guard let sequence = ledger(party, .incoming)?.sequence, sequence.isOpen,
            sequence.last == command.number
        else { throw Rejection(.packageKnown, ["number": String(command.number)]) }
        let sent = command.setAside ? 0 : ledger(party, .outgoing)?.sequence.last ?? 0
        guard command.confirmed <= sent else { throw .invalid("confirmed", "out-of-range") }
        guard command.unread <= sent else { throw .invalid("unread", "out-of-range") }
        return .packageFinished(
            EventV1.PackageFinished(
                party: command.party, number: command.number, confirmed: command.confirmed,
                unread: command.unread, setAside: command.setAside))
    }

    /// Any party but the bureau itself.
    private func disc(_ key: String) throws(Rejection) -> PartyIndex {
        guard let party = partyIndex(key), !seesAll(party) else { throw .wrongParty("party", key) }
        return party
    }

    // MARK: Applying

    mutating func apply(_ event: EventV1.PackageTaken, _ context: EventContext) {
        guard let direction = PackageLedger.Direction(event.direction) else {
            corruption("a package of no direction")
        }
        let slot = slot(of: event.party, direction)
        guard event.number == ledgers[slot].sequence.last + 1 else {
            corruption("a package out of its place")
        }
        ledgers[slot].sequence.take(event.manifest, isOpen: direction == .incoming)
        if direction == .outgoing { ledgers[slot].place = event.place }
        version(context)
    }

    mutating func apply(_ event: EventV1.PackageFinished, _ context: EventContext) {
        ledgers[slot(of: event.party, .incoming)].sequence.finish()
        if event.confirmed > 0 || event.unread > 0 {
            let slot = slot(of: event.party, .outgoing)
            ledgers[slot].confirmed = max(ledgers[slot].confirmed, event.confirmed)
            // What an unread package told was never told.
            if event.unread > 0 { ledgers[slot].place = [] }
        }
        version(context)
    }

    private mutating func slot(of key: String, _ direction: PackageLedger.Direction) -> Int {
        guard let party = partyIndex(key) else { corruption("a package of a party that is not there") }
        if let slot = ledgers.firstIndex(where: { $0.party == party && $0.direction == direction }) {
            return slot
        }
        ledgers.append(PackageLedger(party: party, direction: direction))
        return ledgers.count - 1
    }

    // MARK: Views

    /// Every ledger there is; for whoever `sendsPackages`, like the next two.
    package func packageLedgers() -> PackageLedgerList {
        PackageLedgerList(
            ledgers: ledgers.map { view($0, party: party($0.party).key, number: $0.sequence.last) })
    }

    /// Nil where there is no such party or direction.
    package func packageLedger(_ query: PackageLedgerQuery) -> PackageLedgerView? {
        guard let party = partyIndex(query.party), !seesAll(party),
            let direction = PackageLedger.Direction(query.direction)
        else { return nil }
        let ledger = ledger(party, direction) ?? PackageLedger(party: party, direction: direction)
        return view(
            ledger, party: query.party, number: query.number == 0 ? ledger.sequence.last : query.number)
    }

    private func view(_ ledger: PackageLedger, party: String, number: UInt64) -> PackageLedgerView {
        let target = RosterTarget.packages(party, ledger.direction.schema)
        return PackageLedgerView(
            target: target.bytes, version: version(of: target), party: party,
            direction: ledger.direction.schema, number: ledger.sequence.last,
            manifest: ledger.sequence.digest(number), open: ledger.sequence.isOpen,
            confirmed: ledger.confirmed, place: ledger.place)
    }

    /// An officer of casework of a party that packages go to, for what it may be told; nil when there is none who may ask.
    package func reader(of key: String) -> Viewer? {
        guard let party = partyIndex(key), !seesAll(party) else { return nil }
        return officers.indices.lazy.filter { officers[$0].party == party }
            .compactMap { self.viewer(OfficerIndex($0)) }.first { $0.doesCasework }
    }

    // MARK: Digest and snapshot

    /// Nothing where there are none: the hash of a store that never saw a disc is what it always was.
    func digestPackages(_ stream: inout CanonicalStream<some StateHasher>) {
        guard !ledgers.isEmpty else { return }
        stream.put("packages")
        stream.put(ledgers.count)
        for ledger in ledgers {
            stream.put(ledger.party.raw)
            stream.put(ledger.direction.rawValue)
            stream.put(ledger.sequence.digests)
            stream.put(ledger.sequence.isOpen)
            stream.put(ledger.confirmed)
            stream.put(ledger.place)
            stream.put(
                version(of: RosterTarget.packages(party(ledger.party).key, ledger.direction.schema)))
        }
    }

    func writePackages(_ writer: inout StateWriter) throws {
        writer.out.put(ledgers.count)
        for ledger in ledgers {
            writer.out.put(UInt64(ledger.party.raw))
            writer.out.put(byte: ledger.direction.rawValue)
            writer.out.put(ledger.sequence.digests)
            writer.out.put(ledger.sequence.isOpen)
            writer.out.put(ledger.confirmed)
            writer.out.put(ledger.place)
            try writer.out.rowEnds()
        }
    }

    mutating func readPackages(_ reader: inout StateReader) throws {
        for _ in 0..<(try reader.input.number(UInt32.self, "the number of package ledgers")) {
            let party = try readParty(of: &reader)
            guard let direction = PackageLedger.Direction(rawValue: try reader.input.byte()) else {
                throw SnapshotFault.wrong("packages of no direction")
            }
            var ledger = PackageLedger(party: party, direction: direction)
            let digests = try reader.input.bytes()
            guard let sequence = PackageSequence(digests: digests, isOpen: try reader.input.flag()) else {
                throw SnapshotFault.wrong("a sequence of packages")
            }
            ledger.sequence = sequence
            ledger.confirmed = try reader.input.number()
            ledger.place = try reader.input.bytes()
            ledgers.append(ledger)
        }
    }
}
