import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// `twolists admin backup` from a server that is filing.
    @Suite("JOURNAL.md 10 with the real programs: a copy over the line")
    struct BackupOverLineTests {
        private func hash(_ text: String) -> String? {
            text.split(separator: "\n").first { $0.hasPrefix("state hash ") }
                .flatMap { $0.split(separator: " ").dropFirst(2).first }.map { $0.prefix(64) }.map(
                    String.init)
        }

        @Test(
            "taken under load it is restored, by state hash, to what the journal had at that record; a resumed one sends little; others may not"
        )
        func underLoad() async throws {
            let city = try City()
            try city.start(["--snapshot-every", "40"])
            let load = Callers(city.access, timeout: .seconds(30))
            let running = Task { try await load.run() }
            try await city.until("nothing is filed") { load.now.filed.count > 60 }
            let (data, keys) = (city.folder.file("copy"), city.folder.file("copy-keys"))
            expect(try city.attempt("b1q4", ["admin", "backup", data]), exits: 4)
            let made = try city.json("b1y3", ["admin", "backup", data])
            let records = try #require(made["records"] as? Int)
            expect(try city.attempt("b1y3", ["admin", "backup", data]), exits: 11, saying: "不覆盖")
            expect(try city.attempt("b1y3", ["admin", "backup-keys", data]), exits: 11)
            expect(try city.attempt("b1y3", ["admin", "backup-keys", keys]), exits: 0)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: keys).sorted() == [
                    "batches", "subjects.tlk",
                ])
            let trail = try city.run("b1u5", ["audit", "list", "--officer", "b1y3"])
            #expect(trail.contains("复制数据备份") && trail.contains("复制密钥备份"), "\(trail)")
            let filed = load.now.filed.count
            try await city.until("nothing is filed any more") { load.now.filed.count > filed + 20 }
            load.stop()
            try await running.value
            #expect(load.now.failures.isEmpty, "\(load.now.failures.prefix(3))")
            #expect(
                city.log.contains(
                    "a copy of the data was sent to twolists://421300/bureau/421300/officer/b1y3"))
            expect(
                try City.attempt("twolists-server", ["verify", "--data", data, "--keys", keys]), exits: 0,
                saying: "verified: nothing is wrong", try #require(made["root"] as? String))
            let back = city.folder.file("back")
            let restored = try City.attempt(
                "twolists-server", ["restore", "--from", data, "--keys-from", keys, "--data", back])
            expect(restored, exits: 0, saying: "\(records) records", "as the records give it")
            // The journal itself, cut at that record: the same state.
            #expect(city.stop() == 0)
            let (own, ownKeys) = (city.folder.file("own"), city.folder.file("own-keys"))
            try City.run(
                "twolists-server", ["backup", "--data", city.data, "--out", own, "--keys-out", ownKeys])
            let same = try City.run(
                "twolists-server",
                [
                    "restore", "--from", own, "--keys-from", ownKeys, "--data", city.folder.file("same"),
                    "--to-sequence", "\(records)", "--reason", "r",
                ] + city.signing)
            #expect(hash(same) != nil && hash(same) == hash(restored.outputText))
            #expect(same.contains("\(records) records"))
        }

        @Test("cut off on the way it is no backup; the same folder is made whole")
        func resumed() async throws {
            let city = try City()
            try city.start()
            for _ in 0..<3 { _ = try city.request() }
            let data = city.folder.file("copy")
            _ = try city.run("b1y3", ["admin", "backup", data])
            // As it lies there when the line is cut: a file in the making, no page.
            let manager = FileManager.default
            try manager.removeItem(atPath: data + "/BACKUP")
            try manager.moveItem(atPath: data + "/HEAD", toPath: data + "/HEAD.part")
            expect(
                try City.attempt(
                    "twolists-server", ["restore", "--from", data, "--data", city.folder.file("x")]), exits: 1
            )
            // The one segment has grown meanwhile, by the record of the copy itself if by nothing else, and comes anew.
            let again = try city.json("b1y3", ["admin", "backup", data])
            let keys = city.folder.file("copy-keys")
            _ = try city.run("b1y3", ["admin", "backup-keys", keys])
            let records = try #require(again["records"] as? Int)
            expect(
                try City.attempt(
                    "twolists-server",
                    ["restore", "--from", data, "--keys-from", keys, "--data", city.folder.file("y")]),
                exits: 0,
                saying: "\(records) records")
            #expect(try manager.contentsOfDirectory(atPath: data).allSatisfy { !$0.hasSuffix(".part") })
            #expect(try manager.contentsOfDirectory(atPath: data).contains("BACKUP"))
            #expect(city.stop() == 0)
        }
    }
}
