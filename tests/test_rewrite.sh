#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_rewrite.sh - the traces that tests/tools/rewrite makes hold what the recorded ones
# hold: babeltrace2 and flightbox find the same events in them, but for what was to change.
# shellcheck disable=SC1091,SC2154,SC2317 # bt2.sh is not followed; conditions are called by name
set -u
LC_ALL=C
export LC_ALL

# shellcheck source-path=SCRIPTDIR source=bt2.sh
. "$(dirname "$0")/bt2.sh"
trap 'rm -rf "$tmp"' EXIT
rewrite=$plugins/tools/rewrite

# same A B - two texts that are equal, and not empty
same() {
	[ -s "$1" ] && cmp -s "$1" "$2" && return
	diff "$1" "$2" | cut -c 1-300 | head -n 6 | sed 's/^/# /'
	return 1
}

# made OPTION... TRACE - the rewritten trace, at $tmp/made
made() {
	rm -rf "$tmp/made"
	"$rewrite" "$@" "$tmp/made"
}

# dump TRACE - the modelled events, without marks of losses, whose times are those of packets
dump() {
	"$flightbox" dump "$1" 2>>"$tmp/messages" | grep -v '^[0-9]* [0-9]* lost '
}

# print TRACE - all events, by babeltrace2: CLOCK HOST EVENT …, without texts: of an empty one
# babeltrace2 2.0.4 prints what the field held in some event before.
print() {
	babeltrace2 --clock-cycles --no-delta --color=never "$1" 2>"$tmp/warnings" |
		sed -E 's/^\[0*([0-9]+)\]/\1/; s/"[^"]*"/""/g'
}

# rows TRACE - its whole waits, with monotonic times in columns 5 to 7. Those that the trace's end cuts
# off end in its repetition.
rows() {
	"$flightbox" blocking --format csv --kallsyms "$symbols" "$1" 2>>"$tmp/messages" |
		awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "quality") quality = i; next }
			$quality != "edge"'
}

# end_of TRACE - the last line of `info`, for machines
end_of() {
	"$flightbox" info --format jsonl "$1" 2>>"$tmp/messages" | tail -n 1
}

# number NAME - of the line on stdin
number() {
	sed -E 's/.*"'"$1"'":([0-9]+).*/\1/'
}

# folded LINES PERIOD - repetitions of so many lines, their times moved back onto the first
folded() {
	awk -v lines="$1" -v period="$2" '{
		rest = substr($0, length($1) + 1)
		printf "%.0f%s\n", $1 - int((NR - 1) / lines) * period, rest
	}'
}

# ---- repeated -------------------------------------------------------------------------------

