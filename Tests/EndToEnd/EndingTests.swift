import Foundation
import Schema
import Synchronization
import TestSupport
import Testing
import TwoListsClient
import Wire

extension RealPrograms {
    /// How the server ends, how it bears a full disk, and what lies on the disc afterwards.
    @Suite("DESIGN.md 8 endings: drain, full disk, what lies on the disc")
    struct EndingTests {
        private static func client(_ access: City.Access, _ officer: String) throws -> TwoListsClient {
            try TwoListsClient(
                ClientConfiguration(
                    host: "127.0.0.1", port: UInt16(access.port),
                    certificatePath: access.certificate(officer),
                    keyPath: access.key(officer), authorityPath: access.authority, timeout: .seconds(60)))
        }

        private static func filing(_ number: Int) -> Command.OneOf_Body {
            .submitRequest(
                SubmitRequest(
                    direction: .unitToLocal, year: Today.year, wave: .anytime,
                    text: RequestText(
                        title: "道路修缮", content: "第\(number)件", category: "road",
                        contact: Contact(name: "示例联系人", phone: "0722-0000000"))))
        }

        /// What the officers of the drain share.
        private final class Desk: Sendable {
            private let state = Mutex<(answers: [CommandAnswer], isStopped: Bool)>(([], false))

            var answers: [CommandAnswer] { state.withLock { $0.answers } }
            var isStopped: Bool { state.withLock { $0.isStopped } }
            func note(_ answer: CommandAnswer) { state.withLock { $0.answers.append(answer) } }
            func stop() { state.withLock { $0.isStopped = true } }
        }

        @Test("SIGTERM drains: exit 0, and no call under way lost its answer")
        func drain() async throws {
            let city = try City()
            try city.start()
            let access = city.access
            let desk = Desk()
            try await withThrowingTaskGroup(of: Void.self) { group in
                let client = try Self.client(access, "u7l1")
                for task in 0..<16 {
                    group.addTask {
                        var number = 0
                        while !desk.isStopped {
                            number += 1
                            let answer = try await client.execute(
                                Self.filing(task * 100_000 + number), target: try UUIDv7.make(),
                                expectedVersion: 0)
                            desk.note(answer)
                        }
                    }
                }
                for _ in 0..<3 {
                    let began = desk.answers.count
                    for _ in 0..<6_000 where desk.answers.count < began + 20 {
                        try await Task.sleep(for: .milliseconds(10))
                    }
                    #expect(desk.answers.count > began, "no call got through for a minute")
                    #expect(city.stop() == 0)
                    #expect(city.log.contains("stopped; everything acknowledged is on disc"), "\(city.log)")
                    #expect(city.complaints.isEmpty, "\(city.complaints)")
                    #expect(try city.verify().status == 0)
                    try city.start()
                }
                desk.stop()
                try await group.waitForAll()
            }
            let all = desk.answers
            // An answer that was lost in the drain would come back as a repeated one.
            #expect(all.filter(\.repeated).isEmpty, "answers were lost on the way out")
            #expect(Set(all.map(\.sequence)).count == all.count)
            #expect(city.stop() == 0)
            #expect(try submissions(city) == all.count)
            print("drain: 3 stops under load, \(all.count) filings, no answer lost")
        }

        private func submissions(_ city: City) throws -> Int {
            let dump = try City.run("twolists-server", ["dump", "--data", city.data] + city.keyOptions)
            return dump.split(separator: "\n").count { $0.contains(" submit_request by ") }
        }

