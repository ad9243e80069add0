import Exchange
import Testing

@testable import Office

/// One cell of a clean table changed by hand, and the faults it must give: all of them, at their places, and none else.
struct CellMutation: Sendable, CustomTestStringConvertible {
    let kind: String
    let cell: String
    let value: String
    /// `C7 id-check`, several parted by `+`; a row without column as `7 stray-quote`; a code alone is of the cell changed. Empty: no fault, the value is
    /// read.
    let expected: String

    var testDescription: String { "\(kind) \(cell) = \(value.prefix(30))" }

    var faults: [String] {
        expected.split(separator: "+").map { $0.contains(" ") ? String($0) : "\(cell) \($0)" }.sorted()
    }
}

/// `C7 id-check`.
func named(_ fault: TableFault) -> String {
    "\(fault.column.map(columnLetters) ?? "")\(fault.row) \(fault.fault.code.rawValue)"
}

@Suite("Dirty files: every defect at its row and column, none missed, none invented (issue 5)")
struct MutationTests {
    static let all = dossier + pension + activity + fund + village + owner + memorial + request

    struct Form: Sendable { let encoding: TextEncoding, separator: Separator }

    static let forms = [
        Form(encoding: .utf8, separator: .tab),
        Form(encoding: .gb18030, separator: .comma), Form(encoding: .utf16LittleEndian, separator: .tab),
        Form(encoding: .utf16BigEndian, separator: .semicolon), Form(encoding: .gb18030, separator: .tab),
    ]

    @Test("there are two hundred and more defects, and harmless habits beside them")
    func count() {
        #expect(Self.all.filter { !$0.expected.isEmpty }.count >= 200)
        #expect(Self.all.filter { $0.expected.isEmpty }.count >= 100)
        #expect(Set(Self.all.map { "\($0.kind) \($0.cell) \($0.value)" }).count == Self.all.count)
    }

    @Test("one cell changed", arguments: all)
    func cell(_ mutation: CellMutation) throws {
        var sheet = try #require(CleanSheets.all[mutation.kind])
        #expect(sheet[mutation.cell] != mutation.value, "nothing is changed")
        sheet[mutation.cell] = mutation.value
        let report = try Kinds.check(sheet.csv(), mutation.kind)
        #expect(report.stop == nil)
        #expect(report.faults.map(named).sorted() == mutation.faults)
    }

    @Test(
        "the same through every encoding and separator", arguments: forms)
    func encodings(_ form: Form) throws {
        for mutation in Self.all where !mutation.value.contains("\u{FFFD}") {
            var sheet = try #require(CleanSheets.all[mutation.kind])
            sheet[mutation.cell] = mutation.value
            let encoder = TextEncoder(encoding: form.encoding)
            let bytes = encoder.mark + (try encoder.encode(sheet.csv(form.separator)))
            let report = try Kinds.check(bytes, mutation.kind, piece: 37)
            #expect(report.faults.map(named).sorted() == mutation.faults, "\(mutation.testDescription)")
        }
    }

    @Test("the same as a workbook, whose marks of damage and control come through as they are")
    func workbooks() throws {
        var count = 0
        for mutation in Self.all {
            var sheet = try #require(CleanSheets.all[mutation.kind])
            sheet[mutation.cell] = mutation.value
            let file = try BatchFile(try sheet.workbook())
            #expect(file.isWorkbook)
            let report = try file.check(try Kinds.kind(mutation.kind), lists: try Kinds.lists())
            #expect(report.stop == nil)
            #expect(report.faults.map(named).sorted() == mutation.faults, "\(mutation.testDescription)")
            count += mutation.faults.count
        }
        #expect(count >= 200)
    }

    private static func list(_ kind: String, _ cells: [(String, String, String)]) -> [CellMutation] {
        cells.map { CellMutation(kind: kind, cell: $0.0, value: $0.1, expected: $0.2) }
    }

