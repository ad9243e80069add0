package import Exchange

/// What is said of a published round that does not hold: where, what, and how to go on. ROUND.md.
package enum RoundTexts {
    package static func fault(_ fault: RoundFault) -> Text {
        let place = place(fault)
        let what = what(fault.kind)
        let record = record(fault)
        return Text("\(place.zh)\(record.zh)：\(what.zh)", "\(place.en)\(record.en): \(what.en)")
    }

    private static func place(_ fault: RoundFault) -> Text {
        fault.line == 0
            ? Text("文件", "the file, ") : Text("第\(fault.line)行", "line \(fault.line), ")
    }

    private static func record(_ fault: RoundFault) -> Text {
        let name = RoundRecord(rawValue: fault.record).map(name) ?? Text(fault.record, fault.record)
        let key = fault.key.isEmpty ? "" : " \(fault.key)"
        return Text("“\(name.zh)”\(key)", name.en + key)
    }

    private static func what(_ kind: RoundFault.Kind) -> Text {
        switch kind {
        case .tooMany: Text("超过上限", "beyond the limit")
        case .notText: Text("不是完整的UTF-8文本", "not whole UTF-8 text")
        case .misplaced: Text("此处应为这一项", "this record should stand here")
        case .fieldCount: Text("字段数不对", "too few or too many fields")
        case .malformed: Text("格式不对", "not of its form")
        case .outOfRange: Text("数值超出范围", "outside its range")
        case .repeated: Text("重复出现", "stands twice")
        case .unknown: Text("本轮没有这个代码", "names nothing in this round")
        case .frozenLate: Text("封存不早于公开数产生之日", "frozen on the day of the public value or later")
        case .choice: Text("应有且只有一项选择", "there must be one choice, and only one")
        case .taken: Text("所选岗位当时已无名额", "the post picked had no free seat")
        case .differs: Text("与重新计算的结果不符", "not what follows from the rest")
        }
    }

    /// A record of the file in words.
    package static func name(_ record: RoundRecord) -> Text {
        names[record] ?? Text(record.rawValue, record.rawValue)
    }

    private static let names: [RoundRecord: Text] = [
        .head: Text("文件头", "head"), .city: Text("城市", "city"), .round: Text("轮次", "round"),
        .commitment: Text("密数承诺", "commitment to the secret"), .public: Text("公开数", "public value's name"),
        .ties: Text("同分规则", "tie rules"), .table: Text("积分表", "points table"),
        .group: Text("积分类别", "points group"), .item: Text("积分项目", "points item"),
        .post: Text("岗位", "post"), .person: Text("人员", "person"), .evidence: Text("档案记载", "evidence"),
        .frozen: Text("封存日期", "day of freezing"), .inputs: Text("封存摘要", "inputs digest"),
        .secret: Text("密数", "secret"), .value: Text("公开数的值", "public value"), .seed: Text("种子", "seed"),
        .list: Text("志愿表", "list"), .pick: Text("现场选岗", "pick"), .pass: Text("放弃", "pass"),
        .withdrawn: Text("退出", "withdrawn"), .score: Text("得分", "score"), .trace: Text("得分明细", "trace"),
        .subtotal: Text("类别小计", "subtotal"), .rank: Text("排名", "rank"), .turn: Text("选岗过程", "turn"),
        .sheet: Text("选岗确认表", "confirmation sheet"), .free: Text("剩余岗位", "free posts"),
        .end: Text("文件尾", "end"),
    ]

    package static func how(_ how: RoundTurn.How) -> Text {
        switch how {
        case .list: Text("按志愿", "from the list")
        case .live: Text("现场选", "picked live")
        case .pass: Text("放弃", "passed")
        case .exhausted: Text("志愿均已选完", "list exhausted")
        case .withdrawn: Text("已退出", "withdrawn")
        }
    }

    package static func notAsAnnounced(_ what: RoundRecord) -> Text {
        Text(
            "\(name(what).zh)与您给出的不是同一个：这不是当时公布的那一轮",
            "\(name(what).en) is another than the one you gave: this is not the round that was published then"
        )
    }
}
