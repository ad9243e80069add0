import TestSupport
import Testing

@testable import Exchange

/// A kind with one field of each format, to check values by.
private let sample = """
    version,1
    kind,sample,示例
    form,flow
    period,field,day
    key,id
    person,id
    sum,money|count|hours
    rule,at-most,low,high
    rule,one-of,a|b
    rule,only-one-of,c|d
    rule,sum,count,low|high
    rule,birth,born,id
    rule,empty-unless,note,ok,yes
    field,heading,aliases,format,required,values,unit,personal,carry
    id,身份证号,,id-number,yes,,,yes,
    day,日期,,date,yes,,,,
    money,金额,,money,no,-5..1000,元,,
    count,人数,,integer,no,0..100,人,,
    hours,时长,,decimal(1),no,0..99.5,小时,,
    low,低,,integer,no,,,,
    high,高,,integer,no,,,,
    a,甲,,text(5),no,,,,
    b,乙,,name(5),no,,,,
    c,丙,,phone,no,,,,
    d,丁,,credit-code,no,,,,
    born,出生,,date,no,,,,
    month,月,,month,no,,,,
    year,年,,year,no,2000..2030,,,
    county,县,,county,no,,,,
    sort,类,,choice,no,x=甲类/一类|y=乙类,,,
    ok,是否,,yes-no,no,,,,
    note,说明,,text(20),sort=y,,,,
    """

@Suite("Row checks: the same before sending and on the server (issue 5)")
struct RowCheckerTests {
    private static let start = ["id": "421303199001011234", "day": "2023-03-10", "a": "甲", "c": "3223456"]

    private func checker() throws -> RowChecker {
        try RowChecker(
            kind: try BatchKindFile.kind(path: "batches/sample.csv", text: sample),
            lists: try BatchFiles.lists())
    }

    private func row(_ kind: BatchKind, _ values: [String: String]) -> CellRow {
        let all = Self.start.merging(values) { $1 }
        return CellRow(number: 1, texts: kind.fields.map { all[$0.code] ?? "" })
    }

    /// Canonical text of one field, or the codes of the faults.
    private func value(
        _ field: String, _ typed: String, _ kind: CellKind = .text, with others: [String: String] = [:]
    )
        throws -> String
    {
        var checker = try checker()
        let index = try #require(checker.kind.index(of: field))
        var cells = CellRow()
        let all = Self.start.merging(others) { $1 }.merging([field: typed]) { $1 }
        for (position, one) in checker.kind.fields.enumerated() {
            let text = all[one.code] ?? ""
            cells.append(Array(text.utf8), text.isEmpty ? .empty : position == index ? kind : .text)
        }
        guard checker.check(cells) else {
            return checker.faults.map { "!" + $0.fault.code.rawValue }.joined()
        }
        let places = try CanonicalRow.fields(checker.canonical, fields: checker.kind.fields.count)
        let text = String(decoding: checker.canonical[places[index]], as: UTF8.self)
        return text + checker.faults.map { "?" + $0.fault.code.rawValue }.joined()
    }

    @Test("what spreadsheets call numbers, days and flags")
    func spreadsheetCells() throws {
        #expect(try value("money", "0.30000000000000004", .number) == "30")
        #expect(try value("money", "0.30000000000000004", .text) == "!part-of-fen")
        #expect(try value("money", "1.5E2", .number) == "15000")
        #expect(try value("hours", "54.499999999999996", .number) == "54.5")
        #expect(try value("id", "421303199001011234", .number) == "!id-ruined")
        #expect(try value("id", "4.21303199001011E+17", .number) == "!id-ruined")
        #expect(try value("day", "45000", .number) == "2023-03-15")
        #expect(try value("day", "2023-03-10 08:30:00", .date) == "2023-03-10")
        #expect(try value("month", "2023.1", .number) == "2023-01?month-doubtful")
        #expect(try value("ok", "1", .flag) == "yes" && value("ok", "0", .flag) == "no")
        #expect(try value("a", "#N/A", .error) == "!formula")
    }

