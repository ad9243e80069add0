import Office
import Schema
import TwoListsClient

/// `person find`, `person erase`: what the registers hold of one person.
extension Session {
    func findPerson() async throws(Stop) -> ExitCode {
        let line = try await completed(try resolvedTexts(), CommandTable.spec(line.name))
        let found = try await person(line)
        let known = Text(
            "登记册中有此人的行；删除用 twolists person erase。",
            "The registers hold rows about this person; twolists person erase erases them.")
        _ = show(
            .object(["subject": .hex(found.subject), "known": .bool(found.known)]),
            [(found.known ? known : PersonForms.nobody)[language]])
        return found.known ? .done : .notFound
    }

    /// Looked for before it is confirmed: nobody confirms what is not there.
    func erasePerson() async throws(Stop) -> ExitCode {
        let (typed, spec) = (try resolvedTexts(), CommandTable.spec(line.name))
        if !canAsk, let missing = Prompter.missingRequired(typed, spec) { throw .usage(missing) }
        var line = try await completed(typed, PersonForms.unconfirmed(spec))
        if line.has("confirm") { try usage { () throws(UsageError) in try PersonForms.checkConfirmed(line) } }
        let body = PersonForms.command(line)
        if let refusal = LocalCheck.refusal(of: body) {
            return show(CommandAnswer(outcome: refusal), kind: "erase_person", reference: "")
        }
        let found = try await person(line)
        guard found.known else { return missing(found) }
        Output.complain(PersonForms.consequence[language])
        line = try await completed(line, spec)
        try usage { () throws(UsageError) in try PersonForms.checkConfirmed(line) }
        let signed = try await call { () async throws(ClientError) in
            try client.sealed(body, target: found.subject, expectedVersion: 0)
        }
        return try await send(signed, kind: "erase_person", reference: "")
    }

    private func missing(_ found: PersonFound) -> ExitCode {
        _ = show(
            .object(["subject": .hex(found.subject), "known": .bool(false)]), [PersonForms.nobody[language]])
        return .notFound
    }

    private func person(_ line: Invocation) async throws(Stop) -> PersonFound {
        let number = try usage { () throws(UsageError) in try PersonForms.number(line) }
        return try await call { () async throws(ClientError) in
            try await client.person(number, timeout: timeout)
        }
    }

    private func usage<Value>(_ body: () throws(UsageError) -> Value) throws(Stop) -> Value {
        do throws(UsageError) { return try body() } catch { throw .usage(error) }
    }
}
