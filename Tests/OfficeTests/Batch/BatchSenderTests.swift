import Crypto
import Exchange
import Foundation
import Schema
import Synchronization
import TestSupport
import Testing
import TwoListsClient
import Wire

@testable import Office

@Suite("Sending a batch: what was acknowledged is never sent again, and a batch is sent once")
struct BatchSenderTests {
    private static let chunks = 40
    private let folder: TemporaryDirectory
    private var memory: BatchFolder { BatchFolder(folder: folder.path + "/k7f2.batches") }

    init() throws { folder = try TemporaryDirectory("batch-sender") }

    private func prepared(_ count: Int = chunks, hold: Int = 1 << 20) throws -> PreparedBatch {
        try PreparedBatch(try FakeChunks(count), hold: hold)
    }

    private func batch(
        _ prepared: PreparedBatch, number: String? = nil, period: String = "", memory: BatchFolder? = nil
    ) throws -> BatchUnderWay {
        let id = try UUIDv7.make()
        let fresh = BatchUnderWay(
            id: id, number: number ?? BatchUnderWay.number("fund", id: id, now: 1_700_000_000_000_000_000),
            kind: "fund", version: "2026.1", mode: .whole, period: period, manifest: prepared.manifestDigest,
            fileName: "关爱基金 3月.csv", begun: 1_700_000_000_000_000_000)
        return try (memory ?? self.memory).begin(fresh, isNumberTyped: number != nil)
    }

    private func send(
        _ prepared: PreparedBatch, _ batch: BatchUnderWay, _ line: FakeLine, again: Int? = nil,
        news: @escaping @Sendable (BatchSender.News) -> Void = { _ in }
    ) async throws -> CommandAnswer {
        try await BatchSender(line, memory, news: news).send(prepared, as: batch) { () throws(FileError) in
            guard let chunks = try? FakeChunks(Self.chunks, change: again) else {
                throw FileError("fake", Text("", ""))
            }
            return chunks
        }
    }

