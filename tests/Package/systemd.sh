#!/bin/bash
# Boots a scratch Debian with systemd as process 1 and does with the package what an administrator does: install it, start it, reload it, let it hang, restart and
# upgrade it under clients that connect all the time, read its journal, have it backed up by night, take it away.
# Closes with "N passed, N failed, N skipped". Needs root, debootstrap, curl, python3, util-linux, cgroup2, and the .NET SDK.
#   tests/Package/systemd.sh
# FULLSTACK_PACKAGE, FULLSTACK_PUBLISHED and FULLSTACK_PACKAGE_ROOT are those of run.sh.
# The root lies in memory, in a mount namespace of its own out of which nothing of this machine is seen, and goes with its last process. Its systemd has a control
# group, process numbers, a host name and a network of its own; kernel settings (/proc/sys) it can only read, and the right to set the clock it has not.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$here/checks.sh"

# In the new namespaces, as their process 1: makes the root, leaves everything else behind, and becomes systemd.
boot() { # WORK TAR
	local work=$1 tar=$2 root=$1/root node
	set -e
	mount -t tmpfs -o size=3g,mode=755 tmpfs "$root"
	tar -C "$root" -xf "$tar"
	copy_runtime "$root" "$(dpkg --print-architecture)"
	make_repository "$root"
	cp "$work/first.deb" "$root/root"
	make_clone "$root" "$work/later.deb"
	documented admin.md 2 > "$root/root/upgrade"
	echo mail.example.test > "$root/etc/hostname"
	: > "$root/etc/machine-id"
	# Of no use here: consoles, logins that want D-Bus, and timers that look for updates.
	for node in console-getty.service getty.target systemd-logind.service apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer; do
		ln -sf /dev/null "$root/etc/systemd/system/$node"
	done
	mount -t proc proc "$root/proc"
	for node in sys sysrq-trigger; do
		[ -e "$root/proc/$node" ] || continue
		mount --bind "$root/proc/$node" "$root/proc/$node"
		mount -o remount,bind,ro "$root/proc/$node"
	done
	mount -t sysfs -o ro sysfs "$root/sys"
	mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
	mount -t tmpfs -o mode=755 tmpfs "$root/dev"
	mount -t tmpfs -o mode=755 tmpfs "$root/run"
	for node in null:3 zero:5 full:7 random:8 urandom:9; do
		mknod -m 666 "$root/dev/${node%:*}" c 1 "${node#*:}"
	done
	mknod -m 666 "$root/dev/tty" c 5 0
	mkdir "$root/dev/pts" "$root/dev/shm" "$root/host"
	mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts "$root/dev/pts"
	mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
	ln -s pts/ptmx "$root/dev/ptmx"
	ln -s /proc/self/fd "$root/dev/fd"
	cd "$root"
	pivot_root . host
	exec chroot . /bin/sh -c 'umount -l /host && rmdir /host && exec env -i container=scratch PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		setpriv --bounding-set=-sys_time,-sys_module,-sys_rawio,-sys_boot,-wake_alarm,-syslog /lib/systemd/systemd --show-status=no'
}

if [ "${1:-}" = boot ]; then
	boot "${@:2}"
	exit
fi

require_programs debootstrap curl python3 unshare nsenter setpriv pivot_root
groups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
own=$(sed -n 's/^0:://p' /proc/self/cgroup)
group=${groups:-/nowhere}${own%/}/fullstack-systemd.$$
mkdir "$group" 2> /dev/null || skip "no control group (cgroup2) of its own can be made"
work=$(mktemp -d)
machine= init= clients=
clean_up() {
	[ -z "$clients" ] || kill "$clients"
	# With process 1 go all processes of the root, and with the last of them its mounts.
	[ -z "$machine" ] || { kill -KILL $init "$machine"; wait "$machine"; } 2> /dev/null
	until_so eval '! grep -q "populated 1" "$group/cgroup.events"'
	find "$group" -depth -type d -exec rmdir {} + 2> /dev/null
	rm -rf --one-file-system "$work"
}
trap clean_up EXIT

make_package_and_root "$work" --compression none
make_later "$first" "$work/later" > /dev/null && cp "$first" "$work/first.deb" && mkdir "$work/root" || exit
version=$(dpkg-deb -f "$first" Version)
(
	echo "$BASHPID" > "$group/cgroup.procs" || exit
	exec 9>&-
	exec unshare --mount --net --pid --uts --ipc --cgroup --fork --kill-child "$here/systemd.sh" boot "$work" "$tar"
) > "$work/console" 2>&1 < /dev/null &
machine=$!

