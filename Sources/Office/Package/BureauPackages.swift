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
        try await finish(
            package,
            FinishPackage(
                party: package.facts.sender, number: package.facts.number, confirmed: confirmed,
                unread: package.head.unread))
        desk.folder.dropMade(package.facts.sender, upTo: confirmed)
        return opened
    }

    /// Takes the number of a package that nobody here can open, so that the next one follows. Its sender hears that it has arrived, and sends again what was not
    /// answered.
    package func setAside(_ path: String) async throws -> OpenedPackage {
        let package = try desk.examineUnread(path, now: client.now)
        let opened = OpenedPackage(facts: package.facts, isAgain: try await !announce(package))
        try await finish(
            package,
            FinishPackage(party: package.facts.sender, number: package.facts.number, setAside: true))
        return opened
    }

    /// Nothing where it is finished.
    private func finish(_ package: ExaminedPackage, _ command: FinishPackage) async throws {
        let ledger = try await ledger(package.facts.sender, .in)
        if ledger.open { try await give(.finishPackage(command), ledger) }
        try desk.folder.remember(package.verified.signer, of: package.facts.sender)
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
        if case .submitBatch = envelope?.command?.body, answer.exitCode == .done {
            opened.submitted.append(answer.target)
        }
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

    /// Waits until these batches are checked and taken, so that the package that goes back has all three answers.
    /// - Parameter tell: how many are not through, at each look.
    /// - Returns: those still under way, whose answers go with the next package.
    package func settle(
        _ batches: [[UInt8]], tell: (Int) -> Void = { _ in }
    ) async throws -> [[UInt8]] {
        try await Self.settle(batches, within: .seconds(PackageLimits.checkSeconds), tell: tell) { id in
            try await client.batch(Hex.encode(id), timeout: timeout)
        }
    }

    /// Looks often at first, then every two seconds; at most so long, and not for one that the server cannot go on with.
    static func settle(
        _ batches: [[UInt8]], within patience: Duration, tell: (Int) -> Void,
        look: ([UInt8]) async throws -> BatchView
    ) async throws -> [[UInt8]] {
        let end = ContinuousClock.now + patience
        var (open, held, pause): ([[UInt8]], [[UInt8]], Int64) = (batches, [], 20_000_000)
        while true {
            var left: [[UInt8]] = []
            for id in open {
                let view = try await look(id)
                if view.heldUp { held.append(id) } else if !view.isThrough { left.append(id) }
            }
            open = left
            guard !open.isEmpty, ContinuousClock.now < end else { return open + held }
            tell(open.count)
            try await Task.sleep(for: .nanoseconds(pause))
            pause = min(pause * 3 / 2, Int64(BatchSendLimits.longestWait))
        }
    }

    // MARK: Making

    /// Answers that wait, everything the party may see that has changed since its last package with the files attached to it, what became of its batches,
    /// and its roster.
    /// Where the ledger has no place, all of it and not what has changed.
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
        let filling = PackageFilling(try desk.writer(setting))
        // Nothing was told before, or what was told could not be read.
        let isWhole = ledger.place.isEmpty
        try filling.add(.head(PackageHead(taken: taken.newest, asOf: setting.now, whole: isWhole)))
        let answers = desk.folder.waitingAnswers(party)
        for name in answers { try filling.add(.answer(try desk.folder.answer(name))) }
        let before = PackagePlace(ledger.place)
        // What happens to a batch behind this is told the next time.
        let told = try await client.requests(ListRequestsQuery(pageSize: 1), timeout: timeout).asOf
        let (targets, cursor) = try await changed(party, since: before.cursor)
        var had = isWhole ? [] : try desk.folder.had(party)
        for target in targets { try await add(target, party, &had, to: filling) }
        try await addBatches(of: party, since: before.told, to: filling)
        try filling.add(.parties(try await client.parties(timeout: timeout)))
        let officers: OfficerPage = try await client.read(
            as: party, "ListOfficers", ListOfficersQuery(party: party, pageSize: 200), timeout: timeout)
        try filling.add(.officers(officers))
        for list in lists {
            guard let page = try? await client.codes(list, timeout: timeout) else { continue }
            try filling.add(.codes(PackageCodes(list: list, page: page)))
        }
        if let kinds, kinds.encodedSize() < PackageLimits.itemBytes - 16 {
            try filling.add(.batchKinds(kinds))
        }
        let facts = try desk.finish(filling.writer, setting, filling.counts)
        try await give(
            .takePackage(
                TakePackage(
                    party: party, direction: .out, number: facts.number, manifest: facts.digest.bytes,
                    previous: setting.previous, place: PackagePlace(cursor: cursor, told: told).bytes)),
            ledger)
        desk.folder.dropAnswers(answers)
        try desk.folder.note(had: had, by: party)
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

    /// A matter with the files attached to it that the party did not attach itself and has not had, or a round's published file. Nothing where the party may not
    /// see it any more.
    private func add(
        _ target: Target, _ party: String, _ had: inout Set<[UInt8]>, to filling: PackageFilling
    ) async throws {
        guard let update = try await update(target, party) else {
            return target.isCase ? () : try await addRound(target.id, to: filling)
        }
        try filling.add(update)
        for one in update.attachments where !one.sha256.isEmpty && !haveSameBytes(one.party, party) {
            guard had.insert(one.attachment).inserted else { continue }
            try await addFile(one.attachment, of: target.id, to: filling)
        }
    }

    /// Piece by piece. What is erased meanwhile ends; its reader keeps nothing that is not whole.
    private func addFile(
        _ attachment: [UInt8], of target: [UInt8], to filling: PackageFilling
    ) async throws {
        var offset: UInt64 = 0
        do {
            let pieces = try await client.attachment(attachment, of: target)
            var iterator = pieces.makeAsyncIterator()
            while let piece = try await iterator.next() {
                guard !piece.data.isEmpty else { continue }
                try filling.add(
                    .attachmentPart(
                        AttachmentPart(
                            target: target, attachment: attachment, offset: offset, data: piece.data)))
                offset += UInt64(piece.data.count)
            }
        } catch let error as ClientError {
            guard error.status?.code == .notFound else { throw error }
        }
    }

    /// The published file of a closed round, which anybody may verify; not one that would make a disc of itself.
    private func addRound(_ target: [UInt8], to filling: PackageFilling) async throws {
        let key: String
        let file: [UInt8]
        do throws(ClientError) {
            let view = try await client.round(Hex.encode(target), timeout: timeout)
            guard !view.fileDigest.isEmpty, let summary = view.summary else { return }
            key = summary.key
            file = try await client.roundFile(key, timeout: timeout)
        } catch {
            guard error.status?.code == .notFound else { throw error }
            return
        }
        guard let item = Self.roundFile(target, key, file) else { return }
        try filling.add(item)
    }

    /// Nil: too large to go along.
    static func roundFile(_ target: [UInt8], _ key: String, _ file: [UInt8]) -> PackageItem.OneOf_Body? {
        guard file.count <= PackageLimits.roundBytes else { return nil }
        return .roundFile(RoundFileUpdate(target: target, key: key, file: file))
    }

    /// Of every batch that has taken a step since: how it stands, all answers with their proofs, and behind it the faults of its rows, unless they were told with
    /// an earlier step.
    private func addBatches(
        of party: String, since told: UInt64, to filling: PackageFilling
    ) async throws {
        var query = ListBatchesQuery(party: party, limit: 200)
        let proofs = try client.proofs()
        repeat {
            let page = try await client.batches(query, timeout: timeout)
            for view in page.batches where view.steps.contains(where: { $0.sequence > told }) {
                var answers: [BatchAnswer] = []
                for step in view.steps {
                    let answer = try await client.batchAnswer(view.id, step.stage, timeout: timeout)
                    answers.append(proofs.completed(answer))
                }
                try filling.add(.batchUpdate(BatchUpdate(view: view, answers: answers)))
                let isNew = view.steps.contains { $0.stage == .checked && $0.sequence > told }
                if isNew, view.faultyRows > 0 { try await addFaults(of: view.id, to: filling) }
            }
            query.cursor = page.cursor
        } while !query.cursor.isEmpty
    }

    private func addFaults(of batch: [UInt8], to filling: PackageFilling) async throws {
        let pieces = try await client.batchReport(batch)
        var (iterator, after) = (pieces.makeAsyncIterator(), UInt64(0))
        while let piece = try await iterator.next() {
            guard !piece.faults.isEmpty else { continue }
            try filling.add(.batchFaults(BatchFaultsPart(batch: batch, after: after, faults: piece)))
            after += UInt64(piece.faults.count)
        }
    }

    /// Nil: the party may not see it any more, or it is a round.
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

/// A package being filled, and what is in it so far.
private final class PackageFilling {
    let writer: PackageWriter
    private(set) var counts = PackageCounts()

    init(_ writer: PackageWriter) { self.writer = writer }

    func add(_ body: PackageItem.OneOf_Body) throws(PackageFault) {
        let item = PackageItem(body: body)
        try writer.add(item)
        counts.count(item)
    }
}

extension PackageItem.OneOf_Body {
    fileprivate var attachments: [AttachmentView] {
        switch self {
        case .requestUpdate(let update): update.view?.attachments ?? []
        case .caseUpdate(let update): update.view?.attachments ?? []
        default: []
        }
    }
}

extension BatchView {
    /// Nothing more will happen to it: what was refused as a whole ends with CHECKED.
    package var isThrough: Bool { stage == .done || verdict == .none }
}
