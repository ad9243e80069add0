import Foundation
import TestSupport
import Testing
import Wire

extension RealPrograms {
    /// PROTOCOL.md 10.2: the test service is there for who asks for it, and a stranger's program agrees with the real server.
    @Suite("The test service of the real server", .timeLimit(.minutes(10)))
    struct TestServiceTests {
        private static let name = InteropV1.TestServiceService.name

        @Test("without --test-service nobody reaches it; with it the log says so")
        func off() async throws {
            let city = try City()
            try city.start()
            let before = try RawCaller(city.access, as: "u7l1")
            for method in InteropV1.TestServiceService.Method.allCases {
                let status = await before.call(Self.name, method.rawValue)
                #expect(status.code == .unimplemented, "\(method)")
                #expect(status.errorReason == "SERVICE_UNKNOWN", "\(method)")
            }
            #expect(!city.log.contains("test service"))
            #expect(city.stop() == 0)
            try city.start(["--test-service"])
            let after = try RawCaller(city.access, as: "u7l1")
            #expect(await after.call(Self.name, "EmptyCall").isOK)
            #expect(city.log.contains("notice: the test service answers whoever is let in (--test-service)"))
            #expect(city.stop() == 0)
        }

        @Test(
            "the Python client, written from PROTOCOL.md alone: the interop cases and the lines of chapter 11"
        )
        func stranger() throws {
            let python = try requirePythonProtobuf()
            try requireTool("protoc")
            let city = try City()
            try city.start(["--test-service", "--allow-ttrpc"])
            let script = Programs.root + "/Tests/Conformance/python/conformance.py"
            let run = try runProcess(
                python,
                [
                    script, "--port", "\(city.port)", "--certificate", city.access.certificate("u7l1"),
                    "--key",
                    city.access.key("u7l1"), "--ca", city.access.authority, "--base",
                    "--keylog", city.folder.file("keys.log"),
                ], timeout: 400)
            #expect(run.status == 0, "\(run.outputText)\(run.errorText)")
            let lines = run.outputText.split(separator: "\n").map(String.init)
            let well = lines.filter { $0.contains(": ok") }
            #expect(lines.last == "\(well.count) of \(well.count)", "\(run.outputText)")
            #expect(well.count > 55)
            let keys = try String(contentsOfFile: city.folder.file("keys.log"), encoding: .utf8)
            #expect(keys.contains("CLIENT_TRAFFIC_SECRET_0 "), "the client's keys, for a dissector")
            #expect(city.stop() == 0)
        }
    }
}
