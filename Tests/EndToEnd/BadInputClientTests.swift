import Crypto
import Foundation
import Schema
import TestSupport
import Testing
import TwoListsClient
import Wire

extension RealPrograms {
    /// Issue 2, last paragraph, at the officer's side: each mistake has its words, its exit code, and its place.
    @Suite("Bad input at the client gets a clear error")
    struct BadInputClientTests {
        private let city: City

        init() throws {
            city = try City()
            try city.start()
        }

        /// u7l1's profile with one line changed, run with `words`.
        private func attempt(
            _ changes: [String: String], _ words: [String] = ["whoami"]
        ) throws -> Ended {
            let path = city.access.certificates + "/officers/changed.profile"
            let profile = try String(contentsOfFile: city.access.profile("u7l1"), encoding: .utf8)
            let lines = profile.split(separator: "\n").map { line -> String in
                let key = String(line.prefix { $0 != " " })
                return changes[key].map { "\(key) = \($0)" } ?? String(line)
            }
            try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
            return try City.attempt("twolists", ["--profile", path] + words)
        }

        /// An identity with its files, issued by the city's authority or by `authority`; paths without suffix.
        private func issue(
            _ identity: String, by authority: String? = nil, days: Int = 90, named name: String
        ) throws -> String {
            let path = city.folder.file(name)
            try City.run("twolists", ["ca", "request", identity, "--out", path])
            try City.run(
                "twolists",
                [
                    "ca", "issue", authority ?? city.access.certificates + "/ca", path + ".csr", "--days",
                    "\(days)",
                ])
            return path
        }

        private func attempt(as files: String, _ words: [String] = ["whoami"]) throws -> Ended {
            try attempt(["certificate": files + ".crt", "key": files + ".key"], words)
        }

        @Test("a server of another authority")
        func wrongAuthority() throws {
            let other = city.folder.file("other")
            try City.run("twolists", ["ca", "init", other, "--city", "421300"])
            expect(
                try attempt(["ca": other + "/ca.crt"]), exits: 8, saying: "的证书不可信。",
                "技术信息", "which is not an authority we trust", "ca 文件是否为市局所发")
            let foreign = try issue("twolists://421300/unit/LU-07/officer/u7l1", by: other, named: "foreign")
            expect(try attempt(as: foreign), exits: 8, saying: "服务器拒绝了您的证书：签发机构不被认可(unknown_ca)")
        }

        @Test("an expired certificate")
        func expired() throws {
            let now = UTCTime.now()
            var draft = CertificateDraft(
                organization: "421300", commonName: "u7l1", serial: try CertificateDraft.randomSerial(),
                notBefore: now - 500, notAfter: now - 60)
            draft.uris = [[UInt8]("twolists://421300/unit/LU-07/officer/u7l1".utf8)]
            draft.usages = .clientAuth
            let authority = city.access.certificates + "/ca"
            let key = try PrivateKey.generate()
            let certificate = try draft.sign(
                for: key.publicKey, authority: try Certificate.load(path: authority + "/ca.crt"),
                key: try PrivateKey.load(path: authority + "/ca.key"))
            try city.folder.write("late.crt", try certificate.pem())
            try city.folder.write("late.key", try key.pem())
            let key0600 = [FileAttributeKey.posixPermissions: 0o600]
            try FileManager.default.setAttributes(key0600, ofItemAtPath: city.folder.file("late.key"))
            expect(
                try attempt(as: city.folder.file("late")), exits: 8,
                saying: "服务器拒绝了您的证书：证书已过期(certificate_expired)", "重新签发")
            #expect(city.log.contains("client certificate expired"), "\(city.log)")
        }