        @Test("a full disk: read-only is told, reads go on, nothing is lost, and writing resumes by itself")
        func fullDisk() async throws {
            let mount = try SmallDisk.mounted(megabytes: 4)
            let city = try City(keys: mount.path)
            try city.start()
            let client = try Self.client(city.access, "u7l1")
            let ballast = try mount.fill()
            // Keys are made a chunk ahead: it takes some filings until the disk is missed.
            var acknowledged: [(SignedEnvelope, CommandAnswer)] = []
            var refusal: ClientError?
            while refusal == nil, acknowledged.count < 20_000 {
                let envelope = try client.sealed(
                    Self.filing(acknowledged.count), target: try UUIDv7.make(), expectedVersion: 0,
                    signed: false)
                do {
                    acknowledged.append((envelope, try await client.execute(envelope, timeout: .seconds(5))))
                } catch {
                    refusal = error
                }
            }
            let status = try #require(refusal?.status, "\(String(describing: refusal))")
            #expect(
                status.code == .unavailable && status.message.contains("READ_ONLY_DISK_FULL"), "\(status)")
            expect(
                try city.attempt("u7l1", City.submission() + ["--timeout", "1"]), exits: 10,
                saying: "READ_ONLY_DISK_FULL", "已保存在本机待发")
            #expect(try city.json("u7l1", ["request", "list", "--limit", "1"])["requests"] as? [Any] != nil)
            let (first, judged) = try #require(acknowledged.first)
            let repeated = try await client.execute(first)
            #expect(repeated.repeated && repeated.sequence == judged.sequence)
            // A server that starts on a full disk serves reads, too.
            city.kill()
            try city.start()
            expect(try city.attempt("u7l1", ["request", "list", "--limit", "1"]), exits: 0)
            try FileManager.default.removeItem(atPath: ballast)
            expect(try city.attempt("u7l1", ["outbox", "send", "--timeout", "60"]), exits: 0, saying: "已办成")
            for (envelope, answer) in acknowledged {
                let again = try await client.execute(envelope)
                #expect(
                    again.repeated && again.sequence == answer.sequence && again.version == answer.version)
            }
            #expect(city.stop() == 0)
            #expect(try city.verify().status == 0)
            #expect(try submissions(city) == acknowledged.count + 1)
            print("full disk: \(acknowledged.count) filings acknowledged before, all there after")
        }

        @Test(
            "no room for the next segment: read-only by name, reads go on, and filing goes on when there is room"
        )
        func noRoomForASegment() throws {
            let mount = try SmallDisk.mounted(megabytes: 200)
            let city = try City(data: mount.path + "/data")
            try city.start()
            let request = try city.request()
            #expect(city.stop() == 0)
            // The segment made ahead of need is gone, and there is no room for another.
            try FileManager.default.removeItem(atPath: city.data + "/spare.tlj")
            let ballast = try mount.fill()
            try city.start()
            expect(
                try city.attempt("u7l1", City.submission() + ["--timeout", "1"]), exits: 10,
                saying: "READ_ONLY_DISK_FULL", "已保存在本机待发")
            expect(try city.attempt("u7l1", ["request", "show", request]), exits: 0)
            try FileManager.default.removeItem(atPath: ballast)
            expect(try city.attempt("u7l1", ["outbox", "send", "--timeout", "60"]), exits: 0, saying: "已办成")
            #expect(city.stop() == 0)
            #expect(try city.verify().status == 0)
        }

        @Test("a store that does not fit on its disk: init says so and leaves nothing half made")
        func initOnASmallDisk() throws {
            let mount = try SmallDisk.mounted(megabytes: 20)
            let make = ["init", "--data", mount.path + "/data", "--seeds", Programs.root + "/seeds"]
            expect(
                try City.attempt("twolists-server", make), exits: 1, saying: "no room for", "enlarge the disk"
            )
            // What is left is no store, and does not stand in the way of one.
            #expect(
                try City.attempt("twolists-server", ["verify", "--data", mount.path + "/data"]).status != 0)
            try mount.enlarge(megabytes: 200)
            expect(try City.attempt("twolists-server", make), exits: 0)
            expect(
                try City.attempt("twolists-server", ["verify", "--data", mount.path + "/data"]), exits: 0)
        }

        @Test("nothing personal that was filed lies in any file of the server, readable")
        func disc() throws {
            let city = try City()
            try city.start()
            let request = try city.request()
            try city.run("b1a1", ["request", "accept", request])
            try city.run(
                "b1s2",
                [
                    "request", "decide", request, "--decision", "declined", "--basis", "双拥条例", "--note",
                    "说明甲乙丙",
                ])
            let family = try city.json(
                "u7l1",
                [
                    "case", "file", "--rank-band", "officer-middle", "--years-band", "8-12", "--merit",
                    "third-battle", "--hardship", "border", "--approval-organ", "brigade", "--name", "示例家属",
                    "--id-number", "11010519491231002X", "--schooling", "bachelor", "--profession",
                    "civil-servant", "--wish", "希望在市区对口安置", "--contact-name", "示例联系人丙", "--contact-phone",
                    "0722-0000003",
                ])
            #expect(family["sequence"] != nil)
            // A refusal keeps what was typed, too: sealed.
            _ = try city.attempt("u7l1", ["request", "withdraw", request, "--reason", "撤回理由甲乙丙"])
            let assigned = try city.request()
            try city.run("b1a1", ["request", "accept", assigned])
            try city.run("b1s2", ["request", "decide", assigned, "--decision", "included"])
            try city.run(
                "b1s2",
                [
                    "request", "assign", assigned, "--responsible", "随县", "--content", "修缮路面甲乙丙",
                    "--deadline",
                    "2099-07-20", "--standard", "验收标准甲乙丙", "--first-post", "岗位甲乙丙", "--second-post", "岗位丁戊己",
                ])
            city.kill()
            try city.start()
            city.kill()
            let personal = [
                "示例联系人甲", "示例联系人丙", "示例家属", "0722-000000", "11010519491231002X", "1949123", "东门道路破损",
                "希望在市区", "说明甲乙丙", "撤回理由甲乙丙", "测试壬", "双拥条例", "修缮路面甲乙丙", "验收标准甲乙丙",
                "岗位甲乙丙", "岗位丁戊己",
            ]
            for (path, bytes) in try files(below: city.data) {
                for text in personal {
                    #expect(bytes.range(of: Data(text.utf8)) == nil, "\(text) lies readable in \(path)")
                }
            }
        }

        private func files(below folder: String) throws -> [(String, Data)] {
            let names = try #require(FileManager.default.enumerator(atPath: folder))
            return try names.compactMap { $0 as? String }.compactMap { name in
                var isFolder: ObjCBool = false
                let path = folder + "/" + name
                guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
                    !isFolder.boolValue
                else { return nil }
                return (path, try Data(contentsOf: URL(fileURLWithPath: path)))
            }
        }

        @Test("the server's binary needs no Foundation")
        func noFoundation() throws {
            let readelf = try requireTool("readelf")
            let result = try runProcess(readelf, ["-d", try Programs.path("twolists-server")])
            #expect(result.status == 0)
            let needed = result.outputText.split(separator: "\n").filter { $0.contains("NEEDED") }
            #expect(needed.contains { $0.contains("libssl") }, "\(result.outputText)")
            #expect(!needed.contains { $0.contains("Foundation") }, "\(needed)")
        }
    }
}

