#!/bin/bash
# Debian's Exim as a peer, in a chroot that tests/Interop/next-hops.sh makes: its package cannot be installed beside Postfix.
#   exim.sh start DIR [PORT] [USERS]     mailboxes u1..uN@example.org; DIR gets target.env
#   exim.sh stop DIR | launch DIR | version DIR
# Environment: ROOT, the chroot; it holds configuration, spool and Maildirs, so it must be on the disk that is measured.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
act=$1 DIR=$2 PORT=${3:-21625} USERS=${4:-100}
: "${ROOT:?the chroot with Exim in it}"
bench=$ROOT/srv/exim
case $act in
stop) exec "$here/end.sh" "$bench/exim.pid" ;;
launch) exec chroot "$ROOT" /usr/sbin/exim4 -bd -q30m ;;
version) chroot "$ROOT" /usr/sbin/exim4 -bV | sed -n 's/^Exim version \([0-9.]*\).*/Exim \1/p'; exit ;;
start) ;;
*) sed -n '2,5p' "$0" >&2; exit 2 ;;
esac
rm -rf "$bench" "$ROOT/var/spool/exim4/input" "$ROOT/var/spool/exim4/msglog" "$ROOT/var/spool/exim4/db"
mkdir -p "$DIR" "$bench/mail" "$ROOT/var/spool/exim4" "$ROOT/var/log/exim4"
chmod 755 "$ROOT" "$bench"
for i in $(seq "$USERS"); do mkdir "$bench/mail/u$i"; echo "u$i: u$i"; done > "$bench/users"
chown 5000:5000 "$bench/mail" "$bench"/mail/u*
# By default Exim takes 20 connections at once, and leaves to the queue runner what comes behind the tenth message of one.
cat > "$ROOT/etc/exim4/exim4.conf" <<C
primary_hostname = mx.example.org
domainlist local_domains = example.org
daemon_smtp_ports = $PORT
local_interfaces = 127.0.0.1
pid_file_path = /srv/exim/exim.pid
acl_smtp_rcpt = rcpt
smtp_accept_max = 1000
smtp_connect_backlog = 1000
smtp_accept_queue_per_connection = 0
smtp_accept_max_per_connection = 0
keep_environment =
add_environment = PATH=/usr/bin:/bin
begin acl
rcpt:
  accept domains = +local_domains
  deny
begin routers
users:
  driver = accept
  domains = +local_domains
  local_parts = lsearch;/srv/exim/users
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = /srv/exim/mail/\$local_part_data/Maildir
  maildir_format
  create_directory
  delivery_date_add
  envelope_to_add
  return_path_add
  user = 5000
  group = 5000
begin retry
*  *  F,1h,1m
C
# After QUIT Exim waits 200 ms for the client to close, and only then answers: who waits for the answer measures that.
cat > "$DIR/target.env" <<C
NAME=exim
HOST=127.0.0.1 SMTP_PORT=$PORT RCPT_TMPL=u%d@example.org USERS=$USERS
USERDIR=$bench/mail/u%d MAILDIR=$bench/mail/u%d/Maildir OWNER=5000:5000
PIDFILE=$bench/exim.pid SMTP_ARGS=-q
C
"$0" launch "$DIR"
