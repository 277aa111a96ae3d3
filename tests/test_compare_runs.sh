#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_compare_runs.sh - what `compare` says of runs of one population, and of those with 20 ms more
# in one task's read.
# shellcheck disable=SC1091,SC2154,SC2317 # sourced files are not followed; conditions are called by name
set -u
LC_ALL=C
export LC_ALL

# shellcheck source-path=SCRIPTDIR source=bt2.sh
. "$(dirname "$0")/bt2.sh"
# shellcheck source-path=SCRIPTDIR source=population.sh
. "$(dirname "$0")/population.sh"
trap 'rm -rf "$tmp"' EXIT
schema=$(dirname "$0")/junit.xsd

# ---- the population ---------------------------------------------------------------------------

# waits DIR - all of them, with times by the trace's clock
waits() {
	"$flightbox" blocking --format csv "$1/trace" | tail -n +2
}

# Of the rows that differ one is the read, 20 ms longer, the other what the task waited for next.
adds_20_ms_to_one_wait() {
	make_run "$tmp/as-it-was" 0 && make_run "$tmp/later" 0 --move "$later" || return 1
	waits "$tmp/as-it-was" >"$tmp/before"
	waits "$tmp/later" >"$tmp/after"
	[ "$(wc -l <"$tmp/before")" -gt 100 ] || return 1
	diff "$tmp/before" "$tmp/after" | grep '^[<>]' | cut -d , -f 1,3,8,11,15 >"$tmp/differ"
	cat >"$tmp/expected" <<-END
		< 382,waits,39808687,read,timerfd_tmrproc
		> 382,waits,59808687,read,timerfd_tmrproc
		< 382,waits,1036034671,epoll_wait,hrtimer_wakeup
		> 382,waits,1016034671,epoll_wait,hrtimer_wakeup
	END
	diff "$tmp/expected" <(sort -s -k 1.3,1.5 "$tmp/differ")
}
check "compare: a run that differs by 20 ms differs in one task's two waits" adds_20_ms_to_one_wait

is_read_well() {
	make_run "$tmp/other" 7 && "$flightbox" info --format jsonl "$tmp/other/trace" | tail -n 1 >"$tmp/end" &&
		grep -q '"events":49828,.*"clock_steps":0,.*"problems":0' "$tmp/end" && ! cmp -s \
		"$tmp/other/trace/kernel/ch_0" "$tmp/as-it-was/trace/kernel/ch_0"
}
check "compare: another run has the same events at other times, and no problem" is_read_well

# Runs 1 to 32 as they are, and 101 to 132 with the change.
makes_profiles() {
	local i

	for i in {1..32}; do
		profile_run "$i" >"$tmp/a$i" && profile_run $((i + 100)) --move "$later" >"$tmp/b$i" || return 1
	done
}
check "compare: 32 runs of each kind have profiles" makes_profiles

# sides SEED a|b - sets `base` and `new`: eight runs each, of which none is on both sides
sides() {
	local numbers

	mapfile -t numbers < <(draw "$1")
	base=("${numbers[@]:0:8}") new=("${numbers[@]:8}")
	base=("${base[@]/#/$tmp/a}") new=("${new[@]/#/$tmp/$2}")
}

draws_sides() {
	sides 1 a
	[ "$(printf '%s\n' "${base[@]}" "${new[@]}" | sort -u | wc -l)" -eq 16 ] && first=${base[*]} &&
		sides 2 a && [ "${base[*]}" != "$first" ]
}
check "compare: sides are drawn without a run twice, and not always the same" draws_sides

# ---- A/A and A/B ----------------------------------------------------------------------------------

# regressions FILE - the groups that got worse
regressions() {
	grep '^{"type":"group","verdict":"worse"' "$1" | grep -oE '"command":.*"via"'
}

is_calm() {
	local seed status alarms=0

	for seed in {1..40}; do
		sides "$seed" a
		"$flightbox" compare --format jsonl "${base[@]}" -- "${new[@]}" >"$tmp/out"
		status=$?
		if [ "$status" -eq 3 ]; then
			alarms=$((alarms + 1))
			regressions "$tmp/out" | sed 's/^/# /'
		elif [ "$status" -ne 0 ]; then
			return 1
		fi
	done
	[ "$alarms" -le 2 ]
}
check "compare: of 40 pairs of sides without a change two at most raise an alarm" is_calm

expected='"command":"waits","thread":"waits","syscall":"read","cause":{"kind":"hrtimer","name":"timerfd_tmrproc","via"'

