import Exchange

/// What every screen and every print carries: the line about classified matters, and in front of it, where the server runs on a demonstration clock,
/// what that shows. Whoever draws a screen asks here, so none can forget it; whoever runs a command says once what the clock is.
package enum ScreenNotice {
    /// What a demonstration clock shows now, ns UTC; nil: the time is real.
    ///
    /// A struct around the function: a task's local value that is itself a function crashes when it is bound in a release build (Swift 6.3.1,
    /// `swift_task_localValuePush`).
    package struct Clock: Sendable {
        let now: @Sendable () -> Int64?

        package init(_ now: @escaping @Sendable () -> Int64?) { self.now = now }
    }
    @TaskLocal package static var demonstration: Clock?

    /// What is shown without a server rests on an authority of development: a demonstration's, or a developer's.
    @TaskLocal package static var isOfDevelopment = false

    /// `演示时钟 2022-03-01 09:30`, nil where the time is real. The word stands in every language: it is a mark.
    package static func clock(_ language: Language = .zh) -> String? {
        guard let time = demonstration?.now() else { return isOfDevelopment ? unproven[language] : nil }
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
        guard let time = demonstration?.now() else { return [] }
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
