import Foundation
import Schema
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Office

@Suite("The outbox loses nothing")
struct OutboxTests {
    private func command(_ number: UInt8, at milliseconds: Int64 = 1_773_104_707_123) -> (
        SignedEnvelope, [UInt8]
    ) {
        let time = (0..<6).map { UInt8(truncatingIfNeeded: milliseconds >> Int64(40 - 8 * $0)) }
        let id = time + [0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number]
        let envelope = Envelope(
            id: id, command: Command(body: .withdrawRequest(WithdrawRequest(reason: "r\(number)"))))
        return (SignedEnvelope(envelope: envelope.encoded()), id)
    }

    @Test("saved, listed oldest first, removed; files for their owner only")
    func roundTrip() throws {
        let folder = try TemporaryDirectory("outbox")
        let outbox = Outbox(folder: folder.path + "/a.outbox")
        #expect(outbox.content().entries.isEmpty)
        let (second, secondID) = command(2, at: 1_773_104_707_200)
        let (first, firstID) = command(1)
        try outbox.save(second, id: secondID)
        try outbox.save(first, id: firstID)
        #expect(outbox.content().entries.map(\.signed) == [first, second])
        for path in outbox.content().entries.map(\.path) {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600)
        }
        let mode =
            try FileManager.default.attributesOfItem(atPath: outbox.folder)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o700)
        #expect(
            outbox.entries(matching: String(Outbox.name(of: secondID).prefix(32)).uppercased()).map(\.id) == [
                secondID
            ])
        try outbox.remove(id: firstID)
        try outbox.remove(id: firstID)
        #expect(outbox.content().entries.map(\.id) == [secondID])
    }

    @Test("cut short at any step there is the whole command or none, and earlier ones stay", arguments: 0...4)
    func crash(after steps: Int) throws {
        let folder = try TemporaryDirectory("outbox")
        let (first, firstID) = command(1)
        let (second, secondID) = command(2)
        try Outbox(folder: folder.path).save(first, id: firstID)
        let crashing = Outbox(folder: folder.path, storage: CrashingStorage(steps: steps))
        do {
            try crashing.save(second, id: secondID)
        } catch {}
        let content = Outbox(folder: folder.path).content()
        #expect(content.damaged.isEmpty)
        #expect(content.entries.map(\.signed) == (steps >= 3 ? [first, second] : [first]))
    }

    @Test("half a file written under its final name would be noticed")
    func damaged() throws {
        let folder = try TemporaryDirectory("outbox")
        let (signed, id) = command(1)
        let bytes = CommandFile.encode(signed)
        try folder.write(Outbox.name(of: id), Array(bytes.dropLast(3)))
        try folder.write(String(repeating: "0", count: 32) + ".command", bytes)
        let content = Outbox(folder: folder.path).content()
        #expect(content.entries.isEmpty)
        #expect(content.damaged.count == 2)
        #expect(FileManager.default.fileExists(atPath: folder.file(Outbox.name(of: id))))
    }

    @Test("unfinished files are removed once a day old, not sooner")
    func abandoned() throws {
        let folder = try TemporaryDirectory("outbox")
        let now: Int64 = 1_773_104_707_123
        let old = Outbox.temporaryName(of: command(1, at: now - Outbox.abandonedMilliseconds - 1).1)
        let fresh = Outbox.temporaryName(of: command(2, at: now - Outbox.abandonedMilliseconds).1)
        try folder.write(old, [1])
        try folder.write(fresh, [1])
        let (signed, id) = command(3, at: now)
        try Outbox(folder: folder.path).save(signed, id: id)
        #expect(!FileManager.default.fileExists(atPath: folder.file(old)))
        #expect(FileManager.default.fileExists(atPath: folder.file(fresh)))
    }

    /// What a screen shows of an outbox with commands made so many milliseconds before `now`.
    private func listed(
        _ ages: [Int64], now: Int64, _ language: Language = .zh
    ) throws -> String {
        let folder = try TemporaryDirectory("outbox")
        for (number, age) in ages.enumerated() {
            let (signed, id) = command(UInt8(number), at: now - age)
            try Outbox(folder: folder.path).save(signed, id: id)
        }
        let content = Outbox(folder: folder.path).content()
        return OutboxText(
            Screen(language: language, columns: Screen.printedColumns), now: now * 1_000_000
        ).list(content).joined(separator: "\n")
    }

    @Test("what is over 400 days old is marked with its mend, a millisecond younger it is not")
    func expired() throws {
        let (now, window): (Int64, Int64) = (1_773_104_707_123, 400 * 86_400_000)
        let young = try listed([window], now: now)
        #expect(!young.contains("已过期") && young.contains("outbox send"), "\(young)")
        let old = try listed([window + 1], now: now)
        #expect(old.contains("已过期") && old.contains("重新填写") && old.contains("outbox drop"), "\(old)")
        #expect(!old.contains("outbox send") && !old.contains("待发"), "\(old)")
        let both = try listed([window + 1, 0], now: now)
        #expect(both.contains("已过期的 1 条") && both.contains("待发") && both.contains("outbox send"), "\(both)")
        let english = try listed([window + 1], now: now, .en)
        #expect(english.contains("expired") && english.contains("fill them in anew"), "\(english)")
    }

    @Test("command files: every cut and every other file is told, nothing traps")
    func files() throws {
        let (signed, _) = command(1)
        let bytes = CommandFile.encode(signed)
        #expect(try CommandFile.decode(bytes, file: "f").0 == signed)
        for length in 0..<bytes.count {
            #expect(throws: FileError.self) { try CommandFile.decode(Array(bytes.prefix(length)), file: "f") }
        }
        #expect(throws: FileError.self) { try CommandFile.decode(Array("%PDF-1.4".utf8), file: "f") }
        #expect(throws: FileError.self) {
            try CommandFile.decode(bytes + [UInt8](repeating: 0, count: CommandFile.largestBytes), file: "f")
        }
        #expect(throws: FileError.self) { try CommandFile.read("/does/not/exist") }
    }
}

/// The real disc, until a number of steps is used up: then every step fails, as if the power had gone.
final class CrashingStorage: OutboxStorage {
    private let left: Mutex<Int>
    private let real = FileOutboxStorage()
    init(steps: Int) { left = Mutex(steps) }

    private func step() throws(FileError) {
        let goes = left.withLock { left in
            left -= 1
            return left >= 0
        }
        if !goes { throw FileError("", Text("断电", "power gone")) }
    }
    func makeFolder(_ path: String) throws(FileError) {
        try step()
        try real.makeFolder(path)
    }
    func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        do throws(FileError) {
            try step()
        } catch {
            try real.write(Array(bytes.prefix(bytes.count / 2)), to: path)
            throw error
        }
        try real.write(bytes, to: path)
    }
    func rename(_ from: String, _ to: String) throws(FileError) {
        try step()
        try real.rename(from, to)
    }
    func syncFolder(_ path: String) throws(FileError) {
        try step()
        try real.syncFolder(path)
    }
    func remove(_ path: String) throws(FileError) {
        try step()
        try real.remove(path)
    }
    func removeFolder(_ path: String) throws(FileError) {
        try step()
        try real.removeFolder(path)
    }
    func append(_ bytes: [UInt8], to path: String) throws(FileError) {
        try step()
        try real.append(bytes, to: path)
    }
    func names(in folder: String) -> [String] { real.names(in: folder) }
    func read(_ path: String) throws(FileError) -> [UInt8] { try real.read(path) }
}
