import Foundation
import Schema
import TestSupport
import Testing

/// The verifiers in Python, written from RECEIPT.md and TRAIL.md alone, as the judges of receipts and exported trails.
struct ReceiptOracle {
    private let python: String
    private let scratch: TemporaryDirectory
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
    private static let script = folder + "/python/receipt_verify.py"
    private static let trailScript = folder + "/python/trail_verify.py"

    /// Skips (or fails) the test when Python or the pinned library is missing.
    init() throws {
        python = try requirePython(
            "cryptography", pinnedIn: "Tests/Conformance/python/requirements-receipt.txt")
        scratch = try TemporaryDirectory("receipts")
    }

    /// `GOOD`, or the name of the check that failed, for each.
    func judge(_ cases: [(receipt: [UInt8], envelope: [UInt8])], ca: String) throws -> [String] {
        let batch = cases.flatMap { Self.sized($0.receipt) + Self.sized($0.envelope) }
        try scratch.write("batch", batch)
        let run = try runProcess(
            python, [Self.script, "--ca", ca, "--batch", scratch.file("batch")], timeout: 600)
        try #require(run.status == 0, "\(run.errorText)")
        return run.outputText.split(separator: "\n").map(String.init)
    }

    /// `DECLARED kept cut` or `ALARM` for each held checkpoint and page of restorations.
    func declared(_ cases: [(held: [UInt8], page: [UInt8])], ca: String) throws -> [String] {
        let batch = cases.flatMap { Self.sized($0.held) + Self.sized($0.page) }
        try scratch.write("restorations", batch)
        let run = try runProcess(
            python, [Self.script, "--ca", ca, "--restorations", scratch.file("restorations")], timeout: 600)
        try #require(run.status == 0, "\(run.errorText)")
        return run.outputText.split(separator: "\n").map(String.init)
    }

    /// One receipt from files, as a person would: exit code and words.
    func judge(
        receiptFile: String, envelopeFile: String, ca: String, more: [String] = []
    ) throws -> ProcessResult {
        try runProcess(python, [Self.script, receiptFile, "--envelope", envelopeFile, "--ca", ca] + more)
    }

    /// `GOOD`, or the name of the check that failed and the records it names, for each exported trail (TRAIL.md).
    func judge(trails: [[UInt8]], ca: String) throws -> [String] {
        try scratch.write("trails", trails.flatMap { Self.sized($0) })
        let run = try runProcess(
            python, [Self.trailScript, "--ca", ca, "--batch", scratch.file("trails")], timeout: 600)
        try #require(run.status == 0, "\(run.errorText)")
        return run.outputText.split(separator: "\n").map(String.init)
    }

    private static func sized(_ bytes: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: bytes.count).bigEndian, Array.init) + bytes
    }
}
