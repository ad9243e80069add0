/// Reads what a published round rests on: inputs, secret, public value, choices. What follows from them (digest, seed, scores and all
/// behind) is passed over here: it is worked out again and compared.
struct RoundFileReader {
    private var lines: [Line] = []
    private var next = 0

    private struct Line {
        let number: Int
        let record: RoundRecord
        let fields: [String]

        func fault(_ kind: RoundFault.Kind, _ field: String = "") -> RoundFault {
            RoundFault(kind, record, field).at(number)
        }
    }

    static func read(_ bytes: [UInt8]) throws(RoundFault) -> RoundFile {
        var reader = try RoundFileReader(bytes)
        return try reader.file()
    }

    private init(_ bytes: [UInt8]) throws(RoundFault) {
        guard bytes.count <= RoundLimits.fileBytes else { throw RoundFault(.tooMany, .head) }
        guard bytes.last == UInt8(ascii: "\n") else { throw RoundFault(.notText, .end) }
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            let line = try Self.line(bytes[start..<end], lines.count + 1)
            if line.record.follows { break }
            lines.append(line)
            start = end + 1
        }
    }

    private static func line(_ bytes: ArraySlice<UInt8>, _ number: Int) throws(RoundFault) -> Line {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw RoundFault(.notText, .head).at(number)
        }
        let fields = text.utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        guard let first = fields.first, let record = RoundRecord(rawValue: first) else {
            throw RoundFault(.misplaced, .head).at(number)
        }
        return Line(number: number, record: record, fields: Array(fields.dropFirst()))
    }

    /// The line of the record a fault found later is about; 0 when it is about none.
    static func line(of fault: RoundFault, in bytes: [UInt8]) -> Int {
        guard !fault.key.isEmpty, let reader = try? RoundFileReader(bytes) else { return 0 }
        return reader.lines.last { $0.record.rawValue == fault.record && $0.fields.contains(fault.key) }?
            .number ?? 0
    }

    // MARK: In order

    private mutating func file() throws(RoundFault) -> RoundFile {
        let head = try take(.head, 2)
        guard head.fields == [RoundFile.version, RoundFile.algorithm] else { throw head.fault(.malformed) }
        let announcement = try announcement()
        let table = try table()
        let posts = try many(.post, RoundLimits.posts) { reader throws(RoundFault) in try reader.post() }
        let people = try many(.person, RoundLimits.people) { reader throws(RoundFault) in
            try reader.person()
        }
        let frozen = try take(.frozen, 1)
        let inputs = try RoundInputs(
            announcement: announcement, table: table, posts: posts, people: people,
            frozenOn: try Self.day(frozen, 0))
        _ = try take(.inputs, 1)
        let secret = try take(.secret, 1)
        let secretBytes = try Self.hex(secret, 0)
        let value = try take(.value, 1)
        _ = try take(.seed, 1)
        let choices = try choices(inputs)
        return try RoundFile(
            inputs: inputs, secret: secretBytes, publicValue: value.fields[0], choices: choices)
    }

    private mutating func announcement() throws(RoundFault) -> RoundAnnouncement {
        let city = try take(.city, 1)
        let round = try take(.round, 2)
        let commitment = try take(.commitment, 1)
        let named = try take(.public, 2)
        let ties = try take(.ties, nil)
        return RoundAnnouncement(
            city: city.fields[0], key: round.fields[0], title: round.fields[1],
            commitment: try Self.hex(commitment, 0), publicOn: try Self.day(named, 0),
            publicName: named.fields[1], ties: ties.fields)
    }

    private mutating func table() throws(RoundFault) -> PointsTable {
        let table = try take(.table, 2)
        let groups = try many(.group, RoundLimits.groups) { reader throws(RoundFault) in
            let line = try reader.take(.group, 5)
            guard let rule = PointsTable.Rule(rawValue: line.fields[1]) else {
                throw line.fault(.malformed, "rule")
            }
            return PointsTable.Group(
                code: line.fields[0], rule: rule, most: try Self.numberIfAny(line, 2),
                clause: line.fields[3],
                name: line.fields[4])
        }
        let items = try many(.item, RoundLimits.items) { reader throws(RoundFault) in
            let line = try reader.take(.item, 6)
            return PointsTable.Item(
                code: line.fields[0], group: line.fields[1], points: try Self.number(line, 2),
                most: try Self.numberIfAny(line, 3), clause: line.fields[4], name: line.fields[5])
        }
        return try PointsTable(
            name: table.fields[0], version: table.fields[1], groups: groups, items: items)
    }

    private mutating func post() throws(RoundFault) -> RoundPost {
        let line = try take(.post, 5)
        return RoundPost(
            key: line.fields[0], destination: line.fields[1], seats: try Self.number(line, 2),
            employer: line.fields[3],
            title: line.fields[4])
    }

    private mutating func person() throws(RoundFault) -> RoundPerson {
        let line = try take(.person, 2)
        let evidence = try many(.evidence, RoundLimits.evidence) { reader throws(RoundFault) in
            let line = try reader.take(.evidence, 3)
            guard !line.fields[2].isEmpty else { throw line.fault(.malformed) }
            return RoundEvidence(
                item: line.fields[0], count: try Self.number(line, 1),
                record: line.fields[2] == "-" ? "" : line.fields[2])
        }
        return RoundPerson(key: line.fields[0], maskedName: line.fields[1], evidence: evidence)
    }

    /// Exactly one choice a person.
    private mutating func choices(_ inputs: RoundInputs) throws(RoundFault) -> [RoundChoice] {
        var choices = [RoundChoice?](repeating: nil, count: inputs.people.count)
        while let line = peek {
            next += 1
            let choice = try Self.choice(line, inputs)
            guard let key = line.fields.first, let person = inputs.person(key) else {
                throw line.fault(.unknown)
            }
            guard choices[person] == nil else { throw line.fault(.choice, key) }
            choices[person] = choice
        }
        if let person = choices.firstIndex(of: nil) {
            throw RoundFault(.choice, .person, inputs.people[person].key)
        }
        return choices.compactMap(\.self)
    }

    private static func choice(_ line: Line, _ inputs: RoundInputs) throws(RoundFault) -> RoundChoice {
        let posts = try posts(line, inputs)
        switch (line.record, posts.count) {
        case (.list, 1...): return .list(posts)
        case (.pick, 1): return .pick(posts[0])
        case (.pass, 0): return .pass
        case (.withdrawn, 0): return .withdrawn
        case (.list, _), (.pick, _), (.pass, _), (.withdrawn, _): throw line.fault(.fieldCount)
        default: throw line.fault(.misplaced)
        }
    }

    private static func posts(_ line: Line, _ inputs: RoundInputs) throws(RoundFault) -> [Int] {
        guard line.fields.count <= RoundLimits.listed + 1 else { throw line.fault(.tooMany) }
        var posts: [Int] = []
        var seen: Set<Int> = []
        for key in line.fields.dropFirst() {
            guard let post = inputs.post(key) else { throw line.fault(.unknown, key) }
            guard seen.insert(post).inserted else { throw line.fault(.repeated, key) }
            posts.append(post)
        }
        return posts
    }

    // MARK: Lines and fields

    private var peek: Line? { next < lines.count ? lines[next] : nil }

    /// The next line, which must be of `record` with so many fields; nil: any number.
    private mutating func take(_ record: RoundRecord, _ fields: Int?) throws(RoundFault) -> Line {
        guard let line = peek else { throw RoundFault(.misplaced, record).at(lines.count + 1) }
        guard line.record == record else { throw RoundFault(.misplaced, record).at(line.number) }
        guard fields == nil || line.fields.count == fields else { throw line.fault(.fieldCount) }
        next += 1
        return line
    }

    private mutating func many<T>(
        _ record: RoundRecord, _ most: Int, _ one: (inout RoundFileReader) throws(RoundFault) -> T
    ) throws(RoundFault) -> [T] {
        var found: [T] = []
        while let line = peek, line.record == record {
            guard found.count < most else { throw line.fault(.tooMany) }
            found.append(try one(&self))
        }
        return found
    }

    /// A whole number as it is written here: no plus sign, no leading nought, at most nine digits.
    private static func number(_ line: Line, _ field: Int) throws(RoundFault) -> Int {
        let text = line.fields[field]
        guard text.utf8.count <= 10, let number = Int(text), String(number) == text else {
            throw line.fault(.malformed)
        }
        return number
    }

    private static func numberIfAny(_ line: Line, _ field: Int) throws(RoundFault) -> Int? {
        line.fields[field] == "-" ? nil : try number(line, field)
    }

    private static func day(_ line: Line, _ field: Int) throws(RoundFault) -> CivilDay {
        let parts = line.fields[field].utf8.split(separator: UInt8(ascii: "-")).map { Int(Substring($0)) }
        guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
            let found = CivilDay(year: year, month: month, day: day), found.text == line.fields[field]
        else { throw line.fault(.malformed) }
        return found
    }

    /// Thirty-two bytes in lower-case hexadecimal.
    private static func hex(_ line: Line, _ field: Int) throws(RoundFault) -> [UInt8] {
        var bytes: [UInt8] = []
        var high: UInt8?
        for byte in line.fields[field].utf8 {
            let value: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = byte - UInt8(ascii: "a") + 10
            default: throw line.fault(.malformed)
            }
            if let first = high { bytes.append(first << 4 | value) }
            high = high == nil ? value : nil
        }
        guard high == nil, bytes.count == RoundLimits.secretBytes else { throw line.fault(.malformed) }
        return bytes
    }
}

extension RoundRecord {
    /// It follows from others, from here to the end of the file.
    fileprivate var follows: Bool {
        switch self {
        case .score, .trace, .subtotal, .rank, .turn, .sheet, .free, .end: true
        default: false
        }
    }
}
