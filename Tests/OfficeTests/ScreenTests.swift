import Schema
import TestSupport
import Testing

@testable import Office

@Suite("UAX 11 display width")
struct DisplayWidthTests {
    @Test(
        "cells of texts",
        arguments: [
            ("", 0), ("abc", 3), ("随州", 4), ("随双2026-军提-0001", 18), ("ｆｕｌｌ", 8), ("e\u{301}", 1), ("…", 1),
            ("●", 1),
            ("a\u{200B}b", 2), ("𠮷", 2), ("😀", 2), ("👨‍👩‍👧", 2), ("☎\u{FE0F}", 2), ("한글", 4), ("ｶﾅ", 2),
            ("（）", 4), ("“”", 2),
        ])
    func widths(text: String, cells: Int) {
        #expect(DisplayWidth.of(text) == cells)
    }

    @Test("cut texts fit, and never split a wide character")
    func truncation() {
        #expect(DisplayWidth.truncate("随州市", to: 6) == "随州市")
        #expect(DisplayWidth.truncate("随州市", to: 5) == "随州…")
        #expect(DisplayWidth.truncate("随州市", to: 4) == "随…")
        #expect(DisplayWidth.truncate("随州市", to: 1) == "…")
        #expect(DisplayWidth.truncate("随州市", to: 0) == "")
    }

    @Test("seeded: padding and cutting give exactly the cells asked for, or one less")
    func seeded() {
        let seed: UInt64 = 20_260_310
        var random = SplitMix64(seed: seed)
        let alphabet = Array("ab 1随州双清单e\u{301}ｆ…")
        for _ in 0..<2000 {
            let text = String(
                (0..<Int.random(in: 0...20, using: &random)).map { _ in
                    alphabet.randomElement(using: &random) ?? "a"
                })
            let cells = Int.random(in: 0...25, using: &random)
            let cut = DisplayWidth.of(DisplayWidth.truncate(text, to: cells))
            #expect(cut <= cells, "seed \(seed)")
            #expect(
                DisplayWidth.of(DisplayWidth.pad(text, to: cells)) == max(cells, DisplayWidth.of(text)),
                "seed \(seed)")
            let lines = DisplayWidth.wrap(text, to: max(2, cells))
            #expect(lines.allSatisfy { DisplayWidth.of($0) <= max(2, cells) }, "seed \(seed)")
        }
    }

    @Test("the ranges are sorted and disjoint")
    func ranges() {
        for (earlier, later) in zip(DisplayWidth.wideRanges, DisplayWidth.wideRanges.dropFirst()) {
            #expect(earlier.first <= earlier.last && earlier.last < later.first)
        }
    }
}

@Suite("Tables and screens")
struct TableTests {
    @Test("columns line up with Chinese in them")
    func aligned() {
        var table = Table([
            Table.Column("编号"), Table.Column("标题", flexible: true), Table.Column("数", right: true),
        ])
        table.add(["随双2026-军提-0001", "营区门前道路维修", "7"])
        table.add(["7K3F-Q2MX-C", "road", "12"])
        #expect(
            table.lines(on: Screen()) == [
                "编号                标题              数",
                "────────────────────────────────────────",
                "随双2026-军提-0001  营区门前道路维修   7",
                "7K3F-Q2MX-C         road              12",
            ])
    }

    @Test("a flexible column gives way, down to its limit")
    func narrow() {
        var table = Table([Table.Column("编号"), Table.Column("标题", flexible: true)])
        table.add(["0001", "一二三四五六七八九十"])
        #expect(table.lines(on: Screen(columns: 18)).last == "0001  一二三四五…")
        #expect(table.lines(on: Screen(columns: 5)).last == "0001  一二三…")
    }

    @Test("colour wraps the text and not the padding; rows carry missing and drop surplus cells")
    func colour() {
        var table = Table([Table.Column("a"), Table.Column("b")])
        table.add([Table.Cell("红", .red)])
        table.add(["1", "2", "3"])
        let lines = table.lines(on: Screen(coloured: true))
        #expect(lines[2] == "\u{1B}[31m红\u{1B}[0m")
        #expect(lines[3] == "1   2")
    }

    @Test("colour only on a terminal, never with NO_COLOR or a dumb one")
    func colourRule() {
        #expect(Screen.allowsColour(terminal: true, environment: [:]))
        #expect(!Screen.allowsColour(terminal: false, environment: [:]))
        #expect(!Screen.allowsColour(terminal: true, environment: ["NO_COLOR": "1"]))
        #expect(Screen.allowsColour(terminal: true, environment: ["NO_COLOR": ""]))
        #expect(!Screen.allowsColour(terminal: true, environment: ["TERM": "dumb"]))
    }

    @Test("text from outside cannot steer the terminal")
    func harmless() {
        #expect(
            Screen.clean("a\u{1B}[2Jb\u{9B}c\u{7F}\u{202E}d") == "a\u{FFFD}[2Jb\u{FFFD}c\u{FFFD}\u{FFFD}d")
        #expect(Screen.clean("一\r\n二\t三") == "一  二 三")
        #expect(Screen.clean("一\r\n二", lines: true) == "一\n二")
        #expect(Table.Cell("\u{1B}]0;x\u{7}").text == "\u{FFFD}]0;x\u{FFFD}")
    }

    @Test("every page carries the notice")
    func notice() {
        var page = Page()
        page.add("一行")
        #expect(page.text(on: Screen()) == "一行\n\n本系统不得传输、存储涉密信息")
    }

    @Test("sheets wrap under their own column")
    func sheet() {
        var sheet = Sheet()
        sheet.add("内容", String(repeating: "字", count: 12))
        sheet.add("空", "")
        sheet.add("电话查询码", "7K3F")
        #expect(
            sheet.lines(on: Screen(columns: 32)) == [
                "内容        字字字字字字字字字字", "            字字", "电话查询码  7K3F",
            ])
    }
}

