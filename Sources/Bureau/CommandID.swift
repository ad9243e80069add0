internal import Exchange
package import Journal

/// The id a client gives its command: 128 bits, UUIDv7 (RFC 9562 5.7), the idempotency key. Compared as bytes.
package enum CommandID {
    /// Exactly 16 bytes with version 7 and the RFC's variant, else nil.
    package static func parse(_ bytes: [UInt8]) -> ID128? {
        guard let id = ID128(bytes), id.high >> 12 & 0xf == 7, id.low >> 62 == 0b10 else { return nil }
        return id
    }

    /// Milliseconds since 1970 in the id's first 48 bits: when the client says it made the command.
    static func milliseconds(_ id: ID128) -> Int64 { Int64(id.high >> 16) }

    /// The id of a record of the clock's: no UUIDv7, so that no client's command has it, and another for every record of a store.
    static func ofClock(_ sequence: UInt64) -> ID128 {
        ID128(high: 0xFFFF_FFFF_FFFF_8000, low: 0b10 << 62 | sequence & (1 << 62 - 1))
    }

    /// Of the clock's, or of the check of a batch.
    static func isServers(_ id: ID128) -> Bool { id.high == 0xFFFF_FFFF_FFFF_8000 }

    /// An id made here, for seeds: `milliseconds` of the load, then the position in it.
    package static func make(milliseconds: Int64, random: ID128) -> ID128 {
        ID128(
            high: UInt64(truncatingIfNeeded: milliseconds) << 16 | 0x7000 | random.high & 0xfff,
            low: 0b10 << 62 | random.low >> 2)
    }
}

/// The window in which ids are judged and remembered (DESIGN.md 7).
package enum JudgedWindow {
    /// Outcomes are repeated for this long; an id dated earlier is refused, never run, because its outcome may have been
    /// forgotten.
    package static let pastDays = Limits.commandPastDays
    /// Clients' clocks run ahead; an id from further in the future would be remembered beyond its time.
    package static let futureHours: Int64 = 24

    private static let pastMilliseconds = pastDays * 86_400_000
    private static let futureMilliseconds = futureHours * 3_600_000

    /// `now`: nanoseconds UTC.
    package static func admits(_ id: ID128, now: Int64) -> Bool {
        let age = now / 1_000_000 - CommandID.milliseconds(id)
        return age <= pastMilliseconds && age >= -futureMilliseconds
    }

    /// True when the outcome of `id` may be forgotten: it would not be admitted any more.
    static func hasPassed(_ id: ID128, now: Int64) -> Bool {
        now / 1_000_000 - CommandID.milliseconds(id) > pastMilliseconds
    }
}
