/// Why a field was refused: the fixed words the rules use in the argument `why`, as sentences. A rule never repeats the value.
package enum FieldProblems {
    private static let table: [String: Text] = [
        "empty": Text("内容为空", "it is empty"),
        "fifteen-digits": Text("15位旧号已停用，请填18位", "the 15-digit form is no longer valid: give 18 digits"),
        "length": Text("长度不对", "its length is wrong"),
        "too-long": Text("内容过长", "it is too long"),
        "too-short": Text("内容过短", "it is too short"),
        "not-a-digit": Text("含有非数字字符", "there is a character that is no digit"),
        "birth-date": Text("出生日期不存在，请核对原件", "there is no such birth date: check the original"),
        "check-character": Text("校验位不符，请核对原件", "the check character does not fit: check the original"),
        "control-character": Text("含有控制字符", "it holds a control character"),
        "range": Text("超出允许范围", "it is outside its range"),
        "out-of-range": Text("超出允许范围", "it is outside its range"),
        "not-a-date": Text("日期不存在", "there is no such day"),
        "no-such-day": Text("日期不存在", "there is no such day"),
        "in-the-past": Text("日期已过", "the day is past"),
        "past": Text("日期已过", "the day is past"),
        "duplicate": Text("重复", "it is given twice"),
        "unspecified": Text("没有选择", "nothing is chosen"),
        "format": Text("格式不对", "its form is wrong"),
    ]

    static func of(_ why: String) -> Text {
        table[why] ?? Text(why, why)
    }
}

/// The guard's rules by name (DOMAIN.md 1), never the text that set them off.
package enum GuardRules {
    private static let table: [String: Text] = [
        "unit-designation": Text("部队番号", "a unit's true designation"),
        "designation": Text("部队番号", "a unit's true designation"),
        "strength": Text("兵力人数", "strength"),
        "coordinates": Text("坐标位置", "coordinates"),
        "weapon": Text("武器装备名称", "a weapon's name"),
        "weapon-name": Text("武器装备名称", "a weapon's name"),
        "classification-mark": Text("密级标志", "a classification mark"),
    ]

    static func of(_ rule: String) -> Text {
        table[rule] ?? Text(rule.isEmpty ? "敏感内容" : "规则 \(rule)", rule.isEmpty ? "sensitive matter" : "rule \(rule)")
    }
}
