#!/bin/bash
# This server as a target: private configuration, store and ports, all under DIR.
#   fullstack.sh start DIR [BASEPORT] [USERS]    IMAP BASE, POP3 BASE+1, SMTP BASE+2, IMAP through TLS BASE+3, LMTP BASE+4
#   fullstack.sh stop DIR
#   fullstack.sh cold DIR                        stop, delete all indexes and lists of UIDs, start again
#   fullstack.sh restart DIR                     stop and start again
#   fullstack.sh launch DIR                      start again as it was configured, waiting for nothing; version DIR
# Users uN@example.org (log in as uN), password "pass". Needs a published server in
# $FULLSTACK (a folder with fullstack.dll); bench/run makes one. EXTRA=file is appended to the configuration, AUTH="key: value, …" to its auth;
# HASH={SCHEME}… is what all users have stored instead of the password itself.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
act=$1 DIR=$2 BASE=${3:-23430} USERS=${4:-100}
FULLSTACK=${FULLSTACK:-/tmp/bench-fullstack}
stop() {
	[ -f "$DIR/pid" ] || return 0
	pid=$(cat "$DIR/pid")
	kill "$pid" 2>/dev/null || return 0
	for i in $(seq 900); do kill -0 "$pid" 2>/dev/null || return 0; sleep .1; done
	return 1
}
launch() {
	setsid dotnet "$FULLSTACK/fullstack.dll" serve --config "$DIR/fullstack.yaml" > "$DIR/log" 2>&1 < /dev/null &
	echo $! > "$DIR/pid"
}
launch_and_wait() {
	launch
	port=$(sed -n 's/.*lmtp, address: "127.0.0.1:\([0-9]*\)" }.*/\1/p' "$DIR/fullstack.yaml") # the last to be opened
	for i in $(seq 600); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return 0; sleep .1; done
	cat "$DIR/log" >&2
	return 1
}
case $act in
stop) stop; exit ;;
cold)
	stop
	find "$DIR/data/mail" -name 'index.db*' -delete -o -name 'search.db*' -delete -o -name 'fullstack-uidlist*' -delete
	launch_and_wait; exit ;;
restart) stop; launch_and_wait; exit ;;
launch) launch; exit ;;
version) dotnet "$FULLSTACK/fullstack.dll" --version | sed 's/^/FullStack Mail /; s/+.*//'; exit ;;
start) ;;
*) echo "usage: see the head of $0" >&2; exit 2 ;;
esac

mkdir -p "$DIR/data"
cat > "$DIR/fullstack.yaml" <<X
hostname: mx.example.org
data: $DIR/data
domains: [example.org]
listeners:
  - { protocol: imap, address: "127.0.0.1:$BASE" }
  - { protocol: pop3, address: "127.0.0.1:$((BASE + 1))" }
  - { protocol: smtp, address: "127.0.0.1:$((BASE + 2))" }
  - { protocol: imap, address: "127.0.0.1:$((BASE + 3))", tls: implicit }
  - { protocol: lmtp, address: "127.0.0.1:$((BASE + 4))" }
auth: { plaintext_without_tls: always, default_domain: example.org${AUTH:+, $AUTH} }
X
[ -z "${EXTRA:-}" ] || cat "$EXTRA" >> "$DIR/fullstack.yaml"
for i in $(seq "$USERS"); do printf '%s\n' "u$i@example.org:${HASH:-{PLAIN\}pass}"; done > "$DIR/users"
begun=$(date +%s.%N)
dotnet "$FULLSTACK/fullstack.dll" user import --config "$DIR/fullstack.yaml" "$DIR/users" > "$DIR/import.log"
awk -v a="$begun" -v b="$(date +%s.%N)" 'BEGIN { printf "%.3f\n", b - a }' > "$DIR/import.seconds"
cat > "$DIR/target.env" <<X
NAME=fullstack
HOST=127.0.0.1 IMAP_PORT=$BASE POP3_PORT=$((BASE + 1)) SMTP_PORT=$((BASE + 2)) IMAPS_PORT=$((BASE + 3)) LMTP_PORT=$((BASE + 4))
LOGIN_TMPL=u%d RCPT_TMPL=u%d@example.org PASS=pass USERS=$USERS
USERDIR=$DIR/data/mail/example.org/u%d MAILDIR=$DIR/data/mail/example.org/u%d/Maildir OWNER=$(id -u):$(id -g)
PIDFILE=$DIR/pid
COLD="FULLSTACK=$FULLSTACK $here/fullstack.sh cold $DIR"
RESTART="FULLSTACK=$FULLSTACK $here/fullstack.sh restart $DIR"
X
launch_and_wait
