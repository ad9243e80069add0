import Foundation
import TestSupport
import Testing

extension RealPrograms {
    @Suite("Batches as a clerk sends them: checked, sent, answered three times, read back")
    struct BatchCommandTests {
        private static let good = """
            2023年3月抚恤补助发放表
            姓名,身份证号,县(市、区),补助项目,发放年月,发放金额
            示例甲,421303197506157782,曾都区,残疾抚恤金,2023.3,1250.50
            示例乙,421321198809301128,曾都,定期抚恤金,2023年3月,3000
            合计,,,,,4250.50
            """
        private static let bad = good.replacingOccurrences(
            of: "421321198809301128", with: "421321198809301129")

        private func written(_ text: String, _ name: String, _ folder: TemporaryDirectory) throws -> String {
            let path = folder.path + "/" + name
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            return path
        }

        @Test(
            "a faulty table stays here with its mends; mended it is sent, answered, repeated, listed, fetched, exported"
        )
        func story() throws {
            let (city, folder) = (try City(), try TemporaryDirectory("batch-tour"))
            try city.start()
            let bad = try written(Self.bad, "坏.csv", folder)
            let remarked = folder.path + "/带说明.csv"
            let checked = try city.attempt("k7f2", ["batch", "check", bad, "--remarked", remarked])
            expect(checked, exits: 11, saying: "按表头判断是“抚恤补助发放”", "第4行“身份证号”(B列)", "应为8")
            #expect(try String(contentsOfFile: remarked, encoding: .utf8).contains("校验位不符，应为8"))
            expect(
                try city.attempt("k7f2", ["batch", "send", bad]), exits: 11, saying: "没有报送", "--mode good")
            expect(try city.attempt("k7f2", ["batch", "list"]), exits: 0, saying: "没有批次")
            let good = try written(Self.good, "好.csv", folder)
            let sent = try city.attempt("k7f2", ["batch", "send", good, "--number", "march-1"])
            expect(sent, exits: 0, saying: "✓ 已入库：march-1", "2行，发放金额 4250.50元", "新增2", "存证已核验")
            let again = try city.attempt("k7f2", ["batch", "send", good])
            expect(again, exits: 0, saying: "没有重发", "march-1", "新增2")
            let other = try city.attempt(
                "k7f2", ["batch", "send", bad, "--number", "march-1", "--mode", "good"])
            expect(other, exits: 3, saying: "march-1 已用于另一批", "以上1行不报送")
            try readBack(city, folder)
            // Without the server: the kinds of the last time, and of a folder.
            city.stop()
            expect(
                try city.attempt("k7f2", ["batch", "check", good, "--timeout", "1"]), exits: 0,
                saying: "上次取得的表样")
            expect(
                try city.attempt("k7f2", ["batch", "check", good, "--kinds", Programs.root + "/seeds"]),
                exits: 0,
                saying: "合格2行")
        }

        private func readBack(_ city: City, _ folder: TemporaryDirectory) throws {
            let list = try city.json("k7f2", ["batch", "list"])["batches"] as? [[String: Any]] ?? []
            #expect(list.map { $0["number"] as? String } == ["march-1"])
            let (csv, xlsx) = (folder.path + "/取回.csv", folder.path + "/导出.xlsx")
            expect(try city.attempt("k7f2", ["batch", "fetch", "march-1", csv]), exits: 0, saying: "2行")
            let text = try String(contentsOfFile: csv, encoding: .utf8)
            #expect(
                text.contains("姓名,身份证号") && text.contains("示例乙,421321198809301128,曾都区,定期抚恤金,2023-03")
            )
            let bytes = try Data(contentsOf: URL(fileURLWithPath: csv))
            #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF]))
            expect(try city.attempt("k7f2", ["batch", "fetch", "march-1", csv]), exits: 11, saying: "已经存在")
            expect(
                try city.attempt("b1a1", ["batch", "export", "抚恤", xlsx]), exits: 0, saying: "2行", "--since")
            expect(try city.attempt("b1a1", ["batch", "check", xlsx]), exits: 0, saying: "工作簿", "合格2行")
            expect(try city.attempt("k3z8", ["batch", "show", "march-1", "--party", "421321"]), exits: 5)
        }

        @Test(
            "every kind that a city has can be sent: lists of codes, parties, counties are the server's own")
        func lists() throws {
            let (city, folder) = (try City(), try TemporaryDirectory("batch-lists"))
            try city.start()
            let text = """
                编号,方向,事项名称,类别,提报单位,提报日期,状态
                示2026-1,部队提,营区东门道路修缮,道路修缮,驻随某部07,2026-01-10,已提报
                示2026-2,地方提,汛期支援,抗洪抢险,随县,2026-05-10,已提报
                """
            let sent = try city.attempt("k7f2", ["batch", "send", try written(text, "事项.csv", folder)])
            expect(sent, exits: 0, saying: "已入库", "新增2")
        }

        /// Full: forty kills. A tenth without TWOLISTS_SOAK.
        private static let kills = ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] == nil ? 4 : 40

        private static func large(_ rows: Int) -> String {
            let remark = String(repeating: "备注", count: 95)
            let lines = (0..<rows).map { "SZ-\($0),2022-01-15,收入,\($0 + 1),捐赠,\(remark)" }
            return (["凭证号,日期,收支,金额（元）,资金来源,备注"] + lines).joined(separator: "\r\n") + "\r\n"
        }

        @Test(
            "killed while it sends, and the server in turn: what was taken stays taken, and the rows arrive once"
        )
        func killed() throws {
            let (city, folder) = (try City(), try TemporaryDirectory("batch-kill"))
            try city.start()
            let rows = 4_000
            let path = try written(Self.large(rows), "基金.csv", folder)
            let words = ["batch", "send", path, "--number", "fund-1", "--timeout", "60"]
            var (had, random) = (0, SplitMix64(seed: 5))
            for kill in 0..<Self.kills {
                let client = try Child(
                    [try Programs.path("twolists"), "--profile", city.access.profile("k7f2")] + words,
                    output: folder.file("out"), errors: folder.file("err"))
                while client.status == nil, !client.errorText.contains("传送") { usleep(1_000) }
                usleep(UInt32(random.next() % 30_000))
                if kill % 2 == 1 {
                    city.kill()
                    try city.start()
                }
                client.slay()
                let stored = Self.stored(client.errorText)
                // It was quicker than the kill: the next ones find it sent.
                if client.errorText.contains("已经报送过") { continue }
                #expect(stored >= had, "\(client.errorText)")
                had = max(had, stored)
            }
            expect(try city.attempt("k7f2", words), exits: 0, saying: "已入库：fund-1", "新增\(rows)")
            let view = try city.json("b1a1", ["batch", "show", "fund-1"])
            #expect(view["good_rows"] as? Int == rows && view["rows"] as? Int == rows)
            let sums = view["sums"] as? [String: Any]
            #expect(sums?["amount"] as? Int == (1...rows).reduce(0) { $0 + $1 * 100 })
            let list = try city.json("k7f2", ["batch", "list"])["batches"] as? [[String: Any]] ?? []
            #expect(list.count == 1)
            #expect(city.stop() == 0)
            expect(try city.verify(), exits: 0)
        }

        /// Of `续传：已有 31/40 块`.
        private static func stored(_ text: String) -> Int {
            guard let line = text.split(separator: "\n").last(where: { $0.contains("续传：已有") }) else {
                return 0
            }
            return Int(line.drop { !$0.isNumber }.prefix { $0.isNumber }) ?? 0
        }
    }
}
