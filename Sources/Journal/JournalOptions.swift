package import Crypto
import Glibc

/// How a journal is opened. Clocks and randomness come in from outside, so that a simulation can be repeated.
package struct JournalOptions: Sendable {
    /// City code, ASCII, 1 to 16 bytes. Written by `format`; afterwards it must be the same.
    package var city: String
    package var algorithm: DigestAlgorithm = .sha256
    /// Bytes of new segments, a multiple of 4096 within `JournalLimits`.
    package var segmentSize = JournalLimits.segmentSize
    /// Bytes by which the key file grows.
    package var keyChunk = JournalLimits.keyChunk
    /// Nil: checkpoints are not signed.
    package var signer: CheckpointSigner?
    /// A second signature of each checkpoint, by another algorithm; nil, as a rule: none. Not without `signer`.
    package var secondSigner: CheckpointSigner?
    /// Wall clock, ns UTC.
    package var wall: @Sendable () -> Int64 = { clockNanoseconds(CLOCK_REALTIME) }
    /// Steady clock, ns.
    package var steady: @Sendable () -> Int64 = { clockNanoseconds(CLOCK_MONOTONIC) }
    /// Unpredictable bytes for the store id and segment nonces.
    package var random: @Sendable (Int) throws -> [UInt8] = { try RandomBytes.make($0) }
    /// Makes HEAD anew from the segments when it is missing or damaged: an operator's decision, after comparing receipts.
    package var rebuildHead = false

    package init(city: String) { self.city = city }

    func check() throws(JournalError) {
        guard segmentSize % JournalLimits.page == 0, segmentSize >= JournalLimits.smallestSegment,
            segmentSize <= JournalLimits.largestSegment
        else {
            throw .badOption("segment size \(segmentSize): must be a multiple of 4096 from 64 KiB to 1 GiB")
        }
        guard keyChunk % JournalLimits.page == 0, keyChunk > 0 else {
            throw .badOption("key chunk \(keyChunk): must be a multiple of 4096")
        }
        let code = city.utf8
        guard !code.isEmpty, code.count <= JournalLimits.city, code.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw .badOption("city code '\(city)': must be 1 to 16 printable ASCII characters")
        }
    }

    func randomID() throws(JournalError) -> ID128 {
        let bytes: [UInt8]
        do { bytes = try random(16) } catch { throw .misuse("no random bytes: \(error)") }
        guard let id = ID128(bytes) else {
            throw .misuse("the random source gave \(bytes.count) bytes, not 16")
        }
        return id
    }
}

private func clockNanoseconds(_ clock: clockid_t) -> Int64 {
    var now = timespec()
    clock_gettime(clock, &now)
    return Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec)
}
