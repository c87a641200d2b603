#!/bin/bash
# journalctl of the documents' machine: the log of the service, whole, by level (-p), by what a line has (-g), or by the fields that the server gives the journal.
set -u
level=. text=. lines=1000000
while [ $# -gt 0 ]; do
	case $1 in
	-u | -o | --since) shift ;;
	-p) case $2 in warning) level=' (warn|error) ' ;; err) level=' error ' ;; *) echo "level $2?" >&2; exit 1 ;; esac; shift ;;
	-g) text=$2; shift ;;
	-n) lines=$2; shift ;;
	-b | --no-pager) ;;
	FULLSTACK_EVENT=*) text=" ${1#*=}\\[" ;;
	FULLSTACK_*=*) text=${1#*=} ;;
	*) echo "the documents' machine does not know journalctl $1" >&2; exit 1 ;;
	esac
	shift
done
grep -E -- "$level" /var/log/fullstack.log | grep -E -i -- "$text" | tail -n "$lines"
