package import Crypto
package import Exchange
package import Schema
package import TwoListsClient

/// Packages of a party that is never on line: its outbox goes out, and what comes back is kept on this machine (PACKAGE.md 6).
package struct UnitPackages: Sendable {
    package let desk: PackageDesk
    let outbox: Outbox
    let receipts: ReceiptFolder
    let kinds: KindShelf
    let batches: BatchFolder
    let proofs: AnswerProofs

    /// - Parameters:
    ///   - batches: what was sent from here.
    ///   - proofs: by the city's authorities, as of any answer of the line.
    package init(
        _ desk: PackageDesk, outbox: Outbox, receipts: ReceiptFolder, kinds: KindShelf, batches: BatchFolder,
        proofs: AnswerProofs
    ) {
        self.kinds = kinds
        self.desk = desk
        self.outbox = outbox
        self.receipts = receipts
        self.batches = batches
        self.proofs = proofs
    }

    package var mirror: Mirror { Mirror(desk.folder) }

    /// Everything in the outbox, into the next package. What is in an earlier one and was not answered goes again: nothing is done twice. Only the chunks of a
    /// batch or an attachment do not, as long as the package that has them is on its way: it is opened before this one.
    /// - Parameter sign: for commands that wait unsigned.
    package func make(
        to bureau: String, now: Int64, id: [UInt8], days: Int64 = PackageLimits.usualDays,
        sign: ([UInt8]) throws -> SignedEnvelope
    ) throws -> PackageFacts {
        var ledger = try desk.folder.ledger(bureau, .out)
        let taken = try desk.folder.ledger(bureau, .in)
        let setting = PackageSetting(
            id: id, receiver: bureau, number: ledger.number + 1, previous: ledger.manifest, now: now,
            days: days)
        let writer = try desk.writer(setting)
        var counts = PackageCounts()
        func add(_ item: PackageItem) throws(PackageFault) {
            try writer.add(item)
            counts.count(item)
        }
        try add(PackageItem(body: .head(PackageHead(taken: taken.newest, unread: taken.unread))))
        let entries = outbox.content().entries.filter { !$0.isRefused }
        var carried: [[UInt8]] = []
        for entry in entries {
            if let id = entry.envelope.chunksOf, !isOnItsWay(id, ledger) {
                try addChunks(of: id, add)
                carried.append(id)
            }
            let signed = entry.signed.signature.isEmpty ? try sign(entry.signed.envelope) : entry.signed
            try add(PackageItem(body: .command(signed)))
        }
        let facts = try desk.finish(writer, setting, counts)
        ledger.take(facts.digest, number: facts.number)
        try desk.folder.save(ledger)
        // Last: what is not noted goes once more.
        desk.folder.keepSent(Set(entries.compactMap(\.envelope.chunksOf)))
        for id in carried { try desk.folder.note(sent: id, in: facts.number) }
        return facts
    }

    private func isOnItsWay(_ chunks: [UInt8], _ ledger: PackageLedgerView) -> Bool {
        guard let number = desk.folder.sent(chunks) else { return false }
        return number > ledger.confirmed && number <= ledger.number
    }

    /// A batch goes before the command that hands it over, chunk by chunk.
    private func addChunks(of id: [UInt8], _ add: (PackageItem) throws -> Void) throws {
        guard let batch = try outbox.batch(id: id) else { return }
        for number in 0..<batch.count {
            try add(PackageItem(body: .batchPart(BatchPart(batch: id, data: try batch.chunk(number)))))
        }
        try add(
            PackageItem(
                body: .batchPart(BatchPart(batch: id, isManifest: true, data: batch.manifestBytes))))
    }

    /// Opens a package of the bureau. Nothing of it is kept that is not proven. The number is noted last, so that one that was cut off is opened again.
    package func open(_ path: String, now: Int64) throws -> OpenedPackage {
        let package = try desk.examine(path, now: now)
        let facts = package.facts
        var ledger = try desk.folder.ledger(facts.sender, .in)
        let isNew = try ledger.judge(package)
        var opened = OpenedPackage(facts: facts, isAgain: !isNew)
        try take(package, isNew: isNew, at: now, &opened)
        try confirm(package)
        try desk.folder.remember(package.verified.signer, of: facts.sender)
        guard isNew else { return opened }
        if package.head.asOf > 0 { try mirror.note(asOf: package.head.asOf) }
        if package.head.whole { ledger.unread = 0 }
        ledger.take(facts.digest, number: facts.number)
        try desk.folder.save(ledger)
        return opened
    }

    /// Notes the number of a package that nobody here can open, so that the next one follows. The bureau hears of it from the head of what is made next, and
    /// tells everything again.
    package func setAside(_ path: String, now: Int64) throws -> OpenedPackage {
        let package = try desk.examineUnread(path, now: now)
        let facts = package.facts
        var ledger = try desk.folder.ledger(facts.sender, .in)
        let isNew = try ledger.judge(package)
        try desk.folder.remember(package.verified.signer, of: facts.sender)
        guard isNew else { return OpenedPackage(facts: facts, isAgain: true) }
        ledger.take(facts.digest, number: facts.number)
        ledger.unread = facts.number
        try desk.folder.save(ledger)
        return OpenedPackage(facts: facts)
    }

    private func take(
        _ package: ExaminedPackage, isNew: Bool, at now: Int64, _ opened: inout OpenedPackage
    ) throws {
        var content = try desk.content(package)
        var arrived = ArrivedBatches(
            mirror, AnswerShelf(folder: receipts.path), batches, proofs, party: desk.party)
        var files = ArrivedAttachments(mirror)
        while let item = try content.item() {
            switch item.body {
            case .answer(let answer): try take(answer, at: now, &opened)
            case .batchUpdate(let update):
                switch try arrived.take(update) {
                case .success(let view): if let view { opened.batches.append(view) }
                case .failure(let wrong): opened.wrong.append(wrong)
                }
            case .batchFaults(let part): if let wrong = try arrived.take(part) { opened.wrong.append(wrong) }
            // What an older package says of a matter is older than what is known.
            case _ where !isNew: continue
            case .batchKinds(let list): try kinds.keep(list)
            case .attachmentPart(let part):
                if let wrong = try files.take(part) { opened.wrong.append(wrong) }
            case .roundFile(let round): try take(round, &opened)
            default: _ = try mirror.take(item)
            }
        }
    }

    /// Proves the answer, keeps the receipt and takes the command out of the outbox, where one that was refused stays until its clerk drops it. Nothing for
    /// one that is out already. What is not proven, or of another matter, changes nothing.
    private func take(_ answer: CommandAnswer, at now: Int64, _ opened: inout OpenedPackage) throws {
        guard let entry = outbox.content().entries.first(where: { $0.id == answer.commandId }) else {
            return
        }
        let receipt: Receipt
        do throws(ReceiptFailure) {
            receipt = try proofs.receipt(of: answer, to: entry.signed.envelope)
        } catch {
            let check = ReceiptTexts.check(error.check)
            opened.wrong.append(
                Self.wrong(
                    entry,
                    Text("存证没有通过核验：\(check.zh)", "its proof does not hold: \(check.en) (\(error.detail))")))
            return
        }
        guard answer.target == entry.envelope.target else {
            opened.wrong.append(Self.wrong(entry, Text("是另一事项的答复", "it is about another matter")))
            return
        }
        try receipts.keep(receipt, entry.signed, id: entry.id)
        if answer.exitCode == .done {
            try keepFile(of: entry)
            try outbox.remove(id: entry.id)
        } else {
            outbox.note(.refused(answer), on: entry.id, at: now)
            // So that the next attempt is a batch of its own.
            if case .submitBatch = entry.envelope.command?.body { try batches.forget(entry.envelope.target) }
        }
        opened.answers.append(AnsweredCommand(answer: answer, kind: entry.envelope.kind))
    }

    private static func wrong(_ entry: Outbox.Entry, _ why: Text) -> WrongItem {
        let id = String(Hex.encode(entry.id).prefix(16))
        return WrongItem(what: Text("命令 \(id) 的答复", "the answer to \(id)"), why: why)
    }

    /// What was attached from here need not come back to be fetched here.
    private func keepFile(of entry: Outbox.Entry) throws {
        guard case .attachEvidence(let evidence) = entry.envelope.command?.body,
            mirror.attachment(evidence.attachment) == nil,
            let batch = try outbox.batch(id: evidence.attachment)
        else { return }
        var file = try FetchedFile(mirror.attachmentPath(evidence.attachment))
        for number in 0..<batch.count { try file.add(try batch.chunk(number)) }
        try file.finish(sha256: evidence.sha256, bytes: evidence.bytes)
    }

    /// A published file proves itself, or is none.
    private func take(_ round: RoundFileUpdate, _ opened: inout OpenedPackage) throws {
        do throws(RoundFault) {
            _ = try RoundVerification(round.file) { Digest(of: $0).bytes }
        } catch {
            let key = Screen.clean(round.key)
            opened.wrong.append(
                WrongItem(
                    what: Text("选岗轮次 \(key) 的公布文件", "the published file of round \(key)"),
                    why: Text("核验不通过", "it does not hold")))
            return
        }
        _ = try mirror.take(PackageItem(body: .roundFile(round)))
    }

    /// The bureau has our packages up to there: they need not be kept.
    private func confirm(_ package: ExaminedPackage) throws {
        guard let taken = package.head.taken.last else { return }
        var mine = try desk.folder.ledger(package.facts.sender, .out)
        guard mine.sequence.digest(taken.number) == taken.manifest else {
            throw PackageFault.fork(taken.number)
        }
        guard taken.number > mine.confirmed else { return }
        mine.confirmed = taken.number
        try desk.folder.save(mine)
        desk.folder.dropMade(package.facts.sender, upTo: taken.number)
    }
}

