#!/bin/sh
# SPDX-License-Identifier: MIT
# test_permission.sh - a trace that may not be read is told by its path, whoever reads it.
# shellcheck disable=SC2317 # conditions are called by name
set -u
flightbox=$(realpath "${FLIGHTBOX:-build/flightbox}")
traces=$(realpath "${FB_TRACES:-build/traces}")
tmp=$(mktemp -d)
trap 'chmod -R u+rwx "$tmp"; rm -rf "$tmp"' EXIT
chmod 755 "$tmp"
failed=0

# Root may read everything.
if [ "$(id -u)" != 0 ]; then
	as_user() {
		"$@"
	}
elif setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null; then
	as_user() {
		chown -R 65534 "$tmp"
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	}
else
	echo 'ok - permission # SKIP root here cannot be another user'
	exit 0
fi
cp "$flightbox" "$tmp/flightbox"

# reset - one trace, and a directory with two
reset() {
	chmod -R u+rwx "$tmp"
	rm -rf "$tmp/one" "$tmp/two"
	mkdir "$tmp/two"
	cp -r "$traces/tcp-delay-classic/trace" "$tmp/one"
	cp -r "$tmp/one" "$tmp/two/a"
	cp -r "$tmp/one" "$tmp/two/b"
}

# tells NAME PATH MESSAGE [LINES] - info says exactly that, and prints so much at least
tells() {
	for source in $sources; do
		(cd "$tmp" && as_user ./flightbox info --source "$source" "$2" >out 2>err)
		status=$?
		if [ "$status" = 1 ] && [ "$(cat "$tmp/err")" = "flightbox: $3" ] &&
			[ "$(wc -l <"$tmp/out")" -ge "${4:-0}" ]; then
			echo "ok - permission: $source: $1"
		else
			echo "not ok - permission: $source: $1: status $status, $(head -c 300 "$tmp/err")"
			failed=1
		fi
	done
}

reset
sources=native
! as_user "$tmp/flightbox" info --source babeltrace "$tmp/one" >/dev/null 2>&1 ||
	sources='native babeltrace'

chmod 0 "$tmp/one/kernel"
tells a_directory_below_that_may_not_be_listed one 'one/kernel: Permission denied'
reset
chmod 600 "$tmp/one/kernel"
tells a_directory_below_that_may_not_be_entered one 'one/kernel/metadata: Permission denied'
reset
chmod 0 "$tmp/one/kernel/metadata"
tells metadata_that_may_not_be_read one 'one/kernel/metadata: Permission denied'
reset
chmod 0 "$tmp/one"
tells the_directory_itself one 'one: Permission denied'
reset
chmod 0 "$tmp/two/b/kernel"
tells a_second_trace_is_told_and_the_first_one_read two 'two/b/kernel: Permission denied' 20
reset
chmod 0 "$tmp/two/b/kernel/metadata"
tells its_metadata_too two 'two/b/kernel/metadata: Permission denied' 20
sources=native
reset
chmod 0 "$tmp/one/kernel/ch_1"
tells a_file_of_one_cpu_is_told_and_the_others_read one 'one/kernel/ch_1: Permission denied' 20

exit "$failed"