finds_it() {
	local seed

	for seed in {1..40}; do
		sides "$seed" b
		"$flightbox" compare --format jsonl "${base[@]}" -- "${new[@]}" >"$tmp/out"
		[ $? -eq 3 ] && [ "$(regressions "$tmp/out")" = "$expected" ] && continue
		regressions "$tmp/out" | sed "s/^/# seed $seed: /"
		return 1
	done
}
check "compare: of 40 pairs with the change all find that group and no other" finds_it

# failures FILE - the names of its test cases that failed
failures() {
	xmllint --xpath '//testcase[failure]/@name' "$1"
}

junit_names_it() {
	local seed

	for seed in {1..40}; do
		sides "$seed" b
		"$flightbox" compare --format junit "${base[@]}" -- "${new[@]}" >"$tmp/junit.xml"
		[ $? -eq 3 ] && [ "$(failures "$tmp/junit.xml")" = \
			' name="waits in sys_read, woken by TIMER timerfd_tmrproc"' ] || return 1
	done
	xmllint --noout --schema "$schema" "$tmp/junit.xml" 2>"$tmp/said" && return
	cat "$tmp/said"
	return 1
}
check "compare: JUnit names it, each time, and keeps the schema" junit_names_it

# ---- what it says ---------------------------------------------------------------------------------

sides 1 b

says_how_many_are_needed() {
	"$flightbox" compare "${base[@]:0:2}" -- "${new[@]:0:2}" >"$tmp/out" 2>"$tmp/said"
	[ $? -eq 4 ] && [ "$(wc -l <"$tmp/said")" -eq 1 ] &&
		grep -qE '^flightbox: 2 base runs, 2 new runs: too few to tell\. At least [5-9] runs on each side are needed for [0-9]+ tests at --alpha 0\.05$' \
			"$tmp/said" && grep -qFx "$(cut -d ' ' -f 2- "$tmp/said")" "$tmp/out"
}
check "compare: two runs a side are too few, and it says how many are needed" says_how_many_are_needed

# Twice of them, so many suffice for as many tests.
needed_are_enough() {
	local needed

	needed=$(sed -E 's/.*At least ([0-9]+) runs.*/\1/' "$tmp/said")
	"$flightbox" compare "${base[@]:0:needed}" -- "${new[@]:0:needed}" >/dev/null 2>&1
	[ $? -eq 3 ]
}
check "compare: so many find the change" needed_are_enough

too_few_are_no_pass_in_junit() {
	"$flightbox" compare --format junit "${base[0]}" -- "${new[0]}" >"$tmp/junit.xml" 2>"$tmp/said"
	[ $? -eq 4 ] && xmllint --noout --schema "$schema" "$tmp/junit.xml" 2>"$tmp/said" &&
		[ "$(xmllint --xpath 'string(/testsuite/@errors)' "$tmp/junit.xml")" = 1 ] &&
		xmllint --xpath 'string(//testcase[error]/error/@message)' "$tmp/junit.xml" |
		grep -q 'too few to tell'
}
check "compare: too few runs are an error in JUnit" too_few_are_no_pass_in_junit

# The longest new wait, as the run's own profile has it, in the table and for a program.
names_the_worst() {
	local begin asleep

	"$flightbox" compare "${base[@]}" -- "${new[@]}" >"$tmp/out"
	read -r asleep begin < <(cat "${new[@]}" | grep '"command":"waits",.*"syscall":"read"' |
		sed -E 's/.*"worst":\[\[([0-9]+),([0-9]+),382\].*/\1 \2/' | sort -n | tail -n 1)
	[ -n "$begin" ] && grep -A 2 '^Worse: waits in sys_read, woken by TIMER timerfd_tmrproc: time asleep ' \
		"$tmp/out" | tail -n 1 >"$tmp/worst" &&
		grep -qE "^$begin +$((asleep / 1000000))\.[0-9]{3}  382  " "$tmp/worst"
}
check "compare: the longest of the new waits is named" names_the_worst

why_finds_it() {
	make_run "$tmp/run" 0 --move "$later" && "$flightbox" profile --no-progress -o "$tmp/one" "$tmp/run/trace" &&
		begin=$(grep '"command":"waits",.*"syscall":"read"' "$tmp/one" |
			sed -E 's/.*"worst":\[\[[0-9]+,([0-9]+),382\].*/\1/') &&
		"$flightbox" why --tid 382 --at "$begin" "$tmp/run/trace" | grep -q \
			'^1\. waits \[382\] waited 59.8 ms in read, woken by TIMER timerfd_tmrproc$'
}
check "compare: why takes the time that is named" why_finds_it

