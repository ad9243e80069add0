#!/usr/bin/env python3
"""Runs the conformance cases against a server that was started with --test-service, prints a line a case and the sum.

    conformance.py --port 7443 --certificate FILE --key FILE --ca FILE [--sets interop,unexpected,patience] [--only NAME …]

Sets: `interop`, gRPC's cases; `unexpected`, the lines of PROTOCOL.md 11 that a client can cause at once; `patience`, those for which
the server must wait, run out of memory or go: they take as long as its limits, so start one with short ones.
Needs Python 3.9, its ssl, protobuf, and protoc in PATH. Exit code 0: all went well.
"""
import argparse
import os
import sys
import traceback

import interop
import patience
import unexpected
import unexpected_streams  # its cases register themselves
from wire import Failed, House

assert unexpected_streams.case is unexpected.case
UNEXPECTED = dict(sorted(unexpected.CASES.items(), key=lambda one: int(one[0][1:])))
SETS = {"interop": interop.CASES, "unexpected": UNEXPECTED, "patience": patience.CASES}


def options():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--server", default="twolists://421300/server", help="the URI of the server's certificate")
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--ca", required=True)
    parser.add_argument("--proto", default=os.path.join(here, "../../../Protocol"), help="folder of the .proto files")
    parser.add_argument("--sets", default="interop,unexpected")
    parser.add_argument("--only", nargs="*", default=[], help="names of cases")
    parser.add_argument("--base", action="store_true", help="the server allows the base profile: test that too")
    parser.add_argument("--budget", type=int, default=256 << 20, help="bytes the server holds for all peers")
    parser.add_argument("--stall", type=float, default=40, help="seconds not to read, longer than the server waits")
    parser.add_argument("--soak", type=int, default=50, help="calls of rpc_soak, twice the connections of channel_soak")
    parser.add_argument("--keylog", help="append the TLS keys to this file, for a dissector")
    return parser.parse_args()


def run(name, function, house):
    """True when the case went well."""
    try:
        words = function(house)
    except Failed as error:
        print("%s: FAILED: %s" % (name, error), flush=True)
        return False
    except Exception:  # pylint: disable=broad-except
        print("%s: FAILED: %s" % (name, traceback.format_exc()), flush=True)
        return False
    print("%s: ok%s" % (name, " (%s)" % words if words else ""), flush=True)
    return True


def main():
    arguments = options()
    house = House(arguments)
    results = []
    for chosen in arguments.sets.split(","):
        for name, function in SETS[chosen].items():
            if not arguments.only or name in arguments.only:
                results.append(run(name, function, house))
    if "unexpected" in arguments.sets:
        for name, why in unexpected.NOT_FROM_A_CLIENT.items():
            print("%s: not for a client: %s" % (name, why))
    print("%d of %d" % (sum(results), len(results)))
    sys.exit(0 if results and all(results) else 1)


if __name__ == "__main__":
    main()
