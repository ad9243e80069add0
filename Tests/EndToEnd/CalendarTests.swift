import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// Time at the terminal, from the real programs.
    @Suite("DOMAIN.md 2, Supervision: calendars, terms and lights with the real programs")
    struct CalendarTests {
        @Test(
            "a term beyond the known years is tentative until their calendars are loaded; lists by light, history by the clock"
        )
        func story() async throws {
            let city = try City()
            try city.start()
            let target = try city.request()
            try city.run("b1a1", ["request", "accept", target])
            try city.run("b1s2", ["request", "decide", target, "--decision", "included"])
            let assign = [
                "request", "assign", target, "--responsible", "county/421321", "--content", "修缮",
                "--standard",
                "验收合格", "--first-post", "局长", "--second-post", "股长",
            ]
            expect(try city.attempt("b1s2", assign), exits: 2, saying: "缺少必填项：--deadline")
            // Two years of work: further than any calendar that is published.
            try city.run("b1s2", assign + ["--working-days", "500"])
            #expect(try city.run("k7f2", ["request", "show", target]).contains("(暂定)，500个工作日"))
            for year in Int(Today.year)...Int(Today.year) + 4 {
                let file = try city.folder.write("\(year).csv", Array(table(year).utf8))
                expect(try city.attempt("b1a1", ["calendar", "load", file]), exits: 4, saying: "系统管理员")
                expect(try city.attempt("b1y3", ["calendar", "load", file]), exits: 0, saying: "载入工作日历：已办成")
            }
            try await city.until("a firm date") {
                let shown = try city.run("k7f2", ["request", "show", target])
                return shown.contains("500个工作日") && !shown.contains("暂定")
            }
            #expect(try city.run("u7l1", ["request", "history", target]).contains("系统督办"))
            #expect(try city.run("b1a1", ["calendar", "show"]).contains("测试用通知"))
            let green = try city.json("b1a1", ["request", "list", "--light", "绿灯"])
            let first = try #require((green["requests"] as? [[String: Any]])?.first)
            #expect(first["light"] as? String == "green" && first["tentative"] as? Bool == false)
            let red = try city.json("b1a1", ["request", "list", "--light", "red"])
            #expect((red["requests"] as? [Any])?.isEmpty == true)
        }

        @Test(
            "a table with a slip is not sent, and its place is told; rules loaded again take the place of the old ones"
        )
        func slips() throws {
            let city = try City()
            try city.start()
            let year = Int(Today.year) + 5
            let wrong = try city.folder.write("\(year).csv", Array(table(year - 1).utf8))
            expect(try city.attempt("b1y3", ["calendar", "load", wrong]), exits: 2, saying: "第4行“from”列有误")
            let nameless = try city.folder.write("next.csv", Array(table(year).utf8))
            expect(try city.attempt("b1y3", ["calendar", "load", nameless]), exits: 2, saying: "文件名应为年度")
            expect(try city.attempt("b1y3", ["calendar", "load", city.folder.file("gone.csv")]), exits: 2)
            let seeds = try String(contentsOfFile: Programs.root + "/seeds/supervision.csv", encoding: .utf8)
            let stricter = seeds.replacingOccurrences(of: "listed_days,15", with: "listed_days,12")
            let rules = try city.folder.write("rules.csv", Array(stricter.utf8))
            // The version was not asked for: it is found.
            expect(try city.attempt("b1y3", ["supervision", "load", rules]), exits: 0, saying: "载入督办规则：已办成")
            #expect(try city.run("u7l1", ["calendar", "show"]).contains("满12个挂牌督办"))
        }

        private func table(_ year: Int) -> String {
            "version,1\nsource,测试用通知\nfrom,to,kind,name\n\(year)-01-01,\(year)-01-01,off,元旦\n"
        }
    }
}
