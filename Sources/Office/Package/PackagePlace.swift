import Exchange

/// Up to where a party was told (PACKAGE.md 5), as the bureau's ledger keeps it: a watch's cursor, then the sequence up to which the answers to its batches
/// went (u64, big endian). What releases before wrote ends behind the cursor.
struct PackagePlace: Hashable {
    var cursor: [UInt8] = []
    /// 0: none was told.
    var told: UInt64 = 0

    private static let cursorBytes = Cursor.byteCount

    init(cursor: [UInt8], told: UInt64) {
        self.cursor = cursor
        self.told = told
    }

    init(_ bytes: [UInt8]) {
        cursor = [UInt8](bytes.prefix(Self.cursorBytes))
        if bytes.count == Self.cursorBytes + 8 {
            told = bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    var bytes: [UInt8] { cursor + withUnsafeBytes(of: told.bigEndian) { [UInt8]($0) } }
}
