import Exchange
import Foundation
import Schema
import TestSupport
import Testing

@testable import Office

@Suite("Batches on the screen")
struct BatchTextTests {
    private let screen = Screen(language: .zh, columns: 80)

    private func told() throws -> BatchKindList {
        let files = Kinds.files.filter { $0.path.hasPrefix("batches/") }
        var list = BatchKindList()
        for file in files {
            let name = (file.path as NSString).lastPathComponent.replacingOccurrences(of: ".csv", with: "")
            if file.path.hasPrefix("batches/names/") {
                list.names.append(LoadBatchNames(list: name, text: file.text))
            } else if name != "figures" {
                list.kinds.append(LoadBatchKind(kind: name, text: file.text))
            }
        }
        return list
    }

    @Test("progress fits on a line: parts, bar, rate, time left")
    func progress() {
        let text = ProgressText(screen, chunks: 40, bytes: 10_000_000, hadChunks: 10, hadBytes: 2_500_000)
        let line = text.line(put: (10, 2_500_000), seconds: 2)
        #expect(line == "传送 20/40 块 [██████████──────────] 50%  1.3 MB/s  剩余 4 秒")
        #expect(DisplayWidth.of(line) < 80)
        #expect(text.line(put: (30, 7_500_000), seconds: 300).hasSuffix("100%  25 kB/s"))
        #expect(text.line(put: (1, 250_000), seconds: 20).hasSuffix("剩余 9 分 40 秒"))
        #expect(text.line(put: (0, 0), seconds: 0) == "传送 10/40 块 [█████───────────────] 25%")
        #expect(ProgressText(screen, chunks: 0, bytes: 0).line(put: (0, 0), seconds: 9).hasSuffix("100%"))
        let english = ProgressText(Screen(language: .en), chunks: 2, bytes: 10)
        #expect(
            english.line(put: (1, 5), seconds: 1)
                == "sent 1/2 chunks [██████████──────────] 50%  1 kB/s  left 1 s")
    }

    @Test("kinds as the server tells them are kept, found by code, name or its beginning")
    func kinds() throws {
        var list = try told()
        list.kinds.append(LoadBatchKind(kind: "newer", text: "version,9\nshape,new\n"))
        let folder = try TemporaryDirectory("kinds")
        let shelf = KindShelf(folder: folder.path + "/k7f2.batches")
        #expect(shelf.kept() == nil)
        try shelf.keep(list)
        let kinds = BatchKinds(try #require(shelf.kept()))
        #expect(kinds.kinds.count == list.kinds.count - 1 && kinds.unreadable == ["newer"])
        #expect(kinds.kind("pension")?.title == "抚恤补助发放" && kinds.kind("抚恤补助发放")?.code == "pension")
        #expect(kinds.kind("抚恤")?.code == "pension" && kinds.kind("") == nil && kinds.kind("没有") == nil)
        try Data(Array("twolists-kinds/1\n".utf8) + [0x0A, 0xFF]).write(
            to: URL(fileURLWithPath: folder.path + "/k7f2.batches/kinds"))
        #expect(shelf.kept() == nil)
    }

    @Test(
        "lists that kinds refer to and the server does not tell are named, and can be made of what it tells")
    func lists() throws {
        var list = try told()
        let missing = BatchKinds.missing(list)
        #expect(Set(missing) == ["request-category", "party", "case-subcategory", "placement-channel"])
        list.names.append(
            BatchKinds.names(
                "party", version: "",
                [("county/421321", "随县"), ("county/421321", "421321"), ("unit/LU-07", "驻随,\"某部\"07")]))
        let parties = try #require(BatchKinds(list).lists.first { $0.name == "party" })
        #expect(parties.entries.map(\.name) == ["随县", "驻随,\"某部\"07"])
    }

    @Test("every kind fits on a screen of 80 columns and says what each column may hold")
    func kindPages() throws {
        let kinds = BatchKinds(try told())
        let text = KindText(screen)
        for line in text.lines(kinds) { #expect(DisplayWidth.of(line) <= 80, "\(line)") }
        for kind in kinds.kinds {
            let lines = text.lines(kind)
            #expect(lines.count == kind.fields.count + 6)
            for line in lines.dropFirst(4) { #expect(DisplayWidth.of(line) <= 80, "\(line)") }
        }
    }

    @Test("a batch's page: totals in yuan, the steps with their times, what differed")
    func page() throws {
        var view = BatchView(
            id: [UInt8](repeating: 7, count: 16), party: "county/421321", number: "march-1", kind: "pension",
            version: "2026.1", mode: .whole, stage: .done, verdict: .all, rows: 4, bytes: 400,
            sums: [ControlSum(field: "amount", sum: 2_495_050)], goodRows: 4, added: 3, replaced: 1,
            fileName: "发放.csv",
            steps: [
                BatchStep(stage: .stored, sequence: 7, time: 1_700_000_000_000_000_000),
                BatchStep(stage: .checked, sequence: 8, time: 1_700_000_001_000_000_000),
                BatchStep(stage: .done, sequence: 9, time: 1_700_000_002_000_000_000),
            ])
        let text = BatchText(screen, BatchKinds(try told()))
        let page = text.lines(view).joined(separator: "\n")
        for word in [
            "march-1", "抚恤补助发放(pension) 2026.1", "4行，发放金额 24950.50元", "存证序号 8", "全部合格：合格4行，不合格0行",
            "新增3，更新1，未变0",
        ] {
            #expect(page.contains(word), "\(word)\n\(page)")
        }
        (view.verdict, view.mismatches, view.stage) = (.none, ["rows", "sum:amount"], .checked)
        #expect(text.lines(view).joined().contains("行数、合计 amount"))
        #expect(text.lines([view], hasMore: true).last?.contains("--all") == true)
        for line in text.lines([view], hasMore: false) { #expect(DisplayWidth.of(line) <= 80) }
    }

    @Test("the server's faults stand at the rows of the sender's own file")
    func report() throws {
        let (kind, lists) = (try Kinds.kind("pension"), try Kinds.lists())
        let fault = BatchFault(
            row: 3, field: "amount", code: "out-of-range", arguments: ["0.01", "1000000"], read: "700")
        let unknown = BatchFault(row: 4, field: "", code: "of-a-newer-server")
        let view = BatchView(
            id: [1], number: "n", kind: "pension", stage: .checked, verdict: .part, rows: 4, faultyRows: 2)
        let plain = BatchReport([fault, unknown], of: view, kind, rows: nil, hasMore: true)
        #expect(plain.lines(screen).contains { $0.hasPrefix("第3行“发放金额”") })
        #expect(plain.lines(screen).contains { $0.contains("--file") })
        let file = try BatchFile(CleanSheets.pension.csv())
        let own = try BatchReport.OwnFile(file, kind, lists: lists, sheet: nil)
        let placed = BatchReport([fault, unknown], of: view, kind, rows: own, hasMore: false)
        #expect(placed.table.faults.map(\.row) == [6, 7] && placed.table.faults.first?.column == 7)
        #expect(placed.lines(screen).contains { $0.hasPrefix("第6行“发放金额”(H列)") })
        var copy: [UInt8] = []
        try file.remarked(placed.table) { copy += $0 }
        let again = try BatchFile(copy).check(kind, lists: lists)
        #expect(again.remarksColumn == 10 && again.isSound)
    }
}
