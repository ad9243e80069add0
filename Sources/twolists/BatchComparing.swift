import Crypto
import Exchange
import Foundation
import Office
import Schema
import TwoListsClient

/// `batch compare`: one's own table against the register, by digests first and by rows where these differ (BATCH.md 8).
extension Session {
    func compareBatch() async throws(Stop) -> ExitCode {
        let kinds = try await knownKinds().kinds
        let comparing: BatchComparing
        do throws(FileError) {
            for path in [line.text("csv")].compactMap({ $0 }) { try NewFile.check(path) }
            let (file, kind) = try desk(kinds).chosen(key)
            comparing = BatchComparing(session: self, kinds: kinds, file: file, kind: kind)
        } catch { throw .file(error) }
        return try await comparing.run()
    }
}

private struct BatchComparing {
    let session: Session
    let kinds: BatchKinds
    let file: BatchFile
    let kind: BatchKind

    private static let sha256 = DigestFunction { Digest(of: $0).bytes }

    private var line: Invocation { session.line }
    private var language: Language { session.language }

    func run() async throws(Session.Stop) -> ExitCode {
        try checkPeriod()
        let counties = kinds.lists.first { $0.name == "county" }
        var found = RegisterDifferences(kind, counties: counties)
        var mine: [RegisterTree.Row] = []
        try read { number, checker in
            found.count(checker.canonical)
            mine.append(
                RegisterTree.Row(
                    key: checker.keyBytes, row: checker.canonical, place: number, Self.sha256))
        }
        let comparison = try await compare(RegisterTree(mine, Self.sha256))
        try take(comparison, &found)
        return try tell(found, comparison)
    }

    private func checkPeriod() throws(Session.Stop) {
        guard !kind.takesPeriod(line.text("period") ?? "") else { return }
        throw .usage(
            UsageError(
                problem: Text(
                    "“\(kind.title)”的所属期不对：以报送时的为准，如 --period 2022；行中写明日期的种类不用写",
                    "the period of “\(kind.title)”: as it was sent, such as --period 2022; none where rows say theirs"
                ),
                command: .batchCompare))
    }

    /// Every good row; that others are left out is told once.
    private func read(_ take: (Int, RowChecker) -> Void) throws(Session.Stop) {
        let report: TableReport
        do {
            report = try file.check(kind, lists: kinds.lists, sheet: line.text("sheet")) { take($0, $1) }
        } catch {
            throw .file(
                FileError(
                    kind.code,
                    Text("表样引用的名称表不在：\(error)", "a list that the kind refers to is not there: \(error)")))
        }
        if let stop = report.stop { throw .file(FileError(session.key, StopTexts.text(stop))) }
    }

    private func compare(_ tree: RegisterTree) async throws(Session.Stop) -> RegisterComparison {
        var comparison = RegisterComparison(tree)
        while let prefixes = comparison.next() {
            let query = CompareQuery(
                kind: kind.code, party: line.text("party") ?? "", prefixes: prefixes,
                period: line.text("period") ?? "", withRows: true)
            let nodes = try await session.call { () async throws(ClientError) in
                try await session.client.compare(query, timeout: session.timeout)
            }
            do throws(RegisterComparison.Fault) { try comparison.take(nodes.nodes) } catch {
                throw .client(ClientError(.server, .call, .badAnswer, detail: "\(error)"))
            }
        }
        return comparison
    }

    /// The file once more: of one's own rows only those are held that differ.
    private func take(_ comparison: RegisterComparison, _ found: inout RegisterDifferences) throws(Session
        .Stop)
    {
        let wanted = Set(comparison.differences.compactMap(\.place))
        var rows: [Int: [UInt8]] = [:]
        if !wanted.isEmpty {
            try read { number, checker in
                if wanted.contains(number) { rows[number] = checker.canonical }
            }
        }
        for difference in comparison.differences {
            switch difference {
            case .onlyHere(let place): found.take(.onlyHere(place, rows[place] ?? []))
            case .onlyThere(let leaf): found.take(.onlyThere(leaf))
            case .different(let place, let leaf): found.take(.different(place, rows[place] ?? [], leaf))
            }
        }
    }

    private func tell(_ found: RegisterDifferences, _ comparison: RegisterComparison) throws(Session.Stop)
        -> ExitCode
    {
        let peer = Text("市级登记册", "the bureau's register")[language]
        var lines = found.document(language, with: peer).lines(on: session.screen)
        if comparison.hasChanged {
            lines.append(
                Text(
                    "对账期间登记册有变动，请再对一次。", "The register changed meanwhile: reconcile once more.")[language])
        }
        let whole = found.document(language, with: peer, most: .max)
        if let path = line.text("csv") {
            try write(whole, to: path)
            lines.append(Text("已存为 ", "written: ")[language] + path)
        }
        _ = session.show(whole.json, lines)
        return found.isSame ? .done : .notProven
    }

    private func write(_ document: ReportDocument, to path: String) throws(Session.Stop) {
        let bytes: [UInt8]
        do throws(Charset.Failure) {
            bytes = try ReportCSV(document).bytes(
                BatchForms.encoding(line) == .gb18030 ? .gb18030 : .utf8)
        } catch {
            throw .file(FileError(path, Text("无法转换编码", "cannot be converted to the encoding")))
        }
        do throws(FileError) { try NewFile.write(path) { try $0(bytes) } } catch { throw .file(error) }
    }
}