# Runs a command in the root, or at its network only.
inside() { nsenter --target "$init" --mount --uts --ipc --net --pid --root --wd env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root DEBIAN_FRONTEND=noninteractive "$@"; }
at_network() { nsenter --target "$init" --net "$@"; }
at_root() { echo "/proc/$init/root$1"; }
booted() {
	init=$(cat "/proc/$machine/task/$machine/children" 2> /dev/null) && init=${init%% *} && [ -n "$init" ] && [ "$(cat "/proc/$init/comm")" = systemd ] &&
		inside systemctl is-system-running 2> /dev/null | among -E 'running|degraded'
}
until_so booted || { tail -5 "$work/console"; skip "systemd does not boot in namespaces of this machine"; }

is_unit() { [ "$(inside systemctl show -P "$2" "$1")" = "$3" ] || { inside systemctl status --no-pager "$1"; return 1; }; } # UNIT PROPERTY VALUE
status_says() { inside systemctl show -P StatusText fullstack | among -F -- "$1"; }
main_process() { inside systemctl show -P MainPID fullstack; }
is_another() { # than PROCESS, and active
	local now
	now=$(main_process)
	[ "$now" != 0 ] && [ "$now" != "$1" ] && [ "$(inside systemctl is-active fullstack)" = active ]
}
journal_says() { inside journalctl -u fullstack --no-pager -o cat > "$work/journal"; holds "$work/journal" "$1"; }
configure() { sed -i "$1" "$(at_root /etc/fullstack/fullstack.yaml)"; } # SED
override() { # UNIT LINE…
	local unit=$1
	shift
	mkdir -p "$(at_root "/etc/systemd/system/$unit.d")" && printf '%s\n' "$@" > "$(at_root "/etc/systemd/system/$unit.d/test.conf")" && inside systemctl daemon-reload
}
imap() { at_network curl -sS -k --max-time 30 -u you@example.test:secret-of-yours "imaps://127.0.0.1/$1" "${@:2}"; }
send() { # SUBJECT
	printf 'From: you@example.test\r\nTo: you@example.test\r\nSubject: %s\r\n\r\nHello.\r\n' "$1" > "$work/mail"
	at_network curl -sS -k --max-time 30 -u you@example.test:secret-of-yours smtps://127.0.0.1 --mail-from you@example.test --mail-rcpt you@example.test -T "$work/mail"
}
messages() { imap '' -X 'STATUS INBOX (MESSAGES)' | grep -oE '[0-9]+'; }
has_messages() { [ "$(messages)" = "$1" ]; }
sent_by_program() { printf 'To: you@example.test\nSubject: from a program\n\nHello.\n' | inside setpriv --reuid=nobody --regid=nogroup --clear-groups --no-new-privs /usr/sbin/sendmail -t; }
backups() { find "$(at_root /var/lib/fullstack-backup)" -mindepth 1 -maxdepth 1 -name "${1:-*}" | wc -l; }
backups_are() { [ "$(backups)" = "$1" ] || { ls "$(at_root /var/lib/fullstack-backup)"; return 1; }; }

# Connects all the time and waits for each greeting, until it is told that it is enough. Says how many there were, and what else happened.
cat > "$work/clients.py" << 'END'
import collections, os, socket, sys, time
seen = collections.Counter()
while not os.path.exists(sys.argv[1]):
    for port in (25, 143):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
                line = connection.makefile("rb").readline()
            seen["greeted" if line[:4] in (b"220 ", b"* OK") else repr(line[:40])] += 1
        except OSError as e:
            seen[type(e).__name__] += 1
    time.sleep(0.02)
print(*(f"{n} {what}" for what, n in seen.items()), sep="\n")
END
start_clients() {
	rm -f "$work/enough"
	at_network python3 "$work/clients.py" "$work/enough" > "$work/clients" &
	clients=$!
}
# Whoever connected was served, or told so by the server that ends (421, BYE): nobody was refused or left without a word.
nobody_refused() {
	touch "$work/enough"
	wait "$clients"
	clients=
	cat "$work/clients"
	grep -q ' greeted$' "$work/clients" && ! grep -qvE " (greeted|b'(421 |\* BYE).*)$" "$work/clients"
}

