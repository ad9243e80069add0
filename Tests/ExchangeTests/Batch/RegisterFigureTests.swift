import Foundation
import Schema
import Testing

@testable import Exchange

/// Two kinds: what happened, and what stood at the end.
private let happened = """
    version,1
    kind,happened,示例流量
    form,flow
    period,field,day
    key,id|day
    person,id
    field,heading,aliases,format,required,values,unit,personal,carry
    id,身份证号,,id-number,yes,,,yes,
    day,日期,,date,yes,,,,
    sort,类别,,choice,yes,a=甲|b=乙|c=丙,,,
    done,是否,,yes-no,no,,,,
    amount,金额,,money,no,-1000..1000000,元,,
    hours,时长,,decimal(1),no,,小时,,
    title,名称,,text(40),no,,,,
    """
private let stood = """
    version,1
    kind,stood,示例存量
    form,stock
    period,batch,year
    key,id
    person,id
    field,heading,aliases,format,required,values,unit,personal,carry
    id,身份证号,,id-number,yes,,,yes,
    begun,开始,,date,yes,,,,
    ended,结束,,month,no,,,,
    named,命名,,year,no,1949..2100,,,
    """
private let first = "421303199001011234"
private let second = "42130319850315234X"

@Suite("Figures of a year from the rows of registers (BATCH.md 5)")
struct RegisterFigureTests {
    private static let head = """
        version,1
        published,2022
        figure,name,kind,form,measure,filter,period,unit,of,parts,published

        """

    private static func kinds() throws -> [BatchKind] {
        [
            try BatchKindFile.kind(path: "batches/happened.csv", text: happened),
            try BatchKindFile.kind(path: "batches/stood.csv", text: stood),
        ]
    }

    /// Rows by their fields' canonical texts, counted by one figure.
    private func count(
        _ figure: String, _ rows: [(kind: String, fields: [String], party: String, period: String)],
        year: Int = 2022
    ) throws -> RegisterFigure {
        let table = try RegisterFigureTable(text: Self.head + figure)
        let kinds = try Self.kinds()
        #expect(table.faults(kinds).map(\.description) == [])
        var scan = RegisterFigureScan(table, kinds, year: year)
        for row in rows {
            scan.add(kind: row.kind, row: canonical(row.fields), party: row.party, period: row.period)
        }
        return try #require(scan.result().figures.first)
    }

    private func canonical(_ fields: [String]) -> [UInt8] {
        var row = [CanonicalRow.form]
        for field in fields { CanonicalRow.append(Array(field.utf8)[...], to: &row) }
        return row
    }

    private func happening(
        _ id: String = first, _ day: String = "2022-03-10", _ sort: String = "a", done: String = "",
        amount: String = "", hours: String = "", title: String = "", party: String = "county/1"
    ) -> (kind: String, fields: [String], party: String, period: String) {
        ("happened", [id, day, sort, done, amount, hours, title], party, "")
    }

    private func standing(
        _ id: String = first, begun: String = "2020-01-01", ended: String = "", named: String = "",
        period: String = "2022"
    ) -> (kind: String, fields: [String], party: String, period: String) {
        ("stood", [id, begun, ended, named], "county/1", period)
    }

    @Test("a flow counts what lies in the year: its first and its last day, none beside them")
    func flow() throws {
        let rows = ["2021-12-31", "2022-01-01", "2022-12-31", "2023-01-01"].map { happening(first, $0) }
        #expect(try count("f,名,happened,flow,rows,,day,件,,,", rows).value == 2)
        #expect(try count("f,名,happened,flow,rows,,day,件,,,", rows, year: 2021).value == 1)
    }

    @Test("a person counts once in the whole and once with each sender; the rows are told as well")
    func distinct() throws {
        let rows = [
            happening(first, "2022-01-01"), happening(first, "2022-05-01", party: "county/2"),
            happening(first, "2022-06-01", party: "county/2"), happening(second, "2022-02-01"),
        ]
        let figure = try count("f,名,happened,flow,distinct(id),,day,人,,,", rows)
        #expect(figure.value == 2 && figure.rows == 4)
        #expect(figure.parties.map(\.party) == ["county/1", "county/2"])
        #expect(figure.parties.map(\.value) == [2, 1] && figure.parties.map(\.rows) == [2, 2])
    }

