# What the tests of the package have in common; read by `.`, with `set -uo pipefail` and `top`, the project's folder. `check` wants `work`, a folder, as well.
# shellcheck shell=bash
export LC_ALL=C DEBIAN_FRONTEND=noninteractive PATH=$PATH:/usr/sbin:/sbin
passed=0 failed=0

skip() { echo "package: skipped: $*"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
require_programs() { # NAME…
	local program
	[ "$(id -u)" = 0 ] || skip "only root can make a Debian root and change into it"
	for program in "$@"; do
		command -v "$program" > /dev/null && continue
		[ -z "${FULLSTACK_REQUIRE_PROGRAMS:-}" ] || { echo "package: $program is not installed"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
		skip "$program is not installed"
	done
}

make_root() { # FILE
	exec 9> "$1.lock"
	flock 9 # who comes second finds it made
	[ -e "$1" ] && return
	local folder
	folder=$(mktemp -d) || return
	# What the package depends on is in it from the start, so that the tests need no network.
	debootstrap --variant=minbase --include=adduser,ca-certificates,libgcc-s1,libstdc++6,libssl3,libicu72,tzdata,systemd,systemd-sysv bookworm "$folder/root" "${MIRROR:-http://deb.debian.org/debian}" > "$1.log" 2>&1 &&
		rm -rf "$folder"/root/var/cache/apt/archives/*.deb "$folder"/root/var/lib/apt/lists/* &&
		tar -C "$folder/root" -cf "$1.part" . && mv "$1.part" "$1" || { tail -5 "$1.log"; rm -rf --one-file-system "$folder"; return 1; }
	rm -rf --one-file-system "$folder"
}

# Makes the package, where FULLSTACK_PACKAGE is none, and the root meanwhile. Sets `first` and `tar`.
make_package_and_root() { # WORK OPTION-OF-BUILD/DEB…
	tar=${FULLSTACK_PACKAGE_ROOT:-$1/root.tar}
	make_root "$tar" &
	first=${FULLSTACK_PACKAGE:-}
	[ -n "$first" ] || first=$("$top/build/deb" ${FULLSTACK_PUBLISHED:+--published "$FULLSTACK_PUBLISHED"} --output "$1/first" "${@:2}") || { echo "package: build/deb failed"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
	wait $! || skip "debootstrap could not make a Debian root"
}

# The runtime's package is Microsoft's or another distribution's: here it is a name, with a copy of this machine's runtime. A copy, never a mount: nothing in a root leads to a folder of the host.
copy_runtime() { # ROOT ARCH; makes /root/runtime.deb in it
	local package=$1/root/runtime dotnet
	dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
	mkdir -p "$package/DEBIAN" "$1/usr/share/dotnet"
	printf '%s\n' "Package: aspnetcore-runtime-10.0" "Version: 10.0.0" "Architecture: $2" "Maintainer: nobody <nobody@example.org>" \
		"Description: the runtime of the machine that tests" > "$package/DEBIAN/control"
	cp -r "$dotnet/dotnet" "$dotnet/host" "$dotnet/shared" "$1/usr/share/dotnet/" && dpkg-deb --root-owner-group -Znone -b "$package" "$1/root/runtime.deb"
}

# A later version: another number, and a line more in its configuration.
make_later() { # PACKAGE FOLDER; makes FOLDER.deb
	dpkg-deb -R "$1" "$2" && sed -i "s/^Version: .*/&+later/" "$2/DEBIAN/control" &&
		echo '# A line of the later version.' >> "$2/etc/fullstack/fullstack.yaml" && dpkg-deb --root-owner-group -Znone -b "$2" "$2.deb"
}

# What apt gets in a root, which has no network: the runtime, and a name for the resolver that the documentation has installed as well.
make_repository() { # ROOT, with /root/runtime.deb in it
	local repository=$1/srv/repository resolver=$1/root/resolver file
	mkdir -p "$repository" "$resolver/DEBIAN"
	printf '%s\n' "Package: unbound" "Version: 1" "Architecture: all" "Maintainer: nobody <nobody@example.org>" "Description: a name" > "$resolver/DEBIAN/control"
	dpkg-deb --root-owner-group -Znone -b "$resolver" "$repository/unbound.deb" && cp "$1/root/runtime.deb" "$repository" || return
	for file in "$repository"/*.deb; do
		dpkg-deb -f "$file"
		printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "${file##*/}" "$(stat -c %s "$file")" "$(sha256sum < "$file" | cut -d ' ' -f 1)"
	done > "$repository/Packages"
	echo 'deb [trusted=yes] file:/srv/repository ./' > "$1/etc/apt/sources.list"
	# Whoever reads the documentation says yes, and keeps his configuration.
	printf '%s\n' 'APT::Get::Assume-Yes "true";' 'APT::Sandbox::User "root";' 'DPkg::Options { "--force-unsafe-io"; "--force-confdef"; };' > "$1/etc/apt/apt.conf.d/99scratch"
}

# A block of a page of the documentation that is marked `package`, as it stands there, to be run in /root/clone of a root, where `build/deb` has made its package.
documented() { # PAGE NUMBER
	awk -v wanted="$2" '/^```sh package$/ { n++; inside = n == wanted; next } /^```$/ { inside = 0 } inside' "$top/docs/$1"
}
make_clone() { # ROOT PACKAGE
	mkdir -p "$1/root/clone/build/out" && cp "$2" "$1/root/clone/build/out/fullstack-mail_1.deb" && install -m 755 /dev/stdin "$1/root/clone/build/deb" <<< '#!/bin/sh'
}

# Runs a command and counts whether it succeeds; what it says is shown where it does not.
check() { # NAME COMMAND…
	local name=$1
	shift
	if "$@" > "$work/said" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "package: FAILED: $name"
		sed 's/^/    /' "$work/said" | tail -25
	fi
}
holds() { grep -qF -- "$2" "$1" || { cat "$1"; return 1; }; } # FILE TEXT
# What a program prints is read to its end: `grep -q` would leave, and the program would fail.
among() { grep "$@" > /dev/null; } # OPTION-OF-GREP… PATTERN
not() { ! "$@"; }
# Waits until a command succeeds, for half a minute at most.
until_so() {
	local end=$((SECONDS + 30))
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep .1
	done
}