        @Test("files that are missing, no certificate, or not a pair")
        func files() throws {
            expect(
                try attempt(["certificate": "none.crt"]), exits: 11, saying: "“certificate”所指的文件读不到",
                "none.crt",
                "请核对文件是否存在")
            expect(
                try attempt(["key": "k7f2.key"]), exits: 11, saying: "k7f2.key 不符合要求：与证书 ",
                "u7l1.crt 不配套", "请核对 certificate、key、ca 三项")
            expect(
                try attempt(["key": "k7f2.key"], ["whoami", "--lang", "en"]), exits: 11,
                saying: "k7f2.key: not the key of", "u7l1.crt")
            try city.folder.write("certs/officers/noise.crt", Array("-----BEGIN NOISE-----".utf8))
            expect(
                try attempt(["certificate": "noise.crt"]), exits: 11, saying: "noise.crt 不符合要求：不是证书文件")
            expect(try attempt(["city": "42"]), exits: 11, saying: "市代码应为六位数字", "第3行")
            let none = city.folder.file("none.profile")
            expect(
                try City.attempt("twolists", ["--profile", none, "whoami"]), exits: 11, saying: "读不到这个文件",
                "none.profile")
        }

        @Test("a revoked certificate")
        func revoked() throws {
            expect(try city.attempt("k3z8", ["whoami"]), exits: 0)
            let serial = Hex.encode(try Certificate.load(path: city.access.certificate("k3z8")).serial)
            try City.run(
                "twolists",
                ["ca", "revoke", city.access.certificates + "/ca", serial, "--reason", "keyCompromise"])
            #expect(city.stop() == 0)
            try city.start()
            expect(
                try city.attempt("k3z8", ["whoami"]), exits: 8,
                saying: "服务器拒绝了您的证书：证书已吊销(certificate_revoked)")
            expect(try city.attempt("u7l1", ["whoami"]), exits: 0)
            #expect(city.log.contains("\(serial) is revoked"), "\(city.log)")
        }

        @Test("an officer who is not in the roster")
        func stranger() throws {
            let files = try issue("twolists://421300/unit/LU-07/officer/zzz9", named: "stranger")
            expect(
                try attempt(as: files), exits: 8, saying: "身份不被允许：名册上没有您", "请联系安全管理员")
            expect(
                try attempt(as: files, ["whoami", "--lang", "en"]), exits: 8, saying: "is not in the roster",
                "the security administrator registers officers")
        }

        @Test("a suspended officer: told at once, and admitted again afterwards")
        func suspended() async throws {
            let target = try officerTarget("k7f2")
            let access = city.access
            let administrator = try TwoListsClient(
                ClientConfiguration(
                    host: "127.0.0.1", port: UInt16(access.port), certificatePath: access.certificate("b1q4"),
                    keyPath: access.key("b1q4"), authorityPath: access.authority))
            defer { administrator.close() }
            let answer = try await administrator.execute(
                .suspendOfficer(SuspendOfficer(officer: "k7f2", suspended: true)), target: target,
                expectedVersion: 1)
            #expect(answer.outcome?.refusal == .unspecified, "\(answer)")
            expect(
                try city.attempt("k7f2", ["whoami"]), exits: 8, saying: "身份不被允许：您的账号已停用",
                "请联系安全管理员")
            expect(
                try city.attempt("k7f2", ["whoami", "--lang", "en"]), exits: 8, saying: "is suspended",
                "ask the security administrator")
            let again = try await administrator.execute(
                .suspendOfficer(SuspendOfficer(officer: "k7f2", suspended: false)), target: target,
                expectedVersion: answer.version)
            #expect(again.outcome?.refusal == .unspecified, "\(again)")
            expect(try city.attempt("k7f2", ["whoami"]), exits: 0, saying: "随县")
        }

