package import Schema

/// The care fund (关爱基金) of the city: what came in and what was paid for families, in integer 分. It never holds less than nothing: what would
/// be more than it holds is refused, so no sum here can pass its limits.
package struct CareFund: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        package let time: Int64
        /// 分; below zero: paid.
        package let fen: Int64
        /// Code of the list "fund-source"; empty for what was paid.
        package let source: String
        /// Number of the voucher; empty for what was paid.
        package let basis: String
        /// The case it was paid for.
        package let matter: Matter?
    }

    package private(set) var held: Int64 = 0
    package private(set) var income: Int64 = 0
    package private(set) var entries: [Entry] = []

    /// 分 paid, of all time.
    package var outgo: Int64 { income - held }

    mutating func add(_ entry: Entry) {
        held += entry.fen
        if entry.fen > 0 { income += entry.fen }
        entries.append(entry)
    }
}

extension State {
    func receive(_ command: ReceiveFund) throws(Rejection) -> EventBody {
        guard (1...Limits.fen).contains(command.fen), fund.income <= Limits.fundFen - command.fen else {
            throw .invalid("fen", "out-of-range")
        }
        try checkCode(command.source, "source", list: CodeListName.fundSource)
        try check(command.basis, "basis", max: Limits.basisCharacters, lines: false)
        return .fundReceived(
            EventV1.FundReceived(fen: command.fen, source: command.source, basis: command.basis))
    }

    func pay(_ command: PayAid, _ slot: Int) throws(Rejection) -> EventBody {
        guard caseKind(cases[slot].subcategory)?.isPaidFor == true else {
            throw .invalid("subcategory", "mismatch")
        }
        guard (1...Limits.fen).contains(command.fen) else { throw .invalid("fen", "out-of-range") }
        try check(command.purpose, "purpose", max: Limits.reasonCharacters)
        guard command.fen <= fund.held else { throw Rejection(.fundShort, ["held": String(fund.held)]) }
        return .caseAidPaid(EventV1.CaseAidPaid(fen: command.fen, purpose: personal(command.purpose)))
    }

    mutating func apply(_ event: EventV1.FundReceived, _ context: EventContext) {
        fund.add(
            CareFund.Entry(
                time: context.time, fen: event.fen, source: event.source, basis: event.basis, matter: nil))
        version(context)
    }

    mutating func applyAidPaid(_ event: EventV1.CaseAidPaid, _ context: EventContext) {
        let slot = caseSlot(context)
        cases[slot].aid += event.fen
        fund.add(
            CareFund.Entry(
                time: context.time, fen: -event.fen, source: "", basis: "", matter: .placementCase(slot)))
        noteCase(slot, cases[slot].state, PersonalText(event.purpose), context)
    }

    /// The fund is shown to officers of the bureau who do casework, and to nobody else.
    func mayReadFund(_ viewer: Viewer) -> Bool { viewer.isOfBureau && viewer.doesCasework }

    /// Nil for who may not see it.
    package func careFundView(for viewer: Viewer) -> CareFundView? {
        guard mayReadFund(viewer) else { return nil }
        let shown = fund.entries.suffix(Limits.fundEntriesShown).reversed()
        return CareFundView(
            heldFen: fund.held, incomeFen: fund.income, outgoFen: fund.outgo,
            entries: shown.map { entry in
                CareFundEntry(
                    at: entry.time, fen: entry.fen, source: entry.source, basis: entry.basis,
                    number: entry.matter.map { cases[$0.slot].number } ?? "")
            }, version: version(of: RosterTarget.careFund))
    }
}
