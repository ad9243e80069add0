import Glibc

/// The bytes of an archive, where they lie: in memory, or in a file of which a piece at a time is read. So a workbook of any size takes the memory of the pieces
/// that its readers hold.
package struct PackedBytes: Sendable {
    private enum Place: Sendable {
        case memory([UInt8])
        case file(OpenFile)
    }

    package let count: Int
    /// Bytes that whoever reads one member on and on takes at once.
    let piece: Int
    private let place: Place

    package static let usualPiece = 65_536

    /// - Parameter piece: tests choose small ones.
    package init(_ bytes: [UInt8], piece: Int = usualPiece) {
        count = bytes.count
        self.piece = piece
        place = .memory(bytes)
    }

    /// The file as it is when it is opened; what is written behind that is not looked at.
    package init(path: String) throws(PackedFileFault) {
        let file = try OpenFile(path)
        count = try file.size(path)
        piece = Self.usualPiece
        place = .file(file)
    }

    /// The first ones: what a file is stands there.
    func head(_ most: Int) -> [UInt8] { read(0..<min(most, count)) }

    /// Those of the range that are there: fewer where the file has become shorter, or cannot be read any more.
    func read(_ range: Range<Int>) -> [UInt8] {
        let range = range.clamped(to: 0..<count)
        switch place {
        case .memory(let bytes): return [UInt8](bytes[range])
        case .file(let file): return file.read(range)
        }
    }
}

/// A file could not be opened; the system's own words.
package struct PackedFileFault: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
}

/// Closed with whoever read it last.
private final class OpenFile: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws(PackedFileFault) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.fault(path) }
    }

    deinit { close(descriptor) }

    private static func fault(_ path: String) -> PackedFileFault {
        PackedFileFault(description: "\(path): \(String(cString: strerror(errno)))")
    }

    func size(_ path: String) throws(PackedFileFault) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.fault(path) }
        return Int(status.st_size)
    }

    func read(_ range: Range<Int>) -> [UInt8] { readBytes(of: descriptor, range) }
}

/// Those of the range that are there: fewer behind the file's end, and where the system gives no more.
func readBytes(of descriptor: Int32, _ range: Range<Int>) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
        while count < range.count {
            let rest = UnsafeMutableBufferPointer(rebasing: buffer[count..<range.count])
            let got = pread(descriptor, rest.baseAddress, rest.count, off_t(range.lowerBound + count))
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return }
            count += got
        }
    }
}