    @Test("an empty value is no value to count, and adds nothing")
    func empty() throws {
        let rows = [happening(title: ""), happening(second, title: "甲")]
        #expect(try count("f,名,happened,flow,distinct(title),,day,处,,,", rows).value == 1)
        #expect(try count("f,名,happened,flow,sum(amount),,day,分,,,", rows).value == 0)
    }

    @Test("sums: 分, tenths of hours, and a repayment below nought")
    func sums() throws {
        let rows = [
            happening(amount: "14900000000", hours: "12.5"),
            happening(second, amount: "-100", hours: "0.5"),
        ]
        #expect(try count("f,名,happened,flow,sum(amount),,day,分,,,", rows).value == 14_899_999_900)
        #expect(try count("f,名,happened,flow,sum(hours),,day,0.1小时,,,", rows).value == 130)
    }

    @Test("a sum stops at what 64 bits hold")
    func overflow() throws {
        let rows = [happening(amount: "\(Int64.max)"), happening(second, amount: "1")]
        #expect(try count("f,名,happened,flow,sum(amount),,day,分,,,", rows).value == .max)
    }

    @Test("conditions hold together, values of one are alternatives, and a text is compared whole")
    func filters() throws {
        let rows = [
            happening(first, "2022-01-01", "a", done: "yes", title: "最美退役军人"),
            happening(first, "2022-01-02", "b", done: "yes", title: "最美"),
            happening(first, "2022-01-03", "c", done: "yes"), happening(first, "2022-01-04", "a", done: "no"),
        ]
        #expect(try count("f,名,happened,flow,rows,sort=a|b,day,件,,,", rows).value == 3)
        #expect(try count("f,名,happened,flow,rows,sort=a|b&done=yes,day,件,,,", rows).value == 2)
        #expect(try count("f,名,happened,flow,rows,title=最美退役军人,day,件,,,", rows).value == 1)
    }

    @Test("a stock of a batch's period: of the period that ends with the year, and of no other")
    func stockOfBatches() throws {
        let periods = [
            "2021", "2022", "2022-H1", "2022-H2", "2022-Q3", "2022-Q4", "2022-11", "2022-12", "2023",
        ]
        let counted = try periods.filter {
            try count("f,名,stood,stock,rows,,batch,个,,,", [standing(period: $0)]).value == 1
        }
        #expect(counted == ["2022", "2022-H2", "2022-Q4", "2022-12"])
        #expect(try count("f,名,stood,flow,rows,,batch,个,,,", periods.map { standing(period: $0) }).value == 7)
    }

    @Test("what is kept at the year's end: begun by then, and not ended before its last day")
    func span() throws {
        func kept(_ begun: String, _ ended: String, _ period: String = "2022") throws -> Bool {
            let row = standing(begun: begun, ended: ended, period: period)
            return try count("f,名,stood,stock,rows,,batch&begun..ended,个,,,", [row]).value == 1
        }
        #expect(try kept("2020-01-01", "") && kept("2022-12-31", "2022-12") && kept("2019-05-01", "2030-01"))
        #expect(try !kept("2023-01-01", "") && !kept("2020-01-01", "2022-11"))
        #expect(try !kept("2020-01-01", "", "2021"))
    }

    @Test("a stock by a date holds everything up to the year's end")
    func stockOfDates() throws {
        let rows = ["1990", "2022", "2023", ""].enumerated().map {
            standing(named: $1, period: $0 == 0 ? "2021" : "2022")
        }
        #expect(try count("f,名,stood,stock,rows,,named,个,,,", rows).value == 2)
    }

