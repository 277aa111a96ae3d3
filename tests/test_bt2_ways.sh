#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_bt2_ways.sh - the three ways into flightbox print the same bytes: its own reader,
# its own graph of babeltrace2's, and its sink inside the command babeltrace2.
# shellcheck disable=SC1091,SC2154,SC2317 # bt2.sh is not followed; conditions are called by name
set -u

# shellcheck source-path=SCRIPTDIR source=bt2.sh
. "$(dirname "$0")/bt2.sh"
trap 'rm -rf "$tmp"' EXIT

# same A B - two files that say the same, and something
same() {
	[ -s "$1" ] && cmp "$1" "$2" && return
	diff "$1" "$2" | cut -c 1-300 | head -n 6 | sed 's/^/# /'
	cat "$tmp/stderr"
	return 1
}

# by_graph OPTION... TRACE... - our reader and our graph
by_graph() {
	"$flightbox" "$@" >"$tmp/native" 2>"$tmp/stderr" || return 1
	"$flightbox" "$1" --source babeltrace "${@:2}" >"$tmp/graph" 2>"$tmp/stderr" || return 1
	same "$tmp/native" "$tmp/graph"
}

# by_sink PARAMS OPTION... TRACE... - our reader and our sink; the last argument is the one trace
by_sink() {
	local params=$1
	shift
	"$flightbox" "$@" >"$tmp/native" 2>"$tmp/stderr" || return 1
	bt2 "${@: -1}" -c sink.flightbox.blocking ${params:+-p "$params"} >"$tmp/sink" \
		2>"$tmp/stderr" || return 1
	same "$tmp/native" "$tmp/sink"
}

three_ways() {
	by_graph blocking --format jsonl "$1" && by_sink 'format="jsonl"' blocking --format jsonl "$1"
}

for dir in "$traces"/*/trace; do
	name=$(basename "$(dirname "$dir")")
	bt2_reads "$dir" "the_three_ways_agree_on_$name" || continue
	check "the_three_ways_agree_on_$name" three_ways "$dir"
done

# Snapshots by themselves: which CPUs begin late, messages do not tell.
for dir in "$traces"/snapshot-snapshot/trace/*; do
	check "the_three_ways_agree_on_$(basename "$dir")" three_ways "$dir"
done
second=$(printf '%s\n' "$traces"/snapshot-snapshot/trace/second-*)
check a_snapshots_sums_are_the_same_by_graph by_graph blocking --summary "$second"
check a_snapshots_sums_are_the_same_by_sink by_sink 'summary=yes' blocking --summary "$second"

disk=$traces/disk/trace rotated=$traces/snapshot-rotate/trace lost=$traces/lost-events-small/trace
contexts=$traces/variants-all-contexts/trace

check text_is_the_same_by_graph by_graph blocking "$disk"
check text_is_the_same_by_sink by_sink '' blocking "$disk"
check csv_is_the_same_by_sink by_sink 'format="csv",time="utc"' blocking --format csv --time utc "$disk"
check a_summary_is_the_same_by_sink by_sink 'summary=yes' blocking --summary "$disk"
check options_are_the_same_by_sink by_sink \
	'format="csv",begin="+0.2s",end="+0.6s",comm="*d*",min-duration="20us",all=yes,include-edges=yes' \
	blocking --format csv --begin +0.2s --end +0.6s --comm '*d*' --min-duration 20us --all \
	--include-edges "$disk"
for trace in "$disk" "$lost"; do
	name=$(basename "$(dirname "$trace")")
	check "latency_is_the_same_by_graph_in_$name" by_graph latency --format jsonl --top 1000 "$trace"
	check "softirqs_are_the_same_by_graph_in_$name" by_graph latency --softirq \
		--min-duration 100us "$trace"
done
for trace in "$disk" "$lost" "$contexts" "$rotated"; do
	name=$(basename "$(dirname "$trace")")
	check "events_are_the_same_by_graph_in_$name" by_graph dump "$trace"
	check "info_is_the_same_by_graph_in_$name" by_graph info --format jsonl "$trace"
	check "a_profile_is_the_same_by_graph_of_$name" by_graph profile "$trace"
done

# Who ran at each switch and waking, as babeltrace2 itself prints it.
contexts_are_as_babeltrace2_prints_them() {
	"$flightbox" dump --kind 'sched_*' "$contexts" 2>"$tmp/stderr" |
		sed -nE 's/^([0-9]+) [0-9]+ sched_(switch|waking) .* context_tid=([^ ]+) context_pid=([^ ]+) context_procname=(.*)$/\1 \3 \4 \5/p' |
		tr -d '"' >"$tmp/native"
	bt2 --clock-cycles "$contexts" 2>"$tmp/stderr" |
		sed -nE 's/^\[0*([0-9]+)\].* sched_(switch|waking): .* tid = ([0-9]+), pid = ([0-9]+), procname = "([^"]*)".*/\1 \3 \4 \5/p' \
			>"$tmp/graph"
	same "$tmp/native" "$tmp/graph"
}
check contexts_are_as_babeltrace2_prints_them contexts_are_as_babeltrace2_prints_them
check a_profile_of_a_part_is_the_same_by_graph by_graph profile --begin +0.2s --end +0.6s \
	--lead 50ms "$disk"

