#!/bin/sh
# SPDX-License-Identifier: ISC
# Does the bench measure what it says?  Nothing here depends on speed.
set -eu

scratch=$(mktemp -d)
server=
finish() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || :
	rm -rf "$scratch"
}
trap finish EXIT

fail() {
	echo "smoke.sh: $*" >&2
	cat "$scratch/result" >&2 2>/dev/null || :
	exit 1
}

# Start a server; its port comes as the last word in $scratch/port.
serve() {
	: >"$scratch/port"
	"$@" &
	server=$!
	tries=0
	while [ ! -s "$scratch/port" ]; do
		tries=$((tries + 1))
		[ $tries -le 100 ] || fail "$1 did not start"
		kill -0 "$server" 2>/dev/null || fail "$1 ended"
		sleep 0.05
	done
	port=$(sed 's/.*[: ]//' "$scratch/port")
}

serve_limit() {
	# shellcheck disable=SC2016 # the inner shell's
	serve sh -c 'exec tests/bench/limit "$@" >"$0"' "$scratch/port" "$@" 0
}

stop() {
	kill "$server"
	wait "$server" 2>/dev/null || :
	server=
}

# Run the load; its exit code has to be the first argument.
load() {
	wanted=$1 code=0
	shift
	tests/bench/load -t 30 "$@" >"$scratch/result" || code=$?
	[ $code -eq "$wanted" ] || fail "load $*: exit code $code, not $wanted"
}

counted() {
	grep -q "\"$1\": $2[,}]" "$scratch/result" || fail "$1 is not $2"
}

for how in '' -1; do
	# shellcheck disable=SC2086 # nothing or a word
	serve_limit $how
	load 0 -f 3 -w 4 -n 600 -s 100 "$port" 127.0.0.1
	counted wrong_source 0
	counted lost 0
	# The limit answers from wherever the kernel likes: that must be seen.
	load 1 -n 10 "$port" 127.0.0.2
	counted wrong_source 10
	load 0 -a -n 10 -s 0 "$port" 127.0.0.2
	stop
done

serve ./multihomed -q --port-file "$scratch/port" echo=127.0.0.2:0
load 0 -f 5 -w 8 -n 500 -s 64 "$port" 127.0.0.2
counted wrong_payload 0
load 0 -f 2 -r 1000 -t 0.2 "$port" 127.0.0.2
stop

# Something that answers, but not with what was sent.
serve ./multihomed -q --port-file "$scratch/port" whoami=127.0.0.1:0
load 1 -n 1 -t 1 "$port" 127.0.0.1
stop
