import CLinux
import Foundation

/// `transfer`: a register of 71,000 dossiers from a GB18030 file to durable, checked and done, by the programs people run, and again of a million; what client and
/// server take for it. Each size has a city of its own.
///
/// A server holds its registers for good, so they are told apart from what the batch took: `register_bytes_a_row` is what the server holds when it has started anew
/// on the same store, over what it held when it was empty; `server_working_kib` is the peak beside the batch over what it holds anew.
enum TransferBench {
    static func run(_ options: Options) throws {
        for rows in [options.count("rows", 71_000), options.count("large", 1_000_000)] where rows > 0 {
            let city = try City(options)
            defer { city.remove() }
            let path = city.folder + "/dossier-\(rows).csv"
            try BatchTown(rows: rows).write(to: path)
            let result = try measure(city, path)
            let grown = result.anew - result.idle
            Output.line(
                JSONLine.text([
                    ("bench", "transfer"), ("rows", rows), ("file_to_done_s", result.seconds),
                    ("client_peak_kib", result.client), ("server_idle_kib", result.idle),
                    ("server_peak_kib", result.peak), ("server_above_idle_kib", result.peak - result.idle),
                    ("server_anew_kib", result.anew), ("server_working_kib", result.peak - result.anew),
                    ("register_bytes_a_row", Double(grown * 1_024) / Double(rows)),
                ]))
        }
    }

    private struct Result {
        var seconds = 0.0
        /// KiB.
        var client = 0
        var idle = 0
        var peak = 0
        var anew = 0
    }

    private static func measure(_ city: City, _ path: String) throws -> Result {
        var result = Result()
        try city.start()
        defer { city.stop() }
        result.idle = try ProcessMemory.kib("VmRSS", of: city.server)
        try ProcessMemory.forgetPeak(of: city.server)
        let began = clinux_monotonic_ns()
        result.client = try city.send(path)
        result.seconds = Double(clinux_monotonic_ns() - began) / 1e9
        result.peak = try ProcessMemory.kib("VmHWM", of: city.server)
        city.stop()
        try city.start()
        result.anew = try ProcessMemory.kib("VmRSS", of: city.server)
        return result
    }
}

/// KiB of a line of /proc/PID/status.
enum ProcessMemory {
    static func kib(_ word: String, of process: Int32? = nil) throws -> Int {
        let path = "/proc/\(process.map { "\($0)" } ?? "self")/status"
        let line = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            .first { $0.hasPrefix(word + ":") }
        return line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
    }

    /// VmHWM begins anew: a start reads a segment whole, which would hide what comes after it.
    static func forgetPeak(of process: Int32) throws {
        guard let file = FileHandle(forWritingAtPath: "/proc/\(process)/clear_refs") else {
            throw BenchError("the peak of process \(process) cannot be reset")
        }
        defer { try? file.close() }
        try file.write(contentsOf: Data("5".utf8))
    }
}

/// A city of its own from the seeds, with certificates made for it, served by the programs beside this one.
private final class City {
    let folder: String
    private let programs: String
    private let seeds: String
    private var process = Process()
    private static let officer = "k7f2"

    init(_ options: Options) throws {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        programs = options.text("programs") ?? (own as NSString).deletingLastPathComponent
        seeds = options.text("seeds") ?? "seeds"
        folder =
            (options.text("data") ?? FileManager.default.temporaryDirectory.path)
            + "/twolists-bench-transfer-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Child.run(programs + "/twolists", ["ca", "dev", folder + "/certs"])
        try Child.run(
            programs + "/twolists-server", ["init", "--data", data, "--seeds", seeds] + signing)
    }

    var server: Int32 { process.processIdentifier }
    private var data: String { folder + "/data" }
    private var signing: [String] {
        [
            "--journal-certificate", folder + "/certs/journal/journal.crt", "--journal-key",
            folder + "/certs/journal/journal.key",
        ]
    }

    /// Serves, its registers built; the officer's profile says where.
    func start() throws {
        let (process, pipe, certs) = (Process(), Pipe(), folder + "/certs")
        process.executableURL = URL(fileURLWithPath: programs + "/twolists-server")
        process.arguments =
            [
                "run", "--data", data, "--port", "0", "--certificate", certs + "/server/server.crt",
                "--key", certs + "/server/server.key", "--ca", certs + "/ca/ca.crt", "--crl",
                certs + "/ca/ca.crl",
            ] + signing
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        self.process = process
        var text = ""
        while !text.contains("\nready"), !text.hasPrefix("ready") || !text.hasSuffix("\n") {
            let piece = pipe.fileHandleForReading.availableData
            guard !piece.isEmpty else { throw BenchError("the server ended: \(text)") }
            text += String(decoding: piece, as: UTF8.self)
        }
        pipe.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
        let line = text.split(separator: "\n").last { $0.hasPrefix("ready") } ?? ""
        try enter("127.0.0.1:\(line.split(separator: ":").last ?? "")")
        let none = folder + "/none.csv"
        // Asked of the batches' thread, which answers when the registers are built.
        try Child.run(
            programs + "/twolists",
            ["batch", "export", "dossier", none, "--since", "999999999", "--profile", profile])
        try FileManager.default.removeItem(atPath: none)
    }

    private var profile: String { folder + "/certs/officers/\(Self.officer).profile" }

    private func enter(_ address: String) throws {
        let lines = try String(contentsOfFile: profile, encoding: .utf8).split(separator: "\n")
        let entered = lines.map { $0.hasPrefix("server ") ? "server = \(address)" : String($0) }
        try (entered.joined(separator: "\n") + "\n").write(
            toFile: profile, atomically: true, encoding: .utf8)
    }

    /// From the command to DONE.
    ///
    /// - Returns: KiB that the client took at most, looked at while it runs.
    func send(_ path: String) throws -> Int {
        let client = Process()
        client.executableURL = URL(fileURLWithPath: programs + "/twolists")
        client.arguments = ["batch", "send", path, "--profile", profile, "--json", "--timeout", "600"]
        (client.standardOutput, client.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        try client.run()
        var peak = 0
        while client.isRunning {
            if let now = try? ProcessMemory.kib("VmHWM", of: client.processIdentifier) {
                peak = max(peak, now)
            }
            usleep(Self.lookEvery)
        }
        guard client.terminationStatus == 0 else {
            throw BenchError("twolists batch send ended with \(client.terminationStatus)")
        }
        return peak
    }

    /// µs between two looks at a client's memory; the last one may miss what it takes while it ends.
    private static let lookEvery: UInt32 = 5_000

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
