import BureauTestSupport
import Exchange
import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// A published round checked with nothing but its file: no profile, no server, no certificate.
    @Suite("ROUND.md, with the real program")
    struct RoundTests {
        private func published() throws -> (inputs: String, commitment: String, bytes: [UInt8]) {
            var random = SplitMix64(seed: 91)
            let file = try RoundSample(&random, people: 30, posts: 20).file()
            let outcome = try file.outcome(sha256)
            func hex(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02x", $0) }.joined() }
            return (
                hex(outcome.draw.inputsDigest), hex(RoundDraw.commitment(file.secret, sha256)),
                file.bytes(outcome, sha256)
            )
        }

        @Test("a whole file holds; held against another digest or commitment than was posted, it does not")
        func good() throws {
            let directory = try TemporaryDirectory("round")
            let (inputs, commitment, bytes) = try published()
            let line = ["round", "verify", try directory.write("r", bytes)]
            expect(try City.attempt("twolists", line), exits: 0, saying: "核验通过", inputs, commitment)
            expect(try City.attempt("twolists", line + ["--lang", "en"]), exits: 0, saying: "it holds")
            expect(
                try City.attempt("twolists", line + ["--inputs", inputs, "--commitment", commitment]),
                exits: 0)
            let other = String(repeating: "0", count: 64)
            expect(try City.attempt("twolists", line + ["--inputs", other]), exits: 12, saying: "封存摘要")
            expect(try City.attempt("twolists", line + ["--commitment", other]), exits: 12, saying: "密数承诺")
            let json = try City.attempt("twolists", line + ["--json"])
            let object = try JSONSerialization.jsonObject(with: Data(json.outputText.utf8)) as? [String: Any]
            #expect(object?["verdict"] as? String == "GOOD" && object?["people"] as? Int == 30)
        }

        @Test(
            "a changed file is refused, with the line, what ought to stand there, and what does, in both languages"
        )
        func changed() throws {
            let directory = try TemporaryDirectory("round")
            let text = String(decoding: try published().bytes, as: UTF8.self)
            var lines = text.components(separatedBy: "\n")
            let place = try #require(lines.firstIndex { $0.hasPrefix("rank\t3\t") })
            let right = lines[place]
            lines[place] = right.replacingOccurrences(of: "rank\t3\t", with: "rank\t3\tX")
            let path = try directory.write("r", Array(lines.joined(separator: "\n").utf8))
            let line = ["round", "verify", path]
            let shown = right.replacingOccurrences(of: "\t", with: " ")
            expect(
                try City.attempt("twolists", line), exits: 12, saying: "第\(place + 1)行", "排名", "应为：\(shown)")
            expect(
                try City.attempt("twolists", line + ["--lang", "en"]), exits: 12,
                saying: "line \(place + 1), rank", "ought to be: \(shown)")
            let garbage = try directory.write("g", Array("hello\n".utf8))
            expect(try City.attempt("twolists", ["round", "verify", garbage]), exits: 12, saying: "第1行")
            expect(try City.attempt("twolists", ["round", "verify", "/nowhere"]), exits: 11, saying: "读不到")
        }
    }
}

extension RealPrograms {
    /// A round run with the real programs, as far as one day goes: the draw waits for the day of the public value.
    @Suite("DOMAIN.md 3, a round at the terminal")
    struct RoundStoryTests {
        private static let posts = """
            key,destination,seats,employer,title
            G1,civil,1,市示例局,科员
            G2,enterprise,2,示例公司,职员

            """
        private static let people = """
            key,party,name,facts
            P1,unit/LU-07,欧阳示例,service-year=8@a1;third-merit=1@b1
            P2,unit/LU-07,王示例,service-year=8@a1;second-merit=1
            P3,county/421321,李示例,service-year=8@a1

            """

