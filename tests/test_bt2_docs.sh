#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_bt2_docs.sh - the commands of docs/babeltrace2.md do what they are shown to do:
# each block of ```sh runs without a message, and prints something or leaves a file.
# shellcheck disable=SC1091,SC2154,SC2317 # bt2.sh is not followed; conditions are called by name
set -u

. "$(dirname "$0")/bt2.sh"
trap 'rm -rf "$tmp"' EXIT
document=$PWD/docs/babeltrace2.md

mkdir "$tmp/bin" "$tmp/work"
ln -s "$(realpath "$traces")/tcp-delay-classic/trace" "$tmp/work/trace"
ln -s "$(realpath "$flightbox")" "$tmp/bin/flightbox"
plugins=$(realpath "$plugins")
export -f bt2
export plugins
cat >"$tmp/bin/babeltrace2" <<END
#!/bin/bash
PATH=$PATH
bt2 "\$@"
END
chmod +x "$tmp/bin/babeltrace2"

awk -v to="$tmp/block" '/^```/ { inside = /^```sh$/; n += inside; next } inside { print > (to n) }' \
	"$document"

# A pipe that head closes is not the reader's fault.
block() {
	(cd "$tmp/work" && PATH=$tmp/bin:$PATH bash -e "$1" >"$tmp/stdout" 2>"$tmp/stderr") &&
		[ -s "$tmp/stdout" ] && ! grep -v 'Broken pipe' "$tmp/stderr" && return
	cat "$1" "$tmp/stderr"
	return 1
}

n=0
for commands in "$tmp"/block*; do
	n=$((n + 1))
	check "block_${n}_$(head -n 1 "$commands" | tr -c 'a-z0-9\n' _)" block "$commands"
done
the_row_counts() {
	[ "$(wc -l <"$tmp/work/waits.jsonl")" = \
		"$(($("$flightbox" blocking --format jsonl --pid 502,504 --min-duration 10ms \
			"$tmp/work/trace" | wc -l)))" ]
}
check parameters_select_the_rows_that_options_select the_row_counts

# The error of a name that there is none of lists those that there are.
the_names() {
	diff <(sed -n '/^| Parameters |/,/^$/s/^| \(`.*\) | .*/\1/p' "$document" | grep -oE '[a-z-]+' | sort) \
		<(bt2 "$tmp/work/trace" -c sink.flightbox.blocking -p nothing=1 2>&1 |
			tr -s '\n ' ' ' | sed 's/.*; there are //' | grep -oE '[a-z-]+' | sort)
}
check the_table_lists_each_parameter_and_no_other the_names
check all_blocks_were_found [ "$n" -ge 6 ]

exit "$failed"
