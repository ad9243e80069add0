import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// What refusals send people to the security administrator for.
    @Suite("DOMAIN.md 1 the security administrator keeps accounts and roles")
    struct OfficerTests {
        @Test("register, give roles, suspend, let act again; the version is found without being asked for")
        func story() throws {
            let city = try City()
            try city.start()
            let profile = try newcomer(city)
            func attempt(_ words: [String]) throws -> Ended {
                try City.attempt("twolists", ["--profile", profile] + words)
            }
            expect(try attempt(["whoami"]), exits: 8, saying: "名册上没有您")
            let registration = [
                "officer", "register", "z9z9", "--party", "随县", "--role", "clerk", "--name", "测试", "--post",
                "股长",
            ]
            expect(try city.attempt("b1a1", registration), exits: 4, saying: "安全管理员")
            expect(try city.attempt("b1q4", registration), exits: 0, saying: "登记人员：已办成")
            expect(try city.attempt("b1q4", registration), exits: 3, saying: "该人员已经登记", "officer roles")
            expect(try attempt(["whoami"]), exits: 0, saying: "随县", "经办")
            let roles = ["officer", "roles", "z9z9", "--role", "clerk", "--role", "approver"]
            expect(try city.attempt("b1q4", roles), exits: 0, saying: "已办成")
            expect(try attempt(["whoami"]), exits: 0, saying: "审批")
            expect(try city.attempt("b1q4", ["officer", "suspend", "z9z9"]), exits: 0, saying: "已办成")
            expect(try attempt(["whoami"]), exits: 8, saying: "您的账号已停用")
            // Somebody who knows a version is held to it.
            expect(
                try city.attempt("b1q4", ["officer", "resume", "z9z9", "--expect", "1"]), exits: 6,
                saying: "第3版")
            expect(try city.attempt("b1q4", ["officer", "resume", "z9z9"]), exits: 0, saying: "已办成")
            expect(try attempt(["whoami"]), exits: 0)
            expect(try city.attempt("b1q4", ["officer", "suspend", "b1q4"]), exits: 3, saying: "不能给自己的账号授权")
            expect(try city.attempt("b1q4", ["officer", "suspend", "nobody"]), exits: 5)
        }

        /// A certificate and profile of an officer nobody has registered.
        private func newcomer(_ city: City) throws -> String {
            let files = city.access.certificates + "/officers/z9z9"
            try City.run(
                "twolists", ["ca", "request", "twolists://421300/county/421321/officer/z9z9", "--out", files])
            try City.run("twolists", ["ca", "issue", city.access.certificates + "/ca", files + ".csr"])
            let profile = try String(contentsOfFile: city.access.profile("k7f2"), encoding: .utf8)
            try profile.replacingOccurrences(of: "k7f2.", with: "z9z9.").write(
                toFile: files + ".profile", atomically: true, encoding: .utf8)
            return files + ".profile"
        }

        @Test("help tells what to write, in both languages")
        func help() throws {
            expect(
                try City.attempt("twolists", ["help", "officer", "suspend"]), exits: 0, saying: "停用人员，立即生效",
                "人员编号，如 k7f2")
            expect(
                try City.attempt("twolists", ["help", "officer", "register", "--lang", "en"]), exits: 0,
                saying: "register an officer (security administrator)", "--role")
        }
    }
}
