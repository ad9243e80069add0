"""Writes everything.txt: the vectors of the proto3 binary codec, over everything.proto.

Input and verdict stand here by hand, from the list of what protobuf's conformance suite checks for proto3 binary. The
canonical encoding is what Protocol Buffers' own library gives, and its verdict must be ours: a disagreement is printed.

usage: make.py DESCRIPTOR_SET > everything.txt    (needs Tests/WireTests/requirements.txt; see README.md)
"""
import struct
import sys

import oracle

VECTORS = []
NAMES = set()


def vector(name, data, error=None, verbatim=False):
    """`verbatim`: we keep the bytes as they came where the library writes them anew. A deliberate difference."""
    assert name not in NAMES, name
    NAMES.add(name)
    VECTORS.append((name, data, error, verbatim))


def varint(value, length=0):
    """`length` pads with overlong bytes."""
    out = bytearray()
    value &= (1 << 64) - 1
    while value >= 0x80 or len(out) + 1 < length:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def tag(number, wire):
    return varint(number << 3 | wire)


def delimited(number, data):
    return tag(number, 2) + varint(len(data)) + data


def v(number, value, length=0):
    return tag(number, 0) + varint(value, length)


VARINT, FIXED64, DELIMITED, START, END, FIXED32 = 0, 1, 2, 3, 4, 5

# Name, singular field, repeated packed field, repeated unpacked field, wire type, sample encodings of elements.
SCALARS = [
    ("int32", 1, 31, 51, VARINT),
    ("int64", 2, 32, None, VARINT),
    ("uint32", 3, 33, None, VARINT),
    ("uint64", 4, 34, None, VARINT),
    ("sint32", 5, 35, None, VARINT),
    ("sint64", 6, 36, 52, VARINT),
    ("fixed32", 7, 37, 53, FIXED32),
    ("fixed64", 8, 38, None, FIXED64),
    ("sfixed32", 9, 39, None, FIXED32),
    ("sfixed64", 10, 40, None, FIXED64),
    ("float", 11, 41, None, FIXED32),
    ("double", 12, 42, 54, FIXED64),
    ("bool", 13, 43, 55, VARINT),
    ("enum", 16, 46, 56, VARINT),
]
DELIMITEDS = [("string", 14, 44), ("bytes", 15, 45), ("message", 18, 48)]
UNKNOWN = 666

WHOLE = {VARINT: b"\x01", FIXED32: b"\x01\x02\x03\x04", FIXED64: b"\x01\x02\x03\x04\x05\x06\x07\x08"}
CUT = {VARINT: b"\x80", FIXED32: b"\x01\x02\x03", FIXED64: b"\x01\x02\x03\x04\x05\x06\x07"}


def premature_end():
    for name, single, packed, _, wire in SCALARS:
        for place, number in (("known", single), ("known-repeated", packed), ("unknown", UNKNOWN)):
            if place == "unknown" and name not in ("int32", "fixed32", "fixed64"):
                continue
            vector(f"end.before.{place}.{name}", tag(number, wire), "truncated")
            vector(f"end.inside.{place}.{name}", tag(number, wire) + CUT[wire], "truncated")
        vector(f"end.packed.{name}", tag(packed, 2) + varint(2 * len(WHOLE[wire])) + WHOLE[wire], "truncated")
        kind = "truncated" if wire == VARINT else "packedLength"
        vector(f"end.packed-only-element.{name}", delimited(packed, CUT[wire]), kind)
        vector(f"end.packed-element.{name}", delimited(packed, WHOLE[wire] + CUT[wire]), kind)
    # What follows the region would complete the element, or make a field of it: it must not.
    vector("end.packed-element-completed-outside", delimited(31, b"\xf8\xff") + b"\xff\xff\x0f\x01", "truncated")
    for name, single, repeated in DELIMITEDS:
        for place, number in (("known", single), ("known-repeated", repeated), ("unknown", UNKNOWN)):
            if place == "unknown" and name != "bytes":
                continue
            vector(f"end.before-length.{place}.{name}", tag(number, 2), "truncated")
            vector(f"end.inside-length.{place}.{name}", tag(number, 2) + b"\x80", "truncated")
            vector(f"end.before-data.{place}.{name}", tag(number, 2) + b"\x01", "truncated")
            vector(f"end.inside-data.{place}.{name}", tag(number, 2) + b"\x03\x08\x01", "truncated")
    vector("end.inside-submessage", delimited(18, tag(1, 0)), "truncated")
    vector("end.inside-submessage-value", delimited(18, tag(1, 0) + b"\x80") + v(1, 1), "truncated")
    vector("end.submessage-string-beyond-message", delimited(18, tag(2, 2) + b"\x02a") + b"b", "truncated")
    vector("end.inside-map-entry", delimited(61, tag(1, 0)), "truncated")
    vector("end.inside-tag", b"\x80", "truncated")
    vector("end.inside-long-tag", b"\xf8\xff", "truncated")


