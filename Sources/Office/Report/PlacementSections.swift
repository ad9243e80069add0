internal import Exchange
internal import Schema

/// Placement in the open (阳光安置) in a report: who was placed where, by round and by who they are. All of it is persons and a flow.
extension FigureReport {
    /// The classes of the sentence “all into 党政机关、事业单位、国有企业”: codes of the list "placement-destination".
    static let publicDestinations = ["civil", "institution", "state-enterprise"]

    /// In the order of the rows, each once: the server puts them in the list's order.
    private var destinations: [String] {
        let all = view.rounds.flatMap(\.destinations).map(\.destination)
        let known = Self.publicDestinations.filter(all.contains)
        return known + grouped(all.filter { !known.contains($0) }, { $0 }).map { $0.key }
    }

    private func name(_ destination: String) -> String {
        codes.name(destination, list: CodeListName.placementDestination)
    }

    private func persons(_ rounds: [RoundFigures], _ destination: String) -> UInt64 {
        rounds.flatMap(\.destinations).reduce(0) {
            $0 &+ ($1.destination == destination ? $1.persons : 0)
        }
    }

    private func placed(_ rounds: [RoundFigures]) -> UInt64 { rounds.reduce(0) { $0 &+ $1.placed } }

    private var counted: [Column] {
        [Column(t("参加(人)", "took part"), figure: true), Column(t("安置(人)", "placed"), figure: true)]
            + destinations.map { Column(name($0), figure: true) }
    }

    private func numbers(_ rounds: [RoundFigures]) -> [String] {
        ([rounds.reduce(0) { $0 &+ $1.people }, placed(rounds)] + destinations.map { persons(rounds, $0) })
            .map { String($0) }
    }

    var placements: Section {
        var section = Section(
            t("阳光安置，按轮次", "Placement in the open, by round"),
            [
                // As figures: neither a key nor a day is parted between two lines.
                Column(t("轮次", "round"), figure: true), Column(t("标题", "title")), Column(t("对象", "who")),
                Column(t("公布日期", "published"), figure: true),
            ] + counted)
        section.rows = view.rounds.map { round in
            [round.key, round.title, round.peopleKind.name(language), round.publishedOn.text]
                + numbers([round])
        }
        guard !section.rows.isEmpty else { return section }
        section.rows.append([t("合计", "total"), "", "", ""] + numbers(view.rounds))
        return section
    }

    var placementsByKind: Section {
        var section = Section(
            t("阳光安置，按对象", "Placement in the open, by who was placed"),
            [Column(t("对象", "who")), Column(t("轮次数", "rounds"), figure: true)] + counted)
        guard !view.rounds.isEmpty else { return section }
        let kinds = grouped(view.rounds.sorted { $0.peopleKind.rawValue < $1.peopleKind.rawValue }) {
            $0.peopleKind.name(language)
        }
        section.rows = kinds.map { [$0.key, String($0.rows.count)] + numbers($0.rows) }
        section.rows.append([t("合计", "total"), String(view.rounds.count)] + numbers(view.rounds))
        section.chart = t("安置去向(人，占安置人数)", "where they were placed (persons, share of those placed)")
        section.bars = destinations.map { destination in
            let ratio = Ratio(persons(view.rounds, destination), of: placed(view.rounds))
            return ReportDocument.Bar(
                name(destination), permille: ratio.permille ?? 0,
                "\(ratio.part)/\(ratio.whole)  \(ratio.text)")
        }
        section.remarks =
            placedSentences(kinds) + [
                t(
                    "流量，单位：人。按公布日期计；“参加”是公布得分的全部人员，包括放弃和退出的。",
                    "A flow of persons, by the day of publication. “Took part”: everybody whose score was published, whoever passed or left included."
                )
            ]
        return section
    }

    private func placedSentences(_ kinds: [(key: String, rows: [RoundFigures])]) -> [String] {
        let all = placed(view.rounds)
        let took = Ratio(all, of: view.rounds.reduce(0) { $0 &+ $1.people })
        let parts = kinds.map { "\($0.key) \(placed($0.rows))" }.joined(separator: " + ")
        let ratio = Ratio(Self.publicDestinations.reduce(0) { $0 &+ persons(view.rounds, $1) }, of: all)
        let into = Self.publicDestinations.map(name).joined(separator: t("、", ", "))
        return [
            t(
                "安置 \(parts) = \(all) 人，占参加 \(took.whole) 人的 \(took.text)，统计期间 \(period)。",
                "Placed \(parts) = \(all) of \(took.whole) who took part, \(took.text), period \(period)."),
            t(
                "其中\(ratio.part == all && all > 0 ? "全部" : "")到\(into)：\(ratio.part) 人（\(ratio.part)/\(all)，\(ratio.text)）。",
                "\(ratio.part == all && all > 0 ? "All" : "Of these") into \(into): \(ratio.part) of \(all), \(ratio.text)."
            ),
        ]
    }
}
