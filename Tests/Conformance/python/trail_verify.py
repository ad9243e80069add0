#!/usr/bin/env python3
"""Checks exported audit trails, written from Protocol/TRAIL.md (and the parts of RECEIPT.md it names) alone.

    trail_verify.py FILE --ca FILE          one export; prints GOOD or the first check that failed and the records it names
    trail_verify.py --batch FILE --ca FILE  many: one verdict a line, with the records named, as CHANGED:7,MISSING:9

A batch is a row of exports, each with its length in four bytes, big endian, in front.
"""
import argparse
import sys

import receipt_verify as receipts
from receipt_verify import Checkpoint, Failed, digest, require

FIRST_LINE = b"twolists-trail/1\n"
MESSAGE = 2 << 20


# --- protobuf ---------------------------------------------------------------------------------------------------------

def varint(data, at, longest=10):
    value = shift = 0
    while True:
        require(at < len(data), "FORM", "a number is cut off")
        require(shift < 7 * longest, "FORM", "a number is too long")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value & (1 << 64) - 1, at


def tag_of(data, at):
    tag, at = varint(data, at, longest=5)
    require(tag < 1 << 32 and tag >> 3 > 0, "FORM", "tag")
    return tag >> 3, tag & 7, at


def skip_group(data, at, number):
    """To behind the end of the group whose start has been read."""
    opened = [number]
    while opened:
        require(len(opened) <= 100, "FORM", "too deep")
        inner, kind, at = tag_of(data, at)
        if kind == 3:
            opened.append(inner)
        elif kind == 4:
            require(opened.pop() == inner, "FORM", "another group ends")
        else:
            _, at = value_of(data, at, inner, kind)
    return at


def value_of(data, at, number, kind):
    if kind == 0:
        return varint(data, at)
    if kind == 2:
        length, at = varint(data, at)
        require(length <= len(data) - at, "FORM", "a field is cut off")
        return data[at : at + length], at + length
    if kind == 3:
        return None, skip_group(data, at, number)
    require(kind in (1, 5), "FORM", "wire type")
    at += 8 if kind == 1 else 4
    require(at <= len(data), "FORM", "a field is cut off")
    return None, at


def decoded(data, numbers=(), strings=()):
    """Number -> values: integers for `numbers`, bytes for all others; what has another wire type is unknown."""
    found, at = {}, 0
    while at < len(data):
        number, kind, at = tag_of(data, at)
        value, at = value_of(data, at, number, kind)
        if kind == (0 if number in numbers else 2):
            if number in strings:
                try:
                    value.decode("utf-8")
                except UnicodeDecodeError:
                    raise Failed("FORM", "not UTF-8") from None
            found.setdefault(number, []).append(value)
    return found


def last(found, number, nothing=b""):
    return found.get(number, [nothing])[-1]


# --- the file ---------------------------------------------------------------------------------------------------------

def messages(data):
    require(data.startswith(FIRST_LINE), "FORM", "first line")
    at = len(FIRST_LINE)
    while at < len(data):
        length, at = varint(data, at, longest=4)
        require(length <= MESSAGE, "FORM", "a message is too long")
        require(length <= len(data) - at, "FORM", "cut off")
        yield data[at : at + length]
        at += length


class Head:
    def __init__(self, data):
        found = decoded(data, numbers=(1, 2), strings=(4,))
        self.first, self.last = last(found, 1, 0), last(found, 2, 0)
        # Of a message that comes more than once the parts are merged: the same as reading them joined.
        signed = decoded(b"".join(found.get(9, [])))
        self.signatures = [decoded(s, strings=(1,)) for s in signed.get(2, [])]
        self.checkpoint = Checkpoint(last(signed, 1))
        one = self.signatures[0] if self.signatures else {}
        again = [last(found, n) for n in (3, 4, 5, 6)]
        said = [self.checkpoint.data] + [last(one, n) for n in (1, 2, 3)]
        require(again == said, "FORM", "the checkpoint is said twice, and not the same")
        require(1 <= self.first <= self.last <= self.checkpoint.size <= 1 << 62, "FORM", "range")
        self.first_path, self.last_path = found.get(7, []), found.get(8, [])
        for path in (self.first_path, self.last_path):
            require(len(path) <= 64 and all(len(p) == 32 for p in path), "FORM", "path")


