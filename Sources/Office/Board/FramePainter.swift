/// Turns frames into what a terminal is sent: only the lines that have changed since the last one.
package struct FramePainter: Sendable {
    private var last: [String] = []

    package init() {}

    /// The alternate screen, without a cursor; and back.
    package static let enter = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[H\u{1B}[2J"
    package static let leave = "\u{1B}[?25h\u{1B}[?1049l"

    /// A line is erased before it is written: behind the last character of a full line the cursor still stands on it, and erasing from there would
    /// take it away.
    ///
    /// - Parameter whole: whatever stands on the screen is not to be relied on.
    package mutating func paint(_ frame: [String], whole: Bool) -> String {
        var out = whole ? "\u{1B}[H\u{1B}[2J" : ""
        for (row, line) in frame.enumerated() where whole || row >= last.count || last[row] != line {
            out += "\u{1B}[\(row + 1);1H\u{1B}[0m\u{1B}[K\(line)\u{1B}[0m"
        }
        last = frame
        return out
    }
}
