import Bureau
import Crypto
import Journal

/// `dump`: the records of a store as text, without the server and without opening anything sealed.
enum DumpCommand {
    static func run(_ arguments: [String]) throws -> Int32 {
        let options = try ServerCommand.dump.options(arguments)
        let from = UInt64(try options.number("--from", 1...Int.max, default: 1))
        let count = UInt64(try options.number("--count", 1...Int.max, default: Int.max))
        var printer = Printer(first: from, last: from.addingReportingOverflow(count - 1).partialValue)
        try Journal.read(
            try StoreFiles.journal(options), keys: try StoreFiles.keys(options), visitor: &printer)
        return 0
    }

    private struct Printer: JournalVisitor {
        var first: UInt64
        var last: UInt64

        mutating func record(_ record: RecordView) throws(JournalError) {
            guard record.sequence >= first, record.sequence <= last else { return }
            for line in RecordDump.lines(record) { say(line) }
        }
    }
}
