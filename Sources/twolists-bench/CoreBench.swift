import Bureau
import CLinux
import Crypto
import Exchange
import Foundation
import Journal
import Schema
import Wire

/// `core`: what one filing costs the server's three threads in turn, on one thread and without a network, so that a change to
/// one of them can be seen through the noise of a whole run. Nanoseconds a filing, the least of all rounds.
enum CoreBench {
    private static let batch = 64
    private static let batches = 400

    static func run(_ options: Options) throws {
        let folder =
            (options.text("data") ?? FileManager.default.temporaryDirectory.path)
            + "/core-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try FilingServer.store(folder + "/store", seeds: options.text("seeds") ?? "seeds")
        let log = store.log
        let engine = store.engine(admission: Admission(), handle: EngineHandle())
        log.startManually(onOutcome: engine.outcomeReceiver(), onFatal: { _ in _exit(74) })
        let desk = FilingDesk(receipts: true)
        var least = (read: Double.infinity, judge: Double.infinity, commit: Double.infinity)
        for _ in 0..<batches {
            let requests = (0..<batch).map { _ in desk.envelope() }
            let began = clinux_monotonic_ns()
            let inputs = try requests.map { EngineInput.command(try read($0)) }
            let wasRead = clinux_monotonic_ns()
            engine.turn(inputs)
            let wasJudged = clinux_monotonic_ns()
            log.step()
            let wasCommitted = clinux_monotonic_ns()
            least.read = min(least.read, Double(wasRead - began) / Double(batch))
            least.judge = min(least.judge, Double(wasJudged - wasRead) / Double(batch))
            least.commit = min(least.commit, Double(wasCommitted - wasJudged) / Double(batch))
        }
        Output.line(
            JSONLine.text([
                ("bench", "core"), ("batch", batch), ("read_ns", least.read), ("judge_ns", least.judge),
                ("commit_ns", least.commit),
            ]))
    }

    private static let reader = EnvelopeReader(
        city: "421300", signatures: NoSignatures(), algorithm: .sha256, receipts: nil)

    static func read(_ request: [UInt8]) throws -> Submission {
        let peer = PeerIdentity(
            uri: [UInt8]("twolists://421300/county/421321/officer/k7f2".utf8), serial: [1], certificate: [],
            notAfter: .max, address: "")
        let call = CallInfo(
            service: ExchangeService.name, method: "Execute", peer: peer, metadata: [], deadline: nil,
            connection: 1, stream: 1)
        let signed = try SignedEnvelope(decoding: request)
        return try reader.line(signed, call: call, actor: try ActorIdentity(peer), reply: NoReply())
    }
}

private struct NoSignatures: SignatureChecker {
    func signer(
        of message: [UInt8], algorithm: String, signature: [UInt8], certificate: [UInt8]
    ) throws(Status) -> ActorIdentity {
        throw Status(.unauthenticated, "the benchmark signs nothing")
    }
}

private final class NoReply: CallReply {
    func send(_ message: [UInt8]) {}
    var isReady: Bool { true }
    func finish(_ status: Status, payload: [UInt8]) {
        if !status.isOK { EchoClient.lost("core: \(status)") }
    }
}
