#!/usr/bin/env bash
# deb-test.sh BIN: builds the package from the programs in BIN, installs it on this machine, does with it what Protocol/OPERATING.md tells an
# operator to do (its commands are read out of that page), kills and stops the server in between, upgrades, removes, purges, and looks
# each time whether everything acknowledged is there. It needs root, and a machine that has no TwoLists.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/Tests/Package bin=$(cd "$1" && pwd)
run=/run/twolists-test page=$root/Protocol/OPERATING.md
unit=/lib/systemd/system/twolists-server.service
ours=(/etc/twolists /var/lib/twolists /srv/ca /srv/twolists-backup /srv/twolists-keys "$run")

fail() { echo "FAILED: $*" >&2; exit 1; }
ok() { echo "ok  $*"; }

if [ "$(id -u)" != 0 ]; then
  echo "deb-test installs a package and removes it again: as root"
  exec sudo "$0" "$@"
fi
for path in "${ours[@]}" /usr/sbin/twolists-server; do
  [ ! -e "$path" ] || fail "$path is there already: this test would overwrite it. Run it where there is no TwoLists"
done
getent passwd twolists >/dev/null && fail "there is a user twolists already"
if [ -d /run/systemd/system ]; then echo "systemd runs here; the stand-in starts the unit all the same, and systemd is not asked"; fi

work=$(mktemp -d)
mkdir -m 0755 "$run"
supervisor=
clean_up() {
  local code=$?
  if [ "$code" != 0 ]; then tail -n 15 "$run/log" "$run/supervisor.log" >&2 2>/dev/null || true; fi
  if supervisor_lives; then
    kill -TERM "$(cat "$run/supervisor.pid")"
    for _ in $(seq 300); do supervisor_lives || break; sleep 0.1; done
  fi
  dpkg -P twolists >/dev/null 2>&1 || true
  rm -rf "${ours[@]}" "$work"
  deluser --quiet --system twolists >/dev/null 2>&1 || true
  exit "$code"
}
supervisor_lives() { [ -e "$run/supervisor.pid" ] && kill -0 "$(cat "$run/supervisor.pid")" 2>/dev/null; }
trap clean_up EXIT

# --- the stand-in for systemctl -----------------------------------------------------------------------------------

state() { cat "$run/state" 2>/dev/null || echo none; }
wait_for() { # STATE: at most two minutes
  for _ in $(seq 1200); do
    [ "$(state)" != "$1" ] || return 0
    [ "$(state)" != failed ] || break
    sleep 0.1
  done
  echo "the service is $(state), not $1" >&2
  return 1
}
systemctl() { # the verbs of the page, for the one unit
  local verb=$1
  [ "${*: -1}" = twolists-server ] || fail "systemctl of what? $*"
  case $verb in
    enable | start)
      rm -f "$run/state" "$run/notify"
      /usr/bin/python3 -B "$here/supervisor.py" "$unit" "$run" >>"$run/supervisor.log" 2>&1 &
      echo $! >"$run/supervisor.pid"
      wait_for ready
      ;;
    stop)
      kill -TERM "$(cat "$run/supervisor.pid")"
      for _ in $(seq 1200); do supervisor_lives || return 0; sleep 0.1; done
      fail "the stand-in did not end"
      ;;
    restart) systemctl stop twolists-server && systemctl start twolists-server ;;
    reload)
      kill -HUP "$(cat "$run/supervisor.pid")"
      sleep 1
      wait_for ready
      ;;
    is-active) [ "$(state)" = ready ] && echo active ;;
    *) fail "systemctl $verb is not known here" ;;
  esac
}
# dpkg notes which version is there after each installation. The package's scripts see a service manager that writes down what it is asked.
pretend=$work/pretend
mkdir "$pretend"
for tool in systemctl deb-systemd-invoke; do
  printf '#!/bin/sh\necho "%s $*" >>"%s"\n' "$tool" "$work/asked" >"$pretend/$tool"
  chmod +x "$pretend/$tool"
done
dpkg() {
  local code=0 made=
  : >"$work/asked"
  if [ ! -d /run/systemd/system ]; then
    mkdir -p /run/systemd/system
    made=yes
  fi
  PATH=$pretend:$PATH command dpkg "$@" >"$work/dpkg.log" 2>&1 || code=$?
  [ -z "$made" ] || rmdir -p --ignore-fail-on-non-empty /run/systemd/system
  [ "$code" = 0 ] || cat "$work/dpkg.log"
  if [ "$1" = -i ]; then
    dpkg-query -W -f='${Version}\n' twolists >>"$work/versions"
    cp "$work/asked" "$work/asked-at-last-install"
  fi
  return "$code"
}

