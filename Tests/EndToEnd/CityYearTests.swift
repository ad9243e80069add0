import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// A tenth of the big registers here, all of them in `make soak`.
    @Suite("The city's year 2022 from files to figures, with the real programs")
    struct CityYearTests {
        @Test("counties and departments send what they have, and the annual report is made of its rows")
        func year() throws {
            let bash = try requireTool("bash")
            let python = try requirePython(
                "openpyxl", pinnedIn: "Tests/OfficeTests/Spreadsheet/requirements.txt")
            let folder = try TemporaryDirectory("city-year")
            let build = URL(fileURLWithPath: try Programs.path("twolists-server")).deletingLastPathComponent()
                .path
            let isSoak = ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] == "1"
            let child = try Child(
                [
                    bash, Programs.root + "/Tests/EndToEnd/city-year.sh", build, folder.file("out"),
                    isSoak ? "1.0" : "0.1", python,
                ], output: folder.file("log"), errors: folder.file("err"))
            #expect(child.wait(580) == 0, "\(child.outputText.suffix(4000))\(child.errorText)")
            for words in [
                "46 figures as counted from the rows", "12 + 107 = 119", "24 + 8 + 4 = 36", "逐行一致",
                "verified: nothing is wrong", "files by disc, each answered: stored, checked, done",
            ] {
                #expect(child.outputText.contains(words), "the year lacks \(words)")
            }
        }
    }
}
