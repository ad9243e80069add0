import Foundation
import Synchronization

/// A terminal that nobody sits at: where a program draws its progress, and a test reads every word it drew.
final class Terminal: Sendable {
    private let control: Int32
    private let words = Mutex<[UInt8]>([])
    /// What a child opens as its standard error.
    let path: String

    init() throws {
        control = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var (locked, number): (Int32, Int32) = (0, -1)
        guard control >= 0, ioctl(control, Self.setLock, &locked) == 0,
            ioctl(control, Self.getNumber, &number) == 0
        else { throw City.Failed(text: "no terminal: \(String(cString: strerror(errno)))") }
        path = "/dev/pts/\(number)"
        Thread.detachNewThread { self.read() }
    }

    /// TIOCSPTLCK and TIOCGPTN of Linux, which Swift does not see.
    private static let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)

    /// Everything drawn so far.
    var text: String { words.withLock { String(decoding: $0, as: UTF8.self) } }

    /// Ends with the last program that draws on it.
    private func read() {
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Foundation.read(control, &piece, piece.count)
            if count > 0 {
                words.withLock { $0 += piece[..<count] }
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        close(control)
    }
}