    private static let dossier = list(
        "dossier",
        [
            ("B4", "", "missing"), ("B4", "　", "missing"), ("B4", "-", "missing"), ("B4", "——", "missing"),
            ("B5", "示例\u{FFFD}", "damaged"), ("B5", "示\u{7}例", "control"), ("B5", "示\u{202E}例", "control"),
            ("B6", String(repeating: "示", count: 41), "too-long"),
            ("B6", String(repeating: "示", count: 40), ""),
            ("B7", "张　三", ""), ("B7", "阿依古丽•买买提", ""), ("B8", "第127师", "classified"), ("B8", "'示例戊", ""),
            ("C4", "421303199001011235", "id-check"), ("C4", "42130319900101123", "id-length"),
            ("C4", "4213031990010112344", "id-length"), ("C4", "421303900101123", "id-fifteen"),
            ("C4", "4213031990O1011234", "id-character"), ("C4", "421303199013011234", "id-birth"),
            ("C4", "421303199002301234", "id-birth"), ("C4", "4.21303E+17", "id-ruined"),
            ("C4", "4.21303199001011E+17", "id-ruined"), ("C4", "4.21303e+17", "id-ruined"),
            ("C4", "421303199001012000", "id-ruined"), ("C4", "X21303199001011234", "id-character"),
            ("C5", "42130319850315234x", ""), ("C5", "４２１３０３１９８５０３１５２３４Ｘ", ""),
            ("C5", "421303 19850315 234X", ""),
            ("C5", "'42130319850315234X", ""), ("C5", " 42130319850315234X\t", ""),
            ("C5", "\u{200B}42130319850315234X", ""), ("C5", "\u{A0}42130319850315234X ", ""),
            ("C6", "", "missing"), ("C6", "无", "id-length"), ("C6", "421321197811203450.", "id-length"),
            ("C6", "421321198711203450", "C6 id-check"), ("C7", "421303199001011234", "E7 birth-differs"),
            ("C7", "421303196612030000", "C7 id-doubtful+E7 birth-differs"),
            ("D4", "M", "not-a-choice"), ("D4", "male", ""), ("D4", "男性", "not-a-choice"), ("D5", "男 ", ""),
            ("E4", "1990.1.1", ""), ("E4", "1990/1/1", ""), ("E4", "1990年1月1日", ""), ("E4", "1990年1月1号", ""),
            ("E4", "19900101", ""), ("E4", "32874", ""), ("E4", "1990-01-01 00:00:00", ""),
            ("E4", "1990.1.2", "birth-differs"), ("E4", "90.1.1", "year-of-two-digits"),
            ("E4", "1990.13.1", "no-such-day"), ("E4", "1990-2-30", "no-such-day"),
            ("E4", "1990.1", "not-a-date"),
            ("E4", "1/1/1990", "not-a-date"), ("E4", "１９９０．１．１", ""), ("E4", "1990。1。1", ""),
            ("E4", "1990-1/1", "not-a-date"), ("E4", "约1990年", "not-a-date"),
            ("E4", "1990-01-01T08:00:00", ""),
            ("E4", "1850-01-01", "no-such-day"), ("E4", "99999", "not-a-date"), ("E4", "1990年01月01", ""),
            ("E4", "", ""),
            ("E4", "/", ""), ("E4", "#N/A", "formula"), ("E4", "########", "not-a-date"),
            ("E4", "1990 . 1 . 1", ""),
            ("E4", "1990.1.1.", "not-a-date"), ("E4", "19901301", "no-such-day"), ("E4", "1990—01—01", ""),
            ("F4", "曾都", ""), ("F4", "随州市曾都区", ""), ("F4", "421303", ""), ("F4", "襄阳市", "not-listed"),
            ("F4", "曾 都 区", ""),
            ("F4", "", "missing"), ("F5", "", ""), ("F7", "广水", ""), ("F8", "高新", ""), ("F8", "大洪山", ""),
            ("F6", "隋县", "not-listed"),
            ("G5", "", ""), ("G4", String(repeating: "示", count: 41), "too-long"),
            ("I4", "138 0000 0001", ""), ("I4", "138-0000-0001", ""), ("I4", "+8613800000001", ""),
            ("I4", "１３８００００００01", ""),
            ("I4", "1380000000", "not-a-phone"), ("I4", "13800000001/13800000002", "not-a-phone"),
            ("I4", "12345678901", "not-a-phone"), ("I5", "07223223456", ""), ("I5", "（0722）3223456", ""),
            ("I5", "0722-3223456转801", ""), ("I5", "1.38E+10", "not-a-phone"), ("I5", "无", "not-a-phone"),
            ("J4", "退伍军人", ""), ("J4", "军人", "not-a-choice"), ("J6", "", "missing"),
            ("J6", "退役军人", "L6 missing-when"),
            ("J5", "退役军人", "L5 missing-when"), ("J5", "现役军人家属", "M5 not-empty"),
            ("K4", "2021-01-01", "above"), ("L4", "2023-04-01", "above"), ("L4", "", "missing-when"),
            ("L4", "至今", "not-a-date"), ("K4", "08.12.1", "year-of-two-digits"),
            ("M5", "六级", "not-a-number"), ("M5", "6级", ""), ("M5", "11", "out-of-range"),
            ("M5", "0", "out-of-range"),
            ("M5", "6.5", "not-whole"), ("M5", "6度", "other-unit"), ("M5", "", "missing-when"),
            ("N4", "专科", ""), ("N4", "大专以上", "not-listed"), ("N5", "高中（中专）", ""), ("N5", "高中(中专)", ""),
            ("O4", "√", ""), ("O4", "×", ""), ("O4", "有", ""), ("O4", "已就业", "not-yes-no"), ("O4", "Y", ""),
            ("O4", "１", ""),
            ("O4", "未知", "not-yes-no"), ("P4", "", "missing"), ("P4", "2023.3.10", ""), ("P4", "44995", ""),
            ("P4", "2023.02.29", "no-such-day"), ("P4", "2023-3", "not-a-date"),
            ("P4", "10/3/2023", "not-a-date"),
            ("Q4", "变更", ""), ("Q4", "去世", ""), ("Q4", "其它", "not-a-choice"),
            ("R4", "卡号6222021001116245702", "card-number"), ("R4", "身份证号421303199001011234", ""),
            ("R4", String(repeating: "字", count: 200), ""),
            ("R4", String(repeating: "字", count: 201), "too-long"),
            ("R4", "#REF!", "formula"), ("R4", "第一行\n第二行", ""), ("R4", "含\"引号\"和,逗号;分号", ""),
            ("R4", "𠮷㐂", ""),
            ("R4", "驻地坐标北纬31°42′", "classified"), ("S4", "多出", "too-many-cells"),
            ("U5", "多出", "too-many-cells"),
        ])

