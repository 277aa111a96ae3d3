#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_profile_commands.sh - profile, merge and blocking --save as their users meet them.
# shellcheck disable=SC2317 # functions are called through check()
set -u

flightbox=${FLIGHTBOX:-build/flightbox}
traces=${FB_TRACES:-build/traces}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
failed=0
disk=$traces/disk/trace futex=$traces/waits-futex/trace lost=$traces/lost-events-small/trace

# check NAME COMMAND... - one case
check() {
	local name=$1 why
	shift
	if why=$("$@" 2>&1); then
		echo "ok - $name"
	else
		echo "not ok - $name: $why"
		failed=1
	fi
}

# fb ARGUMENT... - flightbox, which says nothing and succeeds
fb() {
	"$flightbox" "$@" 2>"$tmp/err" && [ ! -s "$tmp/err" ] && return
	cat "$tmp/err"
	return 1
}

# fails STATUS MESSAGE ARGUMENT... - with that one line
fails() {
	local want=$1 message=$2 status
	shift 2
	"$flightbox" "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
	[ "$status" = "$want" ] && [ "$(cat "$tmp/err")" = "flightbox: $message" ] && return
	echo "status $status: $(cat "$tmp/err")"
	return 1
}

# ---- the numbers of a group --------------------------------------------------------------

# expected TRACE COMM SYSCALL CAUSE - counted from expected.jsonl, as it stands in a profile
expected() {
	local row='.*"comm": "'$2'", "start": ([0-9]*), "wake": ([0-9]*), "run": ([0-9]*), .*'
	local begin wake end asleep n=0 sum=0 ready=0 min='' max=0

	while read -r begin wake end; do
		asleep=$((wake - begin))
		n=$((n + 1)) sum=$((sum + asleep)) ready=$((ready + end - wake))
		[ -n "$min" ] && [ "$min" -le "$asleep" ] || min=$asleep
		[ "$max" -ge "$asleep" ] || max=$asleep
	done < <(grep "\"syscall\": \"$3\", $4" "$traces/$1/expected.jsonl" |
		sed -En "s/$row/\1 \2 \3/p")
	echo "\"n\":$n,\"uncertain\":0,\"uncertain_asleep\":0,\"asleep\":$sum,\"ready\":$ready,\"min\":$min,\"max\":$max,"
}

# has_group TRACE COMM SYSCALL CAUSE N KEY - a group of N waits is what the reference found
has_group() {
	local numbers
	numbers=$(expected "$1" "$2" "$3" "$4")
	[[ $numbers == "\"n\":$5,"* ]] || { echo "the reference has $numbers"; return 1; }
	fb profile "$traces/$1/trace" -o "$tmp/group.json" || return 1
	grep -qF "{$6,$numbers" "$tmp/group.json" && return
	grep -F "$6" "$tmp/group.json" || echo "no such group"
	return 1
}

# key COMMAND THREAD SYSCALL KIND NAME - of a group
key() {
	printf '"command":"%s","thread":"%s","syscall":"%s","cause":{"kind":"%s","name":"%s",%s}' \
		"$@" '"via":null,"signal":null'
}

net='"kind": "softirq", "early": false, "vec": 3,' timer='"kind": "hrtimer",'
check waits_for_the_network_are_those_of_the_reference has_group rpc-chain serverA read "$net" 14 \
	"$(key rpc3 serverA read softirq NET_RX)"
check waits_for_a_disk_are_those_of_the_reference has_group disk disk pread64 '"kind": "irq",' 12 \
	"$(key disk disk pread64 irq 'virtio*-req.*')"
check waits_of_numbered_threads_are_one_group has_group waits-futex 'mutex-[0-9]*' clock_nanosleep \
	"$timer" 30 "$(key waits 'mutex-*' clock_nanosleep hrtimer hrtimer_wakeup)"

# ---- the same bytes ----------------------------------------------------------------------

fb profile "$disk" -o "$tmp/disk.json" && fb profile "$futex" -o "$tmp/futex.json" &&
	fb profile "$lost" -o "$tmp/lost.json" || failed=1

# same ARGUMENT... - what it writes to the standard output is on ours
same() {
	fb "$@" | cmp - "$tmp/all.json"
}

profile_of_many() {
	fb profile "$disk" "$futex" "$lost" -o "$tmp/all.json" &&
		same merge "$tmp/disk.json" "$tmp/futex.json" "$tmp/lost.json" &&
		same merge "$tmp/lost.json" "$tmp/disk.json" "$tmp/futex.json" &&
		same profile "$lost" "$tmp/disk.json" "$futex"
}
check a_profile_of_traces_is_their_profiles_merged profile_of_many

by_stdin() {
	same merge "$tmp/disk.json" - "$tmp/lost.json" <"$tmp/futex.json" &&
		same merge -o - - <"$tmp/all.json"
}
check merge_reads_and_writes_pipes by_stdin

in_place() {
	cp "$tmp/disk.json" "$tmp/sum.json"
	fb merge "$tmp/sum.json" "$tmp/futex.json" -o "$tmp/sum.json" &&
		fb merge "$tmp/lost.json" "$tmp/sum.json" -o "$tmp/sum.json" &&
		fb merge "$tmp/sum.json" "$tmp/disk.json" -o "$tmp/sum.json" &&
		cmp "$tmp/sum.json" "$tmp/all.json"
}
check runs_are_added_to_a_file_in_place_once in_place

