import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// `make demo` plays all of it, a tenth here.
    @Suite("Issue 4, a city's year on a demonstration clock, with the real programs")
    struct YearTests {
        /// Of the script's about seven hundred.
        private static let tenth = 70

        @Test("year.sh plays the first tenth, each step ending as the script says, and the journal verifies")
        func year() throws {
            let bash = try requireTool("bash")
            let folder = try TemporaryDirectory("year")
            let build = URL(fileURLWithPath: try Programs.path("twolists-server")).deletingLastPathComponent()
                .path
            let steps = ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] == "1" ? [] : ["\(Self.tenth)"]
            let child = try Child(
                [bash, Programs.root + "/Tests/EndToEnd/year.sh", build, folder.file("out")] + steps,
                output: folder.file("log"), errors: folder.file("err"))
            #expect(child.wait(580) == 0, "\(child.outputText.suffix(4000))\(child.errorText)")
            for words in ["演示时钟", "verified: nothing is wrong"] {
                #expect(child.outputText.contains(words), "the year lacks \(words)")
            }
        }
    }
}
