import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// What an officer sees at the terminal, from the real programs.
    @Suite("README the tour, with the real programs")
    struct TourTests {
        @Test("demo.sh plays both lists and the case to the end")
        func demo() throws {
            let bash = try requireTool("bash")
            let folder = try TemporaryDirectory("demo")
            let report = folder.file("report.txt")
            let build = URL(fileURLWithPath: try Programs.path("twolists-server")).deletingLastPathComponent()
                .path
            let child = try Child(
                [bash, Programs.root + "/Tests/EndToEnd/demo.sh", build, report], output: folder.file("out"),
                errors: folder.file("err"))
            #expect(child.wait(300) == 0, "\(child.outputText.suffix(4000))\(child.errorText)")
            let text = try String(contentsOfFile: report, encoding: .utf8)
            for words in [
                "● 已销号", "verified: nothing is wrong", "no name, contact or ID number",
            ] { #expect(text.contains(words), "the report lacks \(words)") }
            for series in ["军提", "地提", "后院"] {
                #expect(Today.numbers(series, in: text).count == 1, "the report lacks a number of \(series)")
            }
        }

        @Test("the tour of README.md is right to the letter, in any year")
        func readme() throws {
            let bash = try requireTool("bash")
            let city = try City()
            try city.start()
            // The tour's own paths, with this build and this city behind them.
            let build = URL(fileURLWithPath: try Programs.path("twolists")).deletingLastPathComponent().path
            for (link, place) in [(".build/release", build), ("Certs/dev", city.folder.file("certs"))] {
                let path = URL(fileURLWithPath: city.folder.file(link))
                try FileManager.default.createDirectory(
                    at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
                try FileManager.default.createSymbolicLink(atPath: path.path, withDestinationPath: place)
            }
            let script = "set -eu\ncd '\(city.folder.path)'\n" + (try tourOfReadme())
            let child = try Child(
                [bash, try city.folder.write("tour.sh", Array(script.utf8))], output: city.folder.file("out"),
                errors: city.folder.file("err"))
            #expect(child.wait(City.patience) == 0, "\(child.outputText)\(child.errorText)")
            #expect(child.outputText.contains("已销号"), "\(child.outputText)")
        }

        /// The indented lines behind "Second terminal", up to the next text.
        private func tourOfReadme() throws -> String {
            let text = try String(contentsOfFile: Programs.root + "/README.md", encoding: .utf8)
            let behind = try #require(text.range(of: "Second terminal:\n\n"))
            let lines = text[behind.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
            return lines.prefix { $0.isEmpty || $0.hasPrefix("    ") }.joined(separator: "\n") + "\n"
        }

        @Test("no test of the real programs, and no tour, names a year the clock will leave behind")
        func noDates() throws {
            let folder = Programs.root + "/Tests/EndToEnd"
            // CityYear/ makes the files of a year that is over, and says which.
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
                .filter { $0 != "CityYear" && $0 != "city-year.sh" }
            for path in names.map({ folder + "/" + $0 }) + [Programs.root + "/README.md"] {
                let text = try String(contentsOfFile: path, encoding: .utf8)
                for pattern in ["year: 20[0-9]{2}", "--(?!demonstration)[a-z-]+[ =]20[0-9]{2}-[0-9]{2}"] {
                    let found = text.range(of: pattern, options: .regularExpression).map { text[$0] }
                    #expect(found == nil, "\(path) names a day")
                }
            }
        }

        @Test("the list stands in columns by East Asian width, in both languages")
        func table() throws {
            let city = try City()
            try city.start()
            _ = try city.request(title: "ASCII标题x")
            _ = try city.request(title: "营区东门道路修缮")
            for words in [["request", "list"], ["request", "list", "--lang", "en"]] {
                let text = try city.run("b1a1", words)
                let lines = text.split(separator: "\n").map(String.init)
                let rows = lines.filter { $0.contains("标题x") || $0.contains("东门") }
                #expect(rows.count == 2, "\(text)")
                let columns = rows.map { width($0.components(separatedBy: "驻随某部07")[0]) }
                #expect(Set(columns).count == 1, "the requester's column is not straight: \(text)")
                let rule = try #require(lines.first { $0.hasPrefix("──") })
                #expect(rows.allSatisfy { width($0) <= rule.count }, "\(text)")
                #expect(text.contains("本系统不得传输、存储涉密信息"))
                #expect(!text.contains("\u{1B}"), "colour is for terminals only")
            }
            #expect(try city.run("b1a1", ["request", "list"]).hasPrefix("编号/查询码"))
            #expect(try city.run("b1a1", ["request", "list", "--lang", "en"]).hasPrefix("number/reference"))
        }

        /// Columns on a terminal: two for what lies in the wide blocks. Independent of the program's own table on purpose.
        private func width(_ text: String) -> Int {
            text.unicodeScalars.reduce(0) { sum, scalar in
                let wide =
                    (0x1100...0x115F).contains(scalar.value) || (0x2E80...0xA4CF).contains(scalar.value)
                    || (0xAC00...0xD7A3).contains(scalar.value) || (0xF900...0xFAFF).contains(scalar.value)
                    || (0xFE30...0xFE6F).contains(scalar.value) || (0xFF00...0xFF60).contains(scalar.value)
                return sum + (wide ? 2 : 1)
            }
        }

        @Test("--json is one object with the same names every time, without notices around it")
        func json() throws {
            let city = try City()
            try city.start()
            let target = try city.request()
            let list = try city.json("b1a1", ["request", "list"])
            let first = try #require((list["requests"] as? [[String: Any]])?.first)
            #expect(first["target"] as? String == target)
            #expect(
                Set(first.keys) == [
                    "target", "reference", "number", "direction", "year", "wave", "category", "title",
                    "state",
                    "requester", "requester_name", "responsible", "responsible_name", "deadline", "grade",
                    "version", "submitted_at", "changed_at", "redo_count", "carried_into", "question",
                    "light", "step", "tentative",
                ])
            #expect(first["state"] as? String == "submitted")
            #expect(first["deadline"] is NSNull)
            let again = try city.run("b1a1", ["request", "list", "--json"])
            #expect(try city.run("b1a1", ["request", "list", "--json"]) == again)
            // The language of people changes nothing for programs.
            #expect(try city.run("b1a1", ["request", "list", "--json", "--lang", "en"]) == again)
        }

        @Test("every exit code of the reference")
        func exitCodes() throws {
            let city = try City()
            try city.start()
            let target = try city.request()
            try city.run("b1a1", ["request", "accept", target])
            expect(try city.attempt("u7l1", ["health"]), exits: 0, saying: "服务正常")
            expect(
                try city.attempt("u7l1", ["request", "list", "--bogus"]), exits: 2,
                saying: "没有选项 --bogus", "twolists help request list")
            expect(try city.attempt("u7l1", ["bogus"]), exits: 2, saying: "没有“bogus”这个命令")
            expect(
                try city.attempt("u7l1", ["request", "submit", "--title", "请示"]), exits: 2,
                saying: "缺少必填项：--content")
            expect(try city.attempt("b1a1", ["request", "accept", target]), exits: 3, saying: "未办理")
            expect(
                try city.attempt("k7f2", ["request", "decide", target, "--decision", "included"]), exits: 5,
                saying: "没有找到，或不属于本单位可见范围")
            expect(
                try city.attempt("b1a1", ["request", "decide", target, "--decision", "included"]), exits: 4,
                saying: "没有权限")
            expect(try city.attempt("u2l4", ["request", "show", target]), exits: 5, saying: "没有找到")
            expect(
                try city.attempt("u2l4", ["request", "show", target, "--lang", "en"]), exits: 5,
                saying: "not found, or not yours to see")
            #expect(city.stop() == 0)
            expect(
                try city.attempt("u7l1", ["whoami", "--timeout", "1"]), exits: 7, saying: "拒绝连接：该端口没有服务",
                "市局服务是否已启动")
        }

        @Test("a version conflict shows what happened meanwhile, and does nothing")
        func conflict() throws {
            let city = try City()
            try city.start()
            let target = try city.request()
            try city.run("b1a1", ["request", "accept", target])
            let refused = try city.attempt(
                "b1a1", ["request", "return", target, "--reason", "请补充图纸", "--expect", "1"])
            expect(
                refused, exits: 6, saying: "您看到的是第1版，现在已是第2版：期间有人办理过", "期间的变化：", "受理", "双拥办经办")
            let view = try city.json("u7l1", ["request", "show", target])
            let text = "\(view)"
            #expect(text.contains("accepted") && !text.contains("returned"), "\(text)")
        }

        @Test("the same request by line and by file is the same matter")
        func saveAndImport() throws {
            let city = try City()
            try city.start()
            let path = city.folder.file("disc.command")
            let byLine = try city.request()
            let saved = try city.json("u7l1", City.submission() + ["--save", path])
            let byFile = try #require(saved["target"] as? String)
            #expect(
                try city.attempt("u7l1", ["request", "show", byFile]).status == 5, "only saved, not sent")
            expect(
                try city.attempt("u7l1", City.submission() + ["--save", path]), exits: 11, saying: "文件已存在")
            try city.run("b1a1", ["import", path])
            let views = try [byLine, byFile].map {
                try comparable(city.run("u7l1", ["request", "show", $0, "--json"]))
            }
            #expect(views[0] == views[1])
            // Handed in twice it is the same one.
            expect(try city.attempt("b1a1", ["import", path]), exits: 0, saying: "此前已办理")
            for officer in ["u7l1", "k7f2"] {
                expect(
                    try city.attempt(officer, ["import", path]), exits: 4, saying: "没有权限：只有市局人员可以导入文件里的命令")
                expect(
                    try city.attempt(officer, ["import", path, "--lang", "en"]), exits: 4,
                    saying: "only officers of the bureau hand in commands from files")
            }
            var bytes = try city.folder.read("disc.command")
            bytes[bytes.count / 2] ^= 1
            try city.folder.write("bent.command", bytes)
            let bent = try city.attempt("b1a1", ["import", city.folder.file("bent.command")])
            #expect([2, 11].contains(bent.status), "\(bent.everything)")
            expect(
                try city.attempt("b1a1", ["import", Programs.root + "/seeds/city.csv"]), exits: 11,
                saying: "不是命令文件")
        }

        /// A view without what differs between two matters by nature: ids, references, times, positions.
        private func comparable(_ text: String) -> [String] {
            text.split(separator: "\n").map(String.init).filter { line in
                !["target", "reference", "_at\"", "\"at\"", "sequence", "command_id"].contains {
                    line.contains($0)
                }
            }
        }

        @Test("what could not be sent waits in the outbox and is done once")
        func outbox() throws {
            let city = try City()
            try city.start()
            #expect(city.stop() == 0)
            let failed = try city.attempt("u7l1", City.submission(title: "断网时填写") + ["--timeout", "1"])
            expect(failed, exits: 7, saying: "已保存在本机待发", "outbox send", "不会重复办理")
            expect(try city.attempt("u7l1", ["outbox", "list"]), exits: 0, saying: "断网时填写", "提报需求")
            expect(
                try city.attempt("u7l1", ["outbox", "send", "--timeout", "1"]), exits: 7, saying: "已保存在本机待发")
            let folder = city.access.certificates + "/officers/u7l1.outbox"
            let waiting = try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(".command") }
            #expect(waiting.count == 1)
            let copy = city.folder.file("copy.command")
            try FileManager.default.copyItem(atPath: folder + "/" + (waiting.first ?? ""), toPath: copy)
            try city.start()
            expect(try city.attempt("u7l1", ["outbox", "send"]), exits: 0, saying: "已办成")
            expect(try city.attempt("u7l1", ["outbox", "list"]), exits: 0, saying: "没有待发命令")
            // A copy sent again changes nothing.
            expect(try city.attempt("u7l1", ["send", copy]), exits: 0, saying: "此前已办理")
            let list = try city.json("u7l1", ["request", "list"])
            #expect((list["requests"] as? [Any])?.count == 1)
        }

        @Test("watch goes on after the server was restarted: nothing missed, nothing twice")
        func watch() throws {
            let city = try City()
            try city.start()
            let child = try Child(
                [
                    try Programs.path("twolists"), "--profile", city.access.profile("b1a1"), "watch",
                    "--json",
                    "--count", "4",
                ],
                output: city.folder.file("watch.out"), errors: city.folder.file("watch.err"))
            // The watch begins when its stream is open; until something is seen, something happens.
            var filed: [String] = []
            while child.outputText.isEmpty, filed.count < 100 {
                filed.append("第\(filed.count)件")
                _ = try city.request(title: filed.last ?? "")
                usleep(50_000)
            }
            let after = ["重启后甲", "重启后乙", "重启后丙", "重启后丁"]
            city.kill()
            try city.start()
            for title in after { _ = try city.request(title: title) }
            #expect(child.wait(City.patience) == 0, "\(child.errorText)")
            let titles = try child.outputText.split(separator: "\n").map { line -> String in
                let change = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return change?["title"] as? String ?? ""
            }
            let all = filed + after
            let start = try #require(all.firstIndex(of: titles.first ?? ""))
            #expect(titles == Array(all[start..<start + 4]), "not one run of \(all)")
            #expect(titles.last?.hasPrefix("重启后") ?? false)
        }
    }
}
