"""PROTOCOL.md 11, "Streams": the lines that a client can cause, each case named for its line."""
from interop import ASLEEP, SERVICE, Caller, expect
from unexpected import U32, asleep, case, each_ends, ends, goes_on, open_and_more, passes
from wire import (BASE, CANCEL, CREDIT, DATA, DEADLINE_EXCEEDED, INVALID_ARGUMENT, NO_DATA, OK, OPEN_MORE,
                  REMOTE_CLOSED, REMOTE_OPEN, REQUEST, RESOURCE_EXHAUSTED, RESPONSE, UNIMPLEMENTED, frame)


@case
def u17(house):
    each_ends(house, 1, frame(REQUEST, 2), frame(REQUEST, 0))


@case
def u18(house):
    for second in [1, 3]:
        line = house.client()
        line.last = 1
        goes_on(line)
        line.raw(line.request(SERVICE, "EmptyCall", stream=second))
        ends(line, 1)


@case
def u19(house):
    each_ends(house, 7, frame(REQUEST, (1 << 31) + 1), frame(REQUEST, 0xFFFFFFFF))
    line = house.client()
    line.last = OPEN_MORE - 2
    goes_on(line)


@case
def u21(house):
    line = house.client()
    line.raw(frame(RESPONSE, asleep(line).number))
    ends(line, 1)
    each_ends(house, 1, frame(RESPONSE, 1))
    if house.arguments.base:
        passes(house, frame(RESPONSE, 1), frame(RESPONSE, 99, b"x"), protocol=BASE)


def refused(line, body, code, flags=0):
    expect(line.start(frame(REQUEST, line.next_id(), body, flags)).finished(), code, not_processed=True)
    goes_on(line)


@case
def u22(house):
    line = house.client()
    request = line.schema.Request
    bad_key = request(service=SERVICE, method="EmptyCall")
    bad_key.metadata.add(key="Upper", value="x")
    bad_value = request(service=SERVICE, method="EmptyCall").SerializeToString() + b"\x2a\x06\x0a\x01k\x12\x01\xff"
    for body in [b"\xff", b"\x0a\x05ab", b"\x0a\x02\xff\xfe", bad_key.SerializeToString(), bad_value]:
        refused(line, body, INVALID_ARGUMENT)


@case
def u23(house):
    line = house.client()

    def request(pairs=(), **names):
        body = line.schema.Request(**{"service": SERVICE, "method": "EmptyCall", **names})
        for key, value in pairs:
            body.metadata.add(key=key, value=value)
        return body.SerializeToString()

    entries, most = line.hello.max_metadata_entries or 64, line.hello.max_metadata_bytes or 16 << 10
    refused(line, request(service="x" * 256), RESOURCE_EXHAUSTED)
    refused(line, request(method="x" * 256), RESOURCE_EXHAUSTED)
    refused(line, request([("k", "v")] * (entries + 1)), RESOURCE_EXHAUSTED)
    refused(line, request([("k", "v" * most)]), RESOURCE_EXHAUSTED)
    refused(line, request(service="x" * 255), UNIMPLEMENTED)
    for pairs in [[("k", "v")] * entries, [("k", "v" * (most - 1))]]:
        call = line.open(SERVICE, "EmptyCall", metadata=pairs)
        expect(call.finished(), OK)


@case
def u24(house):
    line = house.client()
    for method, flags in [("EmptyCall", REMOTE_OPEN), ("StreamingOutputCall", 0), ("StreamingOutputCall", REMOTE_OPEN),
                          ("StreamingInputCall", 0), ("StreamingInputCall", REMOTE_CLOSED), ("FullDuplexCall", 0)]:
        call = line.open(SERVICE, method, flags=flags)
        expect(call.finished(), INVALID_ARGUMENT)
        goes_on(line)
    # 4.2: the one mismatch that is allowed.
    expect(line.open(SERVICE, "EmptyCall", flags=REMOTE_CLOSED).finished(), OK)


@case
def u25(house):
    line = house.client()
    calls = [asleep(line) for _ in range(line.max_streams)]
    refused_call = line.open(SERVICE, "EmptyCall")
    expect(refused_call.finished(), RESOURCE_EXHAUSTED, not_processed=True)
    calls[0].cancel()
    # 7: its place is free when its handler has returned, which a call in the same piece may be too early for.
    line.ping()
    goes_on(line)


@case
def u27(house):
    line = house.client()
    call = line.open(SERVICE, "EmptyCall", timeout=-1)
    expect(call.finished(), DEADLINE_EXCEEDED, not_processed=True)
    goes_on(line)


