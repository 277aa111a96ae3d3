#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_faults.sh - the n-th allocation, read, open, write … fails: flightbox ends with the right
# status and a complete line that says so, and what it has written are complete rows. With
# FAULTS=all every n is tried, else some.
# shellcheck disable=SC1091,SC2154,SC2317 # bt2.sh is not followed; conditions are called by name
set -u

. "$(dirname "$0")/bt2.sh"
trap 'rm -rf "$tmp"' EXIT
trace=$traces/waits-wait/trace
preload=$(realpath "$plugins/tools/faults.so")
if nm -D "$flightbox" | grep -q __asan_init; then
	has_asan=yes
	preload="$("${CC:-cc}" -print-file-name=libasan.so):$preload"
else
	has_asan=
fi

# run FAULT ARGUMENT... - $status, and what was written into $tmp/out, err and fired
run() {
	local fault=$1
	shift
	timeout 60 env FAULT="$fault" FAULT_TO=9 LD_PRELOAD="$preload" \
		"$flightbox" "$@" 9>"$tmp/fired" >"$tmp/out" 2>"$tmp/err"
	status=$?
}

why() {
	echo "# $fault: $1; status $status, messages:"
	sed 's/^/#   /' "$tmp/err"
	return 1
}

# Of lines, all complete, and one of flightbox's among them.
tells() {
	[ -z "$(tail -c 1 "$tmp/err")" ] && grep -q '^flightbox: ' "$tmp/err"
}

# A part of what the whole run writes.
begins_like_all() {
	[ ! -s "$tmp/out" ] || cmp -s -n "$(stat -c %s "$tmp/out")" "$tmp/out" "$tmp/all"
}

ends_with_a_line() {
	[ -z "$(tail -c 1 "$tmp/out")" ]
}

# Elsewhere than in GLib, no memory may cost one file of the trace, and change rows.
has_its_rows() {
	ends_with_a_line && { begins_like_all || ! grep -q "out of memory" "$tmp/err"; }
}

# As if nothing had been.
is_unharmed() {
	[ "$status" = 0 ] && [ ! -s "$tmp/err" ] && cmp -s "$tmp/out" "$tmp/all"
}

# judge KIND - of a run that had a fault: it was retried, or is told and leaves whole rows of the
# same report, bytes of it, or lines of another
judge() {
	# What is of use but not needed, such as kallsyms, is told and done without.
	if [ "$1" = lines ] && [ "$status" = 0 ] && tells; then
		return
	fi
	if [ "$1" = retried ] || [ "$status" = 0 ]; then
		is_unharmed || why 'not as without the fault'
		return
	fi
	[ "$status" = 1 ] || why 'neither done nor failed' || return
	tells || why 'no complete message' || return
	case $1 in
	rows) has_its_rows || why 'rows that are cut, or others' ;;
	bytes) begins_like_all || why 'other bytes' ;;
	lines) ends_with_a_line || why 'a row is cut' ;;
	esac
}

# next N STEP - the next number to try; small ones all
next() {
	if [ "${FAULTS:-}" = all ] || [ "$1" -lt "$2" ]; then
		echo $(($1 + 1))
	else
		echo $(($1 + $1 / $2 + 1))
	fi
}

# sweep CALL ERROR KIND STEP ARGUMENT... - that call fails, the first one, the second …
sweep() {
	local call=$1 error=$2 kind=$3 step=$4 n=1 runs=0 failures=0
	shift 4
	"$flightbox" "$@" >"$tmp/all" 2>/dev/null
	while :; do
		fault="${call%+} $n${call##*[^+]} $error"
		run "$fault" "$@"
		[ -s "$tmp/fired" ] || break
		runs=$((runs + 1))
		judge "$kind" || failures=$((failures + 1))
		n=$(next "$n" "$step")
	done
	[ "$runs" -gt 0 ] || echo "# $call is never called"
	[ "$runs" -gt 0 ] && [ "$failures" = 0 ]
}

# libseccomp 2.5.4 crashes, or runs for ever, where it gets no memory.
free='--no-sandbox'
jsonl="blocking --format jsonl $trace"
# shellcheck disable=SC2086 # the command is words
if [ -n "$has_asan" ]; then
	echo "ok - allocations: # SKIP this build has ASan, whose own they are"
else
	check an_allocation_fails_in_jsonl sweep malloc ENOMEM rows 6 $jsonl $free
	check an_allocation_fails_by_one_thread sweep malloc ENOMEM rows 6 $jsonl $free --jobs 1
	check an_allocation_fails_in_csv sweep malloc ENOMEM rows 3 blocking --format csv $trace $free
	check an_allocation_fails_in_text sweep malloc ENOMEM rows 3 blocking $trace $free
	check an_allocation_fails_in_why sweep malloc ENOMEM rows 3 why $trace $free
	check an_allocation_fails_in_info sweep malloc ENOMEM rows 3 info $trace $free
	check an_allocation_fails_in_dump sweep malloc ENOMEM rows 3 dump $trace $free
	check no_allocation_works_from_then_on sweep malloc+ ENOMEM rows 3 $jsonl $free
fi
# shellcheck disable=SC2086 # the command is words
{
	check a_read_fails sweep pread EIO lines 9 $jsonl
	check a_read_is_interrupted sweep pread EINTR retried 9 $jsonl
	check a_read_gives_less_than_was_asked_for sweep pread SHORT retried 9 $jsonl
	check metadata_cannot_be_read sweep read EIO lines 9 $jsonl
	check reading_metadata_is_interrupted sweep read EINTR retried 9 $jsonl
	check metadata_comes_in_parts sweep read SHORT retried 9 $jsonl
	check a_file_cannot_be_opened sweep open EMFILE lines 9 $jsonl
	check a_directory_cannot_be_read sweep readdir EIO lines 9 $jsonl
	check a_file_cannot_be_looked_at sweep fstat EIO lines 9 $jsonl
	check a_file_cannot_be_mapped sweep mmap ENOMEM lines 9 $jsonl
	check a_thread_cannot_be_made sweep pthread EAGAIN retried 9 $jsonl
	check the_disk_is_full_in_jsonl sweep write ENOSPC bytes 9 $jsonl
	check the_disk_is_full_in_text sweep write ENOSPC bytes 9 blocking $trace
	check the_disk_is_full_in_csv sweep write ENOSPC bytes 9 latency --format csv $trace
	check the_disk_is_full_in_dump sweep write ENOSPC bytes 9 dump $trace
	check the_pipe_is_closed sweep write EPIPE bytes 9 dump $trace
	check writing_is_interrupted sweep write EINTR retried 9 dump $trace
	check writing_takes_less_than_was_given sweep write SHORT retried 9 dump $trace
}
exit "$failed"
