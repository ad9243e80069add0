import Crypto
import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// Forty chunks go through a gate that lets k of them and half of the next pass; then client, server or both are killed, and what comes after is counted.
    @Suite("BATCH.md 7: client and server killed at every chunk of forty")
    struct BatchKillTests {
        enum Killed: String, CaseIterable {
            case client, server, both
        }

        struct Point: CustomStringConvertible {
            let killed: Killed
            /// Chunks that are acknowledged when it happens.
            let chunk: Int
            var description: String { "\(killed) at \(chunk)" }
        }

        static let all = Killed.allCases.flatMap { killed in
            (0...Forty.chunks).map { Point(killed: killed, chunk: $0) }
        }

        /// All with TWOLISTS_SOAK=1, or those of TWOLISTS_KILLED=client, server or both; else a tenth, the first and the last chunk among them.
        static func points() -> [Point] {
            let chosen = ProcessInfo.processInfo.environment["TWOLISTS_KILLED"].flatMap(Killed.init)
            if let chosen { return all.filter { $0.killed == chosen } }
            guard ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] != "1" else { return all }
            let typed = ProcessInfo.processInfo.environment["TWOLISTS_SEED"].flatMap { UInt64($0) }
            let seed = typed ?? .random(in: 1...9_999)
            print(
                "batch killed at a tenth of \(all.count) points: TWOLISTS_SEED=\(seed), TWOLISTS_SOAK=1 for all"
            )
            var random = SplitMix64(seed: seed)
            let ends = [Point(killed: .client, chunk: Forty.chunks), Point(killed: .both, chunk: 0)]
            return ends + all.shuffled(using: &random).prefix(all.count / 10 - ends.count)
        }

        @Test("what was acknowledged is never sent again, and the register is that of an undisturbed run")
        func killedAtEveryChunk() throws {
            let forty = try Forty()
            let undisturbed = try forty.undisturbed()
            let points = Self.points()
            var again = 0
            for (place, point) in points.enumerated() {
                again += try forty.run(point, period: Forty.firstYear + 1 + place)
                let found = try forty.outcome(period: Forty.firstYear + 1 + place)
                #expect(found == undisturbed, "\(point)")
            }
            print(
                "batch killed: \(points.count) points, \(again) bytes more than the chunks that were missing")
            try forty.end()
        }
    }

    /// A city, and one table of forty full chunks that is sent again and again, each time for another year: a list of its own every time, of the same rows.
    private final class Forty {
        static let chunks = 40
        static let rowsOfChunk = 106
        static let firstYear = 1950
        /// Seconds: ten megabytes are checked twice, in a debug build on a machine that others work on.
        private static let patience = 10 * City.patience

        private let city: City
        private let gate: Gate
        private let table: String
        private let rows = chunks * rowsOfChunk
        /// Of one chunk, as it lies in PutChunk; told by the first batch.
        private var chunkBytes = 0

        /// What is left of a batch: equal for equal rows, wherever they were broken off.
        struct Outcome: Hashable {
            /// SHA-256 of its manifest: the content's address.
            var manifest: String
            /// The root of the register's tree for its year.
            var root: String
            /// SHA-256 of the table that is fetched.
            var fetched: [UInt8]
        }

        init() throws {
            city = try City()
            try city.start()
            gate = try Gate(to: city.access.port)
            try city.setServer("127.0.0.1:\(gate.port)", inProfile: city.access.profile("k7f2"))
            table = city.folder.file("优待.csv")
            try Data(Self.text(rows).utf8).write(to: URL(fileURLWithPath: table))
        }

        /// Rows of one length, so that every chunk has as many.
        private static func text(_ rows: Int) -> String {
            let (content, remark) = (String(repeating: "优待", count: 250), String(repeating: "备注", count: 100))
            let place = String(repeating: "示例地址", count: 25)
            let lines = (0..<rows).map { row in
                "示例优待\(String(10_000 + row)),示例商家,曾都区,\(content),全体,\(place),\(remark)"
            }
            return (["优待项目,提供单位,县(市、区),优待内容,优待对象,地址,备注"] + lines).joined(separator: "\r\n") + "\r\n"
        }

        deinit { gate.close() }

        func end() throws {
            gate.close()
            #expect(city.stop() == 0)
            expect(try city.verify(), exits: 0)
        }

        // MARK: a batch and what is left of it

        private func number(_ period: Int) -> String { "offer-\(period)" }

        private func client(_ period: Int) throws -> (child: Child, terminal: Terminal) {
            let terminal = try Terminal()
            let child = try Child(
                [
                    try Programs.path("twolists"), "--profile", city.access.profile("k7f2"), "batch", "send",
                    table, "--period", "\(period)", "--number", number(period), "--timeout", "120",
                ], output: city.folder.file("out"), errors: terminal.path)
            return (child, terminal)
        }

        func undisturbed() throws -> Outcome {
            let (child, terminal) = try client(Self.firstYear)
            #expect(child.wait(Self.patience) == 0, "\(child.outputText)\(terminal.text)")
            #expect(terminal.text.contains(" \(Self.chunks)/\(Self.chunks) 块"))
            let view = try city.json("b1a1", ["batch", "show", number(Self.firstYear)])
            chunkBytes = try #require(view["bytes"] as? Int) / Self.chunks + 4 * Self.rowsOfChunk
            #expect((200_000...262_144).contains(chunkBytes))
            return try outcome(period: Self.firstYear)
        }

        func outcome(period: Int) throws -> Outcome {
            let view = try city.json("b1a1", ["batch", "show", number(period)])
            #expect(view["stage"] as? String == "done" && view["added"] as? Int == rows)
            #expect(view["rows"] as? Int == rows && view["good_rows"] as? Int == rows)
            let asked = #"{"kind": "offer", "period": "\#(period)"}"#
            let told = try city.run("b1a1", ["call", "twolists.v1.Batches/Compare", "-d", asked])
            let nodes = try JSONSerialization.jsonObject(with: Data(told.utf8)) as? [String: Any]
            let root = try #require((nodes?["nodes"] as? [[String: Any]])?.first)
            let fetched = city.folder.file("fetched-\(period).csv")
            try city.run("b1a1", ["batch", "fetch", number(period), fetched])
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: fetched)))
            try FileManager.default.removeItem(atPath: fetched)
            return Outcome(
                manifest: try manifest(number(period)), root: try #require(root["sha256"] as? String),
                fetched: Digest(of: bytes).bytes)
        }

        /// Of the page that the client keeps of the batch.
        private func manifest(_ number: String) throws -> String {
            let folder = city.folder.file("certs/officers/k7f2.batches")
            for name in try FileManager.default.contentsOfDirectory(atPath: folder)
            where name.hasSuffix(".batch") {
                let lines = try String(contentsOfFile: folder + "/" + name, encoding: .utf8).split(
                    separator: "\n")
                if lines.contains("number = \(number)"),
                    let line = lines.first(where: { $0.hasPrefix("manifest") })
                {
                    return String(line)
                }
            }
            throw City.Failed(text: "no page of \(number)")
        }

        // MARK: one point

        /// Sends, kills at the point, goes on.
        /// - Returns: how many bytes more than the missing chunks have went to the server behind the kill.
        func run(_ point: BatchKillTests.Point, period: Int) throws -> Int {
            try waitFor("an empty shelf") { try chunksOnDisc() == 0 }
            let half = chunkBytes / 2
            // The last chunk is followed by the manifest once it is acknowledged: nothing but its answer is held back until no more of the client passes.
            let isLast = point.chunk == Self.chunks
            gate.cut(
                limit: isLast ? .max : point.chunk * chunkBytes + half,
                answersStopAt: isLast ? point.chunk * chunkBytes - half : .max)
            let (child, terminal) = try client(period)
            try waitFor("\(point): on disc") { try chunksOnDisc() == point.chunk }
            if !isLast {
                try waitFor("\(point): half a chunk more") { gate.carried >= point.chunk * chunkBytes + half }
            }
            gate.freeze()
            try waitFor("\(point): acknowledged") {
                point.chunk == 0 || terminal.text.contains(" \(point.chunk)/\(Self.chunks) 块")
            }
            #expect(try chunksOnDisc() == point.chunk && child.status == nil, "\(point)")
            return try goOn(point, period, child, terminal)
        }

        private func goOn(
            _ point: BatchKillTests.Point, _ period: Int, _ child: Child, _ terminal: Terminal
        ) throws -> Int {
            if point.killed != .server { child.slay() }
            if point.killed != .client { city.kill() }
            gate.cut()
            if point.killed != .client { try city.start() }
            let (last, drawn) = point.killed == .server ? (child, terminal) : try client(period)
            let status = last.wait(Self.patience)
            #expect(status == 0, "\(point): \(last.outputText)\(drawn.text)")
            #expect(last.outputText.contains("✓ 已入库：\(number(period))"), "\(point): \(last.outputText)")
            let goesOn = "续传：已有 \(point.chunk)/\(Self.chunks) 块"
            #expect(
                drawn.text.contains(goesOn) == (point.killed != .server && point.chunk > 0),
                "\(point): \(drawn.text)")
            let missing = (Self.chunks - point.chunk) * chunkBytes
            // One chunk more would be twice as much.
            #expect((missing..<missing + chunkBytes / 2).contains(gate.carried), "\(point): \(gate.carried)")
            return gate.carried - missing
        }

        private func chunksOnDisc() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: city.data + "/chunks")
                .filter { !$0.hasPrefix("put-") && !$0.hasSuffix("m") }.count
        }

        private func waitFor(_ what: String, _ isThere: () throws -> Bool) throws {
            let end = Date(timeIntervalSinceNow: Self.patience)
            while Date() < end {
                if try isThere() { return }
                usleep(2_000)
            }
            throw City.Failed(text: "waited in vain: \(what)")
        }
    }
}
