internal import Crypto
internal import Exchange
internal import Journal

extension ID128: ShardKey {
    package var shardBits: (high: UInt64, low: UInt64) { (high, low) }
}

/// The keys of all subjects, in memory. A subject is whom personal data is about: a request, a case, an officer.
struct KeyRing {
    private var keys = ShardedTable<ID128, SealKey>()

    var count: Int { keys.count }

    /// Nil when the subject has none, or its key was destroyed (erased).
    subscript(subject: ID128) -> SealKey? { keys[subject] }

    mutating func insert(_ key: SealKey, for subject: ID128) { keys[subject] = key }

    /// The subject's key was destroyed.
    mutating func remove(_ subject: ID128) { keys[subject] = nil }
}
