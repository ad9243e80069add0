import Exchange
import Synchronization

/// What every screen and every print carries: the line about classified matters, and in front of it, where the server runs on a demonstration clock,
/// what that shows. Whoever draws a screen asks here, so none can forget it; whoever runs a command says once what the clock is.
package enum ScreenNotice {
    /// A program runs one command, and says here what holds for all it shows. Not by a task's local values: binding one around an asynchronous
    /// call crashes in a release build (Swift 6.3.1, `swift_task_localValuePush`).
    private struct Said {
        var demonstration: (@Sendable () -> Int64?)?
        var isOfDevelopment = false
    }
    private static let said = Mutex(Said())

    /// - Parameter demonstration: what the server's demonstration clock shows now, ns UTC; nil: the time is real.
    package static func follow(_ demonstration: @escaping @Sendable () -> Int64?) {
        said.withLock { $0.demonstration = demonstration }
    }

    /// What is shown without a server rests on an authority of development: a demonstration's, or a developer's.
    package static func restOnDevelopment(_ isSo: Bool) { said.withLock { $0.isOfDevelopment = isSo } }

    /// For tests, of which many run in one process: stands in front of what was said.
    @TaskLocal package static var demonstration: (@Sendable () -> Int64?)?

    private static var shown: Int64? {
        if let demonstration { return demonstration() }
        return said.withLock { $0.demonstration }?()
    }

    /// `演示时钟 2022-03-01 09:30`, nil where the time is real. The word stands in every language: it is a mark.
    package static func clock(_ language: Language = .zh) -> String? {
        guard let time = shown else { return said.withLock { $0.isOfDevelopment } ? unproven[language] : nil }
        return "演示时钟 \(TypedMoment.text(time))" + (language == .zh ? "" : " (demonstration clock)")
    }

    private static let unproven = Text(
        "演示时钟或开发证书，不作证明", "演示时钟 (demonstration clock, or a developer's certificates): proves nothing")

    /// The whole line: short enough for the narrowest board.
    package static var line: String {
        [clock(), classifiedNotice].compactMap { $0 }.joined(separator: "　")
    }

    /// The same time as a member that JSON of a screen gets in front; an empty list where the time is real.
    package static var member: [JSON.Member] {
        guard let time = shown else { return [] }
        return [JSON.Member("demonstration_clock", .time(time))]
    }
}

extension JSON {
    /// What is printed of it: an object says first that its time is a demonstration's.
    package var shown: JSON {
        guard case .object(let members) = self else { return self }
        return .object(ScreenNotice.member + members)
    }
}
