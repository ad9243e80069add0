import CLinux
import Foundation
import Office
import Synchronization

/// The one client and tool of all offices. What it can do is the command table in Office; this file only starts it.
@main
enum Main {
    static func main() {
        // Before there is another thread. Whoever checks a large file has other programs open.
        clinux_all_work_in_pieces(150_000)
        let words = Array(CommandLine.arguments.dropFirst())
        exit(run(words).rawValue)
    }

    private static func run(_ words: [String]) -> ExitCode {
        let line: Invocation
        do throws(UsageError) {
            line = try CommandLineParser.parse(words)
        } catch {
            return Output.usage(error, language: spokenLanguage(words))
        }
        let language = line.choice("lang")
        if line.name == .ca {
            // Its own words follow `ca`; it knows them itself.
            return ExitCode(rawValue: runCA(line.operands, chinese: (language ?? .zh) == .zh)) ?? .internal
        }
        if ReceiptDesk.isOffline(line), !line.has("help") {
            return ReceiptDesk.run(line, language ?? .zh)
        }
        if BatchDesk.isOffline(line), !line.has("help") { return BatchDesk.run(line, language ?? .zh) }
        if RoundDesk.isOffline(line), !line.has("help") { return RoundDesk.run(line, language ?? .zh) }
        return blocking { await Session.run(line, language: language) }
    }

    /// `--lang en` counts even when the rest cannot be understood.
    private static func spokenLanguage(_ words: [String]) -> Language {
        guard let index = words.firstIndex(of: "--lang"), words.indices.contains(index + 1) else {
            return words.contains("--lang=en") ? .en : .zh
        }
        return words[index + 1] == "en" ? .en : .zh
    }

    /// Runs async work to its end from a synchronous `main`. The task is detached: the main thread only waits, so nothing may
    /// need it.
    private static func blocking(_ work: @escaping @Sendable () async -> ExitCode) -> ExitCode {
        let done = DispatchSemaphore(value: 0)
        let result = Mutex(ExitCode.internal)
        Task.detached {
            let code = await work()
            result.withLock { $0 = code }
            done.signal()
        }
        done.wait()
        return result.withLock { $0 }
    }
}

extension Invocation {
    /// The language option: 0 Chinese, 1 English.
    func choice(_ option: String) -> Language? {
        guard case .choice(let number)? = values[option]?.last else { return nil }
        return number == 1 ? .en : .zh
    }
}
