extension BatchKindFile {
    /// The lines in front of the header, each once but `rule`.
    struct Head {
        let path: String
        private var lines: [(line: Int, fields: [String])] = []
        private var rules: [(line: Int, fields: [String])] = []

        private static let known = ["version", "kind", "form", "period", "key", "person", "sum"]

        init(path: String) { self.path = path }

        mutating func take(_ line: Int, _ fields: [String]) throws(SeedError) {
            let word = fields.first ?? ""
            let filled = Array(fields.prefix((fields.lastIndex { !$0.isEmpty } ?? -1) + 1))
            guard word != "rule" else { return rules.append((line, filled)) }
            guard Self.known.contains(word) else {
                throw SeedError(
                    path, line, nil, "\"\(word)\" is none of \(Self.known.joined(separator: ", ")), rule")
            }
            guard !lines.contains(where: { $0.fields.first == word }) else {
                throw SeedError(path, line, nil, "\"\(word)\" stands twice")
            }
            lines.append((line, filled))
        }

        func kind(_ fields: [BatchField]) throws(SeedError) -> BatchKind {
            let version = try line("version", count: 2)
            let kind = try line("kind", count: 3)
            let code = kind.fields[1]
            guard isToken(code), path.hasSuffix("/\(code).csv") || path == "\(code).csv" else {
                throw SeedError(path, kind.line, "kind", "\"\(code)\" is not the file's name")
            }
            guard isToken(version.fields[1]) else {
                throw SeedError(path, version.line, "version", "no version such as 2026.1")
            }
            let form = try line("form", count: 2)
            guard let form = BatchKind.Form(rawValue: form.fields[1]) else {
                throw SeedError(path, form.line, "form", "neither flow nor stock")
            }
            return BatchKind(
                code: code, title: kind.fields[2], version: version.fields[1], form: form,
                period: try period(fields), key: try key(fields), person: try person(fields),
                sums: try sums(fields), fields: fields, rules: try rules(fields))
        }

        private func line(_ word: String, count: Int) throws(SeedError) -> (line: Int, fields: [String]) {
            guard let found = lines.first(where: { $0.fields.first == word }) else {
                throw SeedError(path, 1, word, "the line \(word),… is missing")
            }
            guard found.fields.count == count, !found.fields.contains("") else {
                throw SeedError(path, found.line, word, "\(count - 1) values are expected behind \(word)")
            }
            return found
        }

        private func list(_ word: String, _ fields: [BatchField]) throws(SeedError) -> [Int] {
            guard lines.contains(where: { $0.fields.first == word }) else { return [] }
            let found = try line(word, count: 2)
            return try indices(found.fields[1], fields, found.line, word)
        }

        /// `a|b`: known fields, each once.
        private func indices(_ text: String, _ fields: [BatchField], _ line: Int, _ word: String)
            throws(SeedError) -> [Int]
        {
            var indices: [Int] = []
            for code in text.split(separator: "|", omittingEmptySubsequences: false) {
                guard let index = fields.firstIndex(where: { haveSameBytes($0.code, String(code)) }),
                    !indices.contains(index)
                else { throw SeedError(path, line, word, "\"\(code)\" is no field, or stands twice") }
                indices.append(index)
            }
            return indices
        }

        private func period(_ fields: [BatchField]) throws(SeedError) -> BatchKind.Period {
            let found = try line("period", count: 3)
            let name = found.fields[2]
            if found.fields[1] == "batch", BatchKind.Period.words.contains(name) { return .batch(name) }
            guard found.fields[1] == "field",
                let index = fields.firstIndex(where: { haveSameBytes($0.code, name) })
            else { throw SeedError(path, found.line, "period", "neither field,FIELD nor batch,year") }
            switch fields[index].format {
            case .date, .month, .year: break
            default: throw SeedError(path, found.line, "period", "\"\(name)\" is no date, month or year")
            }
            guard fields[index].requirement == .always else {
                throw SeedError(path, found.line, "period", "\"\(name)\" must be required")
            }
            return .field(index)
        }