# --- the operator's page ------------------------------------------------------------------------------------------

# The commands of a section: lines of four blanks and `# `.
commands() { awk -v head="## $1. " 'index($0, head) == 1 { on = 1; next } /^## / { on = 0 } on && /^    # / { print substr($0, 7) }' "$page"; }
follow() { # SECTION: runs its commands in order, each must succeed; what they print is kept
  commands "$1" >"$work/section-$1"
  [ -s "$work/section-$1" ] || fail "section $1 of OPERATING.md has no commands"
  (
    set -e
    # shellcheck source=/dev/null
    source "$work/section-$1"
  ) >"$work/section-$1.out" 2>&1 || { cat "$work/section-$1.out"; fail "section $1 of OPERATING.md"; }
  ok "OPERATING.md section $1: $(wc -l <"$work/section-$1") commands"
}

# --- filing -------------------------------------------------------------------------------------------------------

officer() { twolists --profile "$work/u7l1.profile" --lang en --timeout 60 "$@"; }
file_one() { # N: files a request and notes its target once it is acknowledged
  local answer
  answer=$(officer --json request submit --title "Road of the east gate, part $1" --content "Two metres are broken" --category road \
    --contact-name Example --contact-phone 0722-0000000) || fail "filing $1"
  sed -n 's/.*"target" *: *"\([0-9a-f]*\)".*/\1/p' <<<"$answer" | head -1 >>"$work/acknowledged"
}
everything_is_there() { # WHEN
  local target count=0
  while read -r target; do
    officer request show "$target" >/dev/null || fail "$1: acknowledged and gone: $target"
    count=$((count + 1))
  done <"$work/acknowledged"
  [ "$count" -gt 0 ] || fail "nothing was acknowledged"
  ok "$1: all $count acknowledged filings are there"
}
main_process() { cat "$run/pid"; }

# --- 1. the package -----------------------------------------------------------------------------------------------

OLD=$("$root/.ci/deb/build.sh" "$bin" "$work")
version=$("$bin/twolists" version | sed 's/^twolists //')
NEW=$("$root/.ci/deb/build.sh" "$bin" "$work" "$version+next")
export OLD NEW
mkdir "$work/again"
again=$("$root/.ci/deb/build.sh" "$bin" "$work/again")
cmp "$OLD" "$again" || fail "built twice, the package differs"
ok "built: $(basename "$OLD"), $(($(stat -c %s "$OLD") / 1024)) KiB, the same again byte for byte"
dpkg-deb -f "$OLD" Depends | sed 's/^/    depends on /'
dpkg-deb -c "$OLD" >"$work/contents"
for path in usr/bin/twolists usr/sbin/twolists-server usr/share/man/man1/twolists.1.gz usr/share/man/man8/twolists-server.8.gz \
  usr/share/man/zh_CN/man1/twolists.1.gz usr/share/bash-completion/completions/twolists etc/twolists/server.conf \
  lib/systemd/system/twolists-server.service usr/share/doc/twolists/copyright usr/share/doc/twolists/OPERATING.md; do
  grep -q " \./$path\$" "$work/contents" || fail "the package lacks $path"
done
if command -v lintian >/dev/null; then
  lintian --allow-root --fail-on error,warning "$OLD" || fail "lintian"
  ok "lintian: no error, no warning"
fi

# --- 2. installing ------------------------------------------------------------------------------------------------

