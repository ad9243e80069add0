import CLinux
import Foundation
import RPC
import Wire

/// The service under the load: answers a call with what it was asked, and streams 64 KiB messages.
final class EchoService: ServiceHandler {
    let name = "twolists.bench.v1.Echo"
    static let echo = MethodReference(service: "twolists.bench.v1.Echo", method: "Echo")
    static let stream = MethodReference(service: "twolists.bench.v1.Echo", method: "Stream")
    static let streamMessageBytes = 64 << 10

    func shape(of method: String) -> MethodShape? {
        switch method {
        case "Echo": .unary
        case "Stream": .serverStream
        default: nil
        }
    }

    func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        if call.method == "Stream" {
            return Streaming(reply, count: Int(String(decoding: request, as: UTF8.self)) ?? 0)
        }
        reply.finish(.ok, payload: request)
        return nil
    }

    private final class Streaming: CallHandler {
        private let reply: any CallReply
        private var left: Int
        private let message = [UInt8](repeating: 0x41, count: EchoService.streamMessageBytes)

        init(_ reply: any CallReply, count: Int) {
            self.reply = reply
            left = count
            ready()
        }
        func receive(_ message: [UInt8]) {}
        func requestsEnded() {}
        func ready() {
            while left > 0, reply.isReady {
                left -= 1
                reply.send(message)
            }
            if left == 0 { reply.finish(.ok, payload: []) }
        }
        func cancelled(_ reason: CancelReason) {}
    }
}

/// `echo-server --certs DIR [--port N]`: our server with the echo service, until it is ended.
enum EchoServer {
    static func run(_ options: Options) throws {
        var configuration = ServerConfiguration()
        configuration.port = UInt16(options.count("port", 0))
        configuration.maxConnections = 100_000
        configuration.limits.maxStreams = 1024
        configuration.limits.maxMessageBytes = 1 << 20
        let server = try Server(
            configuration, context: try Certificates(options).context(.server), services: [EchoService()])
        Output.line(JSONLine.text([("listening", Int(server.port))]))
        while true { sleep(3600) }
    }
}

/// The certificates of certs.sh.
struct Certificates {
    let directory: String

    init(_ options: Options) throws {
        guard let directory = options.text("certs") else { throw BenchError("--certs DIR is missing") }
        self.directory = directory
    }

    func context(_ role: TLSContext.Role) throws -> TLSContext {
        let name = role == .server ? "server" : "client"
        let credentials = try TLSCredentials(
            chainPath: "\(directory)/\(name).crt", keyPath: "\(directory)/\(name).key",
            trustPath: "\(directory)/ca.crt")
        return try TLSContext(role, credentials)
    }
}
