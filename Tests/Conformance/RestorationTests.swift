import BureauTestSupport
import Crypto
import Exchange
import Foundation
import Journal
import Schema
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Bureau
@testable import TwoListsClient

/// The state that the server's answers are made of; crosses to the client's tasks.
final class ShownState: Sendable {
    private let state: Mutex<State>
    init(_ state: State) { self.state = Mutex(state) }
    var now: State {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// A signed town, cut by a restore of its backup, and how its server answers.
struct RestoredTown {
    let before: ReceiptTown
    let disk = SimulatedDisk(seed: 5)
    let restored: Restored
    let desk: Desk
    let cuts: CutHistories
    /// Of the history that was cut: at the end, in what is cut, and among what was kept.
    let (late, middle, early): (CheckpointStatement, CheckpointStatement, CheckpointStatement)
    let lost: [Held]
    /// A copy of the store as it was at what is kept.
    let fork: SimulatedDisk
    let shown: ShownState

    init(seed: UInt64, file: Bool = true) throws {
        before = try ReceiptTown(seed: seed)
        var random = SplitMix64(seed: seed)
        _ = try before.file(40, &random)
        early = before.desk.receipts.newest
        let kept = before.desk.log.durable.sequence
        fork = try TownDisk.copy(before.disk, seed: seed + 1)
        _ = try before.file(70, &random)
        middle = before.desk.receipts.newest
        lost = try before.file(33, &random)
        late = before.desk.receipts.newest
        let (backup, backupKeys) = (
            try disk.root.subdirectory("backup"), try disk.root.subdirectory("backup-keys")
        )
        _ = try Backups.make(
            before.disk.root, keys: try before.disk.root.subdirectory("keys"), to: backup, keys: backupKeys)
        let (data, keys) = (try disk.root.subdirectory("data"), try disk.root.subdirectory("keys"))
        let options = before.world.options(segmentSize: 4 << 20)
        let made = try Backups.restore(
            backup, to: data, keys: keys, backupKeys: backupKeys,
            cutting: Backups.Cut(sequence: kept, reason: "误导入，恢复到导入之前"), options)
        restored = try #require(made.1)
        desk = try Desk(data, keys: keys, options, before.world, certificates: [before.journal.certificate])
        let log = desk.log
        cuts = CutHistories(
            data, desk.engine.state.restorations, storeID: desk.store.journal.storeID,
            algorithm: desk.store.journal.algorithm, leaf: { log.leafHash(sequence: $0) })
        shown = ShownState(desk.engine.state)
        #expect(cuts.notices.isEmpty)
        if file { try grow(20) }
    }

    /// Goes on: other records take the place of those cut.
    func grow(_ count: Int) throws {
        for _ in 0..<count {
            _ = try desk.send(
                desk.envelope(
                    .submitRequest(Filings.submitUnit), by: "u7l1", on: before.world.target(), expecting: 0),
                by: "u7l1")
        }
    }

    func confirm() throws {
        let one = try #require(desk.engine.state.restorations.first)
        let body = ConfirmRestoration(
            sequence: one.sequence, keptRecords: one.keptRecords, cutRecords: one.cutRecords)
        let answer = try desk.give(
            .confirmRestoration(body), by: "b1q4", on: RosterTarget.restoration(one.sequence).bytes)
        #expect(answer.outcome?.refusal == .unspecified)
        shown.now = desk.engine.state
    }

    var page: @Sendable (RestorationsQuery) -> RestorationsPage {
        let (reads, shown) = (RestorationReads(receipts: desk.receipts, cuts: cuts), shown)
        return { reads.page($0, shown.now) }
    }

    func verifier() throws -> ReceiptVerifier { try ReceiptVerifier(authorityPath: before.ca.caPath) }
}

/// Everything a client said of histories.
private final class HeardRestores: Sendable {
    private let events = Mutex<[ClientEvent]>([])
    func hear(_ event: ClientEvent) { events.withLock { $0.append(event) } }
    var alarms: [HistoryAlarm.Kind] {
        events.withLock { $0 }.compactMap {
            if case .historyAlarm(let alarm) = $0 { alarm.kind } else { nil }
        }
    }
    var restored: [HistoryRestoration] {
        events.withLock { $0 }.compactMap { if case .historyRestored(let found) = $0 { found } else { nil } }
    }
}

@Suite("RECEIPT.md 9: a declared restore is told, an undeclared cut alarms, on both sides")
struct RestorationTests {
    private let scratch: TemporaryDirectory
    private let heard = HeardRestores()

    init() throws { scratch = try TemporaryDirectory("restoration") }

    /// A client that has seen `seen`, over a server of `town`; `bend` changes what the server tells of its restores.
    private func keeper(
        _ town: RestoredTown, seen: [CheckpointStatement],
        bend: @escaping @Sendable (inout RestorationsPage) -> Void = { _ in }
    ) throws -> HistoryKeeper {
        let keeper = try HistoryKeeper(
            path: scratch.file("history"), verifier: try town.verifier(), onEvent: heard.hear)
        for statement in seen {
            keeper.saw(statement, try #require(ReceiptCheckpoint(statement.statement)), inHello: false)
        }
        let (receipts, page) = (town.desk.receipts, town.page)
        keeper.asking { query throws(ClientError) in
            guard let proof = try? receipts.consistency(query) else {
                throw ClientError(.server, .call, .status(Status(.notFound, "shorter")))
            }
            return proof
        }
        keeper.askingRestorations { query throws(ClientError) in
            var shown = page(query)
            bend(&shown)
            return shown
        }
        return keeper
    }

    private func settled(_ keeper: HistoryKeeper) async throws {
        for _ in 0..<2_000 where keeper.isBusy { try await Task.sleep(for: .milliseconds(2)) }
        #expect(!keeper.isBusy)
    }

    private func greet(_ keeper: HistoryKeeper, _ town: RestoredTown) async throws {
        keeper.greeted(town.desk.receipts.newest.encoded())
        try await settled(keeper)
    }

    @Test(
        "awaited: told so at each connection and nothing taken over; confirmed: told to when and how much, once, and taken over"
    )
    func declared() async throws {
        for (number, count) in [(0, 0), (1, 20), (2, 300)] {
            let town = try RestoredTown(seed: 31 + UInt64(number), file: false)
            try town.grow(count)
            try? FileManager.default.removeItem(atPath: scratch.file("history"))
            let told = heard.restored.count
            // At the end of what was cut, or in its midst; the new history shorter, of about its size, and longer.
            let keeper = try keeper(town, seen: number == 1 ? [town.middle] : [town.late])
            for connection in 1...2 {
                try await greet(keeper, town)
                #expect(heard.restored.count == told + connection)
                #expect(heard.restored.last?.isConfirmed == false)
            }
            #expect(keeper.restorations.isEmpty)
            try town.confirm()
            try await greet(keeper, town)
            let last = try #require(heard.restored.last)
            #expect(last.isConfirmed && last.keptRecords == town.restored.keptSize)
            #expect(last.lostRecords == town.restored.cutSize - town.restored.keptSize)
            #expect(last.keptTime == town.restored.keptTime && last.reason == "误导入，恢复到导入之前")
            #expect(keeper.highest?.treeSize == town.desk.log.durable.sequence)
            // Its own file says so to the next run, which finds nothing to say.
            let again = try self.keeper(town, seen: [])
            #expect(again.restorations == [last])
            try town.grow(3)
            try await greet(again, town)
            #expect(again.highest?.treeSize == town.desk.log.durable.sequence)
            #expect(heard.restored.count == told + 3 && heard.alarms.isEmpty)
            for held in town.lost {
                #expect(last.hasCut(try #require(ReceiptLeaf(held.receipt.leaf))))
            }
        }
    }

    @Test("a client that saw nothing of what was cut has nothing to be told")
    func early() async throws {
        let town = try RestoredTown(seed: 41)
        let keeper = try keeper(town, seen: [town.early])
        try await greet(keeper, town)
        #expect(heard.alarms.isEmpty && heard.restored.isEmpty)
        #expect(keeper.highest?.treeSize == town.desk.log.durable.sequence)
    }

    @Test("whatever is bent in the proof, or left out of it: the alarm")
    func bent() async throws {
        let town = try RestoredTown(seed: 43)
        try town.confirm()
        let bends: [(String, @Sendable (inout RestorationsPage) -> Void)] = [
            ("nothing declared", { $0.restorations = [] }),
            ("the record", { $0.restorations[0].record[3] ^= 1 }),
            ("the reason", { $0.restorations[0].record[110] ^= 1 }),
            ("the leaf", { $0.restorations[0].leaf[33] ^= 1 }),
            ("no leaf", { $0.restorations[0].leaf = [] }),
            ("the path", { $0.restorations[0].path[3] ^= 1 }),
            ("kept", { $0.restorations[0].keptPath[3] ^= 1 }),
            ("cut", { $0.restorations[0].cutPath[3] ^= 1 }),
            ("cut left out", { $0.restorations[0].cutPath = [] }),
            ("held", { $0.restorations[0].heldPath[3] ^= 1 }),
            ("held left out", { $0.restorations[0].heldPath = [] }),
            ("the checkpoint", { $0.checkpoint?.statement[60] ^= 1 }),
            ("unsigned", { $0.checkpoint?.signatures = [] }),
            ("no checkpoint", { $0.checkpoint = nil }),
        ]
        for (number, (name, bend)) in bends.enumerated() {
            try? FileManager.default.removeItem(atPath: scratch.file("history"))
            let keeper = try keeper(town, seen: [town.middle], bend: bend)
            try await greet(keeper, town)
            #expect(heard.alarms.count == number + 1, "\(name)")
            #expect(keeper.highest?.statementSize == ReceiptCheckpoint(town.middle.statement)?.treeSize)
        }
        #expect(heard.restored.isEmpty)
    }

    @Test(
        "records acknowledged after the backup, a fork, and another history beside the one declared: the alarm"
    )
    func otherHistory() async throws {
        let town = try RestoredTown(seed: 47)
        try town.confirm()
        // Two histories that share what was kept: one went on after the backup was made, the other is a copy that filed for itself.
        var random = SplitMix64(seed: 48)
        let fork = try TownDisk.copy(town.before.disk, seed: 49)
        _ = try town.before.file(5, &random)
        let later = town.before.desk.receipts.newest
        let copy = try TownDisk.open(
            fork, town.before.world, segmentSize: 4 << 20, certificates: [town.before.journal.certificate])
        let forked = copy.receipts.newest
        // A third is of no more records than were cut, and shares what was kept.
        let other = try TownDisk.open(
            town.fork, town.before.world, segmentSize: 4 << 20,
            certificates: [town.before.journal.certificate])
        for _ in 0..<20 {
            _ = try other.give(.submitRequest(Filings.submitUnit), by: "u7l1", on: town.before.world.target())
        }
        let inside = other.receipts.newest
        #expect(other.log.durable.sequence < town.restored.cutSize)
        let trust = try TrustStore.load(caPath: town.before.ca.caPath, crlPath: nil)
        let server = QuotedHistory(town.desk.receipts, trust: trust, cuts: town.cuts)
        for (number, seen) in [
            [later], [forked], [town.late, forked], [town.early, later], [inside], [town.middle, inside],
        ].enumerated() {
            try? FileManager.default.removeItem(atPath: scratch.file("history"))
            let keeper = try keeper(town, seen: seen)
            try await greet(keeper, town)
            #expect(heard.alarms.count == number + 1, "\(number)")
            switch server.judge(keeper.quoted) {
            case .beyond, .different: break
            // All the server is shown is the larger one, which was declared; the client knows both.
            case .cut where seen.first == town.middle: break
            case let other: Issue.record("\(number): \(other)")
            }
        }
        #expect(heard.restored.isEmpty)
    }

    @Test("sixteen restores are told, of more the newest")
    func limit() throws {
        let town = try RestoredTown(seed: 59)
        let one = try #require(town.desk.engine.state.restorations.first)
        let reads = RestorationReads(receipts: town.desk.receipts, cuts: town.cuts)
        var state = town.desk.engine.state
        for number in 2...UInt64(RestorationReads.told) + 1 {
            #expect(reads.page(RestorationsQuery(), state).restorations.count == Int(number) - 1)
            state.note(
                Restoration(
                    sequence: number, time: one.time, record: one.record, keptRecords: one.keptRecords,
                    cutRecords: one.cutRecords))
        }
        let told = reads.page(RestorationsQuery(), state).restorations
        #expect(told.count == RestorationReads.told)
        #expect(told.compactMap { ReceiptLeaf($0.leaf)?.sequence } == Array(2...17))
    }

    @Test("the Python verifier, written from the page, says the same of true pages and of 400 bent ones")
    func python() throws {
        let oracle = try ReceiptOracle()
        let town = try RestoredTown(seed: 57)
        try town.confirm()
        let verifier = try town.verifier()
        var random = SplitMix64(seed: 57)
        var cases: [(held: [UInt8], page: [UInt8])] = []
        for held in [town.late, town.middle, town.early, town.desk.receipts.newest] {
            let size = try #require(ReceiptCheckpoint(held.statement)).treeSize
            let page = town.page(RestorationsQuery(heldRecords: size)).encoded()
            cases.append((held.statement, page))
            for _ in 0..<100 {
                var bent = page
                bent[Int(random.next() % UInt64(bent.count))] ^= UInt8(1 << (random.next() % 8))
                cases.append((held.statement, bent))
            }
        }
        let ours = cases.map { held, page -> String in
            guard let checkpoint = ReceiptCheckpoint(held), let page = try? RestorationsPage(decoding: page),
                let (found, _) = verifier.restoration(of: checkpoint, in: page)
            else { return "ALARM" }
            return "DECLARED \(found.keptRecords) \(found.cutRecords)"
        }
        #expect(try oracle.declared(cases, ca: town.before.ca.caPath) == ours)
        let declared = "DECLARED \(town.restored.keptSize) \(town.restored.cutSize)"
        #expect(ours[0] == declared && ours[101] == declared && ours[202] == "ALARM" && ours[303] == "ALARM")
        // What is left are bits that mean nothing to the proof, as those of the confirmation's time.
        #expect(ours.count { $0 == "ALARM" } > 380)
    }

    @Test(
        "the server's side: a checkpoint of what was cut is known as such, at every size; without the file it alarms"
    )
    func server() throws {
        let town = try RestoredTown(seed: 53)
        let trust = try TrustStore.load(caPath: town.before.ca.caPath, crlPath: nil)
        let history = QuotedHistory(town.desk.receipts, trust: trust, cuts: town.cuts)
        for statement in [town.middle, town.late] {
            guard case .cut(let checkpoint, let restored) = history.judge(statement.encoded()) else {
                Issue.record("\(history.judge(statement.encoded()))")
                return
            }
            #expect(restored == town.restored && checkpoint.statement == statement.statement)
        }
        #expect(history.judge(town.early.encoded()) == .ours)
        #expect(history.judge(town.desk.receipts.newest.encoded()) == .ours)
        let data = try town.disk.root.subdirectory("data")
        let name = CutFile.name(kept: town.restored.keptSize)
        var bytes = try #require(town.disk.bytes(of: name, in: "data"))
        for change in [{ $0[100] ^= 1 }, { $0.removeLast(32) }, { $0 = [] }] as [(inout [UInt8]) -> Void] {
            let whole = bytes
            change(&bytes)
            town.disk.replace(name, in: "data", bytes)
            let log = town.desk.log
            let cuts = CutHistories(
                data, town.desk.engine.state.restorations, storeID: town.desk.store.journal.storeID,
                algorithm: .sha256, leaf: { log.leafHash(sequence: $0) })
            #expect(cuts.notices.count == 1)
            let blind = QuotedHistory(town.desk.receipts, trust: trust, cuts: cuts)
            if case .cut = blind.judge(town.late.encoded()) { Issue.record("believed without proof") }
            bytes = whole
        }
    }
}

extension ReceiptCheckpoint {
    fileprivate var statementSize: UInt64 { treeSize }
}
