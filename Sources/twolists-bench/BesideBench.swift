import Foundation

extension EchoBench {
    /// Casework beside batches: filings at a fixed rate, each timed from when it was due, without and with a niced process that sends one batch of `--rows`
    /// rows after the other for the whole window. Rounds alternate on one server, so that a noisy minute hits both alike; what is compared are the medians of
    /// the rounds.
    func beside() throws {
        let folder = try freshFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let rows = options.count("rows", 71_000)
        for edition in 0..<BatchLoad.editions {
            try BatchTown(rows: rows, edition: edition).write(to: BatchLoad.path(folder, edition))
        }
        let server = try Child(
            ownPath,
            [
                "filing-server", "--certs", certs, "--data", folder + "/store", "--seeds",
                options.text("seeds") ?? "seeds",
            ],
            cpu: nil)
        defer { server.stop() }
        _ = try listening(server)
        for rate in (options.text("rates") ?? "500,2000").split(separator: ",").compactMap({ Double($0) }) {
            try beside(server, folder, rate)
        }
    }

    private func beside(_ server: Child, _ folder: String, _ rate: Double) throws {
        var results: [Bool: [[String: Double]]] = [:]
        for round in 1...rounds {
            for withBatch in round % 2 == 1 ? [false, true] : [true, false] {
                let result = try besideRound(server, folder, rate, withBatch: withBatch)
                results[withBatch, default: []].append(result)
                emit(
                    [
                        ("bench", "beside"), ("rate", rate), ("round", round),
                        ("batches", withBatch ? 1 : 0),
                    ] + flat(result))
            }
        }
        for name in ["p50_us", "p99_us", "p999_us", "max_us"] {
            func median(_ withBatch: Bool) -> Double {
                let all = (results[withBatch] ?? []).compactMap { $0[name] }.sorted()
                return all.isEmpty ? 0 : all[all.count / 2]
            }
            let (alone, beside) = (median(false), median(true))
            emit([
                ("bench", "beside"), ("rate", rate), ("figure", name), ("without", alone), ("with", beside),
                ("ratio", alone > 0 ? beside / alone : 0),
            ])
        }
    }

    private func besideRound(_ server: Child, _ folder: String, _ rate: Double, withBatch: Bool) throws
        -> [String: Double]
    {
        let window = options.number("window", 6)
        let isIdle = options.text("sender") == "idle"
        let sender =
            withBatch
            ? try Child(
                isIdle ? "/usr/bin/chrt" : "/usr/bin/nice",
                (isIdle ? ["--idle", "0"] : ["-n", "\(options.count("sender-nice", 10))"]) + [
                    ownPath, "batch-sender", "--port",
                    "\(server.port)",
                    "--certs", certs, "--folder", folder, "--seeds", options.text("seeds") ?? "seeds",
                    // Longer than the filing: its warm-up, and its start.
                    "--seconds", "\(window + 1.5)",
                ], cpu: nil) : nil
        defer { sender?.stop() }
        // The first chunk is on its way.
        if let sender { _ = try sender.line() }
        let before = ProcessorTime.now
        let filing = try Child(
            ownPath,
            [
                "filing-client", "--port", "\(server.port)", "--certs", certs, "--connections", "8",
                "--inflight", "64",
                "--seconds", "\(window)", "--rate", "\(rate)",
            ], cpu: nil)
        defer { filing.stop() }
        var result = JSONLine.numbers(try filing.line())
        result["stolen_percent"] = ProcessorTime.now.stolen(since: before)
        if let sender {
            let sent = JSONLine.numbers(try sender.line())
            for (name, value) in sent { result["batch_" + name] = value }
        }
        return result
    }
}
