"""gRPC's interop cases over the protocol; which do not apply and why is in ../INTEROP.md."""
import struct

from wire import CANCEL, DEADLINE_EXCEEDED, OK, REMOTE_CLOSED, REMOTE_OPEN, UNIMPLEMENTED, UNKNOWN, check, frame

SERVICE = "twolists.interop.v1.TestService"
SIZES = [31415, 9, 2653, 58979]
SENT = [27182, 8, 1828, 45904]
ASLEEP = 60_000_000
METADATA = [("x-grpc-test-echo-initial", "test_initial_metadata_value"), ("x-grpc-test-echo-trailing-bin", "q6ur"),
            ("x-grpc-test-echo-initial", "两份清单")]
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


class Caller:
    """The methods of the test service on one connection."""

    def __init__(self, line):
        self.line, self.schema = line, line.schema

    def payload(self, size):
        return self.schema.Payload(body=bytes(size))

    def unary(self, request, method="UnaryCall", **options):
        return self.line.open(SERVICE, method, request.SerializeToString(), **options)

    def large(self):
        return self.schema.SimpleRequest(response_size=314159, payload=self.payload(271828))

    def asking(self, *sizes, payload=0, interval=0):
        request = self.schema.StreamingOutputCallRequest()
        for size in sizes:
            request.response_parameters.add(size=size, interval_us=interval)
        if payload:
            request.payload.CopyFrom(self.payload(payload))
        return request

    def output(self, request, **options):
        return self.line.open(SERVICE, "StreamingOutputCall", request.SerializeToString(), REMOTE_CLOSED, **options)

    def input(self, **options):
        return self.line.open(SERVICE, "StreamingInputCall", b"", REMOTE_OPEN, **options)

    def part(self, size):
        return self.schema.StreamingInputCallRequest(payload=self.payload(size)).SerializeToString()

    def duplex(self, request=None, **options):
        """A request that is not None is the first message, in the Request itself."""
        first = b"" if request is None else request.SerializeToString()
        return self.line.open(SERVICE, "FullDuplexCall", first, REMOTE_OPEN, **options)

    def empty(self):
        """A call that goes well: the connection goes on."""
        call = self.line.open(SERVICE, "EmptyCall")
        expect(call.finished(), OK)

    def response(self, message):
        return self.schema.StreamingOutputCallResponse.FromString(message)

    def replies(self, call):
        sizes = []
        while (message := call.next()) is not None:
            sizes.append(len(self.response(message).payload.body))
        expect(call.status, OK)
        return sizes


def expect(status, code, message=None, not_processed=None):
    check(status.code == code, "%s, wanted code %d" % (status, code))
    check(message is None or status.message == message, "%s, wanted %r" % (status, message))
    check(not_processed is None or status.not_processed == not_processed, "not processed: %s" % status)


def large_reply(caller, call):
    status = call.finished()
    expect(status, OK)
    body = caller.schema.SimpleResponse.FromString(status.payload).payload.body
    check(body == bytes(314159), "a payload of %d bytes" % len(body))


@case
def empty_unary(house):
    call = house.client().open(SERVICE, "EmptyCall")
    expect(call.finished(), OK)
    check(call.status.payload == b"", "an empty reply has no bytes")


@case
def large_unary(house):
    caller = Caller(house.client())
    large_reply(caller, caller.unary(caller.large()))


@case
def client_streaming(house):
    caller = Caller(house.client())
    call = caller.input()
    for size in SENT:
        call.send(caller.part(size))
    call.half_close()
    expect(call.finished(), OK)
    answer = caller.schema.StreamingInputCallResponse.FromString(call.status.payload)
    check(answer.aggregated_payload_size == 74922, "%s" % answer)


@case
def server_streaming(house):
    caller = Caller(house.client())
    check(caller.replies(caller.output(caller.asking(*SIZES))) == SIZES, "the sizes asked for, in order")


@case
def ping_pong(house):
    caller = Caller(house.client())
    call = caller.duplex()
    for asked, sent in zip(SIZES, SENT):
        call.send(caller.asking(asked, payload=sent).SerializeToString())
        check(len(caller.response(call.next()).payload.body) == asked, "%d bytes" % asked)
    call.half_close()
    check(call.next() is None, "no message more")
    expect(call.status, OK)


