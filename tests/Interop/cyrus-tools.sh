#!/bin/bash
# Debian's test clients of Cyrus for tests: imtest, pop3test and smtptest log in by Cyrus SASL, which knows mechanisms that GNU SASL does not. Their package
# would bring a whole mail server along, so they are only unpacked, with the libraries that come with them.
#   cyrus-tools.sh DIR      makes DIR/bin and DIR/lib, once; some seconds
set -euo pipefail
[ $# = 1 ] || { sed -n '2,4p' "$0" >&2; exit 2; }
mkdir -p "$1"
cd "$1"
exec 9> lock
flock 9 # who comes second finds it done
[ ! -f installed ] || exit 0
rm -rf packages bin lib
mkdir packages bin lib
fetch() { (cd packages && apt-get download -qq -o APT::Sandbox::User=root cyrus-clients cyrus-common); }
fetch || { apt-get update -qq && fetch; } # the lists were of packages that are there no longer
for package in packages/*.deb; do dpkg-deb -x "$package" packages/root; done
cp packages/root/usr/lib/cyrus/bin/{imtest,pop3test,smtptest} bin/
cp -a packages/root/usr/lib/*/libcyrus*.so.* lib/
rm -rf packages
touch installed
