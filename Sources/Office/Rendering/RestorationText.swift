import TwoListsClient

// Restores and what they cost, for people and for programs.
extension ViewsText {
    package func restorations(_ all: [RestorationForms.Found]) -> [String] {
        if all.isEmpty { return [t("存证中没有系统恢复的记录。", "The journal holds no record of a restore.")] }
        return all.flatMap { found in sheet(found) }
    }

    private func sheet(_ found: RestorationForms.Found) -> [String] {
        let restoration = found.restoration
        var sheet = Sheet()
        sheet.add(t("存证序号", "journal record"), "\(found.sequence)")
        sheet.add(t("恢复时间", "restored"), ShanghaiTime.screen(restoration.restoredAt))
        sheet.add(t("恢复到", "restored to"), ShanghaiTime.screen(restoration.keptTime))
        sheet.add(t("保留记录", "records kept"), "\(restoration.keptRecords)")
        sheet.add(
            t("失去记录", "records cut"),
            "\(restoration.lostRecords) (\(t("最后一条", "the last of")) \(ShanghaiTime.screen(restoration.cutTime)))"
        )
        sheet.add(t("原因", "reason"), Screen.clean(restoration.reason))
        sheet.add(
            t("确认", "confirmed"),
            restoration.isConfirmed
                ? ShanghaiTime.screen(restoration.confirmedAt)
                : t(
                    "尚未确认：twolists admin confirm-restore \(found.sequence)",
                    "not yet: twolists admin confirm-restore \(found.sequence)"))
        return sheet.lines(on: screen).map { "  " + $0 }
    }
}

extension RestorationForms.Found {
    package var json: JSON {
        .object([
            "sequence": .uint(sequence), "restored_at": .time(restoration.restoredAt),
            "kept_records": .uint(restoration.keptRecords), "kept_time": .time(restoration.keptTime),
            "cut_records": .uint(restoration.lostRecords), "cut_time": .time(restoration.cutTime),
            "reason": .string(restoration.reason), "confirmed": .bool(restoration.isConfirmed),
        ])
    }
}
