import Foundation
import Schema
import Synchronization
import TestSupport
import Testing
import TwoListsClient
import Wire

extension RealPrograms {
    /// kill -9 of the real server while four officers file: what was acknowledged is there once, nothing is half there.
    @Suite("DESIGN.md 7 exactly once, under kill -9")
    struct KillNineTests {
        /// Full: 100 kills. A tenth without TWOLISTS_SOAK.
        static let kills = ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] == nil ? 10 : 100

        static let officers = ["u7l1", "u2l4", "k7f2", "k3z8"]

        /// What the officers know: envelopes that were answered, with the answer, and those whose fate is open.
        private final class Ledger: Sendable {
            struct Entry: Sendable {
                var envelope: SignedEnvelope
                var answer: CommandAnswer
            }
            struct State: Sendable {
                var answered: [Entry] = []
                var open: [SignedEnvelope] = []
                var stop = false
            }
            private let state = Mutex(State())

            func answered(_ envelope: SignedEnvelope, _ answer: CommandAnswer) {
                state.withLock { $0.answered.append(Entry(envelope: envelope, answer: answer)) }
            }
            func open(_ envelope: SignedEnvelope) { state.withLock { $0.open.append(envelope) } }
            func stop() { state.withLock { $0.stop = true } }
            var isStopped: Bool { state.withLock { $0.stop } }
            var all: State { state.withLock { $0 } }
        }

        private func client(_ officer: String, _ city: City.Access, timeout: Duration) throws
            -> TwoListsClient
        {
            try TwoListsClient(
                ClientConfiguration(
                    host: "127.0.0.1", port: UInt16(city.port), certificatePath: city.certificate(officer),
                    keyPath: city.key(officer), authorityPath: city.authority, timeout: timeout))
        }

        private func filing(_ officer: String, _ number: Int) -> Command.OneOf_Body {
            let isUnit = officer.hasPrefix("u")
            return .submitRequest(
                SubmitRequest(
                    direction: isUnit ? .unitToLocal : .localToUnit, year: Today.year, wave: .anytime,
                    text: RequestText(
                        title: "道路修缮", content: "第\(number)件：道路破损，请协助修缮", category: "road",
                        contact: Contact(name: "示例联系人", phone: "0722-0000000"))))
        }

        /// Files until told to stop. A filing whose deadline passes stays open: it is sent again at the end under its own id.
        private func file(as officer: String, _ city: City.Access, _ ledger: Ledger) async throws {
            let client = try client(officer, city, timeout: .seconds(10))
            defer { client.close() }
            var number = 0
            while !ledger.isStopped {
                number += 1
                let envelope = try client.sealed(
                    filing(officer, number), target: try UUIDv7.make(), expectedVersion: 0)
                do {
                    let answer = try await client.execute(envelope)
                    ledger.answered(envelope, answer)
                } catch {
                    ledger.open(envelope)
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
        }

        @Test("every acknowledged command is present once, no half command")
        func killNine() async throws {
            let city = try City()
            try city.start()
            let (ledger, access) = (Ledger(), city.access)
            let checkers = try clients(access)
            let seed = UInt64.random(in: 0...UInt64.max)
            var random = SplitMix64(seed: seed)
            let began = Date()
            let verifier = try ReceiptVerifier(authorityPath: access.authority)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for officer in Self.officers {
                    group.addTask { try await file(as: officer, access, ledger) }
                }
                var kills = 0
                // On a starved machine little is acknowledged between two kills; then there are more of them.
                while kills < Self.kills
                    || ledger.all.answered.count <= Self.kills && kills < 20 * Self.kills
                {
                    kills += 1
                    try await Task.sleep(for: .milliseconds(Int(random.next() % 250) + 50))
                    let before = ledger.all.answered.suffix(Self.officers.count)
                    city.kill()
                    try city.start()
                    for entry in before { try await checkRepeated(entry, checkers, verifier) }
                }
                try await Task.sleep(for: .milliseconds(200))
                ledger.stop()
                try await group.waitForAll()
            }
            city.kill()
            try city.start()
            try await check(ledger.all, city)
            print(
                "kill -9: \(Self.kills) kills, \(ledger.all.answered.count) acknowledged, \(ledger.all.open.count) open, "
                    + "seed \(seed), \(Int(Date().timeIntervalSince(began))) s")
        }

        private func clients(_ access: City.Access) throws -> [String: TwoListsClient] {
            try Dictionary(
                uniqueKeysWithValues: Self.officers.map {
                    ($0, try client($0, access, timeout: .seconds(20)))
                })
        }

        /// Sent again, an acknowledged command gets the same answer in every field; only its proof is newer. Both receipts hold.
        private func checkRepeated(
            _ entry: Ledger.Entry, _ clients: [String: TwoListsClient], _ verifier: ReceiptVerifier
        ) async throws {
            let officer = try Envelope(decoding: entry.envelope.envelope).officer
            var again = try await #require(clients[officer]).execute(entry.envelope)
            #expect(again.repeated, "an acknowledged command was not there: \(entry.answer)")
            for receipt in [entry.answer.receipt, again.receipt] {
                let receipt = try #require(receipt)
                #expect(throws: Never.self) {
                    try verifier.verify(receipt, envelope: entry.envelope.envelope)
                }
            }
            again.repeated = entry.answer.repeated
            again.receipt = entry.answer.receipt
            #expect(again == entry.answer, "the answer has changed")
        }

        private func check(_ state: Ledger.State, _ city: City) async throws {
            #expect(state.answered.count > Self.kills, "too few acknowledged to mean anything")
            let clients = try clients(city.access)
            let verifier = try ReceiptVerifier(authorityPath: city.access.authority)
            func owner(_ envelope: SignedEnvelope) throws -> TwoListsClient {
                try #require(clients[try Envelope(decoding: envelope.envelope).officer])
            }
            for entry in state.answered { try await checkRepeated(entry, clients, verifier) }
            for envelope in state.open { _ = try await owner(envelope).execute(envelope) }
            for client in clients.values { client.close() }
            #expect(city.stop() == 0)
            try checkStore(city, filings: state.answered.count + state.open.count)
        }

        /// The store itself, without the server: whole, and each filing once.
        private func checkStore(_ city: City, filings: Int) throws {
            let data = city.folder.file("data")
            #expect(try City.run("twolists-server", ["verify", "--data", data]).contains("nothing is wrong"))
            let dump = try City.run("twolists-server", ["dump", "--data", data])
            let records = dump.split(separator: "\n").filter { $0.contains(" submit_request by ") }
            #expect(records.count == filings, "records in the journal and filings sent do not agree")
            #expect(!dump.contains("示例联系人") && !dump.contains("道路破损"))
        }
    }
}
