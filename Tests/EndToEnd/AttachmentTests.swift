import Foundation
import TestSupport
import Testing

extension RealPrograms {
    @Suite("ATTACHMENT.md: a scan goes there and back, and is gone when its matter is erased")
    struct AttachmentTests {
        private func reference(_ ended: Ended) -> String {
            let line = ended.outputText.split(separator: "\n").first { $0.contains("电话查询码") }
            return line?.split(separator: " ").last.map(String.init) ?? ""
        }

        /// A PDF that no compression and no chance makes equal to another.
        private func scan(_ city: City, _ name: String, bytes: Int) throws -> String {
            let path = city.folder.file(name)
            var content = Array("%PDF-1.7 只在附件中出现的字样\n".utf8)
            for number in 0..<bytes {
                content.append(UInt8(truncatingIfNeeded: (number &* 0x9E37_79B1) >> 13))
            }
            try Data(content).write(to: URL(fileURLWithPath: path))
            return path
        }

        @Test("attached, seen, fetched and checked; queued without a line; erased with its matter")
        func story() throws {
            let city = try City()
            try city.start()
            let key = reference(try city.attempt("u7l1", City.submission(title: "营区东门道路修缮")))
            let path = try scan(city, "现场照片.pdf", bytes: 1_500_000)
            expect(try city.attempt("u7l1", ["request", "attach", key, path]), exits: 0, saying: "附上扫描件：已办成")
            expect(try city.attempt("u7l1", ["request", "attach", key, path]), exits: 11, saying: "已经附在本事项上")
            expect(try city.attempt("b1a1", ["request", "show", key]), exits: 0, saying: "附件1", "现场照片.pdf")
            let got = city.folder.file("got.pdf")
            expect(
                try city.attempt("b1a1", ["request", "fetch", key, "1", got]), exits: 0, saying: "已取回并核对")
            #expect(FileManager.default.contentsEqual(atPath: got, andPath: path))
            expect(try city.attempt("b1a1", ["request", "fetch", key, "1", got]), exits: 11, saying: "不覆盖")
            expect(
                try city.attempt("u2l4", ["request", "fetch", key, "1", got + "2"]), exits: 5, saying: "没有找到")
            #expect(city.stop() == 0)
            try offline(city, key)
            try erased(city, key)
        }

        private func offline(_ city: City, _ key: String) throws {
            let other = try scan(city, "说明.pdf", bytes: 600_000)
            expect(
                try city.attempt("u7l1", ["request", "attach", key, other, "--timeout", "1"]), exits: 7,
                saying: "已存入待发箱")
            try city.start()
            expect(try city.attempt("u7l1", ["request", "show", key]), exits: 0, saying: "附件2", "说明.pdf")
        }

        private func erased(_ city: City, _ key: String) throws {
            expect(try city.attempt("u7l1", ["request", "withdraw", key, "--reason", "不需要了"]), exits: 0)
            expect(try city.attempt("b1s2", ["request", "erase", key, "--basis", "七号"]), exits: 0)
            expect(try city.attempt("b1a1", ["request", "fetch", key, "1"]), exits: 5, saying: "没有找到")
            #expect(city.stop() == 0)
            try city.start()
            expect(try city.attempt("b1a1", ["request", "show", key]), exits: 0, saying: "附件1", "已删除")
            let chunks = try FileManager.default.contentsOfDirectory(atPath: city.data + "/chunks")
            #expect(chunks.isEmpty)
        }

        @Test("what is no scan, too large or called otherwise is refused before it is sent")
        func refused() throws {
            let city = try City()
            try city.start()
            let key = reference(try city.attempt("u7l1", City.submission(title: "营区东门道路修缮")))
            let large = try scan(city, "大.pdf", bytes: (20 << 20) + 1)
            let named = try scan(city, "照片.png", bytes: 100)
            let text = city.folder.file("a.pdf")
            try Data("没有文件头".utf8).write(to: URL(fileURLWithPath: text))
            for (path, problem) in [
                (large, "超过20 MiB"), (named, "名称与内容不符"), (text, "不是 PDF"), (text + "x", "读不到"),
            ] {
                expect(
                    try city.attempt("u7l1", ["request", "attach", key, path]), exits: 11, saying: problem)
            }
            expect(try city.attempt("u7l1", ["outbox", "list"]), exits: 0, saying: "没有待发命令")
        }
    }
}