def illegal_tags():
    vector("tag.zero", b"\x00\x01", "fieldNumberZero")
    for wire in (1, 2, 5):
        vector(f"tag.zero.wire-{wire}", bytes([wire]) + bytes(8), "fieldNumberZero")
    vector("tag.zero.group", b"\x03\x04", "fieldNumberZero")
    vector("tag.zero.overlong", b"\x80\x00\x01", "fieldNumberZero")
    vector("tag.highest", varint((2**29 - 1) << 3) + b"\x07")
    vector("tag.slightly-too-high", b"\x88\x80\x80\x80\x10\x01", "tagTooLarge")
    vector("tag.too-high", b"\xff\xff\xff\xff\x7f\x01", "tagTooLarge")
    vector("tag.six-bytes", b"\x88\x80\x80\x80\x80\x00\x01", "tagTooLarge")
    vector("tag.more-than-ten-bytes", b"\x88" + b"\x80" * 10 + b"\x00\x01", "tagTooLarge")
    vector("tag.overlong-three-bytes", b"\x88\x80\x00\x05")
    vector("tag.overlong-five-bytes", b"\x88\x80\x80\x80\x00\x05")
    for number in (1, 14, 18, UNKNOWN, 2**29 - 1):
        for wire in (6, 7):
            vector(f"tag.wire-type-{wire}.field-{number}", tag(number, wire) + bytes(8), "unknownWireType")
    vector("tag.wire-type-6.in-submessage", delimited(18, tag(1, 6) + b"\x01"), "unknownWireType")
    vector("tag.wire-type-7.in-group", tag(UNKNOWN, 3) + tag(1, 7) + tag(UNKNOWN, 4), "unknownWireType")


def groups():
    start, end = tag(UNKNOWN, START), tag(UNKNOWN, END)
    other = tag(UNKNOWN + 1, END)
    vector("group.empty", start + end)
    vector("group.with-fields", start + v(1, 5) + delimited(2, b"text") + tag(3, 5) + bytes(4) + tag(4, 1) + bytes(8) + end)
    vector("group.nested", start + tag(5, START) + v(1, 1) + tag(5, END) + end)
    vector("group.nested-same-number", start + start + end + end)
    vector("group.siblings", start + tag(5, START) + tag(5, END) + tag(6, START) + tag(6, END) + end)
    vector("group.with-data-after", start + end + v(1, 5))
    vector("group.with-data-before", v(1, 5) + start + end)
    vector("group.of-known-number", tag(1, START) + v(1, 5) + tag(1, END))
    vector("group.of-known-message-number", tag(18, START) + v(1, 5) + tag(18, END))
    vector("group.end-alone", end, "unmatchedEndGroup")
    vector("group.end-alone-of-known", tag(1, END), "unmatchedEndGroup")
    vector("group.end-alone-after-data", v(1, 5) + end, "unmatchedEndGroup")
    vector("group.start-alone", start, "truncated")
    vector("group.start-alone-with-data", start + v(1, 5), "truncated")
    vector("group.wrong-number", start + other, "unmatchedEndGroup")
    vector("group.crossed", start + tag(5, START) + end + tag(5, END), "unmatchedEndGroup")
    vector("group.inner-open", start + tag(5, START) + end, "unmatchedEndGroup")
    vector("group.start-in-submessage", delimited(18, start) + end, "truncated")
    vector("group.end-in-submessage", delimited(18, end), "unmatchedEndGroup")
    vector("group.whole-in-submessage", delimited(18, start + v(1, 1) + end))
    vector("group.end-in-packed", delimited(31, b"\x05") + end, "unmatchedEndGroup")
    vector("group.bytes-like-end-inside", start + delimited(3, end) + end)


