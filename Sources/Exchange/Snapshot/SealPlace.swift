/// Where a personal text was sealed: what its sealed bytes are bound to besides the key (Bureau/Sealing.swift). The state keeps sealed bytes
/// without it; a snapshot needs it, to open them again without the journal.
package struct SealPlace: Sendable, Hashable {
    /// Bytes of it in front of a sealed text: command id, then the place, big endian.
    package static let size = 24

    /// Id of the command whose record the text stands in.
    package var command: EntityID
    /// Path of the field in that record.
    package var place: UInt64

    package init(command: EntityID, place: UInt64) {
        self.command = command
        self.place = place
    }

    /// In front of a text of release 1 that was never sealed.
    package static let never = [UInt8](repeating: 0, count: size)

    package var bytes: [UInt8] { command.bytes + EntityID(high: 0, low: place).bytes.suffix(8) }

    init?(_ bytes: ArraySlice<UInt8>) {
        let bytes = [UInt8](bytes)
        guard bytes.count == Self.size, let command = EntityID([UInt8](bytes[..<16])) else { return nil }
        self.init(command: command, place: bytes[16...].reduce(0) { $0 << 8 | UInt64($1) })
    }
}

/// What becomes of the sealed texts of a snapshot that is read.
package enum SnapshotOpening {
    /// They stay sealed, with their place in front: the state goes on being built aside.
    case aside
    /// They are opened: subject, place, sealed bytes. Nil: the subject's key was destroyed. Throws when they do not open.
    case opened((EntityID, SealPlace, [UInt8]) throws -> String?)
}

/// A snapshot's writer of personal texts: a text mostly stands in the same record as the one before it.
struct StateWriter {
    var out: CompactWriter
    private let placeBytes: Int
    private var lastCommand: EntityID?

    /// First byte of a personal text.
    enum Form: UInt8 {
        case none = 0
        /// Sealed by the command of the text before.
        case again = 1
        /// Sealed; the command's id follows.
        case sealed = 2
        /// Never sealed: a text of release 1, which stands so in the journal, too.
        case neverSealed = 3
    }

    init(_ out: CompactWriter, placeBytes: Int) {
        self.out = out
        self.placeBytes = placeBytes
    }

    mutating func put(_ text: PersonalText) throws {
        if text.sealed.isEmpty { return out.put(byte: Form.none.rawValue) }
        if text.sealed.starts(with: SealPlace.never) {
            out.put(byte: Form.neverSealed.rawValue)
            return out.put([UInt8](text.sealed.dropFirst(SealPlace.size)))
        }
        guard placeBytes == SealPlace.size, let place = SealPlace(text.sealed.prefix(placeBytes)) else {
            throw SnapshotFault.wrong("a sealed text without its place")
        }
        let isSame = place.command == lastCommand
        out.put(byte: (isSame ? Form.again : .sealed).rawValue)
        if !isSame { out.put(place.command) }
        lastCommand = place.command
        out.put(raw: [UInt8](place.bytes.suffix(8)))
        out.put([UInt8](text.sealed.dropFirst(placeBytes)))
    }
}

struct StateReader {
    var input: CompactReader
    private let opening: SnapshotOpening
    private var lastCommand: EntityID?
    /// What is read belongs to an erased matter: nothing of it is opened. Its subject may have a second key, of a command refused afterwards.
    var isErased = false

    init(_ input: CompactReader, _ opening: SnapshotOpening) {
        self.input = input
        self.opening = opening
    }

    /// - Parameter subject: whose key seals it.
    mutating func personal(of subject: EntityID) throws -> PersonalText {
        guard let form = StateWriter.Form(rawValue: try input.byte()) else {
            throw SnapshotFault.wrong("a personal text of unknown form")
        }
        switch form {
        case .none: return .empty
        case .neverSealed:
            return neverSealed(try input.text())
        case .sealed: lastCommand = try input.id()
        case .again: break
        }
        guard let command = lastCommand else {
            throw SnapshotFault.wrong("a sealed text without its command")
        }
        let place = try input.raw(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return try personal(of: subject, SealPlace(command: command, place: place), sealed: try input.bytes())
    }

    private func neverSealed(_ text: String) -> PersonalText {
        switch opening {
        case .aside: PersonalText(clear: nil, sealed: SealPlace.never + text.utf8)
        case .opened: PersonalText(clear: isErased ? nil : text, sealed: [UInt8](text.utf8))
        }
    }

    private func personal(of subject: EntityID, _ place: SealPlace, sealed: [UInt8]) throws -> PersonalText {
        switch opening {
        case .aside: PersonalText(clear: nil, sealed: place.bytes + sealed)
        case .opened where isErased: PersonalText(clear: nil, sealed: sealed)
        case .opened(let open): PersonalText(clear: try open(subject, place, sealed), sealed: sealed)
        }
    }

    /// A closed code of one byte.
    mutating func code<C: RawRepresentable>(_: C.Type, _ what: String) throws -> C where C.RawValue == UInt8 {
        guard let code = C(rawValue: try input.byte()) else { throw SnapshotFault.wrong(what) }
        return code
    }

    /// A closed code that may be missing: 0.
    mutating func codeIfAny<C: RawRepresentable>(_: C.Type, _ what: String) throws -> C?
    where C.RawValue == UInt8 {
        let raw = try input.byte()
        if raw == 0 { return nil }
        guard let code = C(rawValue: raw) else { throw SnapshotFault.wrong(what) }
        return code
    }

    /// A position in something that has `count` entries, or none: see `StateWriter.put(number:)`.
    mutating func numberIfAny(below count: Int, _ what: String) throws -> UInt32? {
        let number = try input.index(below: count + 1, what)
        return number == 0 ? nil : UInt32(truncatingIfNeeded: number - 1)
    }

    mutating func dayIfAny() throws -> CivilDay? {
        try input.flag() ? CivilDay(dayNumber: try input.signed(Int32.self, "a day")) : nil
    }
}

extension StateWriter {
    /// 0, or the number and one.
    mutating func put(number: UInt32?) { out.put(number.map { UInt64($0) + 1 } ?? 0) }

    mutating func put(_ day: CivilDay?) {
        out.put(day != nil)
        if let day { out.put(signed: Int64(day.dayNumber)) }
    }
}
