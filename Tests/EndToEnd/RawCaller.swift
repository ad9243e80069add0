import Foundation
import RPC
import Synchronization
import Wire

/// Calls that no client of ours would make: any method, any bytes, any deadline, over the real line.
final class RawCaller: Sendable {
    private let handle: LoopHandle
    private let link: ClientLink

    init(_ access: City.Access, as officer: String) throws {
        var configuration = RPC.ClientConfiguration(
            host: "127.0.0.1", port: UInt16(access.port), server: "twolists://421300/server")
        configuration.hello.software = "test"
        let credentials = try TLSCredentials(
            chainPath: access.certificate(officer), keyPath: access.key(officer), trustPath: access.authority)
        let context = try TLSContext(.client, credentials, protocols: configuration.protocols)
        handle = try LoopHandle.start(name: "raw-caller") { _ in }
        link = ClientLink(on: handle, configuration, context: context) { _ in }
    }

    /// - Parameter timeout: nanoseconds.
    func call(
        _ service: String, _ method: String, _ payload: [UInt8] = [], timeout: Int64 = 20 * .second
    ) async -> Status {
        await withCheckedContinuation { continuation in
            _ = link.call(
                MethodReference(service: service, method: method), payload: payload, timeout: timeout
            ) { event in
                if case .ended(let status, _) = event { continuation.resume(returning: status) }
            }
        }
    }

    deinit {
        link.close()
        handle.stopAndJoin()
    }
}
