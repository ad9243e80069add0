import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// A killed server leaves its writes to the kernel, which keeps them; only a power cut loses what was never synced. So what the
    /// kernel was asked for is read from a trace of the server's calls.
    @Suite("DESIGN.md 8: what is acknowledged was synced by the kernel")
    struct SyscallTests {
        private static let filings = 5

        @Test("every group written to the journal is synced before the next, keys too, and HEAD at the end")
        func syncs() throws {
            let strace = try requireTool("strace")
            let city = try City()
            let trace = city.folder.file("trace")
            // -D: the process that was started is the server, not the tracer.
            try city.start(
                under: [
                    strace, "-D", "-f", "-qq", "-y", "-e", "signal=none", "-e",
                    "trace=pwrite64,fdatasync,write", "-o", trace,
                ])
            for _ in 0..<Self.filings { _ = try city.request() }
            #expect(city.stop() == 0)
            let calls = try calls(trace)
            let journal = calls.filter { $0.file.hasSuffix(".tlj") && $0.file.hasPrefix("journal-") }
            #expect(journal.count { $0.isSync } >= Self.filings)
            #expect(journal.last?.isSync == true)
            for (call, next) in zip(journal, journal.dropFirst()) where !call.isSync {
                #expect(next.isSync, "a group was written behind one that was not synced")
            }
            let keys = calls.filter { $0.file == "subjects.tlk" }
            #expect(keys.count { $0.isSync } >= Self.filings)
            #expect(keys.last?.isSync == true)
            // The stop closes the journal, which syncs HEAD, before it says that everything is on disc.
            let stopping = try #require(calls.firstIndex { $0.text.contains("\"stopping: ") })
            let stopped = try #require(calls.firstIndex { $0.text.contains("\"stopped; ") })
            #expect(calls[stopping..<stopped].contains { $0.isSync && $0.file == "HEAD" })
        }

        /// A call that succeeded: a sync stands where it returned, a write where it began.
        private struct Call {
            var isSync: Bool
            /// The last component of the file's path.
            var file: String
            var text: String
        }

        /// The trace once the tracer has seen the end of the server.
        private func calls(_ trace: String) throws -> [Call] {
            var lines: [Substring] = []
            for _ in 0..<1_000 {
                lines = String(decoding: try Data(contentsOf: URL(fileURLWithPath: trace)), as: UTF8.self)
                    .split(separator: "\n")
                if lines.contains(where: { $0.contains("+++ exited") }) { break }
                usleep(10_000)
            }
            var begun: [Substring: Call] = [:]
            return lines.compactMap { line in
                let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
                guard let thread = words.first, let text = words.last else { return nil }
                return call(thread, text.drop { $0 == " " }, &begun)
            }
        }

        private func call(_ thread: Substring, _ text: Substring, _ begun: inout [Substring: Call]) -> Call? {
            if text.hasPrefix("<... ") {
                guard let call = begun.removeValue(forKey: thread), call.isSync, text.hasSuffix(" = 0") else {
                    return nil
                }
                return call
            }
            guard let open = text.firstIndex(of: "<"), let close = text[open...].firstIndex(of: ">") else {
                return nil
            }
            let path = text[text.index(after: open)..<close]
            let call = Call(
                isSync: text.hasPrefix("fdatasync("), file: String(path.split(separator: "/").last ?? ""),
                text: String(text))
            if text.hasSuffix("<unfinished ...>") {
                begun[thread] = call
                return call.isSync ? nil : call
            }
            return !call.isSync || text.hasSuffix(" = 0") ? call : nil
        }
    }
}
