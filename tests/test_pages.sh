#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_pages.sh - docs/writing-an-analysis.md and docs/writing-a-source.md, done as they say: their code
# is taken from the page, linked with what was built, and does what the page shows.
# shellcheck disable=SC2317 # conditions are called by name
set -u
export LC_ALL=C
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
traces=${FB_TRACES:-build/traces}
trace=$traces/tcp-delay-classic/trace
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
failed=0

# check NAME CONDITION... - one case
check() {
	name=$1
	shift
	if why=$("$@" 2>&1); then
		echo "ok - pages: $name"
	else
		echo "not ok - pages: $name: $(echo "$why" | tr '\n' ';')"
		failed=1
	fi
}

# whole_code PAGE - its first block of C
whole_code() {
	awk '/^```/ { n += inside = /^```c$/; next } inside && n == 1' "docs/$1"
}

# links PROGRAM SOURCE... - these, before what the libraries have of the same name
links() {
	mapfile -t compile < <(sed -E 's/^([A-Z0-9]+=[a-z]* )+//' "$build/flags" | xargs printf '%s\n')
	read -ra libraries < <(for module in glib-2.0 liblzma zlib jansson libpcap libseccomp libtraceevent libzstd babeltrace2; do
		! pkg-config --exists "$module" || pkg-config --libs "$module"
	done | tr '\n' ' ')
	"${compile[@]}" -o "$@" "$build"/obj/src/cli/*.o "$build/bt2.a" "$build/all.a" \
		"${libraries[@]}" -lm
}

# ---- an analysis

an_analysis_is_a_file_and_two_lines() {
	whole_code writing-an-analysis.md >"$tmp/wakers.c"
	awk '/^extern/ && !n++ { print "extern const struct fb_analysis fb_wakers_analysis;" }
		/^\tNULL,$/ { print "\t&fb_wakers_analysis," }
		{ print }' analyses/table.c >"$tmp/table.c"
	links "$tmp/with-wakers" "$tmp/wakers.c" "$tmp/table.c"
}
check 'an analysis is a file and two lines in the table' an_analysis_is_a_file_and_two_lines

# What stands behind "$ flightbox" is run, and gives the lines below it.
shows() {
	sed -n "/^    \$ flightbox $1/,/^\$/s/^    //p" docs/writing-an-analysis.md >"$tmp/page"
	read -ra arguments < <(sed -n '1s/^\$ flightbox //p' "$tmp/page")
	(cd "$traces" && "$tmp/with-wakers" "${arguments[@]}") >"$tmp/shown" 2>&1
	sed 1d "$tmp/page" | diff - "$tmp/shown"
}
check 'it reports what the page shows' shows 'wakers --pid'
check 'it refuses what the page says' shows 'wakers --at-least'

the_row_is_on_the_page() {
	row=$("$tmp/with-wakers" wakers --pid 504 --format jsonl "$trace" | grep '"waker"')
	grep -qF -- "\`$row\`" docs/writing-an-analysis.md || { echo "$row"; false; }
}
check 'it writes the row that the page shows' the_row_is_on_the_page

# ---- a source

a_source_is_a_file_and_its_rows() {
	whole_code writing-a-source.md >"$tmp/toy.c"
	awk '{ print }
		/^\t{ &fb_source_native },$/ { print "\t{ &fb_source_toy }," }' src/source/sources.c |
		sed 's/"native", /&"toy", /; /^#include "source\/sources.h"/a\
extern const struct fb_source_ops fb_source_toy;' >"$tmp/sources.c"
	sed -i '/^#include "source\/sources.h"/a\
extern const struct fb_source_ops fb_source_toy;' "$tmp/toy.c"
	links "$tmp/with-toy" "$tmp/toy.c" "$tmp/sources.c"
}
check 'a source is a file and its rows' a_source_is_a_file_and_its_rows

# The names of the environment that rows depend on are the recording's.
make_toy() {
	"$tmp/with-toy" dump "$trace" | awk -v OFS='\t' '
		{
			class = $3
			values = ""
			rest = $0
			sub(/^[^ ]+ [^ ]+ [^ ]+ ?/, "", rest)
			while (match(rest, /^[A-Za-z_0-9]+=("([^"\\]|\\.)*"|[^ ]*)/)) {
				field = substr(rest, 1, RLENGTH)
				rest = substr(rest, RLENGTH + 2)
				name = field; sub(/=.*/, "", name)
				sub(/^[^=]*=/, "", field)
				gsub(/^"|"$/, "", field)
				class = class "\t" name (name ~ /comm$|^(file)?name$|^action$/ ? ":text" : "")
				values = values "\t" field
			}
			if (!(class in number)) {
				number[class] = n
				classes[n++] = class
			}
			events[++m] = "event\t" number[class] "\t" $1 "\t" $2 values
		}
		END {
			print "toy", "domain=kernel", "hostname=fridge", "sysname=Linux", \
				"kernel_release=6.1.0-56-amd64", "tracer_name=lttng-modules", \
				"tracer_major=2", "tracer_minor=13"
			for (i = 0; i < n; i++)
				print "class", classes[i]
			for (i = 1; i <= m; i++)
				print events[i]
		}' >"$tmp/fridge.toy"
}

waits() {
	"$tmp/with-toy" blocking --kallsyms "$traces/tcp-delay-classic/kallsyms" --format csv "$@"
}

the_waits_are_those_of_the_recording() {
	make_toy && waits "$trace" >"$tmp/recorded.csv" && waits "$tmp/fridge.toy" >"$tmp/toy.csv" &&
		[ "$(wc -l <"$tmp/recorded.csv")" -gt 100 ] && diff "$tmp/recorded.csv" "$tmp/toy.csv"
}
check 'a recording as a toy has the waits of the recording' the_waits_are_those_of_the_recording

the_name_is_known() {
	waits --source toy "$tmp/fridge.toy" | cmp - "$tmp/recorded.csv" &&
		"$tmp/with-toy" help blocking | grep -q 'auto (default), native, toy, perf or babeltrace' &&
		"$tmp/with-toy" completion bash | grep -q "words='auto native toy perf babeltrace'"
}
check 'help and completion know its name' the_name_is_known

exit "$failed"
