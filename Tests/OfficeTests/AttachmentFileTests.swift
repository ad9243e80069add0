import Crypto
import Exchange
import Foundation
import Schema
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Office

/// The real disc, on which there is no room any more after some writes: the next one writes half. What is there can be read and removed.
private final class FullStorage: OutboxStorage {
    private let left: Mutex<Int>
    private let real = FileOutboxStorage()
    init(writes: Int) { left = Mutex(writes) }

    func makeFolder(_ path: String) throws(FileError) { try real.makeFolder(path) }
    func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        let goes = left.withLock { left in
            left -= 1
            return left >= 0
        }
        try real.write(goes ? bytes : Array(bytes.prefix(bytes.count / 2)), to: path)
        if !goes { throw FileError(path, Text("磁盘已满", "no room on the disk")) }
    }
    func rename(_ from: String, _ to: String) throws(FileError) { try real.rename(from, to) }
    func syncFolder(_ path: String) throws(FileError) { try real.syncFolder(path) }
    func remove(_ path: String) throws(FileError) { try real.remove(path) }
    func removeFolder(_ path: String) throws(FileError) { try real.removeFolder(path) }
    func append(_ bytes: [UInt8], to path: String) throws(FileError) { try real.append(bytes, to: path) }
    func names(in folder: String) -> [String] { real.names(in: folder) }
    func read(_ path: String) throws(FileError) -> [UInt8] { try real.read(path) }
}

@Suite("ATTACHMENT.md 2, 4: a file on its way into the outbox and back, on a full disk and cut short")
struct AttachmentFileTests {
    private let id = [UInt8](repeating: 7, count: 16)
    private let folder: TemporaryDirectory
    private let bytes: [UInt8]
    private let path: String

    init() throws {
        folder = try TemporaryDirectory("attachment")
        bytes =
            Array("%PDF-1.7 ".utf8)
            + (0..<600_000).map { UInt8(truncatingIfNeeded: ($0 &* 0x9E37_79B1) >> 13) }
        path = try folder.write("扫描.pdf", bytes)
    }

    private func outbox(_ storage: any OutboxStorage = FileOutboxStorage()) -> Outbox {
        Outbox(folder: folder.file("a.outbox"), storage: storage)
    }

    private var left: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder.file("a.outbox"))) ?? []
    }

    private func isWhole(_ staged: AttachmentFile.Staged) throws {
        let batch = try #require(try outbox().batch(id: id))
        let parts = try (0..<batch.count).map { try batch.chunk($0) }
        #expect(Array(parts.joined()) == bytes && parts.count == 3)
        #expect(staged.bytes == UInt64(bytes.count) && staged.sha256 == Digest(of: bytes).bytes)
        #expect(staged.manifest == batch.manifestDigest && staged.type == .pdf && staged.name == "扫描.pdf")
    }

    @Test("no room at any write: told, nothing of it is left in the outbox, and with room it goes")
    func full() throws {
        let file = try AttachmentFile(path, name: nil)
        var writes = 0
        var staged: AttachmentFile.Staged?
        while staged == nil {
            do throws(FileError) {
                staged = try file.stage(as: id, in: outbox(FullStorage(writes: writes)))
            } catch {
                #expect(error.problem.zh == "磁盘已满")
                #expect(left.isEmpty, "after \(writes) writes: \(left)")
            }
            writes += 1
        }
        // Three chunks, and the manifest.
        #expect(writes == 5)
        try isWhole(try #require(staged))
    }

    @Test(
        "killed at any step: no half file is seen, no command waits, and beginning again gives the whole one")
    func killed() throws {
        let file = try AttachmentFile(path, name: nil)
        var (steps, wasWhole) = (0, false)
        while !wasWhole {
            try? FileManager.default.removeItem(atPath: folder.file("a.outbox"))
            wasWhole = (try? file.stage(as: id, in: outbox(CrashingStorage(steps: steps)))) != nil
            if let batch = try outbox().batch(id: id) {
                #expect(Array(try (0..<batch.count).map { try batch.chunk($0) }.joined()) == bytes)
            }
            #expect(outbox().content().entries.isEmpty)
            try isWhole(try file.stage(as: id, in: outbox()))
            steps += 1
        }
        #expect(steps > 8)
    }

    private func fetched(_ pieces: [[UInt8]], to target: String, as expected: [UInt8]) throws(FileError) {
        var file = try FetchedFile(target)
        for piece in pieces { try file.add(piece) }
        try file.finish(sha256: Digest(of: expected).bytes, bytes: UInt64(expected.count))
    }

    private var pieces: [[UInt8]] {
        stride(from: 0, to: bytes.count, by: 262_144).map {
            Array(bytes[$0..<min($0 + 262_144, bytes.count)])
        }
    }

    @Test("a file comes back under its name whole and checked, or not at all")
    func whole() throws {
        let target = folder.file("got.pdf")
        for (given, name) in [
            (Array(pieces.dropLast()), "cut short"), (pieces + [[0]], "longer"),
            (pieces.reversed(), "another"),
        ] {
            #expect(throws: FileError.self, "\(name)") { try fetched(given, to: target, as: bytes) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["扫描.pdf"], "\(name)")
        }
        try fetched(pieces, to: target, as: bytes)
        #expect(try folder.read("got.pdf") == bytes)
        #expect(throws: FileError.self) { try fetched([[1]], to: target, as: [1]) }
        #expect(try folder.read("got.pdf") == bytes, "nothing is written over")
    }

    @Test("what a killed fetch left behind is no file, and the next fetch takes its place")
    func leftBehind() throws {
        let target = folder.file("got.pdf")
        try folder.write("got.pdf.part", [UInt8](repeating: 9, count: 1_000_000))
        try fetched(pieces, to: target, as: bytes)
        #expect(try folder.read("got.pdf") == bytes)
        #expect(!FileManager.default.fileExists(atPath: target + ".part"))
    }
}
