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
syscall=fsync  p99 < 5ms
END

says_which_are_broken() {
	"$flightbox" check --no-progress --budget "$tmp/budget" "$splice" >"$tmp/out" 2>"$tmp/said"
	[ $? -eq 3 ] && [ ! -s "$tmp/said" ] && grep -q "^1 of 4 budgets in $tmp/budget is broken$" "$tmp/out" &&
		grep -qE '^held +3  \[process "proxy"\] syscall=read cause=net_rx p50 < 500ms  [0-9.]+ ms +7$' "$tmp/out" &&
		grep -qE '^broken +3  .* max < 100ms +441\.799 ms +7$' "$tmp/out" &&
		grep -qE '^no such wait +5  \[process "proxy"\] syscall=fsync p99 < 5ms +- +0$' "$tmp/out" &&
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

# ---- nothing to check ----

echo 'p99 < 1h' >"$tmp/mild-one"

# undecided MESSAGE ARGUMENT... - exit status 4, and why in one line
undecided() {
	local message=$1

	shift
	"$flightbox" "$1" --no-progress "${@:2}" >"$tmp/out" 2>"$tmp/said"
	[ $? -eq 4 ] && [ "$(wc -l <"$tmp/said")" -eq 1 ] && grep -qE "^flightbox: $message" "$tmp/said" && return
	sed 's/^/# /' "$tmp/said"
	return 1
}

# The metadata is all that was written: nobody can have broken anything.
mkdir "$tmp/empty" && cp "$splice/kernel/metadata" "$tmp/empty" || exit 1
empty='nothing can be told\. 1 of 1 run is empty: there is no task in it; record while the program runs$'
check "check: an empty recording is no pass" undecided "$empty" check --budget "$tmp/mild-one" "$tmp/empty"
"$flightbox" profile --no-progress -o "$tmp/empty-profile" "$tmp/empty"
check "check: nor is its profile" undecided "$empty" check --budget "$tmp/mild-one" "$tmp/empty-profile"
check "compare: nor is an empty side" undecided '1 base run, 1 new run: nothing can be told\. 1 of 1 new run is empty' \
	compare "$tmp/profile" -- "$tmp/empty-profile"

name='no task in the trace is called that; nearest: '
check "check: a name that nobody has is no pass" \
	undecided "nothing can be told\. $splice: --comm prxy: ${name}proxy, " check --budget "$tmp/mild-one" --comm 'p[q-s]oxy,proxy,prxy' "$splice"
check "compare: a name that nobody has is no pass" \
	undecided "1 base run, 1 new run: nothing can be told\. $splice: --comm a: $name.*; and 3 more reasons$" \
	compare --comm a,b "$splice" -- "$splice"
check "check: a process that is not there is no pass" \
	undecided "nothing can be told\. $splice: no process 99999 in the trace; nearest: " \
	check --budget "$tmp/mild-one" --pid 99999 "$splice"
"$flightbox" profile --no-progress --comm prxy -o "$tmp/nobody-profile" "$splice" 2>"$tmp/said"
check "check: nor is its profile" \
	undecided "nothing can be told\. 1 of 1 run has no task that was chosen by --comm 'prxy'; " \
	check --budget "$tmp/mild-one" "$tmp/nobody-profile"
check "check: a time in which nobody waited is no pass" \
	undecided "nothing can be told\. $splice: --begin: the trace is over by then: .*; and 1 more reason" \
	check --budget "$tmp/mild-one" --begin +100s "$splice"

is_counted_once() {
	"$flightbox" profile --no-progress -o "$tmp/once" "$splice" && "$flightbox" profile --no-progress \
		--begin +1s -o "$tmp/later" "$splice" && ! "$flightbox" check --no-progress --budget "$tmp/nobody" \
		"$tmp/once" "$tmp/later" >"$tmp/out" 2>"$tmp/said" &&
		grep -q 'cannot be told: no wait of such a task counts in 2 of 2 runs; nearest: proxy' "$tmp/said"
}

is_no_text() {
	printf 'max < 999s\n\0count < 1\n' >"$tmp/zero"
	! "$flightbox" check --no-progress --budget "$tmp/zero" "$splice" >"$tmp/out" 2>"$tmp/said" &&
		[ "$(cat "$tmp/said")" = "flightbox: $tmp/zero: byte 11: expected a text, found a zero" ]
}
check "check: a file of budgets is a text" is_no_text

printf '[process "prxy"]\n%s\n[process "proxy" thread "nobody"]\n%s\n' 'p99 < 1h' 'max < 1h' >"$tmp/nobody"
check "check: a budget of a process that is not there is no pass" \
	undecided "$tmp/nobody:2: \[process \"prxy\"\] p99 < 1h: cannot be told: no wait of such a task counts; nearest: proxy, .*; and 1 more budget$" \
	check --budget "$tmp/nobody" "$splice"

# A recording of switches and wakings alone: nothing in it can be in futex, or woken by NET_RX.
edges=$traces/edges/trace
not_recorded() {
	printf '[process "periodic"]\n%s\n' "$1" >"$tmp/blind"
	undecided "$tmp/blind:2: \[process \"periodic\"\] $1: cannot be told: such waits look like others without $2; flightbox info TRACE says how to record it$" \
		check --budget "$tmp/blind" "$edges"
}
told_without_calls() {
	printf '[process "periodic"]\nsyscall=none max < 4ms\nmax < 4ms\n' >"$tmp/seeing"
	"$flightbox" check --no-progress --budget "$tmp/seeing" "$edges" >"$tmp/out"
}
check "check: calls that were not recorded are no pass" not_recorded 'syscall=futex max < 1s' 'system calls'
check "check: nor softirqs" not_recorded 'cause=net_rx max < 1s' 'irq_softirq_entry and _exit'
check "check: nor interrupts" not_recorded 'cause=irq count < 1' 'irq_handler_\*'
check "check: waits that need no calls are told without" told_without_calls

check "check: a task that is in no run is told with their number" is_counted_once

# What is broken is so, whatever else cannot be told; and the verdict is the same in all formats.
broken_goes_before_unseen() {
	cat "$tmp/budget" "$tmp/nobody" >"$tmp/both"
	"$flightbox" check --no-progress --format jsonl --budget "$tmp/both" "$splice" >"$tmp/out" 2>"$tmp/said"
	[ $? -eq 3 ] && [ ! -s "$tmp/said" ] &&
		grep -q '"budgets":{"held":2,"broken":1,"unmatched":1,"unseen":2,"uncounted":0,"unrecorded":0},"strict":false,"verdict":"broken"' "$tmp/out"
}
check "check: what is broken is told before what is open" broken_goes_before_unseen

undecided_in_all_formats() {
	undecided 'nothing' check --format jsonl --budget "$tmp/mild-one" "$tmp/empty" &&
		grep -q '"verdict":"not enough data","lacks":\[{"text":"1 of 1 run is empty: ' "$tmp/out" &&
		undecided 'nothing' check --format junit --budget "$tmp/mild-one" "$tmp/empty" &&
		[ "$(xmllint --xpath 'count(//testcase[error])' "$tmp/out")" = 2 ] &&
		xmllint --noout --schema "$schema" "$tmp/out" 2>"$tmp/said" &&
		undecided 'nothing' check --format markdown --budget "$tmp/mild-one" "$tmp/empty" &&
		grep -q '^Nothing can be told: 1 of 1 run is empty' "$tmp/out" &&
		undecided '1 base' compare --format jsonl "$tmp/profile" -- "$tmp/empty" &&
		grep -q '"verdict":"not enough data".*"lacks":\[{"text":"1 of 1 new run is empty: ' "$tmp/out" &&
		undecided '1 base' compare --format markdown "$tmp/profile" -- "$tmp/empty" &&
		grep -q 'nothing can be told. 1 of 1 new run is empty: ' "$tmp/out" &&
		undecided '1 base' compare --format junit "$tmp/profile" -- "$tmp/empty" &&
		[ "$(xmllint --xpath 'count(//testcase[error])' "$tmp/out")" = 1 ]
}
check "check, compare: all formats say that nothing can be told" undecided_in_all_formats

# A perf recording, of whose waits none is certain, is such a profile: here with the numbers of one.
none_counts() {
	sed -E 's/"id":"..../"id":"0000/
		s/"waits":\{[^}]*\}/"waits":{"exact":0,"inferred":0,"lost":250,"edge":0}/
		s/"n":[0-9]+,"uncertain":[0-9]+,"uncertain_asleep":[0-9]+,"asleep":[0-9]+,"ready":[0-9]+,"min":[0-9]+,"max":[0-9]+,"buckets":\[[^]]*\],"worst":\[.*\]\}/"n":0,"uncertain":5,"uncertain_asleep":7000,"asleep":0,"ready":0,"min":0,"max":0,"buckets":[],"worst":[]}/' \
		"$tmp/profile" >"$tmp/uncounted" || return 1
	undecided 'nothing can be told\. 1 of 1 run: 0 of [0-9]+ waits count \(0 % of the time asleep\); ' \
		check --budget "$tmp/mild-one" "$tmp/uncounted" &&
		undecided '.*nothing can be told\. 1 of 1 base run: 0 of' compare "$tmp/uncounted" -- "$tmp/profile"
}
check "check, compare: waits of which none counts are no pass" none_counts

# One wait of the proxy's that does not count: that may be, but not with --strict.
strict_wants_all_to_count() {
	sed -E 's/"id":"..../"id":"0001/; 0,/"command":"proxy"/s/("command":"proxy".*"uncertain":)0/\11/' "$tmp/profile" >"$tmp/one-lost"
	cmp -s "$tmp/profile" "$tmp/one-lost" && return 1
	printf '[process "proxy"]\np99 < 1h\n' >"$tmp/proxy"
	"$flightbox" check --budget "$tmp/proxy" "$tmp/one-lost" >"$tmp/out" &&
		undecided "$tmp/proxy:2: .* p99 < 1h: cannot be told: [0-9.]+ ms is < 3600000.000 ms, of [0-9]+ waits that count; too many do not; " \
			check --strict --budget "$tmp/proxy" "$tmp/one-lost" &&
		"$flightbox" check --strict --budget "$tmp/proxy" "$tmp/profile" >"$tmp/out" &&
		undecided '.*nothing can be told\. --strict: 1 wait in 1 group of the new runs does not count' \
			compare --strict "$tmp/profile" -- "$tmp/one-lost"
}
check "check, compare: --strict wants all waits to count" strict_wants_all_to_count

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
