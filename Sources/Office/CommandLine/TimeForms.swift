import Exchange
package import Schema

/// The tables of time that the system administrator loads: one year of the working-day calendar, and the rules of supervision. The files have
/// the form of those in seeds/.
package enum TimeForms {
    /// The calendar's year is the file's name: `2027.csv`.
    private static func year(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name.hasSuffix(".csv") ? String(name.dropLast(4)) : name
    }

    /// What follows from the command line alone; nil for other commands, and for a file whose name is no year.
    package static func target(_ line: Invocation) -> [UInt8]? {
        switch line.name {
        case .calendarLoad: Int32(year(line.operands.first ?? "")).map { RosterTarget.calendar($0).bytes }
        case .supervisionLoad: RosterTarget.supervision.bytes
        default: nil
        }
    }

    /// Whether the command is one of these, which read a file.
    package static func readsFile(_ name: CommandName) -> Bool {
        name == .calendarLoad || name == .supervisionLoad
    }

    /// - Parameter text: of the file that the command names.
    package static func command(_ line: Invocation, _ text: String) throws(UsageError) -> Command.OneOf_Body?
    {
        let path = line.operands.first ?? ""
        do throws(SeedError) {
            return switch line.name {
            case .calendarLoad:
                .loadCalendar(try TimeTables.calendar(year: year(path), path: path, text: text))
            case .supervisionLoad: .loadSupervision(try TimeTables.supervision(path: path, text: text))
            default: nil
            }
        } catch {
            throw UsageError(problem: problem(error, path), command: line.name)
        }
    }

    private static func problem(_ error: SeedError, _ path: String) -> Text {
        let column = error.column.map { "“\($0)”列" } ?? ""
        return Text("文件 \(path) 第\(error.line)行\(column)有误：\(error.what)", error.text(of: path))
    }

    static func spec(_ name: CommandName) -> CommandSpec {
        switch name {
        case .calendarLoad:
            CommandSpec(
                name,
                Text(
                    "载入一个年度的工作日历(系统管理员)", "load one year of the working-day calendar (system administrator)"),
                operands: [file],
                notes: [
                    Text(
                        "文件名为年度，如 2027.csv，格式同 seeds/calendar；再次载入即取代该年度原表。载入后暂定的时限随即确定。",
                        "The file's name is the year, such as 2027.csv, in the form of seeds/calendar; loaded again it takes the place of what "
                            + "was there. Due dates that were tentative become firm.")
                ])
        case .supervisionLoad:
            CommandSpec(
                name, Text("载入督办规则(系统管理员)", "load the rules of supervision (system administrator)"),
                operands: [file],
                notes: [Text("格式同 seeds/supervision.csv。", "In the form of seeds/supervision.csv.")])
        default:
            CommandSpec(
                name, Text("列出已载入的工作日历和督办规则", "list the calendars and rules of supervision that are loaded"))
        }
    }

    private static let file = OperandSpec(Text("文件", "FILE"), Text("CSV 文件，UTF-8", "a CSV file, UTF-8"))
}
