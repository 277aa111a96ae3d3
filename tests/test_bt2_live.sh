#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_bt2_live.sh - a live session of a real relay on loopback. Tracing the kernel takes
# root and modules, so the session is a user-space one: enough to connect, to wait, to be
# told that no kernel is traced, and to end.
# shellcheck disable=SC2317 # conditions are called by name
set -u

for tool in lttng lttng-relayd lttng-sessiond cc; do
	if ! command -v $tool >/dev/null || [ ! -e "$(cc -print-file-name=liblttng-ust.so)" ]; then
		echo "ok - live: # SKIP $tool or liblttng-ust-dev is not installed"
		exit 0
	fi
done

if [ "${1:-}" != inner ]; then
	tmp=$(mktemp -d)
	trap 'rm -rf "$tmp"' EXIT
	cp "${FLIGHTBOX:-build/flightbox}" "$0" "$tmp"
	chmod 755 "$tmp"
	mkdir -m 777 "$tmp/home"
	# Root's session daemon would be the system's own.
	as=
	[ "$(id -u)" != 0 ] || as='setpriv --reuid 12345 --regid 12345 --clear-groups'
	# shellcheck disable=SC2086
	$as bash "$tmp/$(basename "$0")" inner "$tmp"
	exit
fi

tmp=$2
flightbox=$tmp/flightbox
export LTTNG_HOME=$tmp/home HOME=$tmp/home LTTNG_UST_REGISTER_TIMEOUT=3000
cd "$tmp/home" || exit 1
failed=0 pids=

# Ended by their ids, whatever happens.
end() {
	for pid in $pids; do
		kill "$pid" 2>/dev/null
	done
	wait
}
trap end EXIT

check() {
	local name=$1
	shift
	if "$@"; then
		echo "ok - live: $name"
	else
		echo "not ok - live: $name"
		tail -n 5 ./*.log | sed 's/^/# /'
		failed=1
	fi
}

# soon COMMAND... - it succeeds within ten seconds
soon() {
	for _ in $(seq 100); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	return 1
}

listens() {
	(: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

port=$((20000 + $$ % 20000))
while listens $port || listens $((port + 1)) || listens $((port + 2)); do
	port=$((port + 3))
done
relay=net://127.0.0.1:$((port + 2))
url=$relay/host/$(hostname)/answer

# says MESSAGE - the last flightbox said that one line, printed nothing and failed
says() {
	[ "$status" = 1 ] && [ ! -s out.log ] && [ "$(cat err.log)" = "flightbox: $1" ]
}

run() {
	timeout 20 "$flightbox" "$@" >out.log 2>err.log
	status=$?
}

run blocking "$url"
check a_relay_that_is_not_there_is_told says \
	"$url: babeltrace2: lttng-live: Connection failed: Connection refused; lttng-live: Failed to establish connection: url=\"$relay\""

lttng-relayd -C "tcp://127.0.0.1:$port" -D "tcp://127.0.0.1:$((port + 1))" \
	-L "tcp://127.0.0.1:$((port + 2))" -o "$tmp/home/out" >relayd.log 2>&1 &
pids="$pids $!"
check a_relay_starts soon listens $((port + 2))
lttng-sessiond --no-kernel >sessiond.log 2>&1 &
pids="$pids $!"
check a_session_daemon_starts soon lttng --no-sessiond list

run blocking "$url"
check without_sessions_it_is_told says \
	"$url: no such session; expected $relay/host/TARGET/SESSION, and there is none"

quiet() {
	lttng --no-sessiond "$@" >>lttng.log 2>&1
}
started() {
	quiet create answer --live=100000 --ctrl-url="tcp://127.0.0.1:$port" \
		--data-url="tcp://127.0.0.1:$((port + 1))" &&
		quiet enable-event -u --all && quiet start
}
check a_session_starts started

run blocking "$relay/host/nobody/answer"
check a_session_that_is_not_there_is_told_with_those_that_are says \
	"$relay/host/nobody/answer: no such session; expected $relay/host/TARGET/SESSION, and there are: $url"
run blocking "$relay"
check an_address_without_a_session_is_told says \
	"$relay: no such session; expected $relay/host/TARGET/SESSION, and there are: $url"

# Nothing was traced yet: it waits, and ends on a signal.
waits_and_ends() {
	"$flightbox" blocking "$url" >out.log 2>err.log &
	local pid=$!
	sleep 1
	kill -0 "$pid" && kill "-$1" "$pid" || return 1
	for _ in $(seq 30); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	wait "$pid"
	status=$?
	says "$url: interrupted before any event of a kernel came"
}
check it_waits_and_ctrl_c_ends_it waits_and_ends INT
check it_waits_and_sigterm_ends_it waits_and_ends TERM

cat >app.c <<'E'
#include <unistd.h>
#include <lttng/tracef.h>

int main(void)
{
	for (int i = 0; i < 20; i++) {
		tracef("the answer is %d", 42);
		usleep(20000);
	}
	return 0;
}
E
cc -o app app.c -llttng-ust -ldl 2>app.log
a_user_space_session() {
	"$flightbox" blocking --format jsonl "$url" >out.log 2>err.log &
	local pid=$!
	pids="$pids $pid"
	sleep 0.5
	./app >app.log 2>&1
	sleep 0.5
	kill -0 "$pid" 2>/dev/null || return 1
	quiet destroy
	wait "$pid"
	status=$?
	says "$url: user-space trace (domain \"ust\"); flightbox reads kernel traces"
}
check a_session_without_a_kernel_is_told_at_its_end a_user_space_session

exit "$failed"
