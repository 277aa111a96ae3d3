#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_bench.sh - scripts/bench and what it measures with: tests/tools/measure, plain-read.
# shellcheck disable=SC1091,SC2154,SC2317 # bt2.sh is not followed; conditions are called by name
set -u
LC_ALL=C
export LC_ALL

# shellcheck source-path=SCRIPTDIR source=bt2.sh
. "$(dirname "$0")/bt2.sh"
trap 'rm -rf "$tmp"' EXIT
tools=$(realpath "$plugins/tools")
bench=$(realpath "$(dirname "$0")/../scripts/bench")

# ---- measure --------------------------------------------------------------------------------

# took COMMAND... - sets `wall`, `cpu`, `rss`
took() {
	local said

	said=$("$tools/measure" "$@") || return 1
	[[ $said =~ ^([0-9]+)\ ([0-9]+)\ ([0-9]+)$ ]] || return 1
	wall=${BASH_REMATCH[1]} cpu=${BASH_REMATCH[2]} rss=${BASH_REMATCH[3]}
}

sleeping_takes_time() {
	took sleep 0.2 && [ "$wall" -ge 200000000 ] && [ "$wall" -lt 20000000000 ] &&
		[ "$cpu" -lt 150000000 ]
}
check "measure: sleeping takes time, but no CPU" sleeping_takes_time

# shellcheck disable=SC2016 # for the inner shell
working_takes_cpu() {
	took sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done' &&
		[ "$cpu" -gt 20000000 ] && [ "$cpu" -le $((wall + 20000000)) ]
}
check "measure: working takes CPU, and no more than time" working_takes_cpu

memory_is_the_commands() {
	local small

	took dd bs=1K count=1 if=/dev/zero of=/dev/null && small=$rss &&
		took dd bs=64M count=1 if=/dev/zero of=/dev/null &&
		[ $((rss - small)) -gt 60000 ] && [ $((rss - small)) -lt 70000 ]
}
check "measure: memory is the command's" memory_is_the_commands

# fails STATUS LINE COMMAND... - prints just that line to stderr and nothing to stdout
fails() {
	local status=$1 line=$2

	shift 2
	"$@" >"$tmp/out" 2>"$tmp/err"
	[ $? -eq "$status" ] && [ ! -s "$tmp/out" ] && grep -qxF "$line" "$tmp/err" && return
	sed 's/^/# /' "$tmp/out" "$tmp/err"
	return 1
}
check "measure: a command that fails is an error, with its last message" \
	fails 1 'measure: sh: status 3: why' \
	"$tools/measure" sh -c 'echo so; echo that >&2; echo why >&2; exit 3'
check "measure: so is one that is killed" fails 1 'measure: sh: killed by signal 9: ' \
	"$tools/measure" sh -c 'kill -9 $$'
check "measure: and one that is not there" \
	fails 1 'measure: /nowhere: status 127: No such file or directory' "$tools/measure" /nowhere

# ---- plain-read -----------------------------------------------------------------------------

# 2^17 words of 0x0101010101010101 and three bytes, in more than one piece.
sums_up() {
	head -c $((1024 * 1024 + 3)) /dev/zero | tr '\0' '\1' >"$tmp/ones"
	[ "$("$tools/plain-read" "$tmp/ones")" = 0202020202030101 ] &&
		[ "$("$tools/plain-read" "$tmp/ones" "$tmp/ones")" = 0404040404060202 ]
}
check "plain-read: every byte counts" sums_up
check "plain-read: says what it cannot read" \
	fails 1 'plain-read: /nowhere: No such file or directory' "$tools/plain-read" /nowhere

# ---- bench ----------------------------------------------------------------------------------

trace=$(realpath "$traces/waits-unix/trace")
events=$("$flightbox" info --format jsonl "$trace" | sed -nE '$s/.*"events":([0-9]+).*/\1/p')
bytes=$(find "$trace" -name 'ch_?' -printf '%s\n' | awk '{ n += $1 } END { print n }')

# A build with the plugin, unless babeltrace2 cannot load it: with ASan. It follows no links.
mkdir "$tmp/build" "$tmp/room"
ln -s "$tools" "$(realpath "$flightbox")" "$tmp/build"
plugin=$plugins/babeltrace-plugin-flightbox.so
if [ -e "$plugin" ] && ! nm -D "$plugin" | grep -q __asan_init; then
	cp "$plugin" "$tmp/build"
fi

# run_bench VARIABLE=VALUE... ARGUMENT...
run_bench() {
	env FLIGHTBOX="$tmp/build/flightbox" TMPDIR="$tmp/room" RUNS=2 "$@" \
		>"$tmp/stdout" 2>"$tmp/stderr"
}

# value KEY - of each line on stdin
value() {
	sed -nE 's/.*"'"$1"'":"?([^",}]+).*/\1/p'
}

# of SECTION KEY
of() {
	grep -F "{\"section\":\"$1\"," "$tmp/stdout" | value "$2"
}

