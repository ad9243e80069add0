package import Exchange

/// What is said of a fault: where it stands, what was read, what is wrong, and the mend. DOMAIN.md 4.
///
///     第7行“身份证号”(C列)：421*************23，校验位不符，应为X，请核对原件
package enum FaultTexts {
    /// A whole sentence.
    package static func line(_ fault: TableFault) -> Text {
        let read = shown(fault)
        let (what, mend) = what(fault.fault)
        let place = place(fault)
        return Text(
            "\(place.zh)：\(read.isEmpty ? "" : "\(read)，")\(what.zh)，\(mend.zh)",
            "\(place.en): \(read.isEmpty ? "" : "\(read): ")\(what.en); \(mend.en)")
    }

    /// The same without the row: for a remark beside it.
    package static func remark(_ fault: TableFault) -> Text {
        let (what, mend) = what(fault.fault)
        guard !fault.heading.isEmpty else { return Text("\(what.zh)，\(mend.zh)", "\(what.en); \(mend.en)") }
        return Text("“\(fault.heading)”\(what.zh)，\(mend.zh)", "“\(fault.heading)” \(what.en); \(mend.en)")
    }

    static func place(_ fault: TableFault) -> Text {
        let column = fault.column.map(columnLetters)
        let heading = fault.heading
        return Text(
            "第\(fault.row)行\(heading.isEmpty ? "" : "“\(heading)”")\(column.map { "(\($0)列)" } ?? "")",
            "row \(fault.row)\(heading.isEmpty ? "" : ", “\(heading)”")\(column.map { " (column \($0))" } ?? "")"
        )
    }

    /// What was read, under the one masking rule where it is of a person, or looks like a person's number that stands in a wrong column.
    package static func shown(_ fault: TableFault) -> String {
        // Nobody typed the word that stands for a formula without a result.
        guard fault.read != SheetTable.uncalculated else { return "" }
        let read = Screen.clean(fault.read)
        return fault.isPersonal || hasLongNumber(read) ? masked(read) : read
    }

    private static func hasLongNumber(_ text: String) -> Bool {
        var digits = 0
        for scalar in foldedFullWidth(text).unicodeScalars {
            digits = ("0"..."9").contains(scalar) ? digits + 1 : scalar == " " || scalar == "-" ? digits : 0
            if digits >= 11 { return true }
        }
        return false
    }

    package static func what(_ fault: CellFault) -> (what: Text, mend: Text) {
        let first = argument(fault, 0)
        let second = argument(fault, 1)
        return cell(fault.code, first, second) ?? number(fault.code, first, second)
            ?? across(fault, first, second) ?? file(fault.code, first, second)
    }

    private static func argument(_ fault: CellFault, _ index: Int) -> String {
        index < fault.arguments.count ? Screen.clean(fault.arguments[index]) : ""
    }

    private static let fill = Text("请补填", "fill it in")
    private static let original = Text("请核对原件", "check the original")

    private static func cell(_ code: FaultCode, _ first: String, _ second: String) -> (Text, Text)? {
        switch code {
        case .missing: (Text("未填写", "empty"), fill)
        case .tooLong:
            (
                Text("太长(\(second)字，最多\(first)字)", "too long (\(second) characters, at most \(first))"),
                Text("请精简", "shorten it")
            )
        case .damaged:
            (
                Text("含有无法识别的字符，保存或转换时已损坏", "has characters that were lost in saving or converting"),
                Text("请对照原表重新填写该格，并以UTF-8或GB18030保存", "type the cell again and save as UTF-8 or GB18030")
            )
        case .control:
            (
                Text("含有看不见的控制字符", "has invisible control characters"),
                Text("请删除后重新输入该格", "type the cell again")
            )
        case .classified:
            (
                Text("疑似涉密内容(\(GuardRules.of(first).zh))", "looks classified (\(GuardRules.of(first).en))"),
                Text("请删除，本系统不得传输涉密信息", "remove it: nothing classified may be sent")
            )
        case .cardNumber:
            (
                Text("疑似优待证或军人保障卡的卡号", "looks like the number of a bank card"),
                Text("请删除，卡号不得报送", "remove it: card numbers are never sent")
            )
        case .formula where first == SheetTable.uncalculated:
            (
                Text("是公式，没有计算结果", "is a formula without a result"),
                Text("请在WPS或Excel中打开并保存后再报送", "open the file in WPS or Excel and save it")
            )
        case .formula:
            (
                Text("是公式的错误值\(first)", "is a formula's error \(first)"),
                Text("请改正公式或直接填写数值", "mend the formula or type the value")
            )
        case .notAChoice:
            (
                Text("不是可填的内容", "none of the values there are"),
                Text(
                    "请填：\(first)\(second.isEmpty ? "" : "、\(second)等")",
                    "one of: \(first)\(second.isEmpty ? "" : ", \(second) …")")
            )
        case .notListed: (notListed(first), Text("请按规范名称填写", "use the official name"))
        case .notYesNo: (Text("不是“是”或“否”", "neither yes nor no"), Text("请填“是”或“否”", "type 是 or 否"))
        default: days(code, first)
        }
    }

    private static func notListed(_ list: String) -> Text {
        switch list {
        case "county": Text("不是本市的县(市、区)", "no county of this city")
        case "party": Text("不是已登记的单位", "no registered party")
        default: Text("不在代码表中", "not in the code list “\(list)”")
        }
    }

    private static func days(_ code: FaultCode, _ first: String) -> (Text, Text)? {
        switch code {
        case .notADate:
            (Text("不是日期", "no date"), Text("请按2023-03-10的样式填写", "write it as 2023-03-10"))
        case .noSuchDay: (Text("没有这一天", "no such day"), original)
        case .yearOfTwoDigits:
            (
                Text("年份只有两位", "the year has two digits"),
                Text("请写四位年份，如2023-03-10", "write four, as in 2023-03-10")
            )
        case .notAMonth:
            (Text("不是年月", "no month"), Text("请按2023-03的样式填写", "write it as 2023-03"))
        case .monthDoubtful:
            (
                Text(
                    "按\(first.isEmpty ? "1月" : first)读取，也可能是10月丢了末尾的0",
                    "read as January; it may be October without its 0"),
                Text("请核对，该列设为“文本”后按2023-10填写", "check it, and write months as text: 2023-10")
            )
        case .notAYear: (Text("不是年份", "no year"), Text("请填四位年份，如2023", "write four digits, as in 2023"))
        default: nil
        }
    }

    private static func number(_ code: FaultCode, _ first: String, _ second: String) -> (Text, Text)? {
        switch code {
        case .identityFifteen:
            (
                Text("是15位旧号，已停用", "is an old number of 15 digits"),
                Text("请填18位身份证号", "write the one of 18 characters")
            )
        case .identityLength, .creditLength:
            (Text("是\(first)位，应为18位", "has \(first) characters, not 18"), original)
        case .identityCharacter:
            (Text("第\(first)位不是数字", "character \(first) is no digit"), original)
        case .identityBirth: (Text("其中的出生日期不存在", "the birth date in it does not exist"), original)
        case .identityCheck, .creditCheck:
            (Text("校验位不符，应为\(first)", "the check character should be \(first)"), original)
        case .identityRuined, .creditRuined:
            (
                Text("已被表格软件改成数字，后几位丢失", "was made a number by the spreadsheet; its last digits are lost"),
                Text("无法恢复，请从原系统把该列设为“文本”后重新导出", "export it again with the column set to text")
            )
        case .identityDoubtful:
            (
                Text("末三位是000，可能是被表格软件截断的", "ends in 000: a spreadsheet may have cut it"), original
            )
        case .creditCharacter:
            (
                Text("第\(first)位不是信用代码的字符(没有I、O、S、V、Z)", "character \(first) is none of such a code"),
                original
            )
        case .notAnAmount:
            (Text("不是金额", "no amount"), Text("请只填数字，单位元，如1234.50", "write it in yuan, as in 1234.50"))
        case .partOfFen:
            (Text("精确到分以下", "finer than a fen"), Text("请按两位小数填写", "write two decimals"))
        case .notANumber: (Text("不是数字", "no number"), Text("请只填数字", "write digits only"))
        case .notWhole: (Text("不是整数", "not a whole number"), Text("请填整数", "write a whole number"))
        case .tooManyPlaces:
            (
                Text("小数多于\(first)位", "more than \(first) decimals"),
                Text("请最多保留\(first)位小数", "write at most \(first)")
            )
        case .outOfRange:
            (Text("超出范围(\(first)至\(second))", "outside \(first) to \(second)"), original)
        case .otherUnit:
            (
                Text("单位不是“\(first)”", "in another unit than \(first)"),
                Text("请换算成\(first)后只填数字", "convert it and write the number alone")
            )
        case .notAPhone:
            (
                Text("不是一个电话号码", "not one telephone number"),
                Text("请填一个手机号或带区号的固定电话", "write one mobile number, or one with its area code")
            )
        default: nil
        }
    }

    private static func across(_ fault: CellFault, _ first: String, _ second: String) -> (Text, Text)? {
        let all = fault.arguments.map { Screen.clean($0) }.joined(separator: "”“")
        switch fault.code {
        case .missingWhen:
            return (Text("未填写，而“\(first)”为\(second)", "empty while “\(first)” is \(second)"), fill)
        case .above:
            return (
                Text("大于或晚于“\(first)”(\(second))", "above or later than “\(first)” (\(second))"), original
            )
        case .noneOf:
            return (Text("“\(all)”都未填写", "none of “\(all)” is filled"), Text("请至少填一项", "fill one of them"))
        case .severalOf:
            return (
                Text("“\(all)”只能填一项", "only one of “\(all)” may be filled"),
                Text("请删去多余的", "clear the others")
            )
        case .sumDiffers:
            return (Text("与各分项之和\(first)不符", "not the sum of its parts, \(first)"), original)
        case .birthDiffers:
            return (Text("与身份证号中的出生日期不一致", "not the birth date in the ID number"), original)
        case .notEmpty:
            return (
                Text(
                    "“\(first)”为\(second.isEmpty ? "空" : second)时不应填写",
                    "should be empty while “\(first)” is \(second.isEmpty ? "empty" : second)"),
                Text("请删去，或改正“\(first)”", "clear it, or mend “\(first)”")
            )
        case .repeated:
            return (
                Text("与第\(first)行重复", "the same as row \(first)"), Text("请只保留一行", "keep one of them")
            )
        case .ofAnotherSender:
            return (
                Text("这一条是 \(first) 报送的", "this entry was sent by \(first)"),
                Text("请与该单位核对，或由市局更正", "settle it with them, or let the bureau correct it")
            )
        default: return nil
        }
    }

    private static func file(_ code: FaultCode, _ first: String, _ second: String) -> (Text, Text) {
        switch code {
        case .tooManyCells:
            (
                Text("这一行的格数多于表头，可能有多余的分隔符", "more cells than headings: there may be a separator too many"),
                Text("请检查内容中的逗号，有逗号的格应加引号", "look for separators within a cell and quote it")
            )
        case .strayQuote:
            (
                Text("有不成对的引号", "a quote that has no partner"),
                Text("请删去多余的引号，或把内容中的引号写成两个", "remove it, or write quotes within a cell twice")
            )
        case .columnMissing: (Text("缺少这一列", "this column is missing"), Text("请补上这一列", "add it"))
        case .columnTwice:
            (Text("与\(first)列是同一项", "the same field as column \(first)"), Text("请只保留一列", "keep one of them"))
        case .columnUnit:
            (
                Text(
                    "单位“\(first)”无法换算为“\(second)”", "the unit “\(first)” cannot be converted to “\(second)”"),
                Text("请换算成“\(second)”并改正表头", "convert to “\(second)” and mend the heading")
            )
        case .columnUnknown:
            (
                Text("本类表没有这一列，未读取", "no column of this kind, not read"),
                Text("如有用请填在备注中", "if it matters, use the remarks")
            )
        case .cardColumn:
            (
                Text("卡号不得报送，未读取", "card numbers are never sent, not read"),
                Text("请从文件中删去这一列", "remove the column")
            )
        case .totalDiffers:
            (
                Text("合计行为\(first)，各行之和为\(second)", "the totals say \(first), the rows make \(second)"),
                Text("请核对是否缺行或重行", "see whether rows are missing or twice")
            )
        default:
            (
                Text("内容不符合规范格式", "not in canonical form"),
                Text("请用客户端重新读取原表后发送", "send it again from the original table")
            )
        }
    }
}
