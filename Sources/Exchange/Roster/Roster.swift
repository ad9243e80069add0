package import Schema

/// Number of a party in its city's state, in order of registration.
package struct PartyIndex: Sendable, Hashable, Comparable {
    package let raw: UInt16
    init(_ raw: Int) { self.raw = UInt16(truncatingIfNeeded: raw) }
    package static func < (a: PartyIndex, b: PartyIndex) -> Bool { a.raw < b.raw }
}

/// Number of an officer in its city's state, in order of registration.
package struct OfficerIndex: Sendable, Hashable {
    package let raw: UInt32
    /// Nobody on the register: the operator's seeds.
    static let none = OfficerIndex(raw: .max)
    init(raw: UInt32) { self.raw = raw }
    init(_ raw: Int) { self.raw = UInt32(truncatingIfNeeded: raw) }
}

/// A party to the exchange.
package struct Party: Sendable, Hashable {
    package enum Kind: UInt8, ClosedCode {
        case bureau = 1
        case county = 2
        case unit = 3
        case department = 4
        /// Below its county.
        case township = 5
        package typealias Open = PartyKind

        /// The first part of a party key.
        package var word: String {
            switch self {
            case .bureau: "bureau"
            case .county: "county"
            case .unit: "unit"
            case .department: "department"
            case .township: "township"
            }
        }
    }

    /// `county/421321`.
    package let key: String
    package let kind: Kind
    /// `421321`, `421300-GX`, `LU-07`.
    package let code: String
    /// Neutral display name.
    package internal(set) var name: String
    /// Place in official lists.
    package internal(set) var order: Int32
    /// A township's county.
    package var parent: PartyIndex?
    /// Its officers may not ask or act, and nothing new is given to it.
    package internal(set) var isSuspended = false
}

/// What an officer may do, as a set.
package struct RoleSet: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let clerk = RoleSet(rawValue: 1 << 1)
    package static let approver = RoleSet(rawValue: 1 << 2)
    package static let systemAdmin = RoleSet(rawValue: 1 << 3)
    package static let securityAdmin = RoleSet(rawValue: 1 << 4)
    package static let auditor = RoleSet(rawValue: 1 << 5)
    package static let casework: RoleSet = [.clerk, .approver]
    package static let administrators: RoleSet = [.systemAdmin, .securityAdmin, .auditor]

    /// Each single role, in the schema's order, with its word.
    package static let all: [(role: RoleSet, open: Role, word: String)] = [
        (.clerk, .clerk, "clerk"), (.approver, .approver, "approver"),
        (.systemAdmin, .systemAdmin, "system_admin"),
        (.securityAdmin, .securityAdmin, "security_admin"), (.auditor, .auditor, "auditor"),
    ]

    /// Nil when a role is unspecified or of a later schema.
    package init?(_ roles: [Role]) {
        var set: RoleSet = []
        for role in roles {
            guard let known = Self.all.first(where: { $0.open == role }) else { return nil }
            set.insert(known.role)
        }
        self = set
    }

    package var open: [Role] {
        var open: [Role] = []
        for index in Self.all.indices where contains(Self.all[index].role) {
            open.append(Self.all[index].open)
        }
        return open
    }
    package var words: [String] { Self.all.filter { contains($0.role) }.map(\.word) }

    /// Two roles that may not meet in one person (三员分立), the first such pair in the schema's order; nil when
    /// there is none. An administrator has that one role and no other; clerk and approver may be one person
    /// in a small office.
    package var incompatiblePair: (String, String)? {
        guard !isDisjoint(with: .administrators), words.count > 1 else { return nil }
        return (words[0], words[1])
    }
}

/// An officer of a party.
package struct Officer: Sendable, Hashable {
    package let id: String
    package let party: PartyIndex
    package internal(set) var name: PersonalText
    /// Never changes: it stands on what the officer did. A new post is a new officer, or a hand-over.
    package let post: String
    package internal(set) var roles: RoleSet
    package internal(set) var isSuspended: Bool
    /// The name was removed: when the last backup of its key has expired, ns UTC. 0: it is there.
    package internal(set) var erasureCompletes: Int64 = 0
}

/// The city this state belongs to.
package struct City: Sendable, Hashable {
    package let code: String
    package let name: String
    package let numberPrefix: String
}

