import Foundation
import Schema
import Synchronization
import TestSupport
import Testing
import TwoListsClient
import Wire

extension RealPrograms {
    /// The security administrator's commands while those they are about are connected.
    @Suite("DESIGN.md 6 a change of the roster takes effect on live connections by the next call")
    struct LiveRosterTests {
        @Test(
            "a suspended officer's next call and open watch end at once; the others go on over their connections"
        )
        func suspended() async throws {
            let city = try City()
            try city.start()
            let connections = Mutex(0)
            let stays = try Callers.client("u7l1", city.access) { event in
                if event == .connected { connections.withLock { $0 += 1 } }
            }
            let goes = try Callers.client("k7f2", city.access)
            _ = try await (stays.whoAmI(), goes.whoAmI())
            let watch = try await city.watch("k7f2")
            expect(try city.attempt("b1q4", ["officer", "suspend", "k7f2"]), exits: 0, saying: "已办成")
            let error = await #expect(throws: ClientError.self) { try await goes.whoAmI() }
            #expect("\(String(describing: error))".contains("suspended"), "\(String(describing: error))")
            let status = watch.wait(City.patience)
            #expect(status == 8 || status == 4, "\(String(describing: status)) \(watch.errorText)")
            #expect(watch.errorText.contains("停用") || watch.errorText.contains("权限有变化"), "\(watch.errorText)")
            _ = try await stays.whoAmI()
            #expect(connections.withLock { $0 } == 1)

            expect(try city.attempt("b1q4", ["officer", "resume", "k7f2"]), exits: 0, saying: "已办成")
            expect(try city.attempt("k7f2", ["whoami"]), exits: 0, saying: "随县")
            // A journaled command like any other.
            let dump = try City.run("twolists-server", ["dump", "--data", city.data])
            #expect(dump.split(separator: "\n").filter { $0.contains(" suspend_officer by ") }.count >= 2)
            stays.close()
            goes.close()
        }

        @Test("roles that are taken away are gone with the next command, over the same connection")
        func roles() async throws {
            let city = try City()
            try city.start()
            let connections = Mutex(0)
            let client = try Callers.client("k3z8", city.access) { event in
                if event == .connected { connections.withLock { $0 += 1 } }
            }
            func file() async throws -> Refusal? {
                try await client.execute(
                    Callers.filing("k3z8", 1), target: try UUIDv7.make(), expectedVersion: 0
                ).outcome?.refusal
            }
            #expect(try await file() == .unspecified)
            expect(
                try city.attempt("b1q4", ["officer", "roles", "k3z8", "--role", "approver"]), exits: 0,
                saying: "已办成")
            #expect(try await file() == .notPermitted)
            #expect(connections.withLock { $0 } == 1)
            client.close()
        }
    }
}
