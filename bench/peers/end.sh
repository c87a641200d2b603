#!/bin/bash
# end.sh PIDFILE: asks the daemon whose pid that file has to end, and waits for it; what its children still do is ended by who started the peer.
set -eu
[ -s "$1" ] || exit 0
pid=$(tr -d ' ' < "$1")
kill "$pid" 2> /dev/null || exit 0
for i in $(seq 100); do kill -0 "$pid" 2> /dev/null || exit 0; sleep .1; done
exit 1
