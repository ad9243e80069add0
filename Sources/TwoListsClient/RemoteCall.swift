public import Wire

/// A method that this library has no function of its own for: its full names, the kind of its streams and the types of its messages.
public struct RemoteMethod<Request: Message, Reply: Message>: Sendable {
    /// Full protobuf name, e.g. `twolists.v1.Ledger`.
    public let service: String
    public let name: String
    public let shape: MethodShape

    public init(_ service: String, _ name: String, _ shape: MethodShape) {
        self.service = service
        self.name = name
        self.shape = shape
    }
}

/// One call of any kind under way: send with `send` and `finish`, read as a sequence.
///
///     let call = try await client.open(method, timeout: .seconds(30))
///     for row in rows { guard await call.send(row) else { break } }
///     call.finish()
///     let receipt = try await call.reply()
///
/// It ends with its last reply or with the error of the sequence: a status, the deadline, the lost connection, or `.cancelled`. It is given up
/// when it is let go, and when a task is cancelled that reads or sends. A call that sends one message is opened anew while it is certain that
/// nothing of it has run. Messages that were handed over one by one are not sent again: what to do after a lost connection only the caller knows.
public struct RemoteCall<Request: Message, Reply: Message>: AsyncSequence, Sendable {
    public typealias Element = Reply
    public typealias Failure = ClientError

    let call: OpenCall

    /// Sends a message; waits while the server does not take more. False: the call is over, or takes no messages from us; reading says
    /// which. A message above the server's limit ends the call.
    @discardableResult
    public func send(_ message: Request) async -> Bool { await call.send(message.encoded()) }

    /// Nothing more will be sent.
    public func finish() { call.finish() }

    /// Gives the call up: the server is told, reading ends with `.cancelled`.
    public func cancel() { call.cancel() }

    /// The one reply of a unary or client-stream method; of others the first.
    ///
    /// - Throws: `.badAnswer` also when the call ended well without one.
    public func reply() async throws(ClientError) -> Reply {
        var iterator = makeAsyncIterator()
        guard let reply = try await iterator.next() else {
            throw ClientError(.server, .stream, .badAnswer, detail: "the call ended without a reply")
        }
        return reply
    }

    public func makeAsyncIterator() -> Iterator { Iterator(call: call) }

    /// Replies in their order; the one reply of a call that has only one comes as its only element. One reader at a time.
    public struct Iterator: AsyncIteratorProtocol {
        let call: OpenCall

        public mutating func next() async throws(ClientError) -> Reply? {
            guard let bytes = try await call.next() else { return nil }
            do {
                return try Reply(decoding: bytes)
            } catch {
                call.cancel()
                throw ClientError(.server, .stream, .badAnswer, detail: "\(error)")
            }
        }
    }
}

extension TwoListsClient {
    /// Makes a unary call. It is repeated, until the time is up, as long as the server vouches or it is certain that nothing has run.
    ///
    /// - Parameters:
    ///   - metadata: pairs for tracing and the like; keys are `[a-z0-9._-]+`.
    ///   - timeout: longest wait, reconnecting included; nil: the configuration's.
    public func call<Request: Message, Reply: Message>(
        _ method: RemoteMethod<Request, Reply>, _ request: Request, metadata: [MetadataEntry] = [],
        timeout: Duration? = nil
    ) async throws(ClientError) -> Reply {
        let request = LinkRequest(
            service: method.service, method: method.name, shape: .unary, payload: request.encoded(),
            timeout: nil, metadata: metadata)
        let payload = try await perform(request, idempotent: false, timeout)
        do {
            return try Reply(decoding: payload)
        } catch {
            throw ClientError(.server, .call, .badAnswer, server: configuration.address, detail: "\(error)")
        }
    }

    /// Opens a call of any kind.
    ///
    /// - Parameters:
    ///   - request: the one message of methods that take one (nil: an empty one), the first of the others (nil: none yet).
    ///   - timeout: from now to the call's end; nil: no limit once it is open.
    public func open<Request: Message, Reply: Message>(
        _ method: RemoteMethod<Request, Reply>, _ request: Request? = nil, metadata: [MetadataEntry] = [],
        timeout: Duration? = nil
    ) async throws(ClientError) -> RemoteCall<Request, Reply> {
        let takesOne = method.shape == .unary || method.shape == .serverStream
        let payload = takesOne ? (request ?? Request()).encoded() : []
        let call = RemoteCall<Request, Reply>(
            call: try await open(
                method.service, method.name, method.shape, payload: payload, metadata: metadata,
                timeout: timeout))
        if !takesOne, let request { await call.send(request) }
        return call
    }
}
