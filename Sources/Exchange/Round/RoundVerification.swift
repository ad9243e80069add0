/// What a published round says, once it has been worked out again to the same bytes.
package struct RoundVerification: Sendable {
    package let file: RoundFile
    package let outcome: RoundOutcome

    /// Works a published file out again from its inputs, secret, public value and choices.
    ///
    /// - Throws: the first fault: a line that cannot be read, or the first one that does not follow from the ones before it.
    package init(_ bytes: [UInt8], _ hash: @escaping RoundHash) throws(RoundFault) {
        do throws(RoundFault) {
            let file = try RoundFileReader.read(bytes)
            // What was committed to follows from the secret as much as the seed does.
            let again = try file.committing(RoundDraw.commitment(file.secret, hash))
            outcome = try again.outcome(hash)
            self.file = file
            try Self.compare(bytes, again.bytes(outcome, hash))
        } catch {
            throw error.at(RoundFileReader.line(of: error, in: bytes))
        }
    }

    /// The first line that differs, as a fault.
    private static func compare(_ found: [UInt8], _ expected: [UInt8]) throws(RoundFault) {
        if found == expected { return }
        let (found, expected) = (found[...], expected[...])
        var (foundAt, expectedAt, line) = (found.startIndex, expected.startIndex, 1)
        while true {
            let a = lineEnd(found, foundAt)
            let b = lineEnd(expected, expectedAt)
            // Where one of them has ended, its line is empty and the other's is not.
            if found[foundAt..<a] != expected[expectedAt..<b] {
                throw differs(found[foundAt..<a], expected[expectedAt..<b], line)
            }
            (foundAt, expectedAt, line) = (a, b, line + 1)
        }
    }

    /// Behind the line feed of the line that begins at `start`.
    private static func lineEnd(_ bytes: ArraySlice<UInt8>, _ start: Int) -> Int {
        bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.endIndex
    }

    private static func differs(
        _ found: ArraySlice<UInt8>, _ expected: ArraySlice<UInt8>, _ line: Int
    ) -> RoundFault {
        let expected = String(decoding: expected, as: UTF8.self)
        let found = String(decoding: found, as: UTF8.self)
        let word = expected.prefix { $0 != "\t" && $0 != "\n" }
        var fault = RoundFault(.differs, RoundRecord(rawValue: String(word)) ?? .end)
        fault.line = line
        fault.expected = expected
        fault.found = found
        return fault
    }
}

extension RoundFile {
    /// The same round under another commitment: that of its secret.
    fileprivate func committing(_ commitment: [UInt8]) throws(RoundFault) -> RoundFile {
        let said = inputs.announcement
        let announcement = RoundAnnouncement(
            city: said.city, key: said.key, title: said.title, commitment: commitment,
            publicOn: said.publicOn, publicName: said.publicName, ties: said.ties)
        return try RoundFile(
            inputs: try RoundInputs(
                announcement: announcement, table: inputs.table, posts: inputs.posts,
                people: inputs.people, frozenOn: inputs.frozenOn),
            secret: secret, publicValue: publicValue, choices: choices)
    }
}
