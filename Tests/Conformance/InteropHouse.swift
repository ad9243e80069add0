import Foundation
import RPC
import Synchronization
import TestSupport
import TwoListsClient
import Wire

/// A server with the test service on loopback, behind mutual TLS, and clients of it.
final class InteropHouse: Sendable {
    let ca: TestCA
    let server: Server
    private let officer: TestCA.Holder

    /// - Parameter change: what is to differ from the defaults.
    init(_ change: (inout ServerConfiguration) -> Void = { _ in }, log: @escaping LogSink = { _, _ in })
        throws
    {
        ca = try TestCA()
        officer = try ca.officer()
        var configuration = ServerConfiguration()
        configuration.port = 0
        change(&configuration)
        let shown = try ca.server()
        let credentials = try TLSCredentials(
            chainPath: shown.certificatePath, keyPath: shown.keyPath, trustPath: ca.caPath,
            revocationListPaths: [ca.crlPath])
        let context = try TLSContext(.server, credentials, protocols: Server.protocols(configuration))
        server = try Server(
            configuration, context: context,
            services: [InteropService(), HealthService(services: [InteropService().name])], log: log)
    }

    func client(onEvent: (@Sendable (ClientEvent) -> Void)? = nil) throws -> TwoListsClient {
        try TwoListsClient(
            TwoListsClient.Configuration(
                host: "127.0.0.1", port: server.port, certificatePath: officer.certificatePath,
                keyPath: officer.keyPath, authorityPath: ca.caPath, timeout: .seconds(60), onEvent: onEvent))
    }

    /// What a program of another language needs to come in.
    var arguments: [String] {
        [
            "--port", "\(server.port)", "--certificate", officer.certificatePath, "--key", officer.keyPath,
            "--ca", ca.caPath,
        ]
    }
}

/// The methods of the test service, as a stranger's program would name them.
enum Interop {
    private static let name = InteropV1.TestServiceService.name

    static let empty = RemoteMethod<InteropV1.Empty, InteropV1.Empty>(name, "EmptyCall", .unary)
    static let unary = RemoteMethod<InteropV1.SimpleRequest, InteropV1.SimpleResponse>(
        name, "UnaryCall", .unary)
    static let output = RemoteMethod<
        InteropV1.StreamingOutputCallRequest, InteropV1.StreamingOutputCallResponse
    >(name, "StreamingOutputCall", .serverStream)
    static let input = RemoteMethod<
        InteropV1.StreamingInputCallRequest, InteropV1.StreamingInputCallResponse
    >(name, "StreamingInputCall", .clientStream)
    static let duplex = RemoteMethod<
        InteropV1.StreamingOutputCallRequest, InteropV1.StreamingOutputCallResponse
    >(name, "FullDuplexCall", .bidirectional)
    static let unknownMethod = RemoteMethod<InteropV1.Empty, InteropV1.Empty>(
        name, "UnimplementedCall", .unary)
    static let unknownService = RemoteMethod<InteropV1.Empty, InteropV1.Empty>(
        InteropV1.UnimplementedServiceService.name, "UnimplementedCall", .unary)

    static func payload(_ size: Int) -> InteropV1.Payload {
        InteropV1.Payload(body: [UInt8](repeating: 0, count: size))
    }

    static func part(_ size: Int) -> InteropV1.StreamingInputCallRequest {
        InteropV1.StreamingInputCallRequest(payload: payload(size))
    }

    /// Asks for messages of these sizes, with a payload of its own.
    static func asking(_ sizes: Int..., payload size: Int = 0, interval: Int32 = 0)
        -> InteropV1.StreamingOutputCallRequest
    {
        InteropV1.StreamingOutputCallRequest(
            responseParameters: sizes.map {
                InteropV1.ResponseParameters(size: Int32($0), intervalUs: interval)
            },
            payload: size == 0 ? nil : payload(size))
    }

    static let largeRequest = InteropV1.SimpleRequest(responseSize: 314_159, payload: payload(271_828))
}
