import Exchange
import Schema

/// Texts of the refusals that only batches have.
enum BatchRefusals {
    static func of(_ outcome: Outcome) -> RefusalText? {
        switch outcome.refusal {
        case .batchNumberUsed: numberUsed(outcome)
        case .batchKindVersion: kindVersion(outcome)
        case .batchPeriod: period(outcome)
        default: nil
        }
    }

    private static func numberUsed(_ outcome: Outcome) -> RefusalText {
        let number = outcome.argument("number")
        guard outcome.argument("same") == "yes" else {
            return RefusalText(
                wrong: Text(
                    "批次号 \(number) 已用于另一批内容不同的数据，批次号永不重复使用",
                    "the number \(number) belongs to a batch with other rows, and is never used again"),
                mend: Text("请换一个批次号再发(--number)", "send it under another number (--number)"))
        }
        return RefusalText(
            wrong: Text("批次号 \(number) 的同一批数据已经收到", "the same rows were taken as \(number) before"),
            mend: Text(
                "不必重发；原来的答复请用 batch show \(number) 查看",
                "there is no need to send it again; batch show \(number) has the answers"))
    }

    private static func kindVersion(_ outcome: Outcome) -> RefusalText {
        let (kind, version) = (outcome.argument("kind"), outcome.argument("version"))
        return RefusalText(
            wrong: Text(
                "“\(kind)”的表样已更新为 \(version) 版", "the kind \(kind) is at version \(version) now"),
            mend: Text(
                "请重新执行 batch send，程序会取新表样并按其重新核对",
                "send the file again: the new version is fetched and the rows checked by it"))
    }

    private static func period(_ outcome: Outcome) -> RefusalText {
        let example = [
            "year": "2022", "half-year": "2022-H1", "quarter": "2022-Q1", "month": "2022-03",
            "day": "2022-03-10",
        ][outcome.argument("period")]
        guard let example else {
            return RefusalText(
                wrong: Text("这种表的所属期由各行写明，不另填", "rows of this kind say themselves when they belong to"),
                mend: Text("请去掉 --period", "leave out --period"))
        }
        return RefusalText(
            wrong: Text("没有写明这批数据的所属期，或写法不对", "the batch's period is missing or not written so"),
            mend: Text("请加 --period，如 --period \(example)", "add --period, such as --period \(example)"))
    }
}