    private static let pension = list(
        "pension",
        [
            ("H4", "1,250.50", ""), ("H4", "￥1250.5", ""), ("H4", "1250.5元", ""), ("H4", "0.12505万元", ""),
            ("H4", "1250.505", "part-of-fen"), ("H4", "1,25.50", "not-an-amount"),
            ("H4", "壹仟", "not-an-amount"),
            ("H4", "", "missing"), ("H4", "1250.51", "H8 total-differs"), ("H8", "24950.5", ""),
            ("H8", "24950", "total-differs"), ("H8", "贰万", ""), ("H8", "", ""), ("A8", "总 计", ""),
            ("A8", "小计", ""),
            ("A8", "合　计：", ""), ("A8", "本月合计", ""), ("H4", "0", "out-of-range"),
            ("H4", "-1250.50", "out-of-range"),
            ("H4", "2000000", "out-of-range"), ("H4", "1250．50", ""), ("H4", "1250.50.", "not-an-amount"),
            ("H4", "1250.50美元", "not-an-amount"), ("H4", "１２５０．５０", ""), ("H4", "1 250.50", ""),
            ("H5", "3O00", "not-an-amount"), ("H5", "#VALUE!", "formula"), ("H7", "2万", ""),
            ("H7", "2万元整", ""),
            ("G4", "1300", "above"), ("G4", "200000", "out-of-range"), ("G4", "/", ""),
            ("G6", "七百", "not-an-amount"),
            ("E4", "2023.3", ""), ("E4", "202303", ""), ("E4", "2023年3月", ""), ("E4", "2023年3月份", ""),
            ("E4", "2023/3/1", ""),
            ("E4", "2023-03-15", "not-a-month"), ("E4", "2023.13", "not-a-month"),
            ("E4", "3月", "not-a-month"),
            ("E4", "2023.1", "month-doubtful"), ("E4", "2023.10", ""), ("E4", "Mar-23", "not-a-month"),
            ("E4", "44986", ""),
            ("E4", "44995", "not-a-month"), ("E4", "23年3月", "not-a-month"), ("E4", "", "missing"),
            ("E4", "2023年", "not-a-month"), ("F5", "3个月", ""), ("F5", "3月", ""), ("F5", "13", "out-of-range"),
            ("F5", "三", "not-a-number"), ("F5", "3.0", ""), ("F5", "3年", "other-unit"),
            ("F5", "3.5", "not-whole"),
            ("D4", "伤残抚恤金", ""), ("D4", "残疾补贴", "not-a-choice"), ("D4", "残疾抚恤金 ", ""), ("D7", "", "missing"),
            ("C5", "", ""), ("C7", "广水市局", ""), ("C4", "钟祥市", "not-listed"), ("B7", "421303197506157782", ""),
            ("I4", "2023.3.15", ""), ("I4", "45000", ""), ("I4", "2023-03-32", "no-such-day"),
            ("I4", "2023-03", "not-a-date"),
            ("H3", "发放金额（万元）", "H4 out-of-range+H5 out-of-range+H6 out-of-range+H7 out-of-range"),
            ("H3", "发放金额（美元）", "column-unit"), ("H3", "实发金额", ""), ("H3", "发放　金额", ""), ("H3", "发放\n金额", ""),
            ("H3", "*发放金额(元)", ""), ("H3", "金额元", ""), ("H3", "金额（必填）", ""),
            ("H3", "补贴", "H3 column-unknown+3 column-missing"),
            ("G3", "补助标准", ""), ("G3", "发放金额", "H3 column-twice+G7 missing"), ("J3", "优待证号", "card-column"),
            ("J3", "军人保障卡号码", "card-column"), ("J3", "序号", ""), ("J3", "问题说明", ""),
            ("J3", "", "J5 too-many-cells"),
            ("A9", "备注：本表不含补发", ""), ("A9", "说明：略", ""), ("A9", "注：", ""),
            ("A9", "示例庚", "B9 missing+D9 not-a-choice+E9 missing+H9 missing"), ("A2", "", ""), ("A1", "", ""),
        ])