/// A loaded code list: codes and their names, in the order of the file.
package struct CodeList: Sendable, Hashable {
    package let name: String
    package let version: String
    package let entries: [(code: String, name: String)]
    private let codes: NameTable

    init(name: String, version: String, entries: [(code: String, name: String)]) {
        self.name = name
        self.version = version
        self.entries = entries
        var codes = NameTable()
        for entry in entries { _ = codes.insert(entry.code) }
        self.codes = codes
    }

    package func contains(_ code: String) -> Bool { codes.find(code) != nil }

    package static func == (a: CodeList, b: CodeList) -> Bool {
        a.name == b.name && a.version == b.version && a.entries.elementsEqual(b.entries, by: ==)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(version)
    }
}

/// The code lists this version asks for by name.
package enum CodeListName {
    package static let requestCategory = "request-category"
    package static let progressStage = "progress-stage"
    package static let suspensionReason = "suspension-reason"
    package static let caseSubcategory = "case-subcategory"
    package static let rankBand = "rank-band"
    package static let yearsBand = "years-band"
    package static let merit = "merit"
    package static let hardship = "hardship"
    package static let schooling = "schooling"
    package static let profession = "profession"
    package static let material = "material"
    package static let placementChannel = "placement-channel"
    package static let approvalOrgan = "approval-organ"
    package static let schoolStage = "school-stage"
    package static let fundSource = "fund-source"
    package static let placementDestination = "placement-destination"
}

/// Target ids of roster items. They are derived from the item's natural key, so that whoever knows the key
/// knows the target: an officer is suspended by naming him, no look-up of an id stands before it.
package enum RosterTarget {
    package static func city(_ code: String) -> EntityID { id("city", code) }
    package static func party(_ key: String) -> EntityID { id("party", key) }
    package static func officer(_ id: String) -> EntityID { Self.id("officer", id) }
    package static func codeList(_ name: String) -> EntityID { id("code-list", name) }
    package static func ruleTable(_ name: String) -> EntityID { id("rule-table", name) }
    package static func calendar(_ year: Int32) -> EntityID { id("calendar", String(year)) }
    package static let supervision = id("supervision", "")
    package static let caseKinds = id("case-kinds", "")
    package static let schoolDates = id("school-dates", "")
    package static let careFund = id("care-fund", "")
    package static let clock = id("clock", "")
    package static func batchKind(_ code: String) -> EntityID { id("batch-kind", code) }
    package static func batchNames(_ list: String) -> EntityID { id("batch-names", list) }
    package static let registerFigures = id("register-figures", "")
    static func packagesIn(_ party: String) -> EntityID { id("packages-in", party) }
    static func packagesOut(_ party: String) -> EntityID { id("packages-out", party) }
    package static func pointsTable(_ name: String) -> EntityID { id("points-table", name) }
    package static func restoration(_ sequence: UInt64) -> EntityID { id("restoration", String(sequence)) }

    /// The target a roster command must carry; nil for commands about requests and cases.
    package static func of(_ command: Command) -> EntityID? {
        switch command.body {
        case .configureCity(let body): city(body.city)
        case .registerParty(let body): party(body.key)
        case .registerOfficer(let body): officer(body.officer)
        case .setOfficerRoles(let body): officer(body.officer)
        case .suspendOfficer(let body): officer(body.officer)
        case .loadCodeList(let body): codeList(body.list)
        case .loadRuleTable(let body): ruleTable(body.table)
        case .confirmRestoration(let body): restoration(body.sequence)
        case .loadCalendar(let body): calendar(body.year)
        case .loadSupervision: supervision
        case .loadCaseKinds: caseKinds
        case .loadSchoolDates: schoolDates
        case .receiveFund: careFund
        case .changeParty(let body): party(body.key)
        case .suspendParty(let body): party(body.key)
        case .handOverOfficer(let body): officer(body.officer)
        case .eraseOfficer(let body): officer(body.officer)
        case .loadPointsTable(let body): pointsTable(body.table)
        case .advanceClock, .beginDemonstration: clock
        case .loadBatchKind(let body): batchKind(body.kind)
        case .loadBatchNames(let body): batchNames(body.list)
        case .loadRegisterFigures: registerFigures
        case .takePackage(let body): packages(body.party, body.direction)
        case .finishPackage(let body): packagesIn(body.party)
        default: nil
        }
    }

    private static func id(_ kind: String, _ key: String) -> EntityID {
        var first = Fingerprint()
        first.absorb("twolists.roster")
        first.absorb(kind)
        first.absorb(key)
        var second = first
        second.absorb("2")
        // A UUID of version 8 and the RFC's variant, so that it never equals a version 7 id made by a client.
        return EntityID(
            high: first.mixed & ~0xF000 | 0x8000,
            low: second.mixed & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
    }
}
