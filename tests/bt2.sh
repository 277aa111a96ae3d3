# SPDX-License-Identifier: MIT
# bt2.sh - what the tests of babeltrace2's plugin have in common; to be sourced.
# shellcheck shell=bash
# shellcheck disable=SC2034 # used where it is sourced

flightbox=${FLIGHTBOX:-build/flightbox}
plugins=$(dirname "$flightbox")
traces=${FB_TRACES:-build/traces}
tmp=$(mktemp -d)
failed=0

# Of builds with ASan: to know what GLib loses before main, stacks must be whole.
LSAN_OPTIONS=suppressions=$(realpath "$(dirname "$0")")/lsan.supp:print_suppressions=0
ASAN_OPTIONS=fast_unwind_on_malloc=0
export LSAN_OPTIONS ASAN_OPTIONS

# bt2 ARGUMENT... - babeltrace2 with our plugin. One that was built with ASan needs its library first.
bt2() {
	if nm -D "$plugins/babeltrace-plugin-flightbox.so" | grep -q __asan_init; then
		LD_PRELOAD=$("${CC:-cc}" -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0 \
			babeltrace2 --plugin-path="$plugins" "$@"
	else
		babeltrace2 --plugin-path="$plugins" "$@"
	fi
}

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

# bt2_reads TRACE NAME - whether the installed babeltrace2 does; else says that case NAME is skipped
bt2_reads() {
	local version

	version=$(babeltrace2 --version | head -n 1 | grep -o '[0-9][0-9.]*' | head -n 1)
	find -L "$1" -name metadata -exec head -qc 1 {} + | grep -q "$(printf '\036')" || return 0
	[ "$(printf '%s\n' 2.1 "$version" | sort -V | head -n 1)" = 2.1 ] && return 0
	echo "ok - $2 # SKIP babeltrace2 $version does not read CTF 2"
	return 1
}
