import BureauTestSupport
import Crypto
import Exchange
import Foundation
import Schema
import TestSupport
import Testing
import TwoListsClient
import Wire

@testable import Office

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
        var desks = try TwoDesks()
        let first = try desks.wait(1)
        try desks.wait(2)
        let sent = try desks.make()
        let answer = try desks.journal.wholeAnswer(first)
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

    @Test("one that nobody here opens is set aside; the bureau is told of it until a whole one has come")
    func setAside() throws {
        let desks = try TwoDesks()
        let now = desks.sample.now
        let stranger = try desks.sample.ca.officer("twolists://421300/unit/LU-07/officer/u2")
        let first = try desks.reply(
            1, nil, [desks.shown(1, .accepted, version: 2)], to: [stranger.certificate])
        #expect(throws: PackageFault.noKeyOfOurs) { try desks.unit.open(first.path, now: now) }
        #expect(try !desks.unit.setAside(first.path, now: now).isAgain)
        #expect(try desks.unit.setAside(first.path, now: now).isAgain)
        #expect(desks.unit.mirror.requests().isEmpty)
        func told() throws -> PackageHead {
            let facts = try desks.make()
            let path = desks.unit.desk.folder.made("bureau/421300", facts.number)
            return try desks.bureau.examine(path, now: now).head
        }
        #expect(try told().unread == 1 && told().taken.last?.manifest == first.digest.bytes)
        let second = try desks.reply(2, first.digest, [desks.shown(1, .closed, version: 5)])
        #expect(throws: PackageFault.readable) { try desks.unit.setAside(second.path, now: now) }
        _ = try desks.unit.open(second.path, now: now)
        #expect(try told().unread == 1, "it tells only what has changed since the first")
        let third = try desks.reply(3, second.digest, [], head: PackageHead(whole: true))
        _ = try desks.unit.open(third.path, now: now)
        #expect(try told().unread == 0)
    }

    @Test("one out of its place, or not ours, cannot be set aside")
    func setAsideOutOfPlace() throws {
        let desks = try TwoDesks()
        let now = desks.sample.now
        let stranger = try desks.sample.ca.officer("twolists://421300/unit/LU-07/officer/u2")
        let first = try desks.reply(1, nil, [])
        let second = try desks.reply(2, first.digest, [], to: [stranger.certificate])
        #expect(throws: PackageFault.gap(1...1)) { try desks.unit.setAside(second.path, now: now) }
        #expect(throws: PackageFault.notForUs(receiver: "unit/LU-07")) {
            try desks.bureau.examineUnread(second.path, now: now)
        }
        var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: second.path)))
        bytes[bytes.count - 1_100] ^= 1
        let damaged = desks.sample.folder.file("damaged.tlp")
        try Data(bytes).write(to: URL(fileURLWithPath: damaged))
        #expect(throws: PackageFault.self) { try desks.unit.setAside(damaged, now: now) }
        #expect(try desks.unit.desk.folder.ledger("bureau/421300", .in).number == 0)
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
        var desks = try TwoDesks()
        let first = try desks.wait(1)
        _ = try desks.make()
        let answer = try desks.journal.wholeAnswer(first)
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
