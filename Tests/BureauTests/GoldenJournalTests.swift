import BureauTestSupport
import Crypto
import Exchange
import Foundation
import Journal
import Schema
import TestSupport
import Testing
import Wire

@testable import Bureau

/// The story of release 1's kept journal: a request of the unit to its end, one of the county to the unit declined and one
/// closed after a redo, a spouse's case, and what was refused on the way. Never changed: a later release plays its own.
private struct FirstRelease {
    let world = World(seed: 1)
    let storage: FileStorage
    let keys: FileStorage

    init(_ directory: String) throws {
        try DurableFile.makeDirectory(directory + "/keys")
        storage = try FileStorage(path: directory)
        keys = try FileStorage(path: directory + "/keys")
    }

    func write() throws {
        let options = world.options(segmentSize: 64 << 10)
        try Journal.format(storage, keys: keys, options)
        _ = try SeedLoader.fill(
            storage, keys: keys, options: options, commands: try seedCommands(TownRoster.files),
            clock: world.clock, entropy: world.entropy)
        let desk = try Desk(storage, keys: keys, options, world)
        try unitToLocal(desk)
        try localToUnit(desk)
        try placement(desk)
        try declined(desk)
        desk.log.close()
    }

    private func play(_ desk: Desk, _ target: [UInt8], _ kinds: [CommandKind]) throws {
        for kind in kinds {
            world.advance(3_600_000_000_000)
            #expect(try desk.give(kind, on: target).outcome?.refusal == .unspecified, "\(kind)")
        }
    }

    private func unitToLocal(_ desk: Desk) throws {
        let target = world.target()
        try play(
            desk, target, [.submitRequest, .returnRequest, .amendRequest, .acceptRequest, .decideRequest])
        let conflict = desk.envelope(Filings.body(.assignRequest), by: "b1s2", on: target, expecting: 1)
        #expect(try desk.send(conflict, by: "b1s2").outcome?.refusal == .versionConflict)
        try play(
            desk, target,
            [
                .assignRequest, .handBackRequest, .assignRequest, .acknowledgeRequest, .reportProgress,
                .reportResult, .confirmRequest,
            ])
    }

    private func localToUnit(_ desk: Desk) throws {
        let target = world.target()
        let steps: [(Command.OneOf_Body, String)] = [
            (.submitRequest(Filings.submitLocal), "k7f2"), (.acceptRequest(AcceptRequest()), "b1a1"),
            (.decideRequest(DecideRequest(decision: .included)), "b1s2"),
            (.assignRequest(Filings.assign(to: "unit/LU-02")), "b1s2"),
            (.acknowledgeRequest(AcknowledgeRequest()), "u2l4"),
            (.reportProgress(ReportProgress(percent: 40, note: Filings.note)), "u2l4"),
            (.reportResult(ReportResult(grade: .beingSolved, summary: Filings.summary)), "u2l4"),
            (.confirmRequest(ConfirmRequest(satisfaction: .dissatisfied, note: Filings.reason)), "k7f2"),
            (.reportResult(ReportResult(grade: .solved, summary: Filings.summary)), "u2l4"),
            (.confirmRequest(ConfirmRequest(satisfaction: .satisfied)), "k7f2"),
        ]
        for (body, officer) in steps {
            world.advance(3_600_000_000_000)
            #expect(try desk.give(body, by: officer, on: target).outcome?.refusal == .unspecified)
        }
    }

    private func placement(_ desk: Desk) throws {
        try play(
            desk, world.target(),
            [.fileCase, .returnCase, .amendCase, .reviewCase, .concludeCase, .confirmCase])
    }

