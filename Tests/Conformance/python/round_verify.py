"""Does a published round again, as Protocol/ROUND.md says and from that page alone. Standard library only.

round_verify.py FILE              says GOOD, or the line that is wrong, and why; exit code 0 or 1
round_verify.py --batch FILE      many files, each behind its length (4 bytes, big endian): one verdict a line
"""

import datetime
import hashlib
import re
import struct
import sys

FILE_BYTES = 67108864
PEOPLE, POSTS, GROUPS, ITEMS, EVIDENCE, LISTED = 20000, 20000, 40, 400, 64, 1000
CHOICES = ("list", "pick", "pass", "withdrawn")
TOKEN = re.compile(r"[A-Za-z0-9\-_./]{1,40}\Z")
NUMBER = re.compile(r"(0|-?[1-9][0-9]*)\Z")
HEX = re.compile(r"[0-9a-f]{64}\Z")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


class Wrong(Exception):
    """What is wrong, and in which line (0: none)."""

    def __init__(self, line, why):
        super().__init__(why)
        self.line = line


def digest(name, *parts):
    beginning = b"twolists.round." + name.encode() + b".1\0"
    return hashlib.sha256(beginning + b"".join(parts)).digest()


def token(text, line):
    if not TOKEN.match(text) or re.search(r"[0-9]{9}", text) or text == "-":
        raise Wrong(line, "token")
    return text


def words(text, line):
    if not 1 <= len(text.encode()) <= 400 or not text.strip():
        raise Wrong(line, "text")
    for c in map(ord, text):
        if c <= 0x1F or 0x7F <= c <= 0x9F or 0x2028 <= c <= 0x202E or 0x2066 <= c <= 0x2069:
            raise Wrong(line, "text")
    return text


def number(text, line, low, high):
    if len(text) > 10 or not NUMBER.match(text):
        raise Wrong(line, "number")
    if not low <= int(text) <= high:
        raise Wrong(line, "range")
    return int(text)


def bound(text, line):
    return None if text == "-" else number(text, line, 0, 100000)


def bytes32(text, line):
    if not HEX.match(text):
        raise Wrong(line, "hex")
    return bytes.fromhex(text)


def day(text, line):
    if not DAY.match(text):
        raise Wrong(line, "day")
    try:
        found = datetime.date.fromisoformat(text)
    except ValueError:
        raise Wrong(line, "day") from None
    if not 1900 <= found.year <= 2100:
        raise Wrong(line, "day")
    return found


class Reader:
    def __init__(self, data):
        if len(data) > FILE_BYTES:
            raise Wrong(0, "too large")
        if not data.endswith(b"\n"):
            raise Wrong(0, "last line not ended")
        self.lines, self.next = [], 0
        for count, raw in enumerate(data[:-1].split(b"\n"), 1):
            # What follows from the rest is worked out, not read.
            if raw.split(b"\t")[0] in (b"score", b"trace", b"subtotal", b"rank", b"turn", b"sheet", b"free", b"end"):
                break
            try:
                self.lines.append(raw.decode("utf-8").split("\t"))
            except UnicodeDecodeError:
                raise Wrong(count, "not UTF-8") from None

    def at(self):
        return self.next + 1

    def is_at(self, name):
        return self.next < len(self.lines) and self.lines[self.next][0] == name

    def take(self, name, count=None):
        if not self.is_at(name):
            raise Wrong(self.at(), "expected " + name)
        fields = self.lines[self.next][1:]
        if count is not None and len(fields) != count:
            raise Wrong(self.at(), "fields")
        self.next += 1
        return fields

    def many(self, name, most, one):
        found = []
        while self.is_at(name):
            if len(found) == most:
                raise Wrong(self.at(), "too many")
            found.append(one())
        return found


