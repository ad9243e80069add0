// Runs our server and client beside the bare C program (Tests/Peers/limit.c), each pair on the same two processors: the
// server on the first, the client on the second. Rounds are interleaved, so that a noisy minute hits all alike; of each
// kind the best round counts.

import CLinux
import Foundation

struct EchoBench {
    /// Who is measured.
    private enum Peer: String, CaseIterable {
        case twolists
        case limit
        case limitSingle = "limit_single"
        case reference
        case referenceSingle = "reference_single"
        var isSingle: Bool { self == .limitSingle || self == .referenceSingle }
    }

    let options: Options
    let certs: String
    private let limit: String
    private let reference: String?
    private let output: FileHandle?
    let rounds: Int
    let seconds: Double

    init(_ options: Options) throws {
        self.options = options
        rounds = max(options.count("rounds", 3), 1)
        seconds = options.number("seconds", 2)
        let peers = options.text("peers") ?? "Tests/Peers"
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("twolists-bench").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        certs = folder + "/certs"
        try? FileManager.default.removeItem(atPath: certs)
        try Child.run("/bin/bash", [peers + "/certs.sh", certs])
        limit = folder + "/limit"
        try Child.run("/usr/bin/env", ["cc", "-O2", "-o", limit, peers + "/limit.c", "-lssl", "-lcrypto"])
        let source = options.text("reference") ?? "../shared/bench/limit.c"
        if FileManager.default.fileExists(atPath: source) {
            let built = folder + "/reference"
            try Child.run("/usr/bin/env", ["cc", "-O2", "-w", "-o", built, source, "-lssl", "-lcrypto"])
            reference = built
        } else {
            reference = nil
        }
        if let path = options.text("output") {
            if !FileManager.default.fileExists(atPath: path) {
                _ = FileManager.default.createFile(atPath: path, contents: nil)
            }
            output = FileHandle(forWritingAtPath: path)
            _ = try output?.seekToEnd()
        } else {
            output = nil
        }
    }

    private var peers: [Peer] {
        Peer.allCases.filter { reference != nil || ($0 != .reference && $0 != .referenceSingle) }
    }

    func emit(_ pairs: [(String, any Sendable)]) {
        let line = JSONLine.text(pairs)
        Output.line(line)
        output?.write(Data((line + "\n").utf8))
    }

    // MARK: Benchmarks

    func echo() throws {
        for (connections, inflight) in [(1, 1), (1, 64), (8, 32)] {
            let shape = "\(connections)x\(inflight)"
            let best = try bestOf(peers, by: "per_second") { peer, port in
                try unary(peer, port, connections, inflight)
            }
            report("echo", shape, best)
            let ours = best[.twolists] ?? [:]
            emit([
                ("bench", "echo"), ("shape", shape),
                ("ratio_to_limit", ratio(ours, best[.limit], "per_second")),
                ("ratio_to_limit_single", ratio(ours, best[.limitSingle], "per_second")),
                ("p50_ratio_to_limit", ratio(ours, best[.limit], "p50_us")),
                ("limit_to_reference", ratio(best[.limit], best[.reference], "per_second")),
                (
                    "limit_single_to_reference",
                    ratio(best[.limitSingle], best[.referenceSingle], "per_second")
                ),
            ])
            if connections == 8 { try openLoop(at: (ours["per_second"] ?? 0) / 2) }
        }
    }

    /// Open loop at half of what the closed loop reached: latency at a load that can be borne.
    private func openLoop(at rate: Double) throws {
        guard rate > 0 else { return }
        let server = try start(.twolists)
        defer { server.stop() }
        let result = try client(
            .twolists, server.port,
            ["--mode", "unary", "--connections", "8", "--inflight", "512", "--rate", "\(rate)"], seconds)
        emit([("bench", "echo_open_loop"), ("rate", rate), ("who", "twolists")] + flat(result))
    }

