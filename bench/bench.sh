#!/bin/bash
# Run load against one or more targets, interleaved (A B A B ...), and print
# the median of the runs.  See README.md.
#   bench.sh [-r RUNS] [-k REGEX] SUITE TARGET.env...
# NAMES=sizes in the environment: file names with S= and W=, as Dovecot and this server write them; else without, as mutt does.
# SUITE: smtp lmtp login append mixed big search body pop3 idle notify
# Each measured value is one line "case target run value unit" on standard
# error as it comes; the medians come at the end on standard output.
set -u
here=$(cd "$(dirname "$0")" && pwd)
RUNS=3 ONLY=.
while getopts r:k: o; do
	case $o in r) RUNS=$OPTARG ;; k) ONLY=$OPTARG ;; *) exit 2 ;; esac
done
shift $((OPTIND - 1))
suite=$1; shift
BIN=${BENCH_BIN:-/tmp/bench-bin}
DATA=${BENCH_DATA:-/tmp/bench-data}
N=${N:-2000} BIG=${BIG:-100000} POP=${POP:-10000} LIMIT=${LIMIT:-300}
out=$(mktemp); trap 'rm -f "$out"' EXIT
make -s -C "$here/src" OUT="$BIN" || exit 1

rec() { printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$NAME" "$run" "$2" "$3" | tee -a "$out" >&2; }
# number before a unit in the tools' output: num "msg/s" <<< "... = 12 msg/s"
num() { grep -oE "[0-9.]+ ?$1" | tail -1 | grep -oE '^[0-9.]+'; }
load() {	# wait (at most 60 s, or QUIET_TRIES times 2 s) until the others leave the CPUs alone
	local i a b
	for i in $(seq "${QUIET_TRIES:-30}"); do
		a=($(head -1 /proc/stat)); sleep 1; b=($(head -1 /proc/stat))
		local idle=$((b[4] + b[5] - a[4] - a[5])) tot=0 k
		for k in 1 2 3 4 5 6 7 8; do tot=$((tot + b[k] - a[k])); done
		[ $((idle * 100)) -ge $((tot * 88)) ] && return
	done
	echo "bench: machine is not quiet" >&2
}
users() {	# a fresh range of 10 users for each delivery run
	FU=$((1 + (seq_no * 10) % (USERS - USERS % 10))); seq_no=$((seq_no + 1))
}
want() { [[ $1 =~ $ONLY ]]; }
udir() { echo "${USERDIR//%d/$1}"; }
fill() {	# fill USERNO COUNT: that user's INBOX gets COUNT messages
	local d; d=$(udir "$1")
	if [ "${MAILFMT:-maildir}" = mbox ]; then
		local b=${INBOX_MBOX//%d/$1}
		[ -f "$b" ] && return
		[ -f "$DATA/mbox$2" ] || { mkdir -p "$DATA"; "$here/mkmail.py" mboxlf "$DATA/mbox$2" "$2"; }
		cp "$DATA/mbox$2" "$b" && chown "$OWNER" "$b"
		sync -f "$d"
		return
	fi
	[ "$(ls -U "$d/Maildir/cur" 2>/dev/null | wc -l)" = "$2" ] && return
	local kind=maildir from=$DATA/m$2
	[ "${NAMES:-plain}" = sizes ] && kind=maildirsw from=$DATA/msw$2
	[ -d "$from" ] || "$here/mkmail.py" $kind "$from" "$2"
	rm -rf "$d/Maildir"
	mkdir -p "$d" && cp -a "$from" "$d/Maildir" && chown -R "$OWNER" "$d"
	sync -f "$d"
}
imap() { timeout "$LIMIT" "$BIN/imapbench" -h "$HOST" -p "$IMAP_PORT" -u "$LOGIN_TMPL" -P "$PASS" "$@"; }
pop() { timeout "$LIMIT" "$BIN/pop3bench" -h "$HOST" -p "$POP3_PORT" -u "$LOGIN_TMPL" -P "$PASS" "$@"; }

deliver() {	# deliver PORT EXTRA-ARGS
	local s c m r
	for s in 4096 65536; do
		for c in 1 10 50; do
			for m in 1 100; do
				want "$suite.$((s / 1024))k.c$c.m$m" || continue
				users; load
				r=$(timeout "$LIMIT" "$BIN/smtpload" -h "$HOST" -p "$1" -n "$N" -s $s -c $c -m $m \
					-r "$RCPT_TMPL" -u 10 -F $FU -w "$MAILDIR" "${@:2}" ${SMTP_ARGS:-}) || echo "$r" >&2
				rec "$suite.$((s / 1024))k.c$c.m$m" "$(num msg/s <<< "$r")" msg/s
			done
		done
	done
}

s_smtp() { deliver "$SMTP_PORT"; }
s_lmtp() { deliver "$LMTP_PORT" -L; }
s_login() {
	local c
	for c in 1 10 50; do
		load; rec login+select.c$c "$(imap -U 100 -n ${LOGINS:-1000} -c $c login | num /s)" /s
	done
	load; rec login.c10 "$(imap -U 100 -n ${LOGINS:-1000} -c 10 -b '' login | num /s)" /s
}
s_append() {
	local s c
	for s in 4096 65536; do
		for c in 1 10; do
			users; load
			rec append.$((s / 1024))k.c$c "$(imap -F $FU -n "$N" -c $c -U 10 -s $s -b Bench$run append | num msg/s)" msg/s
		done
	done
}
s_mixed() {	# ten mailboxes of 30 messages, 20 sessions
	users; imap -F $FU -U 10 -n 300 -c 10 -s 4096 -b INBOX append > /dev/null
	load
	rec mixed.c20 "$(imap -F $FU -U 10 -c 20 -s 4096 -H "${MIXED:-10}" mixed | num commands/s)" commands/s
}
timed() {	# timed "label label ..." commands...: one connection
	local labels=($1) i=0 l; shift
	while IFS= read -r l; do
		rec "$suite.${labels[i]}" "$(grep -oE ' [0-9.]+s ' <<< "$l" | head -1 | tr -d ' s')" s
		[[ $l == *OK ]] || echo "$l" >&2
		i=$((i + 1))
	done < <(imap -F "$USERS" cmds "$@")
}
s_big() {
	fill "$USERS" "$BIG"; load
	sh -c "$COLD"; timed "select-cold fetch-envelope-cold fetch-envelope-warm" "SELECT INBOX" \
		"FETCH 1:* (FLAGS UID RFC822.SIZE ENVELOPE)" "FETCH 1:* (FLAGS UID RFC822.SIZE ENVELOPE)"
	sh -c "${RESTART:-:}"; load
	timed "select-restart select-open" "SELECT INBOX" "SELECT INBOX"
	load
	timed "select-warm fetch-envelope-warm2 fetch-flags search-unseen search-subject-warm search-text1 search-text2 search-body store-flags store-flags-silent" \
		"SELECT INBOX" "FETCH 1:* (FLAGS UID RFC822.SIZE ENVELOPE)" "FETCH 1:* (UID FLAGS)" "UID SEARCH UNSEEN" "SEARCH SUBJECT quarterly" "UID SEARCH TEXT xyzzyplugh" \
		"UID SEARCH TEXT xyzzyplugh" "UID SEARCH BODY quarterly" "STORE 1:* +FLAGS (\\Flagged)" "STORE 1:* -FLAGS.SILENT (\\Flagged)"
	load; sh -c "$COLD"; timed "select-cold search-subject-cold" "SELECT INBOX" "SEARCH SUBJECT quarterly"
	load; sh -c "$COLD"; timed "select-cold fetch-size-cold" "SELECT INBOX" "FETCH 1:* (RFC822.SIZE)"
}
# Searches of texts, before and after there is an index of them (search.db), if the server makes one. The index is complete when its
# file has not grown for some seconds.
s_search() {
	local words=("SEARCH SUBJECT quarterly" "SEARCH FROM mallory" "SEARCH BODY xyzzyplugh" "SEARCH TEXT xyzzyplugh" "SEARCH BODY \"quarterly nothing\"")
	local labels="subject from body-rare text-rare body-none" before after i
	fill "$USERS" "$BIG"; load
	sh -c "$COLD"; timed "select-cold envelopes-cold $(printf 'read.%s ' $labels)" "SELECT INBOX" "FETCH 1:* (ENVELOPE)" "${words[@]}"
	after=-1
	for i in $(seq 60); do
		imap -F "$USERS" cmds "SELECT INBOX" > /dev/null; sleep 6
		before=$after after=$(cat "$(udir "$USERS")"/search.db* 2>/dev/null | wc -c)
		[ "$before" = "$after" ] && [ "$i" -gt 2 ] && break
	done
	echo "$NAME: search.db $after octets for $(du -sb "$(udir "$USERS")/Maildir" | cut -f1) of mail" >&2
	load; timed "select-warm $(printf 'again.%s ' $labels)" "SELECT INBOX" "${words[@]}"
}
s_body() {
	fill "$((USERS - 1))" "$POP"; load
	local r
	r=$(imap -F $((USERS - 1)) cmds "SELECT INBOX" "FETCH 1:* BODY.PEEK[]" "FETCH 1:* BODY.PEEK[]" | tail -1)
	rec body.fetch-all "$(awk '{for(i=1;i<=NF;i++) if ($i=="MB") mb=$(i-1); for(i=1;i<=NF;i++) if ($i ~ /^[0-9.]+s$/) t=$i+0} END{printf "%.1f", mb/t}' <<< "$r")" MB/s
}
s_pop3() {
	fill "$((USERS - 1))" "$POP"; load
	local r d
	for d in 1 50; do
		sh -c "$COLD"; load
		r=$(pop -F $((USERS - 1)) -n 1 -d $d retr); rec pop3.retr-cold.depth$d "$(num msg/s <<< "$r")" msg/s
		r=$(pop -F $((USERS - 1)) -n 1 -d $d retr); rec pop3.retr-warm.depth$d "$(num msg/s <<< "$r")" msg/s
	done
	for d in 1 10 50; do
		load; rec pop3.login-stat.c$d "$(pop -U 100 -n ${LOGINS:-1000} -c $d login | num /s)" /s
	done
}
s_idle() {
	local n
	for n in ${IDLE:-1000 5000}; do
		idle_for "idle.$n" "$n" "$IMAP_PORT"
		[ -z "${IMAPS_PORT:-}" ] || idle_for "idle-tls.$n" "$n" "$IMAPS_PORT" -S
	done
}
idle_for() {	# idle_for CASE CONNECTIONS PORT [-S]: memory before, and with the connections in IDLE
	local r a b ma
	load
	a=$("$here/pss.sh" "$PIDFILE"); echo "$NAME before: $a" >&2
	ma=$(awk '/MemAvailable/{print $2}' /proc/meminfo)
	r=$(imap -p "$3" "${@:4}" -U "$USERS" -n "$2" -H ${HOLD:-5} -x "$here/pss.sh $PIDFILE; awk '/MemAvailable/{print \"memavail\", \$2}' /proc/meminfo" idle) ||
		{ echo "$r" >&2; return; }
	echo "$NAME: $r" >&2
	b=$(grep pss <<< "$r")
	rec "$1.total-pss" "$(awk '{print $6}' <<< "$b")" MiB
	rec "$1.per-conn" "$(awk -v n="$2" '{print ($13-$6)*1024/n}' <<< "$a $b")" KiB
	[ -n "${4:-}" ] || rec "$1.per-conn-sys" "$(awk -v n="$2" '/MemAvail/{print ($2 - $4)/n}' <<< "MemAvail $ma $(grep memavail <<< "$r")")" KiB
	sleep 5
}
s_notify() { load; users; rec idle-notify-p50 "$(imap -F $FU -n 40 notify | grep -oE 'sent\) p50 [0-9.]+' | grep -oE '[0-9.]+$')" ms; }

declare -A SEQ
for run in $(seq "$RUNS"); do
	for t; do
		unset SMTP_ARGS RESTART IMAPS_PORT
		. "$t"; seq_no=${SEQ[$t]:-0}
		s_$suite
		SEQ[$t]=$seq_no
	done
done
sort -t$'\t' -k1,1V -k2,2 -k4,4g "$out" | awk -F'\t' '
	function flush() { if (n) printf "%-28s %-26s %10s %-6s  (%s..%s, %d runs)\n", c, t, v[int((n+1)/2)], u, v[1], v[n], n }
	{ if ($1 != c || $2 != t) { flush(); n = 0; c = $1; t = $2; u = $5 } v[++n] = $4 }
	END { flush() }'