    private static let activity = list(
        "activity",
        [
            ("A2", "", "missing"), ("A5", "", ""), ("A3", "拜年", "not-a-choice"), ("H2", "3", "not-empty"),
            ("H4", "240小时", ""),
            ("H4", "240.55", "too-many-places"), ("H4", "10天", "other-unit"),
            ("H1", "服务时长(天)", "column-unit"),
            ("H1", "服务时长（分钟）", "column-unit"), ("H1", "时长", ""), ("G2", "三百二十", "not-a-number"),
            ("G2", "320人", ""),
            ("G2", "1,320", ""), ("G2", "320.5", "not-whole"), ("G2", "-1", "out-of-range"),
            ("G2", "３２０", ""),
            ("G2", "", "missing"), ("G2", "320余人", "other-unit"), ("G2", "1000001", "out-of-range"),
            ("G2", "1000000", ""),
            ("I3", "2万元", ""), ("I3", "20000.00", ""), ("I3", "20000元整", ""), ("I3", "两万", "not-an-amount"),
            ("E2", "2022.9.3", ""), ("E2", "2022年9月", "not-a-date"), ("E2", "9月3日", "not-a-date"),
            ("E2", "2022.9.31", "no-such-day"), ("E2", "", "missing"), ("B2", "第三十八集团军参观", "classified"),
            ("B2", "", "missing"),
            ("B2", String(repeating: "字", count: 81), "too-long"), ("D2", "", ""), ("G1", "参加人数(人)", ""),
            ("G1", "参加人数（万人）", "column-unit"), ("G1", "人数", ""),
            ("A1", "类型", "A1 column-unknown+1 column-missing"),
            ("J1", "照片", "column-unknown"), ("C2", "北京", "not-listed"), ("H5", "半天", "not-a-number"),
            ("K3", "示例", "too-many-cells"), ("E3", "8.1", "not-a-date"),
        ])

