#!/usr/bin/env bash
# completion.sh SCRIPT…: loads completion scripts and asks what they offer, as bash does when somebody presses Tab.
# Not `-e`: no shell that completes runs so.
set -u
for script in "$@"; do
  # shellcheck source=/dev/null
  source "$script"
done
count=0

# offers EXPECTED WORD…: the last word is the one at the cursor, cut at `=` as bash cuts. Expected: every offer, in order.
offers() {
  local expected=$1 function
  shift
  function=$(complete -p "$1" | sed -n 's/.*-F \([^ ]*\) .*/\1/p')
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  "$function" "$1" "${*: -1}" "${*: -2:1}"
  if [ "${COMPREPLY[*]}" != "$expected" ]; then
    echo "$*: offered “${COMPREPLY[*]}”, expected “$expected”"
    exit 1
  fi
  count=$((count + 1))
}

offers "request registry report receipt" twolists re
offers "submit show sheet schedule" twolists request s
offers "history hand-back hand-on" twolists request h
offers "" twolists request xyz
offers "--state" twolists request list --st
offers "submitted" twolists request list --state sub
offers "submitted" twolists request list --state = sub
offers "zh en" twolists --lang = ""
offers "file finish" twolists --lang en case fi
offers "init request issue revoke crl show dev" twolists ca ""
offers "keyCompromise" twolists ca revoke --reason k
offers "" twolists request decide --basis ""
offers "Package.swift" twolists send Packa
offers "Package.swift" twolists receipt verify --envelope Packa
offers "run restore" twolists-server r
offers "--journal-certificate --journal-key --journal-sm2-certificate --journal-sm2-key" twolists-server run --j
offers "Sources" twolists-server run --data Sour
echo "completions as expected: $count"
