import Crypto
import Schema

/// Rounds of placement in the open (阳光安置): what is typed, and the command it means.
enum RoundForms {
    private static let key = OperandSpec(
        Text("轮次", "ROUND"), Text("轮次编号、电话查询码或事项编号", "the round's key, reference or target id"))
    private static let person = OptionSpec("person", Text("人员编号", "person"), .text, required: true)
    private static let paging = [
        OptionSpec("from", Text("从第几行之后", "rows to leave out"), .integer(0...100_000)),
        OptionSpec(
            "limit", Text("最多条数", "limit"), .integer(1...100_000), help: Text("默认 50", "50 by default")),
        OptionSpec("all", Text("全部", "all"), .flag, help: Text("列出全部", "all of them")),
    ]

    static func spec(_ name: CommandName) -> CommandSpec {
        switch name {
        case .roundVerify: verify
        case .roundSecret: secret
        case .roundSheet: sheet
        case .roundAnnounce: announce
        case .roundLoadPosts, .roundLoadPeople: load(name)
        case .roundPick, .roundPass, .roundPrefer, .roundConfirm, .roundWithdraw: ofPerson(name)
        case .roundList, .roundShow, .roundPosts, .roundPeople, .roundRanking, .roundHistory, .roundFile:
            read(name)
        default: step(name)
        }
    }

    private static let verify = CommandSpec(
        .roundVerify,
        Text("把公布的一轮选岗重新计算一遍，不需要联网", "work a published round out again, without the server"),
        operands: [OperandSpec(Text("文件", "FILE"), Text("公布的文件", "the published file"))],
        options: [
            OptionSpec(
                "inputs", Text("封存摘要", "inputs digest"), .hex,
                help: Text("封存时公布的，一并核对", "as posted when the inputs were frozen: it must be this one")),
            OptionSpec(
                "commitment", Text("密数承诺", "commitment"), .hex,
                help: Text("公告中的，一并核对", "as announced: it must be this one")),
        ],
        notes: [
            Text(
                "每一行都重新计算；不符时指出第一处，退出码为 12。算法见 Protocol/ROUND.md。",
                "Every line is worked out again; the first that differs is named, exit code 12. ROUND.md says how."
            ),
            Text(
                "公开数本身请与公告所指的来源核对。",
                "Hold the public value itself against the source the announcement names."),
        ])

    private static let secret = CommandSpec(
        .roundSecret,
        Text(
            "生成抽签密数存为文件，并显示其承诺，不需要联网",
            "make a draw's secret in a file and show its commitment, without the server"),
        options: [OptionSpec("out", Text("文件", "file"), .file, required: true)],
        notes: [
            Text(
                "承诺写入公告；密数文件妥善保管，开启抽签前不得泄露，丢失则本轮无法抽签。",
                "The commitment goes into the announcement; keep the file secret until the draw is opened. Without it there is no draw."
            )
        ])

    private static let announce = CommandSpec(
        .roundAnnounce, Text("发布一轮选岗公告(市局)", "announce a round (bureau)"),
        options: [
            OptionSpec(
                "key", Text("轮次编号", "key"), .text, required: true, help: Text("如 2026-1", "e.g. 2026-1")),
            OptionSpec("title", Text("标题", "title"), .text, required: true),
            OptionSpec(
                "commitment", Text("密数承诺", "commitment"), .hex, required: true,
                help: Text("round secret 给出", "what round secret showed")),
            OptionSpec(
                "public-on", Text("公开数产生日", "day of the public value"), .date, required: true,
                help: Text("封存须早于此日，抽签不早于此日", "inputs are frozen before it, the draw opened on it or later")),
            OptionSpec(
                "public-name", Text("公开数名称", "public value's name"), .text, required: true,
                help: Text("哪一个数、怎样书写", "which value, and how it is written")),
            OptionSpec(
                "tie", Text("同分规则", "tie rule"), .text, repeated: true,
                help: Text("积分类别代码，依次比较；其后抽签", "codes of points groups, in order; then the draw")),
            OptionSpec(
                "table", Text("积分表", "points table"), .text, required: true,
                help: Text("如 points-placement", "e.g. points-placement")),
            OptionSpec(
                "people-kind", Text("安置对象", "who is placed"), .choice(Choice.peopleKinds),
                help: Text("年报按此分列；不填为未注明", "reports go by it; not said where it is left out")),
        ])

