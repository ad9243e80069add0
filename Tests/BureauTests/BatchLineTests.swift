import BureauTestSupport
import Crypto
import Exchange
import Foundation
import Journal
import Schema
import Testing
import Wire

@testable import Bureau

@Suite("BATCH.md 2–6: a batch from its first chunk to the register")
struct BatchLineTests {
    private let id = [UInt8](repeating: 7, count: 16)

    private func send(_ town: BatchTown, _ rows: SentRows, as batch: [UInt8], by officer: String = "k7f2") {
        for chunk in rows.chunks { #expect(town.put(chunk, of: batch, by: officer)?.isOK == true) }
        #expect(town.put(rows.manifest, manifest: true, of: batch, by: officer)?.isOK == true)
    }

    private func fetched(_ reply: CaughtReply) throws -> [FetchedRow] {
        try reply.messages.flatMap { try FetchedRows(decoding: $0).rows }
    }

    @Test("stored, checked, done; every row is in the register, under its batch and number")
    func whole() throws {
        let town = try BatchTown(seed: 501)
        town.settle()
        let rows = SentRows(23)
        send(town, rows, as: id)
        let answer = try CommandAnswer(
            decoding: try #require(town.submit(rows.command("march-1"), as: id, by: "k7f2").payload))
        #expect(answer.outcome?.refusal == .unspecified)
        town.settle()
        let view = try #require(town.view("march-1", by: "k7f2"))
        #expect(view.stage == .done && view.verdict == .all)
        #expect(view.goodRows == 23 && view.faultyRows == 0 && view.added == 23)
        #expect(view.steps.map(\.stage) == [.stored, .checked, .done])
        let reply = town.call(.fetchRows, FetchRowsQuery(kind: "relief"), by: "b1a1", rounds: 12)
        #expect(reply.status?.isOK == true)
        let got = try fetched(reply)
        #expect(got.map(\.row) == rows.rows)
        #expect(got.map(\.number) == (1...23).map(UInt64.init))
        #expect(got.allSatisfy { $0.batch == "march-1" && $0.party == "county/421321" })
        #expect(town.notices.all.isEmpty)
    }

    @Test("a batch is not judged before every chunk of it is stored")
    func notStored() throws {
        let town = try BatchTown(seed: 502)
        town.settle()
        let rows = SentRows(12)
        for chunk in rows.chunks.dropLast() { _ = town.put(chunk, of: id, by: "k7f2") }
        #expect(town.put(rows.manifest, manifest: true, of: id, by: "k7f2")?.code == .failedPrecondition)
        #expect(town.submit(rows.command("march-1"), as: id, by: "k7f2").status?.code == .failedPrecondition)
        // Another party's chunks are another upload, whatever id it gives.
        _ = town.put(try #require(rows.chunks.last), of: id, by: "k3z8")
        #expect(town.put(rows.manifest, manifest: true, of: id, by: "k7f2")?.code == .failedPrecondition)
        send(town, rows, as: id)
        #expect(town.submit(rows.command("march-1"), as: id, by: "k7f2").status?.isOK == true)
    }

    @Test(
        "control totals that differ are named, and nothing is taken",
        arguments: ["rows", "bytes", "sum:amount"])
    func totals(_ wrong: String) throws {
        let town = try BatchTown(seed: 503)
        town.settle()
        let rows = SentRows(9)
        send(town, rows, as: id)
        var command = rows.command("march-1", mode: .goodRows)
        switch wrong {
        case "rows": command.rows += 1
        case "bytes": command.bytes += 1
        default: command.sums[0].sum -= 1
        }
        _ = town.submit(command, as: id, by: "k7f2")
        town.settle()
        let view = try #require(town.view("march-1", by: "k7f2"))
        #expect(view.stage == .done && view.verdict == .none && view.mismatches == [wrong] && view.added == 0)
        let reply = town.call(.fetchRows, FetchRowsQuery(kind: "relief"), by: "b1a1", rounds: 8)
        #expect(try fetched(reply).isEmpty)
    }

    @Test("a bad row: all or nothing takes none, the other mode takes the rest and tells row and field")
    func faults() throws {
        for mode in [BatchMode.whole, .goodRows] {
            let town = try BatchTown(seed: 504)
            town.settle()
            var rows = SentRows(10)
            rows.rows[6] = SentRows.row(6, "2022-02-30", 10_006)
            rows.rows[8] = rows.rows[2]
            rows.sum += 10_002 - 10_008
            rows.cut(5)
            send(town, rows, as: id)
            _ = town.submit(rows.command("march-1", mode: mode), as: id, by: "k7f2")
            town.settle()
            let view = try #require(town.view("march-1", by: "k7f2"))
            #expect(view.verdict == (mode == .whole ? .none : .part))
            #expect(view.goodRows == 8 && view.faultyRows == 2 && view.added == (mode == .whole ? 0 : 8))
            let reply = town.call(.getReport, BatchReportQuery(batch: id), by: "k7f2", rounds: 8)
            let faults = try reply.messages.flatMap { try BatchFaults(decoding: $0).faults }
            #expect(
                faults.map { "\($0.row) \($0.field) \($0.code)" } == [
                    "7 paid no-such-day", "9 id_number repeated",
                ])
            #expect(faults.last?.arguments == ["3"])
        }
    }

    @Test("a number is used once: the same rows are told the first batch, others are refused")
    func numbers() throws {
        let town = try BatchTown(seed: 505)
        town.settle()
        let (rows, others) = (SentRows(4), SentRows(4, first: 50))
        send(town, rows, as: id)
        let command = town.world.commandID()
        _ = town.submit(rows.command("march-1"), as: id, by: "k7f2", id: command)
        town.settle()
        // The same command once more gets the same answer, although its chunks are gone.
        let again = try CommandAnswer(
            decoding: try #require(
                town.submit(rows.command("march-1"), as: id, by: "k7f2", id: command).payload))
        #expect(again.repeated)
        for (sent, same) in [(rows, "yes"), (others, "no")] {
            let other = [UInt8](repeating: 9, count: 16)
            send(town, sent, as: other)
            let answer = try CommandAnswer(
                decoding: try #require(town.submit(sent.command("march-1"), as: other, by: "k7f2").payload))
            #expect(answer.outcome?.refusal == .batchNumberUsed)
            #expect(answer.outcome?.arguments.first { $0.name == "same" }?.value == same)
            #expect(answer.outcome?.arguments.first { $0.name == "batch" }?.value == Hex.encode(id))
        }
        // Another party's numbers are its own.
        let theirs = [UInt8](repeating: 11, count: 16)
        send(town, others, as: theirs, by: "k3z8")
        let answer = try CommandAnswer(
            decoding: try #require(town.submit(others.command("march-1"), as: theirs, by: "k3z8").payload))
        #expect(answer.outcome?.refusal == .unspecified)
    }

    @Test(
        "a later row takes an earlier one's place, an equal one changes nothing, another sender's is refused")
    func register() throws {
        let town = try BatchTown(seed: 506)
        town.settle()
        let first = SentRows(6)
        send(town, first, as: id)
        _ = town.submit(first.command("one"), as: id, by: "k7f2")
        town.settle()
        var second = SentRows(6)
        second.rows[1] = SentRows.row(1, "2022-03-01", 99)
        second.sum += 99 - 10_001
        second.cut(5)
        let next = [UInt8](repeating: 8, count: 16)
        send(town, second, as: next)
        _ = town.submit(second.command("two"), as: next, by: "k7f2")
        town.settle()
        let view = try #require(town.view("two", by: "k7f2"))
        #expect(view.unchanged == 5 && view.replaced == 1 && view.added == 0)
        let rows = try fetched(town.call(.fetchRows, FetchRowsQuery(kind: "relief"), by: "k7f2", rounds: 12))
        #expect(rows.map(\.batch) == ["one", "two", "one", "one", "one", "one"])
        #expect(rows.map(\.row) == second.rows)
        let changed = FetchRowsQuery(kind: "relief", since: 1)
        #expect(try fetched(town.call(.fetchRows, changed, by: "b1a1", rounds: 12)).map(\.number) == [2])
        let theirs = [UInt8](repeating: 11, count: 16)
        send(town, first, as: theirs, by: "k3z8")
        _ = town.submit(first.command("theirs", mode: .goodRows), as: theirs, by: "k3z8")
        town.settle()
        let refused = try #require(town.view("theirs", by: "k3z8"))
        #expect(refused.verdict == .none && refused.faultyRows == 6)
        // Neither does another county see what is not its own.
        #expect(town.view("one", by: "k3z8") == nil)
        #expect(
            try fetched(town.call(.fetchRows, FetchRowsQuery(kind: "relief"), by: "k3z8", rounds: 8)).isEmpty)
    }

    @Test("one person erased, every other row stays readable; nothing readable lies on the disk")
    func erasure() throws {
        let town = try BatchTown(seed: 507)
        town.settle()
        let rows = SentRows(8)
        send(town, rows, as: id)
        _ = town.submit(rows.command("one"), as: id, by: "k7f2")
        town.settle()
        let query = FindPersonQuery(idNumber: SentRows.identity(3))
        let found = try PersonFound(
            decoding: try #require(town.call(.findPerson, query, by: "b1s2", rounds: 8).payload))
        #expect(town.call(.findPerson, query, by: "k7f2").status?.code == .permissionDenied)
        let erase = town.desk.envelope(
            .erasePerson(ErasePerson(basis: "本人申请")), by: "b1s2", on: found.subject, expecting: 0)
        let (input, reply) = town.desk.submit(erase, by: "b1s2")
        town.handle.post(try #require(input))
        town.settle()
        #expect(try CommandAnswer(decoding: try #require(reply.payload)).outcome?.refusal == .unspecified)
        town.batches.wake()
        town.settle()
        for _ in 0..<2 {
            let answer = town.call(.fetchRows, FetchRowsQuery(kind: "relief"), by: "b1a1", rounds: 12)
            let got = try fetched(answer)
            #expect(got.map(\.number) == [1, 2, 3, 5, 6, 7, 8])
            #expect(try FetchedRows(decoding: try #require(answer.messages.last)).erased == 1)
            try town.crash()
            town.settle()
        }
        let keys = try town.disk.root.subdirectory("keys").subdirectory("batches")
        #expect(try keys.list().contains("subjects.tlk"))
        for storage in [
            try town.disk.root.subdirectory("batches"), try town.disk.root.subdirectory("chunks"), keys,
        ] {
            for name in try storage.list() {
                let bytes = try storage.contents(name)
                #expect(!bytes.isEmpty)
                #expect(!contains(bytes, SentRows.identity(2)) && !contains(bytes, "测试2"))
                #expect(!contains(Array(name.utf8), SentRows.identity(2)))
            }
        }
        #expect(try town.disk.root.subdirectory("chunks").list().isEmpty, "what was checked needs no chunks")
    }

    private func contains(_ bytes: [UInt8], _ text: String) -> Bool {
        let sought = Array(text.utf8)
        guard bytes.count >= sought.count else { return false }
        return (0...(bytes.count - sought.count)).contains {
            bytes[$0..<($0 + sought.count)].elementsEqual(sought)
        }
    }

    @Test("each answer is a record of the journal, and its leaf carries the record's digest")
    func answers() throws {
        let town = try BatchTown(seed: 508)
        town.settle()
        let rows = SentRows(3)
        send(town, rows, as: id)
        _ = town.submit(rows.command("one"), as: id, by: "k7f2")
        town.settle()
        for stage in [BatchStage.stored, .checked, .done] {
            let reply = town.call(
                .getAnswer, BatchAnswerQuery(batch: id, stage: stage), by: "k7f2", rounds: 8)
            let answer = try BatchAnswer(decoding: try #require(reply.payload))
            let leaf = try #require(LeafStatement(answer.leaf))
            #expect(leaf.bodyDigest == Digest(of: answer.record))
            let record = try EventV1.Record(decoding: answer.record)
            #expect(record.target == id && record.number == (stage == .stored ? "one" : "one"))
            #expect(answer.receipt?.leaf == answer.leaf)
        }
        #expect(
            town.call(.getAnswer, BatchAnswerQuery(batch: id, stage: .done), by: "k3z8").status?.code
                == .notFound)
    }

    /// Everything with TWOLISTS_SOAK=1; else a tenth of the rounds, from one that the seed says.
    private static let isSoak = ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] == "1"

    @Test(
        "forty chunks, the power cut at every round: what was acknowledged is never sent again, and every row ends in the register"
    )
    func crashes() throws {
        let seed = UInt64.random(in: 1...1_000)
        print("power cuts of a batch: seed \(seed)")
        let (step, rows) = (Self.isSoak ? 1 : 4, SentRows(160, perChunk: 4))
        #expect(rows.chunks.count == 40)
        var cut = Self.isSoak ? 0 : Int(seed) % step
        var (runs, wasCut) = (0, true)
        while wasCut {
            wasCut = try sendWithCut(rows, at: cut, seed: seed &+ UInt64(cut))
            cut += step
            runs += 1
        }
        #expect(runs > 200 / step)
    }

    /// Sends as a client does: a chunk, and again until it is acknowledged. The power goes once, after so many rounds. False: it was done before.
    private func sendWithCut(_ rows: SentRows, at cut: Int, seed: UInt64) throws -> Bool {
        let town = try BatchTown(seed: seed)
        town.settle()
        var (rounds, isCut, sent) = (0, false, 0)
        func round() throws {
            rounds += 1
            guard rounds == cut + 1, !isCut else { return town.turn() }
            isCut = true
            try town.crash()
            town.settle()
        }
        let digests = rows.chunks.map { Digest(of: $0).bytes }
        var acknowledged: Set<Int> = []
        for (index, chunk) in rows.chunks.enumerated() {
            while !acknowledged.contains(index) {
                let (reply, query) = (CaughtReply(), PutChunkQuery(batch: id, data: chunk))
                let call = Desk.call("k7f2", service: BatchesService.name, method: "PutChunk")
                _ = BatchHandler(engine: town.handle, desk: town.batches).open(
                    call, request: query.encoded(), reply: reply)
                sent += 1
                for _ in 0..<4 { try round() }
                if reply.status?.isOK == true { acknowledged.insert(index) }
            }
        }
        let stored = town.call(.getStored, StoredQuery(batch: id, sha256: digests), by: "k7f2")
        let bits = try StoredChunks(decoding: try #require(stored.payload)).stored
        #expect(bits == [255, 255, 255, 255, 255], "cut \(cut), seed \(seed)")
        // Only the chunk that was under way when the power went is sent twice.
        #expect(sent <= rows.chunks.count + 1)
        while town.put(rows.manifest, manifest: true, of: id, by: "k7f2")?.isOK != true {}
        let command = town.world.commandID()
        while town.submit(rows.command("one"), as: id, by: "k7f2", id: command).status?.isOK != true {}
        for _ in 0..<60 { try round() }
        town.settle(60)
        let view = try #require(town.view("one", by: "k7f2"))
        #expect(view.stage == .done && view.added == 160, "cut \(cut), seed \(seed)")
        let got = try fetched(town.call(.fetchRows, FetchRowsQuery(kind: "relief"), by: "b1a1", rounds: 14))
        #expect(got.map(\.row) == rows.rows, "cut \(cut), seed \(seed)")
        return isCut
    }

    /// A town with a batch that is done, one that was refused, and one that is only stored; and a person erased.
    private func busyTown(_ seed: UInt64) throws -> BatchTown {
        let town = try BatchTown(seed: seed)
        town.settle()
        let (rows, others) = (SentRows(8), SentRows(7, first: 40))
        send(town, rows, as: id)
        _ = town.submit(rows.command("one"), as: id, by: "k7f2")
        town.settle()
        let wrong = [UInt8](repeating: 8, count: 16)
        send(town, others, as: wrong, by: "k3z8")
        var command = others.command("two")
        command.rows += 1
        _ = town.submit(command, as: wrong, by: "k3z8")
        town.settle()
        let query = FindPersonQuery(idNumber: SentRows.identity(3))
        let reply = town.call(.findPerson, query, by: "b1s2", rounds: 8)
        let found = try PersonFound(decoding: try #require(reply.payload))
        let erase = town.desk.envelope(
            .erasePerson(ErasePerson(basis: "本人申请")), by: "b1s2", on: found.subject, expecting: 0)
        town.handle.post(try #require(town.desk.submit(erase, by: "b1s2").input))
        town.settle()
        town.batches.wake()
        town.settle()
        return town
    }

    @Test("a snapshot holds batches, kinds and erased persons; a replay and a snapshot give one state")
    func snapshot() throws {
        let town = try busyTown(510)
        let live = try StateHash.of(town.desk.engine.state)
        let keys = try town.disk.root.subdirectory("keys")
        let sequence = town.desk.log.durable.sequence
        town.desk.log.close()
        town.desk.abandon()
        town.disk.crash()
        let made = try Snapshots.make(
            town.disk.root, keys: keys, upTo: sequence, entropy: town.world.entropy, roomLeft: 0)
        #expect(made != nil)
        for snapshots in [true, false] {
            town.disk.crash()
            let store = try Store.open(
                town.disk.root, keys: keys, options: town.world.options(segmentSize: 1 << 20),
                snapshots: snapshots)
            #expect((store.snapshot != nil) == snapshots)
            #expect(try StateHash.of(store.state) == live)
            #expect(store.state.book.batches.map(\.stage) == [.done, .done])
            #expect(store.state.book.slot(store.state.book.batches[0].party, number: "one") == 0)
            #expect(store.state.book.erased.count == 1 && store.state.book.places == 1)
        }
    }

    @Test("a backup has the files of batches and their keys; restored, the registers read the same")
    func backup() throws {
        let town = try busyTown(511)
        let keys = try town.disk.root.subdirectory("keys")
        let before = try fetched(
            town.call(.fetchRows, FetchRowsQuery(kind: "relief"), by: "b1a1", rounds: 12))
        #expect(before.count == 7)
        let (data, other) = (
            try town.disk.root.subdirectory("copy"), try town.disk.root.subdirectory("copied-keys")
        )
        _ = try Backups.make(town.disk.root, keys: keys, to: data, keys: other)
        let (new, newKeys) = (
            try town.disk.root.subdirectory("new"), try town.disk.root.subdirectory("new-keys")
        )
        _ = try Backups.restore(data, to: new, keys: newKeys, backupKeys: other)
        let store = try Store.open(new, keys: newKeys, options: town.world.options(segmentSize: 1 << 20))
        var memory = try BatchMemory.open(
            new, keys: newKeys, storeID: store.journal.storeID, entropy: town.world.entropy)
        memory.survey = BatchSurvey(store.state, from: 0, EvidenceMark())
        memory.survey.readNames(before: BatchSurvey())
        memory.cards = memory.survey.cards
        var notices: [String] = []
        var building = memory.building
        while !building.slots.isEmpty { memory.build(&building) { notices.append($0) } }
        #expect(notices.isEmpty && memory.registers.count("relief") == 8)
        var rows: [[UInt8]] = []
        for row in memory.registers["relief"].rows {
            let card = memory.cards[Int(row.batch)]
            let file = try memory.files.open(RowFile.name(card.rowsDigest), .read)
            let (head, sealed) = try RowFileReader.sealed(memory.files, file, Int(row.offset))
            if let bytes = try memory.open(head, sealed, card) { rows.append(bytes) }
        }
        #expect(rows == before.map(\.row))
    }

    @Test("verify finds a file of rows that is gone, or is not what was checked")
    func verify() throws {
        let town = try busyTown(512)
        let records = town.desk.log.durable.sequence
        let whole = try BatchFilesCheck(town.disk.root, records: records)
        #expect(whole.files == 1 && whole.faults.isEmpty)
        let folder = try town.disk.root.subdirectory("batches")
        let name = try #require(try folder.list().first)
        let bytes = try #require(town.disk.bytes(of: name, in: "batches"))
        for position in [0, 30, bytes.count - 1] {
            var changed = bytes
            changed[position] ^= 1
            town.disk.replace(name, in: "batches", changed)
            let found = try BatchFilesCheck(town.disk.root, records: records)
            #expect(found.faults.count == 1 && found.faults[0].contains("one"), "byte \(position)")
        }
        try folder.unlink(name)
        #expect(try BatchFilesCheck(town.disk.root, records: records).faults.count == 1)
    }

    @Test("no room for DONE: it is written later, and says what taking the rows gave the first time")
    func doneLater() throws {
        let town = try BatchTown(seed: 513)
        town.settle()
        town.refusesDone = true
        let rows = SentRows(9)
        send(town, rows, as: id)
        _ = town.submit(rows.command("one"), as: id, by: "k7f2")
        for _ in 0..<3 {
            town.settle()
            town.world.advance(2_000_000_000)
        }
        #expect(town.view("one", by: "k7f2")?.stage == .checked)
        town.refusesDone = false
        town.settle()
        let view = try #require(town.view("one", by: "k7f2"))
        #expect(view.stage == .done && view.added == 9 && view.passedOver == 0)
    }

    @Test("a long report comes in messages as they are taken, and from where one asks")
    func longReport() throws {
        let town = try BatchTown(seed: 514)
        town.settle()
        var rows = SentRows(450, perChunk: 150)
        rows.rows = (0..<450).map { SentRows.row($0, "2022-02-30", 1) }
        rows.cut(150)
        send(town, rows, as: id)
        _ = town.submit(rows.command("one"), as: id, by: "k7f2")
        town.settle()
        for (after, counts) in [(0, [200, 200, 50]), (300, [150]), (450, [])] {
            let reply = town.call(
                .getReport, BatchReportQuery(batch: id, after: UInt64(after)), by: "k7f2", rounds: 10)
            let parts = try reply.messages.map { try BatchFaults(decoding: $0).faults }
            #expect(reply.status?.isOK == true && parts.map(\.count) == counts)
            #expect(parts.first?.first?.row == (counts.isEmpty ? nil : UInt64(after + 1)))
        }
    }
}
