import Exchange
package import Schema

/// The registry on the screen.
extension ViewsText {
    /// A party's name, with its standing where it may not act.
    func registered(_ party: PartyView) -> Table.Cell {
        party.suspended
            ? Table.Cell(party.name + t("(已停用)", " (suspended)"), .red) : Table.Cell(party.name)
    }

    package func party(_ party: PartyView, _ officers: [OfficerView]) -> [String] {
        var sheet = Sheet()
        sheet.add(t("单位", "party"), party.key)
        sheet.add(t("名称", "name"), party.name)
        sheet.add(t("性质", "kind"), party.kind.name(language))
        sheet.add(t("上级县(市、区)", "county above"), party.parent)
        sheet.add(t("排序", "order"), "\(party.order)")
        sheet.add(
            t("状态", "standing"), party.suspended ? t("已停用", "suspended") : t("正常", "active"),
            party.suspended ? .red : nil)
        sheet.add(t("版本", "version"), "\(party.version)")
        guard !officers.isEmpty else { return sheet.lines(on: screen) }
        return sheet.lines(on: screen) + [""] + self.officers(officers)
    }

    package func officers(_ officers: [OfficerView], hasMore: Bool = false) -> [String] {
        var table = Table([
            Table.Column(t("人员", "officer")), Table.Column(t("姓名", "name"), flexible: true),
            Table.Column(t("单位", "party"), flexible: true), Table.Column(t("职务", "post"), flexible: true),
            Table.Column(t("角色", "roles"), flexible: true), Table.Column(t("状态", "standing")),
        ])
        for officer in officers {
            table.add([
                Table.Cell(officer.officer), Table.Cell(officer.name), Table.Cell(officer.partyName),
                Table.Cell(officer.post),
                Table.Cell(officer.roles.map { $0.name(language) }.joined(separator: t("、", ", "))),
                officer.suspended ? Table.Cell(t("已停用", "suspended"), .red) : Table.Cell(t("正常", "active")),
            ])
        }
        let more = hasMore ? [t("还有更多，用 --all 列出全部", "there are more: list them with --all")] : []
        return table.lines(on: screen) + more
    }

    package func tables(_ tables: [TableView]) -> [String] {
        var table = Table([
            Table.Column(t("表", "table"), flexible: true), Table.Column(t("版本", "version")),
            Table.Column(t("载入次数", "loads"), right: true),
        ])
        for row in tables {
            table.add([Table.Cell(row.path), Table.Cell(row.version), Table.Cell("\(row.revision)")])
        }
        return table.lines(on: screen)
    }

    // MARK: Loading

    /// What would change, or what was done: only the rows where something is to be said.
    package func plan(_ plan: RegistryPlan) -> [String] {
        var table = Table([
            Table.Column(t("文件", "file")), Table.Column(t("行", "line"), right: true),
            Table.Column(t("对象", "subject")), Table.Column(t("变化", "change"), flexible: true),
        ])
        for row in plan.rows where row.change != .same {
            table.add([
                Table.Cell(row.path), Table.Cell("\(row.line)"), Table.Cell(row.subject), change(row),
            ])
        }
        return (table.rows.isEmpty ? [] : table.lines(on: screen)) + plan.blocked.map(obstacle) + [
            counts(plan)
        ]
    }

    private func change(_ row: RegistryPlan.Row) -> Table.Cell {
        switch row.change {
        case .new: Table.Cell(t("新增", "new"), .green)
        case .changed(let how): Table.Cell(t("变更：", "change: ") + how[language], .yellow)
        case .same: Table.Cell("")
        case .blocked: Table.Cell(t("不能载入", "cannot be loaded"), .red)
        case .unseen: Table.Cell(t("由安全管理员载入", "for the security administrator"), .dim)
        }
    }

    /// Whole, below the table: a cell might cut off how it is mended.
    private func obstacle(_ row: RegistryPlan.Row) -> String {
        guard case .blocked(let why) = row.change else { return "" }
        return screen.paint("✗ ", .red)
            + t(
                "\(row.path) 第\(row.line)行“\(Screen.clean(row.subject))”：\(why.zh)。",
                "\(row.path), line \(row.line), \(Screen.clean(row.subject)): \(why.en).")
    }

    private func counts(_ plan: RegistryPlan) -> String {
        var (new, changed, same, unseen) = (0, 0, 0, 0)
        for row in plan.rows {
            switch row.change {
            case .new: new += 1
            case .changed: changed += 1
            case .same: same += 1
            case .unseen: unseen += 1
            case .blocked: break
            }
        }
        let blocked = plan.blocked.count
        return t(
            "新增 \(new)，变更 \(changed)，不变 \(same)，不能载入 \(blocked)，由安全管理员载入 \(unseen)",
            "new \(new), changed \(changed), same \(same), cannot be loaded \(blocked), for the security administrator \(unseen)"
        )
    }
}

extension OfficerView {
    package var json: JSON {
        .object([
            "officer": .string(officer), "party": .string(party), "party_name": .string(partyName),
            "post": .string(post), "roles": .array(roles.map { .string($0.code) }),
            "suspended": .bool(suspended), "name": .string(name), "erased": .bool(erased),
            "version": .uint(version),
        ])
    }
}

extension TableView {
    package var json: JSON {
        .object([
            "path": .string(path), "version": .string(version), "revision": .uint(revision),
        ])
    }
}

extension RegistryPlan.Row {
    package var json: JSON {
        let (word, note): (String, String) =
            switch change {
            case .new: ("new", "")
            case .changed(let how): ("changed", how.en)
            case .same: ("same", "")
            case .blocked(let why): ("blocked", why.en)
            case .unseen: ("unseen", "")
            }
        return .object([
            "path": .string(path), "line": .int(Int64(line)), "subject": .string(subject),
            "change": .string(word), "note": .string(note), "role": .string(role.code),
        ])
    }
}
