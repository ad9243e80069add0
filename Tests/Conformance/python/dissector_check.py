"""The dissector Protocol/twolists.lua, on traffic of our server with a client that is not ours.

    dissector_check.py HOST PORT CA CERTIFICATE KEY TSHARK PROTOCOL_FOLDER WORK_FOLDER

A relay between client and server writes every byte into a capture file of synthetic TCP segments (so no right to capture is needed), cut where the
network happened to cut them, and again cut into pieces of 7 bytes. Python's ssl writes the client's TLS keys. tshark must then print, in both
captures, the frames that were exchanged, with the words of the messages inside. Prints "ok NAME" lines; exits 1 at the first difference.
"""

import os
import socket
import ssl
import struct
import subprocess
import sys
import threading

MAGIC = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 20, 101)  # raw IP


class Capture:
    """A capture file; `most` bytes go into one segment at most."""

    def __init__(self, path, most):
        self.file, self.most = open(path, "wb"), most
        self.file.write(MAGIC)
        self.next = {True: 1, False: 1}
        self.time = 0
        self.segment(True, 0x02, b"")
        self.segment(False, 0x12, b"")
        self.segment(True, 0x10, b"")

    def write(self, from_client, data):
        for at in range(0, len(data), self.most):
            self.segment(from_client, 0x18, data[at : at + self.most])

    def segment(self, from_client, flags, data):
        ports = (40000, 7443) if from_client else (7443, 40000)
        ack = self.next[not from_client] if flags & 0x10 else 0
        sequence = self.next[from_client] - (1 if flags & 0x02 else 0)
        tcp = struct.pack(">HHIIBBHHH", *ports, sequence, ack, 0x50, flags, 65535, 0, 0) + data
        addresses = b"\x7f\0\0\x01\x7f\0\0\x02" if from_client else b"\x7f\0\0\x02\x7f\0\0\x01"
        packet = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + addresses + tcp
        self.time += 1
        self.file.write(struct.pack("<IIII", 0, self.time, len(packet), len(packet)) + packet)
        self.next[from_client] += len(data)

    def close(self):
        self.file.close()


class Relay:
    """Takes one connection and passes it on, noting what passed in order."""

    def __init__(self, host, port):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.passed, self.lock = [], threading.Lock()
        self.thread = threading.Thread(target=self.run, args=(host, port))
        self.thread.start()

    def run(self, host, port):
        client, _ = self.listener.accept()
        server = socket.create_connection((host, port))
        up = threading.Thread(target=self.copy, args=(client, server, True))
        up.start()
        self.copy(server, client, False)
        up.join()
        client.close()
        server.close()
        self.listener.close()

    def copy(self, source, target, from_client):
        try:
            while data := source.recv(65536):
                with self.lock:
                    self.passed.append((from_client, data))
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def frame(stream, kind, flags, data=b""):
    return struct.pack(">IIBB", len(data), stream, kind, flags) + data


def request(service, method, payload, *more):
    return field(1, service.encode()) + field(2, method.encode()) + (field(3, payload) if payload else b"") + b"".join(more)


def read_frame(tls):
    header = b""
    while len(header) < 10:
        header += tls.recv(10 - len(header)) or fail("the server ended the connection")
    length, stream, kind, flags = struct.unpack(">IIBB", header)
    data = b""
    while len(data) < length:
        data += tls.recv(length - len(data)) or fail("the server ended the connection")
    return stream, kind, flags, data


def fail(text):
    print(text)
    os._exit(1)


def talk(tls):
    """HELLO, PING, a unary call, a call that is refused, one with metadata and a timeout, a server stream, a cancel."""
    tls.sendall(frame(0, 0x10, 0, field(1, 1) + field(2, 1) + field(3, "检查者".encode())))
    hello = read_frame(tls)
    hello[1] == 0x10 or fail("no HELLO")
    # Several frames in one record, and one record for half a frame.
    check = request("grpc.health.v1.Health", "Check", field(1, b"twolists.v1.Exchange"))
    unknown = request("no.Such", "Thing", b"", field(4, 5_000_000_000), field(5, field(1, b"trace") + field(2, b"7f")))
    watch = request("grpc.health.v1.Health", "Watch", b"")
    burst = frame(0, 0x13, 0, b"12345678") + frame(1, 0x01, 0, check) + frame(3, 0x01, 0, unknown)
    tls.sendall(burst + frame(5, 0x01, 0x01, watch)[:13])
    tls.sendall(frame(5, 0x01, 0x01, watch)[13:])
    seen = sorted(read_frame(tls)[:2] for _ in range(4))
    seen == [(0, 0x13), (1, 0x02), (3, 0x02), (5, 0x03)] or fail(f"other answers than expected: {seen}")
    tls.sendall(frame(5, 0x12, 0, struct.pack(">I", 4096)) + frame(5, 0x11, 0, struct.pack(">I", 1)))
    tls.sendall(frame(0, 0x85, 0, b"may pass by") + frame(0, 0x14, 0, struct.pack(">II", 0, 0) + "再见".encode()))


