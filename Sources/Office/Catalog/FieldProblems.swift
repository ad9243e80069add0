/// Why a field was refused: the fixed words the rules use in the argument `why`, as sentences. A rule never repeats the value.
package enum FieldProblems {
    private static let table: [String: Text] = [
        "empty": Text("内容为空", "it is empty"),
        "fifteen-digits": Text("15位旧号已停用，请填18位", "the 15-digit form is no longer valid: give 18 digits"),
        "length": Text("位数不对", "its length is wrong"),
        "not-a-digit": Text("含有非数字字符", "there is a character that is no digit"),
        "birth-date": Text("出生日期不存在，请核对原件", "there is no such birth date: check the original"),
        "check-character": Text("校验位不符，请核对原件", "the check character does not fit: check the original"),
        "too-long": Text("内容过长", "it is too long"),
        "too-many": Text("条目过多", "there are too many"),
        "control-character": Text("含有控制字符", "it holds a control character"),
        "out-of-range": Text("超出允许范围", "it is outside its range"),
        "no-such-day": Text("日期不存在", "there is no such day"),
        "past": Text("日期已过", "the day is past"),
        "unspecified": Text("没有选择", "nothing is chosen"),
        "not-yet-offered": Text("本版本尚未开放这一选项", "this version does not offer it yet"),
        "repeated": Text("重复填写", "it is given twice"),
        "malformed": Text("格式不对", "its form is wrong"),
        "unknown": Text("没有这一项", "there is none such"),
        "erased": Text("内容已删除", "it was erased"),
        "mismatch": Text("与其他内容不一致", "it does not agree with the rest"),
        "not-later": Text("不晚于现定时限", "it is not later than the present deadline"),
        "no-such-item": Text("没有这一事项", "there is no such item"),
        "itself": Text("不能与自身重复", "it is the item itself"),
        "given-up": Text("该事项已撤回或作废", "that item was withdrawn or made void"),
        "frozen-late": Text("不早于公开数产生之日", "it is not before the day of the public value"),
        "other-party": Text("不是同一单位的人员", "of another party"),
        "suspended": Text("已停用", "suspended"),
        "no-roles": Text("没有可以交接的角色", "has no roles to hand over"),
        "no-catch-all": Text("规则表缺少兜底条款", "the rule table has no last rule that always matches"),
    ]

    /// The words the table knows, for the test that none of the rules' words is missing.
    package static var known: Set<String> { Set(table.keys) }

    /// `max`: the limit, when the rule gave one.
    static func of(_ why: String, max: String = "") -> Text {
        let reason = table[why] ?? Text(why, why)
        return max.isEmpty ? reason : Text("\(reason.zh)(最多\(max))", "\(reason.en) (at most \(max))")
    }
}

/// The guard's rules by name (DOMAIN.md 1), never the text that set them off.
package enum GuardRules {
    private static let table: [String: Text] = [
        "unit-designation": Text("部队番号代号", "a unit's true designation"),
        "formation-number": Text("部队编制序列", "a formation's number"),
        "troop-strength": Text("兵力人数", "troop strength"),
        "coordinates": Text("坐标位置", "coordinates"),
        "weapon-name": Text("武器装备名称", "a weapon's name"),
        "classification-mark": Text("密级标志", "a classification mark"),
    ]

    static func of(_ rule: String) -> Text {
        table[rule]
            ?? Text(rule.isEmpty ? "敏感内容" : "规则 \(rule)", rule.isEmpty ? "sensitive matter" : "rule \(rule)")
    }
}
