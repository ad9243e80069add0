import Bureau
import CLinux
import RPC

/// The log of a running server on its standard output: text for people, or one JSON object a line for programs. The same events in both.
struct ServerLog: Sendable {
    enum Format: String, CaseIterable {
        case text
        case json
    }
    let format: Format

    init(_ options: Options) throws(Options.Wrong) {
        let asked = options["--log-format"] ?? Format.text.rawValue
        guard let format = Format(rawValue: asked) else {
            throw Options.Wrong(description: "--log-format \(asked): must be text or json")
        }
        self.format = format
    }

    /// One event. As text: time in +08:00 as everywhere people read, level, what happened.
    func callAsFunction(_ level: LogLevel, _ event: LogEvent) {
        let time = LogTime.text(clinux_wall_ns())
        switch format {
        case .text: say("\(time) \(level) \(event.text)")
        case .json: say(event.json(level, at: time))
        }
    }

    /// A line of start or end, which as text stands alone, without time and level.
    func line(
        _ name: String, _ text: String, level: LogLevel = .info,
        _ fields: [(name: String, value: LogEvent.Value)] = []
    ) {
        switch format {
        case .text: say(text)
        case .json: say(LogEvent(name, text, fields).json(level, at: LogTime.text(clinux_wall_ns())))
        }
    }

    /// On standard error: what a supervisor shows when the server has not come up, or has gone.
    func alarm(_ name: String, _ text: String, level: LogLevel) {
        switch format {
        case .text: complain(text)
        case .json: complain(LogEvent(name, text).json(level, at: LogTime.text(clinux_wall_ns())))
        }
    }
}
