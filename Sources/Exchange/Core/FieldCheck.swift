package import Schema
import Wire

/// Checks of single fields, shared by all commands. Each throws the rejection that names the field by its
/// path in the schema.
extension State {
    /// A required text: not blank, within its limit, without control characters, nothing classified.
    func check(_ text: String, _ field: String, max: Int, lines: Bool = true) throws(Rejection) {
        let survey = TextSurvey(text)
        guard !survey.isBlank else { throw .missing(field) }
        try check(text, survey, { field }, max: max, lines: lines)
    }

    /// The same for a text that may be empty. The field's path is put together only for a refusal.
    func checkOptional(
        _ text: String, _ field: @autoclosure () -> String, max: Int, lines: Bool = true
    ) throws(Rejection) {
        guard !text.isEmpty else { return }
        try check(text, TextSurvey(text), field, max: max, lines: lines)
    }

    /// Length, control characters and the guard. `lines`: line breaks and tabs are allowed. Control
    /// characters and direction marks could make a terminal or a print show something else than was filed.
    private func check(
        _ text: String, _ survey: TextSurvey, _ field: () -> String, max: Int, lines: Bool
    ) throws(Rejection) {
        guard !survey.hasControl, lines || !survey.hasLineControl else {
            throw .invalid(field(), "control-character")
        }
        guard survey.count <= max else { throw .tooMuch(field(), "too-long", max: max) }
        if let rule = ClassifiedGuard.matchedRule(in: text, among: survey.suspects) {
            throw Rejection(.classifiedText, ["field": field(), "rule": rule])
        }
    }

    /// A required code of a loaded list.
    func checkCode(_ code: String, _ field: String, list: String) throws(Rejection) {
        guard !code.isEmpty else { throw .missing(field) }
        let lists = codeLists.span  // in place: a list taken out of the array is retained part by part
        for index in lists.indices where haveSameBytes(lists[index].name, list) {
            guard lists[index].contains(code) else { break }
            return
        }
        throw .unknownCode(field, code, list: list)
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

extension CivilDay {
    /// Nil when there is no such day or no date at all.
    package init?(_ date: CivilDate?) {
        guard let date else { return nil }
        self.init(year: Int(date.year), month: Int(date.month), day: Int(date.day))
    }

    /// As the schema has it.
    package var open: CivilDate { CivilDate(year: Int32(year), month: Int32(month), day: Int32(day)) }
}

/// What a decision yields: one event. Every accepted command is exactly one, so that versions count commands.
typealias EventBody = EventV1.Event.OneOf_Body
