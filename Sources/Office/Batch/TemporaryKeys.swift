internal import Exchange

/// The keys of a large table while it is checked, in a temporary file that is made with the first of them. Its prints are made with a number that stays in
/// memory (`KeyPrinter`).
final class TemporaryKeys: KeyRunFile {
    private var file: TemporaryFile?

    func append(_ bytes: [UInt8], at offset: Int) throws(KeyRunsFailed) {
        do throws(TemporaryFile.Failed) {
            if file == nil { file = try TemporaryFile() }
            try file?.write(bytes, at: offset)
        } catch { throw KeyRunsFailed(error.description) }
    }

    func read(_ count: Int, at offset: Int) throws(KeyRunsFailed) -> [UInt8] {
        do throws(TemporaryFile.Failed) {
            return try file?.read(offset..<offset + count) ?? []
        } catch { throw KeyRunsFailed(error.description) }
    }
}
