internal import Crypto
internal import Exchange
internal import Journal

/// The keys of a large batch while it is checked, beside its file of rows. What is written are prints under the store's secret, as in that file; a start
/// removes what a crash left.
final class StoredKeys: KeyRunFile {
    private let storage: any Storage
    private let name: String
    private var file: StorageFile?

    init(_ storage: any Storage, batch: ID128) {
        self.storage = storage
        name = RowFileWriter.prefix + "keys-" + Hex.encode(batch.bytes)
    }

    func append(_ bytes: [UInt8], at offset: Int) throws(KeyRunsFailed) {
        do throws(StorageError) {
            try storage.writeAll(try opened(), bytes, at: offset)
        } catch { throw KeyRunsFailed("\(error)") }
    }

    private func opened() throws(StorageError) -> StorageFile {
        if let file { return file }
        let file = try storage.open(name, .create)
        self.file = file
        return file
    }

    func read(_ count: Int, at offset: Int) throws(KeyRunsFailed) -> [UInt8] {
        guard let file else { return [] }
        do throws(StorageError) { return try storage.readAll(file, count: count, at: offset) } catch {
            throw KeyRunsFailed("\(error)")
        }
    }

    func remove() {
        guard let file else { return }
        storage.close(file)
        try? storage.unlink(name)
        self.file = nil
    }
}
