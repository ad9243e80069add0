package import Schema

/// One batch as the exchange knows it (BATCH.md 2): who sent what, its control totals, and how far it has come. Its rows are not here: they lie in
/// sealed files whose digests are.
package struct Batch: Sendable, Hashable {
    /// When a step was taken, and the record that says so.
    package struct Step: Sendable, Hashable {
        package let sequence: UInt64
        package let time: Int64
    }

    package struct Sum: Sendable, Hashable {
        /// Code of the field.
        package let field: String
        /// 分, or units of the field's last place.
        package let sum: Int64
    }

    package struct Found: Sendable, Hashable {
        package let verdict: BatchVerdict
        package let goodRows: UInt64
        package let faultyRows: UInt64
        package let mismatches: [String]
        /// Of the sealed files; empty: there is none.
        package let rowsDigest: [UInt8]
        package let reportDigest: [UInt8]
    }

    package struct Taken: Sendable, Hashable {
        /// Among all batches that changed a register, from 1.
        package let place: UInt64
        package let added: UInt64
        package let replaced: UInt64
        package let unchanged: UInt64
        package let passedOver: UInt64
    }

    package let id: EntityID
    package let party: PartyIndex
    let officer: OfficerIndex
    package let kind: String
    package let kindVersion: String
    package let mode: BatchMode
    package let number: String
    package let period: String
    /// 64 hex digits.
    package internal(set) var manifest: PersonalText
    package internal(set) var fileName: PersonalText
    package let rows: UInt64
    package let bytes: UInt64
    package let sums: [Sum]
    package let stored: Step
    package internal(set) var checked: (Step, Found)? {
        get { checkedStep.flatMap { step in found.map { (step, $0) } } }
        set { (checkedStep, found) = (newValue?.0, newValue?.1) }
    }
    private var checkedStep: Step?
    private var found: Found?
    package internal(set) var done: (Step, Taken)? {
        get { doneStep.flatMap { step in taken.map { (step, $0) } } }
        set { (doneStep, taken) = (newValue?.0, newValue?.1) }
    }
    private var doneStep: Step?
    private var taken: Taken?

    package var stage: BatchStage { doneStep != nil ? .done : checkedStep != nil ? .checked : .stored }
    package var version: UInt64 { stage == .done ? 3 : stage == .checked ? 2 : 1 }

    init(
        id: EntityID, party: PartyIndex, officer: OfficerIndex, kind: String, kindVersion: String,
        mode: BatchMode, number: String, period: String, manifest: PersonalText, fileName: PersonalText,
        rows: UInt64, bytes: UInt64, sums: [Sum], stored: Step
    ) {
        self.id = id
        self.party = party
        self.officer = officer
        self.kind = kind
        self.kindVersion = kindVersion
        self.mode = mode
        self.number = number
        self.period = period
        self.manifest = manifest
        self.fileName = fileName
        self.rows = rows
        self.bytes = bytes
        self.sums = sums
        self.stored = stored
    }

    package static func == (a: Batch, b: Batch) -> Bool { a.id == b.id && a.version == b.version }
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

/// All batches of a city, for ever, the kinds they are of, and who was erased from the registers.
package struct BatchBook: Sendable {
    /// A kind as it was loaded.
    package struct LoadedKind: Sendable, Hashable {
        package let kind: BatchKind
        package let text: String
    }

    package struct LoadedNames: Sendable, Hashable {
        package let names: NameList
        package let text: String
    }

    package struct ErasedPerson: Sendable, Hashable {
        package let subject: EntityID
        package let completes: Int64
        /// Of the record that says so: what was stored later may be about the same person under another subject.
        package let sequence: UInt64
    }

    /// Every version, in the order they were loaded.
    package internal(set) var kinds: [LoadedKind] = []
    package internal(set) var names: [LoadedNames] = []
    /// The table of figures as it was loaded; empty: none.
    package internal(set) var figures = ""
    /// In the order they were stored.
    package internal(set) var batches: [Batch] = []
    /// Places given so far (`Batch.Taken`).
    package internal(set) var places: UInt64 = 0
    package internal(set) var erased: [ErasedPerson] = []
    /// By party and number.
    private var numbers: [NumberKey: Int] = [:]
    /// Not DONE yet, in order.
    package private(set) var open: [Int] = []

    private struct NumberKey: Sendable, Hashable {
        let party: PartyIndex
        let number: String
    }

    /// The version loaded last.
    package func kind(_ code: String) -> LoadedKind? { kinds.last { haveSameBytes($0.kind.code, code) } }

    /// Rows stay in the version they were sent in.
    package func kind(_ code: String, version: String) -> LoadedKind? {
        kinds.last { haveSameBytes($0.kind.code, code) && haveSameBytes($0.kind.version, version) }
    }

    package func slot(_ party: PartyIndex, number: String) -> Int? {
        numbers[NumberKey(party: party, number: number)]
    }

    var isEmpty: Bool {
        kinds.isEmpty && names.isEmpty && figures.isEmpty && batches.isEmpty && erased.isEmpty
    }

    mutating func add(_ batch: Batch) -> Bool {
        let key = NumberKey(party: batch.party, number: batch.number)
        guard numbers[key] == nil else { return false }
        numbers[key] = batches.count
        if batch.stage != .done { open.append(batches.count) }
        batches.append(batch)
        return true
    }

    mutating func finish(_ slot: Int) { open.removeAll { $0 == slot } }
}
