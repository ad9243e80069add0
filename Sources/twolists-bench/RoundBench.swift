import CLinux
import Crypto
import Exchange

/// `round`: a round of placement of 10,000 people and 12,000 posts, from the inputs to the published file and back. Milliseconds, the
/// least of all rounds.
enum RoundBench {
    static func run(_ options: Options) throws {
        let (people, posts, listed) = (
            options.count("people", 10_000), options.count("posts", 12_000), options.count("listed", 100)
        )
        let hash: RoundHash = { Digest(of: $0).bytes }
        var least = (
            inputs: Double.infinity, outcome: Double.infinity, write: Double.infinity, verify: Double.infinity
        )
        var (bytes, cost): ([UInt8], Int) = ([], 0)
        for _ in 0..<options.count("rounds", 3) {
            let began = clinux_monotonic_ns()
            let file = try file(people, posts, listed, hash)
            let made = clinux_monotonic_ns()
            let outcome = try file.outcome(hash)
            let done = clinux_monotonic_ns()
            bytes = file.bytes(outcome, hash)
            let written = clinux_monotonic_ns()
            _ = try RoundVerification(bytes, hash)
            let verified = clinux_monotonic_ns()
            cost = outcome.cost
            least.inputs = min(least.inputs, Double(made - began) / 1e6)
            least.outcome = min(least.outcome, Double(done - made) / 1e6)
            least.write = min(least.write, Double(written - done) / 1e6)
            least.verify = min(least.verify, Double(verified - written) / 1e6)
        }
        Output.line(
            JSONLine.text([
                ("bench", "round"), ("people", people), ("posts", posts), ("listed", listed),
                ("check_inputs_ms", least.inputs), ("score_order_pick_ms", least.outcome),
                ("write_file_ms", least.write), ("verify_file_ms", least.verify), ("file_bytes", bytes.count),
                ("comparisons_and_looks", cost),
            ]))
    }

    /// Many equals; everybody lists from the same fifth of the posts, the rest lists on behind.
    private static func file(_ people: Int, _ posts: Int, _ listed: Int, _ hash: RoundHash) throws
        -> RoundFile
    {
        let secret = [UInt8](repeating: 42, count: RoundLimits.secretBytes)
        let day = { CivilDay(year: 2026, month: 12, day: $0) ?? CivilDay(dayNumber: 0) }
        let table = try PointsTable(
            name: "points-bench", version: "1",
            groups: [
                PointsTable.Group(code: "g", rule: .sum, most: 5000, clause: "第一条", name: "类别")
            ],
            items: (0..<8).map {
                PointsTable.Item(
                    code: "i\($0)", group: "g", points: 5 + $0, most: nil, clause: "第二条", name: "项目")
            })
        let inputs = try RoundInputs(
            announcement: RoundAnnouncement(
                city: "421300", key: "bench", title: "测算", commitment: RoundDraw.commitment(secret, hash),
                publicOn: day(2), publicName: "公开数", ties: ["g"]),
            table: table,
            posts: (0..<posts).map {
                RoundPost(key: "G\($0)", destination: "civil", seats: 1, employer: "示例单位", title: "科员")
            },
            people: (0..<people).map { number in
                RoundPerson(
                    key: "P\(number)", maskedName: "王**",
                    evidence: (0..<6).map {
                        RoundEvidence(item: "i\($0)", count: 1 + (number * 31 + $0) % 20, record: "a\($0)")
                    })
            }, frozenOn: day(1))
        let choices = (0..<people).map { number in
            RoundChoice.list(
                (0..<min(listed, posts)).map { (number * 7 % max(1, posts / 5) + $0 * $0 * 3) % posts }.unique
            )
        }
        return try RoundFile(inputs: inputs, secret: secret, publicValue: "12345", choices: choices)
    }
}

extension [Int] {
    /// Each once, in order.
    fileprivate var unique: [Int] {
        var seen: Set<Int> = []
        return filter { seen.insert($0).inserted }
    }
}