# by_parts BEGIN END LEAD TRACE - a part is the same by all ways
by_parts() {
	local begin=$1 end=$2 lead=$3 trace=$4 params options
	params="begin=\"$begin\",end=\"$end\",lead=\"$lead\",include-edges=yes"
	options=(blocking --begin "$begin" --end "$end" --lead "$lead" --include-edges)
	by_graph "${options[@]}" "$trace" && by_sink "$params" "${options[@]}" "$trace" || return 1
	grep -q '^Read ' "$tmp/native" || return 1
	options+=(--format jsonl)
	"$flightbox" "${options[@]}" "$trace" >"$tmp/native" &&
		"$flightbox" "${options[@]}" --source babeltrace "$trace" >"$tmp/graph" &&
		bt2 "$trace" -c sink.flightbox.blocking -p "$params,format=\"jsonl\"" >"$tmp/sink" ||
		return 1
	same "$tmp/native" "$tmp/graph" && same "$tmp/native" "$tmp/sink"
}
check a_part_is_the_same_by_all_ways_in_lost-events-small by_parts +0.7s +0.8s 100ms "$lost"
check a_part_without_lead_is_the_same_by_all_ways_in_lost-events-small by_parts +0.9s +1s 0 "$lost"
for trace in "$disk" "$contexts" "$rotated" "$traces/variants-no-statedump/trace"; do
	name=$(basename "$(dirname "$trace")")
	check "a_part_is_the_same_by_all_ways_in_$name" by_parts +1.7s +1.8s 100ms "$trace"
	check "a_part_without_lead_is_the_same_by_all_ways_in_$name" by_parts +1.9s +2s 0 "$trace"
done

# The sink wants no more than the part: babeltrace2 stops there, and never meets what is broken behind.
a_sink_stops_behind_its_part() {
	local cut=$tmp/broken size
	cp -r "$disk" "$cut" && chmod -R u+w "$cut" && size=$(stat -c %s "$cut/kernel/ch_0") || return 1
	head -c 65536 /dev/zero | tr '\0' '\377' |
		dd of="$cut/kernel/ch_0" bs=4096 seek=$((size * 3 / 4 / 4096)) conv=notrunc 2>/dev/null || return 1
	! bt2 "$cut" -c sink.flightbox.blocking >/dev/null 2>&1 &&
		bt2 "$cut" -c sink.flightbox.blocking -p 'end="+1s",lead="1s"' >/dev/null 2>"$tmp/stderr"
}
check a_sink_stops_behind_its_part a_sink_stops_behind_its_part

# The chunks of a session, each given by itself.
mapfile -t chunks < <(find "$rotated" -name metadata -printf '%h\n' | sort)
several_directories() {
	local symbols=$traces/snapshot-rotate/kallsyms

	[ "${#chunks[@]}" -gt 1 ] || return 1
	by_graph blocking --format jsonl --kallsyms "$symbols" "${chunks[@]}" || return 1
	bt2 "${chunks[@]}" -c sink.flightbox.blocking \
		-p "format=\"jsonl\",kallsyms=\"$symbols\"" >"$tmp/sink" 2>"$tmp/stderr" &&
		same "$tmp/native" "$tmp/sink"
}
check the_three_ways_agree_on_several_directories several_directories

# Our own source in front of our own sink.
by_source() {
	"$flightbox" blocking --format jsonl "$1" >"$tmp/native"
	bt2 run -c "a:source.flightbox.lttng-kernel" -p "inputs=[\"$1\"]" \
		-c b:sink.flightbox.blocking -p 'format="jsonl"' -x a:b >"$tmp/sink" \
		2>"$tmp/stderr" || return 1
	# It hands out only what flightbox models, so it cannot count the other events.
	sed -i -E 's/"events":[0-9]+/"events":0/' "$tmp/native" "$tmp/sink"
	same "$tmp/native" "$tmp/sink"
}
for trace in "$disk" "$lost"; do
	check "our_source_before_our_sink_in_$(basename "$(dirname "$trace")")" by_source "$trace"
done

into_a_file() {
	"$flightbox" blocking --format jsonl "$disk" >"$tmp/native"
	bt2 "$disk" -c sink.flightbox.blocking -p "format=\"jsonl\",output=\"$tmp/file\"" \
		>"$tmp/sink" && [ ! -s "$tmp/sink" ] && same "$tmp/native" "$tmp/file"
}
check a_sink_writes_into_a_file into_a_file

exit "$failed"