dpkg -i "$OLD"
grep -q "the server is not started: it needs certificates" "$work/dpkg.log" || fail "nobody is told how to begin"
[ "$(stat -c '%U %a' /var/lib/twolists)" = "twolists 700" ] || fail "/var/lib/twolists is open"
[ "$(stat -c '%U:%G %a' /etc/twolists/tls)" = "root:twolists 750" ] || fail "/etc/twolists/tls is open"
grep -q "daemon-reload" "$work/asked" && ! grep -q "start" "$work/asked" || fail "a new package asks for: $(cat "$work/asked")"
ok "installed: user, directories, told how to begin, nothing started"
said=$(systemd-analyze verify "$unit" 2>&1) && [ -z "$said" ] || fail "systemd-analyze verify: $said"
ok "systemd-analyze verify is silent"
systemd-analyze security --offline=true --threshold=20 "$unit" >"$work/security" || fail "exposure above 2.0: $(tail -1 "$work/security")"
exposure=$(sed -n 's/.*Overall exposure level[^:]*: \([0-9.]*\) .*/\1/p' "$work/security")
grep -q "exposure of \*\*$exposure\*\*" "$page" || fail "OPERATING.md does not say that the exposure is $exposure"
ok "systemd-analyze security --offline=true: exposure $exposure, as OPERATING.md says"
if systemctl start twolists-server 2>/dev/null; then fail "it started without certificates"; fi
grep -q "assertion failed, not started: /etc/twolists/tls/server.crt" "$run/supervisor.log" || fail "nothing says that certificates are missing"
ok "without certificates the unit's own assertion keeps it from starting"

# --- 3. first start -----------------------------------------------------------------------------------------------

