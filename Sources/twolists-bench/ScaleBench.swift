import Bureau
import Crypto
import Exchange
import Foundation
import Schema
import Wire

/// `scale --requests N --cases N`: what a state of many years costs: memory, lists near and far, a search, a view, a year's report, a day on
/// which everything falls due, the state's hash, a snapshot. One JSON line each; times are this thread's processor time.
///
/// `longest_step_us` stands beside `EngineLimits.turnBudget`: the engine does one step of each job before it looks at commands again.
struct ScaleBench {
    private var town: ScaleTown
    private let seeds: [SeedCommand]
    private let seal: ScaleSeal
    private let requests: Int
    private let cases: Int

    /// Days from an assignment for thirty working days until the ladder's last step has been taken.
    private static let daysOfLadder = 80
    /// Pages before the far one; a city of a million requests has twice as many.
    private static let farPage = 10_000

    static func run(_ options: Options) throws {
        var bench = try ScaleBench(options)
        try bench.build()
        for officer in ["b1s2", "u7l1"] { try bench.listRequests(officer) }
        try bench.listCases()
        try bench.look()
        try bench.report()
        try bench.roundTrip()
        try bench.duesOfOneDay()
    }

    private init(_ options: Options) throws {
        requests = options.count("requests", 1_000_000)
        cases = options.count("cases", 100_000)
        seeds = try FilingServer.seedFiles(options.text("seeds") ?? "seeds")
        seal = try ScaleSeal()
        town = try ScaleTown(seeds: seeds, seal: seal)
    }

    private func line(_ part: String, _ pairs: [(String, any Sendable)], _ times: StepTimes? = nil) {
        var all: [(String, any Sendable)] = [("bench", "scale"), ("part", part)]
        all += pairs
        all += times?.pairs ?? []
        Output.line(JSONLine.text(all))
    }

    // MARK: Memory

    private mutating func build() throws {
        let empty = ResidentMemory.bytes
        try town.work(requests: requests)
        let (filed, texts) = (ResidentMemory.bytes, town.textBytes)
        try town.work(cases: cases)
        let all = ResidentMemory.bytes
        line(
            "memory",
            [
                ("requests", town.state.requests.count), ("cases", town.state.cases.count),
                ("changes", town.state.changes.rows.count), ("resident_bytes", all),
                ("bytes_a_request", (filed - empty) / max(1, requests)),
                ("text_bytes_a_request", texts / max(1, requests)),
                ("bytes_a_case", (all - filed) / max(1, cases)),
                ("text_bytes_a_case", (town.textBytes - texts) / max(1, cases)),
                ("commands", town.commands),
                ("command_us", Double(town.times.total) / 1e3 / Double(town.commands)),
                ("longest_command_us", Double(town.times.longest) / 1e3),
            ])
    }

    // MARK: Lists

    /// The first page, and one far behind it as whoever turned the pages up to there is given it.
    private func listRequests(_ officer: String) throws {
        let near = try page(ListRequestsQuery(), officer)
        var query = ListRequestsQuery()
        var (number, last) = (1, near.page)
        while number < Self.farPage, !last.nextCursor.isEmpty {
            query.cursor = last.nextCursor
            last = try page(query, officer).page
            number += 1
        }
        for (number, query) in [(1, ListRequestsQuery()), (number, query)] {
            let found = try page(query, officer)
            line(
                "requests",
                [
                    ("officer", officer), ("page", number), ("rows", found.page.requests.count),
                    ("looked", try looked(query, officer)),
                ], found.times)
        }
    }

    private func page(_ query: ListRequestsQuery, _ officer: String) throws -> (
        page: RequestPage, times: StepTimes
    ) {
        var times = StepTimes()
        var listing = try times.measure { try begun(query, officer) }
        while true {
            let page = times.measure {
                listing.step(town.state, budget: EngineLimits.scanStep) ? encoded(listing) : nil
            }
            if let page { return (page, times) }
        }
    }

    private func encoded(_ listing: RequestListing) -> RequestPage {
        let page = listing.page(town.state)
        _ = page.encoded()
        return page
    }

    private func begun(_ query: ListRequestsQuery, _ officer: String) throws -> RequestListing {
        try RequestListing(query, for: try town.viewer(officer), in: town.state, today: town.today)
    }

    /// Requests looked at for a page: steps of one each, the last of which only sees that it is done.
    private func looked(_ query: ListRequestsQuery, _ officer: String) throws -> Int {
        var (listing, steps) = (try begun(query, officer), 0)
        while !listing.step(town.state, budget: 1) { steps += 1 }
        return steps
    }

