#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_perf_data.sh - of a perf.data flightbox reads what perf itself prints of it: every event that it models,
# with time, CPU, task and fields. Recordings of tests/traces have beside them what perf script printed then;
# where perf can record here, one more is made and read by both.
# shellcheck disable=SC2317 # conditions are called by name
set -u
LC_ALL=C
export LC_ALL

flightbox=${FLIGHTBOX:-build/flightbox}
traces=${FB_TRACES:-build/traces}
tests=$(dirname "$0")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

# check NAME COMMAND... - one case: the command succeeds
check() {
	local name=$1
	shift
	if "$@"; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		failed=1
	fi
}

if ! "$flightbox" info "$traces/perf-data/plain.data" >"$tmp/out" 2>&1 &&
	grep -q 'is a recording of perf' "$tmp/out"; then
	echo 'ok - perf_data # SKIP built without libtraceevent and libzstd'
	exit 0
fi

# say FILE - the first lines of what went wrong
say() {
	head -n 5 "$1" | cut -c 1-300 | sed 's/^/# /'
	return 1
}

# is_as_printed DATA PRINTED - the dump has just the events that perf script printed
is_as_printed() {
	awk -f "$tests/perf-script.awk" "$2" | sort >"$tmp/printed"
	"$flightbox" dump "$1" 2>"$tmp/messages" >"$tmp/dump" || say "$tmp/messages" || return
	awk -v dump=1 -f "$tests/perf-script.awk" "$tmp/dump" | sort >"$tmp/read"
	[ -s "$tmp/printed" ] || return
	cmp -s "$tmp/printed" "$tmp/read" && return
	diff "$tmp/printed" "$tmp/read" >"$tmp/diff"
	say "$tmp/diff"
}

# times_rise DATA
times_rise() {
	"$flightbox" dump "$1" | awk '$1 < last { exit 1 } { last = $1 }'
}

# says DATA KEY VALUE - a line of `flightbox info`
says() {
	"$flightbox" info "$1" >"$tmp/info"
	grep -qE "^$2 +$3" "$tmp/info" || say "$tmp/info"
}

