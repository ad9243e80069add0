/// What a cell's value is, apart from its text: for rules and sums.
struct CellValue {
    /// Day number, months since year 0, year, 分, units of the last place; 0 for texts.
    var number: Int64 = 0
    var warning: FaultCode?
}

/// Reads one cell into the canonical text of its format (FieldFormat). Total: every input ends in a value or a fault.
struct CellReader {
    private var cell = FoldedCell()
    private var isFolded = false
    /// Canonical text of the cell read last.
    private(set) var canonical: [UInt8] = []

    /// Whether a cell says nothing: blank, or a dash or slash alone.
    mutating func isEmpty(_ raw: Span<UInt8>, _ field: PreparedField) -> Bool {
        // A text is not read folded: where it is certainly filled, folding it is left out.
        isFolded = !field.isText || !FoldedCell.isSurelyFilled(raw)
        guard isFolded else { return false }
        cell.fold(raw)
        return cell.bytes.isEmpty || cell.isPlaceholder
    }

    /// The cell that `isEmpty` has just looked at.
    /// - Parameters:
    ///   - fen: what one of a money column's unit is in 分: 100, or 1,000,000 for 万元.
    mutating func read(
        _ raw: Span<UInt8>, _ kind: CellKind, _ field: PreparedField, fen: Int64
    ) throws(CellFault) -> CellValue {
        canonical.removeAll(keepingCapacity: true)
        if kind == .error || raw[0] == UInt8(ascii: "#") { try checkFormula(raw, kind) }
        switch field.format {
        case .text(let max): return try text(raw, max, lines: true)
        case .name(let max): return try text(raw, max, lines: false)
        default: break
        }
        try checkWhole(cell.bytes)
        switch field.format {
        case .text, .name: return CellValue()
        case .choice(let choices): return try choice(field, choices)
        case .listed(let list): return try listed(field, list)
        case .date: return try date(kind)
        case .month: return try month(kind)
        case .year(let years): return try year(kind, years)
        case .identity: return try identity(kind)
        case .creditCode: return try creditCode(kind)
        case .money(let range): return try money(kind, range, fen: fen)
        case .integer(let range): return try number(kind, 0, range, field.unit)
        case .decimal(let places, let range): return try number(kind, places, range, field.unit)
        case .phone: return try phone()
        case .yesNo: return try yesNo()
        }
    }

    /// As a spreadsheet writes them into a text file.
    private mutating func checkFormula(_ raw: Span<UInt8>, _ kind: CellKind) throws(CellFault) {
        cell.fold(raw)
        guard kind == .error || Self.formulaErrors.contains(cell.bytes) else { return }
        throw CellFault(.formula, [String(decoding: cell.bytes.prefix(20), as: UTF8.self)])
    }

    private static let formulaErrors = Set(
        ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!"].map { Array($0.utf8) }
    )

    private func checkWhole(_ bytes: [UInt8]) throws(CellFault) {
        guard bytes.contains(0xEF) else { return }
        let mark: [UInt8] = [0xEF, 0xBF, 0xBD]
        for index in bytes.indices.dropLast(2) where bytes[index...].starts(with: mark) {
            throw CellFault(.damaged)
        }
    }

    // Texts.

    private mutating func text(_ raw: Span<UInt8>, _ max: Int, lines: Bool) throws(CellFault) -> CellValue {
        var text: String
        if FoldedCell.isPlainText(raw) {
            for index in raw.indices { canonical.append(raw[index]) }
            text = String(decoding: canonical, as: UTF8.self)
            canonical.removeAll(keepingCapacity: true)
        } else {
            text = plainText(raw, lines: lines)
            if !lines { text = withoutAlignment(text) }
        }
        let survey = TextSurvey(text)
        guard !survey.hasControl else { throw CellFault(.control) }
        guard survey.count <= max else { throw CellFault(.tooLong, ["\(max)", "\(survey.count)"]) }
        if let rule = ClassifiedGuard.matchedRule(in: text, among: survey.suspects) {
            throw CellFault(.classified, [rule])
        }
        canonical.append(contentsOf: text.utf8)
        try checkWhole(canonical)
        guard !hasCardNumber(canonical) else { throw CellFault(.cardNumber) }
        return CellValue()
    }

