import CLinux
import Glibc

/// A segment's bytes in memory. A segment is full of zeros from its making (64 MB, most of which a start finds unused), and zeros take no memory here: a page exists
/// when something other than zero is read into it. So a start needs what the journal has and not what it has room for.
final class SegmentImage {
    private let raw: UnsafeMutableRawBufferPointer
    /// Bytes that were not left out as zeros, in whole pieces.
    private(set) var held = 0

    /// Bytes read at once, and left out together when all are zero.
    static let piece = 64 << 10

    /// Reads the file: its first `most` bytes, or all of a shorter one.
    init(_ storage: any Storage, _ name: String, most: Int = .max) throws(StorageError) {
        let file = try storage.open(name, .read)
        defer { storage.close(file) }
        let count = min(most, try storage.size(file))
        guard count > 0 else {
            raw = UnsafeMutableRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let room = clinux_map_zeros(count) else {
            throw StorageError(.read, "\(storage.path)/\(name) (no memory for it)", ENOMEM)
        }
        raw = UnsafeMutableRawBufferPointer(start: room, count: count)
        var offset = 0
        while offset < count {
            let piece = try storage.readAll(file, count: min(Self.piece, count - offset), at: offset)
            // The file became shorter meanwhile: what is not there reads as zeros, which are no group.
            guard !piece.isEmpty else { break }
            take(piece, at: offset)
            offset += piece.count
        }
    }

    private func take(_ piece: [UInt8], at offset: Int) {
        piece.withUnsafeBytes { bytes in
            guard !bytes.isZero(0, bytes.count) else { return }
            UnsafeMutableRawBufferPointer(rebasing: raw[offset..<offset + bytes.count]).copyMemory(
                from: bytes)
            held += bytes.count
        }
    }

    deinit { if let start = raw.baseAddress { clinux_unmap(start, raw.count) } }

    var count: Int { raw.count }

    func withUnsafeBytes<R, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> R
    ) throws(Failure) -> R {
        // As long as somebody looks, the memory is there.
        defer { withExtendedLifetime(self) {} }
        return try body(UnsafeRawBufferPointer(raw))
    }

    /// The bytes of that range, which lies within.
    func bytes(_ range: Range<Int>) -> [UInt8] { withUnsafeBytes { Array($0[range]) } }
}
