# SPDX-License-Identifier: MIT
# population.sh - runs of a recorded trace, as many as wanted, each a little different; to be sourced.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used where it is sourced; flightbox, plugins, traces and tmp are bt2.sh's

# What `waits` [382] does on CPU 1 from 44860.480 to 44861.700 ms of waits-timers' clock, from the timer's
# interrupt that ends its read of a timerfd until it sleeps in epoll_wait, comes 20 ms later. That CPU did
# nothing but tick for 36 ms before and 35 ms behind it, so nobody else waits longer.
later=1:44824300000=44824300000,44860480000=44880480000,44861700000=44881700000,44896700000=44896700000

# Everything stands still for a second when it sleeps in epoll_wait, so that those 20 ms are no more
# than a fiftieth of that wait.
pause=44896000000=1000000000

# make_run DIR SEED OPTION... - the trace of a run, at DIR/trace; seed 0: without its jitter
make_run() {
	local dir=$1 seed=$2

	shift 2
	mkdir -p "$dir/trace/kernel" && cp "$traces/waits-timers/kallsyms" "$dir" &&
		cp "$traces/waits-timers/trace/kernel/"{ch_0,ch_1,metadata} "$dir/trace/kernel" &&
		"$plugins/tools/population" --seed "$seed" --pause "$pause" "$@" "$dir/trace"
}

# profile_run SEED OPTION... - the profile of a run. It is recorded from a moment on that is not
# always the same, and for not always as long.
profile_run() {
	local seed=$1

	make_run "$tmp/run" "$@" && "$flightbox" profile --no-progress --begin "+$((seed * 7919 % 700))ms" \
		--end "+$((6500 + seed * 104729 % 500))ms" "$tmp/run/trace" && rm -r "$tmp/run"
}

# draw SEED - sixteen of the numbers 1 to 32, in any order, none twice
draw() {
	awk -v seed="$1" 'function random() { return x = x * 16807 % 2147483647 }
		BEGIN {
			x = seed * 7919 + 1
			for (i = 1; i <= 10; i++)
				random()
			for (i = 1; i <= 32; i++)
				of[i] = i
			for (i = 1; i <= 16; i++) {
				k = i + random() % (33 - i)
				chosen = of[k]
				of[k] = of[i]
				print of[i] = chosen
			}
		}'
}
