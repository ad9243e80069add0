internal import Crypto
internal import Exchange
internal import Journal
internal import Schema

/// What the batches' thread knows of one batch, told by the engine.
struct BatchCard: Sendable {
    let id: EntityID
    let party: String
    let isOfBureau: Bool
    let number: String
    let kind: String
    let version: String
    let mode: BatchMode
    /// What the batch is about; empty where its rows say it.
    let period: String
    let rows: UInt64
    let bytes: UInt64
    let sums: [Batch.Sum]
    /// Of the manifest; empty when its batch's key was destroyed.
    let manifest: [UInt8]
    var stage: BatchStage
    var rowsDigest: [UInt8]
    var reportDigest: [UInt8]
    var place: UInt64
    /// Of the record STORED.
    let stored: UInt64

    init(_ state: State, _ slot: Int) {
        let batch = state.book.batches[slot]
        id = batch.id
        let sender = state.party(batch.party)
        party = sender.key
        isOfBureau = sender.kind == .bureau
        number = batch.number
        kind = batch.kind
        version = batch.kindVersion
        mode = batch.mode
        period = batch.period
        rows = batch.rows
        bytes = batch.bytes
        sums = batch.sums
        manifest = batch.manifest.clear.flatMap(Hex.decode) ?? []
        stage = batch.stage
        rowsDigest = batch.checked?.1.rowsDigest ?? []
        reportDigest = batch.checked?.1.reportDigest ?? []
        place = batch.done?.1.place ?? 0
        stored = batch.stored.sequence
    }

    var subject: ID128 { ID128(high: id.high, low: id.low) }
}

/// What the engine tells the batches' thread at a time.
struct BatchSurvey: Sendable {
    /// From the slot asked for on.
    var cards: [BatchCard] = []
    var total = 0
    /// All versions, in the order they were loaded.
    var kinds: [BatchKind] = []
    /// What names are made of. They are made on the batches' thread: the engine only hands the tables over.
    private var loadedNames: [NameList] = []
    private var codeLists: [CodeList] = []
    private var parties: [Party] = []
    /// After `readNames`.
    private(set) var names: [NameList] = []
    var figures = ""
    /// Subjects of persons, each with the sequence of its erasure.
    var erased: [ID128: UInt64] = [:]
    var evidence = EvidenceSurvey()

    init() {}

    /// Cards told at once: a hundredth of a turn.
    static let most = 1_000

    init(_ state: State, from slot: Int, _ mark: EvidenceMark) {
        total = state.book.batches.count
        cards = (min(slot, total)..<min(slot + Self.most, total)).map { BatchCard(state, $0) }
        kinds = state.book.kinds.map(\.kind)
        loadedNames = state.book.names.map(\.names)
        codeLists = state.codeLists
        parties = state.parties
        figures = state.book.figures
        erased = Dictionary(
            state.book.erased.map { (ID128(high: $0.subject.high, low: $0.subject.low), $0.sequence) },
            uniquingKeysWith: { first, _ in first })
        evidence = EvidenceSurvey(state, from: mark)
    }

    /// Lists of names from the tables; those of the survey before, where nothing has changed.
    mutating func readNames(before: BatchSurvey) {
        if !before.names.isEmpty, loadedNames == before.loadedNames, codeLists == before.codeLists,
            parties == before.parties
        {
            names = before.names
            return
        }
        names = loadedNames
        // A code list is a list of names, too, unless people write its entries otherwise (seeds/batches/names).
        for list in codeLists where !names.contains(where: { haveSameBytes($0.name, list.name) }) {
            names.append(
                NameList(
                    name: list.name, version: list.version, pairs: list.entries.map { ($0.code, $0.name) }))
        }
        names.append(NameList(name: "party", version: "", pairs: parties.flatMap { [($0.key, $0.name)] }))
    }

    func kind(_ code: String, version: String) -> BatchKind? {
        kinds.last { haveSameBytes($0.code, code) && haveSameBytes($0.version, version) }
    }

    func kind(_ code: String) -> BatchKind? { kinds.last { haveSameBytes($0.code, code) } }
}
