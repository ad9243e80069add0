"""PROTOCOL.md 11 "Handling the unexpected": every line that a client can cause at once, each case named for its line.

The lines on streams are in unexpected_streams.py, what a server must wait for is in patience.py. "Ends with n" is GOAWAY with code n and the end of the connection.
"""
import random
import struct

from interop import ASLEEP, SERVICE, Caller, expect
from wire import (BASE, CANCEL, CREDIT, DATA, DEADLINE_EXCEEDED, GOAWAY, HELLO, OK, OPEN_MORE, PING, REQUEST,
                  RESOURCE_EXHAUSTED, RESPONSE, UNIMPLEMENTED, check, frame, Stream)

CASES = {}
NOT_FROM_A_CLIENT = {
    "U20": "a Request from the server", "U36": "Data with remote closed from the server",
    "U44": "a second Response; from a client every Response is U21", "U45": "a Response that cannot be read",
    "U48": "GOAWAY of a server below calls in flight", "U50": "a handler of the server that sends on",
    "U52": "what a client tells its caller of a lost connection",
}
U32 = struct.Struct(">I")


def case_of(cases):
    """A decorator: a function is the case of the line that it is named for."""
    def add(function):
        cases[function.__name__.upper()] = function
        return function
    return add


case = case_of(CASES)


def ends(line, code, *words):
    """The connection ends with this code and a text that holds these words."""
    got, text = line.ended()
    check(got == code, "ended with %s %r, wanted %d" % (got, text, code))
    for word in words:
        check(word in text, "%r does not say %r" % (text, word))


def ends_plainly(line):
    """Base profile: the end without GOAWAY."""
    check(line.ended() == (None, ""), "a GOAWAY in the base profile: %s" % line.goaways)


def each_ends(house, code, *pieces):
    """Each of these bytes, on a connection of its own behind HELLO, ends it with `code`."""
    for piece in pieces:
        line = house.client()
        line.raw(piece)
        ends(line, code)


def goes_on(line):
    Caller(line).empty()


def passes(house, *pieces, protocol="twolists/1"):
    """These bytes, one after the other, change nothing."""
    line = house.client(protocol)
    for piece in pieces:
        line.raw(piece)
        goes_on(line)
    return line


def asleep(line, **options):
    """A call of both streams whose handler sleeps: it takes no message, so no credit comes back."""
    caller = Caller(line)
    return caller.duplex(caller.asking(1, interval=ASLEEP), **options)


def open_and_more(line, method, payload, flags, more):
    """A Request and frames for its stream in one piece: the call is open when they are read."""
    line.raw(line.request(SERVICE, method, payload, flags) + more(line.last))


# The beginning

@case
def u1(house):
    for first, word in [(b"GET / HTTP/1.1\r\n", "HTTP"), (b"\x16\x03\x01", "TLS"), (b"SSH-2.0-x\r\n", "SSH")]:
        line = house.line()
        line.raw(first[:1])
        ends(line, 1, word)
    if house.arguments.base:
        line = house.line(BASE)
        line.raw(b"G")
        ends_plainly(line)


@case
def u2(house):
    for first in [frame(PING, 0, bytes(8)), frame(REQUEST, 1), frame(0x90, 0)]:
        line = house.line()
        line.raw(first)
        ends(line, 1)


@case
def u4(house):
    line = house.client()
    line.raw(line.hello_frame())
    ends(line, 1)


@case
def u5(house):
    def first(body):
        line = house.line()
        line.raw(frame(HELLO, 0, body))
        return line

    hello = house.schema.Hello
    for body in [b"\xff", hello(software="x" * 129).SerializeToString(),
                 hello(schema_fingerprint=bytes(65)).SerializeToString(),
                 hello(checkpoint=bytes(4097)).SerializeToString(), bytes((16 << 10) + 1)]:
        ends(first(body), 1)
    # An unknown field fills a HELLO up to its limit.
    most = hello(software="x" * 128, schema_fingerprint=bytes(64), checkpoint=bytes(4096)).SerializeToString()
    room = (16 << 10) - len(most) - 5
    line = first(most + b"\xfa\x7f" + bytes([room & 0x7F | 0x80, room >> 7 & 0x7F | 0x80, 0]) + bytes(room))
    line.wait(lambda: line.hello, "the server's HELLO")
    goes_on(line)


@case
def u6(house):
    line = house.line()
    line.raw(line.hello_frame(min_version=2, max_version=3))
    ends(line, 5)
    goes_on(house.client(min_version=0, max_version=0))
    goes_on(house.client(min_version=1, max_version=9))


