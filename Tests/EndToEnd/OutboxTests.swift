import Foundation
import TestSupport
import Testing

extension RealPrograms {
    @Suite("Without a connection a clerk goes on working")
    struct OutboxTests {
        private func reference(_ ended: Ended) -> String {
            let line = ended.outputText.split(separator: "\n").first { $0.contains("电话查询码") }
            return line?.split(separator: " ").last.map(String.init) ?? ""
        }

        @Test(
            "commands wait in order, on top of each other; all go out before the next read, a conflict is kept apart"
        )
        func story() throws {
            let city = try City()
            try city.start()
            let known = reference(try city.attempt("u7l1", City.submission(title: "营区东门道路修缮")))
            #expect(city.stop() == 0)
            let withdrawn = try city.attempt(
                "u7l1", ["request", "withdraw", known, "--reason", "不需要了", "--timeout", "1"])
            expect(withdrawn, exits: 7, saying: "已存入待发箱", known)
            let fresh = try city.attempt("u7l1", City.submission(title: "离线填写") + ["--offline"])
            expect(fresh, exits: 0, saying: "已存入待发箱", "对方看不到")
            let second = ["request", "withdraw", reference(fresh), "--reason", "填错了", "--offline"]
            expect(try city.attempt("u7l1", second), exits: 0, saying: "排在前面    2 条")
            expect(
                try city.attempt("u7l1", ["request", "accept", "随双2026-军提-0099", "--offline"]), exits: 2,
                saying: "不联网时不知道")
            let list = try city.attempt("u7l1", ["outbox", "list"])
            expect(list, exits: 0, saying: "没连上，待发", "离线填写", known)
            try city.start()
            expect(try city.attempt("b1a1", ["request", "accept", known]), exits: 0, saying: "已办成")
            let read = try city.attempt("u7l1", ["request", "list"])
            expect(read, exits: 0, saying: "现在已是第2版", "已补发：提报需求", "已补发：撤回需求", "已撤回")
            try keptApart(city, known)
        }

        private func keptApart(_ city: City, _ known: String) throws {
            let entries = try city.json("u7l1", ["outbox", "list"])["entries"] as? [[String: Any]] ?? []
            #expect(entries.map { $0["why"] as? String } == ["refused"])
            let id = entries.first?["id"] as? String ?? "none"
            expect(try city.attempt("u7l1", ["outbox", "show", id]), exits: 0, saying: "被退回", "第2版")
            let again = ["request", "withdraw", known, "--reason", "再撤"]
            expect(try city.attempt("u7l1", again + ["--offline"]), exits: 2, saying: "已被退回", "outbox drop")
            expect(try city.attempt("u7l1", again), exits: 0, saying: "已办成")
            expect(try city.attempt("u7l1", ["outbox", "drop", id]), exits: 0, saying: "已删除")
            expect(try city.attempt("u7l1", ["outbox", "list"]), exits: 0, saying: "没有待发命令")
        }
    }
}