def scalars():
    edge = {
        "int32": [0, 1, -1, 2**31 - 1, -(2**31), 2**31, 2**32 - 1, 2**33, 2**63 - 1, -(2**63), 12345],
        "int64": [0, 1, -1, 2**63 - 1, -(2**63), 12345],
        "uint32": [0, 1, 2**32 - 1, 2**32, 2**33, 2**63 - 1, 2**64 - 1],
        "uint64": [0, 1, 2**64 - 1, 2**63, 12345],
        "sint32": [0, 1, 2, 3, 2**32 - 1, 2**32 - 2, 2 * (2**31 + 1), 2**33, 2**64 - 1],
        "sint64": [0, 1, 2, 3, 2**64 - 1, 2**64 - 2, 12345],
        "bool": [0, 1, 2, 2**32, 2**33, 2**63, 2**64 - 1],
        "enum": [0, 1, 5, 2**31 - 1, -1, -2, 2**31, 2**33, 2**33 + 1, 2**63 - 1],
    }
    for name, single, packed, unpacked, wire in SCALARS:
        if wire != VARINT:
            continue
        for value in edge[name]:
            vector(f"varint.{name}.{value}", v(single, value))
        for length in (2, 5, 7, 10):
            vector(f"varint.{name}.overlong-{length}-zero", v(single, 0, length))
            vector(f"varint.{name}.overlong-{length}", v(single, 1, length))
        vector(f"varint.{name}.eleven-bytes", tag(single, 0) + b"\x80" * 10 + b"\x01", "varintTooLong")
        vector(f"varint.{name}.tenth-byte-high-bits", tag(single, 0) + b"\xff" * 9 + b"\x7f")
        vector(f"varint.{name}.repeated-edges", delimited(packed, b"".join(varint(x) for x in edge[name])))
    vector("varint.int32.five-bytes-all-ones", bytes.fromhex("08ffffffff0f"))
    vector("varint.unknown.eleven-bytes", tag(UNKNOWN, 0) + b"\x80" * 10 + b"\x01", "varintTooLong")
    vector("varint.overlong-12345-7", v(1, 12345, 7))
    for name, single, *_, wire in SCALARS:
        if wire == FIXED32:
            for bits in (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x00000001, 0x007FFFFF, 0x7F800000, 0xFF800000, 0x3F800000):
                if f"fixed.{name}.{bits:08x}" not in NAMES:
                    vector(f"fixed.{name}.{bits:08x}", tag(single, 5) + struct.pack("<I", bits))
        if wire == FIXED64:
            for bits in (0, 1, 2**63 - 1, 2**63, 2**64 - 1, 0x000FFFFFFFFFFFFF, 0x7FF0000000000000, 0xFFF0000000000000):
                vector(f"fixed.{name}.{bits:016x}", tag(single, 1) + struct.pack("<Q", bits))
    vector("float.negative-zero", tag(11, 5) + struct.pack("<f", -0.0))
    vector("double.negative-zero", tag(12, 1) + struct.pack("<d", -0.0))
    vector("double.negative-zero-packed", delimited(42, struct.pack("<d", -0.0)))
    vector("float.quiet-nan", tag(11, 5) + bytes.fromhex("0000c07f"))
    vector("double.quiet-nan", tag(12, 1) + bytes.fromhex("000000000000f87f"))


def selects_last():
    for name, single, packed, unpacked, wire in SCALARS:
        first, last = WHOLE[wire], bytes([2]) + bytes(len(WHOLE[wire]) - 1)
        vector(f"last-wins.{name}", tag(single, wire) + first + tag(single, wire) + last)
        vector(f"last-wins.{name}.default", tag(single, wire) + first + tag(single, wire) + bytes(len(first)))
        vector(f"wrong-wire.{name}", tag(single, 1 if wire != 1 else 0) + (bytes(8) if wire != 1 else b"\x05"))
        vector(f"wrong-wire.{name}.delimited", delimited(single, b"\x01\x02"))
    vector("last-wins.string", delimited(14, b"a") + delimited(14, b"b"))
    vector("last-wins.string.empty", delimited(14, b"a") + delimited(14, b""))
    vector("last-wins.bytes", delimited(15, b"a") + delimited(15, b"\xff\x00"))
    vector("wrong-wire.string", v(14, 5))
    vector("wrong-wire.message", tag(18, 5) + bytes(4))
    vector("wrong-wire.repeated-string", v(44, 5))
    vector("wrong-wire.packed-as-fixed", tag(31, 5) + bytes(4))
    vector("wrong-wire.oneof", delimited(81, b"x") + v(83, 1))
    vector("wrong-wire.map", v(61, 1))


