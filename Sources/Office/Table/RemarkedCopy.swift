internal import Exchange

/// The sender's own file with one more column that says what is wrong in each row: same rows, same order, same encoding and separator. The sender
/// mends it and sends it again; the column is passed over then.
package enum RemarkedCopy {
    /// Known to `TableLayout`, which does not take it for a column of the kind.
    package static let heading = "问题说明"

    /// Bytes gathered before they are given on.
    private static let piece = 65_536

    package enum Failure: Error, Hashable {
        case stopped(TableStop)
        case notEncodable(code: Int)
    }

    /// Reads the file once more and writes it to `take`, piece by piece.
    package static func write<Source: ByteSource>(
        _ source: Source, _ report: TableReport, language: Language = .zh, to take: ([UInt8]) throws -> Void
    ) throws {
        var table: TextTable<Source>
        do { table = try TextTable(source) } catch { throw Failure.stopped(error) }
        let remarks = Remarks(report, language)
        var lines = LineWriter(table.separator)
        var row = CellRow()
        var encoder: TextEncoder?
        while try next(&table, &row) {
            lines.append(remarks.cells(row))
            if lines.bytes.count >= piece { try flush(&lines, &encoder, table.encoding, take) }
        }
        try flush(&lines, &encoder, table.encoding, take)
    }

    private static func next<Source>(_ table: inout TextTable<Source>, _ row: inout CellRow) throws -> Bool {
        do { return try table.next(&row) } catch { throw Failure.stopped(error) }
    }

    /// The encoding is certain with the first piece: before it, a file may have been nothing but ASCII, which all encodings share.
    private static func flush(
        _ lines: inout LineWriter, _ encoder: inout TextEncoder?, _ guess: EncodingGuess,
        _ take: ([UInt8]) throws -> Void
    ) throws {
        let isFirst = encoder == nil
        let used = encoder ?? TextEncoder(encoding: guess.encoding)
        encoder = used
        do {
            try take((isFirst ? used.mark : []) + used.encode(lines.take()))
        } catch let failure as Charset.Failure {
            throw Failure.notEncodable(code: failure.code)
        }
    }

    /// What is said of each row, by its number.
    static func remarks(_ report: TableReport, _ language: Language) -> [Int: String] {
        Dictionary(grouping: report.faults, by: \.row).mapValues { faults in
            faults.map { FaultTexts.remark($0)[language] }.joined(separator: language == .zh ? "；" : "; ")
        }
    }

    /// The remarks by row.
    private struct Remarks {
        let headerRow: Int
        let column: Int
        let byRow: [Int: String]

        init(_ report: TableReport, _ language: Language) {
            headerRow = report.headerRow
            column = report.remarksColumn ?? report.width
            byRow = RemarkedCopy.remarks(report, language)
        }

        /// The row's cells with the remark in its column; rows without one stay as they are.
        func cells(_ row: CellRow) -> [ArraySlice<UInt8>] {
            var cells = (0..<row.count).map { row.bytes[row.range($0)] }
            let said = [row.number == headerRow ? RemarkedCopy.heading : nil, byRow[row.number]]
            let remark = said.compactMap { $0 }.joined(separator: "：")
            guard !remark.isEmpty || column < cells.count else { return cells }
            // A row that is longer than its headings keeps all its cells: the remark goes behind them.
            let place = byRow[row.number] != nil && cells.count > column + 1 ? cells.count : column
            while cells.count <= place { cells.append([]) }
            if place == column || !remark.isEmpty { cells[place] = ArraySlice(remark.utf8) }
            return cells
        }
    }
}
