#!/bin/bash
# systemctl of the documents' machine: starts what a unit's ExecStart says, as the unit's user, and knows how to end it. Dovecot, Postfix and Courier by their own commands.
set -u
action=$1
shift
now=
units=()
for word in "$@"; do
	case $word in
	--now) now=yes ;;
	--no-pager | -q | --quiet | --lines=*) ;;
	*) units+=("${word%.service}") ;;
	esac
done
log=/var/log/fullstack.log

unit_file() {
	file=/etc/systemd/system/$1
	[ -f "$file" ] || file=$file.service
	[ -f "$file" ] || { echo "Unit $1.service could not be found." >&2; exit 4; }
}

value() { sed -n "s/^$2=//p" "$1" | head -1; }

is_running() { [ -f "$MACHINE/state/$1.pid" ] && kill -0 "$(cat "$MACHINE/state/$1.pid")" 2> /dev/null; }

# As systemd does with a unit of the user's that may bind low ports.
as_user() { # UNIT-FILE COMMAND..., in place of this shell
	local user limit
	user=$(value "$1" User)
	limit=$(value "$1" LimitNOFILE)
	if [ -n "$limit" ] && (ulimit -n "$limit") 2> /dev/null; then ulimit -n "$limit"; fi # where this machine allows so many
	shift
	exec setpriv --reuid "$user" --regid "$user" --clear-groups --inh-caps +net_bind_service --ambient-caps +net_bind_service -- "$@"
}

# A line of the log that is newer than the first $1 of them and has one of these texts.
said() { tail -n "+$(($1 + 1))" "$log" 2> /dev/null | grep -q -E "$2"; }

lines() { cat "$log" 2> /dev/null | wc -l; }

start_fullstack() {
	unit_file fullstack
	local command before
	! is_running fullstack || return 0
	command=$(value "$file" ExecStart | sed 's,^/usr/lib/fullstack-mail/fullstack,fullstack,')
	before=$(lines)
	(cd / && as_user "$file" $command < /dev/null >> "$log" 2>&1 & echo $! > "$MACHINE/state/fullstack.pid")
	for _ in $(seq 1200); do
		! said "$before" 'Server.Started' || return 0
		is_running fullstack || { echo "Job for fullstack.service failed because the control process exited with error code. See journalctl -u fullstack." >&2; rm -f "$MACHINE/state/fullstack.pid"; return 1; }
		sleep .05
	done
	return 1
}

stop_fullstack() {
	is_running fullstack || return 0
	kill -TERM "$(cat "$MACHINE/state/fullstack.pid")"
	for _ in $(seq 600); do is_running fullstack || break; sleep .05; done
	rm -f "$MACHINE/state/fullstack.pid"
}

once() { # UNIT: a unit that runs and ends
	unit_file "$1"
	local command
	for key in ExecStart ExecStartPost; do
		command=$(value "$file" $key | sed "s,/usr/lib/fullstack-mail/fullstack,$MACHINE/bin/fullstack,; s,\\\$\\\$,\$,g; s,%%,%,g")
		install -d -o fullstack -g fullstack -m 700 "/var/lib/$(value "$file" StateDirectory)"
		(as_user "$file" sh -c "$command") || return 1
	done
}

courier() { "$SOURCES/bench/peers/courier.sh" "$@"; }

for unit in "${units[@]}"; do
	case $action:$unit in
	enable:fullstack | enable:fullstack-backup.timer | disable:fullstack)
		unit_file "$unit"
		[ -z "$now" ] || case $action:$unit in
		enable:fullstack) start_fullstack || exit ;;
		disable:fullstack) stop_fullstack ;;
		esac ;;
	start:fullstack) start_fullstack || exit ;;
	stop:fullstack) stop_fullstack ;;
	restart:fullstack) stop_fullstack; start_fullstack || exit ;;
	reload:fullstack)
		before=$(lines)
		is_running fullstack || { echo "fullstack.service is not active, cannot reload." >&2; exit 1; }
		kill -HUP "$(cat "$MACHINE/state/fullstack.pid")"
		for _ in $(seq 600); do ! said "$before" 'configuration (not )?reloaded' || break; sleep .05; done ;;
	is-active:fullstack) is_running fullstack && echo active || { echo inactive; exit 3; } ;;
	status:fullstack)
		echo "* fullstack.service - $(value /etc/systemd/system/fullstack.service Description)"
		is_running fullstack && echo "     Active: active (running)" || echo "     Active: inactive (dead)"
		tail -n 10 "$log"
		is_running fullstack || exit 3 ;;
	start:fullstack-backup) once fullstack-backup || exit ;;
	start:dovecot) dovecot > /dev/null 2>&1 || exit ;;
	stop:dovecot | disable:dovecot) doveadm stop 2> /dev/null || dovecot stop || exit ;;
	start:postfix) postfix start > /dev/null 2>&1 || exit ;;
	stop:postfix) postfix stop > /dev/null 2>&1 || exit ;;
	reload:postfix) postfix reload  > /dev/null 2>&1 || exit ;;
	stop:courier-imap | stop:courier-pop | disable:courier-imap | disable:courier-pop) courier stop "$COURIER" > /dev/null 2>&1 || exit ;;
	start:courier-imap | start:courier-pop) courier start "$COURIER" 143 110 alice bob > /dev/null 2>&1 || exit ;;
	*) echo "the documents' machine does not know systemctl $action $unit" >&2; exit 1 ;;
	esac
done