class Round:
    def __init__(self, data):
        r = Reader(data)
        if r.take("twolists-round", 2) != ["1", "sha-256"]:
            raise Wrong(1, "version")
        self.city = token(r.take("city", 1)[0], r.next)
        key, title = r.take("round", 2)
        self.key, self.title = token(key, r.next), words(title, r.next)
        bytes32(r.take("commitment", 1)[0], r.next)
        known, name = r.take("public", 2)
        self.known, self.public = day(known, r.next), words(name, r.next)
        self.ties = [token(code, r.next) for code in r.take("ties")]
        name, version = r.take("table", 2)
        self.table = (token(name, r.next), token(version, r.next))
        self.groups = self.keyed(r, "group", GROUPS, self.group)
        self.items = self.keyed(r, "item", ITEMS, self.item)
        if len(set(self.ties)) != len(self.ties) or any(code not in self.groups for code in self.ties):
            raise Wrong(0, "ties")
        if any(item[0] not in self.groups for item in self.items.values()):
            raise Wrong(0, "item's group")
        self.posts = self.keyed(r, "post", POSTS, self.post)
        self.people = self.keyed(r, "person", PEOPLE, self.person)
        self.frozen = day(r.take("frozen", 1)[0], r.next)
        if self.frozen >= self.known:
            raise Wrong(r.next, "frozen late")
        r.take("inputs", 1)
        self.secret = bytes32(r.take("secret", 1)[0], r.next)
        self.value = r.take("value", 1)[0]
        if not re.match(r"[\x21-\x7e]([\x20-\x7e]{0,198}[\x21-\x7e])?\Z", self.value):
            raise Wrong(r.next, "value")
        r.take("seed", 1)
        self.choices = {}
        while r.next < len(r.lines):
            self.choice(r)
        if len(self.choices) != len(self.people):
            raise Wrong(0, "somebody without a choice")

    @staticmethod
    def keyed(r, name, most, one):
        found = {}
        for key, value in r.many(name, most, lambda: one(r)):
            if key in found:
                raise Wrong(0, name + " twice")
            found[key] = value
        return dict(sorted(found.items(), key=lambda pair: pair[0].encode()))

    def group(self, r):
        code, rule, most, clause, name = r.take("group", 5)
        if rule not in ("sum", "highest"):
            raise Wrong(r.next, "rule")
        return token(code, r.next), (rule, bound(most, r.next), words(clause, r.next), words(name, r.next))

    def item(self, r):
        code, group, points, most, clause, name = r.take("item", 6)
        line = r.next
        points = number(points, line, -100000, 100000)
        return token(code, line), (group, points, bound(most, line), words(clause, line), words(name, line))

    def post(self, r):
        key, destination, seats, employer, title = r.take("post", 5)
        line = r.next
        seats = number(seats, line, 1, 1000)
        return token(key, line), (token(destination, line), seats, words(employer, line), words(title, line))

    def person(self, r):
        key, name = r.take("person", 2)
        key, name = token(key, r.next), words(name, r.next)
        evidence = r.many("evidence", EVIDENCE, lambda: self.fact(r))
        if len({(item, record) for item, _, record in evidence}) != len(evidence):
            raise Wrong(0, "evidence twice")
        return key, (name, sorted(evidence, key=lambda fact: (fact[0].encode(), fact[2].encode())))

    def fact(self, r):
        item, count, record = r.take("evidence", 3)
        if item not in self.items:
            raise Wrong(r.next, "unknown item")
        count = number(count, r.next, 1, 1000)
        return item, count, "" if record == "-" else token(record, r.next)

    def choice(self, r):
        name, fields, line = r.lines[r.next][0], r.lines[r.next][1:], r.at()
        r.next += 1
        if name not in CHOICES:
            raise Wrong(line, "not a choice")
        if not fields or fields[0] not in self.people or fields[0] in self.choices:
            raise Wrong(line, "person")
        posts = fields[1:]
        if len(posts) > LISTED or len(set(posts)) != len(posts) or any(p not in self.posts for p in posts):
            raise Wrong(line, "posts")
        if not {"list": len(posts) >= 1, "pick": len(posts) == 1}.get(name, not posts):
            raise Wrong(line, "fields")
        self.choices[fields[0]] = (name, posts)

    # What follows.

    def score(self, key):
        """Lines of the trace, the counted points of each group, the sum."""
        traces, groups, lines = {}, {}, []
        for item, count, record in self.people[key][1]:
            known = traces.setdefault(item, [0, 0])
            known[0 if record else 1] += count
        for item, (recorded, unrecorded) in sorted(traces.items(), key=lambda pair: pair[0].encode()):
            group, points, most, _, _ = self.items[item]
            gross = points * recorded
            counted = held(gross, most)
            lines.append(["trace", item, recorded, unrecorded, gross, counted])
            groups.setdefault(group, []).extend([counted] if recorded else [])
        counted_of = {}
        for group, counted in sorted(groups.items(), key=lambda pair: pair[0].encode()):
            rule, most, _, _ = self.groups[group]
            gross = sum(counted) if rule == "sum" else max(counted, default=0)
            counted_of[group] = held(gross, most)
            lines.append(["subtotal", group, gross, counted_of[group]])
        return lines, counted_of, sum(counted_of.values())

    def written(self):
        """The file as it ought to be."""
        out = [
            ["twolists-round", "1", "sha-256"], ["city", self.city], ["round", self.key, self.title],
            ["commitment", digest("commitment", self.secret).hex()],
            ["public", self.known.isoformat(), self.public], ["ties", *self.ties], ["table", *self.table],
        ]
        for code, (rule, most, clause, name) in self.groups.items():
            out.append(["group", code, rule, dash(most), clause, name])
        for code, (group, points, most, clause, name) in self.items.items():
            out.append(["item", code, group, points, dash(most), clause, name])
        for key, post in self.posts.items():
            out.append(["post", key, *post])
        for key, (name, evidence) in self.people.items():
            out.append(["person", key, name])
            out += [["evidence", item, count, record or "-"] for item, count, record in evidence]
        out.append(["frozen", self.frozen.isoformat()])
        inputs = digest("inputs", joined(out))
        seed = digest("seed", self.secret, inputs, self.value.encode())
        out += [["inputs", inputs.hex()], ["secret", self.secret.hex()], ["value", self.value], ["seed", seed.hex()]]
        out += [[self.choices[key][0], key, *self.choices[key][1]] for key in self.people]

        scores = {key: self.score(key) for key in self.people}
        for key, (lines, _, total) in scores.items():
            out += [["score", key, total], *lines]
        rank = {key: [total] + [counted.get(code, 0) for code in self.ties] for key, (_, counted, total) in scores.items()}
        drawn = {key: digest("draw", seed, key.encode()) for key in self.people}
        order = sorted(self.people, key=lambda key: ([-n for n in rank[key]], drawn[key], key.encode()))
        equals = {}
        for key in order:
            equals[tuple(rank[key])] = equals.get(tuple(rank[key]), 0) + 1
        for place, key in enumerate(order, 1):
            basis = "first"
            if place > 1:
                before = rank[order[place - 2]]
                differing = [n for n, (a, b) in enumerate(zip(before, rank[key])) if a != b]
                basis = "draw" if not differing else "score" if differing[0] == 0 else "tie:" + self.ties[differing[0] - 1]
            number_drawn = drawn[key].hex() if equals[tuple(rank[key])] > 1 else "-"
            out.append(["rank", place, key, self.people[key][0], rank[key][0], basis, number_drawn])

        free = {key: post[1] for key, post in self.posts.items()}
        turns, sheets = [], []
        for place, key in enumerate(order, 1):
            name, posts = self.choices[key]
            wish, got, how = "-", "-", {"pick": "live", "list": "exhausted"}.get(name, name)
            if name == "pick":
                got = posts[0]
                if not free[got]:
                    raise Wrong(0, "a post picked that was taken")
            elif name == "list":
                wish = next((n for n, post in enumerate(posts, 1) if free[post]), "-")
                if wish != "-":
                    got, how = posts[wish - 1], "list"
            turns.append(["turn", place, key, how, got, wish])
            if got != "-":
                free[got] -= 1
                destination, _, employer, title = self.posts[got]
                sheet = [len(sheets) + 1, key, self.people[key][0], place, rank[key][0], got, destination, employer, title]
                check = digest("sheet", seed, "\t".join(map(str, sheet)).encode()).hex()[:10]
                sheets.append(["sheet", *sheet, check])
        out += turns + sheets + [["free", key, seats] for key, seats in free.items() if seats]
        body = joined(out)
        return body + joined([["end", digest("file", body).hex()]])


