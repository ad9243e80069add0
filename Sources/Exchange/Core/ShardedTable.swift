/// A key whose low bits are as good as random: the table's shard is picked by them.
public protocol ShardKey: Hashable, Sendable {
    var shardBits: UInt64 { get }
}

/// A hash table that grows in small steps: many dictionaries, one picked by the key, each of which doubles for itself. One
/// dictionary of a million entries would stop the engine for a tenth of a second when it doubles.
///
/// Public although nothing outside the package sees it: the compiler makes no special version of a `package` generic for another
/// module, and the general one is five times slower.
///
/// Keys are made by clients. Whoever chooses them so that all fall into one shard gets a plain dictionary, no worse.
public struct ShardedTable<Key: ShardKey, Value: Sendable>: Sendable {
    /// At a million entries a shard has two thousand: it doubles within a tenth of a millisecond.
    @inlinable static var shards: Int { 512 }

    @usableFromInline var tables: [[Key: Value]]

    @inlinable
    public init() { tables = Array(repeating: [:], count: Self.shards) }

    public var count: Int { tables.reduce(0) { $0 + $1.count } }

    @inlinable
    public subscript(key: Key) -> Value? {
        get { tables[Self.shard(key)][key] }
        set { tables[Self.shard(key)][key] = newValue }
    }

    /// Enters a key that is not there yet, at the price of one look; false, and nothing changed, when it is.
    @inlinable
    public mutating func insert(_ value: Value, for key: Key) -> Bool {
        let shard = Self.shard(key)
        if let held = tables[shard].updateValue(value, forKey: key) {
            tables[shard][key] = held
            return false
        }
        return true
    }

    @inlinable
    static func shard(_ key: Key) -> Int {
        Int(truncatingIfNeeded: key.shardBits) & (shards - 1)
    }
}
