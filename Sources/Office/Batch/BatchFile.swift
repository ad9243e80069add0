package import Exchange
import Foundation

/// A file that somebody wants to send, whatever it is: a text table of any encoding, or a workbook. Its first bytes say which; nobody has to.
///
///     let file = try BatchFile.open(path)
///     let report = try file.check(kind, lists: lists) { number, checker in … }
///
/// Either is read piece by piece: neither a text nor a workbook's packed bytes or sheets are held.
package struct BatchFile: Sendable {
    /// As its sender calls it, without folders.
    package let name: String
    private let bytes: Bytes
    private let workbook: Workbook?

    /// Where the bytes come from; each reading begins anew.
    private enum Bytes: Sendable {
        case file(String)
        case memory([UInt8], piece: Int)
    }

    /// - Throws: what is neither text nor a workbook, with its mend; a damaged or locked workbook.
    package static func open(_ path: String) throws(TableStop) -> BatchFile {
        let head: [UInt8]
        do { head = try Self.read(path, atMost: TableLimits.probeBytes) } catch {
            throw .unreadable("\(error)")
        }
        let name = (path as NSString).lastPathComponent
        guard isPacked(head) else { return try BatchFile(name, .file(path), PackedBytes(head)) }
        let packed: PackedBytes
        do { packed = try PackedBytes(path: path) } catch { throw .unreadable("\(error)") }
        return try BatchFile(name, .file(path), packed)
    }

    /// The same of bytes in memory, given out in pieces.
    package init(_ bytes: [UInt8], name: String = "", piece: Int = 65_536) throws(TableStop) {
        try self.init(name, .memory(bytes, piece: piece), PackedBytes(bytes))
    }

    /// - Parameter packed: all of it; of a text its first bytes are enough.
    private init(_ name: String, _ bytes: Bytes, _ packed: PackedBytes) throws(TableStop) {
        self.name = name
        self.bytes = bytes
        guard packed.count > 0 else { throw .empty }
        // Text, perhaps: reading it says what is wrong with it.
        let foreign = ForeignFile(packed)
        guard foreign != .unknown else {
            workbook = nil
            return
        }
        do throws(SpreadsheetFault) {
            if let foreign { throw SpreadsheetFault(.foreign(foreign)) }
            workbook = try Workbook(packed)
        } catch {
            throw .workbook(error)
        }
    }

    /// An archive, or a compound file: their insides say what they are.
    private static func isPacked(_ head: [UInt8]) -> Bool {
        head.starts(with: [0x50, 0x4B]) || head.starts(with: [0xD0, 0xCF, 0x11, 0xE0])
    }

    private static func read(_ path: String, atMost count: Int) throws -> [UInt8] {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        return try handle.read(upToCount: count).map { [UInt8]($0) } ?? []
    }

    package var isWorkbook: Bool { workbook != nil }

    /// Bytes of chunks to hold while it is prepared: none of a file that is larger than they may be, as its chunks would fill that memory only to be let
    /// go. So a million rows take no more than a register of usual size.
    package var heldBytes: Int {
        guard case .file(let path) = bytes else { return BatchSendLimits.heldBytes }
        var status = stat()
        let isTold = stat(path, &status) == 0
        return isTold && Int(status.st_size) > BatchSendLimits.heldBytes ? 0 : BatchSendLimits.heldBytes
    }

    /// What it was taken for and why, to be told: a wrong guess is seen nowhere else. Nil: a text that cannot be read.
    package var form: Text? {
        guard workbook == nil else { return Text("工作簿(.xlsx)", "a workbook (.xlsx)") }
        guard let table = try? text() else { return nil }
        let separator =
            switch table.separator {
            case .comma: Text("逗号分隔", "commas")
            case .tab: Text("制表符分隔", "tabs")
            case .semicolon: Text("分号分隔", "semicolons")
            }
        let name = table.encoding.encoding.name
        return Text("文本表格，编码 \(name)，\(separator.zh)", "a text table in \(name), parted by \(separator.en)")
    }

    /// Names of the sheets somebody sees; none of a text file.
    package var sheets: [String] { visible.map(\.name) }

    private var visible: [Workbook.Sheet] { workbook?.sheets.filter { $0.visibility == .visible } ?? [] }

    // MARK: Which sheet, which kind

    /// The sheet to read: the named one, hidden or not; else the first that has the kind's headings.
    private func sheet(_ named: String?, _ kind: BatchKind) throws(TableStop) -> Workbook.Sheet? {
        guard let workbook else { return nil }
        if let named {
            guard let sheet = workbook.sheets.first(where: { haveSameBytes($0.name, named) }) else {
                throw .workbook(SpreadsheetFault(.content(.noSuchSheet)))
            }
            return sheet
        }
        for sheet in visible {
            // What is wrong with a sheet is told when it is the one that is read.
            guard let rows = try? firstRows(of: sheet), HeadingFit(kind, rows).isEnough else { continue }
            return sheet
        }
        guard let first = visible.first ?? workbook.sheets.first else { throw .empty }
        return first
    }

    private func table(of sheet: Workbook.Sheet) throws(TableStop) -> SheetTable {
        guard let workbook else { throw .empty }
        let others = workbook.sheets.count - 1
        do throws(SpreadsheetFault) {
            return SheetTable(
                try workbook.rows(of: sheet),
                choice: others > 0
                    ? TableNote(.sheetChosen, row: 0, [sheet.name, "\(others)"]) : nil)
        } catch {
            throw .workbook(error)
        }
    }

    private func text() throws(TableStop) -> TextTable<AnySource> { try TextTable(try source()) }

    private func source() throws(TableStop) -> AnySource {
        switch bytes {
        case .memory(let bytes, let piece): return .memory(MemorySource(bytes, piece: piece))
        case .file(let path):
            do { return .file(try FileSource(path: path)) } catch { throw .unreadable("\(error)") }
        }
    }

    /// Kinds that the headings of a text table, or of the sheet that has the best ones, may be of.
    package func guess(_ kinds: [BatchKind], sheet named: String? = nil) throws(TableStop) -> (
        kinds: [BatchKind], isCertain: Bool
    ) {
        guard let workbook else { return HeadingFit.guess(try Self.firstRows(try text()), kinds) }
        let asked = named.map { name in workbook.sheets.filter { haveSameBytes($0.name, name) } } ?? visible
        for sheet in asked {
            let guess = HeadingFit.guess(try firstRows(of: sheet), kinds)
            if !guess.kinds.isEmpty { return guess }
        }
        return ([], false)
    }

    private func firstRows(of sheet: Workbook.Sheet) throws(TableStop) -> [CellRow] {
        try Self.firstRows(try table(of: sheet))
    }

    private static func firstRows(_ source: some TableSource) throws(TableStop) -> [CellRow] {
        var (source, rows) = (source, [CellRow]())
        while rows.count < TableLimits.headerWithin {
            var row = CellRow()
            guard try source.next(&row) else { break }
            rows.append(row)
        }
        return rows
    }

    // MARK: Reading

    /// Checks every row. What stops the reading is in the report, with what was found before.
    ///
    /// - Parameter take: called with each good row, its number and the checker that holds it.
    package func check<Failure: Error>(
        _ kind: BatchKind, lists: [NameList], sheet named: String? = nil,
        _ take: (Int, RowChecker) throws(Failure) -> Void
    ) throws -> TableReport {
        let sheet: Workbook.Sheet?
        do throws(TableStop) { sheet = try self.sheet(named, kind) } catch {
            return TableReport(kind, stop: error)
        }
        if let sheet {
            let table: SheetTable
            do throws(TableStop) { table = try self.table(of: sheet) } catch {
                return TableReport(kind, stop: error)
            }
            var check = try TableCheck(table, kind: kind, lists: lists)
            return try check.run(take)
        }
        let table: TextTable<AnySource>
        do throws(TableStop) { table = try text() } catch { return TableReport(kind, stop: error) }
        var check = try TableCheck(table, kind: kind, lists: lists)
        return try check.run(take)
    }

    /// The good rows packed into chunks, as they are asked for.
    package func chunks(
        _ kind: BatchKind, lists: [NameList], sheet named: String? = nil
    ) throws -> any ChunkSource {
        if let sheet = try sheet(named, kind) {
            return CheckedChunks(try TableCheck(try table(of: sheet), kind: kind, lists: lists))
        }
        return CheckedChunks(try TableCheck(try text(), kind: kind, lists: lists))
    }

    package func check(_ kind: BatchKind, lists: [NameList], sheet: String? = nil) throws -> TableReport {
        try check(kind, lists: lists, sheet: sheet) { (_, _) in }
    }

    /// The sender's own file with a column of remarks, in the form it came in.
    package func remarked(
        _ report: TableReport, sheet named: String? = nil, language: Language = .zh,
        to take: ([UInt8]) throws -> Void
    ) throws {
        guard let workbook else {
            return try RemarkedCopy.write(try source(), report, language: language, to: take)
        }
        guard let sheet = try sheet(named, report.kind) else { return }
        try take(
            try RemarkedWorkbook.make(
                of: workbook, sheet: sheet, heading: (max(1, report.headerRow), RemarkedCopy.heading),
                column: report.remarksColumn,
                remarks: RemarkedCopy.remarks(report, language)))
    }
}

extension BatchFile {
    /// Bytes of a file or of memory: asked for piece by piece, so that which it is costs nothing.
    package enum AnySource: ByteSource {
        case file(FileSource)
        case memory(MemorySource)

        package mutating func read(into buffer: inout [UInt8]) throws {
            switch self {
            case .file(var source): try source.read(into: &buffer)
            case .memory(var source):
                source.read(into: &buffer)
                self = .memory(source)
            }
        }
    }
}
