import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// What a stranger's programmer sees who has a certificate and nothing else.
    @Suite("Issue 3.2: twolists list, describe, call against the real server")
    struct DiscoveryTests {
        private static let reflection = "grpc.reflection.v1.ServerReflection/ServerReflectionInfo"

        @Test("services, methods and definitions, asked of the server and built in, are the same")
        func discovery() throws {
            let city = try City()
            try city.start()
            let services = [
                "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "twolists.v1.Exchange",
                "twolists.v1.Ledger",
            ]
            let listed = try city.run("u7l1", ["list"]).split(separator: "\n").map(String.init)
            #expect(listed == listed.sorted() && services.allSatisfy { listed.contains($0) }, "\(listed)")
            #expect(
                try city.run("u7l1", ["list", "twolists.v1.Exchange"]).contains(
                    "rpc Execute(twolists.v1.SignedEnvelope) returns (twolists.v1.CommandAnswer);"))
            for symbol in listed + [
                "twolists.v1.RequestView", "twolists.v1.Command", "twolists.v1.Ledger/Watch",
                "twolists.v1.Role", "ttrpc.Response",
            ] {
                let asked = try city.run("u7l1", ["describe", symbol])
                let builtIn = try city.run("u7l1", ["describe", symbol, "--schema", "built-in"])
                #expect(asked == builtIn && asked.count > 20, "\(symbol)")
            }
            expect(
                try city.attempt("u7l1", ["describe", "twolists.v1.Nothing"]), exits: 5,
                saying: "服务器没有“twolists.v1.Nothing”")
            expect(
                try city.attempt("u7l1", ["list", "a.B", "--lang", "en"]), exits: 5,
                saying: "the server has no a.B")
            city.kill()
            // Built in: no server is needed.
            #expect(
                try city.run("u7l1", ["describe", "twolists.v1.Role", "--schema", "built-in"]).contains(
                    "ROLE_CLERK"))
            expect(try city.attempt("u7l1", ["list"]), exits: 7, saying: "拒绝连接")
        }

        @Test("unary calls: JSON in and out, from the line, a file and standard input")
        func unary() throws {
            let city = try City()
            try city.start()
            let who = try city.run("u7l1", ["call", "twolists.v1.Ledger/WhoAmI"])
            #expect(
                who.contains(#""officer": "u7l1""#) && who.contains(#""roles": ["#)
                    && who.contains("ROLE_CLERK"))
            #expect(
                try city.run("u7l1", ["call", "twolists.v1.Ledger.WhoAmI", "--schema", "built-in"]) == who)
            let id = try city.request()
            let query = #"{"key": "\#(id)"}"#
            let file = try city.folder.write("query.json", Array(query.utf8))
            let view = try city.run("u7l1", ["call", "twolists.v1.Ledger/GetRequest", "-d", query])
            #expect(view.contains(#""title": "营区东门道路修缮""#))
            #expect(
                try city.run("u7l1", ["call", "twolists.v1.Ledger/GetRequest", "--data", "@" + file]) == view)
            let piped = try city.attempt(
                "u7l1", ["call", "twolists.v1.Ledger/GetRequest", "-d", "-"], input: query)
            #expect(piped.status == 0 && piped.outputText == view, "\(piped.everything)")
        }

        @Test("streams: JSON lines in and out, and a limit of time only where one is typed")
        func streams() throws {
            let city = try City()
            try city.start()
            let lines = #"{"listServices": ""}"# + "\n\n" + #"{"fileByFilename": "no.proto"}"# + "\n"
            let live = try city.attempt("u7l1", ["call", Self.reflection, "-d", "-"], input: lines)
            let told = live.outputText.split(separator: "\n")
            #expect(live.status == 0 && told.count == 2, "\(live.everything)")
            #expect(told.first?.contains(#""name":"twolists.v1.Ledger""#) == true)
            #expect(told.last?.contains(#""errorCode":5"#) == true)
            // More than the stream's first credit: the messages wait for the server, and all are answered.
            let question =
                #"{"fileByFilename": "no.proto", "host": "\#(String(repeating: "h", count: 2000))"}"#
            let many = String(repeating: question, count: 300)
            let whole = try city.folder.write("many.json", Array(many.utf8))
            let answered = try city.run("u7l1", ["call", Self.reflection, "-d", "@" + whole])
            #expect(answered.split(separator: "\n").count == 300)
            expect(try city.attempt("u7l1", ["call", Self.reflection]), exits: 0)
            let watch = try city.attempt("u7l1", ["call", "grpc.health.v1.Health/Watch", "--timeout", "1"])
            expect(watch, exits: 9, saying: #"{"status":"SERVING"}"#, "超时")
        }

        @Test("what is wrong is said with its place, before anything is sent")
        func wrong() throws {
            let city = try City()
            try city.start()
            func call(_ words: String..., exits code: Int32, saying text: String) throws {
                expect(try city.attempt("u7l1", ["call"] + words), exits: code, saying: text)
            }
            let ledger = "twolists.v1.Ledger"
            try call("\(ledger)/GetRequest", "-d", #"{"kee": "x"}"#, exits: 2, saying: "没有字段“kee”，是不是 key？")
            try call("\(ledger)/GetRequest", "-d", "{\n\"key\": x}", exits: 2, saying: "第 2 行第 8 列")
            try call("\(ledger)/GetRequest", "-d", "{} {}", exits: 2, saying: "只要一个请求，这里有 2 个")
            try call("\(ledger)/GetRequest", "-d", #"{"key": "x"}"#, exits: 5, saying: "没有找到")
            try call("\(ledger)/GetRequest", "-d", "@/no/such", exits: 11, saying: "/no/such")
            try call("\(ledger)/Nothing", exits: 5, saying: "它有 WhoAmI")
            try call("a.B/C", exits: 5, saying: "服务器没有“a.B”")
            try call("nothing", exits: 2, saying: "应写成 服务/方法")
            try call("twolists.v1.Exchange/Execute", exits: 2, saying: "服务器认为请求内容有误")
            try call("\(ledger)/WhoAmI", "-H", "Bad Key:1", exits: 2, saying: "-H 应写成 键:值")
            try call(
                "\(ledger)/WhoAmI", "-H", "k:" + String(repeating: "v", count: 20_000), exits: 2,
                saying: "metadataTooLarge")
            try call("\(ledger)/WhoAmI", "-x", exits: 2, saying: "没有选项 -x")
            // A line that is wrong after others were sent.
            let live = try city.attempt(
                "u7l1", ["call", Self.reflection, "-d", "-"], input: "{}\n{\"x\": 1}\n")
            expect(live, exits: 2, saying: "第 2 个请求有误", "没有字段“x”")
        }

        @Test("a file of requests as large as the limit is read, a byte more is not")
        func largestFile() throws {
            let city = try City()
            try city.start()
            let limit = 8 << 20
            let padded = try city.folder.write(
                "padded", [UInt8](repeating: 0x20, count: limit - 2) + Array("{}".utf8))
            let beyond = try city.folder.write(
                "beyond", [UInt8](repeating: 0x20, count: limit - 1) + Array("{}".utf8))
            let words = ["call", "twolists.v1.Ledger/WhoAmI", "-d"]
            expect(try city.attempt("u7l1", words + ["@" + padded]), exits: 0, saying: "u7l1")
            expect(try city.attempt("u7l1", words + ["@" + beyond]), exits: 11, saying: "8 MiB")
        }

        @Test("--trace shows every frame on standard error, -H travels")
        func trace() throws {
            let city = try City()
            try city.start()
            let result = try city.attempt(
                "u7l1",
                [
                    "call", "twolists.v1.Ledger/WhoAmI", "--schema", "built-in", "--trace", "-H", "x-test: 甲",
                    "--timeout", "7",
                ])
            #expect(result.status == 0 && result.outputText.hasPrefix("{"))
            let lines = result.errorText.split(separator: "\n").map(String.init)
            #expect(lines.contains { $0.hasPrefix("→  HELLO") && $0.contains("twolists-client") })
            #expect(lines.contains { $0.hasPrefix("←  HELLO") && $0.contains("twolists-server") })
            #expect(
                lines.contains {
                    $0.hasPrefix("→  Request  stream 1") && $0.contains("twolists.v1.Ledger/WhoAmI")
                        && $0.contains("x-test: 甲") && $0.contains("timeout 69")
                })
            #expect(lines.contains { $0.hasPrefix("←  Response  stream 1") && $0.contains("status 0 OK") })
            #expect(lines.contains { $0.hasPrefix("→  GOAWAY") })
            #expect(!result.errorText.contains("随州市"), "contents of messages are not shown")
        }
    }
}
