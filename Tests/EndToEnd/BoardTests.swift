import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// The live board in front of a terminal that a program holds: `board_drive.py` is the person and the screen.
    @Suite("twolists board, under a pseudo-terminal")
    struct BoardTests {
        @Test(
            "80 × 24: the frame, a filter typed and taken back, other sizes, a server that goes and comes, and the terminal given back"
        )
        func sitting() async throws {
            let python = try requireTool("python3")
            let city = try City()
            try city.start()
            _ = try city.request(title: "营区东门道路修缮")
            _ = try city.request(title: "供电线路改造")
            let work = try TemporaryDirectory("board")
            let driver = try Child(
                [
                    python, Programs.root + "/Tests/Conformance/python/board_drive.py", work.path, "营区东门道路修缮",
                    "供电线路改造", "重启以后提报", "--", try Programs.path("twolists"), "--profile",
                    city.access.profile("b1a1"), "board",
                ], output: work.file("out"), errors: work.file("err"))
            let report = { "\(driver.outputText)\(driver.errorText)" }
            try await city.until("down: \(report())") {
                driver.status != nil || FileManager.default.fileExists(atPath: work.file("down"))
            }
            try #require(driver.status == nil, "\(report())")
            city.kill()
            try await city.until("the loss shown: \(report())") {
                driver.status != nil || driver.outputText.contains("ok the line is lost")
            }
            try city.start()
            _ = try city.request(title: "重启以后提报")
            try work.write("up", [])
            #expect(driver.wait(4 * City.patience) == 0, "\(report())")
            #expect(driver.outputText.split(separator: "\n").filter { $0.hasPrefix("ok ") }.count == 16)
        }

        @Test("without a terminal it says what to do instead")
        func noTerminal() throws {
            let city = try City()
            try city.start()
            expect(
                try city.attempt("b1a1", ["board"]), exits: 2, saying: "看板需要在终端窗口中运行", "twolists watch")
        }
    }
}