        /// The officer's target id, as the journal shows it: the seeds' order is the journal's.
        private func officerTarget(_ officer: String) throws -> [UInt8] {
            let seeds = try String(contentsOfFile: Programs.root + "/seeds/officers.csv", encoding: .utf8)
            let rows = seeds.split(separator: "\n").filter { !$0.hasPrefix("#") }.dropFirst().map(String.init)
            let place = try #require(rows.firstIndex { $0.hasPrefix(officer + ",") })
            let dump = try City.run("twolists-server", ["dump", "--data", city.data])
            let lines = dump.split(separator: "\n").filter { $0.contains(" register_officer by ") }
            let words = lines[place].split(separator: " ")
            let hex = words[try #require(words.firstIndex(of: "on")) + 1]
            return try #require(Hex.decode(String(hex)))
        }

        @Test("a command whose id is too old is filled in anew: nothing speaks of a retry")
        func outsideWindow() throws {
            let milliseconds = UInt64(UTCTime.now() - 500 * 86_400) * 1000
            var id = (0..<6).map { UInt8(truncatingIfNeeded: milliseconds >> (40 - 8 * $0)) }
            id += [0x70, 1, 0x80, 1, 1, 1, 1, 1, 1, 1]
            let text = RequestText(
                title: "道路", content: "破损", category: "road", contact: Contact(name: "甲", phone: "1"))
            let body = SubmitRequest(direction: .unitToLocal, year: Today.year, wave: .anytime, text: text)
            let envelope = Envelope(
                id: id, city: "421300", party: "unit/LU-07", officer: "u7l1",
                target: Array(repeating: 7, count: 16), command: Command(body: .submitRequest(body)))
            let outbox = city.access.certificates + "/officers/u7l1.outbox"
            try FileManager.default.createDirectory(atPath: outbox, withIntermediateDirectories: true)
            let bytes =
                Array("twolists-command/1\n".utf8) + SignedEnvelope(envelope: envelope.encoded()).encoded()
            try city.folder.write("certs/officers/u7l1.outbox/\(Hex.encode(id)).command", bytes)
            let told = try city.attempt("u7l1", ["outbox", "send"])
            expect(
                told, exits: 11, saying: "本机时间可能不对，请校准后重新填写", "outbox drop \(Hex.encode(id).prefix(14))")
            #expect(
                !told.everything.contains("只读") && !told.everything.contains("outbox send"),
                "\(told.everything)")
            #expect(englishSentence(in: told.errorText) == nil, "\(told.everything)")
        }

        @Test("no server there, no such host, another protocol")
        func nobody() throws {
            expect(
                try attempt(["server": "127.0.0.1:1"], ["whoami", "--timeout", "1"]), exits: 7,
                saying: "服务器 127.0.0.1:1 拒绝连接：该端口没有服务", "端口是否正确(默认7443)")
            expect(
                try attempt(["server": "no-such-host.invalid:7443"], ["whoami", "--timeout", "1"]), exits: 7,
                saying: "找不到主机 no-such-host.invalid:7443")
            expect(try attempt(["server": "127.0.0.1:99999"]), exits: 11, saying: "服务器地址写法不对")
        }

        @Test("a file too long to be typed text, and content over the limit")
        func tooLong() throws {
            var words = City.submission()
            let content = words.firstIndex(of: "--content").map { $0 + 1 } ?? 0
            try city.folder.write("long.txt", Array(String(repeating: "长", count: 30_000).utf8))
            words[content] = "@" + city.folder.file("long.txt")
            expect(try city.attempt("u7l1", words), exits: 11, saying: "超过 64 KiB")
            words[content] = String(repeating: "长", count: 4001)
            expect(try city.attempt("u7l1", words), exits: 3, saying: "没有发送", "内容过长(最多4000)")
            words[content] = String(repeating: "长", count: 4000)
            expect(try city.attempt("u7l1", words), exits: 0, saying: "已办成")
        }
    }
}

