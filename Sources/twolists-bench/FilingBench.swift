import Foundation
import Glibc

extension EchoBench {
    /// Durable filing at 8 × 32 in flight, beside the physical limit of doing it one by one: a write and fdatasync of one
    /// 4 KiB page at a time into a file zeroed before, on the same disk, in the same rounds.
    func filing() throws {
        var best: [String: Double] = [:]
        var sequential = 0.0
        for _ in 0..<rounds {
            let folder = try freshFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            sequential = max(sequential, try SequentialSync.rate(folder, seconds: seconds))
            let result = try filingRound(folder)
            if (result["per_second"] ?? 0) > (best["per_second"] ?? 0) { best = result }
        }
        emit([("bench", "filing"), ("shape", "8x32"), ("who", "twolists")] + flat(best))
        emit([("bench", "filing"), ("who", "fdatasync_one_by_one"), ("per_second", sequential)])
        emit([("bench", "filing"), ("ratio_to_sequential_fdatasync", (best["per_second"] ?? 0) / sequential)])
    }

    private func freshFolder() throws -> String {
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
                "--seconds", "\(seconds)",
            ], cpu: 1)
        defer { client.stop() }
        return JSONLine.numbers(try client.line())
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
