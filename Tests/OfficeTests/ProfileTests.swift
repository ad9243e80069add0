import Foundation
import TestSupport
import Testing

@testable import Office

@Suite("Profiles")
struct ProfileTests {
    private static let good = """
        # 随县退役军人事务局
        server = 10.20.30.40:7443
        city   = 421300
        certificate = officer.crt
        key = keys/officer.key
        ca = /etc/twolists/ca.crt
        """

    @Test("a good one, relative paths from its own folder")
    func good() throws {
        let profile = try Profile.parse("\u{FEFF}" + Self.good, file: "/home/a/office.profile")
        #expect(profile.host == "10.20.30.40" && profile.port == 7443)
        #expect(profile.certificatePath == "/home/a/officer.crt")
        #expect(profile.keyPath == "/home/a/keys/officer.key")
        #expect(profile.caPath == "/etc/twolists/ca.crt")
        #expect(profile.serverIdentity == "twolists://421300/server")
        #expect(profile.name == "office" && profile.outboxPath == "/home/a/office.outbox")
        #expect(profile.language == nil)
    }

    @Test("full-width equals sign, CRLF, language and identity")
    func variants() throws {
        let text =
            Self.good.replacingOccurrences(of: "\n", with: "\r\n")
            + "\r\nlanguage ＝ en\r\nserver-identity = twolists://421300/x\r\n"
        let profile = try Profile.parse(text, file: "p.profile")
        #expect(profile.language == .en)
        #expect(profile.serverIdentity == "twolists://421300/x")
        #expect(profile.certificatePath == "officer.crt")
    }

    @Test(
        "what is wrong is named with its line and its mend",
        arguments: [
            ("server 10.0.0.1", 1, "没有等号"), ("sever = x", 1, "不认识的名称"), ("city =", 1, "没有内容"),
            ("\n\ncity = 4213", 3, "六位数字"), ("city = ４２１３００", 1, "六位数字"), ("language = 中文", 1, "zh 或 en"),
            ("server = a:b:c", 1, "地址写法"), ("server = a:0", 1, "地址写法"), ("server = a:65536", 1, "地址写法"),
            ("server = [::1", 1, "地址写法"), ("server = a b", 1, "地址写法"),
        ])
    func wrong(line: String, number: Int, part: String) {
        let name =
            line.split(separator: " ").first.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) } ?? ""
        let rest = Self.good.split(separator: "\n").filter { !$0.hasPrefix(name) }.joined(separator: "\n")
        let error = #expect(throws: ProfileError.self) {
            try Profile.parse(line + "\n" + rest, file: "x.profile")
        }
        #expect(error?.line == number)
        #expect(error?.text(.zh).contains(part) == true)
        #expect(error?.text(.zh).hasPrefix("配置文件 x.profile 第\(number)行：") == true)
        #expect(error?.mend.zh.isEmpty == false)
    }

    @Test("a missing or doubled entry")
    func missing() {
        let without = Self.good.split(separator: "\n").filter { !$0.hasPrefix("key") }.joined(separator: "\n")
        let missing = #expect(throws: ProfileError.self) { try Profile.parse(without, file: "x") }
        #expect(missing?.text(.zh) == "配置文件 x：缺少“key”一项。处理办法：请加一行：key = officer.key。")
        let doubled = #expect(throws: ProfileError.self) {
            try Profile.parse(Self.good + "\nca = b", file: "x")
        }
        #expect(doubled?.line == 7)
    }

    @Test("addresses")
    func addresses() {
        #expect(Profile.splitAddress("host").map { $0.1 } == 7443)
        #expect(Profile.splitAddress("host:65535").map { $0.1 } == 65535)
        #expect(Profile.splitAddress("[::1]:1").map { "\($0.0) \($0.1)" } == "::1 1")
        #expect(Profile.splitAddress("[::1]").map { $0.0 } == "::1")
        #expect(Profile.splitAddress("主机：7443").map { $0.1 } == 7443)
        #expect(
            Profile.splitAddress("::1") == nil && Profile.splitAddress("") == nil
                && Profile.splitAddress(":1") == nil)
    }

    @Test("finding one: by name, by path, by environment, the only one, the default")
    func finding() throws {
        let home = try TemporaryDirectory("profiles")
        var finder = ProfileFinder(environment: ["HOME": home.path])
        #expect(finder.folder == home.path + "/.config/twolists")
        finder = ProfileFinder(environment: ["HOME": "/x", "XDG_CONFIG_HOME": home.path])
        #expect(finder.folder == home.path + "/twolists")
        #expect(throws: ProfileError.self) { try finder.locate(nil) }
        try FileManager.default.createDirectory(atPath: finder.folder, withIntermediateDirectories: true)
        try home.write("twolists/a.profile", Array(Self.good.utf8))
        #expect(try finder.locate(nil) == finder.folder + "/a.profile")
        try home.write("twolists/b.profile", Array(Self.good.utf8))
        let several = #expect(throws: ProfileError.self) { try finder.locate(nil) }
        #expect(several?.problem.zh == "有多个配置文件：a, b")
        try home.write("twolists/default.profile", Array(Self.good.utf8))
        #expect(try finder.locate(nil) == finder.folder + "/default.profile")
        #expect(try finder.locate("b") == finder.folder + "/b.profile")
        #expect(try finder.locate("./b") == "./b")
        finder.environmentChoice = "a"
        #expect(try finder.locate(nil) == finder.folder + "/a.profile")
        let absent = #expect(throws: ProfileError.self) { try finder.load(nil) }
        #expect(absent?.problem.zh.contains("certificate") == true)
    }

    @Test("a file at the size limit is read, one byte more is not; other bytes are no text")
    func fileLimit() throws {
        let home = try TemporaryDirectory("profiles")
        let finder = ProfileFinder(environment: ["HOME": home.path])
        for name in ["officer.crt", "officer.key", "ca.crt"] { try home.write(name, [1]) }
        let text = Self.good.replacingOccurrences(of: "keys/", with: "").replacingOccurrences(
            of: "/etc/twolists/", with: "")
        let padding = [UInt8](
            repeating: UInt8(ascii: "#"), count: Profile.largestFileBytes - text.utf8.count - 1)
        try home.write("a.profile", Array((text + "\n").utf8) + padding)
        #expect(try finder.load(home.path + "/a.profile").port == 7443)
        try home.write("a.profile", Array((text + "\n#").utf8) + padding)
        #expect(throws: ProfileError.self) { try finder.load(home.path + "/a.profile") }
        try home.write("a.profile", [0xFF, 0xFE])
        #expect(throws: ProfileError.self) { try finder.load(home.path + "/a.profile") }
    }
}
