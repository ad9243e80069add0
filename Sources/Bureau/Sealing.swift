internal import Crypto
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
/// is the field's path (`PersonalPath`), with the event's index in front; 0 is the origin.
struct Sealer {
    private static let domain = [UInt8]("twolists/sealed/1".utf8)
    private static let originPlace: UInt64 = 0

    private func associated(_ command: ID128, _ place: UInt64) -> [UInt8] {
        var bytes = Sealer.domain
        bytes.reserveCapacity(Sealer.domain.count + 24)
        bytes += command.bytes
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: place >> UInt64(shift)))
        }
        return bytes
    }

    /// Fills `sealed` of every personal field and leaves `clear` where it is: `apply` wants both.
    func seal(
        _ events: inout [EventV1.Event], command: ID128, key: SealKey, entropy: Entropy
    ) throws(CryptoError) {
        for index in events.indices {
            try events[index].forEachPersonal(under: PersonalPath.root.element(index)) {
                (field, path) throws(CryptoError) in
                guard let clear = field.clear else { return }
                field.sealed = try key.seal(
                    [UInt8](clear.utf8), nonce: entropy.bytes(Sealed.nonceLength),
                    aad: associated(command, path.id))
            }
        }
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

    func seal(
        origin: [UInt8], command: ID128, key: SealKey, entropy: Entropy
    ) throws(CryptoError) -> [UInt8] {
        try key.seal(
            origin, nonce: entropy.bytes(Sealed.nonceLength),
            aad: associated(command, Sealer.originPlace))
    }

    func open(origin: [UInt8], command: ID128, key: SealKey) throws(CryptoError) -> [UInt8] {
        try key.open(origin, aad: associated(command, Sealer.originPlace))
    }
}

/// Where nonces, keys and salts come from: outside the core, so that a simulation can replay them.
package struct Entropy: Sendable {
    private let source: @Sendable (Int) -> [UInt8]?

    /// `source`: that many bytes, nil when there are none.
    package init(_ source: @escaping @Sendable (Int) -> [UInt8]?) { self.source = source }

    package static let system = Entropy { try? RandomBytes.make($0) }

    func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
        guard let bytes = source(count) else {
            throw .library(operation: "random bytes", reason: "the source gave none")
        }
        return bytes
    }
}
