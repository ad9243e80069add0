import Crypto
import Exchange
import Foundation
import Schema
import TestSupport
import Testing
import TwoListsClient
import Wire

@testable import Office

/// A unit without a line and a bureau's officer, each with a folder of their own.
private struct TwoDesks {
    let sample: PackageSample
    let unit: UnitPackages
    let bureau: PackageDesk
    let outbox: Outbox

    init() throws {
        sample = try PackageSample()
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
            kinds: KindShelf(folder: sample.folder.file("unit.batches")))
        for folder in [desk.folder, bureau.folder] { try folder.prepare() }
        try desk.folder.remember(sample.bureau.certificate, of: "bureau/421300")
        try bureau.folder.remember(sample.unit.certificate, of: "unit/LU-07")
    }

    func id(_ number: UInt8) -> [UInt8] { [1, 0x90, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number] }

    func wait(_ number: UInt8) throws {
        let envelope = Envelope(
            id: id(number), city: "421300", party: "unit/LU-07", officer: "u1", target: id(number),
            command: Command(body: .acknowledgeRequest(AcknowledgeRequest())))
        try outbox.save(SignedEnvelope(envelope: envelope.encoded()), id: id(number))
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
    func reply(
        _ number: UInt64, _ previous: Digest?, _ items: [PackageItem], head: PackageHead = PackageHead()
    ) throws -> (path: String, digest: Digest) {
        var setting = PackageSetting(
            id: id(9), receiver: "unit/LU-07", number: number, previous: previous?.bytes ?? [],
            now: sample.now)
        setting.days = 30
        let writer = try bureau.writer(setting)
        try writer.add(PackageItem(body: .head(head)))
        for item in items { try writer.add(item) }
        let facts = try bureau.finish(writer, setting, PackageCounts())
        return (bureau.folder.made("unit/LU-07", number), facts.digest)
    }

    func shown(_ number: UInt8, _ state: RequestState, version: UInt64) -> PackageItem {
        let summary = RequestSummary(target: id(number), state: state, version: version)
        return PackageItem(
            body: .requestUpdate(
                RequestUpdate(view: RequestView(summary: summary), history: HistoryPage())))
    }
}

@Suite("PACKAGE.md 6 a unit without a line: outbox out, answers and news in")
struct UnitPackageTests {
    @Test("what waits goes out signed; the bureau reads it; the next one follows the first")
    func outgoing() throws {
        let desks = try TwoDesks()
        try desks.wait(1)
        let first = try desks.make()
        let path = desks.unit.desk.folder.made("bureau/421300", 1)
        let examined = try desks.bureau.examine(path, now: desks.sample.now)
        #expect(examined.facts == first && first.number == 1 && first.counts.commands == 1)
        try desks.wait(2)
        let second = try desks.make()
        #expect(second.number == 2 && second.counts.commands == 2)
        let next = try desks.bureau.examine(
            desks.unit.desk.folder.made("bureau/421300", 2), now: desks.sample.now)
        #expect(next.verified.manifest.previous == first.digest.bytes)
    }

    @Test(
        "an answer takes its command out and leaves the receipt; news replace what was known; again changes nothing"
    )
    func incoming() throws {
        let desks = try TwoDesks()
        try desks.wait(1)
        try desks.wait(2)
        let sent = try desks.make()
        let answer = CommandAnswer(
            commandId: desks.id(1), target: desks.id(1), leaf: [1], receipt: Receipt(leaf: [1]))
        let head = PackageHead(
            taken: [TakenPackage(number: 1, manifest: sent.digest.bytes)], asOf: desks.sample.now)
        let reply = try desks.reply(
            1, nil, [PackageItem(body: .answer(answer)), desks.shown(1, .accepted, version: 2)], head: head)
        let opened = try desks.unit.open(reply.path, now: desks.sample.now)
        #expect(opened.answers.count == 1 && !opened.isAgain)
        #expect(desks.outbox.content().entries.map(\.id) == [desks.id(2)])
        #expect(
            DurableFile.exists(desks.sample.folder.file("unit.receipts/\(Hex.encode(desks.id(1))).receipt")))
        #expect(desks.unit.mirror.request(Hex.encode(desks.id(1)))?.view?.summary?.state == .accepted)
        #expect(desks.unit.mirror.asOf == desks.sample.now)
        #expect(try desks.unit.desk.folder.ledger("bureau/421300", .out).confirmed == 1)
        #expect(!DurableFile.exists(desks.unit.desk.folder.made("bureau/421300", 1)), "it has arrived")

