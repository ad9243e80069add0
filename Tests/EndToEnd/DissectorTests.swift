import Foundation
import TestSupport
import Testing

/// `Protocol/twolists.lua` shows what a client that is not ours and our server say to each other.
@Suite("Protocol/twolists.lua, the Wireshark dissector")
struct DissectorTests {
    @Test(
        "tshark shows every frame and its message, however TCP cut them, and nothing without the client's keys"
    )
    func dissected() throws {
        let tshark = try requireTool("tshark")
        let python = try requireTool("python3")
        let city = try City()
        try city.start()
        defer { _ = city.stop() }
        let script = Programs.root + "/Tests/Conformance/python/dissector_check.py"
        let (names, work) = (city.access, try TemporaryDirectory("dissector"))
        let ran = try runProcess(
            python,
            [
                script, "127.0.0.1", "\(city.port)", names.authority, names.certificate("u7l1"),
                names.key("u7l1"), tshark, Programs.root + "/Protocol", work.path,
            ], timeout: 300)
        #expect(ran.status == 0, "\(ran.outputText)\(ran.errorText)")
        let lines = ran.outputText.split(separator: "\n")
        #expect(lines.count == 7 && lines.allSatisfy { $0.hasPrefix("ok ") }, "\(ran.outputText)")
    }
}
