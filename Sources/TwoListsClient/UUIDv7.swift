import Crypto
import Glibc

/// Ids made by this client: RFC 9562 UUID version 7, 16 bytes.
///
///      0      6 bytes   milliseconds since 1970, big endian
///      6      4 bits    version 7, then 12 random bits
///      8      2 bits    variant 10, then 62 random bits
///
/// They sort by time, and the server reads from them how old a command is (it refuses what is outside its window of 400 days).
public enum UUIDv7 {
    public static let byteCount = 16

    /// A fresh id from the machine's clock and libcrypto's random bytes. For a server that may run on a demonstration clock: `TwoListsClient.makeID`.
    public static func make() throws(ClientError) -> [UInt8] { try make(at: WallClock.nanoseconds()) }

    /// The same, made at `time`, ns UTC.
    static func make(at time: Int64) throws(ClientError) -> [UInt8] {
        let random: [UInt8]
        do {
            random = try RandomBytes.make(10)
        } catch {
            throw ClientError(.client, .configuration, .badCommand, detail: "no random bytes: \(error)")
        }
        return make(milliseconds: time / 1_000_000, random: random)
    }

    /// The id of given parts; `random` supplies ten bytes, missing ones are zero.
    static func make(milliseconds: Int64, random: [UInt8]) -> [UInt8] {
        var id = (0..<6).map { UInt8(truncatingIfNeeded: milliseconds >> Int64(40 - 8 * $0)) }
        id.append(contentsOf: random.prefix(10))
        while id.count < byteCount { id.append(0) }
        id[6] = id[6] & 0x0F | 0x70
        id[8] = id[8] & 0x3F | 0x80
        return id
    }
}

/// The machine's clock.
package enum WallClock {
    /// Nanoseconds UTC since 1970.
    package static func nanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}

/// Time that only moves forward.
enum MonotonicClock {
    static func milliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000 &+ Int64(time.tv_nsec) / 1_000_000
    }
}

extension Duration {
    /// Whole milliseconds, rounded up; never negative.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        guard !overflow else { return seconds < 0 ? 0 : Int64.max / 4 }
        return min(
            max(0, whole &+ (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000), Int64.max / 4)
    }
}
