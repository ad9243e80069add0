import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// Snapshot, backup and restore with the real programs.
    @Suite("SNAPSHOT.md and JOURNAL.md 10 with the real programs")
    struct BackupCommandTests {
        private func line(_ prefix: String, _ text: String) -> String? {
            text.split(separator: "\n").first { $0.hasPrefix(prefix) }.map {
                String($0.dropFirst(prefix.count))
            }
        }

        @Test("a backup beside the server, restored elsewhere, serves what was acknowledged before it")
        func backup() throws {
            let city = try City()
            try city.start()
            let kept = try city.request()
            let (data, keys) = (city.folder.file("backup"), city.folder.file("backup-keys"))
            let made = try City.attempt(
                "twolists-server", ["backup", "--data", city.data, "--out", data, "--keys-out", keys])
            expect(made, exits: 0, saying: "state hash", "the backup was read again and gives both")
            let later = try city.request()
            #expect(city.stop() == 0)
            let restored = city.folder.file("restored")
            let back = try City.attempt(
                "twolists-server", ["restore", "--from", data, "--keys-from", keys, "--data", restored])
            expect(back, exits: 0, saying: "as the backup says", "receipts")
            #expect(
                line("state hash ", made.outputText).map { "\($0), as the backup says" }
                    == line("state hash ", back.outputText))
            expect(
                try City.attempt("twolists-server", ["verify", "--data", restored]), exits: 0,
                saying: "verified: nothing is wrong")
            try city.start(["--data", restored])
            #expect(try city.run("u7l1", ["request", "show", kept]).contains("道路修缮"))
            #expect(try city.attempt("u7l1", ["request", "show", later]).status != 0)
            #expect(city.stop() == 0)
            expect(
                try City.attempt("twolists-server", ["restore", "--from", data, "--data", city.data]),
                exits: 1, saying: "already holds a journal")
            expect(
                try City.attempt(
                    "twolists-server",
                    ["backup", "--data", city.data, "--out", data, "--keys-out", data + "/keys"]),
                exits: 2, saying: "--keys-out must lie apart")
        }

        @Test("segments that were moved away are read where --offline says, and nowhere else")
        func moved() throws {
            let city = try City()
            let away = city.folder.file("away")
            let files = FileManager.default
            try files.createDirectory(atPath: away, withIntermediateDirectories: true)
            let segment = try #require(
                try files.contentsOfDirectory(atPath: city.data).first { $0.hasPrefix("journal-") })
            try files.moveItem(atPath: "\(city.data)/\(segment)", toPath: "\(away)/\(segment)")
            let line = ["--data", city.data]
            for command in ["verify", "dump"] {
                #expect(try City.attempt("twolists-server", [command] + line).status != 0)
                expect(
                    try City.attempt("twolists-server", [command] + line + ["--offline", away + "/not"]),
                    exits: 1,
                    saying: "the folder of moved segments")
                expect(
                    try City.attempt("twolists-server", [command] + line + ["--offline", away]), exits: 0,
                    saying: command == "verify" ? "verified: nothing is wrong" : "register_officer")
            }
            let backup = line + ["--out", city.folder.file("b"), "--keys-out", city.folder.file("k")]
            expect(
                try City.attempt("twolists-server", ["backup"] + backup + ["--offline", away]), exits: 0,
                saying: "the backup was read again and gives both")
            #expect(files.fileExists(atPath: city.folder.file("b/\(segment)")))
            #expect(try files.contentsOfDirectory(atPath: away) == [segment])
        }

        @Test("the server makes a snapshot by itself and starts from it; kill -9 on the way does no harm")
        func snapshot() throws {
            let city = try City()
            try city.start(["--snapshot-every", "10"])
            let number = try city.request()
            let end = Date(timeIntervalSinceNow: City.patience)
            while !city.log.contains("snapshot of"), Date() < end { usleep(50_000) }
            #expect(city.log.contains("records made: snapshot-"), "\(city.log)")
            city.kill()
            try city.start(["--snapshot-every", "10"])
            #expect(city.log.contains("started from the snapshot of"), "\(city.log)")
            #expect(try city.run("u7l1", ["request", "show", number]).contains("道路修缮"))
            #expect(city.stop() == 0)
            let made = try City.attempt("twolists-server", ["snapshot", "--data", city.data])
            expect(made, exits: 0, saying: "state hash")
            expect(try city.verify(), exits: 0, saying: "2 snapshots compared with the journal")
            let newest = try #require(
                try FileManager.default.contentsOfDirectory(atPath: city.data)
                    .filter { $0.hasPrefix("snapshot-") }.max())
            let handle = try #require(FileHandle(forUpdatingAtPath: city.data + "/" + newest))
            try handle.seek(toOffset: 400)
            try handle.write(contentsOf: Data([0xA5, 0x5A]))
            try handle.close()
            expect(try city.verify(), exits: 3, saying: newest, "remove the snapshot")
            try city.start()
            #expect(city.complaints.contains("\(newest) is passed over"), "\(city.complaints)")
            #expect(city.log.contains("started from the snapshot of"), "the older one")
            #expect(city.stop() == 0)
            try city.start(["--no-snapshots"])
            #expect(!city.log.contains("started from the snapshot of"))
            #expect(try city.run("u7l1", ["request", "show", number]).contains("道路修缮"))
        }
    }
}
