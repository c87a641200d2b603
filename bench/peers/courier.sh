#!/bin/bash
# Courier's IMAP and POP3 servers as a peer, in a Debian of their own below DIR: the packages rewrite the system they
# are installed in, so they get one that may be thrown away. Needs root and Debian's packages.
#   courier.sh install DIR              makes DIR/root (debootstrap), once; one to three minutes
#   courier.sh install-mta DIR          the same, and Courier's mail transport in it, once
#   courier.sh start DIR IMAP POP3 [USER...]   listens on 127.0.0.1; password "pass"; default users u1..u100
#   courier.sh launch DIR               starts it again as it was configured, and waits for nothing
#   courier.sh stop DIR                 ends it: the processes whose root is DIR/root
#   courier.sh mail DIR                 prints the folder that has USER/Maildir (owner 5000:5000)
# Environment: RELEASE=bookworm, MIRROR=http://deb.debian.org/debian; for start: SMTP=PORT, to take mail for the users at example.org too (install-mta first),
#   HASH, what is stored of each user's password.
set -eu
[ $# -ge 2 ] || { sed -n '2,12p' "$0" >&2; exit 2; }
act=$1 DIR=$2
shift 2
root=$DIR/root conf=$DIR/root/etc/courier

inside() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/ DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"; }

set_value() { # FILE NAME VALUE
	grep -v "^$2=" "$conf/$1" > "$conf/$1.new" || true
	echo "$2=$3" >> "$conf/$1.new"
	cat "$conf/$1.new" > "$conf/$1"
	rm "$conf/$1.new"
}

running() {
	real=$(readlink -f "$root")
	for p in /proc/[0-9]*; do
		[ "$(readlink "$p/root" 2> /dev/null)" != "$real" ] || echo "${p#/proc/}"
	done
}

wait_for_port() {
	for i in $(seq 100); do
		if (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; then return; fi
		sleep .1
	done
	echo "nothing listens at port $1" >&2
	exit 1
}

install() {
	mkdir -p "$DIR"
	exec 9> "$DIR/lock"
	flock 9 # who comes second finds it done
	if [ -f "$DIR/installed" ]; then exec 9>&-; return 0; fi
	[ "$(id -u)" = 0 ] || { echo "only root can install a Debian below $DIR" >&2; exit 1; }
	command -v debootstrap > /dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends debootstrap; }
	rm -rf "$root"
	mkdir -p "$root"
	debootstrap --variant=minbase "${RELEASE:-bookworm}" "$root" "${MIRROR:-http://deb.debian.org/debian}"
	# Nothing may be started while packages are set up.
	printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
	cp /etc/resolv.conf /etc/hosts "$root/etc/"
	[ ! -d /etc/apt/apt.conf.d ] || cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
	echo 'courier-base courier-base/webadmin-configmode boolean false' | inside debconf-set-selections
	echo 'courier-base courier-base/maildirpath string Maildir' | inside debconf-set-selections
	inside apt-get update -qq
	inside apt-get install -y -qq --no-install-recommends courier-imap courier-pop courier-authlib-userdb
	inside apt-get clean
	echo 'vmail:x:5000:' >> "$root/etc/group"
	echo 'vmail:x:5000:5000::/srv/mail:/usr/sbin/nologin' >> "$root/etc/passwd"
	mkdir -p "$root/srv/mail"
	chown 5000:5000 "$root/srv/mail"
	touch "$DIR/installed"
	exec 9>&-
}

install_mta() {
	install
	[ ! -f "$DIR/installed-mta" ] || return 0
	echo 'courier-mta courier-mta/defaultdomain string example.org' | inside debconf-set-selections
	echo 'courier-mta courier-mta/dsnfrom string mailer-daemon@example.org' | inside debconf-set-selections
	inside apt-get update -qq
	inside apt-get install -y -qq --no-install-recommends courier-mta
	inside apt-get clean
	touch "$DIR/installed-mta"
}

# Courier delivers to users, not to addresses: example.org is a name of this host. What is not for it goes nowhere.
configure_smtp() { # PORT
	set_value esmtpd ADDRESS 127.0.0.1
	set_value esmtpd PORT "$1"
	for limit in MAXDAEMONS MAXPERC MAXPERIP; do set_value esmtpd "$limit" 1000; done
	set_value esmtpd ULIMIT 524288
	set_value esmtpd BOFHCHECKDNS 0
	set_value esmtpd TARPIT 0
	set_value esmtpd TCPDOPTS '"-stderrlogger=/usr/sbin/courierlogger -noidentlookup -nodnslookup"'
	set_value courierd DEFAULTDELIVERY ./Maildir
	# By default ten deliveries at once, four for one user.
	sed -i 's/^MAXDELS=.*/MAXDELS=50/; s/^MAXHOST=.*/MAXHOST=50/' "$conf/module.local"
	echo example.org > "$conf/me"
	echo example.org > "$conf/defaultdomain"
	printf 'localhost\nexample.org\n' > "$conf/locals"
	rm -rf "$conf/esmtpacceptmailfor" "$conf/hosteddomains"
	cp "$conf/locals" "$conf/esmtpacceptmailfor"
	echo ':[127.0.0.1],9' > "$conf/esmtproutes"
	inside makealiases
	inside makesmtpaccess
}

launch() {
	inside authdaemond start
	inside imapd start
	inside pop3d start
	[ ! -f "$DIR/takes-mail" ] || { inside courier start; inside esmtpd start; }
}

configure() { # IMAP POP3 USER...
	imap=$1 pop3=$2
	shift 2
	[ $# -gt 0 ] || set -- $(seq -f 'u%g' 100)
	mkdir -p "$root/run/courier/authdaemon"
	inside chown courier:courier /run/courier /run/courier/authdaemon
	chmod 775 "$root/run/courier"
	set_value authdaemonrc authmodulelist '"authuserdb"'
	set_value imapd ADDRESS 127.0.0.1
	set_value imapd PORT "$imap"
	set_value imapd MAXDAEMONS 1200
	set_value imapd MAXPERIP 1200
	set_value imapd IMAP_CAPABILITY '"IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE ACL ACL2=UNION"'
	set_value imapd-ssl IMAPDSTARTTLS NO
	set_value pop3d ADDRESS 127.0.0.1
	set_value pop3d PORT "$pop3"
	set_value pop3d MAXDAEMONS 1000
	set_value pop3d MAXPERIP 1000
	set_value pop3d-ssl POP3_STARTTLS NO
	hash=${HASH:-$(openssl passwd -1 pass)}
	: > "$conf/userdb"
	chmod 600 "$conf/userdb"
	for user in "$@"; do
		printf '%s\tuid=5000|gid=5000|home=/srv/mail/%s|shell=/bin/sh|systempw=%s\n' "$user" "$user" "$hash" >> "$conf/userdb"
		for part in tmp new cur; do mkdir -p "$root/srv/mail/$user/Maildir/$part"; done
		chown -R 5000:5000 "$root/srv/mail/$user"
	done
	inside makeuserdb
	inside makeimapaccess
}

case $act in
install) install ;;
install-mta) install_mta ;;
launch) launch ;;
mail) echo "$root/srv/mail" ;;
start)
	install
	[ -z "$(running)" ] || { echo "already running: $(running | tr '\n' ' ')" >&2; exit 1; }
	configure "$@"
	rm -f "$DIR/takes-mail"
	[ -z "${SMTP:-}" ] || { configure_smtp "$SMTP"; touch "$DIR/takes-mail"; }
	launch
	for port in "$1" "$2" ${SMTP:-}; do wait_for_port "$port"; done ;;
stop)
	[ -d "$root" ] || exit 0
	for daemon in esmtpd courier pop3d imapd authdaemond; do inside "$daemon" stop > /dev/null 2>&1 || true; done
	for i in $(seq 30); do
		left=$(running)
		[ -n "$left" ] || exit 0
		[ "$i" -lt 15 ] && signal=TERM || signal=KILL
		kill -s "$signal" $left 2> /dev/null || true
		sleep .2
	done
	exit 1 ;;
*) sed -n '2,12p' "$0" >&2; exit 2 ;;
esac
