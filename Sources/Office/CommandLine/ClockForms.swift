import Exchange
package import Schema

/// Moving a demonstration clock on: the system administrator's, and of such a store alone (CASEWORK.md 5).
package enum ClockForms {
    /// The command and its target; nil when what was typed is no moment.
    package static func advance(_ line: Invocation) -> (command: Command.OneOf_Body, target: [UInt8])? {
        guard let to = TypedMoment.nanoseconds(line.operands.first ?? "") else { return nil }
        return (.advanceClock(AdvanceClock(to: to)), RosterTarget.clock.bytes)
    }

    package static func noMoment(_ line: Invocation) -> UsageError {
        UsageError(
            problem: Text(
                "“\(Screen.clean(line.operands.first ?? ""))”不是时间",
                "\(Screen.clean(line.operands.first ?? "")) is no time"),
            hint: Text("如 2022-03-01 或 2022-03-01T14:30", "such as 2022-03-01 or 2022-03-01T14:30"),
            command: line.name)
    }

    static func spec(_ name: CommandName) -> CommandSpec {
        CommandSpec(
            name, Text("把演示时钟向前拨(系统管理员)", "move the demonstration clock on (system administrator)"),
            operands: [
                OperandSpec(
                    Text("时间", "TIME"),
                    Text(
                        "如 2022-03-01(当日9时)或 2022-03-01T14:30",
                        "2022-03-01, which is nine o'clock then, or 2022-03-01T14:30"))
            ],
            notes: [
                Text(
                    "只能向前，一次至多\(Limits.clockAdvanceDays)天。经过的每一天逐日计算：亮灯、催办、督办、通报都记在各自的日期。只有建库时设定了演示时钟的库才有；正式的库一律拒绝。",
                    "Forward only, \(Limits.clockAdvanceDays) days at most. Every day passed is lived: lights and the steps of the ladder stand under their own dates. "
                        + "Only a store that was made with a demonstration clock has one; any other refuses.")
            ])
    }
}
