// grpc.reflection.v1.ServerReflection, as gRPC defines it: what this server's schema is, for whoever has no files. PROTOCOL.md 10.

package import Wire

/// Answers from descriptors that are fixed when it is made; one for the process.
package final class ReflectionService: ServiceHandler {
    /// Questions that may wait: a tool asks for a handful. Beyond it answers are made all the same, and the transport ends the call of
    /// a peer that does not read (PROTOCOL.md U50).
    static let maxWaiting = 64

    package let name = "grpc.reflection.v1.ServerReflection"

    private let catalogue: ReflectionCatalogue

    /// - Parameters:
    ///   - services: full names of the services served; this one is added.
    ///   - files: FileDescriptorProtos, what is imported before what imports it. Those that cannot be read are left out.
    package init(services: [String], files: [[UInt8]]) {
        catalogue = ReflectionCatalogue(services: services + [name], files: files)
    }

    package func shape(of method: String) -> MethodShape? {
        method == "ServerReflectionInfo" ? .bidirectional : nil
    }

    package func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        let handler = ReflectionCall(catalogue, reply)
        if !request.isEmpty { handler.receive(request) }
        return handler
    }
}

/// One stream of questions. Answers are made when the peer has room for them: until then the questions wait.
private final class ReflectionCall: CallHandler {
    private let catalogue: ReflectionCatalogue
    private let reply: any CallReply
    private var waiting: [[UInt8]] = []
    private var isLast = false
    private var isOver = false
    /// Files told on this stream: none is sent twice as a mere dependency.
    private var sent: Set<Int> = []

    init(_ catalogue: ReflectionCatalogue, _ reply: any CallReply) {
        self.catalogue = catalogue
        self.reply = reply
    }

    func receive(_ message: [UInt8]) {
        waiting.append(message)
        work()
    }

    func requestsEnded() {
        isLast = true
        work()
    }

    func ready() { work() }

    func cancelled(_ reason: CancelReason) {
        isOver = true
        waiting = []
    }

    private func work() {
        while !isOver, !waiting.isEmpty, reply.isReady || waiting.count > ReflectionService.maxWaiting {
            answer(waiting.removeFirst())
        }
        if isLast, waiting.isEmpty, !isOver { end(.ok) }
    }

    private func answer(_ bytes: [UInt8]) {
        do throws(WireError) {
            let question = try GRPCReflectionV1.ServerReflectionRequest(decoding: bytes)
            reply.send(catalogue.answer(question, sent: &sent).encoded())
        } catch {
            end(.malformed("ServerReflectionRequest: \(error.description)"))
        }
    }

    private func end(_ status: Status) {
        isOver = true
        reply.finish(status, payload: [])
    }
}

/// The answers, without a stream: a question in, an answer out.
package struct ReflectionCatalogue: Sendable {
    package typealias Question = GRPCReflectionV1.ServerReflectionRequest
    package typealias Answer = GRPCReflectionV1.ServerReflectionResponse

    private struct File {
        var raw: [UInt8]
        /// Places of the files it imports.
        var imports: [Int]
    }

    private let services: [String]
    private var files: [File] = []
    /// Places of files by the bytes of their names, and by those of what they declare.
    private var byName: [[UInt8]: Int] = [:]
    private var bySymbol: [[UInt8]: Int] = [:]

    package init(services: [String], files: [[UInt8]]) {
        self.services = services.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for raw in files {
            guard let file = try? FileDescriptor(reading: raw) else { continue }
            add(file, raw)
        }
    }

    private mutating func add(_ file: FileDescriptor, _ raw: [UInt8]) {
        let place = files.count
        files.append(File(raw: raw, imports: file.dependencies.compactMap { byName[Array($0.utf8)] }))
        byName[Array(file.name.utf8)] = place
        for symbol in SymbolList(file).names { bySymbol[Array(symbol.utf8)] = place }
    }

    /// - Parameter sent: places of the files that the asker has from this stream already.
    package func answer(_ question: Question, sent: inout Set<Int>) -> Answer {
        var answer = Answer(validHost: question.host, originalRequest: question)
        answer.messageResponse = response(to: question, sent: &sent)
        return answer
    }

    private func response(to question: Question, sent: inout Set<Int>) -> Answer.OneOf_MessageResponse {
        switch question.messageRequest {
        case .listServices:
            .listServicesResponse(
                GRPCReflectionV1.ListServiceResponse(
                    service: services.map { GRPCReflectionV1.ServiceResponse(name: $0) }))
        case .fileByFilename(let name):
            file(byName[Array(name.utf8)], "no file \(name)", sent: &sent)
        case .fileContainingSymbol(let symbol):
            file(bySymbol[Array(symbol.utf8)], "no symbol \(symbol)", sent: &sent)
        case .fileContainingExtension, .allExtensionNumbersOfType:
            error(.unimplemented, "this server tells nothing of extensions: messages of proto3 have none")
        case nil: error(.invalidArgument, "a request that asks nothing: message_request is not set")
        }
    }

    private func file(_ place: Int?, _ missing: String, sent: inout Set<Int>) -> Answer.OneOf_MessageResponse
    {
        guard let place else { return error(.notFound, missing) }
        var found = [files[place].raw]
        sent.insert(place)
        var open = files[place].imports
        while let next = open.popLast() {
            guard sent.insert(next).inserted else { continue }
            found.append(files[next].raw)
            open += files[next].imports
        }
        return .fileDescriptorResponse(GRPCReflectionV1.FileDescriptorResponse(fileDescriptorProto: found))
    }

    private func error(_ code: StatusCode, _ text: String) -> Answer.OneOf_MessageResponse {
        .errorResponse(
            GRPCReflectionV1.ErrorResponse(errorCode: Int32(clamping: code.rawValue), errorMessage: text))
    }
}

/// Full names of all that a file declares: services, methods, messages, fields, oneofs, enums, their values, extensions.
private struct SymbolList {
    private(set) var names: [String] = []

    init(_ file: FileDescriptor) {
        for one in file.messages { add(one, file.fullName(one.name)) }
        for one in file.enums { add(one, file.fullName(one.name), scope: file.package) }
        for one in file.services {
            names.append(file.fullName(one.name))
            names += one.methods.map { "\(file.fullName(one.name)).\($0.name)" }
        }
        names += file.extensions.map { file.fullName($0.name) }
    }

    private mutating func add(_ message: MessageDescriptor, _ name: String) {
        names.append(name)
        names += (message.fields.map(\.name) + message.oneofs.map(\.name)).map { "\(name).\($0)" }
        for inner in message.messages { add(inner, "\(name).\(inner.name)") }
        for inner in message.enums { add(inner, "\(name).\(inner.name)", scope: name) }
    }

    /// Values of an enum stand beside it, not in it.
    private mutating func add(_ one: EnumDescriptor, _ name: String, scope: String) {
        names.append(name)
        names += one.values.map { scope.isEmpty ? $0.name : "\(scope).\($0.name)" }
    }
}
