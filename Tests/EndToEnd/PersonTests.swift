import Foundation
import TestSupport
import Testing

extension RealPrograms {
    @Suite(
        "BATCH.md 5: a person is found, erased from every register, and does not come back with an old backup"
    )
    struct PersonTests {
        private static let gone = "421321198809301128"
        private static let table = """
            姓名,身份证号,县(市、区),补助项目,发放年月,发放金额
            示例甲,421303197506157782,曾都区,残疾抚恤金,2023.3,1250.50
            示例乙,\(gone),曾都,定期抚恤金,2023年3月,3000
            示例乙,\(gone),曾都,定期抚恤金,2023年4月,3000
            """

        /// A city that holds its keys apart, with one batch of two persons.
        private func filled(_ folder: TemporaryDirectory) throws -> City {
            let city = try City(keys: folder.file("keys"))
            try city.start()
            let path = try folder.write("抚恤.csv", Array(Self.table.utf8))
            expect(
                try city.attempt("k7f2", ["batch", "send", path, "--number", "one"]), exits: 0, saying: "新增3")
            return city
        }

        private func erase(_ city: City, _ more: [String] = ["--confirm", "不再可读"]) throws -> Ended {
            let number = try city.folder.write("number.txt", Array((Self.gone + "\n").utf8))
            return try city.attempt(
                "b1s2", ["person", "erase", "--id-number", "@" + number, "--basis", "申请书七号"] + more)
        }

        /// Rows of the batch and of the register, as tables.
        private func tables(_ city: City, _ name: String) throws -> [(text: String, said: String)] {
            try [["batch", "fetch", "one"], ["batch", "export", "抚恤"]].enumerated().map { place, words in
                let path = city.folder.file("\(name)-\(place).csv")
                let said = try city.run("b1a1", words + [path])
                return (try String(contentsOfFile: path, encoding: .utf8), said)
            }
        }

        private func isErased(_ city: City, _ name: String, at location: SourceLocation = #_sourceLocation)
            throws
        {
            for (text, said) in try tables(city, name) {
                #expect(text.contains("示例甲,421303197506157782"), "\(text)", sourceLocation: location)
                #expect(
                    !text.contains("示例乙") && !text.contains(Self.gone), "\(text)", sourceLocation: location)
                #expect(
                    said.contains("1行") && said.contains("另有2行的个人信息已删除"), "\(said)", sourceLocation: location)
            }
        }

        @Test(
            "found by an approver alone; erased when it is confirmed; gone from fetch and export, the others stay"
        )
        func story() throws {
            let folder = try TemporaryDirectory("person")
            let city = try filled(folder)
            let find = ["person", "find", "--id-number", Self.gone]
            expect(try city.attempt("b1s2", find), exits: 0, saying: "登记册中有此人的行")
            for officer in ["b1a1", "k7f2"] {
                expect(try city.attempt(officer, find), exits: 4, saying: "只有市局的审批人员")
            }
            let wrong = try city.attempt("b1s2", ["person", "find", "--id-number", "421321198809301129"])
            expect(wrong, exits: 2, saying: "身份证号填写有误：校验位不符")
            #expect(!wrong.everything.contains("421321198809301129"))
            expect(
                try city.attempt("b1s2", ["person", "find", "--id-number", "11010519491231002x"]), exits: 5,
                saying: "没有此人的行")
            expect(try erase(city, []), exits: 2, saying: "缺少必填项：--confirm(确认)")
            expect(
                try erase(city, ["--confirm", "好"]), exits: 2, saying: "确认的字样不对，什么也没有删除", "--confirm 不再可读")
            expect(
                try erase(city, ["--confirm", "好", "--lang", "en"]), exits: 2,
                saying: "to confirm give --confirm unreadable")
            expect(
                try city.attempt("b1s2", ["person", "erase", "--id-number", Self.gone, "--confirm", "不再可读"]),
                exits: 2, saying: "缺少必填项：--basis(依据)")
            expect(try city.attempt("b1s2", find), exits: 0)
            let done = try erase(city)
            expect(done, exits: 0, saying: "将不再可读", "其他人的行不变", "删除个人数据：已办成", "彻底删除日期")
            #expect(!done.everything.contains(Self.gone))
            try isErased(city, "after")
            try afterwards(city, find)
        }

        private func afterwards(_ city: City, _ find: [String]) throws {
            expect(try city.attempt("b1s2", find), exits: 5, saying: "没有此人的行，或者已经删除")
            expect(try erase(city), exits: 5, saying: "没有此人的行，或者已经删除")
            let trail = try city.run("b1u5", ["audit", "list", "--all"])
            #expect(trail.contains("删除个人数据") && !trail.contains(Self.gone))
            city.kill()
            try city.start()
            try isErased(city, "restarted")
            try sentAgain(city)
            #expect(city.stop() == 0)
            expect(try city.verify(), exits: 0, saying: "verified: nothing is wrong")
        }

        @Test(
            "an old backup of the data, restored with the keys of now, does not bring the person back; with the old keys it does, so these expire"
        )
        func oldBackup() throws {
            let folder = try TemporaryDirectory("person-backup")
            let city = try filled(folder)
            let (data, keys) = (folder.file("backup"), folder.file("backup-keys"))
            try City.run(
                "twolists-server",
                ["backup", "--data", city.data, "--out", data, "--keys-out", keys] + city.keyOptions)
            expect(try erase(city), exits: 0)
            try isErased(city, "now")
            #expect(city.stop() == 0)
            let (restored, early) = (folder.file("restored"), folder.file("early"))
            try City.run(
                "twolists-server", ["restore", "--from", data, "--data", restored] + city.keyOptions)
            try City.run(
                "twolists-server",
                ["restore", "--from", data, "--keys-from", keys, "--data", early, "--keys", early + "-keys"])
            try served(city, ["--data", restored])
            try isErased(city, "restored")
            try sentAgain(city)
            #expect(city.stop() == 0)
            try served(city, ["--data", early, "--keys", early + "-keys"])
            for (text, _) in try tables(city, "early") { #expect(text.contains("示例乙,\(Self.gone)")) }
            #expect(city.stop() == 0)
        }

        /// Whoever was erased and is sent again is there again, from then on.
        private func sentAgain(_ city: City) throws {
            let table =
                Self.table.split(separator: "\n").prefix(1) + ["示例乙,\(Self.gone),曾都,定期抚恤金,2023年5月,3000"]
            let path = try city.folder.write("五月.csv", Array(table.joined(separator: "\n").utf8))
            expect(
                try city.attempt("k7f2", ["batch", "send", path, "--number", "two"]), exits: 0, saying: "新增1")
            let (text, said) = try #require(try tables(city, "again").last)
            #expect(text.contains("示例乙,\(Self.gone),曾都区,定期抚恤金,2023-05"), "\(text)")
            #expect(!text.contains("2023-04") && said.contains("2行") && said.contains("另有2行"), "\(said)")
        }

        /// Another history than the clients have seen: they are new ones.
        private func served(_ city: City, _ store: [String]) throws {
            let officers = city.folder.file("certs/officers")
            for name in try FileManager.default.contentsOfDirectory(atPath: officers)
            where name.hasSuffix(".receipts") {
                try FileManager.default.removeItem(atPath: officers + "/" + name)
            }
            try city.start(store)
        }
    }
}
