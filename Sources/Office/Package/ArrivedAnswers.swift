import Crypto
import Exchange
import Foundation
import Schema
import TwoListsClient
import Wire

/// Something in a valid package that is not proven, or is about something else than was sent: it changed nothing, and is told (PACKAGE.md 6).
package struct WrongItem: Error, Sendable, Hashable {
    /// What it claims to be about.
    package var what: Text
    package var why: Text
}

/// Answers to batches as they come in one package: checked before anything of them is kept.
struct ArrivedBatches {
    private let mirror: Mirror
    private let shelf: AnswerShelf
    private let sent: BatchFolder
    private let proofs: AnswerProofs
    private let party: String
    /// Of those taken from this package: the faults told so far, and the rows there are.
    private var reports: [[UInt8]: (faults: UInt64, rows: UInt64)] = [:]

    init(_ mirror: Mirror, _ shelf: AnswerShelf, _ sent: BatchFolder, _ proofs: AnswerProofs, party: String) {
        (self.mirror, self.shelf, self.sent, self.proofs) = (mirror, shelf, sent, proofs)
        self.party = party
    }

    /// The batch as it stands now; nil: more was known already.
    mutating func take(_ update: BatchUpdate) throws(FileError) -> Result<BatchView?, WrongItem> {
        guard let view = update.view, view.id.count == EntityID.byteCount else {
            return .failure(Self.wrong("?", Text("没有批次", "it names no batch")))
        }
        let answers: [BatchAnswer]
        switch judged(update.answers, view) {
        case .success(let proven): answers = proven
        case .failure(let wrong): return .failure(wrong)
        }
        reports[view.id] = (0, view.rows)
        // A step is never undone: a later package that was opened before knows more.
        guard view.steps.count >= mirror.batch(Hex.encode(view.id))?.steps.count ?? 0 else {
            return .success(nil)
        }
        for answer in answers { try shelf.keep(answer, of: view.id) }
        try mirror.keep(BatchUpdate(view: view, answers: answers))
        return .success(view)
    }

    private func judged(
        _ answers: [BatchAnswer], _ view: BatchView
    ) -> Result<[BatchAnswer], WrongItem> {
        guard haveSameBytes(view.party, party) else {
            return .failure(Self.wrong(view.number, Text("不是本单位报送的", "another party sent it")))
        }
        var proven: [BatchAnswer] = []
        for answer in answers {
            do throws(ReceiptFailure) { proven.append(try proofs.verified(answer)) } catch {
                let step = BatchText.word(answer.stage)
                let check = ReceiptTexts.check(error.check)
                return .failure(
                    Self.wrong(
                        view.number,
                        Text(
                            "“\(step.zh)”的存证没有通过核验：\(check.zh)",
                            "the proof of “\(step.en)” does not hold: \(check.en) (\(error.detail))")))
            }
        }
        guard AnswerCheck.fits(proven, view) else {
            return .failure(
                Self.wrong(
                    view.number,
                    Text("存证不是答复所说的内容", "what is proven is not what the answer says")))
        }
        if let command = sent.submitted(view.id), !AnswerCheck.isOf(command, view) {
            return .failure(
                Self.wrong(view.number, Text("不是本机报送的那一批", "it is not the batch that was sent from here")))
        }
        return .success(proven)
    }

    /// Nil: kept, or of a batch that was refused.
    mutating func take(_ part: BatchFaultsPart) throws(FileError) -> WrongItem? {
        guard let report = reports[part.batch] else { return nil }
        let faults = part.faults?.faults ?? []
        let count = report.faults + UInt64(faults.count)
        guard part.after == report.faults, !faults.isEmpty, count <= UInt64(BatchLimits.faults),
            faults.allSatisfy({ $0.row <= report.rows })
        else {
            reports[part.batch] = nil
            return Self.wrong(
                mirror.batch(Hex.encode(part.batch))?.number ?? "?",
                Text("问题清单不衔接，没有保存", "its list of faults does not follow on; it was not kept"))
        }
        try mirror.keep(part)
        reports[part.batch]?.faults = count
        return nil
    }

    private static func wrong(_ number: String, _ why: Text) -> WrongItem {
        let number = Screen.clean(number)
        return WrongItem(what: Text("批次 \(number)", "batch \(number)"), why: why)
    }
}

/// Files attached to matters, piece by piece as they come in one package: each has its name when it is whole and is what the matter says of it.
struct ArrivedAttachments: ~Copyable {
    private let mirror: Mirror
    private var open: Open?
    /// Told once each.
    private var refused: Set<[UInt8]> = []

    private struct Open: ~Copyable {
        let view: AttachmentView
        var file: FetchedFile
        var bytes: UInt64 = 0
    }

    init(_ mirror: Mirror) { self.mirror = mirror }

    /// Nil: taken, or here already.
    mutating func take(_ part: AttachmentPart) throws(FileError) -> WrongItem? {
        guard !refused.contains(part.attachment), mirror.attachment(part.attachment) == nil else {
            return nil
        }
        if part.offset == 0 {
            open = nil
            let view = mirror.attachments(of: part.target).first { $0.attachment == part.attachment }
            guard let view, part.attachment.count == EntityID.byteCount else { return refuse(part) }
            open = Open(view: view, file: try FetchedFile(mirror.attachmentPath(part.attachment)))
        }
        return try add(part) ? nil : refuse(part)
    }

    /// False: it does not belong there, or is another file than the matter says.
    private mutating func add(_ part: AttachmentPart) throws(FileError) -> Bool {
        guard var current = open.take(), current.view.attachment == part.attachment,
            part.offset == current.bytes, !part.data.isEmpty,
            UInt64(part.data.count) <= current.view.bytes - current.bytes
        else { return false }
        try current.file.add(part.data)
        current.bytes += UInt64(part.data.count)
        guard current.bytes == current.view.bytes else {
            open = consume current
            return true
        }
        return try current.file.finish(ifIts: current.view.sha256, bytes: current.bytes)
    }

    private mutating func refuse(_ part: AttachmentPart) -> WrongItem {
        open = nil
        refused.insert(part.attachment)
        return WrongItem(
            what: Text(
                "附件 \(Hex.encode(part.attachment).prefix(16))",
                "attachment \(Hex.encode(part.attachment).prefix(16))"),
            why: Text("与事项上登记的不符，没有保存", "it is not what its matter says of it; it was not kept"))
    }
}