def messages():
    vector("merge.scalars", delimited(18, v(1, 5)) + delimited(18, delimited(2, b"x")))
    vector("merge.last-wins-inside", delimited(18, v(1, 5)) + delimited(18, v(1, 6)))
    vector("merge.empty-keeps", delimited(18, v(1, 5)) + delimited(18, b""))
    vector("merge.repeated-inside", delimited(17, v(3, 1)) + delimited(17, delimited(3, b"\x02\x03")))
    vector("merge.two-levels", delimited(17, delimited(2, v(1, 5))) + delimited(17, delimited(2, v(2, 6)) + v(1, 1)))
    vector("merge.recursive", delimited(121, v(1, 5)) + delimited(121, v(2, 6)))
    vector("merge.optional", delimited(27, v(1, 5)) + delimited(27, delimited(2, b"x")))
    vector("merge.map-inside", delimited(121, delimited(61, v(1, 1) + v(2, 1))) + delimited(121, delimited(61, v(1, 1) + v(2, 2)) + delimited(61, v(1, 3))))
    vector("merge.unknown-inside", delimited(18, v(9, 5)) + delimited(18, v(9, 6)))
    vector("message.empty", delimited(18, b""))
    vector("message.of-defaults", delimited(18, v(1, 0) + delimited(2, b"")))
    vector("message.repeated", delimited(48, v(1, 1)) + delimited(48, b"") + delimited(48, v(1, 2)))
    vector("message.out-of-order", v(2048, 3) + v(2, 2) + v(1, 1))
    vector("message.nothing", b"")


def presence():
    vector("optional.int32.zero", v(21, 0))
    vector("optional.string.empty", delimited(22, b""))
    vector("optional.bytes.empty", delimited(23, b""))
    vector("optional.enum.zero", v(24, 0))
    vector("optional.double.zero", tag(25, 1) + bytes(8))
    vector("optional.bool.false", v(26, 0))
    vector("optional.message.empty", delimited(27, b""))
    vector("optional.int32.negative", v(21, -1))
    vector("optional.last-wins", v(21, 5) + v(21, 0))
    vector("default.not-written", v(1, 0) + v(13, 0) + v(16, 0) + delimited(14, b"") + delimited(15, b"") + tag(11, 5) + bytes(4))


def repeated():
    for name, single, packed, unpacked, wire in SCALARS:
        one = WHOLE[wire]
        two = bytes([2]) + bytes(len(one) - 1)
        vector(f"packed.{name}", delimited(packed, one + two))
        vector(f"packed.{name}.given-unpacked", tag(packed, wire) + one + tag(packed, wire) + two)
        vector(f"packed.{name}.given-mixed", tag(packed, wire) + one + delimited(packed, two + one) + tag(packed, wire) + two)
        vector(f"packed.{name}.empty", delimited(packed, b""))
        vector(f"packed.{name}.with-defaults", delimited(packed, bytes(len(one)) + one))
        if unpacked:
            vector(f"unpacked.{name}", tag(unpacked, wire) + one + tag(unpacked, wire) + two)
            vector(f"unpacked.{name}.given-packed", delimited(unpacked, one + two))
            vector(f"unpacked.{name}.given-mixed", tag(unpacked, wire) + one + delimited(unpacked, two + one))
            vector(f"unpacked.{name}.zero", tag(unpacked, wire) + bytes(len(one)))
    vector("packed.overlong-elements", delimited(31, varint(1, 5) + varint(2, 10) + varint(0, 2)))
    vector("packed.element-of-eleven-bytes", delimited(31, b"\x80" * 10 + b"\x01"), "varintTooLong")
    vector("packed.length-overlong", tag(31, 2) + varint(2, 3) + b"\x01\x02")
    vector("repeated.string", delimited(44, b"a") + delimited(44, b"") + delimited(44, b"a"))
    vector("repeated.bytes", delimited(45, b"\xff") + delimited(45, b""))