def held(tenths, most):
    return tenths if most is None else max(-most, min(tenths, most))


def dash(most):
    return "-" if most is None else most


def joined(lines):
    return b"".join("\t".join(map(str, line)).encode() + b"\n" for line in lines)


def verdict(data):
    """GOOD; READ and why; or DIFFERS with line and record of the first difference."""
    try:
        again = Round(data).written()
    except Wrong as wrong:
        return "READ %d %s" % (wrong.line, wrong)
    if again == data:
        return "GOOD"
    # Both end with a line feed: what stands behind it is no line, an empty line before it is one.
    found, expected = data[:-1].split(b"\n"), again[:-1].split(b"\n")
    line = next((n for n, (a, b) in enumerate(zip(found, expected)) if a != b), min(len(found), len(expected)))
    record = expected[line] if line < len(expected) else b"end"
    return "DIFFERS %d %s" % (line + 1, record.split(b"\t")[0].decode())


def main(words_given):
    if len(words_given) == 2 and words_given[0] == "--batch":
        data = open(words_given[1], "rb").read()
        while data:
            (size,) = struct.unpack(">I", data[:4])
            print(verdict(data[4:4 + size]))
            data = data[4 + size:]
        return 0
    found = verdict(open(words_given[0], "rb").read())
    print(found)
    return 0 if found == "GOOD" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
