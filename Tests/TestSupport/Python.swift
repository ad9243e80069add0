import Foundation
import Testing

private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

/// A Python that has `package` in the version pinned in `file` (below the project's root). `make test` installs it into .build/python;
/// TWOLISTS_PYTHON names another interpreter. The test is skipped, or fails, where there is none.
package func requirePython(_ package: String, pinnedIn file: String) throws -> String {
    let local = root + "/.build/python/bin/python"
    let python =
        try ProcessInfo.processInfo.environment["TWOLISTS_PYTHON"]
        ?? (FileManager.default.isExecutableFile(atPath: local) ? local : requireTool("python3"))
    let pins = try String(contentsOfFile: "\(root)/\(file)", encoding: .utf8).split(separator: "\n")
    let pin = try #require(pins.first { $0.hasPrefix("\(package)==") }?.dropFirst(package.count + 2))
    let asked = try runProcess(
        python, ["-c", "import importlib.metadata as m; print(m.version('\(package)'))"])
    if asked.outputText.trimmingCharacters(in: .whitespacesAndNewlines) != pin {
        // Named as one tool, so that the skip says what to install.
        try requireTool("python3 with \(package)==\(pin)")
    }
    return python
}

/// Protocol Buffers' own library, in its fast form.
package func requirePythonProtobuf() throws -> String {
    let python = try requirePython("protobuf", pinnedIn: "Tests/WireTests/requirements.txt")
    let asked = try runProcess(python, [root + "/Protocol/vectors/proto/oracle.py"])
    if asked.status != 0 || !asked.outputText.hasSuffix(" upb\n") {
        try requireTool("python3 with protobuf's upb")
    }
    return python
}

/// Whose tables of statutory holidays are the oracle for ours.
package func requireChineseCalendar() throws -> String {
    try requirePython("chinesecalendar", pinnedIn: "Tests/ExchangeTests/requirements.txt")
}

/// Prometheus' client library, whose parser is the oracle for pages of figures.
package func requirePrometheusClient() throws -> String {
    try requirePython("prometheus-client", pinnedIn: "Tests/MetricsTests/requirements.txt")
}
