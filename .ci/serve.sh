#!/usr/bin/env bash
# serve.sh DIR PORT: makes a store from the seeds unless DIR holds one, and serves it with the development certificates.
set -euo pipefail
dir=$1 port=$2
bin=${BIN:-.build/release} certs=Certs/dev
signing=(--journal-certificate "$certs/journal/journal.crt" --journal-key "$certs/journal/journal.key")
if [ ! -d "$dir/data" ]; then
  mkdir -p "$dir"
  "$bin/twolists-server" init --data "$dir/data" --seeds seeds "${signing[@]}"
fi
cat <<TEXT

Try it in a second terminal (whose officer you are is in the profile):

  export PATH="$PWD/$bin:\$PATH" TWOLISTS_PROFILE="$PWD/$certs/officers/u7l1.profile"
  twolists whoami
  twolists request submit --title 营区东门道路修缮 --content 东门道路破损约两百米，雨天积水 --category road \\
      --contact-name 示例联系人 --contact-phone 0722-0000000
  twolists request list

The bureau's officers are b1a1 and b1s2, the county's k7f2, the department's d5h2: see README.md, "A tour".
Ctrl-C stops the server; everything acknowledged is on disc.

TEXT
exec "$bin/twolists-server" run --data "$dir/data" --port "$port" --allow-ttrpc \
  --certificate "$certs/server/server.crt" --key "$certs/server/server.key" --ca "$certs/ca/ca.crt" \
  --crl "$certs/ca/ca.crl" "${signing[@]}"
