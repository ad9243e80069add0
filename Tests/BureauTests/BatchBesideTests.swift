import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import Testing
import Wire

@testable import Bureau

@Suite("BATCH.md 4: a check stands behind everything that is short")
struct BatchBesideTests {
    private func id(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 16) }

    private func put(_ town: BatchTown, _ rows: SentRows, _ batch: UInt8, by officer: String = "k7f2") {
        for chunk in rows.chunks { #expect(town.put(chunk, of: id(batch), by: officer)?.isOK == true) }
        #expect(town.put(rows.manifest, manifest: true, of: id(batch), by: officer)?.isOK == true)
    }

    private func submit(
        _ town: BatchTown, _ rows: SentRows, _ batch: UInt8, mode: BatchMode = .whole,
        by officer: String = "k7f2"
    ) {
        put(town, rows, batch, by: officer)
        _ = town.submit(rows.command("batch-\(batch)", mode: mode), as: id(batch), by: officer)
    }

    /// A town in the midst of checking two chunks of 600 rows.
    private func checking(_ seed: UInt64) throws -> BatchTown {
        let town = try BatchTown(seed: seed)
        town.settle()
        submit(town, SentRows(1_200, perChunk: 600), 1)
        for _ in 0..<40 where (town.batches.checkedRows(first) ?? 0) == 0 { town.turn() }
        return town
    }

    private var first: EntityID { EntityID(high: 0x0101_0101_0101_0101, low: 0x0101_0101_0101_0101) }

    private func isChecking(_ town: BatchTown) -> Bool {
        town.view("batch-1", by: "k7f2")?.stage == .stored && (town.batches.checkedRows(first) ?? 0) > 0
    }

    @Test("kinds are answered by the engine alone, whatever the batches' thread is doing")
    func kinds() throws {
        let town = try checking(701)
        let reply = CaughtReply()
        let handler = BatchHandler(engine: town.handle, desk: town.batches)
        let call = Desk.call(
            "k7f2", service: BatchesService.name, method: BatchesService.Method.listKinds.rawValue)
        _ = handler.open(call, request: ListBatchKindsQuery().encoded(), reply: reply)
        var inputs: [EngineInput] = []
        town.handle.mailbox.take(into: &inputs)
        town.desk.engine.turn(inputs)
        while town.desk.log.step() {}
        let list = try BatchKindList(decoding: try #require(reply.payload))
        #expect(list.kinds.map(\.kind) == ["relief"] && list.rows == [0])
        #expect(isChecking(town))
        town.settle(60)
        #expect(town.view("batch-1", by: "k7f2")?.stage == .done)
        let after = try BatchKindList(
            decoding: try #require(town.call(.listKinds, ListBatchKindsQuery(), by: "k7f2").payload))
        #expect(after.rows == [1_200])
    }

    @Test(
        "what is stored, who is there, an answer: in the turn in which they are asked, before the check goes on"
    )
    func shortReads() throws {
        let town = try checking(702)
        let before = try #require(town.batches.checkedRows(first))
        let stored = town.call(
            .getStored, StoredQuery(batch: id(1), sha256: [[UInt8](repeating: 1, count: 32)]), by: "k7f2",
            rounds: 2)
        #expect(stored.status?.isOK == true)
        let answer = town.call(
            .getAnswer, BatchAnswerQuery(batch: id(1), stage: .stored), by: "k7f2", rounds: 2)
        #expect(answer.status?.isOK == true)
        let after = try #require(town.batches.checkedRows(first))
        #expect(after - before <= UInt64(4 * BatchWorkLimits.checkRows) && isChecking(town))
    }

    @Test("a turn judges no more rows than the limit, of one batch: two that are stored are checked in turn")
    func slices() throws {
        let town = try BatchTown(seed: 703)
        town.settle()
        let (one, other) = (SentRows(1_200, perChunk: 600), SentRows(600, first: 2_000, perChunk: 600))
        put(town, one, 1)
        put(town, other, 2, by: "k3z8")
        _ = town.submit(one.command("batch-1"), as: id(1), by: "k7f2")
        _ = town.submit(other.command("batch-2"), as: id(2), by: "k3z8")
        let second = EntityID(high: 0x0202_0202_0202_0202, low: 0x0202_0202_0202_0202)
        func checked() -> [UInt64] {
            [town.batches.checkedRows(first) ?? 0, town.batches.checkedRows(second) ?? 0]
        }
        var (longest, together) = (UInt64(0), 0)
        for _ in 0..<40 {
            let before = checked()
            town.turn()
            let more = zip(checked(), before).map { $0 > $1 ? $0 - $1 : 0 }
            longest = max(longest, more[0] + more[1])
            if checked().allSatisfy({ $0 > 0 }) { together += 1 }
        }
        #expect(longest == UInt64(BatchWorkLimits.checkRows) && together > 0)
        #expect(town.view("batch-1", by: "k7f2")?.verdict == .all)
        #expect(town.view("batch-2", by: "k3z8")?.verdict == .all)
    }

    @Test(
        "a start: registers are built in steps, chunks are taken meanwhile, and who asks for rows waits for them"
    )
    func start() throws {
        let town = try BatchTown(seed: 704)
        town.settle()
        for batch in 1...6 as ClosedRange<UInt8> {
            submit(town, SentRows(3, first: Int(batch) * 10), batch)
            town.settle(30)
        }
        try town.crash()
        while town.thread.building == nil { town.turn() }
        let rows = town.call(.fetchRows, FetchRowsQuery(kind: "relief"), by: "b1a1", rounds: 0)
        let kinds = town.call(.listKinds, ListBatchKindsQuery(), by: "k7f2", rounds: 2)
        #expect(town.put([1, 2, 3], of: id(9), by: "k7f2", rounds: 2)?.isOK == true)
        #expect(town.thread.building != nil && rows.status == nil)
        // Not counted yet is not none.
        #expect(try BatchKindList(decoding: try #require(kinds.payload)).rows.isEmpty)
        town.settle(30)
        #expect(town.thread.isBuilt && rows.status?.isOK == true)
        #expect(try rows.messages.flatMap { try FetchedRows(decoding: $0).rows }.count == 18)
    }

    @Test(
        "every repeat is told by its row at what memory holds, one beyond, and many times that; nothing is left behind"
    )
    func repeats() throws {
        for (held, seed) in [(1_000, 705), (60, 706), (59, 707), (16, 708)] as [(Int, UInt64)] {
            let town = try BatchTown(seed: seed)
            town.thread.keysHeld = held
            town.settle()
            var rows = SentRows(90, perChunk: 30)
            // 60 keys; the last thirty rows repeat some of all, in another order.
            for row in 60..<90 { rows.rows[row] = rows.rows[(row * 37) % 60] }
            rows.sum = 0
            for row in 0..<90 { rows.sum += 10_000 + Int64(row < 60 ? row : row * 37 % 60) }
            rows.cut(30)
            submit(town, rows, 1, mode: .goodRows)
            town.settle(40)
            let view = try #require(town.view("batch-1", by: "k7f2"))
            #expect(view.verdict == .part && view.goodRows == 60 && view.added == 60 && view.passedOver == 0)
            let reply = town.call(.getReport, BatchReportQuery(batch: id(1)), by: "k7f2", rounds: 8)
            let faults = try reply.messages.flatMap { try BatchFaults(decoding: $0).faults }
            #expect(
                faults.map { "\($0.row) \($0.code) \($0.arguments)" }
                    == (60..<90).map { "\($0 + 1) repeated [\"\($0 * 37 % 60 + 1)\"]" }, "held \(held)")
            let names = try town.disk.root.subdirectory("batches").list()
            #expect(names.allSatisfy { !$0.hasPrefix(RowFileWriter.prefix) }, "\(names)")
        }
    }

    @Test("the power goes while keys lie in a file: the check begins anew, and the file is gone")
    func cutWhileKeysLie() throws {
        let town = try BatchTown(seed: 709)
        town.thread.keysHeld = 100
        town.settle()
        submit(town, SentRows(1_200, perChunk: 600), 1)
        let folder = try town.disk.root.subdirectory("batches")
        func keys() throws -> [String] { try folder.list().filter { $0.hasPrefix("checking-keys-") } }
        while try keys().isEmpty { town.turn() }
        try folder.syncDirectory()
        try town.crash()
        #expect(try keys().count == 1)
        town.settle(60)
        #expect(try keys().isEmpty)
        #expect(town.view("batch-1", by: "k7f2")?.added == 1_200)
    }

    @Test("two trees of digests are held, a third caller waits for room, and is answered")
    func trees() throws {
        let town = try BatchTown(seed: 710)
        town.settle()
        submit(town, SentRows(20), 1)
        submit(town, SentRows(20, first: 100), 2, by: "k3z8")
        town.settle(40)
        func ask(_ party: String) -> CaughtReply {
            town.call(.compare, CompareQuery(kind: "relief", party: party), by: "b1a1", rounds: 0)
        }
        func held() -> Int { town.thread.compares.filter(\.isHeld).count }
        // At the limit.
        var replies = [ask(""), ask("county/421321")]
        town.settle(8)
        #expect(replies.allSatisfy { $0.status?.isOK == true } && held() == BatchWorkLimits.trees)
        // One beyond, and one more, all at once.
        replies = [ask("county/421303"), ask(""), ask("county/421321"), ask("nobody")]
        for _ in 0..<20 {
            town.turn()
            #expect(held() <= BatchWorkLimits.trees)
        }
        #expect(replies.allSatisfy { $0.status?.isOK == true })
        let rows = try replies.map { try CompareNodes(decoding: try #require($0.payload)).nodes[0].rows }
        #expect(rows == [20, 40, 20, 0])
        #expect(town.thread.compares.count <= BatchWorkLimits.trees)
    }

    @Test("callers that wait for trees are bounded")
    func waitingForTrees() throws {
        let town = try BatchTown(seed: 711)
        town.settle()
        var replies: [CaughtReply] = []
        for number in 0...BatchWorkLimits.waiting {
            let reply = CaughtReply()
            replies.append(reply)
            town.thread.compare(CompareQuery(kind: "relief"), "party-\(number)", reply)
        }
        #expect(replies.dropLast().allSatisfy { $0.status == nil })
        #expect(
            replies.last?.status?.code == .resourceExhausted || replies.last?.status?.code == .unavailable)
        town.settle(3 * BatchWorkLimits.waiting)
        #expect(replies.dropLast().allSatisfy { $0.status?.isOK == true })
    }

    @Test("keys and nonces of batches come from the source that is given, and without any nothing is served")
    func entropy() throws {
        let (world, drawn) = (World(seed: 712), HeardNotices())
        let disk = try TownDisk.make(seed: 712, world: world, segmentSize: 1 << 20, files: BatchTown.files)
        let desk = try TownDisk.open(disk, world, segmentSize: 1 << 20)
        for isDry in [true, false] {
            let notices = HeardNotices()
            let source = Entropy { count in
                drawn.hear("\(count)")
                return isDry ? nil : [UInt8](repeating: 9, count: count)
            }
            let worker = BatchWorker(
                BatchDesk(), engine: EngineHandle(), disk.root, keys: try disk.root.subdirectory("keys"),
                storeID: desk.store.journal.storeID,
                source: TrailSource(storage: disk.root, log: desk.log, receipts: desk.receipts),
                clock: world.clock,
                entropy: source, notice: notices.hear)
            worker.stop()
            worker.run()
            #expect(notices.all.count == (isDry ? 1 : 0))
        }
        #expect(drawn.all.count == 2)
    }
}
