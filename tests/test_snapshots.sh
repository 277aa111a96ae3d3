#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_snapshots.sh - recordings that are not all of what happened: snapshots, whose CPUs tell from
# different times on; snapshots and chunks of one session, which are one trace; a chunk that
# is missing. What is true is taken from packet headers and from babeltrace2's events.
# shellcheck disable=SC1091,SC2154,SC2317 # bt2.sh is not followed; conditions are called by name
set -u
LC_ALL=C
export LC_ALL

# shellcheck source-path=SCRIPTDIR source=bt2.sh
. "$(dirname "$0")/bt2.sh"
trap 'rm -rf "$tmp"' EXIT

snapshots=$traces/snapshot-snapshot/trace
rotated=$traces/snapshot-rotate/trace
symbols=$traces/snapshot-rotate/kallsyms
mapfile -t chunks < <(printf '%s\n' "$rotated"/archives/* | sort)

# packets FILE - "BEGIN END SEQ" of each, by the layout of LTTng 2.13 on x86-64
packets() {
	local offset=0 size header
	size=$(stat -c %s "$1")
	while [ "$offset" -lt "$size" ]; do
		# shellcheck disable=SC2207 # numbers
		header=($(od -A n -v -t u8 -w40 -j $((offset + 32)) -N 40 "$1"))
		echo "${header[0]} ${header[1]} ${header[4]}"
		offset=$((offset + header[3] / 8))
	done
}

# window DIR - the time of which all CPUs tell, by the packets
window() {
	local file
	for file in "$1"/kernel/ch_*; do
		packets "$file" | awk 'NR == 1 { begin = $1; seq = $3 } { end = $2 }
			END { print begin, end, seq }'
	done | awk '{ b[NR] = $1; seq[NR] = $3; if (!first || $1 < first) first = $1
			if (!end || $2 < end) end = $2 }
		END { for (i in b) if (seq[i] && b[i] > first && b[i] > begin) begin = b[i]
			print begin, end }'
}

# rows TRACE - TID,BEGIN,WAKE,END,ASLEEP,QUALITY, by the trace's clock
rows() {
	"$flightbox" blocking --format csv --kallsyms "$symbols" "$1" 2>>"$tmp/messages" |
		awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "quality") quality = i; next }
			{ print $1 "," $5 "," $6 "," $7 "," $8 "," $quality }'
}

# ---- snapshots ----------------------------------------------------------------------------

# edges_reach_out DIR IN OUT - what reaches out of the window is edge and nothing else is; at least
# so many rows are in it, and out of it
edges_reach_out() {
	local begin end
	read -r begin end < <(window "$1")
	rows "$1" | awk -F, -v begin="$begin" -v end="$end" -v in_it="$2" -v out_of_it="$3" '
		{ out = $2 == "" || $2 < begin || $4 == "" || $4 > end; n[out]++
		  if (out != ($6 == "edge")) { print "# " $0; bad = 1 } }
		END { exit bad || n[0] < in_it || n[1] < out_of_it }'
}

# the_window_is_said DIR - in the footer and in the end line, in ns by the trace's clock and since 1970
the_window_is_said() {
	local begin end offset
	read -r begin end < <(window "$1")
	"$flightbox" blocking "$1" >"$tmp/text"
	"$flightbox" info --format jsonl "$1" >"$tmp/jsonl"
	offset=$(sed -nE '1s/.*"offset":([0-9]+).*/\1/p' "$tmp/jsonl")
	grep -q "^Whole from $begin to $end, and sums are of that: cpu 0's record begins " \
		"$tmp/text" &&
		tail -n 1 "$tmp/jsonl" | grep -q "\"window\":{\"begin\":$((begin + offset)),\"end\":$(
		)$((end + offset)),\"late\":\[{\"cpu\":0,\"begin\":$((begin + offset))}\]},"
}