@case
def u7(house):
    goes_on(house.client(max_message_bytes=0, initial_credit_bytes=0))
    caller = Caller(house.client(max_message_bytes=0xFFFFFFFF, initial_credit_bytes=0xFFFFFFFF))
    call = caller.unary(caller.schema.SimpleRequest(response_size=(4 << 20) - 1000))
    expect(call.finished(), OK)
    line = house.line()
    line.raw(frame(HELLO, 0, line.hello_frame()[10:] + b"\xf2\x7f\x03abc"))
    line.wait(lambda: line.hello, "the server's HELLO")
    goes_on(line)


# Frames

@case
def u8(house):
    each_ends(house, 3, b"\x01\x00\x00\x00\x00\x00\x00\x01\x01\x00", b"\xff")


@case
def u9(house):
    line = house.line()
    for byte in line.hello_frame():
        line.raw(bytes([byte]))
        line.flush()
    line.wait(lambda: line.hello, "the server's HELLO")
    for byte in line.request(SERVICE, "EmptyCall"):
        line.raw(bytes([byte]))
        line.flush()
    goes_on(line)
    calls, requests = [], b""
    for _ in range(100):
        requests += line.request(SERVICE, "EmptyCall")
        calls.append(Stream(line, line.last))
    line.raw(requests)
    for call in calls:
        expect(call.finished(), OK)


@case
def u10(house):
    line = house.client()
    size = line.max_message + 1
    call = line.start(frame(REQUEST, line.next_id(), length=size))
    text = "Request of %d bytes on stream %d, the limit is %d (max_message_bytes); send it in parts" % (
        size, call.number, line.max_message)
    expect(call.finished(), RESOURCE_EXHAUSTED, text, not_processed=True)
    ends(line, 3, "the limit is %d" % line.max_message)
    # Exactly the limit goes.
    line = house.client()
    body = line.schema.Request(service=SERVICE, method="UnimplementedCall").SerializeToString()
    filler = line.max_message - len(body) - 5
    request = body + b"\x1a" + bytes([filler & 0x7F | 0x80, filler >> 7 & 0x7F | 0x80, filler >> 14 & 0x7F | 0x80, 0])
    request += bytes(filler)
    check(len(request) == line.max_message, "%d" % len(request))
    expect(line.start(frame(REQUEST, line.next_id(), request)).finished(), UNIMPLEMENTED)
    goes_on(line)


@case
def u11(house):
    line = house.client()
    call = Caller(line).input()
    line.raw(frame(DATA, call.number, length=line.max_message + 1))
    ends(line, 3, "Data of %d bytes on stream %d" % (line.max_message + 1, call.number), "max_message_bytes")


@case
def u12(house):
    each_ends(house, 1, frame(0x15, 0), frame(0x7F, 1))
    each_ends(house, 3, frame(0x80, 0, length=(16 << 10) + 1))
    passes(house, frame(0x80, 0), frame(0xFF, 7, bytes(16 << 10)))
    if house.arguments.base:
        passes(house, frame(0x10, 0, b"x"), frame(0x77, 5, bytes(100)), protocol=BASE)


@case
def u13(house):
    line = house.client()
    body = line.request(SERVICE, "EmptyCall", stream=1)[10:]
    each_ends(house, 1, frame(REQUEST, 1, body, 0x03), frame(REQUEST, 1, body, 0x10), frame(REQUEST, 1, body, 0x04))
    if house.arguments.base:
        line = house.client(BASE)
        line.raw(frame(REQUEST, line.next_id(), body, 0x10))
        goes_on(line)
        line = house.client(BASE)
        line.raw(frame(REQUEST, line.next_id(), body, 0x03))
        ends_plainly(line)


@case
def u14(house):
    each_ends(house, 1, frame(PING, 0, bytes(7)), frame(PING, 0, bytes(9)), frame(PING, 0, bytes(8), 0x02),
              frame(PING, 1, bytes(8)), frame(GOAWAY, 0, bytes(7)), frame(GOAWAY, 0, bytes(8 + 513)),
              frame(GOAWAY, 1, bytes(8)), frame(GOAWAY, 0, bytes(8), 0x01))
    for body, kind, flags in [(bytes(3), CREDIT, 0), (bytes(5), CREDIT, 0), (bytes(3), CANCEL, 0), (bytes(8), CANCEL, 0),
                              (U32.pack(5000), CREDIT, 1), (U32.pack(1), CANCEL, 1)]:
        line = house.client()
        line.raw(frame(kind, asleep(line).number, body, flags))
        ends(line, 1)
    line = house.line()
    line.raw(frame(HELLO, 1, line.hello_frame()[10:]))
    ends(line, 1)


