import Exchange
import Schema

/// Texts of the refusals that only a demonstration clock has.
enum ClockRefusals {
    static func of(_ outcome: Outcome) -> RefusalText? {
        switch outcome.refusal {
        case .noDemonstration:
            RefusalText(
                wrong: Text(
                    "本库使用真实时间，没有演示时钟", "this store keeps the real time and has no demonstration clock"),
                mend: Text(
                    "正式的库不能调整时间；演示请另建一个库(twolists-server init --demonstration-clock)",
                    "the time of a real store is not moved; for a demonstration make another (twolists-server init --demonstration-clock)"
                ))
        case .clockBack:
            RefusalText(
                wrong: Text(
                    "演示时钟只能向前，现在是 \(time(outcome, "now"))",
                    "the clock goes forward only; it shows \(time(outcome, "now"))"),
                mend: Text("请写一个更晚的时间", "give a later time"))
        case .clockTooFar:
            RefusalText(
                wrong: Text(
                    "一次前拨过多，最晚到 \(time(outcome, "latest"))",
                    "too far at once; \(time(outcome, "latest")) at the latest"),
                mend: Text("请分几次前拨", "go on in several steps"))
        default: nil
        }
    }

    private static func time(_ outcome: Outcome, _ name: String) -> String {
        Int64(outcome.argument(name)).map(TypedMoment.text) ?? ""
    }
}
