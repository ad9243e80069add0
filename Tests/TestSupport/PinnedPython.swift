import Foundation
import Testing

/// A Python that has Protocol Buffers' own library in the version that Tests/WireTests/requirements.txt pins: the judge of our codecs.
/// `make test` installs the library into .build/python; TWOLISTS_PYTHON names another interpreter that has it. Where neither is there
/// the test is skipped, or fails, like for any tool.
package func pinnedPython() throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    let local = "\(root)/.build/python/bin/python"
    let python =
        try ProcessInfo.processInfo.environment["TWOLISTS_PYTHON"]
        ?? (FileManager.default.isExecutableFile(atPath: local) ? local : requireTool("python3"))
    let pins = try String(contentsOfFile: "\(root)/Tests/WireTests/requirements.txt", encoding: .utf8)
    let pin = try #require(pins.split(separator: "\n").first { $0.hasPrefix("protobuf==") }?.dropFirst(10))
    let asked = try runProcess(python, ["\(root)/Protocol/vectors/proto/oracle.py"])
    if asked.status != 0 || !asked.outputText.hasPrefix("\(pin) upb") {
        // Named as one tool, so that the skip says what to install.
        try requireTool("python3 with protobuf==\(pin)")
    }
    return python
}
