import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// What an officer types for what happens beside a request's chain.
    @Suite("CASEWORK.md with the real programs")
    struct BesideTourTests {
        private func day(_ days: Int) -> String {
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.timeZone = TimeZone(secondsFromGMT: 8 * 3600)
            formatter.dateFormat = "yyyy-MM-dd"
            return formatter.string(from: Date(timeIntervalSinceNow: Double(days) * 86_400))
        }

        /// A request that a county works on.
        private func assigned(_ city: City) throws -> String {
            let key = try city.request()
            try city.run("b1a1", ["request", "accept", key])
            try city.run("b1a1", ["request", "schedule", key, "--conference", day(5), "--note", "第一次会商"])
            let agenda = try city.run("b1a1", ["request", "list", "--conference", day(5)])
            #expect(agenda.contains("共 1 件"), "\(agenda)")
            try city.run("b1s2", ["request", "decide", key, "--decision", "included"])
            try city.run(
                "b1s2",
                [
                    "request", "assign", key, "--responsible", "随县", "--content", "修缮道路", "--deadline",
                    day(30),
                    "--standard", "验收合格", "--first-post", "副县长", "--second-post", "局长",
                ])
            try city.run("k7f2", ["request", "acknowledge", key])
            return key
        }

        @Test("extension, stage, suspension, resumption, carry-over: each typed, refused in words, shown")
        func story() throws {
            let city = try City()
            try city.start()
            let key = try assigned(city)
            let ask = ["request", "ask-extension", key, "--deadline", day(60), "--reason", "雨季无法施工"]
            try city.run("k7f2", ask)
            expect(try city.attempt("k7f2", ask), exits: 3, saying: "尚未审批")
            let decide = ["request", "decide-extension", key, "--approved", "是"]
            expect(try city.attempt("b1a1", decide), exits: 4, saying: "审批")
            expect(try city.attempt("b1s2", decide), exits: 0, saying: "审批延期：已办成")
            expect(try city.attempt("b1s2", decide), exits: 3, saying: "没有待审批")
            try city.run("k7f2", ["request", "progress", key, "--percent", "40", "--stage", "组织实施"])
            try city.run("k7f2", ["request", "ask-suspension", key, "--code", "season", "--reason", "汛期"])
            try city.run("b1s2", ["request", "decide-suspension", key, "--approved", "yes"])
            let shown = try city.run("u7l1", ["request", "show", key])
            for words in ["已挂起", "季节或天气原因", "延期次数", day(60), "组织实施"] {
                #expect(shown.contains(words), "\(words) is not in \(shown)")
            }
            try city.run("b1s2", ["request", "resume", key, "--deadline", day(90)])
            try city.run("b1s2", ["request", "carry-over", key, "--year", "\(Today.year + 1)"])
            let view = try city.json("u7l1", ["request", "show", key])
            let summary = try #require(view["summary"] as? [String: Any])
            #expect(summary["state"] as? String == "in_progress")
            #expect(summary["deadline"] as? String == day(90))
            #expect(summary["carried_into"] as? [Int] == [Int(Today.year) + 1])
        }

        @Test("a likely duplicate is hinted at and filed all the same; void links the two")
        func duplicates() throws {
            let city = try City()
            try city.start()
            let first = try city.request()
            let again = try city.attempt("u7l1", City.submission(title: "营区东门道路维修"))
            expect(again, exits: 0, saying: "提报需求：已办成")
            #expect(again.errorText.contains("相近") && again.errorText.contains("营区东门道路修缮"))
            // Another party's are no business of theirs, and an unlike title is like nothing.
            #expect(!(try city.attempt("u2l4", City.submission())).errorText.contains("相近"))
            #expect(!(try city.attempt("u7l1", City.submission(title: "子女入学"))).errorText.contains("相近"))
            let list = try city.json("u7l1", ["request", "list", "--search", "东门道路维修"])
            let found = try #require((list["requests"] as? [[String: Any]]))
            #expect(found.count == 1)
            let second = try #require(found.first?["target"] as? String)
            let number = try #require(
                (try city.json("b1a1", ["request", "accept", first]))["number"] as? String)
            try city.run(
                "b1s2", ["request", "void", second, "--duplicate-of", number, "--reason", "与在先事项重复"])
            #expect(try city.run("u7l1", ["request", "show", second]).contains("并入"))
            #expect(try city.run("u7l1", ["request", "show", first]).contains("重复件"))
            expect(
                try city.attempt(
                    "b1s2", ["request", "void", first, "--duplicate-of", second, "--reason", "重复"]),
                exits: 3, saying: "已撤回或作废")
        }

        @Test("lists by view, wave and words")
        func views() throws {
            let city = try City()
            try city.start()
            let key = try assigned(city)
            func count(_ officer: String, _ words: [String]) throws -> Int {
                (try city.json(officer, ["request", "list"] + words)["requests"] as? [Any])?.count ?? -1
            }
            #expect(try count("k7f2", ["--view", "待办"]) == 1)
            #expect(try count("k7f2", ["--view", "waiting"]) == 0)
            #expect(try count("b1s2", ["--view", "to-do"]) == 0)
            #expect(try count("k7f2", ["--view", "逾期"]) == 0)
            try city.run("k7f2", ["request", "ask-suspension", key, "--code", "资金未到位", "--reason", "待拨款"])
            #expect(try count("b1s2", ["--view", "等我答复"]) == 1)
            #expect(try count("b1a1", ["--wave", "随机"]) == 1)
            #expect(try count("b1a1", ["--wave", "集中", "--wave", "专项"]) == 0)
            #expect(try count("b1a1", ["--search", "东门 破损"]) == 1)
            #expect(try count("b1a1", ["--search", "东门 桥梁"]) == 0)
            #expect(try count("u2l4", ["--search", "东门"]) == 0)
            expect(
                try city.attempt("b1a1", ["request", "list", "--search", String(repeating: "字", count: 81)]),
                exits: 2, saying: "80")
        }
    }
}