    private static let fund = list(
        "fund",
        [
            ("A3", "", "missing"), ("A4", "SZ-001", "repeated"), ("C3", "收", "not-a-choice"),
            ("C3", "收入款", "not-a-choice"),
            ("E3", "", "missing-when"), ("F4", "", "missing-when"), ("E4", "捐赠", "not-empty"),
            ("G3", "2", "not-empty"),
            ("E3", "彩票", "not-listed"), ("E3", "财政", ""), ("D4", "3000.00", ""), ("D6", "65000.5", ""),
            ("D6", "66000", "total-differs"), ("D4", "3000.1", "D6 total-differs"), ("D2", "金额", ""),
            ("D2", "金额(千元)", ""),
            ("D2", "金额(台)", "column-unit"), ("D5", "12000.5O", "not-an-amount"), ("B3", "2022.1.15", ""),
            ("B3", "2022-01-15 09:30", ""), ("B3", "二〇二二年", "not-a-date"), ("B4", "2022.2.30", "no-such-day"),
            ("A6", "总计", ""), ("A6", "本页合计", ""), ("A6", "合计(元)", ""),
            ("A6", "SZ-004", "B6 missing+C6 missing"),
            ("G4", "一", "not-a-number"), ("G5", "6人次", "other-unit"),
            ("C4", "收入", "E4 missing-when+G4 not-empty"),
            ("F5", String(repeating: "学", count: 201), "too-long"), ("B2", "时间", ""),
            ("B2", "", "2 column-missing+B2 column-unknown"),
        ])

    private static let village = list(
        "village-committee",
        [
            ("F2", "支部书记", ""), ("F2", "支书", "not-a-choice"), ("F3", "一肩挑", ""), ("F4", "", "missing"),
            ("G2", "2021年11月份", ""), ("G2", "2021.11", ""), ("G2", "2021", "not-a-month"),
            ("G4", "2018.1", "month-doubtful"),
            ("G4", "2018年1月", ""), ("G4", "2018-00", "not-a-month"), ("D3", "", ""), ("D2", "", "missing"),
            ("E2", "", "missing"),
            ("E3", "", "missing"), ("H5", "3223", "not-a-phone"), ("H5", "32234567", ""),
            ("H5", "03223456", "not-a-phone"),
            ("B4", "", "missing"), ("C2", "随洲", "not-listed"), ("B5", "421381199202290031", "id-check"),
            ("B5", "421381199102290013", "id-birth"), ("I2", "示例备注", ""), ("A1", "人员姓名", ""),
            ("B1", "身份证 号码", ""),
            ("B1", "身份证号（18位）", ""), ("E1", "", "1 column-missing+E1 column-unknown"),
            ("F1", "职位", "F1 column-unknown+1 column-missing"),
        ])

