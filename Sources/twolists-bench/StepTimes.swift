import Foundation

/// The steps of a long job, each in nanoseconds of this thread's own processor time: what another program took of the processor meanwhile is
/// no part of it.
struct StepTimes {
    private(set) var count = 0
    private(set) var total: Int64 = 0
    private(set) var longest: Int64 = 0

    mutating func measure<R>(_ body: () throws -> R) rethrows -> R {
        let began = Self.now()
        defer { note(Self.now() - began) }
        return try body()
    }

    mutating func note(_ nanoseconds: Int64) {
        count += 1
        total += nanoseconds
        longest = max(longest, nanoseconds)
    }

    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// For a line: how many, all together, and the longest, which is what a turn of the engine's has to stand.
    var pairs: [(String, any Sendable)] {
        [
            ("steps", count), ("ms", Double(total) / 1e6), ("longest_step_us", Double(longest) / 1e3),
        ]
    }
}

/// Memory of this process that lies in the machine's.
enum ResidentMemory {
    /// Bytes; 0 where the kernel does not say.
    static var bytes: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let words = text.split(separator: " ")
        guard words.count > 1, let pages = Int(words[1]) else { return 0 }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
