import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// Issue 2, last paragraph, at the server's side: it does not start on what is wrong, says why, and changes nothing.
    @Suite("Bad input at the server gets a clear error")
    struct BadInputServerTests {
        @Test("the command line")
        func commandLine() throws {
            expect(
                try City.attempt("twolists-server", []), exits: 2, saying: "a command is missing",
                "EXIT STATUS")
            expect(try City.attempt("twolists-server", ["fly"]), exits: 2, saying: "unknown command fly")
            expect(try City.attempt("twolists-server", ["run"]), exits: 2, saying: "--certificate is missing")
            let help = try City.attempt("twolists-server", ["help", "verify"])
            expect(help, exits: 0, saying: "Signatures are checked only with --journal-certificate")
            expect(
                try City.attempt("twolists-server", ["verify", "--fast"]), exits: 2,
                saying: "unknown option --fast; there are: ")
            expect(
                try City.attempt("twolists-server", ["run", "--port", "65536"]), exits: 2,
                saying: "--port 65536: must be a number from 0 to 65535")
        }

        @Test("days that backups of the keys are kept: from one to ten years, and no others")
        func backupDays() throws {
            let city = try City()
            for days in ["0", "3651"] {
                expect(
                    try city.refusedStart(["--key-backup-days", days]), exits: 2,
                    saying: "--key-backup-days \(days): must be a number from 1 to 3650")
            }
            for days in ["1", "3650"] {
                try city.start(["--key-backup-days", days])
                #expect(city.stop() == 0)
            }
        }

        @Test("a second server on one directory, a port that is taken")
        func taken() throws {
            let (city, other) = (try City(), try City())
            try city.start()
            expect(
                try city.refusedStart(["--port", "0"]), exits: 1,
                saying: "is in use by another server (process ",
                "Stop that one first")
            expect(
                try other.refusedStart(["--port", "\(city.port)"]), exits: 1,
                saying: "127.0.0.1 port \(city.port) is taken", "stop it or choose another port")
            expect(try city.attempt("u7l1", ["health"]), exits: 0)
            #expect(city.stop() == 0)
            try other.start()
            #expect(other.stop() == 0)
        }

        @Test("directories that are missing or hold no journal")
        func directories() throws {
            let city = try City()
            let missing = city.folder.file("missing")
            expect(
                try city.refusedStart(["--data", missing]), exits: 1, saying: "the data directory \(missing)",
                "No such file or directory", "Is the disk mounted?")
            let empty = city.folder.file("empty")
            try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
            expect(
                try city.refusedStart(["--data", empty]), exits: 1, saying: "\(empty) holds no journal",
                "run the server's `init` first")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: empty) == [], "nothing is made silently")
            expect(
                try City.attempt("twolists-server", ["verify", "--data", missing]), exits: 1,
                saying: "the data directory")
            expect(
                try City.attempt(
                    "twolists-server", ["init", "--data", city.data, "--seeds", Programs.root + "/seeds"]),
                exits: 1,
                saying: "already holds a journal, which is left untouched")
            #expect(try city.verify().status == 0)
        }

        @Test("certificates and lists that are missing or do not fit")
        func certificates() throws {
            let city = try City()
            let none = city.folder.file("none.pem")
            for option in ["--certificate", "--key", "--ca", "--crl"] {
                expect(
                    try city.refusedStart([option, none]), exits: 1, saying: none, "no such file",
                    "put the right file in its place")
            }
            expect(
                try city.refusedStart(["--key", city.access.key("u7l1")]), exits: 1,
                saying: "u7l1.key does not belong to the certificate in")
            expect(
                try city.refusedStart(["--ca", city.access.key("u7l1")]), exits: 1,
                saying: "u7l1.key: holds no certificate")
            expect(
                try city.refusedStart(["--journal-key", city.access.key("u7l1")]), exits: 1,
                saying: "u7l1.key does not belong to the certificate in", "journal.crt")
        }

        @Test("the key file is missing: the server stops, verify finds it")
        func keyFile() throws {
            let city = try City()
            let keys = city.data + "/keys"
            try FileManager.default.moveItem(atPath: keys, toPath: city.folder.file("away"))
            expect(
                try city.refusedStart(), exits: 1, saying: "the directory of keys \(keys)", "from a backup")
            try FileManager.default.createDirectory(atPath: keys, withIntermediateDirectories: true)
            expect(
                try city.refusedStart(), exits: 1, saying: "subjects.tlk: the key file is missing",
                "Restore the key file from a key backup; nothing was changed")
            #expect(try city.verify().status == 3)
            try FileManager.default.removeItem(atPath: keys)
            try FileManager.default.moveItem(atPath: city.folder.file("away"), toPath: keys)
            try city.start()
            #expect(city.stop() == 0)
        }

        @Test(
            "one flipped byte in the middle: file and offset are named, nothing is cut, and it can be mended")
        func flippedByte() throws {
            let city = try City()
            try city.start()
            _ = try city.request()
            #expect(city.stop() == 0)
            let name = "data/journal-0000000000000001.tlj"
            let good = try city.folder.read(name)
            var bytes = good
            let place = try #require(end(of: bytes)) / 2
            bytes[place] ^= 0x40
            try city.folder.write(name, bytes)
            let refused = try city.refusedStart()
            expect(
                refused, exits: 1, saying: "journal-0000000000000001.tlj, offset ", "damage in the middle",
                "nothing was cut")
            let told = refused.errorText.components(separatedBy: "offset ").dropFirst().first
            let offset = try #require(told.flatMap { Int($0.prefix { $0.isNumber }) })
            // The record it lies in is named; the longest of the seeds is a kind of batch, in it twice.
            #expect(offset <= place && place < offset + 65_536, "offset \(offset) is told for byte \(place)")
            expect(
                try city.verify(), exits: 3, saying: "DAMAGED: ",
                "journal-0000000000000001.tlj, offset \(offset)"
            )
            #expect(try city.folder.read(name) == bytes, "the damaged file was changed")
            try city.folder.write(name, good)
            #expect(try city.verify().status == 0)
            try city.start()
            #expect(city.stop() == 0)
        }

        /// Behind the last byte that is not zero.
        private func end(of bytes: [UInt8]) -> Int? { bytes.lastIndex { $0 != 0 }.map { $0 + 1 } }

        @Test("broken seeds: file, line and column are named, and no store is left behind")
        func seeds() throws {
            let city = try City()
            func attempt(_ file: String, _ change: (String) -> String) throws -> Ended {
                let seeds = city.folder.file("seeds")
                try? FileManager.default.removeItem(atPath: seeds)
                try FileManager.default.copyItem(atPath: Programs.root + "/seeds", toPath: seeds)
                let text = try String(contentsOfFile: seeds + "/" + file, encoding: .utf8)
                try change(text).write(toFile: seeds + "/" + file, atomically: true, encoding: .utf8)
                let data = city.folder.file("fresh")
                try? FileManager.default.removeItem(atPath: data)
                let result = try City.attempt("twolists-server", ["init", "--data", data, "--seeds", seeds])
                #expect(!FileManager.default.fileExists(atPath: data + "/HEAD"), "a store was left behind")
                return result
            }
            expect(
                try attempt("officers.csv") { $0.replacingOccurrences(of: "approver,测试乙", with: "king,测试乙") },
                exits: 1,
                saying: "officers.csv, line 4, column \"roles\"", "king")
            expect(
                try attempt("parties.csv") {
                    $0.replacingOccurrences(of: "county,421321", with: "moon,421321")
                },
                exits: 1, saying: "parties.csv, line ", "column \"kind\"", "moon")
            expect(
                try attempt("officers.csv") {
                    $0.replacingOccurrences(of: "officer,party", with: "officer,partei")
                },
                exits: 1,
                saying: "officers.csv, line 2, column \"party\": the header does not name this column")
            expect(
                try attempt("officers.csv") {
                    $0.replacingOccurrences(of: "k7f2,county/421321", with: "k7f2,county/9")
                },
                exits: 1, saying: "officers.csv, officer k7f2", "field=party", "county/9")
            expect(
                try City.attempt(
                    "twolists-server",
                    ["init", "--data", city.folder.file("x"), "--seeds", city.folder.file("none")]),
                exits: 1, saying: "none/city.csv is missing")
        }
    }
}