@case
def empty_stream(house):
    call = Caller(house.client()).duplex()
    call.half_close()
    check(call.next() is None, "no message")
    expect(call.status, OK)


@case
def custom_metadata(house):
    caller = Caller(house.client())
    request = caller.large()
    request.fill_metadata = True
    call = caller.unary(request, metadata=METADATA)
    expect(call.finished(), OK)
    reply = caller.schema.SimpleResponse.FromString(call.status.payload)
    check([(one.key, one.value) for one in reply.metadata] == METADATA, "unary: %s" % reply.metadata)
    asking = caller.asking(314159, 1)
    asking.fill_metadata = True
    call = caller.duplex(asking, metadata=METADATA)
    call.half_close()
    first, second = caller.response(call.next()), caller.response(call.next())
    check([(one.key, one.value) for one in first.metadata] == METADATA, "streaming: %s" % first.metadata)
    check(not second.metadata, "the second message repeats no metadata")


@case
def authenticated_identity(house):
    caller = Caller(house.client())
    call = caller.unary(caller.schema.SimpleRequest(fill_username=True))
    expect(call.finished(), OK)
    reply = caller.schema.SimpleResponse.FromString(call.status.payload)
    check(reply.username == house.user, "%s, our certificate says %s" % (reply.username, house.user))
    asking = caller.asking(1)
    asking.fill_username = True
    check(caller.response(caller.output(asking).next()).username == house.user, "streaming")


def echo_status(house, message):
    caller = Caller(house.client())
    wanted = caller.schema.EchoStatus(code=UNKNOWN, message=message)
    expect(caller.unary(caller.schema.SimpleRequest(response_status=wanted)).finished(), UNKNOWN, message)
    asking = caller.asking()
    asking.response_status.CopyFrom(wanted)
    call = caller.duplex(asking)
    call.half_close()
    expect(call.finished(), UNKNOWN, message)


@case
def status_code_and_message(house):
    echo_status(house, "test status message")


@case
def special_status_message(house):
    echo_status(house, "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n")


@case
def unimplemented_method(house):
    expect(house.client().open(SERVICE, "UnimplementedCall").finished(), UNIMPLEMENTED, not_processed=True)


@case
def unimplemented_service(house):
    call = house.client().open("twolists.interop.v1.UnimplementedService", "UnimplementedCall")
    expect(call.finished(), UNIMPLEMENTED, not_processed=True)


def nothing_more(caller, call):
    """After CANCEL the server sends nothing on the stream, and the connection goes on."""
    caller.line.ping()
    caller.line.strays.clear()
    caller.empty()
    check(not [one for one in caller.line.strays if one.stream == call.number], "frames for a cancelled call")


@case
def cancel_after_begin(house):
    caller = Caller(house.client())
    call = caller.input()
    call.cancel()
    nothing_more(caller, call)


@case
def cancel_after_first_response(house):
    caller = Caller(house.client())
    call = caller.duplex(caller.asking(31415, payload=27182))
    check(len(caller.response(call.next()).payload.body) == 31415, "the first response")
    call.cancel()
    nothing_more(caller, call)


@case
def timeout_on_sleeping_server(house):
    caller = Caller(house.client())
    # This client leaves its own timer out: the server must say it by its own.
    call = caller.duplex(caller.asking(1, payload=27182, interval=ASLEEP), timeout=1_000_000)
    expect(call.finished(), DEADLINE_EXCEEDED)
    # Late words of ours about a call that is over there are no error.
    caller.line.raw(frame(CANCEL, call.number, struct.pack(">I", DEADLINE_EXCEEDED)))
    caller.empty()


@case
def concurrent_large_unary(house):
    caller = Caller(house.client())
    most, total = caller.line.max_streams, 2 * caller.line.max_streams
    open_calls, made, done = [], 0, 0
    while done < total:
        while made < total and len(open_calls) < most:
            open_calls.append(caller.unary(caller.large()))
            made += 1
        large_reply(caller, open_calls.pop(0))
        done += 1


@case
def rpc_soak(house):
    caller = Caller(house.client())
    for _ in range(house.arguments.soak):
        large_reply(caller, caller.unary(caller.large()))


@case
def channel_soak(house):
    for _ in range(house.arguments.soak // 2):
        caller = Caller(house.client())
        large_reply(caller, caller.unary(caller.large()))
        caller.line.close()
