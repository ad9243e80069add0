/// google.protobuf.Duration and Timestamp: seconds and nanoseconds.
struct ProtoTime {
    var seconds: Int64
    var nanos: Int32

    private static let mostSeconds: Int64 = 315_576_000_000

    init(seconds: Int64, nanos: Int32) {
        self.seconds = seconds
        self.nanos = nanos
    }

    /// `-1.5s`: at most nine digits behind the point.
    init?(duration text: String) {
        guard text.hasSuffix("s") else { return nil }
        let isNegative = text.hasPrefix("-")
        let parts = text.dropLast().drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), text.filter({ $0 == "-" }).count == (isNegative ? 1 : 0),
            let whole = Self.digits(parts[0], most: 12),
            let nanos = Self.nanos(parts.count > 1 ? parts[1] : nil),
            whole < Self.mostSeconds || (whole == Self.mostSeconds && nanos == 0)
        else { return nil }
        seconds = isNegative ? -whole : whole
        self.nanos = isNegative ? -nanos : nanos
    }

    /// RFC 3339: `2026-01-02T03:04:05.678+08:00`.
    init?(timestamp text: String) {
        let bytes = Array(text)
        guard bytes.count >= 20, text.utf8.count == bytes.count, bytes[4] == "-", bytes[7] == "-",
            bytes[10] == "T",
            bytes[13] == ":", bytes[16] == ":",
            let year = Self.digits(text.prefix(4), most: 4), let month = Self.two(bytes, 5),
            let day = Self.two(bytes, 8), let hour = Self.two(bytes, 11), let minute = Self.two(bytes, 14),
            let second = Self.two(bytes, 17), (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.days(in: month, of: year), hour < 24, minute < 60, second < 60
        else { return nil }
        var rest = bytes[19...]
        var fraction: Substring?
        if rest.first == "." {
            let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
            fraction = Substring(String(digits))
            rest = rest.dropFirst(digits.count + 1)
        }
        guard let nanos = Self.nanos(fraction), let offset = Self.offset(String(rest)) else { return nil }
        let day0 = Self.dayNumber(year, month, day)
        seconds = day0 * 86_400 + hour * 3600 + minute * 60 + second - offset
        self.nanos = nanos
        guard isInCalendar else { return nil }
    }

    var bytes: [UInt8] {
        let first = seconds == 0 ? [] : ProtoBytes.tag(1, 0) + ProtoBytes.varint(UInt64(bitPattern: seconds))
        return first
            + (nanos == 0 ? [] : ProtoBytes.tag(2, 0) + ProtoBytes.varint(UInt64(bitPattern: Int64(nanos))))
    }

    /// Nil when out of range, or seconds and nanoseconds differ in sign.
    var durationText: String? {
        guard (-Self.mostSeconds...Self.mostSeconds).contains(seconds),
            (-999_999_999...999_999_999).contains(nanos),
            !(seconds > 0 && nanos < 0), !(seconds < 0 && nanos > 0)
        else { return nil }
        let sign = seconds < 0 || nanos < 0 ? "-" : ""
        return "\(sign)\(seconds.magnitude)\(Self.fraction(nanos.magnitude))s"
    }

    /// Nil outside the years 1 to 9999.
    var timestampText: String? {
        guard isInCalendar, (0...999_999_999).contains(nanos) else { return nil }
        let rest = (seconds % 86_400 + 86_400) % 86_400
        let day = (seconds - rest) / 86_400
        let (year, month, date) = Self.civil(day)
        let clock = [rest / 3600, rest / 60 % 60, rest % 60].map { Self.padded($0, 2) }.joined(separator: ":")
        let civil = [Self.padded(year, 4), Self.padded(month, 2), Self.padded(date, 2)].joined(separator: "-")
        return "\(civil)T\(clock)\(Self.fraction(UInt32(nanos)))Z"
    }

    /// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
    private var isInCalendar: Bool { (-62_135_596_800...253_402_300_799).contains(seconds) }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    /// Three, six or nine digits.
    private static func fraction(_ nanos: UInt32) -> String {
        if nanos == 0 { return "" }
        let digits = padded(Int64(nanos), 9)
        for count in [3, 6] where digits.dropFirst(count).allSatisfy({ $0 == "0" }) {
            return "." + digits.prefix(count)
        }
        return "." + digits
    }

    private static func digits(_ text: some StringProtocol, most: Int) -> Int64? {
        guard !text.isEmpty, text.utf8.count <= most, text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int64(text)
    }

    private static func two(_ text: [Character], _ at: Int) -> Int64? {
        digits(String(text[at..<at + 2]), most: 2)
    }

    private static func nanos(_ fraction: Substring?) -> Int32? {
        guard let fraction else { return 0 }
        guard digits(fraction, most: 9) != nil else { return nil }
        return Int32(fraction + String(repeating: "0", count: 9 - fraction.count))
    }

    /// `Z`, `+08:00`, in seconds.
    private static func offset(_ text: String) -> Int64? {
        if text == "Z" { return 0 }
        let bytes = Array(text)
        guard bytes.count == 6, bytes[3] == ":", bytes[0] == "+" || bytes[0] == "-",
            let hours = two(bytes, 1),
            let minutes = two(bytes, 4), hours < 24, minutes < 60
        else { return nil }
        return (bytes[0] == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        let next = month == 12 ? dayNumber(year + 1, 1, 1) : dayNumber(year, month + 1, 1)
        return next - dayNumber(year, month, 1)
    }

    /// Days since 1970-01-01 of a day of the Gregorian calendar; years from 0 on.
    private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        // Years that begin in March, so that the odd day is the last.
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(_ number: Int64) -> (Int64, Int64, Int64) {
        let z = number + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}