for data in "$traces"/perf-data/*.data; do
	name=$(basename "$data" .data)
	check "what_perf_prints_is_read_$name" is_as_printed "$data" "${data%.data}.script"
	check "times_do_not_go_back_$name" times_rise "$data"
done

data=$traces/perf-data/plain.data
check 'the_header_tells_of_the_machine' says "$data" Kernel '6\.18\.44-fc-v595'
check 'the_header_tells_of_the_recorder' says "$data" Tracer 'perf 6\.1\.187'
# perf script --header: "reference time: … = 1796071361.916136 (TOD) = 15192.320179034 (monotonic)"
check 'the_clock_is_known' says "$data" Clock 'monotonic, 0 is 2026-11-30 16:29:'

# ---- full rings --------------------------------------------------------------------------------

# perf report -D: PERF_RECORD_LOST at 0x15160, before CPU 0's sample of that time, lost:3; at 0x15578, CPU 1,
# lost:1; PERF_RECORD_LOST_SAMPLES of the ids that ID_INDEX gives to CPU 1: 1 + 91 + 92. So 183 are lost behind
# the last sample of CPU 1.
losses_are() {
	cat >"$tmp/expected"
	"$flightbox" dump "$1" | grep ' lost ' >"$tmp/lost"
	diff "$tmp/expected" "$tmp/lost" >"$tmp/diff" || say "$tmp/diff"
}
check 'losses_are_between_the_samples_beside_them' losses_are "$traces/perf-data/losses.data" <<'LOST'
16961656251982 0 lost until=16961656398570 count=3 packets=0
16961656327804 1 lost until=16961656338380 count=1 packets=0
16961656338380 1 lost until=16961656338380 count=0 packets=0
16961656398570 0 lost until=16961656398570 count=0 packets=0
16961657338757 1 lost until=16961657338757 count=183 packets=0
16961657338757 1 lost until=16961657338757 count=0 packets=0
LOST

# ---- damage ------------------------------------------------------------------------------------

# tells FILE MESSAGE - it fails with one line that begins so, behind the file's name; the dump is in $tmp/part
tells() {
	"$flightbox" dump "$1" >"$tmp/part" 2>"$tmp/messages"
	if [ $? != 1 ] || [ "$(wc -l <"$tmp/messages")" != 1 ] || ! grep -qF "flightbox: $1: $2" "$tmp/messages"; then
		say "$tmp/messages"
	fi
}

# is_of WHOLE LEAST - at least so many lines were read, and no other than of the whole one
is_of() {
	"$flightbox" dump "$1" >"$tmp/dump"
	[ "$(wc -l <"$tmp/part")" -ge "$2" ] && ! grep -vxFf "$tmp/dump" "$tmp/part" | grep -q .
}

# There is a record at byte 0x5a540, as perf report -D has it, which does not count the header's 16 bytes.
what_is_before_a_cut_is_read() {
	head -c 370010 "$traces/perf-data/pipe.data" >"$tmp/cut.data"
	tells "$tmp/cut.data" 'byte 370000: a record is cut off; the rest is not read' &&
		is_of "$traces/perf-data/pipe.data" 1000
}
check 'what_is_before_a_cut_is_read' what_is_before_a_cut_is_read

# poke OFFSET BYTES - into $tmp/poked.data, which was plain.data
poke() {
	cp "$traces/perf-data/plain.data" "$tmp/poked.data"
	chmod u+w "$tmp/poked.data"
	# shellcheck disable=SC2059
	printf "$2" | dd of="$tmp/poked.data" bs=1 seek="$1" conv=notrunc status=none
}

# At byte 97552 is a sample of 72 bytes, as perf report -D has it: first its size becomes 4, then its raw data are to have 16 MiB.
what_is_before_a_record_that_is_none_is_read() {
	poke $((97552 + 6)) '\4\0'
	tells "$tmp/poked.data" 'byte 97552: a record is too short to be one; the rest is not read' &&
		is_of "$traces/perf-data/plain.data" 400
}
check 'what_is_before_a_record_that_is_none_is_read' what_is_before_a_record_that_is_none_is_read

what_is_beside_a_damaged_sample_is_read() {
	poke $((97552 + 8 + 48 + 3)) '\1'
	tells "$tmp/poked.data" 'byte 97552: a sample of 72 bytes is not as its event says: it is left out' &&
		is_of "$traces/perf-data/plain.data" 2234 && [ "$(wc -l <"$tmp/part")" = 2234 ]
}
check 'what_is_beside_a_damaged_sample_is_read' what_is_beside_a_damaged_sample_is_read

# The clock's section is the last one that counts.
events_are_read_where_the_header_is_cut() {
	head -c 319540 "$traces/perf-data/plain.data" >"$tmp/cut.data"
	tells "$tmp/cut.data" 'byte 319524: the clock of 24 bytes, but the file has 319540' &&
		is_of "$traces/perf-data/plain.data" 2235
}
check 'events_are_read_where_the_header_is_cut' events_are_read_where_the_header_is_cut

# Whatever is cut off: a line, or all is read.
every_cut_ends_in_order() {
	local name size at status
	for name in losses packed pipe; do
		size=$(wc -c <"$traces/perf-data/$name.data")
		for ((at = 0; at < size; at += size / 25 + 1)); do
			head -c "$at" "$traces/perf-data/$name.data" >"$tmp/cut.data"
			timeout 20 "$flightbox" blocking --source perf "$tmp/cut.data" >/dev/null 2>"$tmp/messages"
			status=$?
			[ "$status" = 1 ] && grep -q "^flightbox: $tmp/cut.data: " "$tmp/messages" && continue
			echo "# $name.data cut at $at: status $status"
			return 1
		done
	done
}
check 'every_cut_ends_in_order' every_cut_ends_in_order

# ---- one run, by perf and by LTTng ----------------------------------------------------------------

# differ_in REFERENCE OPTION... - the lines of the input, and no others, tell where the waits differ from it
differ_in() {
	local reference=$traces/waits-three-16/$1
	shift
	"$flightbox" blocking --all --format csv "$traces/waits-three-16/perf.data" >"$tmp/waits" 2>"$tmp/messages" ||
		say "$tmp/messages" || return
	cat >"$tmp/expected"
	awk "$@" -f "$tests/reference-waits.awk" "$reference" "$tmp/waits" >"$tmp/found"
	diff "$tmp/expected" "$tmp/found" >"$tmp/diff" || say "$tmp/diff"
}

# Those three were woken by irq_work, whose exits perf may not record: common_flags=0x9 of these wakings, and
# irq_work_entry before each, say what the reference does not look at.
check 'the_waits_are_those_of_the_reference' differ_in expected.jsonl <<'DIFF'
226 40659501964 expected: S pselect6 task 15, got: S pselect6 ipi
226 40687796661 expected: S pselect6 task 225, got: S pselect6 ipi
227 40671256565 expected: S pselect6 task 225, got: S pselect6 ipi
262 waits
DIFF

# LTTng was there before: it knows the call that 198 was in. Two switches it recorded 1.5 and 4 ms before
# perf, on a machine that was emulated.
check 'the_waits_are_those_that_lttng_saw' differ_in lttng.jsonl -v offset=1795981297400859914 -v slack=100000 <<'DIFF'
226 40659501964 expected: S pselect6 task 15, got: S pselect6 ipi
236 43703391204 not in the reference: S wait4 task 237
243 45383513904 not in the reference: S waitid task 245
226 40687796661 expected: S pselect6 task 225, got: S pselect6 ipi
227 40671256565 expected: S pselect6 task 225, got: S pselect6 ipi
198 39713839333 expected: S poll task 137, got: S - task 137
262 waits
DIFF

# ---- here --------------------------------------------------------------------------------------

events=sched:sched_switch,sched:sched_waking,raw_syscalls:sys_enter,raw_syscalls:sys_exit
events=$events,irq:softirq_raise,irq:softirq_entry,irq:softirq_exit,timer:hrtimer_expire_entry

# record_here OPTION... - tells in $tmp/messages why it does not
record_here() {
	perf record -q -o "$tmp/perf.data" -e "$events" "$@" -- sleep 0.1 >"$tmp/messages" 2>&1
}

# is_read_here - what was recorded last
is_read_here() {
	perf script --ns -F comm,pid,tid,cpu,time,event,trace -i "$tmp/perf.data" >"$tmp/script" 2>"$tmp/messages" ||
		say "$tmp/messages" || return
	is_as_printed "$tmp/perf.data" "$tmp/script"
}

# here NAME OPTION... - one case; where perf does not know an option it is skipped
here() {
	local name=what_perf_records_here_is_read_$1
	shift
	if record_here "$@"; then
		check "$name" is_read_here
	else
		echo "ok - $name # SKIP $(tail -n 1 "$tmp/messages" | tr -d '#')"
	fi
}

to_a_pipe() {
	perf record -q -a -e "$events" -o - -- sleep 0.1 2>"$tmp/messages" >"$tmp/perf.data" && is_read_here
}

if ! record_here -a; then
	echo "ok - what_perf_records_here_is_read # SKIP $(tail -n 1 "$tmp/messages" | tr -d '#')"
	exit $failed
fi
here plainly -a
here by_another_clock -a -k CLOCK_MONOTONIC
here with_callchains -a -g
here with_more_of_each_sample -a -d -W --phys-data --sample-cpu
# Of the other members perf script makes up events, with the leader's fields: here one that does not count.
here as_a_group -a -e '{sched:sched_wakeup,timer:timer_start}:S'
here compressed -a -z
here compressed_well -a -z22
here of_one_process
here of_one_thread_by_one_ring --per-thread
here of_one_cpu -C 0
check 'what_perf_writes_to_a_pipe_is_read' to_a_pipe
exit $failed
