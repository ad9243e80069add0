import Crypto
package import Schema
package import TwoListsClient
import Wire

/// Why a command is still in the outbox: a small file beside it, written when an attempt to send it ended without success.
///
///     twolists-outbox-note/1
///     unreachable | refused | not-taken
///     nanoseconds since 1970 UTC
///     refused: the encoded CommandAnswer in hex. not-taken: what the server said, in Chinese; the same in English
///
/// It is a word for the clerk, but for one thing: what was refused is not sent by itself again. Without it the same command would be sent
/// under the same id and get the same answer, so losing a note does no harm.
package struct OutboxNote: Sendable, Hashable {
    package enum Reason: Sendable, Hashable {
        /// No connection, or none that lasted until the answer.
        case unreachable
        /// Judged, and refused by a rule.
        case refused(CommandAnswer)
        /// The server would not judge it.
        case notTaken(Text)
    }

    package var reason: Reason
    /// Nanoseconds since 1970 UTC.
    package var time: Int64

    private static let firstLine = "twolists-outbox-note/1"

    package init(_ reason: Reason, at time: Int64) {
        self.reason = reason
        self.time = time
    }

    var encoded: [UInt8] {
        let rest: [String] =
            switch reason {
            case .unreachable: ["unreachable", String(time)]
            case .refused(let answer): ["refused", String(time), Hex.encode(Self.kept(answer).encoded())]
            case .notTaken(let text): ["not-taken", String(time), Self.line(text.zh), Self.line(text.en)]
            }
        return [UInt8](([Self.firstLine] + rest).map { $0 + "\n" }.joined().utf8)
    }

    /// What is told of it later; its receipt lies with the others.
    private static func kept(_ answer: CommandAnswer) -> CommandAnswer {
        var answer = answer
        answer.receipt = nil
        answer.salt = []
        return answer
    }

    private static func line(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// Nil for what is no note of this form.
    init?(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard lines.popFirst().map(String.init) == Self.firstLine, let word = lines.popFirst(),
            let time = lines.popFirst().flatMap({ Int64($0) })
        else { return nil }
        self.time = time
        let (first, second) = (lines.popFirst().map(String.init), lines.popFirst().map(String.init))
        switch word {
        case "unreachable": reason = .unreachable
        case "refused":
            guard let bytes = first.flatMap(Hex.decode), let answer = try? CommandAnswer(decoding: bytes)
            else { return nil }
            reason = .refused(answer)
        case "not-taken": reason = .notTaken(Text(first ?? "", second ?? ""))
        default: return nil
        }
    }
}

extension ClientError {
    /// Nobody answered: no fault of what was sent.
    package var isOfLine: Bool { [.serverUnreachable, .deadlineExceeded].contains(failureText.exit) }

    /// What is noted beside a command that could not be sent.
    package var outboxReason: OutboxNote.Reason { isOfLine ? .unreachable : .notTaken(failureText.happened) }
}
