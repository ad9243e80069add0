import Foundation
import Testing

/// Tools that tests call: python3, openssl, protoc, go and so on. Where one is missing the test is reported as skipped, with the
/// tool's name; with TWOLISTS_TOOLS=required (as `make test` sets it) the test fails instead.

/// Thrown when a tool is missing and TWOLISTS_TOOLS=required.
package struct ToolMissing: Error, CustomStringConvertible {
    package let name: String
    package var description: String { "\(name) is not installed, and TWOLISTS_TOOLS=required" }
}

/// The path of a tool. First line of every test that needs one: `let openssl = try requireTool("openssl")`.
@discardableResult
package func requireTool(_ name: String) throws -> String {
    if let path = findTool(name) { return path }
    if ProcessInfo.processInfo.environment["TWOLISTS_TOOLS"] == "required" { throw ToolMissing(name: name) }
    try Test.cancel("\(name) is not installed")
}

/// The path of a tool in PATH, nil when there is none.
package func findTool(_ name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(name)" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
}

/// What a program left behind.
package struct ProcessResult: Sendable {
    /// Exit code; 128 + the signal's number when a signal ended it.
    package var status: Int32
    package var output: [UInt8]
    package var errors: [UInt8]
    /// True when the time was up and the program was killed.
    package var timedOut: Bool

    package var outputText: String { String(decoding: output, as: UTF8.self) }
    package var errorText: String { String(decoding: errors, as: UTF8.self) }
}

/// Runs a program to its end, or kills it after `timeout` seconds. Output goes through files, so that neither side blocks.
package func runProcess(
    _ executable: String, _ arguments: [String] = [], input: [UInt8] = [], directory: String? = nil,
    environment: [String: String]? = nil, timeout: Double = 60
) throws -> ProcessResult {
    let scratch = try TemporaryDirectory("process")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
    if let environment { process.environment = environment }
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: scratch.write("in", input)))
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch.write("out", [])))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch.write("err", [])))
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
    let timedOut = ended.wait(timeout: .now() + timeout) == .timedOut
    if timedOut {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
    let killed = process.terminationReason == .uncaughtSignal
    return ProcessResult(
        status: killed ? 128 + process.terminationStatus : process.terminationStatus,
        output: try scratch.read("out"), errors: try scratch.read("err"), timedOut: timedOut)
}