def maps():
    k, val = v(1, 7), v(2, 9)
    vector("map.entry", delimited(61, k + val))
    vector("map.empty-entry", delimited(61, b""))
    vector("map.missing-key", delimited(61, val))
    vector("map.missing-value", delimited(61, k))
    vector("map.value-before-key", delimited(61, val + k))
    vector("map.duplicate-key", delimited(61, k + val) + delimited(61, k + v(2, 10)))
    vector("map.duplicate-key-in-entry", delimited(61, k + v(1, 8) + val))
    vector("map.duplicate-value-in-entry", delimited(61, k + val + v(2, 10)))
    vector("map.sorted", b"".join(delimited(61, v(1, x) + v(2, 1)) for x in (5, -1, 0, 3, -(2**31))))
    vector("map.sorted-unsigned", b"".join(delimited(64, v(1, x) + v(2, 1)) for x in (2**64 - 1, 0, 2**63)))
    vector("map.sorted-bool", delimited(73, v(1, 1) + v(2, 1)) + delimited(73, v(1, 0) + v(2, 1)))
    keys = ["b", "a", "", "ab", "\u00e9", "e\u0301", "双", "\U0001f600", "\uffee"]
    vector("map.sorted-by-bytes", b"".join(delimited(74, delimited(1, x.encode()) + delimited(2, b"v")) for x in keys))
    vector("map.canonically-equal-keys", b"".join(delimited(74, delimited(1, x.encode()) + delimited(2, b"v")) for x in ["\u00e9", "e\u0301"]))
    vector("map.message-missing-value", delimited(76, delimited(1, b"k")))
    vector("map.message-overwritten-between-entries", delimited(76, delimited(1, b"k") + delimited(2, v(1, 2))) + delimited(76, delimited(1, b"k") + delimited(2, v(3, 4))))
    vector("map.message-merged-in-entry", delimited(76, delimited(1, b"k") + delimited(2, v(1, 2)) + delimited(2, v(3, 4))))
    vector("map.enum-unknown", delimited(77, delimited(1, b"k") + v(2, 55)))
    vector("map.unknown-in-entry", delimited(61, k + val + v(3, 1)))
    vector("map.unknown-in-entry-beside-good", delimited(61, v(1, 1) + val) + delimited(61, k + val + v(3, 1)))
    vector("map.wrong-wire-key", delimited(61, tag(1, 5) + bytes(4) + val), verbatim=True)
    vector("map.wrong-wire-value", delimited(61, k + delimited(2, b"x")))
    vector("map.group-in-entry", delimited(61, k + tag(3, 3) + tag(3, 4) + val), verbatim=True)
    vector("map.key-truncated-to-32-bits", delimited(61, v(1, 2**33 + 7) + val) + delimited(61, k + v(2, 11)))
    vector("map.unpacked-value-not-packed", delimited(61, k + delimited(2, b"\x01")))
    names = [("int32", 61), ("int64", 62), ("uint32", 63), ("uint64", 64), ("sint32", 65), ("sint64", 66)]
    for name, number in names:
        vector(f"map.{name}", delimited(number, v(1, 5) + v(2, 6)))
        vector(f"map.{name}.defaults", delimited(number, b""))
    for name, number, wire in (("fixed32", 67, 5), ("fixed64", 68, 1), ("sfixed32", 69, 5), ("sfixed64", 70, 1)):
        one = WHOLE[wire]
        vector(f"map.{name}", delimited(number, tag(1, wire) + one + tag(2, wire) + one))
        vector(f"map.{name}.defaults", delimited(number, b""))
    vector("map.float", delimited(71, v(1, 5) + tag(2, 5) + struct.pack("<f", -0.0)))
    vector("map.double", delimited(72, v(1, 5) + tag(2, 1) + struct.pack("<d", 1.5)))
    vector("map.bytes", delimited(75, delimited(1, b"k") + delimited(2, b"\xff\xfe")))
    vector("map.small", delimited(78, v(1, 5) + delimited(2, v(1, 1))))


