import Crypto
import Exchange
import Foundation
import Office
import Schema
import Synchronization
import TwoListsClient

/// Batches: kinds, checking, lists, reports, rows back. Sending is in BatchSending.
extension Session {
    private static let kindPatience = Duration.seconds(3)

    /// As the server tells them now, else as it told them last.
    func knownKinds() async throws(Stop) -> (kinds: BatchKinds, told: BatchKindList?) {
        let shelf = KindShelf(folder: profile.batchesPath)
        if isOffline || profile.isOffline && (line.name == .batchSend || !profile.hasLine),
            let kept = shelf.kept()
        {
            return (BatchKinds(kept), nil)
        }
        do throws(ClientError) {
            var list = try await client.batchKinds(timeout: min(timeout, Self.kindPatience))
            for name in BatchKinds.missing(list) { list.names.append(try await names(name)) }
            do throws(FileError) { try shelf.keep(list) } catch { Output.complain(error.text(language)) }
            return (BatchKinds(list), list)
        } catch {
            guard let kept = shelf.kept() else { throw .client(error) }
            let text = Text(
                "连不上服务器，使用上次取得的表样。", "The server cannot be reached; the kinds of the last time are taken.")
            Output.complain(text[language])
            return (BatchKinds(kept), nil)
        }
    }

    /// A list that is the city's own: its parties by key, with name and code; or a code list.
    private func names(_ list: String) async throws(ClientError) -> LoadBatchNames {
        guard list != "party" else {
            let parties = try await client.parties(timeout: timeout).parties
            return BatchKinds.names(
                list, version: "", parties.flatMap { [($0.key, $0.name), ($0.key, $0.code)] })
        }
        let page = try await client.codes(list, timeout: timeout)
        return BatchKinds.names(list, version: page.version, page.entries.map { ($0.code, $0.name) })
    }

    func desk(_ kinds: BatchKinds) -> BatchDesk {
        BatchDesk(line: line, language: language, screen: screen, kinds: kinds)
    }

    func checkBatch() async throws(Stop) -> ExitCode {
        let kinds = try await knownKinds().kinds
        do throws(FileError) { return try desk(kinds).check() } catch { throw .file(error) }
    }

    func listBatchKinds() async throws(Stop) -> ExitCode {
        let (kinds, told) = try await knownKinds()
        let rows = told.map {
            Dictionary(zip($0.kinds.map(\.kind), $0.rows), uniquingKeysWith: { a, _ in a })
        }
        do throws(FileError) { return try desk(kinds).listKinds(rows ?? [:]) } catch { throw .file(error) }
    }

    // MARK: Reads

    func listBatches() async throws(Stop) -> ExitCode {
        let kinds = try await knownKinds().kinds
        let limit = line.has("all") ? Int.max : line.integer("limit") ?? 50
        var query = ListBatchesQuery(
            kind: try kind("kind", kinds)?.code ?? "", party: try await party("party"),
            stage: line.choice("stage", BatchStage.self) ?? .unspecified,
            cursor: line.bytes("cursor") ?? [], limit: UInt32(clamping: min(limit, 200)))
        var found: [BatchView] = []
        repeat {
            let asked = query
            let page = try await call { () async throws(ClientError) in
                try await client.batches(asked, timeout: timeout)
            }
            found += page.batches
            query.cursor = page.cursor
        } while !query.cursor.isEmpty && found.count < limit
        let shown = Array(found.prefix(limit))
        return show(
            .object(["batches": .array(shown.map(\.json)), "cursor": .hex(query.cursor)]),
            BatchText(screen, kinds).lines(shown, hasMore: !query.cursor.isEmpty || found.count > limit))
    }

    private func kind(_ option: String, _ kinds: BatchKinds) throws(Stop) -> BatchKind? {
        guard let typed = line.text(option) else { return nil }
        return try kind(typed, in: kinds)
    }

    private func kind(_ typed: String, in kinds: BatchKinds) throws(Stop) -> BatchKind {
        guard let kind = kinds.kind(typed) else {
            throw .usage(
                UsageError(problem: StopTexts.text(.kind(typed: typed, likely: [])), command: line.name))
        }
        return kind
    }

    func batchView() async throws(Stop) -> BatchView {
        let party = try await party("party")
        return try await call { () async throws(ClientError) in
            try await client.batch(key, party: party, timeout: timeout)
        }
    }

    func showBatch() async throws(Stop) -> ExitCode {
        let kinds = try await knownKinds().kinds
        let view = try await batchView()
        return show(view.json, BatchText(screen, kinds).lines(view))
    }

    // MARK: The report of the server's check

    func reportBatch() async throws(Stop) -> ExitCode {
        let kinds = try await knownKinds().kinds
        let view = try await batchView()
        let (faults, hasMore) = try await faults(of: view)
        return try report(faults, hasMore: hasMore, of: view, kinds)
    }

    /// - Parameter head: what stands before it.
    func report(
        _ faults: [BatchFault], hasMore: Bool, of view: BatchView, _ kinds: BatchKinds, head: [String] = []
    ) throws(Stop) -> ExitCode {
        let kind = try kind(view.kind, in: kinds)
        let rows = try ownRows(kind, kinds)
        let report = BatchReport(faults, of: view, kind, rows: rows, hasMore: hasMore)
        var written: [String] = []
        do throws(FileError) {
            if let path = line.text("csv") {
                try NewFile.write(path) {
                    try $0(try FaultList(report.table, language: language).csv(BatchForms.encoding(line)))
                }
                written.append(path)
            }
            if let path = line.text("remarked") {
                try writeRemarked(report, to: path)
                written.append(path)
            }
        } catch { throw .file(error) }
        let note =
            written.isEmpty ? [] : [Text("已存为 ", "written: ")[language] + written.joined(separator: " ")]
        return show(report.json(language), head + report.lines(screen) + note)
    }