    /// As typed, but for white space around, an apostrophe in front, marks without width, and line breaks: LF, or a space where `lines` is false.
    private func plainText(_ raw: Span<UInt8>, lines: Bool) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(raw.count)
        var index = 0
        while index < raw.count {
            let byte = raw[index]
            guard byte != 0x0D else {
                if index + 1 >= raw.count || raw[index + 1] != 0x0A { bytes.append(lines ? 0x0A : 0x20) }
                index += 1
                continue
            }
            guard byte >= 0x80 else {
                bytes.append(byte == 0x0A && !lines ? 0x20 : byte)
                index += 1
                continue
            }
            let scalar = FoldedCell.scalar(raw, &index)
            if !isWithoutWidth(scalar) { FoldedCell.append(scalar, to: &bytes) }
        }
        var text = trimmed(String(decoding: bytes, as: UTF8.self))
        while text.unicodeScalars.first == "'" { text = trimmed(String(text.unicodeScalars.dropFirst())) }
        return String(text)
    }

    /// `张　三` → `张三`: spaces go where a Chinese character stands on either side; between Latin words one stays. The dots between the parts of a
    /// name become one sort.
    private func withoutAlignment(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 >= 0x80 || $0 == 0x20 || $0 == 0x09 }) else { return text }
        var made = String.UnicodeScalarView()
        var spaceIsPending = false
        for scalar in text.unicodeScalars {
            if isWhiteSpace(scalar.value) {
                spaceIsPending = true
                continue
            }
            if spaceIsPending, let last = made.last, last.isASCII, scalar.isASCII { made.append(" ") }
            spaceIsPending = false
            made.append(isNameDot(scalar) ? "·" : scalar)
        }
        return String(made)
    }

    private func isNameDot(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2022, 0x2027, 0x30FB, 0xFF65, 0x2219, 0x22C5: true
        default: false
        }
    }

    /// Sixteen to nineteen digits in a row that begin with 62, as bank cards do here, and pass the cards' check (ISO 7812, Luhn), unless they are an
    /// ID number.
    private func hasCardNumber(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 16 else { return false }
        var start = 0
        while let first = bytes[start...].firstIndex(where: isDigit) {
            let end = bytes[first...].firstIndex { !isDigit($0) } ?? bytes.count
            if isCardNumber(bytes[first..<end]) { return true }
            start = end
        }
        return false
    }

    private func isCardNumber(_ digits: ArraySlice<UInt8>) -> Bool {
        guard (16...19).contains(digits.count), digits.starts(with: [0x36, 0x32]) else { return false }
        if digits.count == 18, (try? IdentityNumber(ascii: Array(digits))) != nil { return false }
        var sum = 0
        for (offset, digit) in digits.reversed().enumerated() {
            let value = Int(digit - 0x30) << (offset & 1)
            sum += value > 9 ? value - 9 : value
        }
        return sum % 10 == 0
    }

    // Names.

    private mutating func choice(_ field: PreparedField, _ choices: [FieldFormat.Choice]) throws(CellFault)
        -> CellValue
    {
        guard let code = field.choice(cell.bytes) else {
            throw CellFault(.notAChoice, choices.prefix(12).map { $0.names[0] })
        }
        canonical.append(contentsOf: code)
        return CellValue()
    }

    private mutating func listed(_ field: PreparedField, _ list: String) throws(CellFault) -> CellValue {
        guard let entry = field.list?.entry(cell.bytes) else { throw CellFault(.notListed, [list]) }
        canonical.append(contentsOf: entry.code.utf8)
        return CellValue()
    }

    private static let yes = words([
        "是", "有", "对", "√", "✓", "✔", "☑", "Y", "YES", "1", "TRUE", "已", "已发", "已发放", "已领", "已领取", "已办",
        "已办理",
    ])
    private static let no = words([
        "否", "无", "没有", "不是", "×", "✗", "✘", "☐", "X", "N", "NO", "0", "FALSE", "未", "未发", "未发放", "未领", "未领取",
        "未办",
        "未办理",
    ])

    private static func words(_ words: [String]) -> Set<FoldedName> {
        Set(words.map { FoldedName(NameList.key($0)) })
    }

    private mutating func yesNo() throws(CellFault) -> CellValue {
        let key = FoldedName(NameList.key(cell.bytes))
        if Self.yes.contains(key) {
            canonical.append(contentsOf: "yes".utf8)
        } else if Self.no.contains(key) {
            canonical.append(contentsOf: "no".utf8)
        } else {
            throw CellFault(.notYesNo)
        }
        return CellValue()
    }

    // Days, months, years.

    private mutating func date(_ kind: CellKind) throws(CellFault) -> CellValue {
        let plain = DayText.plainDay(cell.bytes)
        let day = if let plain { plain } else { try DayText(cell.bytes, kind).day() }
        append(day.year, width: 4)
        canonical.append(UInt8(ascii: "-"))
        append(day.month, width: 2)
        canonical.append(UInt8(ascii: "-"))
        append(day.day, width: 2)
        return CellValue(number: Int64(day.dayNumber))
    }

    private mutating func append(_ number: Int, width: Int) {
        var unit = width == 4 ? 1000 : 10
        while unit > 0 {
            canonical.append(UInt8(truncatingIfNeeded: 0x30 + number / unit % 10))
            unit /= 10
        }
    }

    private mutating func month(_ kind: CellKind) throws(CellFault) -> CellValue {
        let text = DayText(cell.bytes, kind)
        let (year, month) = try text.month()
        append(year, width: 4)
        canonical.append(UInt8(ascii: "-"))
        append(month, width: 2)
        return CellValue(
            number: Int64(year * 12 + month - 1), warning: text.mayHaveLostZero ? .monthDoubtful : nil)
    }

    private mutating func year(_ kind: CellKind, _ range: ClosedRange<Int64>) throws(CellFault) -> CellValue {
        let year = Int64(try DayText(cell.bytes, kind).year())
        guard range.contains(year) else {
            throw CellFault(.outOfRange, ["\(range.lowerBound)", "\(range.upperBound)"])
        }
        canonical.append(contentsOf: "\(year)".utf8)
        return CellValue(number: year)
    }

    // Numbers of persons and organisations.

    private func withoutSpaces() -> [UInt8] {
        cell.bytes.contains(0x20) ? cell.bytes.filter { $0 != 0x20 } : cell.bytes
    }

    private mutating func identity(_ kind: CellKind) throws(CellFault) -> CellValue {
        var bytes = withoutSpaces()
        guard kind != .number || bytes.count < IdentityNumber.length, !isScientific(bytes) else {
            throw CellFault(.identityRuined)
        }
        if bytes.contains(where: { $0 >= 0x80 }) {
            bytes = asciiCapitals(String(decoding: bytes, as: UTF8.self))
        }
        let endsInZeros = bytes.count == IdentityNumber.length && bytes.suffix(3).allSatisfy { $0 == 0x30 }
        do {
            let number = try IdentityNumber(ascii: bytes)
            canonical.append(contentsOf: number.characters)
            return CellValue(warning: endsInZeros ? .identityDoubtful : nil)
        } catch {
            if endsInZeros, case .wrongCheck = error { throw CellFault(.identityRuined) }
            throw Self.fault(error)
        }
    }

    private static func fault(_ fault: IdentityNumber.Fault) -> CellFault {
        switch fault {
        case .empty: CellFault(.missing)
        case .fifteenDigits: CellFault(.identityFifteen)
        case .wrongLength(let count): CellFault(.identityLength, ["\(count)"])
        case .notADigit(let position): CellFault(.identityCharacter, ["\(position)"])
        case .impossibleBirthDate: CellFault(.identityBirth)
        case .wrongCheck(let expected): CellFault(.identityCheck, ["\(expected)"])
        }
    }

    /// `4.21303E+17`: digits, a point, an exponent.
    private func isScientific(_ bytes: [UInt8]) -> Bool {
        guard let mark = bytes.firstIndex(where: { $0 == UInt8(ascii: "E") || $0 == UInt8(ascii: "e") }),
            mark > 0, bytes.count <= 24,
            bytes.contains(UInt8(ascii: "+")) || bytes.contains(UInt8(ascii: "."))
        else { return false }
        return DecimalText(bytes) != nil
    }

    private mutating func creditCode(_ kind: CellKind) throws(CellFault) -> CellValue {
        let bytes = withoutSpaces()
        guard kind != .number || bytes.count < SocialCreditCode.length, !isScientific(bytes) else {
            throw CellFault(.creditRuined)
        }
        do {
            let code = try SocialCreditCode(String(decoding: bytes, as: UTF8.self))
            canonical.append(contentsOf: code.characters)
            return CellValue()
        } catch {
            switch error {
            case .empty: throw CellFault(.missing)
            case .wrongLength(let count): throw CellFault(.creditLength, ["\(count)"])
            case .wrongCharacter(let position): throw CellFault(.creditCharacter, ["\(position)"])
            case .wrongCheck(let expected): throw CellFault(.creditCheck, ["\(expected)"])
            }
        }
    }

    private mutating func phone() throws(CellFault) -> CellValue {
        if PhoneText.isPlainMobile(cell.bytes) {
            canonical.append(contentsOf: cell.bytes)
            return CellValue()
        }
        guard let text = PhoneText(cell.bytes) else { throw CellFault(.notAPhone) }
        canonical.append(contentsOf: text.canonical)
        return CellValue()
    }

    // Amounts.

    private mutating func money(_ kind: CellKind, _ range: ClosedRange<Int64>, fen: Int64) throws(CellFault)
        -> CellValue
    {
        guard let amount = AmountText(cell.bytes, kind, fen: fen) else { throw CellFault(.notAnAmount) }
        guard let value = amount.fen else { throw CellFault(amount.isTooFine ? .partOfFen : .notAnAmount) }
        guard range.contains(value) else {
            throw CellFault(
                .outOfRange, [AmountText.yuan(range.lowerBound), AmountText.yuan(range.upperBound)])
        }
        canonical.append(contentsOf: "\(value)".utf8)
        return CellValue(number: value)
    }

    private mutating func number(
        _ kind: CellKind, _ places: Int, _ range: ClosedRange<Int64>, _ unit: [UInt8]
    )
        throws(CellFault) -> CellValue
    {
        let bytes = try withoutUnit(unit)
        guard var decimal = DecimalText(bytes) else { throw CellFault(.notANumber) }
        if kind == .number { decimal = decimal.roundedLikeSpreadsheets }
        guard decimal.places <= places else {
            throw places == 0 ? CellFault(.notWhole) : CellFault(.tooManyPlaces, ["\(places)"])
        }
        guard let value = decimal.scaled(by: places), range.contains(value) else {
            throw CellFault(
                .outOfRange,
                [NumberText.text(range.lowerBound, places), NumberText.text(range.upperBound, places)])
        }
        canonical.append(contentsOf: NumberText.text(value, places).utf8)
        return CellValue(number: value)
    }

    /// `21人` → `21` where the field counts in 人; another word behind the number is another unit.
    private func withoutUnit(_ unit: [UInt8]) throws(CellFault) -> [UInt8] {
        let bytes = withoutSpaces()
        guard let last = bytes.lastIndex(where: { $0 < 0x80 && isDigit($0) }), last + 1 < bytes.count,
            last < 40
        else { return bytes }
        let rest = bytes[(last + 1)...]
        guard rest.first != UInt8(ascii: ".") else { return bytes }
        let isUnit = rest.elementsEqual(unit) || rest.elementsEqual(Array("个".utf8) + unit)  // 3个月
        guard isUnit else {
            throw unit.isEmpty || rest.allSatisfy({ $0 < 0x80 })
                ? CellFault(.notANumber) : CellFault(.otherUnit, [String(decoding: unit, as: UTF8.self)])
        }
        return Array(bytes[...last])
    }
}
