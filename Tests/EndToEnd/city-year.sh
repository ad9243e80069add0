#!/usr/bin/env bash
# city-year.sh [BIN] [OUT] [SCALE] [PYTHON]: the city's year 2022 from files to figures. Three counties and the departments send what they have, each in its own forms and all at once,
# one county by disc alone; then the annual report prints every figure from the rows, which must be the ones that Python counts. One county reconciles its file with the register, before and after somebody
# changed a number in it. What was printed and written stays in OUT. Fails at the first step that does not end as it should.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$(realpath "${1:-.build/release}")
out=$(realpath -m "${2:-.run/city-year}")
scale=${3:-1.0}
python=${4:-.build/python/bin/python}
rm -rf "$out"
mkdir -p "$out"
. Tests/EndToEnd/city.sh
exec > >(tee "$out/log.txt") 2>&1

say() { printf '\n—— %s\n' "$*"; }
# By party: the officer who sends.
declare -A officers=([county/421303]=k3z8 [county/421321]=k7f2 [county/421381]=k8g5 [bureau/421300]=b1a1
  [department/421300-HR]=d5h2 [department/421300-EDU]=d5e1 [department/421300-JD]=d5j6)

say "The files of the counties and departments"
PYTHONDONTWRITEBYTECODE=1 "$python" Tests/EndToEnd/CityYear/generate.py "$out/files" --scale "$scale"
"$python" - "$out/files/files.json" > "$out/files.tsv" <<'LIST'
import json, sys
for file in json.load(open(sys.argv[1], encoding="utf-8")):
    print(file["party"], file["kind"], file["period"] or "-", file["path"], sep="\t")
LIST

say "A city from its seeds"
begin_city

# One county has no line: what it sends and what it is told goes by disc. The first brings the kinds of tables that it checks its files by.
disc=county/421303
discs="$dir/discs"
mkdir "$discs"
printf 'line = none\nrevocations = %s\n' "$dir/certs/ca/ca.crl" >> "$dir/certs/officers/${officers[$disc]}.profile"
say "A disc with the kinds of tables for $disc, which has no line"
client b1a1 package make --to "$disc" --reader "$dir/certs/officers/${officers[$disc]}.crt" --out "$discs"
client "${officers[$disc]}" package open "$discs/county_421303-000001.tlp"

send() { # send PARTY: all of one sender's files, one after the other
  local party=$1 kind period path options
  while IFS=$'\t' read -r kind period path; do
    options=(--kind "$kind")
    [ "$period" = - ] || options+=(--period "$period")
    # Bounded: a batch that is never checked must not be waited for.
    timeout 300 "$bin/twolists" --profile "$dir/certs/officers/${officers[$party]}.profile" \
      batch send "$out/files/$path" "${options[@]}" < /dev/null > "$sent" 2>&1 \
      || { printf '[%s] %s\n' "$party" "$path"; cat "$sent"; exit 1; }
    printf '[%s] %s\n' "$party" "$path"
  done < <(awk -F '\t' -v party="$party" '$1 == party { print $2 "\t" $3 "\t" $4 }' "$out/files.tsv")
}

answered() { client "${officers[$disc]}" batch list --stage done --json | grep -c '"number"' || true; }

exchange() { # exchange: what waits at the county without a line, there and back; its answers are there when the city has checked everything
  local officer=${officers[$disc]} files back
  files=$(awk -F '\t' -v party="$disc" '$1 == party' "$out/files.tsv" | wc -l)
  client "$officer" package make --reader "$dir/certs/officers/b1a1.crt" --out "$discs"
  client b1a1 package open "$discs/bureau_421300-000001.tlp" --out "$discs"
  for back in 2 3 4 5; do
    client "$officer" package open "$discs/county_421303-00000$back.tlp"
    [ "$(answered)" != "$files" ] || break
    # The city was still checking when the disc went back: the next one tells the rest.
    sleep 10
    client b1a1 package make --to "$disc" --out "$discs"
  done
  client "$officer" outbox list
  client "$officer" batch list
  [ "$(answered)" = "$files" ]
  printf '%d files by disc, each answered: stored, checked, done\n' "$files"
}

say "Everybody sends, one county by disc"
start=$(date +%s%N)
senders=()
for party in "${!officers[@]}"; do
  ( trap - EXIT; sent=$(mktemp -p "$dir"); send "$party"; [ "$party" != "$disc" ] || exchange > "$dir/exchange.txt" 2>&1 ) & senders+=($!)
done
failed=0
for sender in "${senders[@]}"; do wait "$sender" || failed=1; done
cat "$dir/exchange.txt"
[ $failed = 0 ] || { grep "cannot be" "$dir/server.log"; exit 1; }
printf 'sent, checked and taken in %d ms\n' $((($(date +%s%N) - start) / 1000000))
client b1a1 batch kinds

say "The annual report, from rows"
client b1a1 report annual --year 2022 | tee "$out/annual.txt"
client b1a1 report annual --year 2022 --csv "$out/annual.csv" --html "$out/annual.html"
client b1a1 call twolists.v1.Batches/GetFigures -d '{"year": 2022}' > "$out/figures.json"
"$python" Tests/EndToEnd/CityYear/compare.py "$out/files/expected.json" "$out/figures.json"
if grep -q '不符' "$out/annual.txt"; then
  # Only what is published of the big registers may be missed, and only where they are smaller than the city's.
  [ "$scale" != 1.0 ] || { echo 'a figure is not what was published'; exit 1; }
fi

say "A county reconciles its pensions with the register"
pensions=$(awk -F '\t' '$1 == "county/421381" && $2 == "pension" { print $4 }' "$out/files.tsv")
client k8g5 batch compare "$out/files/$pensions" --kind pension
client k8g5 batch export pension "$dir/changed.csv" --party county/421381
sed -i '0,/\.[0-9][0-9],/s/\.[0-9][0-9],/.99,/' "$dir/changed.csv"
code=0
client k8g5 batch compare "$dir/changed.csv" --kind pension || code=$?
[ $code = 12 ] || { echo "a changed number was not found: exit code $code"; exit 1; }

say "The journal proves it: stop and verify"
end_city
verify_city
say "done; files, report and this text: $out"
