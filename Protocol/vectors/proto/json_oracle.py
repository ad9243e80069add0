"""What Protocol Buffers' own library says of messages in JSON, in bulk.

usage: json_oracle.py DESCRIPTOR_SET INPUT OUTPUT
INPUT:  any number of cases of four parts, each a u32 little endian length and as many bytes, or the length ff ff ff ff for "none":
        message name, JSON text, the bytes that the codec under test read it as (none: refused), the JSON it writes of these
        bytes (none: refused).
OUTPUT: a line a case: `same`, `refused` (by both), or what differs.
"""
import json
import struct
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory


def load(path):
    files = descriptor_pb2.FileDescriptorSet()
    with open(path, "rb") as source:
        files.ParseFromString(source.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return pool


def parts(data):
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at)
        at += 4
        if length == 0xFFFFFFFF:
            yield None
        else:
            yield data[at : at + length]
            at += length


def equal(one, other):
    """Equal as JSON: numbers by value, to the precision of a float where they are not whole."""
    number = (int, float)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, number) and isinstance(other, number):
        if one == other:
            return True
        try:
            return struct.pack("<f", one) == struct.pack("<f", other)
        except OverflowError:
            return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return type(one) is type(other) and one == other


def judge(pool, kind, text, ours, shown):
    name = message_factory.GetMessageClass(pool.FindMessageTypeByName(kind.decode()))
    try:
        theirs = json_format.Parse(text.decode("utf-8"), name(), descriptor_pool=pool)
    except Exception as error:  # the library raises many kinds
        if ours is None:
            return "refused"
        return f"they refuse it: {error}"
    if ours is None:
        return "they accept it"
    wanted = theirs.SerializeToString(deterministic=True)
    if name.FromString(ours).SerializeToString(deterministic=True) != wanted:
        return f"bytes differ: ours {ours.hex()} theirs {wanted.hex()}"
    try:
        dictionary = json_format.MessageToDict(theirs, descriptor_pool=pool)
    except Exception as error:
        return "same" if shown is None else f"they do not show it: {error}"
    if shown is None:
        return f"they show {json.dumps(dictionary)}"
    if not equal(json.loads(shown), dictionary):
        return f"JSON differs: ours {shown.decode()} theirs {json.dumps(dictionary)}"
    again = json_format.Parse(shown.decode("utf-8"), name(), descriptor_pool=pool)
    if again.SerializeToString(deterministic=True) != wanted:
        return f"our JSON is read as something else: {shown.decode()}"
    return "same"


def main():
    pool = load(sys.argv[1])
    with open(sys.argv[2], "rb") as source:
        data = list(parts(source.read()))
    with open(sys.argv[3], "w", encoding="utf-8") as out:
        for at in range(0, len(data), 4):
            out.write(judge(pool, *data[at : at + 4]).replace("\n", " ") + "\n")


main()
