# To be sourced by demo.sh and year.sh: a city of its own in $dir, from the seeds, with certificates made for it, served by the programs in $bin.
dir=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || { kill -TERM "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
  rm -rf "$dir"
}
trap finish EXIT

client() { # client OFFICER COMMAND…
  local officer=$1; shift
  "$bin/twolists" --profile "$dir/certs/officers/$officer.profile" "$@"
}
field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" | head -n 1; }

begin_city() { # begin_city [DAY]: with a demonstration clock that shows nine o'clock of DAY, if given
  local signing=(--journal-certificate "$dir/certs/journal/journal.crt" --journal-key "$dir/certs/journal/journal.key")
  local from=() clock=() port
  [ -z "${1:-}" ] || { from=(--demonstration-from "$1"); clock=(--ca "$dir/certs/ca/ca.crt" --demonstration-clock "${1}T09:00"); }
  "$bin/twolists" ca dev "$dir/certs" "${from[@]}" > "$dir/ca.log"
  "$bin/twolists-server" init --data "$dir/data" --seeds seeds "${signing[@]}" "${clock[@]}"
  "$bin/twolists-server" run --data "$dir/data" --port 0 --certificate "$dir/certs/server/server.crt" \
    --key "$dir/certs/server/server.key" --ca "$dir/certs/ca/ca.crt" --crl "$dir/certs/ca/ca.crl" "${signing[@]}" \
    > "$dir/server.log" 2>&1 &
  server=$!
  for _ in $(seq 100); do grep -q '^ready' "$dir/server.log" && break; sleep 0.1; done
  grep '^ready' "$dir/server.log"
  port=$(sed -n 's/^ready.*:\([0-9]*\)$/\1/p' "$dir/server.log")
  sed -i "s/^server .*/server = 127.0.0.1:$port/" "$dir"/certs/officers/*.profile
}

end_city() { kill -TERM "$server"; wait "$server"; server=; }
verify_city() {
  "$bin/twolists-server" verify --data "$dir/data" --ca "$dir/certs/ca/ca.crt" --journal-certificate "$dir/certs/journal/journal.crt"
}
