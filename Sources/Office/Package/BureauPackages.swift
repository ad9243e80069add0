import Crypto
import Exchange
package import Schema
package import TwoListsClient
import Wire

/// Packages at the bureau: what came is handed in to the server, and what goes back is read from it as the party may see it (PACKAGE.md 6).
package struct BureauPackages: Sendable {
    private let desk: PackageDesk
    private let client: TwoListsClient
    private let timeout: Duration

    package init(_ desk: PackageDesk, client: TwoListsClient, timeout: Duration) {
        (self.desk, self.client, self.timeout) = (desk, client, timeout)
    }

    private func ledger(
        _ party: String, _ direction: PackageDirection, number: UInt64 = 0
    ) async throws -> PackageLedgerView {
        try await client.packageLedger(
            PackageLedgerQuery(party: party, direction: direction, number: number), timeout: timeout)
    }

    /// A command of this officer about a ledger; a refusal is thrown in its words.
    private func give(_ body: Command.OneOf_Body, _ ledger: PackageLedgerView) async throws {
        let signed = try client.sealed(body, target: ledger.target, expectedVersion: ledger.version)
        let answer = try await client.execute(signed, timeout: timeout)
        guard let outcome = answer.outcome, outcome.refusal != .unspecified else { return }
        throw PackageRefused(outcome: outcome)
    }

    // MARK: Opening

    package func open(_ path: String) async throws -> OpenedPackage {
        let package = try desk.examine(path, now: client.now)
        var opened = OpenedPackage(facts: package.facts)
        opened.isAgain = try await !announce(package)
        var content = try desk.content(package)
        while let item = try content.item() {
            switch item.body {
            case .command(let signed): try await handIn(signed, package.facts.sender, &opened)
            case .batchPart(let part):
                try await client.putChunk(
                    part.data, of: part.batch, isManifest: part.isManifest, party: package.facts.sender,
                    timeout: timeout)
            default: continue
            }
        }
        let confirmed = try await confirmed(package)
        let ledger = try await ledger(package.facts.sender, .in)
        if ledger.open {
            try await give(
                .finishPackage(
                    FinishPackage(
                        party: package.facts.sender, number: package.facts.number, confirmed: confirmed)),
                ledger)
        }
        try desk.folder.remember(package.verified.signer, of: package.facts.sender)
        desk.folder.dropMade(package.facts.sender, upTo: confirmed)
        return opened
    }

    /// False: it was finished before. One that was begun goes on.
    private func announce(_ package: ExaminedPackage) async throws -> Bool {
        let (facts, manifest) = (package.facts, package.verified.manifest)
        let known = try await ledger(facts.sender, .in, number: facts.number)
        if facts.number <= known.number {
            guard known.manifest == facts.digest.bytes else { throw PackageFault.fork(facts.number) }
            return known.open && facts.number == known.number
        }
        guard facts.number == known.number + 1 else {
            throw PackageFault.gap(known.number + 1...facts.number - 1)
        }
        try await give(
            .takePackage(
                TakePackage(
                    party: facts.sender, direction: .in, number: facts.number, manifest: facts.digest.bytes,
                    previous: manifest.previous)), known)
        return true
    }

    private func handIn(
        _ signed: SignedEnvelope, _ sender: String, _ opened: inout OpenedPackage
    ) async throws {
        let envelope = try? Envelope(decoding: signed.envelope)
        let answer: CommandAnswer
        do throws(ClientError) {
            answer = try await client.importCommand(signed, timeout: timeout)
        } catch {
            // Not for want of a line: this one will never be judged, and does not keep the others waiting.
            guard let status = error.status, Self.never.contains(status.code) else { throw error }
            let why = Screen.clean(status.localized ?? status.message)
            opened.unjudged.append((envelope?.id ?? [], Text(why, Screen.clean(status.message))))
            return
        }
        try desk.folder.keep(answer, for: sender)
        opened.answers.append(AnsweredCommand(answer: answer, kind: envelope?.kind ?? ""))
    }

    private static let never: Set<StatusCode> = [.invalidArgument, .permissionDenied, .failedPrecondition]

    /// The last of the bureau's packages that the party says has arrived.
    private func confirmed(_ package: ExaminedPackage) async throws -> UInt64 {
        guard let taken = package.head.taken.last else { return 0 }
        let mine = try await ledger(package.facts.sender, .out, number: taken.number)
        guard taken.number <= mine.number, mine.manifest == taken.manifest else {
            throw PackageFault.fork(taken.number)
        }
        return taken.number
    }

    // MARK: Making

    /// Answers that wait, everything the party may see that has changed since its last package, and its roster.
    /// - Parameters:
    ///   - lists: code lists its screens need.
    ///   - kinds: those of batches, by which it checks what it sends.
    package func make(
        to party: String, lists: [String], kinds: BatchKindList?, days: Int64, id: [UInt8]
    ) async throws -> PackageFacts {
        let ledger = try await ledger(party, .out)
        let taken = try await self.ledger(party, .in)
        let setting = PackageSetting(
            id: id, receiver: party, number: ledger.number + 1, previous: ledger.manifest, now: client.now,
            days: days)
        let writer = try desk.writer(setting)
        var counts = PackageCounts()
        func add(_ body: PackageItem.OneOf_Body) throws {
            let item = PackageItem(body: body)
            try writer.add(item)
            counts.count(item)
        }
        try add(.head(PackageHead(taken: taken.newest, asOf: setting.now)))
        let answers = desk.folder.waitingAnswers(party)
        for name in answers { try add(.answer(try desk.folder.answer(name))) }
        let (targets, place) = try await changed(party, since: ledger.place)
        for target in targets { if let update = try await update(target, party) { try add(update) } }
        try add(.parties(try await client.parties(timeout: timeout)))
        let officers: OfficerPage = try await client.read(
            as: party, "ListOfficers", ListOfficersQuery(party: party, pageSize: 200), timeout: timeout)
        try add(.officers(officers))
        for list in lists {
            guard let page = try? await client.codes(list, timeout: timeout) else { continue }
            try add(.codes(PackageCodes(list: list, page: page)))
        }
        if let kinds, kinds.encodedSize() < PackageLimits.itemBytes - 16 { try add(.batchKinds(kinds)) }
        let facts = try desk.finish(writer, setting, counts)
        try await give(
            .takePackage(
                TakePackage(
                    party: party, direction: .out, number: facts.number, manifest: facts.digest.bytes,
                    previous: setting.previous, place: place)), ledger)
        desk.folder.dropAnswers(answers)
        return facts
    }

    private struct Target: Hashable {
        var id: [UInt8]
        var isCase: Bool
    }

    /// What has changed, each once in the order of its first change, and up to where that was looked at.
    private func changed(_ party: String, since place: [UInt8]) async throws -> ([Target], [UInt8]) {
        var (targets, seen): ([Target], Set<Target>) = ([], [])
        var place = place
        while true {
            let page: ChangePage = try await client.read(
                as: party, "Watch", WatchQuery(cursor: place), timeout: timeout)
            place = page.cursor
            for change in page.changes {
                let target = Target(id: change.target, isCase: change.isCase)
                if seen.insert(target).inserted { targets.append(target) }
            }
            if !page.more { return (targets, place) }
        }
    }

    /// Nil: the party may not see it any more, or it is a round, which discs do not carry.
    private func update(_ target: Target, _ party: String) async throws -> PackageItem.OneOf_Body? {
        let key = Hex.encode(target.id)
        do throws(ClientError) {
            if target.isCase {
                let view: CaseView = try await client.read(
                    as: party, "GetCase", GetCaseQuery(key: key), timeout: timeout)
                let history: HistoryPage = try await client.read(
                    as: party, "CaseHistory", HistoryQuery(key: key), timeout: timeout)
                return .caseUpdate(CaseUpdate(view: view, history: history))
            }
            let view: Schema.RequestView = try await client.read(
                as: party, "GetRequest", GetRequestQuery(key: key), timeout: timeout)
            let history: HistoryPage = try await client.read(
                as: party, "RequestHistory", HistoryQuery(key: key), timeout: timeout)
            return .requestUpdate(RequestUpdate(view: view, history: history))
        } catch {
            guard error.status?.code == .notFound else { throw error }
            return nil
        }
    }
}

/// The server's rules refused what was to be noted of a package.
package struct PackageRefused: Error, Sendable {
    package let outcome: Outcome
}
