"""compare.py EXPECTED FIGURES: the server's figures, as `twolists call twolists.v1.Batches/GetFigures` prints them, against those counted in Python."""
import json
import sys

expected = json.load(open(sys.argv[1], encoding="utf-8"))["figures"]
answer = json.load(open(sys.argv[2], encoding="utf-8"))
found = {figure["figure"]: figure for figure in answer["figures"]}
wrong = []
for code, figure in expected.items():
    other = found.get(code, {})
    value, rows = int(other.get("value", 0)), int(other.get("rows", 0))
    senders = {party["party"]: int(party.get("rows", 0)) for party in other.get("parties", [])}
    if (value, rows, senders) != (figure["value"], figure["rows"], figure["senders"]):
        wrong.append(f"{code}: expected {figure}, found {value}, {rows} rows, {senders}")
wrong += [f"{code}: not expected" for code in found if code not in expected]
print("\n".join(wrong) or f"{len(expected)} figures as counted from the rows")
sys.exit(1 if wrong else 0)
