#!/bin/bash
# certs.sh DIR [bad]: a throw-away P-256 authority, a server's and a client's certificate for tests and benchmarks.
# "bad" adds the certificates that must be refused, each wrong in one way, and a revocation list.
set -e
mkdir -p "$1" && cd "$1"
server=twolists://421300/server
officer=twolists://421300/county/421321/officer/k7f2
key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1.key"; }
authority() { # name
  key "$1"
  openssl req -x509 -new -key "$1.key" -subj "/CN=$1" -days 30 -out "$1.crt" -addext "keyUsage=critical,keyCertSign,cRLSign"
  mkdir -p "$1.db" && : >"$1.db/index.txt" && echo 1000 >"$1.db/serial" && echo 01 >"$1.db/crlnumber"
  cat >"$1.conf" <<END
[ca]
default_ca = this
[this]
database = $1.db/index.txt
serial = $1.db/serial
crlnumber = $1.db/crlnumber
new_certs_dir = $1.db
certificate = $1.crt
private_key = $1.key
default_md = sha256
default_days = 30
default_crl_days = 30
policy = any
unique_subject = no
[any]
commonName = supplied
END
}
issue() { # name, extended key usage or "none", subjectAltName, authority, more options of openssl ca
  local name=$1 usage=$2 names=$3 by=$4
  shift 4
  [ -f "$name.key" ] || key "$name"
  openssl req -new -key "$name.key" -subj "/CN=$name" -out "$name.csr"
  { echo "basicConstraints=CA:FALSE"; echo "keyUsage=critical,digitalSignature"; [ "$usage" = none ] || echo "extendedKeyUsage=$usage"
    [ "$names" = none ] || echo "subjectAltName=$names"; } >"$name.ext"
  openssl ca -batch -notext -config "$by.conf" -extfile "$name.ext" -in "$name.csr" -out "$name.crt" "$@" 2>"$name.log" ||
    { cat "$name.log" >&2; exit 1; }
  rm "$name.csr" "$name.ext" "$name.log"
}
authority ca
issue server serverAuth "URI:$server" ca
issue client clientAuth "URI:$officer" ca
[ "$2" = bad ] || exit 0
authority stranger
issue stranger-client clientAuth "URI:$officer" stranger
issue stranger-server serverAuth "URI:$server" stranger
issue expired clientAuth "URI:$officer" ca -startdate 20200101000000Z -enddate 20210101000000Z
issue future clientAuth "URI:$officer" ca -startdate 20400101000000Z -enddate 20410101000000Z
issue wrong-usage serverAuth "URI:$officer" ca
issue no-usage none "URI:$officer" ca
issue no-uri clientAuth "DNS:localhost" ca
issue no-names clientAuth none ca
issue two-uris clientAuth "URI:$officer,URI:$server" ca
issue wrong-scheme clientAuth "URI:spiffe://421300/county" ca
issue other-server serverAuth "URI:twolists://421301/server" ca
long=$(printf 'x%.0s' $(seq 300))
issue long-uri clientAuth "URI:twolists://421300/$long" ca
openssl genrsa -out rsa.key 2048 2>/dev/null
issue rsa clientAuth "URI:$officer" ca
issue revoked clientAuth "URI:$officer" ca
openssl ca -batch -config ca.conf -revoke revoked.crt 2>/dev/null
openssl ca -batch -config ca.conf -gencrl -out ca.crl 2>/dev/null
openssl ca -batch -config stranger.conf -gencrl -out stranger.crl 2>/dev/null
openssl ca -batch -config ca.conf -gencrl -crl_lastupdate 20200101000000Z -crl_nextupdate 20200201000000Z -out old.crl 2>/dev/null
