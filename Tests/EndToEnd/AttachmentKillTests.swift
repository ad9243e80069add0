import Foundation
import TestSupport
import Testing

extension RealPrograms {
    @Suite("ATTACHMENT.md with the real programs: of a case, on a full disk, and killed on the way")
    struct AttachmentKillTests {
        private static let chunk = 262_144
        private static let bytes = 5 * chunk + 1_000

        /// A PDF that no compression makes smaller.
        private func scan(_ city: City, _ name: String) throws -> String {
            var random = SplitMix64(seed: UInt64(name.utf8.count))
            return try city.folder.write(name, Array("%PDF-1.7 ".utf8) + random.bytes(Self.bytes - 9))
        }

        private func family(_ city: City) throws -> String {
            let words = [
                "case", "file", "--rank-band", "officer-middle", "--years-band", "8-12", "--merit",
                "third-battle", "--hardship", "border", "--approval-organ", "brigade", "--name", "示例家属",
                "--id-number", "11010519491231002X", "--schooling", "bachelor", "--profession",
                "civil-servant", "--wish", "希望在市区对口安置",
            ]
            return try #require(try city.json("u7l1", words)["target"] as? String)
        }

        /// None where the batches' thread, which makes the folder, has not come to it.
        private func chunks(_ city: City) throws -> [String] {
            let folder = city.data + "/chunks"
            guard FileManager.default.fileExists(atPath: folder) else { return [] }
            return try FileManager.default.contentsOfDirectory(atPath: folder)
        }

        @Test(
            "case attach, case fetch: with its kind, seen by who handles it, every look in the trail, gone with the case"
        )
        func ofCase() throws {
            let city = try City()
            try city.start()
            let key = try family(city)
            let path = try scan(city, "结婚证.pdf")
            expect(
                try city.attempt("u7l1", ["case", "attach", key, path]), exits: 2,
                saying: "缺少必填项：--kind(材料种类)")
            expect(
                try city.attempt("u7l1", ["case", "attach", key, path, "--kind", "结婚证"]), exits: 0,
                saying: "附上扫描件：已办成")
            expect(
                try city.attempt("u7l1", ["case", "attach", key, path, "--kind", "marriage"]), exits: 11,
                saying: "已经附在本事项上(附件1)")
            try city.run("b1s2", ["case", "review", key, "--handler", "department/421300-HR"])
            for officer in ["u7l1", "b1a1", "d5h2"] {
                expect(
                    try city.attempt(officer, ["case", "show", key]), exits: 0, saying: "附件1", "结婚证.pdf",
                    "1.3 MiB 结婚证")
                let got = city.folder.file("got-\(officer).pdf")
                expect(
                    try city.attempt(officer, ["case", "fetch", key, "1", got]), exits: 0, saying: "已取回并核对",
                    "\(Self.bytes) 字节")
                #expect(FileManager.default.contentsEqual(atPath: got, andPath: path))
                expect(try city.attempt(officer, ["case", "fetch", key, "1", got]), exits: 11, saying: "不覆盖")
            }
            expect(try city.attempt("u2l4", ["case", "fetch", key, "1"]), exits: 5, saying: "没有找到")
            expect(try city.attempt("b1a1", ["case", "fetch", key, "2"]), exits: 2, saying: "没有这个序号的附件")
            let trail = try city.run("b1u5", ["audit", "list", "--all"])
            #expect(trail.components(separatedBy: "取回附件").count > 3, "\(trail)")
            #expect(city.stop() == 0)
            expect(try city.verify(), exits: 0)
        }

        /// A line of the shell around the program: no file may grow beyond so many bytes, as on a full disk.
        private func confined(_ city: City, _ officer: String, _ words: [String], blocks: Int) throws -> Ended
        {
            let folder = try TemporaryDirectory("confined")
            let line = "trap '' XFSZ; ulimit -f \(blocks); exec \"$@\""
            let child = try Child(
                [
                    "/bin/bash", "-c", line, "twolists", try Programs.path("twolists"), "--profile",
                    city.access.profile(officer),
                ] + words,
                output: folder.file("out"), errors: folder.file("err"))
            let status = child.wait(City.patience)
            return Ended(status: status ?? -1, outputText: child.outputText, errorText: child.errorText)
        }

