import Foundation
import Office
import TwoListsClient

/// Everything this program writes: results to standard output, complaints to standard error.
enum Output {
    static func out(_ text: String) { put(text + "\n", FileHandle.standardOutput) }
    static func complain(_ text: String) { put(text + "\n", FileHandle.standardError) }
    static func prompt(_ text: String) { put(text, FileHandle.standardError) }

    private static func put(_ text: String, _ handle: FileHandle) {
        try? handle.write(contentsOf: Data(text.utf8))
    }

    static func usage(_ error: UsageError, language: Language) -> ExitCode {
        complain(error.text(language))
        return .usage
    }

    /// Tells on standard error when the connection is lost and sought again: on a terminal, and for commands that run long.
    static func connectionNews(_ language: Language, always: Bool) -> (@Sendable (ClientEvent) -> Void)? {
        guard always || isatty(STDERR_FILENO) == 1 else { return nil }
        return { event in
            guard case .disconnected(let error, let wait) = event, !error.isPermanent, wait > 0 else {
                return
            }
            let seconds = (wait + 999) / 1000
            let text = Text(
                "\(error.failureText.happened.zh)；约 \(seconds) 秒后再试……",
                "\(error.failureText.happened.en); trying again in about \(seconds) s…")
            complain(text[language])
        }
    }

    static func failure(_ error: ClientError, language: Language) -> ExitCode {
        let text = error.failureText
        for line in text.lines(language) { complain(line) }
        return text.exit
    }
}