once() {
	made "$1" || return 1
	(cd "$1" && find . -type f ! -name metadata ! -path '*/index/*') >"$tmp/files"
	while read -r file; do
		cmp "$1/$file" "$tmp/made/$file" || return 1
	done <"$tmp/files"
	[ -s "$tmp/files" ]
}
for dir in "$traces"/*/trace; do
	name=$(basename "$(dirname "$dir")")
	# Packets that are in both snapshots are written once; edges has none of LTTng's form.
	case $name in
	snapshot-snapshot | edges) ;;
	*) check "rewrite: once is the same bytes: $name" once "$dir" ;;
	esac
done

# Sets `period`: how far apart repetitions are.
find_period() {
	local length begin end

	begin=$(end_of "$1" | number begin)
	end=$(end_of "$1" | number end)
	length=$((end - begin))
	period=$((($(end_of "$tmp/made" | number end) - end) / 2))
	[ "$period" -gt "$length" ] && [ $((period % (1 << 32))) -eq 0 ]
}

thrice() {
	made --repeat 3 "$1" && find_period "$1"
}

dumps_thrice() {
	dump "$1" >"$tmp/one"
	cat "$tmp/one" "$tmp/one" "$tmp/one" >"$tmp/expected"
	dump "$tmp/made" | folded "$(wc -l <"$tmp/one")" "$period" >"$tmp/found"
	same "$tmp/expected" "$tmp/found"
}

prints_thrice() {
	print "$1" >"$tmp/one"
	cat "$tmp/one" "$tmp/one" "$tmp/one" >"$tmp/expected"
	print "$tmp/made" | folded "$(wc -l <"$tmp/one")" "$period" >"$tmp/found"
	same "$tmp/expected" "$tmp/found"
}

# losses TRACE - per CPU, as `info` says
losses() {
	end_of "$1" | grep -oE '"events":[0-9]+,"packets":[0-9]+\}' | tr -cs '0-9\n' ' '
}

loses_thrice() {
	losses "$1" | awk '{ print $1 * 3, $2 * 3 }' >"$tmp/expected"
	losses "$tmp/made" | awk '{ print $1 + 0, $2 + 0 }' >"$tmp/found"
	cmp "$tmp/expected" "$tmp/found"
}

counts_thrice() {
	: >"$tmp/messages"
	[ "$(end_of "$tmp/made" | number events)" -eq $((3 * $(end_of "$1" | number events))) ] &&
		[ "$(end_of "$tmp/made" | number problems)" -eq 0 ] &&
		[ "$(end_of "$tmp/made" | number clock_steps)" -eq 0 ] && [ ! -s "$tmp/messages" ]
}

# packets TRACE CPU - SEQ DISCARDED of each, as lttng-modules 2.13 writes them: 32 bytes of
# header; begin, end, content size, packet size, sequence number, discarded events, CPU
packets() {
	local file at size fields

	find "$1" -name "ch_$2" | sort | while read -r file; do
		at=0 size=$(stat -c %s "$file")
		while [ "$at" -lt "$size" ]; do
			mapfile -t fields < <(od -An -v -t u8 -w8 -j $((at + 32)) -N 48 "$file")
			echo $((fields[4])) $((fields[5]))
			at=$((at + fields[3] / 8))
		done
	done
}

# Neither a gap at the seams nor anything twice, also where the stream is in several files.
counters_go_on() {
	local cpu

	for cpu in 0 1; do
		packets "$1" "$cpu" >"$tmp/one"
		packets "$tmp/made" "$cpu" >"$tmp/three"
		seq 0 $(($(wc -l <"$tmp/one") * 3 - 1)) >"$tmp/expected"
		cut -d ' ' -f 1 "$tmp/three" >"$tmp/found"
		same "$tmp/expected" "$tmp/found" || return 1
		cut -d ' ' -f 2 "$tmp/three" | sort -nc || return 1
		[ "$(tail -n 1 "$tmp/three" | cut -d ' ' -f 2)" -eq \
			$((3 * $(tail -n 1 "$tmp/one" | cut -d ' ' -f 2))) ] || return 1
	done
}
# Large and compact headers, several channels, chunks, snapshots that overlap, losses.
for name in tcp-delay-classic variants-multichannel snapshot-rotate snapshot-snapshot \
	lost-events-small lost-events-overwrite; do
	trace=$traces/$name/trace
	check "rewrite: repetitions are apart by more than their length: $name" thrice "$trace"
	check "rewrite: repeated, it has three times the events and no problem: $name" \
		counts_thrice "$trace"
	check "rewrite: repeated, events differ in time alone, by flightbox: $name" \
		dumps_thrice "$trace"
	check "rewrite: repeated, events differ in time alone, by babeltrace2: $name" \
		prints_thrice "$trace"
	check "rewrite: repeated, it loses three times as much: $name" loses_thrice "$trace"
	case $name in
	lost-events-small | snapshot-rotate)
		check "rewrite: repeated, packets are numbered on: $name" counters_go_on "$trace"
		;;
	esac
done

# Waits over a seam begin before their repetition. One system call that was open when the
# recording began is, in a repetition, taken for the one that was open at the end of the
# one before: its file descriptor, column 12, is left out.
waits_thrice() {
	local begin

	begin=$(dump "$1" | head -n 1 | cut -d ' ' -f 1)
	rows "$1" | cut -d , -f 1-11,13- >"$tmp/one"
	cat "$tmp/one" "$tmp/one" "$tmp/one" >"$tmp/expected"
	rows "$tmp/made" | cut -d , -f 1-11,13- | awk -F , -v OFS=, -v begin="$begin" \
		-v period="$period" '{
			nth = int(($7 - begin) / period)
			for (column = 5; column <= 7; column++)
				$column = sprintf("%.0f", $column - nth * period)
			if ($5 + 0 >= begin)
				print
		}' >"$tmp/found"
	same "$tmp/expected" "$tmp/found"
}
first_waits() {
	rows "$1" >"$tmp/expected"
	rows "$tmp/made" | head -n "$(wc -l <"$tmp/expected")" >"$tmp/found"
	same "$tmp/expected" "$tmp/found"
}
for name in disk waits-futex; do
	trace=$traces/$name/trace symbols=$traces/$name/kallsyms
	check "rewrite: repetitions are apart by more than their length: $name" thrice "$trace"
	check "rewrite: repeated, the first waits are the trace's own: $name" first_waits "$trace"
	check "rewrite: repeated, waits differ in time alone but at seams: $name" \
		waits_thrice "$trace"
done

# ---- eight CPUs, compact headers ------------------------------------------------------------

tid_step=10000000 skew=1000003
trace=$traces/disk/trace symbols=$traces/disk/kallsyms

is_compact() {
	made --cpus 8 --compact "$trace" &&
		grep -q 'event.header := struct event_header_compact;' "$tmp/made/kernel/metadata" &&
		! grep -q 'event.header := struct event_header_large;' "$tmp/made/kernel/metadata"
}
check "rewrite: eight CPUs: headers are compact" is_compact

reads_well() {
	: >"$tmp/messages"
	end_of "$tmp/made" >"$tmp/end"
	[ "$(number events <"$tmp/end")" -eq $((4 * $(end_of "$trace" | number events))) ] &&
		[ "$(number cpus <"$tmp/end")" -eq 8 ] && [ "$(number problems <"$tmp/end")" -eq 0 ] &&
		[ "$(number clock_steps <"$tmp/end")" -eq 0 ] && [ ! -s "$tmp/messages" ]
}
check "rewrite: eight CPUs: four times the events and no problem" reads_well

# Whatever was not changed as it should be becomes negative here, and different.
copy_differs_as_it_should() {
	dump "$trace" >"$tmp/expected"
	dump "$tmp/made" | awk -F '[ ]' -v OFS=' ' -v copy="$1" -v step="$tid_step" -v skew="$skew" '
		int($2 / 2) != copy { next }
		{
			$1 = sprintf("%.0f", $1 - copy * skew)
			$2 -= 2 * copy
			for (i = 3; i <= NF; i++) {
				n = split($i, part, "=")
				if (n == 2 && part[1] == "target_cpu")
					$i = part[1] "=" part[2] - 2 * copy
				if (n == 2 && part[1] ~ /[tp]id$/ && part[2] > 0)
					$i = part[1] "=" part[2] - copy * step
			}
			print
		}' >"$tmp/found"
	same "$tmp/expected" "$tmp/found"
}
for copy in 0 1 2 3; do
	check "rewrite: eight CPUs: copy $copy has other times, CPUs and tasks alone" \
		copy_differs_as_it_should "$copy"
done

prints_the_first_copy() {
	print "$trace" >"$tmp/expected"
	print "$tmp/made" >"$tmp/all"
	grep -E '\{ cpu_id = [01] \}' "$tmp/all" >"$tmp/found"
	[ "$(wc -l <"$tmp/all")" -eq $((4 * $(wc -l <"$tmp/expected"))) ] && [ ! -s "$tmp/warnings" ] &&
		same "$tmp/expected" "$tmp/found"
}
check "rewrite: eight CPUs: the first two are as they were, by babeltrace2" prints_the_first_copy

# The copies' tasks wait as often, and the first ones exactly as they did.
waits_of_copies() {
	local copy

	rows "$trace" >"$tmp/expected"
	rows "$tmp/made" >"$tmp/all"
	awk -F , -v step="$tid_step" '$1 < step' "$tmp/all" >"$tmp/found"
	same "$tmp/expected" "$tmp/found" || return 1
	for copy in 1 2 3; do
		[ "$(awk -F , -v step="$tid_step" -v copy="$copy" 'int($1 / step) == copy' "$tmp/all" |
			wc -l)" -eq "$(wc -l <"$tmp/expected")" ] || return 1
	done
}
check "rewrite: eight CPUs: the first copy's waits are the trace's own" waits_of_copies

# ---- in CTF 2 ---------------------------------------------------------------------------------

# format_of TRACE - "CTF 2"
format_of() {
	"$flightbox" info "$1" 2>>"$tmp/messages" | sed -n 's/^Format  *//p'
}

