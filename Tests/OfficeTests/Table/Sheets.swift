import Exchange
import Foundation

@testable import Office

/// A table as a clerk has it on the screen: rows and cells, named as spreadsheets do.
struct PlainSheet {
    var rows: [[String]]

    init(_ lines: [String]) { rows = lines.map { $0.components(separatedBy: "|") } }

    /// `C7` → column 2, row index 6.
    static func place(_ name: String) -> (column: Int, row: Int) {
        let letters = name.prefix { $0.isLetter }
        let column = letters.utf8.reduce(0) { $0 * 26 + Int($1) - 0x40 } - 1
        return (column, (Int(name.dropFirst(letters.count)) ?? 1) - 1)
    }

    subscript(name: String) -> String {
        get {
            let (column, row) = Self.place(name)
            return column < rows[row].count ? rows[row][column] : ""
        }
        set {
            let (column, row) = Self.place(name)
            while rows[row].count <= column { rows[row].append("") }
            rows[row][column] = newValue
        }
    }

    /// A workbook with every cell a text, as people get who set the columns to “text” first.
    func workbook() throws -> [UInt8] {
        var writer = WorkbookWriter()
        try writer.beginSheet("表")
        for (index, row) in rows.enumerated() {
            let cells = row.enumerated().filter { !$0.element.isEmpty }
            try writer.addRow(
                number: index + 1, cells.map { SpreadsheetCell(column: $0.offset, .text($0.element)) })
        }
        return try writer.finish()
    }

    /// Quoted where it must be, lines ended by CR LF.
    func csv(_ separator: Separator = .comma) -> [UInt8] {
        var writer = LineWriter(separator)
        for row in rows { writer.append(row.map { ArraySlice($0.utf8) }) }
        return writer.bytes
    }
}

/// The project's kinds and lists.
enum Kinds {
    static let files: [SeedFile] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../seeds").standardizedFileURL
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".csv") }.compactMap { name in
            (try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)).map {
                SeedFile(path: name, text: $0)
            }
        }
    }()

    static func kind(_ code: String) throws -> BatchKind {
        struct NoSuchKind: Error { let code: String }
        guard let kind = try kinds.get().first(where: { $0.code == code }) else {
            throw NoSuchKind(code: code)
        }
        return kind
    }

    static func lists() throws -> [NameList] { try loadedLists.get() }

    private static let kinds = Result {
        try BatchKindFile.kinds(
            files.filter {
                $0.path.hasPrefix("batches/") && !$0.path.hasPrefix("batches/names/")
                    && $0.path != RegisterFigureTable.path
            })
    }
    private static let loadedLists = Result { try NameList.lists(files) }

    static func check(_ bytes: [UInt8], _ code: String, piece: Int = 65_536) throws -> TableReport {
        let file: BatchFile
        do throws(TableStop) { file = try BatchFile(bytes, piece: piece) } catch {
            return TableReport(try kind(code), stop: error)
        }
        return try file.check(try kind(code), lists: try lists())
    }

    /// The canonical rows.
    static func rows(_ bytes: [UInt8], _ code: String, piece: Int = 65_536) throws -> [[UInt8]] {
        var rows: [[UInt8]] = []
        _ = try BatchFile(bytes, piece: piece).check(try kind(code), lists: try lists()) { _, checker in
            rows.append(checker.canonical)
        }
        return rows
    }
}

/// Clean tables of several kinds, in the forms people use. Names and numbers are made up.
enum CleanSheets {
    static let dossier = PlainSheet(
        [
            "随州市退役军人建档立卡信息更新表",
            "填报单位：曾都区退役军人事务局||填报人：示例甲||日期：2023.3.10",
            "序号|姓名|身份证号|性别|出生日期|县(市、区)|乡镇(街道)|家庭住址|联系电话|人员类别|入伍日期|退役日期|残疾等级|学历|是否就业|更新日期|更新类型|备注",
            "1|示例甲|421303199001011234|男|1990-01-01|曾都区|东城街道|示例路1号|13800000001|退役军人|2008-12-01|2020-12-01||大专|是|2023-03-10|修改|",
            "2|示例乙|42130319850315234X|男|1985-03-15|曾都区|西城街道|示例路2号|0722-3223456|残疾军人|2003-12-01||6|高中|否|2023-03-11|新增|",
            "3|示例丙|421321197811203450|女|1978-11-20|随县|厉山镇|示例村3组|13800000003|烈士遗属|||||||2023-03-12||",
            "4|示例丁|421381199202290013|男|1992-02-29|广水市|应山街道|示例巷4号|13800000004|转业军官|2010-09-01|2022-06-01||本科|是|2023-03-13|修改|随调",
            "5|示例戊|421303196608055563|女|1966-08-05|高新区|淅河镇|示例小区5栋|13800000005|现役军人家属|||||是|2023-03-14||",
        ].map { $0.replacingOccurrences(of: "|||||||2023-03-12", with: "||||||2023-03-12") })

