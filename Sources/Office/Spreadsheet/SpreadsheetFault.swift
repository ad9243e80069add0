/// Why a file cannot be read as a workbook, or a table not written as one, and where. `SpreadsheetTexts` says it in words with the mend.
package struct SpreadsheetFault: Error, Sendable, Hashable {
    package var problem: Problem
    /// The archive's member, by its name; empty: the file as a whole.
    package var part: String
    /// The byte of the part (inflated), of the packed data for `deflate`, of the file for the archive; counted from 0.
    package var byte: Int?
    /// As `B7`.
    package var cell: String?

    package init(_ problem: Problem, part: String = "", byte: Int? = nil, cell: String? = nil) {
        self.problem = problem
        self.part = part
        self.byte = byte
        self.cell = cell
    }

    package enum Problem: Sendable, Hashable {
        /// It is something else, and readable only once somebody has saved it as .xlsx.
        case foreign(ForeignFile)
        case archive(Archive)
        /// A method of compression other than none and deflate, by its number.
        case compression(UInt16)
        case deflate(Deflate)
        case xml(XML)
        /// A part that a workbook needs is not there; its name, or what it is for.
        case missing(String)
        case content(Content)
        /// Beyond a limit, and the limit.
        case limit(SpreadsheetLimits.Name, Int)
        /// The file for the texts of a large workbook cannot be written or read; the system's own words.
        case temporaryFile(String)
    }

    /// The container (PKWARE APPNOTE 4.3).
    package enum Archive: String, Sendable, Hashable, CaseIterable {
        /// No end-of-directory record: what a cut-off download looks like.
        case noDirectory
        case directory
        case severalDiscs
        case zip64
        /// Two members of one name; names differ in more than case.
        case nameTwice
        case name
        case overlap
        case localHeader
        case encrypted
        case size
        case checksum
    }

    /// The packed data (RFC 1951).
    package enum Deflate: String, Sendable, Hashable, CaseIterable {
        case truncated
        case blockType
        case storedLength
        /// More than 286 literal and length codes or 30 distance codes.
        case tooManyCodes
        /// Lengths that make no prefix code, or leave part of it unused.
        case codeLengths
        case repeatsNothing
        case lengthsOverrun
        case noEndOfBlock
        case invalidCode
        case distanceTooFar
        case trailingBytes
    }

    /// A part's text (XML 1.0), as far as spreadsheets need it.
    package enum XML: String, Sendable, Hashable, CaseIterable {
        case truncated
        case utf16
        case encoding
        case doctype
        case tag
        case name
        case attribute
        case attributeTwice
        case mismatchedEnd
        case reference
        case character
        case notUTF8
        case outsideRoot
        case noRoot
    }

    /// What the parts say.
    package enum Content: String, Sendable, Hashable, CaseIterable {
        case cellReference
        case rowOrder
        case cellOrder
        case sharedString
        case style
        case number
        case boolean
        case cellType
        case mergedRange
        /// The sheet asked for is not of this workbook.
        case noSuchSheet
    }
}

/// What people send for a workbook.
package enum ForeignFile: String, Sendable, Hashable, CaseIterable {
    case empty
    /// Excel 97–2003 or WPS: .xls, .et.
    case oldWorkbook
    /// An .xlsx that asks for a password when opened.
    case passwordProtected
    case oldDocument
    /// A compound file of another program.
    case compound
    case openDocument
    case binaryWorkbook
    case document
    case presentation
    /// A web page named .xls, as many systems export it.
    case webPage
    /// “XML Spreadsheet 2003”.
    case xmlTable
    case packed
    case pdf
    case picture
    /// A ZIP archive without a workbook in it.
    case archive
    /// Anything else: perhaps a text table.
    case unknown
}
