#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_check.sh - `check` on recorded traces and on profiles of them; and what it and `compare` refuse.
# shellcheck disable=SC1091,SC2154,SC2317 # bt2.sh is not followed; conditions are called by name
set -u
LC_ALL=C
export LC_ALL

# shellcheck source-path=SCRIPTDIR source=bt2.sh
. "$(dirname "$0")/bt2.sh"
trap 'rm -rf "$tmp"' EXIT
schema=$(dirname "$0")/junit.xsd
splice=$traces/splice-delay-splice/trace

cat >"$tmp/budget" <<'END'
# of a proxy that splices
[process "proxy"]
syscall=read cause=net_rx  p50 < 500ms, max < 100ms
count < 10/s
[process "nobody"]
p99 < 5ms
END

says_which_are_broken() {
	"$flightbox" check --no-progress --budget "$tmp/budget" "$splice" >"$tmp/out" 2>"$tmp/said"
	[ $? -eq 3 ] && [ ! -s "$tmp/said" ] && grep -q "^1 of 4 budgets in $tmp/budget is broken$" "$tmp/out" &&
		grep -qE '^held +3  \[process "proxy"\] syscall=read cause=net_rx p50 < 500ms  [0-9.]+ ms +7$' "$tmp/out" &&
		grep -qE '^broken +3  .* max < 100ms +441\.799 ms +7$' "$tmp/out" &&
		grep -qE '^no such wait +6  \[process "nobody"\] p99 < 5ms +- +0$' "$tmp/out" &&
		grep -q '^1 budget is on no wait at all (--strict: ' "$tmp/out"
}
check "check: budgets are held, broken, or on no wait" says_which_are_broken

# The longest, by the reference, and what `why` says of it.
names_waits_and_roots() {
	local begin

	begin=$("$flightbox" blocking --comm proxy --min-duration 400ms --format jsonl "$splice" | grep '"asleep":441799' |
		sed -E 's/.*"begin":([0-9]+).*/\1/')
	"$flightbox" why --comm proxy --top 1 "$splice" | sed -n 's/^Root: //p' >"$tmp/root"
	[ -n "$begin" ] && [ -s "$tmp/root" ] &&
		grep -qE "^$begin +441\.799  213  $(sed 's/[]().*[]/\\&/g' "$tmp/root")" "$tmp/out"
}
check "check: the longest wait is named with the root cause that why finds" names_waits_and_roots

strict_takes_no_wait_for_broken() {
	"$flightbox" check --strict --format junit --budget "$tmp/budget" "$splice" >"$tmp/strict.xml"
	[ $? -eq 3 ] && [ "$(xmllint --xpath 'count(//testcase[failure])' "$tmp/strict.xml")" = 2 ] &&
		"$flightbox" check --format junit --budget "$tmp/budget" "$splice" >"$tmp/lax.xml"
	[ $? -eq 3 ] && [ "$(xmllint --xpath 'count(//testcase[failure])' "$tmp/lax.xml")" = 1 ] &&
		[ "$(xmllint --xpath 'count(//testcase[skipped])' "$tmp/lax.xml")" = 1 ] &&
		xmllint --noout --schema "$schema" "$tmp/strict.xml" "$tmp/lax.xml" 2>"$tmp/said"
}
check "check: each budget is a test case, and one on no wait fails with --strict" strict_takes_no_wait_for_broken

profile_says_the_same() {
	"$flightbox" profile --no-progress -o "$tmp/profile" "$splice" &&
		"$flightbox" check --format jsonl --budget "$tmp/budget" "$splice" >"$tmp/of-trace"
	"$flightbox" check --format jsonl --budget "$tmp/budget" "$tmp/profile" >"$tmp/of-profile"
	[ $? -eq 3 ] && grep -q '"root":"[0-9]' "$tmp/of-trace" && [ "$(wc -l <"$tmp/of-trace")" -eq 5 ] &&
		diff <(sed -E 's/"root":"[^"]*"/"root":null/g' "$tmp/of-trace") "$tmp/of-profile"
}
check "check: of a profile it says the same, but for root causes" profile_says_the_same

holds_of_all() {
	echo 'p99 < 1h, count < 1000000/s, total <= 100000% of time' >"$tmp/mild"
	"$flightbox" check --budget "$tmp/mild" "$splice" "$traces/splice-delay-rw/trace" >"$tmp/out" &&
		[ "$(grep -c '^held' "$tmp/out")" -eq 3 ]
}
check "check: what is held of all runs is exit status 0" holds_of_all

# The second trace breaks it, and its wait is explained.
worst_run_counts() {
	"$flightbox" check --no-progress --format jsonl --budget "$tmp/budget" "$traces/splice-delay-rw/trace" "$splice" \
		>"$tmp/out"
	[ $? -eq 3 ] && grep '"outcome":"broken"' "$tmp/out" | grep -q '"asleep":441799021,"tid":213,"root":"412.4 ms of'
}
check "check: each run has to keep each budget" worst_run_counts

