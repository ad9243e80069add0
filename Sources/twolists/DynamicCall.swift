import Foundation
import Office
import Synchronization
import TwoListsClient
import Wire

/// One call with JSON on both sides: what was typed goes out, what comes is printed, the status becomes the exit code.
struct DynamicCall: Sendable {
    /// What is sent.
    enum Requests: Sendable {
        /// Known before the call begins.
        case whole([[UInt8]])
        /// From standard input, one a line, as it comes: for streams of requests.
        case live(JSONReading)

        init(
            _ line: Invocation, _ method: ServiceDescriptor.Method, _ reading: JSONReading
        ) throws(Session.Stop) {
            let typed = line.text("data") ?? (method.clientStreams ? "" : "{}")
            if method.clientStreams, typed == "-" {
                self = .live(reading)
                return
            }
            let found = try reading.all(of: try JSONReading.text(typed))
            if !method.clientStreams, found.count != 1 {
                throw JSONReading.wrong(
                    Text(
                        "\(method.name) 只要一个请求，这里有 \(found.count) 个",
                        "\(method.name) takes one request, here are \(found.count)"))
            }
            self = .whole(found)
        }
    }

    let pool: SchemaPool
    let method: ServiceDescriptor.Method
    let service: String
    let metadata: [MetadataEntry]
    let requests: Requests
    let session: Session

    /// A stream may run as long as it likes unless a limit was typed.
    private var timeout: Duration? {
        method.shape == .unary || session.line.has("timeout") ? session.timeout : nil
    }

    func run(on connection: DirectConnection) async throws(Session.Stop) -> ExitCode {
        var first: [UInt8] = []
        if !method.clientStreams, case .whole(let found) = requests { first = found.first ?? [] }
        let call = connection.call(
            service, method.name, method.shape, payload: first, metadata: metadata, timeout: timeout)
        let sender = RequestSender(call)
        if method.clientStreams { sender.start(requests) }
        let code = try await receive(call)
        // What was typed wrong is why the call was given up.
        if let problem = sender.problem { throw problem }
        return code
    }

    private func receive(_ call: DirectCall) async throws(Session.Stop) -> ExitCode {
        while let event = await call.next() {
            switch event {
            case .message(let bytes):
                do throws(Session.Stop) { try show(bytes, inStream: true) } catch {
                    call.cancel()
                    throw error
                }
            case .ended(let status, let payload):
                guard status.code == .ok else {
                    return session.failure(ClientError(.server, .call, .status(status)))
                }
                if !method.serverStreams { try show(payload, inStream: false) }
                return .done
            }
        }
        return .done
    }

    private func show(_ bytes: [UInt8], inStream: Bool) throws(Session.Stop) {
        do throws(MessageToJSON.Problem) {
            let json = try MessageToJSON(pool).json(bytes, as: method.output)
            Output.out(inStream ? json.compact : json.pretty)
        } catch {
            Output.complain(error.text[session.language])
            throw .exit(.internal)
        }
    }
}

/// Sends the messages of a stream while its answers are read.
private final class RequestSender: Sendable {
    private let call: DirectCall
    private let found = Mutex<Session.Stop?>(nil)

    init(_ call: DirectCall) { self.call = call }

    /// What was wrong with a message that was read after the call had begun.
    var problem: Session.Stop? { found.withLock { $0 } }

    func start(_ requests: DynamicCall.Requests) {
        Task { [self] in
            switch requests {
            case .whole(let messages): for message in messages { await call.send(message) }
            case .live(let reading):
                do throws(Session.Stop) { try await sendLines(reading) } catch {
                    found.withLock { $0 = error }
                    return call.cancel()
                }
            }
            call.halfClose()
        }
    }

    private func sendLines(_ reading: JSONReading) async throws(Session.Stop) {
        var number = 0
        for await line in Self.lines() {
            number += 1
            for message in try reading.all(of: Array(line.utf8), line: number) { await call.send(message) }
        }
    }

    /// Lines of standard input, read on a thread of their own: reading waits for a person.
    private static func lines() -> AsyncStream<String> {
        AsyncStream(bufferingPolicy: .unbounded) { continuation in
            Thread.detachNewThread {
                while let line = readLine() { continuation.yield(line) }
                continuation.finish()
            }
        }
    }
}

/// What was typed as requests, read for one message type.
struct JSONReading: Sendable {
    let pool: SchemaPool
    let type: String

    init(_ pool: SchemaPool, _ type: String) {
        self.pool = pool
        self.type = type
    }

    /// Bytes of a file of requests at most: twice the largest message any server takes (4 MiB), as names and base64 take room.
    private static let largestFile = 8 << 20

    /// What `-d` means: the text itself, `@FILE`, or `-`.
    static func text(_ typed: String) throws(Session.Stop) -> [UInt8] {
        if typed == "-" { return [UInt8](FileHandle.standardInput.readDataToEndOfFile()) }
        guard typed.hasPrefix("@") else { return Array(typed.utf8) }
        let path = String(typed.dropFirst())
        guard let data = FileManager.default.contents(atPath: path), data.count <= largestFile else {
            Output.complain(
                "\(Screen.clean(path)): 读不了，或超过 8 MiB / cannot be read, or is larger than 8 MiB")
            throw .exit(.localFile)
        }
        return [UInt8](data)
    }

    /// All values of a text, each as the bytes of a message. `line`: where the text begins, for error texts.
    func all(of text: [UInt8], line: Int = 1) throws(Session.Stop) -> [[UInt8]] {
        var parser = JSONParser(text)
        var found: [[UInt8]] = []
        while let json = try next(&parser, line) {
            do throws(JSONProblem) { found.append(try MessageFromJSON(pool).bytes(json, as: type)) } catch {
                throw Self.wrong(
                    Text(
                        "第 \(line + found.count) 个请求有误：\(error.text.zh)",
                        "request \(line + found.count): \(error.text.en)"))
            }
        }
        return found
    }

    private func next(_ parser: inout JSONParser, _ line: Int) throws(Session.Stop) -> JSON? {
        do throws(JSONParser.Fault) { return try parser.next() } catch {
            let at = line - 1 + error.line
            throw Self.wrong(
                Text(
                    "请求内容第 \(at) 行第 \(error.column) 列：\(error.problem.zh)",
                    "request, line \(at), column \(error.column): \(error.problem.en)"))
        }
    }

    static func wrong(_ problem: Text) -> Session.Stop {
        .usage(UsageError(problem: problem, command: .call))
    }
}