        private func key(_ fields: [BatchField]) throws(SeedError) -> [Int] {
            let found = try line("key", count: 2)
            let key = try indices(found.fields[1], fields, found.line, "key")
            for index in key where fields[index].requirement != .always {
                throw SeedError(path, found.line, "key", "\"\(fields[index].code)\" must be required")
            }
            return key
        }

        private func person(_ fields: [BatchField]) throws(SeedError) -> Int? {
            let found = try list("person", fields)
            guard let index = found.first else { return nil }
            guard found.count == 1, fields[index].format == .identity, fields[index].requirement == .always
            else {
                throw SeedError(
                    path, try line("person", count: 2).line, "person", "one required id-number is expected")
            }
            return index
        }

        private func sums(_ fields: [BatchField]) throws(SeedError) -> [Int] {
            let found = try list("sum", fields)
            for index in found where !fields[index].format.isNumeric {
                throw SeedError(
                    path, try line("sum", count: 2).line, "sum",
                    "\"\(fields[index].code)\" is no money or number")
            }
            return found
        }

        private func rules(_ fields: [BatchField]) throws(SeedError) -> [RowRule] {
            guard rules.count <= BatchLimits.rules else {
                throw SeedError(path, rules.last?.line ?? 1, "rule", "more than \(BatchLimits.rules) rules")
            }
            var made: [RowRule] = []
            for rule in rules {
                made.append(try self.rule(rule.line, Array(rule.fields.dropFirst()), fields))
            }
            return made
        }

        private func rule(_ line: Int, _ words: [String], _ fields: [BatchField]) throws(SeedError) -> RowRule
        {
            func wrong(_ what: String) -> SeedError { SeedError(path, line, "rule", what) }
            func one(_ position: Int) throws(SeedError) -> Int {
                guard position < words.count else { throw wrong("too few fields") }
                let found = try indices(words[position], fields, line, "rule")
                guard found.count == 1 else { throw wrong("one field is expected") }
                return found[0]
            }
            switch (words.first ?? "", words.count) {
            case ("at-most", 3):
                let (a, b) = (try one(1), try one(2))
                guard fields[a].format.isOrdered, fields[a].format.hasScale(of: fields[b].format) else {
                    throw wrong("\"\(words[1])\" and \"\(words[2])\" cannot be compared")
                }
                return .atMost(a, b)
            case ("one-of", 2): return .oneOf(try indices(words[1], fields, line, "rule"))
            case ("only-one-of", 2): return .onlyOneOf(try indices(words[1], fields, line, "rule"))
            case ("sum", 3):
                let (total, parts) = (try one(1), try indices(words[2], fields, line, "rule"))
                for part in parts where !fields[part].format.hasScale(of: fields[total].format) {
                    throw wrong("\"\(fields[part].code)\" cannot be added into \"\(words[1])\"")
                }
                guard fields[total].format.isNumeric else { throw wrong("\"\(words[1])\" is no number") }
                return .sum(total: total, parts: parts)
            case ("birth", 3):
                let (date, identity) = (try one(1), try one(2))
                guard fields[date].format == .date, fields[identity].format == .identity else {
                    throw wrong("a date and an id-number are expected")
                }
                return .birth(date: date, identity: identity)
            case ("empty-unless", 4):
                let (field, other) = (try one(1), try one(2))
                let values = words[3].split(separator: "|").map { String($0) }
                for value in values where !fields[other].allows(value) {
                    throw wrong("\"\(value)\" is no value of \(fields[other].code)")
                }
                return .emptyUnless(field: field, other: other, values: values)
            default:
                throw wrong(
                    "at-most,a,b; one-of,a|b; only-one-of,a|b; sum,total,a|b; birth,date,id; empty-unless,a,b,values are known"
                )
            }
        }
    }
}
