internal import Exchange
package import Schema

/// What the registers hold of one person, found and erased for good (BATCH.md 5). The ID number is an option and no operand, so that it can be left out and asked for, or read from a
/// file: what stands on a command line stays in the shell's history.
package enum PersonForms {
    /// What must be typed before anything is erased.
    package static let confirmation = Text("不再可读", "unreadable")

    /// What will be unreadable, and what will not: shown before it is confirmed.
    package static let consequence = Text(
        "登记册和各批次中此人的每一行(姓名、身份证号和同一行的各栏)将不再可读：取回、导出、对账、统计都不再有，谁也不能恢复。其他人的行不变。密钥备份全部过期后彻底完成，答复中写明日期。",
        "Every row about this person in the registers and batches (name, ID number and all else in the row) will be unreadable: gone from fetch, export, compare and figures, and nobody can bring it back. "
            + "All other rows stay. Complete when the last key backup has expired: the answer says the date.")

    package static let nobody = Text(
        "登记册中没有此人的行，或者已经删除。", "The registers have no row about this person, or it was erased before.")

    static func spec(_ name: CommandName) -> CommandSpec {
        guard name == .personErase else {
            return CommandSpec(
                name,
                Text(
                    "登记册中有没有某人的行(市局审批)",
                    "whether the registers hold rows about a person (the bureau's approver)"),
                options: [idNumber],
                notes: [Text("每次查找都记入审计记录，不记身份证号。", "Every look is in the trail, without the number.")])
        }
        return CommandSpec(
            name,
            Text(
                "删除登记册中某人的全部数据，不可恢复(市局审批)",
                "erase a person from all registers, for good (the bureau's approver)"),
            options: [idNumber, basis, confirm], notes: [consequence])
    }

    private static let idNumber = OptionSpec(
        "id-number", Text("身份证号", "ID number"), .text, required: true,
        help: Text(
            "18位；为免留在命令历史中，可不写而按提示输入，或用 @文件、@-",
            "18 characters; to keep it out of the shell's history leave it out and type it when asked, or give @FILE or @-"
        ))

    private static let basis = OptionSpec(
        "basis", Text("依据", "basis"), .text, required: true,
        help: Text("申请书或批准文件的编号，不写姓名", "number of the application or order, no name"))

    private static let confirm = OptionSpec(
        "confirm", Text("确认", "confirmation"), .text, required: true,
        help: Text("写“\(confirmation.zh)”", "type: \(confirmation.en)"))

    /// Everything but the confirmation, which is asked for when it is known whose rows they are.
    package static func unconfirmed(_ spec: CommandSpec) -> CommandSpec {
        var spec = spec
        spec.options.removeAll { $0.name == confirm.name }
        return spec
    }

    /// The number as rows have it.
    /// - Throws: what is wrong with it, in the server's own words; never the number.
    package static func number(_ line: Invocation) throws(UsageError) -> String {
        do {
            return String(
                decoding: try IdentityNumber(line.text(idNumber.name) ?? "").characters, as: UTF8.self)
        } catch {
            let why = FieldProblems.of(error.word)
            throw UsageError(
                problem: Text("身份证号填写有误：\(why.zh)", "the ID number is not right: \(why.en)"),
                command: line.name)
        }
    }

    /// - Throws: it was not confirmed with the word of either language.
    package static func checkConfirmed(_ line: Invocation) throws(UsageError) {
        let typed = line.text(confirm.name) ?? ""
        guard ![confirmation.zh, confirmation.en].contains(typed) else { return }
        throw UsageError(
            problem: Text("确认的字样不对，什么也没有删除", "it was not confirmed, and nothing was erased"),
            hint: Text("确认请写 --confirm \(confirmation.zh)", "to confirm give --confirm \(confirmation.en)"),
            command: line.name)
    }

    package static func command(_ line: Invocation) -> Command.OneOf_Body {
        .erasePerson(ErasePerson(basis: line.text(basis.name) ?? ""))
    }
}
