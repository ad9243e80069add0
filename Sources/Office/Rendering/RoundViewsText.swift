import Crypto
package import Schema

/// Rounds of placement as clerks see them.
extension ViewsText {
    package func rounds(_ list: [RoundSummary]) -> [String] {
        guard !list.isEmpty else { return [t("没有选岗轮次。", "There are no rounds.")] }
        var table = Table([
            Table.Column(t("轮次", "round")), Table.Column(t("标题", "title"), flexible: true),
            Table.Column(t("状态", "state")), Table.Column(t("人员", "people"), right: true),
            Table.Column(t("岗位", "posts"), right: true), Table.Column(t("已选", "placed"), right: true),
        ])
        for round in list {
            table.add([
                Table.Cell(round.key), Table.Cell(round.title),
                Table.Cell(round.state.name(language), round.state.light), Table.Cell("\(round.people)"),
                Table.Cell("\(round.posts)"), Table.Cell("\(round.placed)"),
            ])
        }
        return table.lines(on: screen)
    }

    package func round(_ view: RoundView) -> [String] {
        let summary = view.summary ?? RoundSummary()
        var sheet = Sheet()
        sheet.add(t("轮次", "round"), "\(summary.key) \(summary.title)")
        sheet.add(t("状态", "state"), summary.state.name(language), summary.state.light)
        if summary.peopleKind != .unspecified {
            sheet.add(t("安置对象", "who is placed"), summary.peopleKind.name(language))
        }
        sheet.add(t("电话查询码", "reference"), summary.reference)
        sheet.add(t("版本", "version"), "\(summary.version)")
        sheet.add(t("积分表", "points table"), "\(view.table) \(view.tableVersion)")
        sheet.add(t("同分规则", "tie rules"), (view.ties + [t("抽签", "draw")]).joined(separator: " → "))
        sheet.add(t("密数承诺", "commitment"), Hex.encode(view.commitment))
        sheet.add(t("公开数", "public value"), "\(view.publicName)（\(view.publicOn.text)）")
        sheet.add(t("人员", "people"), "\(summary.people)")
        sheet.add(t("岗位", "posts"), "\(summary.posts)")
        sheet.add(t("封存日期", "frozen"), view.frozenOn.text)
        sheet.add(t("封存摘要", "inputs digest"), Hex.encode(view.inputsDigest))
        if view.frozenOn != nil {
            sheet.add(
                t("得分确认", "scores confirmed"),
                t("\(view.confirmed)人，不符\(view.disputed)人", "\(view.confirmed), disputed \(view.disputed)"))
        }
        sheet.add(t("公开数的值", "value"), view.value)
        sheet.add(t("种子", "seed"), Hex.encode(view.seed))
        if !view.seed.isEmpty {
            sheet.add(t("已选岗", "placed"), "\(summary.placed) / \(view.turnsTaken)")
            sheet.add(t("轮到", "turn of"), view.nextPerson)
        }
        sheet.add(t("公布文件摘要", "published file"), Hex.encode(view.fileDigest))
        let objections = view.objections.flatMap(objection)
        let next = view.next.map { CommandNames.of($0, language) }.joined(separator: t("、", ", "))
        sheet.add(t("可办操作", "possible now"), next)
        return sheet.lines(on: screen) + objections
    }

    private func objection(_ objection: RoundObjectionView) -> [String] {
        let state =
            !objection.settled
            ? t("未答复", "open") : objection.upheld ? t("成立", "upheld") : t("不成立", "not upheld")
        var sheet = Sheet()
        sheet.add(
            t("异议\(objection.number)", "objection \(objection.number)"),
            [objection.by, objection.person, state].filter { !$0.isEmpty }.joined(separator: " "))
        sheet.add(t("内容", "text"), objection.text)
        sheet.add(t("答复", "answer"), objection.answer)
        return [""] + sheet.lines(on: screen)
    }

    package func roundPosts(_ page: RoundPostPage) -> [String] {
        var table = Table([
            Table.Column(t("岗位", "post")), Table.Column(t("单位", "employer"), flexible: true),
            Table.Column(t("职位", "title"), flexible: true), Table.Column(t("去向", "destination")),
            Table.Column(t("名额", "seats"), right: true), Table.Column(t("剩余", "free"), right: true),
        ])
        for row in page.posts {
            let post = row.post ?? OfferedPost()
            table.add([
                Table.Cell(post.key), Table.Cell(post.employer), Table.Cell(post.title),
                Table.Cell(post.destination), Table.Cell("\(post.seats)"), Table.Cell("\(row.free)"),
            ])
        }
        return table.lines(on: screen) + [t("共\(page.total)个岗位", "\(page.total) posts")]
    }

    package func ranking(_ page: RankingPage) -> [String] {
        var table = Table([
            Table.Column(t("名次", "place"), right: true), Table.Column(t("人员", "person")),
            Table.Column(t("姓名", "name")), Table.Column(t("得分", "score"), right: true),
            Table.Column(t("依据", "basis")), Table.Column(t("选岗", "post")),
        ])
        for row in page.rows {
            table.add([
                Table.Cell("\(row.place)"), Table.Cell(row.person), Table.Cell(row.maskedName),
                Table.Cell(points(row.tenths)), Table.Cell(basis(row.basis)), Table.Cell(row.post),
            ])
        }
        return table.lines(on: screen) + [t("共\(page.total)人", "\(page.total) people")]
    }

