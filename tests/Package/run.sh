#!/bin/bash
# Makes the Debian package and puts it through its life on a scratch Debian: installed, configured, started, mail sent and read, upgraded, removed, installed again, purged.
# Closes with "N passed, N failed, N skipped". Needs root, the .NET SDK, and Debian's debootstrap, lintian, curl, iproute2 and util-linux.
#   tests/Package/run.sh                 all of it
#   tests/Package/run.sh root FILE.tar   only makes the scratch Debian, as a file; FULLSTACK_PACKAGE_ROOT=FILE.tar has it used later
# FULLSTACK_PACKAGE=FILE.deb takes a package that build/deb made before, FULLSTACK_PUBLISHED=DIR a program that was published before; what needs one with the
# runtime in it is then left out, and counted as skipped. With FULLSTACK_REQUIRE_PROGRAMS a program that is missing is a failure.
# Everything happens in namespaces of its own: no mount and no process is left behind, and the standard ports are taken on a loopback device that nobody else has.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$here/checks.sh"

if [ "${1:-}" = root ]; then
	make_root "${2:?a file for the root}"
	exit
fi

require_programs debootstrap lintian curl ip unshare
if [ -z "${FULLSTACK_PACKAGE_WORK:-}" ]; then
	FULLSTACK_PACKAGE_WORK=$(mktemp -d)
	export FULLSTACK_PACKAGE_WORK
	trap 'rm -rf --one-file-system "$FULLSTACK_PACKAGE_WORK"' EXIT
	FULLSTACK_PACKAGE_CONTAINED=
	[ -n "${FULLSTACK_PUBLISHED:-}${FULLSTACK_PACKAGE:-}" ] || FULLSTACK_PACKAGE_CONTAINED=yes
	export FULLSTACK_PACKAGE_CONTAINED
	make_package_and_root "$FULLSTACK_PACKAGE_WORK"
	FULLSTACK_PACKAGE_ROOT=$tar FULLSTACK_PACKAGE=$first unshare --mount --net --pid --fork --kill-child --mount-proc "$here/run.sh"
	exit
fi

work=$FULLSTACK_PACKAGE_WORK first=$FULLSTACK_PACKAGE root= in_root=
ip link set lo up || skip "the loopback device of a network namespace cannot be used"
version=$(dpkg-deb -f "$first" Version)
arch=$(dpkg-deb -f "$first" Architecture)
server=
trap 'stop_server' EXIT

inside() { "${in_root[@]}" "$@"; }
dpkg_inside() { inside dpkg --force-unsafe-io "$@" < /dev/null > "$work/dpkg" 2>&1 || { cat "$work/dpkg"; return 1; }; }
install_package() { # FILE
	cp "$1" "$root/tmp/package.deb" && dpkg_inside --force-confdef -i /tmp/package.deb
}
is_mode() { [ "$(inside stat -c '%U:%G %a' "$1")" = "$2" ] || { inside stat -c '%n: %U:%G %a' "$1"; return 1; }; }
is_gone() { [ ! -e "$root$1" ] && [ ! -L "$root$1" ] || { ls -la "$root$1"; return 1; }; }
leads_to() { [ "$(inside readlink -f "$1")" = "$2" ] || { inside ls -la "$1"; return 1; }; }

# Each root is a folder of its own, and none is removed while something may be mounted in it: the folder of all goes at the end, outside these namespaces, where no mount is.
make_root_anew() { # NAME
	root=$work/$1
	in_root=(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/ DEBIAN_FRONTEND=noninteractive chroot "$root")
	mkdir "$root" && tar -C "$root" -xf "$FULLSTACK_PACKAGE_ROOT" && mount -t proc proc "$root/proc"
}

install_as_documented() {
	make_clone "$root" "$first" && documented admin.md 1 > "$root/root/install" || return
	inside apt-get -q update && inside bash -ec 'cd /root/clone && . /root/install' < /dev/null > "$work/dpkg" 2>&1 || { cat "$work/dpkg"; return 1; }
}

