/// A folded name as a key of a table: hashed in one piece, where an array of bytes is hashed byte by byte.
struct FoldedName: Hashable, Sendable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
}

/// Names people write and the code each stands for: counties with their short names, parties, code lists. Data, because it differs by city.
///
///     version line; code, name — several lines of one code: the first name is the official one
///
/// A code is a name of itself. Names are compared as `key` makes them.
package struct NameList: Sendable, Hashable {
    package let name: String
    package let version: String
    /// In the file's order: code and official name.
    package private(set) var entries: [Entry] = []
    private var codes: [FoldedName: Int] = [:]

    package struct Entry: Sendable, Hashable {
        package let code: String
        package let name: String
    }

    package init(name: String, version: String, pairs: [(code: String, name: String)]) {
        self.name = name
        self.version = version
        for pair in pairs { add(pair.code, pair.name) }
    }

    /// - Throws: where the file is wrong: a name that stands for two codes, an empty field, more than `BatchLimits.names` lines.
    package init(name: String, path: String, text: String) throws(SeedError) {
        let table = try SeedTable(path: path, text: text, columns: ["code", "name"], hasVersion: true)
        self.name = name
        version = table.version
        guard table.rows.count <= BatchLimits.names else {
            throw SeedError(path, 1, nil, "more than \(BatchLimits.names) names")
        }
        for row in table.rows {
            let (code, name) = (try row.required("code"), try row.required("name"))
            guard add(code, name) else { throw row.error("name", "\"\(name)\" stands for another code, too") }
        }
    }

    /// False when the name stands for another code already.
    @discardableResult
    private mutating func add(_ code: String, _ name: String) -> Bool {
        let index: Int
        if let known = codes[FoldedName(Self.key(code))], haveSameBytes(entries[known].code, code) {
            index = known
        } else {
            index = entries.count
            entries.append(Entry(code: code, name: name))
        }
        for key in [Self.key(code), Self.key(name)].map(FoldedName.init) {
            if let other = codes[key], other != index { return false }
            codes[key] = index
        }
        return true
    }

    /// What a cell stands for; nil for what the list does not name.
    func entry(_ folded: [UInt8]) -> Entry? { codes[FoldedName(Self.key(folded))].map { entries[$0] } }

    /// What two ways to write a name have in common: plain characters (FoldedCell) without spaces, ASCII letters small.
    package static func key(_ text: String) -> [UInt8] {
        var cell = FoldedCell()
        cell.fold(Array(text.utf8).span)
        return key(cell.bytes)
    }

    /// Without spaces, ASCII capitals small.
    static func key(_ folded: [UInt8]) -> [UInt8] {
        guard folded.contains(where: { $0 == 0x20 || ($0 >= 0x41 && $0 <= 0x5A) }) else { return folded }
        return folded.compactMap { $0 == 0x20 ? nil : $0 >= 0x41 && $0 <= 0x5A ? $0 + 0x20 : $0 }
    }
}

extension NameList {
    /// The lists of a city's seeds that batches may ask for: `batches/names/LIST.csv` with other ways to write the entries, else `codes/LIST.csv`; and
    /// `party`, from `parties.csv`.
    package static func lists(_ files: [SeedFile]) throws(SeedError) -> [NameList] {
        var lists: [NameList] = []
        for folder in ["batches/names/", "codes/"] {
            for file in files.sorted(by: { $0.path < $1.path }) where file.path.hasPrefix(folder) {
                let name = String(file.path.dropFirst(folder.count).dropLast(4))
                guard !lists.contains(where: { haveSameBytes($0.name, name) }) else { continue }
                lists.append(try NameList(name: name, path: file.path, text: file.text))
            }
        }
        guard let parties = files.first(where: { $0.path == "parties.csv" }) else { return lists }
        let table = try SeedTable(path: parties.path, text: parties.text, columns: ["kind", "code", "name"])
        var pairs: [(code: String, name: String)] = []
        for row in table.rows {
            let code = try row.required("code")
            let key = "\(try row.required("kind"))/\(code)"
            pairs += [(key, try row.required("name")), (key, code)]
        }
        return lists + [NameList(name: "party", version: "", pairs: pairs)]
    }
}