    func stream() throws {
        let messages = options.count("messages", 10_000)
        let best = try bestOf(peers.filter { !$0.isSingle }, by: "megabytes_per_second") { peer, port in
            switch peer {
            case .twolists: try client(peer, port, ["--mode", "stream", "--messages", "\(messages)"], nil)
            case .reference: try word(peer, port, ["stream"], ["\(messages)"])
            default: try word(peer, port, ["stream"], ["\(messages)"])
            }
        }
        report("stream", "64KiB", best)
        emit([
            ("bench", "stream"),
            ("ratio_to_limit", ratio(best[.twolists], best[.limit], "megabytes_per_second")),
        ])
    }

    func handshakes() throws {
        // The reference program can lose a wake-up in this mode, so it is left out.
        let best = try bestOf([.twolists, .limit], by: "per_second") { peer, port in
            peer == .twolists
                ? try client(peer, port, ["--mode", "handshakes", "--connections", "8"], seconds)
                : try word(peer, port, ["handshakes"], ["8", "\(seconds)"])
        }
        report("handshakes", "8", best)
        emit([
            ("bench", "handshakes"), ("ratio_to_limit", ratio(best[.twolists], best[.limit], "per_second")),
        ])
    }

    /// Resident memory of the server, per connection.
    func idle() throws {
        let count = options.count("connections", 500)
        var each: [Peer: Double] = [:]
        for peer in [Peer.twolists, .limit] {
            let server = try start(peer)
            defer { server.stop() }
            // A few connections first, so that what is made once is not counted.
            _ = try hold(peer, server, 20)
            let before = Double(clinux_resident_bytes(server.process.processIdentifier))
            let after = try hold(peer, server, count)
            each[peer] = (after - before) / Double(count) / 1024
            emit([
                ("bench", "idle"), ("who", peer.rawValue), ("connections", count),
                ("kib_each", each[peer] ?? 0),
            ])
        }
        emit([("bench", "idle"), ("ratio_to_limit", (each[.twolists] ?? 0) / (each[.limit] ?? 1))])
    }

    /// Resident bytes of the server while so many connections are idle.
    private func hold(_ peer: Peer, _ server: Child, _ count: Int) throws -> Double {
        let child =
            peer == .twolists
            ? try Child(
                ownPath,
                ownClient(server.port, ["--mode", "idle", "--connections", "\(count)"]) + [
                    "--seconds", "600",
                ],
                cpu: 1)
            : try Child(limit, ["idle", "\(server.port)", certs, "\(count)", "600"], cpu: 1)
        defer { child.stop() }
        _ = try child.line()
        Thread.sleep(forTimeInterval: 6)  // two sweeps of the idle memory
        return Double(clinux_resident_bytes(server.process.processIdentifier))
    }

    // MARK: Running

    private func bestOf(
        _ peers: [Peer], by key: String, _ run: (Peer, Int) throws -> [String: Double]
    ) throws -> [Peer: [String: Double]] {
        var best: [Peer: [String: Double]] = [:]
        for _ in 0..<rounds {
            for peer in peers {
                let server = try start(peer)
                defer { server.stop() }
                let result = try run(peer, server.port)
                if (result[key] ?? 0) > (best[peer]?[key] ?? 0) { best[peer] = result }
            }
        }
        return best
    }

    private func unary(_ peer: Peer, _ port: Int, _ connections: Int, _ inflight: Int) throws -> [String:
        Double]
    {
        let shape = ["\(connections)", "\(inflight)", "\(seconds)"]
        if peer == .twolists {
            return try client(
                peer, port, ["--mode", "unary", "--connections", shape[0], "--inflight", shape[1]], seconds)
        }
        return try word(peer, port, ["unary"], shape)
    }

    var ownPath: String { ProcessInfo.processInfo.arguments[0] }

    private func ownClient(_ port: Int, _ words: [String]) -> [String] {
        ["echo-client", "--port", "\(port)", "--certs", certs] + words
    }

