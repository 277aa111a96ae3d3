# SPDX-License-Identifier: MIT
# perf-script.awk - events that flightbox models, as lines of `flightbox dump`, from what perf itself
# prints: perf script --ns -F comm,pid,tid,cpu,time,event,trace
#
#	  sh 2151/2153 [000] 16096.728051290:  irq:softirq_entry: vec=7 [action=SCHED]
#
# With -v dump=1 it reads a dump instead, and leaves out what perf does not print: addresses of functions,
# of which it prints names, system calls' names and common_flags. So the two are equal.
BEGIN {
	split("sched_switch sched_waking sched_wakeup sched_wakeup_new sched_process_fork " \
	      "sched_process_exec sched_process_exit sched_migrate_task irq_handler_entry " \
	      "irq_handler_exit softirq_raise softirq_entry softirq_exit signal_generate " \
	      "signal_deliver hrtimer_expire_entry hrtimer_expire_exit timer_expire_entry " \
	      "timer_expire_exit local_timer_entry local_timer_exit reschedule_entry " \
	      "reschedule_exit call_function_single_entry call_function_single_exit " \
	      "page_fault_user sys_enter sys_exit block_rq_issue block_rq_complete", names, " ")
	for (i in names)
		modelled[names[i]] = 1
	split("R 0 S 1 D 2 T 4 t 8 X 16 Z 32 P 64 I 128 R+ 256", states, " ")
	for (i = 1; i in states; i += 2)
		number[states[i]] = states[i + 1]
}

# What stands between two words of the text.
function between(text, from, to,    at) {
	at = index(text, from)
	if (!at)
		return ""
	text = substr(text, at + length(from))
	return to == "" ? text : substr(text, 1, index(text, to) - 1)
}

function hexadecimal(text) {
	return text ~ /^0x/ ? text : "0x" text
}

function fields(name, t,    v) {
	if (name == "sched_switch")
		return "prev_comm=" between(t, "prev_comm=", " prev_pid=") \
		       " prev_tid=" between(t, " prev_pid=", " ") \
		       " prev_prio=" between(t, " prev_prio=", " ") \
		       " prev_state=" number[between(t, " prev_state=", " ==>")] \
		       " next_comm=" between(t, " next_comm=", " next_pid=") \
		       " next_tid=" between(t, " next_pid=", " ") " next_prio=" between(t, " next_prio=", "")
	if (name == "sched_process_fork")
		return "parent_comm=" between(t, "comm=", " pid=") " parent_tid=" between(t, " pid=", " ") \
		       " child_comm=" between(t, " child_comm=", " child_pid=") \
		       " child_tid=" between(t, " child_pid=", "")
	if (name == "sched_process_exec")
		return "filename=" between(t, "filename=", " pid=") " tid=" between(t, " pid=", " ") \
		       " old_tid=" between(t, " old_pid=", "")
	if (name == "sched_migrate_task")
		return "comm=" between(t, "comm=", " pid=") " tid=" between(t, " pid=", " ") " " \
		       substr(t, index(t, "prio="))
	if (name ~ /^sched_wak/)
		return "comm=" between(t, "comm=", " pid=") " tid=" between(t, " pid=", " ") \
		       " prio=" between(t, " prio=", " ") " target_cpu=" between(t, " target_cpu=", "") + 0
	if (name == "sched_process_exit")
		return "comm=" between(t, "comm=", " pid=") " tid=" between(t, " pid=", " ") \
		       " prio=" between(t " ", " prio=", " ")
	if (name == "irq_handler_exit")
		return between(t, "", "ret=") "ret=" (t ~ /unhandled/ ? 0 : 1)
	if (name ~ /^softirq_/)
		return "vec=" between(t, "vec=", " ")
	if (name ~ /^(hrtimer|timer)_expire/)
		return substr(t, 1, index(t " ", " ") - 1)
	if (name == "page_fault_user")
		return t
	if (name == "sys_enter")
		return "id=" between(t, "NR ", " ")
	if (name == "sys_exit")
		return "ret=" between(t, " = ", "")
	if (name == "signal_generate")
		return between(t, "", " grp=") " group=" between(t, " grp=", " ") " result=" between(t, " res=", "")
	if (name == "signal_deliver")
		return "sig=" between(t, "sig=", " sa_handler=") " sa_handler=" \
		       hexadecimal(between(t, " sa_handler=", " ")) " sa_flags=" \
		       hexadecimal(between(t, " sa_flags=", ""))
	if (name ~ /^block_rq_/) {
		# 254,0 RA 16384 () 12654392 + 32 0x2,0,4 [sh]
		match(t, /\) [0-9]+ \+ [0-9]+ /)
		v = substr(t, RSTART + 2, RLENGTH - 3)
		sub(/ \+ /, " nr_sector=", v)
		split(t, device, /[, ]/)
		return "dev=" device[1] * 1048576 + device[2] " sector=" v
	}
	return t
}

# What a dump says more than perf.
function reduce(name, t) {
	sub(/ context_tid=.*/, "", t)
	if (name ~ /^(hrtimer|timer)_expire/)
		sub(/ .*/, "", t)
	else if (name == "sys_enter")
		sub(/ .*/, "", t)
	else if (name ~ /^block_rq_/) {
		match(t, /nr_sector=[0-9]+/)
		t = substr(t, 1, RSTART + RLENGTH - 1)
	}
	return t
}

# As the dump calls them, without the subsystem that it puts before some.
function short_name(name) {
	sub(/^(irq_softirq|timer_hrtimer|x86_irq_vectors|x86_exceptions)_/, "&,", name)
	sub(/^(irq_|timer_|x86_irq_vectors_|x86_exceptions_)?/, "", name)
	sub(/,/, "", name)
	if (name ~ /^syscall_entry/)
		return "sys_enter"
	return name ~ /^syscall_exit/ ? "sys_exit" : name
}

dump {
	name = short_name($3)
	if (!(name in modelled) && $3 in modelled)
		name = $3
	if (!(name in modelled))
		next
	text = substr($0, length($1 $2 $3) + 4)
	tid = between($0, " context_tid=", " ")
	pid = between($0, " context_pid=", " ")
	print $1, $2 + 0, name, tid, pid, reduce(name, text)
	next
}

match($0, / -?[0-9]+\/-?[0-9]+ +\[[0-9]+\] +[0-9]+\.[0-9]+: +[a-z_]+:[a-z0-9_]+: ?/) {
	split(substr($0, RSTART + 1, RLENGTH), word, /[ \/:]+/)
	text = substr($0, RSTART + RLENGTH)
	sub(/^ +/, "", text)
	cpu = word[3]
	gsub(/[\[\]]/, "", cpu)
	sub(/\./, "", word[4])
	# Of who has exited it knows the process only; flightbox goes by common_pid.
	if (word[6] == "sched_switch" && word[2] == -1)
		word[2] = between(text, " prev_pid=", " ")
	sub(/^-1$/, "", word[1])
	if (word[6] in modelled)
		print word[4], cpu + 0, word[6], word[2], word[1], fields(word[6], text)
}
