#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_record.sh - scripts/record with a fake lttng that writes down what it is told.
# shellcheck disable=SC2317,SC2016 # conditions are called by name, or are text for eval
set -u
unset SUDO_UID SUDO_GID SUDO_USER LTTNG_HOME

here=$(cd "$(dirname "$0")" && pwd)
script=$here/../scripts/record
# Not in TMPDIR, which may be where others could change it.
tmp=$(mktemp -d -p /tmp)
trap 'rm -rf "$tmp"' EXIT
failed=0
mkdir "$tmp/bin" "$tmp/home"
chmod 755 "$tmp"

# The fake refuses what matches the line in `refuse`; `offered`, `session` and `said_at_stop` hold
# what it answers to list --kernel, list SESSION and stop. `on_enable` is run when events are enabled.
cat >"$tmp/bin/lttng" <<END
#!/bin/sh
tmp=$tmp
END
cat >>"$tmp/bin/lttng" <<'END'
echo "$*" >>"$tmp/flags"
awk '/^Uid/ { u = $2 } /^Gid/ { g = $2 } /^Groups/ { print u ":" g " " $2 }' /proc/self/status >"$tmp/groups_of_lttng"
[ "$1" != --no-sessiond ] || shift
echo "$*" >>"$tmp/calls"
if [ -s "$tmp/refuse" ] && echo "$*" | grep -qE -f "$tmp/refuse"; then
	echo "Error: no" >&2
	exit 1
