#!/usr/bin/env bash
# build.sh BIN OUT [VERSION]: packs the programs in BIN into OUT/twolists_VERSION_ARCH.deb and prints that path. The version is the
# programs' own; another one is for trying an upgrade with the same programs.
set -euo pipefail
umask 022
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/.ci/deb bin=$(cd "$1" && pwd) out=$2
programs=$("$bin/twolists" version | sed 's/^twolists //')
[ "$("$bin/twolists-server" version)" = "twolists-server $programs" ] || {
  echo "build.sh: twolists and twolists-server in $bin are of two versions" >&2
  exit 1
}
version=${3:-$programs}
architecture=$(dpkg --print-architecture)
maintainer="${DEBFULLNAME:-TwoLists operators} <${DEBEMAIL:-operators@twolists.internal}>"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
share=$tree/usr/share doc=$tree/usr/share/doc/twolists

# Programs, without symbols that only a debugger reads.
install -D -m 0755 -s "$bin/twolists" "$tree/usr/bin/twolists"
install -D -m 0755 -s "$bin/twolists-server" "$tree/usr/sbin/twolists-server"

# Manual pages and completion: what the programs say of themselves.
page() { # DIRECTORY NAME COMMAND…
  mkdir -p "$share/man/$1"
  "${@:3}" help --as manual | gzip -9n >"$share/man/$1/$2.gz"
}
chinese() { "$bin/twolists" --lang zh "$@"; }
english() { "$bin/twolists" --lang en "$@"; }
page man1 twolists.1 english
page zh_CN/man1 twolists.1 chinese
page man8 twolists-server.8 "$bin/twolists-server"
for program in twolists twolists-server; do
  mkdir -p "$share/bash-completion/completions"
  "$bin/$program" help --as completion >"$share/bash-completion/completions/$program"
done

install -D -m 0644 "$here/twolists-server.service" "$tree/lib/systemd/system/twolists-server.service"
install -D -m 0644 "$here/server.conf" "$tree/etc/twolists/server.conf"
install -D -m 0644 "$here/lintian-overrides" "$share/lintian/overrides/twolists"

for page in Protocol/OPERATING.md Protocol/PROTOCOL.md Protocol/JOURNAL.md Protocol/RECEIPT.md Protocol/SNAPSHOT.md; do
  install -D -m 0644 "$root/$page" "$doc/$(basename "$page")"
done
install -D -m 0644 "$root/Certs/README.md" "$doc/CERTIFICATES.md"
install -D -m 0644 "$here/README.operator" "$doc/README.operator"
install -D -m 0644 "$here/copyright" "$doc/copyright"
mkdir -p "$share/twolists"
cp -r "$root/seeds" "$share/twolists/seeds"
chmod -R u=rwX,go=rX "$share/twolists"

day=$("$bin/twolists-server" help --as manual | awk '$1 == ".TH" { print $4; exit }')
epoch=$(date -u -d "$day" +%s)
{
  printf 'twolists (%s) unstable; urgency=medium\n\n' "$version"
  printf '  * Release %s of the exchange server and its client.\n\n' "$programs"
  printf ' -- %s  %s\n' "$maintainer" "$(LC_ALL=C date -u -R -d "@$epoch")"
} | gzip -9n >"$doc/changelog.gz"

# What the programs are linked to, asked of the machine that they were built on.
mkdir -p "$work/debian"
printf 'Source: twolists\nMaintainer: %s\n\nPackage: twolists\nArchitecture: any\n' "$maintainer" >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O tree/usr/bin/twolists tree/usr/sbin/twolists-server 2>"$work/warnings" \
  | sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || {
  cat "$work/warnings" >&2
  exit 1
}

mkdir -p "$tree/DEBIAN"
size=$(du -k -s --apparent-size "$tree" | cut -f1)
sed -e "s|@VERSION@|$version|" -e "s|@ARCHITECTURE@|$architecture|" -e "s|@MAINTAINER@|$maintainer|" \
  -e "s|@SIZE@|$size|" -e "s|@DEPENDS@|$depends|" "$here/control.in" >"$tree/DEBIAN/control"
echo /etc/twolists/server.conf >"$tree/DEBIAN/conffiles"
install -m 0755 "$here/postinst" "$here/prerm" "$here/postrm" "$tree/DEBIAN"
(cd "$tree" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum) >"$work/md5sums"
install -m 0644 "$work/md5sums" "$tree/DEBIAN/md5sums"

# A fast compression: the programs shrink to a quarter either way. Built twice from one tree, the package is the same, byte for byte.
find "$tree" -exec touch -h -d "@$epoch" {} +
mkdir -p "$out"
package=$out/twolists_${version}_$architecture.deb
SOURCE_DATE_EPOCH=$epoch dpkg-deb --root-owner-group -Zxz -z1 --build "$tree" "$package" >/dev/null
echo "$package"
