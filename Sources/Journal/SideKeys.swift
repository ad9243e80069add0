package import Crypto

/// Keys of what lies in files beside the journal (BATCH.md 5): a key file of the same form in a directory of its own, so that who seals files waits for
/// nobody who files requests. Confined to the thread that made it; it knows where each key stands and holds none.
package final class SideKeys {
    private var file: KeyFile
    private var next: UInt64
    private var slots = [ID128: UInt64]()
    /// Subjects that had a key which was destroyed.
    private var gone: Set<ID128> = []

    /// Opens the file, or makes it.
    package init(_ storage: any Storage, storeID: ID128) throws(JournalError) {
        do throws(StorageError) {
            if !(try storage.list()).contains(KeyFile.name) { try KeyFile.make(storage, storeID: storeID) }
        } catch { throw .storage(error, task: "making the key file of batches") }
        let bytes = try KeyFile.read(storage, storeID: storeID)
        next = KeyFile.firstFree(bytes)
        do throws(StorageError) { file = try KeyFile(storage, chunk: SideKeys.growth) } catch {
            throw .storage(error, task: "opening the key file of batches")
        }
        slots.reserveCapacity(Int(clamping: next))
        bytes.withUnsafeBytes { raw in
            for slot in 0..<next {
                guard let entry = KeySlot.read(raw, slot) else { continue }
                if entry.isDestroyed { gone.insert(entry.subject) } else { slots[entry.subject] = slot }
            }
        }
    }

    /// Bytes the file grows by: the keys of two thousand persons. A disk for keys may be small, and the journal's come first.
    private static let growth = 128 << 10

    package var count: Int { slots.count }

    package func has(_ subject: ID128) -> Bool { slots[subject] != nil }

    /// A key of this subject was destroyed: what was sealed with it is unreadable, whatever key the subject may have now.
    package func wasDestroyed(_ subject: ID128) -> Bool { gone.contains(subject) }

    /// Nil: there is none, or it was destroyed.
    package func key(_ subject: ID128) throws(JournalError) -> SealKey? {
        guard let slot = slots[subject] else { return nil }
        do {
            let bytes = try file.storage.readAll(file.file, count: KeySlot.size, at: KeySlot.offset(slot))
            guard bytes.count == KeySlot.size,
                case let at = KeySlot.size - SealKey.length,
                bytes.withUnsafeBytes({ KeySlot.holds($0, at: 0, slot, subject) && $0.u16(4) == KeySlot.live }
                )
            else {
                throw JournalError.keyFileDamaged(
                    path: "\(file.storage.path)/\(KeyFile.name)", what: "slot \(slot) is damaged")
            }
            return try SealKey(bytes: [UInt8](bytes[at...]))
        } catch let error as StorageError {
            throw .storage(error, task: "reading a key of a batch")
        } catch let error as JournalError {
            throw error
        } catch {
            throw .misuse("a key of a batch: \(error)")
        }
    }

    /// Writes keys of new subjects; not durable before `sync`.
    package func append(_ keys: [KeyEntry]) throws(JournalError) {
        guard !keys.isEmpty else { return }
        do throws(StorageError) {
            let first = KeySlot.start(next)
            try file.grow(beyond: first &+ UInt64(keys.count))
            try file.write(keys, at: first)
            for (index, key) in keys.enumerated() { slots[key.subject] = first &+ UInt64(index) }
            next = first &+ UInt64(keys.count)
        } catch { throw .storage(error, task: "writing keys of a batch") }
    }

    package func sync() throws(JournalError) {
        do throws(StorageError) { try file.sync() } catch {
            throw .storage(error, task: "syncing keys of a batch")
        }
    }

    /// Durable when it returns. A subject without a key is no error: it was destroyed before.
    package func destroy(_ subject: ID128) throws(JournalError) {
        guard let slot = slots[subject] else { return }
        do throws(StorageError) { try file.destroy(slot, subject: subject) } catch {
            throw .storage(error, task: "destroying a key of a batch")
        }
        slots[subject] = nil
        gone.insert(subject)
    }

    package func close() { file.close() }
}