    private func basis(_ word: String) -> String {
        switch word {
        case "first": t("最高分", "highest score")
        case "score": t("得分", "score")
        case "draw": t("抽签", "draw")
        case "equal": t("并列", "equal")
        default: t("同分比\(word.dropFirst(4))", "tie: \(word.dropFirst(4))")
        }
    }

    package func roundPeople(_ page: RoundMemberPage) -> [String] {
        var table = Table([
            Table.Column(t("人员", "person")), Table.Column(t("姓名", "name")),
            Table.Column(t("得分", "score"), right: true),
            Table.Column(t("明细", "trace"), flexible: true),
            Table.Column(t("确认", "confirmed")), Table.Column(t("志愿", "list"), flexible: true),
        ])
        for row in page.people {
            let confirmed =
                row.withdrawn
                ? t("已退出", "withdrawn")
                : row.disputed ? t("有不符", "disputed") : row.confirmed ? t("已确认", "confirmed") : ""
            table.add([
                Table.Cell(row.person), Table.Cell(row.name), Table.Cell(points(row.tenths)),
                Table.Cell(row.items.map(trace).joined(separator: t("；", "; "))), Table.Cell(confirmed),
                Table.Cell(row.wishes.joined(separator: " ")),
            ])
        }
        return table.lines(on: screen) + [t("共\(page.total)人", "\(page.total) people")]
    }

    private func trace(_ item: ItemTrace) -> String {
        let missing =
            item.unrecorded == 0
            ? "" : t("（\(item.unrecorded)无档案记载）", " (\(item.unrecorded) not on file)")
        let most = item.gross == item.counted ? "" : t("，封顶", ", bounded")
        return "\(item.item)×\(item.recorded)=\(points(item.counted))\(most)\(missing)"
    }

    private func points(_ tenths: Int32) -> String { RoundTexts.points(Int(tenths)) }
}

extension RoundSummary {
    package var json: JSON {
        .object([
            "target": .hex(target), "reference": .string(reference), "key": .string(key),
            "title": .string(title), "state": .string(state.code), "version": .uint(version),
            "people": .uint(UInt64(people)), "posts": .uint(UInt64(posts)), "placed": .uint(UInt64(placed)),
            "announced_at": .time(announcedAt), "changed_at": .time(changedAt),
            "people_kind": peopleKind == .unspecified ? .null : .string(peopleKind.code),
        ])
    }
}

extension RoundView {
    package var json: JSON {
        .object([
            "summary": (summary ?? RoundSummary()).json, "commitment": .hex(commitment),
            "public_on": .string(publicOn.text), "public_name": .string(publicName),
            "ties": .array(ties.map { .string($0) }), "table": .string(table),
            "table_version": .string(tableVersion), "frozen_on": .string(frozenOn.text),
            "inputs_digest": .hex(inputsDigest), "confirmed": .uint(UInt64(confirmed)),
            "disputed": .uint(UInt64(disputed)), "open_objections": .uint(UInt64(openObjections)),
            "value": .string(value), "seed": .hex(seed), "turns_taken": .uint(UInt64(turnsTaken)),
            "next_person": .string(nextPerson), "file_digest": .hex(fileDigest),
            "objections": .array(
                objections.map {
                    .object([
                        "number": .uint(UInt64($0.number)), "by": .string($0.by),
                        "person": .string($0.person),
                        "text": .string($0.text), "settled": .bool($0.settled), "upheld": .bool($0.upheld),
                        "answer": .string($0.answer),
                    ])
                }),
            "next": .array(next.map { .string($0) }),
        ])
    }
}

extension RoundPostRow {
    package var json: JSON {
        let post = post ?? OfferedPost()
        return .object([
            "key": .string(post.key), "destination": .string(post.destination),
            "seats": .int(Int64(post.seats)), "free": .int(Int64(free)), "employer": .string(post.employer),
            "title": .string(post.title),
        ])
    }
}

extension RankingRow {
    package var json: JSON {
        .object([
            "place": .uint(UInt64(place)), "person": .string(person), "masked_name": .string(maskedName),
            "tenths": .int(Int64(tenths)), "basis": .string(basis), "how": .string(how),
            "post": .string(post),
        ])
    }
}

extension RoundMemberRow {
    package var json: JSON {
        .object([
            "person": .string(person), "party": .string(party), "name": .string(name),
            "tenths": .int(Int64(tenths)),
            "items": .array(
                items.map {
                    .object([
                        "item": .string($0.item), "recorded": .int(Int64($0.recorded)),
                        "unrecorded": .int(Int64($0.unrecorded)), "gross": .int(Int64($0.gross)),
                        "counted": .int(Int64($0.counted)),
                    ])
                }),
            "groups": .array(
                groups.map {
                    .object([
                        "group": .string($0.group), "gross": .int(Int64($0.gross)),
                        "counted": .int(Int64($0.counted)),
                    ])
                }),
            "confirmed": .bool(confirmed), "disputed": .bool(disputed), "withdrawn": .bool(withdrawn),
            "wishes": .array(wishes.map { .string($0) }),
        ])
    }
}