        @Test(
            "no room on the clerk's disk: told, nothing of the file is left, nothing was sent, and with room it goes"
        )
        func full() throws {
            let city = try City()
            try city.start()
            let key = try city.request()
            let path = try scan(city, "现场照片.pdf")
            // Of 1,024 bytes each: less than a chunk.
            expect(
                try confined(city, "u7l1", ["request", "attach", key, path], blocks: 200), exits: 11,
                saying: "写文件")
            let outbox = city.folder.file("certs/officers/u7l1.outbox")
            let left = (try? FileManager.default.contentsOfDirectory(atPath: outbox)) ?? []
            // What was seen of matters is kept there, too.
            #expect(left == ["seen"])
            #expect(try chunks(city).isEmpty)
            expect(try city.attempt("u7l1", ["request", "attach", key, path]), exits: 0)
            let got = city.folder.file("got.pdf")
            expect(
                try confined(city, "b1a1", ["request", "fetch", key, "1", got], blocks: 700), exits: 11,
                saying: "不能写入；请检查磁盘空间")
            for name in [got, got + ".part"] { #expect(!FileManager.default.fileExists(atPath: name)) }
            expect(try city.attempt("b1a1", ["request", "fetch", key, "1", got]), exits: 0, saying: "已取回并核对")
            #expect(FileManager.default.contentsEqual(atPath: got, andPath: path))
        }

        private func waitFor(_ what: String, _ isThere: () throws -> Bool) throws {
            let end = Date(timeIntervalSinceNow: City.patience)
            while Date() < end {
                if try isThere() { return }
                usleep(2_000)
            }
            throw City.Failed(text: "waited in vain: \(what)")
        }

        private func started(_ city: City, _ words: [String]) throws -> Child {
            try Child(
                [try Programs.path("twolists"), "--profile", city.access.profile("u7l1"), "--timeout", "60"]
                    + words,
                output: city.folder.file("out"), errors: city.folder.file("err"))
        }

        @Test(
            "the client is killed at every chunk it sends: it is attached once, and what was taken is not sent again"
        )
        func sending() throws {
            let city = try City()
            try city.start()
            let gate = try Gate(to: city.access.port)
            defer { gate.close() }
            try city.setServer("127.0.0.1:\(gate.port)", inProfile: city.access.profile("u7l1"))
            for taken in 0...5 {
                let key = try city.request()
                let path = try scan(city, String(repeating: "a", count: taken + 1) + ".pdf")
                let before = try chunks(city).count
                let (size, half) = (taken * Self.chunk, Self.chunk / 2)
                // The sixth chunk is small and the manifest follows it: it is kept back by the answer to the fifth, which does not come.
                gate.cut(limit: taken < 5 ? size + half : .max, answersStopAt: taken < 5 ? .max : size - half)
                let child = try started(city, ["request", "attach", key, path])
                try waitFor("\(taken) chunks") {
                    try chunks(city).filter { !$0.hasPrefix("put-") }.count == before + taken
                        && gate.carried >= (taken < 5 ? size + half : size)
                }
                child.slay()
                gate.cut()
                // Whatever is typed next sends it.
                expect(
                    try city.attempt("u7l1", ["request", "show", key]), exits: 0, saying: "附件1", "1.3 MiB")
                let missing = Self.bytes - size
                #expect((missing..<missing + half).contains(gate.carried), "\(taken): \(gate.carried)")
                let view = try city.json("b1a1", ["request", "show", key])
                #expect((view["attachments"] as? [Any])?.count == 1)
                let got = city.folder.file("got-\(taken).pdf")
                try city.run("b1a1", ["request", "fetch", key, "1", got])
                #expect(FileManager.default.contentsEqual(atPath: got, andPath: path), "\(taken)")
            }
        }

        @Test(
            "the client is killed while it fetches: no file bears the name, and the next fetch brings it whole"
        )
        func fetching() throws {
            let city = try City()
            try city.start()
            let key = try city.request()
            let path = try scan(city, "现场照片.pdf")
            try city.run("u7l1", ["request", "attach", key, path])
            let gate = try Gate(to: city.access.port)
            defer { gate.close() }
            try city.setServer("127.0.0.1:\(gate.port)", inProfile: city.access.profile("u7l1"))
            for pieces in 0...4 {
                let got = city.folder.file("got-\(pieces).pdf")
                let limit = pieces * Self.chunk + Self.chunk / 2
                gate.cut(answersLimit: limit)
                let child = try started(city, ["request", "fetch", key, "1", got])
                try waitFor("\(pieces) pieces") { gate.answered >= limit }
                child.slay()
                #expect(!FileManager.default.fileExists(atPath: got))
                gate.cut()
                expect(
                    try city.attempt("u7l1", ["request", "fetch", key, "1", got]), exits: 0, saying: "已取回并核对")
                #expect(FileManager.default.contentsEqual(atPath: got, andPath: path))
                #expect(!FileManager.default.fileExists(atPath: got + ".part"))
            }
        }
    }
}
