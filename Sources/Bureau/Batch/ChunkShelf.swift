internal import Crypto
internal import Exchange
internal import Journal
internal import Wire

/// A manifest on the shelf: all its chunks are there, too.
struct StoredManifest: Sendable, Hashable {
    let upload: ID128
    let print: ID128
}

/// Chunks of what is being sent (batches, attachments), each a file of its own, sealed under the key of its upload: BATCH.md 3.
///
///     UPLOAD-DAY-PRINT      32 hex digits, day since 1970, 32 hex digits; `m` behind it: a manifest
///
/// The print is of the chunk's SHA-256 under the store's secret, so the name says nothing of what is in it and equal chunks of one upload are one file. A file is written under
/// another name, synced and renamed; one that was not finished is no chunk. An upload belongs to the party that sends it: the same id of another party is another upload.
final class ChunkShelf {
    private struct Upload {
        var files: [ID128: String] = [:]
        var manifests: [ID128: String] = [:]
        var bytes = 0
        var day: Int32 = 0
        var party = ""
    }

    private let storage: any Storage
    private let keys: FileKeyRing
    private var uploads: [ID128: Upload] = [:]
    /// Not to be removed for age: they belong to something that was submitted.
    private var kept: Set<ID128> = []
    /// Names written and not yet durable.
    private var unsynced: [(temporary: String, name: String)] = []

    private static let temporary = "put-"

    init(_ storage: any Storage, _ keys: FileKeyRing) throws {
        self.storage = storage
        self.keys = keys
        for name in try storage.list() {
            if name.hasPrefix(Self.temporary) {
                try storage.unlink(name)
            } else if let parts = Self.parts(name) {
                let file = try storage.open(name, .read)
                defer { storage.close(file) }
                enter(parts, name, bytes: try storage.size(file))
            }
        }
    }

    // MARK: names

    private struct Parts {
        var upload: ID128
        var day: Int32
        var print: ID128
        var isManifest: Bool
    }

    private static func parts(_ name: String) -> Parts? {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let upload = Hex.decode(String(parts[0])).flatMap(ID128.init),
            let day = Int32(parts[1]),
            case let isManifest = parts[2].hasSuffix("m"),
            let print = Hex.decode(String(isManifest ? parts[2].dropLast() : parts[2])).flatMap(ID128.init)
        else { return nil }
        return Parts(upload: upload, day: day, print: print, isManifest: isManifest)
    }

    private func enter(_ parts: Parts, _ name: String, bytes: Int) {
        var upload = uploads[parts.upload] ?? Upload()
        if parts.isManifest { upload.manifests[parts.print] = name } else { upload.files[parts.print] = name }
        upload.bytes += bytes
        upload.day = max(upload.day, parts.day)
        uploads[parts.upload] = upload
    }

    // MARK: what is there

    /// Bit i of the answer: digest i is stored.
    func stored(_ upload: ID128, _ digests: [[UInt8]]) -> [UInt8] {
        var bits = [UInt8](repeating: 0, count: (digests.count + 7) / 8)
        guard let held = uploads[upload] else { return bits }
        for (index, digest) in digests.enumerated() where held.files[keys.prints.print(.chunk, digest)] != nil
        {
            bits[index / 8] |= 1 << UInt8(index % 8)
        }
        return bits
    }

    func has(_ upload: ID128, _ digest: [UInt8]) -> Bool {
        uploads[upload]?.files[keys.prints.print(.chunk, digest)] != nil
    }

    /// Prints of all manifests, each with its upload.
    var manifests: [StoredManifest] {
        uploads.flatMap { upload, held in
            held.manifests.keys.map { StoredManifest(upload: upload, print: $0) }
        }
    }

    // MARK: putting

    /// Writes a chunk and gives its digest; it is durable, and known, after `settle`.
    func put(
        _ upload: ID128, party: String, _ data: [UInt8], isManifest: Bool, day: Int32
    ) throws -> Digest {
        let digest = Digest(of: data)
        let print = keys.prints.print(.chunk, digest.bytes)
        var held = uploads[upload] ?? Upload(party: party)
        if (isManifest ? held.manifests : held.files)[print] != nil { return digest }
        // What was handed over is whole: more would lie there for ever, counted by nobody.
        guard !kept.contains(upload) else { throw Status.uploadClosed }
        held.party = party
        try checkRoom(party, data.count)
        let key = try keys.keyOrNew(upload)
        let sealed = try key.seal(data, nonce: try keys.nonce(), aad: digest.bytes)
        let name =
            "\(Hex.encode(upload.bytes))-\(day)-\(Hex.encode(print.bytes))\(isManifest ? "m" : "")"
        let temporary = Self.temporary + name
        let file = try storage.open(temporary, .create)
        defer { storage.close(file) }
        try storage.writeOut(file, sealed, at: 0)
        try storage.sync(file)
        unsynced.append((temporary, name))
        if isManifest { held.manifests[print] = name } else { held.files[print] = name }
        held.bytes += sealed.count
        held.day = max(held.day, day)
        uploads[upload] = held
        return digest
    }

    private func checkRoom(_ party: String, _ count: Int) throws {
        let pending = uploads.reduce(0) { sum, entry in
            haveSameBytes(entry.value.party, party) && !kept.contains(entry.key)
                ? sum + entry.value.bytes : sum
        }
        guard pending + count <= BatchWorkLimits.pendingBytes else { throw Status.tooMuchPending }
        guard try storage.spaceLeft() - count >= BatchWorkLimits.reserveBytes else {
            throw Status.noRoomForBatches
        }
    }

    /// Everything put is on disc when it returns: keys first, for a chunk without its key is none.
    func settle() throws {
        guard !unsynced.isEmpty else { return }
        do {
            try keys.settle()
            for (temporary, name) in unsynced { try storage.rename(temporary, to: name) }
            try storage.syncDirectory()
            unsynced.removeAll()
        } catch {
            // What did not get to the disc is not stored, whoever believes it.
            for (_, name) in unsynced { forget(name) }
            unsynced.removeAll()
            throw error
        }
    }

    private func forget(_ name: String) {
        guard let parts = Self.parts(name) else { return }
        uploads[parts.upload]?.files[parts.print] = nil
        uploads[parts.upload]?.manifests[parts.print] = nil
    }

    // MARK: reading and removing

    /// Nil: not stored.
    /// - Throws: when the bytes are not what was stored.
    func read(_ upload: ID128, _ digest: [UInt8], isManifest: Bool = false) throws -> [UInt8]? {
        let print = keys.prints.print(.chunk, digest)
        guard let held = uploads[upload], let name = (isManifest ? held.manifests : held.files)[print],
            let key = try keys.key(upload)
        else { return nil }
        return try key.open(try storage.contents(name), aad: digest)
    }

    func keep(_ upload: ID128) { kept.insert(upload) }

    /// The files; the key stays.
    func remove(_ upload: ID128) throws {
        kept.remove(upload)
        guard let held = uploads.removeValue(forKey: upload) else { return }
        for name in held.files.values { try storage.unlink(name) }
        for name in held.manifests.values { try storage.unlink(name) }
    }

    /// Removes what nobody submitted for a month.
    func expire(today: Int32) throws {
        for (upload, held) in uploads
        where !kept.contains(upload) && today - held.day > BatchWorkLimits.pendingDays {
            try remove(upload)
            try keys.destroy(upload)
        }
    }
}
