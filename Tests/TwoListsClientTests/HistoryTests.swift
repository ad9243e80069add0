import BureauTestSupport
import Crypto
import Foundation
import Schema
import Synchronization
import TestSupport
import Testing
import Wire

@testable import TwoListsClient

/// What the server is asked for proofs, and how often.
private final class Asked: Sendable {
    private let state = Mutex<[ConsistencyQuery]>([])
    var queries: [ConsistencyQuery] { state.withLock { $0 } }
    func add(_ query: ConsistencyQuery) { state.withLock { $0.append(query) } }
}

@Suite("RECEIPT.md 7: the client remembers the history it was shown")
struct HistoryTests {
    let scratch: TemporaryDirectory
    private let heard = HeardEvents()
    private let asked = Asked()

    init() throws { scratch = try TemporaryDirectory("history") }

    private var path: String { scratch.file("history") }

    /// A client's history over a server that shows `journal`.
    private func keeper(
        _ journal: FakeJournal, path: String? = nil,
        answers: (@Sendable (ConsistencyProof) -> ConsistencyProof)? = nil,
        status: Status? = nil
    ) throws -> HistoryKeeper {
        let keeper = try HistoryKeeper(path: path, verifier: try journal.verifier(), onEvent: heard.hear)
        keeper.asking { [asked] query throws(ClientError) in
            asked.add(query)
            if let status { throw ClientError(.server, .call, .status(status)) }
            guard let proof = try? journal.consistency(query) else {
                throw ClientError(.server, .call, .status(Status(.notFound, "shorter")))
            }
            return answers?(proof) ?? proof
        }
        return keeper
    }

    private func settled(_ keeper: HistoryKeeper) async throws {
        for _ in 0..<2_000 where keeper.isBusy { try await Task.sleep(for: .milliseconds(2)) }
        #expect(!keeper.isBusy)
    }