fi
case $* in
'--mi xml list --kernel') cat "$tmp/offered" ;;
'--mi xml list s') cat "$tmp/session" ;;
'list s') grep -q '^create' "$tmp/calls" ;;
enable-event*) ! [ -e "$tmp/on_enable" ] || sh "$tmp/on_enable" 2>/dev/null || : ;;
stop*) cat "$tmp/said_at_stop" ;;
create*)
	echo "[global]" >"${LTTNG_HOME:-$HOME}/.lttngrc"
	out=${3#--output=}
	umask 0
	mkdir -m 770 "$out/kernel"
	echo trace >"$out/kernel/metadata"
	;;
destroy*) [ -e "$tmp/started" ] || rm -rf "$(sed -n 's/^create.*--output=//p' "$tmp/calls")/kernel" ;;
start*) touch "$tmp/started" ;;
esac
END
cat >"$tmp/bin/lttng-sessiond" <<END
#!/bin/sh
echo "lttng-sessiond \$*" >>"$tmp/calls"
END
cat >"$tmp/bin/id" <<END
#!/bin/sh
[ "\$1" = -nG ] && cat $tmp/groups || cat $tmp/uid
END
cat >"$tmp/bin/getent" <<END
#!/bin/sh
[ "\$1 \$2" != "group tracing" ] || exec cat $tmp/tracing
exec $(command -v getent) "\$@"
END
cat >"$tmp/bin/uname" <<END
#!/bin/sh
[ "\$1" != -m ] || exec cat $tmp/machine
exec $(command -v uname) "\$@"
END
chmod +x "$tmp/bin"/*

new_events='sched_switch sched_waking sched_wakeup sched_wakeup_new
	irq_handler_entry irq_handler_exit irq_softirq_entry irq_softirq_exit irq_softirq_raise
	timer_hrtimer_expire_entry timer_hrtimer_expire_exit timer_expire_entry timer_expire_exit
	x86_irq_vectors_local_timer_entry x86_irq_vectors_local_timer_exit
	x86_irq_vectors_call_function_single_entry x86_irq_vectors_call_function_single_exit
	x86_irq_vectors_call_function_entry x86_irq_vectors_call_function_exit
	x86_irq_vectors_reschedule_entry x86_irq_vectors_reschedule_exit
	x86_irq_vectors_irq_work_entry x86_irq_vectors_irq_work_exit
	sched_process_fork sched_process_exec sched_process_exit sched_process_free
	signal_generate signal_deliver block_rq_issue block_rq_complete
	workqueue_execute_start workqueue_execute_end workqueue_queue_work lttng_statedump_start lttng_statedump_end
	lttng_logger net_if_receive_skb net_dev_queue net_if_rx_entry net_dev_xmit
	skb_copy_datagram_iovec skb_consume skb_kfree sched_migrate_task
	x86_exceptions_page_fault_user x86_exceptions_page_fault_kernel timer_start kmem_kmalloc'

# offer NAME... - what a kernel tracer that has these events is listed as
offer() {
	{
		echo '<?xml version="1.0" encoding="UTF-8"?>'
		printf '<command xmlns="https://lttng.org/xml/ns/lttng-mi" schemaVersion="4.1">'
		printf '<name>list</name><output><domains><domain><type>KERNEL</type>'
		printf '<buffer_type>GLOBAL</buffer_type><events>'
		printf '<event><name>%s</name><type>TRACEPOINT</type><enabled>false</enabled></event>' "$@"
		echo '</events></domain></domains></output><success>true</success></command>'
	} >"$tmp/offered"
}

# session TRACKER... - what a session is listed as
session() {
	{
		printf '<?xml version="1.0" encoding="UTF-8"?>\n<command><name>list</name><output><sessions>'
		printf '<session><name>s</name><domains><domain><type>KERNEL</type><channels/>'
		printf '%s' "$@"
		echo '</domain></domains></session></sessions></output><success>true</success></command>'
	} >"$tmp/session"
}

# reset - a root of a machine where all is well
reset() {
	rm -rf "$tmp/out" "$tmp/calls" "$tmp/flags" "$tmp/refuse" "$tmp/on_enable" "$tmp/started" \
		"$tmp/home/.lttngrc"
	echo precious >"$tmp/victim"
	: >"$tmp/calls"
	: >"$tmp/flags"
	: >"$tmp/stdin"
	: >"$tmp/said_at_stop"
	echo 0 >"$tmp/uid"
	echo users >"$tmp/groups"
	echo tracing:x:99: >"$tmp/tracing"
	echo x86_64 >"$tmp/machine"
	# shellcheck disable=SC2086
	offer $new_events
	session
}

# record ARGUMENT... - as session "s"
record() {
	HOME=$tmp/home PATH=$tmp/bin:$PATH "$script" --session s -o "$tmp/out" "$@" \
		<"$tmp/stdin" >"$tmp/stdout" 2>"$tmp/err"
	status=$?
}

# check NAME CONDITION...
check() {
	local name=$1
	shift
	if "$@"; then
		echo "ok - record: $name"
	else
		echo "not ok - record: $name: status $status, stderr: $(tr '\n' ';' <"$tmp/err" | head -c 600)"
		failed=1
	fi
}

events_of() {
	sed -n "s/^enable-event --kernel --session=s --channel=$1 //p" "$tmp/calls" | sort | tr '\n' ' '
}

words() {
	tr -s '[:space:]' '\n' <<<"$1" | sort | tr '\n' ' '
}

called() {
	local call
	for call; do
		grep -qxF -- "$call" "$tmp/calls" || return 1
	done
}

says() {
	local text
	for text; do
		grep -qF -- "$text" "$tmp/err" || return 1
	done
}

# The session ended, and after it nothing was called.
destroyed() {
	[ "$(tail -n 1 "$tmp/calls")" = 'destroy s' ]
}

never_created() {
	! grep -q '^create' "$tmp/calls" && ! [ -e "$tmp/out" ]
}

# ---- what is recorded ---------------------------------------------------------------------

fb='sched_switch sched_waking sched_wakeup_new irq_handler_entry irq_handler_exit
	irq_softirq_entry irq_softirq_exit irq_softirq_raise
	timer_hrtimer_expire_entry timer_hrtimer_expire_exit timer_expire_entry timer_expire_exit
	x86_irq_vectors_local_timer_entry x86_irq_vectors_local_timer_exit
	x86_irq_vectors_call_function_single_entry x86_irq_vectors_call_function_single_exit
	x86_irq_vectors_call_function_entry x86_irq_vectors_call_function_exit
	x86_irq_vectors_reschedule_entry x86_irq_vectors_reschedule_exit
	x86_irq_vectors_irq_work_entry x86_irq_vectors_irq_work_exit'
aux='sched_migrate_task sched_process_fork sched_process_exec sched_process_exit sched_process_free
	signal_generate signal_deliver block_rq_issue block_rq_complete
	workqueue_execute_start workqueue_execute_end workqueue_queue_work lttng_statedump_*
	lttng_logger'

has_events() {
	[ "$(events_of fb | sed 's/--syscall --all //')" = "$(words "$1")" ] &&
		[ "$(events_of aux)" = "$(words "$2")" ]
}

reset
record -- sh -c 'exit 7'
check exactly_the_events_of_the_analysis_are_enabled has_events "$fb" "$aux"
check all_system_calls_are_enabled called \
	'enable-event --kernel --session=s --channel=fb --syscall --all'
check two_channels_are_made called \
	'enable-channel --kernel --session=s --subbuf-size=4M --num-subbuf=8 fb' \
	'enable-channel --kernel --session=s --subbuf-size=512k --num-subbuf=4 aux'
check the_format_is_lttngs_own called "create s --output=$tmp/out"
check the_exit_status_is_the_commands [ "$status" = 7 ]
check the_session_is_stopped_and_destroyed destroyed
check kallsyms_is_copied_beside_the_trace [ -s "$tmp/out/kallsyms" ]
next_command_is_printed() {
	grep -qE "flightbox blocking --pid [0-9]+ $tmp/out\$" "$tmp/err"
}
check the_flightbox_command_to_run_next_is_printed next_command_is_printed
check nothing_is_said_to_be_lost [ "$(wc -l <"$tmp/err")" = 1 ]
check the_order_is_create_enable_start_stop [ "$(grep -oE '^(create|start|stop|destroy)' \
	"$tmp/calls" | tr '\n' ' ')" = 'create start stop destroy ' ]

reset
record --net --faults --subbuf-size 1M --num-subbuf=32 -- true
check net_and_faults_add_their_events has_events "$fb net_if_receive_skb net_dev_queue
	net_if_rx_entry net_dev_xmit skb_copy_datagram_iovec skb_consume skb_kfree
	x86_exceptions_page_fault_user x86_exceptions_page_fault_kernel" "$aux"
check buffer_sizes_can_be_chosen called \
	'enable-channel --kernel --session=s --subbuf-size=1M --num-subbuf=32 fb'

reset
echo in >"$tmp/stdin"
record -- sh -c "echo out; cat; echo err >&2"
check the_command_keeps_its_input_and_output eval \
	'[ "$(tr "\n" " " <"$tmp/stdout")" = "out in " ] && says err'

reset
# shellcheck disable=SC2046
offer $(words 'sched_switch sched_wakeup sched_wakeup_new irq_handler_entry
	irq_handler_exit softirq_entry softirq_exit softirq_raise hrtimer_expire_entry
	hrtimer_expire_exit timer_expire_entry timer_expire_exit sched_process_fork sched_process_exec
	sched_process_exit sched_process_free signal_generate signal_deliver block_rq_issue
	block_rq_complete lttng_statedump_start netif_receive_skb net_dev_queue')
record --net -- true
check old_names_are_used_where_the_new_ones_are_not_known has_events \
	'sched_switch sched_wakeup sched_wakeup_new irq_handler_entry irq_handler_exit
	softirq_entry softirq_exit softirq_raise hrtimer_expire_entry hrtimer_expire_exit
	timer_expire_entry timer_expire_exit netif_receive_skb net_dev_queue' \
	'sched_process_fork sched_process_exec sched_process_exit sched_process_free signal_generate
	signal_deliver block_rq_issue block_rq_complete lttng_statedump_*'
check what_is_lost_without_the_missing_events_is_said says \
	'no sched_waking' 'who woke a task from another CPU' \
	'no workqueue_execute_start workqueue_execute_end; lost: what a kworker was doing'

# ---- what versions of lttng print ---------------------------------------------------------

no_vectors=$(words "$fb" | tr ' ' '\n' | grep -v ^x86 | tr '\n' ' ')

# lists_as VERSION LIST SESSION - a recording where lttng prints these
lists_as() {
	reset
	sed "$2" >"$tmp/offered"
	sed "$2" "$3" >"$tmp/session"
	record -- true
	check "lttng_$1_gets_the_same_events" eval '[ "$status" = 0 ] && has_events "$no_vectors" "$aux"'
	check "missing_vectors_are_told_with_$1" says 'no x86_irq_vectors_local_timer_entry' \
		'Debian does not install lttng-probe-x86-irq-vectors'
}

# tests/lttng holds what lttng printed on Linux 7.2 with lttng-modules 2.16.
for list in "$here"/lttng/list-kernel-*.xml.xz; do
	version=${list##*-}
	version=${version%.xml.xz}
	xz -dc "$list" | lists_as "$version" '' "$here/lttng/session-$version.xml"
	reset
	cp "$here/lttng/session-tracked-$version.xml" "$tmp/session"
	record -- true
	check "a_tracker_is_seen_with_$version" says 'session s has a tracker'
done
# By their schemas these two print what the one before and the one behind them do, but its version.
xz -dc "$here/lttng/list-kernel-2.13.15.xml.xz" |
	lists_as 2.14-by-its-schema '' "$here/lttng/session-2.13.15.xml"
xz -dc "$here/lttng/list-kernel-2.16.0.xml.xz" |
	lists_as 2.15-by-its-schema 's/4\.3/4.2/g; s|<map_channels/>||' "$here/lttng/session-2.16.0.xml"

reset
xz -dc "$here/lttng/list-kernel-2.16.0.xml.xz" | sed 's/></>\n\t</g' >"$tmp/offered"
record -- true
check line_breaks_between_elements_change_nothing has_events "$no_vectors" "$aux"

# What is cut off, or nested in another way, is no list.
refuses_what_is_no_list() {
	local change
	for change in 's/.\{20\}$//' 's|</events>||' 's|</event>|</events>|' 's|<name>|<name|' \
		'1s/^/Warning: /' 's/.*//' 's|$|<command/>|'; do
		reset
		xz -dc "$here/lttng/list-kernel-2.16.0.xml.xz" | tr -d '\n' | sed "$change" >"$tmp/offered"
		record -- true
		[ "$status" = 1 ] && says 'cannot understand what this lttng prints' && destroyed || return 1
	done
}
check what_is_no_list_is_an_error refuses_what_is_no_list