    static let pension = PlainSheet([
        "2023年3月抚恤补助发放表",
        "单位：元||||||||",
        "姓名|身份证号|县(市、区)|补助项目|发放年月|发放月数|月标准|发放金额|发放日期|备注",
        "示例甲|421303197506157782|曾都区|残疾抚恤金|2023-03|1|1250.50|1250.50|2023-03-15|",
        "示例乙|421321198809301128|曾都区|定期抚恤金|2023-03|3|1000|3000|2023-03-15|补发",
        "示例丙|42132119880905004X|随县|参战参试|2023-03||700|700|2023-03-15|",
        "示例丁|421381199202290013|广水|一次性抚恤金|2023-03|||20000|2023-03-16|",
        "合计|||||||24950.50||",
        "填表人：示例戊|||审核人：示例己||||||",
    ])

    static let activity = PlainSheet([
        "活动类别|活动名称|县(市、区)|主办单位|活动日期|活动地点|参加人数|服务时长(小时)|慰问金额(元)|备注",
        "国防教育|国防知识进校园|曾都区|曾都区局|2022-09-03|示例小学|320|||",
        "走访慰问|八一走访慰问|随县|随县局|2022-08-01|示例镇|45||20000|",
        "志愿服务|义务植树|广水市|示例志愿队|2022-03-12|示例林场|60|240||",
        "志愿服务|敬老服务|广水市|示例志愿队|2022-10-04|示例福利院|18|54.5|500|",
    ])

    static let fund = PlainSheet([
        "关爱基金收支明细",
        "凭证号|日期|收支|金额（元）|资金来源|用途|受助人数|备注",
        "SZ-001|2022-01-15|收入|50000|捐赠|||",
        "SZ-002|2022-02-01|支出|3000||大病救助|1|",
        "SZ-003|2022-05-20|支出|12000.50||助学|6|",
        "合计|||65000.50||||",
    ])

    static let village = PlainSheet([
        "姓名|身份证号|县(市、区)|乡镇(街道)|村(社区)|职务|任职年月|联系电话|备注",
        "示例甲|421303199001011234|曾都区|东城街道|示例一村|书记|2021-11|13800000001|",
        "示例乙|42130319850315234X||西城街道|示例二村|书记兼主任|2021-11|13800000002|",
        "示例丙|421321197811203450|随县|厉山镇|示例三村|委员|2018-12|0722-3223456|",
        "示例丁|421381199202290013|广水市|应山街道|示例社区|副书记||3223456|",
    ])

    static let owner = PlainSheet([
        "姓名|身份证号|县(市、区)|企业名称|统一社会信用代码|行业|员工人数(人)|其中退役军人|年营业额(万元)|联系电话|备注",
        "示例甲|421303199001011234|曾都区|示例商贸有限公司|91350100M000100Y43|商贸|35|8|1200|13800000001|",
        "示例乙|42130319850315234X|高新|示例农业合作社|91350100M000100Y43|农业|12|3|350.5|13800000002|",
        "示例丙|421321197811203450|大洪山|示例民宿|91350100M000100Y43|旅游|6|1|80|13800000003|",
    ])

    static let memorial = PlainSheet([
        "设施编号|设施名称|县(市、区)|所在地点|设施类别|保护级别|墓数|整修内容|投入资金(万元)|开工日期|完工日期|备注",
        "SZ-L-01|示例烈士陵园|曾都区|示例路|烈士陵园|市级|120|墓碑描红、道路维修|35.6|2022-03-01|2022-09-20|",
        "SZ-L-02|示例纪念碑|随县|示例镇|纪念碑|县级||碑体加固|4|2022-05-01|2022-06-15|",
        "SZ-L-03|示例散葬墓|广水市|示例村|散葬墓|未定级|3|迁入陵园|1.25|2022-04-05|2022-04-30|",
    ])

    static let request = PlainSheet([
        "编号|方向|事项名称|内容|类别|提报单位|责任单位|提报日期|完成时限|状态|办理结果|备注",
        "示2026-1|部队提|营区东门道路修缮|约二百米|道路修缮|驻随某部07|随县|2026-01-10|2026-09-30|办理中||",
        "示2026-2|地方提|汛期支援|堤段巡查|抗洪抢险|曾都区|驻随某部02|2026-05-10||已办结|已解决|",
        "示2026-3|军提|子女入学|三名子女|子女入学|驻随某部02||2026-06-01|2026-08-31|已受理||",
    ])

    static let all: [String: PlainSheet] = [
        "dossier": dossier, "pension": pension, "activity": activity, "fund": fund,
        "village-committee": village,
        "owner": owner, "memorial": memorial, "request": request,
    ]
}
