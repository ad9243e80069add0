"""A client of the protocol, written from Protocol/PROTOCOL.md and the .proto files alone. Chapters in comments are of that page.

Python's ssl and protobuf, nothing else. One thread: whoever waits for something reads and writes everything meanwhile, because a server
whose answers nobody takes stops reading (11, U49).
"""
import os
import select
import socket
import ssl
import struct
import subprocess
import tempfile
import time

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

# 3.2 and 3.3
REQUEST, RESPONSE, DATA = 0x01, 0x02, 0x03
HELLO, CANCEL, CREDIT, PING, GOAWAY = 0x10, 0x11, 0x12, 0x13, 0x14
REMOTE_CLOSED, REMOTE_OPEN, NO_DATA, NOT_PROCESSED, ACK = 0x01, 0x02, 0x04, 0x08, 0x01
# 2
EXTENDED, BASE = "twolists/1", "ttrpc"
# 5, where HELLO says nothing
DEFAULT_MESSAGE, DEFAULT_STREAMS, DEFAULT_CREDIT = 1 << 20, 128, 256 << 10
OPEN_MORE = (1 << 31) - 1
# How long any answer may take before a case has failed; far more than any takes.
PATIENCE = 60.0

OK, CANCELLED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND = 0, 1, 2, 3, 4, 5
RESOURCE_EXHAUSTED, UNIMPLEMENTED, UNAVAILABLE = 8, 12, 14


class Failed(Exception):
    """What a case found that the page does not promise."""


def check(condition, words):
    if not condition:
        raise Failed(words)


class Schema:
    """The messages of the .proto files, by their full names; protoc reads the files."""

    FILES = ["wire/hello.proto", "wire/ttrpc.proto", "grpc/health/v1/health.proto", "google/rpc/error_details.proto",
             "twolists/interop/v1/interop.proto"]

    def __init__(self, folder):
        with tempfile.TemporaryDirectory() as scratch:
            target = os.path.join(scratch, "all.bin")
            subprocess.run(["protoc", "-I", folder, "-I", "/usr/include", "--include_imports",
                            "--descriptor_set_out=" + target] + self.FILES, check=True)
            with open(target, "rb") as source:
                files = descriptor_pb2.FileDescriptorSet.FromString(source.read())
        self.pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            self.pool.Add(file)

    def __getattr__(self, name):
        for package in ["ttrpc", "twolists.wire.v1", "google.rpc", "grpc.health.v1", "twolists.interop.v1"]:
            try:
                found = self.pool.FindMessageTypeByName(package + "." + name)
            except KeyError:
                continue
            made = message_factory.GetMessageClass(found)
            setattr(self, name, made)
            return made
        raise AttributeError(name)