reset
echo aarch64 >"$tmp/machine"
# shellcheck disable=SC2046
offer $(words "$new_events" | tr ' ' '\n' | grep -v ^x86)
record -- true
check other_machines_lack_no_x86_vectors eval '[ "$status" = 0 ] && ! says x86'

reset
echo 'enable-event.*(irq_softirq_raise|--syscall)' >"$tmp/refuse"
record -- true
check events_that_cannot_be_enabled_are_reported says \
	'no irq_softirq_raise; lost: what raised a softirq' 'no system calls; lost:'
check recording_goes_on_without_them eval '[ "$status" = 0 ] && destroyed'

reset
echo 'Warning: 97756 events were discarded, please refer to the documentation.' >"$tmp/said_at_stop"
record -- true
check discarded_events_are_reported says '97756 events were discarded' '--num-subbuf=32'

# ---- durations and snapshots --------------------------------------------------------------

reset
record --duration 0.1s
check a_duration_records_and_stops eval '[ "$status" = 0 ] && destroyed &&
	says "flightbox blocking $tmp/out"'

reset
record --snapshot
left_running() {
	[ "$status" = 0 ] && called "create s --output=$tmp/out --snapshot" 'start s' \
		'enable-channel --kernel --session=s --subbuf-size=1M --num-subbuf=16 fb' &&
		! grep -qE '^(stop|destroy)' "$tmp/calls"
}
check a_flight_recorder_is_left_running left_running
check the_commands_for_a_snapshot_and_the_end_are_printed says \
	'lttng regenerate statedump --session=s' 'lttng snapshot record --session=s' 'lttng destroy s'