@Suite("JSON output is stable")
struct JSONTests {
    @Test("order, numbers, escapes")
    func writing() {
        let value = JSON.object([
            "z": .uint(.max), "a": .int(.min), "t": .string("\"\\\n\u{1B}\u{9B}随"), "e": .array([]),
            "n": .null,
            "o": .object([:]), "l": .array([.bool(true), .int(1)]),
        ])
        #expect(
            value.compact
                == #"{"z":18446744073709551615,"a":-9223372036854775808,"t":"\"\\\n\u001b\u009b随","e":[],"n":null,"o":{},"l":[true,1]}"#
        )
        #expect(
            JSON.object(["a": .array([.int(1), .int(2)])]).pretty == "{\n  \"a\": [\n    1,\n    2\n  ]\n}")
    }

    @Test("a request view prints the same bytes, keys in the schema's order")
    func view() {
        let summary = RequestSummary(
            target: [0, 255], reference: "7K3F-Q2MX-C", direction: .unitToLocal, year: 2026, wave: .anytime,
            title: "道路", state: .accepted, deadline: CivilDate(year: 2026, month: 7, day: 1), version: 3,
            submittedAt: 1_773_104_707_123_000_000)
        #expect(
            summary.json.compact
                == #"{"target":"00ff","reference":"7K3F-Q2MX-C","number":"","direction":"unit_to_local","year":2026,"wave":"anytime","category":"","title":"道路","state":"accepted","requester":"","requester_name":"","responsible":"","responsible_name":"","deadline":"2026-07-01","grade":null,"version":3,"submitted_at":"2026-03-10T09:05:07.123+08:00","changed_at":null,"redo_count":0,"carried_into":[],"question":null,"light":null,"step":null,"tentative":false}"#
        )
    }

    @Test("instants in UTC+8, before 1970 and at the ends of Int64 too")
    func times() {
        #expect(ShanghaiTime.screen(1_773_104_707_123_000_000) == "2026-03-10 09:05")
        #expect(ShanghaiTime.screen(0) == "")
        #expect(ShanghaiTime.iso(-1) == "1970-01-01T07:59:59.999+08:00")
        #expect(ShanghaiTime.iso(1_767_196_799_000_000_000) == "2025-12-31T23:59:59.000+08:00")
        #expect(ShanghaiTime.iso(1_767_196_800_000_000_000) == "2026-01-01T00:00:00.000+08:00")
        #expect(!ShanghaiTime.iso(.min).isEmpty && !ShanghaiTime.iso(.max).isEmpty)
    }

    @Test(
        "days as people type them",
        arguments: ["2026-03-10", "2026.3.10", "2026/3/10", "2026年3月10日", "20260310", "２０２６－３－１０"])
    func days(text: String) {
        #expect(CivilDate(typed: text)?.text == "2026-03-10")
    }

    @Test(
        "what is no day",
        arguments: [
            "", "2026-02-29", "2026-13-01", "10.3.2026", "2026-3", "2026-3-1-1", "明天", "1800-01-01",
            "99999999999",
        ])
    func noDays(text: String) {
        #expect(CivilDate(typed: text) == nil)
    }
}
