#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_bt2_errors.sh - what cannot be read or makes no sense, by babeltrace2's ways.
# shellcheck disable=SC1091,SC2154,SC2317 # bt2.sh is not followed; conditions are called by name
set -u

. "$(dirname "$0")/bt2.sh"
trap 'rm -rf "$tmp"' EXIT
disk=$traces/disk/trace

# has_line TEXT - standard error, its broken lines joined again, has that
has_line() {
	tr -s '\n ' '  ' <"$tmp/stderr" | grep -qF -- "$1" && return
	sed 's/^/# /' "$tmp/stderr"
	return 1
}

# ---- sink.flightbox.blocking -------------------------------------------------------------

# sink_refuses MESSAGE PARAMS [TRACE...] - nothing is printed, and the cause names flightbox
sink_refuses() {
	local message=$1 params=$2
	shift 2
	bt2 "${@:-$disk}" -c sink.flightbox.blocking -p "$params" >"$tmp/stdout" 2>"$tmp/stderr"
	[ $? = 1 ] && [ ! -s "$tmp/stdout" ] && has_line "flightbox: $message"
}

check an_unknown_parameter_is_refused sink_refuses \
	"parameter 'formt': there is none of that name; there are pid, tid, begin," 'formt="x"'
check an_unknown_format_is_refused sink_refuses \
	"parameter 'format': xml: expected text, jsonl or csv" 'format="xml"'
check a_parameter_of_another_type_is_refused sink_refuses \
	"parameter 'format': expected a text" 'format=yes'
check a_number_for_yes_is_refused sink_refuses "parameter 'all': 1: expected yes or no" 'all=1'
for pid in '"nc"' -3 '["x"]' '""' 99999999999; do
	check "a_pid_of_${pid}_is_refused" sink_refuses \
		"parameter 'pid': $(tr -d '[]"' <<<"$pid"): expected a number" "pid=$pid"
done
check a_pid_of_2.5_is_refused sink_refuses "parameter 'pid': expected a number" pid=2.5
check a_time_that_is_none_is_refused sink_refuses \
	"parameter 'begin': yesterday: expected a time" 'begin="yesterday"'
check times_in_the_wrong_order_are_refused sink_refuses \
	"parameter 'begin': +2s is after 'end' +1s" 'begin="+2s",end="+1s"'
check a_duration_that_is_none_is_refused sink_refuses \
	"parameter 'min-duration': 3: expected a duration" 'min-duration="3"'
check a_lead_that_is_none_is_refused sink_refuses \
	"parameter 'lead': 3: expected a duration" 'lead="3"'
check a_kallsyms_that_is_not_there_is_refused sink_refuses \
	'/nonexistent: No such file or directory' 'kallsyms="/nonexistent"'
check a_file_that_cannot_be_written_is_refused sink_refuses \
	'/nonexistent/x: No such file or directory' 'output="/nonexistent/x"'
check two_boots_are_refused_by_the_sink sink_refuses \
	"$(realpath "$disk")/kernel: recorded on host rigvm (boot " all=no "$disk" "$traces/waits-wait/trace"

an_unknown_process_is_told() {
	bt2 "$disk" -c sink.flightbox.blocking -p pid=99999 >"$tmp/stdout" 2>"$tmp/stderr"
	[ $? = 1 ] && [ "$(cat "$tmp/stdout")" = 'No waits' ] &&
		has_line 'flightbox: no process 99999 in the trace'
}
check an_unknown_process_is_told an_unknown_process_is_told

a_process_that_a_part_does_not_have_is_told() {
	bt2 "$disk" -c sink.flightbox.blocking -p 'pid=99999,end="+3s",lead="1s"' >"$tmp/stdout" 2>"$tmp/stderr"
	[ $? = 1 ] && has_line 'flightbox: no process 99999 in the part of the trace that was read'
}
check a_process_that_a_part_does_not_have_is_told a_process_that_a_part_does_not_have_is_told

a_name_that_nobody_has_is_told() {
	bt2 "$disk" -c sink.flightbox.blocking -p 'comm="lttng-*,nobody"' >"$tmp/stdout" 2>"$tmp/stderr"
	[ $? = 1 ] && grep -q 'report for task lttng-' "$tmp/stdout" &&
		has_line "flightbox: parameter 'comm': nobody: no task in the trace is called that; nearest: "
}
check a_name_that_nobody_has_is_told a_name_that_nobody_has_is_told

a_full_disk_is_told() {
	bt2 "$disk" -c sink.flightbox.blocking -p 'output="/dev/full"' >"$tmp/stdout" 2>"$tmp/stderr"
	[ $? = 1 ] && has_line 'flightbox: cannot write the report: No space left on device'
}
check a_full_disk_is_told a_full_disk_is_told

# ---- --source babeltrace and --source auto -----------------------------------------------

# refuses STATUS MESSAGE ARGUMENT... - the same message by every source that is given
refuses() {
	local status=$1 message=$2
	shift 2
	"$flightbox" blocking "$@" >"$tmp/stdout" 2>"$tmp/stderr"
	[ $? = "$status" ] && [ ! -s "$tmp/stdout" ] && [ "$(wc -l <"$tmp/stderr")" = 1 ] &&
		has_line "flightbox: $message"
}