reset
record --dry-run --snapshot
check a_dry_run_does_nothing eval '[ "$status" = 0 ] && never_created && [ ! -e "$tmp/out" ]'
prints_what_is_done() {
	grep -qx "lttng create s --output=$tmp/out --snapshot" "$tmp/stdout" &&
		grep -qx "lttng start s" "$tmp/stdout" &&
		sed -n 's/\\//g; s/^lttng //p' "$tmp/stdout" >"$tmp/calls" &&
		has_events "$fb" "$aux"
}
check a_dry_run_prints_what_would_be_done prints_what_is_done

# ---- failures -----------------------------------------------------------------------------

# fails_clean TEXT - exit 1, one reason, no session and no directory left
fails_clean() {
	[ "$status" = 1 ] && says "$1" && destroyed && ! [ -e "$tmp/out" ]
}

reset
echo 'list --kernel' >"$tmp/refuse"
record -- true
check no_kernel_tracer_is_an_error fails_clean 'the kernel tracer is not available'

reset
echo '^enable-channel' >"$tmp/refuse"
record -- true
check a_failing_channel_destroys_the_session fails_clean 'cannot make the buffers'

reset
echo 'enable-event.* sched_switch' >"$tmp/refuse"
record -- true
check no_sched_switch_is_an_error fails_clean 'no sched_switch; lost: everything'

