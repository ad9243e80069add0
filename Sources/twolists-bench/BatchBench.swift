import CLinux
import Exchange
import Foundation
import Office
import Schema

/// `batch`: a register of 71,000 dossiers from a GB18030 file, read, checked and packed into chunks; and again of a million rows, which may take no more
/// working memory. With `--form xlsx` the same tables as workbooks. Each size runs in a process of its own, whose peak is then its own.
enum BatchBench {
    static func run(_ options: Options) throws {
        try measure(options.count("rows", 71_000), options)
        try measure(options.count("large", 1_000_000), options)
    }

    private static func measure(_ rows: Int, _ options: Options) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/twolists-bench-batch-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let isWorkbook = options.text("form") == "xlsx"
        let path = folder + "/dossier-\(rows)." + (isWorkbook ? "xlsx" : "csv")
        let town = BatchTown(rows: rows)
        try isWorkbook ? BatchWorkbook.write(town, to: path) : town.write(to: path)
        let words = ["batch-check", "--file", path, "--seeds", options.text("seeds") ?? "seeds"]
        for _ in 0..<options.count("rounds", 3) {
            Output.line(try output(words))
        }
    }

    /// In a process of its own: one line.
    static func check(_ options: Options) throws {
        let path = options.text("file") ?? ""
        let kinds: BatchKinds
        do throws(FileError) { kinds = try BatchKinds.seeds(options.text("seeds") ?? "seeds") } catch {
            throw BenchError(error.text(.en))
        }
        guard let kind = kinds.kind("dossier") else { throw BenchError("no kind dossier") }
        let (idle, began, cpu) = (try ProcessMemory.kib("VmRSS"), clinux_monotonic_ns(), StepTimes.now())
        let file = try BatchFile.open(path)
        let batch = try PreparedBatch(try file.chunks(kind, lists: kinds.lists), hold: file.heldBytes)
        let (ended, used) = (clinux_monotonic_ns(), StepTimes.now())
        guard batch.report.isSound else { throw BenchError("the file has \(batch.report.errorCount) faults") }
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        Output.line(
            JSONLine.text([
                ("bench", "batch"), ("rows", Int(clamping: batch.report.totals.rows)), ("file_bytes", size),
                ("canonical_bytes", Int(clamping: batch.report.totals.bytes)),
                ("chunks", batch.manifest.chunks.count), ("read_again_to_send", batch.held == nil ? 1 : 0),
                ("parse_check_chunk_s", Double(ended - began) / 1e9), ("cpu_s", Double(used - cpu) / 1e9),
                ("idle_kib", idle), ("peak_kib", try ProcessMemory.kib("VmHWM")),
            ]))
    }

    /// Of this program, run once more.
    private static func output(_ words: [String]) throws -> String {
        let (process, pipe) = (Process(), Pipe())
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: own)
        process.arguments = words
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchError("\(own) \(words.joined(separator: " ")) ended with \(process.terminationStatus)")
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