two_boots() {
	"$flightbox" blocking --source native "$@" 2>"$tmp/native"
	refuses 2 "$(sed 's/^flightbox: //' "$tmp/native")" --source babeltrace "$@"
}
check two_boots_are_refused_by_the_same_line two_boots "$traces/waits-wait/trace" "$disk"
check a_path_that_is_not_there_is_told refuses 1 '/nonexistent: No such file or directory' \
	--source babeltrace /nonexistent
mkdir "$tmp/empty"
check an_empty_directory_is_told refuses 1 \
	"$tmp/empty: nothing here or below that babeltrace2's plugins recognise" \
	--source babeltrace "$tmp/empty"
check auto_speaks_of_our_own_reader refuses 1 \
	"$tmp/empty: no kernel trace here or below: no directory with a file 'metadata'" "$tmp/empty"
check a_live_session_is_not_for_our_own_reader refuses 2 \
	'--source native: only babeltrace reads live sessions' --source native net://localhost/host/a/b

# What babeltrace2 says comes as one line behind the trace.
copy() {
	rm -rf "$tmp/broken"
	cp -r "$disk" "$tmp/broken"
	chmod -R u+w "$tmp/broken"
	rm -r "$tmp/broken/kernel/index"
	channel=$tmp/broken/kernel/ch_0
}
a_file_cut_short_is_told() {
	copy
	truncate -s -100 "$channel"
	refuses 1 "$tmp/broken/kernel: babeltrace2: fs: Failed to index CTF stream file '$channel'" \
		--source babeltrace "$tmp/broken"
}
check a_file_cut_short_is_told a_file_cut_short_is_told

# Rows from before the broken place are printed, by the graph and by the sink.
is_cut_short() {
	[ "$(wc -l <"$tmp/stdout")" -gt 3 ] && tail -n 1 "$tmp/stdout" | grep -q '"complete":false'
}
a_broken_event_is_told() {
	copy
	head -c 400 /dev/zero | tr '\0' '\377' |
		dd of="$channel" bs=1 seek=$(($(stat -c %s "$channel") / 2)) conv=notrunc status=none
	"$flightbox" blocking --format jsonl --source babeltrace "$tmp/broken" >"$tmp/stdout" \
		2>"$tmp/stderr"
	[ $? = 1 ] && [ "$(wc -l <"$tmp/stderr")" = 1 ] && is_cut_short &&
		has_line "flightbox: $tmp/broken: babeltrace2: "
}
check a_broken_event_ends_the_report_with_a_line a_broken_event_is_told
cp "$tmp/stdout" "$tmp/graph"
the_sink_prints_what_came() {
	bt2 "$tmp/broken" -c sink.flightbox.blocking -p 'format="jsonl"' >"$tmp/stdout" 2>"$tmp/stderr"
	[ $? = 1 ] && is_cut_short && cmp "$tmp/stdout" "$tmp/graph"
}
check a_broken_event_ends_the_report_of_the_sink_alike the_sink_prints_what_came

# kallsyms belongs beside the directory of the metadata, and not into it.
rm -rf "$tmp/beside" && mkdir "$tmp/beside" && cp -r "$disk/kernel" "$tmp/beside"
echo 'ffffffff810f1230 t hrtimer_wakeup' >"$tmp/beside/kallsyms"
kallsyms_is_no_stream() {
	"$flightbox" blocking --source babeltrace "$tmp/beside" >"$tmp/stdout" 2>"$tmp/stderr" &&
		"$flightbox" blocking "$tmp/beside" | cmp - "$tmp/stdout" &&
		bt2 "$tmp/beside" -c sink.utils.counter -p step=+0 >/dev/null 2>"$tmp/stderr"
}
check kallsyms_beside_the_trace_is_no_part_of_it kallsyms_is_no_stream
mv "$tmp/beside/kallsyms" "$tmp/beside/kernel"
kallsyms_inside_is_told() {
	"$flightbox" blocking "$tmp/beside" | cmp - "$tmp/stdout" || return
	"$flightbox" info --source babeltrace "$tmp/beside" >"$tmp/stdout" 2>"$tmp/stderr"
	[ $? = 1 ] && has_line "$tmp/beside/kernel/kallsyms: babeltrace2 takes it for a part of the trace: move it"
}
check kallsyms_in_it_is_told_with_what_to_do kallsyms_inside_is_told

printf '\036{"type":"preamble","version":2}\n' >"$tmp/empty/metadata"
ctf2_is_told() {
	"$flightbox" blocking "$tmp/empty" >"$tmp/stdout" 2>"$tmp/stderr"
	[ $? = 1 ] && [ "$(wc -l <"$tmp/stderr")" = 1 ] && has_line "flightbox: $tmp/empty"
}
check ctf_2_without_a_plugin_for_it_is_told ctf2_is_told

# babeltrace2 2.0.4 takes this for a trace, and does not come to an end over some damaged ones.
babeltrace_is_not_asked() {
	printf '/* CTF 1.8 */\ntrace { major = 1; minor = 8; byte_order = le; };\n%s\n' \
		'event { name = "e"; };' >"$tmp/empty/metadata"
	"$flightbox" info "$tmp/empty" >"$tmp/stdout" 2>"$tmp/stderr"
	[ $? = 1 ] && has_line "$tmp/empty: no kernel trace (domain \"unknown\"); flightbox reads"
}
check babeltrace2_is_not_asked_about_ctf_1_8 babeltrace_is_not_asked

exit "$failed"