@case
def u16(house):
    line = house.client()
    whole = line.request(SERVICE, "EmptyCall")
    line.raw(whole[:-3])
    line.flush()
    line.cut()
    line = house.client()
    goes_on(line)
    line.close()


# The connection

@case
def u40(house):
    line = house.client()
    line.raw(frame(0x90, 0) * 1000)
    goes_on(line)
    # Each second gives 100 more; so many as this no second gives.
    line.raw(frame(0x90, 0) * 3000)
    ends(line, 4)
    line = house.client()
    call = asleep(line)
    # What is granted in large pieces is paid for by data: 4096 of them is no flood.
    line.raw(frame(CREDIT, call.number, U32.pack(4096)) * 2000)
    goes_on(line)
    line.raw(frame(CREDIT, call.number, U32.pack(1)) * 4000)
    ends(line, 4)


@case
def u41(house):
    line = house.client()
    line.raw(b"".join(frame(PING, 0, struct.pack(">Q", number)) for number in range(1, 51)))
    newest = struct.pack(">Q", 50)
    line.wait(lambda: newest in line.pongs, "the answer to the newest PING")
    goes_on(line)
    numbers = [struct.unpack(">Q", pong)[0] for pong in line.pongs]
    check(numbers == sorted(set(numbers)) and numbers[-1] == 50, "answers %s" % numbers)


@case
def u42(house):
    passes(house, frame(PING, 0, b"neverask", 0x01))


@case
def u46(house):
    def goaway(last, text=b""):
        return frame(GOAWAY, 0, struct.pack(">II", last, 0) + text)

    line = house.client()
    asleep(line)
    line.raw(goaway(OPEN_MORE, b"\xff"))
    ends(line, 1)
    line = house.client()
    asleep(line)
    line.raw(goaway(5) + goaway(7))
    ends(line, 1)


@case
def u49(house):
    """The base profile's part; patience.py has the other."""
    if not house.arguments.base:
        return "only with --base"
    line = house.client(BASE)
    caller = Caller(line)
    # All in one piece, so that the server has read them when its queue is full; more than the buffers of two kernels hold.
    asked = caller.schema.SimpleRequest(response_size=1_000_000).SerializeToString()
    line.is_paused = True
    line.raw(b"".join(line.request(SERVICE, "UnaryCall", asked) for _ in range(60)))
    line.flush()
    line.rest(0.5)
    line.is_paused = False
    ends_plainly(line)
    return None


@case
def u51(house):
    caller = Caller(house.client(max_message_bytes=1000))
    status = caller.unary(caller.schema.SimpleRequest(response_size=2000)).finished()
    expect(status, RESOURCE_EXHAUSTED, not_processed=False)
    check("1000" in status.message and "2006" in status.message, "both numbers: %r" % status.message)
    caller.empty()
    call = caller.output(caller.asking(10, 2000))
    check(len(caller.response(call.next()).payload.body) == 10, "what fits comes")
    expect(call.finished(), RESOURCE_EXHAUSTED)
    check("1000" in call.status.message and "2006" in call.status.message, "%r" % call.status.message)
    caller.empty()


@case
def u53(house):
    line = house.client()
    expect(asleep(line, timeout=20_000_000).finished(), DEADLINE_EXCEEDED)
    call = asleep(line)
    call.cancel(DEADLINE_EXCEEDED)
    goes_on(line)


@case
def u54(house):
    caller = Caller(house.client())
    wanted = caller.schema.EchoStatus(code=4711, message="from the future")
    expect(caller.unary(caller.schema.SimpleRequest(response_status=wanted)).finished(), 4711, "from the future")
    caller.empty()


@case
def u56(house):
    seed = 20260101
    source = random.Random(seed)
    kinds = [REQUEST, RESPONSE, DATA, HELLO, CANCEL, CREDIT, PING, GOAWAY, 0x90, 0x33]
    for round_number in range(60):
        line = house.client() if round_number % 3 else house.line()
        for _ in range(20):
            body = source.randbytes(source.choice([0, 1, 4, 8, 40, 400]))
            line.raw(frame(source.choice(kinds), source.choice([0, 1, 2, 3, 5, 1 << 31]), body, source.randrange(16)))
        line.raw(source.randbytes(200))
        line.pump(0.01)
        line.close()
    goes_on(house.client())
    return "seed %d" % seed
