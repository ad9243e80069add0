package import Schema

/// The tables of a round as a bureau has them, in the form of seed files without a version.
///
///     posts   key, destination, seats, employer, title
///     people  key, party, name, facts
///
/// `facts` is parted by `;`, each `item=count@record`; without `@record` nothing in the file records it.
package func roundPosts(_ file: SeedFile) throws(SeedError) -> [OfferedPost] {
    let table = try SeedTable(
        path: file.path, text: file.text, columns: ["key", "destination", "seats", "employer", "title"])
    var posts: [OfferedPost] = []
    var keys: Set<String> = []
    for row in table.rows {
        let key = try row.required("key")
        guard keys.insert(key).inserted else { throw row.error("key", "\"\(key)\" stands twice") }
        let seats = try row.number("seats")
        guard (1...Int32(RoundLimits.seats)).contains(seats) else {
            throw row.error("seats", "\"\(seats)\" is none of 1 to \(RoundLimits.seats)")
        }
        posts.append(
            OfferedPost(
                key: key, destination: try row.required("destination"), seats: seats,
                employer: try row.required("employer"), title: try row.required("title")))
    }
    return posts
}

package func roundPeople(_ file: SeedFile) throws(SeedError) -> [RoundMember] {
    let table = try SeedTable(
        path: file.path, text: file.text, columns: ["key", "party", "name", "facts"])
    var people: [RoundMember] = []
    var keys: Set<String> = []
    for row in table.rows {
        let key = try row.required("key")
        guard keys.insert(key).inserted else { throw row.error("key", "\"\(key)\" stands twice") }
        people.append(
            RoundMember(
                key: key, party: try row.required("party"), name: try row.required("name"),
                facts: try facts(row)))
    }
    return people
}

private func facts(_ row: SeedRow) throws(SeedError) -> [RecordedFact] {
    var facts: [RecordedFact] = []
    for part in row["facts"].split(separator: ";") {
        let sides = part.split(separator: "=", maxSplits: 1)
        let value = sides.count == 2 ? sides[1].split(separator: "@", maxSplits: 1) : []
        guard let first = value.first, let count = Int32(trimmed(String(first))), count > 0 else {
            throw row.error("facts", "\"\(part)\" is not of the form item=count@record")
        }
        facts.append(
            RecordedFact(
                item: String(trimmed(String(sides[0]))), count: count,
                record: value.count == 2 ? String(trimmed(String(value[1]))) : ""))
    }
    return facts
}