def oneofs():
    members = [
        ("uint32", v(81, 5), v(81, 0)),
        ("nested", delimited(82, v(1, 2)), delimited(82, b"")),
        ("string", delimited(83, b"x"), delimited(83, b"")),
        ("bytes", delimited(84, b"\xff"), delimited(84, b"")),
        ("bool", v(85, 1), v(85, 0)),
        ("uint64", v(86, 5), v(86, 0)),
        ("float", tag(87, 5) + struct.pack("<f", 1.5), tag(87, 5) + bytes(4)),
        ("double", tag(88, 1) + struct.pack("<d", 1.5), tag(88, 1) + bytes(8)),
        ("enum", v(89, 1), v(89, 0)),
        ("small", delimited(90, v(1, 5)), delimited(90, b"")),
    ]
    for name, some, zero in members:
        vector(f"oneof.{name}", some)
        vector(f"oneof.{name}.default", zero)
        vector(f"oneof.{name}.last-wins", some + zero)
        vector(f"oneof.{name}.after-other", members[0][1] + members[1][1] + some)
        vector(f"oneof.{name}.before-other", some + members[2][1])
    nested = delimited(82, v(1, 2))
    vector("oneof.same-message-merges", nested + delimited(82, v(3, 7)))
    vector("oneof.message-other-message", nested + delimited(90, b"") + delimited(82, v(3, 7)))
    vector("oneof.message-scalar-message", nested + v(81, 1) + delimited(82, v(3, 7)))
    vector("oneof.scattered.order", v(113, 1) + v(112, 2))
    vector("oneof.scattered.early", delimited(111, b"x") + v(112, 2))
    vector("oneof.two-at-once", v(81, 1) + v(113, 1))


def text():
    good = {
        "ascii": b"plain text of more than fifteen bytes",
        "chinese": "提报双拥需求，请地方协助解决。".encode(),
        "nul": b"a\x00b",
        "fffe": "\ufffe".encode(),
        "last": b"\xf4\x8f\xbf\xbf",
        "crlf": b"a\r\nb",
        "decomposed": "e\u0301".encode(),
        "bom": "\ufeffa".encode(),
    }
    bad = {
        "lone-continuation": b"\x80",
        "lone-start": b"\xc3",
        "overlong-2": b"\xc0\x80",
        "overlong-3": b"\xe0\x80\x80",
        "overlong-4": b"\xf0\x80\x80\x80",
        "surrogate-high": b"\xed\xa0\x80",
        "surrogate-low": b"\xed\xbf\xbf",
        "beyond-unicode": b"\xf4\x90\x80\x80",
        "f5": b"\xf5\x80\x80\x80",
        "ff": b"\xff",
        "cut-chinese": "双".encode()[:2],
        # A decoder that repairs puts one U+FFFD here, which has three bytes too.
        "repair-of-same-length": b"\xf0\x9f\x98",
        "repair-of-same-length-inside": b"abc\xf0\x9f\x98and some text after it",
        "latin1-after-ascii": b"a long run of ascii, then one byte \xe9 of latin-1",
    }
    for name, data in good.items():
        vector(f"utf8.{name}", delimited(14, data))
    for name, data in bad.items():
        vector(f"utf8.bad.{name}", delimited(14, data), "invalidUTF8")
        vector(f"bytes.not-checked.{name}", delimited(15, data))
    one = b"\xed\xa0\x80"
    vector("utf8.bad.repeated", delimited(44, b"ok") + delimited(44, one), "invalidUTF8")
    vector("utf8.bad.optional", delimited(22, one), "invalidUTF8")
    vector("utf8.bad.oneof", delimited(83, one), "invalidUTF8")
    vector("utf8.bad.map-key", delimited(74, delimited(1, one)), "invalidUTF8")
    vector("utf8.bad.map-value", delimited(74, delimited(2, one)), "invalidUTF8")
    vector("utf8.bad.in-submessage", delimited(18, delimited(2, one)), "invalidUTF8")
    vector("utf8.not-checked.unknown", delimited(UNKNOWN, one))


