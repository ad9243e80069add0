#!/bin/bash
# Holds the schema against its rules and against the last released one: Protocol/check.sh
# Needs protoc (Debian: protobuf-compiler and libprotobuf-dev). PLUGIN=path uses a plugin already built.
# Exit codes: 0 all is well, otherwise each broken rule or promise stands on standard error.
set -euo pipefail
root=${SCHEMA:-$(cd "$(dirname "$0")" && pwd)}
plugin=${PLUGIN:-}
command -v protoc >/dev/null || { echo "protoc is missing: apt-get install protobuf-compiler libprotobuf-dev" >&2; exit 2; }
if [ -z "$plugin" ]; then
    (cd "$root/.." && swift build --product protoc-gen-twolists >&2)
    plugin=$(cd "$root/.." && swift build --show-bin-path)/protoc-gen-twolists
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# The newest number is the last release. Its schema imports what stands unreleased beside it (google/rpc).
last=$(find "$root/released" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort -n | tail -1)
[ -n "$last" ] || { echo "$root/released holds no release" >&2; exit 2; }
list() { (cd "$1" && find . -name '*.proto' -not -path './released/*' | sed 's,^\./,,' | LC_ALL=C sort); }
mapfile -t old < <(list "$root/released/$last")
mapfile -t new < <(list "$root")
mkdir "$scratch/lint"
protoc -I "$root" -I /usr/include --plugin=protoc-gen-twolists="$plugin" --twolists_out="$scratch/lint" "${new[@]}"
protoc -I "$root/released/$last" -I "$root" -I /usr/include --descriptor_set_out="$scratch/old.bin" "${old[@]}"
protoc -I "$root" -I /usr/include --descriptor_set_out="$scratch/new.bin" "${new[@]}"
"$plugin" breaking "$scratch/old.bin" "$scratch/new.bin" ||
    { echo "the schema breaks what release $last promised (Protocol/released/$last)" >&2; exit 1; }
