#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_bt2_valgrind.sh - no leak and no stray access by babeltrace2's ways: a reference
# that is not given back shows as a leak.
# shellcheck disable=SC1091,SC2154,SC2317 # bt2.sh is not followed; conditions are called by name
set -u

. "$(dirname "$0")/bt2.sh"
trap 'rm -rf "$tmp"' EXIT
trace=$traces/waits-wait/trace

if ! command -v valgrind >/dev/null; then
	echo "ok - valgrind: # SKIP it is not installed"
	exit 0
elif nm -D "$plugins/babeltrace-plugin-flightbox.so" | grep -q __asan_init; then
	echo "ok - valgrind: # SKIP this build has ASan"
	exit 0
fi

# clean STATUS COMMAND... - it ends with that status, and valgrind has nothing to say
clean() {
	local status=$1
	shift
	valgrind -q --leak-check=full --show-leak-kinds=definite \
		--errors-for-leak-kinds=definite --error-exitcode=99 \
		--suppressions="$(dirname "$0")/valgrind.supp" --log-file="$tmp/valgrind" "$@" \
		>"$tmp/stdout" 2>"$tmp/stderr"
	[ $? = "$status" ] && [ ! -s "$tmp/valgrind" ] && return
	sed 's/^/# /' "$tmp/valgrind"
	return 1
}

convert="babeltrace2 --plugin-path=$plugins"
# shellcheck disable=SC2086 # the command is words
{
	check the_graph_is_clean clean 0 "$flightbox" blocking --source babeltrace "$trace"
	check the_sink_is_clean clean 0 $convert "$trace" -c sink.flightbox.blocking
	check a_sink_without_its_parameters_is_clean clean 1 \
		$convert "$trace" -c sink.flightbox.blocking -p 'format="xml"'
	check refused_boots_are_clean clean 2 "$flightbox" blocking --source babeltrace "$trace" \
		"$traces/disk/trace"
	check refused_boots_in_the_sink_are_clean clean 1 $convert "$trace" \
		"$traces/disk/trace" -c sink.flightbox.blocking
}

cp -r "$trace" "$tmp/broken"
chmod -R u+w "$tmp/broken"
channel=$tmp/broken/kernel/ch_0
head -c 400 /dev/zero | tr '\0' '\377' |
	dd of="$channel" bs=1 seek=$(($(stat -c %s "$channel") / 2)) conv=notrunc status=none
check a_broken_trace_is_clean clean 1 "$flightbox" blocking --source babeltrace "$tmp/broken"
# shellcheck disable=SC2086
check a_broken_trace_in_the_sink_is_clean clean 1 \
	$convert "$tmp/broken" -c sink.flightbox.blocking

exit "$failed"
