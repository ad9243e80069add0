package import Schema
import Wire

/// Checks of single fields, shared by all commands. Each throws the rejection that names the field by its
/// path in the schema.
extension State {
    /// A required text: not blank, within its limit, without control characters, nothing classified.
    func check(_ text: String, _ field: String, max: Int, lines: Bool = true) throws(Rejection) {
        guard !trimmed(text).isEmpty else { throw .missing(field) }
        try checkOptional(text, field, max: max, lines: lines)
    }

    /// The same for a text that may be empty.
    func checkOptional(_ text: String, _ field: String, max: Int, lines: Bool = true) throws(Rejection) {
        try checkForm(text, field, max: max, lines: lines)
        if let rule = ClassifiedGuard.matchedRule(in: text) {
            throw Rejection(.classifiedText, ["field": field, "rule": rule])
        }
    }

    /// Length and control characters. `lines`: line breaks and tabs are allowed. Control characters and
    /// direction marks could make a terminal or a print show something else than was filed.
    func checkForm(_ text: String, _ field: String, max: Int, lines: Bool = false) throws(Rejection) {
        var count = 0
        for scalar in text.unicodeScalars {
            count += 1
            guard !isControl(scalar, lines: lines) else { throw .invalid(field, "control-character") }
        }
        guard count <= max else { throw .tooMuch(field, "too-long", max: max) }
    }

    /// A required code of a loaded list.
    func checkCode(_ code: String, _ field: String, list: String) throws(Rejection) {
        guard !code.isEmpty else { throw .missing(field) }
        guard let known = codeList(list), known.contains(code) else {
            throw .unknownCode(field, code, list: list)
        }
    }

    /// An optional date: nil when absent, a rejection when there is no such day.
    func checkDay(_ date: CivilDate?, _ field: String) throws(Rejection) -> CivilDay? {
        guard let date else { return nil }
        guard let day = CivilDay(date) else { throw .invalid(field, "no-such-day") }
        return day
    }

    func checkedContact(_ contact: Contact?, _ field: String) throws(Rejection) -> EventV1.Contact? {
        guard let contact else { return nil }
        try checkOptional(contact.name, "\(field).name", max: Limits.personNameCharacters, lines: false)
        try checkOptional(contact.phone, "\(field).phone", max: Limits.phoneCharacters, lines: false)
        return EventV1.Contact(name: personal(contact.name), phone: personal(contact.phone))
    }

    /// A required ASCII token: a code, a list's name, a version.
    func checkToken(_ text: String, _ field: String, max: Int = Limits.tokenBytes) throws(Rejection) {
        guard !text.isEmpty else { throw .missing(field) }
        guard text.utf8.count <= max else { throw .tooMuch(field, "too-long", max: max) }
        guard isToken(text) else { throw .invalid(field, "malformed") }
    }
}

private func isControl(_ scalar: Unicode.Scalar, lines: Bool) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: !lines
    case 0x00...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
}

extension CivilDay {
    /// Nil when there is no such day or no date at all.
    init?(_ date: CivilDate?) {
        guard let date else { return nil }
        self.init(year: Int(date.year), month: Int(date.month), day: Int(date.day))
    }

    /// As the schema has it.
    package var open: CivilDate { CivilDate(year: Int32(year), month: Int32(month), day: Int32(day)) }
}

/// What a decision yields: one event. Every accepted command is exactly one, so that versions count commands.
typealias EventBody = EventV1.Event.OneOf_Body