    private func client(_ peer: Peer, _ port: Int, _ words: [String], _ seconds: Double?) throws -> [String:
        Double]
    {
        let time = seconds.map { ["--seconds", "\($0)"] } ?? []
        let child = try Child(ownPath, ownClient(port, words) + time, cpu: 1)
        defer { child.stop() }
        return JSONLine.numbers(try child.line())
    }

    /// A client of one of the C programs.
    private func word(_ peer: Peer, _ port: Int, _ mode: [String], _ numbers: [String]) throws -> [String:
        Double]
    {
        let isReference = peer == .reference || peer == .referenceSingle
        var words = mode + ["\(port)", certs] + (isReference ? ["tls"] : []) + numbers
        if peer == .limitSingle { words.append("single") }
        let child = try Child(
            isReference ? reference ?? limit : limit, words, cpu: 1, single: peer == .referenceSingle)
        defer { child.stop() }
        let line = try child.line()
        return isReference ? equals(line) : JSONLine.numbers(line)
    }

    /// `ops=1 rate=2 p50us=3`, the reference program's output.
    private func equals(_ line: String) -> [String: Double] {
        let names = [
            "ops": "calls", "rate": "per_second", "p50us": "p50_us", "p99us": "p99_us",
            "MBps": "megabytes_per_second",
        ]
        var found: [String: Double] = [:]
        for part in line.split(separator: " ") {
            let pair = part.split(separator: "=")
            if pair.count == 2, let name = names[String(pair[0])] { found[name] = Double(pair[1]) }
        }
        return found
    }

    private func start(_ peer: Peer) throws -> Child {
        switch peer {
        case .twolists:
            return try listening(Child(ownPath, ["echo-server", "--certs", certs], cpu: 0))
        case .limit: return try listening(Child(limit, ["server", "0", certs], cpu: 0))
        case .limitSingle: return try listening(Child(limit, ["server", "0", certs, "single"], cpu: 0))
        case .reference, .referenceSingle:
            let port = Int.random(in: 20_000..<30_000)
            let child = try Child(
                reference ?? limit, ["server", "\(port)", certs, "tls", "1"], cpu: 0,
                single: peer == .referenceSingle)
            child.port = port
            Thread.sleep(forTimeInterval: 0.3)
            return child
        }
    }

    func listening(_ child: Child) throws -> Child {
        child.port = Int(JSONLine.numbers(try child.line())["listening"] ?? 0)
        return child
    }

    // MARK: Output

    private func report(_ bench: String, _ shape: String, _ results: [Peer: [String: Double]]) {
        for peer in Peer.allCases {
            guard let result = results[peer] else { continue }
            emit([("bench", bench), ("shape", shape), ("who", peer.rawValue)] + flat(result))
        }
    }

    func flat(_ result: [String: Double]) -> [(String, any Sendable)] {
        result.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private func ratio(_ one: [String: Double]?, _ other: [String: Double]?, _ key: String) -> Double {
        guard let a = one?[key], let b = other?[key], b > 0 else { return 0 }
        return a / b
    }
}

/// A process of the benchmark, pinned to a processor unless `cpu` is nil.
final class Child {
    let process = Process()
    var port = 0
    private let pipe = Pipe()

    /// `single`: the reference program's way to be told one record a message.
    init(_ path: String, _ words: [String], cpu: Int?, single: Bool = false) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let pinned = cpu.map { clinux_processors() > 1 ? ["taskset", "-c", "\($0)"] : [] } ?? []
        process.arguments = (single ? ["NOBATCH=1"] : []) + pinned + [path] + words
        process.standardOutput = pipe
        try process.run()
    }

    /// The next line of output.
    func line() throws -> String {
        var bytes: [UInt8] = []
        while let byte = try pipe.fileHandleForReading.read(upToCount: 1)?.first {
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        throw BenchError("\(process.arguments?.joined(separator: " ") ?? "a process") ended without a result")
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Runs to the end.
    static func run(_ path: String, _ words: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = words
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchError("\(path) \(words.joined(separator: " ")) failed")
        }
    }
}
