/// The limits of batch kinds and of one row. Every one has a test at the limit and one beyond.
package enum BatchLimits {
    package static let kinds = 200  // files of one city; practice has some thirty
    package static let kindVersions = 1_000  // all that were ever loaded: five of each kind
    package static let fields = 60  // columns of one kind: wider tables are read by nobody
    package static let aliases = 20  // other headings of one field
    package static let rules = 20  // cross-field rules of one kind
    package static let choices = 100  // values of one choice; more belong into a code list
    package static let lists = 50  // lists of names of one city
    /// Bytes of one table as loaded (kind, names, figures): with its envelope and event it must fit into a record.
    package static let tableBytes = 120_000
    package static let names = 10_000  // entries of one list of names
    package static let textCharacters = 4000  // a field's own limit may not be above: two printed pages
    /// Cells of one row; a spreadsheet's own limit is far above, a table's need far below.
    package static let cells = 500
    /// Bytes of one row, read or canonical: a row is judged in one piece, like a command.
    package static let rowBytes = 262_144
    /// Of what was read, in a fault: enough to find it, not to fill a screen.
    package static let readCharacters = 40
    /// Bytes of one chunk: a quarter of a message, an eighth of a second on a line of 16 Mbit/s. Told in HELLO's place by BATCH.md 3.
    package static let chunkBytes = 262_144
    /// Chunks of one batch: their list is itself one chunk.
    package static let chunks = 5_800
    /// Rows of one batch: twice the largest register any city of China can have in one table of people's own tools (1,048,576).
    package static let batchRows = 2_000_000
    /// Bytes of the canonical rows of one batch: what its chunks can hold.
    package static let batchBytes = chunks * chunkBytes
    package static let numberBytes = 40
    package static let fileNameCharacters = 200
    /// Faults of one batch that are kept and told; a table with more is another table.
    package static let faults = 10_000
}