check "it is installed" inside sh -c 'dpkg --force-unsafe-io -i /root/runtime.deb && dpkg --force-unsafe-io -i /root/first.deb < /dev/null'
[ "$failed" = 0 ] || { echo "$passed passed, $failed failed, 0 skipped"; exit 1; }
check "nothing runs yet" is_unit fullstack.service ActiveState inactive
check "systemd finds nothing odd in the units" inside systemd-analyze verify fullstack.service fullstack-backup.timer
check "without a host name it does not start" not inside systemctl start fullstack
check "the journal says in which line it is missing" journal_says "fullstack.yaml:11: hostname: expected a host name"
check "it is not tried again" is_unit fullstack.service NRestarts 0
check "systemd knows why" is_unit fullstack.service ExecMainStatus 78
configure 's/^hostname:.*/hostname: mail.example.test/; s/^domains:.*/domains: [example.test]/'
echo 'limits: { connections_per_minute: 1000000 }' >> "$(at_root /etc/fullstack/fullstack.yaml)"

check "it is enabled and started" inside systemctl enable --now fullstack
# No waiting here: systemctl has come back because the server said that it is ready.
check "it serves as soon as it is started" at_network bash -c 'exec 3<> /dev/tcp/127.0.0.1/143 && read -r -t 30 line <&3 && [[ $line == "* OK"* ]]'
check "it says what it serves" status_says "serving mail.example.test"
check "it is not root" [ "$(inside stat -c %U "/proc/$(main_process)")" = fullstack ]
check "it may bind ports and nothing else" [ "$(sed -n 's/^CapEff:\t*//p' "/proc/$init/root/proc/$(main_process)/status")" = 0000000000000400 ]
check "an account is made" inside fullstack user add you@example.test <<< secret-of-yours
check "a message is sent" send first
check "any user's program sends one, without rights" sent_by_program
check "both are there" until_so has_messages 2
check "one is read" eval 'imap "INBOX;MAILINDEX=1" | among "^Subject: first"'
check "POP3 has it as well" eval 'at_network curl -sS -k --max-time 30 -u you@example.test:secret-of-yours pop3s://127.0.0.1/1 | among "^Subject: first"'
check "mailq asks the running server" inside mailq

check "what an account did is found by its name" eval 'inside journalctl -o json FULLSTACK_ACCOUNT=you@example.test FULLSTACK_EVENT=Imap.LoggedIn > "$work/events"; [ -s "$work/events" ]'
for field in '"FULLSTACK_EVENT_ID":"4002"' '"FULLSTACK_PEER":"127.0.0.1' '"FULLSTACK_CONNECTION_ID":"' '"PRIORITY":"6"' '"SYSLOG_IDENTIFIER":"fullstack"' '"SYSLOG_FACILITY":"2"' '"_SYSTEMD_UNIT":"fullstack.service"' '"_PID":"'; do
	check "an event has $field" holds "$work/events" "$field"
done
check "nothing went wrong until now" not eval 'inside journalctl "_PID=$(main_process)" -p err -q --no-pager | grep .'

process=$(main_process)
configure 's/^domains:.*/domains: [example.test, example.org/'
check "a reload is asked for" inside systemctl reload fullstack
check "a broken configuration is refused, and status says why" until_so status_says "configuration not reloaded: /etc/fullstack/fullstack.yaml:"
check "the server is the same, and active" [ "$(main_process) $(inside systemctl is-active fullstack)" = "$process active" ]
check "it serves as before" has_messages 2
configure 's/^domains:.*/domains: [example.test, example.org]/'
check "a reload is asked for again" inside systemctl reload fullstack
check "a good one is taken" until_so eval 'status_says "serving mail.example.test" && ! status_says "not reloaded"'
check "the new domain is there" inside fullstack user add you@example.org <<< secret-of-yours
check "no restart was needed" [ "$(main_process)" = "$process" ]

override fullstack.service '[Service]' WatchdogSec=3
check "it is restarted, with a short watchdog" inside systemctl restart fullstack
process=$(main_process)
check "nothing happens while it is well" eval 'sleep 5; [ "$(main_process)" = "$process" ]'
check "the server hangs" inside systemctl kill --kill-who=main --signal=STOP fullstack
check "systemd starts another" until_so is_another "$process"
check "systemd says why" eval 'inside journalctl --no-pager -o cat UNIT=fullstack.service | among "Watchdog timeout"'
check "the mail is there" has_messages 2
rm -r "$(at_root /etc/systemd/system/fullstack.service.d)"
inside systemctl daemon-reload