    /// Handed in as a file, declined; and a request nobody may file.
    private func declined(_ desk: Desk) throws {
        let target = world.target()
        let envelope = desk.envelope(.submitRequest(Filings.submitUnit), by: "u7l1", on: target, expecting: 0)
        let reply = CaughtReply()
        let submission = try desk.reader.file(
            SignedEnvelope(
                envelope: envelope, signatureAlgorithm: "test", signature: [1, 2, 3],
                certificate: [UInt8]("u7l1".utf8)),
            handedInBy: TownRoster.actor("b1a1"), deadline: nil, reply: reply)
        desk.turn([(.command(submission), reply)])
        desk.log.step()
        #expect(try Desk.answer(reply).outcome?.refusal == .unspecified)
        try play(desk, target, [.acceptRequest])
        let no = DecideRequest(decision: .declined, policyBasis: "双清单办法第五条", note: Filings.note)
        #expect(try desk.give(.decideRequest(no), by: "b1s2", on: target).outcome?.refusal == .unspecified)
        let refused = try desk.give(.submitRequest(Filings.submitUnit), by: "b1q4", on: world.target())
        #expect(refused.outcome?.refusal == .notPermitted)
    }
}

/// What must come out of a kept journal, one `name value` a line in its expected.txt.
private struct Expected: Equatable, CustomStringConvertible {
    var values: [String: String]

    var description: String {
        values.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
    }

    init(_ values: [String: String]) { self.values = values }

    init(_ text: String) {
        values = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
        }
    }

    /// From a directory; a copy, because opening writes.
    init(reading directory: String) throws {
        var recorded = Recorded()
        let (storage, keys) = (try FileStorage(path: directory), try FileStorage(path: directory + "/keys"))
        let report = Journal.verify(storage, keys: keys)
        if let problem = report.problem { throw problem }
        try Journal.read(storage, keys: keys, visitor: &recorded)
        let options = World(seed: 9, start: World.morning + 400 * 86_400_000_000_000).options()
        let store = try Store.open(storage, keys: keys, options: options)
        let state = store.state
        store.log.startManually(onOutcome: { _ in }, onFatal: { _ in })
        store.log.close()
        let viewer = try #require(state.viewer(officer: "b1a1", party: "bureau/421300"))
        values = [
            "commands": String(recorded.commands.count), "remembered": String(store.memory.commands),
            "state": try StateHash.of(state).hex,
            "root": try #require(report.checkpoint).checkpoint.root.hex,
            "store": store.journal.storeID.bytes.map { String(format: "%02x", $0) }.joined(),
        ]
        for number in ["随双2026-军提-0001", "随双2026-地提-0001", "随双2026-军提-0002"] {
            let matter = try #require(state.findRequest(number, for: viewer))
            let view = try #require(state.requestView(matter, for: viewer))
            #expect(view.text?.title == Filings.title)
            if number == "随双2026-军提-0001" {
                #expect(view.obligation?.firstPost == "局长" && view.obligation?.secondPost == "股长")
            }
            if number == "随双2026-军提-0002" { #expect(view.policyBasis == "双清单办法第五条") }
            values[number] = try Self.line(state.history(of: matter, for: viewer))
        }
        let held = try #require(state.cases.first)
        let matter = try #require(state.findCase(held.number, for: viewer))
        let view = try #require(state.caseView(matter, for: viewer))
        #expect(view.wish == Filings.wish)
        values[held.number] = try Self.line(state.history(of: matter, for: viewer))
    }

    /// The way a matter went, and the digest of how its history is shown.
    private static func line(_ history: [HistoryEntry]) throws -> String {
        history.map(\.state).joined(separator: ",") + " history "
            + Digest(of: HistoryPage(entries: history).encoded()).hex
    }
}