class Record:
    def __init__(self, data, checkpoint):
        found = decoded(data, numbers=(1, 2, 3, 5))
        kind, self.sequence = last(found, 1, 0) & 0xFFFFFFFF, last(found, 2, 0)
        time, outcome = last(found, 3, 0), last(found, 5, 0) & 0xFFFFFFFF
        command, envelope, body, self.said = (last(found, n) for n in (4, 6, 7, 8))
        require(1 <= kind <= 65535 and kind != 2, "FORM", "record type")
        require(len(command) == 16 and len(envelope) == 32 and len(self.said) == 32, "FORM", "record")
        leaf = b"TLL1" + bytes([checkpoint.algorithm, 0]) + kind.to_bytes(2, "little") + checkpoint.store
        leaf += self.sequence.to_bytes(8, "little") + time.to_bytes(8, "little") + command
        leaf += outcome.to_bytes(4, "little") + bytes(4) + envelope + digest(checkpoint.algorithm, body)
        self.hash = digest(checkpoint.algorithm, b"\0", leaf)


# --- the checks -------------------------------------------------------------------------------------------------------

def order_faults(sequences, first, final):
    faults, seen, highest = [], set(), 0
    for sequence in sequences:
        if not first <= sequence <= final:
            faults.append((sequence, "ADDED"))
            continue
        if sequence in seen:
            faults.append((sequence, "REPEATED"))
            continue
        seen.add(sequence)
        if sequence < highest:
            faults.append((sequence, "MOVED"))
        highest = max(highest, sequence)
    following = first
    for sequence in sorted(seen) + [final + 1]:
        for missing in range(following, min(sequence, following + 101)):
            faults.append((missing, "MISSING"))
        following = sequence + 1
    return faults


def largest_power_below(size):
    return 1 << (size - 1).bit_length() - 1


def sides(path, index, size):
    """Hashes left and right of the way from the root to the leaf, from the root down; None: the path has another length."""
    left, right, start = [], [], 0
    for node in reversed(path):
        if size == 1:
            return None
        k = largest_power_below(size)
        if index - start < k:
            right.append(node)
            size = k
        else:
            left.append(node)
            start, size = start + k, size - k
    return (left, right) if size == 1 else None


def range_root(algorithm, size, first, hashes, first_path, last_path):
    start, end = first - 1, first - 1 + len(hashes)
    head, tail = sides(first_path, start, size), sides(last_path, end - 1, size)
    if head is None or tail is None:
        return None
    before, after = head[0][::-1], tail[1]  # popped from the end: from the root down, from the root up

    def root(at, count):
        if at + count <= start:
            return before.pop() if before else None
        if at >= end:
            return after.pop() if after else None
        if count == 1:
            return hashes[at - start]
        k = largest_power_below(count)
        left = root(at, k)
        right = root(at + k, count - k) if left else None
        return digest(algorithm, b"\1", left, right) if left and right else None

    made = root(0, size)
    return made if not before and not after else None


def verify(data, authorities):
    """Raises Failed(name, why, faults)."""
    parts = messages(data)
    first = next(parts, None)
    require(first is not None, "FORM", "no head")
    head = Head(first)
    records = [Record(part, head.checkpoint) for part in parts]
    order = order_faults([r.sequence for r in records], head.first, head.last)
    changed = [(r.sequence, "CHANGED") for r in records if r.hash != r.said]
    for name, faults in (("ORDER", order), ("RECORD", changed)):
        if faults:
            raise Failed(name, "the records named", sorted(order + changed))
    algorithm = head.checkpoint.algorithm
    root = range_root(
        algorithm, head.checkpoint.size, head.first, [r.hash for r in records], head.first_path, head.last_path)
    require(root == head.checkpoint.root, "RANGE", "the records do not lead to the root")
    for record, path in ((records[0], head.first_path), (records[-1], head.last_path)):
        leads = receipts.includes_hash(
            algorithm, record.hash, record.sequence - 1, head.checkpoint.size, path, head.checkpoint.root)
        require(leads, "RANGE", "a path does not lead to the root")
    receipts.check_signatures(head.checkpoint, head.signatures, authorities)
    return head


def verdict(data, authorities):
    try:
        verify(data, authorities)
        return "GOOD"
    except Failed as failed:
        faults = failed.args[2] if len(failed.args) > 2 else []
        return " ".join([failed.args[0]] + [",".join(f"{name}:{n}" for n, name in faults)] * bool(faults))


def main():
    parser = argparse.ArgumentParser(description="Checks exported audit trails (Protocol/TRAIL.md).")
    parser.add_argument("trail", nargs="?")
    parser.add_argument("--ca", required=True)
    parser.add_argument("--batch")
    options = parser.parse_args()
    authorities = receipts.load_authorities(options.ca)
    if options.batch:
        data, at = receipts.read(options.batch), 0
        while at < len(data):
            length = int.from_bytes(data[at : at + 4], "big")
            print(verdict(data[at + 4 : at + 4 + length], authorities))
            at += 4 + length
        return
    if not options.trail:
        parser.error("FILE or --batch")
    said = verdict(receipts.read(options.trail), authorities)
    print(said)
    sys.exit(0 if said == "GOOD" else 1)


if __name__ == "__main__":
    main()
