import BureauTestSupport
import Crypto
import Exchange
import Foundation
import Schema
import TestSupport
import TwoListsClient
import Wire

@testable import Office

/// A unit without a line and a bureau's officer, each with a folder of their own.
struct TwoDesks {
    let sample: PackageSample
    let unit: UnitPackages
    let bureau: PackageDesk
    let outbox: Outbox
    /// The city's, of the same authority.
    var journal: FakeJournal

    init() throws {
        sample = try PackageSample()
        journal = try FakeJournal(sample.ca)
        let trust = try sample.ca.trust()
        let desk = PackageDesk(
            folder: PackageFolder(path: sample.folder.file("unit.packages")), city: "421300",
            party: "unit/LU-07", certificate: sample.unit.certificate, key: sample.unit.key, store: trust)
        bureau = PackageDesk(
            folder: PackageFolder(path: sample.folder.file("bureau.packages")), city: "421300",
            party: "bureau/421300", certificate: sample.bureau.certificate, key: sample.bureau.key,
            store: trust)
        outbox = Outbox(folder: sample.folder.file("unit.outbox"))
        unit = UnitPackages(
            desk, outbox: outbox, receipts: ReceiptFolder(path: sample.folder.file("unit.receipts")),
            kinds: KindShelf(folder: sample.folder.file("unit.batches")),
            batches: BatchFolder(folder: sample.folder.file("unit.batches")),
            proofs: AnswerProofs(try ReceiptVerifier(authorityPath: sample.ca.caPath)))
        for folder in [desk.folder, bureau.folder] { try folder.prepare() }
        try desk.folder.remember(sample.bureau.certificate, of: "bureau/421300")
        try bureau.folder.remember(sample.unit.certificate, of: "unit/LU-07")
    }

    func id(_ number: UInt8) -> [UInt8] { [1, 0x90, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number] }

    @discardableResult
    func wait(_ number: UInt8) throws -> SignedEnvelope {
        let signed = command(number)
        try outbox.save(signed, id: id(number))
        return signed
    }

    func command(_ number: UInt8) -> SignedEnvelope {
        let envelope = Envelope(
            id: id(number), city: "421300", party: "unit/LU-07", officer: "u1", target: id(number),
            command: Command(body: .acknowledgeRequest(AcknowledgeRequest())))
        return SignedEnvelope(envelope: envelope.encoded())
    }

    func make() throws -> PackageFacts {
        try unit.make(
            to: "bureau/421300", now: sample.now, id: id(0),
            sign: {
                SignedEnvelope(
                    envelope: $0, signatureAlgorithm: "ecdsa-p256-sha256", signature: [1], certificate: [2])
            })
    }

    /// A package of the bureau with these items behind its head.
    /// - Parameter to: who can open it, if not all whom the bureau knows.
    func reply(
        _ number: UInt64, _ previous: Digest?, _ items: [PackageItem], head: PackageHead = PackageHead(),
        to readers: [Certificate]? = nil
    ) throws -> (path: String, digest: Digest) {
        var setting = PackageSetting(
            id: id(9), receiver: "unit/LU-07", number: number, previous: previous?.bytes ?? [],
            now: sample.now)
        setting.days = 30
        let writer = try bureau.writer(setting)
        try writer.add(PackageItem(body: .head(head)))
        for item in items { try writer.add(item) }
        let path = bureau.folder.made("unit/LU-07", number)
        if let readers { return (path, try writer.finish(readers: readers, signers: bureau.signers)) }
        return (path, try bureau.finish(writer, setting, PackageCounts()).digest)
    }

    func shown(_ number: UInt8, _ state: RequestState, version: UInt64) -> PackageItem {
        let summary = RequestSummary(target: id(number), state: state, version: version)
        return PackageItem(
            body: .requestUpdate(
                RequestUpdate(view: RequestView(summary: summary), history: HistoryPage())))
    }
}