    private static let sheet = CommandSpec(
        .roundSheet,
        Text("打印选岗确认表，或核对纸上的校验码", "print confirmation sheets, or check the code on a printed one"),
        operands: [
            OperandSpec(
                Text("轮次", "ROUND"), required: false,
                Text("已公布的一轮；用 --file 时不写", "a published round; none with --file"))
        ],
        options: [
            OptionSpec(
                "file", Text("公布的文件", "published file"), .file,
                help: Text("不联网，只用公布的文件；姓名照公布的遮盖", "without the server: masked names, as published")),
            OptionSpec(
                "person", Text("人员编号", "person"), .text,
                help: Text("默认本单位全部已选岗人员", "by default all own people who got a post")),
            OptionSpec(
                "html", Text("网页文件", "HTML file"), .file,
                help: Text("存为可打印的网页(A4)，每人一页", "write a page that prints on A4, one sheet a person")),
            OptionSpec(
                "check", Text("校验码", "check code"), .text,
                help: Text("纸上的校验码；与公布的结果核对", "the code on the paper, compared with what was published")),
        ],
        notes: [
            Text(
                "姓名只对本人所属单位和市局显示全名，其他单位与公布的名单一样遮盖。",
                "Names are whole for the person's own party and the bureau, masked as published for everybody else."
            ),
            Text(
                "校验码由公布的文件得出，任何人可以核对；姓名全文不在其中。",
                "The code follows from the published file, so anybody can check it; the whole name is no part of it."
            ),
        ])

    private static func load(_ name: CommandName) -> CommandSpec {
        let columns =
            name == .roundLoadPosts
            ? Text(
                "CSV 各列：key,destination,seats,employer,title", "columns: key,destination,seats,employer,title"
            )
            : Text(
                "CSV 各列：key,party,name,facts；facts 如 service-year=8@a1;third-merit=1@b2，@后为档案位置",
                "columns: key,party,name,facts; facts such as service-year=8@a1;third-merit=1@b2, the place in the file behind @"
            )
        return CommandSpec(
            name,
            name == .roundLoadPosts
                ? Text("从表格登记岗位，分批发送(市局)", "load posts from a table, in parts (bureau)")
                : Text("从表格登记人员及积分材料，分批发送(市局)", "load people from a table, in parts (bureau)"),
            operands: [key],
            options: [OptionSpec("file", Text("表格文件", "table"), .file, required: true, help: columns)],
            notes: [
                Text(
                    "同一编号再次登记即取代原来的；中断后重新执行即可。",
                    "A key loaded again takes the place of the earlier one; broken off, it is simply run again."
                )
            ])
    }

    private static func step(_ name: CommandName) -> CommandSpec {
        switch name {
        case .roundFreeze:
            CommandSpec(
                name, Text("封存材料并公布摘要(市局)", "freeze the inputs; their digest is published (bureau)"),
                operands: [key],
                options: [
                    OptionSpec("people", Text("人数", "people"), .integer(1...100_000), required: true),
                    OptionSpec("posts", Text("岗位数", "posts"), .integer(1...100_000), required: true),
                ])
        case .roundReopen:
            CommandSpec(
                name, Text("启封更正材料(市局)", "open the inputs again to mend them (bureau)"), operands: [key],
                options: [OptionSpec("reason", Text("理由", "reason"), .text, required: true)])
        case .roundPost: CommandSpec(name, Text("公示排名(市局)", "post the ranking (bureau)"), operands: [key])
        case .roundObject:
            CommandSpec(
                name, Text("对排名提出异议", "object to the ranking"), operands: [key],
                options: [
                    OptionSpec("person", Text("人员编号", "person"), .text, help: Text("可不填", "optional")),
                    OptionSpec("text", Text("异议", "text"), .text, required: true),
                ])
        case .roundSettle:
            CommandSpec(
                name, Text("答复异议(市局)", "settle an objection (bureau)"), operands: [key],
                options: [
                    OptionSpec("number", Text("异议号", "objection"), .integer(1...100_000), required: true),
                    OptionSpec("upheld", Text("是否成立", "upheld"), .choice(Choice.yesNo), required: true),
                    OptionSpec("answer", Text("答复", "answer"), .text, required: true),
                ])
        case .roundDraw:
            CommandSpec(
                name, Text("开启抽签，开始选岗(市局)", "open the draw and begin picking (bureau)"), operands: [key],
                options: [
                    OptionSpec(
                        "secret", Text("密数", "secret"), .text, required: true,
                        help: Text("@文件：round secret 存的", "@file: what round secret wrote")),
                    OptionSpec(
                        "value", Text("公开数的值", "public value"), .text, required: true,
                        help: Text("照公告所说书写", "written as announced")),
                ])
        default:
            CommandSpec(
                name, Text("公布结果，本轮结束(市局)", "publish the result; the round ends (bureau)"), operands: [key])
        }
    }

