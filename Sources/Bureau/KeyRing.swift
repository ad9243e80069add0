internal import Crypto
internal import Exchange
internal import Journal

extension ID128: ShardKey {
    package var shardBits: (high: UInt64, low: UInt64) { (high, low) }
}

/// The keys of all subjects, in memory. A subject is whom personal data is about: a request, a case, an officer.
struct KeyRing {
    /// In the order they came; the table has only their numbers, so that it grows without touching each key.
    private var keys = ChunkedArray<SealKey?>()
    private var places = ShardedTable<ID128, Int>()

    var count: Int { places.count }

    /// Nil when the subject has none, or its key was destroyed (erased).
    subscript(subject: ID128) -> SealKey? {
        guard let place = places[subject] else { return nil }
        return keys[place]
    }

    /// See `ShardedTable.warm`.
    func warm(_ subject: ID128) -> Int { places.warm(subject) }

    mutating func insert(_ key: SealKey, for subject: ID128) {
        if places.insert(keys.count, for: subject) { return keys.append(key) }
        guard let place = places[subject] else { return }
        keys[place] = key
    }

    /// The subject's key was destroyed.
    mutating func remove(_ subject: ID128) {
        guard let place = places[subject] else { return }
        keys[place] = nil
        places[subject] = nil
    }
}
