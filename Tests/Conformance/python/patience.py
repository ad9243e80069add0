"""PROTOCOL.md 11: the lines for which a server must wait, run out of memory or go. They last as long as the limits that it tells in HELLO."""
import time

from interop import ASLEEP, SERVICE, Caller, expect
from unexpected import asleep, case_of, goes_on
from wire import OK, OPEN_MORE, REQUEST, RESOURCE_EXHAUSTED, UNAVAILABLE, check, frame

CASES = {}
case = case_of(CASES)


def wait_for(house, name):
    """Seconds of a limit of HELLO, and room for a slow machine."""
    line = house.client()
    seconds = getattr(line.hello, name) / 1000
    line.close()
    check(seconds > 0, "%s is not told" % name)
    return seconds + 30


@case
def u3(house):
    patience = wait_for(house, "handshake_timeout_millis")
    line = house.line()
    code, _ = line.ended(patience)
    check(code == 6, "ended with %s" % code)


@case
def u15(house):
    patience = wait_for(house, "frame_timeout_millis")
    line = house.client()
    asleep(line)
    line.raw(frame(REQUEST, line.next_id(), b"begun", length=100))
    code, _ = line.ended(patience)
    check(code == 6, "ended with %s" % code)


@case
def u26(house):
    """Calls that sleep hold their Requests, on as many connections as it takes."""
    budget, lines, held = house.arguments.budget, [], 0
    size = 1_000_000
    while True:
        line = house.client()
        caller = Caller(line)
        lines.append(line)
        for _ in range(line.max_streams):
            call = caller.output(caller.asking(1, payload=size, interval=ASLEEP))
            line.ping()
            if call.status:
                break
            held += size
            check(held <= budget, "%d bytes are held, the budget is %d" % (held, budget))
        if call.status:
            break
    expect(call.status, RESOURCE_EXHAUSTED, not_processed=True)
    check(held > budget - 2 * size, "refused when %d of %d bytes were held" % (held, budget))
    caller.empty()
    # A message of a stream: its call ends, the connection goes on.
    call = caller.duplex()
    call.send(bytes(size))
    expect(call.finished(), RESOURCE_EXHAUSTED, not_processed=False)
    caller.empty()
    for line in lines:
        line.close()
    # What they held is free again.
    caller = Caller(house.client())
    for _ in range(60):
        call = caller.output(caller.asking(1, payload=size))
        if call.finished().code == OK:
            return
        time.sleep(0.5)
    check(False, "the memory does not come back")


@case
def u43(house):
    line = house.client()
    asleep(line)
    interval, timeout = line.hello.keepalive_interval_millis / 1000, line.hello.keepalive_timeout_millis / 1000
    # With an answer the connection lives.
    line.wait(lambda: line.pings >= 2, "two PINGs", 3 * interval + 30)
    line.answers = False
    code, _ = line.ended(2 * interval + timeout + 30)
    check(code == 6, "ended with %s" % code)


@case
def u47(house):
    """At its age a connection drains: the first GOAWAY takes calls still, the second none; those in flight are finished."""
    line = house.client()
    caller = Caller(line)
    in_flight = caller.input()
    in_flight.send(caller.part(1))
    line.wait(lambda: line.goaways, "GOAWAY", line.hello.max_age_millis / 1000 * 1.2 + 30)
    check(line.goaways[0][:2] == (OPEN_MORE, 0), "the first GOAWAY is %s" % line.goaways)
    caller.empty()
    taken = line.last
    line.wait(lambda: len(line.goaways) > 1, "the second GOAWAY")
    check(line.goaways[1][:2] == (taken, 0), "the second GOAWAY is %s, the last call %d" % (line.goaways[1], taken))
    late = line.open(SERVICE, "EmptyCall")
    expect(late.finished(), UNAVAILABLE, not_processed=True)
    in_flight.send(caller.part(2))
    in_flight.half_close()
    expect(in_flight.finished(), OK)
    line.ended()


@case
def u49(house):
    line = house.client(initial_credit_bytes=16 << 20)
    caller = Caller(line)
    # Nothing is read from here on: the server is quick enough to send all of it before a reader has paused. Far more than the buffers of two
    # kernels hold.
    line.is_paused = True
    calls = [caller.output(caller.asking(*[1_000_000] * 16)) for _ in range(4)]
    line.flush()
    time.sleep(house.arguments.stall)
    line.is_paused = False
    code, _ = line.ended()
    # The last words may be lost with what was never read.
    check(code in (6, None), "ended with %s" % code)
    check(not any(call.status for call in calls), "everything came: the line never stalled")


@case
def u55(house):
    line = house.client()
    idle = line.hello.idle_timeout_millis / 1000
    call = asleep(line)
    line.rest(min(idle * 1.5, 10))
    call.cancel()
    goes_on(line)
    code, _ = line.ended(idle + 30)
    check(code == 0, "ended with %s" % code)