@Suite("DESIGN.md 4: every later version reads the journals of released ones")
struct GoldenJournalTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Journals")
    static let writing = ProcessInfo.processInfo.environment["TWOLISTS_WRITE_GOLDEN"]

    /// Copies the journal of a release, without what a run leaves.
    private func copy(_ release: Int, without left: Set<String> = []) throws -> TemporaryDirectory {
        let copy = try TemporaryDirectory("golden")
        let kept = Self.root.appendingPathComponent("\(release)")
        for name in ["", "keys"] {
            let from = kept.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                atPath: copy.file(name), withIntermediateDirectories: true)
            for file in try FileManager.default.contentsOfDirectory(atPath: from.path)
            where (file.contains(".") || file == "HEAD") && !left.contains(file) {
                try FileManager.default.copyItem(
                    atPath: from.appendingPathComponent(file).path,
                    toPath: copy.file(name.isEmpty ? file : name + "/" + file))
            }
        }
        return copy
    }

    @Test(arguments: [1])
    func aKeptJournalReads(_ release: Int) throws {
        let copy = try copy(release)
        let text = String(decoding: try copy.read("expected.txt"), as: UTF8.self)
        let expected = Expected(text)
        #expect(expected.values.count >= 9)
        #expect(try Expected(reading: copy.path) == expected)
        // Opened once, it opens again.
        #expect(try Expected(reading: copy.path).values["state"] == expected.values["state"])
    }

    @Test func theSecondReleaseReads() throws {
        let copy = try copy(2)
        let expected = Expected(String(decoding: try copy.read("expected.txt"), as: UTF8.self)).values
        #expect(expected.count == 8)
        #expect(try SecondRelease.values(reading: copy.path) == expected)
        // Opened once, it opens again.
        #expect(try SecondRelease.values(reading: copy.path)["state"] == expected["state"])
    }

    @Test func theThirdReleaseReads() throws {
        let copy = try copy(3)
        let expected = Expected(String(decoding: try copy.read("expected.txt"), as: UTF8.self)).values
        #expect(expected.count == 10 && expected["solved"] == "36")
        #expect(expected["placed"] == "2022-1 12/12,2022-2 107/107")
        #expect(try ThirdRelease.values(reading: copy.path) == expected)
        // Opened once, it opens again.
        #expect(try ThirdRelease.values(reading: copy.path)["state"] == expected["state"])
    }

    @Test func aChangedKeptJournalIsNoticed() throws {
        let copy = try copy(1)
        let names = try FileManager.default.contentsOfDirectory(atPath: copy.path)
        let segment = try #require(names.filter { $0.hasSuffix(".tlj") }.sorted().first)
        var bytes = try copy.read(segment)
        bytes[9_000] ^= 1
        try copy.write(segment, bytes)
        #expect(throws: (any Error).self) { try Expected(reading: copy.path) }
    }

    /// With TWOLISTS_WRITE_GOLDEN=1 (or 2) that release's journal is written anew, the same bytes every time: only ever before the release.
    @Test(.enabled(if: writing == "1")) func writeTheFirstRelease() throws {
        let made = try TemporaryDirectory("golden")
        try FirstRelease(made.path).write()
        try keep(made.path, as: 1) { try Expected(reading: made.path) }
    }

    @Test(.enabled(if: writing == "2")) func writeTheSecondRelease() throws {
        let (made, beside) = (try TemporaryDirectory("golden"), try TemporaryDirectory("golden"))
        try SecondRelease(made.path, beside: beside.path).write()
        try keep(made.path, as: 2) { Expected(try SecondRelease.values(reading: made.path)) }
    }

    /// The store itself was written by the programs (`ThirdRelease`); TWOLISTS_WRITE_GOLDEN=3 says what comes out of it.
    @Test(.enabled(if: writing == "3")) func describeTheThirdRelease() throws {
        let copied = try copy(3, without: ["expected.txt"])
        let expected = Expected(try ThirdRelease.values(reading: copied.path))
        try Data("\(expected)".utf8).write(to: Self.root.appendingPathComponent("3/expected.txt"))
    }

    /// - Parameter expected: asked once the journal is copied: reading opens a store, which writes.
    private func keep(_ made: String, as release: Int, _ expected: () throws -> Expected) throws {
        let kept = Self.root.appendingPathComponent("\(release)")
        try? FileManager.default.removeItem(at: kept)
        try FileManager.default.createDirectory(
            at: kept.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: made, toPath: kept.path)
        for name in ["LOCK", "spare.tlj"] {
            try? FileManager.default.removeItem(at: kept.appendingPathComponent(name))
        }
        try Data("\(try expected())".utf8).write(to: kept.appendingPathComponent("expected.txt"))
    }
}
