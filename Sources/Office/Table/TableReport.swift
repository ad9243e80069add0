package import Exchange

/// A fault and where it stands in the sender's file.
package struct TableFault: Sendable, Hashable {
    /// As the sender counts, from one.
    package let row: Int
    /// From zero; nil: the row or the file as a whole.
    package let column: Int?
    /// The file's own heading; the kind's where there is no column; empty: the row as a whole.
    package let heading: String
    /// The kind's field, by code; empty: none.
    package var field = ""
    /// Not masked: whoever shows it does that.
    package var read = ""
    /// `read` is of a person: name, number, address.
    package var isPersonal = false
    package let fault: CellFault

    package var isWarning: Bool { fault.code.isWarning }
}

/// What was done with a file without anything being wrong: nothing is left out or filled in unsaid.
package struct TableNote: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Rows above the headings.
        case titleSkipped = "title-skipped"
        /// Argument: the word.
        case totalSkipped = "total-skipped"
        case noteSkipped = "note-skipped"
        case headerRepeated = "header-repeated"
        /// Blank rows between others. Argument: how many.
        case blankSkipped = "blank-skipped"
        /// Arguments: column, heading, how many cells took the value above.
        case carried
        /// Arguments: column, heading, the file's unit.
        case unitConverted = "unit-converted"
        /// Rows that nobody sees on the screen were read as well. Argument: how many.
        case hiddenRead = "hidden-read"
        /// Of several sheets one was read. Arguments: its name, how many others there are.
        case sheetChosen = "sheet-chosen"
    }

    package let kind: Kind
    /// The first row it is about.
    package let row: Int
    package let arguments: [String]

    init(_ kind: Kind, row: Int, _ arguments: [String] = []) {
        self.kind = kind
        self.row = row
        self.arguments = arguments
    }
}

/// What checking a file has found.
package struct TableReport: Sendable {
    package let kind: BatchKind
    /// 0: no row of headings was found.
    package internal(set) var headerRow = 0
    /// Columns with headings, and the one of them that an earlier copy of ours added.
    package internal(set) var width = 0
    package internal(set) var remarksColumn: Int?
    /// By the kind's fields: the column, from zero; empty before the headings were found.
    package internal(set) var columns: [Int?] = []
    /// By row, then by column; at most `TableLimits.faultsKept`.
    package internal(set) var faults: [TableFault] = []
    package internal(set) var errorCount = 0
    package internal(set) var warningCount = 0
    package internal(set) var notes: [TableNote] = []
    package internal(set) var facts: [TableFact] = []
    /// Rows of data: good ones and faulty ones.
    package internal(set) var rows = 0
    package internal(set) var faultyRows = 0
    /// Of the good rows.
    package internal(set) var totals: ControlTotals
    /// Why nothing behind it was read.
    package internal(set) var stop: TableStop?

    /// Nothing but warnings: every row may be sent.
    package var isSound: Bool { errorCount == 0 && stop == nil && headerRow > 0 }

    init(_ kind: BatchKind, stop: TableStop? = nil) {
        self.kind = kind
        self.stop = stop
        totals = ControlTotals(sums: kind.sums.count)
    }

    mutating func tell(_ fault: TableFault) {
        if fault.isWarning { warningCount += 1 } else { errorCount += 1 }
        if faults.count < TableLimits.faultsKept { faults.append(fault) }
    }
}