# sums_are_of_the_window DIR - --summary counts the rows in it, and the rest is said to be left out
sums_are_of_the_window() {
	local begin end in_it out_of_it counted
	read -r begin end < <(window "$1")
	read -r in_it out_of_it < <(rows "$1" | awk -F, -v begin="$begin" -v end="$end" '
		$2 == "" || $2 < begin || $4 == "" || $4 > end { out++; next }
		$5 != "" { n++ }
		END { print n, out }')
	counted=$("$flightbox" blocking --summary --format csv "$1" |
		awk -F, '$1 == "syscall" { n += $3 } END { print n }')
	[ "$counted" = "$in_it" ] && "$flightbox" blocking --summary "$1" |
		grep -q "^$out_of_it waits began before the trace was whole or outlasted it and are left out "
}

first=$(printf '%s\n' "$snapshots"/first-*) second=$(printf '%s\n' "$snapshots"/second-*)
check edges_reach_out_of_the_first_snapshot edges_reach_out "$first" 460 25
check edges_reach_out_of_the_second_snapshot edges_reach_out "$second" 70 250
check the_first_window_is_said the_window_is_said "$first"
check the_second_window_is_said the_window_is_said "$second"
check sums_are_of_the_first_window sums_are_of_the_window "$first"
check sums_are_of_the_second_window sums_are_of_the_window "$second"

# Packets that both have count once: what one of them knows for sure is in both together, and no
# wait is there twice.
snapshots_are_one() {
	rows "$snapshots" | grep ',exact$' | sort >"$tmp/both"
	{ rows "$first"; rows "$second"; } | grep ',exact$' | sort -u >"$tmp/each"
	[ "$(wc -l <"$tmp/each")" -gt 500 ] && [ -z "$(comm -13 "$tmp/both" "$tmp/each")" ] &&
		[ -z "$(rows "$snapshots" | cut -d , -f 1,2 | grep -v ',$' | sort | uniq -d)" ]
}
check two_snapshots_are_one_trace snapshots_are_one

all_packets_count_once() {
	local events
	events=$(babeltrace2 "$snapshots" 2>/dev/null | wc -l)
	"$flightbox" info --format jsonl "$snapshots" | tail -n 1 | grep -q "\"events\":$events,"
}
check packets_of_two_snapshots_count_once all_packets_count_once

# ---- chunks -------------------------------------------------------------------------------

# The streams of all chunks, one behind the other: what an unrotated session would have written.
unbroken() {
	local cpu
	mkdir -p "$tmp/unbroken/kernel"
	cp "${chunks[0]}/kernel/metadata" "$tmp/unbroken/kernel"
	for cpu in 0 1; do
		cat "${chunks[@]/%//kernel/ch_$cpu}" >"$tmp/unbroken/kernel/ch_$cpu"
	done
}

chunks_join() {
	[ "${#chunks[@]}" -eq 4 ] && unbroken || return 1
	"$flightbox" blocking --all --format jsonl --kallsyms "$symbols" "$tmp/unbroken" >"$tmp/one"
	"$flightbox" blocking --all --format jsonl --kallsyms "$symbols" "$rotated" >"$tmp/four"
	[ "$(wc -l <"$tmp/one")" -gt 1500 ] && cmp "$tmp/one" "$tmp/four"
}
check chunks_join_into_one_trace chunks_join

# Over each seam there are waits, and in babeltrace2's events their tasks leave a CPU when they begin,
# come back when they end, and are not switched in between.
waits_span_seams() {
	local chunk seams=()
	for chunk in "${chunks[@]:1}"; do
		seams+=("$(packets "$chunk/kernel/ch_0" | awk 'NR == 1 { print $1 }')")
	done
	rows "$rotated" | awk -F, -v seams="${seams[*]}" 'BEGIN { n = split(seams, seam, " ") }
		$2 != "" && $4 != "" { for (i = 1; i <= n; i++)
			if ($2 < seam[i] && $4 > seam[i]) print i, $1, $2, $4 }' >"$tmp/spanning"
	[ "$(cut -d ' ' -f 1 "$tmp/spanning" | sort -u | wc -l)" -eq 3 ] || return 1
	babeltrace2 --clock-cycles --no-delta "$rotated" 2>/dev/null |
		sed -nE 's/^\[0*([0-9]+)\].* sched_switch: .* prev_tid = ([0-9]+),.* next_tid = ([0-9]+).*/\1 \2 \3/p' |
		awk 'NR == FNR { tid[NR] = $2; begin[NR] = $3; end[NR] = $4; n = NR; next }
		{ for (i = 1; i <= n; i++) {
			if ($2 == tid[i] && $1 == begin[i] || $3 == tid[i] && $1 == end[i]) found[i]++
			if (($2 == tid[i] || $3 == tid[i]) && $1 > begin[i] && $1 < end[i]) bad = 1
		} }
		END { for (i = 1; i <= n; i++) if (found[i] != 2) bad = 1; exit bad || n < 20 }' \
		"$tmp/spanning" -
}
check waits_over_seams_are_single_and_whole waits_span_seams

a_chunk_is_missing() {
	local lost
	mkdir -p "$tmp/holed"
	cp -r "${chunks[0]}" "${chunks[2]}" "${chunks[3]}" "$tmp/holed"
	# Sequence numbers 1 and 2 of both CPUs, between the packets around them.
	lost=$("$flightbox" info --format jsonl "$tmp/holed" | tail -n 1)
	[[ $lost == *'"losses":[{"cpu":0,"events":0,"packets":2,'*'},{"cpu":1,"events":0,"packets":2,'* ]] || return 1
	rows "$rotated" | cut -d , -f 1-5 | sort >"$tmp/whole"
	rows "$tmp/holed" | grep ',exact$' | sort >"$tmp/sure"
	[ "$(wc -l <"$tmp/sure")" -gt 800 ] &&
		[ -z "$(cut -d , -f 1-5 "$tmp/sure" | comm -13 "$tmp/whole" -)" ] &&
		awk -F, '$2 < 12515970506 && $4 > 11613546732 { bad = 1 } END { exit bad }' "$tmp/sure"
}
check a_missing_chunk_is_lost_packets a_chunk_is_missing

exit "$failed"