class House:
    """Where the server is and who calls."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.schema = Schema(arguments.proto)

    def context(self, protocol):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        # 2: who the server is says its URI, never its host name.
        context.check_hostname = False
        context.load_verify_locations(self.arguments.ca)
        context.load_cert_chain(self.arguments.certificate, self.arguments.key)
        context.set_alpn_protocols([protocol])
        if self.arguments.keylog:
            context.keylog_filename = self.arguments.keylog
        return context

    def line(self, protocol=EXTENDED):
        """TLS is done, no frame has been sent."""
        plain = socket.create_connection((self.arguments.host, self.arguments.port), timeout=PATIENCE)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        secured = self.context(protocol).wrap_socket(plain)
        check(secured.selected_alpn_protocol() == protocol, "the server does not speak " + protocol)
        names = secured.getpeercert().get("subjectAltName", ())
        uris = [value for kind, value in names if kind == "URI"]
        check(uris == [self.arguments.server], "the server is %s" % uris)
        return Line(self.schema, secured, protocol)

    def client(self, protocol=EXTENDED, **hello):
        """HELLO has been exchanged (extended)."""
        line = self.line(protocol)
        if protocol == EXTENDED:
            line.greet(**hello)
        return line

    @property
    def user(self):
        """The URI of our own certificate, as OpenSSL reads it."""
        shown = ssl._ssl._test_decode_cert(self.arguments.certificate)  # pylint: disable=protected-access
        return [value for kind, value in shown["subjectAltName"] if kind == "URI"][0]


class Frame:
    def __init__(self, stream, kind, flags, body):
        self.stream, self.kind, self.flags, self.body = stream, kind, flags, body

    def __repr__(self):
        return "frame(type %#x, stream %d, flags %#x, %r)" % (self.kind, self.stream, self.flags, self.body[:80])


def frame(kind, stream, body=b"", flags=0, length=None):
    """3.1; `length` says something else than the truth."""
    return struct.pack(">IIBB", len(body) if length is None else length, stream, kind, flags) + body


class Status:
    """9: the end of a call."""

    def __init__(self, code, message, not_processed, payload=b"", details=()):
        self.code, self.message, self.not_processed = code, message, not_processed
        self.payload, self.details = payload, details

    def __repr__(self):
        return "status %d %r%s" % (self.code, self.message, ", not processed" if self.not_processed else "")


class Line:
    """One connection: frames out, frames in, and what a well-behaved client does with those that come."""

    def __init__(self, schema, secured, protocol):
        self.schema, self.socket, self.protocol = schema, secured, protocol
        secured.setblocking(False)
        self.outgoing, self.chunk, self.incoming = bytearray(), None, bytearray()
        # True: reads are handled as a client does; False: frames are only kept.
        self.answers = True
        self.is_paused, self.has_ended, self.lost = False, False, None
        self.hello, self.goaways, self.pongs, self.pings, self.strays = None, [], [], 0, []
        self.streams, self.last = {}, -1
        self.max_message, self.max_streams, self.credit = DEFAULT_MESSAGE, DEFAULT_STREAMS, DEFAULT_CREDIT
        self.own_credit = DEFAULT_CREDIT

    # Bytes

    def raw(self, data):
        """Queues bytes as they are, and writes what goes."""
        self.outgoing += data
        self.pump(0)

    def pump(self, timeout):
        """Writes and reads what is possible; waits for at most `timeout` seconds when nothing is."""
        if self.has_ended:
            return
        moved = self.write()
        moved = self.read() or moved
        if moved or timeout <= 0 or self.has_ended:
            return
        wants = [self.socket] if self.outgoing or self.chunk else []
        select.select([] if self.is_paused else [self.socket], wants, [], timeout)

    def write(self):
        moved = False
        while self.outgoing or self.chunk:
            if self.chunk is None:
                self.chunk = bytes(self.outgoing[:16384])
                del self.outgoing[:16384]
            try:
                sent = self.socket.send(self.chunk)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return moved
            except OSError as error:
                self.lost = error
                self.outgoing, self.chunk = bytearray(), None
                return moved
            self.chunk = self.chunk[sent:] or None
            moved = True
        return moved

    def read(self):
        moved = False
        while not self.is_paused and not self.has_ended:
            try:
                data = self.socket.recv(1 << 16)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                break
            except OSError as error:
                self.lost, self.has_ended = error, True
                break
            if not data:
                self.has_ended = True
            self.incoming += data
            moved = True
        while self.take():
            pass
        return moved

    def take(self):
        if len(self.incoming) < 10:
            return False
        length, stream, kind, flags = struct.unpack(">IIBB", self.incoming[:10])
        if len(self.incoming) < 10 + length:
            return False
        body = bytes(self.incoming[10:10 + length])
        del self.incoming[:10 + length]
        self.handle(Frame(stream, kind, flags, body))
        return True

    def wait(self, condition, what, patience=PATIENCE):
        end = time.monotonic() + patience
        while not condition():
            check(not self.has_ended, "the connection ended (%s) while waiting for %s; GOAWAY %s"
                  % (self.lost, what, self.goaways))
            left = end - time.monotonic()
            check(left > 0, "nothing came in %d s: %s" % (patience, what))
            self.pump(min(left, 1.0))

    def rest(self, seconds):
        """Time passes; what comes is dealt with."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.pump(max(end - time.monotonic(), 0.01))

    def flush(self):
        self.wait(lambda: not self.outgoing and self.chunk is None, "room for our own bytes")

    def close(self):
        """8: with close_notify."""
        try:
            self.socket.unwrap()
        except (OSError, ValueError):
            pass  # it wants to read the other side's too, or that is gone
        self.socket.close()

    def cut(self):
        """The transport ends under TLS."""
        self.socket.close()

    # Frames that come

    def handle(self, got):
        if got.kind == HELLO:
            check(self.hello is None and got.stream == 0, "a HELLO that may not be: %s" % got)
            self.hello = self.schema.Hello.FromString(got.body)
            self.max_message = self.hello.max_message_bytes or DEFAULT_MESSAGE
            self.max_streams = self.hello.max_streams or DEFAULT_STREAMS
            self.credit = self.hello.initial_credit_bytes or DEFAULT_CREDIT
        elif got.kind == PING:
            self.handle_ping(got)
        elif got.kind == GOAWAY:
            last, code = struct.unpack(">II", got.body[:8])
            self.goaways.append((last, code, got.body[8:].decode()))
        elif got.kind in (RESPONSE, DATA, CREDIT) and got.stream in self.streams:
            self.streams[got.stream].handle(got)
        else:
            self.strays.append(got)

    def handle_ping(self, got):
        check(len(got.body) == 8 and got.stream == 0, "a PING that may not be: %s" % got)
        if got.flags & ACK:
            self.pongs.append(got.body)
            return
        self.pings += 1
        if self.answers:
            self.raw(frame(PING, 0, got.body, ACK))

    # The beginning and the end, 6 and 8

    def hello_frame(self, **fields):
        hello = self.schema.Hello(min_version=1, max_version=1, software="python conformance client",
                                  max_message_bytes=DEFAULT_MESSAGE, initial_credit_bytes=DEFAULT_CREDIT)
        for name, value in fields.items():
            setattr(hello, name, value)
        self.own_credit = min(hello.initial_credit_bytes or DEFAULT_CREDIT, 16 << 20)
        return frame(HELLO, 0, hello.SerializeToString())

    def greet(self, **fields):
        self.raw(self.hello_frame(**fields))
        self.wait(lambda: self.hello is not None, "the server's HELLO")

    def ended(self, patience=PATIENCE):
        """Reads to the end of the connection; the last GOAWAY's code and text, (None, "") without one."""
        end = time.monotonic() + patience
        while not self.has_ended:
            check(time.monotonic() < end, "the connection goes on; GOAWAY %s" % self.goaways)
            self.pump(1.0)
        self.close()
        return self.goaways[-1][1:] if self.goaways else (None, "")

    def ping(self):
        """One round trip: what was sent before has been dealt with."""
        self.raw(frame(PING, 0, b"roundtrp"))
        self.wait(lambda: b"roundtrp" in self.pongs, "the answer to PING")
        self.pongs.remove(b"roundtrp")

    # Calls, 4

    def next_id(self):
        self.last += 2
        return self.last

    def request(self, service, method, payload=b"", flags=0, timeout=0, metadata=(), stream=None):
        """The bytes of a Request that opens a stream of its own."""
        body = self.schema.Request(service=service, method=method, payload=payload, timeout_nano=timeout)
        for key, value in metadata:
            body.metadata.add(key=key, value=value)
        return frame(REQUEST, self.next_id() if stream is None else stream, body.SerializeToString(), flags)

    def open(self, service, method, payload=b"", flags=0, timeout=0, metadata=()):
        return self.start(self.request(service, method, payload, flags, timeout, metadata))

    def start(self, request):
        """Sends the bytes of the Request whose id was taken last: the answer may come while they are written."""
        call = Stream(self, self.last)
        self.raw(request)
        return call