check "systemd takes the sockets" inside sh -c 'systemctl stop fullstack && systemctl enable --now fullstack.socket fullstack.service'
check "all of them" is_unit fullstack.socket SubState running
start_clients
check "it is restarted" inside systemctl restart fullstack
check "and again" inside systemctl restart fullstack
check "nobody was refused meanwhile" nobody_refused
check "without the service a client starts it" eval 'inside systemctl stop fullstack.service 2> /dev/null; has_messages 2 && is_unit fullstack.service ActiveState active'

# A session that does nothing is asked to end; systemd's patience (30 s) is not needed.
at_network bash -c 'exec 3<> /dev/tcp/127.0.0.1/143 4<> /dev/tcp/127.0.0.1/25; read -r line <&3; read -r line <&4; echo there; cat <&3 & cat <&4; wait' > "$work/drained" 2>&1 &
drained=$!
check "two clients are connected" until_so holds "$work/drained" there
begun=$SECONDS
check "it is stopped, sockets and all" inside systemctl stop fullstack.socket fullstack.service
check "within the time allowed" [ $((SECONDS - begun)) -le 15 ]
wait "$drained"
check "the session of IMAP was told" holds "$work/drained" "* BYE"
check "the one of SMTP was told" holds "$work/drained" "421 4.3.2"
check "it ended well" is_unit fullstack.service Result success
check "it starts with its sockets" inside systemctl start fullstack.socket fullstack.service

check "the backup is enabled" inside systemctl enable --now fullstack-backup.timer
check "its night is known" eval 'inside systemctl list-timers --no-pager | among fullstack-backup.timer'
for day in 01 02 03 04 05 06 07 08; do mkdir -p "$(at_root "/var/lib/fullstack-backup/2020-01-${day}T030000")"; done
inside chown -R fullstack:fullstack /var/lib/fullstack-backup
override fullstack-backup.timer '[Timer]' OnCalendar= OnActiveSec=1s RandomizedDelaySec=0 AccuracySec=100ms
check "its hour comes" inside systemctl restart fullstack-backup.timer
check "it is made" until_so eval '[ "$(backups)" = 7 ] && is_unit fullstack-backup.service ActiveState inactive'
check "it went well" is_unit fullstack-backup.service Result success
check "the oldest went" [ "$(backups '2020-01-0[12]*')" = 0 ]
check "a message comes back from it" eval 'inside systemctl stop fullstack.socket fullstack.service && inside runuser -u fullstack -- fullstack restore "/var/lib/fullstack-backup/$(ls "$(at_root /var/lib/fullstack-backup)" | tail -1)" you@example.test INBOX --uid 1 --as Restored && inside systemctl start fullstack.socket fullstack.service'

check "apt knows what there is" inside apt-get -q update
start_clients
check "the documentation's commands rehearse, back up and upgrade" inside bash -ec 'cd /root/clone && . /root/upgrade < /dev/null'
check "the later version is there" [ "$(inside dpkg-query -W -f '${Version}' fullstack-mail)" = "$version+later" ]
check "it serves at once" is_unit fullstack.service ActiveState active
check "nobody was refused during the upgrade" nobody_refused
check "the mail is still there" has_messages 2
check "mail goes on coming" send third
started=$(date -d "$(inside systemctl show -P ExecMainStartTimestamp --timestamp=us fullstack)" +%s%6N)
unpacked=$(inside stat -c %.6Z /var/lib/dpkg/info/fullstack-mail.list | tr -d .)
check "it was started when all its files were there" [ "$started" -gt "$unpacked" ]

rm -r "$(at_root /etc/systemd/system/fullstack-backup.timer.d)"
check "it is removed" inside dpkg --force-unsafe-io -r fullstack-mail
check "it runs no more" [ -z "$(inside sh -c 'for p in /proc/[0-9]*; do stat -c %U $p; done' 2> /dev/null | grep fullstack)" ]
check "no socket listens" not at_network bash -c 'exec 3<> /dev/tcp/127.0.0.1/25'
check "it is purged" inside dpkg --force-unsafe-io --purge fullstack-mail
check "systemd has forgotten it" not eval '{ inside systemctl list-unit-files --no-legend "fullstack*"; find "$(at_root /etc/systemd)" -name "*fullstack*"; } | grep .'
check "the mail has stayed" [ "$(find "$(at_root /var/lib/fullstack/mail)" -path '*/example.test/you/Maildir/*' -name '*,S=*' | wc -l)" -ge 3 ]

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
