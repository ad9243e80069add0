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

    @Test("work that has not begun has no line of progress, and 0 in JSON")
    func notBegun() {
        let view = view(.assigned, percent: 0)
        #expect(!shown(view, .zh).contains("进度") && !shown(view, .en).contains("progress"))
        #expect(view.json.compact.contains(#""percent":0"#))
    }
}
