/// What is wrong with a cell or a row: a code for programs and its arguments; texts are made where they are shown.
package struct CellFault: Error, Sendable, Hashable {
    package let code: FaultCode
    package let arguments: [String]

    package init(_ code: FaultCode, _ arguments: [String] = []) {
        self.code = code
        self.arguments = arguments
    }
}

/// A fault of one row, before it is known where the row stands in its file.
package struct RowFault: Sendable, Hashable {
    /// The kind's field; nil: the row as a whole.
    package let field: Int?
    /// At most `BatchLimits.readCharacters`, as read; whoever shows it masks what is personal.
    package let read: String
    package let fault: CellFault

    package init(field: Int?, read: String, fault: CellFault) {
        self.field = field
        self.read = read
        self.fault = fault
    }
}

/// The faults there are. The words are part of the answer to a batch and stay as they are.
package enum FaultCode: String, Sendable, Hashable, CaseIterable {
    /// A required field is empty.
    case missing
    /// Arguments: the other field's heading, its value as shown. The field must be filled when that is so.
    case missingWhen = "missing-when"
    /// Arguments: limit, characters read.
    case tooLong = "too-long"
    /// Characters were lost before: U+FFFD, or bytes that are no text of the file's encoding.
    case damaged
    /// Control characters, direction marks.
    case control
    /// Argument: the guard's rule.
    case classified
    /// Looks like a bank card's number; 优待证 and 军人保障卡 are bank cards.
    case cardNumber = "card-number"
    /// A formula's error. Argument: its word.
    case formula
    /// Arguments: the values there are.
    case notAChoice = "not-a-choice"
    /// Argument: the list's name.
    case notListed = "not-listed"
    case notADate = "not-a-date"
    /// A day that the calendar does not have.
    case noSuchDay = "no-such-day"
    case yearOfTwoDigits = "year-of-two-digits"
    case notAMonth = "not-a-month"
    /// Warning: 2023.1 may have been 2023.10. Argument: the month read.
    case monthDoubtful = "month-doubtful"
    case notAYear = "not-a-year"
    case identityFifteen = "id-fifteen"
    /// Argument: characters read.
    case identityLength = "id-length"
    /// Argument: position from one.
    case identityCharacter = "id-character"
    case identityBirth = "id-birth"
    /// Argument: the character that would have been right.
    case identityCheck = "id-check"
    /// The spreadsheet made a number of it; the last digits are lost.
    case identityRuined = "id-ruined"
    /// Warning: ends in 000 like a ruined one, and happens to pass its check.
    case identityDoubtful = "id-doubtful"
    /// Argument: characters read.
    case creditLength = "credit-length"
    /// Argument: position from one.
    case creditCharacter = "credit-character"
    /// Argument: the character that would have been right.
    case creditCheck = "credit-check"
    case creditRuined = "credit-ruined"
    case notAnAmount = "not-an-amount"
    /// More than two decimals of a yuan.
    case partOfFen = "part-of-fen"
    case notANumber = "not-a-number"
    case notWhole = "not-whole"
    /// Argument: places allowed.
    case tooManyPlaces = "too-many-places"
    /// Arguments: smallest, largest, as typed.
    case outOfRange = "out-of-range"
    /// Argument: the unit expected.
    case otherUnit = "other-unit"
    case notAPhone = "not-a-phone"
    case notYesNo = "not-yes-no"
    /// Arguments: the other heading, its value. The field must not be above it.
    case above
    /// Arguments: headings. One of them must be filled.
    case noneOf = "none-of"
    /// Arguments: headings. Only one of them may be filled.
    case severalOf = "several-of"
    /// Argument: the sum of the parts, as typed.
    case sumDiffers = "sum-differs"
    /// Argument: the date the ID number carries.
    case birthDiffers = "birth-differs"
    /// Arguments: the other heading, its value. The field must be empty.
    case notEmpty = "not-empty"
    /// Argument: the row with the same key.
    case repeated
    /// Argument: the party. Its row has the same key, and it is not the sender's to change.
    case ofAnotherSender = "of-another-sender"
    /// Cells beyond the last heading are filled.
    case tooManyCells = "too-many-cells"
    /// A quote in a cell that should be doubled or is one too many.
    case strayQuote = "stray-quote"
    /// Of the file: no column for a required field.
    case columnMissing = "column-missing"
    /// Of the file. Argument: the letter of the column read instead.
    case columnTwice = "column-twice"
    /// Of the file. Arguments: unit read, unit expected.
    case columnUnit = "column-unit"
    /// Warning: a column that the kind does not have is not read.
    case columnUnknown = "column-unknown"
    /// Warning: numbers of 优待证 or 军人保障卡 are not read and should not be in the file.
    case cardColumn = "card-column"
    /// Warning. Arguments: what the row of totals says, what the rows make.
    case totalDiffers = "total-differs"
    /// The row's canonical bytes are not what this program makes of their values.
    case notCanonical = "not-canonical"

    /// Found by looking at one cell alone: what is carried down has it in every row.
    package var isOfCellAlone: Bool {
        switch self {
        case .missing, .missingWhen, .above, .noneOf, .severalOf, .sumDiffers, .birthDiffers, .notEmpty,
            .repeated:
            false
        default: true
        }
    }

    /// A row with nothing worse is good.
    package var isWarning: Bool {
        switch self {
        case .monthDoubtful, .identityDoubtful, .columnUnknown, .cardColumn, .totalDiffers: true
        default: false
        }
    }
}