reset
echo '^start' >"$tmp/refuse"
record -- true
check a_failing_start_destroys_the_session fails_clean 'cannot start session s'

reset
echo '^stop' >"$tmp/refuse"
record -- true
check a_failing_stop_destroys_the_session eval \
	'[ "$status" = 1 ] && says "cannot stop session s" && destroyed'

reset
echo '^create' >"$tmp/refuse"
record -- true
check a_failing_create_leaves_nothing eval \
	'[ "$status" = 1 ] && says "cannot create a session" && destroyed && [ ! -e "$tmp/out" ]'

reset
session '<process_attr_trackers><pid_process_attr_tracker><process_attr_values>' \
	'<pid><type><id>1234</id></type></pid>' \
	'</process_attr_values></pid_process_attr_tracker></process_attr_trackers>'
record -- true
check a_tracker_is_refused fails_clean 'has a tracker'

reset
echo 'create s' >"$tmp/calls"
record -- true
check a_session_of_that_name_is_refused eval \
	'[ "$status" = 1 ] && says "session s exists already" && ! grep -q destroy "$tmp/calls"'

reset
mkdir "$tmp/out" && touch "$tmp/out/mine"
record -- true
check a_directory_with_files_is_refused eval \
	'[ "$status" = 1 ] && says "not empty" && [ -e "$tmp/out/mine" ] &&
	 ! grep -q ^create "$tmp/calls"'

reset
echo 1000 >"$tmp/uid"
record -- true
check neither_root_nor_group_tracing_is_refused eval \
	'[ "$status" = 1 ] && says "group \"tracing\"" && never_created'

reset
echo 1000 >"$tmp/uid"
echo 'users tracing' >"$tmp/groups"
record -- true
check a_member_of_tracing_starts_no_daemon_of_its_own eval \
	'! grep -qv "^--no-sessiond" "$tmp/flags" && ! grep -q lttng-sessiond "$tmp/calls"'

reset
mkdir "$tmp/none"
for tool in bash env date cat; do
	ln -s "$(command -v "$tool")" "$tmp/none/$tool"
done
PATH=$tmp/none "$script" -o "$tmp/out" -- true 2>"$tmp/err"
status=$?
check no_lttng_names_the_packages eval \
	'[ "$status" = 1 ] && says "apt-get install lttng-tools lttng-modules-dkms"'

reset
record -- no-such-command
check an_unknown_command_is_127 eval '[ "$status" = 127 ] && never_created'