    private func faults(of view: BatchView) async throws(Stop) -> ([BatchFault], Bool) {
        let pieces = try await call { () async throws(ClientError) in try await client.batchReport(view.id) }
        var iterator = pieces.makeAsyncIterator()
        var (faults, hasMore) = ([BatchFault](), false)
        while let piece = try await call({ () async throws(ClientError) in try await iterator.next() }) {
            faults += piece.faults.prefix(max(0, BatchLimits.faults - faults.count))
            hasMore = hasMore || piece.more
        }
        return (faults, hasMore)
    }

    /// Where each row of the batch stands in the sender's own file, when that is at hand.
    private func ownRows(_ kind: BatchKind, _ kinds: BatchKinds) throws(Stop) -> BatchReport.OwnFile? {
        guard let path = line.text("file") else {
            guard line.has("remarked") else { return nil }
            throw .usage(
                UsageError(
                    problem: Text(
                        "--remarked 需要 --file 写明报送时的原表", "--remarked needs --file, the table that was sent"),
                    command: line.name))
        }
        do {
            return try BatchReport.OwnFile(
                try BatchFile.open(path), kind, lists: kinds.lists, sheet: line.text("sheet"))
        } catch let stop as TableStop {
            throw .file(FileError(path, StopTexts.text(stop)))
        } catch {
            throw .file(FileError(path, Text("读不出：\(error)", "it cannot be read: \(error)")))
        }
    }

    private func writeRemarked(_ report: BatchReport, to path: String) throws(FileError) {
        guard let own = report.own else { return }
        try NewFile.write(path) {
            try own.file.remarked(report.table, sheet: line.text("sheet"), language: language, to: $0)
        }
    }

    // MARK: Rows back

    func fetchBatch() async throws(Stop) -> ExitCode {
        let view = try await batchView()
        return try await writeRows(FetchRowsQuery(batch: view.id), kind: view.kind, sender: false)
    }

    func exportRegister() async throws(Stop) -> ExitCode {
        let kinds = try await knownKinds().kinds
        let kind = try kind(key, in: kinds)
        let query = FetchRowsQuery(
            kind: kind.code, since: UInt64(clamping: line.integer("since") ?? 0),
            party: try await party("party"))
        return try await writeRows(query, kind: kind.code, sender: true, kinds)
    }

    private func writeRows(
        _ query: FetchRowsQuery, kind code: String, sender: Bool, _ known: BatchKinds? = nil
    ) async throws(Stop) -> ExitCode {
        let path = line.operands.dropFirst().first ?? ""
        do throws(FileError) { try NewFile.check(path) } catch { throw .file(error) }
        let kinds: BatchKinds
        if let known { kinds = known } else { kinds = try await knownKinds().kinds }
        let kind = try kind(code, in: kinds)
        let more = sender ? [Text("报送单位", "sender")[language], Text("批次号", "batch")[language]] : []
        var table = RowTable(
            kind, lists: kinds.lists, format: BatchForms.format(line, path: path),
            encoding: BatchForms.encoding(line), more: more
        )
        let file: NewFile
        do throws(FileError) { file = try NewFile(path) } catch { throw .file(error) }
        let rows = try await call { () async throws(ClientError) in try await client.batchRows(query) }
        var iterator = rows.makeAsyncIterator()
        var (place, erased): (UInt64, UInt64) = (0, 0)
        do {
            while let piece = try await iterator.next() {
                if piece.place > 0 { place = piece.place }
                erased = max(erased, piece.erased)
                for row in piece.rows {
                    try table.add(row.row, more: sender ? [row.party, row.batch] : [])
                }
                try file.write(try table.take())
            }
            try file.write(try table.finish())
            try file.finish()
        } catch {
            file.giveUp()
            throw Self.stop(error, path)
        }
        return told(table, path, place: sender ? place : nil, erased: erased)
    }

    private static func stop(_ error: any Error, _ path: String) -> Stop {
        switch error {
        case let error as ClientError: .client(error)
        case let error as FileError: .file(error)
        case RowTable.Failure.workbook(let fault): .file(FileError(path, SpreadsheetTexts.sentence(fault)))
        default: .file(FileError(path, Text("写不进去：\(error)", "it cannot be written: \(error)")))
        }
    }

    private func told(_ table: RowTable, _ path: String, place: UInt64?, erased: UInt64) -> ExitCode {
        var lines = [
            Text("已存为 \(path)，\(table.rows)行", "written: \(path), \(table.rows) rows")[language]
        ]
        if erased > 0 {
            lines.append(
                Text("另有\(erased)行的个人信息已删除，不再可读", "\(erased) more rows were erased for good")[language])
        }
        if table.unreadable > 0 {
            lines.append(
                Text(
                    "另有\(table.unreadable)行与表样不符，未写出",
                    "\(table.unreadable) rows are not of this kind's version and were left out")[
                        language])
        }
        if let place {
            lines.append(
                Text("下次只取变化：--since \(place)", "next time, what changed since: --since \(place)")[language])
        }
        let json = JSON.object([
            "file": .string(path), "rows": .uint(table.rows), "erased": .uint(erased),
            "unreadable": .uint(table.unreadable), "place": place.map { .uint($0) } ?? .null,
        ])
        return show(json, lines)
    }
}
