/// A limit of the server as whoever runs it may see it: what the sources define, under its name, with its unit and its reason.
package struct NamedLimit: Sendable, Hashable {
    /// Where it belongs: `connection`, `server`, `engine`, `journal`, `trail`, `snapshot`, `fields`, `decoding`, `metrics`,
    /// `batch`; of a client: `table`, `spreadsheet`, `sending`.
    package var part: String
    package var name: String
    package var value: Int64
    /// `bytes`, `ns`, `ms`, `calls`, …; empty: a number of what the name says.
    package var unit: String
    package var reason: String
    package var reasonChinese: String

    package init(
        _ part: String, _ name: String, _ value: some BinaryInteger, _ unit: String, _ reason: String,
        _ chinese: String
    ) {
        self.part = part
        self.name = name
        self.value = Int64(clamping: value)
        self.unit = unit
        self.reason = reason
        reasonChinese = chinese
    }
}
