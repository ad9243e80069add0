import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// Cases with sub-tasks and with money, as officers type them.
    @Suite("DOMAIN.md 3: the three worries, with the real programs")
    struct CaseworkTests {
        /// A case of LU-07; its target.
        private func file(_ city: City, _ subcategory: String, _ materials: [String]) throws -> String {
            var words = [
                "case", "file", "--subcategory", subcategory, "--rank-band", "nco-middle", "--years-band",
                "8-12",
                "--merit", "none", "--hardship", "none", "--approval-organ", "brigade", "--name", "示例人员",
                "--id-number", "11010519491231002X", "--household-place", "示例户籍地", "--schooling", "junior",
                "--profession", "serviceman", "--wish", "回原籍",
            ]
            for (place, kind) in materials.enumerated() {
                let path = try city.folder.write("paper\(place)", Array("\(subcategory) \(kind)".utf8))
                words += ["--material", "\(kind)=\(path)"]
            }
            return try #require(try city.json("u7l1", words)["target"] as? String)
        }

        @Test("one thing, once: a refused sub-task loses nothing, the last mandatory one ends the case")
        func oneThing() throws {
            let city = try City()
            try city.start()
            let target = try file(city, "veteran-return", ["service-transfer-order"])
            expect(
                try city.attempt("b1s2", ["case", "review", target, "--handler", "421300-HR"]), exits: 3,
                saying: "必交材料不齐：identity", "case hand-in")
            let path = try city.folder.write("identity", Array("scan".utf8))
            try city.run("u7l1", ["case", "hand-in", target, "--material", "identity=\(path)"])
            try city.run("b1s2", ["case", "review", target, "--handler", "421300-HR"])
            // Each department sees its own sub-tasks, and no unit.
            let own = try city.run("d5p3", ["case", "show", target])
            #expect(own.contains("恢复户口登记") && !own.contains("养老保险"), "\(own)")
            #expect(
                !own.contains("LU-07") && own.contains("示*") && own.contains("110*************2X"), "\(own)")
            let whole = try city.run(
                "d5p3",
                ["case", "reveal", target, "--field", "family.household_place", "--reason", "核对户籍"])
            #expect(whole.contains("示例户籍地"), "\(whole)")
            try city.run("d5p3", ["case", "finish", target, "--task", "1", "--result", "已落户"])
            try city.run("d5m4", ["case", "refuse", target, "--task", "3", "--reason", "参保地不在本市"])
            try city.run("d5h2", ["case", "acknowledge", target, "--task", "2"])
            try city.run("d5h2", ["case", "finish", target, "--task", "2", "--result", "已转移"])
            let open = try city.run("u7l1", ["case", "show", target])
            #expect(open.contains("不能办理：参保地不在本市") && open.contains("● 已审核"), "\(open)")
            try city.run(
                "b1s2",
                ["case", "reassign", target, "--task", "3", "--to", "421300-HR", "--deadline", Today.day(30)])
            try city.run("d5h2", ["case", "finish", target, "--task", "3", "--result", "已参保"])
            #expect(try city.run("u7l1", ["case", "show", target]).contains("● 已办成"))
            try city.run("u7l1", ["case", "confirm", target, "--satisfaction", "satisfied"])
            try city.run("b1a1", ["case", "follow-up", target, "--satisfaction", "满意", "--note", "手续齐全"])
            let closed = try city.json("b1a1", ["case", "show", target])
            #expect(
                (closed["tasks"] as? [[String: Any]])?.filter { $0["state"] as? String == "done" }.count == 3)
            #expect(closed["follow_up_note"] as? String == "手续齐全")
            #expect(((closed["summary"] as? [String: Any])?["number"] as? String)?.contains("后路") == true)
        }

        @Test("the care fund pays in yuan and fen, never more than it holds")
        func careFund() throws {
            let city = try City()
            try city.start()
            let target = try file(city, "hardship-aid", ["identity", "income-certificate"])
            try city.run("b1s2", ["case", "review", target, "--handler", "421300-CIVIL"])
            for (amount, voucher) in [("1000", "凭证1"), ("0.05", "凭证2")] {
                try city.run(
                    "b1s2", ["fund", "income", "--amount", amount, "--source", "捐赠", "--basis", voucher])
            }
            let aid = ["case", "aid", target, "--purpose", "生活补助", "--amount"]
            expect(
                try city.attempt("b1s2", aid + ["1000.06"]), exits: 3, saying: "关爱基金余额不足（现有1000.05元）")
            try city.run("b1s2", aid + ["1000.05"])
            let fund = try city.run("b1a1", ["fund", "show"])
            #expect(fund.contains("-1000.05") && fund.contains("凭证2") && fund.contains("社会捐赠"), "\(fund)")
            let json = try city.json("b1a1", ["fund", "show"])
            #expect(json["held_fen"] as? Int == 0 && json["outgo_fen"] as? Int == 100_005)
            expect(try city.attempt("k7f2", ["fund", "show"]), exits: 5, saying: "没有找到")
            #expect(try city.run("u7l1", ["case", "show", target]).contains("1000.05元"))
            expect(try city.attempt("b1s2", aid + ["1,000"]), exits: 2, saying: "不是金额", "两位小数")
        }
    }
}