    private static let owner = list(
        "owner",
        [
            ("E2", "91350100M000100Y4Z", "credit-character"), ("E2", "91350100M000100Y44", "credit-check"),
            ("E2", "91350100M000100Y4", "credit-length"), ("E2", "9135010OM000100Y43", "credit-character"),
            ("E2", "9.135E+17", "credit-ruined"), ("E2", "91350100m000100y43", ""),
            ("E2", "９１３５０１００Ｍ０００１００Ｙ４３", ""),
            ("E2", "", "missing"), ("E2", "91350100 M000100Y43", ""), ("E2", "办理中", "credit-length"),
            ("H2", "36", "above"),
            ("H2", "35", ""), ("I2", "1200万元", ""), ("I2", "0.5亿元", ""), ("I2", "1.2亿元", "out-of-range"),
            ("I2", "1200.123456", ""),
            ("I2", "1200.1234567", "part-of-fen"), ("I2", "-1", "out-of-range"), ("I1", "年营业额（元）", ""),
            ("I1", "年营业额", ""),
            ("I1", "年营业额(吨)", "column-unit"), ("G2", "35名", "other-unit"), ("G1", "员工人数", ""),
            ("G1", "员工人数(户)", "column-unit"),
            ("B3", "421303199001011234", "repeated"), ("D2", "", "missing"),
            ("D2", "某部61001部队", "classified"),
            ("C4", "大洪山风景区", ""), ("J2", "电话13800000001", "not-a-phone"),
            ("F2", String(repeating: "业", count: 61), "too-long"),
        ])

    private static let memorial = list(
        "memorial",
        [
            ("K2", "2022-02-28", "J2 above"), ("E2", "陵园", ""), ("E2", "墓地", "not-a-choice"),
            ("F2", "市保", "not-a-choice"),
            ("F4", "无", ""), ("G2", "120座", ""), ("G2", "120个", "other-unit"), ("H2", "", "missing"),
            ("H2", "第161师旧址加固", "classified"),
            ("A3", "SZ-L-01", ""), ("I2", "35.6万", ""), ("I2", "35,6", "not-an-amount"),
            ("I2", "三十五", "not-an-amount"),
            ("I1", "投入资金(元)", ""), ("I1", "资金（万）", ""), ("J2", "2022.3", "not-a-date"), ("K3", "", "missing"),
            ("K3", "2022.6.31", "no-such-day"), ("D2", "", ""), ("B4", "", "missing"), ("C3", "", ""),
            ("A2", "", "missing"),
            ("G4", "-3", "out-of-range"), ("J4", "22.4.5", "year-of-two-digits"), ("L2", "说明", ""),
            ("M4", "x", "too-many-cells"),
        ])

    private static let request = list(
        "request",
        [
            ("B2", "军对地", "not-a-choice"), ("E2", "道路", "not-listed"), ("E2", "road", ""),
            ("F2", "LU-07", ""),
            ("F2", "某旅", "not-listed"), ("F4", "", ""), ("G2", "", "missing-when"),
            ("G3", "", "missing-when"), ("G4", "随县", ""),
            ("G2", "随州县", "not-listed"), ("I2", "2026-01-01", "H2 above"), ("I2", "年底", "not-a-date"),
            ("J2", "办理", "not-a-choice"),
            ("J2", "正在办理", ""), ("J4", "", "missing"), ("A3", "示2026-1", "repeated"), ("A2", "", "missing"),
            ("K3", "解决", "not-a-choice"),
            ("C2", "歼-20机库道路", "classified"), ("C3", "", "missing"), ("D2", "秘密★一年", "classified"),
            ("H4", "2026.6.31", "no-such-day"),
            ("H4", "46174", ""), ("D3", String(repeating: "段", count: 2001), "too-long"),
            ("D3", String(repeating: "段", count: 2000), ""),
            ("L2", "\u{1B}[31m", "control"), ("E4", "", "missing"),
        ])
}
