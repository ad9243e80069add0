package import Schema

/// The commands about batches between agencies.
package enum BatchForms {
    static func spec(_ name: CommandName) -> CommandSpec {
        switch name {
        case .batchCheck: check
        case .batchSend: send
        case .batchList: list
        case .batchShow: show
        case .batchReport: report
        case .batchFetch: fetch
        case .batchExport: export
        case .batchCompare: compare
        default: kinds
        }
    }

    // MARK: A file of one's own

    private static let file = OperandSpec(
        Text("文件", "FILE"),
        Text("CSV、TSV 或 .xlsx 表格，编码自动识别", "a CSV, TSV or .xlsx table; its encoding is found out"))

    private static let kindOption = OptionSpec(
        "kind", Text("表的种类", "kind"), .text,
        help: Text("代码或名称，见 batch kinds；默认按表头判断", "code or name, see batch kinds; by the headings by default")
    )

    private static let reading: [OptionSpec] = [
        kindOption,
        OptionSpec(
            "sheet", Text("工作表", "sheet"), .text,
            help: Text(
                "工作簿中的哪个工作表；默认为第一个表头相符的", "of a workbook; by default the first with the kind's headings")),
    ]

    private static let check = CommandSpec(
        .batchCheck,
        Text(
            "核对表格：一次列出全部问题，写明行、列和改法，不发送",
            "check a table: all its faults at once, with their mends; sends nothing"),
        operands: [file],
        options: reading + [
            OptionSpec(
                "errors", Text("问题清单", "list of faults"), .file,
                help: Text("把全部问题另存为表格(CSV)", "write all faults as a table (CSV)")),
            remarked,
            encoding,
            OptionSpec(
                "kinds", Text("表样目录", "kinds"), .file,
                help: Text(
                    "用这个目录(seeds)中的表样，不连服务器", "take the kinds of this folder (seeds), without a server")),
        ],
        notes: [
            Text(
                "连不上服务器时使用上次取得的表样。个人信息在屏幕和清单中一律遮掩。",
                "Without a line the kinds of the last time are taken. What is personal is masked on the screen and in the list."
            )
        ])

    private static let remarked = OptionSpec(
        "remarked", Text("带说明的副本", "remarked copy"), .file,
        help: Text("另存一份原表，末列写明问题，格式不变", "write a copy of the file with a column that says what is wrong"))

    private static let encoding = OptionSpec(
        "encoding", Text("编码", "encoding"), .choice(encodings),
        help: Text("存为文本表格时：utf-8(默认，带BOM)或gb18030", "of a text table: utf-8 (default, with BOM) or gb18030"))

    private static let encodings = [
        Choice(["utf-8", "utf8"], Text("UTF-8", "UTF-8"), 0),
        Choice(["gb18030", "gbk"], Text("GB18030", "GB18030"), 1),
    ]

    private static let send = CommandSpec(
        .batchSend,
        Text(
            "报送一批数据：核对、分块传送、等待三次答复；中断后再次执行即续传",
            "send a table: checked, sent in chunks, three answers; run again, it goes on"),
        operands: [file],
        options: reading + [
            OptionSpec(
                "mode", Text("收取方式", "mode"), .choice(modes),
                help: Text("默认 whole：有一行不合格就整批不报", "whole by default: one faulty row and nothing is sent")),
            OptionSpec(
                "number", Text("批次号", "number"), .text,
                help: Text(
                    "小写字母、数字、连字符，至多40个，永不重复；默认自动编号",
                    "a–z, 0–9, hyphen, 40 at most, never used twice; made by default")),
            OptionSpec(
                "period", Text("所属期", "period"), .text,
                help: Text(
                    "种类要求时：2022、2022-H1、2022-Q1、2022-03 或 2022-03-10",
                    "where the kind asks: 2022, 2022-H1, 2022-Q1, 2022-03 or 2022-03-10")),
            OptionSpec(
                "detach", Text("不等待", "do not wait"), .flag,
                help: Text("收到“已接收”即结束，不等核验和入库", "end with STORED; do not wait for CHECKED and DONE")),
            .offline,
        ],
        notes: [
            Text(
                "同一个文件再次报送不会重复：已传的块不再传，已办完的直接给出原来的答复。每次答复的存证回执保存在配置文件旁边。",
                "The same file sent again does no harm: chunks that are there are not sent again, and what is done gives its first answers. "
                    + "The receipt of each answer is kept beside the profile.")
        ])

    private static let modes = [
        Choice(["whole", "整批"], Text("整批，有错不报", "all or nothing"), BatchMode.whole.rawValue),
        Choice(["good", "合格行"], Text("只报合格的行", "the good rows"), BatchMode.goodRows.rawValue),
    ]

    package static func mode(_ line: Invocation) -> BatchMode {
        line.choice("mode", BatchMode.self) ?? .whole
    }

    // MARK: What was sent

    private static let number = OperandSpec(
        Text("批次号", "NUMBER"), Text("批次号，或批次编号(32位十六进制)", "its number, or its id (32 hex digits)"))

    private static let ofParty = OptionSpec(
        "party", Text("报送单位", "sender"), .party,
        help: Text("谁的批次号；默认本单位", "whose number it is; the own party's by default"))

    private static let list = CommandSpec(
        .batchList, Text("列出批次", "list batches"),
        options: [
            kindFilter, OptionSpec("party", Text("报送单位", "sender"), .party),
            OptionSpec("stage", Text("进展", "stage"), .choice(stages)),
        ] + CommandTable.paging)

    private static let kindFilter = OptionSpec(
        "kind", Text("表的种类", "kind"), .text,
        help: Text("代码或名称，见 batch kinds", "code or name, see batch kinds"))

    private static let stages = [
        Choice(["stored", "已接收"], Text("已接收", "stored"), BatchStage.stored.rawValue),
        Choice(["checked", "已核验"], Text("已核验", "checked"), BatchStage.checked.rawValue),
        Choice(["done", "已入库"], Text("已入库", "done"), BatchStage.done.rawValue),
    ]

    private static let show = CommandSpec(
        .batchShow, Text("查看一批的进展、控制总数和三次答复", "show a batch: how far it is, its control totals, its answers"),
        operands: [number], options: [ofParty])

    private static let report = CommandSpec(
        .batchReport, Text("查看服务器核验出的问题", "show the faults that the server found"),
        operands: [number],
        options: [
            ofParty,
            OptionSpec(
                "csv", Text("表格文件", "CSV file"), .file, help: Text("另存为表格", "write them as a table")),
            OptionSpec(
                "file", Text("原表", "own file"), .file,
                help: Text("报送时的原表，用来写带说明的副本", "the file that was sent, for the remarked copy")),
            remarked, OptionSpec("sheet", Text("工作表", "sheet"), .text), encoding,
        ])

    // MARK: Rows back

    private static let out = OperandSpec(
        Text("存为", "OUT"), Text("新文件，已有的不覆盖", "a new file; one that is there is not written over"))

    private static let output: [OptionSpec] = [
        OptionSpec(
            "format", Text("格式", "format"), .choice(formats),
            help: Text("默认按文件名的后缀，否则 csv", "by the file's ending by default, else csv")),
        encoding,
    ]

    private static let formats = [
        Choice(["csv"], Text("CSV", "CSV"), RowTableFormat.csv.rawValue),
        Choice(["tsv"], Text("制表符分隔", "TSV"), RowTableFormat.tsv.rawValue),
        Choice(["xlsx"], Text("工作簿", "workbook"), RowTableFormat.xlsx.rawValue),
    ]

    private static let fetch = CommandSpec(
        .batchFetch, Text("取回一批已收的行，存为表格", "fetch the rows taken of a batch, as a table"),
        operands: [number, out], options: [ofParty] + output)

    private static let export = CommandSpec(
        .batchExport,
        Text("导出某种登记表的现状，或自某个位置以来的变化", "export a register as it stands, or what changed since a place"),
        operands: [
            OperandSpec(Text("表的种类", "KIND"), Text("代码或名称，见 batch kinds", "code or name, see batch kinds")),
            out,
        ],
        options: [
            OptionSpec(
                "since", Text("自何位置", "since"), .integer(0...Int.max),
                help: Text("上次导出给出的位置；默认全部", "the place that the last export told; all by default")),
            OptionSpec(
                "party", Text("报送单位", "sender"), .party,
                help: Text("只要这个单位报送的", "only rows that this party sent")),
        ] + output)

    private static let compare = CommandSpec(
        .batchCompare,
        Text(
            "对账：用自己的表与登记册逐行核对，列出不一致的行、列和各县合计的差额",
            "reconcile a table with the register: rows and columns that differ, and the totals by county"),
        operands: [file],
        options: reading + [
            OptionSpec(
                "party", Text("报送单位", "sender"), .party,
                help: Text(
                    "市局：只与这个单位报送的行核对；默认全部", "bureau: only with rows that this party sent; all by default")),
            OptionSpec(
                "period", Text("所属期", "period"), .text,
                help: Text("种类要求时，与报送时相同：如 2022", "where the kind asks, as when it was sent: such as 2022")),
            OptionSpec(
                "csv", Text("表格文件", "CSV file"), .file,
                help: Text("把全部不一致的行另存为表格", "write all rows that differ as a table")),
            encoding,
        ],
        notes: [
            Text(
                "只传送不一致之处，不传整张表。有不一致时退出码为12。",
                "Only what differs travels, never the table. Where something differs the exit code is 12.")
        ])

    private static let kinds = CommandSpec(
        .batchKinds,
        Text("列出表的种类；写明一种则列出它的栏目和要求", "list the kinds of batches; of one, its columns and rules"),
        operands: [
            OperandSpec(
                Text("种类", "KIND"), required: false, Text("代码或名称", "code or name"))
        ],
        options: [
            OptionSpec(
                "template", Text("空表", "template"), .file,
                help: Text("另存一份空表(.xlsx 或 .csv)供填写", "write an empty table to fill in (.xlsx or .csv)")),
            OptionSpec(
                "kinds", Text("表样目录", "kinds"), .file,
                help: Text(
                    "用这个目录(seeds)中的表样，不连服务器", "take the kinds of this folder (seeds), without a server")),
        ])

    /// The text encoding asked for.
    package static func encoding(_ line: Invocation) -> TextEncoding {
        if case .choice(1)? = line.values["encoding"]?.last { .gb18030 } else { .utf8 }
    }

    /// The format asked for, or what the file's ending says.
    package static func format(_ line: Invocation, path: String) -> RowTableFormat {
        if case .choice(let number)? = line.values["format"]?.last {
            return RowTableFormat(rawValue: number) ?? .csv
        }
        return RowTableFormat(path: path)
    }
}