# As the unit has it: the user, and the right to bind ports below 1024.
start_server() {
	"${in_root[@]}" setpriv --reuid=fullstack --regid=fullstack --init-groups --inh-caps=+net_bind_service --ambient-caps=+net_bind_service \
		/usr/bin/fullstack serve --config /etc/fullstack/fullstack.yaml > "$work/log" 2>&1 < /dev/null &
	server=$!
	for _ in $(seq 600); do
		(exec 3<> /dev/tcp/127.0.0.1/993) 2> /dev/null && return
		kill -0 "$server" 2> /dev/null || break
		sleep .1
	done
	cat "$work/log"
	return 1
}
stop_server() {
	[ -n "$server" ] || return 0
	kill -TERM "$server" 2> /dev/null
	wait "$server"
	local code=$?
	server=
	return $code
}
imap() { curl -sS -k --max-time 30 -u you@example.test:secret-of-yours "imaps://127.0.0.1/$1" "${@:2}"; }
send() { # SUBJECT
	printf 'From: you@example.test\r\nTo: you@example.test\r\nSubject: %s\r\n\r\nHello.\r\n' "$1" > "$work/mail"
	curl -sS -k --max-time 30 -u you@example.test:secret-of-yours smtps://127.0.0.1 --mail-from you@example.test --mail-rcpt you@example.test -T "$work/mail"
}
has_mail() { # UIDVALIDITY and UID with their subjects, as one line for each message
	imap INBOX -X 'FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])' > "$work/fetched" && grep -oE 'UID [0-9]+' "$work/fetched" && imap '' -X 'STATUS INBOX (UIDVALIDITY)'
}
sent_by_program() {
	printf 'To: you@example.test\nSubject: from a program\n\nHello.\n' | inside setpriv --reuid=nobody --regid=nogroup --clear-groups /usr/sbin/sendmail -t || return
	for _ in $(seq 200); do
		has_mail > "$work/so-far" && grep -q 'UID 2' "$work/so-far" && return
		sleep .1
	done
	cat "$work/log"
	return 1
}

