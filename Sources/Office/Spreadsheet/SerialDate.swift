/// Days as spreadsheets count them (ECMA-376 part 1, 18.17.4): from 1900, with a 29th of February in that year that never was, or from 1904.
enum SerialDate {
    /// 9999-12-31 in the 1900 system.
    private static let last1900 = 2_958_465
    private static let between = 1_462

    /// The day of a serial number; nil: none. 0 (a blank date) and 60 (1900-02-29) are no days in the 1900 system.
    static func day(_ serial: Int, from1904: Bool) -> CellDate? {
        if from1904 {
            guard (0...last1900 - between).contains(serial) else { return nil }
            return civil(serial + between)
        }
        guard (1...last1900).contains(serial), serial != 60 else { return nil }
        return civil(serial < 60 ? serial + 1 : serial)
    }

    /// The serial number in the 1900 system; nil when there is no such day or it is before 1900-03-01 (where counts differ between programs).
    static func serial(_ date: CellDate) -> Int? {
        guard (1900...9999).contains(date.year), (1...12).contains(date.month), (1...31).contains(date.day)
        else {
            return nil
        }
        let shifted = date.month > 2 ? (date.year, date.month - 3) : (date.year - 1, date.month + 9)
        let days =
            shifted.0 * 365 + shifted.0 / 4 - shifted.0 / 100 + shifted.0 / 400
            + (153 * shifted.1 + 2) / 5 + date.day - 1
        let serial = days - epoch
        guard serial >= 61, let back = day(serial, from1904: false), back.month == date.month,
            back.day == date.day
        else { return nil }
        return serial
    }

    /// Days from 0000-03-01 to 1899-12-30.
    private static let epoch = 693_899

    /// The day that is `days` after 1899-12-30, for any day of the years 1900 to 9999.
    private static func civil(_ days: Int) -> CellDate {
        // Years are counted from March, so that the leap day is a year's last.
        let since = days + epoch
        let era = since / 146_097
        let dayOfEra = since % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return CellDate(year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month, day: day)
    }

    /// `2023-03-10` or `2023-03-10T08:30:00` with any fraction and zone left out (cells of type `d`); nil: no such day.
    static func iso(_ text: String) -> CellDate? {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count, bytes[range].allSatisfy({ (0x30...0x39).contains($0) })
            else {
                return nil
            }
            return bytes[range].reduce(0) { $0 * 10 + Int($1) - 0x30 }
        }
        guard bytes.count >= 10, bytes[4] == 0x2D, bytes[7] == 0x2D, let year = number(0..<4),
            let month = number(5..<7), let day = number(8..<10)
        else { return nil }
        var date = CellDate(year: year, month: month, day: day)
        guard serial(date) != nil else { return nil }
        if bytes.count == 10 { return date }
        guard bytes.count >= 16, bytes[10] == UInt8(ascii: "T"), bytes[13] == 0x3A,
            let hour = number(11..<13),
            let minute = number(14..<16), hour < 24, minute < 60
        else { return nil }
        let second = bytes.count >= 19 && bytes[16] == 0x3A ? number(17..<19) : 0
        guard let second, second < 60 else { return nil }
        let seconds = hour * 3_600 + minute * 60 + second
        date.seconds = seconds == 0 ? nil : seconds
        return date
    }
}
