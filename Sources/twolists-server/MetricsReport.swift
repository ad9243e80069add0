import Bureau
import CLinux
import Crypto
import Glibc
import Journal
import Manual
import Metrics
import RPC
import Schema

/// The page of figures: what server and bureau count, and what only this program knows. Made on the endpoint's thread, which may wait for a disk.
struct MetricsReport: Sendable {
    let bureau: Bureau
    let program: Reloader
    let storage: FileStorage
    let keys: any Storage
    let startedAt = clinux_wall_ns()

    /// Nil without `--metrics`: an open port is for those who ask for it, and two servers on one machine would fight over a fixed one.
    static func start(
        _ options: Options, _ server: Server, _ bureau: Bureau, _ program: Reloader
    ) throws -> MetricsEndpoint? {
        guard let text = options["--metrics"] else { return nil }
        let address: LoopbackAddress
        do throws(LoopbackAddress.Wrong) { address = try LoopbackAddress(text) } catch {
            throw Options.Wrong(description: "--metrics \(error)")
        }
        let report = MetricsReport(
            bureau: bureau, program: program, storage: try FileStorage(path: options.required("--data")),
            keys: try StoreFiles.keys(options))
        return try MetricsEndpoint(address, gather: { server.figures($0) }, render: { report.page($0) })
    }

    /// The address is judged before anything is opened.
    static func check(_ options: Options) throws(Options.Wrong) {
        guard let text = options["--metrics"] else { return }
        do throws(LoopbackAddress.Wrong) { _ = try LoopbackAddress(text) } catch {
            throw Options.Wrong(description: "--metrics \(error)")
        }
    }

    func page(_ figures: ServerFigures) -> [UInt8] {
        var page = MetricPage()
        figures.tell(&page)
        bureau.tell(&page)
        tellExpiries(&page)
        tellDisk(&page)
        tellSnapshots(&page)
        tellProcess(&page)
        return page.bytes
    }

    private func tellExpiries(_ page: inout MetricPage) {
        let now = program.time.seconds
        let name = "twolists_certificate_days_left"
        page.family(
            name, .gauge,
            "Whole days until a certificate, or a revocation list, ends; the first one of a name and use."
        ) { page in
            // The earliest of a name first: of equal series the first counts.
            for expiry in program.expiries.sorted(by: { $0.ends < $1.ends }) {
                page.sample(
                    name, [("use", Self.word(expiry.use)), ("name", expiry.name)], expiry.days(at: now))
            }
        }
    }

    private static func word(_ use: Expiry.Use) -> String {
        switch use {
        case .server: "server"
        case .journal: "journal"
        case .authority: "authority"
        case .revocationList: "revocation_list"
        }
    }

    private func tellDisk(_ page: inout MetricPage) {
        let name = "twolists_disk_free_bytes"
        page.family(name, .gauge, "Bytes left where the data and the keys lie; absent: it cannot be told.") {
            page in
            if let left = try? storage.spaceLeft() { page.sample(name, [("directory", "data")], left) }
            if let left = try? keys.spaceLeft() { page.sample(name, [("directory", "keys")], left) }
        }
    }

    private func tellSnapshots(_ page: inout MetricPage) {
        let names = (try? SnapshotFile.names(storage)) ?? []
        let ages = names.compactMap { Self.age("\(storage.path)/\($0)") }
        page.single("twolists_snapshots", .gauge, "Snapshots that lie beside the journal.", names.count)
        let name = "twolists_snapshot_age_seconds"
        page.family(
            name, .gauge, "Seconds since the oldest and the newest snapshot were made; absent: there is none."
        ) { page in
            if let oldest = ages.max() { page.sample(name, [("which", "oldest")], oldest) }
            if let newest = ages.min() { page.sample(name, [("which", "newest")], newest) }
        }
    }

    /// Seconds since a file was written; nil: it is gone.
    private static func age(_ path: String) -> Int64? {
        var info = Glibc.stat()
        guard stat(path, &info) == 0 else { return nil }
        return max(0, UTCTime.now() - Int64(info.st_mtim.tv_sec))
    }

    private func tellProcess(_ page: inout MetricPage) {
        page.family("twolists_build_info", .gauge, "Always 1; release and schema are its labels.") {
            $0.sample(
                "twolists_build_info",
                [
                    ("version", Release.version),
                    ("schema", Hex.encode(Array(SchemaCatalogue.fingerprint.prefix(8)))),
                ], 1)
        }
        page.single(
            "process_start_time_seconds", .gauge, "When the process started, seconds since 1970.",
            Double(startedAt / 1_000_000) / 1_000)
        page.single(
            "process_cpu_seconds_total", .counter, "Processor time of the process.",
            Double(clinux_cpu_ns()) / 1e9)
        page.single(
            "process_resident_memory_bytes", .gauge, "Memory of the process that is in use.",
            max(0, clinux_resident_bytes(0)))
        if let open = Self.openFiles() {
            page.single("process_open_fds", .gauge, "Open files and sockets of the process.", open)
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            page.single(
                "process_max_fds", .gauge, "Files and sockets the process may have open.",
                UInt64(limit.rlim_cur))
        }
    }

    private static func openFiles() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return max(0, count - 3)  // itself, . and ..
    }
}
