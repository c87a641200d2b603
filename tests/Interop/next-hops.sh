#!/bin/bash
# Debian's Exim and OpenSMTPD as next hops for tests. Either package would put Postfix out of the system, so they are only unpacked, with the libraries that
# they name, into a folder that a test copies and enters by chroot. Needs Debian's packages, and root for the users and devices in there.
#   next-hops.sh DIR      makes DIR/root, once; some seconds
set -euo pipefail
[ $# = 1 ] || { sed -n '2,4p' "$0" >&2; exit 2; }
mkdir -p "$1"
cd "$1"
exec 9> lock
flock 9 # who comes second finds it done
[ ! -f installed ] || exit 0
[ "$(id -u)" = 0 ] || { echo "only root can make $1/root" >&2; exit 1; }

libraries_of() { # PACKAGE...: those they depend on, without what they may be replaced by
	apt-cache depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$@" | sed -nE 's/^ +(Pre)?Depends: ((lib|zlib1g)[^ <>]*)$/\2/p'
}

wanted="exim4-daemon-light opensmtpd dash" # OpenSMTPD starts its parts by a shell
apt-cache show opensmtpd > /dev/null 2>&1 || apt-get update -qq
found=
while [ "$wanted" != "$found" ]; do
	found=$wanted
	wanted=$(printf '%s\n' $found $(libraries_of $found) | sort -u | tr '\n' ' ')
done

rm -rf root packages
mkdir -p packages root
fetch() { (cd packages && apt-get download -qq -o APT::Sandbox::User=root $wanted); }
fetch || { apt-get update -qq && fetch; } # the lists were of packages that are there no longer
for package in packages/*.deb; do dpkg-deb --fsys-tarfile "$package" | tar -x -C root --exclude=./usr/share --exclude=gconv; done
rm -rf packages

mkdir -p root/dev root/tmp root/run root/etc/exim4 root/var/spool/exim4 root/var/spool/smtpd root/var/log/exim4 root/var/lib/opensmtpd/empty root/srv/mail
ln -s ../run root/var/run
mknod -m 666 root/dev/null c 1 3
chmod 1777 root/tmp
chmod 711 root/var/spool/smtpd
cat > root/etc/passwd <<END
root:x:0:0::/:/bin/sh
nobody:x:65534:65534::/:/bin/false
Debian-exim:x:5001:5001::/var/spool/exim4:/bin/false
opensmtpd:x:5002:5002::/var/lib/opensmtpd/empty:/bin/false
opensmtpq:x:5003:5003::/var/lib/opensmtpd/empty:/bin/false
vmail:x:5000:5000::/srv/mail:/bin/sh
END
sed -E 's/^([^:]*:x:)[0-9]+:([0-9]+):.*/\1\2:/' root/etc/passwd > root/etc/group
echo '127.0.0.1 localhost' > root/etc/hosts
chown -R 5001:5001 root/var/spool/exim4 root/var/log/exim4
chmod 1777 root/srv/mail # Exim delivers as itself, OpenSMTPD as vmail
touch installed