        let second = try desks.reply(2, reply.digest, [desks.shown(1, .closed, version: 5)])
        _ = try desks.unit.open(second.path, now: desks.sample.now)
        let again = try desks.unit.open(reply.path, now: desks.sample.now)
        #expect(again.isAgain && again.answers.isEmpty)
        #expect(desks.unit.mirror.request(Hex.encode(desks.id(1)))?.view?.summary?.state == .closed)
    }

    @Test("a gap is named, and a second package of one number refused; nothing of either is taken")
    func order() throws {
        let desks = try TwoDesks()
        let first = try desks.reply(1, nil, [])
        let second = try desks.reply(2, first.digest, [])
        let third = try desks.reply(3, second.digest, [desks.shown(1, .closed, version: 5)])
        #expect(throws: PackageFault.gap(1...2)) {
            try desks.unit.open(third.path, now: desks.sample.now)
        }
        #expect(desks.unit.mirror.requests().isEmpty)
        _ = try desks.unit.open(first.path, now: desks.sample.now)
        let other = try desks.reply(1, nil, [desks.shown(1, .closed, version: 5)])
        #expect(throws: PackageFault.fork(1)) {
            try desks.unit.open(other.path, now: desks.sample.now)
        }
        let astray = try desks.reply(2, other.digest, [])
        #expect(throws: PackageFault.fork(2)) {
            try desks.unit.open(astray.path, now: desks.sample.now)
        }
        #expect(desks.unit.mirror.requests().isEmpty)
    }

    /// Whatever was done before the number was noted is done once more, with the same end.
    @Test("cut off before the number is noted, it is opened again")
    func cutOff() throws {
        let desks = try TwoDesks()
        try desks.wait(1)
        _ = try desks.make()
        let answer = CommandAnswer(commandId: desks.id(1), leaf: [1], receipt: Receipt(leaf: [1]))
        let reply = try desks.reply(
            1, nil, [PackageItem(body: .answer(answer)), desks.shown(1, .accepted, version: 2)])
        _ = try desks.unit.open(reply.path, now: desks.sample.now)
        let ledger = desks.unit.desk.folder.path + "/ledger/in-bureau_421300"
        try FileManager.default.removeItem(atPath: ledger)
        let opened = try desks.unit.open(reply.path, now: desks.sample.now)
        #expect(!opened.isAgain && opened.answers.isEmpty && desks.outbox.content().entries.isEmpty)
        #expect(try desks.unit.desk.folder.ledger("bureau/421300", .in).number == 1)
    }

    @Test("a unit takes no commands, a bureau no answers, and unsigned commands go nowhere")
    func directions() throws {
        let desks = try TwoDesks()
        let command = PackageItem(
            body: .command(SignedEnvelope(envelope: [1], signature: [1], certificate: [1])))
        let wrong = try desks.reply(1, nil, [command])
        #expect(throws: PackageFault.content("PackageItem")) {
            try desks.unit.open(wrong.path, now: desks.sample.now)
        }
        let sample = desks.sample
        for body: PackageItem.OneOf_Body in [
            .answer(CommandAnswer()), .command(SignedEnvelope(envelope: [1])), .parties(PartyPage()),
        ] {
            let made = try sample.make(sample.items([]) + [PackageItem(body: body)])
            #expect(throws: PackageFault.content("PackageItem")) {
                try desks.bureau.examine(made.path, now: sample.now)
            }
        }
    }

    @Test("made again it is the same file; without a reader's certificate there is no package")
    func again() throws {
        let desks = try TwoDesks()
        try desks.wait(1)
        _ = try desks.make()
        let (a, b) = (desks.sample.folder.file("a.tlp"), desks.sample.folder.file("b.tlp"))
        for path in [a, b] { try desks.unit.desk.copyOut(("bureau/421300", 1), to: path) }
        #expect(try Data(contentsOf: URL(filePath: a)) == Data(contentsOf: URL(filePath: b)))
        #expect(throws: FileError.self) { try desks.unit.desk.copyOut(("bureau/421300", 1), to: a) }
        #expect(throws: FileError.self) { try desks.unit.desk.copyOut(("bureau/421300", 2), to: b + "2") }
        #expect(throws: PackageFault.noReader("unit/LU-08")) {
            let setting = PackageSetting(
                id: desks.id(1), receiver: "unit/LU-08", number: 1, previous: [], now: desks.sample.now)
            _ = try desks.bureau.finish(desks.bureau.writer(setting), setting, PackageCounts())
        }
    }

    @Test("the sheet tells what is compared, and the profile where it lies")
    func sheet() throws {
        let desks = try TwoDesks()
        try desks.wait(1)
        let facts = try desks.make()
        let page = SheetHTML(
            [facts.sheet(["unit/LU-07": "驻随某部07"], .zh)], printed: "2026-11-27", language: .zh
        ).text
        for word in [
            facts.code, facts.digest.hex, "驻随某部07(unit/LU-07)", "第1包", "命令 1", "交出人", "接收人", classifiedNotice,
        ] {
            #expect(page.contains(word), "\(word)")
        }
        #expect(facts.sheet([:], .en).heading == "Hand-over of a disc")
    }
}
