/// A day, month or year as typed. Years have four digits and come first; what stands between the numbers is `.`, `-`, `/`, 年 月 日, or nothing in
/// `20230310`. A time behind a day is passed over. Five digits are a spreadsheet's serial number.
struct DayText {
    private let bytes: [UInt8]
    private let kind: CellKind
    private var numbers: [(value: Int, digits: Int)] = []
    /// What stands behind each number, one character; 0 at the end.
    private var marks: [UInt8] = []
    private var isWellFormed = true

    private static let nian = Array("年".utf8)
    private static let yue = Array("月".utf8)
    private static let days = [Array("日".utf8), Array("号".utf8)]
    /// Serials a cell may hold: 1927-05-18 to 2099-12-31, all of five digits.
    private static let serials = 10_000...73_050
    /// The day before a spreadsheet's serial 1, less one: it believes that 1900 had a 29 February.
    private static let serialZero = -25_569

    init(_ folded: [UInt8], _ kind: CellKind) {
        self.kind = kind
        bytes = Self.withoutTime(folded)
        var index = 0
        while index < bytes.count { isWellFormed = isWellFormed && takeNumber(&index) }
    }

    /// The common forms at once: four digits, a mark, one or two, the same mark, one or two. Nil: look closer.
    static func plainDay(_ bytes: [UInt8]) -> CivilDay? {
        guard (8...10).contains(bytes.count), [0x2D, 0x2E, 0x2F].contains(bytes[4]) else { return nil }
        var numbers = (0, 0, 0)
        var part = 0
        var digits = 0
        for byte in bytes {
            if byte == bytes[4] {
                guard digits > 0 else { return nil }
                (part, digits) = (part + 1, 0)
                continue
            }
            guard isDigit(byte), digits < (part == 0 ? 4 : 2) else { return nil }
            digits += 1
            switch part {
            case 0: numbers.0 = numbers.0 * 10 + Int(byte & 0x0F)
            case 1: numbers.1 = numbers.1 * 10 + Int(byte & 0x0F)
            case 2: numbers.2 = numbers.2 * 10 + Int(byte & 0x0F)
            default: return nil
            }
        }
        guard part == 2, digits > 0 else { return nil }
        return CivilDay(year: numbers.0, month: numbers.1, day: numbers.2)
    }

    /// Cuts off ` 00:00:00`, `T08:30:00.000`, ` 8:30`.
    private static func withoutTime(_ folded: [UInt8]) -> [UInt8] {
        guard let colon = folded.firstIndex(of: UInt8(ascii: ":")),
            let gap = folded[..<colon].lastIndex(where: { $0 == 0x20 || $0 == UInt8(ascii: "T") }),
            folded[(gap + 1)...].allSatisfy({
                isDigit($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
            })
        else { return folded.contains(0x20) ? folded.filter { $0 != 0x20 } : folded }
        return folded[..<gap].filter { $0 != 0x20 }
    }

    /// One number and the mark behind it. False for anything else.
    private mutating func takeNumber(_ index: inout Int) -> Bool {
        let start = index
        var value = 0
        while index < bytes.count, isDigit(bytes[index]), index - start < 9 {
            value = value * 10 + Int(bytes[index] - 0x30)
            index += 1
        }
        guard index > start else {
            index = bytes.count
            return false
        }
        numbers.append((value, index - start))
        guard index < bytes.count else {
            marks.append(0)
            return true
        }
        let mark = Self.mark(bytes[index...])
        marks.append(mark.sort)
        index += mark.length
        return mark.sort != 0
    }

    private static func mark(_ rest: ArraySlice<UInt8>) -> (sort: UInt8, length: Int) {
        switch rest.first {
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "/"): return (rest.first ?? 0, 1)
        default: break
        }
        if rest.starts(with: nian) { return (UInt8(ascii: "Y"), 3) }
        if rest.starts(with: yue) {
            return (UInt8(ascii: "M"), rest.dropFirst(3).elementsEqual("份".utf8) ? 6 : 3)
        }
        for word in days where rest.starts(with: word) { return (UInt8(ascii: "D"), 3) }
        return (0, rest.count)
    }