@case
def u28(house):
    each_ends(house, 1, frame(DATA, 1, b"x"), frame(CREDIT, 1, U32.pack(5000)), frame(CANCEL, 1, U32.pack(1)),
              frame(RESPONSE, 1), frame(DATA, 2, b"x"), frame(CREDIT, 0, U32.pack(5000)))


@case
def u29(house):
    line = house.client()
    caller = Caller(line)
    call = line.open(SERVICE, "UnimplementedCall", flags=REMOTE_OPEN)
    expect(call.finished(), UNIMPLEMENTED)
    # The credit that the call had, in the pieces of a sender who has not heard of its end.
    for _ in range(4):
        line.raw(frame(DATA, call.number, bytes(line.credit // 4)))
    caller.empty()
    line.raw(frame(DATA, call.number, bytes(line.max_message)) * 3)
    ends(line, 2)
    if house.arguments.base:
        line = house.client(BASE)
        call = line.open(SERVICE, "UnimplementedCall", flags=REMOTE_OPEN)
        expect(call.finished(), UNIMPLEMENTED)
        for _ in range(4):
            line.raw(frame(DATA, call.number, bytes(500_000)))
            goes_on(line)


@case
def u30(house):
    for ids, code in [(65536, None), (65538, 1)]:
        line = house.client()
        goes_on(line)
        line.last = 1 + ids - 2
        goes_on(line)
        line.raw(frame(CANCEL, 1, U32.pack(1)))
        if code is None:
            goes_on(line)
        else:
            ends(line, code)
    if house.arguments.base:
        line = house.client(BASE)
        goes_on(line)
        line.last = 200_001
        goes_on(line)
        line.raw(frame(DATA, 1, b"x"))
        goes_on(line)


@case
def u31(house):
    line = house.client()
    open_and_more(line, "EmptyCall", b"", 0, lambda id: frame(DATA, id, b"x"))
    ends(line, 1)
    line = house.client()
    goes_on(line)
    line.raw(frame(DATA, line.last, b"x"))
    ends(line, 2)


@case
def u32(house):
    line = house.client()
    call = asleep(line)
    call.half_close()
    line.raw(frame(DATA, call.number, b"x"))
    ends(line, 1)
    line = house.client()
    caller = Caller(line)
    call = caller.output(caller.asking(1, interval=ASLEEP))
    line.raw(frame(DATA, call.number, b"x"))
    ends(line, 1)


@case
def u33(house):
    line = house.client()
    call = asleep(line)
    call.send(bytes(line.credit - 1))
    # A credit of one byte is enough for a message of any size, once.
    call.send(bytes(10_000))
    goes_on(line)
    line.raw(frame(DATA, call.number, b"x"))
    ends(line, 2)


@case
def u34(house):
    for flags, body in [(NO_DATA | REMOTE_CLOSED, b"x"), (NO_DATA, b"x"), (NO_DATA, b"")]:
        line = house.client()
        line.raw(frame(DATA, asleep(line).number, body, flags))
        ends(line, 1)
    if house.arguments.base:
        line = house.client(BASE)
        line.raw(frame(DATA, asleep(line).number, b"", NO_DATA))
        goes_on(line)


@case
def u35(house):
    line = house.client()
    caller = Caller(line)
    call = caller.duplex()
    call.send(b"")
    call.half_close()
    expect(call.finished(), OK)
    call = asleep(line)
    call.send(bytes(line.credit - 1))
    call.send(b"")
    goes_on(line)
    line.raw(frame(DATA, call.number))
    ends(line, 2)


@case
def u37(house):
    line = house.client()
    line.raw(frame(CREDIT, asleep(line).number, U32.pack(0)))
    ends(line, 1)
    line = house.client()
    open_and_more(line, "EmptyCall", b"", 0, lambda id: frame(CREDIT, id, U32.pack(5000)))
    ends(line, 1)
    line = house.client()
    call = asleep(line)
    line.raw(frame(CREDIT, call.number, U32.pack((16 << 20) - line.own_credit)))
    goes_on(line)
    line.raw(frame(CREDIT, call.number, U32.pack(1)))
    ends(line, 2)
    line = house.client()
    call = asleep(line)
    call.cancel()
    line.raw(frame(CREDIT, call.number, U32.pack(1 << 20)) * 20)
    goes_on(line)


@case
def u38(house):
    line = house.client()
    goes_on(line)
    passes_on = frame(CANCEL, line.last, U32.pack(1))
    line.raw(passes_on * 2)
    goes_on(line)


@case
def u39(house):
    line = house.client()
    goes_on(line)
    line.raw(frame(CANCEL, line.last, U32.pack(1)) * 1000)
    goes_on(line)
    line.raw(frame(CANCEL, line.last, U32.pack(1)))
    ends(line, 4)
