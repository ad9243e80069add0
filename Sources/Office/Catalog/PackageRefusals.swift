import Exchange
import Schema

/// Texts of the refusals that only packages on discs have.
enum PackageRefusals {
    static func of(_ outcome: Outcome) -> RefusalText? {
        let number = outcome.argument("number")
        return switch outcome.refusal {
        case .packageGap: gap(outcome)
        case .packageFork:
            RefusalText(
                wrong: Text(
                    "第\(number)包与以前收到的不是同一份，或与上一包不相衔接",
                    "package \(number) is another than the one taken before, or follows another"),
                mend: Text(
                    "请与制包单位核对两张交接单的校验码，弄清哪一份是真的",
                    "compare the check codes of both sheets with its sender: one of them is wrong"))
        case .packageKnown:
            RefusalText(
                wrong: Text("第\(number)包已经登记", "package \(number) was taken before"),
                mend: Text("可以再次打开，不会重复办理", "open it again: nothing is done twice"))
        case .packageOpen:
            RefusalText(
                wrong: Text("第\(number)包还没有导入完", "package \(number) was begun and not finished"),
                mend: Text("请先再次打开第\(number)包", "open package \(number) again first"))
        default: nil
        }
    }

    /// `第12批`, `第12至14批`.
    package static func missing(_ first: String, _ last: String) -> Text {
        first == last
            ? Text("缺第\(first)批", "number \(first) is missing")
            : Text("缺第\(first)至\(last)批", "numbers \(first) to \(last) are missing")
    }

    private static func gap(_ outcome: Outcome) -> RefusalText {
        let (first, last) = (outcome.argument("first"), outcome.argument("last"))
        let missing = missing(first, last)
        return RefusalText(
            wrong: missing,
            mend: Text(
                "请先打开缺的交换包；光盘丢失或损坏的，请对方用 twolists package make --again \(first) 重制",
                "open what is missing first; if the disc is lost, its sender makes it again: package make --again \(first)"
            ))
    }
}