extension RealPrograms {
    /// The same at the line, where only a stranger's client goes wrong.
    @Suite("Bad input on the line gets a clear status")
    struct BadInputLineTests {
        @Test("unknown service and method, noise, too large, late: each its status, and the server goes on")
        func line() async throws {
            let city = try City()
            try city.start()
            let caller = try RawCaller(city.access, as: "u7l1")
            let exchange = "twolists.v1.Exchange"
            let service = await caller.call("twolists.v1.Nothing", "Execute")
            #expect(
                service.code == .unimplemented && service.message.contains("twolists.v1.Nothing"),
                "\(service)")
            let method = await caller.call(exchange, "Nothing")
            #expect(method.code == .unimplemented && method.message.contains("Nothing"), "\(method)")
            let noise = await caller.call(exchange, "Execute", [0xFF, 0xFF, 0xFF])
            #expect(noise.code == .invalidArgument, "\(noise)")
            let empty = await caller.call(exchange, "Execute")
            #expect(empty.code == .invalidArgument, "\(empty)")
            try await sizes(caller, exchange)
            try await late(city.access)
            try large(city.access)
            expect(try city.attempt("u7l1", ["health"]), exits: 0)
            #expect(city.stop() == 0)
            #expect(try city.verify().status == 0)
        }

        private func sizes(_ caller: RawCaller, _ exchange: String) async throws {
            for (bytes, words) in [(256 << 10, false), ((256 << 10) + 1, true)] {
                let envelope = SignedEnvelope(envelope: [UInt8](repeating: 0, count: bytes))
                let status = await caller.call(exchange, "Execute", envelope.encoded())
                #expect(status.code == .invalidArgument, "\(status)")
                #expect(status.message.contains("is over the limit of 262144") == words, "\(status)")
            }
        }

        /// A good command whose time is over when the server judges it, and one whose time was over when it was sent: both are
        /// answered by the server, neither is judged, and the command can still be sent.
        private func late(_ access: City.Access) async throws {
            let client = try TwoListsClient(
                ClientConfiguration(
                    host: "127.0.0.1", port: UInt16(access.port), certificatePath: access.certificate("u7l1"),
                    keyPath: access.key("u7l1"), authorityPath: access.authority))
            defer { client.close() }
            let filing = SubmitRequest(
                direction: .unitToLocal, year: Today.year, wave: .anytime,
                text: RequestText(
                    title: "道路修缮", content: "道路破损，请协助修缮", category: "road",
                    contact: Contact(name: "示例联系人", phone: "0722-0000000")))
            let envelope = try client.sealed(
                .submitRequest(filing), target: UUIDv7.make(), expectedVersion: 0)
            let line = try RawLine(access, as: "u7l1")
            for (stream, timeout) in [(1, 1), (3, UInt64(bitPattern: -1))] as [(UInt32, UInt64)] {
                let request = FrameScript.request(
                    "twolists.v1.Exchange", "Execute",
                    extra: [0x1A] + FrameScript.varint(UInt64(envelope.encoded().count)) + envelope.encoded()
                        + [0x20] + FrameScript.varint(timeout))
                try line.write(FrameScript.frame(.request, stream: stream, request))
                let answer = try line.response(on: stream)
                #expect(answer.status.code == .deadlineExceeded, "\(answer)")
                #expect(answer.status.message.contains("the deadline"), "\(answer)")
            }
            let judged = try await client.execute(envelope)
            #expect(judged.outcome?.refusal == .unspecified && !judged.repeated, "\(judged)")
        }

        /// The header alone of a Request one byte too long: the server answers that call, says why, and ends the connection
        /// without reading more.
        private func large(_ access: City.Access) throws {
            let line = try RawLine(access, as: "u7l1")
            try line.write(FrameScript.frame(.request, stream: 1, [], length: (1 << 20) + 1))
            let answer = try line.response(on: 1)
            #expect(answer.status.code == .resourceExhausted && answer.isNotProcessed, "\(answer)")
            #expect(answer.status.message.contains("Request of 1048577 bytes on stream 1"), "\(answer)")
            #expect(try line.goAwayCode() == GoAwayCode.frameTooLarge.rawValue)
            #expect(line.isEnded())
        }
    }
}
