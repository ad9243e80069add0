internal import Exchange
package import Schema

/// Batches on the screen and as JSON.
package struct BatchText: Sendable {
    private let screen: Screen
    private let kinds: BatchKinds

    package init(_ screen: Screen, _ kinds: BatchKinds = BatchKinds(kinds: [], lists: [])) {
        self.screen = screen
        self.kinds = kinds
    }

    private func t(_ zh: String, _ en: String) -> String { screen.language == .zh ? zh : en }

    private func kind(_ code: String) -> BatchKind? { kinds.kinds.first { haveSameBytes($0.code, code) } }

    // MARK: Words

    package static func word(_ stage: BatchStage) -> Text {
        switch stage {
        case .stored: Text("已接收", "stored")
        case .checked: Text("已核验", "checked")
        case .done: Text("已入库", "done")
        default: Text("未知", "unknown")
        }
    }

    static func word(_ verdict: BatchVerdict) -> Text {
        switch verdict {
        case .all: Text("全部合格", "all rows are good")
        case .part: Text("部分合格", "part of the rows are good")
        case .none: Text("未收", "nothing was taken")
        default: Text("", "")
        }
    }

    private func mode(_ mode: BatchMode) -> String {
        mode == .goodRows ? t("收合格行", "the good rows") : t("整批", "all or nothing")
    }

    // MARK: One

    /// The headline of a batch that was just sent: how far it came.
    package func headline(_ view: BatchView) -> String {
        if view.verdict == .none {
            return screen.paint("✗ ", .red) + t("没有收：", "nothing was taken: ") + Screen.clean(view.number)
        }
        let mark = screen.paint(view.stage == .done ? "✓ " : "… ", view.stage == .done ? .green : .yellow)
        return mark + Self.word(view.stage)[screen.language] + t("：", ": ") + Screen.clean(view.number)
    }

    package func lines(_ view: BatchView) -> [String] {
        var sheet = Sheet()
        sheet.add(t("批次号", "number"), Screen.clean(view.number))
        sheet.add(t("报送单位", "sender"), view.party)
        sheet.add(t("表", "kind"), "\(kind(view.kind)?.title ?? view.kind)(\(view.kind)) \(view.version)")
        sheet.add(t("文件", "file"), view.fileName)
        sheet.add(t("所属期", "period"), view.period)
        sheet.add(t("收取方式", "mode"), mode(view.mode))
        sheet.add(t("控制总数", "control totals"), totals(view))
        for step in view.steps {
            sheet.add(Self.word(step.stage)[screen.language], told(step, view), colour(step.stage, view))
        }
        if view.stage == .stored, view.checkedRows > 0 {
            sheet.add(t("核验中", "being checked"), "\(view.checkedRows)/\(view.rows)")
        }
        sheet.add(
            t("总数不符", "totals differ"), view.mismatches.map(mismatch).joined(separator: t("、", ", ")), .red)
        return sheet.lines(on: screen)
    }

    private func totals(_ view: BatchView) -> String {
        let sums = view.sums.map { sum in
            guard let kind = kind(view.kind), let index = kind.index(of: sum.field) else {
                return "\(Screen.clean(sum.field)) \(sum.sum)"
            }
            let field = kind.fields[index]
            return
                "\(field.heading) \(field.format.numberText(sum.sum))\(field.format.isMoney ? "元" : field.unit)"
        }
        return (["\(view.rows)\(t("行", " rows"))"] + sums).joined(separator: t("，", ", "))
    }

    private func told(_ step: BatchStep, _ view: BatchView) -> String {
        let head = ShanghaiTime.screen(step.time) + "  " + t("存证序号", "record") + " \(step.sequence)"
        switch step.stage {
        case .checked:
            let rows = t(
                "合格\(view.goodRows)行，不合格\(view.faultyRows)行",
                "\(view.goodRows) good, \(view.faultyRows) faulty")
            return head + "  " + Self.word(view.verdict)[screen.language] + t("：", ": ") + rows
        case .done:
            return head + "  "
                + t(
                    "新增\(view.added)，更新\(view.replaced)，未变\(view.unchanged)",
                    "\(view.added) new, \(view.replaced) replaced, \(view.unchanged) unchanged")
        default: return head
        }
    }

    private func colour(_ stage: BatchStage, _ view: BatchView) -> Colour? {
        guard stage == .checked else { return nil }
        return view.verdict == .all ? .green : view.verdict == .part ? .yellow : .red
    }

    private func mismatch(_ word: String) -> String {
        switch word {
        case "rows": t("行数", "rows")
        case "bytes": t("字节数", "bytes")
        case "manifest": t("数据块清单", "the list of chunks")
        default:
            word.hasPrefix("sum:")
                ? t("合计 ", "sum of ") + Screen.clean(String(word.dropFirst(4))) : Screen.clean(word)
        }
    }

    // MARK: Many

    package func lines(_ batches: [BatchView], hasMore: Bool) -> [String] {
        guard !batches.isEmpty else { return [t("没有批次。", "No batches.")] }
        // The number is typed again, so it stands whole; who and what give way.
        var table = Table([
            Table.Column(t("批次号", "number")), Table.Column(t("表", "kind"), flexible: true),
            Table.Column(t("单位", "sender"), flexible: true), Table.Column(t("行数", "rows"), right: true),
            Table.Column(t("进展", "stage")), Table.Column(t("接收", "stored")),
        ])
        for view in batches {
            let stage =
                view.stage == .done && view.verdict != .all ? Self.word(view.verdict) : Self.word(view.stage)
            table.add([
                Table.Cell(view.number), Table.Cell(kind(view.kind)?.title ?? view.kind),
                Table.Cell(view.party),
                Table.Cell("\(view.rows)"), Table.Cell(stage[screen.language], colour(.checked, view)),
                Table.Cell(view.steps.first.map { String(ShanghaiTime.screen($0.time).prefix(10)) } ?? ""),
            ])
        }
        let more = hasMore ? [t("还有更多：加 --all 或 --limit", "there are more: add --all or --limit")] : []
        return table.lines(on: screen) + more
    }
}

extension BatchView {
    package var json: JSON {
        .object([
            "id": .hex(id), "number": .string(number), "party": .string(party), "kind": .string(kind),
            "version": .string(version), "mode": .string(mode == .goodRows ? "good" : "whole"),
            "period": .string(period), "stage": .string(BatchText.word(stage).en),
            "verdict": .string(
                verdict == .all ? "all" : verdict == .part ? "part" : verdict == .none ? "none" : ""),
            "rows": .uint(rows), "bytes": .uint(bytes), "good_rows": .uint(goodRows),
            "faulty_rows": .uint(faultyRows), "checked_rows": .uint(checkedRows), "added": .uint(added),
            "replaced": .uint(replaced), "unchanged": .uint(unchanged),
            "sums": .object(sums.map { JSON.Member($0.field, .int($0.sum)) }),
            "mismatches": .array(mismatches.map { .string($0) }), "file": .string(fileName),
            "steps": .array(
                steps.map {
                    .object([
                        "stage": .string(BatchText.word($0.stage).en), "sequence": .uint($0.sequence),
                        "time": .time($0.time),
                    ])
                }),
        ])
    }
}
