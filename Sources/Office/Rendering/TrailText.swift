import Crypto
package import Schema
package import TwoListsClient

/// The audit trail as an auditor sees it.
extension ViewsText {
    package func trail(_ entries: [TrailEntry], more: [UInt8]) -> [String] {
        guard !entries.isEmpty else { return [t("没有符合条件的审计记录。", "No records match.")] + pointer(more) }
        var table = Table([
            Table.Column(t("序号", "no."), right: true), Table.Column(t("时间", "time")),
            Table.Column(t("单位", "party")), Table.Column(t("人员", "officer")),
            Table.Column(t("来自", "from")), Table.Column(t("操作", "what")),
            Table.Column(t("对象", "target")),
            Table.Column(t("结果", "outcome"), flexible: true, least: TrailTexts.reasonWidth),
        ])
        for entry in entries { table.add(cells(entry)) }
        return table.lines(on: screen) + pointer(more)
    }

    private func cells(_ entry: TrailEntry) -> [Table.Cell] {
        let short = entry.target.isEmpty ? "" : Hex.encode(Array(entry.target.prefix(4))) + "…"
        let target = entry.number.isEmpty ? short : entry.number
        return [
            Table.Cell("\(entry.sequence)"), Table.Cell(ShanghaiTime.screen(entry.time)),
            Table.Cell(entry.party), Table.Cell(who(entry)), Table.Cell(from(entry)),
            Table.Cell(what(entry)), Table.Cell(target), outcome(entry),
        ]
    }

    private func what(_ entry: TrailEntry) -> String {
        if !entry.call.isEmpty { return TrailTexts.call(entry.call)[language] }
        guard entry.admin != nil else { return CommandNames.of(entry.command, language) }
        return entry.command == "admin reload" ? t("重新加载证书", "reload certificates") : entry.command
    }

    private func who(_ entry: TrailEntry) -> String {
        guard !entry.handedInBy.isEmpty else { return entry.officer }
        return t(
            "\(entry.officer)(\(entry.handedInBy) 代交)", "\(entry.officer) (handed in by \(entry.handedInBy))")
    }

    private func from(_ entry: TrailEntry) -> String {
        switch entry.path {
        case "seed": t("初始数据", "seed")
        case "signal": t("本机信号", "signal")
        case "file": t("文件", "file") + (entry.address.isEmpty ? "" : " \(entry.address)")
        default: entry.address
        }
    }

    private func outcome(_ entry: TrailEntry) -> Table.Cell {
        if let admin = entry.admin {
            return admin.done
                ? Table.Cell(t("已办", "done"), .green)
                : Table.Cell(t("未办：", "refused: ") + (admin.faults.first ?? ""), .red)
        }
        let outcome = entry.outcome ?? Outcome()
        guard !outcome.isDone else { return Table.Cell(t("已办", "done"), .green) }
        let why = outcome.explanation(of: entry.command)?.wrong[language] ?? outcome.refusalCode
        let more = entry.unrecorded == 0 ? "" : TrailTexts.unrecorded(entry.unrecorded)[language]
        return Table.Cell(t("拒绝：", "refused: ") + why + more, .red)
    }

    /// That an export holds, and what of.
    package func verified(_ verified: TrailCheck.Verified) -> [String] {
        let checkpoint = verified.checkpoint
        var sheet = Sheet()
        sheet.add(t("记录", "records"), "\(verified.first)–\(verified.last)")
        sheet.add(t("城市", "city"), checkpoint.city)
        sheet.add(t("存证库", "store"), Hex.encode(checkpoint.storeID))
        sheet.add(t("签名时记录数", "records signed for"), "\(checkpoint.treeSize)")
        sheet.add(t("签名时间", "signed"), ShanghaiTime.screen(checkpoint.time))
        sheet.add(t("根摘要", "root"), Hex.encode(checkpoint.rootBytes))
        let good = t(
            "核验通过：每条记录、顺序、签名、证书均相符", "it holds: every record, their order, signature and certificate")
        return [screen.paint("✓ ", .green) + good] + sheet.lines(on: screen).map { "  " + $0 }
    }

    /// The verdict, then a line for each record named.
    package func verdict(_ failure: TrailFailure) -> [String] {
        let why = TrailTexts.check(failure.check)[language]
        let first =
            screen.paint("✗ ", .red) + t("未通过核验：", "it does not hold: ") + why
            + " (\(failure.check.rawValue))"
        let named = failure.faults.map { "  " + TrailTexts.fault($0)[language] }
        return [first] + named
            + (failure.unnamed == 0 ? [] : ["  " + TrailTexts.more(failure.unnamed)[language]])
    }

    private func pointer(_ more: [UInt8]) -> [String] {
        guard !more.isEmpty else { return [] }
        let cursor = Hex.encode(more)
        return [t("后面还有：加 --cursor \(cursor) 继续，或 --all", "more: go on with --cursor \(cursor), or --all")]
    }
}

extension TrailEntry {
    package var json: JSON {
        .object([
            "sequence": .uint(sequence), "at": .time(time), "command_id": .hex(commandId),
            "command": .string(command), "party": .string(party), "officer": .string(officer),
            "certificate_serial": .hex(certificateSerial),
            "roles": .array(roles.map { .string($0.code) }), "address": .string(address),
            "path": .string(path), "handed_in_by": .string(handedInBy), "target": .hex(target),
            "number": .string(number), "version": .uint(version), "outcome": outcome?.json ?? Outcome().json,
            "call": .string(call), "reason": .string(reason), "unrecorded": .uint(unrecorded),
            "admin": admin.map {
                .object(["done": .bool($0.done), "faults": .array($0.faults.map { .string($0) })])
            } ?? .null,
        ])
    }
}

extension TrailCheck.Verified {
    package var json: JSON {
        .object([
            "verdict": .string("GOOD"), "first": .uint(first), "last": .uint(last),
            "city": .string(checkpoint.city), "store": .hex(checkpoint.storeID),
            "tree_size": .uint(checkpoint.treeSize), "signed_at": .time(checkpoint.time),
            "root": .hex(checkpoint.rootBytes),
        ])
    }
}

extension TrailFailure {
    package var json: JSON {
        .object([
            "verdict": .string(check.rawValue), "detail": .string(detail),
            "faults": .array(
                faults.map { .object(["sequence": .uint($0.sequence), "fault": .string($0.fault.rawValue)]) }),
            "unnamed": .uint(unnamed),
        ])
    }
}
