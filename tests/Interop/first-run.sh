#!/bin/bash
# The README's first command, as a person types it: it must end in a server that takes a message and gives it back.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
cd "$work" || exit 1
setsid dotnet run --project "$top/src/Server" > out 2> err < /dev/null &
pid=$!
finish() {
	kill -TERM -- "-$pid" 2> /dev/null
	for _ in $(seq 150); do kill -0 -- "-$pid" 2> /dev/null || break; sleep .1; done
	kill -KILL -- "-$pid" 2> /dev/null
	rm -rf "$work"
}
trap finish EXIT
fail() { echo "first run: $*"; echo "--- output"; cat out; echo "--- log"; tail -40 err; exit 1; }

for _ in $(seq 1200); do
	grep -q 'The server runs until' out && break
	kill -0 "$pid" 2> /dev/null || fail "it ended by itself"
	sleep .1
done
grep -q 'The server runs until' out || fail "it never said that it runs"

account=$(find "$work" -name account.txt -print -quit)
[ -n "$account" ] || fail "no account.txt"
address=$(sed -n 's/^address: *//p' "$account")
password=$(sed -n 's/^password: *//p' "$account")
port() { awk -v name="$1" '$1 == name && $4 == "TLS" { print $3 }' out; }
imaps=$(port IMAP)
submissions=$(port Submission)
printf 'From: %s\r\nTo: %s\r\nSubject: first run\r\n\r\nIt works.\r\n' "$address" "$address" > mail
curl -sS -k --max-time 20 "smtps://127.0.0.1:$submissions" -u "$address:$password" --mail-from "$address" --mail-rcpt "$address" -T mail || fail "sending failed"
curl -sS -k --max-time 20 "imaps://127.0.0.1:$imaps/INBOX/;MAILINDEX=1" -u "$address:$password" > got || fail "reading failed"
grep -q 'It works' got || fail "the message did not come back"

# The README's next command reads and sends with what the first one wrote.
if command -v mutt > /dev/null; then
	echo 'By mutt.' | HOME=$work timeout 60 mutt -F fullstack-demo/muttrc -s "first run by mutt" "$address" > mutt 2>&1 || { cat mutt; fail "mutt could not send"; }
	curl -sS -k --max-time 20 "imaps://127.0.0.1:$imaps/INBOX/;MAILINDEX=2" -u "$address:$password" > got || fail "reading what mutt sent failed"
	grep -q 'By mutt' got || fail "what mutt sent did not come back"
elif [ -n "${FULLSTACK_REQUIRE_PROGRAMS:-}" ]; then
	fail "mutt is not installed"
fi
echo "first run: sent and read as $address"
