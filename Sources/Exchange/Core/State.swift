/// Everything one city's exchange knows, built only by `apply`. Compact closed types; no generated message is
/// kept.
///
/// It belongs to the engine's thread. It is a value: a copy is a snapshot, but the next change to either then
/// copies whole arrays, so the engine never copies it on its way (DESIGN.md 8: snapshots are made by
/// replaying aside).
package struct State: Sendable {
    package internal(set) var city: City?
    package internal(set) var parties: [Party] = []
    package internal(set) var officers: [Officer] = []
    package internal(set) var codeLists: [CodeList] = []
    package internal(set) var ruleTables: [RuleTable] = []
    package internal(set) var calendar = WorkCalendar()
    /// The city's thresholds; nil: no lights are lit.
    package internal(set) var supervision: Supervision?
    /// Tables of time loaded so far: when it grows, every request has to be looked at again. An index like `agenda`.
    package internal(set) var timeTables = 0
    /// Nil in a store that never loaded one.
    package internal(set) var caseKinds: Versioned<KindOfCase>?
    package internal(set) var schoolTerms: Versioned<SchoolTerm>?
    package internal(set) var fund = CareFund()
    package internal(set) var pointsTables: [PointsTable] = []
    /// In order of submission; a slot number never changes its meaning.
    package internal(set) var requests = ChunkedArray<SupportRequest>()
    /// In order of filing.
    package internal(set) var cases = ChunkedArray<PlacementCase>()
    /// In order of announcement.
    package internal(set) var rounds: [PlacementRound] = []
    package internal(set) var changes = ChangeLog()
    /// Of packages on discs, in the order of their first.
    package internal(set) var ledgers: [PackageLedger] = []
    /// Declared cuts, in the order of their records.
    package internal(set) var restorations: [Restoration] = []
    package internal(set) var book = BatchBook()
    package internal(set) var evidence = EvidenceBook()
    /// Nil: the store keeps the real time.
    package internal(set) var demonstration: Demonstration?
    /// Sequence of the last record that brought an event.
    package internal(set) var lastSequence: UInt64 = 0

    var agenda = Agenda()
    var targets = ShardedTable<EntityID, Target>()
    var partyKeys = NameTable()
    var officerIDs = NameTable()
    /// Codes that requests carry (categories, stages, reasons of suspension), numbered.
    var categories = NameTable()
    /// By 64 bits of an official number: whoever is found there is asked for the number (`matter(numbered:)`). No table of the numbers themselves:
    /// it would double with a million of them in one turn, and each stands in its matter already.
    var numbers = MatterIndex()
    var references = MatterIndex()
    var counters: [CounterKey: UInt32] = [:]
    /// Beside `parties`: the slots a party may see, ascending. The bureau sees all and has none.
    var requestsOfParty: [[UInt32]] = []
    var casesOfParty: [[UInt32]] = []
    /// Version of each roster item.
    var rosterVersions: [UInt64] = []
    /// Beside `rosterVersions`: the item's target id.
    var rosterTargets: [EntityID] = []
    /// Bytes in front of every sealed text that say where it was sealed: `SealPlace.size` in a state built aside for a snapshot, else 0.
    let placeBytes: Int

    /// - Parameter aside: the state is built for a snapshot. Its personal fields come sealed, with their place in front, and are never opened.
    package init(aside: Bool = false) { placeBytes = aside ? SealPlace.size : 0 }
}

/// A request, a case or a round by its slot, in four bytes: the top bit tells a case, the next a round.
package struct Matter: Sendable, Hashable {
    let raw: UInt32

    static func request(_ slot: Int) -> Matter { Matter(raw: UInt32(truncatingIfNeeded: slot)) }
    static func placementCase(_ slot: Int) -> Matter {
        Matter(raw: UInt32(truncatingIfNeeded: slot) | caseBit)
    }

    static func round(_ slot: Int) -> Matter {
        Matter(raw: UInt32(truncatingIfNeeded: slot) | roundBit)
    }

    package var isCase: Bool { raw & Self.caseBit != 0 }
    package var isRound: Bool { raw & Self.roundBit != 0 }
    package var slot: Int { Int(raw & ~(Self.caseBit | Self.roundBit)) }
    package var aggregate: CommandKind.Aggregate { isRound ? .round : isCase ? .placementCase : .request }

    private static let caseBit: UInt32 = 1 << 31
    private static let roundBit: UInt32 = 1 << 30
}

/// What a target id names.
enum Target: Sendable, Hashable {
    case matter(Matter)
    case roster(UInt32)
    case batch(UInt32)
    /// Of the registers, erased.
    case person(UInt32)
}

/// The counter of one year and series.
struct CounterKey: Sendable, Hashable, Comparable {
    let year: Int32
    let series: NumberSeries
    static func < (a: CounterKey, b: CounterKey) -> Bool {
        (a.year, a.series.rawValue) < (b.year, b.series.rawValue)
    }
}

