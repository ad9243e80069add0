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

    package init(_ desk: PackageDesk, outbox: Outbox, receipts: ReceiptFolder, kinds: KindShelf) {
        self.kinds = kinds
        self.desk = desk
        self.outbox = outbox
        self.receipts = receipts
    }

    package var mirror: Mirror { Mirror(desk.folder) }

    /// Everything in the outbox, into the next package. What is in an earlier one and was not answered goes again: nothing is done twice.
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
        try add(PackageItem(body: .head(PackageHead(taken: taken.newest))))
        for entry in outbox.content().entries where !entry.isRefused {
            try addChunks(of: entry, add)
            let signed = entry.signed.signature.isEmpty ? try sign(entry.signed.envelope) : entry.signed
            try add(PackageItem(body: .command(signed)))
        }
        let facts = try desk.finish(writer, setting, counts)
        ledger.take(facts.digest, number: facts.number)
        try desk.folder.save(ledger)
        return facts
    }

    /// A batch goes before the command that hands it over, chunk by chunk.
    private func addChunks(of entry: Outbox.Entry, _ add: (PackageItem) throws -> Void) throws {
        guard let id = entry.envelope.chunksOf, let batch = try outbox.batch(id: id) else { return }
        for number in 0..<batch.count {
            try add(PackageItem(body: .batchPart(BatchPart(batch: id, data: try batch.chunk(number)))))
        }
        try add(
            PackageItem(
                body: .batchPart(BatchPart(batch: id, isManifest: true, data: batch.manifestBytes))))
    }

    /// Opens a package of the bureau. The number is noted last, so that one that was cut off is opened again.
    package func open(_ path: String, now: Int64) throws -> OpenedPackage {
        let package = try desk.examine(path, now: now)
        let facts = package.facts
        var ledger = try desk.folder.ledger(facts.sender, .in)
        let isNew = try ledger.judge(package)
        var content = try desk.content(package)
        var opened = OpenedPackage(facts: facts, isAgain: !isNew)
        while let item = try content.item() {
            if case .answer(let answer) = item.body { opened.answers += try take(answer, at: now) }
            // What an older package says of a matter is older than what is known.
            guard isNew else { continue }
            if case .batchKinds(let list) = item.body { try kinds.keep(list) }
            _ = try mirror.take(item)
        }
        try confirm(package)
        try desk.folder.remember(package.verified.signer, of: facts.sender)
        guard isNew else { return opened }
        if package.head.asOf > 0 { try mirror.note(asOf: package.head.asOf) }
        ledger.take(facts.digest, number: facts.number)
        try desk.folder.save(ledger)
        return opened
    }

    /// Keeps the receipt and takes the command out of the outbox, where one that was refused stays until its clerk drops it; nothing for one
    /// that is out already.
    private func take(_ answer: CommandAnswer, at now: Int64) throws -> [AnsweredCommand] {
        guard let entry = outbox.content().entries.first(where: { $0.id == answer.commandId }) else {
            return []
        }
        if let receipt = answer.receipt, !answer.leaf.isEmpty {
            try receipts.keep(receipt, entry.signed, id: entry.id)
        }
        if answer.exitCode == .done {
            try outbox.remove(id: entry.id)
        } else {
            outbox.note(.refused(answer), on: entry.id, at: now)
        }
        return [AnsweredCommand(answer: answer, kind: entry.envelope.kind)]
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
