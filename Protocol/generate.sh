#!/bin/bash
# Generates the checked-in Swift from the schema: Protocol/generate.sh [OUTPUT_ROOT]
# Needs protoc (Debian: protobuf-compiler and libprotobuf-dev). PLUGIN=path uses a plugin already built.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$root}
plugin=${PLUGIN:-}
if [ -z "$plugin" ]; then
    (cd "$root" && swift build --product protoc-gen-twolists >&2)
    plugin=$(cd "$root" && swift build --show-bin-path)/protoc-gen-twolists
fi
folders="Sources/Wire/Generated Sources/Schema/Generated Tests/WireTests/Generated"
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
# Sorted in one locale, so that the output never depends on the machine. released/ keeps the schemas of old versions.
mapfile -t files < <(cd "$root/Protocol" && find . -name '*.proto' -not -path './released/*' | sed 's,^\./,,' | LC_ALL=C sort)
protoc -I "$root/Protocol" -I /usr/include --plugin=protoc-gen-twolists="$plugin" --twolists_out="$new" "${files[@]}"
# Nothing is touched before everything has been generated; files whose schema is gone go too.
for folder in $folders; do
    mkdir -p "$out/$folder" "$new/$folder"
    rm -f "$out/$folder"/*.swift
    find "$new/$folder" -name '*.swift' -exec cp {} "$out/$folder/" \;
done