# refused MESSAGE ARGUMENT... - with status 2, or 1 for files, and nothing on stdout
refused() {
	local message=$1 status

	shift
	"$flightbox" "$@" >"$tmp/out" 2>"$tmp/said"
	status=$?
	[ "$status" -eq 1 ] || [ "$status" -eq 2 ] || return 1
	[ ! -s "$tmp/out" ] && grep -qE "^flightbox: $message" "$tmp/said" && return
	sed 's/^/# /' "$tmp/said"
	return 1
}

shows_the_place() {
	printf '[process "x"]\n  p99 < 5\n' >"$tmp/bad"
	refused "$tmp/bad:2:9: expected a duration, as 5ms$" check --budget "$tmp/bad" "$splice" &&
		sed -n '2,3p' "$tmp/said" | cmp - <(printf 'flightbox:   p99 < 5\nflightbox:         ^\n')
}
check "check: a mistake in the file is told with line, column and a caret" shows_the_place

check "check: refuses to go without budgets" refused 'check: expected --budget FILE' check "$splice"
check "check: refuses to go without a trace" refused 'check: expected --budget FILE' check --budget "$tmp/budget"
check "check: tells of a file that is not there" refused '.*/nowhere' check --budget "$tmp/nowhere" "$splice"
check "compare: refuses one side" refused 'compare: expected BASE\.\.\. -- NEW' compare "$splice"
check "compare: refuses an empty side" refused 'compare: expected BASE\.\.\. -- NEW' compare "$splice" --
check "compare: refuses a chance of 1" refused '--alpha: expected' compare --alpha 1 "$splice" -- "$splice"
check "compare: refuses an effect that is no share" refused '--min-effect 5: expected a percentage, as 5%' \
	compare --min-effect 5 "$splice" -- "$splice"
check "compare: refuses a time without a unit" refused '--min-time 5: ' compare --min-time 5 "$splice" -- "$splice"
check "compare: refuses other periods" refused '--per day: expected run or second' \
	compare --per day "$splice" -- "$splice"
check "compare: refuses formats that are not its own" refused '--format csv: expected text, jsonl, markdown or junit' \
	compare --format csv "$splice" -- "$splice"
check "blocking: refuses Markdown" refused '--format markdown: expected text, jsonl or csv' \
	blocking --format markdown "$splice"

other_choice_is_refused() {
	"$flightbox" profile --no-progress --comm proxy -o "$tmp/chosen" "$splice" &&
		refused '.*the new side' compare "$tmp/profile" -- "$tmp/chosen"
}
check "compare: refuses sides whose waits were chosen differently" other_choice_is_refused

check "compare: refuses to choose of a profile what it may not hold" \
	refused "$tmp/profile: is a profile, whose waits have been chosen already" \
	compare --comm proxy "$tmp/profile" -- "$tmp/profile"

# Of what was lost the trace itself tells.
losses_are_told() {
	local lost

	lost=$("$flightbox" info --format jsonl "$traces/lost-events-small/trace" | tail -n 1 |
		grep -oE '"events":[0-9]+,"packets"' | tr -dc '0-9\n' | awk '{ n += $1 } END { print n }')
	"$flightbox" compare --no-progress "$tmp/profile" -- "$traces/lost-events-small/trace" >"$tmp/out" 2>"$tmp/said"
	[ $? -eq 4 ] && [ "$lost" -gt 0 ] &&
		grep -qE "^Warning: 1 new run lost $lost events and 0 packets; [1-9][0-9]* waits that this touched are left out$" \
			"$tmp/out"
}
check "compare: tells what was lost" losses_are_told

# A trace that cannot be read to its end is no base for a verdict.
broken_is_no_pass() {
	cp -r "$splice" "$tmp/cut" && truncate -s -5000 "$tmp/cut/kernel/ch_0" || return 1
	"$flightbox" compare --no-progress "$tmp/profile" -- "$tmp/cut" >"$tmp/out" 2>"$tmp/said"
	[ $? -eq 1 ] && [ ! -s "$tmp/out" ] && grep -q 'ch_0: byte' "$tmp/said"
}
check "compare: a broken trace is an error" broken_is_no_pass

times_are_as_asked() {
	"$flightbox" check --time utc --budget "$tmp/budget" "$tmp/profile" | grep -q \
		'^2026-11-20 12:22:40.205231508 *441.799  213  -$'
}
check "check: times are as --time asks" times_are_as_asked

same_run_is_told() {
	"$flightbox" compare "$tmp/profile" -- "$tmp/profile" >"$tmp/out" 2>"$tmp/said"
	[ $? -eq 4 ] && grep -q '^Warning: 1 run is on both sides$' "$tmp/out"
}
check "compare: tells of a run on both sides, and does not pass it" same_run_is_told

full_disk_is_told() {
	[ -w /dev/full ] || return 0
	for format in text jsonl markdown junit; do
		"$flightbox" compare --format "$format" "$tmp/profile" -- "$tmp/profile" >/dev/full 2>"$tmp/said"
		[ $? -eq 1 ] && grep -q 'No space left on device' "$tmp/said" || return 1
	done
}
check "compare: a full disk is an error, in every format" full_disk_is_told

exit "$failed"
