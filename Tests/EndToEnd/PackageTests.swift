import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// LU-07 is never on line: its profile has no line, and nothing but discs goes between it and the bureau.
    @Suite("PACKAGE.md 6: a unit takes part by discs alone, with the real programs")
    struct PackageTests {
        /// A city whose unit LU-07 has no line, and a folder for the discs.
        private struct Discs {
            let city: City
            let tray: TemporaryDirectory

            init(_ made: City? = nil) throws {
                city = try made ?? City()
                try city.start()
                tray = try TemporaryDirectory("discs")
                let profile = city.access.profile("u7l1")
                let text = try String(contentsOfFile: profile, encoding: .utf8)
                try (text + "line = none\nrevocations = \(city.folder.file("certs/ca/ca.crl"))\n").write(
                    toFile: profile, atomically: true, encoding: .utf8)
            }

            /// The next package of the unit; the path of its file.
            func send() throws -> String {
                try file(
                    "u7l1",
                    ["package", "make", "--reader", city.access.certificate("b1a1"), "--out", tray.path])
            }

            /// Opened at the bureau; the package that goes back.
            func exchange(_ disc: String) throws -> String {
                try file("b1a1", ["package", "open", disc, "--out", tray.path])
            }

            func file(_ officer: String, _ words: [String]) throws -> String {
                try #require(try city.json(officer, words)["file"] as? String)
            }
        }

        @Test("submitted, decided, assigned, reported, confirmed and closed by disc")
        func story() throws {
            let discs = try Discs()
            let city = discs.city
            expect(
                try city.attempt("u7l1", City.submission()), exits: 0, saying: "已存入待发箱", "随下一个交换包送出")
            let first = try discs.send()
            expect(try city.attempt("u7l1", ["request", "list"]), exits: 0, saying: "还没有打开过市局的交换包")
            let back = try discs.exchange(first)
            expect(try city.attempt("u7l1", ["package", "open", back]), exits: 0, saying: "已办成")
            let seen = try city.json("u7l1", ["request", "list"])
            let rows = try #require(seen["requests"] as? [[String: Any]])
            #expect(rows.count == 1 && rows.first?["state"] as? String == "submitted")
            let target = try #require(rows.first?["target"] as? String)
            #expect((try city.json("u7l1", ["outbox", "list"])["entries"] as? [Any])?.isEmpty == true)
            expect(try city.attempt("u7l1", ["receipt", "list"]), exits: 0, saying: "提报")

            try city.run("b1a1", ["request", "accept", target])
            try city.run("b1s2", ["request", "decide", target, "--decision", "included"])
            try city.run(
                "b1s2",
                [
                    "request", "assign", target, "--responsible", "421321", "--content", "修缮东门道路",
                    "--deadline", Today.day(40), "--standard", "平整通车", "--first-post", "局长",
                    "--second-post", "科长",
                ])
            try city.run("k7f2", ["request", "acknowledge", target])
            try city.run("k7f2", ["request", "progress", target, "--percent", "50"])
            try city.run(
                "k7f2", ["request", "report", target, "--grade", "A", "--summary", "已修缮完成"])
            let news = try discs.file(
                "b1a1", ["package", "make", "--to", "unit/LU-07", "--out", discs.tray.path])
            expect(try city.attempt("u7l1", ["package", "open", news]), exits: 0)
            expect(
                try city.attempt("u7l1", ["request", "show", target]), exits: 0, saying: "离线，截至", "已修缮完成")
            expect(try city.attempt("u7l1", ["request", "history", target]), exits: 0, saying: "离线，截至", "交办")
            try confirm(target, discs)
            #expect(
                (try city.json("b1a1", ["request", "show", target])["summary"] as? [String: Any])?["state"]
                    as? String == "closed")
        }

        /// What the last disc showed is what the unit confirms.
        private func confirm(_ target: String, _ discs: Discs) throws {
            let city = discs.city
            let result = try city.attempt(
                "u7l1", ["request", "confirm", target, "--satisfaction", "satisfied"])
            expect(result, exits: 0, saying: "已存入待发箱")
            let back = try discs.exchange(try discs.send())
            expect(try city.attempt("u7l1", ["package", "open", back]), exits: 0)
            expect(try city.attempt("u7l1", ["request", "show", target]), exits: 0, saying: "已销号")
            expect(
                try city.attempt("b1a1", ["package", "status"]), exits: 0, saying: "下一包应为第3包", "未确认")
        }

        @Test("opened again, out of order, damaged, lost, by a stranger")
        func mishaps() throws {
            let discs = try Discs()
            let city = discs.city
            try city.run("u7l1", City.submission())
            let first = try discs.send()
            try city.run("u7l1", City.submission(title: "训练场周边排水"))
            let second = try discs.send()
            expect(
                try city.attempt("b1a1", ["package", "open", second, "--out", discs.tray.path]), exits: 3,
                saying: "缺第1批")
            #expect(try titles(city).isEmpty)
            var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: first)))
            bytes[bytes.count - 2_000] ^= 1
            let damaged = try discs.tray.write("damaged.tlp", bytes)
            expect(
                try city.attempt("b1a1", ["package", "open", damaged, "--out", discs.tray.path]), exits: 12,
                saying: "没有导入任何内容")
            #expect(try titles(city).isEmpty)
            _ = try discs.exchange(first)
            #expect(try titles(city) == ["营区东门道路修缮"])
            _ = try discs.exchange(first)
            _ = try discs.exchange(second)
            #expect(try titles(city).count == 2)
            let again = try discs.exchange(first)
            #expect(try titles(city).count == 2)
            // The unit gets the last of four packages first.
            expect(try city.attempt("u7l1", ["package", "open", again]), exits: 3, saying: "缺第1至3批")
            for number in 1...3 {
                let copy = discs.tray.file("again-\(number).tlp")
                try city.run(
                    "b1a1", ["package", "make", "--to", "unit/LU-07", "--again", "\(number)", "--out", copy])
                expect(try city.attempt("u7l1", ["package", "open", copy]), exits: 0)
            }
            expect(try city.attempt("u7l1", ["package", "open", again]), exits: 0)
            expect(try city.attempt("u7l1", ["package", "open", again]), exits: 0, saying: "没有重复办理")
            expect(try city.attempt("k7f2", ["package", "open", again]), exits: 12, saying: "不是本单位")
        }

        /// The officer gets a certificate for a new key, as after a lost card; what was sealed to the old one nobody can open.
        private func losesKey(_ officer: String, _ identity: String, _ city: City) throws {
            let files = city.folder.file("new-\(officer)")
            try City.run("twolists", ["ca", "request", identity, "--out", files])
            try City.run("twolists", ["ca", "issue", city.access.certificates + "/ca", files + ".csr"])
            for (new, old) in [
                (files + ".crt", city.access.certificate(officer)),
                (files + ".key", city.access.key(officer)),
            ] {
                try FileManager.default.removeItem(atPath: old)
                try FileManager.default.moveItem(atPath: new, toPath: old)
            }
        }

        @Test("sealed to keys that are gone, in both directions: set aside, and what was in them comes again")
        func unreadable() throws {
            let discs = try Discs()
            let city = discs.city
            try city.run("u7l1", City.submission())
            let first = try discs.send()
            try losesKey("b1a1", "twolists://421300/bureau/421300/officer/b1a1", city)
            expect(
                try city.attempt("b1a1", ["package", "open", first, "--out", discs.tray.path]), exits: 12,
                saying: "READER", "--set-aside")
            let back = try discs.file(
                "b1a1", ["package", "open", first, "--set-aside", "--out", discs.tray.path])
            #expect(try titles(city).isEmpty)
            try city.run("u7l1", ["package", "open", back])
            let second = try discs.exchange(try discs.send())
            #expect(try titles(city) == ["营区东门道路修缮"], "what was not answered goes again")

            try losesKey("u7l1", "twolists://421300/unit/LU-07/officer/u7l1", city)
            expect(try city.attempt("u7l1", ["package", "open", second]), exits: 12, saying: "READER")
            expect(
                try city.attempt("u7l1", ["package", "open", second, "--set-aside"]), exits: 0,
                saying: "已记为未读", "package make")
            let third = try discs.exchange(try discs.send())
            expect(
                try city.attempt("u7l1", ["package", "open", third, "--set-aside"]), exits: 3,
                saying: "READABLE", "没有导入任何内容")
            expect(try city.attempt("u7l1", ["package", "open", third]), exits: 0, saying: "已办成")
            let rows = try #require(
                try city.json("u7l1", ["request", "list"])["requests"] as? [[String: Any]])
            #expect(rows.map { $0["title"] as? String } == ["营区东门道路修缮"])
            #expect((try city.json("u7l1", ["outbox", "list"])["entries"] as? [Any])?.isEmpty == true)
        }

        @Test(
            "kinds of batches come by disc, a batch goes by disc, is checked and taken for its sender, once")
        func batch() async throws {
            let discs = try Discs()
            let city = discs.city
            let kinds = try discs.file(
                "b1a1",
                [
                    "package", "make", "--to", "unit/LU-07", "--reader", city.access.certificate("u7l1"),
                    "--out", discs.tray.path,
                ])
            expect(try city.attempt("u7l1", ["package", "open", kinds]), exits: 0)
            let head = "活动类别,活动名称,县(市、区),主办单位,活动日期,参加人数\n"
            let taken = "国防教育,国防教育进校园,曾都区,示例学校,2022-09-01,200\n"
            let first = try discs.tray.write("first.csv", Array((head + taken).utf8))
            try city.run("k7f2", ["batch", "send", first, "--kind", "activity"])
            let rows = try discs.tray.write(
                "activities.csv", Array((head + taken + "走访慰问,八一慰问,随县,示例单位,2022.8.1,30\n").utf8))
            expect(
                try city.attempt(
                    "u7l1",
                    ["batch", "send", rows, "--kind", "activity", "--number", "lu07-1", "--mode", "good"]),
                exits: 0, saying: "随下一个交换包送出", "lu07-1")
            expect(try city.attempt("u7l1", ["batch", "show", "lu07-1"]), exits: 5, saying: "还没有收到市局的答复")
            let opened = try city.json(
                "b1a1", ["package", "open", try discs.send(), "--out", discs.tray.path])
            #expect((opened["unjudged"] as? [Any])?.isEmpty == true, "\(opened)")
            try answered(discs, try #require(opened["file"] as? String))
        }

        /// The city has checked and taken the batch when it gives the disc back; the unit reads all of it without a line, and it goes no second time.
        private func answered(_ discs: Discs, _ back: String) throws {
            let city = discs.city
            expect(
                try city.attempt("u7l1", ["package", "open", back]), exits: 0, saying: "已入库：lu07-1", "已办成")
            expect(
                try city.attempt("u7l1", ["batch", "show", "lu07-1"]), exits: 0, saying: "离线，截至", "已接收",
                "部分合格：合格1行，不合格1行", "新增1")
            expect(
                try city.attempt("u7l1", ["batch", "report", "lu07-1"]), exits: 0, saying: "离线，截至", "第1行",
                "行号是这批数据中的第几行")
            expect(try city.attempt("u7l1", ["batch", "list"]), exits: 0, saying: "lu07-1", "部分合格")
            #expect((try city.json("u7l1", ["outbox", "list"])["entries"] as? [Any])?.isEmpty == true)
            let id = try #require(try city.json("u7l1", ["batch", "show", "lu07-1"])["id"] as? String)
            let receipts = city.access.profile("u7l1").replacing(".profile", with: ".receipts")
            let kept = try FileManager.default.contentsOfDirectory(atPath: receipts)
            for step in ["stored", "checked", "done"] {
                #expect(kept.contains("\(id).\(step).answer"), "\(kept)")
            }
            let next = try city.json(
                "b1a1", ["package", "make", "--to", "unit/LU-07", "--out", discs.tray.path])
            let counts = (next["made"] as? [String: Any])?["counts"] as? [String: Any]
            #expect(counts?["batch_answers"] as? Int == 0, "\(next)")
            expect(
                try city.attempt("u7l1", ["package", "open", try #require(next["file"] as? String)]), exits: 0
            )
            expect(try city.attempt("u7l1", ["batch", "show", "lu07-1"]), exits: 0, saying: "已入库")
        }

        /// Files in the package that was made.
        private static func fileCount(_ told: [String: Any]) -> Int? {
            ((told["made"] as? [String: Any])?["counts"] as? [String: Any])?["attachments"] as? Int
        }

        /// A PDF that no compression and no chance makes equal to another.
        private func scan(_ discs: Discs, _ name: String, bytes: Int, salt: Int) throws -> String {
            try discs.tray.write(
                name,
                Array("%PDF-1.7\n".utf8)
                    + (0..<bytes).map { UInt8(truncatingIfNeeded: (($0 + salt) &* 0x9E37_79B1) >> 13) })
        }

        @Test(
            "ATTACHMENT.md by disc: what the unit attaches arrives, what others attach comes, and both are fetched there"
        )
        func attachments() throws {
            let discs = try Discs()
            let city = discs.city
            try city.run("u7l1", City.submission())
            try city.run("u7l1", ["package", "open", try discs.exchange(try discs.send())])
            let rows = try city.json("u7l1", ["request", "list"])["requests"] as? [[String: Any]]
            let key = try #require(rows?.first?["target"] as? String)
            let (own, theirs) = (
                try scan(discs, "现场照片.pdf", bytes: 700_000, salt: 1),
                try scan(discs, "批复.pdf", bytes: 600_000, salt: 2)
            )
            expect(try city.attempt("u7l1", ["request", "attach", key, own]), exits: 0, saying: "已存入待发箱")
            let back = try city.json("b1a1", ["package", "open", try discs.send(), "--out", discs.tray.path])
            #expect(Self.fileCount(back) == 0, "its own does not come back: \(back)")
            try city.run("u7l1", ["package", "open", try #require(back["file"] as? String)])
            expect(try city.attempt("b1a1", ["request", "show", key]), exits: 0, saying: "附件1", "现场照片.pdf")
            try city.run("b1a1", ["request", "attach", key, theirs])
            let news = try city.json(
                "b1a1", ["package", "make", "--to", "unit/LU-07", "--out", discs.tray.path])
            #expect(Self.fileCount(news) == 1, "\(news)")
            expect(try city.attempt("u7l1", ["request", "fetch", key, "2"]), exits: 2, saying: "没有这个序号的附件")
            try city.run("u7l1", ["package", "open", try #require(news["file"] as? String)])
            let later = try city.json(
                "b1a1", ["package", "make", "--to", "unit/LU-07", "--out", discs.tray.path])
            #expect(Self.fileCount(later) == 0, "\(later)")
            for (number, path) in [(1, own), (2, theirs)] {
                let got = discs.tray.file("got-\(number).pdf")
                expect(
                    try city.attempt("u7l1", ["request", "fetch", key, "\(number)", got]), exits: 0,
                    saying: "已取回并核对")
                #expect(FileManager.default.contentsEqual(atPath: got, andPath: path))
            }
        }

        @Test(
            "ROUND.md by disc: a published round comes to whom it concerns and is verified there, without a line"
        )
        func rounds() throws {
            let discs = try Discs(try City(filling: PublishedRounds.fill))
            let city = discs.city
            let news = try city.json(
                "b1a1",
                [
                    "package", "make", "--to", "unit/LU-07", "--reader", city.access.certificate("u7l1"),
                    "--out",
                    discs.tray.path,
                ])
            let counts = (news["made"] as? [String: Any])?["counts"] as? [String: Any]
            #expect(counts?["rounds"] as? Int == 2, "\(news)")
            let file = discs.tray.file("round.txt")
            expect(
                try city.attempt("u7l1", ["round", "file", "2-officers", "--out", file]), exits: 5,
                saying: "没有找到")
            expect(
                try city.attempt("u7l1", ["package", "open", try #require(news["file"] as? String)]), exits: 0
            )
            expect(
                try city.attempt("u7l1", ["round", "file", "2-officers", "--out", file]), exits: 0,
                saying: "已存为")
            expect(try City.attempt("twolists", ["round", "verify", file]), exits: 0, saying: "核验通过")
        }

        @Test("killed anywhere while it opens a disc, the bureau opens it again: nothing twice, nothing lost")
        func killed() throws {
            let discs = try Discs()
            let city = discs.city
            let count = 12
            for number in 1...count { try city.run("u7l1", City.submission(title: "事项\(number)")) }
            let disc = try discs.send()
            var random = SplitMix64(seed: 20_261_127)
            for round in 0..<8 {
                let child = try Child(
                    [
                        try Programs.path("twolists"), "--profile", city.access.profile("b1a1"), "package",
                        "open", disc, "--out", discs.tray.file("killed-\(round).tlp"),
                    ], output: discs.tray.file("out"), errors: discs.tray.file("err"))
                usleep(UInt32(random.next() % 400_000))
                child.slay()
            }
            _ = try discs.exchange(disc)
            #expect(Set(try titles(city)) == Set((1...count).map { "事项\($0)" }))
            #expect(try titles(city).count == count)
            // Every package that the killed ones made has its number, and the unit opens them in their order.
            let ledgers = try #require(
                try city.json("b1a1", ["package", "status"])["ledgers"] as? [[String: Any]])
            let made = try #require(ledgers.first { $0["direction"] as? String == "out" }?["number"] as? Int)
            for number in 1...made {
                let copy = discs.tray.file("copy-\(number).tlp")
                try city.run(
                    "b1a1", ["package", "make", "--to", "unit/LU-07", "--again", "\(number)", "--out", copy])
                try city.run("u7l1", ["package", "open", copy])
            }
            #expect((try city.json("u7l1", ["outbox", "list"])["entries"] as? [Any])?.isEmpty == true)
            #expect((try city.json("u7l1", ["request", "list"])["requests"] as? [Any])?.count == count)
        }

        private func titles(_ city: City) throws -> [String] {
            let rows = try city.json("b1a1", ["request", "list", "--all"])["requests"] as? [[String: Any]]
            return (rows ?? []).compactMap { $0["title"] as? String }
        }
    }
}
