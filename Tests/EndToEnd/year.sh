#!/usr/bin/env bash
# year.sh [BIN] [OUT] [STEPS]: plays a city's year (seeds/demo/year.txt, which says how to read it) through a server of its own, on a
# demonstration clock, each step as the officer whose turn it is. What it printed, the reports and the printed sheets stay in OUT.
# Stops after so many STEPS, if given. Fails at the first step that does not end as the script says.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$(realpath "${1:-.build/release}")
out=$(realpath -m "${2:-.run/year}")
steps=${3:-1000000}
seeds=$(realpath seeds/demo)
script=$seeds/year.txt
rm -rf "$out"
mkdir -p "$out"
. Tests/EndToEnd/city.sh
exec > >(tee "$out/report.txt") 2>&1

first_day=$(sed -n 's/^\(20[0-9-]*\) [0-9:]*$/\1/p' "$script" | head -n 1)
begin_at=${first_day%-*}-01 # its month
advance() { client b1y3 admin clock advance "${1/ /T}" > "$dir/answer"; }
failed() { # failed WHAT
  printf '\n%s:%s: %s\n  %s\n' "$script" "$number" "$1" "$line"
  cat "$dir/answer"
  tail -n 5 "$dir/server.log"
  exit 1
}

declare -A kept
step() { # step LINE: one line of an officer's terminal
  local line=$1 shown=no expected=0 keep= word words says=() arguments=()
  case $line in
    '+ '*) shown=yes; line=${line#+ } ;;
    '!'*) expected=${line%% *}; expected=${expected#!}; line=${line#* } ;;
  esac
  mapfile -t words < <(xargs -n 1 printf '%s\n' <<< "$line")
  local at=0
  while [ $at -lt ${#words[@]} ]; do
    word=${words[$at]}; at=$((at + 1))
    case $word in
      '=>') keep=${words[$at]}; at=$((at + 1)); continue ;;
      '~') says+=("${words[$at]}"); at=$((at + 1)); continue ;;
      @%*) word="@${word#@}" ;;
      @*) word=${kept[${word#@}]} ;;
    esac
    word=${word//%DIR/$dir}; word=${word//%OUT/$out}; word=${word//%SEEDS/$seeds}; word=${word//%FILE/$dir/document.pdf}
    arguments+=("$word")
  done
  printf '[%s] %s\n' "${arguments[0]}" "${line#* }"
  [ -z "$keep" ] || arguments+=(--json)
  local code=0
  client "${arguments[@]}" > "$dir/answer" 2>&1 || code=$?
  [ "$code" = "$expected" ] || failed "expected exit code $expected, got $code"
  for word in "${says[@]}"; do grep -qF -- "$word" "$dir/answer" || failed "does not say $word"; done
  if [ -n "$keep" ]; then
    local name=${keep%%:*} of=target
    [ "$name" = "$keep" ] || of=${keep#*:}
    kept[$name]=$(field "$of" < "$dir/answer")
    [ -n "${kept[$name]}" ] || failed "no $of in the answer"
  fi
  [ $shown = no ] || sed 's/^/    /' "$dir/answer"
}

begin_city "$begin_at"
printf 'a scanned document\n' > "$dir/document.pdf"
number=0
while IFS= read -r line; do
  number=$((number + 1))
  case $line in
    '' | '#') ;;
    '#'*) [ $number -lt 15 ] || printf '\n—— %s\n' "${line#\# }" ;;
    20[0-9][0-9]-*) printf '\n%s\n' "$line"; advance "$line" || failed "the clock did not move" ;;
    *) [ $steps -gt 0 ] || break; steps=$((steps - 1)); step "$line" ;;
  esac
done < "$script"

printf '\n—— The journal proves it: stop and verify\n'
end_city
verify_city
printf '\n—— done; reports, sheets and this text: %s\n' "$out"
