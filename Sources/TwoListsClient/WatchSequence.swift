public import Schema
import Wire

/// Changes as they happen, as an AsyncSequence that outlives connections.
///
/// After a lost connection, a draining server or a busy one the stream is opened again behind the last change that was delivered, so that no
/// change is missed and none comes twice. A message without an entry only moves the cursor and is not delivered.
public struct WatchSequence: AsyncSequence, Sendable {
    public typealias Element = Change
    public typealias Failure = ClientError

    /// Held as a whole: a client that nobody else holds must not close under its reader.
    let client: TwoListsClient
    let cursor: [UInt8]

    public func makeAsyncIterator() -> Iterator {
        Iterator(client: client, cursor: cursor)
    }

    public struct Iterator: AsyncIteratorProtocol {
        private let client: TwoListsClient
        /// Where to go on: behind the last change delivered.
        public private(set) var cursor: [UInt8]
        private var inbox: StreamInbox?
        private var backoff = Backoff()

        init(client: TwoListsClient, cursor: [UInt8]) {
            self.client = client
            self.cursor = cursor
        }

        /// The next change; nil when the task was cancelled or the server ended the stream in order.
        public mutating func next() async throws(ClientError) -> Change? {
            while !Task.isCancelled {
                guard let inbox else {
                    try await open()
                    continue
                }
                switch await inbox.next() {
                case .message(let bytes):
                    if let change = try take(bytes) { return change }
                case .cancelled:
                    inbox.cancel()
                    return nil
                case .end(let answer):
                    self.inbox = nil
                    if try await isOver(answer) { return nil }
                }
            }
            return nil
        }

        private mutating func open() async throws(ClientError) {
            switch await client.keeper.link(deadline: .max) {
            case .link(let link):
                let fresh = StreamInbox()
                fresh.open(
                    LinkRequest(
                        service: LedgerService.name, method: LedgerService.Method.watch.rawValue,
                        shape: .serverStream, payload: WatchQuery(cursor: cursor).encoded(), timeout: nil,
                        isResumed: true),
                    on: link)
                inbox = fresh
            case .failed(let error, let permanent):
                if permanent, error.reason != .cancelled { throw error }
            }
        }

        private mutating func take(_ bytes: [UInt8]) throws(ClientError) -> Change? {
            let change: Change
            do {
                change = try Change(decoding: bytes)
            } catch {
                throw ClientError(.server, .stream, .badAnswer, detail: "\(error)")
            }
            client.keeper.proved()
            backoff.succeeded()
            if !change.cursor.isEmpty { cursor = change.cursor }
            return change.entry == nil ? nil : change
        }

        /// Decides whether the stream's end is the end. Waits before the next attempt where the server is busy.
        private mutating func isOver(_ answer: LinkAnswer) async throws(ClientError) -> Bool {
            if case .lost(let error, _) = answer, error.isPermanent { throw error }
            guard case .finished(let status, _) = answer else { return false }
            if status.isOK { return true }
            switch status.code {
            case .unavailable, .resourceExhausted, .aborted, .cancelled, .deadlineExceeded:
                let delay = backoff.failed(random: .random(in: .min ... .max))
                try? await Task.sleep(
                    for: .milliseconds(Swift.max(delay, status.retryAfterMilliseconds ?? 0)))
                return false
            default:
                throw ClientError(.server, .stream, .status(status), detail: status.message)
            }
        }
    }
}
