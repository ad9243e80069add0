/// A key that is hashed by 128 bits.
public protocol ShardKey: Hashable, Sendable {
    var shardBits: (high: UInt64, low: UInt64) { get }
}

/// A hash table that grows in small steps: many small tables, one picked by the hash, each of which doubles for itself. One
/// dictionary of a million entries would stop the engine for a tenth of a second when it doubles.
///
/// Each small table is open addressing with linear probing, key beside value: a look-up costs one cache miss, where a
/// dictionary costs three, and of the engine's work for one filing look-ups are a tenth.
///
/// Keys are made by clients, so the hash is keyed with random numbers of this process: nobody outside can choose ids that
/// fall together. Nothing depends on where an entry lies: there is no iteration.
///
/// Public although nothing outside the package sees it: the compiler makes no special version of a `package` generic for another
/// module, and the general one is five times slower.
public struct ShardedTable<Key: ShardKey, Value: Sendable>: Sendable {
    /// At a million entries a shard has two thousand: it doubles within a tenth of a millisecond.
    @inlinable static var shards: Int { 512 }
    /// Slots of a shard with its first entry. A power of two, as every later size.
    @inlinable static var firstSlots: Int { 4 }

    @usableFromInline
    struct Entry: Sendable {
        @usableFromInline let key: Key
        @usableFromInline var value: Value

        @inlinable
        init(key: Key, value: Value) {
            self.key = key
            self.value = value
        }
    }

    @usableFromInline
    struct Shard: Sendable {
        @usableFromInline var slots: [Entry?] = []
        @usableFromInline var used = 0

        @inlinable
        init() {}
    }

    @usableFromInline var tables = Array(repeating: Shard(), count: Self.shards)
    @usableFromInline let secret: (UInt64, UInt64)
    @usableFromInline var held = 0

    public var count: Int { held }

    @inlinable
    public init() {
        secret = (Self.drawn(0), Self.drawn(1))
    }

    /// The standard library keys its own hash anew in each process; this takes the key from there.
    @usableFromInline
    static func drawn(_ number: Int) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(number)
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }

    @inlinable
    public subscript(key: Key) -> Value? {
        get {
            let hash = hash(key)
            // Pointers, because the compiler would count the shard's array up and down around each look.
            return tables.withUnsafeBufferPointer { tables in
                tables[Self.shard(hash)].slots.withUnsafeBufferPointer { slots in
                    slots.isEmpty ? nil : slots[Self.position(of: key, hash, in: slots)]?.value
                }
            }
        }
        set {
            guard let newValue else { return remove(key) }
            let (shard, position) = room(for: key)
            if tables[shard].slots[position] == nil { noteNew(shard) }
            tables[shard].slots[position] = Entry(key: key, value: newValue)
        }
    }

    /// Enters a key that is not there yet, at the price of one look; false, and nothing changed, when it is.
    @inlinable
    public mutating func insert(_ value: Value, for key: Key) -> Bool {
        let (shard, position) = room(for: key)
        guard tables[shard].slots[position] == nil else { return false }
        noteNew(shard)
        tables[shard].slots[position] = Entry(key: key, value: value)
        return true
    }

    /// Brings the memory where the key's probe begins near: whoever will soon look up many keys asks for all of them first, and the processor
    /// waits for their cache misses together. Returns what it read there, of no meaning, so that the compiler keeps the look.
    @inlinable
    public func warm(_ key: Key) -> Int {
        let hash = hash(key)
        return tables.withUnsafeBufferPointer { tables in
            tables[Self.shard(hash)].slots.withUnsafeBufferPointer { slots in
                slots.isEmpty || slots[Self.home(hash, slots.count - 1)] == nil ? 0 : 1
            }
        }
    }

    /// Where the key is, or belongs: a quarter of the shard's slots stay free, so that every probe ends.
    @inlinable
    mutating func room(for key: Key) -> (shard: Int, position: Int) {
        let hash = hash(key)
        let shard = Self.shard(hash)
        if (tables[shard].used + 1) * 4 > tables[shard].slots.count * 3 { grow(shard) }
        let position = tables[shard].slots.withUnsafeBufferPointer {
            Self.position(of: key, hash, in: $0)
        }
        return (shard, position)
    }

    @inlinable
    mutating func noteNew(_ shard: Int) {
        tables[shard].used += 1
        held += 1
    }

    @inlinable
    mutating func grow(_ shard: Int) {
        let old = tables[shard].slots
        var larger = [Entry?](repeating: nil, count: max(Self.firstSlots, old.count * 2))
        larger.withUnsafeMutableBufferPointer { slots in
            for case let entry? in old {
                let position = Self.position(of: entry.key, hash(entry.key), in: UnsafeBufferPointer(slots))
                slots[position] = entry
            }
        }
        tables[shard].slots = larger
    }

    /// Those behind a removed entry move up, so that no probe ends too early.
    @inlinable
    mutating func remove(_ key: Key) {
        let hash = hash(key)
        let shard = Self.shard(hash)
        var slots: [Entry?] = []
        swap(&slots, &tables[shard].slots)
        defer { swap(&slots, &tables[shard].slots) }
        guard !slots.isEmpty else { return }
        var free = slots.withUnsafeBufferPointer { Self.position(of: key, hash, in: $0) }
        guard slots[free] != nil else { return }
        tables[shard].used -= 1
        held -= 1
        slots[free] = nil
        let mask = slots.count - 1
        var next = (free + 1) & mask
        while let entry = slots[next] {
            let home = Self.home(self.hash(entry.key), mask)
            if (next &- home) & mask >= (next &- free) & mask {
                slots[free] = entry
                slots[next] = nil
                free = next
            }
            next = (next + 1) & mask
        }
    }

    /// The slot that holds `key`, or the free one where its probe ends. `slots` is not empty and not full.
    @inlinable
    static func position(of key: Key, _ hash: UInt64, in slots: UnsafeBufferPointer<Entry?>) -> Int {
        let mask = slots.count - 1
        var position = home(hash, mask)
        while true {
            switch slots[position] {
            case nil: return position
            case let entry?: if entry.key == key { return position }
            }
            position = (position + 1) & mask
        }
    }

    @inlinable
    static func home(_ hash: UInt64, _ mask: Int) -> Int { Int(truncatingIfNeeded: hash >> 16) & mask }

    @inlinable
    static func shard(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (shards - 1) }

    /// Both halves of the 128-bit product: every bit of the key reaches every bit of the hash.
    @inlinable
    func hash(_ key: Key) -> UInt64 {
        let bits = key.shardBits
        let product = (bits.high ^ secret.0).multipliedFullWidth(by: bits.low ^ secret.1)
        return product.high ^ product.low
    }
}
