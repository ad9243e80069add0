import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// Protocol/REGISTRY.md with the real programs.
    @Suite("REGISTRY.md: parties, hand-over, names and whole tables with the real programs")
    struct RegistryTests {
        /// A certificate and a profile of an officer of `party`, as `like`'s is; the profile's path.
        private func certify(_ officer: String, _ party: String, like: String, _ city: City) throws -> String
        {
            let files = city.access.certificates + "/officers/\(officer)"
            try City.run(
                "twolists",
                ["ca", "request", "twolists://421300/\(party)/officer/\(officer)", "--out", files])
            try City.run("twolists", ["ca", "issue", city.access.certificates + "/ca", files + ".csr"])
            let profile = try String(contentsOfFile: city.access.profile(like), encoding: .utf8)
            try profile.replacingOccurrences(of: "\(like).", with: "\(officer).").write(
                toFile: files + ".profile", atomically: true, encoding: .utf8)
            return files + ".profile"
        }

        @Test(
            "a township is added, gets an item and handles it; suspended it may do nothing; the order is the official one"
        )
        func parties() throws {
            let city = try City()
            try city.start()
            let add = [
                "party", "add", "421321-LS", "--kind", "township", "--name", "厉山镇", "--order", "1",
                "--parent", "随县",
            ]
            expect(try city.attempt("b1q4", add), exits: 4, saying: "系统管理员")
            expect(try city.attempt("b1y3", add), exits: 0, saying: "登记单位：已办成")
            expect(try city.attempt("b1y3", add), exits: 3, saying: "该单位已经登记", "party change")
            let listed = try city.run("u7l1", ["party", "list"])
            let found = ["county/421321", "township/421321-LS", "county/421381"].compactMap {
                listed.range(of: $0)?.lowerBound
            }
            #expect(found.count == 3 && found == found.sorted(), "\(listed)")

            let profile = try certify("t1a1", "township/421321-LS", like: "k7f2", city)
            func attempt(_ words: [String]) throws -> Ended {
                try City.attempt("twolists", ["--profile", profile] + words)
            }
            try city.run(
                "b1q4",
                [
                    "officer", "register", "t1a1", "--party", "厉山", "--role", "clerk", "--name", "测试镇",
                    "--post", "站长",
                ])
            expect(try attempt(["whoami"]), exits: 0, saying: "厉山镇", "站长")
            let target = try city.request()
            try city.run("b1a1", ["request", "accept", target])
            try city.run("b1s2", ["request", "decide", target, "--decision", "included"])
            expect(try attempt(["request", "show", target]), exits: 5)
            let assign = [
                "request", "assign", target, "--responsible", "厉山镇", "--content", "修缮", "--deadline",
                "\(Today.year + 1)-03-31", "--standard", "验收合格", "--first-post", "镇长", "--second-post", "站长",
            ]
            expect(try city.attempt("b1q4", ["party", "suspend", "厉山镇"]), exits: 0, saying: "已办成")
            expect(try city.attempt("b1s2", assign), exits: 3, saying: "已停用")
            expect(try attempt(["whoami"]), exits: 8, saying: "停用")
            expect(
                try city.attempt("u7l1", ["party", "show", "厉山镇"]), exits: 0, saying: "已停用", "county/421321")
            expect(try city.attempt("b1y3", ["party", "resume", "厉山镇"]), exits: 4, saying: "安全管理员")
            try city.run("b1q4", ["party", "resume", "厉山镇"])
            try city.run("b1s2", assign)
            expect(try attempt(["request", "acknowledge", target]), exits: 0, saying: "已办成")
            expect(try attempt(["request", "progress", target, "--percent", "30"]), exits: 0)
            try city.run("b1y3", ["party", "change", "421321-LS", "--name", "厉山镇人民政府"])
            #expect(try city.run("b1a1", ["request", "show", target]).contains("厉山镇人民政府"))
            expect(
                try city.attempt("b1y3", ["party", "change", "421321-LS", "--name", "31638部队"]), exits: 3,
                saying: "没有发送")
            expect(try city.attempt("b1q4", ["party", "suspend", "bureau/421300"]), exits: 3, saying: "不能承担")
            expect(try city.attempt("b1q4", ["party", "suspend", "没有"]), exits: 2, saying: "party list")
        }

        @Test(
            "a successor takes the duty over and sees everything; the name of who left is removed, id and post stay, across a restart"
        )
        func handOver() throws {
            let city = try City()
            try city.start()
            let target = try city.request()
            try city.run("b1a1", ["request", "accept", target])
            try city.run("b1s2", ["request", "decide", target, "--decision", "included"])
            try city.run(
                "b1s2",
                [
                    "request", "assign", target, "--responsible", "随县", "--content", "修缮", "--deadline",
                    "\(Today.year + 1)-03-31", "--standard", "验收合格", "--first-post", "局长", "--second-post",
                    "股长",
                ])
            try city.run("k7f2", ["request", "acknowledge", target])
            let profile = try certify("k9n1", "county/421321", like: "k7f2", city)
            func attempt(_ words: [String]) throws -> Ended {
                try City.attempt("twolists", ["--profile", profile] + words)
            }
            let handOver = ["officer", "hand-over", "--from", "k7f2", "--to", "k9n1"]
            expect(try city.attempt("b1q4", handOver), exits: 3, saying: "接任人员", "没有这一项")
            try city.run(
                "b1q4",
                [
                    "officer", "register", "k9n1", "--party", "随县", "--role", "clerk", "--name", "测试新",
                    "--post", "副股长",
                ])
            expect(try city.attempt("b1s2", handOver), exits: 4, saying: "安全管理员")
            // As an attacker: to or from the own account.
            for words in [["--from", "b1s2", "--to", "b1q4"], ["--from", "b1q4", "--to", "b1s2"]] {
                expect(
                    try city.attempt("b1q4", ["officer", "hand-over"] + words), exits: 3, saying: "不能给自己的账号授权"
                )
            }
            expect(
                try city.attempt("b1q4", ["officer", "hand-over", "--from", "k3z8", "--to", "k9n1"]),
                exits: 3,
                saying: "不是同一单位的人员")
            expect(
                try city.attempt("b1q4", ["officer", "erase", "k7f2", "--basis", "七号"]), exits: 3,
                saying: "officer hand-over")
            expect(try city.attempt("b1q4", handOver), exits: 0, saying: "办理交接：已办成")
            expect(try city.attempt("k7f2", ["whoami"]), exits: 8, saying: "您的账号已停用")
            expect(try attempt(["whoami"]), exits: 0, saying: "审批")
            expect(try attempt(["request", "history", target]), exits: 0, saying: "随县拥军优抚股股长")
            expect(try attempt(["request", "progress", target, "--percent", "40"]), exits: 0)
            expect(try city.attempt("b1q4", handOver), exits: 3, saying: "没有可以交接的角色")

            expect(
                try city.attempt("b1q4", ["officer", "list", "--party", "随县"]), exits: 0, saying: "测试己", "测试新"
            )
            expect(
                try city.attempt("b1q4", ["officer", "erase", "k7f2", "--basis", "七号"]), exits: 0,
                saying: "彻底删除日期")
            for _ in 0..<2 {
                let list = try city.run("b1q4", ["officer", "list"])
                #expect(list.contains("已删除") && !list.contains("测试己"), "\(list)")
                expect(
                    try attempt(["request", "history", target, "--json"]), exits: 0, saying: "\"k7f2\"",
                    "随县拥军优抚股股长")
                // Colleagues see each other by masked names, and nobody else.
                let own = try attempt(["officer", "list"]).outputText
                #expect(own.contains("测**") && !own.contains("测试新") && !own.contains("u7l1"), "\(own)")
                expect(try city.attempt("b1q4", ["officer", "resume", "k7f2"]), exits: 3, saying: "内容已删除")
                city.stop()
                try city.start()
            }
            city.stop()
            expect(try city.verify(), exits: 0)
        }

        @Test(
            "a county has its township work on an item: the township reports progress, the county the result")
        func handOn() throws {
            let city = try City()
            try city.start()
            try city.run(
                "b1y3",
                ["party", "add", "421321-LS", "--kind", "township", "--name", "厉山镇", "--parent", "随县"])
            let profile = try certify("t1a1", "township/421321-LS", like: "k7f2", city)
            try city.run(
                "b1q4",
                [
                    "officer", "register", "t1a1", "--party", "厉山镇", "--role", "clerk", "--name", "测试镇",
                    "--post",
                    "站长",
                ])
            let target = try city.request()
            try city.run("b1a1", ["request", "accept", target])
            try city.run("b1s2", ["request", "decide", target, "--decision", "included"])
            try city.run(
                "b1s2",
                [
                    "request", "assign", target, "--responsible", "随县", "--content", "修缮", "--deadline",
                    "\(Today.year + 1)-03-31", "--standard", "验收合格", "--first-post", "局长", "--second-post",
                    "股长",
                ])
            try city.run("k7f2", ["request", "acknowledge", target])
            let handOn = ["request", "hand-on", target, "--to", "厉山镇", "--note", "由镇组织施工"]
            expect(try city.attempt("b1s2", handOn), exits: 4)
            expect(try city.attempt("k7f2", handOn), exits: 0, saying: "转交乡镇办理：已办成")
            func attempt(_ words: [String]) throws -> Ended {
                try City.attempt("twolists", ["--profile", profile] + words)
            }
            expect(try attempt(["request", "history", target]), exits: 0, saying: "由镇组织施工")
            expect(try attempt(["request", "progress", target, "--percent", "60"]), exits: 0, saying: "已办成")
            expect(
                try attempt(["request", "report", target, "--grade", "solved", "--summary", "已修缮"]), exits: 4)
            expect(
                try city.attempt(
                    "k7f2", ["request", "report", target, "--grade", "solved", "--summary", "已修缮"]),
                exits: 0)
        }

        @Test("a suspended party's open watch ends, and its officers are let in again when it is resumed")
        func live() async throws {
            let city = try City()
            try city.start()
            let watch = try await city.watch("k7f2")
            expect(try city.attempt("b1q4", ["party", "suspend", "随县"]), exits: 0, saying: "停用/启用单位：已办成")
            let status = watch.wait(City.patience)
            #expect(status == 8 || status == 4, "\(String(describing: status)) \(watch.errorText)")
            expect(try city.attempt("k3z8", ["whoami"]), exits: 0)
            try city.run("b1q4", ["party", "resume", "随县"])
            expect(try city.attempt("k7f2", ["whoami"]), exits: 0, saying: "随县")
        }

        @Test(
            "whole tables: a preview first, each administrator their own part, a second load changes nothing, what was exported loads"
        )
        func load() throws {
            let city = try City()
            try city.start()
            let seeds = Programs.root + "/seeds"
            // What init loaded is what the folder says.
            expect(
                try city.attempt("b1y3", ["registry", "load", seeds]), exits: 0, saying: "新增 0，变更 0", "预览")
            let folder = city.folder.file("tables")
            try FileManager.default.createDirectory(
                atPath: folder + "/codes", withIntermediateDirectories: true)
            func write(_ path: String, _ text: String) throws {
                try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + path))
            }
            try write(
                "parties.csv",
                "kind,code,name,order,parent\ncounty,421321,随县(改),2,\ntownship,421321-LS,厉山镇,1,421321\n")
            try write(
                "officers.csv",
                "officer,party,roles,name,post\nt1a1,township/421321-LS,clerk,测试镇,站长\nk7f2,county/421321,clerk,测试己,随县拥军优抚股股长\n"
            )
            try write("codes/merit.csv", "version,2099.1\ncode,name\nnone,无\nthird-merit,三等功\n")
            let preview = try city.run("b1y3", ["registry", "load", folder])
            #expect(preview.contains("新增 1，变更 2") && preview.contains("由安全管理员载入 2"), "\(preview)")
            #expect(!(try city.run("b1y3", ["parties"]).contains("厉山镇")))
            expect(
                try city.attempt("b1a1", ["registry", "load", folder, "--apply"]), exits: 0,
                saying: "已办成 0 项", "其他管理员")
            #expect(!(try city.run("b1y3", ["parties"]).contains("厉山镇")))
            expect(
                try city.attempt("b1y3", ["registry", "load", folder, "--apply"]), exits: 0, saying: "已办成 3 项"
            )
            expect(
                try city.attempt("b1q4", ["registry", "load", folder, "--apply"]), exits: 0,
                saying: "已办成 2 项", "经办、审批 → 经办")
            #expect(try city.run("b1a1", ["codes", "merit"]).contains("2099.1"))
            #expect(try city.run("b1a1", ["registry", "tables"]).contains("codes/merit"))
            for officer in ["b1y3", "b1q4"] {
                expect(
                    try city.attempt(officer, ["registry", "load", folder, "--apply"]), exits: 0,
                    saying: "新增 0，变更 0",
                    "已办成 0 项")
            }
            // One file of the folder.
            try write("codes/merit.csv", "version,2099.2\ncode,name\nnone,无\nthird-merit,三等功\n")
            expect(
                try city.attempt("b1y3", ["registry", "load", folder + "/codes/merit.csv", "--apply"]),
                exits: 0,
                saying: "版本 2099.1 → 2099.2", "已办成 1 项")
            // Exported and loaded again: the same.
            for officer in ["b1y3", "b1q4"] {
                let out = city.folder.file("out-\(officer)")
                try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
                try city.run(officer, ["registry", "export", "--out", out])
                #expect(FileManager.default.fileExists(atPath: out + "/officers.csv") == (officer == "b1q4"))
                expect(
                    try city.attempt(officer, ["registry", "export", "--out", out]), exits: 11, saying: "不覆盖")
                expect(try city.attempt(officer, ["registry", "load", out]), exits: 0, saying: "新增 0，变更 0，")
            }
        }

        @Test(
            "nothing is sent of a table with a slip; a refusal in the middle says its row and what was done; the own account is nobody's to grant"
        )
        func slips() throws {
            let city = try City()
            try city.start()
            let officers = city.folder.file("officers.csv")
            func load(_ rows: String..., by officer: String = "b1q4") throws -> Ended {
                let text = "officer,party,roles,name,post\n" + rows.map { $0 + "\n" }.joined()
                try Data(text.utf8).write(to: URL(fileURLWithPath: officers))
                return try city.attempt(officer, ["registry", "load", officers, "--apply"])
            }
            let good = "n1n1,county/421321,clerk,测试新,股长"
            expect(
                try load(good, "n2n2,county/421321,clerc,测试新,股长"), exits: 2, saying: "第3行“roles”列有误", "clerc")
            let own = "b1q4,bureau/421300,approver,测试丁,安全保密管理员"
            expect(try load(good, own), exits: 2, saying: "不能给自己的账号授权", "未作更改")
            expect(
                try load(good, "k7f2,county/421321,clerk,别名,随县拥军优抚股股长"), exits: 2, saying: "officer hand-over"
            )
            expect(try load(good, good), exits: 2, saying: "表中重复")
            #expect(!(try city.run("b1q4", ["officer", "list"]).contains("n1n1")))
            expect(
                try load(good, "n2n2,county/421321,clerk auditor,测试新,股长"), exits: 3, saying: "第3行“n2n2”",
                "三员分立",
                "此前已办成 1 项")
            expect(try load(good, "n2n2,county/421321,clerk,测试新,股长"), exits: 0, saying: "已办成 1 项")
            expect(
                try city.attempt("b1q4", ["registry", "load", city.folder.file("gone")]), exits: 11,
                saying: "没有这个文件或目录")
            let other = try city.folder.write("other.csv", Array("a,b\n".utf8))
            expect(try city.attempt("b1q4", ["registry", "load", other]), exits: 11, saying: "不是可以载入的表")
        }
    }
}
