#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_scale.sh - the traces that tests/tools/chain makes are as large as they are to be, and scripts/scale
# tells what costs too much. How fast anything is, is not tested: the machine may have other work.
# shellcheck disable=SC2317 # conditions are called by name
set -u
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")/.." || exit 1
FLIGHTBOX=${FLIGHTBOX:-build/flightbox}
export FLIGHTBOX
chain=$(dirname "$FLIGHTBOX")/tools/chain
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
failed=0

# check NAME CONDITION... - one case
check() {
	name=$1
	shift
	if why=$("$@" 2>&1); then
		echo "ok - scale: $name"
	else
		echo "not ok - scale: $name: $(echo "$why" | tail -n 3 | tr '\n' ';')"
		failed=1
	fi
}

# is WANTED GOT
is() {
	[ "$1" = "$2" ] || { echo "$2, not $1"; false; }
}

flightbox() {
	"$FLIGHTBOX" "$@" "$tmp/trace" 2>/dev/null
}

babeltrace2_reads_the_same_events() {
	babeltrace2 --clock-cycles --no-delta --color=never "$tmp/trace" |
		sed 's/^\[0*\([0-9]*\)\] [^ ]* \([a-z_]*\):.*cpu_id = \([0-9]*\).*/\1 \3 \2/' >"$tmp/theirs"
	flightbox dump | cut -d ' ' -f 1-3 >"$tmp/ours"
	[ "$(wc -l <"$tmp/ours")" -gt 5000 ] && diff "$tmp/theirs" "$tmp/ours"
}

tasks_cpus_and_waits_are_as_many_as_asked_for() {
	is 240 "$(flightbox dump --kind lttng_statedump_process_state | wc -l)" &&
		is 3 "$(flightbox info --format jsonl | sed -n 's/.*"cpus":\([0-9]*\).*/\1/p')" || return 1
	# Of each task the first one has no begin.
	n=$(flightbox blocking --format jsonl | grep '"blocking"' | grep -c '"begin":[0-9]')
	[ "$n" -ge 1000 ] && [ "$n" -lt 1250 ] && return
	echo "$n waits"
	false
}

# The last of five waits for the four before it, the first of which waited for a timer.
chains_are_as_deep_as_asked_for() {
	flightbox why --top 1 --full >"$tmp/why"
	is 4 "$(grep -c '  waits  *sys_read' "$tmp/why")" &&
		is 1 "$(grep -c '  timer  *sys_read *TIMER' "$tmp/why")"
}

"$chain" --cpus 3 --tasks 240 --depth 5 --waits 1000 "$tmp/trace"
check 'babeltrace2 reads the same events' babeltrace2_reads_the_same_events
check 'tasks, CPUs and waits are as many as asked for' tasks_cpus_and_waits_are_as_many_as_asked_for
check 'chains are as deep as asked for' chains_are_as_deep_as_asked_for

needs_a_chain_for_each_cpu() {
	! "$chain" --cpus 4 --tasks 8 --depth 3 "$tmp/none" 2>"$tmp/message" && [ ! -e "$tmp/none" ] &&
		grep -q 'a chain for each CPU' "$tmp/message"
}
check 'what cannot be is refused' needs_a_chain_for_each_cpu

# scale ARGUMENT... - small, once
scale() {
	RUNS=1 EVENTS=6000 COMMANDS='decode why' scripts/scale "$@"
}

has_a_row_for_each_command() {
	scale DEPTH >"$tmp/table" && is '2 16 128 1024 ns/event' "$(sed -n 2p "$tmp/table" | xargs)" &&
		for command in decode why; do
			grep -qE "^$command +1\.00( +[0-9]+\.[0-9]{2}){3} +[0-9]+\$" "$tmp/table" || return 1
		done
}
check 'a table has a row for each command' has_a_row_for_each_command

the_limit_is_held() {
	LIMIT=1 scale depth >"$tmp/table" 2>"$tmp/message"
	is 1 $? && grep -q '^decode costs 1 times as much: depth: .*, 2$' "$tmp/message"
}
check 'what costs as much as the limit fails' the_limit_is_held

refuses_other_tables() {
	scale threads >/dev/null 2>"$tmp/message"
	is 2 $? && is 'scale: usage: scale [DEPTH|TASKS|CPUS|WAITS]...' "$(cat "$tmp/message")"
}
check 'other tables are refused' refuses_other_tables

exit "$failed"
