/// The guard's rules, as data. Names are stable: they stand in journaled refusals and are translated by
/// clients.
///
/// Each rule was written against two lists of examples, what it must refuse and the ordinary words of this
/// office it must let pass (团委、团购、师范、旅游、军营道路、八一军民、东风4S店 …); both lists are the guard's tests. A change here
/// adds to them first.
let guardRules: [GuardRule] =
    designations + formations + coordinates + weapons + strengths + [
        GuardRule(
            name: "classification-mark",
            pattern: [.anyOf(["绝密★", "机密★", "秘密★", "绝密级", "机密级", "秘密级", "绝密文件", "机密文件"])])
    ]

private let designations: [GuardRule] = [
    GuardRule(
        name: "unit-designation",
        pattern: [.numeral(4...6), .maybe(["号"]), .anyOf(["部队", "分队"])]),
    GuardRule(
        name: "unit-designation",
        pattern: [.anyOf(["番号", "部队代号"]), .gap(3), .numeral(3...6)]),
]

// What follows a formation's word in ordinary Chinese: 师范, 团委, 营业, 旅游, 军民 …
private let ordinaryBehindDivision: [GuardWord] = ["范", "生", "傅", "资", "徒", "专", "大", "德", "长"]
private let ordinaryBehindBrigade: [GuardWord] = ["游", "行", "客", "社", "馆", "居", "途", "程", "店", "费"]
private let ordinaryBehindRegiment: [GuardWord] = [
    "委", "员", "购", "支", "圆", "结", "队", "体", "课", "建", "总", "市", "省", "县", "区", "拜", "组", "工", "校", "代", "干",
    "年", "聚", "伙", "膳", "费", "餐", "活", "扇", "日",
]
private let ordinaryBehindBattalion: [GuardWord] = [
    "业", "养", "销", "地", "商", "运", "收", "利", "救", "造", "区", "房", "院", "门", "盘", "员", "口", "私", "会", "建", "火",
]
private let ordinaryBehindArmy: [GuardWord] = [
    "民", "地", "医", "训", "校", "休", "人", "属", "转", "供", "嫂", "营", "队", "分", "官", "事", "工", "政", "旗", "歌", "车",
    "粮", "干", "委", "婚", "娃", "迷", "绿", "装", "烈", "史", "级", "徽", "衔", "龄", "垦", "警", "用", "种", "乐", "号", "功",
    "旅",
]
private let ordinaryBehindCompany: [GuardWord] = [
    "锁", "接", "续", "任", "云", "环", "带", "通", "衣", "连", "体", "理", "日", "年",
]

private let formations: [GuardRule] = [
    formation(["集团军"], excused: []),
    formation(["师"], excused: ordinaryBehindDivision),
    formation(["旅"], excused: ordinaryBehindBrigade),
    formation(["团"], excused: ordinaryBehindRegiment),
    formation(["营"], excused: ordinaryBehindBattalion),
    formation(["军"], excused: ordinaryBehindArmy),
    formation(["连"], excused: ordinaryBehindCompany),
    formation(["舰队", "驱逐舰支队", "潜艇支队", "飞行团", "飞行大队", "航空兵师", "航空兵旅"], excused: []),
    GuardRule(
        name: "formation-number",
        pattern: [.anyOf(["第"]), .digits(2...3), .maybe(["试验", "训练"]), .anyOf(["基地"])]),
    // Without 第: 127旅, 三十八集团军. A single Chinese numeral is too common (统一团购), and so are 八一 and 军 together.
    bare([.digits(1...3)], ["师"], excused: ordinaryBehindDivision),
    bare([.digits(1...3)], ["旅"], excused: ordinaryBehindBrigade),
    bare([.digits(1...3)], ["团"], excused: ordinaryBehindRegiment),
    bare([.digits(1...3)], ["营"], excused: ordinaryBehindBattalion),
    bare([.numeral(2...5)], ["集团军"], excused: []),
    bare([.numeral(3...5)], ["师"], excused: ordinaryBehindDivision),
    bare([.numeral(3...5)], ["旅"], excused: ordinaryBehindBrigade),
    bare([.numeral(3...5)], ["团"], excused: ordinaryBehindRegiment),
    bare([.numeral(3...5)], ["军"], excused: ordinaryBehindArmy),
]

private func formation(_ words: [GuardWord], excused: [GuardWord]) -> GuardRule {
    GuardRule(
        name: "formation-number",
        pattern: [
            .anyOf(["第"]), .numeral(1...5),
            .maybe(["合成", "步兵", "装甲", "摩步", "机步", "炮兵", "空突", "特战", "导弹", "防空", "空降", "航空兵", "摩托化步兵"]),
            .anyOf(words),
        ],
        notBefore: excused)
}

