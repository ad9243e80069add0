#!/usr/bin/env bash
# run.sh [SECONDS]: builds the decoders with libFuzzer and AddressSanitizer and runs them on the vectors' bytes, then on what it makes of them.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
work=.build/fuzz
mkdir -p "$work/corpus"
python3 - "$work/corpus" <<'PY'
import pathlib, re, sys
out = pathlib.Path(sys.argv[1])
for file in pathlib.Path("Protocol/vectors").rglob("*.txt"):
    for number, line in enumerate(file.read_text().splitlines()):
        for word in re.findall(r"(?:[0-9a-f]{2}){2,}", line):
            (out / f"{file.stem}-{number}-{len(word)}").write_bytes(bytes.fromhex(word))
PY
swiftc -O -swift-version 6 -package-name twolists -parse-as-library -module-name Wire \
  -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
  -enable-upcoming-feature MemberImportVisibility -sanitize=fuzzer,address \
  $(find Sources/Wire -name '*.swift') Tests/Fuzz/WireFuzz.swift -o "$work/wire" 2> "$work/build.log" || { tail -n 20 "$work/build.log"; exit 1; }
SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 "$work/wire" -max_total_time="$seconds" -max_len=4096 -artifact_prefix="$work/" "$work/corpus"
