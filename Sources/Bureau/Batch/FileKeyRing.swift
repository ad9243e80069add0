internal import Crypto
internal import Exchange
internal import Journal

/// How things in the files of batches are found without telling whose they are: BATCH.md 5. A print is 16 bytes of SHA-256 over the store's secret and the text: without the secret
/// nobody can try ID numbers. (Cut to half, a digest cannot be lengthened.)
struct FilePrints: Sendable {
    private let secret: [UInt8]

    init(_ secret: [UInt8]) { self.secret = secret }

    enum Use: UInt8 {
        case person = 1
        case key = 2
        case content = 3
        case upload = 4
        case chunk = 5
    }

    func print(_ use: Use, _ bytes: [UInt8]) -> ID128 {
        let digest = Digest(of: secret + [use.rawValue], then: bytes)
        return digest.withUnsafeBytes { raw in
            ID128(
                high: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                low: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }

    /// No UUID of a version that anybody makes, so that no request and no table has it.
    /// - Parameter erasures: how often this person was erased before; each time they are sent again under another subject.
    func person(_ idNumber: [UInt8], erasures: Int = 0) -> ID128 {
        // No ID number holds a zero.
        let print = print(.person, erasures == 0 ? idNumber : idNumber + [0] + Array(String(erasures).utf8))
        return ID128(high: print.high & ~0xF000 | 0xA000, low: print.low)
    }

    func upload(_ party: String, _ id: EntityID) -> ID128 { print(.upload, id.bytes + Array(party.utf8)) }

    /// A list of one year stands beside that of another: what was there at the end of 2022 is not replaced by what is there a year later.
    /// - Parameter period: what the batch states; empty where rows say theirs.
    func key(_ kind: String, period: String, _ key: [UInt8]) -> ID128 {
        print(.key, Array(kind.utf8) + [0] + Array(period.utf8) + [0] + key)
    }
}

/// Whose key seals what in the files of batches. Confined to the batches' thread.
final class FileKeyRing {
    private let keys: SideKeys
    let prints: FilePrints
    private var entropy: EntropyPool
    private var fresh: [KeyEntry] = []
    /// Of persons whose key is not in the file yet.
    private var pending: [ID128: SealKey] = [:]
    /// Persons erased, by subject, with the sequence of the record.
    private var erased: [ID128: UInt64] = [:]

    /// Of the secret's entry.
    private static let secretSubject = ID128(high: 0, low: 1)

    init(_ storage: any Storage, storeID: ID128, entropy source: Entropy) throws {
        keys = try SideKeys(storage, storeID: storeID)
        entropy = EntropyPool(source, page: EngineLimits.entropyPage)
        if !keys.has(Self.secretSubject) {
            let bytes = try entropy.bytes(SealKey.length)
            try keys.append([KeyEntry(subject: Self.secretSubject, key: bytes)])
            try keys.sync()
        }
        guard let key = try keys.key(Self.secretSubject) else {
            throw JournalError.keyFileDamaged(path: storage.path, what: "the secret of the registers is gone")
        }
        prints = FilePrints(
            try key.withBytes { Array(UnsafeBufferPointer(start: $0, count: SealKey.length)) })
    }

    var persons: Int { keys.count }

    func nonce() throws(CryptoError) -> [UInt8] { try entropy.bytes(Sealed.nonceLength) }

    // MARK: keys

    /// Under which subject a batch's rows about a person stand: their first that was not erased when the batch was stored. So what was sent before an erasure is erased with it,
    /// whenever it is checked, and what is sent later is not.
    func person(_ idNumber: [UInt8], storedAt sequence: UInt64) -> ID128 {
        var (erasures, subject) = (0, prints.person(idNumber))
        while wasErased(subject, before: sequence) {
            erasures += 1
            subject = prints.person(idNumber, erasures: erasures)
        }
        return subject
    }

    /// Of an erasure that is not in the journal, since an old backup was restored, the key file tells.
    private func wasErased(_ subject: ID128, before sequence: UInt64) -> Bool {
        erased[subject].map { $0 < sequence } ?? keys.wasDestroyed(subject)
    }

    func key(_ subject: ID128) throws -> SealKey? {
        if let key = pending[subject] { return key }
        return try keys.key(subject)
    }

    /// The subject's key; a new one is durable after `settle`.
    func keyOrNew(_ subject: ID128) throws -> SealKey {
        if let key = try key(subject) { return key }
        let bytes = try entropy.bytes(SealKey.length)
        let key = try SealKey(bytes: bytes)
        fresh.append(KeyEntry(subject: subject, key: bytes))
        pending[subject] = key
        if fresh.count >= BatchWorkLimits.keysTogether { try write() }
        return key
    }

    private func write() throws {
        try keys.append(fresh)
        fresh.removeAll(keepingCapacity: true)
        pending.removeAll(keepingCapacity: true)
    }

    /// Every key handed out is on disc when it returns.
    func settle() throws {
        try write()
        try keys.sync()
    }

    /// Those whose keys are gone already cost a look each.
    func destroy(erased: [ID128: UInt64]) throws {
        self.erased = erased
        for subject in erased.keys { try destroy(subject) }
    }

    func destroy(_ subject: ID128) throws {
        try write()
        try keys.destroy(subject)
    }
}
