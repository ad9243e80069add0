import Foundation
import TestSupport
import Testing

@testable import Office

@Suite("PKWARE APPNOTE as far as workbooks need it")
struct ZIPArchiveTests {
    /// Where the entries of the central directory begin.
    static func directoryEntries(_ bytes: [UInt8]) -> [Int] {
        var (entries, at) = ([Int](), Int(bytes.word32(bytes.count - 6)))
        while bytes.word32(at) == 0x0201_4B50 {
            entries.append(at)
            at += 46 + Int(bytes.word16(at + 28)) + Int(bytes.word16(at + 30)) + Int(bytes.word16(at + 32))
        }
        return entries
    }

    private static func archive() throws -> [UInt8] {
        var writer = ZIPWriter()
        try writer.add("a.xml", "一二三四五六七八九十")
        try writer.add("folder/b.xml", "<b/>")
        return writer.finish()
    }

    /// The fault of reading every member.
    private func problem(_ bytes: [UInt8]) -> SpreadsheetFault.Problem? {
        do throws(SpreadsheetFault) {
            let archive = try ZIPArchive(PackedBytes(bytes, piece: 8))
            for member in archive.members {
                var stream = try archive.open(member)
                _ = try stream.all()
            }
            return nil
        } catch { return error.problem }
    }

    private func changed(_ at: (Int) -> Int, _ with: [UInt8], entry: Int = 0) throws -> SpreadsheetFault
        .Problem?
    {
        var bytes = try Self.archive()
        let place = at(Self.directoryEntries(bytes)[entry])
        bytes.replaceSubrange(place..<place + with.count, with: with)
        return problem(bytes)
    }

    @Test("a member is found without regard to case and slashes, and says what was put in")
    func members() throws {
        let archive = try ZIPArchive(PackedBytes(try Self.archive()))
        var stream = try archive.open(try #require(archive.member("A.xml")))
        #expect(String(decoding: try stream.all(), as: UTF8.self) == "一二三四五六七八九十")
        #expect(archive.member("folder/B.XML") != nil && archive.member("b.xml") == nil)
    }

    @Test("4.3.12 what a directory may not say")
    func directory() throws {
        #expect(try changed({ $0 + 8 }, [1, 0]) == .archive(.encrypted))
        #expect(try changed({ $0 + 8 }, [0, 0x20]) == .archive(.encrypted))
        #expect(try changed({ $0 + 10 }, [12, 0]) == .compression(12))
        #expect(try changed({ $0 + 16 }, [1, 2, 3, 4]) == .archive(.checksum))
        #expect(try changed({ $0 + 24 }, [200, 0, 0, 0]) == .archive(.size))
        #expect(try changed({ $0 + 24 }, [1, 0, 0, 0]) == .archive(.size))
        #expect(try changed({ $0 + 24 }, [255, 255, 255, 255]) == .archive(.zip64))
        #expect(try changed({ $0 + 20 }, [255, 0, 0, 0]) == .archive(.localHeader))
        #expect(try changed({ $0 + 42 }, [1, 0, 0, 0]) == .archive(.localHeader))
        #expect(try changed({ $0 + 42 }, [0, 0, 0, 0], entry: 1) == .archive(.localHeader))
        #expect(try changed({ $0 + 46 }, [0]) == .archive(.name))
        #expect(try changed({ $0 }, [0]) == .archive(.directory))
    }

    @Test("4.3.16 what the end may not say")
    func end() throws {
        let bytes = try Self.archive()
        func at(_ offset: Int, _ with: [UInt8]) -> SpreadsheetFault.Problem? {
            var changed = bytes
            changed.replaceSubrange(
                bytes.count - 22 + offset..<bytes.count - 22 + offset + with.count, with: with)
            return problem(changed)
        }
        #expect(at(0, [0]) == .archive(.noDirectory))
        #expect(at(4, [1]) == .archive(.severalDiscs))
        #expect(at(8, [1]) == .archive(.severalDiscs))
        #expect(at(8, [255, 255, 255, 255]) == .archive(.zip64))
        #expect(at(8, [3, 0, 3, 0]) == .archive(.directory))
        #expect(at(16, [255, 255, 0, 0]) == .archive(.directory))
        #expect(problem(bytes + [0x50, 0x4B, 5, 6]) == nil)
        #expect(problem([]) == .archive(.noDirectory))
    }

    @Test("two members of one name, and two that share their bytes")
    func twice() throws {
        var writer = ZIPWriter()
        try writer.add("a.xml", "1")
        try writer.add("A.XML", "2")
        #expect(problem(writer.finish()) == .archive(.nameTwice))
        // The second entry made to point at the first member, whose name has the same length.
        var other = ZIPWriter()
        try other.add("a.xml", "1")
        try other.add("b.xml", "1")
        var bytes = other.finish()
        let second = Self.directoryEntries(bytes)[1]
        bytes.replaceSubrange(second + 42..<second + 46, with: [0, 0, 0, 0])
        bytes[30] = UInt8(ascii: "b")
        #expect(problem(bytes) == .archive(.localHeader))
        bytes[30] = UInt8(ascii: "a")
        bytes[second + 46] = UInt8(ascii: "a")
        #expect(problem(bytes) == .archive(.nameTwice))
        // Names that differ, headers that differ, bytes that overlap: the first member's packed size reaches into the second.
        bytes = try Self.archive()
        let first = Self.directoryEntries(bytes)[0]
        bytes.replaceSubrange(first + 20..<first + 22, with: [60, 0])
        #expect(problem(bytes) == .archive(.overlap))
    }

    @Test("what Python's zipfile writes and reads: stored, deflated, streamed with data descriptors")
    func python() throws {
        let python = try requireTool("python3")
        let scratch = try TemporaryDirectory("zip")
        let script = """
            import sys, zipfile, io
            class Pipe(io.RawIOBase):
                def __init__(self, f): self.f = f
                def writable(self): return True
                def write(self, b): return self.f.write(b)
            for name, method in [("stored", 0), ("deflated", 8)]:
                for piped in [False, True]:
                    with open(f"{sys.argv[1]}/{name}{piped}.zip", "wb") as f:
                        with zipfile.ZipFile(Pipe(f) if piped else f, "w", method) as z:
                            z.writestr("a.txt", b"hello " * 1000)
                            z.writestr("空/文.txt", b"")
            """
        let made = try runProcess(python, ["-c", script, scratch.path])
        try #require(made.status == 0, "\(made.errorText)")
        for name in ["storedFalse", "storedTrue", "deflatedFalse", "deflatedTrue"] {
            let archive = try ZIPArchive(PackedBytes(try scratch.read("\(name).zip")))
            #expect(archive.members.map(\.name) == ["a.txt", "空/文.txt"])
            var stream = try archive.open(archive.members[0])
            #expect(try stream.all() == Array(String(repeating: "hello ", count: 1_000).utf8))
        }
        try scratch.write("ours.zip", try Self.archive())
        let read = try runProcess(
            python,
            [
                "-c",
                "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); print(z.testzip(), z.read('a.xml').decode())",
                scratch.file("ours.zip"),
            ],
            environment: ["PYTHONIOENCODING": "utf-8"])
        #expect(read.outputText == "None 一二三四五六七八九十\n", "\(read.errorText)")
    }

    @Test("CRC-32 of the check string")
    func checksum() {
        #expect(CRC32.of(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(CRC32.of([]) == 0)
    }
}