    @Test("rows that cannot be read are told and counted in nothing; other kinds are passed over")
    func unreadable() throws {
        let table = try RegisterFigureTable(text: Self.head + "f,名,happened,flow,rows,,day,件,,,\n")
        var scan = RegisterFigureScan(table, try Self.kinds(), year: 2022)
        scan.add(kind: "happened", row: canonical(happening().fields), party: "county/1")
        scan.add(kind: "happened", row: [1, 200], party: "county/1")
        scan.add(kind: "other", row: [], party: "county/1")
        scan.addErased()
        let answer = scan.result()
        #expect(answer.figures.first?.value == 1 && answer.erased == 2 && answer.text == table.text)
    }

    @Test("a figure whose kind is not loaded, or lacks a field, is left out and not nought")
    func unknown() throws {
        let lines = "f,名,other,flow,rows,,day,件,,,\ng,名,happened,flow,rows,,gone,件,,,\n"
        let table = try RegisterFigureTable(text: Self.head + lines)
        let scan = RegisterFigureScan(table, try Self.kinds(), year: 2022)
        #expect(scan.result().figures.isEmpty)
        #expect(
            table.faults(try Self.kinds()).map(\.description) == [
                "seeds/batches/figures.csv, line 4, column \"kind\": there is no kind \"other\"",
                "seeds/batches/figures.csv, line 5, column \"period\": \"gone\" is no field of happened",
            ])
    }

    @Test(
        "faults name line and column",
        arguments: [
            ("F F,名,happened,flow,rows,,day,件,,,", "figure"), (",名,happened,flow,rows,,day,件,,,", "figure"),
            ("f,,happened,flow,rows,,day,件,,,", "name"), ("f,名,happened,both,rows,,day,件,,,", "form"),
            ("f,名,happened,flow,all,,day,件,,,", "measure"), ("f,名,happened,flow,sum(),,day,件,,,", "measure"),
            ("f,名,happened,flow,rows,sort,day,件,,,", "filter"),
            ("f,名,happened,flow,rows,sort=a|,day,件,,,", "filter"),
            ("f,名,happened,flow,rows,,,件,,,", "period"), ("f,名,happened,flow,rows,,a..b,件,,,", "period"),
            ("f,名,happened,flow,rows,,day&batch,件,,,", "period"),
            ("f,名,happened,flow,rows,,day,斤,,,", "unit"), ("f,名,happened,flow,rows,,day,件,g,,", "of"),
            ("f,名,happened,flow,rows,,day,件,f,,", "of"), ("f,名,happened,flow,rows,,day,件,,g|h,", "parts"),
            ("f,名,happened,flow,rows,,day,件,,,many", "published"),
            ("f,名,happened,flow,rows,,day,件,,,-3", "published"),
        ])
    func faults(_ line: String, _ column: String) throws {
        do {
            _ = try RegisterFigureTable(text: Self.head + line)
            Issue.record("no fault: \(line)")
        } catch {
            #expect(
                "\(error)".hasPrefix("seeds/batches/figures.csv, line 4, column \"\(column)\": "), "\(error)")
        }
    }

    @Test(
        "beside its kind: fields, values and units that do not go together",
        arguments: [
            ("f,名,happened,flow,sum(amount),,day,元,,,", "unit"),
            ("f,名,happened,flow,sum(amount),,day,件,,,", "unit"),
            ("f,名,happened,flow,sum(hours),,day,人,,,", "unit"),
            ("f,名,happened,flow,sum(id),,day,人,,,", "unit"),
            ("f,名,happened,flow,distinct(gone),,day,人,,,", "measure"),
            ("f,名,happened,flow,rows,sort=z,day,人,,,", "filter"),
            ("f,名,happened,flow,rows,amount=1,day,人,,,", "filter"),
            ("f,名,happened,flow,rows,,sort,人,,,", "period"), ("f,名,happened,flow,rows,,batch,人,,,", "period"),
        ])
    func kindFaults(_ line: String, _ column: String) throws {
        do {
            let table = try RegisterFigureTable(text: Self.head + line)
            #expect(table.faults(try Self.kinds()).map(\.column) == [column], "\(line)")
        } catch { #expect((error as? SeedError)?.column == column, "\(line)") }
    }

    @Test("a figure stands once, its share and its parts are of its unit and form")
    func relations() {
        func fault(_ lines: String...) -> String? {
            do {
                _ = try RegisterFigureTable(text: Self.head + lines.joined(separator: "\n"))
                return nil
            } catch { return error.column }
        }
        let one = "f,名,happened,flow,rows,,day,件,,,"
        #expect(fault(one, one) == "figure")
        #expect(fault(one, "g,名,happened,flow,rows,,day,人,f,,") == "of")
        #expect(fault(one, "g,名,stood,stock,rows,,batch,件,f,,") == "of")
        #expect(fault(one, "g,名,happened,flow,rows,,day,人件(次),,f,") == nil)
        #expect(fault(one, "g,名,happened,flow,rows,,day,件,f,f,3+") == nil)
    }

    @Test("limits: figures of a table, conditions of a filter; at each and one beyond")
    func limits() throws {
        func table(_ count: Int) throws -> RegisterFigureTable {
            let lines = (0..<count).map { "f\($0),名,happened,flow,rows,,day,件,,,\n" }
            return try RegisterFigureTable(text: Self.head + lines.joined())
        }
        #expect(try table(RegisterFigureTable.most).entries.count == 200)
        #expect(throws: SeedError.self) { try table(RegisterFigureTable.most + 1) }
        func filter(_ count: Int) throws {
            let conditions = Array(repeating: "sort=a", count: count).joined(separator: "&")
            _ = try RegisterFigureTable(text: Self.head + "f,名,happened,flow,rows,\(conditions),day,件,,,")
        }
        #expect(throws: Never.self) { try filter(RegisterFigureTable.mostConditions) }
        #expect(throws: SeedError.self) { try filter(RegisterFigureTable.mostConditions + 1) }
    }

    @Test("without its head a table is none: version, a published year where there are published values")
    func head() {
        let row =
            "figure,name,kind,form,measure,filter,period,unit,of,parts,published\nf,名,k,flow,rows,,d,件,,,3"
        for text in [
            "", row, "version,1\n" + row, "version,1\npublished,no\n" + row, "version,1\nversion,2\n" + row,
        ] {
            #expect(throws: SeedError.self, "\(text.prefix(20))") { try RegisterFigureTable(text: text) }
        }
    }

    @Test("the city's own table fits the city's kinds, and holds every figure that was published")
    func city() throws {
        let file = try #require(BatchFiles.seeds.first { $0.path == RegisterFigureTable.path })
        let table = try RegisterFigureTable(text: file.text)
        #expect(table.faults(try BatchKindFile.kinds(BatchFiles.kinds)).map(\.description) == [])
        #expect(table.publishedYear == 2022)
        let published = table.entries.compactMap {
            $0.published.map { "\($0.value)\($0.isFloor ? "+" : "")" }
        }
        // DOMAIN.md section 4, in its order.
        for value in [
            "68000+", "71000+", "21000", "14900000000", "301", "1200+", "600+", "21000", "1720", "12", "107",
            "119", "36", "20", "13", "10", "40+", "30000+", "45000", "124", "73", "10", "20", "57", "755",
            "268", "238", "555",
        ] { #expect(published.contains(value), "\(value)") }
        #expect(table["cards-issued"]?.published?.holds(68_000) == true)
        #expect(table["cards-issued"]?.published?.holds(67_999) == false)
        #expect(table["placed"]?.published?.holds(120) == false)
    }

    @Test("seeds/SOURCES.md says of every figure where it comes from, and of none that is not there")
    func sources() throws {
        let file = try #require(BatchFiles.seeds.first { $0.path == RegisterFigureTable.path })
        let page = try String(contentsOfFile: ProjectFiles.root + "/seeds/SOURCES.md", encoding: .utf8)
        let told = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let entries = try RegisterFigureTable(text: file.text).entries
        #expect(told.map { $0[0] } == entries.map { "`\($0.code)`" })
        for (line, entry) in zip(told, entries) {
            #expect(line[2] == entry.kind, "\(entry.code)")
            #expect((line[6].first?.isNumber == true) == (entry.published != nil), "\(entry.code)")
            #expect(entry.of == nil || line[5].contains("`\(entry.of ?? "")`"), "\(entry.code)")
        }
    }
}
