"""generate.py OUT [--scale 1.0] [--seed 2022]: the city's year 2022 as the files its counties and departments have, and what the figures must be.

Below OUT: a folder a sender with its files; files.json, which says of each file its kind, sender, period, rows and sums; expected.json, the figures
counted from the rows in Python. The published figures are those of DOMAIN.md section 4; nobody in the files exists.
"""
import argparse
import json
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import expected
from people import People
from sheets import FORMS, Kind, Sheet
from year import Year

SEEDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "seeds")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--scale", type=float, default=1.0, help="of the big registers; small ones are always whole")
    parser.add_argument("--seed", type=int, default=2022)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, scale {arguments.scale}")
    source = random.Random(arguments.seed)
    people = People(source, max(4_000, round(72_500 * arguments.scale)))
    rows = Year(source, people, arguments.scale, SEEDS).rows
    files = write(source, rows, arguments.out)
    dump(arguments.out, "files.json", files)
    dump(arguments.out, "expected.json", {"seed": arguments.seed, "scale": arguments.scale, "figures": expected.figures(rows)})
    print(f"{len(rows)} rows in {len(files)} files below {arguments.out}")


def write(source, rows, out):
    """By kind, sender and period, each in the next of the forms people use."""
    groups = {}
    for row in rows:
        groups.setdefault((row.kind, row.sender, row.period), []).append(row)
    files, kinds = [], {}
    for number, ((code, sender, period), some) in enumerate(sorted(groups.items())):
        kind = kinds.setdefault(code, Kind(SEEDS, code))
        folder = sender.replace("/", "-")
        os.makedirs(os.path.join(out, folder), exist_ok=True)
        form = FORMS[3 * number % len(FORMS)]
        name = Sheet(source, SEEDS, kind, sender, period, form, some).write(os.path.join(out, folder))
        sums = {field: sum(int(row.values.get(field, "0").replace(".", "")) for row in some) for field in kind.sums}
        files.append({"path": f"{folder}/{name}", "kind": code, "party": sender, "period": period, "form": form, "rows": len(some), "sums": sums})
    return files


def dump(out, name, value):
    with open(os.path.join(out, name), "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=1)


main()