free_port() { /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
port=$(free_port) metrics=
if twolists-server help run | grep -q -e "--metrics"; then metrics=$(free_port); fi
options="--snapshot-every 30 --loops 2${metrics:+ --metrics 127.0.0.1:$metrics}"
sed -i -e "s/^TWOLISTS_PORT=.*/TWOLISTS_PORT=$port/" -e "s/^TWOLISTS_OPTIONS=.*/TWOLISTS_OPTIONS=$options/" /etc/twolists/server.conf
follow 2
sed 's/^/    /' "$run/supervisor.log" | tail -n +2
(
  cd "$work"
  twolists ca request twolists://421300/unit/LU-07/officer/u7l1 --out u7l1 >/dev/null
  twolists ca issue /srv/ca u7l1.csr >/dev/null
  cp /srv/ca/ca.crt .
  printf 'server = 127.0.0.1:%s\ncity = 421300\ncertificate = u7l1.crt\nkey = u7l1.key\nca = ca.crt\n' "$port" >u7l1.profile
)
process=/proc/$(main_process)
[ "$(readlink "$process/exe")" = /usr/sbin/twolists-server ] || fail "another program runs"
for line in "Uid:	$(id -u twolists)" "NoNewPrivs:	1" "CapEff:	0000000000000000" "CapBnd:	0000000000000000" "Seccomp:	2" "Umask:	0077"; do
  grep -q "^$line" "$process/status" || fail "the process has not: $line"
done
grep -q "^Max open files  *8192  *8192" "$process/limits" || fail "LimitNOFILE"
grep -q " / / ro[, ]" "$process/mountinfo" || fail "the file system is not read-only"
ok "it runs as the unit says: user twolists, no capabilities, no new privileges, system calls filtered, file system read-only, 8192 files"

if [ -n "$metrics" ]; then
  /usr/bin/python3 -c 'import sys, urllib.request as u; print(u.urlopen("http://127.0.0.1:" + sys.argv[1] + "/metrics", timeout=10).read().decode())' \
    "$metrics" >"$work/metrics" || fail "no metrics under the unit's restrictions"
  grep -q "^# TYPE " "$work/metrics" || fail "these are no metrics: $(head -3 "$work/metrics")"
  ok "metrics are told: $(grep -c "^# TYPE " "$work/metrics") kinds"
else
  echo "--  this version has no --metrics: not looked at"
fi

# --- 4. kill -9 under load ----------------------------------------------------------------------------------------

: >"$work/acknowledged"
(for n in $(seq 40); do file_one "$n"; done) &
filing=$!
for kills in 1 2; do
  while [ "$(wc -l <"$work/acknowledged")" -lt $((kills * 12)) ]; do
    kill -0 "$filing" 2>/dev/null || fail "filing ended early"
    sleep 0.05
  done
  kill -9 "$(main_process)"
done
wait "$filing" || fail "a filing failed although its deadline outlasted the restart"
[ "$(grep -c "ended with signal 9" "$run/supervisor.log")" = 2 ] || fail "not two kills"
[ "$(grep -c "started again after RestartSec=2" "$run/supervisor.log")" = 2 ] || fail "Restart=on-failure did not start it again"
[ "$(wc -l <"$work/acknowledged")" = 40 ] || fail "filings without an answer"
everything_is_there "kill -9 twice while 40 were filed, none failed"
for _ in $(seq 600); do
  ! grep -q "records made: snapshot-" "$run/log" || break
  sleep 0.1
done
grep -q "records made: snapshot-" "$run/log" || fail "no snapshot was made under the unit's restrictions: $(grep snapshot "$run/log")"

# --- 5. a stop of everything, a start from the files alone --------------------------------------------------------

systemctl stop twolists-server
grep -q "STOPPING=1" "$run/supervisor.log" || fail "the server did not tell that it stops"
tail -1 "$run/log" | grep -q "everything acknowledged is on disc" || fail "no clean stop"
[ -z "$(ps -o pid= -u twolists)" ] || fail "processes are left"
systemctl start twolists-server
everything_is_there "everything stopped, started from its files alone"
systemctl stop twolists-server
cp /etc/twolists/server.conf "$work/server.conf"
sed -i "s/^TWOLISTS_OPTIONS=.*/TWOLISTS_OPTIONS=--nonsense/" /etc/twolists/server.conf
if systemctl start twolists-server 2>/dev/null; then fail "it started with an unknown option"; fi
tail -2 "$run/supervisor.log" | tr '\n' ' ' | grep -q "ended with 2 supervisor: not started again" || fail "a wrong command line is tried again"
cp "$work/server.conf" /etc/twolists/server.conf
systemctl start twolists-server
ok "a wrong command line is not tried again (RestartPreventExitStatus=2)"

# --- 6. what else the page tells: upgrade and rollback, certificates, backup and the disaster drill ----------------

follow 3
[ "$(tail -2 "$work/versions" | tr '\n' ' ')" = "$version+next $version " ] || fail "upgrade and rollback did not happen"
grep -q "^TWOLISTS_PORT=$port" /etc/twolists/server.conf || fail "the operator's configuration was lost"
[ "$(readlink "/proc/$(main_process)/exe")" = /usr/sbin/twolists-server ] || fail "the old program still runs"
grep -q "deb-systemd-invoke try-restart twolists-server.service" "$work/asked-at-last-install" || fail "an upgrade restarts nothing"
everything_is_there "after upgrade and rollback"
follow 4
[ "$(grep -c "reload (SIGHUP) done" "$run/log")" = 2 ] || fail "not two reloads"
grep -q "from the next group on the journal is signed with certificate" "$run/log" || fail "the journal's certificate was not changed"
file_one 41
everything_is_there "after a reload with new certificates"
file_one 42
follow 6
grep -q "verified: nothing is wrong" "$work/section-6.out" || fail "verify after the drill"
everything_is_there "after the disaster drill"
follow 5
[ -n "$(ls /srv/twolists-keys)" ] || fail "a fresh backup of the keys was deleted"
sed 's/^/    /' "$work/section-6.out"

# --- 7. removing, purging, coming back ----------------------------------------------------------------------------

systemctl stop twolists-server
before=$(cd /var/lib/twolists && find data keys -type f -exec sha256sum {} + | sort)
dpkg -r twolists
grep -q "deb-systemd-invoke stop twolists-server.service" "$work/asked" || fail "a removed server is not stopped"
[ ! -e /usr/sbin/twolists-server ] && [ -e /etc/twolists/server.conf ] || fail "removed too much or too little"
dpkg -P twolists
grep -q "kept, because it cannot be made again: /var/lib/twolists /etc/twolists" "$work/dpkg.log" || fail "purge does not say what it kept"
[ ! -e /etc/twolists/server.conf ] || fail "purged, and the configuration is there"
[ -e /etc/twolists/tls/journal.key ] || fail "purge took a key"
[ "$before" = "$(cd /var/lib/twolists && find data keys -type f -exec sha256sum {} + | sort)" ] || fail "purge touched the store"
ok "purged: programs and configuration are gone; journal, keys and certificates are as they were, and it says where"
dpkg -i "$NEW"
! grep -q "the server is not started" "$work/dpkg.log" || fail "a store is there, and it tells how to begin"
sed -i "s/^TWOLISTS_PORT=.*/TWOLISTS_PORT=$port/" /etc/twolists/server.conf
systemctl start twolists-server
everything_is_there "purged, installed again"
systemctl stop twolists-server
dpkg -P twolists
echo "the package does what the operator's page says"
