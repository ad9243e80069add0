/// A field with what its checks look things up in. A class, because it is handed about with every cell.
final class PreparedField: Sendable {
    let format: FieldFormat
    /// The unit's name folded.
    let unit: [UInt8]
    let list: NameList?
    /// Read as typed, not folded.
    let isText: Bool
    let isRequired: Bool
    let condition: (field: Int, values: [[UInt8]])?
    private let choices: [FoldedName: [UInt8]]

    init(_ field: BatchField, lists: [NameList]) throws(RowChecker.ListMissing) {
        format = field.format
        unit = NameList.key(field.unit)
        switch field.format {
        case .text, .name: isText = true
        default: isText = false
        }
        isRequired = field.requirement == .always
        if case .when(let other, let values) = field.requirement {
            condition = (other, values.map { Array($0.utf8) })
        } else {
            condition = nil
        }
        var names: [FoldedName: [UInt8]] = [:]
        if case .choice(let values) = field.format {
            for value in values {
                for name in [value.code] + value.names {
                    names[FoldedName(NameList.key(name))] = Array(value.code.utf8)
                }
            }
        }
        choices = names
        guard case .listed(let name) = field.format else {
            list = nil
            return
        }
        guard let found = lists.first(where: { haveSameBytes($0.name, name) }) else {
            throw RowChecker.ListMissing(name: name)
        }
        list = found
    }

    func choice(_ folded: [UInt8]) -> [UInt8]? { choices[FoldedName(NameList.key(folded))] }
}