usage_errors() {
	local arguments
	while read -r arguments; do
		# shellcheck disable=SC2086
		record $arguments
		[ "$status" = 2 ] && never_created || return 1
	done <<-END
		--track -- true
		--duration
		--duration 1s -- true
		--snapshot -- true
		--duration soon
		--num-subbuf many -- true
		--session a/b -- true
	END
}
reset
check wrong_options_are_usage_errors usage_errors

# ---- what others put in the way -----------------------------------------------------------

untouched() {
	[ "$(cat "$tmp/victim")" = precious ]
}

# modes_are PATH MODE - of all of that kind below
modes_are() {
	[ -n "$(find "$1")" ] && [ -z "$(find "$tmp/out" -type "$2" ! -perm "$3")" ]
}

reset
record -- true
check all_that_is_made_is_for_its_owner_alone eval \
	'modes_are "$tmp/out" d 700 && modes_are "$tmp/out/kernel/metadata" f 600'

# plant NAME COMMAND... - runs it while events are enabled: the recording ends there
plant() {
	local name=$1
	shift
	reset
	echo "[ -e $tmp/out/kallsyms ] || [ -L $tmp/out/kallsyms ] || $*" >"$tmp/on_enable"
	record -- touch "$tmp/ran"
	check "$name" eval 'untouched && [ "$status" = 1 ] && says "cannot write $tmp/out/kallsyms" &&
		[ ! -e "$tmp/ran" ] && destroyed'
}
plant a_link_planted_as_kallsyms_is_not_followed "ln -s $tmp/victim $tmp/out/kallsyms"
plant a_file_planted_as_kallsyms_is_not_written "ln $tmp/victim $tmp/out/kallsyms"
plant a_link_to_nowhere_is_not_followed "ln -s $tmp/new $tmp/out/kallsyms"
check nothing_is_made_where_it_leads [ ! -e "$tmp/new" ]
plant a_fifo_planted_as_kallsyms_is_not_waited_for "mkfifo $tmp/out/kallsyms"
check what_was_planted_is_not_taken_away [ -p "$tmp/out/kallsyms" ]

reset
mkdir "$tmp/real"
ln -s "$tmp/real" "$tmp/out"
record -- true
check an_output_that_is_a_link_is_refused eval \
	'[ "$status" = 1 ] && says "$tmp/out: a symbolic link" && ! grep -q ^create "$tmp/calls"'
rm "$tmp/out"

reset
mkdir -m 777 "$tmp/out"
record -- true
check an_empty_directory_of_ones_own_becomes_private eval \
	'[ "$status" = 0 ] && modes_are "$tmp/out" d 700'

reset
mkdir -m 755 "$tmp/out"
touch "$tmp/out/.hidden"
record -- true
check a_directory_that_is_refused_keeps_its_mode eval \
	'[ "$status" = 1 ] && says "not empty" && [ "$(stat -c %a "$tmp/out")" = 755 ]'

reset
ln -s "$tmp/victim" "$tmp/home/.lttngrc"
record -- true
check nothing_is_written_into_a_home_that_may_be_anothers eval 'untouched && [ "$status" = 0 ]'

reset
# The client's own home is made in TMPDIR.
TMPDIR=$tmp/nowhere record -- true
check a_failing_temporary_directory_is_an_error eval '[ "$status" = 1 ] && never_created'

# nobody COMMAND... - as a user without rights
nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# as_sudo ARGUMENT... - records as that user's sudo would
as_sudo() {
	chown -R 65534:65534 "$tmp/mine"
	: >"$tmp/groups_of_lttng"
	chmod 666 "$tmp/calls" "$tmp/flags" "$tmp/groups_of_lttng"
	chmod 777 "$tmp"
	SUDO_UID=65534 SUDO_GID=65534 SUDO_USER=nobody record -o "$tmp/mine/out" "$@"
	chmod 755 "$tmp"
}