/// Matters by 64 bits of what they are found by. Two may share one; the second and later are kept apart, there are hardly ever any.
struct MatterIndex: Sendable {
    private var first = ShardedTable<UInt64, Matter>()
    private var others: [(key: UInt64, matter: Matter)] = []

    func warm(_ key: UInt64) -> Int { first.warm(key) }

    mutating func insert(_ key: UInt64, _ matter: Matter) {
        if !first.insert(matter, for: key) { others.append((key, matter)) }
    }

    /// In the order they came.
    func find(_ key: UInt64) -> [Matter] {
        guard let found = first[key] else { return [] }
        return [found] + others.filter { $0.key == key }.map(\.matter)
    }
}

extension UInt64: ShardKey {
    public var shardBits: (high: UInt64, low: UInt64) { (0, self) }
}

extension State {
    package func partyIndex(_ key: String) -> PartyIndex? { partyKeys.find(key).map(PartyIndex.init) }
    package func party(_ index: PartyIndex) -> Party { parties[Int(index.raw)] }
    package func party(_ key: String) -> Party? { partyKeys.find(key).map { parties[$0] } }
    package func officer(_ id: String) -> Officer? { officerIDs.find(id).map { officers[$0] } }
    package func codeList(_ name: String) -> CodeList? {
        codeLists.first { $0.name.utf8.elementsEqual(name.utf8) }
    }
    package func ruleTable(_ name: String) -> RuleTable? {
        ruleTables.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

    package func pointsTable(_ name: String) -> PointsTable? {
        pointsTables.first { haveSameBytes($0.name, name) }
    }
    /// The id of a request, case or round.
    func id(of matter: Matter) -> EntityID {
        matter.isRound
            ? rounds[matter.slot].id : matter.isCase ? cases[matter.slot].id : requests[matter.slot].id
    }
    /// The newest row of a request's, case's or round's history.
    func newestRow(of matter: Matter) -> UInt32 {
        if matter.isRound { return rounds[matter.slot].newestRow }
        return matter.isCase ? cases[matter.slot].newestRow : requests[matter.slot].newestRow
    }

    /// The official number of a request or case; empty before it has one, and of a round.
    func number(of matter: Matter) -> String {
        if matter.isRound { return "" }
        return matter.isCase ? cases[matter.slot].number : requests[matter.slot].number
    }

    /// Whose official number it is, byte for byte.
    func matter(numbered number: String) -> Matter? {
        numbers.find(Self.numberKey(number)).first { haveSameBytes(self.number(of: $0), number) }
    }

    static func numberKey(_ number: String) -> UInt64 {
        var fingerprint = Fingerprint()
        fingerprint.absorb(number)
        return fingerprint.mixed
    }

    /// The version of what a target id names; 0 when it names nothing.
    package func version(of target: EntityID) -> UInt64 { versionAndNumber(of: target).version }

    /// The version of what a target id names (0: nothing) and its official number (empty before it has one), at the price of one look.
    package func versionAndNumber(of target: EntityID) -> (version: UInt64, number: String) {
        switch targets[target] {
        case nil: return (0, "")
        case .matter(let matter) where matter.isRound:
            return (rounds[matter.slot].version, rounds[matter.slot].announcement.key)
        case .matter(let matter) where matter.isCase:
            return (cases[matter.slot].version, cases[matter.slot].number)
        case .matter(let matter): return (requests[matter.slot].version, requests[matter.slot].number)
        case .roster(let item): return (rosterVersions[Int(item)], "")
        case .batch(let slot): return (book.batches[Int(slot)].version, book.batches[Int(slot)].number)
        case .person: return (1, "")
        }
    }

    /// See `ShardedTable.warm`: for the next command about this target.
    package func warm(_ target: EntityID) -> Int {
        targets.warm(target) + references.warm(ReferenceCode(target).value)
    }

    func nextSerial(_ year: Int32, _ series: NumberSeries) -> UInt32 {
        (counters[CounterKey(year: year, series: series)] ?? 0) + 1
    }

    /// Whether every request and case of this party may be listed to it: it is the bureau.
    func seesAll(_ party: PartyIndex) -> Bool { self.party(party).kind == .bureau }
}

/// Adds a slot to an ascending list, once. New slots mostly belong at the end.
func insertAscending(_ slot: UInt32, into slots: inout [UInt32]) {
    guard let last = slots.last, last >= slot else { return slots.append(slot) }
    let position = lowerBound(slots, slot)
    if slots[position] != slot { slots.insert(slot, at: position) }
}

func removeAscending(_ slot: UInt32, from slots: inout [UInt32]) {
    let position = lowerBound(slots, slot)
    if position < slots.count, slots[position] == slot { slots.remove(at: position) }
}

/// The first position whose slot is not below `slot`.
func lowerBound(_ slots: [UInt32], _ slot: UInt32) -> Int {
    var low = 0
    var high = slots.count
    while low < high {
        let middle = (low + high) / 2
        if slots[middle] < slot { low = middle + 1 } else { high = middle }
    }
    return low
}
