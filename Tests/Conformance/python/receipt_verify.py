#!/usr/bin/env python3
"""Checks receipts, written from Protocol/RECEIPT.md alone.

    receipt_verify.py RECEIPT --envelope FILE --ca FILE     one receipt; prints GOOD or the first check that failed
    receipt_verify.py --batch FILE --ca FILE                many: one verdict a line

    receipt_verify.py --restorations FILE --ca FILE         pairs of a held checkpoint and a RestorationsPage (RECEIPT.md 9)

A batch is a row of pairs, each part with its length in four bytes, big endian, in front: receipt, envelope. Certificate and
ECDSA are cryptography's (PyCA), SM2 is the openssl program's; protobuf, the tree and everything else are here.
"""
import argparse
import datetime
import functools
import hashlib
import os
import subprocess
import sys
import tempfile

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec


class Failed(Exception):
    """A check of RECEIPT.md 4 that did not hold; the argument is its name."""


def require(check, name, why):
    if not check:
        raise Failed(name, why)


# --- protobuf, as much as is needed -----------------------------------------------------------------------------------

def varint(data, at):
    value = shift = 0
    while True:
        require(at < len(data) and shift < 70, "FORM", "varint")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (1 << 64) - 1, at
        shift += 7


def fields(data):
    """Number -> list of values; bytes for length-delimited ones, the rest is passed over."""
    found, at = {}, 0
    while at < len(data):
        tag, at = varint(data, at)
        number, kind = tag >> 3, tag & 7
        require(number > 0, "FORM", "field number 0")
        if kind == 0:
            _, at = varint(data, at)
        elif kind == 1:
            at += 8
        elif kind == 5:
            at += 4
        elif kind == 2:
            length, at = varint(data, at)
            require(at + length <= len(data), "FORM", "a field is cut off")
            found.setdefault(number, []).append(data[at : at + length])
            at += length
        else:
            raise Failed("FORM", "wire type")
        require(at <= len(data), "FORM", "a field is cut off")
    return found


def last(found, number):
    return found.get(number, [b""])[-1]


def merged(found, number):
    """Of a message that comes more than once the parts are merged: the same as reading them joined."""
    return fields(b"".join(found.get(number, [])))


# --- the statements ---------------------------------------------------------------------------------------------------

DIGESTS = {1: "sha256", 2: "sm3"}


def digest(algorithm, *parts):
    made = hashlib.new(DIGESTS[algorithm])
    for part in parts:
        made.update(part)
    return made.digest()


def number(data, at, size, signed=False):
    return int.from_bytes(data[at : at + size], "little", signed=signed)


class Leaf:
    def __init__(self, data):
        require(len(data) == 128 and data[:4] == b"TLL1", "FORM", "leaf")
        require(data[4] in DIGESTS and data[5] == 0 and data[60:64] == bytes(4), "FORM", "leaf")
        self.data, self.algorithm = data, data[4]
        self.type = number(data, 6, 2)
        self.store = data[8:24]
        self.sequence = number(data, 24, 8)
        self.time = number(data, 32, 8, signed=True)
        self.command = data[40:56]
        self.outcome = number(data, 56, 4)
        self.envelope = data[64:96]


class Checkpoint:
    def __init__(self, data):
        require(len(data) == 88 and data[:4] == b"TLC1", "FORM", "checkpoint")
        require(data[4] in DIGESTS and data[5:8] == bytes(3), "FORM", "checkpoint")
        self.data, self.algorithm = data, data[4]
        self.city = data[8:24].rstrip(b"\0")
        require(self.city and len(self.city) <= 16 and all(0x21 <= c <= 0x7E for c in self.city), "FORM", "city")
        self.store = data[24:40]
        self.size = number(data, 40, 8)
        self.time = number(data, 48, 8, signed=True)
        self.root = data[56:88]


# --- the tree, RFC 9162 2.1 --------------------------------------------------------------------------------------------

