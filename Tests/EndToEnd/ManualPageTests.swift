import Foundation
import TestSupport
import Testing

/// What is packaged as manual pages and completion comes out of the programs; here the tools that will read it do.
@Suite("Manual pages and completion, as the programs print them")
struct ManualPageTests {
    static let pages = [
        ["twolists", "--lang", "en"], ["twolists", "--lang", "zh"], ["twolists-server"],
    ]

    @Test("man and mandoc read every page without a word", arguments: pages)
    func read(words: [String]) throws {
        let (man, mandoc) = (try requireTool("man"), try requireTool("mandoc"))
        let folder = try TemporaryDirectory("pages")
        let text = try City.run(words[0], ["help", "--as", "manual"] + words.dropFirst())
        let file = try folder.write(words[0] == "twolists" ? "page.1" : "page.8", Array(text.utf8))
        let checked = try runProcess(mandoc, ["-Tlint", file])
        #expect(checked.status == 0 && checked.output.isEmpty, "\(checked.outputText)\(checked.errorText)")
        let shown = try runProcess(
            man, ["-l", "--warnings", file],
            environment: ["LC_ALL": "C.UTF-8", "MANWIDTH": "80", "PATH": "/usr/bin:/bin"])
        #expect(shown.status == 0 && shown.errors.isEmpty, "\(shown.errorText)")
        #expect(shown.outputText.split(separator: "\n").count > 100, "a page that short says too little")
    }

    @Test("bash completes commands, options, choices and files, with and without an equals sign")
    func completion() throws {
        let bash = try requireTool("bash")
        let folder = try TemporaryDirectory("completion")
        let scripts = try ["twolists", "twolists-server"].map { name in
            try folder.write(name, Array(try City.run(name, ["help", "--as", "completion"]).utf8))
        }
        let ran = try runProcess(
            bash, ["--norc", Programs.root + "/Tests/Package/completion.sh"] + scripts,
            directory: Programs.root)
        #expect(ran.status == 0 && ran.errors.isEmpty, "\(ran.outputText)\(ran.errorText)")
        #expect(ran.outputText.hasSuffix("completions as expected: 17\n"), "\(ran.outputText)")
    }
}
