package import TwoListsClient
package import Wire

/// A schema asked of the server itself, by grpc.reflection.v1, over one stream that stays open from question to question.
package final class SchemaReader {
    package static let service = "grpc.reflection.v1.ServerReflection"

    private let call: DirectCall

    /// - Parameter timeout: for all questions together.
    package init(_ connection: DirectConnection, timeout: Duration) {
        call = connection.call(Self.service, "ServerReflectionInfo", .bidirectional, timeout: timeout)
    }

    /// Full names of the services.
    package func services() async throws(ClientError) -> [String] {
        guard case .listServicesResponse(let list)? = try await ask(.listServices("")) else {
            throw bad("no list of services")
        }
        return list.service.map(\.name)
    }

    /// The schema that declares `symbol`, with all it needs; nil when the server does not know it.
    package func schema(of symbol: String) async throws(ClientError) -> SchemaPool? {
        var quest = SchemaQuest(symbol)
        while let question = quest.question {
            let answer = try await ask(question)
            do throws(SchemaQuest.Bad) { try quest.take(answer) } catch { throw bad(error.what) }
        }
        return quest.schema
    }

    /// Ends the stream.
    package func close() { call.halfClose() }

    private func ask(
        _ question: SchemaQuest.Question
    ) async throws(ClientError) -> SchemaQuest.Answer? {
        await call.send(GRPCReflectionV1.ServerReflectionRequest(messageRequest: question).encoded())
        switch await call.next() {
        case .message(let bytes):
            do throws(WireError) {
                return try GRPCReflectionV1.ServerReflectionResponse(decoding: bytes).messageResponse
            } catch { throw bad("\(error)") }
        case .ended(let status, _) where status.code != .ok:
            throw ClientError(.server, .stream, .status(status))
        case .ended, nil: throw bad("the stream ended")
        }
    }

    private func bad(_ what: String) -> ClientError {
        ClientError(.server, .stream, .badAnswer, detail: "\(Self.service): \(what)")
    }
}

/// Which questions bring a schema together, without a stream: the file of the symbol, then every file that is imported and was not sent.
package struct SchemaQuest {
    package typealias Question = GRPCReflectionV1.ServerReflectionRequest.OneOf_MessageRequest
    package typealias Answer = GRPCReflectionV1.ServerReflectionResponse.OneOf_MessageResponse

    /// What a server said that cannot be.
    package struct Bad: Error, Sendable, Hashable {
        package var what: String
    }

    /// Files a server may send: far more than any schema has, and a bound on what it can make us hold.
    package static let maxFiles = 1000

    private let symbol: String
    private var pool = SchemaPool()
    private var isUnknown = false

    package init(_ symbol: String) { self.symbol = symbol }

    /// Nil: everything has been asked.
    package var question: Question? {
        if isUnknown { return nil }
        if pool.files.isEmpty { return .fileContainingSymbol(symbol) }
        return pool.missing.first.map { .fileByFilename($0) }
    }

    /// Nil: the server does not know the symbol.
    package var schema: SchemaPool? { isUnknown ? nil : pool }

    /// The answer to `question`.
    package mutating func take(_ answer: Answer?) throws(Bad) {
        let wanted = pool.missing.first
        switch answer {
        case .fileDescriptorResponse(let files)?:
            for bytes in files.fileDescriptorProto { try add(bytes) }
            if pool.files.isEmpty || wanted.map({ pool.files[$0] == nil }) ?? false {
                throw Bad(what: "the server does not send \(wanted ?? symbol), which was asked for")
            }
        case .errorResponse(let error)? where error.errorCode == Int32(clamping: StatusCode.notFound.rawValue):
            guard wanted == nil else {
                throw Bad(what: "the server does not have \(wanted ?? ""), which it names")
            }
            isUnknown = true
        case .errorResponse(let error)?: throw Bad(what: "\(error.errorCode): \(error.errorMessage)")
        default: throw Bad(what: "an answer to another question")
        }
    }

    private mutating func add(_ bytes: [UInt8]) throws(Bad) {
        do throws(WireError) { pool.add(try FileDescriptor(reading: bytes)) } catch {
            throw Bad(what: "\(error)")
        }
        if pool.files.count > Self.maxFiles { throw Bad(what: "more than \(Self.maxFiles) files") }
    }
}
