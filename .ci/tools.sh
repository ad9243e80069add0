#!/usr/bin/env bash
# tools.sh run|test: installs from Debian (and PyPI, for tests) what the machine lacks, and says so.
set -euo pipefail
need=(libssl-dev)
if [ "${1:-run}" = test ]; then
  need+=(protobuf-compiler libprotobuf-dev binutils golang-go golang-github-containerd-ttrpc-dev openssl python3 python3-venv gcc strace procps tshark \
    systemd dpkg-dev lintian man-db mandoc adduser xz-utils libseccomp2 libreoffice-calc-nogui)
fi
missing=()
for package in "${need[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing: ${missing[*]}"
  sudo=""; [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
if [ "${1:-run}" = test ]; then
  # Python's protobuf, cryptography, prometheus-client and openpyxl, pinned, in an environment of its own.
  venv=.build/python
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$venv/bin/python" -m pip install -q --disable-pip-version-check -r Tests/WireTests/requirements.txt \
    -r Tests/Conformance/python/requirements-receipt.txt -r Tests/MetricsTests/requirements.txt -r Tests/ExchangeTests/requirements.txt \
    -r Tests/OfficeTests/Spreadsheet/requirements.txt
fi
command -v swift >/dev/null || { echo "Swift 6.2 or newer is needed: https://www.swift.org/install/linux/"; exit 1; }
