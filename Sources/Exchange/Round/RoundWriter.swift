import Wire

/// Writes the lines of a round's file: fields parted by a tab, each line ended by a line feed. ROUND.md 2.
struct RoundWriter {
    private(set) var bytes: [UInt8] = []

    mutating func begin(_ record: RoundRecord) { bytes.append(contentsOf: record.rawValue.utf8) }

    mutating func put(_ text: String) {
        bytes.append(UInt8(ascii: "\t"))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func put(_ number: Int) { put(String(number)) }

    /// Nil: a hyphen.
    mutating func put(ifAny number: Int?) { put(number.map { String($0) } ?? "-") }

    mutating func put(hex digest: some Sequence<UInt8>) {
        bytes.append(UInt8(ascii: "\t"))
        bytes.append(contentsOf: hexDigits(digest))
    }

    mutating func end() { bytes.append(UInt8(ascii: "\n")) }

    mutating func line(_ record: RoundRecord, _ fields: String...) {
        begin(record)
        for field in fields { put(field) }
        end()
    }

    mutating func line(_ record: RoundRecord, hex digest: [UInt8]) {
        begin(record)
        put(hex: digest)
        end()
    }
}

extension RoundInputs {
    /// The lines whose digest is published when the inputs are frozen.
    package var bytes: [UInt8] {
        var writer = RoundWriter()
        write(announcement, to: &writer)
        write(table, to: &writer)
        for post in posts {
            writer.begin(.post)
            writer.put(post.key)
            writer.put(post.destination)
            writer.put(post.seats)
            writer.put(post.employer)
            writer.put(post.title)
            writer.end()
        }
        for person in people { write(person, to: &writer) }
        writer.line(.frozen, frozenOn.text)
        return writer.bytes
    }

    package func digest(_ hash: RoundHash) -> [UInt8] { hash(RoundDraw.Use.inputs.beginning + bytes) }

    private func write(_ announcement: RoundAnnouncement, to writer: inout RoundWriter) {
        writer.line(.head, RoundFile.version, RoundFile.algorithm)
        writer.line(.city, announcement.city)
        writer.line(.round, announcement.key, announcement.title)
        writer.line(.commitment, hex: announcement.commitment)
        writer.line(.public, announcement.publicOn.text, announcement.publicName)
        writer.begin(.ties)
        for code in announcement.ties { writer.put(code) }
        writer.end()
    }

    private func write(_ table: PointsTable, to writer: inout RoundWriter) {
        writer.line(.table, table.name, table.version)
        for group in table.groups {
            writer.begin(.group)
            writer.put(group.code)
            writer.put(group.rule.rawValue)
            writer.put(ifAny: group.most)
            writer.put(group.clause)
            writer.put(group.name)
            writer.end()
        }
        for item in table.items {
            writer.begin(.item)
            writer.put(item.code)
            writer.put(item.group)
            writer.put(item.points)
            writer.put(ifAny: item.most)
            writer.put(item.clause)
            writer.put(item.name)
            writer.end()
        }
    }

    private func write(_ person: RoundPerson, to writer: inout RoundWriter) {
        writer.line(.person, person.key, person.maskedName)
        for fact in person.evidence {
            writer.begin(.evidence)
            writer.put(fact.item)
            writer.put(fact.count)
            writer.put(fact.isRecorded ? fact.record : "-")
            writer.end()
        }
    }
}
