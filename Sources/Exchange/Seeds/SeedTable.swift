/// The form of the files in seeds/: RFC 4180 CSV in UTF-8, as spreadsheets save it.
///
/// - a byte-order mark and CR before LF are passed over; empty lines and lines that begin with `#` too;
/// - a field may stand in double quotes, a quote inside is doubled; a quoted field may not go on into the next line;
/// - tables with a version begin with a line `version,2026.1`; then comes the header that names the columns, in any order;
/// - tables that follow a published document name it on the line after: `source,title (number)`;
/// - every row has as many fields as the header.
struct SeedTable: Sendable {
    let path: String
    /// Empty where the file has no version line.
    let version: String
    /// Empty where the file has no source line.
    let source: String
    let rows: [SeedRow]

    init(
        path: String, text: String, columns: [String], hasVersion: Bool = false, hasSource: Bool = false
    ) throws(SeedError) {
        self.path = path
        var lines = try Self.lines(path, text)[...]
        var version = ""
        if hasVersion {
            guard let first = lines.popFirst(), first.fields.count >= 2, first.fields[0] == "version",
                !first.fields[1].isEmpty
            else { throw SeedError(path, 1, nil, "the file begins with a line such as: version,2026.1") }
            version = first.fields[1]
        }
        self.version = version
        var source = ""
        if hasSource {
            guard let line = lines.popFirst(), line.fields.count >= 2, line.fields[0] == "source",
                !line.fields[1].isEmpty
            else { throw SeedError(path, 2, nil, "the second line names the source: source,title (number)") }
            source = line.fields[1]
        }
        self.source = source
        rows = try Self.rows(path, lines, columns)
    }

    /// A table whose lines in front of the header have been read already.
    init(
        path: String, lines: ArraySlice<(line: Int, fields: [String])>, columns: [String]
    ) throws(SeedError) {
        self.path = path
        version = ""
        source = ""
        rows = try Self.rows(path, lines, columns)
    }

    private static func rows(
        _ path: String, _ lines: ArraySlice<(line: Int, fields: [String])>, _ columns: [String]
    ) throws(SeedError) -> [SeedRow] {
        var lines = lines
        guard let header = lines.popFirst() else {
            throw SeedError(path, 1, nil, "the header naming the columns is missing")
        }
        for column in columns where !header.fields.contains(column) {
            throw SeedError(path, header.line, column, "the header does not name this column")
        }
        var rows: [SeedRow] = []
        for line in lines {
            guard line.fields.count == header.fields.count else {
                throw SeedError(
                    path, line.line, nil,
                    "\(line.fields.count) fields where the header has \(header.fields.count)")
            }
            rows.append(SeedRow(path: path, line: line.line, columns: header.fields, fields: line.fields))
        }
        return rows
    }

    static func lines(_ path: String, _ text: String) throws(SeedError) -> [(
        line: Int, fields: [String]
    )] {
        var lines: [(line: Int, fields: [String])] = []
        var bytes = Array(text.utf8)[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let line = line.last == 0x0D ? line.dropLast() : line
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            lines.append((index + 1, try fields(path, index + 1, line)))
        }
        return lines
    }

    private static func fields(_ path: String, _ number: Int, _ line: ArraySlice<UInt8>) throws(SeedError)
        -> [String]
    {
        var fields: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var previous: UInt8 = 0
        for byte in line {
            switch byte {
            case UInt8(ascii: "\""):
                isQuoted.toggle()
                if isQuoted, previous == byte { field.append(byte) }  // "" inside quotes
            case UInt8(ascii: ",") where !isQuoted:
                fields.append(trimmedField(field))
                field = []
            default: field.append(byte)
            }
            previous = byte == UInt8(ascii: "\"") && isQuoted ? 0 : byte
        }
        guard !isQuoted else { throw SeedError(path, number, nil, "a quote is not closed on its line") }
        return fields + [trimmedField(field)]
    }

    private static func trimmedField(_ bytes: [UInt8]) -> String {
        String(trimmed(String(decoding: bytes, as: UTF8.self)))
    }
}

/// One row of a seed file and where it stands.
struct SeedRow: Sendable {
    let path: String
    let line: Int
    let columns: [String]
    let fields: [String]

    /// The field of a column; empty when the file has no such column.
    subscript(column: String) -> String {
        guard let index = columns.firstIndex(of: column), index < fields.count else { return "" }
        return fields[index]
    }

    func required(_ column: String) throws(SeedError) -> String {
        let field = self[column]
        guard !field.isEmpty else { throw error(column, "empty") }
        return field
    }

    func number(_ column: String) throws(SeedError) -> Int32 {
        guard let number = Int32(self[column]) else {
            throw error(column, "\"\(self[column])\" is no whole number")
        }
        return number
    }

    func error(_ column: String, _ what: String) -> SeedError { SeedError(path, line, column, what) }
}

/// What is wrong with a seed file, and where.
package struct SeedError: Error, Sendable, Hashable, CustomStringConvertible {
    package let path: String
    /// Counts from one.
    package let line: Int
    package let column: String?
    package let what: String

    init(_ path: String, _ line: Int, _ column: String?, _ what: String) {
        self.path = path
        self.line = line
        self.column = column
        self.what = what
    }

    /// `seeds/parties.csv, line 5, column "kind": "countyy" is none of bureau, county, unit, department, township`
    package var description: String { text(of: "seeds/\(path)") }

    /// The same of a file that lies elsewhere.
    package func text(of path: String) -> String {
        "\(path), line \(line)\(column.map { ", column \"\($0)\"" } ?? ""): \(what)"
    }
}