does_not_depend_on_grouping() {
	"$flightbox" compare --format jsonl "${base[@]}" -- "${new[@]}" >"$tmp/one"
	"$flightbox" merge -o "$tmp/merged" "${new[@]:3}" "${new[@]:0:3}"
	"$flightbox" compare --format jsonl "${base[@]}" -- "$tmp/merged" >"$tmp/two"
	[ -s "$tmp/one" ] && cmp "$tmp/one" "$tmp/two"
}
check "compare: a profile of many runs counts as many" does_not_depend_on_grouping

# 100 ms for two profiles of eight runs; what a test build takes is another matter.
is_fast() {
	local took=1000 begin i

	nm -D "$flightbox" | grep -qE '__(asan|tsan)_init' && return
	"$flightbox" merge -o "$tmp/base" "${base[@]}" && "$flightbox" merge -o "$tmp/new" "${new[@]}" || return 1
	for i in {1..5}; do
		begin=$(date +%s%N)
		"$flightbox" compare "$tmp/base" -- "$tmp/new" >/dev/null
		i=$((($(date +%s%N) - begin) / 1000000))
		[ "$i" -ge "$took" ] || took=$i
	done
	echo "# $took ms"
	[ "$took" -lt 100 ]
}
check "compare: two profiles take less than 100 ms" is_fast

# ---- two recordings -------------------------------------------------------------------------------

# The client and the server are called proxy, too.
names_what_grew() {
	"$flightbox" compare --no-progress --format jsonl "$traces/splice-delay-rw/trace" -- \
		"$traces/splice-delay-splice/trace" >"$tmp/out" 2>"$tmp/said"
	[ $? -eq 4 ] && grep '^{"type":"group"' "$tmp/out" >"$tmp/groups" && head -n 1 "$tmp/groups" |
		grep -q '"command":"proxy",.*"syscall":"read","cause":{"kind":"softirq","name":"NET_RX"' &&
		grep '"command":"proxy",.*"syscall":"poll"' "$tmp/groups" | grep -qE '"added":[0-9]{10},'
}
check "compare: rw against splice: the client's and the proxy's waits are what grew" names_what_grew

# ---- Markdown -------------------------------------------------------------------------------------

# rendered FILE - as GitHub and GitLab do
rendered() {
	cmark-gfm -e table "$1"
}

renders() {
	"$flightbox" compare --format markdown "${base[@]}" -- "${new[@]}" >"$tmp/out.md"
	[ $? -eq 3 ] && rendered "$tmp/out.md" >"$tmp/out.html" &&
		[ "$(grep -c '<table>' "$tmp/out.html")" -eq 2 ] && [ "$(grep -c '<h3>' "$tmp/out.html")" -eq 2 ] &&
		grep -q '<h3>Worse: waits in sys_read, woken by TIMER timerfd_tmrproc: time asleep ' "$tmp/out.html" &&
		grep -A 14 '<td align="left">worse</td>' "$tmp/out.html" | grep -q '<td align="left"><code>sys_read</code></td>' &&
		! grep -qE '^\||[^<]---' "$tmp/out.html"
}
check "compare: Markdown renders as tables" renders

# A program may call itself anything: it becomes no markup, no cell of its own, and calls nobody.
names_stay_names() {
	local profile names=()

	for profile in "${base[@]}" "${new[@]}"; do
		sed 's/"command":"waits",/"command":"waits|`@all<b>",/' "$profile" >"$profile-odd" || return 1
		names+=("$profile-odd")
	done
	"$flightbox" compare --format markdown "${names[@]:0:8}" -- "${names[@]:8}" >"$tmp/out.md"
	[ $? -eq 3 ] && rendered "$tmp/out.md" >"$tmp/out.html" &&
		grep -qF '<td align="left"><code>waits|`@all&lt;b&gt; (waits)</code></td>' "$tmp/out.html" &&
		grep -qF '<h3>Worse: waits|`<code>@</code>all&lt;b&gt; (waits) in sys_read, ' "$tmp/out.html" &&
		! grep -q '<b>' "$tmp/out.html" && [ "$(grep -c '<th ' "$tmp/out.html")" -eq 19 ] &&
		[ "$(grep -c '<td ' "$tmp/out.html")" -eq $((15 + 5 * 4)) ]
}
check "compare: in Markdown names are no markup" names_stay_names

exit "$failed"