def includes(algorithm, leaf, index, size, path, root):
    return includes_hash(algorithm, digest(algorithm, b"\0", leaf), index, size, path, root)


def includes_hash(algorithm, r, index, size, path, root):
    if index >= size:
        return False
    fn, sn = index, size - 1
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = digest(algorithm, b"\1", p, r)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = digest(algorithm, b"\1", r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def consistent(algorithm, older, older_root, newer, newer_root, path):
    """RFC 9162 2.1.4.2: the tree of `newer` begins with the tree of `older`."""
    if older == newer:
        return not path and older_root == newer_root
    if older > newer or older == 0 or not path:
        return older == 0 and older < newer and not path and older_root == digest(algorithm)
    nodes = [older_root] + path if older & (older - 1) == 0 else path
    fn, sn = older - 1, newer - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = nodes[0]
    for c in nodes[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = digest(algorithm, b"\1", c, fr), digest(algorithm, b"\1", c, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = digest(algorithm, b"\1", sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == older_root and sr == newer_root


# --- certificate and signature ----------------------------------------------------------------------------------------

CODE_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.3")


@functools.lru_cache(maxsize=64)
def parsed(der):
    return x509.load_der_x509_certificate(der)


def extension(certificate, kind):
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError, x509.DuplicateExtension):
        return None


def valid_at(certificate, moment):
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc


def is_authority(certificate):
    constraints = extension(certificate, x509.BasicConstraints)
    return constraints is not None and constraints.ca


@functools.lru_cache(maxsize=64)
def issued_by(der, authority_der):
    try:
        parsed(der).verify_directly_issued_by(parsed(authority_der))
        return True
    except (ValueError, TypeError, InvalidSignature):
        return False


def good_certificate(*facts):
    """As check_certificate; what cannot even be read, for whatever reason, is no good either."""
    try:
        return check_certificate(*facts)
    except Failed:
        raise
    except Exception as error:
        raise Failed("CERTIFICATE", f"cannot be read: {error}") from None


def check_certificate(der, fingerprint, city, time, authorities):
    name = "CERTIFICATE"
    require(hashlib.sha256(der).digest() == fingerprint, name, "another certificate than the one named")
    certificate = parsed(der)
    moment = datetime.datetime.fromtimestamp(time // 1_000_000_000, datetime.timezone.utc)
    issuers = [a for a in authorities if is_authority(parsed(a)) and issued_by(der, a)]
    require(issuers, name, "issued by none of the CA file")
    require(any(valid_at(parsed(a), moment) for a in issuers), name, "its CA was not valid then")
    require(valid_at(certificate, moment), name, "not valid then")
    require(not is_authority(certificate), name, "a CA itself")
    usage = extension(certificate, x509.ExtendedKeyUsage)
    require(usage is not None and CODE_SIGNING in usage, name, "not for signing")
    names = extension(certificate, x509.SubjectAlternativeName)
    uris = names.get_values_for_type(x509.UniformResourceIdentifier) if names is not None else []
    require(uris == [f"twolists://{city.decode()}/journal"], name, f"names {uris}")


def check_signatures(checkpoint, signatures, authorities, required=()):
    known = [s for s in signatures if last(s, 1) in VERIFIERS]
    require(known, "UNSIGNED", "no signature of a known algorithm")
    for signature in known:
        algorithm = last(signature, 1)
        good_certificate(last(signature, 4), last(signature, 3), checkpoint.city, checkpoint.time, authorities)
        fits = VERIFIERS[algorithm](last(signature, 4), last(signature, 2), checkpoint.data)
        require(fits, "SIGNATURE", f"the one by {algorithm.decode()} does not fit")
    for algorithm in required:
        require(any(last(s, 1) == algorithm for s in known), "UNSIGNED", f"the one by {algorithm.decode()} is missing")


def verify_ecdsa(certificate, signature, data):
    try:
        key = parsed(certificate).public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            return False
        key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        return True
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False


def verify_sm2(certificate, signature, data):
    """By the openssl program: the library has no SM2."""
    with tempfile.TemporaryDirectory() as folder:
        def put(name, content):
            path = os.path.join(folder, name)
            with open(path, "wb") as file:
                file.write(content)
            return path

        der, made, signed = put("crt", certificate), put("sig", signature), put("data", data)
        key = subprocess.run(["openssl", "x509", "-inform", "DER", "-in", der, "-noout", "-pubkey"], capture_output=True)
        if key.returncode != 0:
            return False
        pem = put("key", key.stdout)
        kind = subprocess.run(["openssl", "pkey", "-pubin", "-in", pem, "-noout", "-text"], capture_output=True)
        if b"SM2" not in kind.stdout:
            return False
        run = subprocess.run(
            ["openssl", "dgst", "-sm3", "-verify", pem, "-signature", made, "-sigopt", "distid:1234567812345678", signed],
            capture_output=True)
        return run.returncode == 0


VERIFIERS = {b"ecdsa-p256-sha256": verify_ecdsa, b"sm2-sm3": verify_sm2}


# --- one receipt ------------------------------------------------------------------------------------------------------

def verify(receipt, envelope, authorities, required=()):
    """Raises Failed; gives (leaf, checkpoint) when everything of RECEIPT.md 4 holds."""
    found = fields(receipt)
    signed = merged(found, 3)
    leaf, checkpoint = Leaf(last(found, 1)), Checkpoint(last(signed, 1))
    path, salt = last(found, 2), last(found, 4)
    require(len(path) % 32 == 0 and len(path) <= 64 * 32, "FORM", "path")
    require(len(salt) == 16, "FORM", "salt")
    signatures = [fields(s) for s in signed.get(2, [])]

    require(leaf.algorithm == checkpoint.algorithm and leaf.store == checkpoint.store, "STORE", "two stores")
    require(leaf.type == 1 and leaf.command != bytes(16), "STORE", "not a command's record")
    require(1 <= leaf.sequence <= checkpoint.size and leaf.time <= checkpoint.time, "STORE", "not before it")

    require(digest(leaf.algorithm, salt, envelope) == leaf.envelope, "ENVELOPE", "other bytes")
    try:
        inside = fields(envelope)
    except Failed:
        raise Failed("ENVELOPE", "cannot be read") from None
    require(last(inside, 1) == leaf.command and last(inside, 2) == checkpoint.city, "ENVELOPE", "another's")

    nodes = [path[at : at + 32] for at in range(0, len(path), 32)]
    inclusion = includes(
        leaf.algorithm, leaf.data, leaf.sequence - 1, checkpoint.size, nodes, checkpoint.root)
    require(inclusion, "INCLUSION", "the path does not lead to the root")
    check_signatures(checkpoint, signatures, authorities, required)
    return leaf, checkpoint


# --- a declared restore, RECEIPT.md 9 -----------------------------------------------------------------------------------

class Restored:
    """The body of a RESTORED record, JOURNAL.md 3.3."""

    def __init__(self, data):
        require(len(data) >= 104 and number(data, 100, 2) == len(data) - 104, "FORM", "RESTORED")
        self.kept, self.kept_root = number(data, 0, 8), data[16:48]
        self.cut, self.cut_root = number(data, 48, 8), data[64:96]
        require(self.kept < self.cut, "FORM", "RESTORED")
        data[104:].decode("utf-8")


def hashes_of(path):
    require(len(path) % 32 == 0, "FORM", "path")
    return [path[at : at + 32] for at in range(0, len(path), 32)]


def declares(proof, held, shown):
    record, leaf = last(proof, 1), Leaf(last(proof, 2))
    restored = Restored(record)
    require(leaf.type == 6 and leaf.store == shown.store and leaf.algorithm == shown.algorithm, "STORE", "leaf")
    require(digest(leaf.algorithm, record) == leaf.data[96:128], "STORE", "the record is another")
    require(restored.kept < leaf.sequence <= shown.size and leaf.time <= shown.time, "STORE", "not in it")
    require(restored.kept < held.size <= restored.cut and held.time <= leaf.time, "STORE", "not of what was cut")
    a = shown.algorithm
    require(
        includes(a, leaf.data, leaf.sequence - 1, shown.size, hashes_of(last(proof, 3)), shown.root),
        "INCLUSION", "the record does not stand there")
    for older, old_root, newer, new_root, path in (
        (restored.kept, restored.kept_root, shown.size, shown.root, 4),
        (restored.kept, restored.kept_root, restored.cut, restored.cut_root, 5),
        (held.size, held.root, restored.cut, restored.cut_root, 6),
    ):
        require(
            consistent(a, older, old_root, newer, new_root, hashes_of(last(proof, path))),
            "CONSISTENCY", f"path {path}")
    return restored


def restoration(held, page, authorities):
    """The restore that declares what a checkpoint is of as cut; None: the alarm stands."""
    try:
        held, found = Checkpoint(held), fields(page)
        signed = merged(found, 1)
        shown = Checkpoint(last(signed, 1))
        check_signatures(shown, [fields(s) for s in signed.get(2, [])], authorities)
        require((shown.store, shown.city, shown.algorithm) == (held.store, held.city, held.algorithm), "STORE", "other")
    except Failed:
        return None
    for proof in reversed(found.get(2, [])):
        try:
            return declares(fields(proof), held, shown)
        except (Failed, UnicodeDecodeError):
            continue
    return None


# --- files ------------------------------------------------------------------------------------------------------------

def content(data, mark):
    """The protobuf behind the first line that says what a file is; nil when it says something else."""
    first = mark + b"\n"
    return data[len(first) :] if data.startswith(first) else None


def read(path):
    with open(path, "rb") as file:
        return file.read()


def load_authorities(path):
    from cryptography.hazmat.primitives.serialization import Encoding

    return [c.public_bytes(Encoding.DER) for c in x509.load_pem_x509_certificates(read(path))]


def envelope_of(data):
    command = content(data, b"twolists-command/1")
    return data if command is None else last(fields(command), 1)


def verdict(receipt, envelope, authorities):
    try:
        verify(receipt, envelope, authorities)
        return "GOOD"
    except Failed as failed:
        return failed.args[0]


def pairs(path):
    data, at, parts = read(path), 0, []
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        parts.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return zip(parts[::2], parts[1::2])


def batch(path, authorities):
    for receipt, envelope in pairs(path):
        print(verdict(receipt, envelope, authorities))


def restorations(path, authorities):
    for held, page in pairs(path):
        found = restoration(held, page, authorities)
        print(f"DECLARED {found.kept} {found.cut}" if found else "ALARM")


def main():
    parser = argparse.ArgumentParser(description="Checks receipts (Protocol/RECEIPT.md).")
    parser.add_argument("receipt", nargs="?")
    parser.add_argument("--envelope")
    parser.add_argument("--ca", required=True)
    parser.add_argument("--batch")
    parser.add_argument("--restorations")
    parser.add_argument("--require", action="append", default=[], help="an algorithm whose signature must be there")
    options = parser.parse_args()
    authorities = load_authorities(options.ca)
    if options.batch:
        return batch(options.batch, authorities)
    if options.restorations:
        return restorations(options.restorations, authorities)
    if not options.receipt or not options.envelope:
        parser.error("RECEIPT and --envelope, or --batch")
    receipt = content(read(options.receipt), b"twolists-receipt/1")
    if receipt is None:
        sys.exit("FORM: the first line is not twolists-receipt/1")
    try:
        leaf, checkpoint = verify(receipt, envelope_of(read(options.envelope)), authorities, [name.encode() for name in options.require])
    except Failed as failed:
        sys.exit(f"{failed.args[0]}: {failed.args[1]}")
    print(f"GOOD command {leaf.command.hex()} outcome {leaf.outcome} sequence {leaf.sequence} of {checkpoint.size}")


if __name__ == "__main__":
    main()
