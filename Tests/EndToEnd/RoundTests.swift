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
