import Foundation

/// Where a file's bytes come from, piece by piece.
package protocol ByteSource {
    /// Appends the next piece, of any size; nothing at the end.
    mutating func read(into buffer: inout [UInt8]) throws
}

/// Bytes in memory, in pieces of a size that tests choose.
package struct MemorySource: ByteSource {
    private let bytes: [UInt8]
    private let piece: Int
    private var position = 0

    package init(_ bytes: [UInt8], piece: Int = 65_536) {
        self.bytes = bytes
        self.piece = max(1, piece)
    }

    package mutating func read(into buffer: inout [UInt8]) {
        let end = min(bytes.count, position + piece)
        buffer.append(contentsOf: bytes[position..<end])
        position = end
    }
}

/// A file, read in pieces of 64 KiB.
package struct FileSource: ByteSource {
    private let handle: FileHandle
    private static let piece = 65_536

    package init(path: String) throws {
        handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    }

    package mutating func read(into buffer: inout [UInt8]) throws {
        if let data = try handle.read(upToCount: Self.piece) { buffer.append(contentsOf: data) }
    }
}
