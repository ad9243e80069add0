package import Exchange

/// Kinds of batches for whoever fills in a table: which there are; of one, its columns with what each may hold.
package struct KindText: Sendable {
    private let screen: Screen

    package init(_ screen: Screen) { self.screen = screen }

    private func t(_ zh: String, _ en: String) -> String { screen.language == .zh ? zh : en }

    /// - Parameter rows: rows in each kind's register by now, by code; empty: not known.
    package func lines(_ kinds: BatchKinds, _ rows: [String: UInt64] = [:]) -> [String] {
        var table = Table([
            Table.Column(t("代码", "code")), Table.Column(t("名称", "name"), flexible: true),
            Table.Column(t("版本", "version")), Table.Column(t("口径", "form")),
            Table.Column(t("栏", "fields"), right: true), Table.Column(t("在册行数", "rows"), right: true),
        ])
        for kind in kinds.kinds {
            table.add([
                Table.Cell(kind.code), Table.Cell(kind.title), Table.Cell(kind.version),
                Table.Cell(form(kind)), Table.Cell("\(kind.fields.count)"),
                Table.Cell(rows[kind.code].map { "\($0)" } ?? ""),
            ])
        }
        let unreadable =
            kinds.unreadable.isEmpty
            ? []
            : [
                t(
                    "本程序读不懂的表样(请更新程序)：", "kinds that this program cannot read (it needs an update): ")
                    + kinds.unreadable.map { Screen.clean($0) }.joined(separator: " ")
            ]
        return table.lines(on: screen) + unreadable
    }

    private func form(_ kind: BatchKind) -> String {
        kind.form == .flow ? t("流量", "flow") : t("存量", "stock")
    }

    package func lines(_ kind: BatchKind) -> [String] {
        var table = Table([
            Table.Column(t("栏目", "column"), flexible: true, least: 16), Table.Column(t("必填", "required")),
            Table.Column(t("内容", "content"), flexible: true, least: 20),
        ])
        for field in kind.fields {
            table.add([
                Table.Cell(field.heading), Table.Cell(required(field, kind)), Table.Cell(content(field)),
            ])
        }
        let key = kind.key.map { kind.fields[$0].heading }.joined(separator: "＋")
        return [
            "\(kind.title)(\(kind.code))，\(t("版本", "version")) \(kind.version)，\(form(kind))",
            t(
                "同一行的依据：\(key)；再次报送即更新",
                "a row is known by: \(key); sent again, it takes the older one's place"),
            period(kind), "",
        ] + table.lines(on: screen)
    }

    private func period(_ kind: BatchKind) -> String {
        switch kind.period {
        case .field(let field):
            t("所属期：按各行的“\(kind.fields[field].heading)”", "period: each row's “\(kind.fields[field].heading)”")
        case .batch(let word):
            t("所属期：整批，报送时用 --period 写明(\(word))", "period: of the whole batch, given with --period (\(word))")
        }
    }

    private func required(_ field: BatchField, _ kind: BatchKind) -> String {
        switch field.requirement {
        case .always: t("是", "yes")
        case .never: ""
        case .when(let other, _): t("视“\(kind.fields[other].heading)”", "by “\(kind.fields[other].heading)”")
        }
    }

    private func content(_ field: BatchField) -> String {
        switch field.format {
        case .text(let most), .name(let most): t("文字，至多\(most)字", "text, \(most) characters at most")
        case .choice(let choices): choices.prefix(8).map { $0.names.first ?? $0.code }.joined(separator: "/")
        case .listed(let list):
            list == "county" ? t("县(市、区)", "a county") : t("代码表 \(list)", "code list \(list)")
        case .date: "2023-03-10"
        case .month: "2023-03"
        case .year: "2023"
        case .identity: t("18位身份证号", "an ID number of 18 characters")
        case .creditCode: t("18位统一社会信用代码", "a social credit code of 18 characters")
        case .money:
            t(
                "金额(\(field.unit.isEmpty ? "元" : field.unit))",
                "an amount (\(field.unit.isEmpty ? "元" : field.unit))")
        case .integer, .decimal: t("数字", "a number") + (field.unit.isEmpty ? "" : "(\(field.unit))")
        case .phone: t("电话", "a phone number")
        case .yesNo: t("是/否", "是 or 否")
        }
    }

    // MARK: For programs

    package func json(_ kinds: BatchKinds, _ rows: [String: UInt64] = [:]) -> JSON {
        .object([
            "kinds": .array(
                kinds.kinds.map { kind in
                    .object([
                        "code": .string(kind.code), "title": .string(kind.title),
                        "version": .string(kind.version), "form": .string(kind.form.rawValue),
                        "rows": rows[kind.code].map { .uint($0) } ?? .null,
                    ])
                }),
            "unreadable": .array(kinds.unreadable.map { .string($0) }),
        ])
    }

    package func json(_ kind: BatchKind) -> JSON {
        .object([
            "code": .string(kind.code), "title": .string(kind.title), "version": .string(kind.version),
            "form": .string(kind.form.rawValue),
            "key": .array(kind.key.map { .string(kind.fields[$0].code) }),
            "fields": .array(
                kind.fields.map { field in
                    .object([
                        "code": .string(field.code), "heading": .string(field.heading),
                        "required": .string(required(field, kind)), "content": .string(content(field)),
                        "personal": .bool(field.isPersonal),
                    ])
                }),
        ])
    }
}