/// A file system of a few megabytes. Without the right to mount, the test that wants it is skipped by name.
final class SmallDisk {
    private let folder: TemporaryDirectory
    let path: String

    private init() throws {
        folder = try TemporaryDirectory("disk")
        path = folder.file("mount")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    static func mounted(megabytes: Int) throws -> SmallDisk {
        let mount = try requireTool("mount")
        let disk = try SmallDisk()
        let words = ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", disk.path]
        let result = try runProcess(mount, words)
        if result.status == 0 { return disk }
        if ProcessInfo.processInfo.environment["TWOLISTS_TOOLS"] == "required" {
            throw City.Failed(
                text: "mounting a tmpfs needs root, and this run requires it: \(result.errorText)")
        }
        try Test.cancel(
            "a full disk cannot be made here: mounting a tmpfs needs root (\(result.errorText))")
    }

    func enlarge(megabytes: Int) throws {
        let result = try runProcess(
            requireTool("mount"), ["-o", "remount,size=\(megabytes)m", path])
        guard result.status == 0 else { throw City.Failed(text: result.errorText) }
    }

    /// Takes all the space that is left; removing the file gives it back.
    func fill() throws -> String {
        let ballast = path + "/ballast"
        let file = open(ballast, O_WRONLY | O_CREAT, 0o600)
        defer { close(file) }
        let page = [UInt8](repeating: 1, count: 4096)
        while write(file, page, page.count) > 0 {}
        return ballast
    }

    deinit { _ = try? runProcess("/bin/umount", [path]) }
}
