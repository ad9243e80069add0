import CLinux
import Exchange
import Foundation
import Office
import Schema

/// `batch`: a register of 71,000 dossiers from a GB18030 file, read, checked and packed into chunks; and again of a million rows, which may take no more
/// working memory. Each size runs in a process of its own, whose peak is then its own. With `--profile` the file is also sent by `twolists` to a running
/// server, from the command to DONE; with `--server-pid` what that server holds before and at its peak is told.
enum BatchBench {
    static func run(_ options: Options) throws {
        let rows = options.count("rows", 71_000)
        try measure(rows, options)
        if options.text("profile") == nil { try measure(options.count("large", 1_000_000), options) }
    }

    private static func measure(_ rows: Int, _ options: Options) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/twolists-bench-batch-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/dossier-\(rows).csv"
        try BatchTown(rows: rows).write(to: path)
        let words = ["batch-check", "--file", path, "--seeds", options.text("seeds") ?? "seeds"]
        for _ in 0..<options.count("rounds", 3) {
            Output.line(try output(of: "/proc/self/exe", words))
        }
        guard let profile = options.text("profile") else { return }
        try send(path, rows, profile, options)
    }

    /// In a process of its own: one line.
    static func check(_ options: Options) throws {
        let path = options.text("file") ?? ""
        let kinds: BatchKinds
        do throws(FileError) { kinds = try BatchKinds.seeds(options.text("seeds") ?? "seeds") } catch {
            throw BenchError(error.text(.en))
        }
        guard let kind = kinds.kind("dossier") else { throw BenchError("no kind dossier") }
        let (idle, began, cpu) = (try memory("VmRSS"), clinux_monotonic_ns(), StepTimes.now())
        let file = try BatchFile.open(path)
        let batch = try PreparedBatch(try file.chunks(kind, lists: kinds.lists))
        let (ended, used) = (clinux_monotonic_ns(), StepTimes.now())
        guard batch.report.isSound else { throw BenchError("the file has \(batch.report.errorCount) faults") }
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        Output.line(
            JSONLine.text([
                ("bench", "batch"), ("rows", Int(clamping: batch.report.totals.rows)), ("file_bytes", size),
                ("canonical_bytes", Int(clamping: batch.report.totals.bytes)),
                ("chunks", batch.manifest.chunks.count), ("read_again_to_send", batch.held == nil ? 1 : 0),
                ("parse_check_chunk_s", Double(ended - began) / 1e9), ("cpu_s", Double(used - cpu) / 1e9),
                ("idle_kib", idle), ("peak_kib", try memory("VmHWM")),
            ]))
    }

    private static func send(_ path: String, _ rows: Int, _ profile: String, _ options: Options) throws {
        let server = options.count("server-pid", 0)
        let before = server > 0 ? try memory("VmRSS", of: server) : 0
        let cpuBefore = server > 0 ? try processorTime(server) : 0
        let client = options.text("client") ?? "twolists"
        let began = clinux_monotonic_ns()
        _ = try output(
            of: client, ["batch", "send", path, "--profile", profile, "--json", "--timeout", "600"])
        var pairs: [(String, any Sendable)] = [
            ("bench", "batch-send"), ("rows", rows),
            ("file_to_done_s", Double(clinux_monotonic_ns() - began) / 1e9),
        ]
        if server > 0 {
            pairs += [
                ("server_before_kib", before), ("server_after_kib", try memory("VmRSS", of: server)),
                ("server_peak_kib", try memory("VmHWM", of: server)),
                ("server_cpu_s", try processorTime(server) - cpuBefore),
            ]
        }
        Output.line(JSONLine.text(pairs))
    }

    private static func output(of program: String, _ words: [String]) throws -> String {
        let (process, pipe) = (Process(), Pipe())
        let own =
            program == "/proc/self/exe"
            ? try FileManager.default.destinationOfSymbolicLink(atPath: program) : program
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [own] + words
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchError("\(own) \(words.joined(separator: " ")) ended with \(process.terminationStatus)")
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// KiB of a line of /proc/PID/status.
    private static func memory(_ word: String, of process: Int? = nil) throws -> Int {
        let text = try String(
            contentsOfFile: "/proc/\(process.map { "\($0)" } ?? "self")/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix(word + ":") }
        return line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
    }

    /// Seconds of processor time that a process has used.
    private static func processorTime(_ process: Int) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            return 0
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
