internal import Exchange
import Foundation

/// The keys of a large table while it is checked: in a file without a name, gone with the program whatever ends it. Its prints are made with a number that stays in
/// memory (`KeyPrinter`).
final class TemporaryKeys: KeyRunFile {
    private var handle: FileHandle?

    func append(_ bytes: [UInt8], at offset: Int) throws(KeyRunsFailed) {
        let handle = try opened()
        do {
            try handle.seek(toOffset: UInt64(offset))
            try handle.write(contentsOf: bytes)
        } catch { throw KeyRunsFailed(error.localizedDescription) }
    }

    func read(_ count: Int, at offset: Int) throws(KeyRunsFailed) -> [UInt8] {
        let handle = try opened()
        do {
            try handle.seek(toOffset: UInt64(offset))
            return try handle.read(upToCount: count).map { [UInt8]($0) } ?? []
        } catch { throw KeyRunsFailed(error.localizedDescription) }
    }

    private func opened() throws(KeyRunsFailed) -> FileHandle {
        if let handle { return handle }
        let path = FileManager.default.temporaryDirectory.path + "/twolists-keys-\(UUID().uuidString)"
        guard
            FileManager.default.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forUpdatingAtPath: path)
        else { throw KeyRunsFailed(FileManager.default.temporaryDirectory.path) }
        try? FileManager.default.removeItem(atPath: path)
        self.handle = handle
        return handle
    }
}
