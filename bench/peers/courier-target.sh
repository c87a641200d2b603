#!/bin/bash
# Courier as a peer: courier.sh, with as many users as the others have, and with its mail transport.
#   courier-target.sh start DIR [BASEPORT] [USERS]    IMAP BASE, POP3 BASE+1, SMTP BASE+2; DIR gets target.env
#   courier-target.sh stop DIR | launch DIR | version DIR | cold DIR
# Environment: ROOT, the Debian that courier.sh makes; it holds configuration, spool and Maildirs, so it must be on the disk that is measured.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
act=$1 DIR=$2 BASE=${3:-22430} USERS=${4:-100}
: "${ROOT:?the chroot with Courier in it}"
case $act in
stop | launch) exec "$here/courier.sh" "$act" "$(dirname "$ROOT")" ;;
version) chroot "$ROOT" dpkg-query -W -f 'Courier ${Version}\n' courier-base | sed 's/[-+].*//'; exit ;;
cold) find "$ROOT/srv/mail" -name courierimapuiddb -delete -o -name courierpop3dsizelist -delete; exit ;;
start) ;;
*) sed -n '2,5p' "$0" >&2; exit 2 ;;
esac
mkdir -p "$DIR"
rm -rf "$ROOT/srv/mail" "$ROOT"/var/lib/courier/msgs/* "$ROOT"/var/lib/courier/msgq/* "$ROOT"/var/lib/courier/tmp/[0-9]*
install -d -o 5000 -g 5000 "$ROOT/srv/mail"
"$here/courier.sh" install-mta "$(dirname "$ROOT")"
cat > "$DIR/target.env" <<C
NAME=courier
HOST=127.0.0.1 IMAP_PORT=$BASE POP3_PORT=$((BASE + 1)) SMTP_PORT=$((BASE + 2))
LOGIN_TMPL=u%d RCPT_TMPL=u%d@example.org PASS=pass USERS=$USERS
USERDIR=$ROOT/srv/mail/u%d MAILDIR=$ROOT/srv/mail/u%d/Maildir OWNER=5000:5000
BOX_PREFIX=INBOX.
PIDFILE=$ROOT/run/courier/imapd.pid
COLD="ROOT=$ROOT $here/courier-target.sh cold $DIR"
C
# Without this Courier looks for new mail once a minute while a client idles.
sed -i "s/^IMAP_ENHANCEDIDLE=.*/IMAP_ENHANCEDIDLE=1/" "$ROOT/etc/courier/imapd"
HASH=$(openssl passwd -1 -salt benchben pass) SMTP=$((BASE + 2)) "$here/courier.sh" start "$(dirname "$ROOT")" "$BASE" "$((BASE + 1))" $(seq -f 'u%g' "$USERS")
