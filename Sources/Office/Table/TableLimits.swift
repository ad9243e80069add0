/// The limits of a file that is read as a table. Every one has a test at the limit and one beyond.
package enum TableLimits {
    package static let rows = 2_000_000  // twice what a spreadsheet program can hold
    /// 32,767 characters, the most a spreadsheet's cell holds, of up to four bytes.
    package static let cellBytes = 131_072
    package static let headerWithin = 30  // rows in which the headings must be found
    package static let probeBytes = 65_536  // looked at to find encoding and separator
    package static let faultsKept = 10_000  // faults told one by one; beyond they are counted
    package static let factCharacters = 200  // of a line about the file
}
