import Bureau
import CLinux
import Crypto
import Exchange
import Foundation
import Journal

/// `cold-start`: how long a server takes from its files to its first call, by full replay and from a snapshot with a tail of a tenth of
/// a percent; and what making the snapshot takes. Every command is a filing with a key of its own, the dearest kind to replay.
enum ColdStartBench {
    private static let batch = 256

    static func run(_ options: Options) throws {
        let commands = options.count("commands", 1_000_000)
        let folder =
            (options.text("data") ?? FileManager.default.temporaryDirectory.path)
            + "/cold-start-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let seeds = options.text("seeds") ?? "seeds"
        try file(commands, in: try FilingServer.store(folder + "/store", seeds: seeds))
        let storage = try FileStorage(path: folder + "/store")
        let keys = try FileStorage(path: folder + "/store/keys")
        let made = try seconds {
            _ = try Snapshots.make(storage, keys: keys, upTo: try Journal.acknowledged(storage))
        }
        try file(max(1, commands / 1_000), in: try opened(storage, keys, snapshots: true))
        let full = try start(storage, keys, snapshots: false)
        let short = try start(storage, keys, snapshots: true)
        guard full.hash == short.hash, short.begins, !full.begins else {
            throw BenchError("the two starts gave different states")
        }
        let name = try SnapshotFile.names(storage).first ?? ""
        let size = try FileManager.default.attributesOfItem(atPath: folder + "/store/" + name)[.size] as? Int
        Output.line(
            JSONLine.text([
                ("bench", "cold-start"), ("commands", commands), ("replay_seconds", full.seconds),
                ("snapshot_seconds", short.seconds), ("ratio", full.seconds / short.seconds),
                ("make_seconds", made), ("snapshot_bytes", size ?? 0),
            ]))
    }

    private static func opened(_ storage: FileStorage, _ keys: FileStorage, snapshots: Bool) throws -> Store {
        try Store.open(
            storage, keys: keys, options: JournalOptions(city: "421300"), snapshots: snapshots)
    }

    private static func start(_ storage: FileStorage, _ keys: FileStorage, snapshots: Bool) throws -> (
        seconds: Double, hash: String, begins: Bool
    ) {
        let began = clinux_monotonic_ns()
        let store = try opened(storage, keys, snapshots: snapshots)
        let took = Double(clinux_monotonic_ns() - began) / 1e9
        store.log.startManually(onOutcome: { _ in }, onFatal: { _ in _exit(74) })
        store.log.close()
        return (took, try StateHash.of(store.state).hex, store.snapshot != nil)
    }

    private static func file(_ commands: Int, in store: Store) throws {
        let engine = store.engine(admission: Admission(), handle: EngineHandle())
        store.log.startManually(onOutcome: engine.outcomeReceiver(), onFatal: { _ in _exit(74) })
        let desk = FilingDesk(receipts: false)
        var left = commands
        while left > 0 {
            let inputs = try (0..<min(batch, left)).map { _ in
                EngineInput.command(try CoreBench.read(desk.envelope()))
            }
            engine.turn(inputs)
            store.log.step()
            left -= inputs.count
        }
        store.log.close()
    }

    private static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let began = clinux_monotonic_ns()
        try body()
        return Double(clinux_monotonic_ns() - began) / 1e9
    }
}
