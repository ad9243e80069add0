import Exchange
import Foundation
import Office
import Schema
import TwoListsClient
import Wire

/// Reports: on the screen, as a page to print, as a table to send on.
extension Session {
    func reportFigures() async throws(Stop) -> ExitCode {
        guard let period = ReportForms.period(line, today: CivilDay(nanoseconds: client.now)) else {
            throw .usage(
                UsageError(
                    problem: Text(
                        "统计期间尚未开始，或截止日期早于起始日期", "the period has not begun, or ends before it begins"),
                    command: line.name))
        }
        let view = try await call { () async throws(ClientError) in
            try await client.figures(from: period.from.open, to: period.to.open, timeout: timeout)
        }
        let codes = await codeNames([
            CodeListName.requestCategory, CodeListName.caseSubcategory, CodeListName.placementDestination,
            CodeListName.fundSource,
        ])
        let report = FigureReport(view, codes: codes, language: language)
        var document = report.document(
            title: ReportForms.title(line)[language], of: try await ownParty())
        if line.name == .reportAnnual { document.sections += try await registerSections() }
        return try publish(document)
    }

    /// Of the whole year's report alone: registers are counted by years. Only the bureau's officers see them; others' reports say nothing of them.
    private func registerSections() async throws(Stop) -> [ReportDocument.Section] {
        let year = line.integer("year") ?? 0
        guard line.date("from") == nil, line.date("to") == nil else { return [] }
        let figures: RegisterFigures
        do throws(ClientError) {
            figures = try await client.registerFigures(year: Int32(clamping: year), timeout: timeout)
        } catch {
            guard error.status?.code == .permissionDenied else { throw .client(error) }
            return []
        }
        let page = try await call { () async throws(ClientError) in try await client.parties() }
        let report = RegisterReport(
            figures, year: year, parties: page.parties.map { ($0.key, $0.name) }, language: language)
        return report?.sections ?? []
    }

    func reportLedger() async throws(Stop) -> ExitCode {
        var query = ListRequestsQuery(
            direction: line.choice("direction", Direction.self) ?? .unspecified,
            year: Int32(clamping: line.integer("year") ?? 0), pageSize: 200)
        var found: [RequestSummary] = []
        repeat {
            let page = try await call { () async throws(ClientError) in try await client.requests(query) }
            found += page.requests
            query.cursor = page.nextCursor
        } while !query.cursor.isEmpty
        let report = LedgerReport(
            codes: await codeNames([CodeListName.requestCategory]), language: language)
        let title = ReportForms.title(line)[language]
        return try publish(report.document(found.reversed(), title: title, of: await ownParty()))
    }

    /// Prints a sheet, or says whether a code on paper is the one of what stands now.
    func printSheet() async throws(Stop) -> ExitCode {
        let view = try await call { () async throws(ClientError) in try await client.request(key) }
        let page = try await call { () async throws(ClientError) in try await client.parties() }
        let names = Dictionary(
            page.parties.map { ($0.key, $0.name) }, uniquingKeysWith: { first, _ in first })
        let sheet: RequestSheet
        do throws(RequestSheet.Fault) {
            sheet = try RequestSheet(
                ReportForms.sheetKind(line), view,
                city: page.parties.first { $0.kind == .bureau }?.name ?? "",
                codes: await codeNames([CodeListName.requestCategory]), parties: names, language: language)
        } catch {
            throw .usage(UsageError(problem: error.text, command: line.name))
        }
        if let typed = line.text("check") { return compare(typed, sheet) }
        if let path = line.text("html") {
            let today = CivilDay(nanoseconds: client.now).text
            let page = SheetHTML([sheet.paper], printed: today, language: language)
            try write(Array(page.text.utf8), to: path)
            let text = Text(
                "已存为 \(path)，校验码 \(sheet.checkCode)", "written: \(path), check code \(sheet.checkCode)")
            return show(sheet.paper.json, [text[language]])
        }
        return show(sheet.paper.json, sheet.paper.shown(on: screen))
    }

    private func compare(_ typed: String, _ sheet: RequestSheet) -> ExitCode {
        let fits = sheet.fits(typed)
        let text =
            fits
            ? Text("相符：这张单据就是该事项现在的内容。", "It fits: the sheet says what the item says now.")
            : Text(
                "不符：校验码抄错，或事项在打印之后有了变化，或单据被改过。现在的校验码是 \(sheet.checkCode)，请核对纸上各栏。",
                "It does not fit: mistyped, or the item has gone on since, or the sheet was changed. The code now is \(sheet.checkCode); compare the lines."
            )
        _ = show(.object(["fits": .bool(fits), "check_code": .string(sheet.checkCode)]), [text[language]])
        return fits ? .done : .notProven
    }

    func codeNames(_ lists: [String]) async -> CodeNames {
        var names = CodeNames()
        for list in lists {
            if let page = try? await client.codes(list, timeout: timeout) { names.add(page, list: list) }
        }
        return names
    }

    private func ownParty() async throws(Stop) -> String {
        let view = try await call { () async throws(ClientError) in try await client.whoAmI(timeout: timeout)
        }
        return view.partyName
    }

    private func csv(_ document: ReportDocument, for path: String) throws(Stop) -> [UInt8] {
        do throws(Charset.Failure) {
            return try ReportCSV(document).bytes(ReportForms.encoding(line))
        } catch {
            throw .file(FileError(path, Text("无法转换编码", "cannot be converted to the encoding")))
        }
    }

    private func write(_ bytes: [UInt8], to path: String) throws(Stop) {
        do { try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw .file(
                FileError(
                    path, Text("写不进去，请检查文件夹和磁盘空间", "it cannot be written; look at the folder and the disk")))
        }
    }

    /// Writes the files that were asked for; without any, shows the report.
    private func publish(_ document: ReportDocument) throws(Stop) -> ExitCode {
        var written: [String] = []
        if let path = line.text("html") {
            try write(Array(ReportHTML(document, language: language).text.utf8), to: path)
            written.append(path)
        }
        if let path = line.text("csv") {
            try write(try csv(document, for: path), to: path)
            written.append(path)
        }
        guard !written.isEmpty else { return show(document.json, document.lines(on: screen)) }
        let text = Text("已存为 ", "written: ")[language] + written.joined(separator: " ")
        return show(.object(["files": .array(written.map { .string($0) })]), [text])
    }
}