        @Test(
            "announce, load from tables, freeze, confirm, post, object, settle, file lists; each party sees its own"
        )
        func story() throws {
            let city = try City()
            try city.start()
            let secret = city.folder.file("secret")
            let made = try City.attempt("twolists", ["round", "secret", "--out", secret, "--json"])
            let object = try JSONSerialization.jsonObject(with: Data(made.outputText.utf8)) as? [String: Any]
            let commitment = try #require(object?["commitment"] as? String)
            expect(
                try City.attempt("twolists", ["round", "secret", "--out", secret]), exits: 11, saying: "不覆盖")
            let announce = [
                "round", "announce", "--key", "2026-1", "--title", "第一轮选岗", "--commitment", commitment,
                "--public-on", Today.plus(days: 5), "--public-name", "某彩票下期开奖号码", "--tie", "merit", "--table",
                "points-placement",
            ]
            expect(try city.attempt("b1a1", announce), exits: 4)
            expect(try city.attempt("b1s2", announce), exits: 0, saying: "发布选岗公告：已办成", "2026-1")
            let (posts, people) = (city.folder.file("posts.csv"), city.folder.file("people.csv"))
            try Self.posts.write(toFile: posts, atomically: true, encoding: .utf8)
            try Self.people.write(toFile: people, atomically: true, encoding: .utf8)
            expect(
                try city.attempt("b1a1", ["round", "load-posts", "2026-1", "--file", posts]), exits: 0,
                saying: "登记岗位：已办成")
            expect(
                try city.attempt("b1a1", ["round", "load-people", "2026-1", "--file", posts]), exits: 11,
                saying: "party")
            expect(
                try city.attempt("b1a1", ["round", "load-people", "2026-1", "--file", people]), exits: 0)
            expect(
                try city.attempt("b1s2", ["round", "freeze", "2026-1", "--people", "2", "--posts", "2"]),
                exits: 3,
                saying: "现有3人、2个岗位")
            expect(
                try city.attempt("b1s2", ["round", "freeze", "2026-1", "--people", "3", "--posts", "2"]),
                exits: 0)
            expect(try city.attempt("u2l4", ["round", "show", "2026-1"]), exits: 5)
            expect(
                try city.attempt("u7l1", ["round", "people", "2026-1"]), exits: 0, saying: "欧阳示例", "17.0",
                "1无档案记载")
            #expect(!(try city.run("u7l1", ["round", "people", "2026-1"])).contains("李示例"))
            expect(try city.attempt("u7l1", ["round", "ranking", "2026-1"]), exits: 5)
            expect(try city.attempt("b1s2", ["round", "post", "2026-1"]), exits: 3, saying: "还有3人没有确认得分")
            for (officer, person) in [("u7l1", "P1"), ("u7l1", "P2"), ("k7f2", "P3")] {
                expect(
                    try city.attempt(officer, ["round", "confirm", "2026-1", "--person", person]), exits: 0,
                    saying: "确认得分：已办成")
            }
            expect(try city.attempt("b1s2", ["round", "post", "2026-1"]), exits: 0)
            let ranking = try city.run("u2l4", ["round", "ranking", "2026-1"])
            #expect(ranking.contains("欧***") && !ranking.contains("欧阳示例") && ranking.contains("并列"))
            expect(
                try city.attempt("k7f2", ["round", "object", "2026-1", "--person", "P3", "--text", "漏计一年"]),
                exits: 0)
            let settle = [
                "round", "settle", "2026-1", "--number", "1", "--upheld", "no", "--answer", "档案无此记载",
            ]
            expect(try city.attempt("b1s2", settle), exits: 0)
            expect(
                try city.attempt("u7l1", ["round", "prefer", "2026-1", "--person", "P1", "--post", "G1"]),
                exits: 0)
            let draw = ["round", "draw", "2026-1", "--secret", "@" + secret, "--value", "01 02"]
            expect(try city.attempt("b1s2", draw), exits: 3, saying: "公开数尚未产生")
            expect(
                try city.attempt("b1s2", ["round", "show", "2026-1"]), exits: 0, saying: "已公示", commitment)
            expect(
                try city.attempt("u7l1", ["round", "history", "2026-1"]), exits: 0, saying: "公示排名", "填报志愿")
            expect(try city.attempt("u7l1", ["round", "list"]), exits: 0, saying: "第一轮选岗")
            let out = city.folder.file("round.txt")
            expect(try city.attempt("u7l1", ["round", "file", "2026-1", "--out", out]), exits: 5)
        }
    }
}
