import CLinux
import Foundation

/// Dossiers of a town as an office saves them: GB18030 with commas, a title, days with points, county names shortened, a small x. The same number
/// of rows gives the same file, and any row can be made without the others.
struct BatchTown {
    private static let names = ["示例", "随县", "曾都", "广水", "淅河", "厉山"]
    private static let counties = [("421303", "曾都区"), ("421321", "随县"), ("421381", "广水"), ("421303", "曾都")]
    static let headings =
        "序号,姓名,身份证号,性别,出生日期,县(市、区),乡镇(街道),家庭住址,联系电话,人员类别,入伍日期,退役日期,残疾等级,学历,是否就业,更新日期,更新类型,备注"
    /// Days from 1940 on in which people were born.
    private static let days = 20_000
    private static let rowsAtOnce = 2_000

    let rows: Int
    /// Another edition has the same people with other telephone numbers.
    var edition = 0

    /// Writes the file, a piece at a time.
    func write(to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw BenchError("\(path) cannot be written") }
        defer { try? handle.close() }
        try put("随州市退役军人建档立卡信息更新表\r\n填报单位：测算,,日期：2022.12.31\r\n\(Self.headings)\r\n", handle)
        for first in stride(from: 0, to: rows, by: Self.rowsAtOnce) {
            try put((first..<min(first + Self.rowsAtOnce, rows)).map(row).joined(), handle)
        }
        try put("合计,\(rows)人\r\n", handle)
    }

    private func put(_ text: String, _ handle: FileHandle) throws {
        let bytes = Array(text.utf8)
        var gbk = [UInt8](repeating: 0, count: bytes.count * 2 + 16)
        let room = gbk.count
        let count = clinux_convert("GB18030", "UTF-8", bytes, bytes.count, &gbk, room)
        guard count > 0, count <= room else { throw BenchError("this machine has no GB18030") }
        try handle.write(contentsOf: Data(gbk.prefix(count)))
    }

    func row(_ index: Int) -> String {
        let (code, county) = Self.counties[index % 4]
        let day = index % Self.days
        let (year, month, date) = (1940 + day / 336, day / 28 % 12 + 1, day % 28 + 1)
        // Odd: a man. Rows of one birthday differ in their sequence.
        let sequence = (index / Self.days) % 499 * 2 + 1
        let number = code + digits(year, 4) + digits(month, 2) + digits(date, 2) + digits(sequence, 3)
        let served = year + 18
        let cells = [
            "\(index + 1)", "示例\(Self.names[index % 6])\(index % 97)", number + check(number), "男",
            "\(year).\(month).\(date)", county, "示例街道", "示例路\(index % 300)号",
            "138\(digits(edition % 10_000, 4))\(digits(index % 10_000, 4))",
            "退役军人", "\(served).9.1", "\(served + 3).12.1", "", "高中", index % 3 == 0 ? "否" : "是",
            "2022.\(index % 12 + 1).15", "修改", "",
        ]
        return cells.joined(separator: ",") + "\r\n"
    }

    /// ISO 7064 MOD 11-2, a small x as people type it.
    private func check(_ number: String) -> String {
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(number.utf8, weights).reduce(0) { $0 + (Int($1.0) - 0x30) * $1.1 }
        return ["1", "0", "x", "9", "8", "7", "6", "5", "4", "3", "2"][sum % 11]
    }

    private func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
