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

/// The story of release 2's kept journal, of what release 1 did not have: a field shown whole, an erasure, a look refused, the server
/// changed, and a restore that cut the end, declared and confirmed. Never changed: a later release plays its own.
struct SecondRelease {
    let world = World(seed: 2)
    let storage: FileStorage
    private let side: FileStorage

    /// - Parameter directory: where the journal comes to lie, with its keys below; beside it what a restore needs.
    init(_ directory: String, beside: String) throws {
        storage = try FileStorage(path: directory)
        side = try FileStorage(path: beside)
    }

    private var options: JournalOptions { world.options(segmentSize: 64 << 10) }

    func write() throws {
        let (before, keys) = (try side.subdirectory("before"), try side.subdirectory("before-keys"))
        try Journal.format(before, keys: keys, options)
        _ = try SeedLoader.fill(
            before, keys: keys, options: options, commands: try seedCommands(TownRoster.files),
            clock: world.clock, entropy: world.entropy)
        let kept = try live(try Desk(before, keys: keys, options, world))
        try cut(before, keys, at: kept)
        try goOn(try Desk(storage, keys: try storage.subdirectory("keys"), options, world))
    }

    private func play(_ desk: Desk, _ target: [UInt8], _ kinds: [CommandKind]) throws {
        for kind in kinds {
            world.advance(3_600_000_000_000)
            #expect(try desk.give(kind, on: target).outcome?.refusal == .unspecified, "\(kind)")
        }
    }

    /// The record that is kept; what comes after it is cut.
    private func live(_ desk: Desk) throws -> UInt64 {
        let (gone, held) = (world.target(), world.target())
        try play(
            desk, gone,
            [
                .submitRequest, .acceptRequest, .decideRequest, .assignRequest, .acknowledgeRequest,
                .reportProgress, .reportResult, .confirmRequest, .eraseRequest,
            ])
        try play(
            desk, held, [.fileCase, .reviewCase, .revealCaseField, .concludeCase, .confirmCase])
        let actor = TownRoster.actor("k7f2")
        let asked = Asked("twolists.v1.Ledger", "GetCase", from: "127.0.0.1:1", key: Hex.encode(held))
        desk.engine.turn([
            .notice(NoticedCall(actor: actor, asked: asked, status: .notFound("case"), reply: nil))
        ])
        desk.log.step()
        desk.engine.turn([.administration(.reloadBySignal(nil))])
        desk.log.step()
        let kept = desk.log.durable.sequence
        try play(desk, world.target(), [.submitRequest, .acceptRequest])
        desk.log.close()
        return kept
    }

    private func cut(_ before: any Storage, _ keys: any Storage, at kept: UInt64) throws {
        let (backup, backupKeys) = (try side.subdirectory("backup"), try side.subdirectory("backup-keys"))
        _ = try Backups.make(before, keys: keys, to: backup, keys: backupKeys)
        let (_, restored) = try Backups.restore(
            backup, to: storage, keys: try storage.subdirectory("keys"), backupKeys: backupKeys,
            cutting: Backups.Cut(sequence: kept, reason: "误导入，恢复"), options)
        #expect(restored != nil)
    }

    private func goOn(_ desk: Desk) throws {
        let cut = try #require(desk.engine.state.restorations.first)
        let confirmation = ConfirmRestoration(
            sequence: cut.sequence, keptRecords: cut.keptRecords, cutRecords: cut.cutRecords)
        let answer = try desk.give(
            .confirmRestoration(confirmation), by: "b1q4", on: RosterTarget.restoration(cut.sequence).bytes)
        #expect(answer.outcome?.refusal == .unspecified)
        try play(desk, world.target(), [.submitRequest])
        desk.log.close()
    }
}

/// What must come out of it.
extension SecondRelease {
    static func values(reading directory: String) throws -> [String: String] {
        let (storage, keys) = (try FileStorage(path: directory), try FileStorage(path: directory + "/keys"))
        let report = Journal.verify(storage, keys: keys)
        if let problem = report.problem { throw problem }
        var recorded = Recorded()
        try Journal.read(storage, keys: keys, visitor: &recorded)
        let store = try Store.open(
            storage, keys: keys,
            options: World(seed: 9, start: World.morning + 400 * 86_400_000_000_000).options())
        let state = store.state
        store.log.startManually(onOutcome: { _ in }, onFatal: { _ in })
        store.log.close()
        let viewer = try #require(state.viewer(officer: "b1s2", party: "bureau/421300"))
        let held = try #require(state.cases.first)
        let matter = try #require(state.findCase(held.number, for: viewer))
        let history = state.history(of: matter, for: viewer)
        let restoration = try #require(state.restorations.first)
        return [
            "commands": String(recorded.commands.count), "remembered": String(store.memory.commands),
            "state": try StateHash.of(state).hex,
            "root": try #require(report.checkpoint).checkpoint.root.hex,
            "case": history.map(\.kind).joined(separator: ",") + " history "
                + Digest(of: HistoryPage(entries: history).encoded()).hex,
            "requests": state.requests.map { "\($0.number.isEmpty ? "-" : $0.number)" }.joined(
                separator: ","),
            "system": recorded.system.map { "\($0.type)" }.joined(separator: ","),
            "restored":
                "record \(restoration.sequence) kept \(restoration.keptRecords) cut \(restoration.cutRecords) "
                + "confirmed \(restoration.confirmedAt)",
        ]
    }
}