    func day() throws(CellFault) -> CivilDay {
        if isWellFormed, numbers.count == 1 { return try dayOfOneNumber() }
        guard isWellFormed, numbers.count == 3 else { throw CellFault(.notADate) }
        guard numbers[0].digits == 4 else {
            throw CellFault(numbers[0].digits == 2 && numbers[2].digits <= 2 ? .yearOfTwoDigits : .notADate)
        }
        guard hasMarks(of: 3), numbers[1].digits <= 2, numbers[2].digits <= 2 else {
            throw CellFault(.notADate)
        }
        return try Self.day(numbers[0].value, numbers[1].value, numbers[2].value)
    }

    private func dayOfOneNumber() throws(CellFault) -> CivilDay {
        let (value, digits) = numbers[0]
        guard marks[0] == 0 else { throw CellFault(.notADate) }
        if digits == 8 { return try Self.day(value / 10_000, value / 100 % 100, value % 100) }
        guard digits == 5, Self.serials.contains(value) else { throw CellFault(.notADate) }
        return CivilDay(dayNumber: Int32(value + Self.serialZero))
    }

    private static func day(_ year: Int, _ month: Int, _ day: Int) throws(CellFault) -> CivilDay {
        guard let found = CivilDay(year: year, month: month, day: day) else { throw CellFault(.noSuchDay) }
        return found
    }

    /// The marks go together: all alike, or 年月日 in their order; the last may be missing.
    private func hasMarks(of count: Int) -> Bool {
        guard marks.count == count else { return false }
        let chinese: [UInt8] = [UInt8(ascii: "Y"), UInt8(ascii: "M"), UInt8(ascii: "D")]
        let last = marks[count - 1]
        if marks[0] == chinese[0] {
            return marks[..<(count - 1)].elementsEqual(chinese[..<(count - 1)])
                && (last == 0 || last == chinese[count - 1])
        }
        return marks[..<(count - 1)].allSatisfy { $0 == marks[0] } && last == 0
    }

    /// `2023.3`, `202303`, `2023年3月`, or the first day of a month.
    func month() throws(CellFault) -> (year: Int, month: Int) {
        guard isWellFormed else { throw CellFault(.notAMonth) }
        switch numbers.count {
        case 1: return try monthOfOneNumber()
        case 2:
            guard numbers[0].digits == 4, numbers[1].digits <= 2, hasMarks(of: 2) else {
                throw CellFault(.notAMonth)
            }
            return try Self.month(numbers[0].value, numbers[1].value)
        default:
            guard let day = try? day(), day.day == 1 else { throw CellFault(.notAMonth) }
            return (day.year, day.month)
        }
    }

    private func monthOfOneNumber() throws(CellFault) -> (year: Int, month: Int) {
        let (value, digits) = numbers[0]
        guard marks[0] == 0 else { throw CellFault(.notAMonth) }
        if digits == 6 { return try Self.month(value / 100, value % 100) }
        guard let day = try? dayOfOneNumber(), day.day == 1 else { throw CellFault(.notAMonth) }
        return (day.year, day.month)
    }

    private static func month(_ year: Int, _ month: Int) throws(CellFault) -> (year: Int, month: Int) {
        guard CivilDay(year: year, month: month, day: 1) != nil else { throw CellFault(.notAMonth) }
        return (year, month)
    }

    /// `2023.1`: a spreadsheet that took 2023.10 for a number has dropped the zero.
    var mayHaveLostZero: Bool {
        numbers.count == 2 && marks[0] == UInt8(ascii: ".") && numbers[1] == (1, 1)
    }

    /// `2023`, `2023年`, `2023年度`.
    func year() throws(CellFault) -> Int {
        let isPlain = isWellFormed && (marks.first == 0 || marks.first == UInt8(ascii: "Y"))
        let isOfWords = bytes.count == 10 && bytes.suffix(6).elementsEqual("年度".utf8)
        guard numbers.count == 1, numbers[0].digits == 4, isPlain || isOfWords else {
            throw CellFault(.notAYear)
        }
        return numbers[0].value
    }
}
