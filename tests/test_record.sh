#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_record.sh - scripts/record with a fake lttng that writes down what it is told.
# shellcheck disable=SC2317,SC2016 # conditions are called by name, or are text for eval
set -u

script=$(cd "$(dirname "$0")/.." && pwd)/scripts/record
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0
mkdir "$tmp/bin"

# The fake refuses what matches the line in `refuse`; `offered`, `version`, `session` and
# `said_at_stop` hold what it answers to list --kernel, --version, list SESSION and stop.
cat >"$tmp/bin/lttng" <<END
#!/bin/sh
tmp=$tmp
END
cat >>"$tmp/bin/lttng" <<'END'
echo "$*" >>"$tmp/calls"
if [ -s "$tmp/refuse" ] && echo "$*" | grep -qE -f "$tmp/refuse"; then
	echo "Error: no" >&2
	exit 1
fi
[ "$1" != --no-sessiond ] || shift
case $1 in
--version) cat "$tmp/version" ;;
list)
	if [ "$2" = --kernel ]; then
		sed 's/.*/      & (loglevel: TRACE_EMERG (0)) (type: tracepoint)/' "$tmp/offered"
	elif grep -q '^create' "$tmp/calls"; then
		cat "$tmp/session"
	else
		exit 1
	fi
	;;
stop) cat "$tmp/said_at_stop" ;;
esac
END
cat >"$tmp/bin/id" <<END
#!/bin/sh
[ "\$1" = -nG ] && cat $tmp/groups || cat $tmp/uid
END
chmod +x "$tmp/bin/lttng" "$tmp/bin/id"

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
	lttng_logger net_if_receive_skb net_dev_queue
	x86_exceptions_page_fault_user x86_exceptions_page_fault_kernel timer_start kmem_kmalloc'

# reset - a root of a machine with LTTng 2.13 where all is well
reset() {
	rm -rf "$tmp/out" "$tmp/calls" "$tmp/refuse"
	: >"$tmp/calls"
	: >"$tmp/stdin"
	: >"$tmp/said_at_stop"
	echo 0 >"$tmp/uid"
	echo users >"$tmp/groups"
	echo 'lttng (LTTng Trace Control) 2.13.9 - Nordicité' >"$tmp/version"
	words "$new_events" | tr ' ' '\n' >"$tmp/offered"
	printf '%s\n' 'Tracked process attributes' '  Process IDs:          all' \
		'  Virtual process IDs:  all' '  User IDs:             all' >"$tmp/session"
}

# record ARGUMENT... - as session "s"
record() {
	PATH=$tmp/bin:$PATH "$script" --session s -o "$tmp/out" "$@" \
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
aux='sched_process_fork sched_process_exec sched_process_exit sched_process_free
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
check the_format_is_left_alone_before_2_15 called "create s --output=$tmp/out"
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
	x86_exceptions_page_fault_user x86_exceptions_page_fault_kernel" "$aux"
check buffer_sizes_can_be_chosen called \
	'enable-channel --kernel --session=s --subbuf-size=1M --num-subbuf=32 fb'

reset
echo in >"$tmp/stdin"
record -- sh -c "echo out; cat; echo err >&2"
check the_command_keeps_its_input_and_output eval \
	'[ "$(tr "\n" " " <"$tmp/stdout")" = "out in " ] && says err'

reset
echo 'lttng (LTTng Trace Control) 2.15.0 - x' >"$tmp/version"
record -- true
check lttng_2_15_is_told_to_write_ctf_1_8 called "create s --output=$tmp/out --trace-format=ctf-1.8"

reset
words 'sched_switch sched_wakeup sched_wakeup_new irq_handler_entry
	irq_handler_exit softirq_entry softirq_exit softirq_raise hrtimer_expire_entry
	hrtimer_expire_exit timer_expire_entry timer_expire_exit sched_process_fork sched_process_exec
	sched_process_exit sched_process_free signal_generate signal_deliver block_rq_issue
	block_rq_complete lttng_statedump_start netif_receive_skb net_dev_queue' | tr ' ' '\n' >"$tmp/offered"
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
echo '^list --kernel' >"$tmp/refuse"
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
sed -i 's/  Process IDs: .*/  Process IDs:          1234/' "$tmp/session"
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
check a_member_of_tracing_starts_no_daemon_of_its_own called \
	"--no-sessiond create s --output=$tmp/out"

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

# ---- signals ------------------------------------------------------------------------------

# interrupt SIGNAL COMMAND... - sends the signal once COMMAND has made the file `ready`
interrupt() {
	local signal=$1
	shift
	rm -f "$tmp/ready"
	PATH=$tmp/bin:$PATH "$script" --session s -o "$tmp/out" "$@" \
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