package_is_as_it_should_be() {
	lintian --allow-root --fail-on error "$first"
}
packed_anew_is_the_same() {
	dpkg-deb -x "$first" "$work/unpacked" && "$top/build/deb" --published "$work/unpacked/usr/lib/fullstack-mail" --output "$work/again" && cmp "$first" "$work"/again/*.deb
}
image_fits() {
	local file=$top/build/Dockerfile place port
	for place in $(sed -n 's/^\(VOLUME\|ENTRYPOINT\) //p' "$file" | tr -d '[],"'); do
		[ -e "$root$place" ] || { echo "$place is not in the package"; return 1; }
	done
	for port in $(sed -n 's/^EXPOSE //p' "$file"); do
		grep -q "^ListenStream=0.0.0.0:$port$" "$top/conf/fullstack.socket" || { echo "$port is no standard port"; return 1; }
	done
	inside id "$(sed -n 's/^USER //p' "$file")" && ! grep -vE '^(#.*|FROM .*|WORKDIR .*|COPY .*|RUN .*|	.*|USER .*|VOLUME .*|EXPOSE .*|STOPSIGNAL .*|ENTRYPOINT .*|CMD .*|)$' "$file"
}

check "lintian finds no error" package_is_as_it_should_be
check "the same program gives the same package" packed_anew_is_the_same
check "it is a mail-transport-agent as Debian's policy has it" [ "$(for f in Provides Conflicts Replaces; do dpkg-deb -f "$first" $f; done | grep -o mail-transport-agent | wc -l)" = 3 ]

check "a root can be made" make_root_anew with-runtime
[ "$failed" = 0 ] || { echo "$passed passed, $failed failed, 0 skipped"; exit 1; }
check "without the runtime it is refused" not install_package "$first"
check "the refusal names the runtime" holds "$work/dpkg" aspnetcore-runtime-10.0
check "what was unpacked is taken away" dpkg_inside --purge fullstack-mail
check "a distribution has the runtime" eval 'copy_runtime "$root" "$arch" && make_repository "$root"'
check "the documentation's commands install it, with the runtime" install_as_documented
check "it is installed" [ "$(inside dpkg-query -W -f '${Status} ${Version}' fullstack-mail)" = "install ok installed $version" ]
check "so is the runtime" [ "$(inside dpkg-query -W -f '${Status}' aspnetcore-runtime-10.0)" = "install ok installed" ]
check "the installation says what to do" holds "$work/dpkg" "set hostname and domains in /etc/fullstack/fullstack.yaml"
check "data are its user's alone" is_mode /var/lib/fullstack "fullstack:fullstack 700"
check "everybody may drop mail and nobody list it" is_mode /var/spool/fullstack "fullstack:fullstack 3733"
for name in /usr/sbin/sendmail /usr/lib/sendmail /usr/bin/mailq /usr/bin/newaliases; do
	check "$name is an alternative" leads_to $name /usr/lib/fullstack-mail/fullstack
done
check "sendmail's manual is one" leads_to /usr/share/man/man8/sendmail.8.gz /usr/share/man/man8/fullstack-sendmail.8.gz
check "the service is enabled" leads_to /etc/systemd/system/multi-user.target.wants/fullstack.service "$(inside readlink -f /lib/systemd/system/fullstack.service)"
check "a container has the same layout" image_fits

check "as installed it does not start" not start_server
check "it says in which line what is missing" holds "$work/log" "/etc/fullstack/fullstack.yaml:11: hostname: expected a host name such as mail.example.test, found nothing"
check "and has written nothing" [ -z "$(ls -A "$root/var/lib/fullstack")" ]
sed -i 's/^hostname:.*/hostname: mail.example.test/; s/^domains:.*/domains: [example.test]/' "$root/etc/fullstack/fullstack.yaml"
check "with a host name and a domain it is good" inside fullstack check
check "an account is made" inside setpriv --reuid=fullstack --regid=fullstack --init-groups fullstack user add you@example.test <<< secret-of-yours
check "it starts at the standard ports" start_server
check "a message is sent" send first
check "a program sends one" sent_by_program
has_mail > "$work/before"
check "both are read" [ "$(grep -c '^UID' "$work/before")" = 2 ]
check "mailq knows the queue" inside setpriv --reuid=fullstack --regid=fullstack --init-groups mailq
check "newaliases knows the aliases" inside setpriv --reuid=fullstack --regid=fullstack --init-groups newaliases
check "it stops in order" stop_server

check "a later version can be made" make_later "$first" "$work/later"
check "it is upgraded" install_package "$work/later.deb"
check "the later version is there" [ "$(inside dpkg-query -W -f '${Version}' fullstack-mail)" = "$version+later" ]
check "the changed configuration stays" holds "$root/etc/fullstack/fullstack.yaml" "hostname: mail.example.test"
check "the package's own lies beside it" holds "$root/etc/fullstack/fullstack.yaml.dpkg-dist" "A line of the later version."
check "the later version starts" start_server
has_mail > "$work/after"
check "mail has its UIDs" cmp "$work/before" "$work/after"
check "mail goes on coming" send third
check "the later version stops in order" stop_server

check "it is removed" dpkg_inside -r fullstack-mail
check "its command is gone" is_gone /usr/bin/fullstack
for name in /usr/sbin/sendmail /usr/lib/sendmail /usr/bin/mailq /usr/bin/newaliases /usr/share/man/man8/sendmail.8.gz; do
	check "$name is gone" is_gone $name
done
check "the configuration is not" holds "$root/etc/fullstack/fullstack.yaml" "hostname: mail.example.test"
check "it is installed again" install_package "$work/later.deb"
check "it starts again" start_server
has_mail > "$work/again-read"
check "the mail is still there" [ "$(grep -c '^UID' "$work/again-read")" = 3 ]
check "it stops again" stop_server

check "it is purged" dpkg_inside --purge fullstack-mail
check "the purge says that mail stays" holds "$work/dpkg" "the mail in /var/lib/fullstack stays"
check "the mail has stayed" [ "$(find "$root/var/lib/fullstack/mail" -path '*/example.test/you/Maildir/*' -name '*,S=*' | wc -l)" = 3 ]
for place in /etc/fullstack /var/spool/fullstack /var/lib/fullstack/directory.db /var/lib/fullstack/tls /var/lib/fullstack/queue /etc/systemd/system/multi-user.target.wants/fullstack.service; do
	check "$place is gone" is_gone $place
done

skipped=0
if [ -z "$FULLSTACK_PACKAGE_CONTAINED" ]; then
	skipped=1
else
	check "a fresh root can be made" make_root_anew bare
	check "a package with the runtime in it is made" "$top/build/deb" --self-contained --compression none --output "$work/contained"
	check "it is installed on a bare Debian" install_package "$work/contained/fullstack-mail_${version}_$arch.deb"
	sed -i 's/^hostname:.*/hostname: mail.example.test/; s/^domains:.*/domains: [example.test]/' "$root/etc/fullstack/fullstack.yaml"
	check "it starts there" start_server
	check "it stops there" stop_server
	check "it is purged there" dpkg_inside --purge fullstack-mail
	check "without mail nothing stays" is_gone /var/lib/fullstack
fi

if docker info > /dev/null 2>&1; then
	check "the image is built" docker build -q -f "$top/build/Dockerfile" "$top"
else
	echo "package: no container engine runs here, so the image was not built"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
