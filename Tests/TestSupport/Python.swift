import Foundation
import Testing

/// A Python that has Protocol Buffers' own library in the version pinned in WireTests/requirements.txt. `make test` installs it into
/// .build/python; TWOLISTS_PYTHON names another interpreter. The test is skipped, or fails, where there is none.
package func requirePythonProtobuf() throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    let local = root + "/.build/python/bin/python"
    let python =
        try ProcessInfo.processInfo.environment["TWOLISTS_PYTHON"]
        ?? (FileManager.default.isExecutableFile(atPath: local) ? local : requireTool("python3"))
    let pins = try String(contentsOfFile: root + "/Tests/WireTests/requirements.txt", encoding: .utf8)
    let pin = try #require(pins.split(separator: "\n").first { $0.hasPrefix("protobuf==") }?.dropFirst(10))
    let asked = try runProcess(python, [root + "/Protocol/vectors/proto/oracle.py"])
    if asked.status != 0 || !asked.outputText.hasPrefix("\(pin) upb") {
        // Named as one tool, so that the skip says what to install.
        try requireTool("python3 with protobuf==\(pin)")
    }
    return python
}

/// The same for Prometheus' client library (Tests/MetricsTests/requirements.txt), whose parser is the oracle for pages of figures.
package func requirePrometheusClient() throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    let local = root + "/.build/python/bin/python"
    let python =
        try ProcessInfo.processInfo.environment["TWOLISTS_PYTHON"]
        ?? (FileManager.default.isExecutableFile(atPath: local) ? local : requireTool("python3"))
    if try runProcess(python, ["-c", "import prometheus_client.parser"]).status != 0 {
        try requireTool("python3 with prometheus-client")
    }
    return python
}
