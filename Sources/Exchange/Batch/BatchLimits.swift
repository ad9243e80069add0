/// The limits of batch kinds and of one row. Every one has a test at the limit and one beyond.
package enum BatchLimits {
    package static let kinds = 200  // files of one city; practice has some thirty
    package static let fields = 60  // columns of one kind: wider tables are read by nobody
    package static let aliases = 20  // other headings of one field
    package static let rules = 20  // cross-field rules of one kind
    package static let choices = 100  // values of one choice; more belong into a code list
    package static let names = 10_000  // entries of one list of names
    package static let textCharacters = 4000  // a field's own limit may not be above: two printed pages
    /// Cells of one row; a spreadsheet's own limit is far above, a table's need far below.
    package static let cells = 500
    /// Bytes of one row, read or canonical: a row is judged in one piece, like a command.
    package static let rowBytes = 262_144
    /// Of what was read, in a fault: enough to find it, not to fill a screen.
    package static let readCharacters = 40
}