/// What opening a package brought.
package struct OpenedPackage {
    package var facts: PackageFacts
    /// It was opened before.
    package var isAgain = false
    package var answers: [AnsweredCommand] = []
    /// Commands that could not be judged, by id, and why.
    package var unjudged: [(id: [UInt8], why: Text)] = []
    /// Batches that answers came to.
    package var batches: [BatchView] = []
    /// What is not proven or not about what was sent.
    package var wrong: [WrongItem] = []
    /// At the bureau: batches that were handed in.
    package var submitted: [[UInt8]] = []
}

package struct AnsweredCommand: Sendable {
    package var answer: CommandAnswer
    package var kind: String
}

extension PackageLedgerView {
    package var sequence: PackageSequence {
        PackageSequence(digests: manifests, isOpen: open) ?? PackageSequence()
    }

    /// For the head of a package to the other side.
    package var newest: [TakenPackage] {
        number == 0 ? [] : [TakenPackage(number: number, manifest: manifest)]
    }

    package mutating func take(_ digest: Digest, number: UInt64) {
        manifests += digest.bytes
        manifest = digest.bytes
        self.number = number
    }

    /// True: the next one. False: it was opened before.
    package func judge(_ package: ExaminedPackage) throws(PackageFault) -> Bool {
        try sequence.judge(package)
    }
}

extension PackageSequence {
    func judge(_ package: ExaminedPackage) throws(PackageFault) -> Bool {
        let manifest = package.verified.manifest
        switch judge(
            number: manifest.number, digest: package.facts.digest.bytes, previous: manifest.previous)
        {
        case .next: return true
        case .again: return false
        case .gap(let missing): throw .gap(missing)
        case .fork, .open: throw .fork(manifest.number)
        }
    }
}