def lengths():
    for name, number in (("string", 14), ("bytes", 15), ("message", 18), ("packed", 31), ("map", 61), ("unknown", UNKNOWN)):
        vector(f"length.{name}.2^63", tag(number, 2) + varint(2**63), "lengthTooLarge")
        vector(f"length.{name}.2^64-1", tag(number, 2) + varint(2**64 - 1), "lengthTooLarge")
        vector(f"length.{name}.2^32-1", tag(number, 2) + varint(2**32 - 1), "lengthTooLarge")
        vector(f"length.{name}.2^31", tag(number, 2) + varint(2**31), "lengthTooLarge")
        vector(f"length.{name}.2^31-1", tag(number, 2) + varint(2**31 - 1), "truncated")
        vector(f"length.{name}.one-too-many", tag(number, 2) + varint(2) + b"\x08", "truncated")
        vector(f"length.{name}.overlong", tag(number, 2) + varint(2, 4) + b"\x08\x01")


def unknown():
    vector("unknown.varint", v(UNKNOWN, 5))
    vector("unknown.varint-overlong", v(UNKNOWN, 5, 6))
    vector("unknown.fixed32", tag(UNKNOWN, 5) + b"\x01\x02\x03\x04")
    vector("unknown.fixed64", tag(UNKNOWN, 1) + bytes(8))
    vector("unknown.delimited", delimited(UNKNOWN, b"\x00\xff"))
    vector("unknown.order", v(700, 1) + v(UNKNOWN, 2) + v(700, 3) + v(1, 4) + delimited(UNKNOWN, b"x"))
    vector("unknown.in-submessage", delimited(18, v(UNKNOWN, 5)))
    vector("unknown.enum", v(16, 77))
    vector("unknown.enum-repeated", delimited(46, varint(77) + varint(1)))
    vector("unknown.overlong-tag-kept", b"\xd0\xa9\x80\x00\x05")


def depth():
    def nested(levels, inner=b""):
        for _ in range(levels):
            inner = delimited(121, inner)
        return inner

    def grouped(levels):
        return tag(5 + UNKNOWN, 3) * levels + tag(5 + UNKNOWN, 4) * levels

    vector("depth.messages.100", nested(100))
    vector("depth.messages.101", nested(101), "tooDeep")
    vector("depth.groups.100", grouped(100))
    vector("depth.groups.101", grouped(101), "tooDeep")
    vector("depth.groups.many", grouped(5000), "tooDeep")
    vector("depth.groups.open.many", tag(UNKNOWN, 3) * 5000, "tooDeep")
    vector("depth.shared.60-40", nested(60, grouped(40)))
    vector("depth.shared.60-41", nested(60, grouped(41)), "tooDeep")
    vector("depth.map.99", nested(98, delimited(76, delimited(2, b""))))
    vector("depth.map.100", nested(99, delimited(76, delimited(2, b""))), "tooDeep")
    deep = b""
    for _ in range(50):
        deep = delimited(76, delimited(2, delimited(2, deep)))
    vector("depth.nested-maps.150", deep, "tooDeep")
    vector("depth.siblings-do-not-add", nested(90) + nested(90) + grouped(90) + grouped(90))


def main():
    for part in (premature_end, illegal_tags, groups, scalars, selects_last, messages, presence, repeated, maps, oneofs, text, lengths, unknown, depth):
        VECTORS.append(("#", part.__name__.replace("_", " "), None, False))
        part()
    cls = oracle.message_class(sys.argv[1], "twolists.test.v1.Everything")
    print("# Vectors of the proto3 binary codec, over twolists.test.v1.Everything. Written by make.py; see README.md.")
    print("# NAME accept INPUT CANONICAL | NAME reject INPUT REASON     bytes in hex; - is no bytes, = is the input again")
    hexed = lambda data: data.hex() or "-"
    for name, data, error, verbatim in VECTORS:
        if name == "#":
            print(f"\n# {data}")
            continue
        answer = oracle.judge(cls, data)
        if (answer == oracle.REFUSED) != (error is not None):
            print(f"{name}: the oracle {'refuses' if error is None else 'accepts'}: {data.hex()[:60]}", file=sys.stderr)
        if error:
            print(name, "reject", hexed(data), error)
        else:
            print(name, "accept", hexed(data), "=" if (answer[4:] == data or verbatim) and data else hexed(answer[4:]))


main()
