"""What the figures of 2022 must be, counted from the rows in Python: a second opinion, which shares nothing with seeds/batches/figures.csv but the names."""


def figures(rows):
    def of(kind, **filters):
        return [row for row in rows if row.kind == kind and all(row.values.get(field) in values for field, values in filters.items())]

    def in_year(some, field):
        return [row for row in some if row.values.get(field, "").startswith("2022")]

    def of_2022(some):
        return [row for row in some if row.period == "2022"]

    def persons(some, field="id_number"):
        return len({row.values[field] for row in some}), some

    def count(some):
        return len(some), some

    def total(some, field):
        return sum(int(row.values.get(field, "0").replace(".", "")) for row in some), some

    cards = in_year(of("card"), "month")
    dossiers = in_year(of("dossier"), "updated")
    pensions = in_year(of("pension"), "month")
    activity = {sort: in_year(of("activity", sort=[sort]), "held") for sort in ("education", "volunteer", "visit", "other")}
    jobs = in_year(of("employment"), "started")
    placed = [row for row in jobs if row.values["sort"] == "placed"]
    solved = in_year(of("case", solved=["yes"]), "closed")
    rescue = in_year(of("rescue"), "on")
    income = in_year(of("fund", flow=["income"]), "on")
    outgo = in_year(of("fund", flow=["outgo"]), "on")
    working = of_2022(of("working-age"))
    villages = of_2022(of("village-committee"))
    posts = [row for row in of_2022(of("welfare-post"))
             if row.values["begun"] <= "2022-12-31" and row.values.get("ended", "9999") >= "2022-12-31"]

    def where(some, field, *values):
        return [row for row in some if row.values.get(field) in values]

    found = {
        "cards-applied": count(cards),
        "cards-issued": count(where(cards, "issued", "yes")),
        "dossiers-updated": count(dossiers),
        "dossier-persons": persons(dossiers),
        "pension-persons": persons(pensions),
        "pension-paid": total(pensions, "amount"),
        "memorials": persons(in_year(of("memorial"), "finished"), "code"),
        "activities": count(sum(activity.values(), [])),
        "education-events": count(activity["education"]),
        "volunteer-events": count(activity["volunteer"]),
        "visit-events": count(activity["visit"]),
        "other-events": count(activity["other"]),
        "volunteers": total(activity["volunteer"], "people"),
        "into-work": persons([row for row in jobs if row.values["sort"] != "placed"]),
        "placed": persons(placed),
        "placed-officers": persons(where(placed, "placed_as", "officer")),
        "placed-soldiers": persons(where(placed, "placed_as", "soldier")),
        "placed-public": persons(where(placed, "nature", "party", "public", "state")),
        "placed-party": persons(where(placed, "nature", "party")),
        "placed-institution": persons(where(placed, "nature", "public")),
        "placed-enterprise": persons(where(placed, "nature", "state")),
        "worries-solved": total(solved, "count"),
        "worries-persons": total(where(solved, "counted", "person"), "count"),
        "worries-items": total(where(solved, "counted", "item"), "count"),
        "worries-times": total(where(solved, "counted", "time"), "count"),
        "recruits": persons(in_year(of("recruit"), "departed")),
        "commended": persons(in_year(of("honour", award=["最美退役军人"]), "awarded")),
        "model-units": count(in_year(of("model-unit"), "named")),
        "rescued": total(rescue, "rescued"),
        "rescue-hours": total(rescue, "hours"),
        "fund-income": total(income, "amount"),
        "fund-outgo": total(outgo, "amount"),
        "fund-helped": total(outgo, "persons"),
        "livestream-fairs": count(in_year(of("job-fair", form=["livestream"]), "held")),
        "company-visits": count(in_year(of("job-fair", form=["company-visit"]), "held")),
        "working-age": persons(working),
        "working-age-employed": persons(where(working, "state", "employed", "self-employed")),
        "welfare-posts": count(posts),
        "entrepreneurs": persons(of_2022(of("entrepreneur"))),
        "bases": count(of_2022(of("base", sort=["employment"]))),
        "joint-points": count(of_2022(of("joint-point"))),
        "role-models": persons(of_2022(of("role-model"))),
        "committee-members": persons(villages),
        "committee-secretaries": persons(where(villages, "post", "secretary", "both")),
        "owners": persons(of_2022(of("owner"))),
        "volunteer-teams": count(of_2022(of("volunteer-team"))),
    }
    return {code: {"value": value, "rows": len(some), "senders": by_sender(some)} for code, (value, some) in found.items()}


def by_sender(some):
    counts = {}
    for row in some:
        counts[row.sender] = counts.get(row.sender, 0) + 1
    return counts
