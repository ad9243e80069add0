import Foundation
import Schema
import Synchronization
import TestSupport
import Testing
import TwoListsClient
import Wire

extension RealPrograms {
    /// The operator restarts the server in working hours.
    @Suite("DESIGN.md 7 a restart costs latency, never an error")
    struct RestartTests {
        private static let restarts = ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] == nil ? 5 : 50

        /// What officers at terminals got: each line's exit code and words.
        private final class Terminal: Sendable {
            private let state = Mutex((ended: [Ended](), isStopped: false, isOver: false))
            var ended: [Ended] { state.withLock { $0.ended } }
            var isOver: Bool { state.withLock { $0.isOver } }
            func stop() { state.withLock { $0.isStopped = true } }

            /// One command after the other, on a thread of its own.
            func begin(_ profile: String) {
                Thread.detachNewThread { [self] in
                    while !state.withLock({ $0.isStopped }) {
                        let words = ["--profile", profile] + City.submission() + ["--timeout", "60"]
                        guard let ended = try? City.attempt("twolists", words) else { break }
                        state.withLock { $0.ended.append(ended) }
                    }
                    state.withLock { $0.isOver = true }
                }
            }
        }

        @Test("SIGTERM and start under load: library users and commands get answers, each command once")
        func restart() async throws {
            let city = try City()
            try city.start()
            let callers = Callers(city.access, timeout: .seconds(60))
            let terminal = Terminal()
            async let load: Void = callers.run()
            terminal.begin(city.access.profile("d5e1"))
            for _ in 0..<Self.restarts {
                let before = callers.now.filed.count
                try await city.until("nobody files") { callers.now.filed.count > before + 5 }
                #expect(city.stop() == 0, "\(city.log)")
                try city.start()
            }
            try await city.until("no command ended") { terminal.ended.count > 1 }
            callers.stop()
            terminal.stop()
            try await load
            try await city.until("the terminal's last command") { terminal.isOver }
            let tally = callers.now
            #expect(tally.failures.isEmpty, "\(tally.failures.prefix(5))")
            for ended in terminal.ended where ended.status != 0 { Issue.record("\(ended.everything)") }
            try await checkOnce(tally, city)
            #expect(city.stop() == 0)
            let dump = try City.run("twolists-server", ["dump", "--data", city.data])
            let records = dump.split(separator: "\n").filter { $0.contains(" submit_request by ") }
            #expect(records.count == tally.filed.count + terminal.ended.count)
            expect(try city.verify(), exits: 0, saying: "verified: nothing is wrong")
            print(
                "\(Self.restarts) restarts: \(tally.filed.count) filed, \(tally.reads) read, "
                    + "\(terminal.ended.count) commands, none failed")
        }

        /// Sent again, every command is known and has the answer it had.
        private func checkOnce(_ tally: Callers.Tally, _ city: City) async throws {
            var clients: [String: TwoListsClient] = [:]
            for officer in Callers.officers { clients[officer] = try Callers.client(officer, city.access) }
            for (envelope, answer) in tally.filed {
                let officer = try Envelope(decoding: envelope.envelope).officer
                var again = try await #require(clients[officer]).execute(envelope)
                #expect(again.repeated)
                again.repeated = answer.repeated
                // Of a newer checkpoint.
                #expect(again.receipt != nil && answer.receipt != nil)
                again.receipt = answer.receipt
                #expect(again == answer)
            }
            for client in clients.values { client.close() }
        }
    }
}
