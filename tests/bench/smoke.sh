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
mkfifo "$scratch/pipe"

fail() {
	echo "smoke.sh: $*" >&2
	cat "$scratch/result" >&2 2>/dev/null || :
	exit 1
}

# Start a server that writes to the pipe; $port is the number that ends the
# first line which has one.
serve() {
	"$@" >"$scratch/pipe" 2>&1 &
	server=$!
	exec 3<"$scratch/pipe"
	port=
	while [ -z "$port" ]; do
		read -r line <&3 || fail "$1 ended before it listened"
		port=$(echo "$line" |
		    sed -n 's/^\(.*listening on .*:\)*\([0-9]*\)\( (.*\)*$/\2/p')
	done
}

stop() {
	kill "$server"
	wait "$server" 2>/dev/null || :
	exec 3<&-
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
	serve tests/bench/limit $how 0
	load 0 -f 3 -w 4 -n 600 -s 100 "$port" 127.0.0.1
	counted wrong_source 0
	counted lost 0
	# The limit answers from wherever the kernel likes: that must be seen.
	load 1 -n 10 "$port" 127.0.0.2
	counted wrong_source 10
	load 0 -a -n 10 -s 0 "$port" 127.0.0.2
	stop
done

serve ./multihomed echo=127.0.0.2:0
load 0 -f 5 -w 8 -n 500 -s 64 "$port" 127.0.0.2
counted wrong_payload 0
load 0 -f 2 -r 1000 -t 0.2 "$port" 127.0.0.2
stop

serve ./multihomed stun=127.0.0.2:0
load 0 -q -f 5 -w 8 -n 500 -s 28 "$port" 127.0.0.2
counted wrong_payload 0
stop

for service in 'irtt=127.0.0.2:0 --irtt-min-interval=0' echo=127.0.0.2:0; do
	# shellcheck disable=SC2086 # a list of words
	serve ./multihomed $service
	load 0 -i -f 5 -w 8 -n 500 -s 60 "$port" 127.0.0.2
	counted wrong_payload 0
	stop
done

# What a request begins with need not come back; what follows is tagged.
serve ./multihomed sockperf=127.0.0.2:0
load 0 -x 0000000000000001000300000040 -f 5 -w 8 -n 500 "$port" 127.0.0.2
counted wrong_payload 0
load 0 -x 000000000000000100030000000e -s 14 -n 50 "$port" 127.0.0.2
load 1 -x 0000000000000001000100000040 -n 1 -t 1 "$port" 127.0.0.2
stop

for service in dns echo; do
	serve ./multihomed --dns-wildcard "$service=127.0.0.2:0"
	load 0 -d -f 5 -w 8 -n 500 "$port" 127.0.0.2
	counted wrong_payload 0
	stop
done
# Whatever is below it does not exist.
serve ./multihomed dns=127.0.0.2:0
load 1 -d -n 1 -t 1 "$port" 127.0.0.2
stop

# Each is another one: to the echo, the same again and again is a loop.
for service in sntp echo; do
	serve ./multihomed "$service=127.0.0.2:0"
	load 0 -c -f 5 -w 8 -n 2000 "$port" 127.0.0.2
	counted wrong_payload 0
	counted lost 0
	stop
done

serve tests/bench/limit -p 0
load 0 -f 3 -w 4 -n 600 -s 100 "$port" 127.0.0.2 ::1 127.0.0.1
counted wrong_source 0
stop

for how in '' -b; do
	# shellcheck disable=SC2086 # nothing or a word
	serve tests/bench/library $how 0
	load 0 -u -f 3 -w 4 -n 600 -s 100 "$port" 127.0.0.2 ::1 127.0.0.1
	counted wrong_source 0
	counted lost 0
	load 0 -f 3 -w 4 -n 600 -s 0 "$port" 127.0.0.2 ::1 127.0.0.1
	stop
done

# Test packets, reflected and sent back.
for service in stamp echo; do
	serve ./multihomed "$service=127.0.0.2:0"
	load 0 -p -f 5 -w 8 -n 500 -s 44 "$port" 127.0.0.2
	counted wrong_payload 0
	stop
done
serve ./multihomed stamp=127.0.0.1:0
load 1 -n 1 -t 1 -s 44 "$port" 127.0.0.1
stop

# Something that answers, but not with what was sent.
serve ./multihomed whoami=127.0.0.1:0
load 1 -n 1 -t 1 "$port" 127.0.0.1
stop
