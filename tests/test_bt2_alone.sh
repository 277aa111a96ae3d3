#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_bt2_alone.sh - babeltrace2 stays in src/bt2 and src/plugin, and flightbox builds without it.
# shellcheck disable=SC1091,SC2154,SC2317 # bt2.sh is not followed; conditions are called by name
set -u

. "$(dirname "$0")/bt2.sh"
trap 'rm -rf "$tmp"' EXIT

no_headers() {
	! grep -rlE '#include <babeltrace2/|\bbt_[a-z_]+\(' include src analyses |
		grep -vE '^src/(bt2|plugin)/'
}
check no_source_outside_two_rooms_names_babeltrace2 no_headers

no_symbols() {
	nm -u "$plugins/all.a" "$plugins/libflightbox.a" 2>/dev/null >"$tmp/symbols" &&
		nm -uD "$plugins/libflightbox.so.0" >>"$tmp/symbols" && [ -s "$tmp/symbols" ] &&
		! grep -E '\bbt_' "$tmp/symbols"
}
check the_library_needs_no_symbol_of_babeltrace2 no_symbols

exports_its_descriptors_only() {
	nm -D --defined-only "$plugins/babeltrace-plugin-flightbox.so" | awk '{ print $3 }' \
		>"$tmp/symbols"
	[ -s "$tmp/symbols" ] && ! grep -vE '^__bt_get_(begin|end)_section_' "$tmp/symbols"
}
check the_plugin_exports_its_descriptors_only exports_its_descriptors_only

builds_without() {
	make -s BT2=no BUILD="$tmp/build" "$tmp/build/flightbox" >"$tmp/log" 2>&1 || {
		cat "$tmp/log"
		return 1
	}
	! nm -D "$tmp/build/flightbox" | grep -E '\bbt_'
}
check flightbox_builds_without_babeltrace2 builds_without

# refuses MESSAGE ARGUMENT... - usage error
refuses() {
	local message=$1
	shift
	"$tmp/build/flightbox" "$@" >"$tmp/out" 2>"$tmp/err"
	[ $? = 2 ] && [ ! -s "$tmp/out" ] && [ "$(cat "$tmp/err")" = "flightbox: $message" ]
}
check without_it_the_source_says_so refuses \
	'--source babeltrace: this flightbox was built without babeltrace2' \
	blocking --source babeltrace "$traces/disk/trace"
check without_it_a_live_session_is_refused refuses \
	'net://localhost/host/a/b: this flightbox was built without babeltrace2, which reads live sessions' \
	blocking net://localhost/host/a/b
reads_by_itself() {
	"$flightbox" blocking --format jsonl "$traces/disk/trace" >"$tmp/with" &&
		"$tmp/build/flightbox" blocking --format jsonl "$traces/disk/trace" >"$tmp/without" &&
		cmp "$tmp/with" "$tmp/without"
}
check without_it_traces_are_read_all_the_same reads_by_itself

exit "$failed"