    @Test("a batch goes in one piece: every chunk once, the manifest, the command; four at a time")
    func whole() async throws {
        let line = FakeLine()
        let prepared = try prepared()
        let batch = try batch(prepared)
        let answer = try await send(prepared, batch, line)
        let state = line.state.withLock { $0 }
        #expect(answer.target == batch.id && state.submitted.count == 1)
        #expect(Set(state.acknowledged) == Set(prepared.manifest.chunks.map(\.sha256)))
        #expect(state.acknowledged.count == Self.chunks && state.asked == Self.chunks + 1)
        #expect(state.mostOpen == BatchSendLimits.inFlight)
        let sent = try #require(state.submitted.first)
        guard case .submitBatch(let command)? = try Envelope(decoding: sent.envelope).command?.body else {
            return #expect(Bool(false))
        }
        #expect(command.number == batch.number && command.fileName == "关爱基金 3月.csv")
        #expect(
            command.manifest == prepared.manifestDigest
                && command.sums.map(\.field) == prepared.kind.sums.map { prepared.kind.fields[$0].code })
    }

    @Test(
        "broken off at every chunk of forty, the next attempt sends the rest and no chunk again",
        arguments: 0...40)
    func resumed(_ broken: Int) async throws {
        let line = FakeLine()
        line.state.withLock { $0.breaksAfter = broken }
        let prepared = try prepared()
        let first = try batch(prepared)
        await #expect(throws: BatchSender.Failure.self) { try await send(prepared, first, line) }
        let acknowledged = line.state.withLock { $0.acknowledged }
        #expect(acknowledged.count == min(broken, Self.chunks))
        // Another run of the program: it knows the batch from the folder alone.
        line.state.withLock { $0.breaksAfter = nil }
        let second = try batch(prepared)
        #expect(second == first)
        let told = Mutex<[BatchSender.News]>([])
        _ = try await send(prepared, second, line) { news in told.withLock { $0.append(news) } }
        let state = line.state.withLock { $0 }
        #expect(state.acknowledged.count == Self.chunks)
        #expect(Set(state.acknowledged) == Set(prepared.manifest.chunks.map(\.sha256)))
        #expect(state.submitted.count == 1)
        guard case .begun(let stored, let of, let bytes, let ofBytes)? = told.withLock({ $0.first }) else {
            return #expect(Bool(false))
        }
        #expect(stored == acknowledged.count && of == Self.chunks && ofBytes == prepared.bytes)
        #expect(
            bytes
                == prepared.manifest.chunks.filter { acknowledged.contains($0.sha256) }.map { Int($0.bytes) }
                .reduce(0, +))
    }

    @Test("the same rows again: nothing is put, the command is the same one, the first answer comes back")
    func repeated() async throws {
        let line = FakeLine()
        let prepared = try prepared()
        let first = try await send(prepared, try batch(prepared), line)
        let told = Mutex<[BatchSender.News]>([])
        let again = try await send(prepared, try batch(prepared), line) { news in
            told.withLock { $0.append(news) }
        }
        let state = line.state.withLock { $0 }
        #expect(again == first && state.acknowledged.count == Self.chunks && state.submitted.count == 1)
        #expect(told.withLock { $0 } == [.repeated] && state.asked == Self.chunks + 1)
    }

    @Test("an answer that was lost on its way is asked for under the same command")
    func lostAnswer() async throws {
        let line = FakeLine()
        line.state.withLock { $0.losesAnswers = true }
        let prepared = try prepared()
        await #expect(throws: BatchSender.Failure.self) {
            try await send(prepared, try batch(prepared), line)
        }
        let answer = try await send(prepared, try batch(prepared), line)
        let state = line.state.withLock { $0 }
        #expect(answer.outcome?.refusal == .unspecified && state.submitted.count == 1)
        #expect(state.acknowledged.count == Self.chunks)
    }

    @Test("a server that lost its chunks gets them again, under the command that was sealed")
    func lostChunks() async throws {
        let (line, other) = (FakeLine(), FakeLine())
        let prepared = try prepared()
        let first = try await send(prepared, try batch(prepared), line)
        let second = try await send(prepared, try batch(prepared), other)
        #expect(first.commandId == second.commandId)
        #expect(other.state.withLock { $0.acknowledged.count } == Self.chunks)
    }

    @Test("a file too large to be held is read again; one that was changed meanwhile is not submitted")
    func readAgain() async throws {
        let prepared = try prepared(hold: 20)
        #expect(prepared.held == nil)
        let line = FakeLine()
        _ = try await send(prepared, try batch(prepared), line)
        #expect(line.state.withLock { $0.acknowledged.count } == Self.chunks)
        for change in [1, 17, Self.chunks] {
            let line = FakeLine()
            let own = BatchFolder(folder: folder.path + "/changed-\(change).batches")
            let batch = try batch(prepared, memory: own)
            do throws(BatchSender.Failure) {
                _ = try await BatchSender(line, own).send(prepared, as: batch) { () throws(FileError) in
                    guard let chunks = try? FakeChunks(Self.chunks, change: change) else {
                        throw FileError("fake", Text("", ""))
                    }
                    return chunks
                }
                #expect(Bool(false), "chunk \(change) was another one")
            } catch {
                guard case .chunks(.changed) = error else { return #expect(Bool(false), "\(error)") }
            }
            #expect(line.state.withLock { $0.submitted.isEmpty })
        }
    }

    @Test("two programs that send one file at once send one batch")
    func together() async throws {
        let line = FakeLine()
        let prepared = try prepared()
        try await withThrowingTaskGroup(of: CommandAnswer.self) { group in
            for _ in 0..<4 {
                group.addTask { try await send(prepared, try batch(prepared), line) }
            }
            var answers: Set<[UInt8]> = []
            while let answer = try await group.next() { answers.insert(answer.commandId) }
            #expect(answers.count == 1)
        }
        let state = line.state.withLock { $0 }
        #expect(state.submitted.count == 1 && state.stored.count == 1)
    }

    @Test("what is kept first stays, whoever comes at the same moment, in one program, too")
    func first() async throws {
        let prepared = try prepared()
        for round in 0..<50 {
            try await withThrowingTaskGroup(of: BatchUnderWay.self) { group in
                for _ in 0..<8 { group.addTask { try batch(prepared, period: "\(round)") } }
                var kept: Set<BatchUnderWay> = []
                while let batch = try await group.next() { kept.insert(batch) }
                #expect(kept.count == 1)
            }
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/k7f2.batches")
        #expect(names.count == 50 && names.allSatisfy { $0.hasSuffix(".batch") }, "nothing else is left")
    }

    @Test("another number, period or content is another batch; a refused one is forgotten")
    func identities() throws {
        let prepared = try prepared()
        let first = try batch(prepared)
        #expect(try batch(prepared) == first)
        #expect(try batch(prepared, number: first.number) == first)
        let second = try batch(prepared, number: "march-2")
        #expect(second.id != first.id && second.number == "march-2")
        #expect(try batch(prepared, number: "march-2") == second)
        #expect(try batch(prepared) == first)
        #expect(try batch(prepared, period: "2022").id != first.id)
        #expect(try batch(try self.prepared(39)).id != first.id)
        try memory.forget(second)
        #expect(try batch(prepared, number: "march-2").id != second.id)
        try memory.forget(first)
        #expect(try batch(prepared).id != first.id)
    }

    @Test("numbers made here are well formed and differ")
    func numbers() throws {
        let id = try UUIDv7.make()
        let number = BatchUnderWay.number("village-committee", id: id, now: 1_646_870_400_000_000_000)
        #expect(number == "village-committee-20220310-\(Hex.encode(Array(id.suffix(3))))")
        #expect(number.utf8.count <= 40)
        #expect(BatchUnderWay.number(String(repeating: "k", count: 40), id: id, now: 0).utf8.count == 40)
    }

    @Test("a page that is damaged is told, with the mend")
    func damaged() throws {
        let prepared = try prepared()
        let batch = try batch(prepared)
        let path = folder.path + "/k7f2.batches/" + batch.identity + ".batch"
        try Data("twolists-batch/1\nid = 12\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: FileError.self) { try self.batch(prepared) }
    }

    @Test("without a line the whole batch waits in the outbox; what goes from there is what would have gone")
    func queued() async throws {
        let outbox = Outbox(folder: folder.path + "/k7f2.outbox")
        let prepared = try prepared(hold: 20)
        let batch = try batch(prepared)
        let line = FakeLine()
        let sender = BatchSender(line, memory)
        let again: () throws(FileError) -> any ChunkSource = { () throws(FileError) in
            guard let chunks = try? FakeChunks(Self.chunks) else { throw FileError("fake", Text("", "")) }
            return chunks
        }
        let command = try sender.queue(prepared, as: batch, in: outbox, again: again)
        let waiting = try #require(try outbox.batch(id: batch.id))
        #expect(waiting.manifestBytes == prepared.manifestBytes && waiting.count == Self.chunks)
        #expect(outbox.content().entries.map(\.signed) == [command])
        for number in 0..<Self.chunks {
            try await line.put(try waiting.chunk(number), of: batch.id, isManifest: false)
        }
        try await line.put(waiting.manifestBytes, of: batch.id, isManifest: true)
        _ = try await line.submit(command)
        // Sent from the file later, it is the same one.
        _ = try await sender.send(prepared, as: try self.batch(prepared), again: again)
        #expect(line.state.withLock { $0.submitted.count } == 1)
    }
}
