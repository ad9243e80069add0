import Foundation
import Schema
import Synchronization
import TwoListsClient
import Wire

/// Library users who file and read without pause until they are told to stop, and what became of their calls.
final class Callers: Sendable {
    struct Tally: Sendable {
        var filed: [(envelope: SignedEnvelope, answer: CommandAnswer)] = []
        var reads = 0
        var failures: [String] = []
    }
    private let tally = Mutex(Tally())
    private let stopping = Atomic<Bool>(false)
    private let access: City.Access
    private let timeout: Duration

    static let officers = ["u7l1", "u2l4", "k3z8"]

    /// - Parameter timeout: of each call.
    init(_ access: City.Access, timeout: Duration) {
        self.access = access
        self.timeout = timeout
    }

    var now: Tally { tally.withLock { $0 } }

    func stop() { stopping.store(true, ordering: .relaxed) }

    static func client(
        _ officer: String, _ access: City.Access, timeout: Duration = .seconds(30),
        onEvent: (@Sendable (ClientEvent) -> Void)? = nil
    ) throws -> TwoListsClient {
        try TwoListsClient(
            ClientConfiguration(
                host: "127.0.0.1", port: UInt16(access.port), certificatePath: access.certificate(officer),
                keyPath: access.key(officer), authorityPath: access.authority, timeout: timeout,
                onEvent: onEvent))
    }

    static func filing(_ officer: String, _ number: Int) -> Command.OneOf_Body {
        .submitRequest(
            SubmitRequest(
                direction: officer.hasPrefix("u") ? .unitToLocal : .localToUnit, year: Today.year,
                wave: .anytime,
                text: RequestText(
                    title: "道路修缮", content: "第\(number)件：道路破损，请协助修缮", category: "road",
                    contact: Contact(name: "示例联系人", phone: "0722-0000000"))))
    }

    /// Until `stop`: each officer over one connection of their own, and one who connects anew for each call.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for officer in Self.officers { group.addTask { try await self.file(as: officer) } }
            group.addTask { try await self.comeAndGo(as: "d5h2") }
            try await group.waitForAll()
        }
    }

    private func file(as officer: String) async throws {
        let client = try Self.client(officer, access, timeout: timeout)
        defer { client.close() }
        var number = 0
        while !stopping.load(ordering: .relaxed) {
            number += 1
            let envelope = try client.sealed(
                Self.filing(officer, number), target: try UUIDv7.make(), expectedVersion: 0)
            do throws(ClientError) {
                let answer = try await client.execute(envelope)
                let view = try await client.whoAmI()
                tally.withLock { tally in
                    tally.filed.append((envelope, answer))
                    tally.reads += 1
                    if view.officer != officer { tally.failures.append("\(view)") }
                }
            } catch { tally.withLock { $0.failures.append("\(officer): \(error)") } }
        }
    }

    private func comeAndGo(as officer: String) async throws {
        while !stopping.load(ordering: .relaxed) {
            let client = try Self.client(officer, access, timeout: timeout)
            do throws(ClientError) {
                _ = try await client.whoAmI()
                tally.withLock { $0.reads += 1 }
            } catch { tally.withLock { $0.failures.append("\(officer): \(error)") } }
            await client.close(within: .seconds(5))
        }
    }
}
