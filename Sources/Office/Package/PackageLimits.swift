/// Bounds of a package; PACKAGE.md 2 tells them.
package enum PackageLimits {
    /// Plain bytes of a chunk, as everywhere a chunk is: all but the last are of this size.
    package static let chunkBytes = 256 << 10
    /// Chunks of a package: 25 GB, what the largest common disc holds; and the manifest of as many can be held in memory.
    package static let chunks = 100_000
    /// Bytes of a manifest: 45 a chunk, 34 a reader, and the rest.
    package static let manifestBytes = 5 << 20
    /// Bytes of one item: a message of the line is never larger.
    package static let itemBytes = 4 << 20
    /// Days between making and expiring: a command's id is taken for as long.
    package static let validDays: Int64 = 400
    /// Days a package is good for unless its maker says otherwise: two rounds of a courier who comes monthly, and one missed.
    package static let usualDays: Int64 = 90
    /// Minutes a package's time may be ahead of the reader's clock: two machines that nobody sets by the other.
    package static let aheadMinutes: Int64 = 60
    /// Bytes of a round's published file that goes along: a round of some thousand people. A larger one is for the line, or a disc of its own.
    package static let roundBytes = 1 << 20
    /// Seconds that the bureau waits for the check of batches that came on a disc, before it makes the one that goes back: the year's largest table takes seconds,
    /// and a clerk stands beside the drive.
    package static let checkSeconds = 120
}
