"""What Protocol Buffers' own library says of messages, in bulk.

usage: oracle.py DESCRIPTOR_SET MESSAGE INPUT OUTPUT
INPUT:  any number of (u32 little endian length, message).
OUTPUT: for each (u32 length, deterministic encoding of what was read), or the length ff ff ff ff for a message refused.
Without arguments it prints the library's version.
"""
import struct
import sys

import google.protobuf
from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory
from google.protobuf.internal import api_implementation

REFUSED = struct.pack("<I", 0xFFFFFFFF)


def message_class(path, name):
    files = descriptor_pb2.FileDescriptorSet()
    with open(path, "rb") as source:
        files.ParseFromString(source.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


def varint_end(data, at):
    while data[at] >= 0x80:
        at += 1
    return at + 1


def read_varint(data, at):
    end = varint_end(data, at)
    return sum((byte & 0x7F) << 7 * index for index, byte in enumerate(data[at:end])), end


def field_end(data, at):
    """The end of the field at `at`, and where its value begins."""
    tag, start = read_varint(data, at)
    wire = tag & 7
    if wire == 0:
        return varint_end(data, start), start, tag
    if wire == 4:
        return start, start, tag
    if wire == 1:
        return start + 8, start, tag
    if wire == 5:
        return start + 4, start, tag
    if wire == 2:
        length, start = read_varint(data, start)
        return start + length, start, tag
    at = start
    while True:
        end, _, inner = field_end(data, at)
        if inner & 7 == 4:
            return end, start, tag
        at = end


def map_key(entry, descriptor):
    """The key as it sorts: numbers by value, false before true, text by its bytes."""
    cls = message_factory.GetMessageClass(descriptor)
    key = cls.FromString(entry).key
    return key.encode() if isinstance(key, str) else key


def sort_maps(data, descriptor):
    """The library's encoding with the entries of each map in order of key: its own order is stable but not specified."""
    fields, at = [], 0
    while at < len(data):
        end, start, tag = field_end(data, at)
        known = descriptor.fields_by_number.get(tag >> 3) if tag & 7 == 2 else None
        inner = known.message_type if known else None
        value = sort_maps(data[start:end], inner) if inner else data[start:end]
        is_map = inner is not None and inner.GetOptions().map_entry
        key = map_key(value, inner) if is_map and whole_entry(value, inner) else None
        fields.append((tag >> 3, key, data[at:start] + value))
        at = end
    out, run = [], []
    for number, key, raw in fields + [(0, None, b"")]:
        if run and (key is None or number != run[0][0]):
            out += [one[2] for one in sorted(run, key=lambda one: one[1])]
            run = []
        if key is None:
            out.append(raw)
        else:
            run.append((number, key, raw))
    return b"".join(out)


def whole_entry(entry, descriptor):
    """False for entries that were kept as unknown fields: they have parts that an entry does not have."""
    parts, at = [], 0
    while at < len(entry):
        end, _, tag = field_end(entry, at)
        parts.append(tag)
        at = end
    wires = {number: wire_type(field) for number, field in descriptor.fields_by_number.items()}
    return all(wires.get(tag >> 3) == tag & 7 for tag in parts)


def wire_type(field):
    if field.type in (field.TYPE_FIXED32, field.TYPE_SFIXED32, field.TYPE_FLOAT):
        return 5
    if field.type in (field.TYPE_FIXED64, field.TYPE_SFIXED64, field.TYPE_DOUBLE):
        return 1
    return 2 if field.type in (field.TYPE_STRING, field.TYPE_BYTES, field.TYPE_MESSAGE) else 0


def judge(cls, data):
    try:
        encoding = cls.FromString(data).SerializeToString(deterministic=True)
    except (message.DecodeError, message.EncodeError):
        return REFUSED
    encoding = sort_maps(encoding, cls.DESCRIPTOR)
    return struct.pack("<I", len(encoding)) + encoding


def main():
    if len(sys.argv) == 1:
        print(google.protobuf.__version__, api_implementation.Type())
        return
    descriptors, name, source, target = sys.argv[1:]
    cls = message_class(descriptors, name)
    with open(source, "rb") as stream:
        data = stream.read()
    at = 0
    with open(target, "wb") as out:
        while at < len(data):
            (length,) = struct.unpack_from("<I", data, at)
            out.write(judge(cls, data[at + 4 : at + 4 + length]))
            at += 4 + length


if __name__ == "__main__":
    main()
