import Foundation
import Office
import TwoListsClient

/// Everything this program writes: results to standard output, complaints to standard error.
enum Output {
    static func out(_ text: String) { put(text + "\n", FileHandle.standardOutput) }
    /// A whole file, as it is.
    static func raw(_ text: String) { put(text, FileHandle.standardOutput) }
    static func complain(_ text: String) { put(text + "\n", FileHandle.standardError) }
    static func prompt(_ text: String) { put(text, FileHandle.standardError) }

    private static func put(_ text: String, _ handle: FileHandle) {
        try? handle.write(contentsOf: Data(text.utf8))
    }

    static func usage(_ error: UsageError, language: Language) -> ExitCode {
        complain(error.text(language))
        return .usage
    }

    /// Tells on standard error that a clock is wrong, in scripts too; and when the connection is lost and sought again, on a terminal and for
    /// commands that run long.
    static func connectionNews(_ language: Language, always: Bool) -> @Sendable (ClientEvent) -> Void {
        let news = ConnectionNews(language, tellsOfLosses: always || isatty(STDERR_FILENO) == 1)
        return { event in
            guard !BoardNews.shared.tell(event) else { return }
            if let line = news.line(event) { complain(line) }
        }
    }

    static func failure(_ error: ClientError, language: Language) -> ExitCode {
        let text = error.failureText
        for line in text.lines(language) { complain(line) }
        return text.exit
    }
}