    private func listCases() throws {
        var query = ListCasesQuery()
        for number in 1...Self.farPage {
            var times = StepTimes()
            var listing = try CaseListing(query, for: try town.viewer("b1s2"), in: town.state)
            while !times.measure({ listing.step(town.state, budget: EngineLimits.scanStep) }) {}
            let page = times.measure { listing.page(town.state) }
            if number == 1 || page.nextCursor.isEmpty || number == Self.farPage {
                line("cases", [("page", number), ("rows", page.cases.count)], times)
            }
            if page.nextCursor.isEmpty { return }
            query.cursor = page.nextCursor
        }
    }

    /// What nothing leads to but looking at everything.
    private func look() throws {
        for officer in ["b1s2", "u7l1"] {
            let late = try page(ListRequestsQuery(pageSize: 50, view: .late), officer)
            line("late", [("officer", officer), ("rows", late.page.requests.count)], late.times)
            let none = try page(ListRequestsQuery(search: "没有这样的词"), officer)
            line("search", [("officer", officer), ("rows", none.page.requests.count)], none.times)
        }
    }

    // MARK: Report

    private func report() throws {
        let year = town.today.year
        guard let from = CivilDay(year: year, month: 1, day: 1),
            let to = CivilDay(year: year, month: 12, day: 31), let period = Period(from: from, to: to)
        else { throw BenchError("no year \(year)") }
        var (scan, times) = (FigureScan(period, for: try town.viewer("b1s2"), in: town.state), StepTimes())
        while !(try times.measure { try scan.step(town.state, budget: EngineLimits.figureStep) }) {}
        let view = times.measure { scan.view(town.state) }
        line("report", [("year", year), ("rows", view.requests.count + view.cases.count)], times)
    }

    // MARK: Hash and snapshot

    /// The state's hash; then the same years as a snapshot's maker builds them, written, and read again.
    private mutating func roundTrip() throws {
        var times = StepTimes()
        let hash = try times.measure { try StateHash.of(town.state) }
        line("hash", [], times)
        town = try ScaleTown(seeds: seeds, seal: seal, aside: true)
        try town.work(requests: requests)
        try town.work(cases: cases)
        let path = FileManager.default.temporaryDirectory.path + "/scale-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        times = StepTimes()
        let bytes = try times.measure { try write(to: path) }
        line("snapshot-write", [("bytes", bytes)], times)
        town = try ScaleTown(seeds: [], seal: seal)
        times = StepTimes()
        let again = try times.measure { try read(path) }
        line("snapshot-read", [("same_hash", try StateHash.of(again) == hash)], times)
    }

    private func write(to path: String) throws -> Int {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw BenchError("cannot write \(path)") }
        defer { try? file.close() }
        var bytes = 0
        var out = CompactWriter { piece in
            bytes += piece.count
            try file.write(contentsOf: Data(piece))
        }
        try town.state.write(to: &out)
        try out.flush()
        return bytes
    }

    private func read(_ path: String) throws -> State {
        guard let file = FileHandle(forReadingAtPath: path) else { throw BenchError("cannot read \(path)") }
        defer { try? file.close() }
        var input = CompactReader {
            guard let piece = try file.read(upToCount: CompactWriter.pieceBytes), !piece.isEmpty else {
                return nil
            }
            return [UInt8](piece)
        }
        let opening = SnapshotOpening.opened { [seal] _, place, sealed in try seal.open(sealed, at: place) }
        return try State(snapshot: &input, opening)
    }

    // MARK: One day

    /// As many requests again, all assigned with one deadline; the days until all stand in red, and a start on the last of them.
    private mutating func duesOfOneDay() throws {
        town = try ScaleTown(seeds: seeds, seal: seal)
        try town.assignAll(requests, workingDays: 30)
        for _ in 0..<Self.daysOfLadder {
            town.pass(to: town.today.adding(days: 1))
            let (times, marks, most) = slices()
            if marks > 0 {
                line("dues", [("day", town.today.text), ("marks", marks), ("most", most)], times)
            }
        }
        town.forgetTime()
        let (times, marks, _) = slices()
        line("sweep", [("looked", requests), ("marks", marks)], times)
    }

    private mutating func slices() -> (times: StepTimes, marks: Int, most: Int) {
        var (times, marks, most) = (StepTimes(), 0, 0)
        while town.isTimeDue() {
            let slice = times.measure { town.keepSlice() }
            marks += slice
            most = max(most, slice)
        }
        return (times, marks, most)
    }
}
