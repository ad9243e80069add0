import Foundation
import Glibc

extension EchoBench {
    /// Durable filing at 8 × 32 in flight, beside the physical limit of doing it one by one: a write and fdatasync of one
    /// 4 KiB page at a time into a file zeroed before, on the same disk, in the same rounds. Filing is bound by the processors, the
    /// sequence of syncs is not, so each round tells how much of them other guests of the machine took.
    func filing() throws {
        var best: [String: Double] = [:]
        var sequential = 0.0
        for round in 1...rounds {
            let folder = try freshFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let syncs = try SequentialSync.rate(folder, seconds: seconds)
            sequential = max(sequential, syncs)
            let before = ProcessorTime.now
            let result = try filingRound(folder)
            let filed = result["per_second"] ?? 0
            emit([
                ("bench", "filing"), ("round", round), ("per_second", filed), ("fdatasync_per_second", syncs),
                ("ratio", filed / syncs), ("stolen_percent", ProcessorTime.now.stolen(since: before)),
            ])
            if filed > (best["per_second"] ?? 0) { best = result }
        }
        emit([("bench", "filing"), ("shape", "8x32"), ("who", "twolists")] + flat(best))
        emit([("bench", "filing"), ("who", "fdatasync_one_by_one"), ("per_second", sequential)])
        emit([("bench", "filing"), ("ratio_to_sequential_fdatasync", (best["per_second"] ?? 0) / sequential)])
    }

    func freshFolder() throws -> String {
        let folder =
            (options.text("data") ?? FileManager.default.temporaryDirectory.path)
            + "/filing-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    private func filingRound(_ folder: String) throws -> [String: Double] {
        let server = try Child(
            ownPath,
            [
                "filing-server", "--certs", certs, "--data", folder + "/store", "--seeds",
                options.text("seeds") ?? "seeds", "--engine-cpu", "\(0)",
            ],
            cpu: nil)
        defer { server.stop() }
        _ = try listening(server)
        let client = try Child(
            ownPath,
            [
                "filing-client", "--port", "\(server.port)", "--certs", certs, "--connections", "8",
                "--inflight", "32",
                "--seconds", "\(seconds)", "--receipts", "\(options.count("receipts", 1))",
            ], cpu: 1)
        defer { client.stop() }
        return JSONLine.numbers(try client.line())
    }
}

/// The processors' time since the machine's start, in ticks (proc(5), the first line of /proc/stat).
struct ProcessorTime {
    var ticks: [Double] = []

    static var now: ProcessorTime {
        let text = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
        let line = text.prefix { $0 != "\n" }
        let words = line.split(separator: " ").dropFirst().prefix(8)
        return ProcessorTime(ticks: words.compactMap { Double($0) })
    }

    /// What the hypervisor gave to others, of all; 0 where the system does not tell.
    func stolen(since before: ProcessorTime) -> Double {
        guard ticks.count == 8, before.ticks.count == 8 else { return 0 }
        let passed = zip(ticks, before.ticks).map { $0 - $1 }
        let all = passed.reduce(0, +)
        return all > 0 ? 100 * passed[7] / all : 0
    }
}

/// The rate of one durable page after the other.
enum SequentialSync {
    static func rate(_ folder: String, seconds: Double) throws -> Double {
        let page = 4096
        let size = 64 << 20
        let descriptor = open(folder + "/sequential", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw BenchError("cannot write in \(folder)") }
        defer { close(descriptor) }
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        for offset in stride(from: 0, to: size, by: zeros.count) {
            pwrite(descriptor, zeros, zeros.count, off_t(offset))
        }
        fsync(descriptor)
        let bytes = [UInt8](repeating: 0x41, count: page)
        let began = Date()
        var count = 0
        while Date().timeIntervalSince(began) < seconds {
            pwrite(descriptor, bytes, page, off_t(count * page % size))
            guard fdatasync(descriptor) == 0 else { throw BenchError("fdatasync failed in \(folder)") }
            count += 1
        }
        return Double(count) / Date().timeIntervalSince(began)
    }
}
