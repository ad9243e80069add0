package import Exchange
import Schema

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

    /// Tenths as points: `12.5`.
    package static func points(_ tenths: Int) -> String {
        let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
        return "\(tenths < 0 ? "-" : "")\(whole).\(rest)"
    }

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

    /// Refusals of rounds: what stands in the way, and what to do first.
    static func refusal(_ outcome: Outcome) -> RefusalText {
        switch outcome.refusal {
        case .roundCounts:
            let (people, posts) = (outcome.argument("people"), outcome.argument("posts"))
            return RefusalText(
                wrong: Text(
                    "人数或岗位数与已登记的不符(现有\(people)人、\(posts)个岗位)",
                    "the counts are not what is loaded (\(people) people, \(posts) posts)"),
                mend: Text("请核对是否登记齐全，再按实数封存", "see whether all is loaded, then freeze with the true counts"))
        case .secretMismatch:
            return RefusalText(
                wrong: Text("这不是公告时承诺的密数", "this is not the secret that was committed to"),
                mend: Text("请使用发布公告时保存的密数文件", "use the secret's file kept since the announcement"))
        case .notTheirTurn:
            let person = outcome.argument("person")
            return RefusalText(
                wrong: Text(
                    person.isEmpty ? "该人员已选过岗" : "现在轮到 \(person)",
                    person.isEmpty ? "their turn is over" : "it is the turn of \(person)"),
                mend: Text("请用 round show 查看轮到谁", "see whose turn it is with round show"))
        case .postTaken:
            let post = outcome.argument("post")
            return RefusalText(
                wrong: Text("岗位 \(post) 已无名额", "post \(post) has no free seat"),
                mend: Text("请用 round posts 查看剩余岗位", "see what is free with round posts"))
        default: return unready(outcome)
        }
    }

    private static func unready(_ outcome: Outcome) -> RefusalText {
        let count = outcome.argument("count")
        let wrong: Text
        switch outcome.argument("why") {
        case "unconfirmed":
            wrong = Text("还有\(count)人没有确认得分", "\(count) people have not confirmed their scores")
        case "objections": wrong = Text("还有异议没有答复", "objections are not settled")
        case "upheld":
            wrong = Text("有异议成立，材料须先启封更正", "an objection was upheld: the inputs are to be mended first")
        case "turns": wrong = Text("还有人没有选岗", "turns are still to be taken")
        case "public-value-known":
            wrong = Text(
                "公开数产生之日已到，不能再封存或启封", "the day of the public value has come: inputs stay as they are")
        case "public-value-not-yet-known": wrong = Text("公开数尚未产生", "the public value is not known yet")
        default: wrong = Text("本轮尚不具备条件", "the round is not ready for it")
        }
        return RefusalText(
            wrong: wrong, mend: Text("请用 round show 查看进度", "see how far it is with round show"))
    }
}