json() {
	local number='[0-9]+(\.[0-9]+)?'
	local wall="\"wall_ns\":\{\"median\":$number,\"min\":$number,\"max\":$number\}"

	run_bench LENGTHS='1 2' CPUS=4 "$bench" --json "$trace" || return 1
	[ -s "$tmp/stdout" ] || return 1
	! grep -vE '^\{"section":"[^"]+","contender":"[^"]+","runs":[12],"events":[0-9]+,"bytes":[0-9]+,'"$wall,\
\"ns_per_event\":$number,\"cpu_ns_per_event\":$number,\"events_per_s\":[0-9]+,\
\"gb_per_s\":$number,\"max_rss_kib\":[0-9]+,\"(times|against)\":$number\}\$" "$tmp/stdout"
}
check "bench: a line of JSON for each contender" json

is_complete() {
	local name

	for name in 'babeltrace2 -o dummy' 'babeltrace2 -o text' 'plain read' 'flightbox info' \
		'flightbox dump' 'flightbox blocking --summary' \
		'flightbox blocking --format jsonl'; do
		of contenders contender | sed 's/ --jobs 1$//' | grep -cxF "$name" | grep -qx 1 ||
			return 1
	done
	of contenders contender | grep -qE '^flightbox blocking --pid [0-9]+'
}
check "bench: all contenders take part" is_complete

counts() {
	[ "$(of contenders events | sort -u)" = "$events" ] &&
		[ "$(of contenders bytes | sort -u)" = "$bytes" ] &&
		[ "$(of 'length 1' events | sort -u)" = "$events" ] &&
		[ "$(of 'length 2' events | sort -u)" = $((2 * events)) ] &&
		[ "$(of '4 CPUs, compact headers' events | sort -u)" = $((2 * events)) ]
}
check "bench: events and bytes are the traces'" counts

# Whatever awk rounds.
adds_up() {
	paste -d ' ' <(value median <"$tmp/stdout") <(value min <"$tmp/stdout") \
		<(value max <"$tmp/stdout") <(value ns_per_event <"$tmp/stdout") \
		<(value events <"$tmp/stdout") <(value events_per_s <"$tmp/stdout") \
		<(value gb_per_s <"$tmp/stdout") <(value bytes <"$tmp/stdout") | awk '
		function is(a, b) { return a > b * 0.99 - 0.001 && a < b * 1.01 + 0.001 }
		!(0 < $2 && $2 <= $1 && $1 <= $3 && is($2 + $3, 2 * $1) && is($1, $4 * $5) &&
			is($6 * $4, 1e9) && is($7 * $1, $8)) { print "# " $0; bad = 1 }
		END { exit bad || !NR }'
}
check "bench: the numbers of a line agree" adds_up

is_relative() {
	local yardstick

	yardstick=$(grep -F '"contender":"babeltrace2 -o dummy"' "$tmp/stdout" | value ns_per_event)
	[ "$(of contenders times | head -n 1)" = 1.000 ] &&
		paste -d ' ' <(of contenders ns_per_event) <(of contenders times) |
		awk -v one="$yardstick" '{ error = $1 * $2 / one - 1 }
			error < -0.01 || error > 0.01 { bad = 1 } END { exit bad || NR < 7 }' &&
		[ "$(of 'length 1' against | sort -u)" = 1.000 ] &&
		! of 'length 2' against | grep -v '^[0-9.]*$' &&
		! of '4 CPUs, compact headers' against | grep -v '^[0-9.]*$'
}
check "bench: ratios are to the yardstick, or to the trace as it is" is_relative

leaves_nothing() {
	[ -z "$(ls -A "$tmp/room")" ]
}
check "bench: no trace that it made is left" leaves_nothing

tables() {
	run_bench "$bench" --quick "$trace" || return 1
	grep -qE "^contenders: $events events, $bytes bytes\$" "$tmp/stdout" &&
		grep -qE '^babeltrace2 -o dummy +2 .* 1\.00$' "$tmp/stdout" &&
		! grep -q '^length' "$tmp/stdout"
}
check "bench: quick, and as tables" tables

# A flightbox that is well but for one command.
cat >"$tmp/broken" <<END
#!/bin/sh
[ "\$1" != dump ] || { echo 'no luck' >&2; exit 3; }
exec "$(realpath "$flightbox")" "\$@"
END
chmod +x "$tmp/broken"
ln -sf "$tmp/broken" "$tmp/build/flightbox"
stops_at_failures() {
	! run_bench "$bench" --quick "$trace" && grep -qF 'status 3: no luck' "$tmp/stderr" &&
		grep -q '^bench: failed: flightbox dump' "$tmp/stderr" && leaves_nothing
}
check "bench: a contender that fails ends it, with a message" stops_at_failures
check "bench: says how it is used" fails 2 'usage: bench [--quick] [--json] [TRACE]' \
	env FLIGHTBOX="$tmp/build/flightbox" "$bench" --no

exit "$failed"