    @Test("canonical texts of each format")
    func canonical() throws {
        #expect(try value("id", "42130319850315234x") == "42130319850315234X")
        #expect(try value("money", "￥1,000.00元") == "100000" && value("money", "-5") == "-500")
        #expect(
            try value("money", "-5.01") == "!out-of-range" && value("money", "1000.01") == "!out-of-range")
        #expect(
            try value("hours", "7") == "7.0" && value("hours", "99.5") == "99.5"
                && value("hours", "99.6") == "!out-of-range")
        #expect(try value("year", "2023年度") == "2023" && value("year", "1999") == "!out-of-range")
        #expect(try value("year", "2023.0") == "!not-a-year" && value("year", "二三年") == "!not-a-year")
        #expect(try value("month", "2023年12月") == "2023-12" && value("county", "广水") == "421381")
        #expect(try value("sort", "一类", with: ["note": ""]) == "x")
        #expect(try value("b", "J.  R. 　示例") == "!too-long" && value("b", "李　四 五") == "李四五")
        #expect(try value("b", "A  B") == "A B" && value("a", " 甲\r\n乙 ") == "甲\n乙")
        #expect(try value("c", "+86-138 0000 0001") == "13800000001")
        #expect(
            try value("c", "0722)3223456-8") == "0722-3223456-8"
                && value("c", "010-12345678") == "010-12345678")
        #expect(
            try value("c", "3223456-123456") == "!not-a-phone" && value("c", "02712345678") == "027-12345678")
    }

    @Test("rules over several fields: told at one of them, and silent where a part is faulty")
    func rules() throws {
        #expect(try value("low", "3", with: ["high": "2", "count": "5"]) == "!above")
        #expect(try value("low", "2", with: ["high": "3", "count": "5"]) == "2")
        #expect(try value("count", "6", with: ["low": "2", "high": "3"]) == "!sum-differs")
        #expect(try value("count", "6", with: ["low": "x", "high": "3"]) == "!not-a-number")
        #expect(try value("a", "") == "!none-of" && value("a", "", with: ["b": "乙"]) == "")
        #expect(try value("d", "91350100M000100Y43") == "!several-of" && value("c", "") == "!none-of")
        #expect(
            try value("born", "1990-01-02") == "!birth-differs" && value("born", "1990.1.1") == "1990-01-01")
        #expect(try value("note", "字") == "!not-empty" && value("note", "字", with: ["ok": "是"]) == "字")
        #expect(try value("note", "", with: ["sort": "乙类"]) == "!missing-when")
    }

    @Test("all faults of a row, not the first")
    func allFaults() throws {
        var checker = try checker()
        let cells = row(checker.kind, ["id": "1", "day": "", "money": "x", "county": "y", "a": ""])
        let isGood = checker.check(cells)
        #expect(!isGood)
        #expect(
            checker.faults.map(\.fault.code.rawValue)
                == ["id-length", "not-an-amount", "not-listed", "missing", "none-of"])
        #expect(checker.canonical == [])
    }

    @Test("a canonical row checked again is the same row, whatever was typed (seed printed)")
    func again() throws {
        let seed: UInt64 = 71_000
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        var checker = try checker()
        let pool = [
            "", "-", "'", "''-", "１２", " 7 ", "3", "0", "12.5", "-4", "1,000", "2023.3.10", "2023年3月",
            "44995", "2023", "曾都", "421381",
            "一类", "y", "是", "√", "91350100m000100Y43", "0722-3223456", "甲 乙", "\u{200B}x", "''甲", "a\nb",
            "１３８００００００01", "5元", "0.5万",
            "421303199001011234", "1990/1/1", "…", "·", "\u{FEFF}", "\"", "2人", "7小时", "#N/A", "#1",
        ]
        var good = 0
        for _ in 0..<8000 {
            var values: [String: String] = [:]
            for field in checker.kind.fields where random.next() % 10 == 0 {
                values[field.code] = pool[Int(random.next() % UInt64(pool.count))]
            }
            for kept in ["id", "day"] where random.next() % 8 != 0 { values[kept] = nil }
            guard checker.check(row(checker.kind, values)) else { continue }
            good += 1
            let canonical = checker.canonical
            let isSame = checker.checkCanonical(canonical)
            #expect(isSame, "\(values)")
            #expect(checker.canonical == canonical)
        }
        #expect(good > 500)
    }

    @Test("bytes that are not what this program makes are refused, and none trap")
    func notCanonical() throws {
        var checker = try checker()
        let isGood = checker.check(row(checker.kind, ["money": "12.5", "sort": "一类"]))
        #expect(isGood)
        let good = checker.canonical
        for cut in 0..<good.count {
            let isTaken = checker.checkCanonical(Array(good[..<cut]))
            #expect(!isTaken)
        }
        var changed = 0
        for index in good.indices {
            for bit in UInt8(0)..<8 {
                var bytes = good
                bytes[index] ^= 1 << bit
                guard checker.checkCanonical(bytes) else { continue }
                changed += 1
                #expect(checker.canonical == bytes)
            }
        }
        #expect(changed < good.count * 2, "other values may be good ones, other forms are not")
        for other in [good + [0], good.withReplaced("1250", by: "12.5")] {
            let isTaken = checker.checkCanonical(other)
            #expect(!isTaken)
            #expect(checker.faults.map(\.fault.code) == [.notCanonical])
        }
    }

    @Test("lengths have one form, rows one size")
    func lengths() {
        #expect(throws: CanonicalRow.Fault.malformed) { try CanonicalRow.fields([1, 0x80, 0], fields: 1) }
        #expect(throws: CanonicalRow.Fault.malformed) {
            try CanonicalRow.fields([1, 0xFF, 0xFF, 0xFF, 0x7F], fields: 1)
        }
        #expect(throws: CanonicalRow.Fault.malformed) { try CanonicalRow.fields([2, 0], fields: 1) }
        var row: [UInt8] = [1]
        CanonicalRow.append(ArraySlice([UInt8](repeating: 0x61, count: BatchLimits.rowBytes - 4)), to: &row)
        #expect(row.count == BatchLimits.rowBytes)
        #expect((try? CanonicalRow.fields(row, fields: 1))?.first?.count == BatchLimits.rowBytes - 4)
        #expect(throws: CanonicalRow.Fault.tooLong) { try CanonicalRow.fields(row + [0], fields: 1) }
    }

    @Test("key, person and sums of a good row")
    func parts() throws {
        var checker = try checker()
        let isGood = checker.check(row(checker.kind, ["money": "12.5", "hours": "7.5"]))
        #expect(isGood)
        #expect(checker.keyBytes == [18] + Array("421303199001011234".utf8))
        #expect(checker.person == Array("421303199001011234".utf8))
        #expect(checker.sumValues == [1250, 0, 75])
    }

    @Test("bytes of a canonical row: at the limit and one beyond")
    func rowBytes() throws {
        let fields = (0..<BatchLimits.fields).map {
            "f\($0),题\($0),,text(4000),\($0 == 0 ? "yes" : "no"),,,,"
        }
        let head = "version,1\nkind,wide,宽\nform,flow\nperiod,batch,year\nkey,f0\n"
        let columns = "field,heading,aliases,format,required,values,unit,personal,carry\n"
        let kind = try BatchKindFile.kind(
            path: "batches/wide.csv", text: head + columns + fields.joined(separator: "\n"))
        var checker = try RowChecker(kind: kind, lists: [])
        // 21 fields of 4,000 Chinese characters (12,000 bytes and two of length each), 38 empty ones, the form, and the last for what remains.
        let whole = 21 * 12_002 + 38 + 1
        let rest = BatchLimits.rowBytes - whole - 2
        for (more, isGood) in [(0, true), (1, false)] {
            let last = String(repeating: "字", count: 3300) + String(repeating: "a", count: rest - 9900 + more)
            let texts = Array(repeating: String(repeating: "字", count: 4000), count: 21) + [last]
            let isTaken = checker.check(CellRow(number: 1, texts: texts))
            #expect(isTaken == isGood)
            #expect(
                isGood
                    ? checker.canonical.count == BatchLimits.rowBytes
                    : checker.faults.first?.fault.code == .tooLong)
        }
    }

    @Test("of what was read a fault keeps so many characters")
    func readCharacters() throws {
        for count in [BatchLimits.readCharacters, BatchLimits.readCharacters + 1] {
            var checker = try checker()
            let isGood = checker.check(row(checker.kind, ["sort": String(repeating: "丙", count: count)]))
            #expect(!isGood)
            #expect(checker.faults.map(\.read.count) == [BatchLimits.readCharacters])
        }
    }

    @Test("totals add up, and say when a sum no longer fits")
    func totals() {
        var totals = ControlTotals(sums: 1)
        totals.add(rowBytes: 10, sums: [Int64.max - 1])
        totals.add(rowBytes: 5, sums: [1])
        #expect(totals.rows == 2 && totals.bytes == 15 && totals.sums == [.max] && !totals.hasOverflowed)
        totals.add(rowBytes: 0, sums: [1])
        #expect(totals.hasOverflowed)
    }

    @Test("a list that is not loaded is named")
    func missingList() throws {
        let kind = try BatchKindFile.kind(path: "batches/sample.csv", text: sample)
        #expect(throws: RowChecker.ListMissing(name: "county")) { try RowChecker(kind: kind, lists: []) }
    }
}

extension [UInt8] {
    /// The first occurrence of a text in place of another of the same length.
    fileprivate func withReplaced(_ text: String, by other: String) -> [UInt8] {
        let (from, to) = (Array(text.utf8), Array(other.utf8))
        guard let start = indices.first(where: { self[$0...].starts(with: from) }) else { return self }
        return self[..<start] + to + self[(start + from.count)...]
    }
}
