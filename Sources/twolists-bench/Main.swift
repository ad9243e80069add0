import Foundation

/// Load generator and yardsticks. Each result is one JSON line; ratios stand beside what they are measured against.
@main
enum Main {
    static let usage = """
        usage: twolists-bench all | echo | stream | idle | handshakes | filing | beside | core | round | batch | transfer | scale | cold-start [options]
          --seconds N         counted time of each run (2)
          --rounds N          runs of each kind, interleaved; the best of each counts (3)
          --connections N     for idle (500)
          --reference FILE    another bare C program to run beside ours (default: ../shared/bench/limit.c, if there)
          --peers DIR         folder of limit.c and certs.sh (default: Tests/Peers)
          --seeds DIR         for filing (default: seeds)
          --rates N,N --rows N --sender-nice N --window N   for beside (500,2000; 71000; 10; 6 s): filing at a fixed rate without and with batches;
                      --sender idle gives the sender only what nobody else wants, as if it had processors of its own
          --commands N        for cold-start: commands in the journal (1000000)
          --people N, --posts N, --listed N   for round (10000, 12000, 100)
          --form xlsx   for batch: workbooks, and not text in GB18030
          --rows N, --large N   for batch and transfer (71000, 1000000); --programs DIR   of transfer: where twolists and twolists-server are (beside this one)
          --requests N, --cases N   for scale (1000000, 100000)
          --output FILE       append the lines there too
        """

    static func main() {
        var words = Array(CommandLine.arguments.dropFirst())
        guard let command = words.first else { return fail(usage) }
        words.removeFirst()
        do {
            let options = try Options(words)
            try run(command, options)
        } catch {
            fail("twolists-bench: \(error)")
        }
    }

    private static func run(_ command: String, _ options: Options) throws {
        switch command {
        case "echo-server": try EchoServer.run(options)
        case "echo-client": try EchoClient.run(options)
        case "echo": try EchoBench(options).echo()
        case "stream": try EchoBench(options).stream()
        case "idle": try EchoBench(options).idle()
        case "handshakes": try EchoBench(options).handshakes()
        case "filing-server": try FilingServer.run(options)
        case "filing-client": try FilingClient.run(options)
        case "filing": try EchoBench(options).filing()
        case "beside": try EchoBench(options).beside()
        case "batch-sender": try BatchLoad.run(options)
        case "core": try CoreBench.run(options)
        case "round": try RoundBench.run(options)
        case "batch": try BatchBench.run(options)
        case "batch-check": try BatchBench.check(options)
        case "transfer": try TransferBench.run(options)
        case "scale": try ScaleBench.run(options)
        case "cold-start": try ColdStartBench.run(options)
        case "all":
            let bench = try EchoBench(options)
            try bench.echo()
            try bench.stream()
            try bench.handshakes()
            try bench.idle()
            try bench.filing()
            try CoreBench.run(options)
            try RoundBench.run(options)
            try BatchBench.run(options)
            try TransferBench.run(options)
        default: throw BenchError("no command \"\(command)\"\n\(usage)")
        }
    }

    private static func fail(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
        exit(2)
    }
}

struct BenchError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// `--name value` pairs.
struct Options {
    private var values: [String: String] = [:]

    init(_ words: [String]) throws {
        var rest = words[...]
        while let name = rest.popFirst() {
            guard name.hasPrefix("--"), let value = rest.popFirst() else {
                throw BenchError("expected --name value, found \"\(name)\"\n\(Main.usage)")
            }
            values[String(name.dropFirst(2))] = value
        }
    }

    func text(_ name: String) -> String? { values[name] }
    func number(_ name: String, _ otherwise: Double) -> Double {
        values[name].flatMap(Double.init) ?? otherwise
    }
    func count(_ name: String, _ otherwise: Int) -> Int { values[name].flatMap { Int($0) } ?? otherwise }
}

/// Standard output, unbuffered: another process may wait for the line.
enum Output {
    static func line(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
}

/// One flat JSON object a line.
enum JSONLine {
    static func text(_ pairs: [(String, any Sendable)]) -> String {
        let body = pairs.map { name, value in "\"\(name)\":\(render(value))" }
        return "{" + body.joined(separator: ",") + "}"
    }

    private static func render(_ value: any Sendable) -> String {
        switch value {
        case let text as String: "\"\(text)\""
        case let number as Double:
            number == number.rounded() ? "\(Int(number))" : String(format: "%.3f", number)
        default: "\(value)"
        }
    }

    /// The numbers of a line that a peer printed.
    static func numbers(_ line: String) -> [String: Double] {
        guard let data = line.data(using: .utf8),
            let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        else { return [:] }
        return object.compactMapValues { ($0 as? NSNumber)?.doubleValue }
    }
}
