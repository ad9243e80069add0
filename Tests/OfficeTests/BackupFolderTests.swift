import Crypto
import Foundation
import Schema
import TestSupport
import Testing
import TwoListsClient

@testable import Office

@Suite("JOURNAL.md 10: a copy over the line in a folder, whole or not one")
struct BackupFolderTests {
    private let scratch: TemporaryDirectory
    init() throws { scratch = try TemporaryDirectory("backup") }

    private let first = "journal-0000000000000001.tlj"
    private var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: scratch.file("b"))) ?? []).sorted()
    }

    private func copy(
        _ pieces: [BackupPiece], finish: Bool = true, _ part: String = "b"
    ) throws -> BackupFolder {
        var folder = try BackupFolder(scratch.file(part), .data)
        for piece in pieces { try folder.take(piece) }
        if finish { try folder.finish(page: "page") }
        return folder
    }

    private var whole: [BackupPiece] {
        [
            BackupPiece(name: first, size: 5), BackupPiece(data: [1, 2]), BackupPiece(data: [3, 4, 5]),
            BackupPiece(name: "journal-00000000000000ab.tlj", size: 0),
            BackupPiece(name: "HEAD", size: 1, data: [9]), BackupPiece(end: BackupEnd()),
        ]
    }

    @Test("whole: each file under its name, BACKUP last, and never written over")
    func comes() throws {
        let folder = try copy(whole)
        #expect(names == ["BACKUP", "HEAD", first, "journal-00000000000000ab.tlj"])
        #expect(try Data(contentsOf: URL(filePath: scratch.file("b/" + first))) == Data([1, 2, 3, 4, 5]))
        #expect(folder.bytes == 6 && folder.kept == 0)
        #expect(throws: FileError.self) { try BackupFolder(scratch.file("b"), .data) }
    }

    @Test(
        "cut off at any piece it has no BACKUP; begun again it says what is whole, and what is no part of it goes"
    )
    func resumes() throws {
        for count in 0..<whole.count {
            try? FileManager.default.removeItem(atPath: scratch.file("b"))
            let cut = try copy(Array(whole.prefix(count)), finish: false)
            #expect(!names.contains("BACKUP") && cut.end == nil)
            var again = try BackupFolder(scratch.file("b"), .data)
            let had = try again.had()
            #expect(had.map(\.name) == names.filter { !$0.hasSuffix(".part") })
            if count >= 4 {
                #expect(had.first { $0.name == first }?.sha256 == Digest(of: [1, 2, 3, 4, 5]).bytes)
            }
            #expect(throws: FileError.self, "no end") { try again.finish(page: "page") }
            #expect(!names.contains("BACKUP"))
            // The old snapshot of that time is no part of the copy now.
            _ = FileManager.default.createFile(
                atPath: scratch.file("b/snapshot-0000000000000007.tls1"), contents: nil)
            let has = had.contains { $0.name == first }
            let pieces = has ? [BackupPiece(name: first, size: 5, had: true)] + whole.dropFirst(3) : whole
            for piece in pieces { try again.take(piece) }
            try again.finish(page: "page")
            #expect(names == ["BACKUP", "HEAD", first, "journal-00000000000000ab.tlj"])
            #expect(again.kept == (has ? 5 : 0))
        }
    }

    @Test("nothing from outside becomes a path, and nothing comes where it has no place")
    func hostile() throws {
        let wrong: [[BackupPiece]] = [
            [BackupPiece(name: "../evil", size: 1)], [BackupPiece(name: "/etc/x", size: 1)],
            [BackupPiece(name: "BACKUP", size: 1)], [BackupPiece(name: "subjects.tlk", size: 1)],
            [BackupPiece(name: "LOCK", size: 1)],
            [BackupPiece(name: "journal-000000000000000g.tlj", size: 1)],
            [BackupPiece(name: "journal-0000000000000001.tlj.part", size: 1)],
            [BackupPiece(name: "journal-00000000/0000001.tlj", size: 1)],
            [BackupPiece(data: [1])], [BackupPiece(name: first, size: 1, data: [1, 2])],
            [BackupPiece(name: first, size: 2), BackupPiece(name: "HEAD", size: 1)],
            [BackupPiece(name: first, size: 2), BackupPiece(end: BackupEnd())],
            [BackupPiece(name: first, size: 0), BackupPiece(name: first, size: 0)],
            [BackupPiece(end: BackupEnd()), BackupPiece(name: first, size: 0)],
        ]
        for pieces in wrong {
            try? FileManager.default.removeItem(atPath: scratch.file("b"))
            #expect(throws: FileError.self, "\(pieces)") { try copy(pieces, finish: false) }
        }
    }

    @Test("keys and data never lie together, nor among other files")
    func apart() throws {
        _ = try copy(Array(whole.dropLast()), finish: false)
        #expect(throws: FileError.self) { try BackupFolder(scratch.file("b"), .keys) }
        var keys = try BackupFolder(scratch.file("k"), .keys)
        try keys.take(BackupPiece(name: "subjects.tlk", size: 1, data: [1]))
        try keys.take(BackupPiece(end: BackupEnd()))
        try keys.finish(page: nil)
        #expect(throws: FileError.self) { try BackupFolder(scratch.file("k"), .data) }
        #expect(throws: FileError.self) { try BackupFolder(scratch.file("k"), .keys) }
        try FileManager.default.createDirectory(atPath: scratch.file("o"), withIntermediateDirectories: true)
        _ = FileManager.default.createFile(atPath: scratch.file("o/letter.txt"), contents: nil)
        #expect(throws: FileError.self) { try BackupFolder(scratch.file("o"), .data) }
    }
}