# waits_of TRACE - without the first line, which names the trace
waits_of() {
	"$flightbox" blocking --all --kallsyms "$symbols" --format jsonl "$1" 2>>"$tmp/messages" |
		tail -n +2
}

is_the_same_in_ctf2() {
	made --ctf2 "$1" && [ "$(format_of "$tmp/made")" = 'CTF 2' ] || return 1
	dump "$1" >"$tmp/expected"
	dump "$tmp/made" >"$tmp/found"
	same "$tmp/expected" "$tmp/found" || return 1
	waits_of "$1" >"$tmp/expected"
	waits_of "$tmp/made" >"$tmp/found"
	same "$tmp/expected" "$tmp/found"
}
for dir in "$traces"/*/trace; do
	name=$(basename "$(dirname "$dir")")
	# See above of the first two.
	case $name:$(format_of "$dir") in
	snapshot-snapshot:* | edges:* | *:'CTF 2') ;;
	*) check "rewrite: says the same in CTF 2: $name" is_the_same_in_ctf2 "$dir" ;;
	esac
done

# ---- refusals -------------------------------------------------------------------------------

# refuses MESSAGE ARGUMENT... - with one line that says why
refuses() {
	local message=$1

	shift
	! "$rewrite" "$@" >"$tmp/said" 2>&1 && [ "$(wc -l <"$tmp/said")" -eq 1 ] &&
		grep -qE "^rewrite: .*$message" "$tmp/said" && return
	sed 's/^/# /' "$tmp/said"
	return 1
}
mkdir "$tmp/empty"
check "rewrite: refuses to overwrite" refuses 'made: File exists' "$trace" "$tmp/made"
check "rewrite: refuses CPUs that copies do not fill" refuses 'has 2 CPUs' --cpus 3 "$trace" "$tmp/no"
check "rewrite: refuses what is no trace" refuses 'no kernel trace' "$tmp/empty" "$tmp/no"
cp -r "$trace" "$tmp/cut"
truncate -s -5000 "$tmp/cut/kernel/ch_0"
check "rewrite: refuses a trace that is cut" refuses 'ch_0: byte' "$tmp/cut" "$tmp/no"

exit "$failed"
