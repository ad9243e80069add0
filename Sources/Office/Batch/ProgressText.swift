/// How far sending is, on one line: `传送 12/34 块 [███████────────] 35%  3.2 MB/s  剩余 4 秒`.
package struct ProgressText: Sendable {
    private let screen: Screen
    /// Of the batch: chunks and bytes in all, and those that were there before.
    private let chunks: Int
    private let bytes: Int
    private let hadChunks: Int
    private let hadBytes: Int

    private static let cells = 20

    package init(_ screen: Screen, chunks: Int, bytes: Int, hadChunks: Int = 0, hadBytes: Int = 0) {
        self.screen = screen
        self.chunks = chunks
        self.bytes = bytes
        self.hadChunks = hadChunks
        self.hadBytes = hadBytes
    }

    private func t(_ zh: String, _ en: String) -> String { screen.language == .zh ? zh : en }

    /// - Parameters:
    ///   - put: chunks and bytes of this attempt.
    ///   - seconds: since its first.
    package func line(put: (chunks: Int, bytes: Int), seconds: Double) -> String {
        let done = hadBytes + put.bytes
        let percent = bytes > 0 ? done * 100 / bytes : 100
        let filled = min(Self.cells, percent * Self.cells / 100)
        let bar = String(repeating: "█", count: filled) + String(repeating: "─", count: Self.cells - filled)
        var line =
            t("传送", "sent") + " \(hadChunks + put.chunks)/\(chunks) " + t("块", "chunks")
            + " [\(bar)] \(percent)%"
        guard seconds > 0.2, put.bytes > 0 else { return line }
        let rate = Double(put.bytes) / seconds
        line += "  " + Self.rate(rate)
        let left = Int((Double(bytes - done) / rate).rounded(.up))
        if left > 0 { line += "  " + t("剩余", "left") + " " + duration(left) }
        return DisplayWidth.truncate(line, to: screen.columns - 1)
    }

    /// Tenths of the batch that are there.
    package func tenth(put: Int) -> Int { bytes > 0 ? (hadBytes + put) * 10 / bytes : 10 }

    /// `3.2 MB/s`, `48 kB/s`: thousands, as lines are sold.
    static func rate(_ bytes: Double) -> String {
        bytes >= 1_000_000
            ? "\(tenths(bytes / 1_000_000)) MB/s" : "\(Int(min(bytes / 1_000, 1e9).rounded(.up))) kB/s"
    }

    private static func tenths(_ number: Double) -> String {
        let tenths = Int((min(number, 1e9) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private func duration(_ seconds: Int) -> String {
        guard seconds >= 60 else { return "\(seconds) " + t("秒", "s") }
        return "\(seconds / 60) " + t("分", "min") + " \(seconds % 60) " + t("秒", "s")
    }
}