    private static func ofPerson(_ name: CommandName) -> CommandSpec {
        switch name {
        case .roundConfirm:
            CommandSpec(
                name, Text("代本单位人员确认得分，或提出不符", "confirm an own person's score, or dispute it"),
                operands: [key],
                options: [
                    person, OptionSpec("disputed", Text("有不符", "disputed"), .flag),
                    OptionSpec(
                        "note", Text("说明", "note"), .text, help: Text("不符时必填", "required when disputed")),
                ])
        case .roundPrefer:
            CommandSpec(
                name, Text("填报本单位人员的志愿", "file an own person's list of posts"), operands: [key],
                options: [
                    person,
                    OptionSpec(
                        "post", Text("岗位编号", "post"), .text, repeated: true,
                        help: Text(
                            "按志愿先后写多次；不写即撤销志愿", "several times, the dearest first; none: no list any more")),
                ])
        case .roundPick:
            CommandSpec(
                name, Text("登记现场选岗(市局)", "record a live pick (bureau)"), operands: [key],
                options: [person, OptionSpec("post", Text("岗位编号", "post"), .text, required: true)])
        case .roundPass:
            CommandSpec(
                name, Text("登记放弃选岗(市局)", "record that somebody passes (bureau)"), operands: [key],
                options: [person])
        default:
            CommandSpec(
                name, Text("登记人员退出本轮(市局)", "record that somebody leaves the round (bureau)"), operands: [key],
                options: [person, OptionSpec("reason", Text("理由", "reason"), .text, required: true)])
        }
    }

    private static func read(_ name: CommandName) -> CommandSpec {
        switch name {
        case .roundList: CommandSpec(name, Text("列出各轮选岗", "list the rounds"))
        case .roundShow: CommandSpec(name, Text("查看一轮选岗", "show a round"), operands: [key])
        case .roundPosts:
            CommandSpec(
                name, Text("列出岗位及剩余名额", "list posts and free seats"), operands: [key], options: paging)
        case .roundPeople:
            CommandSpec(
                name, Text("列出本单位人员的得分明细", "list own people with their scores"), operands: [key],
                options: paging)
        case .roundRanking:
            CommandSpec(name, Text("列出公示的排名", "list the posted ranking"), operands: [key], options: paging)
        case .roundHistory:
            CommandSpec(name, Text("查看一轮选岗的经过", "show what was done in a round"), operands: [key])
        default:
            CommandSpec(
                name, Text("取回公布的文件，供任何人核验", "fetch the published file, for anybody to verify"),
                operands: [key],
                options: [OptionSpec("out", Text("文件", "file"), .file, required: true)])
        }
    }

    /// The command of a mutating invocation; nil for those that are not about a round.
    static func command(_ line: Invocation) -> Command.OneOf_Body? {
        let person = line.text("person") ?? ""
        return switch line.name {
        case .roundAnnounce:
            .announceRound(
                AnnounceRound(
                    key: line.text("key") ?? "", title: line.text("title") ?? "",
                    commitment: line.bytes("commitment") ?? [], publicOn: line.date("public-on"),
                    publicName: line.text("public-name") ?? "", ties: line.texts("tie"),
                    table: line.text("table") ?? "",
                    peopleKind: line.choice("people-kind", PeopleKind.self) ?? .unspecified))
        case .roundWithdraw:
            .withdrawFromRound(WithdrawFromRound(person: person, reason: line.text("reason") ?? ""))
        case .roundFreeze:
            .freezeRound(
                FreezeRound(
                    people: UInt32(clamping: line.integer("people") ?? 0),
                    posts: UInt32(clamping: line.integer("posts") ?? 0)))
        case .roundReopen: .reopenRound(ReopenRound(reason: line.text("reason") ?? ""))
        case .roundConfirm:
            .confirmScore(
                ConfirmScore(person: person, disputed: line.has("disputed"), note: line.text("note") ?? ""))
        case .roundPost: .postRanking(PostRanking())
        case .roundObject: .objectToRanking(ObjectToRanking(person: person, text: line.text("text") ?? ""))
        case .roundSettle:
            .settleObjection(
                SettleObjection(
                    number: UInt32(clamping: line.integer("number") ?? 0),
                    upheld: line.yes("upheld") ?? false, answer: line.text("answer") ?? ""))
        case .roundDraw:
            .openDraw(
                OpenDraw(
                    secret: Hex.decode(line.text("secret") ?? "") ?? [], value: line.text("value") ?? ""))
        case .roundPrefer: .filePreferences(FilePreferences(person: person, posts: line.texts("post")))
        case .roundPick: .pickPost(PickPost(person: person, post: line.text("post") ?? ""))
        case .roundPass: .passTurn(PassTurn(person: person))
        case .roundClose: .closeRound(CloseRound())
        default: nil
        }
    }
}
