#!/bin/bash
# Debian's OpenSMTPD as a peer, in a chroot that tests/Interop/next-hops.sh makes: its package cannot be installed beside Postfix.
#   opensmtpd.sh start DIR [PORT] [USERS]     mailboxes u1..uN@example.org; DIR gets target.env
#   opensmtpd.sh stop DIR | launch DIR | version DIR
# Environment: ROOT, the chroot; it holds configuration, spool and Maildirs, so it must be on the disk that is measured.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
act=$1 DIR=$2 PORT=${3:-21725} USERS=${4:-100}
: "${ROOT:?the chroot with OpenSMTPD in it}"
bench=$ROOT/srv/opensmtpd
case $act in
stop) exec "$here/end.sh" "$bench/smtpd.pid" ;;
launch)
	setsid chroot "$ROOT" /usr/sbin/smtpd -d -f /srv/opensmtpd/smtpd.conf > "$bench/smtpd.log" 2>&1 < /dev/null &
	echo $! > "$bench/smtpd.pid"
	exit ;;
version) chroot "$ROOT" /usr/sbin/smtpd -h 2>&1 | sed -n 's/^version: *//p' | head -1; exit ;;
start) ;;
*) sed -n '2,5p' "$0" >&2; exit 2 ;;
esac
rm -rf "$bench" "$ROOT"/var/spool/smtpd/*
mkdir -p "$DIR" "$bench/mail"
chmod 755 "$ROOT" "$bench"
for i in $(seq "$USERS"); do mkdir "$bench/mail/u$i"; echo "u$i 5000:5000:/srv/opensmtpd/mail/u$i"; done > "$bench/users"
chown 5000:5000 "$bench/mail" "$bench"/mail/u*
cat > "$bench/smtpd.conf" <<C
table users file:/srv/opensmtpd/users
smtp max-message-size 50M
listen on 127.0.0.1 port $PORT hostname mx.example.org
action "local" maildir "/srv/opensmtpd/mail/%{dest.user}/Maildir" userbase <users>
match from any for domain "example.org" action "local"
C
cat > "$DIR/target.env" <<C
NAME=opensmtpd
HOST=127.0.0.1 SMTP_PORT=$PORT RCPT_TMPL=u%d@example.org USERS=$USERS
USERDIR=$bench/mail/u%d MAILDIR=$bench/mail/u%d/Maildir OWNER=5000:5000
PIDFILE=$bench/smtpd.pid
C
"$0" launch "$DIR"
