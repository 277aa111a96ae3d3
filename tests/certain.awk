# SPDX-License-Identifier: MIT
# certain.awk - what a report on a trace with losses calls certain, and is not so in the report on
# the whole trace: a line for each such field.
#
#	awk -f tests/certain.awk WHOLE.csv LOSSY.csv
#
# A wait is found by its begin, where that is certain, else by its end, else by its waking. A name, a
# program or a process that is null is not known: nothing is said of it. With -v names=FILE that gets how
# many there are in the whole trace's report on these waits, and how many of them were told.
BEGIN {
	FS = ","
	split("pid:task comm:task exe:task begin:begin wake:wake end:end state:state " \
	      "asleep_ns:begin,wake ready_ns:wake,end syscall:syscall fd:syscall " \
	      "cause_task_pid:cause,task cause_task_comm:cause,task " \
	      "cause_origin_task_pid:cause,task cause_origin_task_comm:cause,task " \
	      "cause_via_name:cause,task cause_task_syscall:cause,syscall " \
	      "cause_origin_task_syscall:cause,syscall", pairs, " ")
	for (i in pairs) {
		split(pairs[i], pair, ":")
		doubted[pair[1]] = pair[2]
	}
}

FNR == 1 {
	file++
	for (i = 1; i <= NF; i++) {
		name[i] = $i
		at[$i] = i
	}
	next
}

file == 1 {
	tid = $at["tid"]
	whole["begin", tid, $at["begin"]] = whole["end", tid, $at["end"]] = $0
	whole["wake", tid, $at["wake"]] = $0
	next
}

function in_doubt(keys,    n, key, i) {
	n = split(keys, key, ",")
	for (i = 1; i <= n; i++)
		if (index(" " $at["doubt"] " ", " " key[i] " "))
			return 1
	return 0
}

# What finds it: 0 when nothing certain does.
function found_by(    key) {
	for (key = 1; key <= 3; key++)
		if (!in_doubt(times[key]) && $at[times[key]] != "")
			return key
	return 0
}

BEGIN { split("begin end wake", times, " ") }

$at["quality"] == "edge" { next }

{
	key = found_by()
	if (!key)
		next
	compared++
	found = whole[times[key], $at["tid"], $at[times[key]]]
	if (found == "") {
		print "no such " times[key] ": " $0
		next
	}
	split(found, field, FS)
	for (i = 1; i <= NF; i++) {
		doubt = name[i] in doubted ? doubted[name[i]] : "cause"
		is_name = name[i] ~ /(pid|comm|exe|via_name)$/
		known += is_name && field[i] != ""
		told += is_name && field[i] != "" && $i != ""
		if (name[i] == "tid" || name[i] == "doubt" || $i == field[i] || (is_name && $i == ""))
			continue
		if (name[i] == "quality" ? $i != "exact" : in_doubt(doubt))
			continue
		print name[i] " is " field[i] ": " $0
	}
}

END {
	if (names)
		print known + 0, told + 0 >names
}
