#!/bin/bash
# A machine for the commands of a document: namespaces of its own for the network, mounts, the host name and processes, so that /etc, /var, the standard ports and DNS are the document's
# to change, and nothing outside changes. Runs DIR/blocks/N.sh one after the other in one shell, as root; writes what each prints to DIR/blocks/N.out and its exit code to N.code.
#   machine.sh DIR        DIR: an absolute path that every user may enter
# Environment: PROGRAM (the folder with the server's program), SOURCES (the clone), DOTNET_ROOT, COURIER (the folder of Courier's Debian, if it is wanted)
set -u
DIR=$1
if [ -z "${IN_MACHINE:-}" ]; then
	export IN_MACHINE=1
	exec timeout -s KILL 470 unshare --net --mount --uts --pid --fork --kill-child "$0" "$@"
fi

mount --make-rprivate / && mount -t proc proc /proc || exit 90
mkdir -p "$DIR"/{bin,lib,state,etc,root,zones}
chmod 755 "$DIR"/*
mount --bind "$PROGRAM" "$DIR/lib" || exit 90
cp -a /etc/. "$DIR/etc/" && mount --bind "$DIR/etc" /etc || exit 90
for folder in /var/lib /var/log /var/spool /var/backups /var/mail /srv /home /root /run; do
	mkdir -p "$DIR/fs$folder" && mount --bind "$DIR/fs$folder" "$folder" || exit 90
done
chmod 1777 /run && mkdir -p /run/lock

# The unit and the user, as an installation has them; what systemd does with them is done by bin/systemctl.
rm -rf /etc/fullstack /etc/dovecot
mkdir -p /etc/fullstack /etc/systemd/system
cp "$SOURCES"/conf/fullstack*.{service,socket,timer} /etc/systemd/system/
groupadd --system fullstack && useradd --system --gid fullstack --home-dir /var/lib/fullstack --shell /usr/sbin/nologin fullstack || exit 90
install -d -o fullstack -g fullstack -m 700 /var/lib/fullstack /var/backups/fullstack
install -d -o fullstack -g fullstack -m 3733 /var/spool/fullstack

for name in systemctl journalctl; do
	cp "$SOURCES/tests/Interop/Documentation/$name.sh" "$DIR/bin/$name" && chmod 755 "$DIR/bin/$name"
done
for name in fullstack sendmail mailq newaliases; do
	ln -sf "$DIR/lib/fullstack" "$DIR/bin/$name"
done
export MACHINE=$DIR PATH="$DIR/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin" HOME=/root LC_ALL=C.UTF-8 TZ=UTC DOTNET_ROOT DOTNET_TieredPGO=0 TERM=dumb STAGING="$SOURCES/tests/Interop/Documentation/staging"
unset FULLSTACK_CONFIG

# The network: one address of its own, and a DNS server that has whatever lies in zones/.
ip link set lo up && ip address add 192.0.2.10/32 dev lo || exit 90
hostname mail.example.test || exit 90
printf '127.0.0.1 localhost\n' > /etc/hosts
printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' > "$DIR/etc/resolv.conf"
cat > "$DIR/nsd.conf" << NSD
server:
	ip-address: 127.0.0.1@53
	username: ""
	chroot: ""
	zonesdir: "$DIR/zones"
	database: ""
	pidfile: "$DIR/nsd.pid"
	xfrdfile: "$DIR/xfrd.state"
	logfile: "$DIR/nsd.log"
	server-count: 1
remote-control:
	control-enable: no
NSD
# until_true COMMAND...: waits until it succeeds, for a minute at most.
until_true() {
	local end=$((SECONDS + 60))
	while [ "$SECONDS" -lt "$end" ]; do
		"$@" > /dev/null 2>&1 && return 0
		sleep .1
	done
	echo "after a minute still not: $*" >&2
	return 1
}
# publish ZONE: what is on standard input, behind the start of a zone, is in DNS from now on.
publish() {
	{ printf '$ORIGIN %s.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n' "$1"; cat; } > "$DIR/zones/$1"
	grep -q "name: $1\$" "$DIR/nsd.conf" || printf 'zone:\n\tname: %s\n\tzonefile: %s\n' "$1" "$1" >> "$DIR/nsd.conf"
	[ ! -s "$DIR/nsd.pid" ] || kill "$(cat "$DIR/nsd.pid")" 2> /dev/null
	until_true no_dns && nsd -c "$DIR/nsd.conf" > /dev/null 2>&1 && until_true answers "$1"
}
no_dns() { ! ss -Hlun 'sport = :53' | grep -q .; }
answers() { drill @127.0.0.1 "$1" SOA 2> /dev/null | grep -q NOERROR; }
publish test < /dev/null || exit 91

# elsewhere: what is on standard input, as another host does it: one of another name, for which this one is only to be reached by its name. What it fetches by ssh it gets from here.
printf '#!/bin/sh\n# ssh of the documents: HOST COMMAND..., on this machine.\nwhile [ "${1#-}" != "$1" ]; do shift 2; done\nshift\nexec "$@"\n' > "$DIR/bin/ssh"
chmod 755 "$DIR/bin/ssh"
elsewhere() {
	cat > "$DIR/elsewhere.sh"
	unshare --uts bash -c 'hostname pc.somewhere.example && . "$1"' bash "$DIR/elsewhere.sh" < /dev/null
}

cd /root || exit 90
for block in $(ls "$DIR/blocks" | grep '\.sh$' | sort -n); do
	. "$DIR/blocks/$block" > "$DIR/blocks/${block%.sh}.out" 2>&1 < /dev/null
	echo $? > "$DIR/blocks/${block%.sh}.code"
done
[ ! -f "$DIR/state/fullstack.pid" ] || systemctl stop fullstack > /dev/null 2>&1
exit 0
