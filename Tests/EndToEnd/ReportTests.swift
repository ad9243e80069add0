import BureauTestSupport
import Exchange
import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// Reports and sheets as an office makes them, with what stands in the files.
    @Suite("DOMAIN.md 2 and 4: reports and sheets, with the real programs")
    struct ReportTests {
        /// A closed request of each list, a case closed as 人 and one as 次, and money paid.
        private func town() throws -> (City, request: String) {
            let city = try City()
            try city.start()
            let key = try city.request()
            try city.run("b1a1", ["request", "accept", key])
            try city.run("b1s2", ["request", "decide", key, "--decision", "included"])
            try city.run(
                "b1s2",
                [
                    "request", "assign", key, "--responsible", "随县", "--content", "修缮道路", "--deadline",
                    Today.plus(days: 30), "--standard", "验收合格", "--first-post", "副县长", "--second-post", "局长",
                ])
            try city.run("k7f2", ["request", "acknowledge", key])
            try city.run("k7f2", ["request", "progress", key, "--percent", "90"])
            let report = ["request", "report", key, "--grade", "A", "--summary", "已通车", "--times", "2"]
            expect(try city.attempt("k7f2", report + ["--persons", "100001"]), exits: 2, saying: "--persons")
            try city.run("k7f2", report + ["--persons", "120"])
            return (city, key)
        }

        private func close(_ city: City, _ subcategory: String, aid: Bool) throws {
            var words = [
                "case", "file", "--subcategory", subcategory, "--rank-band", "nco-middle", "--years-band",
                "8-12",
                "--merit", "none", "--hardship", "none", "--approval-organ", "brigade", "--name", "示例人员",
                "--id-number", "11010519491231002X",
                "--schooling", "junior", "--profession", "institution", "--wish", "就近",
            ]
            for kind in aid ? ["identity", "income-certificate"] : [] {
                words += ["--material", "\(kind)=\(try city.folder.write(kind, Array(kind.utf8)))"]
            }
            let target = try #require(try city.json("u7l1", words)["target"] as? String)
            try city.run("b1s2", ["case", "review", target, "--handler", "421300-HR"])
            if aid {
                try city.run(
                    "b1s2", ["fund", "income", "--amount", "1000", "--source", "捐赠", "--basis", "凭证1"])
                try city.run("b1s2", ["case", "aid", target, "--amount", "250.50", "--purpose", "补助"])
            }
            let placed = [
                "case", "conclude", target, "--placed", "yes", "--channel", "matching-institution",
                "--employer",
                "市示例中心", "--post", "管理岗",
            ]
            try city.run("d5h2", placed)
            try city.run("u7l1", ["case", "confirm", target, "--satisfaction", "satisfied"])
        }

        private func gb18030(_ path: String) throws -> String {
            let ran = try runProcess(try requireTool("iconv"), ["-f", "GB18030", "-t", "UTF-8", path])
            try #require(ran.status == 0, "\(ran.errorText)")
            return ran.outputText
        }

        @Test(
            "annual, half-year and ledger: on the screen, as JSON, as a table in both encodings, as a page; the counts are those of the entries"
        )
        func reports() throws {
            let (city, key) = try town()
            try city.run("u7l1", ["request", "confirm", key, "--satisfaction", "satisfied"])
            try close(city, "spouse-employment", aid: false)
            try close(city, "hardship-aid", aid: true)
            let year = ["--year", "\(Today.year)"]
            let words = [
                "三后 解决 2 人件(次)（人 1，件 0，次 1）", "解决率 100.0% 2/2", "困难帮扶", "随军家属就业安置", "关爱基金收支", "250.50",
                "749.50", "社会捐赠", "已解决事项惠及", "120",
            ]
            let screen = try city.run("b1s2", ["report", "annual"] + year)
            for word in words { #expect(screen.contains(word), "“\(word)” is missing: \(screen)") }
            let (csv, page) = (city.folder.file("annual.csv"), city.folder.file("annual.html"))
            expect(
                try city.attempt("b1s2", ["report", "annual"] + year + ["--csv", csv, "--html", page]),
                exits: 0, saying: "已存为", csv, page)
            let bytes = try city.folder.read("annual.csv")
            #expect(bytes.prefix(3) == [0xEF, 0xBB, 0xBF])
            let table = String(decoding: bytes.dropFirst(3), as: UTF8.self)
            let html = String(decoding: try city.folder.read("annual.html"), as: UTF8.self)
            for word in words where word != "解决率 100.0% 2/2" {
                #expect(table.contains(word) && html.contains(word), "“\(word)” is missing")
            }
            #expect(!table.contains("\u{FEFF}") && table.contains("\r\n") && table.hasSuffix("涉密信息\r\n"))
            #expect(html.contains("size: A4 portrait") && html.contains("<svg") && !html.contains("http"))
            try city.run("b1s2", ["report", "annual"] + year + ["--csv", csv, "--encoding", "gb18030"])
            #expect(try gb18030(csv) == table)
            try halfYear(city)
            try ledger(city)
            // A county is shown what it may see: no cases of others, and no fund.
            let county = try city.run("k7f2", ["report", "annual"] + year)
            #expect(county.contains("已解决事项惠及") && !county.contains("关爱基金") && !county.contains("三后"))
        }

        private func halfYear(_ city: City) throws {
            let words = ["report", "half-year", "--year", "\(Today.year)", "--half", "1"]
            let first = try city.run("b1s2", words)
            #expect(first.contains("\(Today.year)年上半年"), "\(first)")
            expect(
                try city.attempt(
                    "b1s2", ["report", "half-year", "--year", "\(Today.year + 1)", "--half", "1"]),
                exits: 2, saying: "统计期间尚未开始")
            expect(try city.attempt("b1s2", words + ["--half", "3"]), exits: 2, saying: "--half")
        }

        private func ledger(_ city: City) throws {
            let (csv, page) = (city.folder.file("ledger.csv"), city.folder.file("ledger.html"))
            try city.run("b1s2", ["report", "ledger", "--csv", csv, "--encoding", "gb18030", "--html", page])
            let table = try gb18030(csv)
            let html = String(decoding: try city.folder.read("ledger.html"), as: UTF8.self)
            for word in ["营区东门道路修缮", "随县", "A 已解决", "部队提→地方办(1件)"] {
                #expect(table.contains(word) && html.contains(word), "“\(word)” is missing: \(table)")
            }
            #expect(html.contains("A4 landscape"))
            expect(
                try city.attempt("b1s2", ["report", "ledger", "--csv", "/nowhere/x.csv"]), exits: 11,
                saying: "写不进去")
        }

        @Test(
            "a sheet's code holds while the item stands, and not when it has gone on or the code is another")
        func requestSheet() throws {
            let (city, key) = try town()
            let page = city.folder.file("sheet.html")
            let sheet = ["request", "sheet", key, "--kind"]
            let printed = try city.json("k7f2", sheet + ["回执", "--html", page])
            let code = try #require(printed["check_code"] as? String)
            let html = String(decoding: try city.folder.read("sheet.html"), as: UTF8.self)
            for word in [code, "回执", "惠及人数", "120", "本系统不得传输、存储涉密信息", "size: A4"] {
                #expect(html.contains(word), "“\(word)” is missing: \(html)")
            }
            let check = sheet + ["回执", "--check"]
            expect(try city.attempt("b1s2", check + [code]), exits: 0, saying: "相符")
            expect(try city.attempt("b1s2", check + [code.lowercased()]), exits: 0, saying: "相符")
            let wrong = (code.first == "0" ? "1" : "0") + code.dropFirst()
            expect(try city.attempt("b1s2", check + [wrong]), exits: 12, saying: "不符", code)
            expect(try city.attempt("b1s2", sheet + ["交办单", "--check", code]), exits: 12, saying: "不符")
            expect(try city.attempt("u2l4", check + [code]), exits: 5)
            try city.run("u7l1", ["request", "confirm", key, "--satisfaction", "satisfied"])
            expect(try city.attempt("b1s2", check + [code]), exits: 12, saying: "不符")
        }

        @Test(
            "confirmation sheets of a published file: masked, each with the code that stands in the file; a wrong one is not of it"
        )
        func roundSheet() throws {
            var random = SplitMix64(seed: 91)
            let file = try RoundSample(&random, people: 30, posts: 20).file()
            let outcome = try file.outcome(sha256)
            let directory = try TemporaryDirectory("round")
            let path = try directory.write("r", file.bytes(outcome, sha256))
            let sheets = outcome.sheets(file.inputs)
            let first = try #require(sheets.first)
            let code = first.checkCode(outcome.draw, sha256)
            let line = ["round", "sheet", "--file", path]
            let page = directory.file("sheets.html")
            expect(
                try City.attempt("twolists", line + ["--html", page]), exits: 0, saying: "共 \(sheets.count) 张"
            )
            let html = String(decoding: try directory.read("sheets.html"), as: UTF8.self)
            for sheet in sheets {
                #expect(
                    html.contains(sheet.checkCode(outcome.draw, sha256)) && html.contains(sheet.person.key))
            }
            for word in [first.person.maskedName, "选岗确认表", "本系统不得传输、存储涉密信息", "size: A4 portrait"] {
                #expect(html.contains(word), "“\(word)” is missing")
            }
            let one = line + ["--person", first.person.key]
            expect(
                try City.attempt("twolists", one), exits: 0, saying: code, first.post.employer,
                first.person.maskedName)
            expect(
                try City.attempt("twolists", line + ["--check", code.uppercased()]), exits: 0, saying: "相符",
                "第 1 号", first.person.key)
            let other = try #require(sheets.last).checkCode(outcome.draw, sha256)
            expect(try City.attempt("twolists", one + ["--check", other]), exits: 12, saying: "不符")
            expect(try City.attempt("twolists", line + ["--check", "0123456789"]), exits: 12, saying: "不符")
            expect(
                try City.attempt("twolists", line + ["--person", "nobody"]), exits: 2, saying: "没有选到岗位")
            var bent = try directory.read("r")
            bent[bent.count / 2] ^= 1
            let broken = try directory.write("bent", bent)
            expect(
                try City.attempt("twolists", ["round", "sheet", "--file", broken]), exits: 12, saying: "未通过核验"
            )
        }

        @Test(
            "of the server's round: the own people's sheets with whole names, others' masked; the annual report counts who was placed"
        )
        func publishedRounds() throws {
            let city = try City(filling: PublishedRounds.fill)
            try city.start()
            let page = city.folder.file("sheets.html")
            let sheet = ["round", "sheet", "2-officers"]
            expect(try city.attempt("u7l1", sheet + ["--html", page]), exits: 0, saying: "共 2 张")
            let html = String(decoding: try city.folder.read("sheets.html"), as: UTF8.self)
            for word in ["欧阳示例", "王示例", "随州市退役军人事务局选岗确认表", "党政机关", "市示例局", "本系统不得传输、存储涉密信息"] {
                #expect(html.contains(word), "“\(word)” is missing: \(html)")
            }
            #expect(!html.contains("李"))
            // Another party's people: masked, under the same code as the bureau's print, which has the name.
            let theirs = try city.json("u7l1", sheet + ["--person", "P3"])
            let ours = try city.json("b1a1", sheet + ["--person", "P3"])
            func code(_ json: [String: Any]) -> String? {
                (json["sheets"] as? [[String: Any]])?.first?["check_code"] as? String
            }
            #expect("\(theirs)".contains("李*") && !"\(theirs)".contains("李示例"))
            #expect("\(ours)".contains("李示例") && code(ours) == code(theirs))
            let typed = try #require(code(ours))
            expect(try city.attempt("k3z8", sheet + ["--check", typed]), exits: 0, saying: "相符", "P3")
            expect(
                try city.attempt("k3z8", ["round", "sheet", "3-soldiers", "--check", typed]), exits: 12,
                saying: "不符")
            expect(try city.attempt("k7f2", sheet), exits: 2, saying: "本单位没有人在本轮选到岗位")
            expect(try city.attempt("u7l1", sheet + ["--person", "P4"]), exits: 2, saying: "没有选到岗位")
            expect(try city.attempt("u7l1", ["round", "sheet"]), exits: 2, saying: "没有写明轮次")
            expect(try city.attempt("u7l1", ["round", "sheet", "nothing"]), exits: 5)
            expect(try city.attempt("u7l1", ["round", "show", "2-officers"]), exits: 0, saying: "转业军官")
            try placed(city)
        }

        /// The rounds may have been published in the year before this one.
        private func placed(_ city: City) throws {
            let period = ["--year", "\(Today.year)", "--from", Today.plus(days: -30)]
            let report = try city.run("k3z8", ["report", "annual"] + period)
            for word in [
                "安置 转业军官 3 + 退役士兵 3 = 6 人，占参加 8 人的 75.0%",
                "其中全部到党政机关、事业单位、国有企业：6 人（6/6，100.0%）",
            ] { #expect(report.contains(word), "“\(word)” is missing: \(report)") }
        }
    }
}
