import Foundation
import RPC
import Synchronization
import TestSupport
import Testing
import Wire

/// The Python client at a server whose limits are short: what a server does after a time, without memory, or when it goes.
@Suite("PROTOCOL.md 11 by the Python client: the lines that take time", .timeLimit(.minutes(5)))
struct PatienceTests {
    private static let python = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("python")

    /// Runs cases against a server; what it printed, and what the server's log says.
    private func run(
        _ more: [String], _ change: (inout ServerConfiguration) -> Void
    ) async throws -> (printed: [String], log: [String]) {
        let interpreter = try requirePythonProtobuf()
        try requireTool("protoc")
        let log = Mutex<[String]>([])
        let house = try InteropHouse(change) { _, line in log.withLock { $0.append(line.text) } }
        let script = Self.python.appendingPathComponent("conformance.py").path
        let words = [script, "--sets", "patience"] + house.arguments + more
        // On a thread of its own: half a minute of waiting on one of the pool's few would starve every other test.
        let run = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                let result = Result { try runProcess(interpreter, words, timeout: 200) }
                house.server.stop(graceful: false)
                continuation.resume(with: result)
            }
        }
        #expect(run.status == 0, "\(run.outputText)\(run.errorText)")
        return (run.outputText.split(separator: "\n").map(String.init), log.withLock { $0 })
    }

    @Test("U3, U15, U26, U43, U49, U55: times and memory")
    func times() async throws {
        let budget = 8 << 20
        let only = ["U3", "U15", "U26", "U43", "U49", "U55"]
        let (printed, log) = try await run(["--budget", "\(budget)", "--stall", "6", "--only"] + only) {
            $0.memoryBudgetBytes = budget
            $0.handshakeTimeout = 3 * .second
            $0.limits.frameTimeout = 1 * .second
            $0.limits.keepaliveInterval = 2 * .second
            $0.limits.keepaliveTimeout = 2 * .second
            $0.limits.writeStallTimeout = 1 * .second
            $0.limits.idleTimeout = 6 * .second
        }
        #expect(printed == only.map { "\($0): ok" } + ["6 of 6"])
        let ends: [ConnectionEnd] = [.helloTimeout, .frameTimeout, .keepaliveTimeout, .writeStalled, .idle]
        for end in ends {
            #expect(log.contains { $0.contains("ended: \(end.description);") }, "\(end): \(log)")
        }
    }

    @Test("U47: a Request after the final GOAWAY")
    func drain() async throws {
        let (printed, log) = try await run(["--only", "U47"]) { $0.limits.maxAge = 2 * .second }
        #expect(printed == ["U47: ok", "1 of 1"])
        #expect(log.contains { $0.contains("ended: \(ConnectionEnd.drained.description);") }, "\(log)")
    }

    @Test("U16: the log tells a peer that was cut off from one that closed")
    func cut() async throws {
        let (printed, log) = try await run(["--sets", "unexpected", "--only", "U16"]) { _ in }
        #expect(printed.first == "U16: ok" && printed.last == "1 of 1", "\(printed)")
        for end in [ConnectionEnd.closedByPeer(clean: false), .closedByPeer(clean: true)] {
            #expect(log.count { $0.contains("ended: \(end.description);") } == 1, "\(end): \(log)")
        }
    }

    @Test(
        "every line of the chapter is a case of the Python client, or it says why it is not one for a client")
    func everyLine() throws {
        var lines: Set<Int> = []
        for name in ["unexpected.py", "unexpected_streams.py", "patience.py"] {
            let text = try String(contentsOf: Self.python.appendingPathComponent(name), encoding: .utf8)
            for match in text.matches(of: /def u(\d+)\(|"U(\d+)": "/) {
                lines.insert(try #require((match.output.1 ?? match.output.2).flatMap { Int($0) }))
            }
        }
        #expect(lines == Set(1...56))
    }
}
