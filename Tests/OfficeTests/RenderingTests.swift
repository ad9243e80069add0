import Schema
import Testing

@testable import Office

@Suite("Views as clerks see them")
struct RenderingTests {
    private func view(_ state: RequestState, percent: Int32, redone: Int32 = 0) -> Schema.RequestView {
        Schema.RequestView(
            summary: RequestSummary(reference: "7K3F-Q2MX-C", state: state, redoCount: redone),
            percent: percent)
    }

    private func shown(_ view: Schema.RequestView, _ language: Language) -> String {
        ViewsText(Screen(language: language)).request(view).joined(separator: "\n")
    }

    @Test("finished work shows no percentage from before its result, on screens and in JSON")
    func finished() {
        for (state, zh, en) in [
            (.closed, "已办结", "finished"), (.reported, "已反馈，待确认", "result reported, to be confirmed"),
        ] as [(RequestState, String, String)] {
            for percent: Int32 in [0, 40, 100] {
                let view = view(state, percent: percent, redone: 1)
                for (language, words) in [(Language.zh, "进度        " + zh), (.en, "progress   " + en)] {
                    let text = shown(view, language)
                    #expect(text.contains(words) && !text.contains("%") && !text.contains("█"), "\(text)")
                }
                #expect(view.json.compact.contains(#""percent":null"#), "\(view.json.compact)")
            }
        }
    }

    @Test("work in progress shows its percentage, after a redo the one reported last")
    func inProgress() {
        for redone: Int32 in [0, 1] {
            let view = view(.inProgress, percent: 40, redone: redone)
            for language in Language.allCases { #expect(shown(view, language).contains("████░░░░░░ 40%")) }
            #expect(view.json.compact.contains(#""percent":40"#))
        }
    }

    @Test("a light, a rung and a tentative date are shown in words, on sheets, lists and in histories")
    func lights() {
        let summary = RequestSummary(
            reference: "7K3F-Q2MX-C", state: .assigned, deadline: CivilDate(year: 2027, month: 2, day: 26),
            light: .yellow, step: .remind, tentative: true)
        let view = Schema.RequestView(
            summary: summary, obligation: AssignRequest(deadline: summary.deadline, workingDays: 10))
        let text = shown(view, .zh)
        #expect(text.contains("2027-02-26(暂定)，10个工作日") && text.contains("● 黄灯 提醒"))
        #expect(shown(view, .en).contains("● yellow reminded"))
        let views = ViewsText(Screen(language: .zh))
        let list = views.requests([summary, RequestSummary(state: .submitted)], more: []).joined(
            separator: "\n")
        #expect(list.contains("督办") && list.contains("● 黄灯 提醒"))
        #expect(!views.requests([RequestSummary()], more: []).joined().contains("督办"))
        func line(_ entry: HistoryEntry) -> String {
            views.history([entry], isCase: false).joined(separator: "\n")
        }
        #expect(
            line(HistoryEntry(kind: "mark_time", state: "assigned", light: .red, step: .urge))
                .contains("● 红灯 催办"))
        let moved = HistoryEntry(
            kind: "mark_time", light: .green, deadline: CivilDate(year: 2027, month: 1, day: 12))
        #expect(line(moved).contains("系统督办") && line(moved).contains("完成时限改为 2027-01-12"))
        #expect(views.change(Change(entry: moved)).contains("完成时限改为 2027-01-12"))
        #expect(line(HistoryEntry(kind: "accept_request", note: "好")).contains("好"))
    }

    @Test("the calendars that are loaded, and the rules")
    func calendars() {
        let day = CivilDate(year: 2027, month: 1, day: 1)
        let year = CalendarYear(
            year: 2027, version: "1", source: "通知",
            spans: [CalendarSpan(first: day, last: CivilDate(year: 2027, month: 1, day: 3), name: "元旦")])
        let page = CalendarPage(
            years: [year], supervision: LoadSupervision(version: "2027.1", listedDays: 15))
        for language in Language.allCases {
            let views = ViewsText(Screen(language: language))
            let text = views.calendars(page).joined(separator: "\n")
            #expect(
                text.contains("2027") && text.contains("通知") && text.contains("2027.1") && text.contains("15")
            )
            #expect(text.contains(" 3 ") || text.contains("3  "))
            #expect(views.calendars(CalendarPage()).count == 2)
        }
        #expect(page.json.compact.contains(#""first":"2027-01-01","last":"2027-01-03","works":false"#))
    }

    @Test("work that has not begun has no line of progress, and 0 in JSON")
    func notBegun() {
        let view = view(.assigned, percent: 0)
        #expect(!shown(view, .zh).contains("进度") && !shown(view, .en).contains("progress"))
        #expect(view.json.compact.contains(#""percent":0"#))
    }
}