other_users_cases() {
	local victim

	reset
	chmod 644 "$tmp/victim"
	echo "$(command -v setpriv) --reuid=65534 --regid=65534 --clear-groups sh -c '
		ln -s $tmp/victim $tmp/out/kallsyms; mv $tmp/out $tmp/out2; touch $tmp/out/mine'" \
		>"$tmp/on_enable"
	record -- true
	check another_user_gets_nothing_into_the_directory eval 'untouched && [ "$status" = 0 ] &&
		[ -s "$tmp/out/kallsyms" ] && [ ! -e "$tmp/out/mine" ] && ! nobody ls "$tmp/out" 2>/dev/null'
	check another_user_cannot_read_kallsyms eval '! nobody cat "$tmp/out/kallsyms" 2>/dev/null'

	reset
	mkdir "$tmp/out"
	chown 65534 "$tmp/out"
	record -- true
	check another_users_directory_is_refused eval '[ "$status" = 1 ] &&
		says "$tmp/out: belongs to another user" && ! grep -q ^create "$tmp/calls"'

	reset
	mkdir "$tmp/theirs"
	chown 65534 "$tmp/theirs"
	record -o "$tmp/theirs/out" -- true
	check a_place_that_another_user_may_swap_is_refused eval '[ "$status" = 1 ] &&
		says "others than root may change $tmp/theirs" && [ ! -e "$tmp/theirs/out" ]'
	reset
	record -o "$tmp/theirs/a/b/out" -- true
	check however_far_above_it_is eval '[ "$status" = 1 ] &&
		says "others than root may change $tmp/theirs" && [ ! -e "$tmp/theirs/a" ]'
	reset
	nobody ln -s "$tmp" "$tmp/theirs/link"
	record -o "$tmp/theirs/link/out" -- true
	check a_link_on_the_way_is_resolved_once eval '[ "$status" = 0 ] &&
		called "create s --output=$tmp/out"'
	reset
	ln -s "$tmp/theirs" "$tmp/inward"
	record -o "$tmp/inward/out" -- true
	check a_link_to_such_a_place_does_not_hide_it eval '[ "$status" = 1 ] &&
		says "others than root may change $tmp/theirs"'

	# An access control list shows as what the group may do, and the group may be root's.
	reset
	mkdir -m 775 "$tmp/listed"
	record -o "$tmp/listed/out" -- true
	check a_place_that_a_group_or_list_may_change_is_refused eval '[ "$status" = 1 ] &&
		says "others than root may change $tmp/listed" && [ ! -e "$tmp/listed/out" ]'
	reset
	record -o "$tmp/new/../theirs/link/out" -- true
	check a_way_through_what_is_not_there_yet_is_refused eval '[ "$status" = 1 ] &&
		says "no such directory to come back from" && [ ! -e "$tmp/new" ] && [ ! -e "$tmp/out" ]'
	reset
	(umask 0 && record -o "$tmp/loose/out" -- true; [ "$status" = 1 ])
	status=$?
	check directories_that_a_loose_umask_opens_are_refused eval '[ "$status" = 0 ] &&
		says "others than root may change $tmp/loose" && [ ! -e "$tmp/loose/out" ]'
	reset
	TMPDIR=$tmp/theirs record -- true
	check a_temporary_directory_that_another_may_swap_is_refused eval '[ "$status" = 1 ] &&
		says "TMPDIR=$tmp/theirs: others than root may change $tmp/theirs" && never_created &&
		[ -z "$(find "$tmp/theirs" -name "tmp.*")" ]'
	reset
	nobody ln -s "$tmp/real" "$tmp/theirs/swapped"
	mv "$tmp/theirs/swapped" "$tmp/out"
	record -- true
	check another_users_link_is_another_users eval '[ "$status" = 1 ] &&
		says "$tmp/out: belongs to another user" && ! grep -q ^create "$tmp/calls"'
	rm "$tmp/out"

	# ---- sudo: everything belongs to who asked

	reset
	mkdir -p "$tmp/mine"
	as_sudo -- sh -c "grep ^Uid /proc/self/status; echo \$HOME"
	check under_sudo_the_command_runs_as_the_user grep -q 'Uid:.*65534.*65534.*65534.*65534' "$tmp/stdout"
	check in_the_users_home grep -qx /nonexistent "$tmp/stdout"
	check under_sudo_all_belongs_to_the_user eval '[ "$status" = 0 ] && [ -s "$tmp/mine/out/kallsyms" ] &&
		[ -e "$tmp/mine/out/kernel/metadata" ] && [ -z "$(find "$tmp/mine" ! -user 65534 -o ! -group 65534)" ]'
	check lttng_is_called_with_the_group_tracing_as_well grep -qx '65534:99 99' "$tmp/groups_of_lttng"
	check and_is_readable_by_no_other eval \
		'[ "$(stat -c %a "$tmp/mine/out" "$tmp/mine/out/kallsyms" | tr "\n" " ")" = "700 600 " ]'
	check the_user_can_delete_it nobody rm -r "$tmp/mine/out"

	reset
	as_sudo --as-root -- grep ^Uid /proc/self/status
	check as_root_runs_the_command_as_root grep -q 'Uid:.*0.*0.*0.*0' "$tmp/stdout"
	check but_the_trace_is_the_users [ -z "$(find "$tmp/mine/out" ! -user 65534)" ]
	nobody rm -r "$tmp/mine/out"

	# The user swaps his own directory for one of root's.
	reset
	victim=$tmp/roots
	mkdir -m 755 "$victim"
	echo "[ -L $tmp/mine/out ] || { mv $tmp/mine/out $tmp/mine/away; ln -s $victim $tmp/mine/out; }" \
		>"$tmp/on_enable"
	as_sudo -- true
	check a_user_cannot_have_root_write_elsewhere eval \
		'[ "$status" = 1 ] && [ -z "$(ls -A "$tmp/roots")" ] && [ "$(stat -c %a "$tmp/roots")" = 755 ]'
	rm -rf "$tmp/mine"

	reset
	mkdir "$tmp/mine"
	: >"$tmp/tracing"
	as_sudo -- true
	check no_group_tracing_says_what_to_do eval '[ "$status" = 1 ] && says "groupadd --system tracing"'

	reset
	mkdir -p "$tmp/mine"
	echo '^create' >"$tmp/refuse"
	as_sudo -- true
	check what_lttng_said_is_told eval 'says "Error: no"'
	check a_daemon_that_lets_no_group_in_is_told eval \
		'[ "$status" = 1 ] && says "systemctl restart lttng-sessiond" && [ ! -e "$tmp/mine/out" ]'

	reset
	SUDO_UID='1; true' record -- true
	check a_made_up_sudo_uid_is_refused eval '[ "$status" = 1 ] && never_created'
}
if [ "$(id -u)" = 0 ] && nobody true 2>/dev/null; then
	other_users_cases
