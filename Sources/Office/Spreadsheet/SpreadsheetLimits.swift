/// What a spreadsheet from outside may cost its reader. Each has a name that an error tells; all are counts unless they say bytes.
package struct SpreadsheetLimits: Sendable, Hashable {
    /// The limits by the names errors tell them by.
    package enum Name: String, Sendable, Hashable, CaseIterable {
        case fileBytes = "file_bytes"
        case members
        case nameBytes = "name_bytes"
        case directoryBytes = "directory_bytes"
        case inflatedBytes = "inflated_bytes"
        case ratio
        case depth
        case attributes
        case tagBytes = "tag_bytes"
        case sheets
        case formats
        case sharedStrings = "shared_strings"
        case sharedStringBytes = "shared_string_bytes"
        case cellTextBytes = "cell_text_bytes"
        case cells
        case rows
        case columns
        case merged
    }

    /// The file as it lies on disk, read a piece at a time. A register of a million rows is about 100 MiB.
    package var fileBytes = 256 << 20
    /// Members of the archive. A workbook has a dozen, one with pictures some hundreds.
    package var members = 4_096
    /// A member's name.
    package var nameBytes = 512
    /// The directory of the archive, which is held while its members are looked for: as many members as there may be, each with a long name and five hundred bytes more.
    package var directoryBytes = 4 << 20
    /// All members inflated, by what the directory says; no member may inflate to more than it says there. What stands between a small
    /// file and hours of work.
    package var inflatedBytes = 2 << 30
    /// A member's inflated size in multiples of its packed size. Sheets reach 10 to 60, a bomb 1,032.
    package var ratio = 300
    /// Members inflated to no more than this are not asked for their ratio: a short repetitive part may exceed it and harms nobody.
    package static let ratioFloor = 1 << 20
    /// Elements within each other. Spreadsheets need about ten.
    package var depth = 64
    /// Attributes of one tag. The longest that spreadsheets write has about thirty.
    package var attributes = 100
    /// One tag, which must lie in memory whole.
    package var tagBytes = 64 << 10
    /// Sheets of the workbook.
    package var sheets = 1_024
    /// Cell formats, and named number formats. The format itself ends at 65,490.
    package var formats = 65_536
    /// Different texts of the workbook.
    package var sharedStrings = 8_000_000
    /// All of them in UTF-8, each with four bytes for its length.
    package var sharedStringBytes = 256 << 20
    /// Of these, what is held in memory: twice those of the year's largest register. More of them go to a temporary file.
    package var heldStringBytes = 8 << 20
    /// A cell's text in UTF-8: 32,767 characters, the most Excel puts into a cell, of four bytes.
    package var cellTextBytes = 32_767 * 4
    /// Cells of one sheet, blank ones with a format included. A million rows of twenty columns.
    package var cells = 20_000_000
    /// The last row there may be; Excel's own.
    package var rows = 1_048_576
    /// The last column there may be; Excel's own (XFD).
    package var columns = 16_384
    /// Merged ranges of one sheet, which are held in memory.
    package var merged = 100_000

    package init() {}
}
