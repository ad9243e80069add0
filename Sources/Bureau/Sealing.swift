internal import Crypto
internal import Exchange
internal import Journal
internal import Schema
internal import Wire

/// How personal data is sealed between core and journal (DESIGN.md 8, JOURNAL.md "Sealed fields").
///
/// Every personal field of a record's events, and the record's origin (the received envelope, whole), is sealed with
/// AES-256-GCM under the key of the record's subject. What the bytes belong to is bound as additional data:
///
///     "twolists/sealed/1" ‖ command id (16) ‖ place (u64 big endian)
///
/// so that a sealed field moved to another place or record does not open (nor in another store: keys are random). `place`
/// is the field's path (`PersonalPath`), with the event's index in front; 0 is the origin, 1 the salt in a snapshot.
struct Sealer {
    private static let domain = [UInt8]("twolists/sealed/1".utf8)
    private static let originPlace: UInt64 = 0
    private static let saltPlace: UInt64 = 1

    private static let associatedBytes = domain.count + 24

    /// The additional data of one record, `place` still to be filled in.
    private func associated(_ command: ID128) -> [UInt8] {
        var bytes = Sealer.domain
        bytes.reserveCapacity(Sealer.associatedBytes)
        bytes += command.bytes
        for _ in 0..<8 { bytes.append(0) }
        return bytes
    }

    private func place(_ place: UInt64, in associated: inout [UInt8]) {
        associated.withUnsafeMutableBytes {
            $0.storeBytes(of: place.bigEndian, toByteOffset: Sealer.associatedBytes - 8, as: UInt64.self)
        }
    }

    private func associated(_ command: ID128, _ place: UInt64) -> [UInt8] {
        var bytes = associated(command)
        self.place(place, in: &bytes)
        return bytes
    }

    /// Fills `sealed` of every personal field and leaves `clear` where it is: `apply` wants both. Returns the sealed origin.
    func seal(
        _ events: inout [EventV1.Event], origin: [UInt8], command: ID128, key: SealKey,
        entropy: inout EntropyPool
    ) throws(CryptoError) -> [UInt8] {
        var associated = associated(command)
        return try key.sealing { (sealing) throws(CryptoError) in
            for index in events.indices {
                try events[index].forEachPersonal(under: PersonalPath.root.element(index)) {
                    (field, path) throws(CryptoError) in
                    guard var clear = field.clear else { return }
                    place(path.id, in: &associated)
                    let nonce = try entropy.nonce()
                    let sealed = clear.withUTF8 { text in
                        seal(UnsafeRawBufferPointer(text), sealing, associated, nonce)
                    }
                    field.sealed = try checked(sealed)
                }
            }
            place(Sealer.originPlace, in: &associated)
            let nonce = try entropy.nonce()
            return try checked(origin.withUnsafeBytes { seal($0, sealing, associated, nonce) })
        }
    }

    private func seal(
        _ bytes: UnsafeRawBufferPointer, _ sealing: borrowing Sealing, _ associated: [UInt8], _ nonce: Nonce
    ) -> [UInt8]? {
        associated.withUnsafeBytes { sealing.seal(bytes, aad: $0, nonce: nonce) }
    }

    private func checked(_ sealed: [UInt8]?) throws(CryptoError) -> [UInt8] {
        guard let sealed else { throw .library(operation: "seal", reason: "AES-256-GCM failed") }
        return sealed
    }

    /// Fills `clear` from `sealed`. Without a key (destroyed: erased) the fields stay nil and read 已删除.
    func open(
        _ events: inout [EventV1.Event], command: ID128, key: SealKey?
    ) throws(CryptoError) {
        guard let key else { return }
        for index in events.indices {
            try events[index].forEachPersonal(under: PersonalPath.root.element(index)) {
                (field, path) throws(CryptoError) in
                let bytes = try key.open(field.sealed, aad: associated(command, path.id))
                field.clear = String(validating: bytes, as: UTF8.self)
            }
        }
    }

    /// Puts in front of every sealed field where it was sealed: what a snapshot needs to open it again without its record.
    func place(_ events: inout [EventV1.Event], command: ID128) {
        let command = EntityID(high: command.high, low: command.low)
        for index in events.indices {
            events[index].forEachPersonal(under: PersonalPath.root.element(index)) { field, path in
                field.sealed = SealPlace(command: command, place: path.id).bytes + field.sealed
            }
        }
    }

    /// After upcasting: what release 1 never sealed has no place, and says so.
    func markNeverSealed(_ events: inout [EventV1.Event]) {
        for index in events.indices {
            events[index].forEachPersonal(under: PersonalPath.root.element(index)) { field, _ in
                guard field.clear != nil else { return }
                field.clear = nil
                field.sealed = SealPlace.never + field.sealed
            }
        }
    }

    /// One field of a snapshot.
    func open(_ sealed: [UInt8], at place: SealPlace, key: SealKey) throws -> String {
        let command = ID128(high: place.command.high, low: place.command.low)
        let bytes = try key.open(sealed, aad: associated(command, place.place))
        guard let text = String(validating: bytes, as: UTF8.self) else { throw CryptoError.tampered }
        return text
    }

    func seal(salt: [UInt8], command: ID128, key: SealKey, nonce: [UInt8]) throws(CryptoError) -> [UInt8] {
        try key.seal(salt, nonce: nonce, aad: associated(command, Sealer.saltPlace))
    }

    func open(salt: [UInt8], command: ID128, key: SealKey) throws(CryptoError) -> [UInt8] {
        try key.open(salt, aad: associated(command, Sealer.saltPlace))
    }

    func open(origin: [UInt8], command: ID128, key: SealKey) throws(CryptoError) -> [UInt8] {
        try key.open(origin, aad: associated(command, Sealer.originPlace))
    }
}