private func bare(_ number: [GuardElement], _ words: [GuardWord], excused: [GuardWord]) -> GuardRule {
    GuardRule(
        name: "formation-number", pattern: number + [.anyOf(words)],
        notBehind: ["约", "共", "第", "近", "超", "余", "年", "."], notBefore: excused)
}

private let coordinates: [GuardRule] = [
    GuardRule(
        name: "coordinates",
        pattern: [.anyOf(["北纬", "南纬", "东经", "西经", "纬度", "经度"]), .gap(2), .digits(1...3)]),
    GuardRule(
        name: "coordinates",
        pattern: [.digits(1...3), .anyOf(["°", "度"]), .digits(1...2), .anyOf(["′", "分"]), .maybe(["0"])],
        notBefore: ["钟"]),
    GuardRule(
        name: "coordinates",
        pattern: [.decimal(fraction: 4), .anyOf([",", " ", "、", "/", ";"]), .decimal(fraction: 4)]),
    GuardRule(name: "coordinates", pattern: [.decimal(fraction: 1), .anyOf(["°n", "°s", "°e", "°w"])]),
]

private let weapons: [GuardRule] = [
    // With a hyphen the model is meant (东风-41); without one only a weapon word behind it tells it from a
    // lorry or a road.
    GuardRule(
        name: "weapon-name",
        pattern: [.anyOf(["东风", "巨浪", "长剑", "鹰击", "红旗", "红箭", "霹雳"]), .anyOf(["-"]), .digits(1...3)],
        notBefore: ["号", "路", "货车", "卡车", "汽车", "村", "社区", "载"]),
    GuardRule(
        name: "weapon-name",
        pattern: [
            .anyOf(["东风", "巨浪", "长剑", "鹰击", "红旗", "红箭", "霹雳"]), .digits(1...3),
            .maybe(["甲", "乙", "a", "b", "c", "d"]),
            .maybe(["型"]), .anyOf(["导弹", "弹道", "洲际", "反舰", "防空"]),
        ]),
    GuardRule(
        name: "weapon-name",
        pattern: [.anyOf(["歼轰", "歼教", "歼", "轰", "武直", "空警", "无侦"]), .maybe(["-"]), .digits(1...4)]),
    GuardRule(
        name: "weapon-name", pattern: [.anyOf(["直", "运"]), .anyOf(["-"]), .digits(1...2)],
        notBehind: ["空", "水", "陆", "货", "航", "转", "垂", "海", "客", "搬"]),
    latinModel(["df", "jl", "cj", "yj", "hq", "pl", "kj"], hyphen: .maybe(["-"])),
    latinModel(["j", "h", "y", "z"], hyphen: .anyOf(["-"])),
    GuardRule(
        name: "weapon-name",
        pattern: [
            .digits(2...2), .maybe(["a", "b", "g"]), .anyOf(["式"]),
            .maybe(["主战", "自行", "轮式", "履带", "加农", "两栖"]),
            .anyOf(["坦克", "步战车", "火炮", "榴弹炮", "装甲车", "步枪", "机枪", "火箭炮", "加榴炮"]),
        ]),
    GuardRule(
        name: "weapon-name",
        pattern: [
            .anyOf([
                "导弹旅", "导弹营", "导弹阵地", "导弹发射", "导弹基地", "战略导弹", "防空导弹", "反舰导弹", "核弹头", "核潜艇",
                "火箭炮", "榴弹炮", "弹药库", "军火库", "雷达阵地",
            ])
        ]),
]

private let asciiLetters = "abcdefghijklmnopqrstuvwxyz0123456789-".map {
    GuardWord(stringLiteral: String($0))
}

private func latinModel(_ prefixes: [GuardWord], hyphen: GuardElement) -> GuardRule {
    GuardRule(
        name: "weapon-name", pattern: [.anyOf(prefixes), hyphen, .digits(1...2)], notBehind: asciiLetters,
        notBefore: ["-", ".", "号", "栋", "楼", "座", "路"])
}

private let strengths: [GuardRule] = [
    GuardRule(
        name: "troop-strength",
        pattern: [
            .anyOf([
                "兵力", "驻军人数", "部队人数", "官兵总数", "全旅官兵", "全团官兵", "全营官兵", "全师官兵", "满编", "现有官兵", "在编官兵",
                "驻军共", "驻军约", "部队员额", "部队编制",
            ]),
            .gap(6), .numeral(1...7), .maybe(["余", "多", "千", "万"]), .anyOf(["人", "名", "员"]),
        ]),
    GuardRule(
        name: "troop-strength",
        pattern: [
            .numeral(1...2), .anyOf(["个"]), .maybe(["加强"]), .anyOf(["师", "旅", "团", "营", "连"]), .maybe(["的"]),
            .anyOf(["兵力"]),
        ]),
]
