import Crypto
import Schema
import Synchronization
import TwoListsClient
import Wire

@testable import Office

/// A server as a sender sees it: what is put stays, and the line breaks where a test says.
final class FakeLine: BatchLine {
    struct State {
        /// Digests stored, by batch.
        var stored: [[UInt8]: [[UInt8]: [UInt8]]] = [:]
        /// Chunks that were acknowledged, manifests left out, in their order.
        var acknowledged: [[UInt8]] = []
        var submitted: [SignedEnvelope] = []
        var judged: [[UInt8]: CommandAnswer] = [:]
        /// Acknowledgements until the line breaks; nil: it holds.
        var breaksAfter: Int?
        /// Puts under way, and the most there were at once.
        var open = 0
        var mostOpen = 0
        var asked = 0
        /// The answer of the next submissions is lost on its way.
        var losesAnswers = false
        var refusal: Refusal = .unspecified
    }
    let state = Mutex(State())

    static let lost = ClientError(.network, .call, .connectionLost(mayHaveRun: true))

    func stored(_ digests: [[UInt8]], of batch: [UInt8]) async throws(ClientError) -> [Bool] {
        state.withLock { state in
            state.asked += digests.count
            return digests.map { state.stored[batch]?[$0] != nil }
        }
    }

    func put(_ chunk: [UInt8], of batch: [UInt8], isManifest: Bool) async throws(ClientError) {
        let isUp = state.withLock { state in
            state.open += 1
            state.mostOpen = max(state.mostOpen, state.open)
            return state.breaksAfter != 0
        }
        await Task.yield()
        let isDone = state.withLock { state in
            state.open -= 1
            guard isUp, state.breaksAfter != 0 else { return false }
            state.breaksAfter = state.breaksAfter.map { $0 - 1 }
            let digest = Digest(of: chunk).bytes
            state.stored[batch, default: [:]][digest] = chunk
            if !isManifest { state.acknowledged.append(digest) }
            return true
        }
        guard isDone else { throw Self.lost }
    }

    func seal(_ command: SubmitBatch, batch: [UInt8]) throws(ClientError) -> SignedEnvelope {
        let id = try UUIDv7.make()
        let envelope = Envelope(id: id, target: batch, command: Command(body: .submitBatch(command)))
        return SignedEnvelope(envelope: envelope.encoded())
    }

    func submit(_ envelope: SignedEnvelope) async throws(ClientError) -> CommandAnswer {
        guard let inside = try? Envelope(decoding: envelope.envelope),
            case .submitBatch(let command)? = inside.command?.body
        else { throw ClientError(.client, .call, .badCommand) }
        let outcome: Result<CommandAnswer, ClientError> = state.withLock { state in
            if let before = state.judged[inside.id] { return .success(before) }
            guard isWhole(command, inside.target, state) else {
                return .failure(
                    ClientError(.server, .call, .status(Status(.failedPrecondition, "BATCH_NOT_STORED"))))
            }
            state.submitted.append(envelope)
            let answer = CommandAnswer(
                commandId: inside.id, outcome: Outcome(refusal: state.refusal), target: inside.target)
            state.judged[inside.id] = answer
            if state.losesAnswers {
                state.losesAnswers = false
                return .failure(Self.lost)
            }
            return .success(answer)
        }
        return try outcome.get()
    }

    private func isWhole(_ command: SubmitBatch, _ batch: [UInt8], _ state: State) -> Bool {
        guard let bytes = state.stored[batch]?[command.manifest],
            let manifest = try? BatchManifest(decoding: bytes)
        else { return false }
        return manifest.chunks.allSatisfy { state.stored[batch]?[$0.sha256] != nil }
    }
}

/// Chunks that no file has: as many as a test wants, each another.
final class FakeChunks: ChunkSource {
    private let count: Int
    private let change: Int?
    private var place = 0
    let report: TableReport

    /// - Parameter change: the chunk that is another one than it was.
    init(_ count: Int, change: Int? = nil) throws {
        self.count = count
        self.change = change
        report = TableReport(try Kinds.kind("fund"))
    }

    func next() throws(ChunkFault) -> RowChunk? {
        guard place < count else { return nil }
        place += 1
        let text = "chunk \(place)" + (change == place ? " changed" : "")
        return RowChunk(Array(text.utf8), rows: 1)
    }
}