def converse(host, port, ca, certificate, key, keys):
    relay = Relay(host, port)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.load_verify_locations(ca)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["twolists/1"])
    context.keylog_filename = keys
    with socket.create_connection(("127.0.0.1", relay.port)) as plain:
        with context.wrap_socket(plain) as tls:
            talk(tls)
    relay.thread.join()
    return relay.passed


def write(path, passed, most):
    capture = Capture(path, most)
    for from_client, data in passed:
        capture.write(from_client, data)
    capture.close()
    return path


def tshark(program, protocol, keys, capture, *more):
    command = [program, "-X", f"lua_script:{protocol}/twolists.lua", "-o", f"tls.keylog_file:{keys}", "-r", capture]
    command += ["-o", f'uat:protobuf_search_paths:"{protocol}","TRUE"', "-o", "protobuf.preload_protos:TRUE"]
    ran = subprocess.run(command + list(more), capture_output=True, text=True, timeout=300)
    "Lua" in ran.stderr and fail(ran.stderr)
    return ran.stdout


# What the summary lines must hold, in this order for each direction.
FROM_CLIENT = [
    "HELLO 检查者", "PING", "Request [1] grpc.health.v1.Health/Check", "Request [3] no.Such/Thing",
    "Request [5] closed grpc.health.v1.Health/Watch", "CREDIT [5] +4096", "CANCEL [5] CANCELLED", "type 0x85", "GOAWAY none: 再见",
]
FROM_SERVER = ["HELLO ", "PING ack", "Response [1] OK", "Response [3] not-processed UNIMPLEMENTED", "Data [5]"]


def check_summary(lines, client_port, expected, name):
    text = "; ".join(line.split("\t", 1)[1] for line in lines if line.startswith(client_port + "\t"))
    for words in expected:
        words in text or fail(f"{name}: {words!r} is missing in {text!r}")
    if name.endswith("client"):
        places = [text.find(words) for words in expected]
        places == sorted(places) or fail(f"{name}: out of order: {text!r}")
    print("ok", name)


def check(program, protocol, keys, capture, name):
    fields = ["-T", "fields", "-e", "tcp.srcport", "-e", "_ws.col.Info", "-Y", "twolists"]
    lines = tshark(program, protocol, keys, capture, *fields).splitlines()
    check_summary(lines, "40000", FROM_CLIENT, f"{name}: frames of the client")
    check_summary(lines, "7443", FROM_SERVER, f"{name}: frames of the server")
    tree = tshark(program, protocol, keys, capture, "-V", "-Y", "twolists")
    for words in [
        "Service: grpc.health.v1.Health", "Metadata: trace: 7f", "Timeout (ns): 5000000000", "max_message_bytes = 1048576",
        "Status: UNIMPLEMENTED (12)", "Unknown frame type", "Message: grpc.health.v1.HealthCheckRequest",
        "Message: grpc.health.v1.HealthCheckResponse", "SERVING",
    ]:
        words in tree or fail(f"{name}: {words!r} is missing in the tree\n{tree}")
    "Malformed" in tree and fail(f"{name}: something is called malformed\n{tree}")
    print("ok", f"{name}: fields and messages")


def main(host, port, ca, certificate, key, program, protocol, work):
    keys = os.path.join(work, "client.keys")
    passed = converse(host, int(port), ca, certificate, key, keys)
    check(program, protocol, keys, write(f"{work}/whole.pcap", passed, 60000), "whole")
    check(program, protocol, keys, write(f"{work}/pieces.pcap", passed, 7), "pieces of 7 bytes")
    hidden = tshark(program, protocol, os.devnull, f"{work}/whole.pcap", "-Y", "twolists")
    hidden and fail(f"frames are shown without the keys: {hidden}")
    print("ok", "nothing without the keys")


if __name__ == "__main__":
    len(sys.argv) == 9 or fail(__doc__)
    main(*sys.argv[1:])