else
	echo 'ok - record: other users # SKIP only root can be other users'
fi

# ---- signals ------------------------------------------------------------------------------

# interrupt SIGNAL COMMAND... - sends the signal once COMMAND has made the file `ready`
interrupt() {
	local signal=$1
	shift
	rm -f "$tmp/ready"
	HOME=$tmp/home PATH=$tmp/bin:$PATH "$script" --session s -o "$tmp/out" "$@" \
		</dev/null >"$tmp/stdout" 2>"$tmp/err" &
	for _ in $(seq 100); do
		[ ! -e "$tmp/ready" ] || break
		! grep -q 'recording for' "$tmp/err" || break
		sleep 0.05
	done
	kill -s "$signal" $!
	wait $!
	status=$?
}

reset
interrupt TERM -- sh -c "touch $tmp/ready; exec sleep 20"
check term_ends_the_command_and_the_session eval '[ "$status" = 143 ] && destroyed'

# A background job of this shell would have SIGINT ignored, and could not trap it.
set -m
reset
interrupt INT -- sh -c "trap 'exit 5' INT; touch $tmp/ready; while :; do sleep 0.1; done"
check a_command_that_handles_int_keeps_its_exit_status eval '[ "$status" = 5 ] && destroyed'

reset
interrupt INT --duration 20s
check int_ends_a_duration_early_and_keeps_the_trace eval \
	'[ "$status" = 130 ] && destroyed && says "flightbox blocking" && [ -e "$tmp/out/kallsyms" ]'

exit "$failed"
