import BureauTestSupport
import Crypto
import Foundation
import Schema
import TestSupport
import Testing
import Wire

@testable import TwoListsClient

@Suite("RECEIPT.md 3: the client ends up with the receipt of every answer")
struct ReceiptKeeperTests {
    let scratch: TemporaryDirectory
    private let heard = HeardEvents()

    init() throws { scratch = try TemporaryDirectory("receipts") }

    private static let noFetch: ReceiptKeeper.Fetch = { _ throws(ClientError) in
        throw ClientError(.network, .call, .deadlineExceeded)
    }

    private func signed(_ id: UInt8 = 1) -> SignedEnvelope {
        SignedEnvelope(
            envelope: Envelope(id: [UInt8](repeating: id, count: 16), city: "421300").encoded())
    }

    private func keepers(
        _ journal: FakeJournal, folder: String? = nil
    ) throws -> (ReceiptKeeper, HistoryKeeper) {
        let verifier = try journal.verifier()
        let history = HistoryKeeper(verifier: verifier, onEvent: heard.hear)
        let keeper = ReceiptKeeper(
            folder: folder.map { ReceiptFolder(path: $0) }, verifier: verifier, history: history,
            onEvent: heard.hear)
        return (keeper, history)
    }

    @Test(
        "leaf and salt from the answer, the certificate from HELLO: whole without another call, on disc, and it holds"
    )
    func whole() async throws {
        var journal = try FakeJournal()
        journal.grow(5)
        let (keeper, history) = try keepers(journal, folder: scratch.file("kept"))
        history.greeted(try journal.checkpoint().encoded())
        let command = signed()
        var answer = try journal.answer(command)
        try await keeper.keep(&answer, of: command, fetch: Self.noFetch)
        #expect(heard.all.isEmpty && history.highest?.treeSize == 6)
        let name = scratch.file("kept/" + Hex.encode(answer.commandId))
        let receipt = try ReceiptFolder.receipt(file: name + ".receipt")
        let envelope = try ReceiptFolder.envelope(file: name + ".command")
        #expect(receipt == answer.receipt && envelope == command.envelope)
        #expect(throws: Never.self) { try journal.verifier().verify(receipt, envelope: envelope) }
    }

    @Test(
        "a certificate HELLO did not bring, or no receipt at all: fetched; where that fails too, it is said and what there is is kept"
    )
    func fetched() async throws {
        var journal = try FakeJournal()
        let (keeper, _) = try keepers(journal, folder: scratch.file("kept"))
        let command = signed()
        var answer = try journal.answer(command)
        let whole = Receipt(path: answer.receipt?.path ?? [], checkpoint: try journal.checkpoint())
        var without = answer
        without.receipt = nil
        for start in [answer, without] {
            answer = start
            try await keeper.keep(&answer, of: command) { query throws(ClientError) in
                #expect(query.leaf == start.leaf)
                return whole
            }
            #expect(answer.receipt?.isWhole == true && answer.receipt?.salt == start.salt)
        }
        #expect(heard.all.isEmpty)
        answer = without
        try await keeper.keep(&answer, of: command, fetch: Self.noFetch)
        #expect(heard.incomplete == 1 && heard.wrong == [.form])
        let name = scratch.file("kept/" + Hex.encode(answer.commandId))
        #expect(try ReceiptFolder.receipt(file: name + ".receipt").leaf == answer.leaf)
    }

    @Test(
        "a receipt that does not hold, or says something else than the answer: told, kept as evidence, and no part of the history"
    )
    func wrong() async throws {
        var journal = try FakeJournal()
        let (keeper, history) = try keepers(journal, folder: scratch.file("kept"))
        let command = signed()
        let good = try journal.answer(command, whole: true)
        var (tampered, other, refused, unsigned) = (good, good, good, good)
        tampered.receipt?.checkpoint?.statement[70] ^= 1
        other.sequence += 1
        refused.outcome = Outcome(refusal: .wrongState)
        unsigned.receipt?.checkpoint?.signatures = []
        for var answer in [tampered, other, refused, unsigned] {
            try await keeper.keep(&answer, of: command, fetch: Self.noFetch)
        }
        #expect(heard.wrong == [.inclusion, .store, .store, .unsigned])
        #expect(history.highest == nil)
        let name = scratch.file("kept/" + Hex.encode(good.commandId))
        #expect(FileManager.default.fileExists(atPath: name + ".receipt"))
    }

    @Test("a receipt that cannot be written is an error, not an answer: the command is sent again")
    func noRoom() async throws {
        var journal = try FakeJournal()
        let (keeper, _) = try keepers(journal, folder: scratch.file("no/such/folder"))
        let command = signed()
        var answer = try journal.answer(command, whole: true)
        await #expect(throws: ClientError.self) {
            try await keeper.keep(&answer, of: command, fetch: Self.noFetch)
        }
    }

    @Test("asked for none: none is fetched")
    func omitted() async throws {
        var journal = try FakeJournal()
        let (keeper, _) = try keepers(journal)
        var command = signed()
        command.omitReceipt = true
        var answer = try journal.answer(command)
        answer.receipt = nil
        try await keeper.keep(&answer, of: command, fetch: Self.noFetch)
        #expect(answer.receipt == nil && heard.all.isEmpty)
    }

    @Test("6: compare tells one history from two, with the proof and without")
    func compare() throws {
        var journal = try FakeJournal()
        journal.grow(9)
        var fork = journal
        journal.grow(4, salt: 1)
        fork.grow(4, salt: 2)
        let verifier = try journal.verifier()
        let early = try verifier.verify(try journal.checkpoint(9))
        let (late, forked) = (
            try verifier.verify(try journal.checkpoint()), try verifier.verify(try fork.checkpoint())
        )
        let proof = try journal.consistency(ConsistencyQuery(older: 9, newer: 13))
        #expect(throws: Never.self) { try ReceiptVerifier.compare(early, late, proof: proof) }
        #expect(throws: Never.self) { try ReceiptVerifier.compare(late, early, proof: proof) }
        #expect(throws: Never.self) { try ReceiptVerifier.compare(late, late, proof: nil) }
        var (ragged, bent, sized) = (proof, proof, proof)
        ragged.path.removeLast()
        bent.path[5] ^= 1
        sized.older = 8
        for wrong in [nil, ragged, bent, sized] {
            #expect(throws: ReceiptFailure.self) { try ReceiptVerifier.compare(early, late, proof: wrong) }
        }
        #expect(throws: ReceiptFailure.self) { try ReceiptVerifier.compare(early, forked, proof: proof) }
        #expect(throws: ReceiptFailure.self) { try ReceiptVerifier.compare(late, forked, proof: nil) }
    }
}