# saves OPTION... - blocking --save gives what profile does, and its report is the same
saves() {
	fb profile "$@" "$disk" -o "$tmp/a.json" &&
		fb blocking "$@" "$disk" >"$tmp/report" &&
		fb blocking "$@" --save "$tmp/b.json" "$disk" >"$tmp/saved" &&
		cmp "$tmp/a.json" "$tmp/b.json" && cmp "$tmp/report" "$tmp/saved"
}
check blocking_saves_a_profile saves
check blocking_saves_what_was_chosen saves --comm 'd*' --min-duration 20us --all --begin +0.2s \
	--end +0.6s --lead 10ms
check the_options_stand_in_it grep -Eq \
	'"selection":\{"comm":"d\*","min_duration":20000,"all":true,.*,"begin":[0-9]+,"end":[0-9]+\}' \
	"$tmp/b.json"

formats_and_threads() {
	fb blocking --format jsonl --save "$tmp/b.json" "$disk" >/dev/null &&
		cmp "$tmp/b.json" "$tmp/disk.json" &&
		fb blocking --summary --include-edges --save "$tmp/b.json" "$disk" >/dev/null &&
		cmp "$tmp/b.json" "$tmp/disk.json" &&
		fb profile --jobs 1 "$disk" | cmp - "$tmp/disk.json" &&
		fb profile --jobs 4 "$disk" | cmp - "$tmp/disk.json"
}
check neither_format_nor_threads_change_it formats_and_threads

without_addresses() {
	mkdir "$tmp/bare" && cp -r "$futex" "$tmp/bare/trace" &&
		fb profile "$tmp/bare/trace" -o "$tmp/bare.json" &&
		grep -q '"kind":"hrtimer","name":null' "$tmp/bare.json" &&
		fb profile --kallsyms "$traces/waits-futex/kallsyms" "$tmp/bare/trace" |
		cmp - "$tmp/futex.json" || return 1
	! grep '0x' "$tmp/bare.json"
}
check timers_have_names_or_none_but_no_addresses without_addresses

# The run's text but for its first key.
digest() {
	local text id
	text=$(sed -E '1d; 2s/^\{"id":"([0-9a-f]*)",/\1\n/' "$tmp/disk.json")
	id=${text%%$'\n'*} text=${text#*$'\n'}
	[ "$(printf %s "${text%\}*\]\}}" | sha256sum | cut -c 1-16)" = "$id" ]
}
check the_id_is_a_digest_of_the_run digest

# ---- what goes wrong ---------------------------------------------------------------------

cut_trace() {
	cp -r "$disk" "$tmp/cut" && chmod -R u+w "$tmp/cut" || return 1
	local stream
	stream=$(find "$tmp/cut" -name '*_0' | head -n 1)
	truncate -s $(($(stat -c %s "$stream") / 2)) "$stream"
	"$flightbox" profile "$tmp/cut" -o "$tmp/cut.json" 2>"$tmp/err"
	[ $? = 1 ] && grep -qF "$stream" "$tmp/err" && grep -q '"complete":false' "$tmp/cut.json" &&
		fb merge "$tmp/cut.json" >/dev/null
}
check a_broken_trace_has_a_profile_that_says_so cut_trace

only_what_is_wrong() {
	fails 1 "$tmp/none: No such file or directory" profile "$disk" "$tmp/none" \
		-o "$tmp/never.json" && [ ! -e "$tmp/never.json" ] && [ ! -s "$tmp/out" ]
}
check nothing_is_written_when_a_trace_is_missing only_what_is_wrong

no_room() {
	fails 1 '/dev/full: No space left on device' profile "$disk" -o /dev/full &&
		fails 1 '/dev/full: No space left on device' merge "$tmp/disk.json" -o /dev/full &&
		fails 1 '/dev/full: No space left on device' blocking --save /dev/full "$disk" &&
		cmp "$tmp/out" <("$flightbox" blocking "$disk")
}
check a_full_disk_is_an_error no_room

closed() {
	"$flightbox" merge "$tmp/disk.json" >/dev/full 2>"$tmp/err"
	[ $? = 1 ] && grep -qx 'flightbox: standard output: No space left on device' "$tmp/err"
}
check a_full_standard_output_is_an_error closed

wrong_usage() {
	fails 2 "profile: no TRACE given; see 'flightbox help profile'" profile &&
		fails 2 "merge: no PROFILE given; see 'flightbox help merge'" merge &&
		fails 2 '--save -: that is where the report goes; --output FILE writes it elsewhere' \
			blocking --save - "$disk" &&
		fails 2 '--min-duration 7: expected a duration such as 10ms, 250us or 1.5s' \
			profile --min-duration 7 "$disk" &&
		fails 2 "latency: Unknown option --save; see 'flightbox help latency'" \
			latency --save "$tmp/b.json" "$disk"
}
check wrong_usage_is_told wrong_usage

wrong_files() {
	echo '{"type":"trace"}' >"$tmp/bad.json"
	fails 1 "$tmp/bad.json: expected a profile, as flightbox profile and --save write them" \
		merge "$tmp/disk.json" "$tmp/bad.json" &&
		fails 1 "$disk: Is a directory" merge "$disk" &&
		fails 1 "standard input: line 1, column 0: '[' or '{' expected near end of file" \
			merge - </dev/null
}
check what_is_no_profile_is_told wrong_files

other_options() {
	fb profile --all "$futex" -o "$tmp/more.json" || return 1
	local why='the waits of one were chosen by none of --comm, --min-duration, --all,'
	fails 2 "$tmp/disk.json and $tmp/more.json cannot be taken together: $why those of the other by --all" \
		merge "$tmp/disk.json" "$tmp/more.json"
}
check profiles_of_other_options_do_not_mix other_options

exit "$failed"
