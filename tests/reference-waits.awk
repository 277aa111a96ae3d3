# SPDX-License-Identifier: MIT
# reference-waits.awk - where a reference and a report differ, a line for each wait of the report's:
#
#	awk -f tests/reference-waits.awk REFERENCE.jsonl WAITS.csv
#
# Of the report those waits count that the reference has, in state S or D, from begin to end. Compared are state,
# system call, kind of cause and, of a task's, the waker: not where ksoftirqd takes over, whoever ran then. Times of
# the reference are later by -v offset=NS, and may differ by -v slack=NS.

# The value of a row of flat JSON; null is nothing.
function value(key,    v) {
	if (!match($0, "\"" key "\": (\"[^\"]*\"|[^,}]*)"))
		return ""
	v = substr($0, RSTART + length(key) + 4, RLENGTH - length(key) - 4)
	gsub(/"/, "", v)
	return v == "null" ? "" : v
}

function differ(a, b) {
	return a > b ? a - b > slack : b - a > slack
}

# Like JSON of the reference: "S read task 17".
function words(state, call, kind, waker) {
	return state " " (call == "" ? "-" : call) " " kind (kind == "task" ? " " waker : "")
}

FNR == NR {
	tid = value("tid")
	i = ++n[tid]
	begin[tid, i] = value("start") - offset
	wake[tid, i] = value("wake") - offset
	end[tid, i] = value("run") - offset
	says[tid, i] = words(value("state"), value("syscall"), value("kind"), value("waker"))
	next
}

FNR == 1 {
	split($0, names, ",")
	for (i in names)
		column[names[i]] = i
	next
}

{
	split($0, cell, ",")
	if (cell[column["state"]] !~ /^[SD]$/ || cell[column["begin"]] == "" || cell[column["end"]] == "")
		next
	tid = cell[column["tid"]]
	rows++
	got = words(cell[column["state"]], cell[column["syscall"]], cell[column["cause_kind"]],
		    cell[column["cause_task_tid"]])
	for (i = 1; i <= n[tid]; i++)
		if (!differ(begin[tid, i], cell[column["begin"]]) &&
		    !differ(wake[tid, i], cell[column["wake"]]) && !differ(end[tid, i], cell[column["end"]]))
			break
	if (i > n[tid])
		print tid, cell[column["begin"]], "not in the reference:", got
	else if (says[tid, i] != got && !(cell[column["cause_via_kind"]] == "softirq_overload" &&
					  says[tid, i] ~ "^" got))
		print tid, cell[column["begin"]], "expected: " says[tid, i] ", got: " got
}

END { print rows, "waits" }