/// Checks rows of one kind and brings them into canonical form: the same code before sending and on the server. Pure; it keeps nothing from row to
/// row but its buffers.
///
///     all faults of a row are told, each with its field; a row with warnings alone is good
package struct RowChecker: Sendable {
    package let kind: BatchKind
    private let fields: [PreparedField]
    private var columns: Columns
    private var reader = CellReader()
    private var texts: [UInt8] = []
    private var states: [FieldState] = []
    /// Of the row checked last: faults, warnings among them, in the order of the fields, then of the rules.
    package private(set) var faults: [RowFault] = []
    /// Of the row checked last, when it is good.
    package private(set) var canonical: [UInt8] = []

    /// A kind names a list of names that is not loaded.
    package struct ListMissing: Error, Sendable, Hashable { package let name: String }

    /// What a file's columns are like, field by field.
    package struct Columns: Sendable, Hashable {
        /// What one of a money field's unit is in 分.
        package var fen: [Int64]
        /// No column at all: for a required field that was told once, not in every row.
        package var isAbsent: [Bool]

        package init(fields: Int) {
            fen = Array(repeating: 100, count: fields)
            isAbsent = Array(repeating: false, count: fields)
        }
    }

    private struct FieldState {
        var value = CellValue()
        /// In `texts`.
        var text = 0..<0
        var isFilled = false
        var isFaulty = false
    }

    package init(kind: BatchKind, lists: [NameList]) throws(ListMissing) {
        self.kind = kind
        var fields: [PreparedField] = []
        for field in kind.fields { fields.append(try PreparedField(field, lists: lists)) }
        self.fields = fields
        columns = Columns(fields: fields.count)
        states = Array(repeating: FieldState(), count: fields.count)
    }

    package mutating func use(_ columns: Columns) {
        guard columns.fen.count == fields.count, columns.isAbsent.count == fields.count else { return }
        self.columns = columns
    }

    /// Checks a row whose cells stand in the order of the kind's fields.
    /// - Returns: whether the row is good; then `canonical` is it.
    package mutating func check(_ cells: CellRow) -> Bool {
        faults.removeAll(keepingCapacity: true)
        canonical.removeAll(keepingCapacity: true)
        texts.removeAll(keepingCapacity: true)
        for field in fields.indices { readField(field, cells) }
        for field in fields.indices { checkRequired(field) }
        for rule in kind.rules { checkRule(rule) }
        guard !faults.contains(where: { !$0.fault.code.isWarning }) else { return false }
        write()
        guard canonical.count <= BatchLimits.rowBytes else {
            tell(nil, "", CellFault(.tooLong, ["\(BatchLimits.rowBytes)", "\(canonical.count)"]))
            return false
        }
        return true
    }

    /// Checks a row that somebody else made canonical: its values are judged as if typed, and the bytes must come out the same.
    package mutating func checkCanonical(_ row: [UInt8]) -> Bool {
        columns = Columns(fields: fields.count)
        guard let places = try? CanonicalRow.fields(row, fields: fields.count) else {
            faults = [RowFault(field: nil, read: "", fault: CellFault(.notCanonical))]
            return false
        }
        var cells = CellRow()
        for (place, field) in zip(places, fields) {
            let shown = field.format.shown(String(decoding: row[place], as: UTF8.self))
            cells.append(Array(shown.utf8), shown.isEmpty ? .empty : .text)
        }
        guard check(cells) else { return false }
        guard canonical == row else {
            tell(nil, "", CellFault(.notCanonical))
            return false
        }
        return true
    }

    private mutating func tell(_ field: Int?, _ read: String, _ fault: CellFault) {
        faults.append(RowFault(field: field, read: read, fault: fault))
    }

    private mutating func readField(_ field: Int, _ cells: CellRow) {
        states[field] = FieldState()
        let cell = cells.range(field)
        guard !cell.isEmpty else { return }
        let raw = cells.bytes.span.extracting(cell)
        guard !reader.isEmpty(raw, fields[field]) else { return }
        states[field].isFilled = true
        do {
            states[field].value = try reader.read(
                raw, cells.kind(field), fields[field], fen: columns.fen[field])
            states[field].text = texts.count..<(texts.count + reader.canonical.count)
            texts.append(contentsOf: reader.canonical)
            if let warning = states[field].value.warning {
                tell(field, Self.read(cells, field), CellFault(warning))
            }
        } catch {
            states[field].isFaulty = true
            // What the guard found is repeated nowhere.
            let isSecret = error.code == .classified || error.code == .cardNumber
            tell(field, isSecret ? "" : Self.read(cells, field), error)
        }
    }

    private static func read(_ cells: CellRow, _ field: Int) -> String {
        let text = trimmedCell(
            String(
                decoding: cells.bytes[cells.range(field)].prefix(4 * BatchLimits.readCharacters),
                as: UTF8.self))
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(BatchLimits.readCharacters)))
    }

    private mutating func checkRequired(_ field: Int) {
        guard !states[field].isFilled else { return }
        if fields[field].isRequired {
            states[field].isFaulty = true
            if !columns.isAbsent[field] { tell(field, "", CellFault(.missing)) }
        } else if let condition = fields[field].condition, has(condition.field, oneOf: condition.values) {
            tell(
                field, "",
                CellFault(.missingWhen, [kind.fields[condition.field].heading, shown(condition.field)]))
        }
    }

    private func text(_ field: Int) -> String { String(decoding: texts[states[field].text], as: UTF8.self) }

    private func shown(_ field: Int) -> String { fields[field].format.shown(text(field)) }

    private func has(_ field: Int, oneOf values: [[UInt8]]) -> Bool {
        guard states[field].isFilled, !states[field].isFaulty else { return false }
        return values.contains { texts[states[field].text].elementsEqual($0) }
    }

    private func isSound(_ field: Int) -> Bool { states[field].isFilled && !states[field].isFaulty }

    private mutating func checkRule(_ rule: RowRule) {
        switch rule {
        case .atMost(let a, let b):
            guard isSound(a), isSound(b), states[a].value.number > states[b].value.number else { return }
            tell(a, shown(a), CellFault(.above, [kind.fields[b].heading, shown(b)]))
        case .oneOf(let some):
            guard !some.contains(where: { states[$0].isFilled }) else { return }
            tell(some.first, "", CellFault(.noneOf, some.map { kind.fields[$0].heading }))
        case .onlyOneOf(let some):
            let filled = some.filter { states[$0].isFilled }
            guard filled.count != 1 else { return }
            let headings = some.map { kind.fields[$0].heading }
            guard let second = filled.dropFirst().first else {
                return tell(some.first, "", CellFault(.noneOf, headings))
            }
            tell(second, text(second), CellFault(.severalOf, headings))
        case .sum(let total, let parts): checkSum(total, parts)
        case .birth(let date, let identity):
            guard isSound(date), isSound(identity),
                let number = try? IdentityNumber(ascii: Array(texts[states[identity].text])),
                let born = number.birthDay, Int64(born.dayNumber) != states[date].value.number
            else { return }
            tell(date, text(date), CellFault(.birthDiffers))
        case .emptyUnless(let field, let other, let values):
            guard states[field].isFilled, !states[other].isFaulty, !columns.isAbsent[other],
                !has(other, oneOf: values.map { Array($0.utf8) })
            else { return }
            tell(field, text(field), CellFault(.notEmpty, [kind.fields[other].heading, shown(other)]))
        }
    }

    private mutating func checkSum(_ total: Int, _ parts: [Int]) {
        guard isSound(total), !parts.contains(where: { states[$0].isFaulty }) else { return }
        var sum: Int64 = 0
        // At most sixty numbers of 10^12: no overflow.
        for part in parts { sum += states[part].value.number }
        guard sum != states[total].value.number else { return }
        tell(total, shown(total), CellFault(.sumDiffers, [fields[total].format.numberText(sum)]))
    }

    private mutating func write() {
        canonical.append(CanonicalRow.form)
        for state in states { CanonicalRow.append(texts[state.text], to: &canonical) }
    }

    // Of the row checked last, when it is good.

    /// What names the row among those of its kind: the canonical texts of the key's fields, each with its length.
    package var keyBytes: [UInt8] {
        var bytes: [UInt8] = []
        for field in kind.key { CanonicalRow.append(texts[states[field].text], to: &bytes) }
        return bytes
    }

    /// The canonical text of the person's field; nil where the kind has none.
    package var person: [UInt8]? { kind.person.map { Array(texts[states[$0].text]) } }

    /// The values of the kind's sum fields, in their order: 分, or units of the last place; 0 where empty.
    package var sumValues: [Int64] { kind.sums.map { states[$0].value.number } }

    // Of the row checked last, good or not.

    /// What can be counted towards a sum, field by field of the kind's sums; nil where the cell is faulty.
    package var countable: [Int64?] {
        kind.sums.map { states[$0].isFaulty ? nil : states[$0].value.number }
    }

    /// The number in a cell of a row of totals, in units of the field's last place; nil where there is none.
    package func total(_ cells: CellRow, field: Int) -> Int64? {
        guard field < fields.count, !cells.range(field).isEmpty else { return nil }
        var cell = FoldedCell()
        cell.fold(cells.bytes.span.extracting(cells.range(field)))
        switch fields[field].format {
        case .money: return AmountText(cell.bytes, cells.kind(field), fen: columns.fen[field])?.fen
        case .integer: return NumberText.value(cell.bytes, cells.kind(field), fields[field].unit, places: 0)
        case .decimal(let places, _):
            return NumberText.value(cell.bytes, cells.kind(field), fields[field].unit, places: places)
        default: return nil
        }
    }
}

extension FieldFormat {
    /// A number of the format's units as people type it.
    package func numberText(_ number: Int64) -> String {
        switch self {
        case .money: AmountText.yuan(number)
        case .decimal(let places, _): NumberText.text(number, places)
        default: "\(number)"
        }
    }
}