class Stream:
    """One call of ours."""

    def __init__(self, line, number):
        self.line, self.number = line, number
        self.messages, self.status, self.reads = [], None, 0
        self.credit, self.taken = line.credit, 0
        line.streams[number] = self

    def handle(self, got):
        if got.kind == CREDIT:
            self.credit += struct.unpack(">I", got.body)[0]
        elif got.kind == DATA:
            if not got.flags & NO_DATA:
                self.messages.append(got.body)
            if got.flags & REMOTE_CLOSED:
                # 4.2: only the base profile ends a stream so.
                check(self.line.protocol == BASE, "Data with remote closed from the server (U36)")
                self.end(Status(OK, "", False))
        else:
            response = self.line.schema.Response.FromString(got.body)
            self.end(Status(response.status.code, response.status.message, bool(got.flags & NOT_PROCESSED),
                            response.payload, list(response.status.details)))

    def end(self, status):
        check(self.status is None, "stream %d ends twice" % self.number)
        self.status = status
        del self.line.streams[self.number]

    def send(self, message, flags=0):
        """7: a Data frame may go while the credit is above 0."""
        if self.line.protocol == EXTENDED:
            self.line.wait(lambda: self.credit > 0 or self.status, "credit on stream %d" % self.number)
        self.credit -= max(len(message), 1)
        self.line.raw(frame(DATA, self.number, message, flags))

    def half_close(self):
        self.line.raw(frame(DATA, self.number, b"", REMOTE_CLOSED | NO_DATA))

    def cancel(self, code=CANCELLED):
        self.line.raw(frame(CANCEL, self.number, struct.pack(">I", code)))
        # 7: the server sends nothing more on it; what was under way is dropped.
        self.line.streams.pop(self.number, None)

    def next(self, patience=PATIENCE):
        """The next message, None behind the last."""
        self.line.wait(lambda: self.messages or self.status, "a message on stream %d" % self.number, patience)
        if not self.messages:
            return None
        message = self.messages.pop(0)
        self.taken += max(len(message), 1)
        if self.line.protocol == EXTENDED and self.taken * 2 >= self.line.own_credit and not self.status:
            self.line.raw(frame(CREDIT, self.number, struct.pack(">I", self.taken)))
            self.taken = 0
        return message

    def finished(self, patience=PATIENCE):
        """The status, when all messages have been read."""
        while self.next(patience) is not None:
            pass
        return self.status
