import Schema
import Testing

@testable import Office

@Suite("TRAIL.md 1 the trail as the auditor reads it")
struct TrailTextTests {
    @Test("whatever may be refused has its words, in both languages")
    func words() {
        let names =
            AdminService.Method.allCases.map { "\(AdminService.name)/\($0.rawValue)" }
            + BackupService.Method.allCases.map { "\(BackupService.name)/\($0.rawValue)" }
            + TrailService.Method.allCases.map { "\(TrailService.name)/\($0.rawValue)" }
        #expect(names.count >= 10)
        for name in names {
            let text = TrailTexts.call(name)
            #expect(text[.zh] != name && text[.en] != name, "\(name)")
        }
    }

    @Test("a narrow screen wraps the line rather than swallow why something was refused")
    func reason() {
        let screen = Screen(columns: 80)
        let entry = TrailEntry(
            sequence: 46, time: 1_790_000_000_000_000_000, party: "county/421321", officer: "k7f2",
            address: "127.0.0.1:51008", path: "line", outcome: Outcome(refusal: .notPermitted),
            call: "twolists.v1.Admin/ListLimits")
        let lines = ViewsText(screen).trail([entry], more: [])
        #expect(lines.last?.contains("查看限额") == true)
        #expect(lines.last?.contains("拒绝：…") == false && lines.last?.contains("拒绝：") == true)
    }
}