    private func saw(_ keeper: HistoryKeeper, _ statement: CheckpointStatement) throws {
        keeper.saw(statement, try #require(ReceiptCheckpoint(statement.statement)), inHello: false)
    }

    @Test("a history that grows is proven step by step and quoted at once, whatever order it comes in")
    func grows() async throws {
        var journal = try FakeJournal()
        journal.grow(40)
        let keeper = try keeper(journal)
        #expect(keeper.quoted.isEmpty)
        keeper.greeted(try journal.checkpoint(3).encoded())
        #expect(keeper.highest?.treeSize == 3)
        for size in [17, 9, 40, 9, 1] as [UInt64] { try saw(keeper, try journal.checkpoint(size)) }
        #expect(keeper.highest?.treeSize == 40)
        try await settled(keeper)
        #expect(heard.alarms.isEmpty && keeper.highest?.treeSize == 40)
        let quoted = try CheckpointStatement(decoding: keeper.quoted)
        #expect(try journal.verifier().verify(quoted).treeSize == 40)
        #expect(Set(asked.queries.flatMap { [$0.older, $0.newer] }) == [1, 3, 9, 17, 40])
    }

    @Test(
        "HELLO shows fewer records: SHORTER, with both checkpoints kept, again at each connection, and the highest stays"
    )
    func shorter() async throws {
        var journal = try FakeJournal()
        journal.grow(20)
        let keeper = try keeper(journal, path: path)
        keeper.greeted(try journal.checkpoint().encoded())
        try await settled(keeper)
        for connection in 1...2 {
            keeper.greeted(try journal.checkpoint(12).encoded())
            keeper.saw(
                try journal.checkpoint(12),
                try #require(ReceiptCheckpoint(try journal.checkpoint(12).statement)), inHello: true)
            #expect(heard.alarms.count == connection)
        }
        let alarm = try #require(heard.alarms.first)
        #expect(alarm.kind == .shorter && alarm.heldSize == 20 && alarm.shownSize == 12)
        let evidence = try SeenHistory(
            decoding: [UInt8](Data(contentsOf: URL(filePath: try #require(alarm.evidence)))))
        #expect(try journal.verifier().verify(try #require(evidence.proven)).treeSize == 20)
        #expect(try journal.verifier().verify(try #require(evidence.pending.first)).treeSize == 12)
        #expect(keeper.highest?.treeSize == 20)
    }

    @Test("the same number of records with another root, or another store: alarms without asking")
    func different() async throws {
        var journal = try FakeJournal()
        journal.grow(10)
        var fork = journal
        journal.grow(5, salt: 1)
        fork.grow(5, salt: 2)
        let keeper = try keeper(journal)
        keeper.greeted(try journal.checkpoint().encoded())
        keeper.greeted(try fork.checkpoint().encoded())
        var other = fork
        other.store[0] ^= 1
        keeper.greeted(try other.checkpoint().encoded())
        #expect(heard.alarms.map(\.kind) == [.different, .otherStore])
        #expect(asked.queries.isEmpty)
    }

    @Test("a longer history that does not go on from ours: DIFFERENT, whatever path the server gives")
    func forked() async throws {
        var journal = try FakeJournal()
        journal.grow(10)
        var fork = journal
        journal.grow(5, salt: 1)
        fork.grow(9, salt: 2)
        let keeper = try keeper(fork, path: path)
        let verifier = try journal.verifier()
        let held = try journal.checkpoint()
        keeper.saw(held, try verifier.verify(held), inHello: false)
        let shown = try sameAuthority(fork, as: journal)
        keeper.greeted(try shown.checkpoint().encoded())
        try await settled(keeper)
        #expect(heard.alarms.map(\.kind) == [.different])
        #expect(heard.alarms.first?.heldSize == 15 && heard.alarms.first?.shownSize == 19)
        #expect(asked.queries.count == 1)
        // It is not asked again on this connection, and never becomes what is proven.
        try saw(keeper, try shown.checkpoint())
        try await settled(keeper)
        #expect(heard.alarms.count == 1)
        let file = try SeenHistory(decoding: [UInt8](Data(contentsOf: URL(filePath: path))))
        #expect(file.provenCheckpoint?.checkpoint.treeSize == 15 && file.pending.isEmpty)
        #expect(keeper.highest?.treeSize == 15)
    }

    /// A fork is a copy, so its authority is the same already; named for the reader.
    private func sameAuthority(_ fork: FakeJournal, as journal: FakeJournal) throws -> FakeJournal {
        #expect(fork.ca === journal.ca)
        return fork
    }

    @Test(
        "a server that does not know the sizes it once signed: SHORTER; one that is away: asked again at the next connection"
    )
    func unknown() async throws {
        var journal = try FakeJournal()
        journal.grow(10)
        let away = try keeper(journal, path: path, status: Status(.unavailable, "stopping"))
        for size in [4, 10] as [UInt64] { try saw(away, try journal.checkpoint(size)) }
        try await settled(away)
        #expect(heard.alarms.isEmpty && asked.queries.count == 1)
        // Another run of the program: it quotes the highest, and proves what was left over.
        let again = try keeper(journal, path: path)
        #expect(again.highest?.treeSize == 10)
        again.greeted(try journal.checkpoint().encoded())
        try await settled(again)
        #expect(heard.alarms.isEmpty && asked.queries.count == 2)
        let file = try SeenHistory(decoding: [UInt8](Data(contentsOf: URL(filePath: path))))
        #expect(file.pending.isEmpty && file.provenCheckpoint?.checkpoint.treeSize == 10)

        let cut = try keeper(journal, status: Status(.notFound, "the journal has 3 records"))
        for size in [4, 10] as [UInt64] { try saw(cut, try journal.checkpoint(size)) }
        try await settled(cut)
        #expect(heard.alarms.map(\.kind) == [.shorter])
    }

    @Test("what nobody of the city has signed changes nothing")
    func worthless() async throws {
        var journal = try FakeJournal()
        journal.grow(5)
        let keeper = try keeper(journal)
        keeper.greeted(try journal.checkpoint().encoded())
        journal.grow(5)
        var unsigned = try journal.checkpoint()
        unsigned.signatures = []
        var forged = try journal.checkpoint()
        forged.statement[60] ^= 1
        for wrong in [unsigned.encoded(), forged.encoded(), [1, 2, 3], []] { keeper.greeted(wrong) }
        #expect(keeper.highest?.treeSize == 5 && heard.all.isEmpty)
    }

    @Test("64 pending checkpoints are kept, of more the smallest are let go")
    func bounded() throws {
        var journal = try FakeJournal()
        journal.grow(80)
        var history = SeenHistory()
        for size in 1...UInt64(SeenHistory.mostPending + 1) {
            history.saw(try #require(SeenCheckpoint(try journal.checkpoint(size))))
        }
        #expect(
            history.pending.count == SeenHistory.mostPending
                && history.waiting.first?.checkpoint.treeSize == 2)
        history.saw(try #require(SeenCheckpoint(try journal.checkpoint(80))))
        #expect(history.pending.count == SeenHistory.mostPending)
        #expect(history.waiting.first?.checkpoint.treeSize == 3 && history.highest?.checkpoint.treeSize == 80)
    }

    @Test("a history file that cannot be read stops the client: what was known is not forgotten silently")
    func damaged() throws {
        let journal = try FakeJournal()
        try Data([0xFF, 0xFF, 0xFF]).write(to: URL(filePath: path))
        #expect(throws: ClientError.self) { try self.keeper(journal, path: path) }
    }

    @Test("two programs of one officer do not unlearn each other's")
    func shared() async throws {
        var journal = try FakeJournal()
        journal.grow(30)
        let (one, other) = (try keeper(journal, path: path), try keeper(journal, path: path))
        try saw(one, try journal.checkpoint(10))
        try saw(one, try journal.checkpoint(30))
        try await settled(one)
        try saw(other, try journal.checkpoint(20))
        try await settled(other)
        #expect(other.highest?.treeSize == 30)
        #expect(try keeper(journal, path: path).highest?.treeSize == 30)
    }

    @Test(
        "without a line nobody is asked: what is shown waits to be proven, and another history of one size is an alarm at once"
    )
    func withoutLine() throws {
        let start = try FakeJournal()
        var (ours, other) = (start, start)
        ours.grow(5)
        other.grow(5, salt: 1)
        let (verifier, heard) = (try start.verifier(), HeardEvents())
        let history = HistoryKeeper(verifier: verifier, onEvent: heard.hear)
        history.asking { _ throws(ClientError) in
            Issue.record("somebody was asked")
            throw ClientError(.network, .call, .deadlineExceeded)
        }
        history.askingRestorations { _ throws(ClientError) in
            Issue.record("somebody was asked")
            throw ClientError(.network, .call, .deadlineExceeded)
        }
        history.askingNobody()
        func show(_ journal: FakeJournal) throws {
            let statement = try journal.checkpoint()
            history.saw(statement, try verifier.verify(statement), inHello: false)
        }
        try show(ours)
        ours.grow(2)
        try show(ours)
        #expect(heard.all.isEmpty && history.highest?.treeSize == 7 && !history.isBusy)
        other.grow(2, salt: 1)
        try show(other)
        #expect(heard.alarms.map(\.kind) == [.different])
    }
}
